//! Usage models, stair-steps, volume prices, tiers in several currencies, tax on catalogue charges.

use serde_json::{Value, json};

use super::{World, change, order_body};
use crate::Config;

async fn crud(w: &World, method: &str, path: &str, body: Value) -> Value {
    let path = format!("/v1/object/{path}?rejectUnknownFields=true");
    w.call(method, &path, Some(body)).await.1
}

/// A product with one plan in USD, EUR and NOK, known by an external id.
async fn plan(w: &World, external: &str) -> String {
    let body =
        json!({"Name": external, "EffectiveStartDate": "2026-01-01", "EffectiveEndDate": "2036-01-01"});
    let product = crud(w, "POST", "product", body).await["Id"].clone();
    let body = json!({"Name": external, "ProductId": product, "ExternalRatePlanIds": [external],
                      "ActiveCurrencies": ["USD", "EUR", "NOK"]});
    crud(w, "POST", "product-rate-plan", body).await["Id"].as_str().expect("plan").to_owned()
}

fn body(plan: &str, model: &str, kind: &str, tiers: Value) -> Value {
    json!({"ProductRatePlanId": plan, "Name": model, "ChargeModel": model, "ChargeType": kind,
           "BillCycleType": "DefaultFromCustomer", "BillingPeriod": "Month", "TriggerEvent": "ContractEffective",
           "UseDiscountSpecificAccountingCode": false, "UOM": "Each", "ListPriceBase": "Per Billing Period",
           "ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": tiers}})
}

async fn charge(w: &World, body: Value) -> String {
    let made = crud(w, "POST", "product-rate-plan-charge", body).await;
    assert_eq!(made["Success"], true, "{made}");
    made["Id"].as_str().expect("charge").to_owned()
}

fn tier(currency: &str, from: u32, to: Option<u32>, price: f64, format: &str) -> Value {
    let mut tier = json!({"Currency": currency, "StartingUnit": from, "Price": price, "PriceFormat": format});
    if let Some(to) = to {
        tier["EndingUnit"] = json!(to);
    }
    tier
}

#[tokio::test]
async fn stair_steps_and_volumes_are_priced_by_currency() {
    let w = World::new(Config::default()).await;
    w.account().await;
    let stairs = plan(&w, "stairs").await;
    let steps = json!([
        tier("USD", 1, Some(10), 100.0, "Flat Fee"),
        tier("USD", 11, None, 180.0, "Flat Fee"),
        tier("EUR", 1, Some(10), 90.0, "Flat Fee"),
        tier("EUR", 11, None, 160.0, "Flat Fee"),
    ]);
    let step_charge = charge(&w, body(&stairs, "Volume Pricing", "Recurring", steps.clone())).await;
    let mixed = plan(&w, "mixed").await;
    let rows = json!([tier("EUR", 1, Some(10), 50.0, "Flat Fee"), tier("EUR", 11, None, 4.0, "Per Unit")]);
    charge(&w, body(&mixed, "Tiered Pricing", "Recurring", rows)).await;
    let units = |n: u32, key: &str| json!({"chargeNumber": key, "pricing": {key: {"quantity": n}}});
    let lines =
        vec![w.line("stairs", units(12, "recurringVolume")), w.line("mixed", units(15, "recurringTiered"))];
    w.order(order_body("8401", "EUR", lines)).await;
    let sub = &w.sim.subscriptions()[0];
    // The second step costs 160 whole; 50 for the first ten and 5 x 4.
    assert_eq!(sub["ratePlans"][0]["charges"][0]["mrr"], "160.00");
    assert_eq!(sub["ratePlans"][1]["charges"][0]["mrr"], "70.00");
    let rate_plan = sub["ratePlans"][0]["number"].clone();
    let fewer = json!({"type": "UpdateProduct", "updateProduct": {"subscriptionRatePlanNumber": rate_plan,
        "chargeUpdates": [{"chargeNumber": "recurringVolume", "pricing": {"recurringVolume": {"quantity": 8}}}]}});
    w.order(change("8401", 2, &[("2027-05-16", fewer)])).await;
    let sub = &w.sim.subscriptions()[0];
    // Six months of 160 and six of 90.
    assert_eq!(sub["ratePlans"][0]["charges"][0]["mrr"], "90.00");
    assert_eq!(sub["ratePlans"][0]["charges"][0]["tcv"], "1500.00");

    let replaced = json!([
        tier("EUR", 1, Some(5), 60.0, "Flat Fee"),
        tier("EUR", 6, None, 120.0, "Flat Fee"),
        tier("NOK", 1, None, 999.0, "Flat Fee")
    ]);
    let put = json!({"ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": replaced}});
    let answer = crud(&w, "PUT", &format!("product-rate-plan-charge/{step_charge}"), put).await;
    assert_eq!(answer["Success"], true, "{answer}");
    w.order(order_body(
        "8402",
        "EUR",
        vec![
            w.line("stairs", units(5, "recurringVolume"))
                .as_object()
                .map(|l| {
                    let mut l = l.clone();
                    l["chargeOverrides"][0]["chargeNumber"] = json!("V2");
                    json!(l)
                })
                .expect("line"),
        ],
    ))
    .await;
    assert_eq!(w.sim.subscriptions()[1]["mrr"], "60.00");
    let missing = json!([tier("USD", 1, Some(10), 1.0, "Flat Fee")]);
    let put = json!({"ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": missing}});
    let path = format!("product-rate-plan-charge/{step_charge}");
    assert_eq!(crud(&w, "PUT", &path, put).await["Success"], false);
}

