//! Charges with dates of their own. The subscription runs from 2026-11-16 to 2027-11-16.

use serde_json::{Value, json};

use super::{World, change, lasting, order_body, refused};

fn seats(number: &str, quantity: u32, start: Value, end: Value) -> Value {
    json!({"chargeNumber": number, "startDate": start, "endDate": end,
           "pricing": {"recurringPerUnit": {"quantity": quantity, "listPrice": 520}}})
}

fn on(date: &str) -> Value {
    json!({"triggerEvent": "SpecificDate", "specificTriggerDate": date})
}

fn until(date: &str) -> Value {
    json!({"endDateCondition": "Specific_End_Date", "specificEndDate": date})
}

fn open_end() -> Value {
    json!({"endDateCondition": "Subscription_End"})
}

/// 40 seats for half a year, then 60.
fn ramp(w: &World) -> Value {
    let first = seats("L1", 40, json!({"triggerEvent": "ContractEffective"}), until("2027-05-16"));
    let second = seats("L2", 60, on("2027-05-16"), open_end());
    order_body("8001", "NOK", vec![w.line("1200000001", first), w.line("1200000001", second)])
}

#[tokio::test]
async fn a_ramp_has_the_amount_of_the_day_and_the_value_of_its_phases() {
    let w = World::new(lasting()).await;
    w.account().await;
    let seen = w
        .preview(
            ramp(&w),
            json!({"previewThruType": "SpecificDate", "specificPreviewThruDate": "2027-06-16"}),
        )
        .await;
    // 40 x 520 = 20,800 a month for six months; 60 x 520 = 31,200 a month for six months.
    let charges = &seen["chargeMetrics"][0]["charges"];
    let of = |i: usize| (charges[i]["cmrr"]["regular"].clone(), charges[i]["tcv"]["regular"].clone());
    assert_eq!(of(0), (json!(20_800), json!(124_800)));
    assert_eq!(of(1), (json!(31_200), json!(187_200)));
    let invoices = seen["invoices"].as_array().expect("invoices");
    let amounts: Vec<&Value> = invoices.iter().map(|i| &i["amount"]).collect();
    assert_eq!(amounts, [20_800, 20_800, 20_800, 20_800, 20_800, 20_800, 31_200, 31_200]);
    assert_eq!(invoices[5]["invoiceItems"][0]["serviceEndDate"], "2027-05-15");
    assert_eq!(invoices[6]["targetDate"], "2027-05-16");

    w.order(ramp(&w)).await;
    let read = w.subscription("HS-24680135-D8001").await;
    assert_eq!((&read["contractedMrr"], &read["totalContractedValue"]), (&json!(20_800), &json!(312_000)));
    let charge = &read["ratePlans"][0]["ratePlanCharges"][0];
    assert_eq!(charge["effectiveEndDate"], "2027-05-16");
    assert_eq!(charge["endDateCondition"], "Specific_End_Date");
    let charge = &read["ratePlans"][1]["ratePlanCharges"][0];
    assert_eq!(
        (&charge["triggerEvent"], &charge["triggerDate"]),
        (&json!("SpecificDate"), &json!("2027-05-16"))
    );
    assert_eq!(charge["effectiveStartDate"], "2027-05-16");
    assert_eq!(charge["effectiveEndDate"], "2027-11-16");
    w.go_to("2027-05-15");
    assert_eq!(w.subscription("HS-24680135-D8001").await["contractedMrr"], 20_800);
    w.go_to("2027-05-16");
    let read = w.subscription("HS-24680135-D8001?charge-detail=current-segment").await;
    assert_eq!(read["contractedMrr"], 31_200);
    // Of the first phase only its two discounts go on.
    assert_eq!(read["ratePlans"][0]["ratePlanCharges"].as_array().expect("charges").len(), 2);
    assert_eq!(read["ratePlans"][1]["ratePlanCharges"][0]["quantity"], 60);
    let (_, row) = w.get("/object-query/subscriptions/HS-24680135-D8001").await;
    assert_eq!(row["cMRR"], 31_200);
}

#[tokio::test]
async fn fixed_periods_parts_of_months_and_the_end_of_the_subscription() {
    let w = World::new(lasting()).await;
    w.account().await;
    let fixed = |number: &str, n: u32, unit: &str| {
        json!({"chargeNumber": number, "pricing": {"recurringFlatFee": {"listPrice": 60000}},
               "endDate": {"endDateCondition": "Fixed_Period", "upToPeriods": n, "upToPeriodsType": unit}})
    };
    let mut month = seats("L4", 1, on("2027-01-01"), until("2027-02-15"));
    month["pricing"]["recurringPerUnit"]["listPrice"] = json!(310);
    let lines = vec![
        w.line("1200000004", fixed("L1", 6, "Months")),
        w.line("1200000004", fixed("L2", 2, "Billing_Periods")),
        w.line(
            "1200000003",
            json!({"chargeNumber": "L3", "startDate": on("2027-02-01"),
                                    "pricing": {"oneTimePerUnit": {"quantity": 1, "listPrice": 25000}}}),
        ),
        w.line("1200000001", month),
    ];
    w.order(order_body("8002", "NOK", lines)).await;
    let sub = &w.sim.subscriptions()[0];
    let charge = |i: usize| &sub["ratePlans"][i]["charges"][0];
    // Half a year of a yearly 60,000; two years of it, cut after one; a workshop; January and half of
    // February (14 of 28 days) at 310.
    assert_eq!((&charge(0)["mrr"], &charge(0)["tcv"]), (&json!("5000.00"), &json!("30000.00")));
    assert_eq!(charge(0)["endDate"], "2027-05-16");
    assert_eq!((&charge(1)["mrr"], &charge(1)["tcv"]), (&json!("5000.00"), &json!("60000.00")));
    assert_eq!(charge(1)["endDate"], "2027-11-16");
    assert_eq!((&charge(2)["mrr"], &charge(2)["tcv"]), (&json!("0.00"), &json!("25000.00")));
    assert_eq!((&charge(3)["mrr"], &charge(3)["tcv"]), (&json!("310.00"), &json!("465.00")));
    assert_eq!(sub["grossMrrToday"], "10000.00");
    w.go_to("2027-01-20");
    assert_eq!(w.sim.subscriptions()[0]["grossMrrToday"], "10310.00");
    w.go_to("2027-06-01");
    assert_eq!(w.sim.subscriptions()[0]["grossMrrToday"], "5000.00");
}

