//! Won deal to order and subscription: judge the deal, wait for company and products, look, order once.

mod parties;

use super::company::account_lock;
use crate::Engine;
use crate::decision::{Decision, Effort, Ring, Step};
use connector_domain::billing::company::AccountLink;
use connector_domain::billing::deal::{DesiredOrder, ObservedOrder, ObservedSubscription, SubscriptionLink};
use connector_domain::billing::product::CatalogLink;
use connector_domain::crm::Fetched;
use connector_domain::crm::deal::DealRecord;
use connector_domain::dates::Term;
use connector_domain::ids::HubSpotId;
use connector_domain::mapping::deal::{CheckedDeal, check, is_won};
use connector_domain::mapping::order::{Surroundings, order};
use connector_domain::numbering;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::plan::Action;
use connector_domain::plan::deal::{changed_problem, differences, plan_order};
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{Link, SyncStatus, Then, mark};
use connector_ports::PortError;
use connector_ports::states::Stored;
use futures::future::{try_join, try_join3};
use jiff::SignedDuration;
use std::collections::BTreeMap;

pub(super) async fn decide(
    engine: &Engine,
    key: &StateKey,
    stored: &Stored,
    effort: Effort,
) -> Result<Decision, PortError> {
    let decision = Decision::from(&stored.state);
    let linked = stored.state.subscription().cloned();
    let record = match engine.crm.deal(&key.object.id).await? {
        Fetched::Found(record) => record,
        // A deal that is deleted never cancels billing.
        Fetched::Gone if linked.is_some() => {
            return Ok(decision
                .status(SyncStatus::InSync)
                .notice("The deal does not exist in HubSpot any more; its subscription is left as it is."));
        }
        Fetched::Gone => {
            let mut decision = decision.status(SyncStatus::NotLinked);
            decision.silent = true;
            if stored.marks.contains_key(mark::WANTED) {
                decision.state.problems =
                    vec![Problem::new(ProblemCode::DealGone, "").at(format!("deal {}", key.object.id))];
            }
            return Ok(decision);
        }
    };
    if record.deal.id != key.object.id {
        let survivor = StateKey::new(key.portal, ObjectRef::new(ObjectKind::Deal, record.deal.id.clone()));
        let mut decision =
            decision.status(SyncStatus::NotLinked).notice(format!("Merged into deal {}.", record.deal.id));
        // The old id leads to the survivor's record, which is not this one's to write on.
        decision.silent = true;
        decision.rings.push(Ring { key: survivor, marks: BTreeMap::new() });
        return Ok(decision);
    }
    let mut decision = decision;
    let linked = match linked {
        Some(linked) => Some(linked),
        None => match inherited(engine, key, &record.deal.merged_ids).await? {
            Inherited::Nothing => None,
            Inherited::One(state) => {
                decision.state.link.clone_from(&state.link);
                decision.state.applied.clone_from(&state.applied);
                decision.state.contacts.clone_from(&state.contacts);
                let link = decision.state.subscription().cloned();
                let number = link.as_ref().map(|l| l.subscription.to_string()).unwrap_or_default();
                decision = decision.notice(format!("Took over subscription {number} from a merged deal."));
                link
            }
            Inherited::Several(numbers) => {
                return Ok(decision.parked(vec![
                    Problem::new(
                        ProblemCode::SubscriptionTaken,
                        format!("Merged deals had subscriptions {}.", numbers.join(", ")),
                    )
                    .at(format!("deal {}", record.deal.id)),
                ]));
            }
        },
    };
    if !is_won(&record.deal, &engine.policy) {
        return Ok(not_won(decision, &record, linked.as_ref(), stored));
    }
    let (portal, lines) = try_join(engine.crm.portal(), engine.crm.line_items(&record.line_items)).await?;
    let deal = match check(&record, &lines, &portal, &engine.policy) {
        Ok(deal) => deal,
        Err(problems) => return Ok(decision.parked(problems)),
    };
    match linked {
        Some(link) => compare(engine, key, &deal, &link, decision).await,
        None => first_order(engine, key, &deal, stored, decision, effort).await,
    }
}

