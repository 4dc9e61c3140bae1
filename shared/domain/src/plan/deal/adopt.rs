//! A subscription that exists although nothing is remembered of it: after a lost record, or made by the original
//! connector. What Zuora holds becomes the base of all later comparisons, but only if the deal says the same;
//! with nothing remembered, nobody can tell whose a difference is.

use super::matching::{observed_off, same_off, same_pricing};
use crate::billing::deal::{DealProjection, Pricing, SubscribedLine};
use crate::billing::product::ChargeType;
use crate::billing::subscription::ObservedSubscription;

/// Takes over what Zuora holds, or says line by line what differs.
pub fn adopt(now: &DealProjection, seen: &ObservedSubscription) -> Result<DealProjection, Vec<String>> {
    let mut differences = Vec::new();
    let mut open: Vec<_> = seen.living().filter(|(_, c)| !c.model.is_discount()).collect();
    let mut lines: Vec<Option<SubscribedLine>> = vec![None; now.lines.len()];
    // Our own charge numbers first, then product and price.
    for by_number in [true, false] {
        for (line, slot) in now.lines.iter().zip(&mut lines).filter(|(_, slot)| slot.is_none()) {
            let found = open.iter().position(|(plan, charge)| {
                let same_product = plan.external_id.as_deref() == Some(line.product.as_str())
                    || plan.plan.as_ref() == Some(&line.plan);
                if by_number {
                    charge.number == line.charge_number
                } else {
                    same_product && charge.pricing().is_some_and(|p| same_terms(&p, &line.pricing))
                }
            });
            let Some(index) = found else { continue };
            let (plan, charge) = open.remove(index);
            let held = charge.pricing();
            let off = observed_off(plan, line.discount.as_ref().map(|d| d.off));
            if held.as_ref().is_some_and(|h| !same_terms(h, &line.pricing))
                || !same_off(off, line.discount.as_ref().map(|d| d.off))
            {
                let held = held.map_or("an unknown price".to_owned(), |h| h.to_string());
                differences.push(format!(
                    "line item {}: the deal says {}, Zuora has {held}",
                    line.line, line.pricing
                ));
            }
            *slot = Some(SubscribedLine { charge_number: charge.number.clone(), ..line.clone() });
        }
    }
    for (line, slot) in now.lines.iter().zip(&lines) {
        if slot.is_none() {
            differences.push(format!("line item {} ({}) is not in Zuora", line.line, line.pricing));
        }
    }
    for (_, charge) in open.iter().filter(|(_, c)| c.charge_type != Some(ChargeType::OneTime)) {
        differences.push(format!("charge {} in Zuora is no line item of the deal", charge.number));
    }
    if seen.term.is_some_and(|term| term != now.term) {
        let term = seen.term.map_or(String::new(), |t| t.to_string());
        differences.push(format!("the term: the deal says {}, Zuora has {term}", now.term));
    }
    if differences.is_empty() {
        let lines = lines.into_iter().flatten().collect();
        let start = seen.start.unwrap_or(now.start);
        Ok(DealProjection { lines, start, ..now.clone() })
    } else {
        Err(differences)
    }
}

/// Whether Zuora holds a line exactly as it is said, under its own charge number.
pub fn holds(seen: &ObservedSubscription, line: &SubscribedLine) -> bool {
    let off = line.discount.as_ref().map(|d| d.off);
    seen.charge(&line.charge_number).is_some_and(|(plan, charge)| {
        charge.pricing().is_some_and(|held| same_terms(&held, &line.pricing))
            && same_off(observed_off(plan, off), off)
    })
}

fn same_terms(held: &Pricing, said: &Pricing) -> bool {
    match (held, said) {
        (Pricing::RecurringTiers(a), Pricing::RecurringTiers(b)) if !b.own_table => {
            a.model == b.model && a.quantity == b.quantity
        }
        (_, Pricing::UsageAsPlanned) => true,
        (Pricing::UsageTiers(a), Pricing::UsageTiers(b)) => a.model == b.model,
        (a, b) => same_pricing(a, b),
    }
}
