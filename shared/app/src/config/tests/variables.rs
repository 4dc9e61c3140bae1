//! Variables override the file.

use super::{LEAST, SIMULATED, lines, one, with, wrong};
use crate::config::Store;
use connector_domain::dates::Term;
use connector_domain::policy::{Discounts, StateRequired, SyncWhen};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[test]
fn a_variable_goes_before_the_file() {
    let config = one(
        &with("[store]\ndata_dir = \"/srv/a\"\n[limits]\nzuora_concurrency = 5"),
        &[
            ("CONNECTOR_STORE__DATA_DIR", "/srv/b"),
            ("CONNECTOR_HUBSPOT__PORTAL_ID", "11"),
            ("CONNECTOR_NUMBERING", "zuora"),
            ("CONNECTOR_ZUORA__MULTI_CURRENCY", "false"),
            ("CONNECTOR_COMPANIES__STATE_COUNTRIES", "us, ca , br"),
            ("CONNECTOR_ZUORA__ORG_IDS", "[\"a\", \"b\"]"),
            ("CONNECTOR_COMPANIES__SYNC_WHEN", "{ property = \"lifecyclestage\", values = [\"customer\"] }"),
            ("CONNECTOR_DEALS__WON_STAGES", "{ default = [\"closedwon\"] }"),
            ("CONNECTOR_DEALS__AUTO_RENEW", "true"),
            ("CONNECTOR_DEALS__RENEWAL_TERM", "P2Y"),
            ("CONNECTOR_DEALS__CANCEL_AFTER_SECONDS", "3600"),
            ("CONNECTOR_DEALS__SUSPEND_DATE_PROPERTY", "pause"),
            ("CONNECTOR_TAXES__PRICES_INCLUDE_TAX", "true"),
            ("CONNECTOR_DISCOUNTS", "discount_charges"),
            ("CONNECTOR_LABELS__BILL_TO", "Rechnung"),
            ("CONNECTOR_CARDS__ALLOWED_USERS", "123,ana@example.com"),
        ],
    );
    assert_eq!(config.store, Store::Sqlite { data_dir: PathBuf::from("/srv/b") });
    assert_eq!(config.hubspot.portal.0, 11);
    assert!(!config.zuora.multi_currency);
    let countries = ["US", "CA", "BR"].map(str::to_owned);
    assert_eq!(config.companies.state_required, StateRequired::WhereUsed(BTreeSet::from(countries)));
    assert_eq!(config.zuora.org_ids, ["a", "b"]);
    assert!(matches!(config.companies.sync_when, SyncWhen::Property { .. }));
    assert_eq!(config.deals.won_stages.len(), 1);
    assert_eq!(config.labels.bill_to, "Rechnung");
    assert!(config.deals.auto_renew && config.taxes.inclusive);
    assert_eq!(config.deals.renewal_term, Some(Term::Months(24)));
    assert_eq!(config.deals.cancel_after, SignedDuration::from_hours(1));
    assert_eq!(config.deals.properties.suspend_date, "pause");
    assert_eq!(config.discounts, Discounts::DiscountCharges);
    assert_eq!(config.allowed_users.unwrap().len(), 2);
    assert_eq!(config.limits.zuora_concurrency, 5);
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let config = one(LEAST, &[("CONNECTOR_HUBSPOT__PORTAL_ID", ""), ("CONNECTOR_ZUORA__ENTITY_ID", " ")]);
    assert_eq!(config.hubspot.portal.0, 24680135);
    assert_eq!(config.zuora.entity_id, None);
}

#[test]
fn a_problem_of_a_variable_names_it() {
    let problems = wrong(
        LEAST,
        &[
            ("CONNECTOR_HUBSPOT__PORTAL_ID", "many"),
            ("CONNECTOR_ZUORA__BASE_URL", "https://rest.evil.example"),
            ("CONNECTOR_ALLOW_LOOPBACK", "maybe"),
            ("CONNECTOR_DEALS__WON_STAGES", "closedwon"),
            ("CONNECTOR_ZUORA__ORG_IDS", "[broken"),
        ],
    );
    assert_eq!(problems.len(), 5, "{}", lines(&problems));
    for problem in &problems {
        let variable = problem.variable.as_deref().unwrap();
        assert!(problem.to_string().starts_with(&format!("{variable}: {}: ", problem.key)), "{problem}");
        assert_eq!((problem.line, &problem.file), (None, &None));
    }
}

