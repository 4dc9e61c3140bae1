//! `UpdateProduct` on every model, the order of actions, and changes that go with a renewal. The
//! subscription runs from 2026-11-16 to 2027-11-16.

use serde_json::{Value, json};

use super::{World, change, lasting, order_body, refused};

fn update(plan: &str, charge: &str, pricing: Value) -> Value {
    json!({"type": "UpdateProduct", "updateProduct": {"subscriptionRatePlanNumber": plan,
           "chargeUpdates": [{"chargeNumber": charge, "pricing": pricing}]}})
}

fn numbered(mut line: Value, plan: &str, charge: &str) -> Value {
    line["subscriptionRatePlanNumber"] = json!(plan);
    line["chargeOverrides"][0]["chargeNumber"] = json!(charge);
    line
}

fn months(w: &World, charge: &str) -> (Value, Value) {
    let subs = w.sim.subscriptions();
    let plans = subs[0]["ratePlans"].as_array().expect("plans").clone();
    let mut charges = plans.iter().flat_map(|p| p["charges"].as_array().expect("charges"));
    let hit = charges.find(|c| c["number"] == charge).expect("charge");
    (hit["mrr"].clone(), hit["tcv"].clone())
}

#[tokio::test]
async fn every_model_takes_its_own_update() {
    let w = World::new(lasting()).await;
    w.account().await;
    let (_, core) = w.plan("1200000001");
    let percent = &core.iter().find(|c| c.0 == "Percentage Discount").expect("charge").1;
    let mut first = numbered(
        w.line("1200000001", json!({"pricing": {"recurringPerUnit": {"quantity": 100, "listPrice": 49}}})),
        "P1",
        "L1",
    );
    first["chargeOverrides"]
        .as_array_mut()
        .expect("list")
        .push(json!({"productRatePlanChargeId": percent, "chargeNumber": "D1",
               "pricing": {"discount": {"discountPercentage": 10}}}));
    let tiers = json!({"pricing": {"recurringTiered": {"quantity": 12000}}});
    let flat = json!({"pricing": {"recurringFlatFee": {"listPrice": 6000}}});
    let usage = json!({"pricing": {"usagePerUnit": {"listPrice": 0.02}}});
    let lines = vec![
        first,
        numbered(w.line("1200000002", tiers), "P2", "L2"),
        numbered(w.line("1200000004", flat), "P3", "L3"),
        numbered(w.line("1200000006", usage), "P4", "L4"),
    ];
    w.order(order_body("8101", "USD", lines)).await;
    assert_eq!(w.sim.subscriptions()[0]["grossMrr"], "6320.00");
    // A rate plan is also found by the id that it had in an older version.
    let old = w.sim.subscriptions()[0]["ratePlans"][1]["id"].clone();
    w.order(change(
        "8101",
        2,
        &[("2027-05-16", update("P1", "D1", json!({"discount": {"discountPercentage": 20}})))],
    ))
    .await;
    // 4,900 less 10 percent for six months, less 20 percent for six: 490 x 6 + 980 x 6 = 8,820.
    assert_eq!(months(&w, "D1"), (json!("-980.00"), json!("-8820.00")));
    let mut tiered = update("P2", "L2", json!({"recurringTiered": {"quantity": 5000}}));
    let body = tiered["updateProduct"].as_object_mut().expect("object");
    body.remove("subscriptionRatePlanNumber");
    body.insert("ratePlanId".to_owned(), old);
    let rows = json!([{"tier": 1, "startingUnit": 1, "endingUnit": 100, "price": 1.0, "priceFormat": "PerUnit"},
                      {"tier": 2, "startingUnit": 101, "price": 0.5, "priceFormat": "PerUnit"}]);
    w.order(change(
        "8101",
        3,
        &[
            ("2027-05-16", tiered),
            ("2027-05-16", update("P3", "L3", json!({"recurringFlatFee": {"listPrice": 7200}}))),
            ("2027-05-16", update("P4", "L4", json!({"usagePerUnit": {"listPrice": 0.03}}))),
            ("2027-08-16", update("P2", "L2", json!({"recurringTiered": {"tiers": rows}}))),
        ],
    ))
    .await;
    // 920 x 6; 5,000 calls are 100 + 4,000 x 0.08 = 420, x 3; then 100 + 4,900 x 0.5 = 2,550, x 3.
    assert_eq!(months(&w, "L2"), (json!("2550.00"), json!("14430.00")));
    assert_eq!(months(&w, "L3"), (json!("600.00"), json!("6600.00")));
    assert_eq!(months(&w, "L4"), (json!("0.00"), json!("0.00")));
    let read = w.subscription("HS-24680135-D8101?charge-detail=all-segments").await;
    let segments = &read["ratePlans"][1]["ratePlanCharges"][0]["chargeSegments"];
    let days: Vec<&Value> =
        segments.as_array().expect("segments").iter().map(|s| &s["effectiveEndDate"]).collect();
    assert_eq!(days, ["2027-05-16", "2027-08-16", "2027-11-16"]);
    assert_eq!(read["ratePlans"][3]["ratePlanCharges"][0]["price"], 0.03);
    for bad in [
        update("P3", "L3", json!({"recurringFlatFee": {"quantity": 2}})),
        update("P4", "L4", json!({"usagePerUnit": {"quantity": 2}})),
        update("P1", "L1", json!({"recurringPerUnit": {"listPriceBase": "Per_Month"}})),
    ] {
        refused(&w.post("/v1/orders", change("8101", 4, &[("2027-09-16", bad)])).await, 21);
    }
    let fixed = json!({"discount": {"discountAmount": 100}});
    w.order(change("8101", 4, &[("2027-09-16", update("P1", "D1", fixed))])).await;
}

