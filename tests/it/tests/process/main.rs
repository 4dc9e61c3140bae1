//! The real `connector` program: killed without warning while events come in, and used from the command line.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests stop at the first surprise")]

mod program;
mod setup;

use connector_dev::stack::CLIENT_SECRET;
use program::Program;
use serde_json::Value;
use sim_hubspot::Line;
use std::time::Duration;

struct Vendors {
    hubspot: sim_hubspot::Sim,
    zuora: sim_zuora::Sim,
}

async fn vendors() -> Vendors {
    let zuora = sim_zuora::Sim::start(sim_zuora::Config::default()).await.unwrap();
    zuora.seed_acceptance_catalog();
    let hubspot =
        sim_hubspot::Config { client_secret: CLIENT_SECRET.to_owned(), ..sim_hubspot::Config::default() };
    let hubspot = sim_hubspot::Sim::start(hubspot).await.unwrap();
    hubspot.seed_acceptance();
    Vendors { hubspot, zuora }
}

fn win(hubspot: &sim_hubspot::Sim, deal: u32, company: &str) {
    let (id, line) = (deal.to_string(), format!("8{deal}"));
    hubspot.add_deal(
        &id,
        Some(company),
        &[
            ("dealname", "A deal"),
            ("pipeline", "default"),
            ("dealstage", "closedwon"),
            ("deal_currency_code", "USD"),
            ("closedate", "2026-11-16T10:00:00Z"),
        ],
        &[Line {
            id: &line,
            product: Some("1200000005"),
            name: "Sensor Gateway",
            quantity: "3",
            price: "19.00",
            frequency: Some("monthly"),
            term: Some("P12M"),
            ..Line::default()
        }],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_at_any_moment_lose_no_event_and_double_nothing() {
    let Vendors { hubspot, zuora } = vendors().await;
    let mut program = Program::new(&hubspot, &zuora, "kill");
    hubspot.set_webhook_target(&format!("{}/webhooks/hubspot", program.url()));
    let mut deal = 7_100;
    for pause in [15_u64, 60, 120, 200, 35, 90] {
        program.start(&[]);
        program.wait_until_healthy().await;
        for company in ["9001001", "9001003", "9001004"] {
            deal += 1;
            win(&hubspot, deal, company);
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        program.kill();
        // Leases and doubts of the killed process run out.
        program.advance(300);
        hubspot.advance(300);
        zuora.advance(300);
    }
    program.start(&[]);
    program.wait_until_healthy().await;
    for _ in 0..100 {
        let synced = (7_101..=deal)
            .filter(|d| hubspot.get("deals", &d.to_string()).unwrap()["zuora_sync_status"] == "in_sync");
        if synced.count() == usize::try_from(deal - 7_100).unwrap() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    program.kill();
    let count = |deal: u32| {
        let deal = deal.to_string();
        zuora
            .subscriptions()
            .iter()
            .filter(|s| s["customFields"]["hubspotDealId__c"] == deal.as_str())
            .count()
    };
    for deal in 7_101..=deal {
        assert_eq!(
            count(deal),
            1,
            "deal {deal}: {:?}",
            hubspot.get("deals", &deal.to_string()).unwrap()["zuora_sync_error"]
        );
    }
    assert_eq!(zuora.orders().len(), usize::try_from(deal - 7_100).unwrap());
    assert_eq!(zuora.accounts().len(), 3);
    assert_eq!(zuora.products().iter().filter(|p| p["name"] == "Sensor Gateway").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_plans_syncs_and_explains_itself() {
    let Vendors { hubspot, zuora } = vendors().await;
    hubspot.set_auto_deliver(false);
    win(&hubspot, 7_201, "9001003");
    let program = Program::new(&hubspot, &zuora, "cli");

    let (code, out) = program.run(&["config", "check"]);
    assert_eq!(code, 0, "{out}");
    let (code, out) = program.run(&["plan", "deal", "7201", "--json"]);
    assert_eq!(code, 3, "{out}");
    let plan: Value = serde_json::from_str(&out).unwrap();
    assert!(
        plan["first"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["actions"][0].as_str().unwrap().starts_with("create account"))
    );
    assert_eq!(zuora.writes(), 0, "a plan writes nothing");

    let (code, out) = program.run(&["sync", "deal", "7201", "--json"]);
    assert_eq!(code, 0, "{out}");
    let views: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(views[0]["status"], "in_sync");
    assert_eq!(zuora.orders().len(), 1);
    let (code, out) = program.run(&["plan", "deal", "7201"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("nothing to change"), "{out}");

    win(&hubspot, 7_202, "9001003");
    hubspot.put_silently("line_items", "87202", &[("price", "")]);
    let (code, _) = program.run(&["sync", "deal", "7202"]);
    assert_eq!(code, 1);
    let (code, out) = program.run(&["failures", "--json"]);
    assert_eq!(code, 0);
    let failures: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(failures[0]["problems"][0]["code"], "HZ0309", "{out}");
    assert_eq!(failures[0]["problems"][0]["class"], "data");
    hubspot.put_silently("line_items", "87202", &[("price", "19.00")]);
    let (code, out) = program.run(&["sync", "deal", "7202"]);
    assert_eq!(code, 0, "{out}");
    assert_eq!(zuora.orders().len(), 2);

    let (code, _) = program.run(&["sync", "deal", "seven"]);
    assert_eq!(code, 2);
    let (code, _) = program.run(&["nonsense"]);
    assert_eq!(code, 2);
    let (code, out) = program.run(&["status", "--json"]);
    assert_eq!(code, 0);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["parked"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_configuration_is_named_at_once_with_every_fault() {
    let Vendors { hubspot, zuora } = vendors().await;
    let program = Program::new(&hubspot, &zuora, "config");
    program.write_config("[hubspot]\nportal_id = \"x\"\nbase_url = \"http://example.com\"\nporta = 1\n[zuora]\nbase_url = \"ftp://a\"\n");
    let (code, out) = program.run_with_errors(&["config", "check"]);
    assert_eq!(code, 2);
    for word in ["portal_id", "hubspot.base_url", "porta", "zuora.base_url", "app_id", "public.url"] {
        assert!(out.contains(word), "{word} is not named in {out}");
    }
}
