//! How records look in answers, and how property values are taken from request bodies.

use serde_json::{Map, Value, json};

use crate::clock::iso;
use crate::kind::Kind;
use crate::records::Changes;
use crate::state::{Record, State};
use crate::values::text_of;

/// What a read asks for.
#[derive(Debug, Default, Clone)]
pub(super) struct Selection {
    pub(super) properties: Vec<String>,
    pub(super) with_history: Vec<String>,
    pub(super) associations: Vec<Kind>,
}

impl State {
    /// A record as reads answer it. Unknown property names are left out; known but empty ones are null.
    pub(super) fn shape(&self, record: &Record, selection: &Selection) -> Value {
        let kind = record.kind;
        let defined = self.defined(kind);
        let mut names: Vec<&str> = selection.properties.iter().map(String::as_str).collect();
        names.extend(selection.with_history.iter().map(String::as_str));
        if names.is_empty() {
            names.extend(kind.default_properties());
        }
        names.extend(["createdate", "hs_object_id", kind.modified_property()]);
        let properties: Map<String, Value> = names
            .into_iter()
            .filter(|name| defined.get(name).is_some())
            .map(|name| (name.to_owned(), record.value(name).map_or(Value::Null, |value| json!(value))))
            .collect();
        let mut shaped = json!({
            "id": record.id, "properties": properties, "createdAt": iso(record.created),
            "updatedAt": iso(record.updated), "archived": record.is_archived(),
        });
        if let Some(at) = record.archived_at {
            shaped["archivedAt"] = json!(iso(at));
        }
        if !selection.with_history.is_empty() {
            shaped["propertiesWithHistory"] = self.history(record, &selection.with_history);
        }
        let associations = self.association_names(record, &selection.associations);
        if !associations.is_empty() {
            shaped["associations"] = Value::Object(associations);
        }
        shaped
    }

    fn history(&self, record: &Record, names: &[String]) -> Value {
        let defined = self.defined(record.kind);
        let all: Map<String, Value> = names
            .iter()
            .filter(|name| defined.get(name).is_some())
            .map(|name| {
                let versions = record.history.get(name).map(Vec::as_slice).unwrap_or_default();
                let newest_first: Vec<Value> =
                    versions.iter().rev().map(crate::state::Version::as_value).collect();
                (name.clone(), Value::Array(newest_first))
            })
            .collect();
        Value::Object(all)
    }

    /// Id and type name of associated records; a pair with several types appears once for each.
    fn association_names(&self, record: &Record, kinds: &[Kind]) -> Map<String, Value> {
        let key = (record.kind, record.id.clone());
        let mut all = Map::new();
        for kind in kinds {
            let mut results = Vec::new();
            for (id, types) in self.associated(&key, *kind) {
                for type_id in types {
                    if let Some(found) = self.types.find(record.kind, *kind, type_id) {
                        results.push(json!({"id": id, "type": found.name}));
                    }
                }
            }
            if !results.is_empty() {
                all.insert(kind.association_key().to_owned(), json!({"results": results}));
            }
        }
        all
    }

    /// What writes answer: the base properties and those written.
    pub(super) fn shape_written(&self, kind: Kind, id: &str, changes: &Changes) -> Value {
        let mut selection = Selection::default();
        selection.properties.extend(kind.default_properties().iter().map(|name| (*name).to_owned()));
        selection.properties.extend(changes.iter().map(|(name, _)| name.clone()));
        self.record(kind, id).map_or(Value::Null, |record| self.shape(record, &selection))
    }
}

/// The `properties` object of a body as changes; null clears, like an empty text.
pub(super) fn changes_of(body: &Value) -> Changes {
    body["properties"]
        .as_object()
        .map(|all| all.iter().map(|(name, value)| (name.clone(), text_of(value))).collect())
        .unwrap_or_default()
}
