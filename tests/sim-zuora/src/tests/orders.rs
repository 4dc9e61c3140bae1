//! New subscriptions: figures and refusals.

use serde_json::{Value, json};

use super::{ACCOUNT, World, order_body, refused, with};
use crate::Config;

fn per_unit(quantity: Value, price: Value) -> Value {
    json!({"pricing": {"recurringPerUnit": {
        "quantity": quantity, "listPrice": price, "listPriceBase": "Per_Billing_Period"}}})
}

fn lines_of_7001(w: &World) -> Vec<Value> {
    vec![
        w.line("1200000001", per_unit(json!(40), json!(520))),
        w.line("1200000003", json!({"pricing": {"oneTimePerUnit": {"quantity": 1, "listPrice": 25000}}})),
        w.line(
            "1200000004",
            json!({"pricing": {"recurringFlatFee": {"listPrice": 60000, "listPriceBase": "Per_Billing_Period"}}}),
        ),
    ]
}

#[tokio::test]
async fn deal_7001_has_the_figures_of_the_story() {
    let w = World::new(Config::default()).await;
    w.account().await;
    let body = order_body("7001", "NOK", lines_of_7001(&w));
    let mut preview = body.clone();
    preview.as_object_mut().expect("object").remove("processingOptions");
    preview["previewOptions"] = json!({"previewThruType": "NumberOfPeriods", "previewNumberOfPeriods": 2,
                                       "previewTypes": ["BillingDocs", "ChargeMetrics"]});
    let plan =
        "/subscriptions/0/orderActions/0/createSubscription/subscribeToRatePlans/0/externallyManagedPlanId";
    refused(&w.post("/v1/orders/preview", with(preview.clone(), plan, json!("1200000001"))).await, 21);
    let (_, seen) = w.post("/v1/orders/preview", preview).await;
    assert_eq!(seen["success"], true, "{seen}");
    let charges = seen["previewResult"]["chargeMetrics"][0]["charges"].as_array().expect("charges");
    assert_eq!(charges.iter().filter_map(|c| c["cmrr"]["regular"].as_i64()).sum::<i64>(), 25_800);
    assert_eq!(charges.iter().filter_map(|c| c["tcv"]["regular"].as_i64()).sum::<i64>(), 334_600);
    assert_eq!(seen["previewResult"]["invoices"][0]["amount"], 105_800);
    assert!(w.sim.orders().is_empty() && w.sim.subscriptions().is_empty());

    let (_, made) = w.post("/v1/orders", body).await;
    assert_eq!(made["success"], true, "{made}");
    assert_eq!(made["status"], "Completed");
    assert_eq!(made["subscriptions"][0]["subscriptionNumber"], "HS-24680135-D7001");
    let sub = &w.sim.subscriptions()[0];
    assert_eq!(sub["mrr"], "25800.00");
    assert_eq!(sub["tcv"], "334600.00");
    assert_eq!(sub["endDate"], "2027-11-16");
    assert_eq!(sub["autoRenew"], false);
    assert_eq!(sub["currency"], "NOK");
    assert_eq!(sub["customFields"]["hubspotDealId__c"], "7001");
    assert_eq!(sub["ratePlans"].as_array().expect("plans").len(), 3);
    let (_, read) = w.get("/v1/subscriptions/HS-24680135-D7001").await;
    assert_eq!(read["contractedMrr"], 25_800);
    assert_eq!(read["totalContractedValue"], 334_600);
    assert_eq!(read["ratePlans"][0]["ratePlanCharges"][0]["model"], "PerUnit");
    let (_, read) = w.get("/v1/orders/HS-24680135-D7001-1").await;
    assert_eq!(read["order"]["existingAccountNumber"], ACCOUNT);
    let (_, list) = w.get(&format!("/v1/orders/subscriptionOwner/{ACCOUNT}")).await;
    assert_eq!(list["orders"].as_array().expect("orders").len(), 1);
    let (_, list) = w.get(&format!("/v1/subscriptions/accounts/{ACCOUNT}")).await;
    assert_eq!(list["subscriptions"].as_array().expect("subscriptions").len(), 1);
}

