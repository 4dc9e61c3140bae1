//! `connector setup` and `connector doctor` on empty vendors (AS-37), with rights missing, and with things there
//! already.

use crate::program::Program;
use connector_dev::stack::CLIENT_SECRET;
use serde_json::{Value, json};
use sim_hubspot::Line;
use std::collections::BTreeMap;

/// The group on two kinds, 16 properties on each, five of sellers, one of lines, five labels.
const ALL_IN_HUBSPOT: u64 = 2 + 32 + 5 + 1 + 5;

async fn empty(name: &str) -> (sim_hubspot::Sim, sim_zuora::Sim, Program) {
    empty_with(name, |_| {}).await
}

/// A portal and a tenant that nobody has prepared.
async fn empty_with(
    name: &str,
    change: impl FnOnce(&mut sim_hubspot::Config),
) -> (sim_hubspot::Sim, sim_zuora::Sim, Program) {
    let zuora = sim_zuora::Config { custom_fields: BTreeMap::new(), ..sim_zuora::Config::default() };
    let zuora = sim_zuora::Sim::start(zuora).await.unwrap();
    let mut config = sim_hubspot::Config {
        client_secret: CLIENT_SECRET.to_owned(),
        with_write_back_properties: false,
        with_billing_properties: false,
        with_labels: false,
        auto_deliver: false,
        ..sim_hubspot::Config::default()
    };
    change(&mut config);
    let hubspot = sim_hubspot::Sim::start(config).await.unwrap();
    let program = Program::new(&hubspot, &zuora, name);
    (hubspot, zuora, program)
}

/// Runs a command with `--json`: its exit status and what it says of the one installation.
fn told(program: &Program, arguments: &[&str]) -> (i32, Value) {
    let (code, out) = program.run(&[arguments, &["--json"]].concat());
    let answer: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}"));
    (code, answer.pointer("/installations/0").cloned().unwrap())
}

/// Items or checks with such a state or level, as one text each.
fn with<'a>(told: &'a Value, list: &str, key: &str, value: &str) -> Vec<&'a Value> {
    told[list].as_array().unwrap().iter().filter(|one| one[key] == value).collect()
}

fn levels(doctor: &Value, level: &str) -> Vec<String> {
    with(doctor, "checks", "level", level).iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect()
}

