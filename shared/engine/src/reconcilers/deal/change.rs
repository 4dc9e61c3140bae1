//! A deal that has ordered already: what sales changed since becomes one order; what finance changed is said.

use super::around::{Assumed, doubtful_plan};
use super::first::{parked_on_plan, party_keys, step};
use super::gate::{self, Check, Gate};
use super::{Scene, gather, parties};
use crate::decision::{Decision, Step};
use crate::reconcilers::company::account_lock;
use connector_domain::billing::company::ContactSlot;
use connector_domain::billing::deal::{
    Change, DealProjection, DesiredChange, Part, Party, SubscribedLine, SubscriptionLink, TriggerEvent, What,
};
use connector_domain::billing::subscription::ObservedSubscription;
use connector_domain::dates::civil_date;
use connector_domain::ids::{HubSpotId, OrderNumber};
use connector_domain::mapping::deal::CheckedDeal;
use connector_domain::mapping::order::{Surroundings, project};
use connector_domain::numbering;
use connector_domain::object::StateKey;
use connector_domain::plan::Action;
use connector_domain::plan::deal::adopt::adopt;
use connector_domain::plan::deal::change::{Compared, Parties, asks_nothing, compare};
use connector_domain::plan::deal::days::{Days, dated};
use connector_domain::plan::deal::movement::{Movement, MovementKind, monthly, movement};
use connector_domain::plan::deal::new_contacts;
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{Applied, Link, SyncStatus, Then};
use connector_ports::PortError;
use futures::future::try_join;
use jiff::SignedDuration;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// How notices of finance's changes begin.
const DRIFT: &str = "Changed in Zuora:";

/// How many order numbers are tried before a person is asked.
const NUMBERS: u32 = 20;

