//! First orders.

use super::*;
use connector_domain::billing::deal::TriggerEvent as Trigger;

#[test]
fn a_plain_order_says_what_it_must_and_no_more() {
    let per_unit = Pricing::RecurringPerUnit { quantity: d("25.0"), price: d("11.90") };
    let rendered = render(config(), order_of(vec![line("9001", per_unit)])).unwrap();
    assert_eq!(
        (rendered.effect, rendered.number.as_str(), rendered.target),
        (Effect::CreateOrder, "HS-1-D7001-1", None)
    );
    assert_eq!(
        rendered.body,
        concat!(
            r#"{"orderNumber":"HS-1-D7001-1","orderDate":"2026-11-16","existingAccountNumber":"HS-1-9","#,
            r#""description":"HubSpot deal 7001","#,
            r#""subscriptions":[{"customFields":{"hubspotDealId__c":"7001"},"#,
            r#""orderActions":[{"type":"CreateSubscription","#,
            r#""triggerDates":[{"name":"ContractEffective","triggerDate":"2026-11-16"}],"#,
            r#""createSubscription":{"subscriptionNumber":"HS-1-D7001","#,
            r#""terms":{"autoRenew":false,"renewalSetting":"RENEW_WITH_SPECIFIC_TERM","#,
            r#""initialTerm":{"startDate":"2026-11-16","period":12,"periodType":"Month","termType":"TERMED"},"#,
            r#""renewalTerms":[{"period":12,"periodType":"Month"}]},"#,
            r#""subscribeToRatePlans":[{"productRatePlanId":"plan","externallyManagedPlanId":"501","#,
            r#""uniqueToken":"li-9001","chargeOverrides":[{"productRatePlanChargeId":"charge","#,
            r#""chargeNumber":"HS-1-L9001","pricing":{"recurringPerUnit":{"quantity":25,"listPrice":11.9,"#,
            r#""listPriceBase":"Per_Billing_Period"}}}]}]}}]}],"#,
            r#""processingOptions":{"runBilling":false,"collectPayment":false}}"#
        )
    );
}

