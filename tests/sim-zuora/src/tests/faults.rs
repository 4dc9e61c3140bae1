//! The fault script, idempotency keys, tokens and limits over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use super::{World, account_body, with};
use crate::{Config, Fault, FaultRule};

fn hit(fault: Fault) -> FaultRule {
    FaultRule::on("POST", "/v1/accounts", fault)
}

async fn world() -> World {
    World::new(Config::default()).await
}

#[tokio::test]
async fn a_dropped_answer_is_committed_and_replayed() {
    let w = world().await;
    w.sim.inject(hit(Fault::CommitThenDrop));
    let lost = w.try_call("POST", "/v1/accounts", &[("idempotency-key", "k")], Some(account_body())).await;
    assert!(lost.is_err());
    assert_eq!(w.sim.accounts().len(), 1);
    let (_, body) = w.post_key("/v1/accounts", "k", account_body()).await;
    assert_eq!(body["success"], true, "{body}");
    assert_eq!(w.sim.accounts().len(), 1);
    let calls = w.sim.calls();
    let statuses: Vec<Option<u16>> = calls.iter().skip(1).map(|c| c.status).collect();
    assert_eq!(statuses, [None, Some(200)]);
    assert!(calls[2].replayed);
    assert_eq!(w.sim.writes(), 2);
    assert_eq!(calls[1].idempotency_key.as_deref(), Some("k"));
    assert_eq!(calls[1].request["crmId"], "9001001");
}

#[tokio::test]
async fn a_drop_before_the_effect_leaves_nothing() {
    let w = world().await;
    w.sim.inject(hit(Fault::DropBefore));
    assert!(
        w.try_call("POST", "/v1/accounts", &[("idempotency-key", "k")], Some(account_body())).await.is_err()
    );
    assert!(w.sim.accounts().is_empty());
    assert_eq!(w.post_key("/v1/accounts", "k", account_body()).await.1["success"], true);
}

#[tokio::test]
async fn stored_failures_are_replayed_for_24_hours() {
    let mut w = world().await;
    w.sim.inject(hit(Fault::StatusBefore { status: 503 }));
    assert_eq!(w.post_key("/v1/accounts", "k", account_body()).await.0, 503);
    assert_eq!(w.post_key("/v1/accounts", "k", account_body()).await.0, 503);
    assert!(w.sim.accounts().is_empty());
    let other = w.post_key("/v1/contacts", "k", json!({})).await;
    assert_eq!(other.0, 422);
    w.sim.advance(25 * 3600);
    w.login().await;
    assert_eq!(w.post_key("/v1/accounts", "k", account_body()).await.1["success"], true);
}

#[tokio::test]
async fn an_error_after_the_effect_hides_a_success() {
    let w = world().await;
    w.sim.inject(hit(Fault::StatusAfter { status: 500 }));
    assert_eq!(w.post_key("/v1/accounts", "k", account_body()).await.0, 500);
    assert_eq!(w.sim.accounts().len(), 1);
    assert_eq!(w.post_key("/v1/accounts", "k", account_body()).await.0, 500);
}

#[tokio::test]
async fn a_late_effect_appears_when_its_time_comes() {
    let w = world().await;
    w.sim.inject(hit(Fault::GatewayTimeout { effect_after_seconds: 90 }));
    assert_eq!(w.post_key("/v1/accounts", "k", account_body()).await.0, 504);
    assert!(w.sim.accounts().is_empty());
    assert_eq!(w.post_key("/v1/accounts", "k", account_body()).await.0, 409);
    w.sim.advance(91);
    assert_eq!(w.sim.accounts().len(), 1);
    let (status, body) = w.post_key("/v1/accounts", "k", account_body()).await;
    assert_eq!((status, &body["success"]), (200, &json!(true)));
    assert_eq!(w.sim.accounts().len(), 1);

    let second = with(account_body(), "/accountNumber", json!("HS-2"));
    w.sim.inject(hit(Fault::DropThenLateEffect { effect_after_seconds: 30 }));
    assert!(w.try_call("POST", "/v1/accounts", &[], Some(second)).await.is_err());
    assert_eq!(w.sim.accounts().len(), 1);
    w.sim.advance(31);
    assert_eq!(w.sim.accounts().len(), 2);
}

#[tokio::test]
async fn definite_refusals_have_the_shape_of_the_endpoint() {
    let w = world().await;
    w.sim.inject(hit(Fault::Refuse { code: 51_500_099, message: "no".to_owned() }));
    let (status, body) = w.post_key("/v1/accounts", "k1", account_body()).await;
    assert_eq!((status, &body["reasons"][0]["code"]), (200, &json!(51_500_099)));
    assert_eq!(w.post_key("/v1/accounts", "k1", account_body()).await.1["success"], false);
    w.sim.inject(hit(Fault::LockContention));
    let (_, body) = w.post_key("/v1/accounts", "k2", account_body()).await;
    assert_eq!(body["reasons"][0]["code"], 51_500_050);
    w.sim.inject(FaultRule::on("POST", "/v1/object/product", Fault::LockContention));
    let (_, body) = w.post("/v1/object/product", json!({})).await;
    assert_eq!(body["Errors"][0]["Code"], "LOCK_COMPETITION");
    assert!(w.sim.accounts().is_empty());
    assert_eq!(w.post_key("/v1/accounts", "k3", account_body()).await.1["success"], true);
}