#[tokio::test]
async fn evergreen_yen_tiers_and_discounts() {
    let w = World::new(Config::default()).await;
    w.account().await;
    let evergreen = with(
        order_body("7002", "USD", vec![w.line("1200000001", per_unit(json!(5), json!(49.0)))]),
        "/subscriptions/0/orderActions/0/createSubscription/terms",
        json!({"autoRenew": false, "initialTerm": {"startDate": "2026-11-16", "termType": "EVERGREEN"}}),
    );
    let yen = order_body("7005", "JPY", vec![w.line("1200000001", per_unit(json!(10), json!(7350)))]);
    let tiers = json!({"pricing": {"recurringTiered": {"quantity": 12000}}});
    let tiered = order_body("7008", "USD", vec![w.line("1200000002", tiers)]);
    let mut off = w.line("1200000001", per_unit(json!(100), json!(49)));
    let (_, charges) = w.plan("1200000001");
    let discount = |name: &str, pricing: Value| {
        let id = charges.iter().find(|c| c.0 == name).expect("charge").1.clone();
        json!({"productRatePlanChargeId": id, "pricing": {"discount": pricing}})
    };
    off["chargeOverrides"]
        .as_array_mut()
        .expect("list")
        .push(discount("Percentage Discount", json!({"discountPercentage": 10})));
    let percent = order_body("7006", "USD", vec![off.clone()]);
    off["chargeOverrides"][1] = discount("Fixed Discount", json!({"discountAmount": 500}));
    let fixed = order_body("7007", "USD", vec![off]);
    for body in [evergreen, yen, tiered, percent, fixed] {
        let (_, made) = w.post("/v1/orders", body).await;
        assert_eq!(made["success"], true, "{made}");
    }
    let subs = w.sim.subscriptions();
    let of = |deal: &str| {
        subs.iter().find(|s| s["customFields"]["hubspotDealId__c"] == deal).expect("subscription").clone()
    };
    assert_eq!(of("7002")["mrr"], "245.00");
    assert_eq!(of("7002")["tcv"], "0.00");
    assert!(of("7002")["endDate"].is_null());
    assert_eq!(of("7005")["mrr"], "73500");
    assert_eq!(of("7008")["mrr"], "920.00");
    assert_eq!(of("7008")["tcv"], "11040.00");
    assert_eq!(of("7006")["mrr"], "4410.00");
    assert_eq!(of("7006")["tcv"], "52920.00");
    assert_eq!(of("7006")["grossMrr"], "4900.00");
    assert_eq!(of("7007")["mrr"], "4400.00");
    assert_eq!(of("7007")["tcv"], "52800.00");
}

#[tokio::test]
async fn an_annual_price_on_a_monthly_plan_must_say_its_base() {
    let w = World::new(Config::default()).await;
    w.account().await;
    let mut over = json!({
        "billing": {"billingPeriod": "Annual"},
        "pricing": {"recurringPerUnit": {"quantity": 1, "listPrice": 1200}},
    });
    refused(
        &w.post("/v1/orders", order_body("1", "USD", vec![w.line("1200000001", over.clone())])).await,
        20,
    );
    over["pricing"]["recurringPerUnit"]["listPriceBase"] = json!("Per Billing Period");
    refused(
        &w.post("/v1/orders", order_body("1", "USD", vec![w.line("1200000001", over.clone())])).await,
        20,
    );
    over["pricing"]["recurringPerUnit"]["listPriceBase"] = json!("Per_Billing_Period");
    let (_, made) =
        w.post("/v1/orders", order_body("1", "USD", vec![w.line("1200000001", over.clone())])).await;
    assert_eq!(made["success"], true, "{made}");
    over["pricing"]["recurringPerUnit"]["listPriceBase"] = json!("Per_Month");
    let (_, made) = w.post("/v1/orders", order_body("2", "USD", vec![w.line("1200000001", over)])).await;
    assert_eq!(made["success"], true, "{made}");
    let subs = w.sim.subscriptions();
    assert_eq!((&subs[0]["mrr"], &subs[0]["tcv"]), (&json!("100.00"), &json!("1200.00")));
    assert_eq!((&subs[1]["mrr"], &subs[1]["tcv"]), (&json!("1200.00"), &json!("14400.00")));
}

