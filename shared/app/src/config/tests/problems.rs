//! Everything that is wrong is told at once: key, line, message, fix.

use super::{LAMBDA, LEAST, SIMULATED, STACK, env, lines, one, with, with_top, wrong};
use crate::config::{ConfigProblem, Store, load};
use connector_domain::dates::Term;
use connector_domain::policy::{
    CancelPolicy, ClosedLost, DealDoes, DealPolicy, DealProperties, DealRule, Discounts, LateChanges,
    SyncWhen, TaxPolicy, UnnamedLines,
};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// The problem of a key, which must be the only one of it.
fn of<'a>(problems: &'a [ConfigProblem], key: &str) -> &'a ConfigProblem {
    let found: Vec<_> = problems.iter().filter(|problem| problem.key == key).collect();
    assert_eq!(found.len(), 1, "{key} in\n{}", lines(problems));
    found[0]
}

#[test]
fn all_problems_are_told_at_once_with_line_and_fix() {
    let text = r#"numbering = "random"
[hubspot]
portal_id = "24680135"
base_ulr = "https://api.hubapi.com"

[zuora]
base_url = "https://rest.evil.example"
multi_currency = "yes"

[deals]
default_term = "P30D"
closed_lost = "cancle"

[limits]
zuora_concurrency = 1000

[surprise]
x = 1
"#;
    let problems = wrong(text, &[]);
    let check = |key: &str, line: Option<usize>, fix: &str| {
        let problem = of(&problems, key);
        assert_eq!(problem.line, line, "{problem}");
        assert_eq!(problem.file.as_deref(), Some("connector.toml"), "{problem}");
        assert!(problem.fix.contains(fix), "{problem}");
    };
    check("numbering", Some(1), "\"derived\", \"zuora\"");
    check("hubspot.portal_id", Some(3), "without quotes");
    check("hubspot.base_ulr", Some(4), "hubspot.base_url?");
    check("zuora.base_url", Some(7), "rest.test.zuora.com");
    check("zuora.multi_currency", Some(8), "true or false");
    check("deals.default_term", Some(11), "P12M");
    check("deals.closed_lost", Some(12), "\"cancel\"");
    check("limits.zuora_concurrency", Some(15), "from 1 to 40");
    check("surprise", Some(17), "docs/configuration.md");
    check("hubspot.app_id", None, "CONNECTOR_HUBSPOT__APP_ID");
    check("public.url", None, "CONNECTOR_PUBLIC__URL");
    assert_eq!(problems.len(), 11, "{}", lines(&problems));
    assert!(
        problems[0].to_string().starts_with("connector.toml:1: numbering: \"random\" is not accepted. Write"),
        "{}",
        problems[0]
    );
}

#[test]
fn missing_required_settings_are_told_together() {
    let problems = wrong("", &[]);
    let keys: BTreeSet<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, BTreeSet::from(["hubspot.app_id", "hubspot.portal_id", "public.url", "zuora.base_url"]));
    let without_file = load(None, "connector.toml", &env(&[]), super::MACHINE).unwrap_err();
    assert_eq!(without_file.len(), 4);
    assert!(without_file.iter().all(|problem| problem.file.is_none()));
}

#[test]
fn a_file_that_is_not_toml_is_one_problem_with_its_line() {
    let problems = wrong("[hubspot]\nportal_id = \n", &[("CONNECTOR_HUBSPOT__BASE_ULR", "x")]);
    assert_eq!(problems.len(), 2, "{}", lines(&problems));
    assert_eq!(problems[0].line, Some(2));
    assert_eq!(problems[1].variable.as_deref(), Some("CONNECTOR_HUBSPOT__BASE_ULR"));
}

