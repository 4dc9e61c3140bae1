//! The card's own time: what a request takes beyond the slowest answer of Zuora.
//!
//! The single machine as it ships, over HTTP, on its embedded store, against a stand-in for Zuora that answers an
//! account with full lists after 60 ms and its orders after 40 ms. From the whole time of each request the slowest
//! answer's time in the stand-in is taken off, so everything else counts: signature, store, both HTTP sides, parsing,
//! formatting. `cargo bench -p connector-dev --bench card`; the goal is 5 ms for the median and 15 ms for the 99th
//! percentile.
#![expect(clippy::print_stdout, reason = "printing is what a benchmark is for")]

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use connector_app::clock::SystemClock;
use connector_app::config::{Surroundings, load};
use connector_app::env_vars::EnvMap;
use connector_dev::Stack;
use connector_dev::stack::CLIENT_SECRET;
use connector_domain::billing::company::AccountLink;
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::state::{Link, ObjectState, SyncStatus};
use connector_local::wiring::Machine;
use connector_ports::clock::Clock;
use connector_ports::states::{Change, Claimed, Locks, States};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;

const ROUNDS: usize = 1_000;
const WARM_UP: usize = 50;
const ROWS: usize = 49;
const ACCOUNT_TAKES: Duration = Duration::from_millis(60);
const ORDERS_TAKE: Duration = Duration::from_millis(40);

/// The slowest answer since it was asked last, and the bodies.
struct Upstream {
    slowest: Mutex<Duration>,
    account: String,
    orders: String,
}

fn bodies() -> (String, String) {
    let day = |n: usize| format!("2026-{:02}-{:02}", 1 + n % 12, 1 + n % 28);
    let many = |make: &dyn Fn(usize) -> Value| (0..ROWS).map(make).collect::<Vec<Value>>();
    let plan = |n: usize| json!({ "name": format!("Plan {n}"), "id": "8ad0", "ratePlanCharges": [{ "name": "Seats", "quantity": 40 }] });
    let account = json!({
        "id": "8ad0000000000000000000000000000a", "accountNumber": "A1", "name": "Fjordlys Energi AS",
        "status": "Active", "currency": "NOK", "balance": 1234.5, "mrr": 25800, "paymentTerm": "Net 30",
        "billTo": { "firstName": "Ingrid", "lastName": "Solheim" },
        "subscriptions": many(&|n| json!({ "id": format!("s{n}"), "name": format!("S-{n}"), "status": "Active",
            "termType": "TERMED", "currentTerm": 12, "currentTermPeriodType": "Month", "isLatestVersion": true,
            "contractEffectiveDate": day(n), "termEndDate": "2027-11-16", "autoRenew": true, "cMRR": 100.25,
            "currency": "NOK", "ratePlans": [plan(1), plan(2), plan(3)] })),
        "invoices": many(&|n| json!({ "id": format!("i{n}"), "invoiceNumber": format!("INV{n}"), "status": "Posted",
            "amount": 1000.55, "balance": 10, "invoiceDate": day(n), "dueDate": day(n), "currency": "NOK" })),
        "payments": many(&|n| json!({ "id": format!("p{n}"), "paymentNumber": format!("P-{n}"), "type": "External",
            "status": "Processed", "amount": 990, "unappliedAmount": 0, "effectiveDate": day(n), "currency": "NOK" })),
        "creditMemos": many(&|n| json!({ "id": format!("c{n}"), "memoNumber": format!("CM{n}"), "status": "Posted",
            "memoDate": day(n), "totalAmount": 1500, "balance": 0, "currency": "NOK" })),
        "debitMemos": many(&|n| json!({ "id": format!("d{n}"), "memoNumber": format!("DM{n}"), "status": "Posted",
            "memoDate": day(n), "dueDate": day(n), "totalAmount": 300, "balance": 0, "currency": "NOK" })),
    });
    let orders = many(
        &|n| json!({ "id": format!("o{n}"), "orderNumber": format!("O-{n}"), "orderDate": day(n), "status": "Completed" }),
    );
    (account.to_string(), json!({ "data": orders, "nextPage": null }).to_string())
}

