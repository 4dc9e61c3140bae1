//! Associations between records. Each is kept from both sides, with the type ids of that side.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::events::{AssociationEvent, Cause};
use crate::kind::Kind;
use crate::labels::{AssociationType, AssociationTypes, USER};
use crate::state::State;

/// A record by object type and id.
pub(crate) type Key = (Kind, String);

/// All associations: from, to, type ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    all: BTreeMap<(Key, Key), BTreeSet<u32>>,
}

impl Links {
    /// What a record is associated with, of one object type, in the order of ids.
    pub(crate) fn of(&self, from: &Key, to: Kind) -> Vec<(String, &BTreeSet<u32>)> {
        let mut found: Vec<_> = self
            .all
            .range((from.clone(), (to, String::new()))..)
            .take_while(|((own, (kind, _)), _)| own == from && *kind == to)
            .map(|((_, (_, id)), types)| (id.clone(), types))
            .collect();
        found.sort_by_key(|(id, _)| (id.len(), id.clone()));
        found
    }

    /// Everything a record is associated with.
    pub(crate) fn all_of(&self, from: &Key) -> Vec<Key> {
        self.all.keys().filter(|(own, _)| own == from).map(|(_, to)| to.clone()).collect()
    }

    /// The types of one pair.
    pub(crate) fn types(&self, from: &Key, to: &Key) -> BTreeSet<u32> {
        self.all.get(&(from.clone(), to.clone())).cloned().unwrap_or_default()
    }

    fn set(&mut self, from: &Key, to: &Key, types: BTreeSet<u32>) {
        let key = (from.clone(), to.clone());
        if types.is_empty() {
            self.all.remove(&key);
        } else {
            self.all.insert(key, types);
        }
    }

    /// For `GET /_sim/state`.
    pub(crate) fn dump(&self, known: &AssociationTypes) -> Vec<Value> {
        self.all
            .iter()
            .map(|((from, to), types)| {
                let types: Vec<Value> = types
                    .iter()
                    .filter_map(|id| known.find(from.0, to.0, *id))
                    .map(AssociationType::as_value)
                    .collect();
                json!({"from": [from.0.plural(), from.1], "to": [to.0.plural(), to.1], "types": types})
            })
            .collect()
    }
}

impl State {
    /// Adds association types to a pair, the plain one included. Adding a primary takes it from any other record.
    pub(crate) fn link(&mut self, from: &Key, to: &Key, type_ids: &[u32], cause: &Cause) {
        let mut wanted: Vec<AssociationType> =
            type_ids.iter().filter_map(|id| self.types.find(from.0, to.0, *id)).cloned().collect();
        if let Some(plain) = self.types.plain(from.0, to.0) {
            wanted.insert(0, plain.clone());
        }
        for kind in wanted {
            if self.links.types(from, to).contains(&kind.type_id) {
                continue;
            }
            if kind.is_primary() {
                self.drop_primary(from, to, kind.type_id, cause);
            }
            self.change_type(from, to, &kind, false, cause);
        }
        self.associations_changed(from, to, cause);
    }

    /// A record has one primary company: whichever side is not the company loses its present one.
    fn drop_primary(&mut self, from: &Key, to: &Key, type_id: u32, cause: &Cause) {
        let (owner, other, type_id) = if to.0 == Kind::Company {
            (from, to, type_id)
        } else {
            let inverse = self.types.find(from.0, to.0, type_id).map_or(type_id, |kind| kind.inverse);
            (to, from, inverse)
        };
        let present: Vec<Key> = self
            .links
            .of(owner, other.0)
            .into_iter()
            .filter(|(_, types)| types.contains(&type_id))
            .map(|(id, _)| (other.0, id))
            .collect();
        let Some(kind) = self.types.find(owner.0, other.0, type_id).cloned() else { return };
        for company in present {
            self.change_type(owner, &company, &kind, true, cause);
        }
    }

    /// Ends the association of a pair with all its labels.
    pub(crate) fn unlink(&mut self, from: &Key, to: &Key, cause: &Cause) {
        let types: Vec<u32> = self.links.types(from, to).into_iter().collect();
        self.unlabel(from, to, &types, cause);
    }

