//! The first order of a deal that changes a subscription of another deal: an upsell or a renewal.

use super::around::doubtful_plan;
use super::change::{Order, send};
use super::first::parked_on_plan;
use super::{Scene, gather};
use crate::decision::Decision;
use connector_domain::billing::deal::{DealProjection, Part, SubscribedLine, SubscriptionLink, What};
use connector_domain::ids::SubscriptionNumber;
use connector_domain::mapping::deal::{CheckedDeal, Role};
use connector_domain::mapping::order::{Surroundings, project};
use connector_domain::numbering;
use connector_domain::plan::deal::adopt::holds;
use connector_domain::plan::deal::join::{extend_on, may_join, renew};
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{Applied, Link, SyncStatus};
use connector_ports::PortError;
use futures::future::try_join;

pub(super) async fn decide(
    scene: &Scene<'_>,
    deal: &CheckedDeal,
    number: &SubscriptionNumber,
    before: Option<SubscriptionLink>,
    mut decision: Decision,
) -> Result<Decision, PortError> {
    let Scene { engine, key, effort, .. } = *scene;
    let around = match gather(scene, deal, &mut decision).await? {
        Ok(around) => around,
        Err(waiting) => return Ok(*waiting),
    };
    let Some(account) = &around.account else {
        return Err(PortError::bug("engine decide deal", "the account is neither ready nor waited for"));
    };
    let orders = before.as_ref().map_or(0, |b| b.orders);
    let first = numbering::order(key.portal, &deal.id, orders.saturating_add(1));
    let (seen, order) = try_join(engine.billing.subscription(number), engine.billing.order(&first)).await?;
    let property = &engine.policy.deals.properties.extends;
    if let Err(problem) = may_join(&deal.id, property, number, seen.as_ref(), &account.number, &deal.currency)
    {
        return Ok(decision.parked(vec![problem]));
    }
    let Some(seen) = seen else {
        return Err(PortError::bug(
            "engine decide deal",
            "a subscription that may be joined but is not there",
        ));
    };
    let surroundings = Surroundings {
        account,
        invoice_owner: None,
        catalog: &around.catalog,
        bill_to: None,
        sold_to: None,
        orders,
        life: before.as_ref().map_or(1, |b| b.life),
    };
    let mapped = project(deal, &surroundings, &engine.policy);
    decision.state.notices.extend(mapped.notices);
    let Some(mut now) = mapped.desired else {
        let doubtful = doubtful_plan(key, deal, &around);
        return Ok(parked_on_plan(decision, mapped.problems, doubtful, effort));
    };
    // Won again: what was removed is paid up to the day on which it ended, and its numbers are used up, although
    // Zuora does not show them any more.
    let told = before.as_ref().and_then(|_| decision.state.applied_deal()).cloned();
    if let Some(told) = &told {
        now.retired.clone_from(&told.retired);
        now.retired.extend(told.lines.iter().map(|line| line.charge_number.clone()));
    }
    let begins = |line: &SubscribedLine| {
        let told = told.iter().flat_map(|told| &told.lines).find(|t| t.line == line.line);
        let ended = told.and_then(|t| t.until).filter(|_| deal.effective_date.is_none());
        let day = line.from.or(deal.effective_date).unwrap_or(deal.close_date);
        ended.map_or(day, |ended| day.max(ended))
    };
    // Who gets the bill is the business of the deal that owns the subscription.
    if deal.bill_to.is_some() || deal.sold_to.is_some() || deal.invoice_owner.is_some() {
        decision
            .state
            .notices
            .push(format!("Bill-to, sold-to and payer of subscription {number} stay as its own deal says."));
    }
    (now.suspended, now.resumed) = (None, None);
    let part = if matches!(deal.role, Role::Renew(_)) { Part::Renews } else { Part::Extends };
    let link = SubscriptionLink {
        subscription: number.clone(),
        order: first.clone(),
        orders,
        life: before.as_ref().map_or(1, |b| b.life),
        account: account.number.clone(),
        status: Some(seen.status.clone()),
        ours: true,
        part,
        ended: false,
    };
    if let Some(order) = order {
        return Ok(taken_over(decision, deal, &now, link, &seen, &order.number.to_string()));
    }
    let joined = match part {
        Part::Renews => renew(&deal.id, &now, &seen, engine.policy.deals.unnamed_lines),
        Part::Extends | Part::Owns => extend_on(&now, &seen, &begins),
    };
    let joined = match joined {
        Ok(joined) => joined,
        Err(problems) => return Ok(decision.parked(problems)),
    };
    decision.state.notices.extend(joined.notices);
    let changed = |line: &&SubscribedLine| {
        joined.changes.iter().any(|change| match &change.what {
            What::Add(added) => added.charge_number == line.charge_number,
            What::Update { charge_number, .. } => *charge_number == line.charge_number,
            _ => false,
        })
    };
    let order = Order {
        deal: deal.id.clone(),
        order_date: deal.close_date,
        doubtful: doubtful_plan(key, deal, &around),
        check: joined.projection.lines.iter().filter(changed).cloned().collect(),
        with_tcv: false,
        assumed: around.assumed,
        projection: joined.projection.clone(),
        changes: joined.changes.clone(),
        ends: false,
    };
    send(scene, order, link, decision).await
}

/// The deal's order exists although nothing is remembered of it.
fn taken_over(
    mut decision: Decision,
    deal: &CheckedDeal,
    now: &DealProjection,
    mut link: SubscriptionLink,
    seen: &connector_domain::billing::subscription::ObservedSubscription,
    order: &str,
) -> Decision {
    let there = now.lines.iter().all(|line| holds(seen, line));
    if link.part != Part::Extends || !there {
        let what = format!("Order {order} exists and is not known here.");
        return decision.parked(vec![
            Problem::new(ProblemCode::SubscriptionTaken, what).at(format!("deal {}", deal.id)),
        ]);
    }
    link.orders = link.orders.saturating_add(1);
    let notice = format!("Linked to existing order {order}.");
    decision.state.link = Some(Link::Subscription(link));
    decision.state.applied = Some(Applied::Deal(Box::new(now.clone())));
    decision.status(SyncStatus::InSync).notice(notice)
}
