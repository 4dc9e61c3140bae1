//! The state of one portal: records with their history, association types, pipelines, events to deliver.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::clock::iso;
use crate::config::{Config, Switches};
use crate::definitions::{self, Definitions};
use crate::events::Outgoing;
use crate::kind::Kind;
use crate::labels::AssociationTypes;
use crate::links::Links;
use crate::pipelines;

/// Id of the portal's only owner.
pub(crate) const OWNER_ID: &str = "88201";

/// One value that a property had.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) value: String,
    pub(crate) at: Timestamp,
    pub(crate) source: &'static str,
    pub(crate) source_id: String,
}

impl Version {
    /// As `propertiesWithHistory` answers it.
    pub(crate) fn as_value(&self) -> Value {
        let mut version = json!({
            "value": self.value, "timestamp": iso(self.at), "sourceType": self.source, "sourceId": self.source_id,
        });
        if let Some(user) = self.source_id.strip_prefix("userId:").and_then(|id| id.parse::<u32>().ok()) {
            version["updatedByUserId"] = json!(user);
        }
        version
    }
}

/// One record of the CRM.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// Filled properties only.
    pub(crate) properties: BTreeMap<String, String>,
    /// Oldest first.
    pub(crate) history: BTreeMap<String, Vec<Version>>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) archived_at: Option<Timestamp>,
}

impl Record {
    /// Whether the record was archived.
    pub(crate) fn is_archived(&self) -> bool {
        self.archived_at.is_some()
    }

    /// The value of a property; empty counts as absent.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The record as it was at `then`, or `None` if it did not exist (or was archived) then.
    pub(crate) fn as_of(&self, then: Timestamp) -> Option<Record> {
        if self.created > then || self.archived_at.is_some_and(|at| at <= then) {
            return None;
        }
        let mut past = self.clone();
        past.archived_at = None;
        let mut last = self.created;
        for (name, versions) in &self.history {
            match versions.iter().rev().find(|version| version.at <= then) {
                Some(version) if !version.value.is_empty() => {
                    last = last.max(version.at);
                    past.properties.insert(name.clone(), version.value.clone());
                }
                Some(version) => {
                    last = last.max(version.at);
                    past.properties.remove(name);
                }
                None => {
                    past.properties.remove(name);
                }
            }
        }
        past.updated = last;
        past.properties.insert(self.kind.modified_property().to_owned(), iso(last));
        Some(past)
    }
}

/// Everything one portal holds.
pub(crate) struct State {
    pub(crate) config: Arc<Config>,
    pub(crate) switches: Switches,
    pub(crate) records: BTreeMap<(Kind, String), Record>,
    /// Ids of records that were merged away, to the survivor's id.
    pub(crate) aliases: BTreeMap<(Kind, String), String>,
    pub(crate) definitions: BTreeMap<Kind, Definitions>,
    pub(crate) types: AssociationTypes,
    pub(crate) links: Links,
    pub(crate) pipelines: Vec<Value>,
    pub(crate) outbox: VecDeque<Outgoing>,
    pub(crate) subscription_ids: BTreeMap<String, u64>,
    pub(crate) next_event_id: u64,
    pub(crate) next_id: u64,
    pub(crate) next_trace: u64,
}

impl State {
    /// A portal without records.
    pub(crate) fn new(config: Arc<Config>, now: Timestamp) -> State {
        let mut state = State {
            switches: config.switches.clone(),
            records: BTreeMap::new(),
            aliases: BTreeMap::new(),
            definitions: definitions::seeded(
                &config.currencies(),
                OWNER_ID,
                config.with_write_back_properties,
                config.with_billing_properties,
            ),
            types: AssociationTypes::seeded(config.with_labels, config.first_label_type_id),
            links: Links::default(),
            pipelines: pipelines::seeded(now),
            outbox: VecDeque::new(),
            subscription_ids: BTreeMap::new(),
            next_event_id: 4_101_286_120,
            next_id: config.first_record_id,
            next_trace: 0,
            config,
        };
        state.offer_stages();
        state
    }

