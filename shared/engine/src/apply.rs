//! Runs a plan, step by step, without choices: save the intent, send it once, record what became of it.

use crate::decision::Step;
use crate::doubt;
use crate::error_policy;
use crate::idempotency;
use crate::privacy;
use crate::reconcile::{LEASE, Look};
use connector_domain::billing::company::{AccountLink, ContactSlot};
use connector_domain::billing::deal::{Party, What};
use connector_domain::billing::product::{CatalogCharge, CatalogLink, ChargeModel, ChargeType};
use connector_domain::billing::tiers::{Tier, TierModel};
use connector_domain::fault::FaultClass;
use connector_domain::ids::{AccountId, AccountNumber, HubSpotId, ZuoraContactId};
use connector_domain::plan::{Action, NewSoldTo};
use connector_domain::problem::Problem;
use connector_domain::state::{Applied as AppliedState, Effect, Intent, Link, ObjectState, SyncStatus, Then};
use connector_ports::PortError;
use connector_ports::billing::Written;
use connector_ports::states::{AccountLock, Change, Saved};
use jiff::{SignedDuration, Timestamp};

/// The account lease outlives our deadline by Zuora's own time-out, because fencing cannot reach Zuora (D-15).
const ZUORA_TIME_OUT: SignedDuration = SignedDuration::from_secs(120);

/// New catalogue entries and accounts may take a moment before Zuora finds them everywhere (`zuora.md` 4).
pub(crate) const CATALOG_LAG_WAIT: SignedDuration = SignedDuration::from_secs(15);
/// About two minutes of it.
pub(crate) const CATALOG_LAG_ATTEMPTS: u32 = 8;

/// Zuora refused because something that the request names does not exist, which we know or made a moment ago.
pub(crate) fn refers_to_something_new(error: &PortError) -> bool {
    error.class == FaultClass::Permanent
        && error
            .code
            .as_deref()
            .is_some_and(|code| code == "INVALID_ID" || (code.len() == 8 && code.ends_with("40")))
}

/// How the steps ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Applied {
    /// All done.
    All,
    /// Zuora said no.
    Refused(Problem),
    /// Surely not done; try again then.
    Later { due_at: Timestamp },
    /// Nobody knows; look it up then.
    Unknown { due_at: Timestamp },
    /// Another worker took over.
    Lost,
}

/// Running steps under a look's lease.
pub(crate) trait Apply {
    async fn apply(&mut self, steps: Vec<Step>, lock: Option<&str>) -> Result<Applied, PortError>;
}

impl Apply for Look<'_> {
    async fn apply(&mut self, steps: Vec<Step>, lock: Option<&str>) -> Result<Applied, PortError> {
        for step in steps {
            let Step { action, then } = resolve(step, &self.state);
            let words = action.to_string();
            let rendered = self.engine.billing.render(&action)?;
            let now = self.engine.clock.now();
            self.state.intent = Some(Intent {
                effect: rendered.effect,
                number: rendered.number,
                target: rendered.target,
                body: rendered.body,
                generation: self.state.generation,
                first_sent_at: now,
                sent_at: now,
                sends: 1,
                failure: None,
                then,
            });
            match self.save(lock).await? {
                Saved::Yes => {}
                Saved::Locked { until } => {
                    self.state.intent = None;
                    // The first waits are short; who is locked out for long asks less and less often.
                    let wait =
                        error_policy::wait_millis(self.state.attempts.saturating_sub(6), &self.claim.key)
                            .min(60_000);
                    let soon = now + SignedDuration::from_millis(wait);
                    return Ok(Applied::Later { due_at: soon.min(until.max(now)) });
                }
                Saved::Lost => return Ok(Applied::Lost),
            }
            match self.send(&words).await? {
                Sent::Done => {}
                Sent::Stop(applied) => return Ok(applied),
            }
        }
        Ok(Applied::All)
    }
}

/// What became of one send.
pub(crate) enum Sent {
    Done,
    Stop(Applied),
}

