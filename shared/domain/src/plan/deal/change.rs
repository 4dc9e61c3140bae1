//! The three-way comparison of D-1: the deal as it is now, what was told last, and Zuora as it is now.
//!
//! Deal differs from what was told: that is sales' intent, an order follows. Zuora differs: that is finance's
//! doing; it is said and never undone. Both differ on one line: a person decides. What Zuora changed by itself
//! at a renewal is taken into the base.

use super::describe_off;
use super::matching::{Pair, free_number, observed_off, pair, same_off, same_pricing, unit_price};
use crate::billing::deal::{
    DealProjection, LineDiscount, Off, PlanRef, Pricing, SubscribedLine, Terms, TierPricing, What,
};
use crate::billing::product::ChargeType;
use crate::billing::subscription::{ObservedCharge, ObservedRatePlan, ObservedSubscription};
use crate::billing::tiers;
use crate::dates::Term;
use crate::ids::HubSpotId;
use crate::problem::{Problem, ProblemCode};
use jiff::Span;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A change whose day is not decided yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Undated {
    /// The line whose history tells the day; none for changes that take effect on the day of the sync.
    pub(super) history: Option<HubSpotId>,
    /// A day that is fixed by the thing itself.
    pub(super) fixed: Option<Date>,
    /// Not before this day: the start of the charge or of its last segment.
    pub(super) earliest: Option<Date>,
    /// The charge is dated to begin on this day; a change before it counts from it.
    pub(super) phase: Option<Date>,
    /// The charge is dated to end on this day; nothing of it can be changed from then on.
    pub(super) over: Option<Date>,
    /// First day of the period that was invoiced last.
    pub(super) billed_from: Option<Date>,
    /// What people know it by.
    pub(super) name: String,
    pub(super) what: What,
}

/// The outcome of the comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// What the deal will have told once the changes are ordered.
    pub projection: DealProjection,
    /// What Zuora has otherwise than it was told; shown, never undone.
    pub drift: Vec<String>,
    /// What a person must decide, with the three values.
    pub problems: Vec<Problem>,
    /// Lines that the changes touch, in the projection's words.
    pub touched: BTreeSet<String>,
    pub(super) changes: Vec<Undated>,
}

impl Compared {
    /// Nothing to order.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The lines whose history tells when a change takes effect.
    pub fn lines_with_history(&self) -> Vec<HubSpotId> {
        self.changes.iter().filter_map(|c| c.history.clone()).collect()
    }
}

/// Contacts for the subscription, where the deal names others than before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parties {
    /// Bill-to, when it changes.
    pub bill_to: Option<crate::billing::deal::Party>,
    /// Sold-to, when it changes.
    pub sold_to: Option<crate::billing::deal::Party>,
}

/// Compares the three.
pub fn compare(
    deal: &HubSpotId,
    applied: &DealProjection,
    now: &DealProjection,
    seen: &ObservedSubscription,
    parties: &Parties,
) -> Compared {
    let mut work = Compare {
        deal,
        seen,
        // Zuora moved on to a later term by itself, or a renewal deal did.
        renewed: seen.term_start.is_some_and(|start| start > applied.start),
        out: Compared {
            projection: DealProjection { lines: Vec::new(), ..applied.clone() },
            drift: Vec::new(),
            problems: Vec::new(),
            touched: BTreeSet::new(),
            changes: Vec::new(),
        },
    };
    let known: BTreeSet<String> = applied.lines.iter().map(|l| l.charge_number.clone()).collect();
    for pair in pair(applied, now) {
        match pair {
            Pair::Both(was, is) => work.both(&was, *is),
            Pair::New(line) => work.new_line(*line, &known, None, None),
            Pair::Gone(line) => work.gone(&line, None),
            Pair::Replaced(was, is) => work.replaced(&was, *is, &known),
        }
    }
    work.terms(applied, now, parties);
    work.suspension(applied, now);
    work.out
}

/// Whether the deal says what was told already, so that Zuora need not be asked. Ids of line items that a quote
/// tool replaced count as something: they must be remembered.
pub fn asks_nothing(applied: &DealProjection, now: &DealProjection) -> bool {
    let same_lines = pair(applied, now).into_iter().all(|pair| match pair {
        Pair::Both(was, is) => {
            was.line == is.line
                && same_pricing(&was.pricing, &is.pricing)
                && same_off(was.terms().1, is.terms().1)
        }
        Pair::New(_) | Pair::Gone(_) | Pair::Replaced(..) => false,
    });
    same_lines
        && applied.term == now.term
        && applied.auto_renew == now.auto_renew
        && applied.renewal_term == now.renewal_term
        && applied.bill_to == now.bill_to
        && applied.sold_to == now.sold_to
        && applied.invoice_owner == now.invoice_owner
        && now.suspended.is_none_or(|day| applied.suspended == Some(day))
        && now.resumed.is_none_or(|day| applied.resumed == Some(day))
}