fn not_won(
    decision: Decision,
    record: &DealRecord,
    linked: Option<&SubscriptionLink>,
    stored: &Stored,
) -> Decision {
    let stage = record.deal.stage.clone().unwrap_or_default();
    if let Some(link) = linked {
        return decision.parked(vec![
            Problem::new(
                ProblemCode::DealLost,
                format!("Stage \"{stage}\"; subscription {}.", link.subscription),
            )
            .at(format!("deal {} dealstage", record.deal.id)),
        ]);
    }
    let mut decision = decision.status(SyncStatus::NotLinked);
    if stored.marks.contains_key(mark::WANTED) {
        // Somebody pressed the button: say why nothing happens.
        decision.state.problems = vec![
            Problem::new(ProblemCode::DealNotWon, format!("Its stage is \"{stage}\"."))
                .at(format!("deal {} dealstage", record.deal.id)),
        ];
    }
    decision
}

enum Inherited {
    Nothing,
    One(Box<connector_domain::state::ObjectState>),
    Several(Vec<String>),
}

/// The survivor of a merge takes over the subscription of the merged deals (D-10): from our own state, else by
/// the numbers that those deals would have.
async fn inherited(engine: &Engine, key: &StateKey, merged: &[HubSpotId]) -> Result<Inherited, PortError> {
    if merged.is_empty() {
        return Ok(Inherited::Nothing);
    }
    let deal_key = |id: &HubSpotId| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Deal, id.clone()));
    let keys: Vec<StateKey> = merged.iter().map(deal_key).collect();
    let known = engine.states.read_many(&keys).await?;
    let mut found: Vec<connector_domain::state::ObjectState> =
        known.values().filter(|s| s.state.subscription().is_some()).map(|s| s.state.clone()).collect();
    for id in
        merged.iter().filter(|id| known.get(&deal_key(id)).is_none_or(|s| s.state.subscription().is_none()))
    {
        let number = numbering::subscription(key.portal, id, 1);
        if let Some(seen) = engine.billing.subscription(&number).await? {
            let link = SubscriptionLink {
                order: seen.order.clone().unwrap_or_else(|| numbering::order(key.portal, id, 1)),
                subscription: seen.number,
                orders: 1,
                life: 1,
                account: seen.account.unwrap_or_else(|| "".into()),
                status: Some(seen.status),
                ours: true,
            };
            found.push(connector_domain::state::ObjectState {
                link: Some(Link::Subscription(link)),
                ..connector_domain::state::ObjectState::default()
            });
        }
    }
    Ok(match found.len() {
        0 => Inherited::Nothing,
        1 => found.pop().map_or(Inherited::Nothing, |state| Inherited::One(Box::new(state))),
        _ => Inherited::Several(
            found.iter().filter_map(|s| s.subscription()).map(|l| l.subscription.to_string()).collect(),
        ),
    })
}

/// What stands around a deal: accounts and rate plans, as far as they are ready.
struct Around {
    account: Option<AccountLink>,
    invoice_owner: Option<AccountLink>,
    catalog: BTreeMap<HubSpotId, CatalogLink>,
    states: BTreeMap<StateKey, Stored>,
}

fn company_key(key: &StateKey, id: &HubSpotId) -> StateKey {
    StateKey::new(key.portal, ObjectRef::new(ObjectKind::Company, id.clone()))
}

fn product_key(key: &StateKey, id: &HubSpotId) -> StateKey {
    StateKey::new(key.portal, ObjectRef::new(ObjectKind::Product, id.clone()))
}

async fn around(engine: &Engine, key: &StateKey, deal: &CheckedDeal) -> Result<Around, PortError> {
    let mut keys = vec![company_key(key, &deal.company)];
    keys.extend(deal.invoice_owner.iter().map(|id| company_key(key, id)));
    keys.extend(deal.products().keys().map(|id| product_key(key, id)));
    let states = engine.states.read_many(&keys).await?;
    let account_of =
        |id: &HubSpotId| states.get(&company_key(key, id)).and_then(|s| s.state.account().cloned());
    let catalog = deal
        .products()
        .into_keys()
        .filter_map(|id| {
            let link = states.get(&product_key(key, &id))?.state.catalog()?.clone();
            link.is_complete().then_some((id, link))
        })
        .collect();
    Ok(Around {
        account: account_of(&deal.company),
        invoice_owner: deal.invoice_owner.as_ref().and_then(account_of),
        catalog,
        states,
    })
}

