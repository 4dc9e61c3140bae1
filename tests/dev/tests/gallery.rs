//! The gallery of `cargo run`: page, proxy, and a press that makes a subscription appear.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use connector_dev::{Options, Stack, gallery, story};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn card(base: &str, path: &str) -> Value {
    let answer = reqwest::get(format!("{base}api{path}")).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// An address as it is, which no client would send.
async fn raw(base: &str, line: &str) -> String {
    let address = base.trim_start_matches("http://").trim_end_matches("/gallery/");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_press_in_the_gallery_makes_the_new_subscription_appear() {
    let data = std::env::temp_dir().join(format!("connector-gallery-{}", std::process::id()));
    std::fs::create_dir_all(&data).unwrap();
    let mut stack = Stack::start(Options::new(&data)).await.unwrap();
    story::play(&stack).await.unwrap();
    assert_eq!(story::result(&stack)["problems"], serde_json::json!([]));
    gallery::furnish(&stack).await;
    let pages = data.join("dist");
    std::fs::create_dir_all(&pages).unwrap();
    std::fs::write(pages.join("index.html"), "<p>cards</p>").unwrap();
    let base = gallery::serve(stack.hubspot.clone(), "127.0.0.1:0", pages).await.unwrap();
    assert!(base.ends_with("/gallery/"));
    let page = reqwest::get(&base).await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.text().await.unwrap(), "<p>cards</p>");
    for odd in ["none.js", "..%2fconnector.sqlite3"] {
        assert_eq!(reqwest::get(format!("{base}{odd}")).await.unwrap().status(), 404, "{odd}");
    }
    assert!(raw(&base, "GET /gallery/../connector.sqlite3").await.starts_with("HTTP/1.1 404"));
    let company = card(&base, "/cards/company/9001001?locale=en-us").await;
    assert_eq!(company["lists"]["creditMemos"]["rows"][0]["amount"]["amount"], "1500.00", "{company}");
    assert!(company["chart"]["months"].is_array());
    let deal = card(&base, "/cards/deal/7050").await;
    assert_eq!(
        (&deal["state"], &deal["lists"]["subscriptions"]["rows"]),
        (&"not_linked".into(), &serde_json::json!([]))
    );
    let press = serde_json::json!({ "scope": "record_only", "requestKey": "gallery-1" });
    let client = reqwest::Client::new();
    let answer = client.post(format!("{base}api/cards/deal/7050/sync")).json(&press).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap(), serde_json::json!({ "requestId": "gallery-1" }));
    let mut looks = 0;
    let deal = loop {
        let deal = card(&base, "/cards/deal/7050").await;
        if deal["state"] != "working" {
            break deal;
        }
        looks += 1;
        assert!(looks < 100, "{deal}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(deal["state"], "in_sync", "{deal}");
    let row = &deal["lists"]["subscriptions"]["rows"][0];
    assert_eq!((&row["number"], &row["own"]), (&"HS-24680135-D7050".into(), &true.into()));
    stack.stop_connector().await.unwrap();
    std::fs::remove_dir_all(&data).ok();
}