struct Compare<'a> {
    deal: &'a HubSpotId,
    seen: &'a ObservedSubscription,
    renewed: bool,
    out: Compared,
}

impl Compare<'_> {
    fn both(&mut self, was: &SubscribedLine, mut is: SubscribedLine) {
        is.charge_number.clone_from(&was.charge_number);
        is.plan.clone_from(&was.plan);
        is.charge.clone_from(&was.charge);
        is.external_id = was.external_id;
        is.period_differs = was.period_differs;
        let (told, said) = (was.terms(), is.terms());
        let intent = !same_pricing(told.0, said.0) || !same_off(told.1, said.1);
        let base = was.held.as_ref().unwrap_or(&was.pricing);
        let Some((plan, charge)) = self.seen.charge(&was.charge_number) else {
            let what = format!("line item {}: its charge {} is gone from Zuora", is.line, was.charge_number);
            if intent {
                self.conflict(format!("{what}, and the deal changed it to {}", is.pricing));
                self.out.projection.lines.push(was.clone());
            } else {
                self.out.drift.push(what);
                self.out.projection.lines.push(SubscribedLine { line: is.line, ..was.clone() });
            }
            return;
        };
        let held = charge.pricing();
        let held_off = observed_off(plan, told.1);
        // What Zuora does not tell cannot be compared.
        let price_drift = held.as_ref().is_some_and(|held| !is_held(base, held));
        let off_drift = !same_off(told.1, held_off);
        let drift = price_drift || off_drift;
        let uplift = price_drift && !off_drift && self.is_uplift(base, charge);
        let seen = || {
            let price = held.as_ref().map_or("an unknown price".to_owned(), ToString::to_string);
            held_off.map_or(price.clone(), |off| format!("{price}, {}", describe_off(off)))
        };
        match (intent, drift) {
            (false, false) => {
                is.held.clone_from(&was.held);
                self.out.projection.lines.push(is);
            }
            (false, true) if uplift => {
                is.held = held;
                self.out.projection.lines.push(is);
            }
            (false, true) => {
                self.out.drift.push(format!("line item {}: ordered {base}, Zuora has {}", is.line, seen()));
                is.held.clone_from(&was.held);
                self.out.projection.lines.push(is);
            }
            (true, true)
                if held.as_ref().is_some_and(|h| is_held(&is.pricing, h)) && same_off(said.1, held_off) =>
            {
                // Both came to the same.
                self.out.projection.lines.push(is);
            }
            (true, true) if !uplift => {
                self.conflict(format!(
                    "line item {}: ordered {base}, the deal says {}, Zuora has {}",
                    is.line,
                    is.pricing,
                    seen()
                ));
                self.out.projection.lines.push(was.clone());
            }
            // Zuora edits neither one-time charges nor fixed discounts: a fresh rate plan says it.
            (true, _)
                if is.pricing.charge_type() == ChargeType::OneTime
                    || is_amount(told.1)
                    || is_amount(said.1) =>
            {
                self.replaced(was, is, &BTreeSet::from([was.charge_number.clone()]));
            }
            (true, _) => {
                let Some(discounts) = discount_updates(plan, told.1, is.discount.as_ref()) else {
                    // The subscription has no discount charge that could say it; a fresh rate plan has.
                    return self.replaced(was, is, &BTreeSet::from([was.charge_number.clone()]));
                };
                // What a renewal raised stays raised, unless sales changed the price itself.
                let raised = if uplift { held.clone() } else { was.held.clone() };
                let wanted = raised.clone().and_then(|raised| merged(raised, told.0, said.0));
                let pricing = (!same_pricing(told.0, said.0))
                    .then(|| wanted.clone().unwrap_or_else(|| is.pricing.clone()));
                let before = raised.unwrap_or_else(|| was.pricing.clone());
                is.held = wanted;
                self.change(
                    Some(is.line.clone()),
                    charge,
                    was,
                    What::Update {
                        line: is.line.clone(),
                        plan: plan_ref(plan),
                        charge_number: was.charge_number.clone(),
                        pricing,
                        discounts,
                        was: Some(before),
                    },
                );
                self.out.touched.insert(is.charge_number.clone());
                self.out.projection.lines.push(is);
            }
        }
    }

    /// A renewal changed the price and nothing else.
    fn is_uplift(&self, base: &Pricing, charge: &ObservedCharge) -> bool {
        let at_renewal = self.renewed && charge.starts.is_some() && charge.starts == self.seen.term_start;
        at_renewal
            && match (base, charge.pricing()) {
                (
                    Pricing::RecurringPerUnit { quantity: a, .. },
                    Some(Pricing::RecurringPerUnit { quantity: b, .. }),
                ) => *a == b,
                (Pricing::RecurringFlatFee { .. }, Some(Pricing::RecurringFlatFee { .. })) => true,
                (Pricing::RecurringTiers(a), Some(Pricing::RecurringTiers(b))) => {
                    a.model == b.model && a.quantity == b.quantity
                }
                _ => false,
            }
    }

    /// The old charge ends on the day on which the new one begins.
    fn replaced(&mut self, was: &SubscribedLine, is: SubscribedLine, known: &BTreeSet<String>) {
        let starts = self.seen.charge(&was.charge_number).and_then(|(_, charge)| charge.starts);
        self.gone(was, Some(is.line.clone()));
        let once = was.pricing.charge_type() == ChargeType::OneTime
            && is.pricing.charge_type() == ChargeType::OneTime;
        let fixed = starts.filter(|_| once && was.from == is.from);
        self.new_line(is, known, starts.filter(|_| was.from.is_none()), fixed);
    }

    fn new_line(
        &mut self,
        mut line: SubscribedLine,
        known: &BTreeSet<String>,
        earliest: Option<Date>,
        fixed: Option<Date>,
    ) {
        if !known.contains(&line.charge_number)
            && !self.out.projection.retired.contains(&line.charge_number)
            && let Some((plan, charge)) = self.seen.charge(&line.charge_number)
        {
            // An order of ours whose record was lost has added it.
            let off = line.discount.as_ref().map(|d| d.off);
            let same_discount = same_off(off, observed_off(plan, off));
            match charge.pricing() {
                Some(held) if !is_held(&line.pricing, &held) || !same_discount => self.conflict(format!(
                    "line item {}: the deal says {}, Zuora has {held}",
                    line.line, line.pricing
                )),
                _ => self.out.projection.lines.push(line),
            }
            return;
        }
        let living = self.out.projection.lines.iter().map(|l| l.charge_number.clone()).collect();
        let number = free_number(&line.charge_number, &self.out.projection.retired, self.seen, &living);
        line.charge_number = number;
        self.out.touched.insert(line.charge_number.clone());
        self.out.changes.push(Undated {
            history: Some(line.line.clone()),
            fixed,
            earliest,
            phase: line.from,
            over: line.until,
            billed_from: None,
            name: format!("line item {}", line.line),
            what: What::Add(Box::new(line.clone())),
        });
        self.out.projection.lines.push(line);
    }

    /// Takes a line away: on the day on which another line changed, or on the day of the sync.
    fn gone(&mut self, line: &SubscribedLine, history: Option<HubSpotId>) {
        let Some((plan, charge)) = self.seen.charge(&line.charge_number) else {
            // Finance removed it as well.
            self.out.projection.retired.insert(line.charge_number.clone());
            return;
        };
        let base = line.held.as_ref().unwrap_or(&line.pricing);
        let held = charge.pricing();
        let price_drift = held.as_ref().is_some_and(|held| !is_held(base, held));
        let told = line.discount.as_ref().map(|d| d.off);
        let held_off = observed_off(plan, told);
        let off_drift = !same_off(told, held_off);
        if off_drift || (price_drift && !self.is_uplift(base, charge)) {
            let held = held.map_or(String::new(), |h| h.to_string());
            let held = held_off.map_or(held.clone(), |off| format!("{held}, {}", describe_off(off)));
            self.conflict(format!(
                "line item {}: ordered {base}, gone from the deal, Zuora has {held}",
                line.line
            ));
            self.out.projection.lines.push(line.clone());
            return;
        }
        self.out.projection.retired.insert(line.charge_number.clone());
        self.change(
            history,
            charge,
            line,
            What::Remove {
                line: line.line.clone(),
                plan: plan_ref(plan),
                charge_number: line.charge_number.clone(),
            },
        );
    }

    fn change(
        &mut self,
        history: Option<HubSpotId>,
        charge: &ObservedCharge,
        line: &SubscribedLine,
        what: What,
    ) {
        // A one-time charge has one day only; it can be changed until that is billed.
        let fixed = charge.starts.filter(|_| charge.charge_type == Some(ChargeType::OneTime));
        let billed_from = match charge.charge_type {
            Some(ChargeType::OneTime) => charge.charged_through,
            _ => charge.charged_through.map(|through| before(through, charge)),
        };
        self.out.changes.push(Undated {
            history,
            fixed,
            earliest: charge.starts,
            phase: line.from,
            over: line.until,
            billed_from,
            name: format!("line item {}", line.line),
            what,
        });
    }

    fn terms(&mut self, applied: &DealProjection, now: &DealProjection, parties: &Parties) {
        let mut terms = Terms::default();
        // The lines of an upsell deal have no term of their own; the subscription's is another deal's business.
        let co_termed = applied.term == Term::Evergreen
            && now.term == Term::Evergreen
            && (self.seen.start.is_some_and(|start| start < applied.start)
                || self.seen.deal.as_deref().is_some_and(|deal| deal != self.deal.as_str()));
        if now.term != applied.term {
            if self.renewed {
                self.conflict(format!(
                    "the term: ordered {}, the deal says {}, and the subscription was renewed meanwhile",
                    applied.term, now.term
                ));
            } else if self.seen.term.is_some_and(|seen| seen != applied.term && seen != now.term) {
                let seen = self.seen.term.map_or(String::new(), |t| t.to_string());
                self.conflict(format!(
                    "the term: ordered {}, the deal says {}, Zuora has {seen}",
                    applied.term, now.term
                ));
            } else {
                if self.seen.term != Some(now.term) {
                    terms.term = Some((now.term, self.seen.term_start.unwrap_or(applied.start)));
                }
                self.out.projection.term = now.term;
            }
        } else if !self.renewed && !co_termed && self.seen.term.is_some_and(|seen| seen != applied.term) {
            let seen = self.seen.term.map_or(String::new(), |t| t.to_string());
            self.out.drift.push(format!("the term: ordered {}, Zuora has {seen}", applied.term));
        }
        if now.auto_renew != applied.auto_renew {
            terms.auto_renew = Some(now.auto_renew).filter(|auto| self.seen.auto_renew != Some(*auto));
            self.out.projection.auto_renew = now.auto_renew;
        } else if !co_termed && self.seen.auto_renew.is_some_and(|seen| seen != applied.auto_renew) {
            let words = |auto: bool| if auto { "renews by itself" } else { "does not renew by itself" };
            self.out.drift.push(format!(
                "the subscription: ordered that it {}, in Zuora it {}",
                words(applied.auto_renew),
                words(!applied.auto_renew)
            ));
        }
        // Without a length of its own a renewal is as long as the term, also after the term has changed.
        let renewal = |p: &DealProjection| p.renewal_term.unwrap_or(p.term);
        if self.out.projection.term == now.term {
            let wanted = Some(renewal(now)).filter(|w| *w != renewal(applied) && *w != Term::Evergreen);
            terms.renewal_term = wanted.filter(|wanted| self.seen.renewal_term != Some(*wanted));
            self.out.projection.renewal_term = now.renewal_term;
        }
        if now.bill_to != applied.bill_to {
            terms.bill_to = Some(parties.bill_to.clone());
            self.out.projection.bill_to.clone_from(&now.bill_to);
        }
        if now.sold_to != applied.sold_to {
            terms.sold_to = Some(parties.sold_to.clone());
            self.out.projection.sold_to.clone_from(&now.sold_to);
        }
        if terms != Terms::default() {
            self.undated("terms", What::Terms(terms));
        }
        if now.invoice_owner != applied.invoice_owner {
            let payer = now.invoice_owner.clone().unwrap_or_else(|| applied.account.clone());
            if self.seen.invoice_owner.as_ref() != Some(&payer) {
                self.undated("invoice owner", What::InvoiceOwner(payer));
            }
            self.out.projection.invoice_owner.clone_from(&now.invoice_owner);
        }
    }

    fn suspension(&mut self, applied: &DealProjection, now: &DealProjection) {
        let mut at = |day: Date, what: What| {
            self.out.changes.push(Undated {
                history: None,
                fixed: Some(day),
                earliest: None,
                phase: None,
                over: None,
                billed_from: None,
                name: "suspension".to_owned(),
                what,
            });
        };
        if let Some(day) = now.suspended.filter(|day| applied.suspended != Some(*day)) {
            at(day, What::Suspend);
        }
        if let Some(day) = now.resumed.filter(|day| applied.resumed != Some(*day))
            && now.suspended.or(applied.suspended).is_some_and(|from| from <= day)
        {
            at(day, What::Resume);
        }
        self.out.projection.suspended = now.suspended.or(applied.suspended);
        self.out.projection.resumed = now.resumed.or(applied.resumed);
    }

    fn undated(&mut self, name: &str, what: What) {
        self.out.changes.push(Undated {
            history: None,
            fixed: None,
            earliest: None,
            phase: None,
            over: None,
            billed_from: None,
            name: name.to_owned(),
            what,
        });
    }

    fn conflict(&mut self, detail: String) {
        self.out.problems.push(
            Problem::new(ProblemCode::DealChanged, format!("{detail}.")).at(format!("deal {}", self.deal)),
        );
    }
}

