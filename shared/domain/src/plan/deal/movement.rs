//! How an order moves monthly recurring revenue: what finance calls new, expansion, contraction and churn. It is
//! reckoned from what was told before and what is told now, by the same rule as the totals of an order.

use super::totals::expected;
use crate::billing::deal::DealProjection;
use crate::money::{Currency, round_amount};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// There was nothing before.
    New,
    /// More than before.
    Expansion,
    /// Less than before.
    Contraction,
    /// Nothing is left.
    Churn,
}

/// A movement of monthly recurring revenue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// What kind.
    pub kind: MovementKind,
    /// By how much a month, rounded to the currency, never negative.
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
}

impl fmt::Display for Movement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            MovementKind::New => "new",
            MovementKind::Expansion => "expansion",
            MovementKind::Contraction => "contraction",
            MovementKind::Churn => "churn",
        };
        let places = usize::try_from(self.currency.minor_units()).unwrap_or(2);
        write!(f, "{kind} {:.places$} {} per month", self.amount, self.currency)
    }
}

/// The monthly revenue of a deal's lines on a day, as far as it is told.
pub fn monthly(projection: &DealProjection, on: Date) -> Decimal {
    projection
        .lines
        .iter()
        .filter(|line| line.from.is_none_or(|from| from <= on) && line.until.is_none_or(|until| until > on))
        .map(|line| round_amount(expected(line, projection.start, projection.term).mrr, &projection.currency))
        .sum()
}

/// The movement from one amount to another; none when nothing moves.
pub fn movement(before: Decimal, after: Decimal, currency: &Currency) -> Option<Movement> {
    let kind = match (before.is_zero(), after.is_zero()) {
        _ if before == after => return None,
        (true, _) => MovementKind::New,
        (_, true) => MovementKind::Churn,
        _ if after > before => MovementKind::Expansion,
        _ => MovementKind::Contraction,
    };
    Some(Movement { kind, amount: (after - before).abs(), currency: currency.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_from_before_and_after() {
        let nok = Currency::parse("NOK").unwrap();
        let said = |before: i64, after: i64| {
            movement(Decimal::from(before), Decimal::from(after), &nok).map(|m| m.to_string())
        };
        assert_eq!(said(25_800, 33_600), Some("expansion 7800.00 NOK per month".to_owned()));
        assert_eq!(said(0, 25_800), Some("new 25800.00 NOK per month".to_owned()));
        assert_eq!(said(25_800, 20_000), Some("contraction 5800.00 NOK per month".to_owned()));
        assert_eq!(said(25_800, 0), Some("churn 25800.00 NOK per month".to_owned()));
        assert_eq!(said(5, 5), None);
    }
}