/// A deal that has its subscription: nothing to do, or a change that this version leaves to a person.
async fn compare(
    engine: &Engine,
    key: &StateKey,
    deal: &CheckedDeal,
    link: &SubscriptionLink,
    decision: Decision,
) -> Result<Decision, PortError> {
    let Some(applied) = decision.state.applied_deal().cloned() else {
        return Ok(decision.status(SyncStatus::InSync));
    };
    let around = around(engine, key, deal).await?;
    let Some(account) = &around.account else { return Ok(decision.status(SyncStatus::InSync)) };
    let surroundings = Surroundings {
        account,
        invoice_owner: around.invoice_owner.as_ref(),
        catalog: &around.catalog,
        bill_to: None,
        sold_to: None,
        orders: link.orders,
        life: link.life,
    };
    let missing: Vec<_> = deal.products().into_keys().filter(|id| !around.catalog.contains_key(id)).collect();
    if !missing.is_empty() {
        let lines = missing.iter().map(|id| format!("product {id} is new")).collect::<Vec<_>>();
        return Ok(decision.parked(vec![changed_problem(&deal.id, &lines)]));
    }
    let mapped = order(deal, &surroundings, &engine.policy);
    let Some(mut now) = mapped.desired else { return Ok(decision.parked(mapped.problems)) };
    let payer = around.invoice_owner.as_ref().unwrap_or(account);
    let unless_default =
        |id: &Option<HubSpotId>, slot: &Option<connector_domain::billing::company::ContactSlot>| {
            id.clone().filter(|id| slot.as_ref().is_none_or(|s| s.contact.as_ref() != Some(id)))
        };
    now.projection.bill_to = unless_default(&deal.bill_to, &payer.bill_to);
    now.projection.sold_to = unless_default(&deal.sold_to, &account.sold_to);
    let changes = differences(&applied, &now.projection);
    if !changes.is_empty() {
        return Ok(decision.parked(vec![changed_problem(&deal.id, &changes)]));
    }
    let decision = if applied.start == now.projection.start {
        decision
    } else {
        decision.notice(format!(
            "The close date moved to {}; the subscription keeps its start {}.",
            now.projection.start, applied.start
        ))
    };
    Ok(decision.status(SyncStatus::InSync))
}

