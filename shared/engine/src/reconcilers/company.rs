//! Company to account: find before creating (D-9, D-10), then keep in step.

use crate::Engine;
use crate::decision::{Decision, Ring, Step};
use connector_domain::billing::company::{AccountLink, ContactSlot, DesiredAccount, ObservedAccount};
use connector_domain::crm::company::Company;
use connector_domain::crm::contact::Contact;
use connector_domain::crm::{Address, Fetched};
use connector_domain::ids::{AccountId, HubSpotId};
use connector_domain::mapping::Mapped;
use connector_domain::mapping::company::{Parties, choose_parties, map_company, syncs_by_itself};
use connector_domain::numbering;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::plan::company::{Scope, plan_update, then};
use connector_domain::plan::{Action, NewSoldTo};
use connector_domain::policy::{Candidates, Numbering, Portal};
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{Link, ObjectState, SyncStatus, Then, mark};
use connector_ports::PortError;
use connector_ports::billing::{AccountQuery, AccountsFound};
use connector_ports::states::Stored;
use futures::future::try_join;
use jiff::Timestamp;

pub(super) async fn decide(
    engine: &Engine,
    key: &StateKey,
    stored: &Stored,
    forced: bool,
    now: Timestamp,
) -> Result<Decision, PortError> {
    let decision = Decision::from(&stored.state);
    let linked = stored.state.account().is_some();
    let company = match engine.crm.company(&key.object.id).await? {
        Fetched::Found(company) => company,
        Fetched::Gone if linked => {
            return Ok(decision
                .status(SyncStatus::InSync)
                .notice("The company does not exist in HubSpot any more; its account is left as it is."));
        }
        Fetched::Gone => {
            let mut decision = decision;
            decision.silent = true;
            // Somebody waits for it: say that it will not come.
            return Ok(if stored.marks.contains_key(mark::WANTED) {
                decision.parked(vec![
                    Problem::new(ProblemCode::CompanyGone, "").at(format!("company {}", key.object.id)),
                ])
            } else {
                decision.status(SyncStatus::NotLinked)
            });
        }
    };
    if company.id != key.object.id {
        let survivor = StateKey::new(key.portal, ObjectRef::new(ObjectKind::Company, company.id.clone()));
        let mut decision =
            decision.status(SyncStatus::NotLinked).notice(format!("Merged into company {}.", company.id));
        // The old id leads to the survivor's record, which is not this one's to write on.
        decision.silent = true;
        let mut ring = Ring { key: survivor, marks: Default::default() };
        if stored.marks.contains_key(mark::WANTED) {
            ring.marks = Ring::wanted(ring.key.clone(), key).marks;
        }
        decision.rings.push(ring);
        return Ok(decision);
    }
    let decision = match inherited(engine, key, &company, &stored.state).await? {
        Inherited::Nothing => decision,
        Inherited::Link(link) => {
            let mut decision =
                decision.notice(format!("Took over account {} from a merged company.", link.number));
            decision.state.link = Some(Link::Account(link));
            decision
        }
        Inherited::Several(numbers) => {
            return Ok(decision.parked(vec![
                Problem::new(
                    ProblemCode::AccountAmbiguous,
                    format!("Merged companies had accounts {}.", numbers.join(", ")),
                )
                .at(format!("company {}", company.id)),
            ]));
        }
    };
    if let Some(link) = decision.state.account().cloned() {
        return keep_in_step(engine, key, &company, link, stored, decision, forced, now).await;
    }
    if !stored.marks.contains_key(mark::WANTED) && !syncs_by_itself(&company, &engine.policy) {
        return Ok(decision.status(SyncStatus::NotLinked));
    }
    let gathered = gather(engine, &company).await?;
    let mut decision = decision;
    decision.state.parties_read_at = Some(now);
    let (portal, parties) = match gathered {
        Ok(gathered) => gathered,
        Err(problems) => return Ok(decision.parked(problems)),
    };
    let mapped = map(&company, &parties, &portal, engine);
    decision.state.notices.extend(mapped.notices);
    let Some(mut desired) = mapped.desired else { return Ok(decision.parked(mapped.problems)) };
    desired.parent = parent(engine, key, &company, &mut decision).await?;
    decision.lock = Some(lock_name(key, &company.id, engine));
    note_parties(&mut decision, key, &desired);
    let mut crm_ids = vec![company.id.clone()];
    crm_ids.extend(company.merged_ids.iter().cloned());
    let query = AccountQuery { crm_ids, number: desired.number.clone(), name: desired.name.clone() };
    let found = engine.billing.find_accounts(&query).await?;
    match choose(found, &query, engine.policy.candidates) {
        Choice::Create => {
            let then = then(None, &desired, Scope::Full);
            decision.steps.push(Step { action: Action::CreateAccount(Box::new(desired)), then: Some(then) });
            Ok(decision.status(SyncStatus::InSync))
        }
        Choice::Adopt(account) => {
            let link = adopted_link(&account);
            let mut decision = decision.notice(format!("Linked to existing account {}.", account.number));
            decision.state.link = Some(Link::Account(link.clone()));
            plan_steps(&mut decision, &link, None, desired, Scope::Full);
            Ok(decision)
        }
        Choice::Person(problem) => Ok(decision.parked(vec![problem.at(format!("company {}", company.id))])),
    }
}

