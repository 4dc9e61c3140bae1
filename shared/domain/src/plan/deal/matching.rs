//! Which line of a deal is which line of its subscription (D-2).
//!
//! A line's identity is its record id, carried into Zuora as the charge number. A quote tool that replaces line
//! items by new ones is recognised: what is left over on both sides is paired by product, price and dates first,
//! then by product and dates where only one is left on each side.

use crate::billing::deal::{DealProjection, Off, Pricing, SubscribedLine, TierPricing};
use crate::billing::subscription::{ObservedRatePlan, ObservedSubscription};
use crate::billing::tiers;
use std::collections::BTreeSet;

/// A line of the deal as it is now beside the one that was told, if it is the same.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pair {
    /// The same line on both sides.
    Both(Box<SubscribedLine>, Box<SubscribedLine>),
    /// New in the deal.
    New(Box<SubscribedLine>),
    /// Gone from the deal.
    Gone(Box<SubscribedLine>),
    /// Another product, period, date or model under the same line: the old charge ends, a new one begins.
    Replaced(Box<SubscribedLine>, Box<SubscribedLine>),
}

/// Pairs the lines of a deal with those that were told last.
pub(super) fn pair(applied: &DealProjection, now: &DealProjection) -> Vec<Pair> {
    let mut old: Vec<&SubscribedLine> = applied.lines.iter().collect();
    let mut open: Vec<(&SubscribedLine, Option<SubscribedLine>)> = Vec::new();
    for line in &now.lines {
        let found = old.iter().position(|o| o.line == line.line).map(|i| old.remove(i).clone());
        open.push((line, found));
    }
    let same_place = |a: &SubscribedLine, b: &SubscribedLine| {
        a.product == b.product && a.period == b.period && a.from == b.from && a.until == b.until
    };
    // The same quantity as well comes first, so that two lines of one product do not cross.
    for with_quantity in [true, false] {
        for (line, found) in open.iter_mut().filter(|(_, found)| found.is_none()) {
            let same_price = |o: &SubscribedLine| match with_quantity {
                true => same_pricing(&o.pricing, &line.pricing),
                false => unit_price(&o.pricing) == unit_price(&line.pricing),
            };
            if let Some(i) = old.iter().position(|o| same_place(o, line) && same_price(o)) {
                *found = Some(old.remove(i).clone());
            }
        }
    }
    let left: Vec<SubscribedLine> =
        open.iter().filter(|(_, found)| found.is_none()).map(|(line, _)| (*line).clone()).collect();
    for (line, found) in open.iter_mut().filter(|(_, found)| found.is_none()) {
        let here = left.iter().filter(|l| same_place(l, line)).count();
        let there: Vec<usize> =
            old.iter().enumerate().filter(|(_, o)| same_place(o, line)).map(|(i, _)| i).collect();
        if let ([one], 1) = (there.as_slice(), here) {
            *found = Some(old.remove(*one).clone());
        }
    }
    let mut pairs: Vec<Pair> = Vec::new();
    for (line, found) in open {
        match found {
            Some(was) if is_same_charge(&was, line) => {
                pairs.push(Pair::Both(Box::new(was), Box::new(line.clone())));
            }
            Some(was) => pairs.push(Pair::Replaced(Box::new(was), Box::new(line.clone()))),
            None => pairs.push(Pair::New(Box::new(line.clone()))),
        }
    }
    pairs.extend(old.into_iter().map(|line| Pair::Gone(Box::new(line.clone()))));
    pairs
}

/// Whether an order can change the charge of one into the other.
fn is_same_charge(was: &SubscribedLine, now: &SubscribedLine) -> bool {
    let same_period = match (was.period, now.period) {
        (Some(a), Some(b)) => a.same_as(b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    was.product == now.product
        && same_period
        && was.trigger == now.trigger
        && was.from == now.from
        && was.until == now.until
        && was.pricing.same_model(&now.pricing)
}

pub(super) fn unit_price(pricing: &Pricing) -> Option<rust_decimal::Decimal> {
    match pricing {
        Pricing::RecurringPerUnit { price, .. }
        | Pricing::RecurringFlatFee { price }
        | Pricing::OneTimePerUnit { price, .. }
        | Pricing::OneTimeFlatFee { price }
        | Pricing::UsagePerUnit { price } => Some(price.normalize()),
        Pricing::RecurringTiers(_)
        | Pricing::OneTimeTiers(_)
        | Pricing::UsageTiers(_)
        | Pricing::UsageAsPlanned => None,
    }
}

/// Whether two pricings mean the same. A table that is the plan's own is not compared: it is Zuora's business.
pub(super) fn same_pricing(a: &Pricing, b: &Pricing) -> bool {
    let same_table = |a: &TierPricing, b: &TierPricing, counts: bool| {
        a.model == b.model
            && (!counts || a.quantity == b.quantity)
            && ((!a.own_table && !b.own_table) || tiers::same(&a.tiers, &b.tiers))
    };
    match (a, b) {
        (Pricing::RecurringTiers(a), Pricing::RecurringTiers(b))
        | (Pricing::OneTimeTiers(a), Pricing::OneTimeTiers(b)) => same_table(a, b, true),
        (Pricing::UsageTiers(a), Pricing::UsageTiers(b)) => same_table(a, b, false),
        (a, b) => a == b,
    }
}

/// Whether two discounts mean the same; nothing off is no discount.
pub(super) fn same_off(a: Option<Off>, b: Option<Off>) -> bool {
    let something = |off: Option<Off>| {
        off.filter(|off| match off {
            Off::Percentage(d) | Off::Amount(d) => !d.is_zero(),
        })
    };
    something(a) == something(b)
}

/// What the discount charges of a rate plan take off; none when nothing. What was not told comes first: one more
/// discount beside the told one is a difference.
pub(super) fn observed_off(plan: &ObservedRatePlan, told: Option<Off>) -> Option<Off> {
    let all = || plan.charges.iter().filter_map(|c| c.off()).filter(|off| !same_off(Some(*off), None));
    all().find(|off| !same_off(Some(*off), told)).or_else(|| all().next())
}

/// A charge number for a line that is free on the subscription: `…`, then `…-2`, `…-3`.
pub(super) fn free_number(
    number: &str,
    retired: &BTreeSet<String>,
    seen: &ObservedSubscription,
    living: &BTreeSet<String>,
) -> String {
    let taken = |number: &str| {
        retired.contains(number)
            || living.contains(number)
            || seen.plans.iter().flat_map(|p| &p.charges).any(|c| c.number == number)
    };
    if !taken(number) {
        return number.to_owned();
    }
    (2_u32..).map(|n| format!("{number}-{n}")).find(|n| !taken(n)).unwrap_or_else(|| number.to_owned())
}
