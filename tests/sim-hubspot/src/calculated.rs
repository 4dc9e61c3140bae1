//! Fields that HubSpot calculates: the net amount and revenue of line items, the flags and sums of deals.
//!
//! Where a line item has tiers, they make its price; see `tiers.rs`.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::events::Cause;
use crate::kind::Kind;
use crate::links::Key;
use crate::pipelines;
use crate::records::Changes;
use crate::state::{Record, State};
use crate::tiers;

impl State {
    /// Calculates the fields of a record anew, and those of the deal that a line item belongs to.
    pub(crate) fn recalculate(&mut self, kind: Kind, id: &str, cause: &Cause) {
        let Some(record) = self.record(kind, id) else { return };
        let key = (kind, record.id.clone());
        match kind {
            Kind::LineItem => {
                let values = line_values(record);
                self.store(kind, &key.1, values, cause);
                for (deal, _) in self.associated(&key, Kind::Deal) {
                    self.recalculate(Kind::Deal, &deal, cause);
                }
            }
            Kind::Deal => {
                let values = self.deal_values(record);
                self.store(kind, &key.1, values, cause);
            }
            Kind::Contact | Kind::Company | Kind::Product => {}
        }
    }

    /// What follows from a new or ended association.
    pub(crate) fn associations_changed(&mut self, from: &Key, to: &Key, cause: &Cause) {
        for (own, other) in [(from, to), (to, from)] {
            if own.0 == Kind::Deal && matches!(other.0, Kind::LineItem | Kind::Company) {
                self.recalculate(Kind::Deal, &own.1, cause);
            }
        }
    }

    fn deal_values(&self, deal: &Record) -> Changes {
        let mut values = Changes::new();
        let mut set = |name: &str, value: String| values.push((name.to_owned(), value));
        let stage = deal.value("dealstage").unwrap_or_default();
        if let Some(meaning) = pipelines::meaning(&self.pipelines, deal.value("pipeline"), stage) {
            set("hs_is_closed", meaning.closed.to_string());
            set("hs_is_closed_won", meaning.won.to_string());
            set("hs_is_closed_lost", meaning.lost.to_string());
            set("hs_deal_stage_probability", meaning.probability);
            let closed = if meaning.won { deal.value("amount").unwrap_or("0") } else { "0" };
            set("hs_closed_amount", closed.to_owned());
        }
        let key = (Kind::Deal, deal.id.clone());
        let lines: Vec<String> =
            self.associated(&key, Kind::LineItem).into_iter().map(|(id, _)| id).collect();
        for name in ["hs_mrr", "hs_arr", "hs_acv", "hs_tcv"] {
            let sum: Decimal = lines
                .iter()
                .filter_map(|id| self.record(Kind::LineItem, id))
                .map(|line| decimal(line, name))
                .sum();
            let shown = if lines.is_empty() { String::new() } else { plain(sum) };
            set(name, shown);
        }
        let primary = self.types.by_label(Kind::Deal, Kind::Company, "primary").map(|kind| kind.type_id);
        let company = self
            .associated(&key, Kind::Company)
            .into_iter()
            .find(|(_, types)| primary.is_some_and(|primary| types.contains(&primary)))
            .map(|(id, _)| id);
        set("hs_primary_associated_company", company.unwrap_or_default());
        values
    }
}

fn line_values(line: &Record) -> Changes {
    let quantity = line.value("quantity").map_or(Decimal::ONE, |_| decimal(line, "quantity"));
    let gross = tiers::gross(line, quantity).unwrap_or_else(|| quantity * decimal(line, "price"));
    let percentage = decimal(line, "hs_discount_percentage") / Decimal::ONE_HUNDRED;
    let discount = quantity * decimal(line, "discount") + gross * percentage;
    let net = gross - discount;
    let months = line.value("recurringbillingfrequency").and_then(months_of_frequency);
    let term = line.value("hs_recurring_billing_period").and_then(months_of_period);
    let twelve = Decimal::from(12);
    let monthly = months.map_or(Decimal::ZERO, |months| net / months);
    let once = if months.is_some() { Decimal::ZERO } else { net };
    let acv = monthly * term.map_or(twelve, |term| term.min(twelve)) + once;
    let tcv = monthly * term.unwrap_or(twelve) + once;
    let payments = match (months, term) {
        (Some(months), Some(term)) => plain((term / months).round()),
        _ => String::new(),
    };
    [
        ("amount", plain(net)),
        ("hs_total_discount", plain(discount)),
        ("hs_pre_discount_amount", plain(gross)),
        ("hs_mrr", plain(monthly)),
        ("hs_arr", plain(monthly * twelve)),
        ("hs_acv", plain(acv)),
        ("hs_tcv", plain(tcv)),
        ("hs_term_in_months", term.map(plain).unwrap_or_default()),
        ("hs_recurring_billing_number_of_payments", payments),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn decimal(record: &Record, name: &str) -> Decimal {
    record.value(name).and_then(|value| value.parse().ok()).unwrap_or_default()
}

fn plain(value: Decimal) -> String {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize().to_string()
}

fn months_of_frequency(frequency: &str) -> Option<Decimal> {
    let months = match frequency {
        "weekly" => return Some(Decimal::from(12) / Decimal::from(52)),
        "biweekly" => return Some(Decimal::from(12) / Decimal::from(26)),
        "monthly" => 1,
        "quarterly" => 3,
        "per_six_months" => 6,
        "annually" => 12,
        "per_two_years" => 24,
        "per_three_years" => 36,
        "per_four_years" => 48,
        "per_five_years" => 60,
        _ => return None,
    };
    Some(Decimal::from(months))
}

/// The months of `P12M`, `P1Y`, `P1Y6M`; `None` for an empty or zero term (evergreen) and for weeks and days.
fn months_of_period(period: &str) -> Option<Decimal> {
    let mut months = 0_u32;
    let mut digits = String::new();
    for sign in period.strip_prefix('P')?.chars() {
        if sign.is_ascii_digit() {
            digits.push(sign);
            continue;
        }
        let count: u32 = std::mem::take(&mut digits).parse().ok()?;
        match sign {
            'Y' => months += count * 12,
            'M' => months += count,
            _ => {}
        }
    }
    (months > 0).then(|| Decimal::from(months))
}
