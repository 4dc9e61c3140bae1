//! `connector plan`: what a sync would do, with the objects that it would sync first.

use super::{Common, DIFFERENCES, DONE, FAILED, Kind, Refusal, machine, output, target};
use connector_domain::object::StateKey;
use connector_domain::problem::Problem;
use connector_domain::state::{SyncStatus, mark};
use connector_engine::{Engine, reconcile};
use connector_ports::PortError;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Planned {
    object: String,
    status: SyncStatus,
    actions: Vec<String>,
    problems: Vec<Problem>,
    notices: Vec<String>,
    waits_on: Option<String>,
    /// Objects that would be synced before.
    first: Vec<Planned>,
}

impl Planned {
    fn has_work(&self) -> bool {
        !self.actions.is_empty() || self.first.iter().any(Planned::has_work)
    }

    fn is_parked(&self) -> bool {
        !self.problems.is_empty() || self.first.iter().any(Planned::is_parked)
    }
}

pub(super) async fn run(common: &Common, kind: Kind, id: &str) -> Result<u8, Refusal> {
    let machine = machine(common).await?;
    let (engine, key) = target(&machine, kind, id)?;
    let wanted = BTreeMap::from([(mark::WANTED.to_owned(), "plan".to_owned())]);
    let planned = look(engine, &key, &wanted, true).await?;
    if common.json {
        output::json(&planned);
    } else {
        print(&planned, 0);
    }
    Ok(if planned.is_parked() {
        FAILED
    } else if planned.has_work() {
        DIFFERENCES
    } else {
        DONE
    })
}

async fn look(
    engine: &Engine,
    key: &StateKey,
    marks: &BTreeMap<String, String>,
    deeper: bool,
) -> Result<Planned, PortError> {
    let decision = reconcile::plan(engine, key, marks).await?;
    let mut first = Vec::new();
    if deeper {
        for ring in &decision.rings {
            first.push(Box::pin(look(engine, &ring.key, &ring.marks, false)).await?);
        }
    }
    Ok(Planned {
        object: key.object.to_string(),
        status: decision.state.status,
        actions: decision.steps.iter().map(|step| step.action.to_string()).collect(),
        problems: decision.state.problems,
        notices: decision.state.notices,
        waits_on: decision.waits_on.map(|key| key.object.to_string()),
        first,
    })
}

fn print(planned: &Planned, depth: usize) {
    let pad = "  ".repeat(depth);
    for first in &planned.first {
        print(first, depth);
    }
    output::line(format!("{pad}{}", planned.object));
    if planned.actions.is_empty() && planned.problems.is_empty() {
        match &planned.waits_on {
            Some(other) => output::line(format!("{pad}  follows once {other} is in Zuora")),
            None => output::line(format!("{pad}  nothing to change")),
        }
    }
    for action in &planned.actions {
        output::line(format!("{pad}  {action}"));
    }
    for notice in &planned.notices {
        output::line(format!("{pad}  note: {notice}"));
    }
    for problem in &planned.problems {
        output::line(format!("{pad}  {problem}"));
    }
}
