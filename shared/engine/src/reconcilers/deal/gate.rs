//! The gate before every order: Zuora's own figures for it must be the deal's (D-6). Nothing is written.

use super::Scene;
use super::around::Assumed;
use crate::apply::{CATALOG_LAG_ATTEMPTS, CATALOG_LAG_WAIT, refers_to_something_new};
use crate::decision::{Decision, Effort};
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

/// How many invoices a preview shows.
const INVOICES: u8 = 2;

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

/// What is checked.
pub(super) struct Check<'a> {
    /// The order.
    pub(super) action: &'a Action,
    /// Lines whose figures are compared.
    pub(super) lines: &'a [SubscribedLine],
    /// Start and term of the subscription.
    pub(super) schedule: (Date, Term),
    /// Its currency.
    pub(super) currency: &'a Currency,
    /// Contract values too: for first orders.
    pub(super) with_tcv: bool,
}

/// Asks Zuora for the figures of an order and compares them. A preview also keeps the first two invoices.
pub(super) async fn open(
    scene: &Scene<'_>,
    check: &Check<'_>,
    assumed: &Assumed,
    decision: &mut Decision,
) -> Result<Gate, PortError> {
    let is_preview = scene.effort == Effort::Preview;
    if !assumed.products.is_empty() {
        let ids: Vec<String> = assumed.products.iter().map(ToString::to_string).collect();
        decision.outlook.no_invoices = Some(format!(
            "Zuora can preview invoices once it has a rate plan for product {}.",
            ids.join(", ")
        ));
        return Ok(Gate::Open(None));
    }
    if check.lines.is_empty() && !is_preview {
        return Ok(Gate::Open(None));
    }
    let account =
        assumed.account.as_ref().map_or(PreviewAccount::Existing, |account| PreviewAccount::Planned {
            currency: account.currency.clone(),
            bill_cycle_day: account.bill_cycle_day,
            sold_to: Box::new(account.sold_to.clone().unwrap_or_else(|| account.bill_to.clone())),
        });
    let invoices = if is_preview { INVOICES } else { 0 };
    let previewed = match scene.engine.billing.preview(check.action, &account, invoices).await {
        Ok(previewed) => previewed,
        Err(error)
            if refers_to_something_new(&error) && scene.stored.state.attempts < CATALOG_LAG_ATTEMPTS =>
        {
            return Ok(Gate::Later(Later));
        }
        Err(error) => return Err(error),
    };
    let gate = judge(&previewed, check.lines, check.schedule, check.currency, check.with_tcv);
    if is_preview {
        decision.outlook.previewed = Some(previewed);
    }
    Ok(gate)
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
