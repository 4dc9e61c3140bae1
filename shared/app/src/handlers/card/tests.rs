//! Presses with and without a key, counted by what they ring.

use super::buttons::{Press, sync};
use crate::config::{EnvMap, Secrets, Surroundings, load};
use crate::handlers::replay::Replay;
use crate::handlers::site::Site;
use crate::request::Request;
use crate::router::CardObject;
use crate::vendors::{StaticSecrets, Vendors};
use connector_domain::ids::HubSpotId;
use connector_ports::clock::Clock;
use connector_ports::fake::{MemoryStates, MemoryTickles, TestClock};
use std::sync::Arc;

const CONFIG: &str = r#"
[hubspot]
portal_id = 24680135
app_id = 50780459
base_url = "http://127.0.0.1:9"
[zuora]
base_url = "http://127.0.0.1:9"
[public]
url = "http://127.0.0.1:8787"
"#;

async fn place(tickles: &MemoryTickles) -> (Site, Arc<TestClock>) {
    let config = load(Some(CONFIG), "t", &EnvMap::new(), Surroundings::default()).unwrap().remove(0);
    let secrets = Secrets {
        hubspot_access_token: "a".into(),
        hubspot_client_secrets: vec!["b".into()],
        zuora_client_id: "c".into(),
        zuora_client_secret: "d".into(),
        zuora_callout_secret: None,
    };
    let clock = Arc::new(TestClock::new("2026-11-16T10:00:00Z".parse().unwrap()));
    let vendors =
        Vendors::new(&config, Arc::new(StaticSecrets(secrets.clone())), clock.clone()).await.unwrap();
    let queue = Arc::new(tickles.clone());
    let engine = vendors.engine(&config, Arc::new(MemoryStates::new()), queue.clone(), clock.clone());
    (vendors.site(&config, &secrets, queue, engine).unwrap(), clock)
}

#[tokio::test]
async fn presses_of_a_record_ring_once_while_the_first_waits() {
    let tickles = MemoryTickles::new();
    let ((site, clock), replay) = (place(&tickles).await, Replay::default());
    let start = "2026-11-16T10:00:00Z".parse().unwrap();
    let rung = async |object, id: &str, body: &'static str, second: i64| {
        let request = Request {
            method: http::Method::POST,
            path: "/".to_owned(),
            query: "portalId=24680135&userId=7".to_owned(),
            headers: http::HeaderMap::new(),
            body: body.as_bytes().into(),
            body_too_large: false,
        };
        clock.set(start);
        clock.advance(second);
        let (id, now) = (HubSpotId::parse(id).unwrap(), clock.now());
        let response = sync(&site, &request, Press { object, id: &id, now, replay: &replay }, "c-1").await;
        let text = String::from_utf8(response.body.to_vec()).unwrap();
        assert_eq!(response.status, 200, "{text}");
        (tickles.drain().len(), text)
    };
    let (keyed, other) = (r#"{"requestKey":"k-1"}"#, r#"{"requestKey":"k-2"}"#);
    let first = rung(CardObject::Deal, "7001", keyed, 0).await;
    assert_eq!(first, (1, r#"{"requestId":"k-1"}"#.to_owned()));
    // The same key again: the same answer, and nothing rung, for five minutes.
    assert_eq!(rung(CardObject::Deal, "7001", keyed, 300).await, (0, first.1));
    // Another press while the first waits for its look: an answer of its own, and nothing rung.
    for (second, body) in [(1, other), (2, ""), (3, "{}"), (4, r#"{"requestKey":"not plain"}"#), (89, "{}")] {
        assert_eq!(rung(CardObject::Deal, "7001", body, second).await.0, 0, "{body}");
    }
    // Another record, another kind, and a press much later are presses of their own.
    assert_eq!(rung(CardObject::Deal, "7002", keyed, 1).await.0, 1);
    assert_eq!(rung(CardObject::Company, "7001", keyed, 1).await.0, 1);
    assert_eq!(rung(CardObject::Deal, "7001", "{}", 90).await.0, 1);
    assert_eq!(rung(CardObject::Deal, "7001", keyed, 301).await.0, 1);
}
