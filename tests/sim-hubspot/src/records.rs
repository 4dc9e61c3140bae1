//! Changes of records: creation, property writes, archiving, restoring, merging, privacy deletion.

use std::collections::BTreeMap;

use crate::clock::iso;
use crate::events::{Cause, number};
use crate::kind::Kind;
use crate::links::Key;
use crate::state::{Record, State, Version};
use crate::values::normalised;
use serde_json::json;

/// Property values to write; an empty one clears.
pub(crate) type Changes = Vec<(String, String)>;

impl State {
    /// Creates a record, under a given id or a fresh one, and answers its id.
    pub(crate) fn create(&mut self, kind: Kind, id: Option<&str>, changes: Changes, cause: &Cause) -> String {
        let id = id.map_or_else(|| self.new_id(), str::to_owned);
        let mut properties = BTreeMap::new();
        properties.insert("hs_object_id".to_owned(), id.clone());
        properties.insert("createdate".to_owned(), iso(cause.now));
        properties.insert(kind.modified_property().to_owned(), iso(cause.now));
        let record = Record {
            id: id.clone(),
            kind,
            properties,
            history: BTreeMap::new(),
            created: cause.now,
            updated: cause.now,
            archived_at: None,
        };
        self.records.insert((kind, id.clone()), record);
        self.raise("creation", kind, &id, cause, json!({}));
        let mut changes = changes;
        if kind == Kind::Deal {
            self.complete_deal(&mut changes);
        }
        if kind == Kind::LineItem {
            self.copy_product(&mut changes);
        }
        self.write(kind, &id, changes, cause);
        self.recalculate(kind, &id, cause);
        id
    }

    /// A new deal gets the pipeline of its stage, or the default ones.
    fn complete_deal(&self, changes: &mut Changes) {
        let value = |name: &str| {
            changes
                .iter()
                .find(|(own, value)| own == name && !value.is_empty())
                .map(|(_, value)| value.clone())
        };
        let (own_stage, own_pipeline) = (value("dealstage"), value("pipeline"));
        let stage = own_stage.clone().unwrap_or_else(|| "appointmentscheduled".to_owned());
        if own_pipeline.is_none() {
            let pipeline = crate::pipelines::meaning(&self.pipelines, Some("default"), &stage)
                .map_or_else(|| "default".to_owned(), |meaning| meaning.pipeline);
            changes.push(("pipeline".to_owned(), pipeline));
        }
        if own_stage.is_none() {
            changes.push(("dealstage".to_owned(), stage));
        }
    }