#[test]
fn secrets_are_refused_and_not_repeated() {
    let text = with_top("label = \"pat-eu1-canary\"")
        .replace("[hubspot]", "[hubspot]\naccess_token = \"canary\"\nclient_secret = \"canary\"")
        .replace("[zuora]", "[zuora]\nclient_id = \"canary\"\nentity_id = \"pat-na1-canary\"\nurl = 1")
        + "\n[secrets]\nhubspot = \"canary\"\n";
    let problems = wrong(&text, &[("CONNECTOR_ZUORA__CLIENT_SECRET", "canary")]);
    let text = lines(&problems);
    assert!(!text.contains("canary"), "{text}");
    let check = |key: &str, fix: &str| {
        let problem = of(&problems, key);
        assert!(problem.fix.contains(fix), "{problem}");
    };
    check("hubspot.access_token", "HUBSPOT_ACCESS_TOKEN");
    check("hubspot.client_secret", "HUBSPOT_CLIENT_SECRET");
    check("zuora.client_id", "ZUORA_CLIENT_ID");
    check("zuora.entity_id", "HUBSPOT_ACCESS_TOKEN");
    check("label", "HUBSPOT_ACCESS_TOKEN");
    check("secrets", "ZUORA_CLIENT_SECRET");
    check("", "without CONNECTOR_");
}

#[test]
fn settings_that_are_not_carried_are_refused() {
    let problems = wrong(&with_top("discounts = \"discount_charges\"\nmapping_file = \"fields.json\""), &[]);
    assert_eq!(problems.len(), 1, "{}", lines(&problems));
    let problem = of(&problems, "mapping_file");
    assert_eq!(problem.line, Some(2));
    assert!(problem.message.contains("not carried by this version"), "{problem}");
}

#[test]
fn values_of_every_kind_are_checked() {
    let refuse = |section: &str, line: &str| {
        let problems = wrong(&with(&format!("[{section}]\n{line}")), &[]);
        let key = format!("{section}.{}", line.split(' ').next().unwrap());
        assert_eq!(of(&problems, &key).line, Some(13), "{line}");
    };
    refuse("companies", "sync_when = \"some\"");
    refuse("companies", "sync_when = { property = \"lifecyclestage\" }");
    refuse("companies", "sync_when = { property = \"lifecyclestage\", values = [] }");
    refuse("companies", "sync_when = { property = \"Life\", values = [\"a\"] }");
    refuse("companies", "sync_when = { property = \"life\", values = [\"a\"], other = 1 }");
    refuse("companies", "state_countries = [\"USA\"]");
    refuse("companies", "state_countries = \"US\"");
    refuse("companies", "state_countries = [\"XX\"]");
    refuse("labels", "bill_to = \" \"");
    refuse("labels", "bill_to = \"a\\nb\"");
    refuse("deals", "won_stages = [\"closedwon\"]");
    refuse("deals", "won_stages = { default = [] }");
    refuse("deals", "won_stages = { default = [1.5] }");
    refuse("deals", "effective_date_property = \"Z Date\"");
    refuse("deals", "effective_date_property = \"\"");
    refuse("deals", "suspend_date_property = \"Z Date\"");
    refuse("deals", "resume_date_property = 1");
    refuse("deals", "auto_renew = \"true\"");
    refuse("deals", "auto_renew_property = true");
    for term in ["P0M", "P30D", "forever", "P9999Y"] {
        refuse("deals", &format!("renewal_term = \"{term}\""));
    }
    refuse("deals", "renewal_term = 12");
    refuse("deals", "cancel_after_seconds = 86401");
    refuse("deals", "cancel_after_seconds = -1");
    refuse("deals", "cancel_after_seconds = \"60\"");
    refuse("deals", "late_changes = \"keep\"");
    refuse("deals", "renewal_unnamed_lines = \"allow\"");
    refuse("deals", "rules = [\"extend\"]");
    refuse("deals", "rules = { does = \"extend\" }");
    refuse("companies", "parents = \"yes\"");
    for odd in ["javascript:{id}", "//elsewhere.example/{id}", "/no/key", "/a b/{id}"] {
        refuse("links", &format!("account = \"{odd}\""));
    }
    refuse("taxes", "vat_property = \"VAT\"");
    refuse("taxes", "prices_include_tax = 1");
    for term in ["", "P0M", "P12W", "P30D", "forever", "P9999Y"] {
        refuse("deals", &format!("default_term = \"{term}\""));
    }
    refuse("accounts", "bill_cycle_day = 32");
    refuse("accounts", "bill_cycle_day = 1.5");
    refuse("catalog", "link_field = \"hubspotProductId\"");
    refuse("limits", "hubspot_per_10s = 0");
    refuse("cards", "allowed_users = \"everyone\"");
    refuse("reconcile", "repair = [\"links\"]");
    let problems = wrong(&with("").replace("[zuora]", "[zuora]\ncurrencies = []"), &[]);
    of(&problems, "zuora.currencies");
    let problems = wrong(&with("").replace("[hubspot]", "[hubspot]\ntime_zone = \"Mars/Base\""), &[]);
    of(&problems, "hubspot.time_zone");
    let problems = wrong(&with("deals = 1"), &[]);
    assert!(of(&problems, "public.deals").fix.contains("docs/configuration.md"));
    let problems = wrong(&with_top("deals = 1"), &[]);
    assert!(of(&problems, "deals").message.contains("section"));
}

