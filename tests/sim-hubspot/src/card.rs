//! Calls that a card makes through `hubspot.fetch`: query appended, signed, repeated once on trouble.

use serde_json::{Value, json};

use crate::delivery::{path_of, send};
use crate::sign::SignedRequest;
use crate::sim::{Inner, Sim};

impl Sim {
    /// Calls the connector as a card does; answers status and JSON body (502 where there was no answer).
    ///
    /// `path_and_query` is appended to the card base, or a full URL. `userId`, `portalId`, `userEmail` and `appId`
    /// are appended to the query, the e-mail's `@` percent-encoded; the signature covers the decoded URI. Like
    /// HubSpot it repeats the call once when there is no answer or a 5xx.
    pub async fn card_fetch(
        &self,
        method: &str,
        path_and_query: &str,
        body: Option<Value>,
        user: (&str, &str),
    ) -> (u16, Value) {
        let mut last = (502, json!({"status": "error", "category": "BAD_GATEWAY", "message": "no answer"}));
        for _ in 0..2 {
            let request = self.card_request(method, path_and_query, body.as_ref(), user);
            if let Some((status, bytes)) = send(self.inner(), &request).await {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let json = if text.is_empty() {
                    Value::Null
                } else {
                    serde_json::from_str(&text).unwrap_or(Value::String(text))
                };
                last = (status, json);
            }
            if last.0 < 500 {
                break;
            }
        }
        last
    }

    /// The signed request of a card call, made but not sent: for tests that tamper with it.
    #[must_use]
    pub fn card_request(
        &self,
        method: &str,
        path_and_query: &str,
        body: Option<&Value>,
        user: (&str, &str),
    ) -> SignedRequest {
        self.card_request_at(method, path_and_query, body, user, self.now_ms())
    }

    /// As [`Sim::card_request`], signed for another time.
    #[must_use]
    pub fn card_request_at(
        &self,
        method: &str,
        path_and_query: &str,
        body: Option<&Value>,
        (user_id, email): (&str, &str),
        timestamp_ms: i64,
    ) -> SignedRequest {
        let inner = self.inner();
        let base = if path_and_query.contains("://") { String::new() } else { card_base(inner) };
        let joint = if path_and_query.contains('?') { '&' } else { '?' };
        let email = percent_encoding::utf8_percent_encode(email, percent_encoding::NON_ALPHANUMERIC)
            .to_string()
            .replace("%2E", ".")
            .replace("%2D", "-")
            .replace("%5F", "_");
        let url = format!(
            "{base}{path_and_query}{joint}userId={user_id}&portalId={}&userEmail={email}&appId={}",
            inner.config.portal_id, inner.config.app_id
        );
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        SignedRequest::new(&inner.config.client_secret, method, &url, body, timestamp_ms, false)
    }

    /// Sends a signed request as it is; answers the status, 0 where there was no answer.
    pub async fn send(&self, request: &SignedRequest) -> u16 {
        send(self.inner(), request).await.map_or(0, |(status, _)| status)
    }
}

fn card_base(inner: &Inner) -> String {
    if let Some(base) = &inner.config.card_base {
        return base.trim_end_matches('/').to_owned();
    }
    let target = inner.target().unwrap_or_default();
    if let Some(base) = target.strip_suffix("/webhooks/hubspot") {
        return base.to_owned();
    }
    let path = path_of(&target).len();
    target.get(..target.len().saturating_sub(path)).unwrap_or_default().to_owned()
}