/// The lock that all writers of an account take: named by the account's number where we know or choose it.
pub(crate) fn lock_name(key: &StateKey, company: &HubSpotId, engine: &Engine) -> String {
    match engine.policy.numbering {
        Numbering::Derived => account_lock(key, numbering::account(key.portal, company).as_str()),
        Numbering::Zuora => account_lock(key, &format!("company-{company}")),
    }
}

/// The lock of a known account.
pub(crate) fn account_lock(key: &StateKey, number: &str) -> String {
    format!("{}#account#{number}", key.portal)
}

struct PartiesRead {
    bill_to: Option<Contact>,
    sold_to: Option<Contact>,
}

async fn gather(
    engine: &Engine,
    company: &Company,
) -> Result<Result<(Portal, PartiesRead), Vec<Problem>>, PortError> {
    let (portal, contacts) = try_join(engine.crm.portal(), engine.crm.company_contacts(&company.id)).await?;
    let parties = match choose_parties(&company.id, &contacts, &engine.policy.labels) {
        Ok(parties) => parties,
        Err(problems) => return Ok(Err(problems)),
    };
    let Parties { bill_to, sold_to } = parties;
    let mut ids: Vec<HubSpotId> = [&bill_to, &sold_to].into_iter().flatten().cloned().collect();
    ids.dedup();
    let people = if ids.is_empty() { Vec::new() } else { engine.crm.contacts(&ids).await? };
    let find = |id: Option<HubSpotId>| id.and_then(|id| people.iter().find(|p| p.id == id).cloned());
    Ok(Ok((portal, PartiesRead { bill_to: find(bill_to), sold_to: find(sold_to) })))
}

fn map(company: &Company, parties: &PartiesRead, portal: &Portal, engine: &Engine) -> Mapped<DesiredAccount> {
    map_company(company, parties.bill_to.as_ref(), parties.sold_to.as_ref(), portal, &engine.policy)
}

/// The account of the parent company. A parent without one is waited for, but holds nothing up.
async fn parent(
    engine: &Engine,
    key: &StateKey,
    company: &Company,
    decision: &mut Decision,
) -> Result<Option<AccountId>, PortError> {
    let Some(id) = company.parent.as_ref().filter(|id| engine.policy.parents && **id != company.id) else {
        return Ok(None);
    };
    let parent = StateKey::new(key.portal, ObjectRef::new(ObjectKind::Company, id.clone()));
    let account = engine.states.read(&parent).await?.and_then(|s| s.state.account().map(|a| a.id.clone()));
    if account.is_none() {
        decision.waits_on = Some(parent);
    }
    Ok(account)
}

enum Inherited {
    Nothing,
    Link(AccountLink),
    Several(Vec<String>),
}