async fn first_order(
    engine: &Engine,
    key: &StateKey,
    deal: &CheckedDeal,
    stored: &Stored,
    mut decision: Decision,
    effort: Effort,
) -> Result<Decision, PortError> {
    let around = around(engine, key, deal).await?;
    if let Some(waiting) = wait_for_others(key, deal, &around, stored, &decision, effort) {
        return Ok(waiting);
    }
    let Some(account) = &around.account else {
        return Err(PortError::bug("engine decide deal", "the account is neither ready nor waited for"));
    };
    // People whom the deal names find their way back here when they or their labels change.
    decision.parties = [&deal.bill_to, &deal.sold_to]
        .into_iter()
        .flatten()
        .map(|id| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Contact, id.clone())))
        .collect();
    let (bill_to, sold_to, problems) =
        parties::parties(engine, deal, account, around.invoice_owner.as_ref(), stored).await?;
    let surroundings = Surroundings {
        account,
        invoice_owner: around.invoice_owner.as_ref(),
        catalog: &around.catalog,
        bill_to,
        sold_to,
        orders: 0,
        life: 1,
    };
    let mut mapped = order(deal, &surroundings, &engine.policy);
    mapped.problems.extend(problems);
    if !mapped.problems.is_empty() {
        // A plan of Zuora's may have been changed since it was looked at: a person's retry reads it again, and
        // a change found there wakes this deal.
        decision.waits_on = doubtful_plan(key, deal, &around);
        if let (Effort::Everything, Some(product)) = (effort, decision.waits_on.clone()) {
            decision.rings.push(Ring { key: product, marks: BTreeMap::new() });
        }
        return Ok(decision.parked(mapped.problems));
    }
    let Some(desired) = mapped.desired else {
        return Err(PortError::bug("engine decide deal", "a mapping without result and without problem"));
    };
    if desired.projection.term == Term::Months(engine.policy.default_term_months)
        && deal.lines.iter().all(|l| l.period.is_none())
    {
        decision
            .state
            .notices
            .push(format!("One-time lines only: the subscription runs {}.", desired.projection.term));
    }
    decision.lock = Some(account_lock(key, account.number.as_str()));
    match look_up(engine, key, account, &desired).await? {
        LookedUp::Nothing => {
            let then =
                Then::Subscription { link: desired.link(0, 1), projection: desired.projection.clone() };
            decision.steps = plan_order(desired)
                .into_iter()
                .map(|action| {
                    let then = match &action {
                        Action::CreateContact { contact, .. } => {
                            contact.crm_id.clone().map(|holds| Then::Contact { holds })
                        }
                        _ => Some(then.clone()),
                    };
                    Step { action, then }
                })
                .collect();
            Ok(decision.status(SyncStatus::InSync))
        }
        LookedUp::Adopt(link) => {
            let mut decision = decision
                .status(SyncStatus::InSync)
                .notice(format!("Linked to existing subscription {}.", link.subscription));
            let same_number = link.subscription == desired.subscription;
            decision.state.link = Some(Link::Subscription(link));
            if same_number {
                // Our own order, whose record was lost: what it said is what the deal says.
                decision.state.applied = Some(connector_domain::state::Applied::Deal(desired.projection));
            }
            Ok(decision)
        }
        LookedUp::Taken(what) => Ok(decision.parked(vec![
            Problem::new(ProblemCode::SubscriptionTaken, what).at(format!("deal {}", deal.id)),
        ])),
    }
}

/// The first product whose remembered plan does not fit the deal.
fn doubtful_plan(key: &StateKey, deal: &CheckedDeal, around: &Around) -> Option<StateKey> {
    let fits = |link: &CatalogLink| {
        let mut sold = link.sold_charges();
        match (sold.next(), sold.next()) {
            (Some(charge), None) => charge.prices.is_empty() || charge.prices.contains_key(&deal.currency),
            _ => false,
        }
    };
    let line =
        deal.lines.iter().find(|line| around.catalog.get(&line.product).is_some_and(|link| !fits(link)));
    line.or(deal.lines.first()).map(|line| product_key(key, &line.product))
}

