//! The secret and its cache: when it is read, and what happens when it cannot be.

use crate::canned::Canned;
use crate::endpoints::{clients, emulator};
use connector_aws::Secrets;
use connector_aws::secrets::key;
use connector_domain::fault::FaultClass;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

fn after(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-16T10:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

fn secret(token: &str) -> (u16, Value) {
    (200, json!({"SecretString": json!({"hubspot_access_token": token}).to_string()}))
}

async fn token(secrets: &Secrets, now: Timestamp) -> String {
    secrets.current(now).await.unwrap().get(key::HUBSPOT_ACCESS_TOKEN).unwrap().expose_secret().to_owned()
}

#[tokio::test]
async fn a_secret_is_read_once_in_five_minutes() {
    let server = Canned::start(|number, _| secret(&format!("t{number}"))).await;
    let secrets = Secrets::new(clients(&server.address).await.secrets, "connector");
    for seconds in [0, 1, 299] {
        assert_eq!(token(&secrets, after(seconds)).await, "t0");
    }
    assert_eq!(token(&secrets, after(300)).await, "t1");
    assert_eq!(server.requests().len(), 2);
    assert_eq!(server.requests()[0]["SecretId"], "connector");
}

#[tokio::test]
async fn a_refresh_reads_at_once_but_not_for_everybody() {
    let server = Canned::start(|number, _| secret(&format!("t{number}"))).await;
    let secrets = Secrets::new(clients(&server.address).await.secrets, "connector");
    assert_eq!(token(&secrets, after(0)).await, "t0");
    secrets.refresh(after(30)).await.unwrap();
    assert_eq!(token(&secrets, after(31)).await, "t1");
    secrets.refresh(after(32)).await.unwrap();
    assert_eq!(token(&secrets, after(33)).await, "t1", "two seconds after a read there is nothing new");
}

#[tokio::test]
async fn many_at_once_make_one_read() {
    let server = Canned::start(|_, _| secret("t")).await;
    let secrets = Secrets::new(clients(&server.address).await.secrets, "connector");
    let reads = (0..20).map(|_| secrets.current(after(0)));
    futures::future::try_join_all(reads).await.unwrap();
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_old_secret_bridges_an_outage_for_an_hour() {
    let server = Canned::start(|number, _| match number {
        0 => secret("t0"),
        _ => (500, json!({"__type": "InternalServiceError"})),
    })
    .await;
    let secrets = Secrets::new(clients(&server.address).await.secrets, "connector");
    assert_eq!(token(&secrets, after(0)).await, "t0");
    assert_eq!(token(&secrets, after(3599)).await, "t0");
    assert_eq!(secrets.refresh(after(3599)).await.unwrap_err().class, FaultClass::Transient);
    assert_eq!(secrets.current(after(3600)).await.unwrap_err().class, FaultClass::Transient);
}

#[tokio::test]
async fn nothing_of_the_answer_reaches_an_error() {
    let answers = [
        (200, json!({"SecretString": "canary"})),
        (200, json!({"SecretString": 17, "canary": "canary"})),
        (200, json!({"SecretBinary": "Y2FuYXJ5"})),
    ];
    for answer in answers {
        let server = Canned::start(move |_, _| answer.clone()).await;
        let secrets = Secrets::new(clients(&server.address).await.secrets, "connector");
        let error = secrets.current(after(0)).await.unwrap_err();
        assert!(!format!("{error:?} {error} {secrets:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_manager_gives_the_rotated_value_after_a_refresh() {
    let Some(clients) = emulator("SQS_ENDPOINT").await else { return };
    let name = format!("it-{}", std::process::id());
    let json = |token: &str| json!({"hubspot_access_token": token}).to_string();
    let secrets = Secrets::new(clients.secrets.clone(), &name);
    assert_eq!(secrets.current(after(0)).await.unwrap_err().class, FaultClass::Denied);
    clients.secrets.create_secret().name(&name).secret_string(json("t1")).send().await.unwrap();
    assert_eq!(token(&secrets, after(0)).await, "t1");
    clients.secrets.put_secret_value().secret_id(&name).secret_string(json("t2")).send().await.unwrap();
    assert_eq!(token(&secrets, after(1)).await, "t1");
    secrets.refresh(after(60)).await.unwrap();
    assert_eq!(token(&secrets, after(60)).await, "t2");
}
