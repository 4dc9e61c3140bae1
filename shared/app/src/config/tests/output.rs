//! What is shown, and the digest.

use super::{LEAST, SIMULATED, STACK, one, with, with_top};

/// Every setting away from its default.
fn changed() -> String {
    with_top("numbering = \"zuora\"")
        + "[companies]\nsync_when = { property = \"lifecyclestage\", values = [\"customer\"] }\n\
           [deals]\nrenewal_term = \"P4W\"\nauto_renew_property = \"renews\"\nwon_stages = { default = [\"closedwon\"], \"a b\" = [\"x\\\"y\"] }\n\
           [labels]\nbill_to = \"Quote \\\" and \\\\ and ü\"\n\
           [cards]\nallowed_users = [\"12\"]\n\
           [[deals.rules]]\nproperty = \"motion\"\nvalues = [\"up sell\", \"#2\"]\ndoes = \"extend\"\n\
           [[deals.rules]]\nproperty = \"motion\"\npipelines = [7]\ndeal_types = [\"a\"]\ndoes = \"renew\"\n\
           [[deals.rules]]\ndoes = \"nothing\"\n"
}

#[test]
fn the_shown_file_reads_back_to_the_same_configuration() {
    for (text, variables) in
        [(LEAST.to_owned(), &[][..]), (SIMULATED.to_owned(), &[]), (changed(), &STACK[..])]
    {
        let config = one(&text, variables);
        let shown = config.show_toml();
        let again = one(&shown, &[]);
        assert_eq!(again, config, "{shown}");
        assert_eq!(again.digest(), config.digest());
    }
}

#[test]
fn the_shown_file_says_where_values_come_from() {
    let shown = one(LEAST, &[("CONNECTOR_LIMITS__ZUORA_CONCURRENCY", "3")]).show_toml();
    assert!(shown.contains("portal_id = 24680135  # line 3\n"), "{shown}");
    assert!(shown.contains("zuora_concurrency = 3  # CONNECTOR_LIMITS__ZUORA_CONCURRENCY\n"), "{shown}");
    assert!(shown.contains("ui_url = \"https://test.zuora.com\"  # default\n"), "{shown}");
    assert!(shown.starts_with("numbering = \"derived\"  # default\n"), "{shown}");
}

#[test]
fn shown_as_json_settings_stand_in_their_sections() {
    let shown = one(LEAST, &[("HUBSPOT_ACCESS_TOKEN", "canary")]).show();
    assert_eq!(shown["hubspot"]["portal_id"], 24680135);
    assert_eq!(shown["numbering"], "derived");
    assert_eq!(shown["deals"]["default_term"], "P12M");
    assert_eq!(shown["deals"]["renewal_term"], "");
    assert_eq!(shown["deals"]["rules"], serde_json::json!([]));
    assert_eq!(shown["taxes"]["prices_include_tax"], false);
    let rules = &one(&changed(), &STACK).show()["deals"]["rules"];
    assert_eq!(
        *rules,
        serde_json::json!([
            { "property": "motion", "values": ["#2", "up sell"], "does": "extend" },
            { "pipelines": ["7"], "deal_types": ["a"], "property": "motion", "does": "renew" },
            { "does": "nothing" },
        ])
    );
    assert_eq!(shown["companies"]["state_countries"], serde_json::json!(["CA", "US"]));
    assert!(!shown.to_string().contains("canary"));
}

#[test]
fn the_digest_follows_what_influences_syncing_and_nothing_else() {
    let plain = one(LEAST, &[]).digest();
    assert_eq!(plain.len(), 16);
    let same = |text: &str| assert_eq!(one(text, &[]).digest(), plain, "{text}");
    let other = |text: &str| assert_ne!(one(text, &[]).digest(), plain, "{text}");
    same(&with("[deals]\ndefault_term = \"P1Y\""));
    same(&with("[companies]\nstate_countries = [\"ca\", \"us\", \"CA\"]"));
    same(&with("[limits]\nzuora_concurrency = 3"));
    same(&with("[cards]\nallowed_users = [\"1\"]"));
    same(&with("[store]\ndata_dir = \"/srv\""));
    same(&LEAST.replace("https://hook.example", "https://other.example"));
    same(&LEAST.replace("https://rest.test.zuora.com", "https://REST.test.zuora.com:443/"));
    other(&with("[deals]\ndefault_term = \"P24M\""));
    other(&with("[deals]\nwon_stages = { default = [\"closedwon\"] }"));
    same(&with("[deals]\nrules = []"));
    same(&with("[deals]\ncancel_after_seconds = 60"));
    other(&with("[deals]\ncancel_after_seconds = 61"));
    other(&with("[deals]\nrenewal_term = \"P12M\""));
    other(&with("[taxes]\ncode_property = \"tax_code\""));
    other(&with("[deals]\nrules = [{ does = \"new\" }]"));
    let rules = |first: &str, last: &str| {
        let rule = |pipeline: &str| format!("{{ pipelines = [{pipeline}], does = \"extend\" }}");
        one(&with(&format!("[deals]\nrules = [{}, {}]", rule(first), rule(last))), &[]).digest()
    };
    assert_ne!(rules("1", "2"), rules("2", "1"), "the first rule that fits decides");
    assert_eq!(rules("1, 3", "2"), rules("3, 1", "2"));
    other(&with("[labels]\nsold_to = \"Ship To\""));
    other(&with("[companies]\nsync_when = \"all\""));
    other(&with_top("numbering = \"zuora\""));
    other(&LEAST.replace("rest.test.zuora.com", "rest.eu.zuora.com"));
    other(&LEAST.replace("24680135", "24680136"));
}
