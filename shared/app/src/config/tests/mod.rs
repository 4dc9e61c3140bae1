//! Tests of the configuration as a whole: defaults and manuals, problems, variables, installations, output.

mod installations;
mod manual;
mod output;
mod problems;
mod rules;
mod variables;

use super::{Config, ConfigProblem, EnvMap, Surroundings, load};

/// The least that a configuration needs.
const LEAST: &str = r#"
[hubspot]
portal_id = 24680135
app_id = 50780459

[zuora]
base_url = "https://rest.test.zuora.com"

[public]
url = "https://hook.example"
"#;

/// The same against simulators.
const SIMULATED: &str = r#"
[hubspot]
portal_id = 24680135
app_id = 50780459
base_url = "http://127.0.0.1:9001"

[zuora]
base_url = "http://127.0.0.1:9002"

[public]
url = "http://127.0.0.1:8787"
"#;

/// The variables that a deployed stack sets.
const STACK: [(&str, &str); 8] = [
    ("CONNECTOR_STORE__KIND", "aws"),
    ("CONNECTOR_STORE__STATE_TABLE", "state"),
    ("CONNECTOR_STORE__AUDIT_TABLE", "audit"),
    ("CONNECTOR_QUEUES__COMPANY", "https://sqs.example/company.fifo"),
    ("CONNECTOR_QUEUES__CONTACT", "https://sqs.example/contact.fifo"),
    ("CONNECTOR_QUEUES__PRODUCT", "https://sqs.example/product.fifo"),
    ("CONNECTOR_QUEUES__DEAL", "https://sqs.example/deal.fifo"),
    ("CONNECTOR_QUEUES__LINE_ITEM", "https://sqs.example/line-item.fifo"),
];

const MACHINE: Surroundings = Surroundings { lambda: false };
const LAMBDA: Surroundings = Surroundings { lambda: true };

fn env(pairs: &[(&str, &str)]) -> EnvMap {
    pairs.iter().copied().collect()
}

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Vec<Config>, Vec<ConfigProblem>> {
    load(Some(text), "connector.toml", &env(variables), MACHINE)
}

/// The one installation of a configuration that must be right.
fn one(text: &str, variables: &[(&str, &str)]) -> Config {
    let mut configs = read(text, variables).unwrap_or_else(|problems| panic!("{}", lines(&problems)));
    assert_eq!(configs.len(), 1);
    configs.remove(0)
}

/// The problems of a configuration that must be wrong.
fn wrong(text: &str, variables: &[(&str, &str)]) -> Vec<ConfigProblem> {
    match read(text, variables) {
        Ok(_) => panic!("accepted: {text} {variables:?}"),
        Err(problems) => problems,
    }
}

fn lines(problems: &[ConfigProblem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

/// [`LEAST`] with further lines at the top of the file.
fn with_top(top: &str) -> String {
    format!("{top}\n{LEAST}")
}

/// [`LEAST`] with further sections.
fn with(sections: &str) -> String {
    format!("{LEAST}\n{sections}\n")
}
