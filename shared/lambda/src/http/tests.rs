//! What HubSpot signed arrives unchanged, and our own trouble is never a refusal.

use super::*;
use connector_app::handlers::Site;
use connector_app::handlers::replay::Replay;
use connector_domain::ids::{AppId, PortalId};
use connector_hubspot::signature::Verifier;
use connector_ports::clock::Clock;
use connector_ports::fake::{MemoryTickles, TestClock};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::SecretString;
use serde_json::json;
use std::sync::Mutex;

const PUBLIC: &str = "https://billing.example.com/prod";
const NOW: &str = "2026-11-16T10:00:00Z";

/// An event of the gateway, without what we do not read.
fn event(method: &str, path: &str, query: &str, body: Option<&str>, base64: bool) -> ApiGatewayV2httpRequest {
    serde_json::from_value(json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "queryStringParameters": { "userEmail": "decoded@example.com,and joined" },
        "headers": { "host": "billing.example.com", "x-correlation-id": "c-1" },
        "requestContext": {
            "accountId": "1", "apiId": "a", "stage": "prod",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "x" },
        },
        "body": body,
        "isBase64Encoded": base64,
    }))
    .unwrap()
}

fn prefixes() -> Vec<String> {
    vec!["/prod".to_owned()]
}

#[test]
fn path_and_query_arrive_as_they_were_sent() {
    let query = "userEmail=ana.b%40example.com&next=https%3A%2F%2Fx&keep=%20%26%3D%2B%25&twice=%2540&a=1&a=2";
    let request = into_request(event("GET", "/cards/deal/7001", query, None, false), &[]);
    assert_eq!(request.path_and_query(), format!("/cards/deal/7001?{query}"));
    assert_eq!(request.method, http::Method::GET);
    assert_eq!(request.header("x-correlation-id"), Some("c-1"));
}

#[test]
fn odd_addresses_arrive_unchanged_and_crash_nothing() {
    for (path, query) in [
        ("/cards/deal/../company/1", ""),
        ("//cards/deal/7001", "a=\"<>|^`{}\\"),
        ("/cards/deal/ 7001", "a b"),
        ("/cards/é", "é=ü"),
        ("", "?"),
    ] {
        let request = into_request(event("GET", path, query, None, false), &prefixes());
        assert_eq!((request.path.as_str(), request.query.as_str()), (path, query));
    }
}

#[test]
fn the_stage_is_part_of_the_address_and_of_no_route() {
    let check = |sent: &str, path: &str| {
        assert_eq!(into_request(event("GET", sent, "", None, false), &prefixes()).path, path, "{sent}");
    };
    check("/prod/healthz", "/healthz");
    check("/healthz", "/healthz");
    check("/production/healthz", "/production/healthz");
    check("/prod", "/prod");
    check("/prod/prod/healthz", "/prod/healthz");
}

#[test]
fn a_missing_body_is_an_empty_one() {
    let request = into_request(event("GET", "/healthz", "", None, false), &[]);
    assert!(request.body.is_empty() && !request.body_too_large);
}

#[test]
fn a_body_in_base64_is_decoded_to_bytes() {
    let bytes = [0_u8, 159, 146, 150, 255];
    let sent = STANDARD.encode(bytes);
    let request = into_request(event("POST", "/webhooks/hubspot", "", Some(&sent), true), &[]);
    assert_eq!(request.body, &bytes[..]);
    let plain = into_request(event("POST", "/webhooks/hubspot", "", Some(&sent), false), &[]);
    assert_eq!(plain.body, sent.as_bytes());
    let broken = into_request(event("POST", "/webhooks/hubspot", "", Some("%%"), true), &[]);
    assert_eq!(broken.body, "%%");
}

#[test]
fn a_body_over_the_limit_is_not_read() {
    let check = |length: usize, too_large: bool| {
        let text = "a".repeat(length);
        for (body, base64) in [(STANDARD.encode(&text), true), (text, false)] {
            let request = into_request(event("POST", "/webhooks/hubspot", "", Some(&body), base64), &[]);
            assert_eq!(request.body_too_large, too_large, "{length} bytes, base64 {base64}");
            assert_eq!(request.body.len(), if too_large { 0 } else { length });
        }
    };
    for length in 999_998..=BODY_LIMIT {
        check(length, false);
    }
    for length in BODY_LIMIT + 1..=BODY_LIMIT + 4 {
        check(length, true);
    }
}

