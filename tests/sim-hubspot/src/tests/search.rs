//! Search.

use serde_json::{Value, json};

use super::Portal;
use crate::Config;

fn filter(name: &str, operator: &str, value: &str) -> Value {
    json!({"filterGroups": [{"filters": [{"propertyName": name, "operator": operator, "value": value}]}],
           "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
           "properties": ["name"], "limit": 2, "after": "0"})
}

async fn ids(portal: &Portal, body: Value) -> Vec<String> {
    let (status, answer) = portal.post("/crm/objects/2026-09/companies/search", body).await;
    assert_eq!(status, 200, "{answer}");
    answer["results"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn filters_sort_and_page() {
    let portal = Portal::with(Config { search_per_second: None, ..Config::default() }).await;
    assert_eq!(ids(&portal, filter("name", "EQ", "fjordlys energi as")).await, ["9001001"]);
    assert_eq!(ids(&portal, filter("name", "CONTAINS_TOKEN", "freight*")).await, ["9001004", "9001005"]);
    assert_eq!(ids(&portal, filter("state", "NOT_HAS_PROPERTY", "")).await, ["9001006", "9001007"]);
    assert_eq!(ids(&portal, filter("associations.contact", "EQ", "5004")).await, ["9001002"]);
    let mut list = filter("name", "IN", "");
    list["filterGroups"][0]["filters"][0]["values"] = json!(["merlion optics pte ltd", "Atelier Lumen SARL"]);
    assert_eq!(ids(&portal, list).await, ["9001007"], "lists of texts want lower case");
    let all = filter("hs_object_id", "GT", "0");
    let (_, first) = portal.post("/crm/objects/2026-09/companies/search", all.clone()).await;
    assert_eq!((&first["total"], &first["paging"]["next"]["after"]), (&json!(7), &json!("2")));
    let mut last = all;
    last["after"] = json!("6");
    assert_eq!(ids(&portal, last).await, ["9001007"]);
}

#[tokio::test]
async fn a_search_lags_behind_writes() {
    let portal = Portal::start().await;
    portal.sim.set_switches(|own| own.search_lag_seconds = 10);
    portal.sim.put("companies", "9001001", &[("name", "Fjordlys Kraft AS")]);
    portal.sim.put("companies", "9001099", &[("name", "Fjordlys Kraft AS")]);
    assert!(ids(&portal, filter("name", "EQ", "Fjordlys Kraft AS")).await.is_empty());
    assert_eq!(ids(&portal, filter("name", "EQ", "Fjordlys Energi AS")).await, ["9001001"]);
    portal.sim.advance(11);
    assert_eq!(ids(&portal, filter("name", "EQ", "Fjordlys Kraft AS")).await.len(), 2);
}

#[tokio::test]
async fn caps_are_kept() {
    let portal = Portal::with(Config { search_per_second: Some(3), ..Config::default() }).await;
    let path = "/crm/objects/2026-09/companies/search";
    let mut far = filter("name", "HAS_PROPERTY", "");
    far["after"] = json!("9999");
    assert_eq!(portal.post(path, far).await.0, 400);
    let mut long = filter("name", "EQ", "");
    long["query"] = json!("x".repeat(3000));
    assert_eq!(portal.post(path, long).await.0, 400);
    assert_eq!(portal.post(path, filter("no_such", "EQ", "1")).await.0, 400);
    let (status, answer) = portal.post(path, filter("name", "EQ", "x")).await;
    assert_eq!((status, &answer["policyName"]), (429, &json!("SECONDLY")));
}