impl Look<'_> {
    /// Saves the state with its intent, and takes or prolongs the account lock, in one write.
    pub(crate) async fn save(&mut self, lock: Option<&str>) -> Result<Saved, PortError> {
        let now = self.engine.clock.now();
        let lock = lock
            .map(|name| AccountLock { name: name.to_owned(), until: self.began + LEASE + ZUORA_TIME_OUT });
        let mut state = self.state.clone();
        state.status = SyncStatus::Pending;
        state.complete = false;
        let change = Change {
            state,
            // If we die here, somebody looks again once the lease has ended.
            due_at: Some(self.began + LEASE),
            waits_on: None,
            audit: self.audit.clone(),
        };
        let saved = self.engine.states.save(&mut self.claim, &change, lock.as_ref(), now).await?;
        if saved == Saved::Yes {
            self.audit.clear();
        }
        Ok(saved)
    }

    /// Sends the intent of the state and takes in the answer.
    pub(crate) async fn send(&mut self, words: &str) -> Result<Sent, PortError> {
        let Some(intent) = self.state.intent.clone() else {
            return Err(PortError::bug("engine send", "there is no intent to send"));
        };
        let key = idempotency::key(&self.engine.tenant, &self.claim.key, &intent);
        let answer = self.engine.billing.send(&intent, &key).await;
        let error = match answer {
            Ok(written) => {
                self.done(&intent, &written, "done", words);
                return Ok(Sent::Done);
            }
            Err(error) => error,
        };
        self.note_trouble(&error);
        // A creation that failed, whatever the words, may stand in Zuora: look before concluding (layer 2).
        if intent.effect.is_creation() && error.class != FaultClass::Denied {
            match doubt::look_up(self.engine, &self.claim.key, &intent).await {
                Ok(Some(written)) => {
                    self.done(&intent, &written, "adopted", words);
                    return Ok(Sent::Done);
                }
                Ok(None) => {}
                // In doubt and blind: unknown, whatever the first error was.
                Err(blind) if error.class.is_definite() => {
                    return Ok(Sent::Stop(self.definite(&intent, &error, Some(&blind))));
                }
                Err(_) => {}
            }
        }
        if error.class.is_definite() {
            return Ok(Sent::Stop(self.definite(&intent, &error, None)));
        }
        self.note(intent.effect.as_str(), &intent.number, "unknown", &intent.body, Vec::new());
        let now = self.engine.clock.now();
        if !intent.effect.is_creation() {
            // A PUT may be repeated: plan again from what HubSpot says then.
            self.state.intent = None;
            self.state.tell_again_at = Some(now + doubt::DOUBT);
            self.locks = connector_ports::states::Locks::Keep;
            return Ok(Sent::Stop(Applied::Later { due_at: now + SignedDuration::from_secs(15) }));
        }
        let due_at = doubt::next_look(&intent, now);
        if let Some(open) = &mut self.state.intent {
            // Without a request id two answers cannot be told apart, so none counts as a replay.
            open.failure = error.request_id.zip(error.digest).map(|(id, digest)| format!("{id} {digest}"));
        }
        Ok(Sent::Stop(Applied::Unknown { due_at }))
    }

    /// A definite failure: the intent is closed, the next attempt uses the next generation.
    fn definite(&mut self, intent: &Intent, error: &PortError, blind: Option<&PortError>) -> Applied {
        self.note(intent.effect.as_str(), &intent.number, "refused", &intent.body, Vec::new());
        self.state.generation = self.state.generation.saturating_add(1);
        self.state.intent = None;
        let now = self.engine.clock.now();
        if refers_to_something_new(error) && self.state.attempts < CATALOG_LAG_ATTEMPTS {
            return Applied::Later { due_at: now + CATALOG_LAG_WAIT };
        }
        let mut next = error_policy::after(error, self.state.attempts, &self.claim.key, now);
        if let Some(problem) = &mut next.problem {
            problem.detail = privacy::without_values_of(&intent.body, &problem.detail);
        }
        match (next.problem, next.due_at, blind) {
            (Some(problem), due_at, None) => {
                self.due_at = due_at;
                Applied::Refused(problem)
            }
            (_, due_at, _) => {
                Applied::Later { due_at: due_at.unwrap_or(now + SignedDuration::from_secs(60)) }
            }
        }
    }

    /// Takes in a success: link, projection, audit; the intent with its frozen body is erased.
    pub(crate) fn done(&mut self, intent: &Intent, written: &Written, result: &str, words: &str) {
        record(&mut self.state, intent, written);
        self.state.intent = None;
        let account = intent.number.split_once('/').map(|(account, _)| account.to_owned());
        if let (Some(Then::Contact { holds }), Some(account), Some(id)) = (&intent.then, account, &written.id)
        {
            self.contacts_made.push((holds.clone(), account, id.clone()));
        }
        let fields = match &intent.then {
            Some(Then::Account { applied, .. } | Then::Catalog { applied }) => {
                applied.keys().cloned().collect()
            }
            Some(Then::Subscription { movement, .. }) => {
                movement.iter().map(|m| format!("mrr: {m}")).collect()
            }
            Some(Then::Contact { .. }) | None => Vec::new(),
        };
        self.note(intent.effect.as_str(), &intent.number, result, &intent.body, fields);
        self.done.push(words.to_owned());
    }
}

