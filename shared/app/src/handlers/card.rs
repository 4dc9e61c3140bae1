//! The card's view and its sync buttons. Identity comes from the signed query; the object id comes from our own
//! card code and is only ever looked up inside the signed portal.

use super::site::{Site, kind_of};
use crate::request::{Request, Response};
use crate::router::CardObject;
use connector_domain::ids::HubSpotId;
use connector_domain::object::{ObjectRef, StateKey};
use connector_engine::Engine;
use connector_engine::card::{ButtonScope, press, view as card_view};
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

pub(super) async fn sync(
    site: &Site,
    request: &Request,
    object: CardObject,
    id: &HubSpotId,
    correlation: &str,
) -> Response {
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
    let request_id = body.request_key.filter(|k| is_plain(k)).unwrap_or_else(|| correlation.to_owned());
    match press(engine, &key, scope, caller.actor(), &request_id).await {
        Ok(_) => Response::json(200, &serde_json::json!({ "requestId": request_id }), correlation),
        Err(error) => {
            tracing::error!(object.kind = %key.object.kind, object.id = %key.object.id, correlation.id = %correlation, error = error.for_log(), "a button press could not be queued");
            Response::trouble(correlation)
        }
    }
}

fn is_plain(key: &str) -> bool {
    (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
}