pub(super) async fn decide(
    scene: &Scene<'_>,
    deal: &CheckedDeal,
    mut link: SubscriptionLink,
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
    let moved = |what: String| Problem::new(ProblemCode::DealMoved, what).at(format!("deal {}", deal.id));
    if account.number != link.account && !link.account.as_str().is_empty() {
        let what =
            format!("The subscription is on account {}, the company has {}.", link.account, account.number);
        return Ok(decision.parked(vec![moved(what)]));
    }
    let surroundings = Surroundings {
        account,
        invoice_owner: around.invoice_owner.as_ref(),
        catalog: &around.catalog,
        bill_to: None,
        sold_to: None,
        orders: link.orders,
        life: link.life,
    };
    let mapped = project(deal, &surroundings, &engine.policy);
    let Some(mut now) = mapped.desired else {
        let doubtful = doubtful_plan(key, deal, &around);
        return Ok(parked_on_plan(decision, mapped.problems, doubtful, effort));
    };
    decision.state.notices.extend(mapped.notices);
    let payer = around.invoice_owner.as_ref().unwrap_or(account);
    let unless_default = |id: &Option<HubSpotId>, slot: &Option<ContactSlot>| {
        id.clone().filter(|id| slot.as_ref().is_none_or(|s| s.contact.as_ref() != Some(id)))
    };
    now.bill_to = unless_default(&deal.bill_to, &payer.bill_to);
    now.sold_to = unless_default(&deal.sold_to, &account.sold_to);
    let applied = decision.state.applied_deal().cloned();
    if let Some(applied) = &applied {
        not_its_own(link.part, &mut now, applied);
        if applied.currency != now.currency {
            let what = format!("The subscription is in {}, the deal in {}.", applied.currency, now.currency);
            return Ok(decision.parked(vec![moved(what)]));
        }
        if missing_dates(&link, applied, &now).is_empty() {
            let dates = now.own_dates(link.part, applied);
            decision.state.notices.extend(dates);
        }
        // What is remembered saves the question to Zuora; a person's question is asked in full.
        let asks_nothing = asks_nothing(applied, &now) && missing_dates(&link, applied, &now).is_empty();
        if !effort.is_by_person() && asks_nothing {
            // What was seen of finance's changes stays said until somebody looks again.
            let said = stored.state.notices.iter().filter(|n| n.starts_with(DRIFT)).cloned();
            decision.state.notices.extend(said);
            decision.state.applied = Some(Applied::Deal(Box::new(applied.clone())));
            return Ok(decision.status(SyncStatus::InSync));
        }
    }
    let Some(seen) = engine.billing.subscription(&link.subscription).await? else {
        return Ok(decision.parked(vec![
            Problem::new(
                ProblemCode::SubscriptionTaken,
                format!("Zuora does not have subscription {} any more.", link.subscription),
            )
            .at(format!("deal {}", deal.id)),
        ]));
    };
    link.status = Some(seen.status.clone());
    decision.state.link = Some(Link::Subscription(link.clone()));
    let Some(applied) = applied else { return Ok(without_memory(decision, deal, &now, &seen)) };
    let dates = missing_dates(&link, &applied, &now);
    if !dates.is_empty() {
        return Ok(activate(key, &link, applied, &now, dates, decision));
    }
    let changed_parties = if now.bill_to != applied.bill_to || now.sold_to != applied.sold_to {
        decision.parties = party_keys(key, deal);
        let (bill_to, sold_to, problems) =
            parties::parties(engine, deal, account, around.invoice_owner.as_ref(), stored).await?;
        if !problems.is_empty() {
            return Ok(decision.parked(problems));
        }
        Parties { bill_to, sold_to }
    } else {
        Parties::default()
    };
    let compared = compare(&deal.id, &applied, &now, &seen, &changed_parties);
    if seen.is_cancelled() {
        return Ok(cancelled(decision, deal, &compared, &link));
    }
    decision.state.notices.extend(compared.drift.iter().map(|d| format!("{DRIFT} {d}; left as it is.")));
    if !compared.problems.is_empty() {
        return Ok(decision.parked(compared.problems));
    }
    if compared.is_empty() {
        decision.state.applied = Some(Applied::Deal(Box::new(compared.projection)));
        return Ok(decision.status(SyncStatus::InSync));
    }
    // An effective date counts for one order: left standing, it must not date a later change back.
    let used = deal.effective_date.filter(|day| applied.effective == Some(*day));
    if let Some(day) = used {
        decision.state.notices.push(format!(
            "The effective date {day} was used for the change before; this one takes effect by its own day."
        ));
    }
    let effective = deal.effective_date.filter(|_| used.is_none());
    let changes = match when(scene, effective, &compared, &seen).await? {
        Ok(changes) => changes,
        Err(problems) => return Ok(decision.parked(problems)),
    };
    let order = Order {
        deal: deal.id.clone(),
        order_date: scene.today(),
        doubtful: doubtful_plan(key, deal, &around),
        with_tcv: false,
        assumed: around.assumed,
        check: touched(&compared),
        projection: DealProjection {
            changed: changes.last().map(|c| c.date),
            effective: deal.effective_date,
            ..compared.projection
        },
        changes,
        ends: false,
    };
    send(scene, order, link, decision).await
}

/// The days that a pending subscription waits for and the deal has by now (Z-075, Z-076).
fn missing_dates(
    link: &SubscriptionLink,
    applied: &DealProjection,
    now: &DealProjection,
) -> Vec<(TriggerEvent, Date)> {
    let pending = link.status.as_deref().is_some_and(|status| status.starts_with("Pending"));
    if !pending || link.part != Part::Owns {
        return Vec::new();
    }
    [
        (TriggerEvent::ServiceActivation, now.service_activation, applied.service_activation),
        (TriggerEvent::CustomerAcceptance, now.customer_acceptance, applied.customer_acceptance),
    ]
    .into_iter()
    .filter(|(_, now, applied)| now != applied)
    .filter_map(|(event, now, _)| Some((event, now?)))
    .collect()
}

