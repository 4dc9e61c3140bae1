//! What an order would do: the question, the answer, and what its failures mean.

use super::change::{change_of, update_of};
use super::*;
use connector_domain::billing::company::DesiredContact;
use connector_domain::billing::deal::{Party, Terms, What};
use connector_ports::billing::{PreviewAccount, Previewed, PreviewedCharge, PreviewedInvoice, PreviewedItem};

const EMPTY: &str = r#"{"success":true,"previewResult":{}}"#;
const ASKED: &str = "POST /v1/orders/preview";

/// Asks with an answer of Zuora's; gives what came of it and what was asked.
async fn ask(
    order: &Action,
    account: &PreviewAccount,
    invoices: u8,
    status: u16,
    answer: &str,
) -> (Result<Previewed, PortError>, Vec<String>) {
    let answer = answer.to_owned();
    let stub =
        Stub::start(move |seen| if seen.line == ASKED { json(status, &answer) } else { otherwise() }).await;
    let told = stub.zuora().preview(order, account, invoices).await;
    let calls = stub.calls();
    assert!(calls.iter().all(|seen| seen.line == ASKED && seen.header("idempotency-key").is_none()));
    (told, calls.into_iter().map(|seen| seen.body).collect())
}

fn full_order() -> Action {
    let mut order =
        order_of(vec![line("9001", Pricing::RecurringPerUnit { quantity: d("25"), price: d("11.90") })]);
    order.projection.invoice_owner = Some("HS-1-8".into());
    order.bill_to = Some(Party::Known("c1".into()));
    order.sold_to = Some(Party::New { account: "acc".into(), contact: Box::default() });
    Action::CreateOrder(Box::new(order))
}

fn planned() -> PreviewAccount {
    let sold_to = DesiredContact {
        first_name: "Ada".into(),
        last_name: "Keller".into(),
        work_email: "ada@example.test".into(),
        address1: "Hafenstr. 4".into(),
        city: "Hamburg".into(),
        zip: "20095".into(),
        country: "Germany".into(),
        ..DesiredContact::default()
    };
    let currency = Currency::parse("EUR").unwrap();
    PreviewAccount::Planned { currency, bill_cycle_day: 1, sold_to: Box::new(sold_to) }
}

