//! The front door: finds the installation whose secret signed a request, routes it, and answers the rest.

use super::card::Cards;
use super::replay::Replay;
use super::{card, health, intake, settings};
use crate::request::{Request, Response};
use crate::router::{CardObject, Route, route};
use connector_domain::ids::{AppId, PortalId};
use connector_engine::Engine;
use connector_hubspot::signature::Verifier;
use connector_ports::clock::Clock;
use connector_ports::tickles::Tickles;
use std::sync::Arc;

/// One installation, as far as requests from outside concern it.
pub struct Site {
    /// The portal.
    pub portal: PortalId,
    /// The app.
    pub app: AppId,
    /// Checks signatures with this installation's secrets.
    pub verifier: Verifier,
    /// The queue.
    pub tickles: Arc<dyn Tickles>,
    /// The engine; the intake function has none.
    pub engine: Option<Engine>,
    /// What cards and pages need; the intake function has none.
    pub cards: Option<Cards>,
    /// User ids and e-mail addresses that may press buttons; none means everyone in the portal, and nobody for
    /// confirmations and mass retries (D-28).
    pub allowed_users: Option<std::collections::BTreeSet<String>>,
}

/// All installations behind one address.
pub struct Front {
    /// The installations.
    pub sites: Vec<Site>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Answers of the last minutes.
    pub replay: Replay,
}

/// A request that was signed by one of our secrets.
pub(super) struct Signed<'a> {
    pub(super) site: &'a Site,
    /// Names this request among all: the signature covers method, address, body and time.
    pub(super) identity: String,
}

impl Front {
    /// Answers a request; never fails.
    pub async fn handle(&self, request: &Request) -> Response {
        let response = self.answer(request).await;
        tracing::info!(
            http.method = %request.method,
            http.status = response.status,
            correlation.id = %response.correlation,
            "answered a request"
        );
        response
    }

    async fn answer(&self, request: &Request) -> Response {
        let now = self.clock.now();
        let correlation = request.correlation(now);
        if request.body_too_large {
            return Response::too_large(&correlation);
        }
        let route = route(&request.method, &request.path);
        match &route {
            Route::Health => {
                return Response::json(200, &serde_json::json!({ "status": "ok" }), &correlation);
            }
            Route::HubSpotWebhook
            | Route::Card(..)
            | Route::CardSync(..)
            | Route::CardPreview(_)
            | Route::CardConfirm(_)
            | Route::Settings
            | Route::SystemHealth
            | Route::SystemHealthRetry => {}
            Route::ZuoraWebhook | Route::NotFound => return Response::not_found(&correlation),
        }
        let Some(signed) = self.verified(request) else { return Response::unauthorized(&correlation) };
        if let Some(answer) = self.replay.answer(&signed.identity, now) {
            return answer;
        }
        let response = match route {
            Route::HubSpotWebhook => intake::handle(signed.site, request, now, &correlation).await,
            Route::Card(object, id) => card::view(signed.site, request, object, &id, &correlation).await,
            Route::CardSync(object, id) => {
                let press = card::Press { object, id: &id, now, replay: &self.replay };
                card::sync(signed.site, request, press, &correlation).await
            }
            Route::CardPreview(id) => card::preview(signed.site, request, &id, &correlation).await,
            Route::CardConfirm(id) => card::confirm(signed.site, request, &id, &correlation).await,
            Route::Settings => settings::handle(signed.site, request, &correlation).await,
            Route::SystemHealth => health::show(signed.site, request, &correlation).await,
            Route::SystemHealthRetry => health::again(signed.site, request, &correlation).await,
            Route::ZuoraWebhook | Route::Health | Route::NotFound => Response::not_found(&correlation),
        };
        // After the work is durable, never before: a duplicate is cheap, a loss is not.
        if response.status < 300 {
            self.replay.remember(signed.identity, &response, now);
        }
        response
    }

    /// The installation whose secret signed the request. All are tried, so that the time says nothing.
    fn verified<'a>(&'a self, request: &Request) -> Option<Signed<'a>> {
        let header = |name: &str| request.header(name);
        let address = request.path_and_query();
        let now = self.clock.now();
        let mut found = None;
        for site in &self.sites {
            match site.verifier.verify(request.method.as_str(), &address, header, &request.body, now) {
                Ok(_) => found = Some(site),
                Err(refused) => {
                    tracing::warn!(portal.id = %site.portal, reason = %refused, "a signature was refused");
                }
            }
        }
        let site = found?;
        let signature = header("x-hubspot-signature-v3").unwrap_or_default();
        let time = header("x-hubspot-request-timestamp").unwrap_or_default();
        Some(Signed { site, identity: format!("{} {address} {time} {signature}", request.method) })
    }
}

/// The kind behind a card's route.
pub(super) fn kind_of(object: CardObject) -> connector_domain::object::ObjectKind {
    match object {
        CardObject::Company => connector_domain::object::ObjectKind::Company,
        CardObject::Deal => connector_domain::object::ObjectKind::Deal,
    }
}
