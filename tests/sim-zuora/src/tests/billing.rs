//! Bill runs, what they leave on subscriptions and accounts, and tax.

use serde_json::{Value, json};

use super::{ACCOUNT, World, change, lasting, order_body};
use crate::Config;

const SUB: &str = "HS-24680135-D8301";

fn day(text: &str) -> jiff::civil::Date {
    text.parse().expect("day")
}

/// 40 seats for 520 a month and support for 60,000 a year, from 2026-11-16 for a year.
async fn started(config: Config) -> World {
    let w = World::new(Config { token_seconds: 400_000_000, ..config }).await;
    w.account().await;
    let seats =
        json!({"chargeNumber": "L1", "pricing": {"recurringPerUnit": {"quantity": 40, "listPrice": 520}}});
    let mut first = w.line("1200000001", seats);
    first["subscriptionRatePlanNumber"] = json!("P1");
    let support = json!({"chargeNumber": "L2", "pricing": {"recurringFlatFee": {"listPrice": 60000}}});
    w.order(order_body("8301", "NOK", vec![first, w.line("1200000004", support)])).await;
    w
}

fn seats(quantity: u32) -> Value {
    json!({"type": "UpdateProduct", "updateProduct": {"subscriptionRatePlanNumber": "P1",
           "chargeUpdates": [{"chargeNumber": "L1", "pricing": {"recurringPerUnit": {"quantity": quantity}}}]}})
}

#[tokio::test]
async fn a_bill_run_invoices_each_period_once() {
    let w = started(Config::default()).await;
    assert!(w.sim.bill_through(day("2026-11-15")).is_empty());
    let first = w.sim.bill_through(day("2026-12-31"));
    assert_eq!(first.len(), 1);
    assert!(w.sim.bill_through(day("2026-12-31")).is_empty());
    // Two months of 20,800 and the year of support.
    let (_, list) = w.get("/object-query/invoices?expand[]=invoiceitems").await;
    let invoice = &list["data"][0];
    assert_eq!((&invoice["amount"], &invoice["balance"]), (&json!(101_600), &json!(101_600)));
    assert_eq!((&invoice["status"], &invoice["currency"]), (&json!("Posted"), &json!("NOK")));
    assert_eq!((&invoice["invoiceDate"], &invoice["dueDate"]), (&json!("2026-12-31"), &json!("2026-12-31")));
    assert_eq!(invoice["invoiceItems"].as_array().expect("items").len(), 3);
    assert_eq!(w.sim.documents("invoices")[0]["invoiceNumber"], json!(first[0]));
    let read = w.subscription(SUB).await;
    let charge = |i: usize| read["ratePlans"][i]["ratePlanCharges"].as_array().expect("charges").clone();
    let seat = charge(0).into_iter().find(|c| c["number"] == "L1").expect("charge");
    assert_eq!(seat["chargedThroughDate"], "2027-01-16");
    assert_eq!(seat["processedThroughDate"], "2026-12-16");
    assert_eq!(charge(1)[0]["chargedThroughDate"], "2027-11-16");
    let (_, account) = w.get(&format!("/v1/accounts/{ACCOUNT}")).await;
    let kroner = account["metricsData"].as_array().expect("data").iter().find(|m| m["currency"] == "NOK");
    assert_eq!(kroner.expect("kroner")["totalInvoiceBalance"], 101_600);
    let (_, http) = w.post("/_sim/bill", json!({"through": "2027-01-16"})).await;
    assert_eq!(http["invoices"].as_array().expect("invoices").len(), 1);
    assert_eq!(w.sim.documents("invoices")[1]["amount"], 20_800);
}