#[tokio::test]
async fn the_last_of_several_changes_on_one_day_wins() {
    let w = World::new(lasting()).await;
    w.account().await;
    let seats = json!({"pricing": {"recurringPerUnit": {"quantity": 40, "listPrice": 520}}});
    w.order(order_body("8102", "NOK", vec![numbered(w.line("1200000001", seats), "P1", "L1")])).await;
    let to = |n: u32| update("P1", "L1", json!({"recurringPerUnit": {"quantity": n}}));
    w.order(change("8102", 2, &[("2027-02-16", to(45)), ("2027-02-16", to(55))])).await;
    let sub = &w.sim.subscriptions()[0];
    assert_eq!(sub["mrr"], "28600.00");
    // Three months of 20,800 and nine of 28,600.
    assert_eq!(sub["tcv"], "319800.00");
    assert_eq!(sub["mrrToday"], "20800.00");
    assert_eq!(sub["ratePlans"][0]["charges"][0]["segments"].as_array().expect("segments").len(), 2);
    let backward = change("8102", 3, &[("2027-04-16", to(60)), ("2027-03-16", to(50))]);
    refused(&w.post("/v1/orders", backward).await, 30);
    assert_eq!(w.sim.subscriptions()[0]["version"], 2);
}

#[tokio::test]
async fn a_renewal_goes_with_changes_on_the_first_day_of_the_new_term() {
    let w = World::new(lasting()).await;
    w.account().await;
    let seats = json!({"pricing": {"recurringPerUnit": {"quantity": 40, "listPrice": 520}}});
    let support = json!({"pricing": {"recurringFlatFee": {"listPrice": 60000}}});
    let mut body = order_body(
        "8103",
        "NOK",
        vec![
            numbered(w.line("1200000001", seats), "P1", "L1"),
            numbered(w.line("1200000004", support.clone()), "P2", "L2"),
        ],
    );
    let terms = &mut body["subscriptions"][0]["orderActions"][0]["createSubscription"]["terms"];
    terms["renewalTerms"] = json!([{"period": 12, "periodType": "Month"}]);
    w.order(body).await;
    let day = "2027-11-16";
    let workshop = json!({"pricing": {"oneTimePerUnit": {"quantity": 1, "listPrice": 25000}}});
    let order = change(
        "8103",
        2,
        &[
            (day, json!({"type": "RenewSubscription", "renewSubscription": {}})),
            (day, update("P1", "L1", json!({"recurringPerUnit": {"quantity": 50, "listPrice": 540}}))),
            (day, json!({"type": "RemoveProduct", "removeProduct": {"subscriptionRatePlanNumber": "P2"}})),
            (
                day,
                json!({"type": "AddProduct", "addProduct": numbered(w.line("1200000003", workshop), "P3", "L3")}),
            ),
        ],
    );
    let options = json!({"previewThruType": "NumberOfPeriods", "previewNumberOfPeriods": 2});
    let seen = w.preview(order.clone(), options).await;
    // 50 x 540 = 27,000 for the first two months of the new term, and the workshop with the first.
    let amounts: Vec<&Value> =
        seen["invoices"].as_array().expect("invoices").iter().map(|i| &i["amount"]).collect();
    assert_eq!(amounts, [52_000, 27_000]);
    w.order(order).await;
    let sub = &w.sim.subscriptions()[0];
    assert_eq!((&sub["termStartDate"], &sub["termEndDate"]), (&json!("2027-11-16"), &json!("2028-11-16")));
    assert_eq!((&sub["mrr"], &sub["mrrToday"]), (&json!("27000.00"), &json!("25800.00")));
    // 12 x 20,800 + 12 x 27,000, a year of support, the workshop.
    assert_eq!(sub["tcv"], "658600.00");
}
