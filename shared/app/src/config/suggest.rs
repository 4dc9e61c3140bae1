//! "Did you mean": the nearest known name, and names and values that look like secrets.

use super::registry::{Kind, SETTINGS, Setting};

/// Letters inserted, removed, replaced or swapped with their neighbour between two words.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let at = |cells: &[usize], place: usize| cells.get(place).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&above, column) + usize::from(a != b))
                .min(at(&above, column + 1) + 1)
                .min(at(&line, column) + 1);
            let swapped =
                row > 0 && column > 0 && left.get(row - 1) == Some(b) && right.get(column - 1) == Some(a);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or_default()
}

/// The nearest of some names, if one is near enough to be meant.
pub(super) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.chars().count() / 3).clamp(1, 3);
    names
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(far, _)| *far <= allowed)
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

/// The fix for an unknown key: a near key of the same section, the same key elsewhere, or a near section. A table that
/// stands outside of all sections is meant as a section and never as a key of another one.
pub(super) fn for_key(path: &str, is_table: bool) -> String {
    let (section, name) = path.split_once('.').unwrap_or(("", path));
    let siblings = SETTINGS.iter().filter(|setting| setting.section() == section);
    if let Some(near) = nearest(name, siblings.map(|setting| setting.name())) {
        return format!("Did you mean {}?", full(section, near));
    }
    let sections = || SETTINGS.iter().map(|setting| setting.section());
    if let Some(near) = nearest(section, sections())
        && near != section
    {
        return format!("Did you mean {}?", full(near, name));
    }
    let lost_section = is_table && section.is_empty();
    let called_so =
        |setting: &&Setting| setting.name() == name && (!lost_section || setting.kind == Kind::Rules);
    if let Some(setting) = SETTINGS.iter().find(called_so) {
        return match setting.section() {
            "" => format!("Move {name} to the top of the file, above the first [section]."),
            other => format!("Move {name} into the section [{other}]."),
        };
    }
    if section.is_empty()
        && let Some(near) = nearest(name, sections())
    {
        return format!("Did you mean [{near}]?");
    }
    match nearest(path, SETTINGS.iter().map(|setting| setting.path)) {
        Some(near) => format!("Did you mean {near}?"),
        None => "Remove it; docs/configuration.md lists all settings.".into(),
    }
}

/// How many letters of an unknown variable may be wrong for it to be a slip and not another program's.
const SLIP: usize = 2;

/// The fix for an unknown variable of the form `CONNECTOR_...` that is nearly a known one; `others` are known
/// besides the settings. None for what nobody can have meant for us.
pub(super) fn for_variable(name: &str, others: &[&str]) -> Option<String> {
    let variables: Vec<String> = SETTINGS.iter().map(|setting| setting.variable()).collect();
    // The commonest slips are one underscore instead of two, and small letters.
    let plain = |text: &str| text.to_ascii_uppercase().replace("__", "_");
    // A variable for one of several installations is compared without its number.
    let shared = name
        .strip_prefix("CONNECTOR_INSTALLATION__")
        .and_then(|rest| rest.split_once("__"))
        .map_or_else(|| name.to_owned(), |(_, rest)| format!("CONNECTOR_{rest}"));
    variables
        .iter()
        .map(String::as_str)
        .chain(others.iter().copied())
        .map(|known| {
            let far = distance(&shared, known);
            (if plain(known) == plain(&shared) { far.min(SLIP) } else { far }, known)
        })
        .filter(|(far, _)| *far <= SLIP)
        .min_by_key(|(far, _)| *far)
        .map(|(_, known)| format!("Did you mean {known}?"))
}

fn full(section: &str, name: &str) -> String {
    if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") }
}

/// Words in the name of a key that promise a secret.
const SECRET_WORDS: [&str; 10] = [
    "secret",
    "token",
    "password",
    "passwd",
    "passphrase",
    "credential",
    "api_key",
    "apikey",
    "private_key",
    "client_id",
];

/// Where a secret belongs, if the name of an unknown key promises one.
pub(super) fn secret_key(path: &str) -> Option<String> {
    let path = path.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| path.contains(word)).then(|| {
        let variable = match path.replace("__", ".").rsplit_once('.') {
            Some((_, "access_token" | "token" | "hubspot_access_token")) => "HUBSPOT_ACCESS_TOKEN",
            Some((section, "client_secret")) if section.ends_with("hubspot") => "HUBSPOT_CLIENT_SECRET",
            Some((section, "client_secret")) if section.ends_with("zuora") => "ZUORA_CLIENT_SECRET",
            Some((_, "client_id")) => "ZUORA_CLIENT_ID",
            Some((_, "callout_secret")) => "ZUORA_CALLOUT_SECRET",
            _ => {
                return elsewhere(
                    "the environment (HUBSPOT_ACCESS_TOKEN, HUBSPOT_CLIENT_SECRET, \
                ZUORA_CLIENT_ID, ZUORA_CLIENT_SECRET, ZUORA_CALLOUT_SECRET)",
                );
            }
        };
        elsewhere(&format!("the environment variable {variable}"))
    })
}

