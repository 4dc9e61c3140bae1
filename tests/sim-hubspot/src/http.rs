//! Requests and answers as the simulated API sees them, and HubSpot's error bodies.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::events::Cause;
use crate::state::State;
use crate::values::Refusal;

/// One API request, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Upper case.
    pub(crate) method: String,
    /// As it came, without the query.
    pub(crate) path: String,
    /// The decoded parts of the path.
    pub(crate) segments: Vec<String>,
    /// Decoded names and values.
    pub(crate) query: Vec<(String, String)>,
    /// `Null` where there is no body.
    pub(crate) body: Value,
    /// Characters of the body.
    pub(crate) body_length: usize,
    pub(crate) now: Timestamp,
    /// The last input of a batch fails (fault script).
    pub(crate) partial: bool,
}

impl Request {
    /// The first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A comma list, which may also come as repeated parameters.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.query
            .iter()
            .filter(|(own, _)| own == name)
            .flat_map(|(_, value)| value.split(','))
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    }

    /// The list `inputs` of a batch body.
    pub(crate) fn inputs(&self) -> &[Value] {
        self.body["inputs"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// The cause of changes made by this request.
    pub(crate) fn cause(&self, state: &State) -> Cause {
        Cause::app(self.now, state.config.app_id)
    }

    /// Whether the path is one of the older twins that give association ids as numbers.
    pub(crate) fn is_v4(&self) -> bool {
        self.path.contains("/v4/")
    }
}

/// One API answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Null` answers no body.
    pub(crate) body: Value,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Answer {
    /// An answer with a status and a body.
    pub(crate) fn new(status: u16, body: Value) -> Answer {
        Answer { status, body, headers: Vec::new() }
    }

    /// 200 with a body.
    pub(crate) fn ok(body: Value) -> Answer {
        Answer::new(200, body)
    }

    /// 204.
    pub(crate) fn empty() -> Answer {
        Answer::new(204, Value::Null)
    }
}

impl State {
    /// An error in HubSpot's general form.
    pub(crate) fn error(&mut self, status: u16, category: &str, message: &str) -> Answer {
        let body = json!({
            "status": "error", "message": message, "correlationId": self.correlation_id(), "category": category,
        });
        Answer::new(status, body)
    }

    /// 400 with inner errors.
    pub(crate) fn refused(&mut self, refusal: &Refusal) -> Answer {
        let mut answer = self.error(400, "VALIDATION_ERROR", &refusal.message);
        answer.body["errors"] = Value::Array(refusal.errors.clone());
        answer
    }

    /// 400 with a message only.
    pub(crate) fn invalid(&mut self, message: &str) -> Answer {
        self.error(400, "VALIDATION_ERROR", message)
    }

    /// 404 of a record, property, pipeline...
    pub(crate) fn not_found(&mut self) -> Answer {
        self.error(404, "OBJECT_NOT_FOUND", "resource not found")
    }

    /// 401.
    pub(crate) fn unauthorized(&mut self) -> Answer {
        let message = "Authentication credentials not found. This API supports OAuth 2.0 authentication and you \
                       can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview";
        self.error(401, "INVALID_AUTHENTICATION", message)
    }

    /// 403 naming the scopes that would be needed.
    pub(crate) fn missing_scopes(&mut self, scopes: &[String]) -> Answer {
        let message = "This app hasn't been granted all required scopes to make this call. Read more about \
                       required scopes here: https://developers.hubspot.com/scopes.";
        let mut answer = self.error(403, "MISSING_SCOPES", message);
        answer.body["errors"] = json!([{
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": scopes},
        }]);
        answer.body["links"] = json!({"scopes": "https://developers.hubspot.com/scopes"});
        answer
    }

    /// 429 of a policy: `TEN_SECONDLY_ROLLING`, `SECONDLY` or `DAILY`.
    pub(crate) fn too_many(&mut self, policy: &str, retry_after: Option<u64>) -> Answer {
        let named = policy.to_ascii_lowercase();
        let body = json!({
            "status": "error", "message": format!("You have reached your {named} limit."),
            "errorType": "RATE_LIMIT", "policyName": policy,
            "correlationId": self.correlation_id(), "requestId": self.correlation_id(), "category": "RATE_LIMITS",
        });
        let mut answer = Answer::new(429, body);
        if let Some(seconds) = retry_after {
            answer.headers.push(("Retry-After", seconds.to_string()));
        }
        answer
    }
}

/// The body of a batch answer, 207 where something failed.
pub(crate) fn batch_answer(status: u16, results: Vec<Value>, errors: Vec<Value>, now: Timestamp) -> Answer {
    let time = crate::clock::iso(now);
    let mut body = Map::new();
    body.insert("status".to_owned(), json!("COMPLETE"));
    body.insert("results".to_owned(), Value::Array(results));
    body.insert("startedAt".to_owned(), json!(time));
    body.insert("completedAt".to_owned(), json!(time));
    let failed = !errors.is_empty();
    if failed {
        body.insert("numErrors".to_owned(), json!(errors.len()));
        body.insert("errors".to_owned(), Value::Array(errors));
    }
    Answer::new(if failed { 207 } else { status }, Value::Object(body))
}

/// One entry of `errors` in a batch answer.
pub(crate) fn batch_error(category: &str, message: &str, context: Value) -> Value {
    json!({
        "status": "error", "category": category, "message": message, "context": context, "errors": [],
        "links": {},
    })
}