#[tokio::test]
async fn a_question_is_the_order_without_what_previews_do_not_know() {
    let order = full_order();
    let (told, bodies) = ask(&order, &PreviewAccount::Existing, 0, 200, EMPTY).await;
    assert_eq!(told.unwrap(), Previewed::default());
    let (start, rest) = bodies[0].split_once(r#""createSubscription":{"#).unwrap();
    assert_eq!(
        start,
        concat!(
            r#"{"orderDate":"2026-11-16","existingAccountNumber":"HS-1-9","description":"HubSpot deal 7001","#,
            r#""subscriptions":[{"customFields":{"hubspotDealId__c":"7001"},"orderActions":[{"type":"CreateSubscription","#,
            r#""triggerDates":[{"name":"ContractEffective","triggerDate":"2026-11-16"}],"#
        )
    );
    assert_eq!(
        rest,
        concat!(
            r#""subscriptionNumber":"HS-1-D7001","invoiceOwnerAccountNumber":"HS-1-8","billToContactId":"c1","#,
            r#""terms":{"autoRenew":false,"renewalSetting":"RENEW_WITH_SPECIFIC_TERM","#,
            r#""initialTerm":{"startDate":"2026-11-16","period":12,"periodType":"Month","termType":"TERMED"},"#,
            r#""renewalTerms":[{"period":12,"periodType":"Month"}]},"#,
            r#""subscribeToRatePlans":[{"productRatePlanId":"plan","uniqueToken":"li-9001","#,
            r#""chargeOverrides":[{"productRatePlanChargeId":"charge","chargeNumber":"HS-1-L9001","#,
            r#""pricing":{"recurringPerUnit":{"quantity":25,"listPrice":11.9,"listPriceBase":"Per_Billing_Period"}}}]}]}}]}],"#,
            r#""previewOptions":{"previewThruType":"NumberOfPeriods","previewNumberOfPeriods":1,"previewTypes":["ChargeMetrics"]}}"#
        )
    );
}

#[tokio::test]
async fn an_account_that_is_only_planned_is_described_without_its_people() {
    let (_, bodies) = ask(&full_order(), &planned(), 3, 200, EMPTY).await;
    let body = &bodies[0];
    assert!(
        body.starts_with(concat!(
            r#"{"orderDate":"2026-11-16","previewAccountInfo":{"currency":"EUR","billCycleDay":1,"#,
            r#""soldToContact":{"address1":"Hafenstr. 4","city":"Hamburg","postalCode":"20095","country":"Germany"}},"#,
            r#""description""#
        )),
        "{body}"
    );
    assert!(body.ends_with(concat!(
        r#""previewOptions":{"previewThruType":"NumberOfPeriods","previewNumberOfPeriods":3,"#,
        r#""previewTypes":["ChargeMetrics","BillingDocs"]}}"#
    )));
    for left_out in ["existingAccountNumber", "invoiceOwner", "ContactId", "Ada", "Keller"] {
        assert!(!body.contains(left_out), "{left_out} is in {body}");
    }
}

#[tokio::test]
async fn a_change_is_asked_about_as_it_would_be_ordered() {
    let add = line("9002", Pricing::RecurringFlatFee { price: d("5") });
    let more = Pricing::RecurringFlatFee { price: d("6") };
    let new = Party::New { account: "acc".into(), contact: Box::default() };
    let terms = |bill_to| What::Terms(Terms { bill_to: Some(Some(bill_to)), ..Terms::default() });
    let changes = vec![
        ("2027-02-01", terms(new.clone())),
        ("2027-02-01", update_of(Some(more), Vec::new(), None)),
        ("2027-03-01", What::Add(Box::new(add))),
    ];
    let order = Action::ChangeOrder(Box::new(change_of(changes)));
    let (told, bodies) = ask(&order, &PreviewAccount::Existing, 1, 200, EMPTY).await;
    assert_eq!(told.unwrap(), Previewed::default());
    let body = &bodies[0];
    let start = r#"{"orderDate":"2027-01-10","existingAccountNumber":"HS-1-9","description":"HubSpot deal 7001","subscriptions":[{"subscriptionNumber":"HS-1-D7001","orderActions":[{"type":"UpdateProduct","#;
    assert!(body.starts_with(start), "{body}");
    assert!(body.contains(r#""addProduct":{"productRatePlanId":"plan","uniqueToken":"li-9002""#), "{body}");
    for left_out in ["processingOptions", "externallyManagedPlanId", "termsAndConditions"] {
        assert!(!body.contains(left_out), "{left_out} is in {body}");
    }
    // Nothing is left of it: nothing is asked.
    let contact = Action::ChangeOrder(Box::new(change_of(vec![("2027-02-01", terms(new))])));
    let (told, bodies) = ask(&contact, &PreviewAccount::Existing, 1, 200, EMPTY).await;
    assert_eq!((told.unwrap(), bodies.len()), (Previewed::default(), 0));
    let (told, bodies) = ask(&order, &planned(), 1, 200, EMPTY).await;
    assert_eq!((told.unwrap_err().class, bodies.len()), (FaultClass::Bug, 0));
    let other = Action::CreateContact { account: "acc".into(), contact: Box::default() };
    let (told, _) = ask(&other, &PreviewAccount::Existing, 1, 200, EMPTY).await;
    assert_eq!(told.unwrap_err().class, FaultClass::Bug);
}

#[tokio::test]
async fn discounts_are_taken_off_whatever_their_sign() {
    let metrics = r#"{"success":true,"previewResult":{"chargeMetrics":[{"subscriptionNumber":"HS-1-D7001","charges":[
        {"chargeNumber":"HS-1-L9001","productRatePlanChargeId":"c1","cmrr":{"regular":297.5,"discount":29.75,"regularDelta":1},"tcv":{"regular":"3570.00","discount":-357}},
        {"chargeNumber":null,"cmrr":{"regular":-10,"discount":null},"tcv":null}]},{"charges":null}],"invoices":null}}"#;
    let (told, _) = ask(&full_order(), &PreviewAccount::Existing, 0, 200, metrics).await;
    let charge = |number: Option<&str>, id: Option<&str>, mrr: &str, tcv: &str| PreviewedCharge {
        number: number.map(str::to_owned),
        charge: id.map(Into::into),
        mrr: d(mrr),
        tcv: d(tcv),
    };
    let charges =
        vec![charge(Some("HS-1-L9001"), Some("c1"), "267.75", "3213"), charge(None, None, "-10", "0")];
    assert_eq!(told.unwrap(), Previewed { charges, invoices: Vec::new() });
}

