//! Several installations in one file (D-26).

use super::{lines, read, wrong};
use crate::config::Store;
use std::path::PathBuf;

const TWO: &str = r#"
[store]
data_dir = "/srv/connector"

[labels]
bill_to = "Billing"

[[installation]]
numbering = "zuora"
[installation.hubspot]
portal_id = 11
app_id = 1
[installation.zuora]
base_url = "https://rest.eu.zuora.com"
[installation.public]
url = "https://hook.example"

[[installation]]
[installation.hubspot]
portal_id = 22
app_id = 2
[installation.zuora]
base_url = "https://rest.test.zuora.com"
[installation.public]
url = "https://hook.example"
[installation.labels]
bill_to = "Rechnung"
"#;

#[test]
fn each_installation_has_its_own_settings_over_the_shared_ones() {
    let configs = read(TWO, &[]).unwrap();
    let portals: Vec<u64> = configs.iter().map(|config| config.hubspot.portal.0).collect();
    assert_eq!(portals, [11, 22]);
    assert_eq!(configs[0].labels.bill_to, "Billing");
    assert_eq!(configs[1].labels.bill_to, "Rechnung");
    assert_ne!(configs[0].numbering, configs[1].numbering);
    for config in &configs {
        assert_eq!(config.store, Store::Sqlite { data_dir: PathBuf::from("/srv/connector") });
    }
}

#[test]
fn variables_hold_for_all_or_for_the_one_they_name() {
    let configs = read(
        TWO,
        &[
            ("CONNECTOR_LABELS__SOLD_TO", "Lieferung"),
            ("CONNECTOR_INSTALLATION__2__LABELS__SOLD_TO", "Zwei"),
            ("CONNECTOR_INSTALLATION__1__NUMBERING", "derived"),
        ],
    )
    .unwrap();
    assert_eq!(configs[0].labels.sold_to, "Lieferung");
    assert_eq!(configs[1].labels.sold_to, "Zwei");
    assert_eq!(configs[0].numbering, configs[1].numbering);
    for name in ["CONNECTOR_INSTALLATION__3__NUMBERING", "CONNECTOR_INSTALLATION__0__NUMBERING"] {
        let problems = wrong(TWO, &[(name, "derived")]);
        assert_eq!(problems[0].variable.as_deref(), Some(name), "{}", lines(&problems));
    }
}

#[test]
fn problems_name_the_installation() {
    let text = TWO.replace("app_id = 2\n", "app_di = 2\n").replace("rest.eu.zuora.com", "rest.evil.example");
    let problems = wrong(&text, &[]);
    let told: Vec<(Option<usize>, &str, Option<usize>)> =
        problems.iter().map(|p| (p.installation, p.key.as_str(), p.line)).collect();
    assert_eq!(
        told,
        [
            (Some(1), "zuora.base_url", Some(14)),
            (Some(2), "hubspot.app_id", Some(18)),
            (Some(2), "hubspot.app_di", Some(21)),
        ],
        "{}",
        lines(&problems)
    );
    assert!(problems[0].to_string().starts_with("connector.toml:14: installation 1: zuora.base_url: "));
}

#[test]
fn a_problem_of_a_shared_setting_is_told_once() {
    let problems = wrong(&TWO.replace("\"Billing\"", "7"), &[("CONNECTOR_DISCOUNTS", "both")]);
    assert_eq!(problems.len(), 2, "{}", lines(&problems));
    assert!(problems.iter().all(|problem| problem.installation.is_none()), "{}", lines(&problems));
}

#[test]
fn two_installations_never_share_a_portal() {
    let problems = wrong(&TWO.replace("portal_id = 22", "portal_id = 11"), &[]);
    assert_eq!(problems.len(), 1, "{}", lines(&problems));
    assert_eq!((problems[0].installation, problems[0].line), (Some(2), Some(20)));
    wrong(TWO, &[("CONNECTOR_HUBSPOT__PORTAL_ID", "11")]);
}

#[test]
fn installations_share_one_store() {
    let problems = wrong(&format!("{TWO}\n[installation.store]\ndata_dir = \"/elsewhere\"\n"), &[]);
    assert_eq!(problems.len(), 1, "{}", lines(&problems));
    assert_eq!(problems[0].key, "store");
}

#[test]
fn one_pair_of_brackets_is_told() {
    let problems = wrong("[installation]\nnumbering = \"zuora\"\n", &[]);
    assert!(problems.iter().any(|p| p.key == "installation" && p.line == Some(1)), "{}", lines(&problems));
    assert!(lines(&problems).contains("[[installation]]"));
}
