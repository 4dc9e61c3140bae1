//! Records: reads, writes, batches, merges.

use serde_json::{Value, json};

use super::Portal;
use crate::{Config, Line};

fn texts(values: &Value, name: &str) -> Vec<String> {
    values.as_array().unwrap().iter().map(|value| value[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_read_leaves_unknown_names_out_and_shows_empty_ones_as_null() {
    let portal = Portal::start().await;
    let (status, company) =
        portal.get("/crm/objects/2026-09/companies/9001006?properties=name,state,no_such_thing").await;
    assert_eq!(status, 200);
    assert_eq!(company["properties"]["name"], "Atelier Lumen SARL");
    assert!(company["properties"].as_object().unwrap().get("state").unwrap().is_null());
    assert!(company["properties"].get("no_such_thing").is_none());
    let (status, same) = portal.get("/crm/v3/objects/0-2/9001006").await;
    assert_eq!((status, &same["properties"]["domain"]), (200, &json!("lumen.example")));
}

#[tokio::test]
async fn a_batch_read_reports_missing_records_with_207() {
    let portal = Portal::start().await;
    let body = json!({"inputs": [{"id": "9001001"}, {"id": "77"}], "properties": ["name"],
                      "propertiesWithHistory": []});
    let (status, answer) = portal.post("/crm/objects/2026-09/companies/batch/read", body).await;
    assert_eq!(status, 207);
    assert_eq!(texts(&answer["results"], "id"), ["9001001"]);
    assert_eq!(answer["numErrors"], 1);
    assert_eq!(answer["errors"][0]["context"]["ids"], json!(["77"]));
}

#[tokio::test]
async fn a_batch_of_more_than_a_hundred_is_refused() {
    let portal = Portal::start().await;
    let inputs: Vec<Value> = (0..101).map(|id| json!({"id": id.to_string()})).collect();
    let body = json!({"inputs": inputs, "properties": [], "propertiesWithHistory": []});
    let (status, answer) = portal.post("/crm/objects/2026-09/deals/batch/read", body).await;
    assert_eq!((status, &answer["category"]), (400, &json!("VALIDATION_ERROR")));
}

#[tokio::test]
async fn writes_are_validated_against_the_definitions() {
    let portal = Portal::start().await;
    let path = "/crm/objects/2026-09/companies/9001001";
    for (properties, code) in [
        (json!({"nonsense": "1"}), "PROPERTY_DOESNT_EXIST"),
        (json!({"zuora_sync_status": "synced"}), "INVALID_OPTION"),
        (json!({"zuora_mrr": "many"}), "INVALID_NUMBER"),
        (json!({"zuora_mrr": " 1"}), "LEADING_TRAILING_WHITESPACE"),
        (json!({"createdate": "2026-01-01"}), "READ_ONLY_VALUE"),
    ] {
        let (status, answer) = portal.patch(path, properties).await;
        assert_eq!((status, &answer["errors"][0]["code"]), (400, &json!(code)));
    }
    let (status, answer) =
        portal.patch(path, json!({"zuora_sync_status": "in_sync", "zuora_mrr": "12.50"})).await;
    assert_eq!((status, &answer["properties"]["zuora_mrr"]), (200, &json!("12.50")));
    assert_eq!(portal.sim.get("companies", "9001001").unwrap()["zuora_sync_status"], "in_sync");
}

#[tokio::test]
async fn an_administrators_rule_refuses_a_write() {
    let portal = Portal::start().await;
    portal.sim.set_switches(|own| {
        own.refused_properties
            .insert("company.zuora_sync_status".to_owned(), "only finance may change this".to_owned());
    });
    let (status, answer) =
        portal.patch("/crm/objects/2026-09/companies/9001001", json!({"zuora_sync_status": "in_sync"})).await;
    assert_eq!(status, 400);
    assert_eq!(answer["errors"][0]["message"], "only finance may change this");
}

#[tokio::test]
async fn a_deal_follows_its_stage_and_its_lines() {
    let portal = Portal::start().await;
    let line = |id, name, quantity, price, frequency| Line {
        id,
        name,
        quantity,
        price,
        frequency,
        term: Some("P12M"),
        ..Line::default()
    };
    portal.sim.add_deal(
        "7001",
        Some("9001001"),
        &[
            ("dealname", "Fjordlys 40 seats"),
            ("deal_currency_code", "NOK"),
            ("closedate", "2026-11-16"),
            ("dealstage", "closedwon"),
        ],
        &[
            line("8001", "Kestrel Platform", "40", "520.00", Some("monthly")),
            line("8002", "Onboarding Workshop", "1", "25000.00", None),
            line("8003", "Premium Support", "1", "60000.00", Some("annually")),
        ],
    );
    let deal = portal.sim.get("deals", "7001").unwrap();
    assert_eq!(deal["hs_is_closed_won"], "true");
    assert_eq!(deal["closedate"], "2026-11-16T00:00:00Z");
    assert_eq!(deal["hs_mrr"], "25800");
    assert_eq!(deal["hs_arr"], "309600");
    assert_eq!(deal["hs_tcv"], "334600");
    assert_eq!(deal["hs_primary_associated_company"], "9001001");
    portal.sim.put("line_items", "8001", &[("quantity", "55")]);
    assert_eq!(portal.sim.get("deals", "7001").unwrap()["hs_mrr"], "33600");
    portal.sim.put("deals", "7001", &[("dealstage", "closedlost")]);
    assert_eq!(portal.sim.get("deals", "7001").unwrap()["hs_is_closed_lost"], "true");
}

#[tokio::test]
async fn discounts_and_tiers_make_the_net_amount() {
    let portal = Portal::start().await;
    let seats =
        Line { id: "8101", name: "Kestrel Platform", quantity: "100", price: "49.00", ..Line::default() };
    let lines = [
        Line { discount_percentage: Some("10"), ..seats.clone() },
        Line { id: "8102", discount: Some("5.00"), ..seats },
        Line {
            id: "8103",
            name: "API Calls Pack",
            quantity: "12000",
            extra: vec![
                ("hs_pricing_model".to_owned(), "graduated".to_owned()),
                (
                    "hs_tier_ranges".to_owned(),
                    r#"[{"start":1,"end":1000},{"start":1001,"end":10000},{"start":10001}]"#.to_owned(),
                ),
                (
                    "hs_tier_prices".to_owned(),
                    r#"[{"index":0,"price":0.10},{"index":1,"price":0.08},{"index":2,"price":0.05}]"#
                        .to_owned(),
                ),
            ],
            ..Line::default()
        },
    ];
    portal.sim.add_deal("7006", Some("9001004"), &[("dealname", "Discounts")], &lines);
    for (id, amount) in [("8101", "4410"), ("8102", "4400"), ("8103", "920")] {
        assert_eq!(portal.sim.get("line_items", id).unwrap()["amount"], amount);
    }
}

#[tokio::test]
async fn associations_of_a_read_name_line_items_with_a_space() {
    let portal = Portal::start().await;
    let line =
        Line { id: "8001", name: "Kestrel Platform", quantity: "1", price: "49.00", ..Line::default() };
    portal.sim.add_deal("7001", Some("9001001"), &[("dealname", "One")], &[line]);
    let (_, deal) =
        portal.get("/crm/objects/2026-09/deals/7001?associations=line_items,companies,contacts").await;
    assert_eq!(deal["associations"]["line items"]["results"][0]["id"], "8001");
    assert_eq!(deal["associations"]["companies"]["results"][0]["type"], "deal_to_company");
    assert!(deal["associations"].get("contacts").is_none());
}

#[tokio::test]
async fn history_is_kept_newest_first() {
    let portal = Portal::start().await;
    portal.sim.put("line_items", "8001", &[("name", "Seats"), ("quantity", "40")]);
    portal.sim.advance(3600);
    portal.sim.put("line_items", "8001", &[("quantity", "55")]);
    let (_, line) =
        portal.get("/crm/objects/2026-09/line_items/8001?propertiesWithHistory=quantity,price").await;
    let history = &line["propertiesWithHistory"]["quantity"];
    assert_eq!(texts(history, "value"), ["55", "40"]);
    assert_eq!(history[0]["sourceType"], "CRM_UI");
    assert_eq!(line["propertiesWithHistory"]["price"], json!([]));
}

#[tokio::test]
async fn a_merged_record_answers_under_its_old_ids_but_its_associations_do_not() {
    let portal = Portal::start().await;
    portal.sim.add_deal("7010", Some("9001005"), &[("dealname", "Freight")], &[]);
    let survivor = portal.sim.merge("companies", "9001004", "9001005");
    assert!(survivor != "9001004" && survivor != "9001005");
    let (status, company) =
        portal.get("/crm/objects/2026-09/companies/9001005?properties=name,hs_merged_object_ids").await;
    assert_eq!((status, &company["id"]), (200, &json!(survivor)));
    assert_eq!(company["properties"]["name"], "Kestrel Freight Inc.");
    assert_eq!(company["properties"]["hs_merged_object_ids"], "9001004;9001005");
    let path = "/crm/associations/2026-09/companies/deals/batch/read";
    let (_, old) = portal.post(path, json!({"inputs": [{"id": "9001005"}]})).await;
    assert_eq!(old["results"], json!([]));
    let (_, new) = portal.post(path, json!({"inputs": [{"id": survivor}]})).await;
    assert_eq!(new["results"][0]["to"][0]["toObjectId"], "7010");
}

#[tokio::test]
async fn archived_records_are_gone_until_restored() {
    let portal = Portal::start().await;
    let line = Line { id: "8001", name: "Seats", quantity: "2", price: "49.00", ..Line::default() };
    portal.sim.add_deal("7001", Some("9001007"), &[("dealname", "One")], &[line]);
    portal.sim.archive("line_items", "8001");
    assert!(portal.sim.get("deals", "7001").unwrap().get("hs_tcv").is_none());
    portal.sim.restore("line_items", "8001");
    assert_eq!(portal.sim.get("deals", "7001").unwrap()["hs_tcv"], "98");
    let path = "/crm/objects/2026-09/companies/9001007";
    assert_eq!(portal.call("DELETE", path, None).await.0, 204);
    assert_eq!(portal.get(path).await.0, 404);
    assert_eq!(portal.get(&format!("{path}?archived=true")).await.1["archived"], true);
    assert!(portal.sim.restore("companies", "9001007"));
    assert_eq!(portal.get(path).await.0, 200);
}

#[tokio::test]
async fn batches_create_update_and_upsert() {
    let portal = Portal::start().await;
    let create = json!({"inputs": [
        {"properties": {"name": "Ad hoc", "quantity": "2", "price": "10.00"}, "associations": []},
        {"properties": {"name": "Ad hoc", "quantity": "2", "price": "10.00"}, "associations": []},
        {"properties": {"name": "Seats", "hs_product_id": "1200000001", "quantity": "3"}, "associations": []},
    ]});
    let (status, made) = portal.post("/crm/objects/2026-09/line_items/batch/create", create).await;
    assert_eq!(status, 201);
    assert_eq!(made["results"].as_array().unwrap().len(), 2, "identical line items become one");
    let id = made["results"][1]["id"].as_str().unwrap();
    assert_eq!(portal.sim.get("line_items", id).unwrap()["amount"], "147");
    let update = json!({"inputs": [
        {"id": id, "properties": {"quantity": "4"}}, {"id": "1", "properties": {"quantity": "4"}},
    ]});
    let (status, changed) = portal.post("/crm/objects/2026-09/line_items/batch/update", update).await;
    assert_eq!((status, &changed["errors"][0]["category"]), (207, &json!("OBJECT_NOT_FOUND")));
    let upsert = json!({"inputs": [
        {"id": "ingrid.solheim@fjordlys.example", "idProperty": "email", "properties": {"jobtitle": "CFO"}},
        {"id": "new@fjordlys.example", "idProperty": "email", "properties": {"firstname": "New"}},
    ]});
    let (_, upserted) = portal.post("/crm/objects/2026-09/contacts/batch/upsert", upsert).await;
    assert_eq!(upserted["results"][0]["new"], false);
    assert_eq!(upserted["results"][1]["new"], true);
    assert_eq!(upserted["results"][1]["properties"]["email"], "new@fjordlys.example");
}

#[tokio::test]
async fn property_definitions_and_pipelines_can_be_read_and_made() {
    let portal =
        Portal::with(Config { with_write_back_properties: false, with_labels: false, ..Config::default() })
            .await;
    let path = "/crm/properties/2026-09/companies";
    assert_eq!(portal.get(&format!("{path}/zuora_account_id")).await.0, 404);
    let group = json!({"name": "zuora_billing", "label": "Zuora billing", "displayOrder": -1});
    assert_eq!(portal.post(&format!("{path}/groups"), group.clone()).await.0, 201);
    assert_eq!(portal.post(&format!("{path}/groups"), group).await.0, 409);
    let property = json!({"name": "zuora_account_id", "label": "Zuora account", "groupName": "zuora_billing",
                          "type": "string", "fieldType": "text", "hasUniqueValue": true});
    assert_eq!(portal.post(path, property.clone()).await.0, 201);
    assert_eq!(portal.post(path, property).await.0, 409);
    portal.sim.put("companies", "9001001", &[("zuora_account_id", "A1")]);
    let by_key = "/crm/objects/2026-09/companies/A1?idProperty=zuora_account_id";
    assert_eq!(portal.get(by_key).await.1["id"], "9001001");
    let (_, pipelines) = portal.get("/crm/pipelines/2026-09/deals").await;
    let signed = &pipelines["results"][1]["stages"][1];
    assert_eq!(signed["label"], "Signed");
    assert_eq!(signed["metadata"], json!({"isClosed": "true", "probability": "1.0"}));
    let (_, details) = portal.get("/account-info/2026-09/details").await;
    assert_eq!(details["companyCurrency"], "USD");
    assert_eq!(details["timeZone"], "Europe/London");
}