#[tokio::test]
async fn usage_models_are_taken_with_and_without_prices_and_bring_nothing_by_themselves() {
    let w = World::new(Config::default()).await;
    w.account().await;
    let one = |price: f64| json!([{"Currency": "USD", "Price": price}]);
    let rows =
        || json!([tier("USD", 1, Some(100), 1.0, "Per Unit"), tier("USD", 101, None, 0.5, "Per Unit")]);
    let over = json!([tier("USD", 1, Some(100), 1.0, "Per Unit"),
                      {"Currency": "USD", "StartingUnit": 101, "Price": 2, "PriceFormat": "Per Unit", "IsOveragePrice": true}]);
    let order_rows = json!([{"tier": 1, "startingUnit": 1, "endingUnit": 50, "price": 1, "priceFormat": "PerUnit"},
                            {"tier": 2, "startingUnit": 51, "price": 0.9, "priceFormat": "PerUnit"}]);
    let cases = [
        ("Per Unit Pricing", one(0.5), "usagePerUnit", json!({"listPrice": 0.4})),
        ("Tiered Pricing", rows(), "usageTiered", json!({"tiers": order_rows})),
        ("Volume Pricing", rows(), "usageVolume", json!({"tiers": order_rows})),
        ("Overage Pricing", one(2.0), "usageOverage", json!({"includedUnits": 500, "overagePrice": 1.5})),
        (
            "Tiered with Overage Pricing",
            over,
            "usageTieredWithOverage",
            json!({"tiers": [order_rows[0]], "overagePrice": 3}),
        ),
    ];
    let mut lines = Vec::new();
    for (i, (model, tiers, key, pricing)) in cases.iter().enumerate() {
        let id = plan(&w, key).await;
        let mut fields = body(&id, model, "Usage", tiers.clone());
        if *model == "Overage Pricing" {
            fields["IncludedUnits"] = json!(100);
        }
        charge(&w, fields).await;
        lines.push(w.line(key, json!({"chargeNumber": format!("U{i}"), "pricing": {*key: pricing}})));
        lines.push(json!({"productRatePlanId": id}));
    }
    w.order(order_body("8403", "USD", lines)).await;
    let sub = &w.sim.subscriptions()[0];
    assert_eq!((&sub["mrr"], &sub["tcv"]), (&json!("0.00"), &json!("0.00")));
    assert_eq!(sub["ratePlans"].as_array().expect("plans").len(), 10);
    let read = w.subscription("HS-24680135-D8403").await;
    let of = |i: usize| &read["ratePlans"][i]["ratePlanCharges"][0];
    assert_eq!((&of(0)["price"], &of(1)["price"]), (&json!(0.4), &json!(0.5)));
    assert_eq!(of(2)["tiers"][1]["price"], 0.9);
    assert_eq!(of(3)["tiers"][1]["price"], 0.5);
    assert_eq!((&of(6)["includedUnits"], &of(6)["overagePrice"]), (&json!(500), &json!(1.5)));
    assert_eq!((&of(7)["includedUnits"], &of(7)["overagePrice"]), (&json!(100), &json!(2)));
    assert_eq!((&of(8)["overagePrice"], &of(9)["overagePrice"]), (&json!(3), &json!(2)));
    assert!(w.sim.bill_through("2027-12-31".parse().expect("day")).is_empty());
}

#[tokio::test]
async fn a_taxable_charge_names_its_code_and_mode() {
    let w =
        World::new(Config { tax_percent: Some("25".parse().expect("percent")), ..Config::default() }).await;
    w.account().await;
    let id = plan(&w, "taxed").await;
    let mut fields = body(&id, "Flat Fee Pricing", "Recurring", json!([{"Currency": "USD", "Price": 125}]));
    fields["Taxable"] = json!(true);
    for (key, value) in [("TaxCode", json!("VAT")), ("TaxMode", json!("TaxInclusive"))] {
        let answer = crud(&w, "POST", "product-rate-plan-charge", fields.clone()).await;
        assert!(answer["Errors"][0]["Message"].as_str().expect("text").contains(key), "{answer}");
        fields[key] = value;
    }
    charge(&w, fields).await;
    let order = order_body("8404", "USD", vec![json!({"productRatePlanId": id})]);
    let options = json!({"previewThruType": "NumberOfPeriods", "previewNumberOfPeriods": 1});
    let seen = w.preview(order, options).await;
    // 125 with a quarter of the price in it: 100 and 25.
    let invoice = &seen["invoices"][0];
    assert_eq!((&invoice["amountWithoutTax"], &invoice["taxAmount"]), (&json!(100), &json!(25)));
    assert_eq!(invoice["amount"], 125);
}
