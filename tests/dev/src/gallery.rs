//! The card gallery of `cargo run`: the built page under `/gallery/`, and a proxy under `/gallery/api/` that signs
//! requests as HubSpot does and passes them on to the running connector.
//!
//! The page is built in `infra/hubspot-app` and committed; without it the proxy answers all the same. Loopback only:
//! whoever can reach the proxy acts as the simulated portal's user.
#![expect(clippy::indexing_slicing, reason = "assigning to a key of a JSON object does not panic")]

use crate::stack::Stack;
use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use sim_hubspot::Line;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Who looks at the gallery: the simulated portal's user.
const USER: (&str, &str) = ("882", "ana.b@example.com");
/// The largest body of a button.
const LARGEST_BODY: usize = 1_000_000;
/// The deal that waits for a press in the gallery ([`furnish`]).
pub const UNHEARD_DEAL: &str = "7050";

struct Gallery {
    hubspot: sim_hubspot::Sim,
    folder: PathBuf,
}

/// Where the built page lies in this repository.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/hubspot-app/gallery/dist")
}

/// Serves the gallery in the background; answers its address.
pub async fn serve(hubspot: sim_hubspot::Sim, listen: &str, folder: PathBuf) -> Result<String> {
    let listener = TcpListener::bind(listen).await.context("the gallery's address is taken")?;
    let address = listener.local_addr()?;
    ensure!(address.ip().is_loopback(), "the gallery signs for everybody, so it listens on loopback only");
    let app = Router::new().fallback(answer).with_state(Arc::new(Gallery { hubspot, folder }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(format!("http://{address}/gallery/"))
}

fn plain(status: StatusCode, kind: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

async fn answer(State(gallery): State<Arc<Gallery>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if let Some(rest) = path.strip_prefix("/gallery/api/") {
        return passed_on(&gallery, rest.to_owned(), request).await;
    }
    match path.strip_prefix("/gallery/") {
        Some(file) => shown(&gallery.folder, file).await,
        None => {
            let mut away = plain(StatusCode::SEE_OTHER, "text/plain", Body::empty());
            away.headers_mut().insert(header::LOCATION, header::HeaderValue::from_static("/gallery/"));
            away
        }
    }
}

/// Sends a request through the simulated HubSpot, which adds who asks and signs it.
async fn passed_on(gallery: &Gallery, rest: String, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().map_or(String::new(), |query| format!("?{query}"));
    let body: Bytes = match to_bytes(body, LARGEST_BODY).await {
        Ok(body) => body,
        Err(_) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "too large"),
    };
    let body: Option<Value> = serde_json::from_slice(&body).ok();
    let path = format!("/{rest}{query}");
    let (status, answer) = gallery.hubspot.card_fetch(parts.method.as_str(), &path, body, USER).await;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    plain(status, "application/json", answer.to_string())
}

async fn shown(folder: &Path, file: &str) -> Response {
    let file = if file.is_empty() { "index.html" } else { file };
    let inside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
    let kind = match Path::new(file).extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    let read = if inside { tokio::fs::read(folder.join(file)).await.ok() } else { None };
    match read {
        Some(bytes) => plain(StatusCode::OK, kind, bytes),
        _ if file == "index.html" => {
            let words = "The gallery is not built: run `npm run gallery` in infra/hubspot-app.";
            plain(StatusCode::NOT_FOUND, "text/plain", words)
        }
        _ => plain(StatusCode::NOT_FOUND, "text/plain", "There is no such file."),
    }
}

/// Gives the cards something to show after the story: invoices, payments and memos, an open deal to preview, and a
/// won deal whose webhook was lost, so that "Sync Deal" has something to do.
pub async fn furnish(stack: &Stack) {
    let today = stack.zuora.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    stack.zuora.bill_through(today);
    for (account, currency, paid) in
        [("HS-24680135-9001001", "NOK", json!(20_000)), ("HS-24680135-9001003", "USD", json!(228))]
    {
        let documents = [
            (
                "payments",
                json!({ "paymentNumber": format!("P-{currency}-0001"), "effectiveDate": today, "type": "External",
                    "amount": paid, "unappliedAmount": 0, "status": "Processed" }),
            ),
            (
                "credit-memos",
                json!({ "memoNumber": format!("CM-{currency}-0001"), "memoDate": today, "totalAmount": 1_500,
                    "balance": 1_500, "status": "Posted" }),
            ),
            (
                "debit-memos",
                json!({ "memoNumber": format!("DM-{currency}-0001"), "memoDate": today, "dueDate": today,
                    "totalAmount": 300, "balance": 300, "status": "Posted" }),
            ),
        ];
        for (kind, mut fields) in documents {
            fields["accountNumber"] = json!(account);
            fields["currency"] = json!(currency);
            stack.zuora.seed_document(kind, fields);
        }
    }
    let line = |id, quantity, price| Line {
        id,
        product: Some("1200000001"),
        name: "Kestrel Platform",
        quantity,
        price,
        frequency: Some("monthly"),
        term: Some("P12M"),
        ..Line::default()
    };
    let deal = |name, stage, currency, close| {
        [
            ("dealname", name),
            ("pipeline", "default"),
            ("dealstage", stage),
            ("deal_currency_code", currency),
            ("closedate", close),
        ]
    };
    let close = "2026-11-20T10:00:00Z";
    stack.hubspot.set_auto_deliver(false);
    let unheard = deal("Brightpath 25 seats", "closedwon", "GBP", close);
    stack.hubspot.add_deal(UNHEARD_DEAL, Some("9001002"), &unheard, &[line("8501", "25", "39.00")]);
    let open = deal("Fjordlys 10 more seats", "contractsent", "NOK", close);
    stack.hubspot.add_deal("7051", Some("9001001"), &open, &[line("8511", "10", "520.00")]);
    drop(stack.hubspot.take_events());
    stack.hubspot.set_auto_deliver(true);
}
