//! Deals and their line items, as sellers make and change them.
//!
//! The portal's line item editor keeps a deal's `amount` at the sum of its lines until somebody types another one;
//! so it is here.

use crate::events::Cause;
use crate::kind::Kind;
use crate::records::Changes;
use crate::sim::{Sim, living, owned, put, type_id};
use crate::state::State;

/// A line item of a deal, as a seller fills it in.
#[derive(Debug, Clone, Default)]
pub struct Line<'a> {
    /// Record id.
    pub id: &'a str,
    /// Record id of the product it is a copy of.
    pub product: Option<&'a str>,
    /// Name.
    pub name: &'a str,
    /// Quantity.
    pub quantity: &'a str,
    /// Unit price in the deal's currency.
    pub price: &'a str,
    /// `recurringbillingfrequency`; `None` is a one-time line.
    pub frequency: Option<&'a str>,
    /// `hs_recurring_billing_period`, such as `P12M`.
    pub term: Option<&'a str>,
    /// Discount of each unit, in the deal's currency.
    pub discount: Option<&'a str>,
    /// Discount in percent.
    pub discount_percentage: Option<&'a str>,
    /// Further properties; they win over the fields above.
    pub extra: Vec<(String, String)>,
}

impl Line<'_> {
    /// With one more property, such as `hs_ramp_key` or `hs_recurring_billing_start_date`.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.extra.retain(|(own, _)| own != name);
        self.extra.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With tiers in place of a price: model (`graduated`, `volume`, `stairstep`), the currency that portals with
    /// several of them name, and for each tier its first quantity and its price. A tier ends where the next begins.
    #[must_use]
    pub fn with_tiers(self, model: &str, currency: Option<&str>, tiers: &[(u64, &str)]) -> Self {
        let starts: Vec<u64> = tiers.iter().map(|(start, _)| *start).collect();
        let ends = starts.iter().skip(1).map(|next| format!(r#","end":{}"#, next.saturating_sub(1)));
        let ends = ends.chain([String::new()]);
        let ranges: Vec<String> =
            starts.iter().zip(ends).map(|(start, end)| format!(r#"{{"start":{start}{end}}}"#)).collect();
        let currency = currency.map(|code| format!(r#","currency":"{code}""#)).unwrap_or_default();
        let prices: Vec<String> = tiers
            .iter()
            .enumerate()
            .map(|(index, (_, price))| format!(r#"{{"index":{index},"price":{price}{currency}}}"#))
            .collect();
        self.with("hs_pricing_model", model)
            .with("hs_tier_ranges", &format!("[{}]", ranges.join(",")))
            .with("hs_tier_prices", &format!("[{}]", prices.join(",")))
    }

    fn changes(&self) -> Changes {
        let mut changes = owned(&[
            ("hs_product_id", self.product.unwrap_or_default()),
            ("name", self.name),
            ("quantity", self.quantity),
            ("price", self.price),
            ("recurringbillingfrequency", self.frequency.unwrap_or_default()),
            ("hs_recurring_billing_period", self.term.unwrap_or_default()),
            ("discount", self.discount.unwrap_or_default()),
            ("hs_discount_percentage", self.discount_percentage.unwrap_or_default()),
        ]);
        changes.retain(|(name, _)| !self.extra.iter().any(|(extra, _)| extra == name));
        changes.extend(self.extra.iter().cloned());
        changes
    }
}

impl Sim {
    /// Creates a deal with its line items and its primary company, as a user of the CRM.
    ///
    /// Without `amount` the deal gets the sum of its lines. A line whose `id` is empty gets a fresh one.
    pub fn add_deal(&self, id: &str, company: Option<&str>, properties: &[(&str, &str)], lines: &[Line<'_>]) {
        self.as_user(false, |state, cause| {
            put(state, Kind::Deal, id, owned(properties), cause);
            if let Some(company) = company {
                let primary = type_id(state, Kind::Deal, Kind::Company, "primary");
                let deal = (Kind::Deal, state.resolve(Kind::Deal, id));
                let company = (Kind::Company, state.resolve(Kind::Company, company));
                state.link(&deal, &company, &[primary], cause);
            }
            for line in lines {
                create(state, id, line.id, line.changes(), cause);
            }
            if !lines.is_empty() && !properties.iter().any(|(name, _)| *name == "amount") {
                set_amount(state, id, cause);
            }
        });
    }

    /// Adds a line item to a deal that is there; answers its id. An empty `id` becomes a fresh one.
    pub fn add_line(&self, deal: &str, line: &Line<'_>) -> String {
        self.as_user(false, |state, cause| add(state, deal, line.id, line.changes(), cause))
    }

    /// As [`Sim::add_line`], from properties alone: what is not named is copied from the product, if
    /// `hs_product_id` names one.
    pub fn add_line_of(&self, deal: &str, id: &str, properties: &[(&str, &str)]) -> String {
        self.as_user(false, |state, cause| add(state, deal, id, owned(properties), cause))
    }

    /// Removes a line item from its deal, which deletes it; false if there is none.
    pub fn remove_line(&self, id: &str) -> bool {
        self.as_user(false, |state, cause| {
            let deals = deals_of(state, id);
            let following = follows(state, &deals);
            let removed = state.archive(Kind::LineItem, id, cause);
            for deal in following {
                set_amount(state, &deal, cause);
            }
            removed
        })
    }
}

/// Creates a line item in the deal's currency.
fn create(state: &mut State, deal: &str, id: &str, mut changes: Changes, cause: &Cause) -> String {
    let currency = state.record(Kind::Deal, deal).and_then(|deal| deal.value("deal_currency_code"));
    if let Some(currency) = currency
        && !changes.iter().any(|(name, _)| name == "hs_line_item_currency_code")
    {
        changes.push(("hs_line_item_currency_code".to_owned(), currency.to_owned()));
    }
    let id = if id.is_empty() { state.new_id() } else { id.to_owned() };
    let deal = (Kind::Deal, state.resolve(Kind::Deal, deal));
    put(state, Kind::LineItem, &id, changes, cause);
    state.link(&deal, &(Kind::LineItem, id.clone()), &[], cause);
    id
}

fn add(state: &mut State, deal: &str, id: &str, changes: Changes, cause: &Cause) -> String {
    living(state, Kind::Deal, deal);
    let following = follows(state, &[deal.to_owned()]);
    let id = create(state, deal, id, changes, cause);
    for deal in following {
        set_amount(state, &deal, cause);
    }
    id
}

/// Changes a line item that is there.
pub(crate) fn update(state: &mut State, id: &str, changes: Changes, cause: &Cause) {
    let deals = deals_of(state, id);
    let following = follows(state, &deals);
    put(state, Kind::LineItem, id, changes, cause);
    for deal in following {
        set_amount(state, &deal, cause);
    }
}

fn deals_of(state: &State, line: &str) -> Vec<String> {
    let line = (Kind::LineItem, line.to_owned());
    state.associated(&line, Kind::Deal).into_iter().map(|(id, _)| id).collect()
}

/// Those deals whose amount is the sum of their lines.
fn follows(state: &State, deals: &[String]) -> Vec<String> {
    let amount = |deal: &str| state.record(Kind::Deal, deal).and_then(|record| record.value("amount"));
    deals
        .iter()
        .filter(|deal| amount(deal).unwrap_or_default() == state.sum_of_lines(deal, "amount"))
        .cloned()
        .collect()
}

fn set_amount(state: &mut State, deal: &str, cause: &Cause) {
    let sum = state.sum_of_lines(deal, "amount");
    state.write(Kind::Deal, deal, vec![("amount".to_owned(), sum)], cause);
}
