//! Looks at both sides and makes what is missing, one thing after the other: a portal takes definitions in their
//! order only, and a person reads the outcome.

use super::compare::{Found, Item, Make, Standing, Unread, compare, kinds, objects};
use super::wishes::{GROUP, GROUP_LABEL, Wishes};
use super::{Sides, rights};
use connector_ports::PortError;
use connector_ports::installation::{BillingInstallation, CrmInstallation, LabelPair};

/// What became of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was to be done.
    Left,
    /// It would be made (`--dry-run`).
    Planned,
    /// It was made.
    Made,
    /// A person must make it.
    ByHand,
    /// The vendor did not make it.
    Refused {
        /// The vendor's words.
        why: String,
        /// The right that is missing and where to grant it, or what else to do.
        fix: String,
    },
}

/// A thing with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The thing.
    pub item: Item,
    /// What became of it.
    pub outcome: Outcome,
}

/// What is left after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Things that are there and fit, those made just now not among them.
    pub there: usize,
    /// Things that were made, or would be.
    pub changes: usize,
    /// Things that a person must make or mend, without those that the sync does not need.
    pub by_hand: usize,
    /// Things that were refused or could not be read.
    pub failed: usize,
}

/// Counts.
pub fn tally(steps: &[Step]) -> Tally {
    let mut tally = Tally::default();
    for Step { item, outcome } in steps {
        match (&item.standing, outcome) {
            (_, Outcome::Refused { .. }) => tally.failed += 1,
            (_, Outcome::Made | Outcome::Planned) => tally.changes += 1,
            (Standing::There, _) => tally.there += 1,
            (Standing::NotRead(_), _) if item.needed => tally.failed += 1,
            (Standing::Unfit { severe: true, .. }, _) => tally.by_hand += 1,
            (Standing::Missing, Outcome::ByHand) if item.needed => tally.by_hand += 1,
            (Standing::Missing | Standing::NotRead(_) | Standing::Unfit { .. }, _) => {}
        }
    }
    tally
}

/// Reads both sides and compares them with the wishes. Nothing is changed.
pub async fn inspect(sides: Sides<'_>, wishes: &Wishes) -> Vec<Item> {
    let mut found = Found::default();
    read_crm(sides.crm, wishes, &mut found).await;
    read_billing(sides.billing, wishes, &mut found).await;
    compare(wishes, &found)
}

async fn read_crm(crm: &dyn CrmInstallation, wishes: &Wishes, found: &mut Found) {
    let unread = |error: PortError, scope: &str| Unread {
        why: error.to_string(),
        fix: rights::hubspot_fix(&error, scope),
        refused: rights::is_definite(&error),
    };
    for kind in kinds(wishes) {
        let scope = rights::to_read_definitions(kind);
        found.groups.insert(kind, crm.groups(kind).await.map_err(|error| unread(error, scope)));
        found.properties.insert(kind, crm.properties(kind).await.map_err(|error| unread(error, scope)));
    }
    for pair in LabelPair::ALL {
        let labels = crm.labels(pair).await;
        found.labels.insert(pair, labels.map_err(|error| unread(error, rights::TO_LABEL)));
    }
}

async fn read_billing(billing: &dyn BillingInstallation, wishes: &Wishes, found: &mut Found) {
    for object in objects(wishes) {
        let fields = billing.fields(object).await.map_err(|error| Unread {
            why: error.to_string(),
            fix: rights::zuora_fix(&error),
            refused: rights::is_definite(&error),
        });
        found.fields.insert(object, fields);
    }
}

/// What a run would do.
pub fn plan(items: Vec<Item>) -> Vec<Step> {
    let step = |item: Item| {
        let outcome = match (&item.standing, &item.make) {
            (Standing::Missing, Make::ByHand(_)) => Outcome::ByHand,
            (Standing::Missing, Make::Group(_) | Make::Property(..) | Make::Label(..)) => Outcome::Planned,
            (Standing::There | Standing::Unfit { .. } | Standing::NotRead(_), _) => Outcome::Left,
        };
        Step { item, outcome }
    };
    items.into_iter().map(step).collect()
}

/// Makes what is planned; a refusal does not keep the others from being made.
pub async fn carry_out(crm: &dyn CrmInstallation, steps: Vec<Step>) -> Vec<Step> {
    let mut done = Vec::with_capacity(steps.len());
    for Step { item, outcome } in steps {
        let outcome = match outcome {
            Outcome::Planned => make(crm, &item).await,
            Outcome::Left | Outcome::Made | Outcome::ByHand | Outcome::Refused { .. } => outcome,
        };
        done.push(Step { item, outcome });
    }
    done
}

async fn make(crm: &dyn CrmInstallation, item: &Item) -> Outcome {
    let (made, scope) = match &item.make {
        Make::Group(kind) => (crm.create_group(*kind, GROUP, GROUP_LABEL).await, rights::to_define(*kind)),
        Make::Property(kind, wish) => (crm.create_property(*kind, wish).await, rights::to_define(*kind)),
        Make::Label(pair, wish) => (crm.create_label(*pair, wish).await, rights::TO_LABEL),
        Make::ByHand(_) => return Outcome::ByHand,
    };
    match made {
        Ok(()) => Outcome::Made,
        Err(error) if is_there_now(crm, item, &error).await => Outcome::Made,
        Err(error) => Outcome::Refused { why: error.to_string(), fix: rights::hubspot_fix(&error, scope) },
    }
}

/// After "it exists already" (somebody else runs this too) and after a lost answer, one look tells.
async fn is_there_now(crm: &dyn CrmInstallation, item: &Item, error: &PortError) -> bool {
    if rights::is_refused(error) {
        return false;
    }
    match &item.make {
        Make::Group(kind) => crm.groups(*kind).await.is_ok_and(|groups| groups.contains(GROUP)),
        Make::Property(kind, wish) => {
            crm.properties(*kind).await.is_ok_and(|all| all.iter().any(|p| p.name == wish.name))
        }
        Make::Label(pair, wish) => crm.labels(*pair).await.is_ok_and(|all| all.contains(&wish.text)),
        Make::ByHand(_) => false,
    }
}

/// What to tell a person about a step besides its name: how it stands, and what to do. Empty for what is well.
pub fn words(step: &Step) -> (String, String) {
    let Item { standing, make, side, .. } = &step.item;
    match (&step.outcome, standing, make) {
        (Outcome::Refused { why, fix }, _, _) => (why.clone(), fix.clone()),
        (_, Standing::Unfit { what, fix, .. }, _) => (what.clone(), fix.clone()),
        (_, Standing::NotRead(unread), _) => (unread.why.clone(), unread.fix.clone()),
        (Outcome::ByHand, _, Make::ByHand(instruction)) => {
            (format!("{} has no API for it.", side.as_str()), instruction.clone())
        }
        (Outcome::Left | Outcome::Planned | Outcome::Made | Outcome::ByHand, _, _) => {
            (String::new(), String::new())
        }
    }
}
