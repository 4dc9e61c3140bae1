//! The way of a call through the server: faults, token, limits, idempotency key, business, answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::{self, Request};
use crate::clock::{Clock, plus};
use crate::config::Config;
use crate::describe;
use crate::errors::{CRUD_REFUSED, NOT_FOUND, REFUSED, Reply, code, refuse, resource};
use crate::faults::{Fault, Script};
use crate::idempotency::{Begin, Store};
use crate::lifecycle;
use crate::recording::Recorder;
use crate::state::Tenant;

/// What is sent back.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// A JSON answer.
    Json(Reply),
    /// HTTP 200 with some other text.
    Raw {
        /// The text.
        text: String,
        /// Its content type.
        kind: &'static str,
    },
    /// Nothing: the connection closes.
    Drop,
}

/// An effect that appears later.
#[derive(Debug)]
struct Late {
    at: Timestamp,
    request: Request,
    key: Option<String>,
}

/// The simulated server's state.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) tenant: Mutex<Tenant>,
    pub(crate) script: Mutex<Script>,
    pub(crate) recorder: Mutex<Recorder>,
    store: Mutex<Store>,
    tokens: Mutex<BTreeMap<String, Timestamp>>,
    late: Mutex<Vec<Late>>,
    busy: [AtomicUsize; 3],
    minute: Mutex<(i64, u32)>,
    locked: Mutex<BTreeSet<String>>,
    serial: AtomicU64,
}

/// Locks, also after a panic elsewhere.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Busy<'a>(&'a AtomicUsize);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An account in use by a call in progress.
struct InUse<'a> {
    locked: &'a Mutex<BTreeSet<String>>,
    account: String,
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        lock(self.locked).remove(&self.account);
    }
}

/// Concurrency classes: name and the vendor's limit.
const CLASSES: [(&str, usize); 3] =
    [("Default", 40), ("High-volume transactions", 200), ("Object Query", 80)];

fn class_of(req: &Request) -> usize {
    if req.path.starts_with("/object-query/") {
        2
    } else if req.method == "POST"
        && (req.path == "/v1/accounts"
            || req.path.starts_with("/v1/orders")
            || req.path == "/v1/subscriptions")
    {
        1
    } else {
        0
    }
}

fn status_reply(req: &Request, status: u16) -> Reply {
    let mut reply =
        refuse(code(api::resource_of(&req.path), 60), "An internal error occurred. Please try again later.");
    reply.status = status;
    reply
}

fn unauthorized() -> Reply {
    let mut reply = refuse(90_000_011, "Authentication error");
    reply.status = 401;
    reply
}

