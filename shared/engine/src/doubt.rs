//! Effects whose outcome is unknown (D-14): look them up by their natural number until Zuora's own time-out and
//! a margin are over; then repeat once with the same key; only a stored failure moves on to the next generation.
//! Numbers and body stay the same all along.

use crate::Engine;
use crate::apply::{Applied, Sent};
use crate::reconcile::Look;
use crate::reconcilers::company;
use connector_domain::billing::company::ObservedAccount;
use connector_domain::ids::{AccountId, HubSpotId, OrderNumber};
use connector_domain::numbering;
use connector_domain::object::{ObjectKind, StateKey};
use connector_domain::state::{Effect, Intent, Then};
use connector_ports::PortError;
use connector_ports::billing::{AccountQuery, ProductQuery, Written};
use connector_ports::states::Saved;
use jiff::{SignedDuration, Timestamp};

/// Zuora's gateway cuts at 120 s, and what it was doing may still take effect until then; 15 s are our margin.
pub const DOUBT: SignedDuration = SignedDuration::from_secs(135);
/// When to look, counted from the send.
const LOOKS: [i64; 5] = [3, 10, 30, 60, 100];

/// What became of an open intent.
pub(crate) enum Settled {
    /// There was none, or its outcome is definite and recorded.
    Clear,
    /// Still nobody knows.
    Unknown { due_at: Timestamp },
    /// Another worker took over.
    Lost,
}

/// The next look-up of an intent in doubt.
pub(crate) fn next_look(intent: &Intent, now: Timestamp) -> Timestamp {
    let end = intent.sent_at + DOUBT;
    LOOKS
        .iter()
        .map(|seconds| intent.sent_at + SignedDuration::from_secs(*seconds))
        .find(|at| *at > now)
        .unwrap_or(end)
        .min(end)
        .max(now + SignedDuration::from_secs(1))
}

/// Settles the open intent of a look, if there is one.
pub(crate) async fn settle(look: &mut Look<'_>) -> Result<Settled, PortError> {
    let Some(intent) = look.state.intent.clone() else { return Ok(Settled::Clear) };
    if !intent.effect.is_creation() {
        // A PUT may be repeated; planning again says whether it still must be.
        look.state.intent = None;
        return Ok(Settled::Clear);
    }
    if let Some(written) = look_up(look.engine, &look.claim.key, &intent).await? {
        look.done(
            &intent,
            &written,
            "adopted",
            &format!("found {} {}", intent.effect.as_str(), intent.number),
        );
        return Ok(Settled::Clear);
    }
    let now = look.engine.clock.now();
    if now < intent.sent_at + DOUBT {
        return Ok(Settled::Unknown { due_at: next_look(&intent, now) });
    }
    repeat(look, intent).await
}

/// Repeats a body that Zuora does not have, long after it could still have come to life.
async fn repeat(look: &mut Look<'_>, mut intent: Intent) -> Result<Settled, PortError> {
    let lock = lock_of(look, &intent);
    if intent.sends >= 2 {
        // Repeated under the same key and waited for again, and still absent: the key is spent.
        intent.generation = intent.generation.saturating_add(1);
        look.state.generation = intent.generation;
        intent.sends = 0;
        intent.failure = None;
    }
    // At most two sends in one look: the same key, and, after a stored failure, the next generation.
    for _ in 0..2 {
        let before = intent.failure.clone();
        intent.sent_at = look.engine.clock.now();
        intent.sends = intent.sends.saturating_add(1);
        look.state.intent = Some(intent.clone());
        match look.save(lock.as_deref()).await? {
            Saved::Yes => {}
            Saved::Locked { until } => return Ok(Settled::Unknown { due_at: until }),
            Saved::Lost => return Ok(Settled::Lost),
        }
        match look.send(&format!("{} {}", intent.effect.as_str(), intent.number)).await? {
            Sent::Done => return Ok(Settled::Clear),
            Sent::Stop(Applied::Unknown { due_at }) => {
                let failure = look.state.intent.as_ref().and_then(|i| i.failure.clone());
                // The same answer with the same request id: Zuora replays a stored failure (D-14).
                if before.is_none() || failure != before {
                    return Ok(Settled::Unknown { due_at });
                }
                intent.generation = intent.generation.saturating_add(1);
                look.state.generation = intent.generation;
                intent.failure = None;
                intent.sends = 0;
            }
            // A definite no: the intent is closed, and planning starts afresh, maybe with an edited deal.
            Sent::Stop(Applied::Refused(_) | Applied::All) => return Ok(Settled::Clear),
            Sent::Stop(Applied::Later { due_at }) => return Ok(Settled::Unknown { due_at }),
            Sent::Stop(Applied::Lost) => return Ok(Settled::Lost),
        }
    }
    Ok(Settled::Unknown { due_at: next_look(&intent, look.engine.clock.now()) })
}