    /// Takes single types from a pair; taking the plain one takes them all.
    pub(crate) fn unlabel(&mut self, from: &Key, to: &Key, type_ids: &[u32], cause: &Cause) {
        let plain = self.types.plain(from.0, to.0).map(|kind| kind.type_id);
        let present = self.links.types(from, to);
        let all = plain.is_some_and(|plain| type_ids.contains(&plain));
        for type_id in present.into_iter().filter(|id| all || type_ids.contains(id)) {
            if let Some(kind) = self.types.find(from.0, to.0, type_id).cloned() {
                self.change_type(from, to, &kind, true, cause);
            }
        }
        self.associations_changed(from, to, cause);
    }

    /// Takes the portal's labels from a pair, those named excepted: what a labelled write does first.
    pub(crate) fn keep_only_labels(&mut self, from: &Key, to: &Key, keep: &[u32], cause: &Cause) {
        let lost: Vec<u32> = self
            .links
            .types(from, to)
            .into_iter()
            .filter(|id| !keep.contains(id))
            .filter(|id| {
                self.types.find(from.0, to.0, *id).is_some_and(|kind| {
                    kind.category == USER || kind.label.as_deref() == Some("Billing contact")
                })
            })
            .collect();
        self.unlabel(from, to, &lost, cause);
    }

    fn change_type(&mut self, from: &Key, to: &Key, kind: &AssociationType, removed: bool, cause: &Cause) {
        let mut there = self.links.types(from, to);
        let mut back = self.links.types(to, from);
        if removed {
            there.remove(&kind.type_id);
            back.remove(&kind.inverse);
        } else {
            there.insert(kind.type_id);
            back.insert(kind.inverse);
        }
        self.links.set(from, to, there);
        self.links.set(to, from, back);
        self.report_type(from, to, kind, removed, cause);
    }

    /// Reports the associations of a record that goes or comes back; they themselves stay as they are.
    pub(crate) fn report_all(&mut self, from: &Key, removed: bool, cause: &Cause) {
        for to in self.links.all_of(from) {
            for type_id in self.links.types(from, &to) {
                if let Some(kind) = self.types.find(from.0, to.0, type_id).cloned() {
                    self.report_type(from, &to, &kind, removed, cause);
                }
            }
        }
    }

    /// Raises the events of one association type of a pair, one from each side.
    fn report_type(&mut self, from: &Key, to: &Key, kind: &AssociationType, removed: bool, cause: &Cause) {
        let reported = kind.is_plain() || kind.is_primary() || self.switches.label_events;
        if !reported {
            return;
        }
        let change = AssociationEvent {
            from: (from.0, &from.1),
            to: (to.0, &to.1),
            type_id: kind.type_id,
            category: kind.category,
            primary: kind.is_primary(),
            removed,
        };
        self.raise_association(&change, cause);
        if from == to {
            return;
        }
        let back = AssociationEvent { from: change.to, to: change.from, type_id: kind.inverse, ..change };
        self.raise_association(&back, cause);
    }

    /// Moves every association of one record to another (merge); types of both are united.
    pub(crate) fn move_links(&mut self, from: &Key, to: &Key) {
        for other in self.links.all_of(from) {
            let (there, back) = (self.links.types(from, &other), self.links.types(&other, from));
            self.links.set(from, &other, BTreeSet::new());
            self.links.set(&other, from, BTreeSet::new());
            if other == *to {
                continue;
            }
            let there: BTreeSet<u32> = there.union(&self.links.types(to, &other)).copied().collect();
            let back: BTreeSet<u32> = back.union(&self.links.types(&other, to)).copied().collect();
            self.links.set(to, &other, there);
            self.links.set(&other, to, back);
        }
    }

    /// The records of one type that a living record is associated with, archived ones left out.
    pub(crate) fn associated(&self, from: &Key, to: Kind) -> Vec<(String, BTreeSet<u32>)> {
        if self.living(from.0, &from.1).is_none() {
            return Vec::new();
        }
        self.links
            .of(from, to)
            .into_iter()
            .filter(|(id, _)| self.living(to, id).is_some())
            .map(|(id, types)| (id, types.clone()))
            .collect()
    }
}
