//! The sellers' side: how a record stands, and the button that asks for a sync.

use crate::Engine;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey, Tickle, TickleReason};
use connector_domain::problem::Problem;
use connector_domain::state::{SyncStatus, mark};
use connector_ports::PortError;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a button asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonScope {
    /// The record alone ("Sync Company and Contacts Only", "Sync Deal").
    RecordOnly,
    /// A company with its deals ("Sync Company with Deals").
    WithDeals,
}

/// A problem, ready to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CardProblem {
    /// Code with a page in the documentation.
    pub code: &'static str,
    /// What is wrong.
    pub title: &'static str,
    /// Which record and property.
    pub field: Option<String>,
    /// The particulars.
    pub detail: String,
    /// What to do.
    pub fix: &'static str,
}

impl From<&Problem> for CardProblem {
    fn from(problem: &Problem) -> Self {
        Self {
            code: problem.code.code(),
            title: problem.code.title(),
            field: problem.field.clone(),
            detail: problem.detail.clone(),
            fix: problem.code.fix(),
        }
    }
}

/// The account behind a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CardAccount {
    /// Account number.
    pub number: String,
    /// Currency, when known.
    pub currency: Option<String>,
    /// Opens the account in Zuora; none when the id is not known.
    pub url: Option<String>,
}

/// The subscription of a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CardSubscription {
    /// Subscription number.
    pub number: String,
    /// Latest order of the deal.
    pub order_number: String,
    /// Status as Zuora said it last.
    pub status: Option<String>,
    /// Opens the subscription in Zuora.
    pub url: Option<String>,
}

/// How a record stands. Nothing here is personal data; all comes from the connector's own state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CardView {
    /// `company` or `deal`.
    pub object: &'static str,
    /// Record id.
    pub id: String,
    /// `in_sync`, `pending`, `needs_attention` or `not_linked`.
    pub status: SyncStatus,
    /// Time of the last effective change.
    pub last_synced_at: Option<Timestamp>,
    /// The account of the company, or of the deal's subscription.
    pub account: Option<CardAccount>,
    /// The deal's subscription.
    pub subscription: Option<CardSubscription>,
    /// What a person must mend.
    pub problems: Vec<CardProblem>,
    /// HubSpot refused what the connector wanted to write on the record.
    pub write_back_problem: Option<CardProblem>,
    /// What was adapted, and what it waits for.
    pub notices: Vec<String>,
    /// What it waits for.
    pub waits_on: Option<String>,
}

/// Builds the view of a company or deal from its state. `ui` is the base of Zuora's own pages.
pub async fn view(engine: &Engine, key: &StateKey, ui: Option<&str>) -> Result<CardView, PortError> {
    let stored = engine.states.read(key).await?.unwrap_or_default();
    let state = &stored.state;
    let ui = ui.map(|base| base.trim_end_matches('/'));
    let subscription = state.subscription().map(|link| CardSubscription {
        number: link.subscription.to_string(),
        order_number: link.order.to_string(),
        status: link.status.clone(),
        url: ui.map(|ui| {
            format!(
                "{ui}/platform/apps/search?searchTerm={}&searchObjectType=subscription",
                link.subscription
            )
        }),
    });
    let account = state
        .account()
        .map(|link| CardAccount {
            number: link.number.to_string(),
            currency: link.currency.as_ref().map(ToString::to_string),
            url: ui.map(|ui| format!("{ui}/apps/CustomerAccount.do?method=view&id={}", link.id)),
        })
        .or_else(|| {
            let number = state.subscription().map(|link| link.account.to_string())?;
            Some(CardAccount { number, currency: None, url: None })
        });
    Ok(CardView {
        object: key.object.kind.as_str(),
        id: key.object.id.to_string(),
        status: state.status,
        last_synced_at: state.changed_at,
        account,
        subscription,
        problems: state.problems.iter().map(CardProblem::from).collect(),
        write_back_problem: state.write_back_problem.as_ref().map(CardProblem::from),
        notices: state.notices.clone(),
        waits_on: stored.waits_on.map(|key| key.object.to_string()),
    })
}

/// Asks for a sync as a person: leaves word that the record is wanted, and rings it. Asking twice is harmless.
/// Answers whom it rang.
pub async fn press(
    engine: &Engine,
    key: &StateKey,
    scope: ButtonScope,
    actor: Option<String>,
    correlation: &str,
) -> Result<Vec<StateKey>, PortError> {
    let now = engine.clock.now();
    let mut keys = vec![key.clone()];
    if scope == ButtonScope::WithDeals && key.object.kind == ObjectKind::Company {
        let deals = engine.crm.deals_of_company(&key.object.id).await?;
        keys.extend(
            deals.into_iter().map(|id| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Deal, id))),
        );
    }
    let who = actor.clone().unwrap_or_else(|| "button".to_owned());
    let tickles: Vec<Tickle> = keys
        .iter()
        .map(|key| Tickle {
            portal: key.portal,
            object: key.object.clone(),
            reason: TickleReason::Button,
            actor: actor.clone(),
            correlation: Some(correlation.to_owned()),
            received_at: now,
        })
        .collect();
    for key in &keys {
        engine.states.mark(key, &BTreeMap::from([(mark::WANTED.to_owned(), who.clone())])).await?;
    }
    engine.tickles.send(&tickles).await?;
    Ok(keys)
}
