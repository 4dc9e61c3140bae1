//! The gate before every order: Zuora's own figures for it must be the deal's (D-6). Nothing is written.

use super::Scene;
use crate::apply::{CATALOG_LAG_ATTEMPTS, CATALOG_LAG_WAIT, refers_to_something_new};
use crate::decision::Decision;
use connector_domain::billing::deal::SubscribedLine;
use connector_domain::dates::Term;
use connector_domain::money::Currency;
use connector_domain::plan::Action;
use connector_domain::plan::deal::totals::{Figures, check};
use connector_domain::problem::Problem;
use connector_domain::state::SyncStatus;
use connector_ports::PortError;
use connector_ports::billing::{PreviewAccount, Previewed};
use jiff::civil::Date;

/// What the gate says.
pub(super) enum Gate {
    /// The order may be sent; maybe with something to say.
    Open(Option<String>),
    /// The figures differ.
    Closed(Vec<Problem>),
    /// Zuora does not know yet what was created a moment ago.
    Later(Later),
}

/// Ask again in a moment.
pub(super) struct Later;

impl Later {
    /// The decision to wait.
    pub(super) fn over(self, mut decision: Decision) -> Decision {
        decision.state.status = SyncStatus::Pending;
        decision.state.complete = false;
        decision.due_in = Some(CATALOG_LAG_WAIT);
        decision.notice("Zuora does not show a new rate plan or account yet; it is asked again in a moment.")
    }
}

/// Previews an order and compares the figures of these lines.
pub(super) async fn open(
    scene: &Scene<'_>,
    action: &Action,
    lines: &[SubscribedLine],
    schedule: (Date, Term),
    currency: &Currency,
    with_tcv: bool,
) -> Result<Gate, PortError> {
    let previewed = match scene.engine.billing.preview(action, &PreviewAccount::Existing, 0).await {
        Ok(previewed) => previewed,
        Err(error)
            if refers_to_something_new(&error) && scene.stored.state.attempts < CATALOG_LAG_ATTEMPTS =>
        {
            return Ok(Gate::Later(Later));
        }
        Err(error) => return Err(error),
    };
    Ok(judge(&previewed, lines, schedule, currency, with_tcv))
}

/// Compares figures line by line.
pub(super) fn judge(
    previewed: &Previewed,
    lines: &[SubscribedLine],
    schedule: (Date, Term),
    currency: &Currency,
    with_tcv: bool,
) -> Gate {
    if previewed.charges.is_empty() && !lines.is_empty() {
        return Gate::Open(Some(
            "Zuora's preview gave no figures; the order's totals were not compared.".to_owned(),
        ));
    }
    let problems: Vec<Problem> = lines
        .iter()
        .filter_map(|line| {
            let seen = previewed
                .charges
                .iter()
                .find(|c| c.number.as_ref() == Some(&line.charge_number))
                .or_else(|| only_of_charge(previewed, line));
            let figures = seen.map(|c| Figures { mrr: c.mrr, tcv: c.tcv });
            check(line, schedule, currency, figures, with_tcv)
        })
        .collect();
    if problems.is_empty() { Gate::Open(None) } else { Gate::Closed(problems) }
}

/// A preview without charge numbers: the one charge of that kind.
fn only_of_charge<'a>(
    previewed: &'a Previewed,
    line: &SubscribedLine,
) -> Option<&'a connector_ports::billing::PreviewedCharge> {
    let mut same =
        previewed.charges.iter().filter(|c| c.number.is_none() && c.charge.as_ref() == Some(&line.charge));
    match (same.next(), same.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}
