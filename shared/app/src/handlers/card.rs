//! The card's view and its sync buttons. Identity comes from the signed query; the object id comes from our own
//! card code and is only ever looked up inside the signed portal.

use super::replay::Replay;
use super::site::{Site, kind_of};
use crate::request::{Request, Response};
use crate::router::CardObject;
use connector_domain::ids::HubSpotId;
use connector_domain::object::{ObjectRef, StateKey};
use connector_engine::Engine;
use connector_engine::card::{ButtonScope, press, view as card_view};
use jiff::Timestamp;
use serde::Deserialize;

/// What HubSpot appends to every `hubspot.fetch` (`hubspot.md` 6.5).
struct Caller {
    user: Option<String>,
    email: Option<String>,
}

impl Caller {
    /// Reads the signed query; none when it names another portal or app, or no portal at all.
    fn read(site: &Site, request: &Request) -> Option<Self> {
        let value = |name: &str| request.query_value(name);
        let portal_fits = value("portalId")? == site.portal.to_string();
        let app_fits = value("appId").is_none_or(|app| app == site.app.to_string());
        (portal_fits && app_fits).then(|| Self { user: value("userId"), email: value("userEmail") })
    }

    fn may_press(&self, site: &Site) -> bool {
        site.allowed_users.as_ref().is_none_or(|users| {
            users.iter().any(|allowed| {
                self.user.as_deref() == Some(allowed.as_str())
                    || self.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(allowed))
            })
        })
    }

    /// Who, for the audit trail: an id, never an address.
    fn actor(&self) -> Option<String> {
        self.user
            .as_ref()
            .filter(|id| id.bytes().all(|b| b.is_ascii_digit()))
            .map(|id| format!("userId:{id}"))
    }
}

fn expected_failure(code: &str, message: &str, correlation: &str) -> Response {
    // A card sees nothing of other statuses for sure, so expected failures are answered 200 (`hubspot.md` 6.5).
    let body = serde_json::json!({ "ok": false, "error": { "code": code, "message": message } });
    Response::json(200, &body, correlation)
}

fn parts<'a>(site: &'a Site, object: CardObject, id: &HubSpotId) -> Option<(&'a Engine, StateKey)> {
    let engine = site.engine.as_ref()?;
    Some((engine, StateKey::new(site.portal, ObjectRef::new(kind_of(object), id.clone()))))
}