impl Inner {
    /// A server's state, not yet serving.
    pub(crate) fn new(config: Config, record_dir: Option<std::path::PathBuf>) -> Inner {
        let clock = Clock::new(config.start);
        let now = clock.now();
        Inner {
            tenant: Mutex::new(Tenant::new(config.clone(), now)),
            config,
            clock,
            script: Mutex::new(Script::default()),
            recorder: Mutex::new(Recorder::new(record_dir)),
            store: Mutex::new(Store::default()),
            tokens: Mutex::new(BTreeMap::new()),
            late: Mutex::new(Vec::new()),
            busy: [AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0)],
            minute: Mutex::new((0, 0)),
            locked: Mutex::new(BTreeSet::new()),
            serial: AtomicU64::new(1),
        }
    }

    /// The tenant, at the present simulated time, with due late effects applied.
    pub(crate) fn tenant(&self) -> MutexGuard<'_, Tenant> {
        let mut tenant = lock(&self.tenant);
        let now = self.clock.now();
        let mut due: Vec<Late> = {
            let mut late = lock(&self.late);
            let (due, rest) = std::mem::take(&mut *late).into_iter().partition(|l| l.at <= now);
            *late = rest;
            due
        };
        due.sort_by_key(|l| l.at);
        for late in due {
            tenant.now = late.at;
            let reply = self.settle(api::dispatch(&mut tenant, &late.request));
            if let Some(key) = &late.key {
                lock(&self.store).finish(key, &reply);
            }
        }
        tenant.now = now;
        lifecycle::renew_due(&mut tenant);
        tenant
    }

    /// Replaces placeholder statuses by the tenant's settings and adds the request id.
    fn settle(&self, mut reply: Reply) -> Reply {
        reply.status = match reply.status {
            REFUSED => self.config.refusal_status,
            CRUD_REFUSED => self.config.crud_refusal_status,
            NOT_FOUND => self.config.not_found_status,
            other => other,
        };
        let id = format!(
            "7d0e{:08x}-0000-4000-8000-{:012x}",
            std::process::id(),
            self.serial.fetch_add(1, Ordering::SeqCst)
        );
        let id = id.get(4..).unwrap_or_default().to_owned();
        if let Some(body) = reply.body.as_object_mut()
            && (body.contains_key("success") || body.contains_key("reasons"))
            && !body.contains_key("jobId")
        {
            body.insert("requestId".to_owned(), json!(id));
        }
        reply.with_header("Zuora-Request-Id", id)
    }

    /// Handles a call from arrival to delivery and records it.
    pub(crate) async fn handle(&self, req: Request) -> Delivery {
        let ticket = lock(&self.recorder).begin(&req, self.clock.now());
        let verdict = lock(&self.script).take(&req.method, &req.target(), &req.body);
        let fault = verdict.fault.clone();
        let noted = match (&fault, verdict.slow_ms) {
            (None, 0) => None,
            (None, ms) => Some(format!("slow {ms} ms")),
            (Some(fault), ms) => Some(format!("{fault:?}, slow {ms} ms")),
        };
        let mut replayed = false;
        let delivery = self.process(&req, verdict.slow_ms, fault, &mut replayed).await;
        let delivery = match delivery {
            Delivery::Json(reply) => Delivery::Json(self.dress(&req, reply)),
            other => other,
        };
        lock(&self.recorder).finish(ticket, |call| {
            call.fault = noted;
            call.replayed = replayed;
            match &delivery {
                Delivery::Json(reply) => {
                    call.status = Some(reply.status);
                    call.response =
                        if req.path.starts_with("/oauth/") { Value::Null } else { reply.body.clone() };
                }
                Delivery::Raw { text, .. } => {
                    call.status = Some(200);
                    call.response = json!(text);
                }
                Delivery::Drop => {}
            }
        });
        delivery
    }

    async fn process(
        &self,
        req: &Request,
        slow_ms: u64,
        fault: Option<Fault>,
        replayed: &mut bool,
    ) -> Delivery {
        let wait = || tokio::time::sleep(Duration::from_millis(slow_ms));
        // Faults of the network and the gateway, before the tenant sees the call.
        match &fault {
            Some(Fault::TooManyRequests { retry_after }) => {
                wait().await;
                return Delivery::Json(self.settle(too_many(*retry_after)));
            }
            Some(Fault::DropBefore) => {
                wait().await;
                return Delivery::Drop;
            }
            Some(Fault::NonJson { effect: false }) => {
                wait().await;
                return page();
            }
            Some(Fault::TruncatedJson { effect: false }) => {
                wait().await;
                return cut(&Reply::ok(json!({"success": true, "orderNumber": "unknown"})));
            }
            Some(Fault::Unauthorized) => {
                wait().await;
                lock(&self.tokens).clear();
                return Delivery::Json(self.settle(unauthorized()));
            }
            _ => {}
        }
        if req.path == "/oauth/token" {
            wait().await;
            let reply = match fault {
                Some(Fault::StatusBefore { status } | Fault::StatusAfter { status }) => {
                    status_reply(req, status)
                }
                Some(Fault::GatewayTimeout { .. }) => status_reply(req, 504),
                Some(Fault::CommitThenDrop | Fault::DropThenLateEffect { .. }) => return Delivery::Drop,
                _ => self.token(req),
            };
            return after(fault.as_ref(), self.settle(reply));
        }
        let (_busy, refused) = self.admit(req);
        if let Some(reply) = refused {
            return Delivery::Json(self.settle(reply));
        }
        if !self.authorized(req) {
            return Delivery::Json(self.settle(unauthorized()));
        }
        if let Some(reply) = bad_track_id(req) {
            return Delivery::Json(self.settle(reply));
        }
        // A due late effect completes its key first.
        drop(self.tenant());
        let begun = lock(&self.store).begin(req, self.clock.now(), self.config.idempotency_compares_body);
        let key = match begun {
            Begin::Plain => None,
            Begin::First(key) => Some(key),
            Begin::Replay(reply) => {
                *replayed = true;
                wait().await;
                return after(fault.as_ref(), reply);
            }
            Begin::Refused(reply) => return Delivery::Json(self.settle(reply)),
        };
        let (_in_use, collides) = self.take_account(req);
        let fault = if collides { Some(Fault::LockContention) } else { fault };
        wait().await;
        if fault.is_none()
            && req.method == "GET"
            && let Some(text) = describe::document(&self.tenant().config, &req.path)
        {
            return Delivery::Raw { text, kind: "application/xml;charset=UTF-8" };
        }
        let reply = match self.business(req, fault.as_ref(), key.as_ref()) {
            Ok(reply) => reply,
            Err(delivery) => return delivery,
        };
        if let Some(key) = &key {
            lock(&self.store).finish(key, &reply);
        }
        after(fault.as_ref(), reply)
    }

    /// Marks the account that a call changes as in use; true when another call has it.
    fn take_account(&self, req: &Request) -> (Option<InUse<'_>>, bool) {
        let account = match (req.method.as_str(), req.path.as_str()) {
            _ if !self.config.account_locks => None,
            ("POST", "/v1/orders" | "/v1/async/orders") => {
                req.json().get("existingAccountNumber").and_then(Value::as_str).map(str::to_owned)
            }
            ("PUT", path) => path
                .strip_prefix("/v1/accounts/")
                .and_then(|key| self.tenant().account(key).map(|a| a.number.clone())),
            _ => None,
        };
        let Some(account) = account else { return (None, false) };
        if lock(&self.locked).insert(account.clone()) {
            (Some(InUse { locked: &self.locked, account }), false)
        } else {
            (None, true)
        }
    }

    /// The effect and the answer; `Err` when the effect comes later.
    fn business(
        &self,
        req: &Request,
        fault: Option<&Fault>,
        key: Option<&String>,
    ) -> Result<Reply, Delivery> {
        let reply = match fault {
            Some(Fault::StatusBefore { status }) => status_reply(req, *status),
            Some(Fault::Refuse { code, message }) => api::refusal_for(&req.path, *code, message),
            Some(Fault::LockContention) => {
                let number = code(api::resource_of(&req.path), 50);
                let message = "Operation failed due to a lock competition, please retry later.";
                api::refusal_for(&req.path, number, message)
            }
            Some(
                Fault::GatewayTimeout { effect_after_seconds }
                | Fault::DropThenLateEffect { effect_after_seconds },
            ) => {
                let at = plus(self.clock.now(), *effect_after_seconds);
                lock(&self.late).push(Late { at, request: req.clone(), key: key.cloned() });
                return Err(match fault {
                    Some(Fault::GatewayTimeout { .. }) => {
                        let body = json!({"message": "The upstream server is timing out"});
                        Delivery::Json(self.settle(Reply::new(504, body)))
                    }
                    _ => Delivery::Drop,
                });
            }
            Some(Fault::StatusAfter { status }) => {
                api::dispatch(&mut self.tenant(), req);
                status_reply(req, *status)
            }
            _ => api::dispatch(&mut self.tenant(), req),
        };
        Ok(self.settle(reply))
    }

    fn token(&self, req: &Request) -> Reply {
        let refused = |message: &str| Reply::new(401, json!({"reason": message, "success": false}));
        let form = api::form(&req.body);
        let id = api::form_text(&form, "client_id");
        let secret = api::form_text(&form, "client_secret");
        if req.method != "POST" || api::form_text(&form, "grant_type") != "client_credentials" {
            return Reply::new(400, json!({"reason": "Unsupported grant type", "success": false}));
        }
        if id.chars().count() != 36 || secret.is_empty() || secret.chars().count() > 42 {
            return refused("Invalid client id");
        }
        if self.config.client.as_ref().is_some_and(|(i, s)| i != id || s != secret) {
            return refused("Invalid client credentials");
        }
        let serial = self.serial.fetch_add(1, Ordering::SeqCst);
        let token = format!("sim{serial:029x}");
        let until = plus(self.clock.now(), self.config.token_seconds);
        lock(&self.tokens).insert(token.clone(), until);
        Reply::ok(json!({
            "access_token": token, "token_type": "bearer", "expires_in": self.config.token_seconds,
            "scope": "platform.write service.genesis.read tenant.12345", "jti": format!("{serial:032x}"),
        }))
        .with_header("X-RateLimit-Limit-minute", 100)
        .with_header("X-RateLimit-Remaining-minute", 99)
    }

    fn authorized(&self, req: &Request) -> bool {
        let token = req.header("authorization").and_then(|a| {
            let (scheme, token) = a.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token)
        });
        let now = self.clock.now();
        token.is_some_and(|t| lock(&self.tokens).get(t).is_some_and(|until| *until > now))
    }

    /// Counts the call in, or refuses it because of a limit.
    fn admit(&self, req: &Request) -> (Option<Busy<'_>>, Option<Reply>) {
        let class = class_of(req);
        let Some(counter) = self.busy.get(class) else { return (None, None) };
        let count = counter.fetch_add(1, Ordering::SeqCst) + 1;
        let busy = Busy(counter);
        let limit = self.config.concurrency_limit.unwrap_or_else(|| CLASSES.get(class).map_or(40, |c| c.1));
        if count > limit {
            return (Some(busy), Some(too_many(Some(self.config.limit_retry_after))));
        }
        let minute = self.clock.now().as_second().div_euclid(60);
        let mut window = lock(&self.minute);
        if window.0 != minute {
            *window = (minute, 0);
        }
        window.1 = window.1.saturating_add(1);
        if window.1 > self.config.rate_limit_per_minute.unwrap_or(50_000) {
            return (Some(busy), Some(too_many(Some(self.config.limit_retry_after))));
        }
        (Some(busy), None)
    }

    /// Adds the headers that every answer has.
    fn dress(&self, req: &Request, mut reply: Reply) -> Reply {
        if let Some(track) = req.header("zuora-track-id") {
            reply = reply.with_header("Zuora-Track-Id", track);
        }
        if req.path.starts_with("/oauth/") {
            return reply;
        }
        let class = class_of(req);
        let (name, own) = CLASSES.get(class).copied().unwrap_or(("Default", 40));
        let limit = self.config.concurrency_limit.unwrap_or(own);
        let busy = self.busy.get(class).map_or(0, |b| b.load(Ordering::SeqCst));
        let per_minute = self.config.rate_limit_per_minute.unwrap_or(50_000);
        let used = lock(&self.minute).1;
        let second = self.clock.now().as_second().rem_euclid(60);
        reply
            .with_header("Concurrency-Limit-Type", name)
            .with_header("Concurrency-Limit-Limit", limit)
            .with_header("Concurrency-Limit-Remaining", limit.saturating_sub(busy))
            .with_header("RateLimit-Limit", format!("{per_minute}, {per_minute};w=60"))
            .with_header("RateLimit-Remaining", per_minute.saturating_sub(used))
            .with_header("RateLimit-Reset", 60 - second)
    }
}

