//! From entries to [`Config`]: layers, checks of single values, checks across settings.

use super::problem::{ConfigProblem, Origin, Problems};
use super::reader::Reader;
use super::registry::SETTINGS;
use super::show::Settings;
use super::source::{self, Entry};
use super::value::{self, Misfit, Raw};
use super::{Config, Store, Surroundings};
use crate::env_vars::EnvMap;
use std::collections::BTreeSet;

/// See [`super::load`].
pub(super) fn load(
    text: Option<&str>,
    file_name: &str,
    env: &EnvMap,
    surroundings: Surroundings,
) -> Result<Vec<Config>, Vec<ConfigProblem>> {
    let mut problems = Problems::new(text.map(|_| file_name));
    let file = source::read_file(text.unwrap_or_default(), &mut problems);
    let variables = source::read_variables(env, &mut problems);
    let several = !file.installations.is_empty();
    let count = file.installations.len().max(1);
    for (number, entry) in &variables {
        if number.is_some_and(|number| !several || number > count) {
            problems.add(
                entry.setting.path,
                &entry.origin,
                "The file has no such [[installation]].",
                "Installations are counted from 1; a single one needs no number.",
            );
        }
    }
    let single = [(None, Vec::new())];
    let tables = if several { file.installations.as_slice() } else { single.as_slice() };
    let mut configs = Vec::new();
    for (place, (line, own)) in tables.iter().enumerate() {
        let number = several.then_some(place + 1);
        problems.within(number);
        let named = |wanted: Option<usize>| {
            variables.iter().filter(move |(which, _)| *which == wanted).map(|(_, entry)| entry)
        };
        let numbered = number.into_iter().flat_map(|number| named(Some(number)));
        let layers = file.shared.iter().chain(own).chain(named(None)).chain(numbered);
        let settings = settle(layers, &mut problems);
        let mut reader =
            Reader { settings, problems: &mut problems, place: Origin::File(*line), readable: file.readable };
        configs.extend(reader.config(surroundings, env).map(|config| (number, config)));
    }
    check_together(&configs, &mut problems);
    let problems = problems.into_vec();
    if problems.is_empty() {
        Ok(configs.into_iter().map(|(_, config)| config).collect())
    } else {
        Err(problems)
    }
}

/// Checks each layer's values and keeps the last one that fits; defaults lie at the bottom.
fn settle<'a>(layers: impl Iterator<Item = &'a Entry>, problems: &mut Problems) -> Settings {
    let mut settings = Settings::default();
    for setting in SETTINGS {
        let Some(default) = setting.default else { continue };
        match Raw::from_toml(default).map(|raw| value::check(setting, &raw)) {
            Some(Ok(value)) => settings.put(setting.path, value, Origin::Default),
            Some(Err(_)) | None => problems.internal(setting.path),
        }
    }
    for Entry { setting, raw, origin } in layers {
        match value::check(setting, raw) {
            Ok(value) => settings.put(setting.path, value, origin.clone()),
            Err(misfits) => {
                settings.spoil(setting.path);
                for Misfit { below, line, message, fix } in misfits {
                    let origin = match (origin, line) {
                        (Origin::File(_), Some(_)) => &Origin::File(line),
                        (Origin::File(_) | Origin::Variable(_) | Origin::Default, _) => origin,
                    };
                    problems.add(&format!("{}{below}", setting.path), origin, message, fix);
                }
            }
        }
    }
    settings
}

/// What must hold between installations.
fn check_together(configs: &[(Option<usize>, Config)], problems: &mut Problems) {
    let mut portals = BTreeSet::new();
    for (number, config) in configs {
        problems.within(*number);
        if !portals.insert(config.hubspot.portal) {
            problems.add(
                "hubspot.portal_id",
                config.settings.origin("hubspot.portal_id"),
                format!("The portal {} belongs to another installation already.", config.hubspot.portal),
                "Give each installation a portal of its own; a variable for one of them is \
                 CONNECTOR_INSTALLATION__<n>__HUBSPOT__PORTAL_ID.",
            );
        }
        let same = configs.first().is_none_or(|(_, first)| first.store.same_place(&config.store));
        if !same {
            problems.add(
                "store",
                config.settings.origin("store.kind"),
                "All installations of a process share one store and its queues.",
                "Move [store] and [queues] out of the [[installation]] tables.",
            );
        }
    }
    problems.within(None);
}

impl Store {
    /// Whether two stores are one, whatever secret belongs to them.
    fn same_place(&self, other: &Store) -> bool {
        match (self, other) {
            (
                Store::Aws { state_table, audit_table, queues, secret_arn: _ },
                Store::Aws {
                    state_table: other_state, audit_table: other_audit, queues: other_queues, ..
                },
            ) => state_table == other_state && audit_table == other_audit && queues == other_queues,
            (one, other) => one == other,
        }
    }
}