    /// A line item made from a product starts with copies of the product's values.
    fn copy_product(&self, changes: &mut Changes) {
        let product = changes.iter().find(|(name, _)| name == "hs_product_id").map(|(_, id)| id.clone());
        let Some(product) = product.and_then(|id| self.living(Kind::Product, &id)) else { return };
        // Where the portal has several currencies, the product has a price in each.
        let currency = changes.iter().find(|(name, _)| name == "hs_line_item_currency_code");
        let price = currency.and_then(|(_, code)| {
            product.value(&format!("hs_price_{}", code.to_ascii_lowercase())).map(str::to_owned)
        });
        if let Some(price) = price
            && !changes.iter().any(|(own, _)| own == "price")
        {
            changes.push(("price".to_owned(), price));
        }
        for name in [
            "name",
            "description",
            "hs_sku",
            "price",
            "recurringbillingfrequency",
            "hs_recurring_billing_period",
            "hs_pricing_model",
            "hs_tier_ranges",
            "hs_tier_prices",
        ] {
            if let Some(value) = product.value(name)
                && !changes.iter().any(|(own, _)| own == name)
            {
                changes.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Writes properties. Values that stay the same leave no trace.
    pub(crate) fn write(&mut self, kind: Kind, id: &str, changes: Changes, cause: &Cause) {
        let changed = self.store(kind, id, changes, cause);
        if !changed.is_empty() {
            self.recalculate(kind, id, cause);
        }
    }

    /// Writes properties without calculating anything from them; answers the names of those that changed.
    pub(crate) fn store(&mut self, kind: Kind, id: &str, changes: Changes, cause: &Cause) -> Vec<String> {
        let id = self.resolve(kind, id);
        let mut events = Vec::new();
        for (name, value) in changes {
            let value = normalised(self.defined(kind).type_of(&name), &value);
            let Some(record) = self.records.get_mut(&(kind, id.clone())) else { continue };
            if record.properties.get(&name).map_or("", String::as_str) == value {
                continue;
            }
            if value.is_empty() {
                record.properties.remove(&name);
            } else {
                record.properties.insert(name.clone(), value.clone());
            }
            record.history.entry(name.clone()).or_default().push(Version {
                value: value.clone(),
                at: cause.now,
                source: cause.source,
                source_id: cause.source_id.clone(),
            });
            record.updated = record.updated.max(cause.now);
            let updated = iso(record.updated);
            record.properties.insert(kind.modified_property().to_owned(), updated);
            events.push((name, value));
        }
        for (name, value) in &events {
            self.raise_property(kind, &id, name, value, cause);
        }
        events.into_iter().map(|(name, _)| name).collect()
    }

    /// Archives a record (`DELETE`); false if there is no living one.
    pub(crate) fn archive(&mut self, kind: Kind, id: &str, cause: &Cause) -> bool {
        let key = (kind, self.resolve(kind, id));
        let Some(record) = self.records.get_mut(&key).filter(|record| !record.is_archived()) else {
            return false;
        };
        record.archived_at = Some(cause.now);
        record.updated = cause.now;
        self.raise("deletion", kind, &key.1, cause, json!({}));
        self.presence_changed(&key, true, cause);
        true
    }

    /// What follows for the records around one that was archived or restored.
    fn presence_changed(&mut self, key: &Key, gone: bool, cause: &Cause) {
        if self.switches.archive_reports_associations {
            self.report_all(key, gone, cause);
        }
        for (kind, id) in self.links.all_of(key) {
            self.recalculate(kind, &id, cause);
        }
    }

    /// Brings an archived record back, with its associations.
    pub(crate) fn restore(&mut self, kind: Kind, id: &str, cause: &Cause) -> bool {
        let key = (kind, self.resolve(kind, id));
        let Some(record) = self.records.get_mut(&key).filter(|record| record.is_archived()) else {
            return false;
        };
        record.archived_at = None;
        record.updated = cause.now;
        record.properties.insert(kind.modified_property().to_owned(), iso(cause.now));
        self.raise("restore", kind, &key.1, cause, json!({}));
        self.presence_changed(&key, false, cause);
        true
    }

    /// Deletes a contact for good, on a person's request.
    pub(crate) fn privacy_delete(&mut self, id: &str, cause: &Cause) -> bool {
        let key = (Kind::Contact, self.resolve(Kind::Contact, id));
        let others = self.links.all_of(&key);
        let mut quiet = cause.clone();
        quiet.silent = true;
        for other in &others {
            self.unlink(&key, other, &quiet);
        }
        if self.records.remove(&key).is_none() {
            return false;
        }
        self.raise("privacyDeletion", Kind::Contact, &key.1, cause, json!({}));
        self.raise("deletion", Kind::Contact, &key.1, cause, json!({}));
        true
    }

    /// Merges `loser` into `winner`; answers the id of the record that exists from now on.
    pub(crate) fn merge(&mut self, kind: Kind, winner: &str, loser: &str, cause: &Cause) -> Option<String> {
        let (winner, loser) = (self.resolve(kind, winner), self.resolve(kind, loser));
        if winner == loser {
            return None;
        }
        self.living(kind, &winner)?;
        let lost = self.living(kind, &loser)?.clone();
        let survivor = if self.switches.merge_makes_new_id { self.new_id() } else { winner.clone() };
        let mut record = self.records.get(&(kind, winner.clone()))?.clone();
        record.id.clone_from(&survivor);
        let mut moved = 0;
        for (name, value) in &lost.properties {
            if !record.properties.contains_key(name) {
                record.properties.insert(name.clone(), value.clone());
                moved += 1;
            }
        }
        let mut merged: Vec<String> = Vec::new();
        if survivor != winner {
            merged.push(winner.clone());
        }
        merged.push(loser.clone());
        for list in [record.value("hs_merged_object_ids"), lost.value("hs_merged_object_ids")] {
            let earlier = list.unwrap_or_default().split(';').filter(|id| !id.is_empty());
            merged.extend(earlier.map(str::to_owned));
        }
        merged.dedup();
        record.properties.insert("hs_object_id".to_owned(), survivor.clone());
        record.properties.insert("hs_merged_object_ids".to_owned(), merged.join(";"));
        record.properties.insert(kind.modified_property().to_owned(), iso(cause.now));
        record.updated = cause.now;
        self.records.insert((kind, survivor.clone()), record);
        let target: Key = (kind, survivor.clone());
        for old in [&winner, &loser] {
            if *old != survivor {
                self.move_links(&(kind, old.clone()), &target);
                self.records.remove(&(kind, old.clone()));
                self.aliases.insert((kind, old.clone()), survivor.clone());
            }
        }
        let facts = json!({
            "primaryObjectId": number(&winner), "mergedObjectIds": [number(&loser)],
            "newObjectId": number(&survivor), "numberOfPropertiesMoved": moved,
        });
        self.raise("merge", kind, &survivor, cause, facts);
        self.raise("deletion", kind, &loser, cause, json!({}));
        self.recalculate(kind, &survivor, cause);
        if kind == Kind::Company {
            for (child, _) in self.associated(&target, kind) {
                self.recalculate(kind, &child, cause);
            }
        }
        Some(survivor)
    }
}
