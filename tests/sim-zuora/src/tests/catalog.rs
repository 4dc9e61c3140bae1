//! The catalogue.

use serde_json::{Value, json};

use super::World;
use crate::Config;

fn charge_body(plan: &str) -> Value {
    json!({
        "ProductRatePlanId": plan, "Name": "Seats", "ChargeModel": "Per Unit Pricing", "ChargeType": "Recurring",
        "BillCycleType": "DefaultFromCustomer", "BillingPeriod": "Month", "TriggerEvent": "ContractEffective",
        "UseDiscountSpecificAccountingCode": false, "UOM": "Each", "DefaultQuantity": 1,
        "ListPriceBase": "Per Billing Period",
        "ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": [{"Currency": "USD", "Price": 11.9}]},
    })
}

async fn crud(w: &World, method: &str, path: &str, body: Value) -> Value {
    let path = format!("/v1/object/{path}?rejectUnknownFields=true");
    let answer =
        w.try_call(method, &path, &[("x-zuora-wsdl-version", "133")], Some(body)).await.expect("answer");
    serde_json::from_str(&answer.2).expect("json")
}

async fn product_and_plan(w: &World) -> (String, String) {
    let body = json!({"Name": "Sensor Gateway", "SKU": "KP-SNS", "ProductNumber": "HS24680135P1200000005",
                      "EffectiveStartDate": "2026-01-01", "EffectiveEndDate": "2036-01-01"});
    let product = crud(w, "POST", "product", body.clone()).await;
    assert_eq!(product["Success"], true, "{product}");
    let again = crud(w, "POST", "product", body).await;
    assert_eq!(again["Errors"][0]["Code"], "DUPLICATE_VALUE");
    let id = product["Id"].as_str().expect("id").to_owned();
    let body = json!({"Name": "Monthly", "ProductId": id, "ExternalRatePlanIds": ["1200000005"],
                      "ExternalIdSourceSystem": "HubSpot", "ActiveCurrencies": ["USD", "EUR"]});
    let plan = crud(w, "POST", "product-rate-plan", body.clone()).await;
    assert_eq!(plan["Success"], true, "{plan}");
    let again = crud(w, "POST", "product-rate-plan", body).await;
    assert_eq!(again["Errors"][0]["Code"], "DUPLICATE_VALUE");
    (id, plan["Id"].as_str().expect("id").to_owned())
}

#[tokio::test]
async fn a_product_is_made_found_and_extended() {
    let w = World::new(Config::default()).await;
    let (_, plan) = product_and_plan(&w).await;
    let charge = crud(&w, "POST", "product-rate-plan-charge", charge_body(&plan)).await;
    assert_eq!(charge["Success"], true, "{charge}");
    let charge = charge["Id"].as_str().expect("id");
    let (_, found) = w.get("/v1/product-rate-plans/external-id/1200000005").await;
    assert_eq!(found["productRatePlans"][0]["id"], json!(plan));
    assert_eq!(w.get("/v1/product-rate-plans/external-id/1").await.0, 404);
    let eur = json!({"ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": [{"Currency": "EUR", "Price": 10}]}});
    assert_eq!(crud(&w, "PUT", &format!("product-rate-plan-charge/{charge}"), eur).await["Success"], true);
    let gbp = json!({"ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": [{"Currency": "GBP", "Price": 9}]}});
    let path = format!("product-rate-plan-charge/{charge}");
    assert_eq!(crud(&w, "PUT", &path, gbp.clone()).await["Success"], false);
    let more = json!({"ActiveCurrencies": ["USD", "EUR", "GBP"]});
    assert_eq!(crud(&w, "PUT", &format!("product-rate-plan/{plan}"), more).await["Success"], true);
    assert_eq!(crud(&w, "PUT", &path, gbp).await["Success"], true);
    let (_, list) = w
        .get(
            "/object-query/products?filter[]=sku.EQ:kp-sns&expand[]=productrateplans&expand[]=\
              productrateplans.productrateplancharges&expand[]=\
              productrateplans.productrateplancharges.productrateplanchargetiers",
        )
        .await;
    let product = &list["data"][0];
    assert_eq!(product["sKU"], "KP-SNS");
    let charge = &product["productRatePlans"][0]["productRatePlanCharges"][0];
    assert_eq!(charge["uOM"], "Each");
    let tiers = charge["productRatePlanChargeTiers"].as_array().expect("tiers");
    assert_eq!(tiers.len(), 3);
    let tier = tiers[0]["id"].as_str().expect("id");
    let change =
        crud(&w, "PUT", &format!("product-rate-plan-charge-tier/{tier}"), json!({"Price": 12})).await;
    assert_eq!(change["Success"], true, "{change}");
}

