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
use connector_ports::states::{Counts, Stored};
use connector_ports::tickles::Waiting;
use futures::future::join4;
use jiff::Timestamp;
use serde::Deserialize;

/// Bounds what is read and shown; more failures than this are one failure, not many.
const MOST: usize = 1_000;
const KINDS: [ObjectKind; 3] = [ObjectKind::Company, ObjectKind::Deal, ObjectKind::Product];

fn number(n: u64) -> u32 {
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

/// Since when the record waits that is overdue longest.
async fn overdue_since(
    engine: &Engine,
    portal: PortalId,
    now: Timestamp,
) -> Result<Option<Timestamp>, PortError> {
    let due = engine.states.due(now, MOST).await?;
    let Some(key) = due.iter().find(|key| key.portal == portal) else { return Ok(None) };
    Ok(engine.states.read(key).await?.and_then(|stored| stored.due_at))
}

/// What the page can do without: a store or queue that cannot count is no reason to hide the failures.
fn if_known<T>(correlation: &str, answer: Result<T, PortError>) -> Option<T> {
    answer
        .inspect_err(|error| {
            tracing::error!(
                correlation.id = %correlation,
                error = error.for_log(),
                "a number of the health page is not known"
            );
        })
        .ok()
}

/// Counts by kind. What fails is counted from the list on the same page, which the counts of the store may lag
/// behind, as long as the list is whole.
fn counts(known: Option<&Counts>, parked: &[(StateKey, Stored)]) -> Vec<ObjectCounts> {
    let of = |kind: ObjectKind| {
        let listed = parked.iter().filter(|(key, _)| key.object.kind == kind).count();
        let listed = u64::try_from(listed).unwrap_or(u64::MAX);
        let known = known.map(|counts| (counts.of(kind), counts.complete));
        let (is_whole, counted) = (parked.len() < MOST, known.map_or(0, |(count, _)| count.needs_attention));
        ObjectCounts {
            object: kind.as_str(),
            in_sync: known.map(|(count, _)| number(count.in_sync)),
            pending: known.map(|(count, _)| number(count.pending)),
            failing: number(if is_whole { listed } else { listed.max(counted) }),
            excluded: known.map(|(count, _)| number(count.not_linked)),
            at_least: known.map_or(!is_whole, |(_, complete)| !complete),
        }
    };
    KINDS.into_iter().map(of).collect()
}

fn lag(waiting: Option<Waiting>, overdue: Option<Timestamp>, reader: &Reader) -> Lag {
    let oldest = waiting.and_then(|waiting| waiting.oldest).into_iter().chain(overdue).min();
    let nothing_waits = waiting.is_some_and(|waiting| waiting.messages == 0);
    Lag {
        queued: waiting.map(|waiting| number(waiting.messages)),
        oldest_text: match oldest {
            Some(at) => Some(format!("since {}", reader.moment(at).text)),
            None if nothing_waits => None,
            None => Some("not known".to_owned()),
        },
    }
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
    let asked = join4(
        parked(engine, site.portal),
        overdue_since(engine, site.portal, now),
        engine.states.counts(site.portal, now),
        engine.tickles.waiting(site.portal),
    );
    let (parked, overdue, counted, waiting) = asked.await;
    let (parked, overdue) = match (parked, overdue) {
        (Ok(parked), Ok(overdue)) => (parked, overdue),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(correlation.id = %correlation, error = error.for_log(), "the health page could not be made");
            return Response::trouble(correlation);
        }
    };
    let (counted, waiting) = (if_known(correlation, counted), if_known(correlation, waiting));
    let reader = reader(request);
    let view = SystemHealth {
        counts: counts(counted.as_ref(), &parked),
        lag: lag(waiting, overdue, &reader),
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
        Ok(number) => {
            Response::json(200, &Retried { retried: u32::try_from(number).unwrap_or(u32::MAX) }, correlation)
        }
        Err(error) => {
            tracing::error!(correlation.id = %correlation, error = error.for_log(), "a retry could not be queued");
            Response::trouble(correlation)
        }
    }
}
