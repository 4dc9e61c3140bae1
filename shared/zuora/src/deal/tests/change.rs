//! Orders that change a subscription.

use super::*;
use connector_domain::billing::deal::{CancelOn, Change, DesiredChange, Party, PlanRef, Terms, What};

pub(super) fn change_of(changes: Vec<(&str, What)>) -> DesiredChange {
    DesiredChange {
        deal: HubSpotId::parse("7001").unwrap(),
        order: "HS-1-D7001-2".into(),
        order_date: day("2027-01-10"),
        account: "HS-1-9".into(),
        subscription: "HS-1-D7001".into(),
        currency: Currency::parse("EUR").unwrap(),
        changes: changes.into_iter().map(|(date, what)| Change { date: day(date), what }).collect(),
    }
}

fn render(changes: Vec<(&str, What)>) -> Result<Rendered, PortError> {
    crate::Zuora::new(config()).unwrap().render(&Action::ChangeOrder(Box::new(change_of(changes))))
}

/// What follows the trigger dates of the only action.
fn action(what: What) -> Result<String, FaultClass> {
    let body = render(vec![("2027-02-01", what)]).map_err(|error| error.class)?.body;
    let (_, rest) = body.split_once(r#""triggerDate":"2027-02-01"}],"#).unwrap();
    Ok(rest.split_once(r#"}]}],"processingOptions""#).unwrap().0.to_owned())
}

pub(super) fn update_of(
    pricing: Option<Pricing>,
    discounts: Vec<(String, Off)>,
    was: Option<Pricing>,
) -> What {
    What::Update {
        line: HubSpotId::parse("9001").unwrap(),
        plan: PlanRef::Number("SRP-1".to_owned()),
        charge_number: "HS-1-L9001".to_owned(),
        pricing,
        discounts,
        was,
    }
}

#[test]
fn a_changing_order_names_its_subscription_and_keeps_the_sequence_of_its_actions() {
    let more = Pricing::RecurringPerUnit { quantity: d("40.0"), price: d("11.50") };
    let mut added = line("9002", Pricing::OneTimeFlatFee { price: d("50") });
    added.period = None;
    let gone = What::Remove {
        line: HubSpotId::parse("9003").unwrap(),
        plan: PlanRef::Id("rp3".to_owned()),
        charge_number: "HS-1-L9003".to_owned(),
    };
    let changes = vec![
        ("2027-02-01", update_of(Some(more), Vec::new(), None)),
        ("2027-02-01", gone),
        ("2027-03-01", What::Add(Box::new(added))),
    ];
    let rendered = render(changes).unwrap();
    assert_eq!(
        (rendered.effect, rendered.number.as_str(), rendered.target),
        (Effect::CreateOrder, "HS-1-D7001-2", None)
    );
    let dates = |day: &str| {
        ["ContractEffective", "ServiceActivation", "CustomerAcceptance"]
            .map(|name| format!(r#"{{"name":"{name}","triggerDate":"{day}"}}"#))
            .join(",")
    };
    let (first, second) = (dates("2027-02-01"), dates("2027-03-01"));
    let want = [
        r#"{"orderNumber":"HS-1-D7001-2","orderDate":"2027-01-10","existingAccountNumber":"HS-1-9","#,
        r#""description":"HubSpot deal 7001","subscriptions":[{"subscriptionNumber":"HS-1-D7001","orderActions":["#,
        r#"{"type":"UpdateProduct","triggerDates":["#,
        &first,
        r#"],"updateProduct":{"subscriptionRatePlanNumber":"SRP-1","chargeUpdates":[{"chargeNumber":"HS-1-L9001","#,
        r#""pricing":{"recurringPerUnit":{"quantity":40,"listPrice":11.5}}}]}},"#,
        r#"{"type":"RemoveProduct","triggerDates":["#,
        &first,
        r#"],"removeProduct":{"ratePlanId":"rp3"}},"#,
        r#"{"type":"AddProduct","triggerDates":["#,
        &second,
        r#"],"addProduct":{"productRatePlanId":"plan","externallyManagedPlanId":"501","uniqueToken":"li-9002","#,
        r#""chargeOverrides":[{"productRatePlanChargeId":"charge","chargeNumber":"HS-1-L9002","#,
        r#""pricing":{"oneTimeFlatFee":{"listPrice":50}}}]}}]}],"#,
        r#""processingOptions":{"runBilling":false,"collectPayment":false}}"#,
    ]
    .concat();
    assert_eq!(rendered.body, want);
}

#[test]
fn each_model_is_updated_by_its_key_and_a_table_when_it_is_or_was_the_lines_own() {
    let tiers = concat!(
        r#""tiers":[{"tier":1,"startingUnit":1,"endingUnit":10,"price":9.9,"priceFormat":"PerUnit"},"#,
        r#"{"tier":2,"startingUnit":11,"price":80,"priceFormat":"FlatFee"}]"#
    );
    let with_table = format!(r#""quantity":12,{tiers}"#);
    let recurring = |model, own| Pricing::RecurringTiers(table(model, own));
    let usage = |model, own| Pricing::UsageTiers(table(model, own));
    let (tiered, volume) = (TierModel::Tiered, TierModel::Volume);
    for (pricing, was, key, want) in [
        (Pricing::RecurringFlatFee { price: d("7.0") }, None, "recurringFlatFee", r#""listPrice":7"#),
        (recurring(tiered, false), None, "recurringTiered", r#""quantity":12"#),
        (recurring(volume, false), Some(recurring(volume, false)), "recurringVolume", r#""quantity":12"#),
        (recurring(volume, true), None, "recurringVolume", &with_table),
        (recurring(tiered, false), Some(recurring(tiered, true)), "recurringTiered", &with_table),
        (Pricing::UsagePerUnit { price: d("0.05") }, None, "usagePerUnit", r#""listPrice":0.05"#),
        (usage(tiered, true), None, "usageTiered", tiers),
        (usage(volume, false), Some(usage(volume, true)), "usageVolume", tiers),
    ] {
        let want = format!(
            r#""updateProduct":{{"subscriptionRatePlanNumber":"SRP-1","chargeUpdates":[{{"chargeNumber":"HS-1-L9001","pricing":{{"{key}":{{{want}}}}}}}]}}"#
        );
        assert_eq!(action(update_of(Some(pricing), Vec::new(), was)).as_deref(), Ok(want.as_str()));
    }
}

#[test]
fn discounts_are_updated_by_the_numbers_of_their_charges() {
    let discounts =
        vec![("C-1".to_owned(), Off::Percentage(d("10.0"))), ("C-2".to_owned(), Off::Amount(d("0")))];
    assert_eq!(
        action(update_of(None, discounts, None)).as_deref(),
        Ok(concat!(
            r#""updateProduct":{"subscriptionRatePlanNumber":"SRP-1","chargeUpdates":["#,
            r#"{"chargeNumber":"C-1","pricing":{"discount":{"discountPercentage":10}}},"#,
            r#"{"chargeNumber":"C-2","pricing":{"discount":{"discountAmount":0}}}]}"#
        ))
    );
}

#[test]
fn terms_change_only_where_something_is_given() {
    let known = |id: &str| Some(Some(Party::Known(id.into())));
    for (terms, want) in [
        (
            Terms { term: Some((Term::Months(24), day("2026-11-16"))), ..Terms::default() },
            r#""lastTerm":{"startDate":"2026-11-16","period":24,"periodType":"Month","termType":"TERMED"}"#,
        ),
        (
            Terms { term: Some((Term::Evergreen, day("2026-11-16"))), ..Terms::default() },
            r#""lastTerm":{"startDate":"2026-11-16","termType":"EVERGREEN"}"#,
        ),
        (
            Terms { auto_renew: Some(true), renewal_term: Some(Term::Weeks(6)), ..Terms::default() },
            r#""autoRenew":true,"renewalSetting":"RENEW_WITH_SPECIFIC_TERM","renewalTerms":[{"period":6,"periodType":"Week"}]"#,
        ),
        (
            Terms { renewal_term: Some(Term::Evergreen), ..Terms::default() },
            r#""renewalSetting":"RENEW_TO_EVERGREEN""#,
        ),
        (
            Terms { bill_to: known("b1"), sold_to: Some(None), ..Terms::default() },
            r#""billToContactId":"b1","clearingExistingSoldToContact":true"#,
        ),
        (
            Terms { bill_to: Some(None), sold_to: known("s1"), ..Terms::default() },
            r#""clearingExistingBillToContact":true,"soldToContactId":"s1""#,
        ),
    ] {
        let want = format!(r#""termsAndConditions":{{{want}}}"#);
        assert_eq!(action(What::Terms(terms)).as_deref(), Ok(want.as_str()));
    }
}

#[test]
fn a_subscription_is_renewed_cancelled_suspended_resumed_and_handed_to_another_payer() {
    for (what, want) in [
        (What::Renew, r#""renewSubscription":{}"#),
        (
            What::Cancel(CancelOn::Date(day("2027-06-30"))),
            r#""cancelSubscription":{"cancellationPolicy":"SpecificDate","cancellationEffectiveDate":"2027-06-30"}"#,
        ),
        (
            What::Cancel(CancelOn::EndOfTerm),
            r#""cancelSubscription":{"cancellationPolicy":"EndOfCurrentTerm"}"#,
        ),
        (
            What::Cancel(CancelOn::EndOfBilledPeriod),
            r#""cancelSubscription":{"cancellationPolicy":"EndOfLastInvoicePeriod"}"#,
        ),
        (What::Suspend, r#""suspend":{"suspendPolicy":"SpecificDate","suspendSpecificDate":"2027-02-01"}"#),
        (What::Resume, r#""resume":{"resumePolicy":"SpecificDate","resumeSpecificDate":"2027-02-01"}"#),
        (
            What::InvoiceOwner("HS-1-8".into()),
            r#""ownerTransfer":{"destinationInvoiceAccountNumber":"HS-1-8"}"#,
        ),
    ] {
        assert_eq!(action(what).as_deref(), Ok(want));
    }
}

#[test]
fn what_cannot_be_ordered_is_not() {
    let party = Party::New { account: "acc".into(), contact: Box::default() };
    let terms = Terms { bill_to: Some(Some(party)), ..Terms::default() };
    assert_eq!(action(What::Terms(terms)), Err(FaultClass::Bug));
    assert_eq!(action(update_of(None, Vec::new(), None)), Err(FaultClass::Bug));
    assert_eq!(action(update_of(Some(Pricing::UsageAsPlanned), Vec::new(), None)), Err(FaultClass::Bug));
    for once in [
        Pricing::OneTimeFlatFee { price: d("1") },
        Pricing::OneTimePerUnit { quantity: d("1"), price: d("1") },
        Pricing::OneTimeTiers(table(TierModel::Volume, true)),
    ] {
        assert_eq!(action(update_of(Some(once), Vec::new(), None)), Err(FaultClass::Permanent));
    }
}