#[tokio::test]
async fn more_seats_in_an_invoiced_month_bill_the_difference() {
    let w = started(Config::default()).await;
    w.sim.bill_through(day("2027-01-16"));
    let body = change("8301", 2, &[("2027-02-02", seats(55))]);
    let options = json!({"previewThruType": "SpecificDate", "specificPreviewThruDate": "2027-02-16"});
    let seen = w.preview(body.clone(), options).await;
    // 15 seats more at 520 for the last 14 of the 31 days of the month that was invoiced.
    let amounts: Vec<&Value> =
        seen["invoices"].as_array().expect("invoices").iter().map(|i| &i["amount"]).collect();
    assert_eq!(amounts, [&json!(3522.58), &json!(28_600)]);
    w.order(body).await;
    w.sim.bill_through(day("2027-02-16"));
    let billed: Vec<Value> =
        w.sim.documents("invoice-items").iter().skip(4).map(|i| i["chargeAmount"].clone()).collect();
    assert_eq!(billed, [json!(3522.58), json!(28_600)]);
    // Fewer seats in an invoiced month give no document.
    w.order(change("8301", 3, &[("2027-02-20", seats(10))])).await;
    assert!(w.sim.bill_through(day("2027-02-28")).is_empty());
}

#[tokio::test]
async fn the_end_of_what_was_invoiced_ends_a_subscription() {
    let policy = json!({"type": "CancelSubscription", "cancelSubscription": {
        "cancellationPolicy": "EndOfLastInvoicePeriod"}});
    let w = started(Config::default()).await;
    w.order(change("8301", 2, &[("2027-01-05", policy.clone())])).await;
    assert_eq!(w.sim.subscriptions()[0]["endDate"], "2027-01-05");

    let w = World::new(lasting()).await;
    w.account().await;
    let line =
        w.line("1200000001", json!({"pricing": {"recurringPerUnit": {"quantity": 1, "listPrice": 520}}}));
    w.order(order_body("8301", "NOK", vec![line])).await;
    w.sim.bill_through(day("2027-01-20"));
    let suspend = json!({"type": "Suspend", "suspend": {"suspendPolicy": "EndOfLastInvoicePeriod"}});
    w.order(change("8301", 2, &[("2027-01-05", suspend)])).await;
    assert_eq!(w.sim.subscriptions()[0]["suspensions"][0]["from"], "2027-02-16");
    w.order(change("8301", 3, &[("2027-01-05", policy)])).await;
    let sub = &w.sim.subscriptions()[0];
    assert_eq!((&sub["endDate"], &sub["tcv"]), (&json!("2027-02-16"), &json!("1560.00")));
    assert!(w.sim.bill_through(day("2027-12-31")).is_empty());
}

#[tokio::test]
async fn month_ends_bill_whole_prices_and_discounts_count() {
    let w = World::new(lasting()).await;
    w.account().await;
    let (_, core) = w.plan("1200000001");
    let percent = &core.iter().find(|c| c.0 == "Percentage Discount").expect("charge").1;
    let mut line = w.line("1200000001", json!({"startDate": {"triggerEvent": "SpecificDate",
        "specificTriggerDate": "2027-01-31"}, "pricing": {"recurringPerUnit": {"quantity": 10, "listPrice": 7350}}}));
    line["chargeOverrides"].as_array_mut().expect("list").push(
        json!({"productRatePlanChargeId": percent, "pricing": {"discount": {"discountPercentage": 12.5}}}),
    );
    w.order(order_body("8301", "JPY", vec![line])).await;
    w.sim.bill_through(day("2027-03-31"));
    let items = w.sim.documents("invoice-items");
    // 73,500 less 12.5 percent = 64,312.5, half up without decimals.
    let seen: Vec<(&Value, &Value)> =
        items.iter().map(|i| (&i["serviceStartDate"], &i["chargeAmount"])).collect();
    let want = [("2027-01-31", 64_313), ("2027-02-28", 64_313), ("2027-03-31", 64_313)];
    assert_eq!(seen.len(), 3);
    for (row, want) in seen.iter().zip(want) {
        assert_eq!((row.0, row.1), (&json!(want.0), &json!(want.1)));
    }
    assert_eq!(w.sim.documents("invoices")[0]["amount"], 192_939);
}

