//! Suspension, transfer, terms and renewals that happen by themselves. The subscription runs from
//! 2026-11-16 to 2027-11-16 and has 40 seats for 520 a month.

use serde_json::{Value, json};

use super::{ACCOUNT, World, change, lasting, order_body, refused};

const SUB: &str = "HS-24680135-D8201";

async fn started(renews: bool) -> World {
    let w = World::new(lasting()).await;
    w.account().await;
    let seats =
        json!({"chargeNumber": "L1", "pricing": {"recurringPerUnit": {"quantity": 40, "listPrice": 520}}});
    let mut line = w.line("1200000001", seats);
    line["subscriptionRatePlanNumber"] = json!("P1");
    let mut body = order_body("8201", "NOK", vec![line]);
    let terms = &mut body["subscriptions"][0]["orderActions"][0]["createSubscription"]["terms"];
    terms["autoRenew"] = json!(renews);
    terms["renewalTerms"] = json!([{"period": 12, "periodType": "Month"}]);
    w.order(body).await;
    w
}

fn suspend(fields: Value) -> Value {
    json!({"type": "Suspend", "suspend": fields})
}

fn resume(fields: Value) -> Value {
    json!({"type": "Resume", "resume": fields})
}

fn terms(fields: Value) -> Value {
    json!({"type": "TermsAndConditions", "termsAndConditions": fields})
}

async fn send(w: &World, n: u32, date: &str, action: Value) -> super::Answer {
    w.post("/v1/orders", change("8201", n, &[(date, action)])).await
}

#[tokio::test]
async fn a_suspension_rests_the_service_until_it_is_resumed() {
    let w = started(false).await;
    let today = json!({"resumePolicy": "Today"});
    refused(&send(&w, 2, "2026-11-16", resume(today)).await, 20);
    let early = json!({"suspendPolicy": "SpecificDate", "suspendSpecificDate": "2026-11-15"});
    refused(&send(&w, 2, "2026-11-16", suspend(early)).await, 20);
    refused(&send(&w, 2, "2026-11-16", suspend(json!({"suspendPolicy": "SpecificDate"}))).await, 22);
    refused(&send(&w, 2, "2026-11-16", suspend(json!({"suspendPolicy": "Now"}))).await, 20);
    let from = json!({"suspendPolicy": "SpecificDate", "suspendSpecificDate": "2027-02-16"});
    let body = change("8201", 2, &[("2027-02-16", suspend(from.clone()))]);
    let seen = w.preview(body.clone(), json!({"previewThruType": "TermEnd"})).await;
    assert_eq!(seen["invoices"], json!([]));
    w.order(body).await;
    assert_eq!(w.subscription(SUB).await["status"], "Active");
    assert_eq!(w.sim.subscriptions()[0]["tcv"], "62400.00");
    w.go_to("2027-03-16");
    let read = w.subscription(SUB).await;
    assert_eq!((&read["status"], &read["contractedMrr"]), (&json!("Suspended"), &json!(0)));
    let more = json!({"type": "UpdateProduct", "updateProduct": {"subscriptionRatePlanNumber": "P1",
        "chargeUpdates": [{"chargeNumber": "L1", "pricing": {"recurringPerUnit": {"quantity": 50}}}]}});
    let answer = send(&w, 3, "2027-03-16", more.clone()).await;
    refused(&answer, 20);
    assert!(answer.1["reasons"][0]["message"].as_str().expect("text").contains("suspended"));
    refused(&send(&w, 3, "2027-03-16", suspend(from)).await, 20);
    let to = json!({"resumePolicy": "FixedPeriodsFromSuspendDate", "resumePeriods": 2,
                    "resumePeriodsType": "Month", "extendsTerm": true});
    w.order(change("8201", 3, &[("2027-03-16", resume(to))])).await;
    assert_eq!(w.subscription(SUB).await["status"], "Suspended");
    w.go_to("2027-04-16");
    let read = w.subscription(SUB).await;
    assert_eq!((&read["status"], &read["contractedMrr"]), (&json!("Active"), &json!(20_800)));
    // Two months of 28 + 31 = 59 days more: to 2028-01-14.
    assert_eq!(read["termEndDate"], "2028-01-14");
    let statuses: Vec<&Value> =
        read["statusHistory"].as_array().expect("history").iter().map(|h| &h["status"]).collect();
    assert_eq!(statuses, ["Active", "Suspended", "Active", "OutOfTerm"]);
    // Three months, then from 2027-04-16 eight months to 12-16 and 29 of 31 days:
    // 62,400 + 166,400 + 19,458.06.
    assert_eq!(w.sim.subscriptions()[0]["tcv"], "248258.06");
    w.order(change("8201", 4, &[("2027-04-16", more)])).await;
}

