//! Limits, fault script, authorization, recording.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Portal;
use crate::{Config, Fault, FaultRule};

const COMPANY: &str = "/crm/objects/2026-09/companies/9001001";

#[tokio::test]
async fn the_burst_limit_answers_429_and_headers_say_what_is_left() {
    let portal = Portal::with(Config { burst_per_10s: Some(2), ..Config::default() }).await;
    let first = portal.try_call("GET", COMPANY, None).await.unwrap();
    assert_eq!(first.headers()["x-hubspot-ratelimit-remaining"], "1");
    portal.get(COMPANY).await;
    let (status, answer) = portal.get(COMPANY).await;
    assert_eq!((status, &answer["policyName"]), (429, &json!("TEN_SECONDLY_ROLLING")));
}

#[tokio::test]
async fn commit_then_drop_writes_and_breaks_the_connection() {
    let portal = Portal::start().await;
    portal.sim.inject(FaultRule {
        method: Some("PATCH".to_owned()),
        ..FaultRule::once("companies", Fault::CommitThenDrop)
    });
    let body = json!({"properties": {"zuora_account_number": "A1"}});
    assert!(portal.try_call("PATCH", COMPANY, Some(body)).await.is_err());
    assert_eq!(portal.sim.get("companies", "9001001").unwrap()["zuora_account_number"], "A1");
    assert_eq!(portal.sim.calls()[0].status, 0);
    assert_eq!((portal.sim.reads(), portal.sim.writes()), (0, 1));
}

#[tokio::test]
async fn drop_before_does_nothing() {
    let portal = Portal::start().await;
    portal.sim.inject(FaultRule::once("companies", Fault::DropBefore));
    let body = json!({"properties": {"zuora_account_number": "A1"}});
    assert!(portal.try_call("PATCH", COMPANY, Some(body)).await.is_err());
    assert!(portal.sim.get("companies", "9001001").unwrap().get("zuora_account_number").is_none());
}

#[tokio::test]
async fn rules_skip_count_and_choose_the_fault() {
    let portal = Portal::start().await;
    portal.sim.inject(FaultRule {
        skip: 1,
        count: 1,
        ..FaultRule::once("companies", Fault::Status { status: 503, body: None })
    });
    let statuses = [portal.get(COMPANY).await.0, portal.get(COMPANY).await.0, portal.get(COMPANY).await.0];
    assert_eq!(statuses, [200, 503, 200]);
    portal.sim.inject(FaultRule::once(
        "companies",
        Fault::TooManyRequests { retry_after: Some(3), policy: Some("DAILY".to_owned()) },
    ));
    let limited = portal.try_call("GET", COMPANY, None).await.unwrap();
    assert_eq!(limited.headers()["retry-after"], "3");
    portal.sim.inject(FaultRule::once("companies", Fault::Slow { millis: 120 }));
    let start = Instant::now();
    portal.get(COMPANY).await;
    assert!(start.elapsed() >= Duration::from_millis(120));
    portal.sim.inject(FaultRule::once("batch/read", Fault::Partial));
    let body = json!({"inputs": [{"id": "9001001"}, {"id": "9001002"}], "properties": [],
                      "propertiesWithHistory": []});
    let (status, answer) = portal.post("/crm/objects/2026-09/companies/batch/read", body).await;
    assert_eq!((status, answer["results"].as_array().unwrap().len()), (207, 1));
}

#[tokio::test]
async fn a_wrong_token_is_401_and_a_missing_scope_403() {
    let portal =
        Portal::with(Config { access_token: Some("pat-right".to_owned()), ..Config::default() }).await;
    let (status, answer) = portal.get(COMPANY).await;
    assert_eq!((status, &answer["category"]), (401, &json!("INVALID_AUTHENTICATION")));
    let portal = Portal::start().await;
    portal.sim.set_switches(|own| own.missing_scopes.push("crm.objects.companies.write".to_owned()));
    assert_eq!(portal.get(COMPANY).await.0, 200);
    let (status, answer) = portal.patch(COMPANY, json!({"name": "X"})).await;
    assert_eq!((status, &answer["category"]), (403, &json!("MISSING_SCOPES")));
    assert_eq!(answer["errors"][0]["context"]["requiredGranularScopes"][0], "crm.objects.companies.write");
}

#[tokio::test]
async fn calls_are_recorded_as_json_lines() {
    let folder = std::env::temp_dir().join(format!("sim-hubspot-record-{}", std::process::id()));
    let portal = Portal::with(Config { record_dir: Some(folder.clone()), ..Config::default() }).await;
    portal.get(&format!("{COMPANY}?properties=name")).await;
    let file = folder.join(format!("hubspot-{}.jsonl", std::process::id()));
    let text = std::fs::read_to_string(file).unwrap();
    let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(line["query"], "properties=name");
    assert_eq!(line["response"]["id"], "9001001");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn the_portal_is_controlled_over_http() {
    let portal = Portal::start().await;
    let deal = json!({"id": "7002", "company": "9001002", "properties": {"dealname": "Over HTTP"},
                      "lines": [{"id": "8201", "name": "Seats", "quantity": "5", "price": "49.00",
                                 "frequency": "monthly", "term": "0"}]});
    assert_eq!(portal.post("/_sim/deal", deal).await.0, 200);
    assert_eq!(portal.sim.get("deals", "7002").unwrap()["amount"], "245");
    let line = json!({"deal": "7002", "line": {"id": "8202", "name": "Setup", "price": "5.00"}});
    assert_eq!(portal.post("/_sim/line", line.clone()).await.1["id"], "8202");
    let change = json!({"object": "line_item", "id": "8202", "properties": {"quantity": "2"}});
    assert_eq!(portal.post("/_sim/update", change).await.0, 200);
    assert_eq!(portal.sim.get("deals", "7002").unwrap()["amount"], "255");
    assert_eq!(portal.post("/_sim/remove_line", json!({"id": "8202"})).await.1["ok"], true);
    assert_eq!(portal.sim.get("deals", "7002").unwrap()["amount"], "245");
    let mut nowhere = line;
    nowhere["deal"] = json!("7999");
    assert_eq!(portal.post("/_sim/line", nowhere).await.0, 400);
    let property = json!({"object": "deal", "name": "po_number", "type": "string"});
    assert_eq!(portal.post("/_sim/property", property).await.0, 200);
    assert_eq!(portal.get("/crm/properties/2026-09/deals/po_number").await.0, 200);
    let fault = json!({"path": "companies", "fault": {"kind": "status", "status": 500}});
    assert_eq!(portal.post("/_sim/faults", fault).await.0, 200);
    assert_eq!(portal.get(COMPANY).await.0, 500);
    assert_eq!(portal.post("/_sim/switches", json!({"search_lag_seconds": 3})).await.0, 200);
    assert_eq!(portal.post("/_sim/switches", json!({"no_such_switch": 3})).await.0, 400);
    let (_, state) = portal.get("/_sim/state").await;
    assert_eq!(state["switches"]["search_lag_seconds"], 3);
    assert_eq!(state["objects"]["deals"]["7002"]["properties"]["dealname"], "Over HTTP");
    assert_eq!(portal.get("/_sim/calls").await.1["reads"], 2);
}
