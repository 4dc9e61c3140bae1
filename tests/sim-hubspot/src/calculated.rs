//! Fields that HubSpot calculates: the net amount and revenue of line items, the flags and sums of deals, the parents
//! of companies.
//!
//! Where a line item has tiers, they make its price; see `tiers.rs`. Amounts have the decimals of the line's currency,
//! else of the deal's, else of the portal's.

use rust_decimal::Decimal;

use crate::events::Cause;
use crate::kind::Kind;
use crate::labels::CHILD_TO_PARENT;
use crate::links::Key;
use crate::money;
use crate::pipelines;
use crate::records::Changes;
use crate::state::{Record, State};
use crate::terms::{MONTH, Share, YEAR, payments_a_year, years_of_term};
use crate::tiers;

impl State {
    /// Calculates the fields of a record anew, and those of the deal that a line item belongs to.
    pub(crate) fn recalculate(&mut self, kind: Kind, id: &str, cause: &Cause) {
        let Some(record) = self.record(kind, id) else { return };
        let key = (kind, record.id.clone());
        match kind {
            Kind::LineItem => {
                let values = self.line_values(record);
                self.store(kind, &key.1, values, cause);
                for (deal, _) in self.associated(&key, Kind::Deal) {
                    self.recalculate(Kind::Deal, &deal, cause);
                }
            }
            Kind::Deal => {
                self.recalculate_lines_of(&key, cause);
                let Some(record) = self.record(kind, id) else { return };
                let values = self.deal_values(record);
                self.store(kind, &key.1, values, cause);
            }
            Kind::Company => {
                let parents = self.associated(&key, kind);
                let parent = parents.into_iter().find(|(_, types)| types.contains(&CHILD_TO_PARENT));
                let id = parent.map(|(id, _)| id).unwrap_or_default();
                self.store(kind, &key.1, vec![("hs_parent_company_id".to_owned(), id)], cause);
            }
            Kind::Contact | Kind::Product => {}
        }
    }

    /// Lines without a currency of their own follow the deal's.
    fn recalculate_lines_of(&mut self, deal: &Key, cause: &Cause) {
        for (id, _) in self.associated(deal, Kind::LineItem) {
            let line = self.record(Kind::LineItem, &id);
            let Some(line) = line.filter(|line| line.value("hs_line_item_currency_code").is_none()) else {
                continue;
            };
            let values = self.line_values(line);
            self.store(Kind::LineItem, &id, values, cause);
        }
    }

    fn line_values(&self, line: &Record) -> Changes {
        let key = (Kind::LineItem, line.id.clone());
        let of_deal = || {
            let deals = self.associated(&key, Kind::Deal);
            let deal = deals.first().and_then(|(id, _)| self.record(Kind::Deal, id))?;
            deal.value("deal_currency_code").map(str::to_owned)
        };
        let currency = line.value("hs_line_item_currency_code").map(str::to_owned).or_else(of_deal);
        line_values(line, currency.as_deref(), &self.config.home_currency)
    }

    /// What the amounts of a deal's lines come to, as its `amount` shows it; empty without lines.
    pub(crate) fn sum_of_lines(&self, deal: &str, name: &str) -> String {
        let Some(record) = self.record(Kind::Deal, deal) else { return String::new() };
        let lines = self.associated(&(Kind::Deal, record.id.clone()), Kind::LineItem);
        if lines.is_empty() {
            return String::new();
        }
        let found = lines.iter().filter_map(|(id, _)| self.record(Kind::LineItem, id));
        let currency = record.value("deal_currency_code").unwrap_or(&self.config.home_currency);
        money::amount(found.map(|line| decimal(line, name)).sum(), currency)
    }

    /// What follows from a new or ended association.
    pub(crate) fn associations_changed(&mut self, from: &Key, to: &Key, cause: &Cause) {
        for (own, other) in [(from, to), (to, from)] {
            let follows = match own.0 {
                Kind::Deal => matches!(other.0, Kind::LineItem | Kind::Company),
                Kind::Company => other.0 == Kind::Company,
                Kind::Contact | Kind::Product | Kind::LineItem => false,
            };
            if follows {
                self.recalculate(own.0, &own.1, cause);
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
        for name in ["hs_mrr", "hs_arr", "hs_acv", "hs_tcv"] {
            set(name, self.sum_of_lines(&deal.id, name));
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

fn line_values(line: &Record, currency: Option<&str>, home: &str) -> Changes {
    let shown = |value: Decimal| money::amount(value, currency.unwrap_or(home));
    let quantity = line.value("quantity").map_or(Decimal::ONE, |_| decimal(line, "quantity"));
    let gross = tiers::gross(line, quantity, currency).unwrap_or_else(|| quantity * decimal(line, "price"));
    let percentage = decimal(line, "hs_discount_percentage") / Decimal::ONE_HUNDRED;
    let discount = quantity * decimal(line, "discount") + gross * percentage;
    let net = gross - discount;
    let yearly = line.value("recurringbillingfrequency").and_then(payments_a_year);
    let term = line.value("hs_recurring_billing_period").and_then(years_of_term);
    let once = if yearly.is_some() { Decimal::ZERO } else { net };
    let over = |years: Share| yearly.map_or(Decimal::ZERO, |payments| payments.times(years).of(net));
    let payments = match (yearly, term) {
        (Some(yearly), Some(term)) => money::rounded(yearly.times(term).of(Decimal::ONE), 0),
        _ => String::new(),
    };
    let months = term.map(|term| money::rounded(term.of(Decimal::from(12)), 2));
    [
        ("amount", shown(net)),
        ("hs_total_discount", shown(discount)),
        ("hs_pre_discount_amount", shown(gross)),
        ("hs_mrr", shown(over(MONTH))),
        ("hs_arr", shown(over(YEAR))),
        ("hs_acv", shown(over(term.unwrap_or(YEAR).at_most(YEAR)) + once)),
        ("hs_tcv", shown(over(term.unwrap_or(YEAR)) + once)),
        ("hs_term_in_months", months.unwrap_or_default()),
        ("hs_recurring_billing_number_of_payments", payments),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn decimal(record: &Record, name: &str) -> Decimal {
    record.value(name).and_then(|value| value.parse().ok()).unwrap_or_default()
}