async fn zuora(State(upstream): State<Arc<Upstream>>, request: Request) -> Response<String> {
    let began = Instant::now();
    let path = request.uri().path();
    let (body, takes) = if path.ends_with("/oauth/token") {
        (r#"{"access_token":"t","token_type":"bearer","expires_in":3598}"#.to_owned(), Duration::ZERO)
    } else if path.ends_with("/object-query/orders") {
        (upstream.orders.clone(), ORDERS_TAKE)
    } else {
        (upstream.account.clone(), ACCOUNT_TAKES)
    };
    tokio::time::sleep(takes).await;
    let mut response = Response::new(body);
    response.headers_mut().insert("content-type", axum::http::HeaderValue::from_static("application/json"));
    let mut slowest = upstream.slowest.lock().unwrap_or_else(PoisonError::into_inner);
    *slowest = slowest.max(began.elapsed());
    response
}

async fn link(states: &dyn States, key: &StateKey, clock: &SystemClock) -> Result<()> {
    let now = clock.now();
    let Claimed::Yes(claim) = states.claim(key, now, now + SignedDuration::from_secs(90)).await? else {
        anyhow::bail!("the record is taken");
    };
    let account = AccountLink {
        id: "8ad0000000000000000000000000000a".into(),
        number: "A1".into(),
        currency: None,
        bill_to: None,
        sold_to: None,
    };
    let state = ObjectState {
        link: Some(Link::Account(account)),
        status: SyncStatus::InSync,
        complete: true,
        ..ObjectState::default()
    };
    let change = Change { state, due_at: None, waits_on: None, audit: Vec::new() };
    states.release(&claim, &change, Locks::Drop).await?;
    Ok(())
}

/// A percentile in milliseconds.
fn at(sorted: &[Duration], percent: usize) -> String {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    let micros = sorted.get(place).copied().unwrap_or_default().as_micros();
    format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10)
}

#[tokio::main]
async fn main() -> Result<()> {
    let (account, orders) = bodies();
    let size = account.len();
    let upstream = Arc::new(Upstream { slowest: Mutex::default(), account, orders });
    let vendor = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", vendor.local_addr()?);
    let app = Router::new().fallback(zuora).with_state(upstream.clone());
    tokio::spawn(async move { axum::serve(vendor, app).await });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let public = format!("http://{}", listener.local_addr()?);
    let text = format!(
        "[hubspot]\nportal_id = 24680135\napp_id = 50780459\nbase_url = \"{base}\"\n[zuora]\nbase_url = \"{base}\"\n\
         ui_url = \"https://test.zuora.com\"\n[public]\nurl = \"{public}\"\n"
    );
    let config = load(Some(&text), "connector.toml", &EnvMap::new(), Surroundings::default())
        .map_err(|problems| anyhow::anyhow!("{problems:?}"))?
        .pop()
        .context("no installation")?;
    let data = std::env::temp_dir().join(format!("connector-bench-{}", std::process::id()));
    let clock = Arc::new(SystemClock::new(0));
    let machine = Machine::open(vec![(config, Stack::secrets()?)], &data, clock.clone()).await?;
    let company = ObjectRef::new(ObjectKind::Company, HubSpotId::parse("9001001")?);
    link(&machine.states, &StateKey::new(PortalId(24_680_135), company), &clock).await?;
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(machine.serve(listener, stopped));
    let client = reqwest::Client::new();
    let mut own = Vec::new();
    for round in 0..WARM_UP + ROUNDS {
        let url = format!(
            "{public}/cards/company/9001001?locale=en-us&timezone=Europe/Oslo&n={round}&userId=9&portalId=24680135&appId=50780459"
        );
        let now = clock.now().as_millisecond();
        let signature = sim_hubspot::sign_v3(CLIENT_SECRET, "GET", &url, b"", now);
        *upstream.slowest.lock().unwrap_or_else(PoisonError::into_inner) = Duration::ZERO;
        let began = Instant::now();
        let answer = client
            .get(&url)
            .header("X-HubSpot-Signature-v3", signature)
            .header("X-HubSpot-Request-Timestamp", now.to_string())
            .send()
            .await?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        let took = began.elapsed();
        ensure!(status == 200, "status {status}");
        if round == 0 {
            let card: Value = serde_json::from_slice(&bytes)?;
            let total = card.pointer("/lists/invoices/total");
            ensure!(total == Some(&json!(ROWS)), "not the card that was meant: {card}");
            println!("account of {size} bytes, card of {} bytes", bytes.len());
        }
        let slowest = *upstream.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        if round >= WARM_UP {
            own.push(took.saturating_sub(slowest));
        }
    }
    own.sort();
    println!(
        "own time beyond the slowest upstream answer, {ROUNDS} cards: median {}, 90th {}, 99th {}, most {}",
        at(&own, 50),
        at(&own, 90),
        at(&own, 99),
        at(&own, 100)
    );
    stop.send(true).ok();
    serving.await??;
    std::fs::remove_dir_all(&data).ok();
    Ok(())
}
