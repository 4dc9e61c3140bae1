//! `[[deals.rules]]`: what won deals do, as tables that were written, checked and shown.
//!
//! Rules are one setting with an order: a layer that has rules replaces all rules of the layers below. Each key keeps
//! its line, so that a problem within a rule is told where it stands.

use super::registry::Kind;
use super::source::{Lines, key_line};
use super::suggest;
use super::value::{self, Misfit, Raw, Value};
use connector_domain::policy::{DealDoes, DealRule};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{Item, TableLike};

/// The words of `does`.
const MEANINGS: [(&str, DealDoes); 4] = [
    ("new", DealDoes::New),
    ("extend", DealDoes::Extend),
    ("renew", DealDoes::Renew),
    ("nothing", DealDoes::Nothing),
];
/// The same without their meanings.
pub(super) const WORDS: &[&str] = &[MEANINGS[0].0, MEANINGS[1].0, MEANINGS[2].0, MEANINGS[3].0];

/// The keys of a rule.
pub(super) const KEYS: [(&str, Kind); 5] = [
    ("pipelines", Kind::Texts),
    ("deal_types", Kind::Texts),
    ("property", Kind::Property),
    ("values", Kind::Texts),
    ("does", Kind::Choice(WORDS)),
];

/// A rule as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawRule {
    line: Option<usize>,
    keys: Vec<(String, Option<usize>, Raw)>,
}

impl RawRule {
    fn new(line: Option<usize>, table: &dyn TableLike, lines: &Lines<'_>) -> Self {
        let keys = table
            .iter()
            .map(|(key, item)| (key.to_owned(), key_line(table, key, item, lines), Raw::from_item(item)));
        Self { line, keys: keys.collect() }
    }

    fn has(&self, name: &str) -> bool {
        self.keys.iter().any(|(key, _, _)| key == name)
    }
}

/// Takes rules out of a document: `[[deals.rules]]`, or a list of tables in one line. Anything else is kept as it
/// is, and the check tells.
pub(super) fn from_item(item: &Item, lines: &Lines<'_>) -> Raw {
    let rules: Option<Vec<RawRule>> = match item {
        Item::ArrayOfTables(tables) => {
            Some(tables.iter().map(|table| RawRule::new(lines.of(table.span()), table, lines)).collect())
        }
        Item::Value(toml_edit::Value::Array(list)) => list
            .iter()
            .map(|one| Some(RawRule::new(lines.of(one.span()), one.as_inline_table()?, lines)))
            .collect(),
        Item::None | Item::Value(_) | Item::Table(_) => None,
    };
    rules.map_or_else(|| Raw::from_item(item), Raw::Rules)
}

/// Checks all rules and tells everything that is wrong with them.
pub(super) fn check(written: &[RawRule]) -> Result<Vec<DealRule>, Vec<Misfit>> {
    let (mut rules, mut misfits) = (Vec::new(), Vec::new());
    for (place, raw) in written.iter().enumerate() {
        let number = place + 1;
        let Some(rule) = check_one(number, raw, &mut misfits) else { continue };
        if rule.pipelines.is_empty()
            && rule.deal_types.is_empty()
            && rule.property.is_none()
            && number < written.len()
        {
            misfits.push(Misfit {
                below: format!("[{number}]"),
                line: raw.line,
                message: "The rule has no condition, so the rules after it would never be asked.".into(),
                fix: "Give it pipelines, deal_types or property, or make it the last one.".into(),
            });
        }
        rules.push(rule);
    }
    if misfits.is_empty() { Ok(rules) } else { Err(misfits) }
}

/// One rule; none means that a problem was added.
fn check_one(number: usize, raw: &RawRule, misfits: &mut Vec<Misfit>) -> Option<DealRule> {
    let before = misfits.len();
    let misfit = |below: &str, line: Option<usize>, (message, fix): (String, String)| Misfit {
        below: format!("[{number}]{below}"),
        line,
        message,
        fix,
    };
    let mut read = BTreeMap::new();
    for (key, line, value) in &raw.keys {
        let known = KEYS.iter().find(|(name, _)| name == key);
        match known.map(|(name, kind)| (*name, value::fits(*kind, value))) {
            Some((name, Ok(value))) => {
                read.insert(name, value);
            }
            Some((_, Err(why))) => misfits.push(misfit(&format!(".{key}"), *line, why)),
            None => misfits.push(misfit(&format!(".{key}"), *line, unknown(key, value))),
        }
    }
    if raw.has("values") && !raw.has("property") {
        let message = "The rule has values, but no property that they belong to.";
        let fix = "Add property = \"...\" with the name of the deal property, or remove values.";
        misfits.push(misfit("", raw.line, (message.into(), fix.into())));
    }
    let does = match read.remove("does") {
        Some(Value::Text(word)) => MEANINGS.iter().find(|(known, _)| *known == word).map(|(_, does)| *does),
        Some(_) | None => None,
    };
    if does.is_none() && (!raw.has("does") || misfits.len() == before) {
        let message = "The rule does not say what its deals do.";
        let fix = "Add does = \"new\", \"extend\", \"renew\" or \"nothing\".";
        misfits.push(misfit("", raw.line, (message.into(), fix.into())));
    }
    let mut texts = |name: &str| match read.remove(name) {
        Some(Value::Texts(texts)) => BTreeSet::from_iter(texts),
        Some(_) | None => BTreeSet::new(),
    };
    let (pipelines, deal_types, values) = (texts("pipelines"), texts("deal_types"), texts("values"));
    let property = match read.remove("property") {
        Some(Value::Text(name)) => Some((name, values)),
        Some(_) | None => None,
    };
    if misfits.len() > before {
        None
    } else {
        Some(DealRule { pipelines, deal_types, property, does: does? })
    }
}

/// What is wrong with a key that rules do not have.
fn unknown(key: &str, value: &Raw) -> (String, String) {
    let secret = suggest::secret_key(&format!("deals.rules.{key}")).or_else(|| value::holds_secret(value));
    if let Some(fix) = secret {
        return ("Secrets never stand in the configuration file.".into(), fix);
    }
    let fix = match suggest::nearest(key, KEYS.iter().map(|(name, _)| *name)) {
        Some(near) => format!("Did you mean {near}?"),
        None => "Remove it; a rule has pipelines, deal_types, property, values and does.".into(),
    };
    ("Rules have no such key.".into(), fix)
}

/// Rules as they are shown: conditions that are not set are left out.
pub(super) fn to_json(rules: &[DealRule]) -> Json {
    let shown = rules.iter().map(|DealRule { pipelines, deal_types, property, does }| {
        let mut rule = Map::new();
        let mut list = |key: &str, values: &BTreeSet<String>| {
            if !values.is_empty() {
                rule.insert(key.to_owned(), json!(values));
            }
        };
        list("pipelines", pipelines);
        list("deal_types", deal_types);
        if let Some((_, values)) = property {
            list("values", values);
        }
        if let Some((name, _)) = property {
            rule.insert("property".into(), json!(name));
        }
        let word = MEANINGS.iter().find(|(_, meaning)| meaning == does).map(|(word, _)| *word);
        rule.insert("does".into(), json!(word));
        Json::Object(rule)
    });
    Json::Array(shown.collect())
}
