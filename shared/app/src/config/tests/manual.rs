//! The manuals say what the registry says.

use super::{LEAST, MACHINE, STACK, env, lines, one};
use crate::config::registry::{Kind, SETTINGS};
use crate::config::{DEFAULT_TOML, load, rules};
use connector_domain::ids::PortalId;
use connector_domain::policy::Policy;
use std::collections::BTreeSet;

const DOCUMENT: &str = include_str!("../../../../../docs/configuration.md");

/// The required settings as variables.
const REQUIRED: [(&str, &str); 4] = [
    ("CONNECTOR_HUBSPOT__PORTAL_ID", "24680135"),
    ("CONNECTOR_HUBSPOT__APP_ID", "50780459"),
    ("CONNECTOR_ZUORA__BASE_URL", "https://rest.test.zuora.com"),
    ("CONNECTOR_PUBLIC__URL", "https://hook.example"),
];

#[test]
fn the_default_file_parses_to_the_defaults() {
    let from_file = one(DEFAULT_TOML, &REQUIRED);
    let from_nothing = load(None, "", &env(&REQUIRED), MACHINE).unwrap().remove(0);
    assert_eq!(from_file, from_nothing);
    assert_eq!(from_file, one(LEAST, &[]));
    assert_eq!(from_file.policy(), Policy::defaults(PortalId(24680135)));
    assert_eq!(from_file.digest(), from_nothing.digest());
}

/// Sections and keys of a manual in TOML; a key counts whether or not it is commented out.
fn keys_of(text: &str) -> Vec<(String, bool, String)> {
    let (mut section, mut keys) = (String::new(), Vec::new());
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
        }
        let (plain, live) = line.strip_prefix("# ").map_or((line, true), |plain| (plain, false));
        let Some((key, value)) = plain.split_once(" = ") else { continue };
        if !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            keys.push((format!("{section}{key}"), live, value.to_owned()));
        }
    }
    keys
}

#[test]
fn every_setting_stands_in_the_default_file_with_its_default() {
    let keys = keys_of(DEFAULT_TOML);
    for setting in SETTINGS {
        let found: Vec<_> = keys.iter().filter(|(path, _, _)| path == setting.path).collect();
        assert_eq!(found.len(), 1, "{} stands {} times in config.default.toml", setting.path, found.len());
        match setting.default {
            Some(default) => {
                assert_eq!((found[0].1, found[0].2.as_str()), (true, default), "{}", setting.path)
            }
            None => assert!(!found[0].1, "{} has no default but is set", setting.path),
        }
    }
    for (path, _, _) in keys {
        assert!(SETTINGS.iter().any(|setting| setting.path == path), "{path} is no setting");
    }
}

#[test]
fn every_example_of_the_default_file_is_accepted() {
    let known: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.path).collect();
    let mut section = String::new();
    let mut text = String::new();
    for line in DEFAULT_TOML.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
        }
        let plain = line.strip_prefix("# ").unwrap_or(line);
        let is_key = plain
            .split_once(" = ")
            .is_some_and(|(key, _)| known.contains(format!("{section}{key}").as_str()));
        // The one example that this version refuses.
        text.push_str(if is_key && !plain.starts_with("mapping_file") { plain } else { line });
        text.push('\n');
    }
    let config = one(&text, &STACK);
    assert!(config.allowed_users.is_some() && config.hubspot.time_zone.is_some(), "examples were not read");
}

#[test]
fn every_setting_is_described_in_the_document() {
    for setting in SETTINGS {
        let name = format!("`{}`", setting.path);
        let line = DOCUMENT.lines().find(|line| line.starts_with(&format!("| {name} |")));
        let line = line.unwrap_or_else(|| panic!("docs/configuration.md has no row for {name}"));
        assert!(line.contains(&format!("`{}`", setting.variable())), "{name}: the variable is missing");
        let default = match (setting.required, setting.default) {
            (true, _) => "required".to_owned(),
            (false, Some(default)) => format!("`{default}`"),
            (false, None) => "none".to_owned(),
        };
        assert!(line.contains(&format!("| {default} |")), "{name}: the default {default} is missing");
        let words = match setting.kind {
            Kind::Choice(words) => words,
            Kind::Rules => rules::WORDS,
            _ => &[],
        };
        for word in words {
            assert!(line.contains(&format!("\"{word}\"")), "{name}: the choice {word} is missing");
        }
    }
}

#[test]
fn every_choice_of_the_registry_has_a_meaning() {
    for setting in SETTINGS {
        let Kind::Choice(words) = setting.kind else { continue };
        for word in words {
            let mut variables = REQUIRED.to_vec();
            variables.extend(STACK);
            let name = setting.variable();
            variables.retain(|(known, _)| *known != name);
            variables.push((&name, word));
            if let Err(problems) = load(None, "", &env(&variables), MACHINE) {
                panic!("{name}={word}: {}", lines(&problems));
            }
        }
    }
}

#[test]
fn the_rule_of_the_default_file_is_accepted() {
    let comments = DEFAULT_TOML.lines().filter_map(|line| line.strip_prefix("#   "));
    let rule: Vec<&str> = comments.skip_while(|line| *line != "[[deals.rules]]").collect();
    let config = one(&format!("{LEAST}\n{}", rule.join("\n")), &[]);
    assert_eq!(config.deals.rules.len(), 1);
    assert!(rules::KEYS.iter().all(|(key, _)| rule.iter().any(|line| line.starts_with(key))), "{rule:?}");
    for (key, _) in rules::KEYS {
        assert!(DOCUMENT.lines().any(|line| line.starts_with(&format!("| `{key}` |"))), "{key}");
    }
}

#[test]
fn paths_are_distinct_and_sections_stand_together() {
    let mut sections: Vec<&str> = SETTINGS.iter().map(|setting| setting.section()).collect();
    sections.dedup();
    let distinct: BTreeSet<&str> = sections.iter().copied().collect();
    assert_eq!(sections.len(), distinct.len(), "{sections:?}");
    assert_eq!(sections[0], "", "keys at the top come first");
    let paths: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.path).collect();
    assert_eq!(paths.len(), SETTINGS.len());
}

#[test]
fn every_example_of_the_document_is_accepted() {
    let examples: Vec<&str> =
        DOCUMENT.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() >= 6, "{}", examples.len());
    for example in examples {
        let missing: &[_] = if example.contains("portal_id") { &[] } else { &REQUIRED };
        if let Err(problems) = super::read(example, missing) {
            panic!("{}\n{example}", lines(&problems));
        }
    }
}
