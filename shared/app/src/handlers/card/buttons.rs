//! The buttons of a card: sync, preview, and the confirmation of a cancellation.

use super::{Asked, asked, reader};
use crate::handlers::caller::refusal;
use crate::handlers::replay::Replay;
use crate::handlers::site::Site;
use crate::request::{Request, Response};
use crate::router::CardObject;
use connector_domain::fault::FaultClass;
use connector_domain::ids::HubSpotId;
use connector_engine::card::build::{MAY_NOT_ACT, MAY_NOT_CONFIRM};
use connector_engine::card::model::CardState;
use connector_engine::card::pages::{Confirmed, SyncAccepted};
use connector_engine::card::press::{self, confirm as note, press};
use connector_engine::card::{ButtonScope, preview as would};
use jiff::Timestamp;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::timeout;

/// A preview asks both vendors several times; HubSpot waits 15 s for an answer (`hubspot.md` 6.5).
const PREVIEW_LIMIT: Duration = Duration::from_secs(12);

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SyncBody {
    scope: Option<String>,
    request_key: Option<String>,
}

/// A button of the card of one record.
pub(in crate::handlers) struct Press<'a> {
    pub(in crate::handlers) object: CardObject,
    pub(in crate::handlers) id: &'a HubSpotId,
    pub(in crate::handlers) now: Timestamp,
    pub(in crate::handlers) replay: &'a Replay,
}

pub(in crate::handlers) async fn sync(
    site: &Site,
    request: &Request,
    by: Press<'_>,
    correlation: &str,
) -> Response {
    let Press { object, id, now, replay } = by;
    let Some(Asked { caller, engine, key, .. }) = asked(site, request, object, id) else {
        return Response::unauthorized(correlation);
    };
    if !caller.rights(site).act {
        return refusal("forbidden", MAY_NOT_ACT, correlation);
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
            let response = Response::json(200, &SyncAccepted { request_id }, correlation);
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

pub(in crate::handlers) async fn preview(
    site: &Site,
    request: &Request,
    id: &HubSpotId,
    correlation: &str,
) -> Response {
    let Some(Asked { caller, engine, key, .. }) = asked(site, request, CardObject::Deal, id) else {
        return Response::unauthorized(correlation);
    };
    if !caller.rights(site).act {
        return refusal("forbidden", MAY_NOT_ACT, correlation);
    }
    let reader = reader(request);
    match timeout(PREVIEW_LIMIT, would::preview(engine, &key, &reader)).await {
        Ok(Ok(preview)) => Response::json(200, &preview, correlation),
        Ok(Err(error)) => {
            tracing::warn!(object.id = %key.object.id, correlation.id = %correlation, error = error.for_log(), "a preview could not be made");
            let text = match error.class {
                FaultClass::Denied => "The connector has no right to read what the preview needs.",
                FaultClass::Transient
                | FaultClass::Throttled { .. }
                | FaultClass::Unknown
                | FaultClass::Permanent
                | FaultClass::Bug => "Zuora or HubSpot did not answer the preview. Try again in a minute.",
            };
            refusal("unavailable", text, correlation)
        }
        Err(_) => refusal("unavailable", "The preview takes too long. Try again in a minute.", correlation),
    }
}

#[derive(Deserialize)]
struct ConfirmBody {
    kind: String,
    token: String,
}

pub(in crate::handlers) async fn confirm(
    site: &Site,
    request: &Request,
    id: &HubSpotId,
    correlation: &str,
) -> Response {
    let Some(Asked { caller, engine, key, .. }) = asked(site, request, CardObject::Deal, id) else {
        return Response::unauthorized(correlation);
    };
    if !caller.rights(site).confirm {
        return refusal("forbidden", MAY_NOT_CONFIRM, correlation);
    }
    let body: ConfirmBody = match serde_json::from_slice(&request.body) {
        Ok(body) => body,
        Err(_) => return Response::bad_request(correlation),
    };
    if body.kind != "cancellation" || body.token.is_empty() {
        return Response::bad_request(correlation);
    }
    match note(engine, &key, &body.token, caller.actor(), correlation).await {
        Ok(press::Confirmed::Noted | press::Confirmed::Before) => {
            Response::json(200, &Confirmed { state: CardState::Working }, correlation)
        }
        Ok(press::Confirmed::Unasked) => {
            let text = "This is not what is to be confirmed now. Load the card again.";
            refusal("wrong_token", text, correlation)
        }
        Err(error) => {
            tracing::error!(object.id = %key.object.id, correlation.id = %correlation, error = error.for_log(), "a confirmation could not be noted");
            Response::trouble(correlation)
        }
    }
}