#[test]
fn everything_that_an_order_can_say_is_said() {
    let mut first = line("9001", Pricing::RecurringFlatFee { price: d("0.123456789") });
    first.period = Some(BillingPeriod::Months(24));
    first.period_differs = true;
    first.trigger = Some(Trigger::ServiceActivation);
    first.zero_percentages = vec!["p1".into()];
    first.zero_amounts = vec!["f1".into()];
    let mut second =
        line("9002", Pricing::OneTimePerUnit { quantity: d("3"), price: d("9999999999999.999999999") });
    (second.period, second.external_id) = (None, false);
    let mut third = line("9003", Pricing::OneTimeFlatFee { price: d("-50.00") });
    third.period = None;
    let mut order = order_of(vec![first, second, third]);
    order.bill_to = Some(Party::Known("c1".into()));
    order.sold_to = Some(Party::Known("c2".into()));
    order.projection.currency = Currency::parse("USD").unwrap();
    order.projection.invoice_owner = Some("HS-1-8".into());
    order.projection.term = Term::Weeks(6);
    order.projection.service_activation = Some("2026-12-01".parse().unwrap());
    order.projection.customer_acceptance = Some("2026-12-02".parse().unwrap());
    let body = render(config(), order).unwrap().body;
    assert_eq!(
        body.split_once(r#""triggerDates":"#).unwrap().1,
        concat!(
            r#"[{"name":"ContractEffective","triggerDate":"2026-11-16"},"#,
            r#"{"name":"ServiceActivation","triggerDate":"2026-12-01"},"#,
            r#"{"name":"CustomerAcceptance","triggerDate":"2026-12-02"}],"#,
            r#""createSubscription":{"subscriptionNumber":"HS-1-D7001","invoiceOwnerAccountNumber":"HS-1-8","#,
            r#""currency":"USD","billToContactId":"c1","soldToContactId":"c2","#,
            r#""terms":{"autoRenew":false,"renewalSetting":"RENEW_WITH_SPECIFIC_TERM","#,
            r#""initialTerm":{"startDate":"2026-11-16","period":6,"periodType":"Week","termType":"TERMED"},"#,
            r#""renewalTerms":[{"period":6,"periodType":"Week"}]},"#,
            r#""subscribeToRatePlans":[{"productRatePlanId":"plan","externallyManagedPlanId":"501","#,
            r#""uniqueToken":"li-9001","chargeOverrides":[{"productRatePlanChargeId":"charge","#,
            r#""chargeNumber":"HS-1-L9001","#,
            r#""pricing":{"recurringFlatFee":{"listPrice":0.123456789,"listPriceBase":"Per_Billing_Period"}},"#,
            r#""billing":{"billingPeriod":"Specific_Months","specificBillingPeriod":24},"#,
            r#""startDate":{"triggerEvent":"ServiceActivation"}},"#,
            r#"{"productRatePlanChargeId":"p1","pricing":{"discount":{"discountPercentage":0}}},"#,
            r#"{"productRatePlanChargeId":"f1","pricing":{"discount":{"discountAmount":0}}}]},"#,
            r#"{"productRatePlanId":"plan","uniqueToken":"li-9002","chargeOverrides":["#,
            r#"{"productRatePlanChargeId":"charge","chargeNumber":"HS-1-L9002","#,
            r#""pricing":{"oneTimePerUnit":{"listPrice":9999999999999.999999999,"quantity":3}}}]},"#,
            r#"{"productRatePlanId":"plan","externallyManagedPlanId":"501","uniqueToken":"li-9003","#,
            r#""chargeOverrides":[{"productRatePlanChargeId":"charge","chargeNumber":"HS-1-L9003","#,
            r#""pricing":{"oneTimeFlatFee":{"listPrice":-50}}}]}]}}]}],"#,
            r#""processingOptions":{"runBilling":false,"collectPayment":false}}"#
        )
    );
}

#[test]
fn an_evergreen_order_has_no_renewal() {
    let mut order = order_of(Vec::new());
    order.projection.term = Term::Evergreen;
    let body = render(config(), order).unwrap().body;
    let terms =
        r#""terms":{"autoRenew":false,"initialTerm":{"startDate":"2026-11-16","termType":"EVERGREEN"}},"#;
    assert!(body.contains(terms), "{body}");
}

#[test]
fn a_currency_is_said_when_it_may_differ_and_the_tenant_can() {
    let says = |multi: bool, account: Option<&str>| {
        let mut order = order_of(Vec::new());
        order.account_currency = account.map(|code| Currency::parse(code).unwrap());
        let mut config = config();
        config.multi_currency = multi;
        render(config, order).unwrap().body.contains(r#""currency":"EUR""#)
    };
    assert!(says(true, None) && says(true, Some("USD")));
    assert!(!says(true, Some("EUR")) && !says(false, None) && !says(false, Some("USD")));
}

#[test]
fn with_a_link_field_plans_have_no_external_id() {
    let mut config = config();
    config.link_field = Some("HubSpotId__c".to_owned());
    config.deal_field = "Deal__c".to_owned();
    let order = order_of(vec![line("9001", Pricing::OneTimeFlatFee { price: d("1") })]);
    let body = render(config, order).unwrap().body;
    assert!(!body.contains("externallyManagedPlanId") && body.contains(r#"{"Deal__c":"7001"}"#), "{body}");
}

#[test]
fn what_cannot_be_rendered_is_a_mistake() {
    let mut order = order_of(Vec::new());
    order.bill_to = Some(Party::New { account: "acc".into(), contact: Box::default() });
    assert_eq!(render(config(), order).unwrap_err().class, FaultClass::Bug);
    let mut odd = line("9001", Pricing::OneTimeFlatFee { price: d("1") });
    (odd.period, odd.period_differs) = (None, true);
    assert_eq!(render(config(), order_of(vec![odd])).unwrap_err().class, FaultClass::Bug);
}

#[test]
fn every_model_has_its_words_and_tables_are_told_only_when_they_are_the_lines_own() {
    let tiers = concat!(
        r#""tiers":[{"tier":1,"startingUnit":1,"endingUnit":10,"price":9.9,"priceFormat":"PerUnit"},"#,
        r#"{"tier":2,"startingUnit":11,"price":80,"priceFormat":"FlatFee"}]"#
    );
    let base = r#""quantity":12,"listPriceBase":"Per_Billing_Period""#;
    let (tiered, volume) = (TierModel::Tiered, TierModel::Volume);
    let sold = |key: &str, rest: &str| format!(r#","pricing":{{"{key}":{{{rest}}}}}"#);
    for (pricing, want) in [
        (Pricing::RecurringTiers(table(tiered, false)), sold("recurringTiered", base)),
        (Pricing::RecurringTiers(table(tiered, true)), sold("recurringTiered", &format!("{base},{tiers}"))),
        (Pricing::RecurringTiers(table(volume, false)), sold("recurringVolume", base)),
        (Pricing::OneTimeTiers(table(tiered, false)), sold("oneTimeTiered", r#""quantity":12"#)),
        (
            Pricing::OneTimeTiers(table(volume, true)),
            sold("oneTimeVolume", &format!(r#""quantity":12,{tiers}"#)),
        ),
        (Pricing::UsagePerUnit { price: d("0.05") }, sold("usagePerUnit", r#""listPrice":0.05"#)),
        (Pricing::UsageTiers(table(tiered, true)), sold("usageTiered", tiers)),
        (Pricing::UsageTiers(table(volume, true)), sold("usageVolume", tiers)),
        (Pricing::UsageTiers(table(volume, false)), String::new()),
        (Pricing::UsageAsPlanned, String::new()),
    ] {
        let body = render(config(), order_of(vec![line("9001", pricing)])).unwrap().body;
        let start = r#""chargeOverrides":[{"productRatePlanChargeId":"charge","chargeNumber":"HS-1-L9001""#;
        let overrides = format!("{start}{want}}}]}}]}}}}]}}],");
        assert!(body.contains(&overrides), "{overrides} is not in {body}");
    }
}

#[test]
fn a_line_has_days_of_its_own_and_its_discount_runs_with_it() {
    let mut phase = line("9001", Pricing::RecurringFlatFee { price: d("100") });
    (phase.period, phase.period_differs) = (Some(BillingPeriod::Annual), true);
    (phase.from, phase.until) = (Some(day("2027-01-01")), Some(day("2028-01-01")));
    phase.trigger = Some(Trigger::ServiceActivation);
    phase.discount = Some(LineDiscount { charge: "d1".into(), off: Off::Percentage(d("12.50")) });
    phase.zero_amounts = vec!["d2".into()];
    let mut once = line("9002", Pricing::OneTimeFlatFee { price: d("50") });
    once.period = None;
    once.discount = Some(LineDiscount { charge: "d3".into(), off: Off::Amount(d("5")) });
    let body = render(config(), order_of(vec![phase, once])).unwrap().body;
    let days = concat!(
        r#""billing":{"billingPeriod":"Annual"},"#,
        r#""startDate":{"triggerEvent":"SpecificDate","specificTriggerDate":"2027-01-01"},"#,
        r#""endDate":{"endDateCondition":"Specific_End_Date","specificEndDate":"2028-01-01"}}"#
    );
    let want = [
        r#""chargeOverrides":[{"productRatePlanChargeId":"charge","chargeNumber":"HS-1-L9001","#,
        r#""pricing":{"recurringFlatFee":{"listPrice":100,"listPriceBase":"Per_Billing_Period"}},"#,
        days,
        r#",{"productRatePlanChargeId":"d1","pricing":{"discount":{"discountPercentage":12.5,"#,
        r#""applyDiscountTo":"RECURRING","discountLevel":"rateplan"}},"#,
        days,
        r#",{"productRatePlanChargeId":"d2","pricing":{"discount":{"discountAmount":0}}}]},"#,
        r#"{"productRatePlanId":"plan","externallyManagedPlanId":"501","uniqueToken":"li-9002","#,
        r#""chargeOverrides":[{"productRatePlanChargeId":"charge","chargeNumber":"HS-1-L9002","#,
        r#""pricing":{"oneTimeFlatFee":{"listPrice":50}}},"#,
        r#"{"productRatePlanChargeId":"d3","pricing":{"discount":{"discountAmount":5,"#,
        r#""applyDiscountTo":"ONETIME","discountLevel":"rateplan"}}}]}]}}]}],"#,
    ]
    .concat();
    assert!(body.contains(&want), "{want} is not in {body}");
}

#[test]
fn an_order_says_how_it_renews_and_when_it_was_made() {
    let terms = |term, auto_renew, renewal_term| {
        let mut order = order_of(Vec::new());
        let p = &mut order.projection;
        (p.term, p.auto_renew, p.renewal_term) = (term, auto_renew, renewal_term);
        p.order_date = Some(day("2026-10-01"));
        let body = render(config(), order).unwrap().body;
        assert!(body.contains(r#""orderDate":"2026-10-01""#), "{body}");
        let initial = body.find(r#","initialTerm""#).unwrap();
        let start = body.find(r#""terms":{"#).unwrap() + 9;
        let renewal = body.split_once(r#""TERMED"}"#).map_or("", |(_, rest)| rest.split_once('}').unwrap().0);
        format!("{}{renewal}", &body[start..initial])
    };
    let year = Term::Months(12);
    let specific = r#""renewalSetting":"RENEW_WITH_SPECIFIC_TERM""#;
    let months = |n: u32| format!(r#","renewalTerms":[{{"period":{n},"periodType":"Month""#);
    assert_eq!(terms(year, true, None), format!(r#""autoRenew":true,{specific}{}"#, months(12)));
    assert_eq!(
        terms(year, false, Some(Term::Months(1))),
        format!(r#""autoRenew":false,{specific}{}"#, months(1))
    );
    assert_eq!(
        terms(year, true, Some(Term::Evergreen)),
        r#""autoRenew":true,"renewalSetting":"RENEW_TO_EVERGREEN""#
    );
    assert_eq!(terms(Term::Evergreen, true, Some(year)), r#""autoRenew":false"#);
}