#[test]
fn an_answer_has_the_shape_of_the_gateway() {
    let shape = |response| serde_json::to_value(into_answer(response)).unwrap();
    let full = shape(Response::json(200, &json!({ "status": "ok" }), "c-1"));
    assert_eq!(full["statusCode"], 200);
    assert_eq!(full["body"], r#"{"status":"ok"}"#);
    assert_eq!(full["headers"], json!({ "x-correlation-id": "c-1", "content-type": "application/json" }));
    assert_eq!(full["isBase64Encoded"], false);
    let empty = shape(Response::empty(200, "c-2"));
    assert_eq!((&empty["headers"], empty.get("body")), (&json!({ "x-correlation-id": "c-2" }), None));
}

fn open(secret: &str, in_trouble: bool) -> Open {
    let site = Site {
        portal: PortalId(24_680_135),
        app: AppId(50_780_459),
        verifier: Verifier::new(vec![SecretString::from(secret)], PUBLIC).unwrap(),
        tickles: Arc::new(MemoryTickles::new()),
        engine: None,
        cards: None,
        allowed_users: None,
    };
    let clock = Arc::new(TestClock::new(NOW.parse().unwrap()));
    Open { front: Arc::new(Front { sites: vec![site], clock, replay: Replay::default() }), in_trouble }
}

/// A webhook without events, signed.
fn signed(secret: &str) -> Request {
    let time = TestClock::new(NOW.parse().unwrap()).now().as_millisecond().to_string();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("POST{PUBLIC}/webhooks/hubspot[]{time}").as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let mut request =
        into_request(event("POST", "/prod/webhooks/hubspot", "", Some("[]"), false), &prefixes());
    request.headers.insert(SIGNATURE_HEADER, signature.parse().unwrap());
    request.headers.insert("x-hubspot-request-timestamp", time.parse().unwrap());
    request
}

/// Answers a request with the doors in the first place, and in the second once the secrets are read again.
async fn status(first: &Open, second: &Open, request: &Request) -> (u16, Vec<bool>) {
    let asked = Mutex::new(Vec::new());
    let open = async |fresh| {
        asked.lock().unwrap().push(fresh);
        if fresh { second.clone() } else { first.clone() }
    };
    let response = answer(open, request).await;
    assert_eq!(response.correlation, "c-1");
    (response.status, asked.into_inner().unwrap())
}

#[tokio::test]
async fn a_good_signature_needs_one_look_at_the_secret() {
    let open = open("k", false);
    assert_eq!(status(&open, &open, &signed("k")).await, (200, vec![false]));
}

#[tokio::test]
async fn a_signature_by_the_new_secret_is_accepted_at_once() {
    assert_eq!(
        status(&open("old", false), &open("new", false), &signed("new")).await,
        (200, vec![false, true])
    );
}

#[tokio::test]
async fn a_forged_signature_is_refused_after_the_secret_was_read_again() {
    let open_ = open("k", false);
    assert_eq!(status(&open_, &open_, &signed("forged")).await, (401, vec![false, true]));
    assert_eq!(status(&open_, &open("new", false), &signed("forged")).await.0, 401);
}

#[tokio::test]
async fn a_request_without_signature_costs_no_read() {
    let open = open("k", false);
    let mut request = signed("k");
    request.headers.remove(SIGNATURE_HEADER);
    assert_eq!(status(&open, &open, &request).await, (401, vec![false]));
}

#[tokio::test]
async fn while_a_secret_cannot_be_read_nobody_is_refused() {
    let nothing = Open {
        front: Arc::new(Front {
            sites: Vec::new(),
            clock: Arc::new(TestClock::new(NOW.parse().unwrap())),
            replay: Replay::default(),
        }),
        in_trouble: true,
    };
    assert_eq!(status(&nothing, &nothing, &signed("k")).await.0, 503);
    // The old secret is known, and the new one cannot be read.
    let known = open("old", false);
    let still = Open { in_trouble: true, ..known.clone() };
    assert_eq!(status(&known, &still, &signed("new")).await.0, 503);
    assert_eq!(status(&known, &still, &signed("old")).await.0, 200);
    // Health says that the process answers, no more.
    let health = into_request(event("GET", "/prod/healthz", "", None, false), &prefixes());
    assert_eq!(status(&nothing, &nothing, &health).await.0, 200);
    let unknown = into_request(event("GET", "/prod/nothing", "", None, false), &prefixes());
    assert_eq!(status(&nothing, &nothing, &unknown).await.0, 404);
}

#[test]
fn an_event_with_no_more_than_we_read_is_enough() {
    let event: ApiGatewayV2httpRequest = serde_json::from_value(json!({
        "rawPath": "/healthz", "headers": {}, "requestContext": { "http": { "method": "GET" } },
    }))
    .unwrap();
    assert_eq!(into_request(event, &prefixes()).path_and_query(), "/healthz");
}
