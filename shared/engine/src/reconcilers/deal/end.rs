//! A deal that is not won any more although it ordered something: cancelled by rule, or after a person confirmed.
//! Only closed lost cancels; a deal that is open again, or deleted, never does.

use super::Scene;
use super::around::Assumed;
use super::change::{Order, send};
use crate::decision::Decision;
use connector_domain::billing::deal::{Change, DealProjection, SubscriptionLink, What};
use connector_domain::crm::deal::Deal;
use connector_domain::mapping::deal::cancellation_date;
use connector_domain::plan::deal::end::end;
use connector_domain::plan::deal::in_words;
use connector_domain::policy::ClosedLost;
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{Confirmation, Link, SyncStatus, mark};
use connector_ports::PortError;
use jiff::SignedDuration;

pub(super) async fn not_won(
    scene: &Scene<'_>,
    deal: &Deal,
    mut link: SubscriptionLink,
    mut decision: Decision,
) -> Result<Decision, PortError> {
    let Scene { engine, effort, .. } = *scene;
    let number = link.subscription.clone();
    if link.ended {
        return Ok(decision.status(SyncStatus::InSync));
    }
    if !deal.closed_lost {
        decision.state.lost_since = None;
        decision.state.confirm = None;
        let stage = deal.stage.as_deref().unwrap_or_default();
        return Ok(decision.status(SyncStatus::InSync).notice(format!(
            "The deal is in stage \"{stage}\", neither won nor lost; subscription {number} runs on."
        )));
    }
    let policy = &engine.policy.deals;
    if policy.closed_lost == ClosedLost::Ignore {
        return Ok(decision.status(SyncStatus::InSync).notice(format!(
            "The deal is lost; subscription {number} runs on, because deals.closed_lost is \"ignore\"."
        )));
    }
    let since = *decision.state.lost_since.get_or_insert(scene.now);
    let on = match cancellation_date(deal, &engine.policy) {
        Ok(on) => on,
        Err(problem) => return Ok(decision.parked(vec![problem])),
    };
    let Some(seen) = engine.billing.subscription(&number).await? else {
        return Ok(ended(decision, link, format!("Zuora does not have subscription {number} any more.")));
    };
    link.status = Some(seen.status.clone());
    decision.state.link = Some(Link::Subscription(link.clone()));
    let applied = decision.state.applied_deal().cloned();
    let changes =
        match end(&deal.id, link.part, applied.as_ref(), &seen, on, policy.cancel_policy, scene.today()) {
            Ok(changes) => changes,
            Err(problem) => return Ok(decision.parked(vec![problem])),
        };
    if changes.is_empty() {
        let notice = format!("Nothing of what the deal ordered on subscription {number} is left to cancel.");
        return Ok(ended(decision, link, notice));
    }
    match policy.closed_lost {
        ClosedLost::Cancel => {
            let left = policy.cancel_after - scene.now.duration_since(since);
            if !effort.is_by_person() && left > SignedDuration::ZERO {
                // A deal that is lost by mistake is often won again at once.
                decision.state.status = SyncStatus::Pending;
                decision.state.complete = false;
                decision.due_in = Some(left);
                return Ok(decision.notice(format!(
                    "The deal is lost; unless it is won again, {} {} s from the loss on, or with \"Sync Deal\" at once.",
                    words(&changes),
                    policy.cancel_after.as_secs()
                )));
            }
        }
        ClosedLost::Confirm | ClosedLost::Ignore => {
            let asked = Confirmation {
                token: token(&link, &changes, since.as_millisecond()),
                text: format!("{}.", words(&changes)),
            };
            if scene.stored.marks.get(mark::CONFIRMED) != Some(&asked.token) {
                let detail = format!("Subscription {number}; confirming means: {}", asked.text);
                decision.state.confirm = Some(asked);
                return Ok(decision.parked(vec![
                    Problem::new(ProblemCode::DealLost, detail).at(format!("deal {} dealstage", deal.id)),
                ]));
            }
        }
    }
    link.ended = true;
    let mut projection = applied.unwrap_or_else(|| nothing(&link, scene));
    // Won again, a line begins where it ended.
    for change in &changes {
        if let What::Remove { charge_number, .. } = &change.what {
            let removed = projection.lines.iter_mut().filter(|l| l.charge_number == *charge_number);
            removed.for_each(|line| line.until = Some(change.date));
        }
    }
    let order = Order {
        deal: deal.id.clone(),
        order_date: scene.today(),
        doubtful: None,
        check: Vec::new(),
        with_tcv: false,
        assumed: Assumed::default(),
        projection,
        changes,
        ends: true,
    };
    send(scene, order, link, decision).await
}

fn words(changes: &[Change]) -> String {
    changes.iter().map(in_words).collect::<Vec<_>>().join("; ")
}

/// Another subscription, another way to end it, or another loss is another question.
fn token(link: &SubscriptionLink, changes: &[Change], since: i64) -> String {
    use sha2::{Digest, Sha256};
    let days: Vec<String> = changes.iter().map(|c| format!("{:?}", c.what)).collect();
    let text = format!("{} {} {since} {}", link.subscription, link.orders, days.join(" "));
    Sha256::digest(text.as_bytes()).iter().take(12).map(|b| format!("{b:02x}")).collect()
}

fn ended(mut decision: Decision, mut link: SubscriptionLink, notice: String) -> Decision {
    link.ended = true;
    decision.state.link = Some(Link::Subscription(link));
    decision.state.lost_since = None;
    decision.state.confirm = None;
    decision.status(SyncStatus::InSync).notice(notice)
}

/// Stands for what was told when nothing of it is remembered.
fn nothing(link: &SubscriptionLink, scene: &Scene<'_>) -> DealProjection {
    DealProjection::nothing(link.account.clone(), scene.portal.home_currency.clone(), scene.today())
}
