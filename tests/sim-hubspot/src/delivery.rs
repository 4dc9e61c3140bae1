//! Delivery of events: signed batches to the webhook target, with retries.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::events::Outgoing;
use crate::sign::SignedRequest;
use crate::sim::Inner;

/// Most events of one request.
const MOST_EVENTS: usize = 100;
/// Attempts after the first one; then an event is gone.
const MOST_RETRIES: u32 = 10;
/// Time in which changes are gathered into one batch.
const GATHER: Duration = Duration::from_millis(20);
/// Time the target has to answer.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// One attempt at delivering a batch.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// The events as they were sent.
    pub events: Vec<Value>,
    /// HTTP status of the answer; 0 where there was none.
    pub status: u16,
}

/// Delivers by itself for as long as the simulator runs.
pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        inner.events_wait.notified().await;
        tokio::time::sleep(GATHER).await;
        while inner.auto_deliver.load(Ordering::SeqCst) {
            let batch = take(&inner);
            if batch.is_empty() {
                break;
            }
            inner.in_flight.fetch_add(batch.len(), Ordering::SeqCst);
            let inner = Arc::clone(&inner);
            tokio::spawn(async move {
                let count = batch.len();
                until_accepted(&inner, batch).await;
                inner.in_flight.fetch_sub(count, Ordering::SeqCst);
            });
        }
    }
}

/// The next batch, if there is somewhere to deliver it to.
pub(crate) fn take(inner: &Inner) -> Vec<Outgoing> {
    if inner.target().is_none() {
        return Vec::new();
    }
    let mut state = inner.state();
    let count = state.outbox.len().min(MOST_EVENTS);
    state.outbox.drain(..count).collect()
}

async fn until_accepted(inner: &Inner, mut batch: Vec<Outgoing>) {
    let mut delays = inner.config.retry_delays_ms.iter();
    loop {
        if accepted(attempt(inner, &batch).await) {
            return;
        }
        for outgoing in &mut batch {
            outgoing.attempt += 1;
        }
        batch.retain(|outgoing| {
            let alive = outgoing.attempt <= MOST_RETRIES;
            if !alive {
                inner.lost.fetch_add(1, Ordering::SeqCst);
            }
            alive
        });
        if batch.is_empty() {
            return;
        }
        let delay = delays.next().copied().unwrap_or(5000);
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
}

/// Whether a status counts as delivered.
pub(crate) fn accepted(status: u16) -> bool {
    (200..300).contains(&status)
}

/// Tries one batch once, now. What is not accepted goes back to the front of the queue.
pub(crate) async fn once(inner: &Inner, batch: Vec<Outgoing>) -> usize {
    let count = batch.len();
    if accepted(attempt(inner, &batch).await) {
        return count;
    }
    let mut state = inner.state();
    for mut outgoing in batch.into_iter().rev() {
        outgoing.attempt += 1;
        if outgoing.attempt > MOST_RETRIES {
            inner.lost.fetch_add(1, Ordering::SeqCst);
        } else {
            state.outbox.push_front(outgoing);
        }
    }
    drop(state);
    inner.events_wait.notify_one();
    0
}

async fn attempt(inner: &Inner, batch: &[Outgoing]) -> u16 {
    let events: Vec<Value> = batch
        .iter()
        .map(|outgoing| {
            let mut event = outgoing.event.clone();
            event["attemptNumber"] = json!(outgoing.attempt);
            event
        })
        .collect();
    let timestamp = inner.clock.now().as_millisecond();
    match parts(inner, &events, timestamp) {
        Some(request) => {
            let status = send(inner, &request).await.map_or(0, |(status, _)| status);
            inner.deliveries().push(Delivery { events, status });
            status
        }
        None => 0,
    }
}

/// A signed delivery of events, made but not sent; `None` without a target.
pub(crate) fn parts(inner: &Inner, events: &[Value], timestamp_ms: i64) -> Option<SignedRequest> {
    let target = inner.target()?;
    let body = serde_json::to_vec(events).ok()?;
    Some(SignedRequest::new(&inner.config.client_secret, "POST", &target, body, timestamp_ms, true))
}

/// Sends a request, to the origin of `connect_to` where that is set; answers status and body.
pub(crate) async fn send(inner: &Inner, request: &SignedRequest) -> Option<(u16, Vec<u8>)> {
    let url = match &inner.config.connect_to {
        Some(origin) => format!("{}{}", origin.trim_end_matches('/'), path_of(&request.url)),
        None => request.url.clone(),
    };
    let method = reqwest::Method::from_bytes(request.method.as_bytes()).ok()?;
    let mut call = inner.client.request(method, url);
    for (name, value) in &request.headers {
        call = call.header(name, value);
    }
    let answer = call.body(request.body.clone()).send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.bytes().await.ok()?.to_vec()))
}

/// Path and query of a URL.
pub(crate) fn path_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(after_scheme..).unwrap_or_default();
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}
