//! A deal to its orders: judge it, find its part (a subscription of its own, lines on another one, a renewal), wait
//! for company and products, compare, and order each difference once.

mod around;
mod change;
mod end;
mod first;
mod gate;
mod join;
mod merged;
mod parties;

use around::{Around, around, assume, wait_for_others};

use crate::Engine;
use crate::decision::{Decision, Effort, Ring};
use connector_domain::crm::Fetched;
use connector_domain::dates::civil_date;
use connector_domain::mapping::deal::{CheckedDeal, Role, check, is_won};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::policy::Portal;
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{SyncStatus, mark};
use connector_ports::PortError;
use connector_ports::states::Stored;
use futures::future::try_join;
use jiff::Timestamp;
use jiff::civil::Date;
use merged::{Inherited, inherited};
use std::collections::BTreeMap;

/// One look at a deal.
pub(super) struct Scene<'a> {
    pub(super) engine: &'a Engine,
    pub(super) key: &'a StateKey,
    pub(super) stored: &'a Stored,
    pub(super) effort: Effort,
    pub(super) portal: Portal,
    pub(super) now: Timestamp,
}

impl Scene<'_> {
    /// The day in the portal's zone.
    pub(super) fn today(&self) -> Date {
        civil_date(self.now, &self.portal.time_zone)
    }
}

pub(super) async fn decide(
    engine: &Engine,
    key: &StateKey,
    stored: &Stored,
    effort: Effort,
    now: Timestamp,
) -> Result<Decision, PortError> {
    let mut decision = Decision::from(&stored.state);
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
            decision.state.status = SyncStatus::NotLinked;
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
    let won = is_won(&record.deal, &engine.policy);
    // A preview shows what an open deal would order.
    decision.outlook.if_won =
        !won && linked.is_none() && effort == Effort::Preview && !record.deal.closed_lost;
    if !won && !decision.outlook.if_won {
        let portal = match linked {
            Some(_) => Some(engine.crm.portal().await?),
            None => None,
        };
        return match (linked, portal) {
            (Some(link), Some(portal)) => {
                let scene = Scene { engine, key, stored, effort, portal, now };
                end::not_won(&scene, &record.deal, link, decision).await
            }
            _ => Ok(not_won(decision, record.deal.stage.as_deref(), stored)),
        };
    }
    // Won, or won again: whatever was to be confirmed is over.
    decision.state.lost_since = None;
    decision.state.confirm = None;
    let (portal, lines) = try_join(engine.crm.portal(), engine.crm.line_items(&record.line_items)).await?;
    let deal = match check(&record, &lines, &portal, &engine.policy) {
        Ok(deal) => deal,
        Err(problems) => return Ok(decision.parked(problems)),
    };
    let scene = Scene { engine, key, stored, effort, portal, now };
    match (linked, &deal.role) {
        (Some(link), _) if !link.ended => change::decide(&scene, &deal, link, decision).await,
        (link, Role::New) => first::decide(&scene, &deal, link, decision).await,
        (link, Role::Extend(number) | Role::Renew(number)) => {
            join::decide(&scene, &deal, number, link, decision).await
        }
        (_, Role::Nothing) => Ok(decision
            .status(SyncStatus::NotLinked)
            .notice("A rule of deals.rules leaves such deals alone.")),
    }
}

/// Nothing was ordered, and nothing is to be.
fn not_won(decision: Decision, stage: Option<&str>, stored: &Stored) -> Decision {
    let mut decision = decision.status(SyncStatus::NotLinked);
    if stored.marks.contains_key(mark::WANTED) {
        // Somebody pressed the button: say why nothing happens.
        let stage = stage.unwrap_or_default();
        decision.state.problems =
            vec![Problem::new(ProblemCode::DealNotWon, format!("Its stage is \"{stage}\".")).at("dealstage")];
    }
    decision
}

/// What stands around a deal, ready to work with; else the decision to wait for it, or to park on it.
async fn gather(
    scene: &Scene<'_>,
    deal: &CheckedDeal,
    decision: &mut Decision,
) -> Result<Result<Around, Box<Decision>>, PortError> {
    let Scene { engine, key, stored, effort, .. } = *scene;
    let mut around = around(engine, key, deal).await?;
    if effort == Effort::Preview {
        let problems = assume(scene, deal, &mut around, decision).await?;
        return Ok(if problems.is_empty() {
            Ok(around)
        } else {
            Err(Box::new(decision.clone().parked(problems)))
        });
    }
    Ok(match wait_for_others(key, deal, &around, stored, decision, effort) {
        Some(waiting) => Err(Box::new(waiting)),
        None => Ok(around),
    })
}
