//! What a reconciler decided after gathering, mapping and planning: a value, without effects.

use connector_domain::object::StateKey;
use connector_domain::plan::Action;
use connector_domain::problem::Problem;
use connector_domain::state::{ObjectState, SyncStatus, Then, mark};
use connector_ports::billing::Previewed;
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
    /// A person asks what would happen: nothing is written or rung. A deal counts as won, and who is not ready
    /// counts as what it would become.
    Preview,
}

impl Effort {
    /// A person asked, for a sync or for a preview.
    pub fn is_by_person(self) -> bool {
        match self {
            Effort::Everything | Effort::Preview => true,
            Effort::Usual | Effort::AskAgain => false,
        }
    }
}

/// What a preview says besides the plan itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outlook {
    /// The deal is not won; this is what would happen if it were.
    pub if_won: bool,
    /// What would happen first to others: accounts and products that do not exist yet.
    pub first: Vec<(StateKey, Box<Decision>)>,
    /// Figures and first invoices by Zuora.
    pub previewed: Option<Previewed>,
    /// Why there are no invoices.
    pub no_invoices: Option<String>,
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
    /// For previews only.
    pub outlook: Outlook,
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
            outlook: Outlook::default(),
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
