//! Changes of existing subscriptions.

use serde_json::{Value, json};

use super::{ACCOUNT, World, order_body, refused};
use crate::Config;

const SUB: &str = "HS-24680135-D7001";

async fn started() -> World {
    let w = World::new(Config::default()).await;
    w.account().await;
    let seats =
        json!({"chargeNumber": "L1", "pricing": {"recurringPerUnit": {"quantity": 40, "listPrice": 520}}});
    let mut first = w.line("1200000001", seats);
    first["subscriptionRatePlanNumber"] = json!("P1");
    let support = json!({"pricing": {"recurringFlatFee": {"listPrice": 60000}}});
    let mut second = w.line("1200000004", support);
    second["subscriptionRatePlanNumber"] = json!("P2");
    let (_, made) = w.post("/v1/orders", order_body("7001", "NOK", vec![first, second])).await;
    assert_eq!(made["success"], true, "{made}");
    w
}

fn change(n: u32, date: &str, actions: Vec<Value>) -> Value {
    let actions: Vec<Value> = actions
        .into_iter()
        .map(|mut a| {
            a["triggerDates"] = json!([{"name": "ContractEffective", "triggerDate": date}]);
            a
        })
        .collect();
    json!({"orderNumber": format!("{SUB}-{n}"), "orderDate": date, "existingAccountNumber": ACCOUNT,
           "subscriptions": [{"subscriptionNumber": SUB, "orderActions": actions}]})
}

fn update(pricing: Value) -> Value {
    json!({"type": "UpdateProduct", "updateProduct": {"subscriptionRatePlanNumber": "P1",
           "chargeUpdates": [{"chargeNumber": "L1", "pricing": {"recurringPerUnit": pricing}}]}})
}

#[tokio::test]
async fn an_upsell_makes_a_version_and_a_segment() {
    let w = started().await;
    let before = w.sim.subscriptions()[0]["id"].clone();
    let (_, made) =
        w.post("/v1/orders", change(2, "2027-02-10", vec![update(json!({"quantity": 55}))])).await;
    assert_eq!(made["success"], true, "{made}");
    let sub = &w.sim.subscriptions()[0];
    assert_eq!(sub["mrr"], "33600.00");
    assert_eq!(sub["version"], 2);
    assert_ne!(sub["id"], before);
    assert_eq!(sub["ratePlans"][0]["charges"][0]["segments"].as_array().expect("segments").len(), 2);
    assert_eq!(w.sim.orders()[1]["actions"], json!(["UpdateProduct"]));
    let (_, list) = w.get(&format!("/object-query/subscriptions?filter[]=name.EQ:{SUB}")).await;
    let latest: Vec<&Value> =
        list["data"].as_array().expect("data").iter().map(|s| &s["isLatestVersion"]).collect();
    assert_eq!(latest, [&json!(false), &json!(true)]);
    let (_, old) = w.get(&format!("/v1/subscriptions/{}", before.as_str().expect("id"))).await;
    assert_eq!(old["version"], 1);
}

#[tokio::test]
async fn removal_price_and_addition_in_one_order() {
    let w = started().await;
    let storage = w.line("1200000006", json!({"pricing": {"usagePerUnit": {"listPrice": 0.2}}}));
    let actions = vec![
        json!({"type": "RemoveProduct", "removeProduct": {"subscriptionRatePlanNumber": "P2"}}),
        update(json!({"listPrice": 500})),
        json!({"type": "AddProduct", "addProduct": storage}),
    ];
    let (_, made) = w.post("/v1/orders", change(2, "2027-05-16", actions)).await;
    assert_eq!(made["success"], true, "{made}");
    let sub = &w.sim.subscriptions()[0];
    assert_eq!(sub["mrr"], "20000.00");
    // Six months of each price, and half a year of support.
    assert_eq!(sub["tcv"], "274800.00");
    assert_eq!(sub["ratePlans"].as_array().expect("plans").len(), 2);
}

#[tokio::test]
async fn cancellation_renewal_and_terms() {
    let w = started().await;
    let terms = json!({"type": "TermsAndConditions", "termsAndConditions": {
        "autoRenew": true, "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
        "renewalTerms": [{"period": 6, "periodType": "Month"}]}});
    assert_eq!(w.post("/v1/orders", change(2, "2027-01-01", vec![terms])).await.1["success"], true);
    let renew = json!({"type": "RenewSubscription", "renewSubscription": {}});
    assert_eq!(w.post("/v1/orders", change(3, "2027-11-16", vec![renew])).await.1["success"], true);
    assert_eq!(w.sim.subscriptions()[0]["endDate"], "2028-05-16");
    let cancel = json!({"type": "CancelSubscription", "cancelSubscription": {
        "cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2027-05-31"}});
    let (_, made) = w.post("/v1/orders", change(4, "2027-05-31", vec![cancel.clone()])).await;
    assert_eq!(made["success"], true, "{made}");
    let sub = &w.sim.subscriptions()[0];
    assert_eq!(sub["status"], "Cancelled");
    assert_eq!(sub["mrr"], "0.00");
    let (_, again) = w.post("/v1/orders", change(5, "2027-05-31", vec![cancel])).await;
    assert_eq!(again["reasons"][0]["code"], 58_730_020);
}

#[tokio::test]
async fn bad_changes_are_refused_whole() {
    let w = started().await;
    let bad = vec![update(json!({"quantity": 55})), update(json!({"nope": 1}))];
    refused(&w.post("/v1/orders", change(2, "2027-02-10", bad)).await, 21);
    let outside = vec![update(json!({"quantity": 55}))];
    refused(&w.post("/v1/orders", change(2, "2029-02-10", outside)).await, 20);
    let missing =
        vec![json!({"type": "RemoveProduct", "removeProduct": {"subscriptionRatePlanNumber": "P9"}})];
    refused(&w.post("/v1/orders", change(2, "2027-02-10", missing)).await, 40);
    assert_eq!(w.sim.subscriptions()[0]["version"], 1);
    assert_eq!(w.sim.orders().len(), 1);
}