/// A survivor of a merge has no link of its own; the links of the merged records are asked for first (D-10).
async fn inherited(
    engine: &Engine,
    key: &StateKey,
    company: &Company,
    state: &ObjectState,
) -> Result<Inherited, PortError> {
    if state.link.is_some() || company.merged_ids.is_empty() {
        return Ok(Inherited::Nothing);
    }
    let keys: Vec<StateKey> = company
        .merged_ids
        .iter()
        .map(|id| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Company, id.clone())))
        .collect();
    let mut links: Vec<AccountLink> = engine
        .states
        .read_many(&keys)
        .await?
        .into_values()
        .filter_map(|s| s.state.account().cloned())
        .collect();
    links.dedup_by(|a, b| a.id == b.id);
    Ok(match links.as_slice() {
        [] => Inherited::Nothing,
        [one] => Inherited::Link(one.clone()),
        several => Inherited::Several(several.iter().map(|l| l.number.to_string()).collect()),
    })
}

#[expect(
    clippy::too_many_arguments,
    reason = "one step of decide, split off for reading; all parts are its own"
)]
async fn keep_in_step(
    engine: &Engine,
    key: &StateKey,
    company: &Company,
    link: AccountLink,
    stored: &Stored,
    mut decision: Decision,
    forced: bool,
    now: Timestamp,
) -> Result<Decision, PortError> {
    let applied = stored.state.applied_fields().cloned();
    let labels_changed = match (stored.marks.get(mark::PARTIES), stored.state.parties_read_at) {
        (_, None) => true,
        (Some(changed), Some(read)) => changed.parse::<Timestamp>().map_or(true, |changed| changed >= read),
        (None, Some(_)) => false,
    };
    let full = forced || labels_changed || applied.is_none();
    let (portal, parties, scope) = if full {
        decision.state.parties_read_at = Some(now);
        match gather(engine, company).await? {
            Ok((portal, parties)) => (portal, parties, Scope::Full),
            Err(problems) => return Ok(decision.parked(problems)),
        }
    } else {
        // The contacts are as they were: the company alone is enough, and costs one read.
        (engine.crm.portal().await?, remembered(&link), Scope::CompanyOnly)
    };
    let mapped = map(company, &parties, &portal, engine);
    if scope == Scope::Full {
        decision.state.notices.extend(mapped.notices);
    }
    let Some(mut desired) = mapped.desired else { return Ok(decision.parked(mapped.problems)) };
    desired.parent = parent(engine, key, company, &mut decision).await?;
    decision.lock = Some(account_lock(key, link.number.as_str()));
    if scope == Scope::Full {
        note_parties(&mut decision, key, &desired);
    }
    if decision.steps.is_empty() {
        plan_steps(&mut decision, &link, applied.as_ref(), desired, scope);
    }
    Ok(decision)
}

fn plan_steps(
    decision: &mut Decision,
    link: &AccountLink,
    applied: Option<&connector_domain::billing::company::AppliedFields>,
    desired: DesiredAccount,
    scope: Scope,
) {
    let company = desired.crm_id.clone();
    let remember = then(applied, &desired, scope);
    for action in plan_update(link, applied, &desired, scope) {
        match action {
            Action::CreateContact { contact, account } => {
                let holds = contact.crm_id.clone().unwrap_or_else(|| company.clone());
                // A contact that an earlier, interrupted run created is used, not created again.
                if !decision.state.contacts.contains_key(&holds) {
                    let action = Action::CreateContact { contact, account };
                    decision.steps.push(Step { action, then: Some(Then::Contact { holds }) });
                }
            }
            Action::UpdateAccount { account, desired, changed, sold_to } => {
                let holds = desired
                    .sold_to
                    .as_ref()
                    .and_then(|c| c.crm_id.clone())
                    .unwrap_or_else(|| company.clone());
                let sold_to = match sold_to {
                    Some(NewSoldTo::Created) => Some(
                        decision
                            .state
                            .contacts
                            .get(&holds)
                            .cloned()
                            .map_or(NewSoldTo::Created, NewSoldTo::Existing),
                    ),
                    other => other,
                };
                let action = Action::UpdateAccount { account, desired, changed, sold_to };
                decision.steps.push(Step { action, then: Some(remember.clone()) });
            }
            other => decision.steps.push(Step { action: other, then: None }),
        }
    }
    decision.state.status = SyncStatus::InSync;
    if decision.steps.is_empty()
        && let Then::Account { applied, .. } = remember
    {
        decision.state.applied = Some(connector_domain::state::Applied::Fields(applied));
    }
}

