//! Deals that change another deal's subscription, and what ends one: upsell, renewal, AS-21, won again (D-16).

use crate::world::{PLATFORM, SUPPORT, World, monthly, seats, world, world_with};
use connector_dev::Options;

const FIRST: &str = "HS-24680135-D7001";

fn deal<'a>(stage: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("dealname", "Another deal"),
        ("pipeline", "default"),
        ("dealstage", stage),
        ("deal_currency_code", "NOK"),
        ("closedate", "2027-02-10T10:00:00Z"),
    ];
    all.extend_from_slice(more);
    all
}

/// Deal 7001 as ordered in AS-07, with this configuration.
async fn ordered(config: &str) -> World {
    let world = world_with(config, |_: &mut Options| {}).await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 1);
    world
}

fn mrr(world: &World) -> String {
    let found = world.zuora.subscriptions().into_iter().find(|s| s["number"] == FIRST).unwrap();
    found["mrr"].as_str().unwrap_or_default().to_owned()
}

fn status(world: &World, number: &str) -> String {
    let found = world.zuora.subscriptions().into_iter().find(|s| s["number"] == number).unwrap();
    found["status"].as_str().unwrap_or_default().to_owned()
}

fn last_order(world: &World) -> String {
    world.zuora.orders().pop().unwrap().to_string()
}

#[tokio::test]
async fn an_upsell_adds_to_the_subscription_that_it_names() {
    let world = ordered("").await;
    let upsell =
        deal("closedwon", &[("dealtype", "existingbusiness"), ("zuora_extends_subscription", FIRST)]);
    world.hubspot.add_deal("7101", Some("9001001"), &upsell, &[monthly("8711", PLATFORM, "10", "500.00")]);
    world.settle().await;
    assert_eq!(
        world.zuora.subscriptions().len(),
        1,
        "{}",
        world.property("deals", "7101", "zuora_sync_error")
    );
    assert_eq!(mrr(&world), "30800.00");
    assert!(last_order(&world).contains("HS-24680135-D7101-1"));
    assert_eq!(world.property("deals", "7101", "zuora_subscription_number"), FIRST);
    // It changes its own lines only, and takes only them back.
    world.hubspot.put("line_items", "8711", &[("quantity", "12")]);
    world.settle().await;
    assert_eq!(mrr(&world), "31800.00");
    world.press("deal", "7001", "record_only").await;
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 3);
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync");
}

#[tokio::test]
async fn an_upsell_that_names_nothing_useful_is_refused() {
    let world = ordered("").await;
    for (id, number) in [("7111", "S-404"), ("7112", FIRST)] {
        let company = if number == FIRST { "9001002" } else { "9001001" };
        let upsell = deal("closedwon", &[("zuora_extends_subscription", number)]);
        let line = format!("87{id}");
        world.hubspot.add_deal(id, Some(company), &upsell, &[monthly(&line, PLATFORM, "10", "500.00")]);
        world.settle().await;
        world.parked("deals", id, "HZ0329");
    }
    assert_eq!(world.zuora.orders().len(), 1);
}

#[tokio::test]
async fn a_renewal_deal_renews_with_what_it_says() {
    let world = ordered("").await;
    let renewal = deal("closedwon", &[("dealtype", "renewal"), ("zuora_extends_subscription", FIRST)]);
    let support =
        || sim_hubspot::Line { frequency: Some("annually"), ..monthly("8722", SUPPORT, "1", "66000.00") };
    // Without a word on support: a person decides.
    world.hubspot.add_deal("7121", Some("9001001"), &renewal, &[monthly("8721", PLATFORM, "45", "540.00")]);
    world.settle().await;
    world.parked("deals", "7121", "HZ0330");
    assert_eq!(world.zuora.orders().len(), 1);
    world.hubspot.add_line("7121", &support());
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 2, "{}", world.property("deals", "7121", "zuora_sync_error"));
    let found = world.zuora.subscriptions().into_iter().find(|s| s["number"] == FIRST).unwrap();
    assert_eq!(found["endDate"], "2028-11-16", "{found}");
    // 45 x 540 + 66,000 / 12
    assert_eq!(found["mrr"], "29800.00");
    // The first deal is history: nothing of it is ordered again.
    world.press("deal", "7001", "record_only").await;
    world.press("deal", "7121", "record_only").await;
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 2);
}