async fn api(hubspot: &sim_hubspot::Sim, body: Option<Value>, path: &str) -> Value {
    let client = reqwest::Client::new();
    let url = format!("{}/{path}", hubspot.base_url());
    let request = match body {
        Some(body) => client.post(url).header("content-type", "application/json").body(body.to_string()),
        None => client.get(url),
    };
    let answer = request.header("authorization", "Bearer pat-simulated").send().await.unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_nothing_to_a_first_synced_deal_and_twice_changes_nothing() {
    let (hubspot, zuora, program) = empty("setup").await;

    let (code, dry) = told(&program, &["setup", "--dry-run"]);
    assert_eq!((code, &dry["changes"], &dry["byHand"]), (3, &json!(ALL_IN_HUBSPOT), &json!(2)), "{dry}");
    assert_eq!(hubspot.writes(), 0, "a dry run makes nothing");
    let (code, doctor) = told(&program, &["doctor"]);
    assert_eq!(code, 3);
    assert_eq!(levels(&doctor, "wrong").len(), usize::try_from(ALL_IN_HUBSPOT).unwrap() + 2, "{doctor}");

    // What an API can make is made; the rest is told so that a person can do it.
    let (code, out) = program.run(&["setup"]);
    assert_eq!(code, 3, "{out}");
    let first_line = format!("Portal 24680135: 0 there, {ALL_IN_HUBSPOT} to create, 2 by hand");
    assert!(out.starts_with(&first_line), "{out}");
    for words in [
        "object Contact",
        "object Subscription",
        "API name crmId__c, type Text, length 255, Filterable (Indexed)",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let writes = hubspot.writes();
    assert_eq!(u64::try_from(writes).unwrap(), ALL_IN_HUBSPOT);
    let (code, again) = told(&program, &["setup"]);
    assert_eq!((code, &again["changes"], &again["there"]), (3, &json!(0), &json!(ALL_IN_HUBSPOT)), "{again}");
    assert_eq!((hubspot.writes(), zuora.writes()), (writes, 0), "the second run changes nothing");
    let (code, doctor) = told(&program, &["doctor"]);
    assert_eq!(code, 3);
    let fields =
        ["Zuora custom field of Contact: crmId__c", "Zuora custom field of Subscription: hubspotDealId__c"];
    assert_eq!(levels(&doctor, "wrong"), fields, "{doctor}");
    assert_eq!(levels(&doctor, "warning"), ["Zuora custom field of Order: hubspotDealId__c"]);

    // The person does it.
    zuora.add_custom_field("Contact", "crmId__c");
    zuora.add_custom_field("Subscription", "hubspotDealId__c");
    let (code, out) = program.run(&["setup"]);
    assert_eq!(code, 0, "{out}");
    let (code, out) = program.run(&["doctor"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("HubSpot scopes: all that are needed are granted"), "{out}");
    assert_eq!((hubspot.writes(), zuora.writes()), (writes, 0));

    zuora.seed_acceptance_catalog();
    hubspot.seed_acceptance();
    let properties = [
        ("dealname", "The first"),
        ("pipeline", "default"),
        ("dealstage", "closedwon"),
        ("deal_currency_code", "USD"),
        ("closedate", "2026-11-16T10:00:00Z"),
    ];
    let line = Line {
        id: "8701",
        product: Some("1200000005"),
        name: "Sensor Gateway",
        quantity: "3",
        price: "19.00",
        frequency: Some("monthly"),
        term: Some("P12M"),
        ..Line::default()
    };
    hubspot.add_deal("7301", Some("9001003"), &properties, &[line]);
    let (code, out) = program.run(&["sync", "deal", "7301"]);
    assert_eq!(code, 0, "{out}");
    assert_eq!(hubspot.get("deals", "7301").unwrap()["zuora_sync_status"], "in_sync");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_scope_is_named_and_stops_nothing_else() {
    let (hubspot, zuora, program) = empty("setup-scopes").await;
    zuora.add_custom_field("Contact", "crmId__c");
    // Finance wrote it in another case: what exists is taken, and nothing is asked for a second time.
    zuora.add_custom_field("Subscription", "HubSpotDealId__c");
    let lost = ["crm.schemas.deals.write", "e-commerce"];
    hubspot.set_switches(|own| own.missing_scopes = lost.map(str::to_owned).to_vec());

    let (code, first) = told(&program, &["setup"]);
    assert_eq!(code, 1);
    // The group and 21 properties of deals, the trigger of line items.
    assert_eq!((&first["changes"], &first["failed"]), (&json!(1 + 16 + 5), &json!(1 + 21 + 1)), "{first}");
    for refused in with(&first, "items", "state", "refused") {
        let lacking =
            if refused["area"].as_str().unwrap().contains("line items") { lost[1] } else { lost[0] };
        let fix = refused["fix"].as_str().unwrap();
        assert!(fix.starts_with(&format!("Add {lacking} to requiredScopes in ")), "{refused}");
    }
    let unfit = with(&first, "items", "state", "does not fit");
    assert_eq!(unfit[0]["fix"], "Set zuora.deal_field = \"HubSpotDealId__c\".");
    let (_, doctor) = told(&program, &["doctor"]);
    let warnings = levels(&doctor, "warning");
    for scope in lost {
        assert!(warnings.contains(&format!("HubSpot scope {scope}")), "{scope}: {doctor}");
    }

    hubspot.set_switches(|own| own.missing_scopes.clear());
    let (code, second) = told(&program, &["setup"]);
    assert_eq!((code, &second["changes"], &second["failed"]), (0, &json!(23), &json!(0)), "{second}");

    // A right that the sync itself needs is wrong, whether or not setup is done.
    hubspot.set_switches(|own| own.missing_scopes = vec!["crm.objects.products.read".to_owned()]);
    let (code, doctor) = told(&program, &["doctor"]);
    assert_eq!(
        (code, levels(&doctor, "wrong")),
        (3, vec!["HubSpot scope crm.objects.products.read".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_exists_is_neither_changed_nor_doubled() {
    let (hubspot, _zuora, program) = empty("setup-there").await;
    let labels = "crm/associations/2026-09/companies/contacts/labels";
    api(&hubspot, Some(json!({"name": "billto", "label": "bill to"})), labels).await;
    hubspot.add_property("deals", "zuora_effective_date", "string", &[]);
    hubspot.add_property("companies", "zuora_sync_status", "enumeration", &["in_sync"]);
    let before = hubspot.writes();

    let (_, first) = told(&program, &["setup"]);
    assert_eq!(first["changes"], json!(ALL_IN_HUBSPOT - 3), "{first}");
    assert_eq!(u64::try_from(hubspot.writes() - before).unwrap(), ALL_IN_HUBSPOT - 3);
    let texts: Vec<Value> = api(&hubspot, None, labels).await["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["category"] == "USER_DEFINED")
        .map(|one| one["label"].clone())
        .collect();
    assert_eq!(texts, ["bill to", "Sold To"]);
    let unfit = with(&first, "items", "state", "does not fit");
    assert_eq!(unfit.len(), 2, "{first}");
    assert!(unfit[0]["detail"].as_str().unwrap().contains("pending, needs_attention, not_linked"), "{first}");
    assert!(unfit[1]["detail"].as_str().unwrap().contains("should be a date"), "{first}");
    let kept = api(&hubspot, None, "crm/properties/2026-09/deals/zuora_effective_date").await;
    assert_eq!(kept["type"], "string");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_tells_everything_at_once_and_when_it_could_not_look() {
    let (_hubspot, zuora, mut program) =
        empty_with("doctor", |own| own.access_token = Some("another".to_owned())).await;
    let (code, doctor) = told(&program, &["doctor"]);
    assert_eq!(code, 3);
    let wrong = levels(&doctor, "wrong");
    assert_eq!(wrong.first().map(String::as_str), Some("HubSpot access token"), "{doctor}");
    assert!(wrong.contains(&"Zuora custom field of Contact: crmId__c".to_owned()), "{doctor}");
    for one in with(&doctor, "checks", "level", "wrong") {
        assert!(one["why"].is_string() && one["fix"].is_string(), "{one}");
    }

    program.advance(300);
    let (_, doctor) = told(&program, &["doctor"]);
    assert!(levels(&doctor, "wrong").contains(&"clock against Zuora".to_owned()), "{doctor}");

    let down = sim_zuora::Fault::StatusBefore { status: 503 };
    zuora.inject(sim_zuora::FaultRule { count: 0, ..sim_zuora::FaultRule::new(down) });
    let (code, doctor) = told(&program, &["doctor"]);
    assert_eq!(code, 1);
    assert_eq!(levels(&doctor, "not checked"), ["Zuora OAuth client"], "{doctor}");
}