fn lock_of(look: &Look<'_>, intent: &Intent) -> Option<String> {
    let key = &look.claim.key;
    match (intent.effect, &intent.then) {
        (Effect::CreateAccount, _) => Some(company::lock_name(key, &key.object.id, look.engine)),
        (Effect::CreateOrder, Some(Then::Subscription { link, .. })) => {
            Some(company::account_lock(key, link.account.as_str()))
        }
        (Effect::CreateContact, _) => {
            look.state.account().map(|a| company::account_lock(key, a.number.as_str()))
        }
        _ => None,
    }
}

/// Asks Zuora for what an intent would have made, by its natural key.
pub(crate) async fn look_up(
    engine: &Engine,
    key: &StateKey,
    intent: &Intent,
) -> Result<Option<Written>, PortError> {
    match intent.effect {
        Effect::CreateAccount => find_account(engine, key, intent).await,
        Effect::CreateContact => {
            let Some((account, contact)) = intent.number.split_once('/') else { return Ok(None) };
            let Ok(contact) = HubSpotId::parse(contact) else { return Ok(None) };
            let known = engine.billing.contacts_of(&AccountId(account.to_owned())).await?;
            Ok(known.get(&contact).map(|id| Written { id: Some(id.to_string()), ..Written::default() }))
        }
        Effect::CreateProduct | Effect::CreateRatePlan | Effect::CreateCharge => {
            find_catalog(engine, key, intent.effect).await
        }
        Effect::CreateOrder => find_order(engine, intent).await,
        Effect::UpdateAccount
        | Effect::UpdateProduct
        | Effect::ActivateCurrencies
        | Effect::SetPrices
        | Effect::SetTriggerDates => Ok(None),
    }
}

async fn find_account(
    engine: &Engine,
    key: &StateKey,
    intent: &Intent,
) -> Result<Option<Written>, PortError> {
    let ours = |account: &ObservedAccount| account.crm_id.as_deref() == Some(key.object.id.as_str());
    let found = match engine.policy.numbering {
        connector_domain::policy::Numbering::Derived => engine.billing.account(&intent.number).await?,
        connector_domain::policy::Numbering::Zuora => {
            let query =
                AccountQuery { crm_ids: vec![key.object.id.clone()], number: None, name: String::new() };
            engine.billing.find_accounts(&query).await?.by_crm_id.into_iter().next()
        }
    };
    Ok(found.filter(ours).map(|account| Written {
        id: Some(account.id.to_string()),
        number: Some(account.number.to_string()),
        bill_to: account.bill_to.map(|id| id.to_string()),
        sold_to: account.sold_to.map(|id| id.to_string()),
        status: None,
    }))
}

async fn find_catalog(engine: &Engine, key: &StateKey, effect: Effect) -> Result<Option<Written>, PortError> {
    debug_assert_eq!(key.object.kind, ObjectKind::Product);
    let id = &key.object.id;
    let numbers = [
        numbering::product(key.portal, id),
        numbering::rate_plan(key.portal, id),
        numbering::rate_plan_charge(key.portal, id),
    ];
    let query = ProductQuery { id: id.clone(), sku: None, numbers };
    let Some(product) = engine.billing.find_products(&query).await?.by_number else { return Ok(None) };
    let plan = product.plans.first();
    let found = match effect {
        Effect::CreateProduct => Some(product.id.to_string()),
        Effect::CreateRatePlan => plan.map(|p| p.id.to_string()),
        _ => plan.and_then(|p| p.charges.first()).map(|c| c.id.to_string()),
    };
    Ok(found.map(|id| Written { id: Some(id), ..Written::default() }))
}

async fn find_order(engine: &Engine, intent: &Intent) -> Result<Option<Written>, PortError> {
    let Some(Then::Subscription { link, creates, .. }) = &intent.then else { return Ok(None) };
    let number = OrderNumber(intent.number.clone());
    let (order, subscription) = futures::future::try_join(
        engine.billing.order(&number),
        engine.billing.subscription(&link.subscription),
    )
    .await?;
    // The order proves itself. A subscription proves only the order that makes it: it is atomic.
    let proven = order.is_some() || (*creates && subscription.is_some());
    if !proven {
        return Ok(None);
    }
    Ok(Some(Written {
        number: Some(intent.number.clone()),
        status: subscription.map(|s| s.status),
        ..Written::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_grow_rare_and_end_with_the_doubt() {
        let sent: Timestamp = "2026-11-16T00:00:00Z".parse().unwrap();
        let intent = Intent {
            effect: Effect::CreateOrder,
            number: "n".into(),
            target: None,
            body: String::new(),
            generation: 0,
            first_sent_at: sent,
            sent_at: sent,
            sends: 1,
            failure: None,
            then: None,
        };
        let mut now = sent;
        let mut seen = Vec::new();
        while now < sent + DOUBT {
            now = next_look(&intent, now);
            seen.push(now.as_second() - sent.as_second());
        }
        assert_eq!(seen, [3, 10, 30, 60, 100, 135]);
    }
}
