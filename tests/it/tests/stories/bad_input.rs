//! What must not come in, and what must not break anything.

use crate::world::{PLATFORM, monthly, world, world_with};
use serde_json::json;
use sim_hubspot::sign_v3;

const SECRET: &str = connector_dev::stack::CLIENT_SECRET;

async fn post(url: &str, body: Vec<u8>, signature: Option<String>, time: i64) -> (u16, String, bool) {
    let mut request = reqwest::Client::new().post(url).body(body);
    if let Some(signature) = signature {
        request = request
            .header("X-HubSpot-Signature-v3", signature)
            .header("X-HubSpot-Request-Timestamp", time.to_string());
    }
    let answer = request.send().await.unwrap();
    let correlated = answer.headers().contains_key("x-correlation-id");
    (answer.status().as_u16(), answer.text().await.unwrap(), correlated)
}

#[tokio::test]
async fn only_well_signed_requests_of_the_moment_get_in() {
    let world = world().await;
    let url = format!("{}/webhooks/hubspot", world.url);
    let now = world.hubspot.now_ms();
    let body = br#"[{"portalId":24680135,"appId":50780459,"subscriptionType":"object.creation","objectId":9001001,"objectTypeId":"0-2"}]"#.to_vec();
    let sign = |time: i64, body: &[u8]| Some(sign_v3(SECRET, "POST", &url, body, time));
    assert_eq!(post(&url, body.clone(), sign(now, &body), now).await.0, 200);
    assert_eq!(post(&url, body.clone(), None, now).await.0, 401);
    assert_eq!(post(&url, body.clone(), sign(now, b"other"), now).await.0, 401);
    assert_eq!(post(&url, body.clone(), sign(now - 301_000, &body), now - 301_000).await.0, 401);
    assert_eq!(post(&url, body.clone(), sign(now + 90_000, &body), now + 90_000).await.0, 401);
    assert_eq!(post(&url, body.clone(), Some(sign_v3("wrong", "POST", &url, &body, now)), now).await.0, 401);
    let (_, text, correlated) = post(&url, body.clone(), None, now).await;
    assert!(correlated && !text.contains("signature"), "a refusal says nothing: {text}");
}

#[tokio::test]
async fn oversized_nested_and_broken_bodies_are_refused_with_the_right_status() {
    let world = world().await;
    let url = format!("{}/webhooks/hubspot", world.url);
    let now = world.hubspot.now_ms();
    let nested = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes();
    for (body, want) in [
        (vec![b' '; 1_000_001], 413),
        (nested, 400),
        (b"{not json".to_vec(), 400),
        (vec![0xff, 0xfe, 0x00], 400),
        (br#"{"an":"object"}"#.to_vec(), 400),
        (b"[]".to_vec(), 200),
        (br#"[{"unknown":true},{"subscriptionType":"object.creation","objectTypeId":"9-9","objectId":"x"}]"#.to_vec(), 200),
    ] {
        let signature = Some(sign_v3(SECRET, "POST", &url, &body, now));
        let (status, ..) = post(&url, body.clone(), signature, now).await;
        assert_eq!(status, want, "{}", String::from_utf8_lossy(&body).chars().take(60).collect::<String>());
    }
    assert_eq!(reqwest::get(format!("{}/nowhere", world.url)).await.unwrap().status().as_u16(), 404);
    let health = reqwest::get(format!("{}/healthz", world.url)).await.unwrap();
    assert_eq!(health.text().await.unwrap(), r#"{"status":"ok"}"#);
}

#[tokio::test]
async fn events_of_a_foreign_portal_are_dropped_and_the_others_go_on() {
    let world = world_with("", |options| options.auto_deliver = false).await;
    world.won("7003", Some("9001002"), "EUR", &[monthly("8301", PLATFORM, "25", "45.00")]);
    let mut events = world.hubspot.take_events();
    events.insert(0, json!({ "portalId": 1, "appId": 50780459, "subscriptionType": "object.creation", "objectId": 5, "objectTypeId": "0-2" }));
    events.insert(
        1,
        json!({ "portalId": 24680135, "appId": 1, "subscriptionType": "deal.creation", "objectId": "6" }),
    );
    assert_eq!(world.hubspot.post_events(&events, 0).await, 200);
    world.settle().await;
    assert_eq!(world.subscription_of("7003")["mrr"], "1125.00");
}

#[tokio::test]
async fn a_card_of_another_portal_gets_nothing() {
    let world = world().await;
    let address = format!(
        "{}/cards/company/9001001?userId=9&portalId=999&userEmail=a@b.example&appId=50780459",
        world.url
    );
    let now = world.hubspot.now_ms();
    let answer = reqwest::Client::new()
        .get(&address)
        .header("X-HubSpot-Signature-v3", sign_v3(SECRET, "GET", &address, b"", now))
        .header("X-HubSpot-Request-Timestamp", now.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 401);
}

#[tokio::test]
async fn odd_names_arrive_in_a_form_that_zuora_takes() {
    let world = world().await;
    world.hubspot.put_silently("companies", "9001007", &[("name", "株式会社🚀メルリオン ❤️")]);
    world.hubspot.put_silently("companies", "9001006", &[("name", &"Lumière ".repeat(60))]);
    world.press("company", "9001007", "record_only").await;
    world.press("company", "9001006", "record_only").await;
    world.settle().await;
    assert_eq!(world.account_of("9001007")["name"], "株式会社メルリオン ❤");
    assert!(world.account_of("9001006")["name"].as_str().unwrap().chars().count() <= 255);
    let card = world.card("company", "9001007").await;
    assert!(card["sync"]["notices"][0].as_str().unwrap().contains("emoji"), "{card}");
}

#[tokio::test]
async fn a_refused_write_back_blocks_nothing_and_is_shown() {
    let world = world().await;
    world.hubspot.set_switches(|s| {
        s.refused_properties
            .insert("deal.zuora_sync_status".to_owned(), "The administrator does not want it.".to_owned());
    });
    world.won("7003", Some("9001002"), "EUR", &[monthly("8301", PLATFORM, "25", "45.00")]);
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(world.subscription_of("7003")["status"], "Active");
    let card = world.card("deal", "7003").await;
    assert_eq!(card["state"], "in_sync", "{card}");
    assert_eq!(card["sync"]["writeBackProblem"]["code"], "HZ0501", "{card}");
}
