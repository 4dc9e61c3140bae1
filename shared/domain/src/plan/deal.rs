//! Order and subscription of a won deal.

use super::Action;
use crate::billing::deal::{DealProjection, DesiredOrder, Party, SubscribedLine};
use crate::problem::{Problem, ProblemCode};

/// Plans the first order of a deal: contacts that the subscription needs, then the order.
pub fn plan_order(desired: DesiredOrder) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut seen = Vec::new();
    for party in [&desired.bill_to, &desired.sold_to].into_iter().flatten() {
        if let Party::New { account, contact } = party
            && !seen.contains(&(account, &contact.crm_id))
        {
            seen.push((account, &contact.crm_id));
            actions.push(Action::CreateContact { account: account.clone(), contact: contact.clone() });
        }
    }
    actions.push(Action::CreateOrder(Box::new(desired)));
    actions
}

/// Compares a deal with what was ordered, line by line (D-1). The start is fixed with the first order: a later
/// close date is a notice, not a change (D-7).
pub fn differences(applied: &DealProjection, now: &DealProjection) -> Vec<String> {
    let mut out = Vec::new();
    let mut differ = |what: &str, was: String, is: String| {
        if was != is {
            out.push(format!("{what}: ordered {was}, now {is}"));
        }
    };
    differ("currency", applied.currency.to_string(), now.currency.to_string());
    differ("term", applied.term.to_string(), now.term.to_string());
    differ("account", applied.account.to_string(), now.account.to_string());
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    let number = |p: &DealProjection| or_none(p.invoice_owner.as_ref().map(ToString::to_string));
    differ("invoice owner", number(applied), number(now));
    let date = |date: Option<jiff::civil::Date>| or_none(date.map(|d| d.to_string()));
    differ("service activation", date(applied.service_activation), date(now.service_activation));
    differ("customer acceptance", date(applied.customer_acceptance), date(now.customer_acceptance));
    let person = |id: &Option<crate::ids::HubSpotId>| or_none(id.as_ref().map(|id| format!("contact {id}")));
    differ("bill-to", person(&applied.bill_to), person(&now.bill_to));
    differ("sold-to", person(&applied.sold_to), person(&now.sold_to));
    let find = |projection: &DealProjection, line: &SubscribedLine| {
        projection.lines.iter().find(|l| l.line == line.line).cloned()
    };
    for line in &now.lines {
        match find(applied, line) {
            None => out.push(format!("line item {} is new", line.line)),
            Some(was)
                if was.pricing != line.pricing
                    || was.product != line.product
                    || was.period != line.period
                    || was.trigger != line.trigger =>
            {
                out.push(format!(
                    "line item {} has another quantity, price, product, period or trigger",
                    line.line
                ));
            }
            Some(_) => {}
        }
    }
    for line in applied.lines.iter().filter(|line| find(now, line).is_none()) {
        out.push(format!("line item {} is gone", line.line));
    }
    out
}

/// The problem of a deal that was changed after its order, which this version does not carry to Zuora.
pub fn changed_problem(deal: &crate::ids::HubSpotId, differences: &[String]) -> Problem {
    Problem::new(ProblemCode::DealChanged, format!("{}.", differences.join("; "))).at(format!("deal {deal}"))
}
