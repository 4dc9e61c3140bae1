//! How a record stands by the connector's own state alone, in short: for the command line. No call goes out.

use crate::Engine;
use connector_domain::object::StateKey;
use connector_domain::problem::Problem;
use connector_domain::state::SyncStatus;
use connector_ports::PortError;
use jiff::Timestamp;
use serde::Serialize;

/// A problem, ready to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BriefProblem {
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

impl From<&Problem> for BriefProblem {
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
pub struct BriefAccount {
    /// Account number.
    pub number: String,
    /// Currency, when known.
    pub currency: Option<String>,
}

/// The subscription of a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BriefSubscription {
    /// Subscription number.
    pub number: String,
    /// Latest order of the deal.
    pub order_number: String,
    /// Status as Zuora said it last.
    pub status: Option<String>,
}

/// How a record stands. Nothing here is personal data; all comes from the connector's own state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Brief {
    /// `company` or `deal`.
    pub object: &'static str,
    /// Record id.
    pub id: String,
    /// `in_sync`, `pending`, `needs_attention` or `not_linked`.
    pub status: SyncStatus,
    /// Time of the last effective change.
    pub last_synced_at: Option<Timestamp>,
    /// The account of the company, or of the deal's subscription.
    pub account: Option<BriefAccount>,
    /// The deal's subscription.
    pub subscription: Option<BriefSubscription>,
    /// What a person must mend.
    pub problems: Vec<BriefProblem>,
    /// HubSpot refused what the connector wanted to write on the record.
    pub write_back_problem: Option<BriefProblem>,
    /// What was adapted, and what it waits for.
    pub notices: Vec<String>,
    /// What it waits for.
    pub waits_on: Option<String>,
}

/// How a record stands, from its state.
pub async fn brief(engine: &Engine, key: &StateKey) -> Result<Brief, PortError> {
    let stored = engine.states.read(key).await?.unwrap_or_default();
    let state = &stored.state;
    let subscription = state.subscription().map(|link| BriefSubscription {
        number: link.subscription.to_string(),
        order_number: link.order.to_string(),
        status: link.status.clone(),
    });
    let account = state
        .account()
        .map(|link| BriefAccount {
            number: link.number.to_string(),
            currency: link.currency.as_ref().map(ToString::to_string),
        })
        .or_else(|| {
            let number = state.subscription().map(|link| link.account.to_string())?;
            Some(BriefAccount { number, currency: None })
        });
    Ok(Brief {
        object: key.object.kind.as_str(),
        id: key.object.id.to_string(),
        status: state.status,
        last_synced_at: state.changed_at,
        account,
        subscription,
        problems: state.problems.iter().map(BriefProblem::from).collect(),
        write_back_problem: state.write_back_problem.as_ref().map(BriefProblem::from),
        notices: state.notices.clone(),
        waits_on: stored.waits_on.map(|key| key.object.to_string()),
    })
}
