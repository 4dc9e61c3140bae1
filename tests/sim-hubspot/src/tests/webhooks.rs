//! Events and their delivery, and the calls of cards.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};

use super::Portal;
use crate::{Config, Subscription, sign_v1, sign_v3};

const SECRET: &str = "s3crét-key/+=";

struct Received {
    method: String,
    uri: String,
    headers: HeaderMap,
    body: String,
}

/// A receiver of deliveries that fails as often as it is told.
struct Receiver {
    base: String,
    received: Arc<Mutex<Vec<Received>>>,
    failures: Arc<Mutex<usize>>,
}

type Shared = (Arc<Mutex<Vec<Received>>>, Arc<Mutex<usize>>);

async fn receive(
    State((received, failures)): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    received.lock().unwrap().push(Received {
        method: method.to_string(),
        uri: uri.to_string(),
        headers,
        body,
    });
    let mut left = failures.lock().unwrap();
    if *left > 0 {
        *left -= 1;
        return (StatusCode::INTERNAL_SERVER_ERROR, String::new());
    }
    (StatusCode::OK, "{\"ok\":true}".to_owned())
}

impl Receiver {
    async fn start(failures: usize) -> Receiver {
        let received = Arc::new(Mutex::new(Vec::new()));
        let failures = Arc::new(Mutex::new(failures));
        let app = Router::new().fallback(receive).with_state((Arc::clone(&received), Arc::clone(&failures)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Receiver { base, received, failures }
    }

    fn target(&self) -> String {
        format!("{}/webhooks/hubspot", self.base)
    }

    fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }
}

fn held() -> Config {
    Config { auto_deliver: false, client_secret: SECRET.to_owned(), ..Config::default() }
}

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["subscriptionType"] == kind).collect()
}

async fn settled(portal: &Portal) {
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if portal.sim.is_idle() {
            return;
        }
    }
    panic!("deliveries did not come to an end");
}

#[tokio::test]
async fn changes_raise_the_events_of_a_portal() {
    let portal = Portal::with(held()).await;
    assert!(portal.sim.pending_events().is_empty(), "seeding is silent");
    portal.sim.add_deal("7001", Some("9001001"), &[("dealname", "One"), ("dealstage", "closedwon")], &[]);
    let events = portal.sim.take_events();
    assert_eq!(of(&events, "object.creation").len(), 1);
    let stage = events.iter().find(|event| event["propertyName"] == "dealstage").unwrap();
    assert_eq!(stage["propertyValue"], "closedwon");
    assert_eq!((&stage["objectId"], &stage["objectTypeId"]), (&json!(7001), &json!("0-3")));
    assert_eq!((&stage["changeSource"], &stage["sourceId"]), (&json!("CRM_UI"), &json!("userId:882")));
    let associations = of(&events, "object.associationChange");
    let names: Vec<&str> =
        associations.iter().map(|event| event["associationType"].as_str().unwrap()).collect();
    assert_eq!(names, ["DEAL_TO_COMPANY", "COMPANY_TO_DEAL", "DEAL_TO_COMPANY", "COMPANY_TO_DEAL"]);
    assert_eq!(associations.iter().filter(|event| event["isPrimaryAssociation"] == true).count(), 2);
    let calculated = events.iter().any(|event| event["propertyName"] == "hs_is_closed_won");
    assert!(!calculated, "calculated fields raise no events by default");
}

#[tokio::test]
async fn our_own_writes_come_back_as_integration_without_our_own_properties() {
    let portal = Portal::with(held()).await;
    let properties = json!({"zuora_sync_status": "in_sync", "description": "seen"});
    portal.patch("/crm/objects/2026-09/companies/9001001", properties).await;
    let events = portal.sim.pending_events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["propertyName"], "description");
    assert_eq!(
        (&events[0]["changeSource"], &events[0]["sourceId"]),
        (&json!("INTEGRATION"), &json!("50780459"))
    );
}

#[tokio::test]
async fn merge_deletion_restore_and_privacy_deletion_are_told() {
    let portal = Portal::with(held()).await;
    let survivor = portal.sim.merge("companies", "9001004", "9001005");
    let events = portal.sim.take_events();
    let merge = of(&events, "object.merge")[0];
    assert_eq!(merge["primaryObjectId"], 9_001_004);
    assert_eq!(merge["mergedObjectIds"], json!([9_001_005]));
    assert_eq!(merge["newObjectId"].to_string(), survivor);
    assert_eq!(of(&events, "object.deletion")[0]["objectId"], 9_001_005);
    portal.sim.archive("companies", "9001007");
    portal.sim.restore("companies", "9001007");
    portal.sim.privacy_delete_contact("5003");
    let events = portal.sim.take_events();
    for kind in ["object.deletion", "object.restore", "contact.privacyDeletion"] {
        assert!(!of(&events, kind).is_empty(), "{kind}");
    }
    assert!(portal.sim.get("contacts", "5003").is_none());
}