fn is_held(base: &Pricing, held: &Pricing) -> bool {
    match (base, held) {
        // A table of the plan's own may be told in another shape; the quantity is what was ordered.
        (Pricing::RecurringTiers(a), Pricing::RecurringTiers(b)) if !a.own_table => {
            a.model == b.model && a.quantity == b.quantity
        }
        (Pricing::OneTimeTiers(a), Pricing::OneTimeTiers(b)) if !a.own_table => {
            a.model == b.model && a.quantity == b.quantity
        }
        (Pricing::UsageTiers(a), Pricing::UsageTiers(b)) if !a.own_table => a.model == b.model,
        (Pricing::UsageAsPlanned, _) => true,
        (a, b) => same_pricing(a, b),
    }
}

/// The new quantity at the price that a renewal raised; none when sales changed the price as well.
fn merged(raised: Pricing, told: &Pricing, said: &Pricing) -> Option<Pricing> {
    let same_table =
        |a: &TierPricing, b: &TierPricing| !a.own_table && !b.own_table || tiers::same(&a.tiers, &b.tiers);
    match (raised, told, said) {
        (
            Pricing::RecurringPerUnit { price, .. },
            Pricing::RecurringPerUnit { .. },
            Pricing::RecurringPerUnit { quantity, .. },
        ) if unit_price(told) == unit_price(said) => {
            Some(Pricing::RecurringPerUnit { quantity: *quantity, price })
        }
        (raised @ Pricing::RecurringFlatFee { .. }, _, _) if unit_price(told) == unit_price(said) => {
            Some(raised)
        }
        (Pricing::RecurringTiers(raised), Pricing::RecurringTiers(told), Pricing::RecurringTiers(said))
            if same_table(told, said) =>
        {
            Some(Pricing::RecurringTiers(TierPricing { quantity: said.quantity, ..raised }))
        }
        _ => None,
    }
}

