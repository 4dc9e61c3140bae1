//! Answers: the status, headers and body of a call, and the vendor's shapes of failure.

use serde_json::{Value, json};

use crate::json::Problem;

/// Six-digit resource numbers that start an error code.
pub(crate) mod resource {
    /// Calls without a payload, and generic failures.
    pub(crate) const GENERAL: u32 = 500_000;
    /// Accounts.
    pub(crate) const ACCOUNT: u32 = 515_000;
    /// Contacts.
    pub(crate) const CONTACT: u32 = 531_003;
    /// Subscriptions.
    pub(crate) const SUBSCRIPTION: u32 = 530_000;
    /// Orders.
    pub(crate) const ORDER: u32 = 587_300;
    /// Order preview.
    pub(crate) const PREVIEW: u32 = 587_400;
}

/// An answer to a call.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// HTTP status.
    pub(crate) status: u16,
    /// Body; null is sent as an empty body.
    pub(crate) body: Value,
    /// Further headers.
    pub(crate) headers: Vec<(String, String)>,
}

impl Reply {
    /// A JSON answer.
    pub(crate) fn new(status: u16, body: Value) -> Reply {
        Reply { status, body, headers: Vec::new() }
    }

    /// HTTP 200.
    pub(crate) fn ok(body: Value) -> Reply {
        Reply::new(200, body)
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: &str, value: impl ToString) -> Reply {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Whether the call took effect by the vendor's rule.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
            && self.body.get("success") != Some(&Value::Bool(false))
            && self.body.get("Success") != Some(&Value::Bool(false))
    }
}

/// What a business function gives back: a good answer or a refusal.
pub(crate) type Outcome<T = Reply> = Result<T, Reply>;

/// Eight-digit code.
pub(crate) fn code(resource: u32, suffix: u32) -> u32 {
    resource.saturating_mul(100).saturating_add(suffix)
}

/// Refusal of a `/v1` call. The status is set by the tenant's setting later (200 here).
pub(crate) fn refuse(code: u32, message: impl Into<String>) -> Reply {
    refuse_many(&[(code, message.into())])
}

/// The refusal of an order without a date; the vendor writes this code as text.
pub(crate) fn no_order_date() -> Reply {
    let reasons = json!([{"code": "58730222", "message": "The order date is null."}]);
    Reply::new(REFUSED, json!({"success": false, "processId": "7F2E5B3A9C4D1E60", "reasons": reasons}))
}

/// Refusal of a `/v1` call with several reasons.
pub(crate) fn refuse_many(reasons: &[(u32, String)]) -> Reply {
    let reasons: Vec<Value> = reasons.iter().map(|(c, m)| json!({"code": c, "message": m})).collect();
    Reply::new(REFUSED, json!({"success": false, "processId": "7F2E5B3A9C4D1E60", "reasons": reasons}))
}

/// Refusal of a `/v1` call because of what its body says.
pub(crate) fn refuse_problems(resource: u32, problems: &[Problem]) -> Reply {
    let reasons: Vec<(u32, String)> =
        problems.iter().map(|p| (code(resource, p.kind as u32), p.message.clone())).collect();
    refuse_many(&reasons)
}

/// Placeholder status of a `/v1` refusal, replaced by the tenant's setting.
pub(crate) const REFUSED: u16 = 1;
/// Placeholder status of a CRUD refusal, replaced by the tenant's setting.
pub(crate) const CRUD_REFUSED: u16 = 2;
/// Placeholder status of a keyed read without a hit, replaced by the tenant's setting.
pub(crate) const NOT_FOUND: u16 = 3;

/// Refusal of an object CRUD call.
pub(crate) fn crud_refuse(code: &str, message: impl Into<String>) -> Reply {
    Reply::new(CRUD_REFUSED, json!({"Success": false, "Errors": [{"Code": code, "Message": message.into()}]}))
}

/// A keyed `/v1` read that finds nothing.
pub(crate) fn not_found(what: &str, key: &str) -> Reply {
    let mut reply = refuse(code(resource::GENERAL, 40), format!("Cannot find {what} with key '{key}'."));
    reply.status = NOT_FOUND;
    reply
}

/// Failure of an object query.
pub(crate) fn query_error(status: u16, code: u32, message: impl Into<String>) -> Reply {
    Reply::new(status, json!({"reasons": [{"code": code, "message": message.into()}]}))
}
