//! `[[deals.rules]]`: read from every place that settings come from, and told line by line when wrong.

use super::{lines, one, read, with, with_top, wrong};
use crate::config::ConfigProblem;
use connector_domain::policy::{DealDoes, DealRule};
use std::collections::BTreeSet;

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// Key and line of each problem.
fn places(problems: &[ConfigProblem]) -> Vec<(&str, Option<usize>)> {
    problems.iter().map(|problem| (problem.key.as_str(), problem.line)).collect()
}

const RULES: &str = r#"
[deals]
closed_lost = "cancel"

[[deals.rules]]
pipelines = ["p1", 98765432]
deal_types = ["ExistingBusiness"]
property = "sales_motion"
values = ["upsell", "cross sell"]
does = "extend"

[[deals.rules]]
property = "renews"
does = "renew"

[[deals.rules]]
does = "nothing"
"#;

fn expected() -> Vec<DealRule> {
    vec![
        DealRule {
            pipelines: set(&["p1", "98765432"]),
            deal_types: set(&["ExistingBusiness"]),
            property: Some(("sales_motion".into(), set(&["upsell", "cross sell"]))),
            does: DealDoes::Extend,
        },
        DealRule {
            pipelines: set(&[]),
            deal_types: set(&[]),
            property: Some(("renews".into(), set(&[]))),
            does: DealDoes::Renew,
        },
        DealRule { pipelines: set(&[]), deal_types: set(&[]), property: None, does: DealDoes::Nothing },
    ]
}

#[test]
fn rules_are_read_in_their_order() {
    let config = one(&with(RULES), &[]);
    assert_eq!(config.deals.rules, expected());
    assert_eq!(config.policy().deals.rules, expected());
}

#[test]
fn rules_in_one_line_mean_the_same() {
    let line = r#"[{ pipelines = ["p1", 98765432], deal_types = ["ExistingBusiness"], property = "sales_motion",
        values = ["upsell", "cross sell"], does = "extend" },
        { property = "renews", does = "renew", pipelines = [] }, { does = "nothing" }]"#;
    assert_eq!(one(&with(&format!("[deals]\nrules = {line}")), &[]).deals.rules, expected());
    let variable = [("CONNECTOR_DEALS__RULES", line)];
    assert_eq!(one(&with("[[deals.rules]]\ndoes = \"new\""), &variable).deals.rules, expected());
    assert_eq!(one(&with(RULES), &[("CONNECTOR_DEALS__RULES", "[]")]).deals.rules, []);
}

#[test]
fn every_mistake_in_the_rules_is_told_where_it_stands() {
    let text = with(
        r#"[[deals.rules]]
pipelines = "p1"
deal_typs = ["existingbusiness"]
does = "extent"

[[deals.rules]]
values = ["upsell"]
does = "extend"

[[deals.rules]]
property = "Sales Motion"

[[deals.rules]]
does = "new"

[[deals.rules]]
entirely_other = 1
does = "renew"
"#,
    );
    let problems = wrong(&text, &[]);
    assert_eq!(
        places(&problems),
        [
            ("deals.rules[1].pipelines", Some(13)),
            ("deals.rules[1].deal_typs", Some(14)),
            ("deals.rules[1].does", Some(15)),
            ("deals.rules[2]", Some(17)),
            ("deals.rules[3]", Some(21)),
            ("deals.rules[3].property", Some(22)),
            ("deals.rules[4]", Some(24)),
            ("deals.rules[5].entirely_other", Some(28)),
        ],
        "{}",
        lines(&problems)
    );
    let fixes =
        ["list of texts", "deal_types?", "\"extend\", \"renew\"", "property = ", "does = ", "internal name"];
    for (problem, fix) in problems.iter().zip(fixes) {
        assert!(problem.fix.contains(fix), "{problem}");
    }
    assert!(problems[6].message.contains("no condition"), "{}", problems[6]);
    assert!(problems[7].fix.contains("pipelines, deal_types, property, values and does"), "{}", problems[7]);
    assert!(
        problems[0].to_string().starts_with("connector.toml:13: deals.rules[1].pipelines: The value is text")
    );
}

