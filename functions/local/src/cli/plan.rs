//! `connector plan`: what a sync would do, what would be synced first, and the first invoices by Zuora's own
//! reckoning. Nothing is written. A deal that is not won is planned as if it were.

use super::{Common, DIFFERENCES, DONE, FAILED, Kind, Refusal, machine, output, target};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::problem::Problem;
use connector_domain::state::{SyncStatus, mark};
use connector_engine::decision::Decision;
use connector_engine::{Engine, reconcile};
use connector_ports::PortError;
use connector_ports::billing::PreviewedInvoice;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Planned {
    object: String,
    status: SyncStatus,
    /// The deal is not won; this is what would happen if it were.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    if_won: bool,
    actions: Vec<String>,
    problems: Vec<Problem>,
    notices: Vec<String>,
    waits_on: Option<String>,
    /// The first invoices, amounts as decimal strings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invoices: Vec<Invoice>,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_invoices: Option<String>,
    /// Objects that would be synced before.
    first: Vec<Planned>,
    /// The deals of a company.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deals: Vec<Planned>,
}

#[derive(Serialize)]
struct Invoice {
    date: Option<String>,
    amount: String,
    tax: String,
    total: String,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    name: String,
    charge_number: Option<String>,
    from: Option<String>,
    to: Option<String>,
    amount: String,
    tax: String,
}

impl From<&PreviewedInvoice> for Invoice {
    fn from(invoice: &PreviewedInvoice) -> Self {
        let day = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string());
        let items = invoice
            .items
            .iter()
            .map(|item| Item {
                name: item.name.clone(),
                charge_number: item.charge_number.clone(),
                from: day(item.from),
                to: day(item.to),
                amount: item.amount.to_string(),
                tax: item.tax.to_string(),
            })
            .collect();
        Self {
            date: day(invoice.date),
            amount: invoice.amount.to_string(),
            tax: invoice.tax.to_string(),
            total: (invoice.amount + invoice.tax).to_string(),
            items,
        }
    }
}

impl Planned {
    fn new(object: String, decision: Decision) -> Self {
        let outlook = decision.outlook;
        Self {
            object,
            status: decision.state.status,
            if_won: outlook.if_won,
            actions: decision.steps.iter().map(|step| step.action.to_string()).collect(),
            problems: decision.state.problems,
            notices: decision.state.notices,
            waits_on: decision.waits_on.map(|key| key.object.to_string()),
            invoices: outlook.previewed.iter().flat_map(|p| &p.invoices).map(Invoice::from).collect(),
            no_invoices: outlook.no_invoices,
            first: outlook
                .first
                .into_iter()
                .map(|(key, would)| Self::new(key.object.to_string(), *would))
                .collect(),
            deals: Vec::new(),
        }
    }

    fn any(&self, is: &dyn Fn(&Self) -> bool) -> bool {
        is(self) || self.first.iter().chain(&self.deals).any(|other| other.any(is))
    }
}

pub(super) async fn run(common: &Common, kind: Kind, id: &str) -> Result<u8, Refusal> {
    let machine = machine(common).await?;
    let (engine, key) = target(&machine, kind, id)?;
    let mut planned = look(engine, &key).await?;
    if key.object.kind == ObjectKind::Company {
        for deal in engine.crm.deals_of_company(&key.object.id).await? {
            let deal = StateKey::new(key.portal, ObjectRef::new(ObjectKind::Deal, deal));
            planned.deals.push(look(engine, &deal).await?);
        }
    }
    if common.json {
        output::json(&planned);
    } else {
        print(&planned, 0);
    }
    Ok(if planned.any(&|p| !p.problems.is_empty()) {
        FAILED
    } else if planned.any(&|p| !p.actions.is_empty()) {
        DIFFERENCES
    } else {
        DONE
    })
}

async fn look(engine: &Engine, key: &StateKey) -> Result<Planned, PortError> {
    let wanted = BTreeMap::from([(mark::WANTED.to_owned(), "plan".to_owned())]);
    Ok(Planned::new(key.object.to_string(), reconcile::plan(engine, key, &wanted).await?))
}

fn print(planned: &Planned, depth: usize) {
    let pad = "  ".repeat(depth);
    for first in &planned.first {
        print(first, depth);
    }
    let if_won = if planned.if_won { " (not won; if it were)" } else { "" };
    output::line(format!("{pad}{}{if_won}", planned.object));
    if planned.actions.is_empty() && planned.problems.is_empty() {
        match &planned.waits_on {
            Some(other) => output::line(format!("{pad}  follows once {other} is in Zuora")),
            None => output::line(format!("{pad}  nothing to change")),
        }
    }
    for action in &planned.actions {
        output::line(format!("{pad}  {}", action.replace('\n', &format!("\n{pad}  "))));
    }
    for invoice in &planned.invoices {
        let date = invoice.date.as_deref().unwrap_or("without date");
        let Invoice { amount, tax, total, .. } = invoice;
        output::line(format!("{pad}  invoice {date}: {amount} and tax {tax}, in all {total}"));
        for item in &invoice.items {
            let days = match (&item.from, &item.to) {
                (Some(from), Some(to)) => format!(", {from} to {to}"),
                _ => String::new(),
            };
            output::line(format!("{pad}    {}{days}: {} and tax {}", item.name, item.amount, item.tax));
        }
    }
    if let Some(why) = &planned.no_invoices {
        output::line(format!("{pad}  invoices: {why}"));
    }
    for notice in &planned.notices {
        output::line(format!("{pad}  note: {notice}"));
    }
    for problem in &planned.problems {
        output::line(format!("{pad}  {problem}"));
    }
    for deal in &planned.deals {
        print(deal, depth + 1);
    }
}