    /// The id that a record has now: merged ids lead to their survivor.
    pub(crate) fn resolve(&self, kind: Kind, id: &str) -> String {
        let mut id = id.to_owned();
        while let Some(next) = self.aliases.get(&(kind, id.clone())) {
            id.clone_from(next);
        }
        id
    }

    /// The record that an id leads to, archived ones included.
    pub(crate) fn record(&self, kind: Kind, id: &str) -> Option<&Record> {
        self.records.get(&(kind, self.resolve(kind, id)))
    }

    /// The living record that an id leads to.
    pub(crate) fn living(&self, kind: Kind, id: &str) -> Option<&Record> {
        self.record(kind, id).filter(|record| !record.is_archived())
    }

    /// The id of the living record that has this unique value.
    pub(crate) fn find_by(&self, kind: Kind, property: &str, value: &str) -> Option<String> {
        self.of(kind)
            .find(|record| {
                !record.is_archived()
                    && record.value(property).is_some_and(|found| found.eq_ignore_ascii_case(value))
            })
            .map(|record| record.id.clone())
    }

    /// All records of an object type, in the order of their ids.
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        let mut found: Vec<&Record> = self
            .records
            .range((kind, String::new())..)
            .take_while(|((own, _), _)| *own == kind)
            .map(|(_, record)| record)
            .collect();
        found.sort_by_key(|record| (record.id.len(), record.id.clone()));
        found.into_iter()
    }

    /// The definitions of an object type.
    pub(crate) fn defined(&self, kind: Kind) -> &Definitions {
        static NONE: Definitions = Definitions { properties: BTreeMap::new(), groups: BTreeMap::new() };
        self.definitions.get(&kind).unwrap_or(&NONE)
    }

    /// A fresh record id.
    pub(crate) fn new_id(&mut self) -> String {
        loop {
            let id = self.next_id.to_string();
            self.next_id += 1;
            if Kind::ALL.into_iter().all(|kind| !self.records.contains_key(&(kind, id.clone()))) {
                return id;
            }
        }
    }

    /// A fresh correlation id, shaped like a UUID.
    pub(crate) fn correlation_id(&mut self) -> String {
        self.next_trace += 1;
        format!("c0331a7e-0000-4000-8000-{:012x}", self.next_trace)
    }

    /// Everything, for `GET /_sim/state` and for looking at failures.
    pub(crate) fn dump(&self) -> Value {
        let mut objects = Map::new();
        for kind in Kind::ALL {
            let records: Map<String, Value> = self
                .of(kind)
                .map(|record| {
                    let shown = json!({"properties": record.properties, "archived": record.is_archived()});
                    (record.id.clone(), shown)
                })
                .collect();
            objects.insert(kind.plural().to_owned(), Value::Object(records));
        }
        json!({
            "objects": objects,
            "associations": self.links.dump(&self.types),
            "pendingEvents": self.outbox.iter().map(|outgoing| &outgoing.event).collect::<Vec<_>>(),
            "switches": self.switches,
        })
    }
}

impl State {
    /// Makes the stages of all pipelines valid values of deals.
    pub(crate) fn offer_stages(&mut self) {
        let stages: Vec<Value> = self
            .pipelines
            .iter()
            .filter_map(|pipeline| pipeline["stages"].as_array())
            .flatten()
            .cloned()
            .collect();
        let pipelines = self.pipelines.clone();
        if let Some(defined) = self.definitions.get_mut(&Kind::Deal) {
            for (name, entries) in [("dealstage", stages), ("pipeline", pipelines)] {
                let options = entries.iter().enumerate().map(|(at, entry)| {
                    json!({"label": entry["label"], "value": entry["id"], "displayOrder": at, "hidden": false})
                });
                if let Some(definition) = defined.properties.get_mut(name) {
                    definition["options"] = options.collect();
                }
            }
        }
    }
}