#[test]
fn one_pair_of_brackets_and_a_wrong_name_are_told() {
    let problems = wrong(&with("[deals.rules]\ndoes = \"new\""), &[]);
    assert_eq!(places(&problems), [("deals.rules", Some(12))], "{}", lines(&problems));
    assert!(problems[0].fix.contains("[[deals.rules]]"), "{}", problems[0]);
    for (text, key, fix) in [
        ("[[deals.rule]]\ndoes = \"new\"", "deals.rule", "deals.rules?"),
        ("[[deal.rules]]\ndoes = \"new\"", "deal", "[deals]?"),
        ("[[rules]]\ndoes = \"new\"", "rules", "section [deals]"),
    ] {
        let problems = wrong(&with(text), &[]);
        assert_eq!(places(&problems), [(key, Some(12))], "{}", lines(&problems));
        assert!(problems[0].fix.contains(fix), "{}", problems[0]);
    }
    // What follows the tables belongs to the last of them.
    let problems = wrong(&with("[[deals.rules]]\ndoes = \"new\"\nclosed_lost = \"cancel\""), &[]);
    assert_eq!(places(&problems), [("deals.rules[1].closed_lost", Some(14))], "{}", lines(&problems));
}

#[test]
fn a_problem_of_rules_in_a_variable_names_it() {
    for value in ["extend", "[broken", "[{ does = \"extent\" }]", "[\"extend\"]", "{ does = \"new\" }"] {
        let problems = wrong(&with(""), &[("CONNECTOR_DEALS__RULES", value)]);
        assert_eq!(problems.len(), 1, "{}", lines(&problems));
        assert_eq!(problems[0].variable.as_deref(), Some("CONNECTOR_DEALS__RULES"));
        assert_eq!((problems[0].line, &problems[0].file), (None, &None));
    }
}

#[test]
fn secrets_in_rules_are_refused_and_not_repeated() {
    let problems = wrong(
        &with(
            "[[deals.rules]]\naccess_token = \"canary\"\nkey = \"pat-eu1-canary\"\n\
             values = [\"pat-eu1-canary\"]\nproperty = \"motion\"\ndoes = \"new\"",
        ),
        &[],
    );
    let told = lines(&problems);
    assert!(!told.contains("canary"), "{told}");
    assert_eq!(problems.len(), 3, "{told}");
    assert!(problems.iter().all(|problem| problem.fix.contains("HUBSPOT_ACCESS_TOKEN")), "{told}");
}

#[test]
fn an_installation_replaces_the_shared_rules() {
    let text = r#"
[[deals.rules]]
pipelines = ["a"]
does = "nothing"

[[installation]]
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
[[installation.deals.rules]]
does = "new"
"#;
    let configs = read(text, &[]).unwrap();
    let does: Vec<Vec<DealDoes>> =
        configs.iter().map(|config| config.deals.rules.iter().map(|rule| rule.does).collect()).collect();
    assert_eq!(does, [[DealDoes::Nothing], [DealDoes::New]]);
    let problems = wrong(&text.replace("\"new\"", "\"old\"").replace("\"nothing\"", "\"none\""), &[]);
    let told: Vec<_> = problems.iter().map(|p| (p.installation, p.key.as_str(), p.line)).collect();
    assert_eq!(
        told,
        [(None, "deals.rules[1].does", Some(4)), (Some(2), "deals.rules[1].does", Some(24))],
        "{}",
        lines(&problems)
    );
}

#[test]
fn rules_in_the_top_section_are_sent_to_theirs() {
    let problems = wrong(&with_top("rules = []"), &[]);
    assert!(problems[0].fix.contains("[deals]"), "{}", problems[0]);
}