/// Where a secret belongs, if the value of a setting looks like one.
pub(super) fn secret_value(text: &str) -> Option<String> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let hubspot = text.starts_with("pat-")
        && bytes.get(4..6).is_some_and(|region| region.iter().all(u8::is_ascii_lowercase))
        && bytes.get(6).is_some_and(u8::is_ascii_digit);
    let aws = ["AKIA", "ASIA"].iter().any(|start| text.starts_with(start)) && text.len() == 20;
    let web = text.starts_with("eyJ") && text.len() > 40;
    let other = text.starts_with("Bearer ") || text.starts_with("Basic ") || text.contains("-----BEGIN");
    if hubspot {
        Some(elsewhere("the environment variable HUBSPOT_ACCESS_TOKEN"))
    } else if aws || web || other {
        Some(elsewhere("the environment"))
    } else {
        None
    }
}

fn elsewhere(place: &str) -> String {
    format!(
        "Remove it, take it for leaked if the file was shared, and put it into {place}; on AWS into the secret."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits_and_swaps() {
        let check = |a: &str, b: &str, want: usize| assert_eq!(distance(a, b), want, "{a} {b}");
        check("", "", 0);
        check("abc", "", 3);
        check("kitten", "sitting", 3);
        check("base_ulr", "base_url", 1);
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_key_that_is_meant() {
        let check = |path: &str, want: &str| {
            let fix = for_key(path, false);
            assert!(fix.contains(want), "{path}: {fix}");
        };
        check("hubspot.portal", "hubspot.portal_id?");
        check("hubspot.portalid", "hubspot.portal_id?");
        check("hubspot.numbering", "to the top of the file");
        check("portal_id", "section [hubspot]");
        check("zoura.base_url", "zuora.base_url?");
        check("hubspt", "[hubspot]?");
        check("deal.won_stages", "deals.won_stages?");
        check("entirely.other", "Remove it");
        check("deal", "section [queues]");
        assert_eq!(for_key("deal", true), "Did you mean [deals]?");
        assert_eq!(for_key("rules", true), "Move rules into the section [deals].");
    }

    #[test]
    fn an_unknown_variable_is_answered_with_the_one_that_is_meant() {
        let check = |name: &str, want: &str| {
            let fix = for_variable(name, &["CONNECTOR_CONFIG"]).unwrap();
            assert_eq!(fix, format!("Did you mean {want}?"), "{name}");
        };
        check("CONNECTOR_HUBSPOT_BASE_URL", "CONNECTOR_HUBSPOT__BASE_URL");
        check("CONNECTOR_HUBSPOT__BASE_ULR", "CONNECTOR_HUBSPOT__BASE_URL");
        check("CONNECTOR_hubspot__base_url", "CONNECTOR_HUBSPOT__BASE_URL");
        check("CONNECTOR_INSTALLATION__2__HUBSPOT__BASE_ULR", "CONNECTOR_HUBSPOT__BASE_URL");
        check("CONNECTOR_INSTALLATION__two__NUMBERING", "CONNECTOR_NUMBERING");
        check("CONNECTOR_CONFG", "CONNECTOR_CONFIG");
        for foreign in ["CONNECTOR_XYZ__ABC", "CONNECTOR_URL", "CONNECTOR_", "CONNECTOR_INSTALLATION__2__X"] {
            assert_eq!(for_variable(foreign, &["CONNECTOR_CONFIG"]), None, "{foreign}");
        }
    }

    #[test]
    fn secrets_are_recognised_by_name_and_by_look() {
        assert!(secret_key("hubspot.access_token").unwrap().contains("HUBSPOT_ACCESS_TOKEN"));
        assert!(secret_key("zuora.client_secret").unwrap().contains("ZUORA_CLIENT_SECRET"));
        assert!(secret_key("HUBSPOT__CLIENT_SECRET").unwrap().contains("HUBSPOT_CLIENT_SECRET"));
        assert!(secret_key("hubspot.app_id").is_none());
        assert!(secret_value("pat-eu1-11111111-2222-3333-4444-555555555555").is_some());
        assert!(secret_value("Bearer abc").is_some());
        assert!(secret_value("Patterns and more").is_none());
    }
}