#[tokio::test]
async fn suspension_dates_count_from_today() {
    let w = started(false).await;
    w.go_to("2027-01-10");
    let weeks =
        json!({"suspendPolicy": "FixedPeriodsFromToday", "suspendPeriods": 2, "suspendPeriodsType": "Week"});
    let month =
        json!({"resumePolicy": "FixedPeriodsFromToday", "resumePeriods": 1, "resumePeriodsType": "Month"});
    w.order(change("8201", 2, &[("2027-01-10", suspend(weeks)), ("2027-01-10", resume(month))])).await;
    assert_eq!(w.sim.subscriptions()[0]["suspensions"], json!([{"from": "2027-01-24", "to": "2027-02-10"}]));
    w.go_to("2027-03-01");
    w.order(change("8201", 3, &[("2027-03-01", suspend(json!({"suspendPolicy": "Today"})))])).await;
    assert_eq!(w.subscription(SUB).await["status"], "Suspended");
    let cancel = json!({"type": "CancelSubscription", "cancelSubscription": {
        "cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2027-03-01"}});
    w.order(change("8201", 4, &[("2027-03-01", cancel)])).await;
    let read = w.subscription(SUB).await;
    assert_eq!((&read["status"], &read["subscriptionEndDate"]), (&json!("Cancelled"), &json!("2027-03-01")));
    assert!(read.get("cancelledDate").is_none());
}

#[tokio::test]
async fn a_transfer_changes_owner_and_payer() {
    let w = started(false).await;
    let other =
        w.sim.seed_account(json!({"name": "Fjordlys Holding", "accountNumber": "H1", "currency": "NOK",
        "billToContact": {"firstName": "A", "lastName": "B"}}));
    w.sim.seed_account(json!({"name": "Gone", "accountNumber": "H2", "status": "Canceled"}));
    let transfer = |fields: Value| json!({"type": "OwnerTransfer", "ownerTransfer": fields});
    let own = w.sim.accounts().iter().find(|a| a["number"] == ACCOUNT).expect("account")["billToId"].clone();
    w.order(change("8201", 2, &[("2026-12-01", terms(json!({"billToContactId": own})))])).await;
    let day = "2026-12-16";
    let none = transfer(json!({"clearingExistingBillToContact": true}));
    refused(&send(&w, 3, day, none).await, 22);
    refused(&send(&w, 3, day, transfer(json!({"destinationAccountNumber": "H9"}))).await, 40);
    refused(&send(&w, 3, day, transfer(json!({"destinationAccountNumber": "H2"}))).await, 20);
    // The bill-to is a contact of the payer that goes.
    refused(&send(&w, 3, day, transfer(json!({"destinationInvoiceAccountNumber": "H1"}))).await, 20);
    let pays = json!({"destinationInvoiceAccountNumber": "H1", "clearingExistingBillToContact": true});
    let body = change("8201", 3, &[(day, transfer(pays))]);
    w.preview(body.clone(), json!({"previewThruType": "TermEnd"})).await;
    w.order(body).await;
    let read = w.subscription(SUB).await;
    assert_eq!((&read["accountNumber"], &read["invoiceOwnerAccountNumber"]), (&json!(ACCOUNT), &json!("H1")));
    assert!(read.get("billToContact").is_none());
    w.order(change("8201", 4, &[(day, transfer(json!({"destinationAccountNumber": "H1"})))])).await;
    assert_eq!(w.subscription(SUB).await["accountId"], json!(other));
    let (_, list) = w.get("/v1/subscriptions/accounts/H1").await;
    assert_eq!(list["subscriptions"].as_array().expect("list").len(), 1);
    let again = send(&w, 5, day, terms(json!({"autoRenew": false}))).await;
    refused(&again, 20);
    let (_, rows) = w
        .get(&format!("/object-query/subscriptions?filter[]=name.EQ:{SUB}&filter[]=accountid.EQ:{other}"))
        .await;
    assert_eq!(rows["data"].as_array().expect("data").len(), 1);
}