#[tokio::test]
async fn rules_decide_by_pipeline_and_type() {
    let rules = r#"
[[deals.rules]]
deal_types = ["services"]
does = "nothing"
"#;
    let world = ordered(rules).await;
    let services = deal("closedwon", &[("dealtype", "services")]);
    world.hubspot.add_property("deals", "unused", "string", &[]);
    world.hubspot.add_deal("7131", Some("9001001"), &services, &[monthly("8731", PLATFORM, "1", "500.00")]);
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 1);
    assert_ne!(world.property("deals", "7131", "zuora_sync_status"), "needs_attention");
}

#[tokio::test]
async fn as_21_lost_with_a_date_cancels_once_on_that_day() {
    let world = ordered("[deals]\nclosed_lost = \"cancel\"\n").await;
    world.hubspot.put(
        "deals",
        "7001",
        &[("dealstage", "closedlost"), ("zuora_cancellation_date", "2027-05-31")],
    );
    world.press("deal", "7001", "record_only").await;
    world.settle().await;
    assert_eq!(status(&world, FIRST), "Cancelled", "{}", world.property("deals", "7001", "zuora_sync_error"));
    assert!(last_order(&world).contains("CancelSubscription"));
    let found = world.zuora.subscriptions().into_iter().find(|s| s["number"] == FIRST).unwrap();
    assert!(found.to_string().contains("2027-05-31"), "{found}");
    world.press("deal", "7001", "record_only").await;
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 2);
    // Won again: another life.
    world.hubspot.put("deals", "7001", &[("dealstage", "closedwon")]);
    world.settle().await;
    assert_eq!(status(&world, "HS-24680135-D7001-R2"), "Active");
    let again =
        world.zuora.subscriptions().into_iter().find(|s| s["number"] == "HS-24680135-D7001-R2").unwrap();
    assert_eq!(again["startDate"], "2027-05-31", "no day is billed twice: {again}");
    assert!(last_order(&world).contains("HS-24680135-D7001-3"));
}

#[tokio::test]
async fn lost_and_won_again_within_a_minute_harms_nothing() {
    let world = ordered("[deals]\nclosed_lost = \"cancel\"\n").await;
    world.hubspot.put("deals", "7001", &[("dealstage", "closedlost")]);
    world.hubspot.deliver().await;
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    world.advance(30);
    world.hubspot.put("deals", "7001", &[("dealstage", "closedwon")]);
    world.settle().await;
    world.advance(3_600);
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 1);
    assert_eq!(status(&world, FIRST), "Active");
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync");
}

#[tokio::test]
async fn a_deal_that_stays_lost_is_cancelled_when_its_time_is_over() {
    let world = ordered("[deals]\nclosed_lost = \"cancel\"\ncancel_policy = \"today\"\n").await;
    world.hubspot.put("deals", "7001", &[("dealstage", "closedlost")]);
    world.hubspot.deliver().await;
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert_eq!(world.zuora.orders().len(), 1, "not at once");
    world.advance(61);
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 2, "{}", world.property("deals", "7001", "zuora_sync_error"));
    assert_eq!(status(&world, FIRST), "Cancelled");
}

#[tokio::test]
async fn by_default_a_person_confirms_first_and_a_deleted_deal_never_cancels() {
    let world = ordered("").await;
    world.hubspot.put("deals", "7001", &[("dealstage", "closedlost")]);
    world.settle().await;
    world.press("deal", "7001", "record_only").await;
    world.settle().await;
    world.parked("deals", "7001", "HZ0321");
    assert_eq!(world.zuora.orders().len(), 1);
    world.hubspot.archive("deals", "7001");
    world.settle().await;
    world.advance(7_200);
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 1);
    assert_eq!(status(&world, FIRST), "Active");
}

#[tokio::test]
async fn what_finance_does_is_said_and_never_undone() {
    let world = world().await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    world.hubspot.put("deals", "7001", &[("dealstage", "contractsent")]);
    world.settle().await;
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync");
    assert_eq!(world.zuora.orders().len(), 1);
    assert_eq!(status(&world, FIRST), "Active");
}