/// Fills in what earlier steps created. No choice is made here: the plan said which.
fn resolve(step: Step, state: &ObjectState) -> Step {
    let catalog = state.catalog();
    let contact = |holds: Option<&HubSpotId>| holds.and_then(|id| state.contacts.get(id).cloned());
    let mut then = step.then;
    let action = match step.action {
        Action::CreateRatePlan { desired, product } => Action::CreateRatePlan {
            desired,
            product: product.or_else(|| catalog.and_then(|c| c.product.clone())),
        },
        Action::CreateCharge { desired, plan } => {
            Action::CreateCharge { desired, plan: plan.or_else(|| catalog.and_then(|c| c.plan.clone())) }
        }
        Action::UpdateAccount { account, desired, changed, sold_to } => {
            let holds = desired.sold_to.as_ref().and_then(|c| c.crm_id.as_ref()).unwrap_or(&desired.crm_id);
            let sold_to = match sold_to {
                Some(NewSoldTo::Created) => {
                    contact(Some(holds)).map(NewSoldTo::Existing).or(Some(NewSoldTo::Created))
                }
                other => other,
            };
            if let (Some(NewSoldTo::Existing(id)), Some(Then::Account { sold_to_id, .. })) =
                (&sold_to, &mut then)
            {
                *sold_to_id = Some(id.clone());
            }
            Action::UpdateAccount { account, desired, changed, sold_to }
        }
        Action::CreateOrder(mut order) => {
            for party in [&mut order.bill_to, &mut order.sold_to].into_iter().flatten() {
                if let Party::New { contact: new, .. } = party
                    && let Some(id) = contact(new.crm_id.as_ref())
                {
                    *party = Party::Known(id);
                }
            }
            Action::CreateOrder(order)
        }
        Action::ChangeOrder(mut order) => {
            let terms = order.changes.iter_mut().filter_map(|change| match &mut change.what {
                What::Terms(terms) => Some(terms),
                _ => None,
            });
            for party in terms.flat_map(|t| [&mut t.bill_to, &mut t.sold_to]).flatten().flatten() {
                if let Party::New { contact: new, .. } = party
                    && let Some(id) = contact(new.crm_id.as_ref())
                {
                    *party = Party::Known(id);
                }
            }
            Action::ChangeOrder(order)
        }
        other => other,
    };
    Step { action, then }
}