#[tokio::test]
async fn terms_take_contacts_and_payment_of_their_own() {
    let w = started(false).await;
    let account = &w.sim.accounts()[0];
    let stranger = w.sim.seed_account(json!({"name": "Other", "accountNumber": "H1",
        "billToContact": {"firstName": "A", "lastName": "B"}}));
    let foreign =
        w.sim.accounts().iter().find(|a| a["id"] == stranger.as_str()).expect("account")["billToId"].clone();
    for bad in [
        json!({"billToContactId": foreign}),
        json!({"soldToContactId": foreign}),
        json!({"paymentTerm": "Net 45"}),
        json!({"scheduledCancelDate": "2027-01-01"}),
        json!({"lastTerm": {"termType": "TERMED"}}),
        json!({"lastTerm": {"termType": "LONG", "period": 1}}),
    ] {
        refused(&send(&w, 2, "2027-01-01", terms(bad)).await, 20);
    }
    refused(&send(&w, 2, "2027-01-01", terms(json!({"lastTerm": {"period": 6}}))).await, 22);
    let set = json!({"billToContactId": account["billToId"], "soldToContactId": account["soldToId"],
                     "paymentTerm": "Net 30", "invoiceSeparately": true,
                     "lastTerm": {"termType": "TERMED", "period": 24, "periodType": "Month"}});
    let body = change("8201", 2, &[("2027-01-01", terms(set))]);
    w.preview(body.clone(), json!({"previewThruType": "NumberOfPeriods", "previewNumberOfPeriods": 2})).await;
    w.order(body).await;
    let read = w.subscription(SUB).await;
    assert_eq!(
        (&read["billToContact"]["id"], &read["soldToContact"]["id"]),
        (&account["billToId"], &account["soldToId"])
    );
    assert_eq!((&read["paymentTerm"], &read["invoiceSeparately"]), (&json!("Net 30"), &json!(true)));
    assert_eq!((&read["termEndDate"], &read["currentTerm"]), (&json!("2028-11-16"), &json!(24)));
    let clear = json!({"clearingExistingBillToContact": true, "clearingExistingSoldToContact": true,
                       "clearingExistingPaymentTerm": true});
    w.order(change("8201", 3, &[("2027-01-01", terms(clear))])).await;
    let read = w.subscription(SUB).await;
    for key in ["billToContact", "soldToContact", "paymentTerm"] {
        assert!(read.get(key).is_none(), "{key}");
    }
}

#[tokio::test]
async fn a_term_that_ends_is_renewed_or_expires() {
    let w = started(true).await;
    w.go_to("2027-11-15");
    assert_eq!(w.subscription(SUB).await["version"], 1);
    w.sim.set_renewal_uplift(Some("5".parse().expect("percent")));
    w.go_to("2028-11-20");
    let read = w.subscription(SUB).await;
    // Two terms passed: 520 x 1.05 x 1.05 = 573.30, times 40.
    assert_eq!((&read["version"], &read["status"]), (&json!(3), &json!("Active")));
    assert_eq!((&read["termStartDate"], &read["termEndDate"]), (&json!("2028-11-16"), &json!("2029-11-16")));
    assert_eq!(read["ratePlans"][0]["ratePlanCharges"][0]["price"], 573.3);
    assert_eq!(read["contractedMrr"], 22_932);
    // 249,600 + 40 x 546 x 12 = 262,080 + 275,184.
    assert_eq!(read["totalContractedValue"], 786_864);
    w.order(change("8201", 2, &[("2028-12-01", terms(json!({"autoRenew": false})))])).await;
    w.go_to("2029-11-16");
    let read = w.subscription(SUB).await;
    assert_eq!((&read["status"], &read["contractedMrr"]), (&json!("Expired"), &json!(0)));
    let (_, row) = w.get(&format!("/object-query/subscriptions/{SUB}")).await;
    assert_eq!(row["status"], "Expired");
}
