//! What a deal needs of others: accounts and rate plans; who is not ready is rung and waited for (D-17).

use super::Scene;
use crate::Engine;
use crate::decision::{Decision, Effort, Ring};
use crate::reconcilers::{company, product};
use connector_domain::billing::company::{AccountLink, DesiredAccount};
use connector_domain::billing::product::{CatalogCharge, CatalogLink, ChargeType, DesiredProduct};
use connector_domain::ids::HubSpotId;
use connector_domain::mapping::deal::CheckedDeal;
use connector_domain::money::Currency;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::plan::Action;
use connector_domain::plan::product::model_of;
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{SyncStatus, mark};
use connector_ports::PortError;
use connector_ports::states::Stored;
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// What stands around a deal: accounts and rate plans, as far as they are ready.
pub(super) struct Around {
    pub(super) account: Option<AccountLink>,
    pub(super) invoice_owner: Option<AccountLink>,
    pub(super) catalog: BTreeMap<HubSpotId, CatalogLink>,
    pub(super) states: BTreeMap<StateKey, Stored>,
    /// In a preview: the account and products that would be created first.
    pub(super) assumed: Assumed,
}

impl Around {
    fn is_ready(&self, product: &HubSpotId, currency: &Currency) -> bool {
        self.catalog.get(product).is_some_and(|link| {
            // A plan that we made gets a price in the deal's currency; one of Zuora's is judged later.
            !link.ours || link.sold_charges().any(|c| c.prices.contains_key(currency))
        })
    }
}

/// What a preview takes as if it were there.
#[derive(Default)]
pub(super) struct Assumed {
    /// What the account would be.
    pub(super) account: Option<DesiredAccount>,
    /// Products without a rate plan in Zuora.
    pub(super) products: Vec<HubSpotId>,
}

pub(super) fn company_key(key: &StateKey, id: &HubSpotId) -> StateKey {
    StateKey::new(key.portal, ObjectRef::new(ObjectKind::Company, id.clone()))
}

pub(super) fn product_key(key: &StateKey, id: &HubSpotId) -> StateKey {
    StateKey::new(key.portal, ObjectRef::new(ObjectKind::Product, id.clone()))
}

pub(super) async fn around(engine: &Engine, key: &StateKey, deal: &CheckedDeal) -> Result<Around, PortError> {
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
        assumed: Assumed::default(),
    })
}

/// In a preview, lets others count as what they would become. Answers the problems that would stop them.
pub(super) async fn assume(
    scene: &Scene<'_>,
    deal: &CheckedDeal,
    around: &mut Around,
    decision: &mut Decision,
) -> Result<Vec<Problem>, PortError> {
    let Scene { engine, key, .. } = *scene;
    let mut problems = Vec::new();
    let wanted = BTreeMap::from([(mark::WANTED.to_owned(), key.object.to_string())]);
    let payer = deal.invoice_owner.as_ref().filter(|_| around.invoice_owner.is_none());
    let owner = Some(&deal.company).filter(|_| around.account.is_none());
    for (company, is_owner) in
        owner.into_iter().map(|id| (id, true)).chain(payer.into_iter().map(|id| (id, false)))
    {
        let other = company_key(key, company);
        let marked = marked(scene, &other, &wanted).await?;
        let would = company::decide(engine, &other, &marked, true, scene.now).await?;
        problems.extend(would.state.problems.clone());
        let desired = would.steps.iter().find_map(|step| match &step.action {
            Action::CreateAccount(desired) => Some((**desired).clone()),
            _ => None,
        });
        let link = would.state.account().cloned().or_else(|| desired.as_ref().map(stand_in));
        if is_owner {
            around.account = link;
            around.assumed.account = desired;
        } else {
            around.invoice_owner = link;
        }
        decision.outlook.first.push((other, Box::new(would)));
    }
    for (product, price) in deal.products() {
        if around.is_ready(&product, &deal.currency) {
            continue;
        }
        let other = product_key(key, &product);
        let mut marks = wanted.clone();
        marks.insert(format!("{}{}", mark::PRICE, deal.currency), price.to_string());
        let marked = marked(scene, &other, &marks).await?;
        let would = product::decide(engine, &other, &marked, true).await?;
        problems.extend(would.state.problems.clone());
        let created = would.steps.iter().find_map(|step| match &step.action {
            Action::CreateCharge { desired, .. } => Some(planned_charge(desired)),
            _ => None,
        });
        let mut link = would.state.catalog().cloned().unwrap_or_default();
        if let Some(charge) = created {
            around.assumed.products.push(product.clone());
            link = CatalogLink {
                plan: Some("new".into()),
                charges: vec![charge],
                ours: true,
                external_id: true,
                product: None,
            };
        }
        if link.is_complete() {
            around.catalog.insert(product.clone(), link);
        }
        decision.outlook.first.push((other, Box::new(would)));
    }
    if problems.is_empty() {
        // A look-up that found something only links it: nothing of it happens first.
        decision.outlook.first.retain(|(_, would)| !would.steps.is_empty());
    }
    Ok(problems)
}

/// An object as it would be if somebody had left these marks.
async fn marked(
    scene: &Scene<'_>,
    key: &StateKey,
    marks: &BTreeMap<String, String>,
) -> Result<Stored, PortError> {
    let mut stored = scene.engine.states.read(key).await?.unwrap_or_default();
    stored.marks.extend(marks.clone());
    Ok(stored)
}

/// The account that would be made.
fn stand_in(desired: &DesiredAccount) -> AccountLink {
    AccountLink {
        id: "new".into(),
        number: desired.number.clone().unwrap_or_else(|| "new".into()),
        currency: Some(desired.currency.clone()),
        bill_to: None,
        sold_to: None,
    }
}

/// The charge that would be made.
fn planned_charge(desired: &DesiredProduct) -> CatalogCharge {
    CatalogCharge {
        id: "new".into(),
        model: model_of(desired),
        charge_type: if desired.period.is_some() { ChargeType::Recurring } else { ChargeType::OneTime },
        period: desired.period,
        prices: desired.prices.clone(),
        tiers: desired.tiers.clone(),
        default_discount: false,
    }
}

/// The first product whose remembered plan does not fit the deal.
pub(super) fn doubtful_plan(key: &StateKey, deal: &CheckedDeal, around: &Around) -> Option<StateKey> {
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
pub(super) fn wait_for_others(
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
        if !around.is_ready(&product, &deal.currency) {
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