/// Tells the pending order its days; whatever else changed follows right after.
fn activate(
    key: &StateKey,
    link: &SubscriptionLink,
    applied: DealProjection,
    now: &DealProjection,
    dates: Vec<(TriggerEvent, Date)>,
    mut decision: Decision,
) -> Decision {
    let projection = DealProjection {
        service_activation: now.service_activation,
        customer_acceptance: now.customer_acceptance,
        ..applied
    };
    decision.lock = Some(account_lock(key, link.account.as_str()));
    decision.due_in = Some(SignedDuration::from_secs(1));
    decision.steps = vec![Step {
        action: Action::SetTriggerDates {
            order: link.order.clone(),
            subscription: link.subscription.clone(),
            dates,
        },
        then: Some(Then::Subscription {
            link: link.clone(),
            projection: Box::new(projection),
            creates: false,
            movement: None,
        }),
    }];
    decision.status(SyncStatus::InSync)
}

/// Who gets the bill, and for an upsell the term, are the business of the deal that owns the subscription.
fn not_its_own(part: Part, now: &mut DealProjection, applied: &DealProjection) {
    if part == Part::Owns {
        return;
    }
    now.bill_to.clone_from(&applied.bill_to);
    now.sold_to.clone_from(&applied.sold_to);
    now.invoice_owner.clone_from(&applied.invoice_owner);
    if part == Part::Extends {
        now.term = applied.term;
        now.auto_renew = applied.auto_renew;
        now.renewal_term = applied.renewal_term;
        now.suspended = applied.suspended;
        now.resumed = applied.resumed;
    }
}

/// Nothing is remembered of what was told: taken over if both sides say the same.
fn without_memory(
    mut decision: Decision,
    deal: &CheckedDeal,
    now: &DealProjection,
    seen: &ObservedSubscription,
) -> Decision {
    match adopt(now, seen) {
        Ok(projection) => {
            decision.state.applied = Some(Applied::Deal(Box::new(projection)));
            decision.status(SyncStatus::InSync)
        }
        Err(differences) => decision.parked(vec![
            Problem::new(ProblemCode::DealChanged, format!("{}.", differences.join("; ")))
                .at(format!("deal {}", deal.id)),
        ]),
    }
}

/// Finance cancelled it while the deal stays won: that is theirs to decide, and never undone.
fn cancelled(
    decision: Decision,
    deal: &CheckedDeal,
    compared: &Compared,
    link: &SubscriptionLink,
) -> Decision {
    let number = &link.subscription;
    if compared.is_empty() && compared.problems.is_empty() {
        return decision
            .status(SyncStatus::InSync)
            .notice(format!("{DRIFT} subscription {number} is cancelled; left as it is."));
    }
    decision.parked(vec![
        Problem::new(
            ProblemCode::DealChanged,
            format!(
                "Subscription {number} is cancelled in Zuora and takes no changes; to sell anew, set the deal to \
                 lost and to won again, or make another deal."
            ),
        )
        .at(format!("deal {}", deal.id)),
    ])
}

/// The day of each change (D-7).
async fn when(
    scene: &Scene<'_>,
    effective: Option<Date>,
    compared: &Compared,
    seen: &ObservedSubscription,
) -> Result<Result<Vec<Change>, Vec<Problem>>, PortError> {
    let lines = compared.lines_with_history();
    let history = if effective.is_some() || lines.is_empty() {
        BTreeMap::new()
    } else {
        scene.engine.crm.line_item_changes(&lines).await?
    };
    let zone = &scene.portal.time_zone;
    let days = Days {
        today: scene.today(),
        effective,
        history: history.into_iter().map(|(id, at)| (id, civil_date(at, zone))).collect(),
        late: scene.engine.policy.deals.late_changes,
    };
    Ok(dated(compared, seen, &days))
}

fn touched(compared: &Compared) -> Vec<SubscribedLine> {
    let is_touched = |line: &&SubscribedLine| compared.touched.contains(&line.charge_number);
    compared.projection.lines.iter().filter(is_touched).cloned().collect()
}

/// An order that changes a subscription, ready to be checked and sent.
pub(super) struct Order {
    pub(super) deal: HubSpotId,
    /// The close date of a deal's first order (Z-069), the day of the sync of later ones.
    pub(super) order_date: Date,
    pub(super) doubtful: Option<connector_domain::object::StateKey>,
    /// What a preview takes as if it were there.
    pub(super) assumed: Assumed,
    /// Lines whose figures are compared.
    pub(super) check: Vec<SubscribedLine>,
    pub(super) with_tcv: bool,
    pub(super) projection: DealProjection,
    pub(super) changes: Vec<Change>,
    /// It takes back all that the deal ordered.
    pub(super) ends: bool,
}

