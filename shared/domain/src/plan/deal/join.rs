//! The first order of a deal that changes a subscription of another deal: an upsell adds its lines, ending with
//! the subscription; a renewal starts the next term with what the renewal deal says.

use super::change::{discount_updates, plan_ref};
use super::days::rank;
use super::matching::{free_number, observed_off, same_pricing};
use crate::billing::deal::{Change, DealProjection, SubscribedLine, Terms, What};
use crate::billing::product::ChargeType;
use crate::billing::subscription::{ObservedCharge, ObservedRatePlan, ObservedSubscription};
use crate::dates::Term;
use crate::ids::{AccountNumber, HubSpotId, SubscriptionNumber};
use crate::money::Currency;
use crate::policy::UnnamedLines;
use crate::problem::{Problem, ProblemCode};
use jiff::civil::Date;

/// What a deal makes of somebody else's subscription.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    /// Order actions in sequence.
    pub changes: Vec<Change>,
    /// What the deal has told once they are ordered.
    pub projection: DealProjection,
    /// Worth saying.
    pub notices: Vec<String>,
}

/// Whether a deal may change a subscription at all: it runs, for the same customer, in the same currency.
pub fn may_join(
    deal: &HubSpotId,
    property: &str,
    number: &SubscriptionNumber,
    seen: Option<&ObservedSubscription>,
    account: &AccountNumber,
    currency: &Currency,
) -> Result<(), Problem> {
    let refuse = |detail: String| {
        Err(Problem::new(ProblemCode::DealExtends, detail).at(format!("deal {deal} {property}")))
    };
    let Some(seen) = seen else { return refuse(format!("Zuora has no subscription {number}.")) };
    if seen.status != "Active" && !seen.status.starts_with("Pending") {
        return refuse(format!("Subscription {number} is {}.", seen.status));
    }
    if seen.account.as_ref().is_some_and(|own| own != account) {
        return refuse(format!("Subscription {number} belongs to another account than {account}."));
    }
    match &seen.currency {
        Some(own) if own != currency => {
            refuse(format!("Subscription {number} is in {own}, the deal in {currency}."))
        }
        Some(_) | None => Ok(()),
    }
}

/// Adds the lines of an upsell deal, each from its own day.
pub fn extend_on(
    now: &DealProjection,
    seen: &ObservedSubscription,
    day: &dyn Fn(&SubscribedLine) -> Date,
) -> Result<Joined, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut projection = DealProjection { lines: Vec::new(), ..now.clone() };
    let mut changes = Vec::new();
    for line in &now.lines {
        let wanted = day(line);
        let date = seen.start.map_or(wanted, |start| wanted.max(start));
        if let Some(end) = seen.term_end.filter(|end| date >= *end) {
            problems.push(
                Problem::new(
                    ProblemCode::EffectiveDate,
                    format!(
                        "{date} is not inside the term of subscription {}, which ends on {end}.",
                        seen.number
                    ),
                )
                .at(format!("line item {}", line.line)),
            );
            continue;
        }
        let living = projection.lines.iter().map(|l: &SubscribedLine| l.charge_number.clone()).collect();
        let number = free_number(&line.charge_number, &now.retired, seen, &living);
        let line = SubscribedLine { charge_number: number, ..line.clone() };
        // The action's day is the charge's first day.
        let added = SubscribedLine { from: line.from.map(|_| date), ..line.clone() };
        changes.push(Change { date, what: What::Add(Box::new(added)) });
        projection.lines.push(line);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    changes.sort_by_key(|c| c.date);
    let until = seen.term_end.map_or("it has no end".to_owned(), |end| format!("until {end}"));
    let notices = vec![format!("Added to subscription {}, {until}.", seen.number)];
    Ok(Joined { changes, projection, notices })
}

