//! The first order of a deal's own subscription; after a cancellation and a new win, of its next one (D-16).

use super::around::doubtful_plan;
use super::gate::{self, Check, Gate};
use super::{Scene, gather, parties};
use crate::Engine;
use crate::decision::{Decision, Effort, Ring, Step};
use crate::reconcilers::company::account_lock;
use connector_domain::billing::company::AccountLink;
use connector_domain::billing::deal::{DesiredOrder, ObservedOrder, Part, SubscriptionLink};
use connector_domain::billing::subscription::ObservedSubscription;
use connector_domain::mapping::deal::CheckedDeal;
use connector_domain::mapping::order::{Surroundings, order};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::plan::Action;
use connector_domain::plan::deal::adopt::adopt;
use connector_domain::plan::deal::movement::{monthly, movement};
use connector_domain::plan::deal::plan_order;
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{Applied, Link, SyncStatus, Then};
use connector_ports::PortError;
use futures::future::try_join3;
use jiff::SignedDuration;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Orders a subscription. `before` is the link of the life before, which was ended.
pub(super) async fn decide(
    scene: &Scene<'_>,
    deal: &CheckedDeal,
    before: Option<SubscriptionLink>,
    mut decision: Decision,
) -> Result<Decision, PortError> {
    let Scene { engine, key, stored, effort, .. } = *scene;
    let around = match gather(scene, deal, &mut decision).await? {
        Ok(around) => around,
        Err(waiting) => return Ok(*waiting),
    };
    let Some(account) = &around.account else {
        return Err(PortError::bug("engine decide deal", "the account is neither ready nor waited for"));
    };
    // People whom the deal names find their way back here when they or their labels change.
    decision.parties = party_keys(key, deal);
    let (bill_to, sold_to, problems) = if around.assumed.account.is_some() {
        // Nobody is on an account that does not exist yet.
        (None, None, Vec::new())
    } else {
        parties::parties(engine, deal, account, around.invoice_owner.as_ref(), stored).await?
    };
    let orders = before.as_ref().map_or(0, |b| b.orders);
    let life =
        before.as_ref().map_or(1, |b| if b.part == Part::Owns { b.life.saturating_add(1) } else { b.life });
    let surroundings = Surroundings {
        account,
        invoice_owner: around.invoice_owner.as_ref(),
        catalog: &around.catalog,
        bill_to,
        sold_to,
        orders,
        life,
    };
    let deal = &match after_the_last_life(scene, deal, before.as_ref(), &mut decision).await? {
        Ok(deal) => deal,
        Err(problem) => return Ok(decision.parked(vec![problem])),
    };
    let mut mapped = order(deal, &surroundings, &engine.policy);
    mapped.problems.extend(problems);
    decision.state.notices.extend(mapped.notices);
    if !mapped.problems.is_empty() {
        // A plan of Zuora's may have been changed since it was looked at: a person's retry reads it again, and
        // a change found there wakes this deal.
        let doubtful = doubtful_plan(key, deal, &around);
        return Ok(parked_on_plan(decision, mapped.problems, doubtful, effort));
    }
    let Some(mut desired) = mapped.desired else {
        return Err(PortError::bug("engine decide deal", "a mapping without result and without problem"));
    };
    if desired.projection.suspended.is_some() || desired.projection.resumed.is_some() {
        // Only what runs can be suspended: right after the order.
        (desired.projection.suspended, desired.projection.resumed) = (None, None);
        decision.due_in = Some(SignedDuration::from_secs(1));
    }
    if deal.lines.iter().all(|l| l.period.is_none()) {
        decision
            .state
            .notices
            .push(format!("One-time lines only: the subscription runs {}.", desired.projection.term));
    }
    decision.lock = Some(account_lock(key, account.number.as_str()));
    let found = if around.assumed.account.is_some() {
        LookedUp::Nothing
    } else {
        look_up(engine, key, account, &desired, (before.as_ref(), life)).await?
    };
    match found {
        LookedUp::Nothing => {
            let lines = desired.projection.foreseeable();
            let schedule = (desired.projection.start, desired.projection.term);
            let action = Action::CreateOrder(Box::new(desired.clone()));
            // Charges of the plan may begin with one of these days; the contract value is theirs then.
            let with_tcv = [deal.service_activation, deal.customer_acceptance]
                .into_iter()
                .flatten()
                .all(|day| day == desired.projection.start);
            let check =
                Check { action: &action, lines: &lines, schedule, currency: &deal.currency, with_tcv };
            match gate::open(scene, &check, &around.assumed, &mut decision).await? {
                Gate::Open(notice) => decision.state.notices.extend(notice),
                Gate::Later(later) => return Ok(later.over(decision)),
                Gate::Closed(problems) => {
                    let doubtful = doubtful_plan(key, deal, &around);
                    return Ok(parked_on_plan(decision, problems, doubtful, effort));
                }
            }
            let then = Then::Subscription {
                link: desired.link(orders, life),
                projection: Box::new(desired.projection.clone()),
                creates: true,
                movement: movement(
                    Decimal::ZERO,
                    monthly(&desired.projection, desired.projection.start),
                    &deal.currency,
                ),
            };
            decision.steps = plan_order(desired).into_iter().map(|action| step(action, &then)).collect();
            Ok(decision.status(SyncStatus::InSync))
        }
        LookedUp::Adopt(link, seen) => match adopt(&desired.projection, &seen) {
            Ok(projection) => {
                decision.state.applied = Some(Applied::Deal(Box::new(projection)));
                let notice = format!("Linked to existing subscription {}.", link.subscription);
                decision.state.link = Some(Link::Subscription(link));
                Ok(decision.status(SyncStatus::InSync).notice(notice))
            }
            // Linked all the same, so that nothing is ordered twice; a person makes the two agree.
            Err(differences) => {
                decision.state.link = Some(Link::Subscription(link));
                decision.state.applied = None;
                Ok(decision.parked(vec![
                    Problem::new(ProblemCode::DealChanged, format!("{}.", differences.join("; ")))
                        .at(format!("deal {}", deal.id)),
                ]))
            }
        },
        LookedUp::Taken(what) => Ok(decision.parked(vec![
            Problem::new(ProblemCode::SubscriptionTaken, what).at(format!("deal {}", deal.id)),
        ])),
    }
}