#[tokio::test]
async fn only_subscribed_events_exist_in_the_form_asked_for() {
    let file = json!({"config": {"subscriptions": {
        "crmObjects": [
            {"subscriptionType": "object.propertyChange", "objectType": "deal", "propertyName": "dealstage",
             "active": true},
            {"subscriptionType": "object.associationChange", "objectType": "deal", "active": true},
            {"subscriptionType": "object.creation", "objectType": "deal", "active": false},
        ],
        "hubEvents": [{"subscriptionType": "contact.privacyDeletion", "active": true}],
    }}});
    let subscriptions = Subscription::from_project_file(&file);
    assert_eq!(subscriptions.len(), 3);
    let portal = Portal::with(Config { subscriptions: Some(subscriptions), ..held() }).await;
    portal.sim.set_switches(|own| own.classic_events = true);
    portal.sim.add_deal("7001", Some("9001001"), &[("dealname", "One"), ("dealstage", "closedwon")], &[]);
    portal.sim.privacy_delete_contact("5003");
    let kinds: Vec<String> = portal
        .sim
        .pending_events()
        .iter()
        .map(|event| event["subscriptionType"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        kinds,
        [
            "deal.propertyChange",
            "deal.associationChange",
            "deal.associationChange",
            "contact.privacyDeletion"
        ]
    );
}

#[tokio::test]
async fn deliveries_are_signed_over_the_public_url() {
    let receiver = Receiver::start(0).await;
    let public = "https://hooks.example.com/prod/webhooks/hubspot";
    let portal = Portal::with(Config {
        webhook_target: Some(public.to_owned()),
        connect_to: Some(receiver.base.clone()),
        ..held()
    })
    .await;
    for name in 0..120 {
        portal.sim.put("companies", "9001001", &[("name", &format!("Fjordlys {name}"))]);
    }
    assert_eq!(portal.sim.deliver().await, 120);
    let received = receiver.received.lock().unwrap();
    assert_eq!(received.len(), 2, "at most a hundred events in one request");
    let first = &received[0];
    assert_eq!(first.uri, "/prod/webhooks/hubspot");
    let timestamp = first.headers["x-hubspot-request-timestamp"].to_str().unwrap().parse().unwrap();
    let expected = sign_v3(SECRET, "POST", public, first.body.as_bytes(), timestamp);
    assert_eq!(first.headers["x-hubspot-signature-v3"], expected);
    assert_eq!(first.headers["x-hubspot-signature"], sign_v1(SECRET, first.body.as_bytes()));
    assert_eq!(first.headers["x-hubspot-signature-version"], "v1");
}

#[tokio::test]
async fn held_events_that_are_refused_wait_for_the_next_attempt() {
    let receiver = Receiver::start(1).await;
    let portal = Portal::with(Config { webhook_target: Some(receiver.target()), ..held() }).await;
    portal.sim.put("companies", "9001001", &[("name", "Fjordlys Kraft AS")]);
    assert_eq!(portal.sim.deliver().await, 0);
    assert_eq!(portal.sim.deliver().await, 1);
    let deliveries = portal.sim.deliveries();
    let attempts: Vec<&Value> = deliveries.iter().map(|one| &one.events[0]["attemptNumber"]).collect();
    assert_eq!(attempts, [0, 1]);
}

#[tokio::test]
async fn automatic_delivery_retries_until_it_is_accepted() {
    let receiver = Receiver::start(2).await;
    let config = Config {
        webhook_target: Some(receiver.target()),
        retry_delays_ms: vec![10, 20, 30],
        ..Config::default()
    };
    let portal = Portal::with(config).await;
    portal.sim.put("companies", "9001001", &[("name", "Fjordlys Kraft AS")]);
    settled(&portal).await;
    assert_eq!(receiver.count(), 3);
    assert_eq!(*receiver.failures.lock().unwrap(), 0);
    let status = portal.sim.post_events(&portal.sim.deliveries()[0].events, 7).await;
    assert_eq!(status, 200);
    let received = receiver.received.lock().unwrap();
    let last: Value = serde_json::from_str(&received.last().unwrap().body).unwrap();
    assert_eq!(last[0]["attemptNumber"], 7);
}

#[tokio::test]
async fn card_calls_are_signed_with_the_appended_query() {
    let receiver = Receiver::start(1).await;
    let portal = Portal::with(Config { webhook_target: Some(receiver.target()), ..held() }).await;
    let (status, body) = portal
        .sim
        .card_fetch("POST", "/cards/deal/7001/sync?page=1", Some(json!({"a": 1})), ("9", "ana.b@example.com"))
        .await;
    assert_eq!((status, body), (200, json!({"ok": true})), "repeated once after the 500");
    let received = receiver.received.lock().unwrap();
    assert_eq!(received.len(), 2);
    let query = "page=1&userId=9&portalId=24680135&userEmail=ana.b%40example.com&appId=50780459";
    assert_eq!(received[0].uri, format!("/cards/deal/7001/sync?{query}"));
    let decoded = format!("{}{}", receiver.base, received[0].uri).replace("%40", "@");
    let timestamp = received[0].headers["x-hubspot-request-timestamp"].to_str().unwrap().parse().unwrap();
    let expected = crate::sign_v3_verbatim(
        SECRET,
        &received[0].method,
        &decoded,
        received[0].body.as_bytes(),
        timestamp,
    );
    assert_eq!(received[0].headers["x-hubspot-signature-v3"], expected);
}