#[tokio::test]
async fn tax_is_on_top_of_taxable_charges() {
    let w = started(Config { tax_percent: Some("25".parse().expect("percent")), ..Config::default() }).await;
    let options = json!({"previewThruType": "NumberOfPeriods", "previewNumberOfPeriods": 1});
    let line = |n: f64| {
        w.line("1200000001", json!({"pricing": {"recurringPerUnit": {"quantity": 3, "listPrice": n}}}))
    };
    let support = w.line("1200000004", json!({"pricing": {"recurringFlatFee": {"listPrice": 600}}}));
    let body = order_body("8302", "USD", vec![line(11.11), support]);
    let seen = w.preview(body.clone(), options.clone()).await;
    assert_eq!(seen["invoices"][0]["taxAmount"], 0);
    assert_eq!(w.sim.mark_taxable("Kestrel Platform Seats"), 1);
    assert_eq!(w.sim.mark_taxable("KP-NONE"), 0);
    let seen = w.preview(body.clone(), options.clone()).await;
    // 33.33 and a quarter of it, 8.3325.
    let invoice = &seen["invoices"][0];
    let items = invoice["invoiceItems"].as_array().expect("items");
    assert_eq!((&items[0]["amountWithoutTax"], &items[0]["taxAmount"]), (&json!(33.33), &json!(8.33)));
    assert_eq!(items[1]["taxAmount"], 0);
    assert_eq!((&invoice["amountWithoutTax"], &invoice["taxAmount"]), (&json!(633.33), &json!(8.33)));
    assert_eq!(invoice["amount"], 641.66);
    let mut without = options.clone();
    without["skipTax"] = json!(true);
    assert_eq!(w.preview(body.clone(), without).await["invoices"][0]["taxAmount"], 0);
    let exempt = json!({"taxInfo": {"exemptStatus": "Yes"}});
    w.call("PUT", &format!("/v1/accounts/{ACCOUNT}"), Some(exempt)).await;
    assert_eq!(w.preview(body, options).await["invoices"][0]["taxAmount"], 0);
}

#[tokio::test]
async fn previews_use_up_no_numbers() {
    let w = World::new(lasting()).await;
    w.account().await;
    let line =
        w.line("1200000001", json!({"pricing": {"recurringPerUnit": {"quantity": 1, "listPrice": 1}}}));
    let mut body = order_body("8303", "USD", vec![line]);
    let create = &mut body["subscriptions"][0]["orderActions"][0]["createSubscription"];
    create.as_object_mut().expect("object").remove("subscriptionNumber");
    body.as_object_mut().expect("object").remove("orderNumber");
    for _ in 0..3 {
        w.preview(body.clone(), json!({"previewThruType": "TermEnd"})).await;
    }
    w.order(body).await;
    assert_eq!(w.sim.orders()[0]["number"], "O-00000001");
    assert_eq!(w.sim.subscriptions()[0]["number"], "A-S00000001");
    let charges = &w.sim.subscriptions()[0]["ratePlans"][0]["charges"];
    assert_eq!(charges[0]["number"], "C-00000001");
}

#[tokio::test]
async fn previews_of_endings_have_figures_and_no_invoices() {
    let w = started(Config::default()).await;
    let cancel = json!({"type": "CancelSubscription", "cancelSubscription": {
        "cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2027-05-16"}});
    let options = json!({"previewThruType": "NumberOfPeriods", "previewNumberOfPeriods": 2});
    let seen = w.preview(change("8301", 2, &[("2027-05-16", cancel)]), options.clone()).await;
    let charges = &seen["chargeMetrics"][0]["charges"];
    assert_eq!(charges[0]["cmrr"]["regularDelta"], -20_800);
    // Six of twelve months are left.
    assert_eq!(charges[0]["tcv"]["regularDelta"], -124_800);
    assert_eq!(seen["invoices"], json!([]));
    let more = w.preview(change("8301", 2, &[("2027-02-16", seats(55))]), options).await;
    let cmrr = &more["chargeMetrics"][0]["charges"][0]["cmrr"];
    assert_eq!((&cmrr["regular"], &cmrr["regularDelta"]), (&json!(28_600), &json!(7_800)));
    let days: Vec<&Value> =
        more["invoices"].as_array().expect("invoices").iter().map(|i| &i["targetDate"]).collect();
    assert_eq!(days, ["2027-02-16", "2027-03-16"]);
}
