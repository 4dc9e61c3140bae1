//! `GET /system-health` and `POST /system-health/retry`: how the installation does, and trying again.

use super::caller::{Caller, refusal};
use super::card::reader;
use super::site::Site;
use crate::request::{Request, Response};
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_engine::Engine;
use connector_engine::card::build::{MAY_NOT_ACT, MAY_NOT_CONFIRM};
use connector_engine::card::format::Reader;
use connector_engine::card::model::Problem;
use connector_engine::card::pages::{Failure, Lag, ObjectCounts, Retried, SystemHealth};
use connector_engine::card::press::retry;
use connector_ports::PortError;
use connector_ports::states::Stored;
use futures::future::try_join3;
use jiff::Timestamp;
use serde::Deserialize;

/// Bounds what is read and shown; more failures than this are one failure, not many.
const MOST: usize = 1_000;
const KINDS: [ObjectKind; 3] = [ObjectKind::Company, ObjectKind::Deal, ObjectKind::Product];

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

async fn parked(engine: &Engine, portal: PortalId) -> Result<Vec<(StateKey, Stored)>, PortError> {
    let (mut all, mut next) = (Vec::new(), None::<String>);
    loop {
        let page = engine.states.parked(portal, next.as_deref(), 100).await?;
        all.extend(page.items);
        next = page.next;
        if next.is_none() || all.len() >= MOST {
            return Ok(all);
        }
    }
}

async fn due(engine: &Engine, portal: PortalId, at: Timestamp) -> Result<Vec<StateKey>, PortError> {
    let mut keys = engine.states.due(at, MOST).await?;
    keys.retain(|key| key.portal == portal);
    Ok(keys)
}

fn failures(parked: &[(StateKey, Stored)], reader: &Reader) -> Vec<Failure> {
    let mut out = Vec::new();
    for (key, stored) in parked {
        let since = stored.state.changed_at.unwrap_or(Timestamp::UNIX_EPOCH);
        for problem in &stored.state.problems {
            out.push(Failure {
                object: key.object.kind.to_string(),
                id: key.object.id.to_string(),
                problem: Problem::from(problem),
                since: reader.moment(since),
                retry: key.object.kind.is_root(),
            });
        }
    }
    out
}

pub(super) async fn show(site: &Site, request: &Request, correlation: &str) -> Response {
    let (Some(_), Some(engine), Some(cards)) =
        (Caller::read(site, request), site.engine.as_ref(), site.cards.as_ref())
    else {
        return Response::unauthorized(correlation);
    };
    let now = engine.clock.now();
    let asked = try_join3(
        parked(engine, site.portal),
        due(engine, site.portal, now),
        due(engine, site.portal, Timestamp::MAX),
    );
    let (parked, overdue, scheduled) = match asked.await {
        Ok(answers) => answers,
        Err(error) => {
            tracing::error!(correlation.id = %correlation, error = error.for_log(), "the health page could not be made");
            return Response::trouble(correlation);
        }
    };
    let oldest = match overdue.first() {
        Some(key) => engine.states.read(key).await.ok().flatten().and_then(|stored| stored.due_at),
        None => None,
    };
    let reader = reader(request);
    let counts = KINDS.iter().map(|kind| {
        let failing = parked.iter().filter(|(key, _)| key.object.kind == *kind);
        let pending = scheduled
            .iter()
            .filter(|key| key.object.kind == *kind && parked.iter().all(|(failing, _)| failing != *key));
        ObjectCounts {
            object: kind.as_str(),
            in_sync: None,
            pending: count(pending.count()),
            failing: count(failing.count()),
            excluded: None,
        }
    });
    let view = SystemHealth {
        counts: counts.collect(),
        lag: Lag {
            queued: count(overdue.len()),
            oldest_text: oldest.map(|at| format!("since {}", reader.moment(at).text)),
        },
        failures: failures(&parked, &reader),
        last_reconciliation: None,
        configuration_version: cards.facts.version().to_owned(),
    };
    Response::json(200, &view, correlation)
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RetryBody {
    object: Option<String>,
    id: Option<String>,
    class: Option<String>,
    all: bool,
}

pub(super) async fn again(site: &Site, request: &Request, correlation: &str) -> Response {
    let (Some(caller), Some(engine)) = (Caller::read(site, request), site.engine.as_ref()) else {
        return Response::unauthorized(correlation);
    };
    let body: RetryBody = match serde_json::from_slice(&request.body) {
        Ok(body) => body,
        Err(_) => return Response::bad_request(correlation),
    };
    let rights = caller.rights(site);
    let found = match (&body.object, &body.id, &body.class, body.all) {
        (Some(object), Some(id), None, false) => {
            if !rights.act {
                return refusal("forbidden", MAY_NOT_ACT, correlation);
            }
            let kind = KINDS.into_iter().find(|kind| kind.as_str() == object);
            let (Some(kind), Ok(id)) = (kind, HubSpotId::parse(id)) else {
                return refusal("not_found", "There is no such record.", correlation);
            };
            let key = StateKey::new(site.portal, ObjectRef::new(kind, id));
            match engine.states.read(&key).await {
                Ok(Some(_)) => Ok(vec![key]),
                Ok(None) => return refusal("not_found", "There is no such record.", correlation),
                Err(error) => Err(error),
            }
        }
        (None, None, class, all) if class.is_some() != all => {
            if !rights.confirm {
                return refusal("forbidden", MAY_NOT_CONFIRM, correlation);
            }
            let wanted = |stored: &Stored| {
                all || stored.state.problems.iter().any(|p| class.as_deref() == Some(p.code.class().as_str()))
            };
            parked(engine, site.portal)
                .await
                .map(|all| all.into_iter().filter(|(_, stored)| wanted(stored)).map(|(key, _)| key).collect())
        }
        _ => return Response::bad_request(correlation),
    };
    let rung = match found {
        Ok(keys) => retry(engine, &keys, caller.actor(), correlation).await.map(|()| keys.len()),
        Err(error) => Err(error),
    };
    match rung {
        Ok(number) => Response::json(200, &Retried { retried: count(number) }, correlation),
        Err(error) => {
            tracing::error!(correlation.id = %correlation, error = error.for_log(), "a retry could not be queued");
            Response::trouble(correlation)
        }
    }
}
