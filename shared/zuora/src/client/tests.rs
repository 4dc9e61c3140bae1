//! What goes over the wire: headers, tokens, repeats.

use super::*;
use crate::testing::{Answer, Stub, intent, json, otherwise};
use connector_domain::fault::FaultClass;
use connector_domain::ids::OrderNumber;
use connector_domain::state::Effect;
use connector_ports::billing::Billing;
use std::sync::atomic::{AtomicUsize, Ordering};

const CREATED: &str = r#"{"success":true,"orderNumber":"HS-1-D7-1","status":"Completed","subscriptions":[{"subscriptionNumber":"HS-1-D7","status":"Active"}]}"#;

#[tokio::test]
async fn a_creation_sends_the_frozen_bytes_with_its_key() {
    let stub =
        Stub::start(|seen| if seen.line == "POST /v1/orders" { json(200, CREATED) } else { otherwise() })
            .await;
    let zuora = stub.zuora();
    let written = zuora.send(&intent(Effect::CreateOrder, "HS-1-D7-1", None), "key-1").await.unwrap();
    assert_eq!((written.number.as_deref(), written.status.as_deref()), (Some("HS-1-D7-1"), Some("Active")));
    let calls = stub.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].body, r#"{"frozen": 1.50}"#);
    let header = |name| calls[0].header(name);
    assert_eq!(header("authorization"), Some("Bearer t1"));
    assert_eq!(header("idempotency-key"), Some("key-1"));
    assert_eq!(header("zuora-version"), Some("2025-08-12"));
    assert_eq!(header("zuora-track-id"), Some("HS-1-D7-1"));
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(header("x-zuora-wsdl-version"), None);
    assert_eq!(header("zuora-entity-ids"), None);
}

