//! What a sync of a deal would do, for sellers: the decision of [`crate::reconcile::plan`] in plain words.

use super::format::Reader;
use super::model::Problem;
use super::pages::{Preview, PreviewAction, PreviewInvoice, PreviewItem, PreviewOrder};
use crate::Engine;
use crate::decision::Decision;
use crate::reconcile;
use connector_domain::billing::deal::What;
use connector_domain::money::Currency;
use connector_domain::object::StateKey;
use connector_domain::plan::Action;
use connector_domain::plan::deal::in_words;
use connector_domain::state::mark;
use connector_ports::PortError;
use connector_ports::billing::PreviewedInvoice;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Asks both systems what a sync of the deal would do now. Nothing is written anywhere.
pub async fn preview(engine: &Engine, key: &StateKey, reader: &Reader) -> Result<Preview, PortError> {
    let wanted = BTreeMap::from([(mark::WANTED.to_owned(), "preview".to_owned())]);
    Ok(shown(key, &reconcile::plan(engine, key, &wanted).await?, reader))
}

fn shown(key: &StateKey, decision: &Decision, reader: &Reader) -> Preview {
    let mut all = Vec::new();
    gather(decision, &mut all);
    let steps: Vec<String> =
        all.iter().flat_map(|one| &one.steps).map(|step| sentence(&step.action.to_string())).collect();
    let orders: Vec<PreviewOrder> =
        decision.steps.iter().filter_map(|step| order(&step.action, reader)).collect();
    let currency = decision.steps.iter().rev().find_map(|step| currency(&step.action));
    let code = currency.map(Currency::as_str).unwrap_or_default();
    let outlook = &decision.outlook;
    let invoices: Vec<PreviewInvoice> = outlook
        .previewed
        .iter()
        .flat_map(|previewed| &previewed.invoices)
        .map(|invoice| of_invoice(invoice, code, reader))
        .collect();
    let quiet = "Zuora names no invoices for this order.";
    let missing = outlook
        .no_invoices
        .clone()
        .or_else(|| (invoices.is_empty() && !orders.is_empty()).then(|| quiet.to_owned()));
    let mut problems: Vec<Problem> = Vec::new();
    for problem in all.iter().flat_map(|one| &one.state.problems).map(Problem::from) {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    Preview {
        deal: key.object.id.to_string(),
        won: !outlook.if_won,
        nothing_to_do: steps.is_empty() && problems.is_empty(),
        steps,
        orders,
        invoices,
        invoices_missing: missing,
        problems,
        notices: all.iter().flat_map(|one| one.state.notices.clone()).collect(),
    }
}

/// A decision after those that come before it.
fn gather<'a>(decision: &'a Decision, all: &mut Vec<&'a Decision>) {
    for (_, first) in &decision.outlook.first {
        gather(first, all);
    }
    all.push(decision);
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn currency(action: &Action) -> Option<&Currency> {
    match action {
        Action::CreateOrder(order) => Some(&order.projection.currency),
        Action::ChangeOrder(order) => Some(&order.currency),
        Action::CreateAccount(_)
        | Action::UpdateAccount { .. }
        | Action::CreateContact { .. }
        | Action::CreateProduct(_)
        | Action::UpdateProduct { .. }
        | Action::CreateRatePlan { .. }
        | Action::CreateCharge { .. }
        | Action::ActivateCurrencies { .. }
        | Action::SetPrices { .. }
        | Action::SetTriggerDates { .. } => None,
    }
}

fn order(action: &Action, reader: &Reader) -> Option<PreviewOrder> {
    match action {
        Action::CreateOrder(order) => {
            let text = sentence(&action.to_string());
            let date = Some(reader.day(order.projection.start));
            let create = PreviewAction { kind: "CreateSubscription".to_owned(), date, text };
            Some(PreviewOrder { number: order.order.to_string(), actions: vec![create] })
        }
        Action::ChangeOrder(order) => {
            let actions = order.changes.iter().map(|change| PreviewAction {
                kind: kind_of(&change.what).to_owned(),
                date: Some(reader.day(change.date)),
                text: sentence(&in_words(change)),
            });
            Some(PreviewOrder { number: order.order.to_string(), actions: actions.collect() })
        }
        Action::CreateAccount(_)
        | Action::UpdateAccount { .. }
        | Action::CreateContact { .. }
        | Action::CreateProduct(_)
        | Action::UpdateProduct { .. }
        | Action::CreateRatePlan { .. }
        | Action::CreateCharge { .. }
        | Action::ActivateCurrencies { .. }
        | Action::SetPrices { .. }
        | Action::SetTriggerDates { .. } => None,
    }
}

fn of_invoice(invoice: &PreviewedInvoice, currency: &str, reader: &Reader) -> PreviewInvoice {
    let money = |amount: Decimal| reader.money(amount, currency);
    let items = invoice.items.iter().map(|item| PreviewItem {
        name: item.name.clone(),
        from: item.from.map(|day| reader.day(day)),
        to: item.to.map(|day| reader.day(day)),
        amount: money(item.amount),
        tax: money(item.tax),
    });
    PreviewInvoice {
        date: invoice.date.map(|day| reader.day(day)),
        amount: money(invoice.amount),
        tax: money(invoice.tax),
        total: money(invoice.amount + invoice.tax),
        items: items.collect(),
    }
}

/// Zuora's name of an order action (`zuora.md` 5.5).
fn kind_of(what: &What) -> &'static str {
    match what {
        What::Add(_) => "AddProduct",
        What::Update { .. } => "UpdateProduct",
        What::Remove { .. } => "RemoveProduct",
        What::Terms(_) => "TermsAndConditions",
        What::Renew => "RenewSubscription",
        What::Cancel(_) => "CancelSubscription",
        What::Suspend => "Suspend",
        What::Resume => "Resume",
        What::InvoiceOwner(_) => "OwnerTransfer",
    }
}