#[tokio::test]
async fn invoices_and_credit_memos_come_by_date_up_to_the_number_that_was_asked_for() {
    let item = r#"{"productName":"Gateway","chargeName":"Seats","chargeNumber":"HS-1-L9001","serviceStartDate":"2026-11-16","serviceEndDate":"2026-12-15","amountWithoutTax":100.10,"taxAmount":25.025}"#;
    let same = r#"{"productName":"Fee","chargeName":"Fee","amountWithoutTax":1}"#;
    let docs = format!(
        r#"{{"success":true,"previewResult":{{"invoices":[
        {{"targetDate":"2027-01-16","amount":3,"taxAmount":1,"invoiceItems":[]}},
        {{"targetDate":"2026-12-16","invoiceItems":[{item},{same}]}},
        {{"targetDate":"2026-11-16","amount":125.125,"amountWithoutTax":100.10,"taxAmount":25.025,"invoiceItems":[{item}]}},
        {{"amount":9}}],
        "creditMemos":[{{"targetDate":"2026-11-16","amount":12,"amountWithoutTax":10,"taxAmount":2,"creditMemoItems":[{same}]}},
        {{"targetDate":"2026-11-16","amount":-12,"amountWithoutTax":-10,"taxAmount":-2,"creditMemoItems":[]}}]}}}}"#
    );
    let seats = PreviewedItem {
        name: "Gateway: Seats".to_owned(),
        charge_number: Some("HS-1-L9001".to_owned()),
        from: Some(day("2026-11-16")),
        to: Some(day("2026-12-15")),
        amount: d("100.10"),
        tax: d("25.025"),
    };
    let fee = |amount: &str| PreviewedItem {
        name: "Fee".to_owned(),
        charge_number: None,
        from: None,
        to: None,
        amount: d(amount),
        tax: d("0"),
    };
    let document = |date: &str, amount: &str, tax: &str, items| PreviewedInvoice {
        date: Some(day(date)),
        amount: d(amount),
        tax: d(tax),
        items,
    };
    let first = [
        document("2026-11-16", "100.10", "25.025", vec![seats.clone()]),
        document("2026-11-16", "-10", "-2", vec![fee("-1")]),
        document("2026-11-16", "-10", "-2", Vec::new()),
    ];
    let second = document("2026-12-16", "101.10", "25.025", vec![seats, fee("1")]);
    let (told, _) = ask(&full_order(), &PreviewAccount::Existing, 1, 200, &docs).await;
    assert_eq!(told.unwrap().invoices, first);
    let (told, _) = ask(&full_order(), &PreviewAccount::Existing, 2, 200, &docs).await;
    assert_eq!(told.unwrap().invoices, [&first[..], &[second]].concat());
    let (told, _) = ask(&full_order(), &PreviewAccount::Existing, 9, 200, &docs).await;
    let all = told.unwrap().invoices;
    assert_eq!((all.len(), all[4].amount, all[5].date), (6, d("2"), None));
}

#[tokio::test]
async fn a_question_that_fails_has_done_nothing() {
    let refused =
        r#"{"success":false,"reasons":[{"code":53100320,"message":"The rate plan is not effective."}]}"#;
    let missing = r#"{"success":false,"reasons":[{"code":53100040,"message":"Cannot find account"}]}"#;
    let busy = r#"{"success":false,"reasons":[{"code":53100060,"message":"internal"}]}"#;
    for (status, body, want) in [
        (200, refused, FaultClass::Permanent),
        (400, refused, FaultClass::Permanent),
        (404, missing, FaultClass::Permanent),
        (200, busy, FaultClass::Transient),
        (409, "{}", FaultClass::Transient),
        (503, "{}", FaultClass::Transient),
        (429, "{}", FaultClass::Throttled { until: None }),
        (200, r#"{"success":true}"#, FaultClass::Transient),
    ] {
        let (told, _) = ask(&full_order(), &PreviewAccount::Existing, 1, status, body).await;
        let error = told.unwrap_err();
        assert_eq!(error.class, want, "{status} {body}");
        if body == refused {
            assert_eq!(error.message, "The rate plan is not effective.");
        }
    }
    let stub =
        Stub::start(|seen| if seen.line == ASKED { crate::testing::Answer::Silence } else { otherwise() })
            .await;
    let told = stub.zuora().preview(&full_order(), &PreviewAccount::Existing, 1).await;
    assert_eq!(told.unwrap_err().class, FaultClass::Transient);
}