#[tokio::test]
async fn bad_dates_of_charges_are_refused() {
    let w = World::new(lasting()).await;
    w.account().await;
    let cases = [
        (on("2026-11-15"), open_end()),
        (on("2027-11-16"), open_end()),
        (json!({"triggerEvent": "SpecificDate"}), open_end()),
        (json!({"triggerEvent": "Someday"}), open_end()),
        (on("2027-01-01"), until("2027-01-01")),
        (on("2027-01-01"), json!({"endDateCondition": "Specific_End_Date"})),
        (on("2027-01-01"), json!({"endDateCondition": "SubscriptionEnd"})),
        (on("2027-01-01"), json!({"endDateCondition": "Subscription_End", "specificEndDate": "2027-03-01"})),
        (on("2027-01-01"), json!({"endDateCondition": "Fixed_Period", "upToPeriodsType": "Months"})),
        (
            on("2027-01-01"),
            json!({"endDateCondition": "Fixed_Period", "upToPeriods": 1, "upToPeriodsType": "Month"}),
        ),
    ];
    for (start, end) in cases {
        let body = order_body("8003", "NOK", vec![w.line("1200000001", seats("L1", 1, start, end))]);
        refused(&w.post("/v1/orders", body).await, 20);
    }
    let unknown = json!({"triggerEvent": "SpecificDate", "specificTriggerDate": "2027-01-01", "nope": 1});
    let body = order_body("8003", "NOK", vec![w.line("1200000001", seats("L1", 1, unknown, open_end()))]);
    refused(&w.post("/v1/orders", body).await, 21);
}

#[tokio::test]
async fn a_phase_is_added_changed_before_it_begins_and_removed_whole() {
    let w = World::new(lasting()).await;
    w.account().await;
    let first = seats("L1", 40, json!({"triggerEvent": "ContractEffective"}), open_end());
    w.order(order_body("8004", "NOK", vec![w.line("1200000001", first)])).await;
    let mut more = w.line("1200000001", seats("L2", 10, on("2027-03-16"), until("2027-06-16")));
    more["subscriptionRatePlanNumber"] = json!("P2");
    let add = json!({"type": "AddProduct", "addProduct": more});
    w.order(change("8004", 2, &[("2026-12-16", add.clone())])).await;
    let update = |quantity: u32| {
        json!({"type": "UpdateProduct", "updateProduct": {"subscriptionRatePlanNumber": "P2",
               "chargeUpdates": [{"chargeNumber": "L2", "pricing": {"recurringPerUnit": {"quantity": quantity}}}]}})
    };
    w.order(change("8004", 3, &[("2027-01-16", update(20))])).await;
    let sub = &w.sim.subscriptions()[0];
    let charge = &sub["ratePlans"][1]["charges"][0];
    // Three months of 20 x 520 = 10,400 beside twelve of 20,800.
    assert_eq!(charge["segments"].as_array().expect("segments").len(), 1);
    assert_eq!((&charge["startDate"], &charge["tcv"]), (&json!("2027-03-16"), &json!("31200.00")));
    assert_eq!((&sub["grossTcv"], &sub["mrrToday"]), (&json!("280800.00"), &json!("20800.00")));
    refused(&w.post("/v1/orders", change("8004", 4, &[("2027-06-16", update(5))])).await, 20);
    let answer = w.post("/v1/orders", change("8004", 4, &[("2027-01-16", add)])).await;
    refused(&answer, 30);
    assert!(answer.1["reasons"][0]["message"].as_str().expect("text").contains("'L2'"));

    let remove = json!({"type": "RemoveProduct", "removeProduct": {"subscriptionRatePlanNumber": "P2"}});
    let body = change("8004", 4, &[("2027-02-16", remove)]);
    let options = json!({"previewThruType": "NumberOfPeriods", "previewNumberOfPeriods": 2});
    let seen = w.preview(body.clone(), options).await;
    let gone = &seen["chargeMetrics"][0]["charges"][1];
    assert_eq!((&gone["cmrr"]["regular"], &gone["cmrr"]["regularDelta"]), (&json!(0), &json!(-10_400)));
    assert_eq!(gone["tcv"]["regularDelta"], -31_200);
    assert_eq!(seen["invoices"], json!([]));
    w.order(body).await;
    let sub = &w.sim.subscriptions()[0];
    assert_eq!(sub["grossTcv"], "249600.00");
    let read = w.subscription("HS-24680135-D8004").await;
    assert_eq!(read["ratePlans"][1]["lastChangeType"], "Remove");
    assert_eq!(read["ratePlans"][1]["ratePlanCharges"][0]["tcv"], 0);
    assert!(read["ratePlans"][0].get("lastChangeType").is_none());
    w.go_to("2027-04-01");
    assert_eq!(w.subscription("HS-24680135-D8004").await["contractedMrr"], 20_800);
}