#[tokio::test]
async fn orders_are_refused_as_the_vendor_does_and_leave_nothing() {
    let w = World::new(Config::default()).await;
    w.account().await;
    let good = || order_body("7001", "NOK", lines_of_7001(&w));
    let create = "/subscriptions/0/orderActions/0/createSubscription";
    let pricing = format!("{create}/subscribeToRatePlans/0/chargeOverrides/0/pricing");
    let cases = [
        ("/orderDate".to_owned(), json!("16.11.2026"), 20),
        ("/existingAccountNumber".to_owned(), json!("nobody"), 40),
        ("/orderNumber".to_owned(), json!("a/b"), 20),
        ("/orderNumber".to_owned(), json!("x".repeat(101)), 20),
        ("/surprise".to_owned(), json!(1), 21),
        ("/customFields".to_owned(), json!({"hubspotDealId__c": "1"}), 21),
        ("/description".to_owned(), json!("\u{1F600}"), 20),
        ("/subscriptions/0/subscriptionNumber".to_owned(), json!("S1"), 20),
        ("/subscriptions/0/customFields".to_owned(), json!({"nope__c": "1"}), 21),
        ("/subscriptions/0/orderActions/0/triggerDates".to_owned(), json!([]), 22),
        (format!("{create}/currency"), json!("CHF"), 20),
        (format!("{create}/terms/initialTerm/termType"), json!("EVERGREEN"), 20),
        (format!("{create}/terms/initialTerm/period"), json!(0), 20),
        (format!("{create}/billToContactId"), json!("8ad0"), 20),
        (format!("{create}/subscribeToRatePlans/0/productRatePlanId"), json!("8ad0"), 40),
        (
            format!("{create}/subscribeToRatePlans/0/chargeOverrides/0/productRatePlanChargeId"),
            json!("8ad0"),
            40,
        ),
        (pricing.clone(), json!({"recurringFlatFee": {"listPrice": 1}}), 20),
        (pricing.clone(), json!({"oneTimePerUnit": {"listPrice": 1, "quantity": 1}}), 20),
        (format!("{pricing}/recurringPerUnit/listPrice"), json!("520"), 20),
        (
            format!("{create}/subscribeToRatePlans/2/chargeOverrides/0/pricing/recurringFlatFee/quantity"),
            json!(1),
            21,
        ),
    ];
    for (pointer, value, suffix) in cases {
        let answer = w.post("/v1/orders", with(good(), &pointer, value)).await;
        refused(&answer, suffix);
    }
    assert_eq!(
        w.post("/v1/orders", with(good(), "/orderDate", Value::Null)).await.1["reasons"][0]["code"],
        "58730222"
    );
    assert!(w.sim.orders().is_empty() && w.sim.subscriptions().is_empty());
    let mut evergreen = good();
    evergreen["subscriptions"][0]["orderActions"][0]["createSubscription"]["terms"] = json!({
        "initialTerm": {"termType": "EVERGREEN"}, "renewalTerms": [{"period": 1, "periodType": "Month"}]});
    refused(&w.post("/v1/orders", evergreen).await, 20);
    assert_eq!(w.post("/v1/orders", good()).await.1["success"], true);
    refused(&w.post("/v1/orders", good()).await, 20);
    let other = with(good(), "/orderNumber", json!("HS-24680135-D7001-2"));
    refused(&w.post("/v1/orders", other).await, 20);
    assert_eq!(w.sim.subscriptions().len(), 1);
}

#[tokio::test]
async fn limits_and_charge_numbers() {
    let w = World::new(Config::default()).await;
    w.account().await;
    let mut many = order_body("1", "USD", vec![w.line("1200000001", per_unit(json!(1), json!(1)))]);
    let one = many["subscriptions"][0].clone();
    many["subscriptions"] = json!(vec![one; 51]);
    refused(&w.post("/v1/orders", many).await, 20);
    let mut over = per_unit(json!(1), json!(1));
    over["chargeNumber"] = json!("HS-1-L1");
    let twice = vec![w.line("1200000001", over.clone()), w.line("1200000001", over.clone())];
    refused(&w.post("/v1/orders", order_body("1", "USD", twice)).await, 20);
    let body = order_body("1", "USD", vec![w.line("1200000001", over.clone())]);
    assert_eq!(w.post("/v1/orders", body).await.1["success"], true);
    refused(&w.post("/v1/orders", order_body("2", "USD", vec![w.line("1200000001", over)])).await, 20);
}

#[tokio::test]
async fn without_unique_numbers_a_repeat_makes_a_second_subscription() {
    let w = World::new(Config { unique_numbers: false, ..Config::default() }).await;
    w.account().await;
    let body = order_body("1", "USD", vec![w.line("1200000001", per_unit(json!(1), json!(1)))]);
    for _ in 0..2 {
        assert_eq!(w.post("/v1/orders", body.clone()).await.1["success"], true);
    }
    assert_eq!(w.sim.subscriptions().len(), 2);
}

#[tokio::test]
async fn required_activation_leaves_the_subscription_pending() {
    let w = World::new(Config { require_service_activation: true, ..Config::default() }).await;
    w.account().await;
    let body = order_body("1", "USD", vec![w.line("1200000001", per_unit(json!(1), json!(1)))]);
    let (_, made) = w.post("/v1/orders", body.clone()).await;
    assert_eq!(made["status"], "Pending");
    assert_eq!(made["subscriptions"][0]["status"], "Pending Activation");
}