fn too_many(retry_after: Option<u64>) -> Reply {
    let mut reply = refuse(code(resource::GENERAL, 70), "Too many requests. Please try again later.");
    reply.status = 429;
    match retry_after {
        Some(seconds) => reply.with_header("Retry-After", seconds),
        None => reply,
    }
}

fn bad_track_id(req: &Request) -> Option<Reply> {
    let track = req.header("zuora-track-id")?;
    let bad = track.len() > 64 || !track.is_ascii() || track.contains([':', ';', '"', '\'']);
    bad.then(|| {
        let mut reply = refuse(code(resource::GENERAL, 20), "The Zuora-Track-Id header is not valid.");
        reply.status = 400;
        reply
    })
}

fn page() -> Delivery {
    let text = "<html><head><title>Service maintenance</title></head><body>Please wait</body></html>";
    Delivery::Raw { text: text.to_owned(), kind: "text/html" }
}

fn cut(reply: &Reply) -> Delivery {
    let text = reply.body.to_string();
    let half: String = text.chars().take(text.chars().count() / 2).collect();
    Delivery::Raw { text: half, kind: "application/json" }
}

/// Faults between the answer and the caller.
fn after(fault: Option<&Fault>, reply: Reply) -> Delivery {
    match fault {
        Some(Fault::CommitThenDrop) => Delivery::Drop,
        Some(Fault::NonJson { .. }) => page(),
        Some(Fault::TruncatedJson { .. }) => cut(&reply),
        _ => Delivery::Json(reply),
    }
}

/// Shares the state with the tasks that serve it.
pub(crate) type Shared = Arc<Inner>;