/// What was told before against what is told now, on the day of the last change.
/// Lines on another deal's subscription expand and contract it.
fn moves(order: &Order, part: Part, decision: &Decision) -> Option<Movement> {
    let day = order.changes.last()?.date;
    let ends = |what: &What| matches!(what, What::Cancel(_));
    let before = decision.state.applied_deal().map_or(Decimal::ZERO, |applied| monthly(applied, day));
    let after = if order.changes.iter().any(|change| ends(&change.what)) || order.ends {
        Decimal::ZERO
    } else {
        monthly(&order.projection, day)
    };
    let moved = movement(before, after, &order.projection.currency)?;
    let kind = match (part, moved.kind) {
        // How a renewal moves revenue is not known from the renewal deal alone.
        (Part::Renews, MovementKind::New) => return None,
        (Part::Extends, MovementKind::New) => MovementKind::Expansion,
        (Part::Extends, MovementKind::Churn) => MovementKind::Contraction,
        (_, kind) => kind,
    };
    Some(Movement { kind, ..moved })
}

/// Finds the number, passes the gate, and plans the writes. The link is as it will be, but for its orders.
pub(super) async fn send(
    scene: &Scene<'_>,
    order: Order,
    mut link: SubscriptionLink,
    mut decision: Decision,
) -> Result<Decision, PortError> {
    let Scene { engine, key, effort, .. } = *scene;
    let mut count = link.orders.saturating_add(1);
    let mut number = numbering::order(key.portal, &order.deal, count);
    let action = |number: &OrderNumber| {
        Action::ChangeOrder(Box::new(DesiredChange {
            deal: order.deal.clone(),
            order: number.clone(),
            order_date: order.order_date,
            account: link.account.clone(),
            subscription: link.subscription.clone(),
            currency: order.projection.currency.clone(),
            changes: order.changes.clone(),
        }))
    };
    let first = action(&number);
    let schedule = (order.projection.start, order.projection.term);
    let currency = order.projection.currency.clone();
    let check = Check {
        action: &first,
        lines: &order.check,
        schedule,
        currency: &currency,
        with_tcv: order.with_tcv,
    };
    let gate = gate::open(scene, &check, &order.assumed, &mut decision);
    let (mut found, gate) = try_join(engine.billing.order(&number), gate).await?;
    match gate {
        Gate::Open(notice) => decision.state.notices.extend(notice),
        Gate::Later(later) => return Ok(later.over(decision)),
        Gate::Closed(problems) => return Ok(parked_on_plan(decision, problems, order.doubtful, effort)),
    }
    // Orders whose record was lost have used numbers up; what they did is in the comparison already.
    while found.is_some() {
        if count > link.orders.saturating_add(NUMBERS) {
            let what = format!("Orders up to {number} exist and are not known here.");
            return Ok(decision.parked(vec![
                Problem::new(ProblemCode::SubscriptionTaken, what).at(format!("deal {}", order.deal)),
            ]));
        }
        count = count.saturating_add(1);
        number = numbering::order(key.portal, &order.deal, count);
        found = engine.billing.order(&number).await?;
    }
    let last = action(&number);
    link.order = number;
    link.orders = count;
    decision.lock = Some(account_lock(key, link.account.as_str()));
    let movement = moves(&order, link.part, &decision);
    let then =
        Then::Subscription { link, movement, projection: Box::new(order.projection.clone()), creates: false };
    let parties: Vec<Party> = order
        .changes
        .iter()
        .filter_map(|change| match &change.what {
            What::Terms(terms) => Some([terms.bill_to.clone(), terms.sold_to.clone()]),
            _ => None,
        })
        .flatten()
        .flatten()
        .flatten()
        .collect();
    let mut actions = new_contacts(parties.iter());
    actions.push(last);
    decision.steps = actions.into_iter().map(|action| step(action, &then)).collect();
    Ok(decision.status(SyncStatus::InSync))
}
