//! The first order of a deal that changes a subscription of another deal: an upsell adds its lines, ending with
//! the subscription; a renewal starts the next term with what the renewal deal says.

use super::change::{plan_ref, rank};
use super::matching::{free_number, same_pricing};
use crate::billing::deal::{Change, DealProjection, SubscribedLine, Terms, What};
use crate::billing::product::ChargeType;
use crate::billing::subscription::ObservedSubscription;
use crate::dates::Term;
use crate::ids::{AccountNumber, HubSpotId, SubscriptionNumber};
use crate::money::Currency;
use crate::policy::UnnamedLines;
use crate::problem::{Problem, ProblemCode};
use jiff::civil::Date;
use std::collections::BTreeSet;

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

/// Adds the lines of an upsell deal. `day` is the deal's effective date or close date.
pub fn extend(now: &DealProjection, seen: &ObservedSubscription, day: Date) -> Result<Joined, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut projection = DealProjection { lines: Vec::new(), ..now.clone() };
    let mut changes = Vec::new();
    for line in &now.lines {
        let wanted = line.from.unwrap_or(day);
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
        let number = free_number(&line.charge_number, &BTreeSet::new(), seen, &living);
        let line = SubscribedLine { charge_number: number, ..line.clone() };
        changes.push(Change { date, what: What::Add(Box::new(line.clone())) });
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
    let mut projection = DealProjection { lines: Vec::new(), ..now.clone() };
    let mut changes = vec![Change { date: day, what: What::Renew }];
    if seen.renewal_term != Some(now.term) {
        let terms = Terms { renewal_term: Some(now.term), ..Terms::default() };
        changes.push(Change { date: day, what: What::Terms(terms) });
    }
    let goes_on = |kind: Option<ChargeType>| kind != Some(ChargeType::OneTime);
    // Charges that end before or with the term do not renew by themselves.
    let mut open: Vec<_> = seen
        .living()
        .filter(|(_, c)| !c.model.is_discount() && goes_on(c.charge_type))
        .filter(|(_, c)| c.ends.is_none_or(|end| end >= day))
        .collect();
    for line in &now.lines {
        let found = open.iter().position(|(plan, charge)| {
            let same_product = plan.external_id.as_deref() == Some(line.product.as_str())
                || plan.plan.as_ref() == Some(&line.plan);
            let same_period = match (charge.period, line.period) {
                (Some(a), Some(b)) => a.same_as(b),
                (None, _) | (_, None) => charge.charge_type == Some(ChargeType::Usage),
            };
            same_product
                && same_period
                && charge.pricing().is_some_and(|p| p.same_model(&line.pricing))
                && line.discount.is_none()
        });
        let Some(index) = found else {
            let living = projection.lines.iter().map(|l: &SubscribedLine| l.charge_number.clone()).collect();
            let number = free_number(&line.charge_number, &BTreeSet::new(), seen, &living);
            let line = SubscribedLine { charge_number: number, from: None, ..line.clone() };
            changes.push(Change { date: day, what: What::Add(Box::new(line.clone())) });
            projection.lines.push(line);
            continue;
        };
        let (plan, charge) = open.remove(index);
        let held = charge.pricing();
        if held.as_ref().is_none_or(|held| !same_pricing(held, &line.pricing)) {
            changes.push(Change {
                date: day,
                what: What::Update {
                    line: line.line.clone(),
                    plan: plan_ref(plan),
                    charge_number: charge.number.clone(),
                    pricing: Some(line.pricing.clone()),
                    discounts: Vec::new(),
                    was: held,
                },
            });
        }
        let mut kept = SubscribedLine { charge_number: charge.number.clone(), from: None, ..line.clone() };
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
            UnnamedLines::Remove => changes.push(Change {
                date: day,
                what: What::Remove {
                    line: deal.clone(),
                    plan: plan_ref(plan),
                    charge_number: charge.number.clone(),
                },
            }),
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
