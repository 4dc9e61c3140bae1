//! `connector failures`, `connector retry`, `connector redrive` and `connector status`.

use super::{Common, DONE, Kind, Refusal, machine, output, target};
use crate::wiring::Machine;
use connector_domain::object::{StateKey, Tickle, TickleReason};
use connector_domain::problem::Problem;
use connector_ports::states::{States, Stored};
use connector_ports::tickles::Tickles;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Failure {
    object: String,
    problems: Vec<Described>,
    /// HubSpot refused what was to be written on the record; says nothing about Zuora.
    write_back_problem: Option<Described>,
    due_at: Option<jiff::Timestamp>,
}

#[derive(Serialize)]
struct Described {
    code: &'static str,
    class: &'static str,
    title: &'static str,
    field: Option<String>,
    detail: String,
    fix: &'static str,
}

fn describe(problem: &Problem) -> Described {
    Described {
        code: problem.code.code(),
        class: problem.code.class().as_str(),
        title: problem.code.title(),
        field: problem.field.clone(),
        detail: problem.detail.clone(),
        fix: problem.code.fix(),
    }
}

async fn parked(machine: &Machine) -> Result<Vec<(StateKey, Stored)>, Refusal> {
    let mut all = Vec::new();
    for engine in machine.engines.iter() {
        let mut next: Option<String> = None;
        loop {
            let page = machine.states.parked(engine.policy.portal, next.as_deref(), 100).await?;
            all.extend(page.items);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
    }
    Ok(all)
}

/// Objects whose last write-back was refused, parked or not.
async fn write_back_refused(machine: &Machine) -> Result<Vec<(StateKey, Stored)>, Refusal> {
    let mut all = Vec::new();
    for engine in machine.engines.iter() {
        let mut next: Option<String> = None;
        loop {
            let page = machine.states.write_back_refused(engine.policy.portal, next.as_deref(), 100).await?;
            all.extend(page.items);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
    }
    Ok(all)
}

pub(super) async fn list(common: &Common) -> Result<u8, Refusal> {
    let machine = machine(common).await?;
    let mut found: BTreeMap<StateKey, Stored> = write_back_refused(&machine).await?.into_iter().collect();
    found.extend(parked(&machine).await?);
    let failures: Vec<Failure> = found
        .into_iter()
        .map(|(key, stored)| Failure {
            object: key.object.to_string(),
            problems: stored.state.problems.iter().map(describe).collect(),
            write_back_problem: stored.state.write_back_problem.as_ref().map(describe),
            due_at: stored.due_at,
        })
        .collect();
    if common.json {
        output::json(&failures);
        return Ok(DONE);
    }
    if failures.is_empty() {
        output::line("Nothing is parked, and no write-back was refused.");
    }
    for failure in &failures {
        output::line(&failure.object);
        failure.problems.iter().for_each(|p| print(p, ""));
        failure.write_back_problem.iter().for_each(|p| print(p, "write-back refused: "));
    }
    Ok(DONE)
}

fn print(p: &Described, mark: &str) {
    let field = p.field.as_ref().map_or(String::new(), |f| format!(" [{f}]"));
    output::line(format!("  {mark}{} ({}) {}{field} {}", p.code, p.class, p.title, p.detail));
    output::line(format!("    what to do: {}", p.fix));
}

pub(super) async fn retry(
    common: &Common,
    kind: Option<Kind>,
    id: Option<String>,
    class: Option<String>,
    all: bool,
) -> Result<u8, Refusal> {
    let machine = machine(common).await?;
    let keys: Vec<StateKey> = match (kind, id) {
        (Some(kind), Some(id)) => vec![target(&machine, kind, &id)?.1],
        _ => parked(&machine)
            .await?
            .into_iter()
            .filter(|(_, stored)| {
                let wanted = |p: &Problem| class.as_deref() == Some(p.code.class().as_str());
                all || stored.state.problems.iter().any(wanted)
            })
            .map(|(key, _)| key)
            .collect(),
    };
    let now = machine.clock.now();
    let tickles: Vec<Tickle> = keys
        .iter()
        .map(|key| Tickle {
            portal: key.portal,
            object: key.object.clone(),
            reason: TickleReason::Button,
            actor: Some("command line".to_owned()),
            correlation: Some(format!("cli-{}", now.as_microsecond())),
            received_at: now,
        })
        .collect();
    machine.queue.send(&tickles).await?;
    if common.json {
        output::json(
            &serde_json::json!({ "rang": keys.iter().map(|k| k.object.to_string()).collect::<Vec<_>>() }),
        );
    } else {
        output::line(format!("{} object(s) will be looked at again by `connector serve`.", keys.len()));
    }
    Ok(DONE)
}

pub(super) async fn redrive(common: &Common) -> Result<u8, Refusal> {
    let machine = machine(common).await?;
    let redriven = machine.queue.redrive().await?;
    if common.json {
        output::json(&serde_json::json!({ "redriven": redriven }));
    } else {
        output::line(format!("{redriven} dead letter(s) are back in the queue."));
    }
    Ok(DONE)
}

pub(super) async fn status(common: &Common) -> Result<u8, Refusal> {
    let machine = machine(common).await?;
    let depth = machine.queue.depth().await?;
    let parked = parked(&machine).await?.len();
    let refused = write_back_refused(&machine).await?.len();
    let due = machine.due_soon(0).await?;
    if common.json {
        output::json(&serde_json::json!({
            "queue": { "waiting": depth.waiting, "inFlight": depth.in_flight, "dead": depth.dead, "oldest": depth.oldest },
            "parked": parked, "writeBackRefused": refused, "due": due,
        }));
    } else {
        output::line(format!(
            "queue: {} waiting, {} in flight, {} dead letters",
            depth.waiting, depth.in_flight, depth.dead
        ));
        output::line(format!("parked: {parked}"));
        output::line(format!("write-back refused: {refused}"));
        output::line(format!("due now: {due}"));
    }
    Ok(DONE)
}
