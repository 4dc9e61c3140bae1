//! The test's side over HTTP, under `/_sim/`.

use serde_json::{Value, json};

use crate::api::Request;
use crate::billing;
use crate::errors::Reply;
use crate::faults::FaultRule;
use crate::json::{self, Object, text};
use crate::report;
use crate::seed;
use crate::server::{Inner, lock};

fn bad(message: &str) -> Reply {
    Reply::new(400, json!({"error": message}))
}

/// Answers a control call.
pub(crate) fn handle(inner: &Inner, req: &Request) -> Reply {
    let body = match serde_json::from_str::<Value>(&req.body) {
        Ok(Value::Object(map)) => map,
        _ => Object::new(),
    };
    match (req.method.as_str(), req.path.as_str()) {
        ("GET", "/_sim/state") => Reply::ok(state(inner)),
        ("GET", "/_sim/calls") => Reply::ok(json!(lock(&inner.recorder).calls())),
        ("DELETE", "/_sim/calls") => {
            lock(&inner.recorder).clear();
            Reply::ok(json!({"ok": true}))
        }
        ("POST", "/_sim/faults") => match serde_json::from_str::<FaultRule>(&req.body) {
            Ok(rule) => {
                lock(&inner.script).push(rule);
                Reply::ok(json!({"ok": true}))
            }
            Err(error) => bad(&error.to_string()),
        },
        ("DELETE", "/_sim/faults") => {
            lock(&inner.script).clear();
            Reply::ok(json!({"ok": true}))
        }
        ("POST", "/_sim/advance") => match body.get("seconds").and_then(Value::as_i64) {
            Some(seconds) => {
                inner.clock.advance(seconds);
                Reply::ok(json!({"now": inner.tenant().now.to_string()}))
            }
            None => bad("seconds is missing"),
        },
        ("POST", "/_sim/seed") if text(&body, "what") == Some("acceptance_catalog") => {
            match seed::acceptance_catalog(&mut inner.tenant()) {
                Ok(()) => Reply::ok(json!({"ok": true})),
                Err(reply) => reply,
            }
        }
        ("POST", "/_sim/accounts") => match seed::account(&mut inner.tenant(), &body) {
            Ok(id) => Reply::ok(json!({"id": id})),
            Err(reply) => Reply::new(400, reply.body),
        },
        ("POST", "/_sim/bill") => match json::date(&body, "through") {
            Some(date) => Reply::ok(json!({"invoices": billing::bill_through(&mut inner.tenant(), date)})),
            None => bad("through is missing"),
        },
        ("POST", "/_sim/taxable") => match text(&body, "charge") {
            Some(key) => Reply::ok(json!({"charges": seed::taxable(&mut inner.tenant(), key)})),
            None => bad("charge is missing"),
        },
        ("POST", "/_sim/custom-field") => match (text(&body, "object"), text(&body, "name")) {
            (Some(object), Some(name)) => {
                let fields = &mut inner.tenant().config.custom_fields;
                fields.entry(object.to_owned()).or_default().push(name.to_owned());
                Reply::ok(json!({"ok": true}))
            }
            _ => bad("object and name are needed"),
        },
        ("POST", "/_sim/uplift") => {
            inner.tenant().renewal_uplift = json::dec_of(&body, "percent");
            Reply::ok(json!({"ok": true}))
        }
        ("POST", "/_sim/documents") => {
            let Some(kind) = text(&body, "kind").map(str::to_owned) else { return bad("kind is missing") };
            let fields = json::object(&body, "fields").cloned().unwrap_or_default();
            Reply::ok(json!({"id": seed::document(&mut inner.tenant(), &kind, fields)}))
        }
        _ => Reply::new(404, json!({"error": "unknown control call"})),
    }
}

/// Everything, for `GET /_sim/state`.
fn state(inner: &Inner) -> Value {
    let writes = lock(&inner.recorder).calls().iter().filter(|c| c.write).count();
    let tenant = inner.tenant();
    json!({
        "now": tenant.now.to_string(),
        "writes": writes,
        "accounts": report::accounts(&tenant),
        "contacts": report::contacts(&tenant),
        "products": report::products(&tenant),
        "orders": report::orders(&tenant),
        "subscriptions": report::subscriptions(&tenant),
        "documents": tenant.documents,
    })
}