#[tokio::test]
async fn charges_are_refused_as_the_vendor_does() {
    let w = World::new(Config::default()).await;
    let (_, plan) = product_and_plan(&w).await;
    let good = charge_body(&plan);
    let cases = [
        ("BillingPeriod", json!("Semi_Annual")),
        ("BillingPeriod", Value::Null),
        ("ChargeModel", json!("PerUnit")),
        ("ListPriceBase", Value::Null),
        ("ListPriceBase", json!("Per_Month")),
        ("UOM", json!("Kilo")),
        ("UOM", Value::Null),
        ("DefaultQuantity", Value::Null),
        ("TriggerEvent", json!("Now")),
        ("Nope", json!(1)),
        ("ProductRatePlanChargeNumber", json!("HS-1")),
        (
            "ProductRatePlanChargeTierData",
            json!({"ProductRatePlanChargeTier": [{"Currency": "CHF", "Price": 1}]}),
        ),
        (
            "ProductRatePlanChargeTierData",
            json!({"ProductRatePlanChargeTier": [{"Currency": "USD", "Price": "1"}]}),
        ),
        ("ProductRatePlanChargeTierData", json!({"ProductRatePlanChargeTier": [{"Currency": "USD"}]})),
    ];
    for (key, value) in cases {
        let mut body = good.clone();
        body[key] = value.clone();
        let answer = crud(&w, "POST", "product-rate-plan-charge", body).await;
        assert_eq!(answer["Success"], false, "{key} {value} {answer}");
    }
    let mut tiered = good.clone();
    tiered["ChargeModel"] = json!("Tiered Pricing");
    tiered["ProductRatePlanChargeTierData"] = json!({"ProductRatePlanChargeTier": [
        {"Currency": "USD", "StartingUnit": 1, "EndingUnit": 50, "Price": 10, "PriceFormat": "Per Unit"},
        {"Currency": "USD", "StartingUnit": 52, "Price": 8, "PriceFormat": "Per Unit"}]});
    assert_eq!(crud(&w, "POST", "product-rate-plan-charge", tiered.clone()).await["Success"], false);
    tiered["ProductRatePlanChargeTierData"]["ProductRatePlanChargeTier"][1]["StartingUnit"] = json!(51);
    assert_eq!(crud(&w, "POST", "product-rate-plan-charge", tiered).await["Success"], true);
    let mut once = good;
    once["ChargeType"] = json!("OneTime");
    once.as_object_mut().expect("object").remove("BillingPeriod");
    assert_eq!(crud(&w, "POST", "product-rate-plan-charge", once).await["Success"], true);
}

#[tokio::test]
async fn unknown_fields_are_dropped_unless_told_and_numbers_need_a_version() {
    let w = World::new(Config::default()).await;
    let body = json!({"Name": "P", "EffectiveStartDate": "2026-01-01", "EffectiveEndDate": "2030-01-01",
                      "Nope": 1, "ProductNumber": "HSX1"});
    let (_, answer) = w.post("/v1/object/product", body.clone()).await;
    assert_eq!(answer["Success"], true);
    let id = answer["Id"].as_str().expect("id");
    let (_, read) = w.get(&format!("/v1/object/product/{id}")).await;
    assert!(read.get("Nope").is_none());
    assert_ne!(read["ProductNumber"], "HSX1");
    let (_, answer) = w.post("/v1/object/product?rejectUnknownFields=true", body).await;
    assert_eq!(answer["Errors"][0]["Code"], "INVALID_FIELD");
}