#[test]
fn values_of_every_kind_are_read() {
    let text = with(
        "[companies]\nsync_when = { property = \"lifecyclestage\", values = [\"customer\", \"customer\"] }\n\
         [deals]\ndefault_term = \"P1Y6M\"\nwon_stages.default = [\"closedwon\", 12345]\nwon_stages.12 = [\"x\"]\n\
         [cards]\nallowed_users = [12345, \"ana@example.com\"]",
    );
    let config = one(&text, &[]);
    let SyncWhen::Property { name, values } = &config.companies.sync_when else { panic!("{config:?}") };
    assert_eq!((name.as_str(), values.len()), ("lifecyclestage", 1));
    assert_eq!(config.deals.default_term_months, 18);
    assert_eq!(
        config.deals.won_stages["default"],
        BTreeSet::from(["12345".to_owned(), "closedwon".to_owned()])
    );
    assert_eq!(config.deals.won_stages.len(), 2);
    assert_eq!(config.allowed_users.as_ref().map(BTreeSet::len), Some(2));
    assert_eq!(config.zuora.ui_url.unwrap().url().as_str(), "https://test.zuora.com/");
}

#[test]
fn the_policy_says_what_the_file_says() {
    let text = with_top("discounts = \"discount_charges\"")
        .replace("[zuora]", "[zuora]\ncurrencies = [\"eur\"]")
        + "[companies]\nparents = false\n\
           [deals]\nwon_stages.default = [\"closedwon\"]\ndefault_term = \"P6M\"\nauto_renew = true\n\
           auto_renew_property = \"renews\"\nrenewal_term = \"P8W\"\nrenewal_term_property = \"next_term\"\n\
           suspend_date_property = \"pause\"\nresume_date_property = \"go_on\"\ncancel_after_seconds = 0\n\
           late_changes = \"allow\"\nrenewal_unnamed_lines = \"remove\"\nclosed_lost = \"cancel\"\n\
           cancel_policy = \"end_of_term\"\neffective_date_property = \"day\"\n\
           cancellation_date_property = \"end\"\nextends_property = \"changes\"\n\
           service_activation_property = \"activated\"\ncustomer_acceptance_property = \"accepted\"\n\
           rules = [{ pipelines = [7], does = \"nothing\" }]\n\
           [taxes]\nvat_property = \"vat\"\nexempt_property = \"exempt\"\ncode_property = \"tax_code\"\n\
           prices_include_tax = true\n";
    let config = one(&text, &[]);
    let policy = config.policy();
    let expected = DealPolicy {
        won_stages: [("default".to_owned(), BTreeSet::from(["closedwon".to_owned()]))].into(),
        default_term_months: 6,
        auto_renew: true,
        renewal_term: Some(Term::Weeks(8)),
        closed_lost: ClosedLost::Cancel,
        cancel_policy: CancelPolicy::EndOfTerm,
        cancel_after: SignedDuration::ZERO,
        late_changes: LateChanges::Allow,
        unnamed_lines: UnnamedLines::Remove,
        rules: vec![DealRule {
            pipelines: BTreeSet::from(["7".to_owned()]),
            deal_types: BTreeSet::new(),
            property: None,
            does: DealDoes::Nothing,
        }],
        properties: DealProperties {
            service_activation: "activated".into(),
            customer_acceptance: "accepted".into(),
            effective_date: "day".into(),
            cancellation_date: "end".into(),
            extends: "changes".into(),
            suspend_date: "pause".into(),
            resume_date: "go_on".into(),
            auto_renew: "renews".into(),
            renewal_term: "next_term".into(),
        },
    };
    assert_eq!(policy.deals, expected);
    assert_eq!(policy.discounts, Discounts::DiscountCharges);
    assert_eq!(policy.tenant_currencies, config.zuora.currencies);
    assert_eq!(policy.tenant_currencies.unwrap().len(), 1);
    assert!(!policy.parents);
    let tax = TaxPolicy {
        vat_property: "vat".into(),
        exempt_property: "exempt".into(),
        code_property: "tax_code".into(),
        inclusive: true,
    };
    assert_eq!(policy.tax, tax);
}