/// What a finished write makes true in the state.
pub(crate) fn record(state: &mut ObjectState, intent: &Intent, written: &Written) {
    match (&intent.then, intent.effect) {
        (Some(Then::Account { applied, bill_to, sold_to, currency, sold_to_id }), effect) => {
            let old = state.account().cloned();
            let slot = |id: Option<ZuoraContactId>, who: &connector_domain::state::PartyKept| {
                id.map(|zuora_id| ContactSlot {
                    zuora_id,
                    contact: who.contact.clone(),
                    company_address: who.company_address,
                })
            };
            let bill_id = written
                .bill_to
                .clone()
                .map(ZuoraContactId)
                .or_else(|| old.as_ref()?.bill_to.as_ref().map(|s| s.zuora_id.clone()));
            let sold_id = sold_to_id
                .clone()
                .or_else(|| written.sold_to.clone().map(ZuoraContactId))
                .or_else(|| old.as_ref()?.sold_to.as_ref().map(|s| s.zuora_id.clone()))
                .or_else(|| bill_id.clone());
            let id = written.id.clone().map(AccountId).or_else(|| old.as_ref().map(|o| o.id.clone()));
            let number =
                written.number.clone().map(AccountNumber).or_else(|| old.as_ref().map(|o| o.number.clone()));
            if let (Some(id), Some(number)) = (id, number) {
                let currency = match effect {
                    Effect::CreateAccount => currency.clone(),
                    _ => old.as_ref().and_then(|o| o.currency.clone()),
                };
                state.link = Some(Link::Account(AccountLink {
                    id,
                    number,
                    currency,
                    bill_to: slot(bill_id, bill_to),
                    sold_to: slot(sold_id, sold_to.as_ref().unwrap_or(bill_to)),
                }));
            }
            state.applied = Some(AppliedState::Fields(applied.clone()));
        }
        (Some(Then::Contact { holds }), _) => {
            if let Some(id) = &written.id {
                state.contacts.insert(holds.clone(), ZuoraContactId(id.clone()));
            }
        }
        (Some(Then::Subscription { link, projection, .. }), _) => {
            let mut link = link.clone();
            if written.status.is_some() {
                link.status.clone_from(&written.status);
            }
            state.link = Some(Link::Subscription(link));
            state.applied = Some(AppliedState::Deal(projection.clone()));
            state.lost_since = None;
            state.confirm = None;
        }
        (then, effect) => {
            let mut link = state.catalog().cloned().unwrap_or(CatalogLink {
                ours: true,
                external_id: true,
                ..CatalogLink::default()
            });
            match (effect, &written.id) {
                (Effect::CreateProduct, Some(id)) => link.product = Some(id.as_str().into()),
                (Effect::CreateRatePlan, Some(id)) => link.plan = Some(id.as_str().into()),
                _ => {}
            }
            if let Some(Then::Catalog { applied }) = then {
                remember_prices(&mut link, applied, effect, written);
                state.applied = Some(AppliedState::Fields(applied.clone()));
            }
            state.link = Some(Link::Catalog(link));
        }
    }
}

/// The charge that we made, as ordering must know it, from what was told.
fn remember_prices(
    link: &mut CatalogLink,
    applied: &connector_domain::billing::company::AppliedFields,
    effect: Effect,
    written: &Written,
) {
    let prices: std::collections::BTreeMap<_, _> = applied
        .iter()
        .filter_map(|(field, value)| {
            let currency = connector_domain::money::Currency::parse(field.strip_prefix("price.")?).ok()?;
            Some((currency, value.parse().ok()?))
        })
        .collect();
    let tiers: std::collections::BTreeMap<_, Vec<Tier>> = applied
        .iter()
        .filter_map(|(field, value)| {
            let currency = connector_domain::money::Currency::parse(field.strip_prefix("tiers.")?).ok()?;
            Some((currency, serde_json::from_str(value).ok()?))
        })
        .collect();
    match (effect, &written.id) {
        (Effect::CreateCharge, Some(id)) => {
            let period = applied.get("period").and_then(|text| serde_json::from_str(text).ok()).flatten();
            let model: Option<TierModel> =
                applied.get("tier_model").and_then(|text| serde_json::from_str(text).ok());
            link.charges = vec![CatalogCharge {
                id: id.as_str().into(),
                model: match model {
                    None => ChargeModel::PerUnit,
                    Some(TierModel::Tiered) => ChargeModel::Tiered,
                    Some(TierModel::Volume) => ChargeModel::Volume,
                },
                charge_type: if period.is_some() { ChargeType::Recurring } else { ChargeType::OneTime },
                period,
                prices,
                tiers,
                default_discount: false,
            }];
        }
        (Effect::SetPrices, _) => {
            if let Some(charge) = link.charges.iter_mut().find(|c| !c.model.is_discount()) {
                charge.prices.extend(prices);
                charge.tiers.extend(tiers);
            }
        }
        _ => {}
    }
}
