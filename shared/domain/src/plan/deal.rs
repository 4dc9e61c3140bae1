//! Orders of a deal: the first one, and those that change what it ordered.

pub mod adopt;
pub mod change;
pub mod days;
pub mod end;
pub mod join;
#[cfg(test)]
mod join_tests;
pub mod matching;
pub mod movement;
#[cfg(test)]
mod random_tests;
#[cfg(test)]
mod testing;
pub mod totals;

use super::Action;
use crate::billing::deal::{CancelOn, Change, DesiredOrder, LineDiscount, Off, Party, SubscribedLine, What};

/// Plans the first order of a deal: contacts that the subscription needs, then the order.
pub fn plan_order(desired: DesiredOrder) -> Vec<Action> {
    let mut actions = new_contacts([&desired.bill_to, &desired.sold_to].into_iter().flatten());
    actions.push(Action::CreateOrder(Box::new(desired)));
    actions
}

/// One creation for each contact that does not exist yet.
pub fn new_contacts<'a>(parties: impl Iterator<Item = &'a Party>) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut seen = Vec::new();
    for party in parties {
        if let Party::New { account, contact } = party
            && !seen.contains(&(account, &contact.crm_id))
        {
            seen.push((account, &contact.crm_id));
            actions.push(Action::CreateContact { account: account.clone(), contact: contact.clone() });
        }
    }
    actions
}

/// One line of an order for people.
pub(super) fn describe(line: &SubscribedLine) -> String {
    let per = line.period.map_or(String::new(), |p| format!(" per {p}"));
    let off = line.discount.as_ref().map_or(String::new(), |d| format!(", {}", describe_discount(d)));
    let from = line.from.map_or(String::new(), |d| format!(", from {d}"));
    let until = line.until.map_or(String::new(), |d| format!(", until {d}"));
    format!("line item {}: {}{per}{off}{from}{until}", line.line, line.pricing)
}

fn describe_discount(discount: &LineDiscount) -> String {
    describe_off(discount.off)
}

pub(super) fn describe_off(off: Off) -> String {
    match off {
        Off::Percentage(percent) => format!("discount charge {percent} percent"),
        Off::Amount(amount) => format!("discount charge {amount}"),
    }
}

/// One order action for people.
pub fn in_words(change: &Change) -> String {
    describe_change(change)
}

/// One order action for people.
pub(super) fn describe_change(change: &Change) -> String {
    let date = change.date;
    match &change.what {
        What::Add(line) => format!("{date} add product: {}", describe(line)),
        What::Update { line, pricing, discounts, was, .. } => {
            let mut to: Vec<String> = pricing.iter().map(ToString::to_string).collect();
            to.extend(discounts.iter().map(|(_, off)| describe_off(*off)));
            let was = was.as_ref().map_or(String::new(), |was| format!(" (was {was})"));
            format!("{date} update product: line item {line} to {}{was}", to.join(", "))
        }
        What::Remove { line, charge_number, .. } => {
            format!("{date} remove product: line item {line}, charge {charge_number}")
        }
        What::Terms(terms) => {
            let mut parts = Vec::new();
            if let Some((term, start)) = terms.term {
                parts.push(format!("term {term} from {start}"));
            }
            if let Some(auto_renew) = terms.auto_renew {
                parts.push(if auto_renew { "renews by itself" } else { "does not renew" }.to_owned());
            }
            if let Some(term) = terms.renewal_term {
                parts.push(format!("renewal term {term}"));
            }
            for (name, party) in [("bill-to", &terms.bill_to), ("sold-to", &terms.sold_to)] {
                match party {
                    None => {}
                    Some(None) => parts.push(format!("{name} of the account")),
                    Some(Some(_)) => parts.push(format!("another {name}")),
                }
            }
            format!("{date} terms and conditions: {}", parts.join(", "))
        }
        What::Renew => format!("{date} renew subscription"),
        What::Cancel(CancelOn::Date(on)) => format!("cancel subscription on {on}"),
        What::Cancel(CancelOn::EndOfTerm) => "cancel subscription at the end of its term".to_owned(),
        What::Cancel(CancelOn::EndOfBilledPeriod) => {
            "cancel subscription at the end of the billed period".to_owned()
        }
        What::Suspend => format!("{date} suspend"),
        What::Resume => format!("{date} resume"),
        What::InvoiceOwner(account) => format!("{date} owner transfer: invoice owner {account}"),
    }
}