pub(super) async fn view(
    site: &Site,
    request: &Request,
    object: CardObject,
    id: &HubSpotId,
    correlation: &str,
) -> Response {
    let (Some(_), Some((engine, key))) = (Caller::read(site, request), parts(site, object, id)) else {
        return Response::unauthorized(correlation);
    };
    match card_view(engine, &key, site.ui_url.as_deref()).await {
        Ok(view) => Response::json(200, &view, correlation),
        Err(error) => {
            tracing::error!(object.kind = %key.object.kind, object.id = %key.object.id, correlation.id = %correlation, error = error.for_log(), "a card could not be shown");
            Response::trouble(correlation)
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SyncBody {
    scope: Option<String>,
    request_key: Option<String>,
}

/// A button of the card of one record.
pub(super) struct Press<'a> {
    pub(super) object: CardObject,
    pub(super) id: &'a HubSpotId,
    pub(super) now: Timestamp,
    pub(super) replay: &'a Replay,
}

pub(super) async fn sync(site: &Site, request: &Request, by: Press<'_>, correlation: &str) -> Response {
    let Press { object, id, now, replay } = by;
    let (Some(caller), Some((engine, key))) = (Caller::read(site, request), parts(site, object, id)) else {
        return Response::unauthorized(correlation);
    };
    if !caller.may_press(site) {
        return expected_failure(
            "forbidden",
            "You may not start a sync here. Ask the administrator of the connector.",
            correlation,
        );
    }
    let body: SyncBody = if request.body.is_empty() {
        SyncBody::default()
    } else {
        match serde_json::from_slice(&request.body) {
            Ok(body) => body,
            Err(_) => return Response::bad_request(correlation),
        }
    };
    let scope = match body.scope.as_deref() {
        Some("with_deals") => ButtonScope::WithDeals,
        Some("record_only") | None => ButtonScope::RecordOnly,
        Some(_) => return Response::bad_request(correlation),
    };
    let request_key = body.request_key.filter(|k| is_plain(k));
    // The card sends a press again under its key when it got no answer, signed anew.
    let identity = request_key.as_ref().map(|k| format!("sync {} {} {k}", key.portal, key.object));
    if let Some(answer) = identity.as_ref().and_then(|identity| replay.answer(identity, now)) {
        return answer;
    }
    let request_id = request_key.unwrap_or_else(|| correlation.to_owned());
    match press(engine, &key, scope, caller.actor(), &request_id).await {
        Ok(_) => {
            let body = serde_json::json!({ "requestId": request_id });
            let response = Response::json(200, &body, correlation);
            if let Some(identity) = identity {
                replay.remember(identity, &response, now);
            }
            response
        }
        Err(error) => {
            tracing::error!(object.kind = %key.object.kind, object.id = %key.object.id, correlation.id = %correlation, error = error.for_log(), "a button press could not be queued");
            Response::trouble(correlation)
        }
    }
}

fn is_plain(key: &str) -> bool {
    (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EnvMap, Secrets, Surroundings, load};
    use crate::vendors::{StaticSecrets, Vendors, site};
    use connector_ports::fake::{MemoryStates, MemoryTickles, TestClock};
    use std::sync::Arc;

    const CONFIG: &str = r#"
[hubspot]
portal_id = 24680135
app_id = 50780459
base_url = "http://127.0.0.1:9"
[zuora]
base_url = "http://127.0.0.1:9"
[public]
url = "http://127.0.0.1:8787"
"#;

    async fn place(tickles: &MemoryTickles) -> Site {
        let config = load(Some(CONFIG), "t", &EnvMap::new(), Surroundings::default()).unwrap().remove(0);
        let secrets = Secrets {
            hubspot_access_token: "a".into(),
            hubspot_client_secrets: vec!["b".into()],
            zuora_client_id: "c".into(),
            zuora_client_secret: "d".into(),
            zuora_callout_secret: None,
        };
        let clock = Arc::new(TestClock::new("2026-11-16T10:00:00Z".parse().unwrap()));
        let vendors =
            Vendors::new(&config, Arc::new(StaticSecrets(secrets.clone())), clock.clone()).await.unwrap();
        let queue = Arc::new(tickles.clone());
        let engine = vendors.engine(&config, Arc::new(MemoryStates::new()), queue.clone(), clock);
        site(&config, &secrets, queue, Some(engine)).unwrap()
    }

    #[tokio::test]
    async fn a_press_with_the_same_key_for_the_same_record_rings_once_in_five_minutes() {
        let tickles = MemoryTickles::new();
        let (site, replay) = (place(&tickles).await, Replay::default());
        let rung = async |object, id: &str, body: &'static str, second: i64| {
            let request = Request {
                method: http::Method::POST,
                path: "/".to_owned(),
                query: "portalId=24680135&userId=7".to_owned(),
                headers: http::HeaderMap::new(),
                body: body.as_bytes().into(),
                body_too_large: false,
            };
            let (id, now) = (HubSpotId::parse(id).unwrap(), Timestamp::from_second(second).unwrap());
            let response =
                sync(&site, &request, Press { object, id: &id, now, replay: &replay }, "c-1").await;
            let text = String::from_utf8(response.body.to_vec()).unwrap();
            assert_eq!(response.status, 200, "{text}");
            (tickles.drain().len(), text)
        };
        let (keyed, other) = (r#"{"requestKey":"k-1"}"#, r#"{"requestKey":"k-2"}"#);
        let first = rung(CardObject::Deal, "7001", keyed, 0).await;
        assert_eq!(first, (1, r#"{"requestId":"k-1"}"#.to_owned()));
        assert_eq!(rung(CardObject::Deal, "7001", keyed, 300).await, (0, first.1));
        // Another record, another kind, another key, and a press much later are presses of their own.
        assert_eq!(rung(CardObject::Deal, "7002", keyed, 1).await.0, 1);
        assert_eq!(rung(CardObject::Company, "7001", keyed, 1).await.0, 1);
        assert_eq!(rung(CardObject::Deal, "7001", other, 1).await.0, 1);
        assert_eq!(rung(CardObject::Deal, "7001", keyed, 301).await.0, 1);
        // Without a key that we can use, each press counts.
        for body in ["", "{}", r#"{"requestKey":"not plain"}"#] {
            assert_eq!(rung(CardObject::Deal, "7001", body, 2).await.0, 1);
            assert_eq!(rung(CardObject::Deal, "7001", body, 2).await.0, 1);
        }
    }
}