/// A deal that is won again starts where the subscription before ends: nothing is billed twice for the same days.
async fn after_the_last_life(
    scene: &Scene<'_>,
    deal: &CheckedDeal,
    before: Option<&SubscriptionLink>,
    decision: &mut Decision,
) -> Result<Result<CheckedDeal, Problem>, PortError> {
    let mut deal = deal.clone();
    let Some(before) = before.filter(|b| b.part == Part::Owns) else { return Ok(Ok(deal)) };
    let seen = scene.engine.billing.subscription(&before.subscription).await?;
    let Some(end) = seen.and_then(|s| s.cancelled_on.or(s.charged_through())).filter(|end| *end > deal.start)
    else {
        return Ok(Ok(deal));
    };
    if deal.lines.iter().any(|line| line.from.is_some() || line.until.is_some()) {
        return Ok(Err(Problem::new(
            ProblemCode::EffectiveDate,
            format!(
                "Subscription {} runs until {end}, and the dated lines of the deal begin before.",
                before.subscription
            ),
        )
        .at(format!("deal {}", deal.id))));
    }
    decision.state.notices.push(format!(
        "Subscription {} runs until {end}; the new one starts on that day.",
        before.subscription
    ));
    deal.start = end;
    Ok(Ok(deal))
}

/// The write and what it makes true: a contact, or the order.
pub(super) fn step(action: Action, then: &Then) -> Step {
    let then = match &action {
        Action::CreateContact { contact, .. } => contact.crm_id.clone().map(|holds| Then::Contact { holds }),
        _ => Some(then.clone()),
    };
    Step { action, then }
}

