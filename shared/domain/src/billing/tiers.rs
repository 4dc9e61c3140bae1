//! Price tables: ranges of units with a price each, and what a quantity costs by them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One range of units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// First unit of the range, inclusive; tables begin at 0 or 1, which means the same.
    pub from: Decimal,
    /// Last unit of the range, inclusive; none for the last range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Decimal>,
    /// Price of one unit, or of the whole range.
    pub price: Decimal,
    /// The price is one amount for the range, however many units of it are used.
    #[serde(default)]
    pub flat: bool,
}

/// How a table is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierModel {
    /// Each unit at the price of its own range (HubSpot: graduated).
    Tiered,
    /// All units at the price of the range that the quantity reaches (HubSpot: volume; stairstep when the prices
    /// are flat).
    Volume,
}

/// What a quantity costs, unrounded. A quantity beyond the table costs what the last range says.
pub fn amount(model: TierModel, tiers: &[Tier], quantity: Decimal) -> Decimal {
    match model {
        TierModel::Tiered => {
            let mut below = Decimal::ZERO;
            let mut total = Decimal::ZERO;
            for (index, tier) in tiers.iter().enumerate() {
                if quantity <= below {
                    break;
                }
                let last = index + 1 == tiers.len();
                let top = tier.to.filter(|_| !last).map_or(quantity, |to| to.min(quantity));
                let units = (top - below).max(Decimal::ZERO);
                total = total.saturating_add(if tier.flat {
                    tier.price
                } else {
                    units.saturating_mul(tier.price)
                });
                below = top;
            }
            total
        }
        TierModel::Volume => {
            let reached = tiers.iter().find(|t| t.to.is_none_or(|to| quantity <= to)).or(tiers.last());
            match reached {
                Some(tier) if tier.flat => tier.price,
                Some(tier) => quantity.saturating_mul(tier.price),
                None => Decimal::ZERO,
            }
        }
    }
}

/// Whether two tables mean the same: the same ends, prices and kinds. Where a range begins follows from the end
/// of the one before it.
pub fn same(a: &[Tier], b: &[Tier]) -> bool {
    let end = |tiers: &[Tier], i: usize| {
        if i + 1 == tiers.len() { None } else { tiers.get(i).and_then(|t| t.to).map(|to| to.normalize()) }
    };
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .enumerate()
            .all(|(i, (x, y))| end(a, i) == end(b, i) && x.price == y.price && x.flat == y.flat)
}

/// The table in words: `1-1000 at 0.10, 1001- at 0.08`.
pub fn describe(tiers: &[Tier]) -> String {
    let one = |tier: &Tier| {
        let to = tier.to.map(|to| to.normalize().to_string()).unwrap_or_default();
        let flat = if tier.flat { " flat" } else { "" };
        format!("{}-{to} at {}{flat}", tier.from.normalize(), tier.price.normalize())
    };
    tiers.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(i64, Option<i64>, &str)], flat: bool) -> Vec<Tier> {
        rows.iter()
            .map(|(from, to, price)| Tier {
                from: Decimal::from(*from),
                to: to.map(Decimal::from),
                price: price.parse().unwrap(),
                flat,
            })
            .collect()
    }

    #[test]
    fn twelve_thousand_calls_cost_920() {
        let api =
            table(&[(1, Some(1000), "0.10"), (1001, Some(10_000), "0.08"), (10_001, None, "0.05")], false);
        let cost =
            |model, quantity: i64| amount(model, &api, Decimal::from(quantity)).normalize().to_string();
        assert_eq!(cost(TierModel::Tiered, 12_000), "920");
        assert_eq!(cost(TierModel::Tiered, 1000), "100");
        assert_eq!(cost(TierModel::Tiered, 1001), "100.08");
        assert_eq!(cost(TierModel::Volume, 12_000), "600");
        assert_eq!(cost(TierModel::Volume, 1000), "100");
        assert_eq!(cost(TierModel::Volume, 1001), "80.08");
    }

    #[test]
    fn flat_ranges_cost_once() {
        let steps = table(&[(1, Some(10), "100"), (11, None, "250")], true);
        assert_eq!(amount(TierModel::Volume, &steps, Decimal::from(11)), Decimal::from(250));
        assert_eq!(amount(TierModel::Tiered, &steps, Decimal::from(11)), Decimal::from(350));
    }

    #[test]
    fn tables_from_zero_and_from_one_are_the_same() {
        let zero = table(&[(0, Some(10), "1.50"), (11, None, "1")], false);
        let one = table(&[(1, Some(10), "1.5"), (11, Some(99), "1.0")], false);
        assert!(same(&zero, &one));
        assert!(!same(&zero, &table(&[(0, Some(9), "1.5"), (10, None, "1")], false)));
    }
}