/// Contacts learn which company they serve, so that a label that is taken away finds its way back.
fn note_parties(decision: &mut Decision, key: &StateKey, desired: &DesiredAccount) {
    let ids = [desired.bill_to.crm_id.as_ref(), desired.sold_to.as_ref().and_then(|c| c.crm_id.as_ref())];
    let known: Vec<HubSpotId> = decision
        .state
        .account()
        .into_iter()
        .flat_map(|l| [&l.bill_to, &l.sold_to])
        .flatten()
        .filter_map(|slot| slot.contact.clone())
        .collect();
    decision.parties = ids
        .into_iter()
        .flatten()
        .filter(|id| !known.contains(id))
        .map(|id| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Contact, id.clone())))
        .collect();
}

/// Stand-ins for contacts that were not read: their own fields are never sent from here.
fn remembered(link: &AccountLink) -> PartiesRead {
    let person = |slot: &ContactSlot| {
        slot.contact.clone().map(|id| Contact {
            id,
            first_name: Some("A".into()),
            last_name: Some("A".into()),
            email: None,
            phone: None,
            mobile_phone: None,
            address: if slot.company_address {
                Address::default()
            } else {
                Address { country: Some("Norway".into()), state: Some("-".into()), ..Address::default() }
            },
        })
    };
    PartiesRead {
        bill_to: link.bill_to.as_ref().and_then(person),
        sold_to: link.sold_to.as_ref().and_then(person),
    }
}

enum Choice {
    Create,
    Adopt(Box<ObservedAccount>),
    Person(Problem),
}

/// Key first, then CRM id, then name; a person decides where two readings are possible.
fn choose(found: AccountsFound, query: &AccountQuery, candidates: Candidates) -> Choice {
    let ours = |account: &ObservedAccount| {
        account
            .crm_id
            .as_deref()
            .is_none_or(|crm| crm.is_empty() || query.crm_ids.iter().any(|id| id.as_str() == crm))
    };
    if let Some(account) = found.by_number {
        return if ours(&account) && !account.is_canceled() {
            Choice::Adopt(Box::new(account))
        } else {
            let why = if account.is_canceled() { "is cancelled" } else { "belongs to another CRM id" };
            Choice::Person(Problem::new(
                ProblemCode::AccountAmbiguous,
                format!("Account {} {why}.", account.number),
            ))
        };
    }
    let mut by_crm_id: Vec<_> = found.by_crm_id.into_iter().filter(|a| !a.is_canceled()).collect();
    if by_crm_id.len() > 1 {
        let numbers: Vec<_> = by_crm_id.iter().map(|a| a.number.to_string()).collect();
        return Choice::Person(Problem::new(
            ProblemCode::AccountAmbiguous,
            format!("They are {}.", numbers.join(", ")),
        ));
    }
    if let Some(account) = by_crm_id.pop() {
        return Choice::Adopt(Box::new(account));
    }
    let unlinked: Vec<_> = found
        .by_name
        .iter()
        .filter(|a| !a.is_canceled() && a.crm_id.as_deref().is_none_or(str::is_empty))
        .map(|a| a.number.to_string())
        .collect();
    match candidates {
        Candidates::Park if !unlinked.is_empty() => Choice::Person(Problem::new(
            ProblemCode::AccountCandidate,
            format!("It is account {}.", unlinked.join(", ")),
        )),
        Candidates::Park | Candidates::Create => Choice::Create,
    }
}

/// The link of an account that existed before; which people its contacts are is not known yet.
pub(crate) fn adopted_link(account: &ObservedAccount) -> AccountLink {
    let slot = |id: &Option<_>| {
        id.clone().map(|zuora_id| ContactSlot { zuora_id, contact: None, company_address: false })
    };
    AccountLink {
        id: account.id.clone(),
        number: account.number.clone(),
        currency: account.currency.clone(),
        bill_to: slot(&account.bill_to),
        sold_to: slot(&account.sold_to),
    }
}
