//! What a reconciler decided after gathering, mapping and planning: a value, without effects.

use connector_domain::object::StateKey;
use connector_domain::plan::Action;
use connector_domain::problem::Problem;
use connector_domain::state::{ObjectState, SyncStatus, Then, mark};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// How much a look reads and asks, beyond what is needed to notice a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// What stored facts cannot save.
    Usual,
    /// Its time is over and nobody rang: ask others again, a ring may be lost.
    AskAgain,
    /// A person asked: read everything, ask everybody.
    Everything,
}

/// One write and what it makes true.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The write.
    pub action: Action,
    /// What is remembered when it is done.
    pub then: Option<Then>,
}

/// Another object to look at, with facts to leave there first.
#[derive(Debug, Clone, PartialEq)]
pub struct Ring {
    /// The object.
    pub key: StateKey,
    /// Marks to set before it is rung.
    pub marks: BTreeMap<String, String>,
}

impl Ring {
    /// Asks for an object.
    pub fn wanted(key: StateKey, by: &StateKey) -> Self {
        Self { key, marks: BTreeMap::from([(mark::WANTED.to_owned(), by.object.to_string())]) }
    }
}

/// The whole decision about one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The state after this look, before the steps.
    pub state: ObjectState,
    /// Writes to Zuora, in order.
    pub steps: Vec<Step>,
    /// Name of the account lock that the steps need.
    pub lock: Option<String>,
    /// What the object waits for.
    pub waits_on: Option<StateKey>,
    /// Look again after this time even if nobody rings.
    pub due_in: Option<SignedDuration>,
    /// Objects to ring.
    pub rings: Vec<Ring>,
    /// The record does not exist in HubSpot, so nothing is written back.
    pub silent: bool,
    /// Contacts that are bill-to or sold-to now and must find their way back here.
    pub parties: Vec<StateKey>,
}

impl Decision {
    /// Starts from the remembered state, with a clean outcome.
    pub fn from(state: &ObjectState) -> Self {
        let mut state = state.clone();
        state.problems.clear();
        state.notices.clear();
        state.complete = true;
        Self {
            state,
            steps: Vec::new(),
            lock: None,
            waits_on: None,
            due_in: None,
            rings: Vec::new(),
            silent: false,
            parties: Vec::new(),
        }
    }

    /// The outcome when nothing more is to do.
    #[must_use]
    pub fn status(mut self, status: SyncStatus) -> Self {
        self.state.status = status;
        self
    }

    /// Parks the object with all its problems.
    #[must_use]
    pub fn parked(mut self, problems: Vec<Problem>) -> Self {
        self.state.status = SyncStatus::NeedsAttention;
        self.state.problems = problems;
        self
    }

    /// Adds something worth saying.
    #[must_use]
    pub fn notice(mut self, text: impl Into<String>) -> Self {
        self.state.notices.push(text.into());
        self
    }

    /// Waits for another object; looks again by itself in case the ring is lost.
    #[must_use]
    pub fn waiting(mut self, on: StateKey, fallback: SignedDuration) -> Self {
        self.state.status = SyncStatus::Pending;
        self.state.complete = false;
        self.waits_on = Some(on);
        self.due_in = Some(fallback);
        self
    }
}