#[tokio::test]
async fn crud_says_its_version_and_refuses_unknown_fields_and_a_put_has_no_key() {
    let mut stub = Stub::start(|seen| match seen.line.as_str() {
        "PUT /v1/object/product/p%2F1?rejectUnknownFields=true" => json(200, r#"{"Success":true,"Id":"p1"}"#),
        _ => otherwise(),
    })
    .await;
    stub.config.entity_id = Some("e-1".to_owned());
    stub.config.org_ids = Some("o-1,o-2".to_owned());
    let update = intent(Effect::UpdateProduct, "HS1P7", Some("p/1"));
    stub.zuora().send(&update, "key").await.unwrap();
    let calls = stub.calls();
    assert_eq!(calls[0].header("x-zuora-wsdl-version"), Some("133"));
    assert_eq!(calls[0].header("idempotency-key"), None);
    assert_eq!(calls[0].header("zuora-entity-ids"), Some("e-1"));
    assert_eq!(calls[0].header("zuora-org-ids"), Some("o-1,o-2"));
    let without_target = intent(Effect::UpdateProduct, "HS1P7", None);
    assert_eq!(stub.zuora().send(&without_target, "key").await.unwrap_err().class, FaultClass::Bug);
}

#[tokio::test]
async fn one_token_serves_all_until_shortly_before_its_end() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET /v1/orders/A" => json(200, r#"{"success":true,"order":{"orderNumber":"A"}}"#),
        _ => otherwise(),
    })
    .await;
    let zuora = stub.zuora();
    let number = OrderNumber::from("A");
    let all = futures::future::join_all((0..5).map(|_| zuora.order(&number))).await;
    assert!(all.iter().all(|found| found.as_ref().unwrap().is_some()));
    assert_eq!(stub.tokens(), 1);
    stub.clock.forward(3598 - 301);
    zuora.order(&number).await.unwrap();
    assert_eq!(stub.tokens(), 1);
    stub.clock.forward(2);
    zuora.order(&number).await.unwrap();
    assert_eq!(stub.tokens(), 2);
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_call_repeated_once() {
    let stub = Stub::start(|seen| match (seen.line.as_str(), seen.header("authorization")) {
        ("POST /v1/orders", Some("Bearer t1")) => json(401, r#"{"message":"Invalid access token"}"#),
        ("POST /v1/orders", _) => json(200, CREATED),
        _ => otherwise(),
    })
    .await;
    stub.zuora().send(&intent(Effect::CreateOrder, "HS-1-D7-1", None), "key-1").await.unwrap();
    let calls = stub.calls();
    assert_eq!((calls.len(), stub.tokens()), (2, 2));
    assert_eq!(calls[1].header("authorization"), Some("Bearer t2"));
    assert_eq!(calls[1].header("idempotency-key"), Some("key-1"));
    assert_eq!(calls[0].body, calls[1].body);
}

#[tokio::test]
async fn a_second_refusal_is_denied() {
    for (status, body) in [
        (401, r#"{"message":"Authentication error"}"#),
        (200, r#"{"success":false,"reasons":[{"code":90000011,"message":"Authentication error"}]}"#),
    ] {
        let stub =
            Stub::start(
                move |seen| {
                    if seen.line == "POST /oauth/token" { otherwise() } else { json(status, body) }
                },
            )
            .await;
        let error = stub.zuora().send(&intent(Effect::CreateOrder, "n", None), "key").await.unwrap_err();
        assert_eq!((error.class, error.message.as_str()), (FaultClass::Denied, "Authentication error"));
        assert_eq!((stub.calls().len(), stub.tokens()), (2, 2));
    }
}

#[tokio::test]
async fn a_silent_zuora_leaves_a_write_in_doubt_and_is_not_asked_again() {
    let stub =
        Stub::start(|seen| if seen.line == "POST /oauth/token" { otherwise() } else { Answer::Silence })
            .await;
    let zuora = stub.zuora();
    let error = zuora.send(&intent(Effect::CreateAccount, "HS-1-7", None), "key").await.unwrap_err();
    assert_eq!((error.class, error.digest), (FaultClass::Unknown, None));
    assert_eq!(stub.calls().len(), 1);
    // The same silence after a question means nothing happened.
    assert_eq!(zuora.order(&"n".into()).await.unwrap_err().class, FaultClass::Transient);
}

#[tokio::test]
async fn a_good_answer_without_the_number_leaves_doubt() {
    for (effect, body) in [
        (Effect::CreateAccount, r#"{"success":true,"accountId":"a"}"#),
        (Effect::CreateContact, r#"{"success":true}"#),
        (Effect::CreateCharge, r#"{"Success":true}"#),
        (Effect::CreateOrder, r#"{"success":true,"orderNumber":"another"}"#),
        (Effect::CreateOrder, r#"{"success":true,"orderNum"#),
        (Effect::CreateOrder, ""),
        (Effect::CreateOrder, "<html>"),
    ] {
        let stub = Stub::start(
            move |seen| {
                if seen.line == "POST /oauth/token" { otherwise() } else { json(200, body) }
            },
        )
        .await;
        let error = stub.zuora().send(&intent(effect, "n", None), "key").await.unwrap_err();
        assert_eq!(error.class, FaultClass::Unknown, "{body}");
        assert!(error.digest.is_some());
    }
}

#[tokio::test]
async fn refused_credentials_are_read_again_once() {
    let stub = Stub::start(|seen| {
        if seen.line == "POST /oauth/token" {
            assert_eq!(seen.body, "client_id=client&client_secret=s%26cret&grant_type=client_credentials");
            json(400, r#"{"error":"invalid_client","error_description":"Bad client credentials"}"#)
        } else {
            otherwise()
        }
    })
    .await;
    let error = stub.zuora().order(&"n".into()).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Denied);
    assert_eq!(
        error.to_string(),
        "zuora token failed (denied), HTTP 400, code invalid_client: Bad client credentials"
    );
    assert_eq!(*stub.credentials.0.lock().unwrap(), [false, true]);
    assert_eq!((stub.tokens(), stub.calls().len()), (2, 0));
}

#[tokio::test]
async fn trouble_with_the_token_never_leaves_a_write_in_doubt() {
    for (status, class) in [(503, FaultClass::Transient), (429, FaultClass::Throttled { until: None })] {
        let stub = Stub::start(move |_| json(status, "{}")).await;
        let error = stub.zuora().send(&intent(Effect::CreateOrder, "n", None), "k").await.unwrap_err();
        assert_eq!(error.class, class);
    }
}

#[tokio::test]
async fn an_unusual_order_status_is_told() {
    let turn = AtomicUsize::new(0);
    let stub = Stub::start(move |seen| {
        if seen.line == "POST /oauth/token" {
            return otherwise();
        }
        let status = ["Draft", "Pending"][turn.fetch_add(1, Ordering::SeqCst)];
        let body = format!(
            r#"{{"success":true,"orderNumber":"n","status":"{status}","subscriptions":[{{"status":"Pending Activation"}}]}}"#
        );
        json(200, &body)
    })
    .await;
    let zuora = stub.zuora();
    for want in ["Draft", "Pending Activation"] {
        let written = zuora.send(&intent(Effect::CreateOrder, "n", None), "k").await.unwrap();
        assert_eq!(written.status.as_deref(), Some(want));
    }
}

#[test]
fn a_track_id_holds_only_what_zuora_takes() {
    assert_eq!(track_id("acc/77 \u{e4}:;\"'\n-1"), "acc/77-1");
    assert_eq!(track_id(&"x".repeat(100)).len(), 64);
}