pub(super) fn party_keys(key: &StateKey, deal: &CheckedDeal) -> Vec<StateKey> {
    [&deal.bill_to, &deal.sold_to]
        .into_iter()
        .flatten()
        .map(|id| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Contact, id.clone())))
        .collect()
}

/// Parks a deal whose trouble may lie in a plan that is remembered wrongly; a person's retry reads the plan again.
pub(super) fn parked_on_plan(
    mut decision: Decision,
    problems: Vec<Problem>,
    doubtful: Option<StateKey>,
    effort: Effort,
) -> Decision {
    if let (true, Some(product)) = (effort.is_by_person(), doubtful.clone()) {
        decision.rings.push(Ring { key: product, marks: BTreeMap::new() });
    }
    decision.waits_on = doubtful;
    decision.parked(problems)
}

enum LookedUp {
    Nothing,
    Adopt(SubscriptionLink, Box<ObservedSubscription>),
    Taken(String),
}

/// Keyed look-ups before the first POST (layer 4 of `zuora.md` 1.6); on accounts that we did not make, also a
/// search for a subscription of the original connector.
async fn look_up(
    engine: &Engine,
    key: &StateKey,
    account: &AccountLink,
    desired: &DesiredOrder,
    life: (Option<&SubscriptionLink>, u32),
) -> Result<LookedUp, PortError> {
    let company_made = account.number.as_str().starts_with(&format!("HS-{}-", key.portal));
    let search = async {
        // A further life of a deal has nothing to adopt from the original connector.
        if company_made || life.1 > 1 {
            Ok(Vec::new())
        } else {
            engine.billing.subscriptions_of_deal(&account.id, &desired.deal).await
        }
    };
    let (subscription, order, others) = try_join3(
        engine.billing.subscription(&desired.subscription),
        engine.billing.order(&desired.order),
        search,
    )
    .await?;
    Ok(match judge(subscription, order, others, account, desired, life) {
        // A search shows no charges; what is taken over is read whole.
        LookedUp::Adopt(link, seen) if seen.plans.is_empty() => {
            let whole = engine.billing.subscription(&link.subscription).await?;
            LookedUp::Adopt(link, Box::new(whole.unwrap_or(*seen)))
        }
        other => other,
    })
}

fn judge(
    subscription: Option<ObservedSubscription>,
    order: Option<ObservedOrder>,
    others: Vec<ObservedSubscription>,
    account: &AccountLink,
    desired: &DesiredOrder,
    (before, life): (Option<&SubscriptionLink>, u32),
) -> LookedUp {
    let link = |found: &ObservedSubscription, ours: bool| SubscriptionLink {
        subscription: found.number.clone(),
        order: found.order.clone().unwrap_or_else(|| desired.order.clone()),
        orders: before.map_or(0, |b| b.orders).saturating_add(1),
        life,
        account: account.number.clone(),
        status: Some(found.status.clone()),
        ours,
        part: Part::Owns,
        ended: false,
    };
    if let Some(found) = &subscription {
        let of_deal = found.deal.as_deref().is_none_or(|deal| deal == desired.deal.as_str());
        let on_account = found.account.as_ref().is_none_or(|number| *number == account.number);
        let alive = !found.is_cancelled();
        return if of_deal && on_account && alive {
            LookedUp::Adopt(link(found, true), Box::new(found.clone()))
        } else {
            LookedUp::Taken(format!("Subscription {} ({}).", found.number, found.status))
        };
    }
    if let Some(order) = &order {
        return LookedUp::Taken(format!(
            "Order {} exists without subscription {}.",
            order.number, desired.subscription
        ));
    }
    let mut alive = others.iter().filter(|s| !s.is_cancelled());
    match (alive.next(), alive.next()) {
        (None, _) => LookedUp::Nothing,
        (Some(one), None) => LookedUp::Adopt(link(one, false), Box::new(one.clone())),
        (Some(one), Some(two)) => {
            LookedUp::Taken(format!("Subscriptions {} and {} both carry this deal.", one.number, two.number))
        }
    }
}