#[tokio::test]
async fn broken_bodies_and_tokens() {
    let mut w = world().await;
    w.sim.inject(hit(Fault::NonJson { effect: false }));
    let (status, body) = w.post("/v1/accounts", account_body()).await;
    assert_eq!(status, 200);
    assert!(matches!(body, Value::String(text) if text.starts_with("<html>")));
    assert!(w.sim.accounts().is_empty());
    w.sim.inject(hit(Fault::TruncatedJson { effect: true }));
    let (status, body) = w.post("/v1/accounts", account_body()).await;
    assert_eq!(status, 200);
    assert!(matches!(body, Value::String(text) if text.starts_with('{')));
    assert_eq!(w.sim.accounts().len(), 1);
    w.sim.inject(FaultRule::new(Fault::Unauthorized));
    let (status, body) = w.get("/v1/accounts/x").await;
    assert_eq!((status, &body["reasons"][0]["code"]), (401, &json!(90_000_011)));
    assert_eq!(w.get("/v1/accounts/x").await.0, 401);
    w.login().await;
    assert_eq!(w.get("/v1/accounts/x").await.0, 404);
    w.sim.advance(3599);
    assert_eq!(w.get("/v1/accounts/x").await.0, 401);
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_stop_the_effect() {
    let w = world().await;
    w.sim.inject(hit(Fault::Slow { ms: 300 }));
    let call = w.post_key("/v1/accounts", "k", account_body());
    assert!(tokio::time::timeout(Duration::from_millis(100), call).await.is_err());
    assert_eq!(w.post_key("/v1/accounts", "k", account_body()).await.0, 409);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(w.sim.accounts().len(), 1);
    assert_eq!(w.post_key("/v1/accounts", "k", account_body()).await.1["success"], true);
}

#[tokio::test]
async fn limits_answer_429_with_headers() {
    let config = Config { concurrency_limit: Some(1), limit_retry_after: 3, ..Config::default() };
    let w = World::new(config).await;
    w.sim.inject(FaultRule::on("GET", "/v1/accounts", Fault::Slow { ms: 300 }));
    let (slow, (status, headers, _)) = tokio::join!(w.get("/v1/accounts/x"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        w.try_call("GET", "/v1/accounts/y", &[("zuora-track-id", "t1")], None).await.expect("answer")
    });
    assert_eq!(slow.0, 404);
    assert_eq!(status.as_u16(), 429);
    assert_eq!(headers["retry-after"], "3");
    assert_eq!(headers["zuora-track-id"], "t1");
    assert_eq!(headers["concurrency-limit-type"], "Default");
    assert_eq!(headers["zuora-request-id"].len(), 36);

    let w = World::new(Config { rate_limit_per_minute: Some(2), ..Config::default() }).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(w.get("/v1/accounts/x").await.0);
    }
    assert_eq!(statuses, [404, 404, 429]);
}

#[tokio::test]
async fn calls_are_written_to_the_record_folder() {
    let folder = std::env::temp_dir().join(format!("sim-zuora-test-{}", std::process::id()));
    let w = World::new(Config { record_dir: Some(folder.clone()), ..Config::default() }).await;
    w.account().await;
    let file = folder.join(format!("zuora-{}.jsonl", std::process::id()));
    let text = std::fs::read_to_string(&file).expect("file");
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).expect("line")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["path"], "/v1/accounts");
    assert_eq!(lines[1]["answered"], true);
    assert!(!text.contains("secret"));
    std::fs::remove_dir_all(folder).expect("clean up");
}

#[tokio::test]
async fn two_changes_of_one_account_collide_when_told() {
    let w = World::new(Config { account_locks: true, ..Config::default() }).await;
    let id = w.account().await;
    w.sim.inject(FaultRule::on("PUT", "/v1/accounts", Fault::Slow { ms: 300 }));
    let path = format!("/v1/accounts/{id}");
    let (first, second) = tokio::join!(w.call("PUT", &path, Some(json!({"notes": "a"}))), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        w.call("PUT", &path, Some(json!({"notes": "b"}))).await
    });
    assert_eq!(first.1["success"], true);
    assert_eq!(second.1["reasons"][0]["code"], 51_500_050);
    assert_eq!(w.call("PUT", &path, Some(json!({"notes": "b"}))).await.1["success"], true);
}