/// A fixed discount that takes something off.
fn is_amount(off: Option<Off>) -> bool {
    matches!(off, Some(Off::Amount(amount)) if !amount.is_zero())
}

/// The first day of the period that ends on a day.
fn before(through: Date, charge: &ObservedCharge) -> Date {
    let back = |term: Term| match term {
        Term::Months(n) => through.checked_sub(Span::new().try_months(n).ok()?).ok(),
        Term::Weeks(n) => through.checked_sub(Span::new().try_weeks(n).ok()?).ok(),
        Term::Evergreen => None,
    };
    charge.period.and_then(|p| back(p.as_term())).unwrap_or(through)
}

pub(super) fn plan_ref(plan: &ObservedRatePlan) -> PlanRef {
    plan.number.clone().map_or_else(|| PlanRef::Id(plan.id.clone()), PlanRef::Number)
}

/// The discount charges of a plan that must say something else: the new one, and nothing for the old one. None
/// when the plan has no charge that could take off what is wanted.
pub(super) fn discount_updates(
    plan: &ObservedRatePlan,
    was: Option<Off>,
    is: Option<&LineDiscount>,
) -> Option<Vec<(String, Off)>> {
    let off = is.map(|d| d.off);
    if same_off(was, off) {
        return Some(Vec::new());
    }
    let fits = |c: &&ObservedCharge| match off {
        Some(off) => c.off().is_some_and(|o| std::mem::discriminant(&o) == std::mem::discriminant(&off)),
        None => false,
    };
    // One charge takes it off, never two of the same kind.
    let carrier = plan
        .charges
        .iter()
        .filter(fits)
        .max_by_key(|c| is.is_some_and(|d| c.charge.as_ref() == Some(&d.charge)))
        .map(|c| c.number.as_str());
    if carrier.is_none() && !same_off(off, None) {
        return None;
    }
    let updates = plan.charges.iter().filter_map(|charge| {
        let held = charge.off()?;
        let wanted = match (held, off) {
            (_, Some(off)) if carrier == Some(charge.number.as_str()) => off,
            (Off::Percentage(_), _) => Off::Percentage(rust_decimal::Decimal::ZERO),
            (Off::Amount(_), _) => Off::Amount(rust_decimal::Decimal::ZERO),
        };
        (wanted != held).then(|| (charge.number.clone(), wanted))
    });
    Some(updates.collect())
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