#[test]
fn a_variable_that_is_no_setting_is_told_with_the_one_that_is_meant() {
    let check = |name: &str, fix: &str| {
        let problems = wrong(LEAST, &[(name, "x")]);
        assert_eq!(problems.len(), 1, "{}", lines(&problems));
        assert_eq!(problems[0].variable.as_deref(), Some(name));
        assert!(problems[0].fix.contains(fix), "{}", problems[0]);
    };
    check("CONNECTOR_HUBSPOT__BASE_ULR", "CONNECTOR_HUBSPOT__BASE_URL?");
    check("CONNECTOR_HUBSPOT_BASE_URL", "CONNECTOR_HUBSPOT__BASE_URL?");
    check("CONNECTOR_NUMBERIN", "CONNECTOR_NUMBERING?");
    check("CONNECTOR_CONFG", "CONNECTOR_CONFIG?");
    check("CONNECTOR_TEST__CLOCK_OFSET", "CONNECTOR_TEST__CLOCK_OFFSET?");
    check("CONNECTOR_INSTALLATION__2__NUMBERIN", "CONNECTOR_NUMBERING?");
    check("CONNECTOR_DEALS__RULES__1__DOES", "CONNECTOR_DEALS__RULES to the whole value");
    check("CONNECTOR_DEALS__RENEWAL_TREM", "CONNECTOR_DEALS__RENEWAL_TERM?");
    check("CONNECTOR_TAXES_VAT_PROPERTY", "CONNECTOR_TAXES__VAT_PROPERTY?");
    check("CONNECTOR_DEALS__WON_STAGES__DEFAULT", "CONNECTOR_DEALS__WON_STAGES to the whole value");
    check("CONNECTOR_hubspot__base_url", "CONNECTOR_HUBSPOT__BASE_URL");
}

#[test]
fn variables_that_others_read_are_left_alone() {
    one(
        LEAST,
        &[
            ("CONNECTOR_CONFIG", "connector.toml"),
            ("CONNECTOR_DATA_DIR", "/srv"),
            ("CONNECTOR_SERVICE_HOST", "10.0.0.1"),
            ("CONNECTOR_SERVICE_PORT_HTTP", "80"),
            ("CONNECTOR_PORT_8787_TCP_ADDR", "10.0.0.1"),
            ("CONNECTOR_SURPRISE", "x"),
            ("CONNECTOR_SURPRISE__X", "x"),
            ("CONNECTOR_TEST__CLOCK", "x"),
            ("CONNECTOR_VERSION", "1.2"),
            ("HUBSPOT_ACCESS_TOKEN", "x"),
            ("PATH", "/bin"),
        ],
    );
}

#[test]
fn the_clock_is_shifted_only_against_simulators() {
    let offset = |text: &str, value: &str| match super::read(text, &[("CONNECTOR_TEST__CLOCK_OFFSET", value)])
    {
        Ok(configs) => Ok(configs[0].clock_offset),
        Err(problems) => Err(lines(&problems)),
    };
    assert_eq!(offset(SIMULATED, "-3600"), Ok(SignedDuration::from_secs(-3600)));
    assert_eq!(offset(SIMULATED, "86400"), Ok(SignedDuration::from_secs(86_400)));
    assert_eq!(offset(SIMULATED, ""), Ok(SignedDuration::ZERO));
    for bad in ["soon", "1.5", "99999999999999", "9999999999999999999999"] {
        assert!(offset(SIMULATED, bad).unwrap_err().contains("CONNECTOR_TEST__CLOCK_OFFSET"), "{bad}");
    }
    let half = SIMULATED.replace("http://127.0.0.1:9002", "https://rest.zuora.com");
    for text in [LEAST, &half] {
        assert!(offset(text, "1").unwrap_err().contains("loopback"), "{text}");
    }
}
