//! The last gate before an order: Zuora's own figures for it against the deal's, charge by charge (D-6). They are
//! compared on monthly revenue and contract value, never on first invoices.

use crate::billing::deal::{SubscribedLine, TriggerEvent};
use crate::billing::product::ChargeType;
use crate::dates::{Term, add_term};
use crate::money::{Currency, round_amount, smallest_amount};
use crate::problem::{Problem, ProblemCode};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Zuora's figures of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Monthly recurring revenue, net.
    pub mrr: Decimal,
    /// Contract value, net.
    pub tcv: Decimal,
}

/// What a line should come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Monthly recurring revenue as Zuora reckons it: the amount of a period by its months; of weeks, by its days
    /// and for thirty of them.
    pub mrr: Decimal,
    /// Contract value, when the line runs a whole number of its periods.
    pub tcv: Option<Decimal>,
    /// How many amounts, each rounded by itself, the contract value may be summed of.
    pub periods: u32,
}

/// What a line comes to by the deal's own figures, in a subscription from `start` for `term`.
pub fn expected(line: &SubscribedLine, start: Date, term: Term) -> Expected {
    // What a renewal raised stays raised.
    let amount = match &line.held {
        Some(held) => SubscribedLine { pricing: held.clone(), ..line.clone() }.net_amount(),
        None => line.net_amount(),
    };
    match line.pricing.charge_type() {
        ChargeType::Usage => Expected { mrr: Decimal::ZERO, tcv: None, periods: 0 },
        ChargeType::OneTime => Expected { mrr: Decimal::ZERO, tcv: Some(amount), periods: 1 },
        ChargeType::Recurring => {
            let Some(period) = line.period else {
                return Expected { mrr: Decimal::ZERO, tcv: None, periods: 0 };
            };
            let mrr = match period.as_term() {
                Term::Months(n) => amount / Decimal::from(n.max(1)),
                // Zuora's own rule: the price of a day, thirty times. HubSpot's `hs_mrr` has 52 weeks in a year.
                Term::Weeks(n) => {
                    amount.saturating_mul(Decimal::from(30)) / Decimal::from(7_u64 * u64::from(n.max(1)))
                }
                Term::Evergreen => Decimal::ZERO,
            };
            let first = line.from.unwrap_or(start);
            let end = line.until.or_else(|| add_term(start, term));
            let count = end.and_then(|end| whole_periods(first, end, period.as_term()));
            Expected {
                mrr,
                tcv: count.map(|n| amount.saturating_mul(Decimal::from(n))),
                periods: count.unwrap_or(0),
            }
        }
    }
}

/// How many periods lie between two days, if it is a whole number of them.
fn whole_periods(first: Date, end: Date, period: Term) -> Option<u32> {
    let each = match period {
        Term::Months(n) | Term::Weeks(n) if n > 0 => n,
        Term::Months(_) | Term::Weeks(_) | Term::Evergreen => return None,
    };
    (1..=1200_u32).find_map(|count| {
        let length = each.checked_mul(count)?;
        let term = match period {
            Term::Weeks(_) => Term::Weeks(length),
            Term::Months(_) | Term::Evergreen => Term::Months(length),
        };
        match add_term(first, term) {
            Some(day) if day == end => Some(Some(count)),
            Some(day) if day > end => Some(None),
            Some(_) | None => None,
        }
    })?
}

/// Compares one line. `with_tcv` is for first orders: a change leaves a mixture behind.
pub fn check(
    line: &SubscribedLine,
    (start, term): (Date, Term),
    currency: &Currency,
    seen: Option<Figures>,
    with_tcv: bool,
) -> Option<Problem> {
    let refuse = |detail: String| {
        Some(Problem::new(ProblemCode::Totals, detail).at(format!("line item {}", line.line)))
    };
    let wanted = expected(line, start, term);
    if line.pricing.charge_type() == ChargeType::Usage {
        return None;
    }
    let Some(seen) = seen else {
        return refuse(format!("Zuora's preview does not show charge {}.", line.charge_number));
    };
    let cent = smallest_amount(currency);
    let mrr = round_amount(wanted.mrr, currency);
    if mrr.saturating_sub(seen.mrr).abs() > cent {
        return refuse(format!(
            "By the deal it is {mrr} {currency} a month, by Zuora {} {currency}.",
            seen.mrr.normalize()
        ));
    }
    // A line that waits for an event runs from a day of its own.
    let waits = line.trigger.is_some_and(|event| event != TriggerEvent::ContractEffective);
    if let (Some(tcv), true) = (wanted.tcv, with_tcv && !waits) {
        let tcv = round_amount(tcv, currency);
        // Each period's amount may be rounded by half a unit before they are added up.
        let tolerance = cent * Decimal::from(wanted.periods) / Decimal::TWO + cent;
        if tcv.saturating_sub(seen.tcv).abs() > tolerance {
            return refuse(format!(
                "By the deal it is {tcv} {currency} in all, by Zuora {} {currency}.",
                seen.tcv.normalize()
            ));
        }
    }
    None
}

#[cfg(test)]
#[path = "totals_tests.rs"]
mod tests;