/// Renews a subscription with what the deal says about the next term.
pub fn renew(
    deal: &HubSpotId,
    now: &DealProjection,
    seen: &ObservedSubscription,
    unnamed: UnnamedLines,
) -> Result<Joined, Vec<Problem>> {
    let at = format!("deal {deal}");
    let Some(day) = seen.term_end else {
        return Err(vec![
            Problem::new(
                ProblemCode::DealExtends,
                format!("Subscription {} has no end, so there is nothing to renew.", seen.number),
            )
            .at(at),
        ]);
    };
    let mut problems = Vec::new();
    let is_dated = |line: &SubscribedLine| line.from.is_some() || line.until.is_some();
    if now.start != day
        && now.lines.iter().any(|l| is_dated(l) && l.pricing.charge_type() != ChargeType::OneTime)
    {
        let detail = format!("Its ramp starts on {}, the next term of {} on {day}.", now.start, seen.number);
        return Err(vec![Problem::new(ProblemCode::LineDates, detail).at(at)]);
    }
    let mut projection = DealProjection { lines: Vec::new(), ..now.clone() };
    let mut changes = vec![Change { date: day, what: What::Renew }];
    let terms = Terms {
        renewal_term: Some(now.term).filter(|term| seen.renewal_term != Some(*term)),
        auto_renew: Some(now.auto_renew).filter(|auto| seen.auto_renew.is_some_and(|seen| seen != *auto)),
        ..Terms::default()
    };
    if terms != Terms::default() {
        changes.push(Change { date: day, what: What::Terms(terms) });
    }
    let goes_on = |kind: Option<ChargeType>| kind != Some(ChargeType::OneTime);
    // Charges that end before or with the term do not renew by themselves.
    let mut open: Vec<_> = seen
        .living()
        .filter(|(_, c)| !c.model.is_discount() && goes_on(c.charge_type))
        .filter(|(_, c)| c.ends.is_none_or(|end| end >= day))
        .collect();
    let number_for = |line: &SubscribedLine, projection: &DealProjection| {
        let living = projection.lines.iter().map(|l| l.charge_number.clone()).collect();
        free_number(&line.charge_number, &now.retired, seen, &living)
    };
    let remove = |plan: &ObservedRatePlan, charge: &ObservedCharge, line: &HubSpotId| Change {
        date: day,
        what: What::Remove { line: line.clone(), plan: plan_ref(plan), charge_number: charge.number.clone() },
    };
    for line in &now.lines {
        let fits = |plan: &ObservedRatePlan, charge: &ObservedCharge| {
            let same_product = plan.external_id.as_deref() == Some(line.product.as_str())
                || plan.plan.as_ref() == Some(&line.plan);
            let same_period = match (charge.period, line.period) {
                (Some(a), Some(b)) => a.same_as(b),
                (None, _) | (_, None) => charge.charge_type == Some(ChargeType::Usage),
            };
            same_product && same_period && charge.pricing().is_some_and(|p| p.same_model(&line.pricing))
        };
        // The charge at the same price comes first, so that two lines of one product do not cross.
        let same =
            |charge: &ObservedCharge| charge.pricing().is_some_and(|held| same_pricing(&held, &line.pricing));
        let found = open
            .iter()
            .position(|(p, c)| fits(p, c) && same(c))
            .or_else(|| open.iter().position(|(p, c)| fits(p, c)));
        let found = found.map(|index| open.remove(index));
        let off = line.discount.as_ref().map(|d| d.off);
        let discounts = found
            .filter(|_| !is_dated(line))
            .and_then(|(plan, _)| discount_updates(plan, observed_off(plan, off), line.discount.as_ref()));
        let (Some((plan, charge)), Some(discounts)) = (found, discounts) else {
            // A ramp's phase, or a discount that the old plan cannot carry, takes the old charge's place.
            changes.extend(found.map(|(plan, charge)| remove(plan, charge, &line.line)));
            let line = SubscribedLine { charge_number: number_for(line, &projection), ..line.clone() };
            let date = line.from.map_or(day, |from| from.max(day));
            let added = SubscribedLine { from: line.from.filter(|from| *from > day), ..line.clone() };
            changes.push(Change { date, what: What::Add(Box::new(added)) });
            projection.lines.push(line);
            continue;
        };
        let held = charge.pricing();
        let same_price = same(charge);
        if !same_price || !discounts.is_empty() {
            changes.push(Change {
                date: day,
                what: What::Update {
                    line: line.line.clone(),
                    plan: plan_ref(plan),
                    charge_number: charge.number.clone(),
                    pricing: (!same_price).then(|| line.pricing.clone()),
                    discounts,
                    was: held,
                },
            });
        }
        let mut kept = SubscribedLine { charge_number: charge.number.clone(), ..line.clone() };
        if let Some(plan) = &plan.plan {
            kept.plan.clone_from(plan);
        }
        if let Some(charge) = &charge.charge {
            kept.charge.clone_from(charge);
        }
        projection.lines.push(kept);
    }
    let mut notices = Vec::new();
    for (plan, charge) in open {
        let name =
            format!("charge {} of rate plan {}", charge.number, plan.number.as_deref().unwrap_or(&plan.id));
        match unnamed {
            UnnamedLines::Keep => notices.push(format!("The renewal leaves {name} as it is.")),
            UnnamedLines::Remove => changes.push(remove(plan, charge, deal)),
            UnnamedLines::Park => problems.push(
                Problem::new(ProblemCode::RenewalLines, format!("No line item stands for {name}."))
                    .at(at.clone()),
            ),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    changes.sort_by_key(|c| (c.date, rank(&c.what)));
    notices.push(match now.term {
        Term::Evergreen => format!("Subscription {} goes on without end from {day}.", seen.number),
        term => format!("Subscription {} is renewed from {day} for {term}.", seen.number),
    });
    Ok(Joined { changes, projection: DealProjection { start: day, ..projection }, notices })
}