/// Rings what is not ready and waits for the first of it; all is rung at once.
fn wait_for_others(
    key: &StateKey,
    deal: &CheckedDeal,
    around: &Around,
    stored: &Stored,
    decision: &Decision,
    effort: Effort,
) -> Option<Decision> {
    let mut missing: Vec<(StateKey, BTreeMap<String, String>)> = Vec::new();
    let wanted = || BTreeMap::from([(mark::WANTED.to_owned(), key.object.to_string())]);
    if around.account.is_none() {
        missing.push((company_key(key, &deal.company), wanted()));
    }
    if let (Some(payer), None) = (&deal.invoice_owner, &around.invoice_owner) {
        missing.push((company_key(key, payer), wanted()));
    }
    for (product, price) in deal.products() {
        let ready = around.catalog.get(&product).is_some_and(|link| {
            // A plan that we made gets a price in the deal's currency; one of Zuora's is judged later.
            !link.ours || link.sold_charges().any(|c| c.prices.contains_key(&deal.currency))
        });
        if !ready {
            let mut marks = wanted();
            marks.insert(format!("{}{}", mark::PRICE, deal.currency), price.to_string());
            missing.push((product_key(key, &product), marks));
        }
    }
    let (first, _) = missing.first()?.clone();
    let refused: Vec<Problem> = missing
        .iter()
        .filter_map(|(other, _)| {
            let state = &around.states.get(other)?.state;
            let parked = state.status == SyncStatus::NeedsAttention && asked_before(around, other);
            let why = state.problems.first().filter(|_| parked)?;
            let code = match other.object.kind {
                ObjectKind::Product => ProblemCode::ProductRefused,
                ObjectKind::Company | ObjectKind::Contact | ObjectKind::Deal | ObjectKind::LineItem => {
                    ProblemCode::CompanyRefused
                }
            };
            Some(Problem::new(code, format!("{}: {why}", other.object)).at(other.object.to_string()))
        })
        .collect();
    let parked_on = refused.first().and_then(|_| {
        missing
            .iter()
            .map(|(k, _)| k)
            .find(|k| around.states.get(*k).is_some_and(|s| s.state.status == SyncStatus::NeedsAttention))
    });
    let mut out = decision.clone();
    out.rings = missing
        .iter()
        .filter(|(other, marks)| {
            // Who was asked answers by ringing back; only a lost ring is worth a repetition.
            !already_asked(around, other, marks) || stored.state.attempts == 0 || effort != Effort::Usual
        })
        .map(|(other, marks)| Ring { key: other.clone(), marks: marks.clone() })
        .collect();
    if refused.is_empty() {
        let seconds = 30_i64.saturating_mul(1 << stored.state.attempts.min(4));
        return Some(out.waiting(first, SignedDuration::from_secs(seconds)));
    }
    let parked_on = parked_on.cloned();
    let mut out = out.parked(refused);
    out.waits_on = parked_on;
    out.state.complete = false;
    Some(out)
}

fn asked_before(around: &Around, other: &StateKey) -> bool {
    around.states.get(other).is_some_and(|s| s.marks.contains_key(mark::WANTED))
}

fn already_asked(around: &Around, other: &StateKey, marks: &BTreeMap<String, String>) -> bool {
    around.states.get(other).is_some_and(|s| marks.keys().all(|name| s.marks.contains_key(name)))
}

enum LookedUp {
    Nothing,
    Adopt(SubscriptionLink),
    Taken(String),
}

/// Keyed look-ups before the first POST (layer 4 of `zuora.md` 1.6); on accounts that we did not make, also a
/// search for a subscription of the original connector.
async fn look_up(
    engine: &Engine,
    key: &StateKey,
    account: &AccountLink,
    desired: &DesiredOrder,
) -> Result<LookedUp, PortError> {
    let company_made = account.number.as_str().starts_with(&format!("HS-{}-", key.portal));
    let search = async {
        if company_made {
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
    Ok(judge(subscription, order, others, account, desired))
}

fn judge(
    subscription: Option<ObservedSubscription>,
    order: Option<ObservedOrder>,
    others: Vec<ObservedSubscription>,
    account: &AccountLink,
    desired: &DesiredOrder,
) -> LookedUp {
    let link = |found: &ObservedSubscription, ours: bool| SubscriptionLink {
        subscription: found.number.clone(),
        order: found.order.clone().unwrap_or_else(|| desired.order.clone()),
        orders: 1,
        life: 1,
        account: account.number.clone(),
        status: Some(found.status.clone()),
        ours,
    };
    if let Some(found) = &subscription {
        let of_deal = found.deal.as_deref().is_none_or(|deal| deal == desired.deal.as_str());
        let on_account = found.account.as_ref().is_none_or(|number| *number == account.number);
        let alive = !found.status.to_ascii_lowercase().starts_with("cancel");
        return if of_deal && on_account && alive {
            LookedUp::Adopt(link(found, true))
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
    let mut alive = others.iter().filter(|s| !s.status.to_ascii_lowercase().starts_with("cancel"));
    match (alive.next(), alive.next()) {
        (None, _) => LookedUp::Nothing,
        (Some(one), None) => LookedUp::Adopt(link(one, false)),
        (Some(one), Some(two)) => {
            LookedUp::Taken(format!("Subscriptions {} and {} both carry this deal.", one.number, two.number))
        }
    }
}