#[test]
fn settings_that_contradict_each_other_are_told() {
    let text = LEAST
        .replace("[hubspot]", "[hubspot]\nhome_currency = \"EUR\"\ncurrencies = [\"usd\", \"GBP\"]")
        .replace("[zuora]", "[zuora]\nmulti_currency = false\ncurrencies = [\"USD\", \"EUR\"]");
    let problems = wrong(&text, &[]);
    assert_eq!(problems.len(), 2, "{}", lines(&problems));
    assert!(of(&problems, "hubspot.currencies").fix.contains("EUR"));
    of(&problems, "zuora.currencies");
}

#[test]
fn hosts_of_tenants_are_names_with_https() {
    let with_hosts = |hosts: &str, url: &str| {
        LEAST
            .replace("[zuora]", &format!("[zuora]\nextra_hosts = [{hosts}]"))
            .replace("https://rest.test.zuora.com", url)
    };
    let config = one(&with_hosts("\"Rest.Tenant.example\"", "https://rest.tenant.example/"), &[]);
    assert_eq!(config.zuora.extra_hosts, ["rest.tenant.example"]);
    assert_eq!(config.zuora.ui_url, None, "no published host, no links");
    of(&wrong(&with_hosts("\"rest.tenant.example\"", "http://rest.tenant.example"), &[]), "zuora.base_url");
    for bad in [
        "https://rest.tenant.example",
        "rest.tenant.example/",
        "*.tenant.example",
        "",
        "169.254.169.254",
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "::1",
        "localhost",
        "user@host.example",
        "host.example:0",
        "host.example:port",
        "host.example:+1",
        "host.example.",
        "-host.example",
        "host .example",
    ] {
        let problems = wrong(&with_hosts(&format!("\"{bad}\""), "https://rest.zuora.com"), &[]);
        of(&problems, "zuora.extra_hosts");
    }
}

#[test]
fn a_lambda_needs_the_store_on_aws_and_real_addresses() {
    let problems = load(Some(SIMULATED), "connector.toml", &env(&[]), LAMBDA).unwrap_err();
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(
        keys,
        ["hubspot.base_url", "zuora.base_url", "public.url", "store.kind"],
        "{}",
        lines(&problems)
    );
    let text = format!("allow_loopback = true\n{SIMULATED}");
    let configs = load(Some(&text), "connector.toml", &env(&STACK), LAMBDA).unwrap();
    let Store::Aws { queues, secret_arn, .. } = &configs[0].store else { panic!("{:?}", configs[0].store) };
    assert_eq!(queues.line_item, "https://sqs.example/line-item.fifo");
    assert_eq!(*secret_arn, None);
}

#[test]
fn the_store_on_aws_needs_its_tables_and_queues() {
    let problems = wrong(&with("[store]\nkind = \"aws\""), &[]);
    assert_eq!(problems.len(), 7, "{}", lines(&problems));
    assert!(of(&problems, "queues.line_item").message.contains("store.kind = \"aws\""));
}

#[test]
fn a_damaged_file_is_refused_without_a_panic_and_without_its_values() {
    let text = crate::config::DEFAULT_TOML;
    for cut in (0..text.len()).step_by(97).filter(|cut| text.is_char_boundary(*cut)) {
        for middle in ["", "\"", "[[", "= {", "\u{0}", "installation = [{}]\n"] {
            let (head, tail) = text.split_at(cut);
            super::read(&format!("{head}{middle}{tail}"), &[]).unwrap_err();
        }
    }
    for line in [
        "access_token = pat-eu1-canary",
        "access_token = \"pat-eu1-canary",
        "access_token \"canary\"",
        "access_token = 'canary\" ",
        "access_token = \"canary\"\naccess_token = \"canary\"",
    ] {
        let told = lines(&wrong(&LEAST.replace("[hubspot]", &format!("[hubspot]\n{line}")), &[]));
        assert!(!told.contains("canary"), "{told}");
    }
}
