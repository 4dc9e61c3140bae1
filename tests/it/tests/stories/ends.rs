//! What ends a subscription, upsells and renewals in their variations, rules: AS-21 and beyond.

use crate::world::{PLATFORM, SUPPORT, World, key, monthly, seats, world_with};
use connector_dev::Options;
use connector_domain::state::mark;
use sim_hubspot::Line;
use std::collections::BTreeMap;

const FIRST: &str = "HS-24680135-D7001";

async fn ordered(config: &str) -> World {
    let world = world_with(config, |_: &mut Options| {}).await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    assert_eq!(world.orders(), 1, "{}", world.error("7001"));
    world
}

fn deal<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("dealname", "Another deal"),
        ("pipeline", "default"),
        ("dealstage", "closedwon"),
        ("deal_currency_code", "NOK"),
        ("closedate", "2027-02-10T10:00:00Z"),
        ("zuora_extends_subscription", FIRST),
    ];
    all.retain(|(name, _)| !more.iter().any(|(own, _)| own == name));
    all.extend_from_slice(more);
    all
}

fn cancelled_on(world: &World) -> String {
    world.numbered(FIRST)["cancelledDate"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn each_policy_ends_the_subscription_on_its_day() {
    for (policy, day) in
        [("end_of_term", "2027-11-16"), ("end_of_billed_period", "2027-03-16"), ("today", "2027-02-20")]
    {
        let world =
            ordered(&format!("[deals]\nclosed_lost = \"cancel\"\ncancel_policy = \"{policy}\"\n")).await;
        world.hubspot.remove_line("8003");
        world.settle().await;
        world.advance_to("2027-02-20");
        world.zuora.bill_through("2027-02-20".parse().unwrap());
        world.hubspot.update("deals", "7001", &[("dealstage", "closedlost")]);
        world.sync("7001").await;
        world.sync("7001").await;
        assert_eq!(
            (world.orders(), cancelled_on(&world).as_str()),
            (3, day),
            "{policy} {}",
            world.error("7001")
        );
    }
}

#[tokio::test]
async fn a_day_that_cannot_be_is_refused() {
    let world = ordered("[deals]\nclosed_lost = \"cancel\"\ncancel_policy = \"end_of_term\"\n").await;
    let lost = |day| [("dealstage", "closedlost"), ("zuora_cancellation_date", day)];
    for day in ["2026-11-01", "2028-01-01"] {
        world.hubspot.update("deals", "7001", &lost(day));
        world.sync("7001").await;
        assert!(world.parked("deals", "7001", "HZ0334").contains(day));
    }
    assert_eq!(world.orders(), 1);
    // Without end there is no end of term.
    world.won(
        "7002",
        Some("9001002"),
        "EUR",
        &[Line { term: None, ..monthly("8021", PLATFORM, "5", "45.00") }],
    );
    world.settle().await;
    world.hubspot.update("deals", "7002", &[("dealstage", "closedlost")]);
    world.sync("7002").await;
    world.parked("deals", "7002", "HZ0334");
    world.hubspot.update("deals", "7002", &[("zuora_cancellation_date", "2027-05-31")]);
    world.sync("7002").await;
    assert_eq!(world.subscription_of("7002")["status"], "Cancelled", "{}", world.error("7002"));
}

#[tokio::test]
async fn as_21_nothing_is_cancelled_before_a_person_confirms() {
    let world = ordered("").await;
    let confirm = async |token: &str| {
        let marks = BTreeMap::from([(mark::CONFIRMED.to_owned(), token.to_owned())]);
        world.states().unwrap().mark(&key("deal", "7001"), &marks).await.unwrap();
        world.sync("7001").await;
    };
    world.hubspot.update(
        "deals",
        "7001",
        &[("dealstage", "closedlost"), ("zuora_cancellation_date", "2027-05-31")],
    );
    world.settle().await;
    world.advance(7_200);
    world.sync("7001").await;
    world.parked("deals", "7001", "HZ0321");
    let asked = world.state_of("7001").await.confirm.unwrap();
    assert!(asked.text.contains("2027-05-31"), "{}", asked.text);
    confirm("something else").await;
    assert_eq!(world.orders(), 1);
    // Another day is another question; the old answer does not count for it.
    world.hubspot.update("deals", "7001", &[("zuora_cancellation_date", "2027-06-30")]);
    world.settle().await;
    confirm(&asked.token).await;
    assert_eq!(world.orders(), 1);
    let asked = world.state_of("7001").await.confirm.unwrap();
    confirm(&asked.token).await;
    assert_eq!((world.orders(), cancelled_on(&world).as_str()), (2, "2027-06-30"), "{}", world.error("7001"));
    world.sync("7001").await;
    assert_eq!(world.orders(), 2);
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync");
}

#[tokio::test]
async fn an_upsell_ends_with_the_subscription_and_only_its_lines_go() {
    let world = ordered("[deals]\nclosed_lost = \"cancel\"\ncancel_policy = \"today\"\n").await;
    world.advance_to("2027-02-10");
    let upsell = deal(&[("dealtype", "existingbusiness")]);
    let later =
        monthly("8712", SUPPORT, "1", "1000.00").with("hs_recurring_billing_start_date", "2027-06-16");
    let lines = [
        Line { term: Some("P36M"), ..monthly("8711", PLATFORM, "10", "500.00") },
        Line { term: Some("P36M"), ..later },
    ];
    world.hubspot.add_deal("7101", Some("9001001"), &upsell, &lines);
    world.settle().await;
    let found = world.numbered(FIRST);
    assert_eq!(
        (&found["endDate"], &found["mrr"]),
        (&"2027-11-16".into(), &"31800.00".into()),
        "{}",
        world.error("7101")
    );
    world.advance_to("2027-03-01");
    world.hubspot.update("deals", "7101", &[("dealstage", "closedlost")]);
    world.sync("7101").await;
    assert_eq!(world.numbered(FIRST)["mrr"], "25800.00", "{}", world.error("7101"));
    assert_eq!(world.numbered(FIRST)["status"], "Active");
    world.hubspot.update("deals", "7101", &[("dealstage", "closedwon")]);
    world.settle().await;
    let found = world.numbered(FIRST);
    assert_eq!(found["mrr"], "31800.00", "{}", world.error("7101"));
    // What was billed until it ended is not billed again.
    let seats =
        found["ratePlans"].as_array().unwrap().iter().filter(|p| p["externallyManagedPlanId"] == PLATFORM);
    let added =
        seats.flat_map(|p| p["charges"].as_array().unwrap()).rfind(|c| c["quantity"] == "10").unwrap();
    assert_eq!(added["startDate"], "2027-03-01", "{added}");
    let orders = world.orders();
    world.sync("7101").await;
    world.sync("7001").await;
    assert_eq!(world.orders(), orders);
}

#[tokio::test]
async fn a_renewal_keeps_or_removes_what_it_does_not_name_and_may_have_another_length() {
    for (unnamed, mrr) in [("keep", "29300.00"), ("remove", "24300.00")] {
        let world = ordered(&format!("[deals]\nrenewal_unnamed_lines = \"{unnamed}\"\n")).await;
        let renewal = deal(&[("dealtype", "renewal")]);
        let line = Line { term: Some("P24M"), ..monthly("8721", PLATFORM, "45", "540.00") };
        world.hubspot.add_deal("7121", Some("9001001"), &renewal, &[line]);
        world.settle().await;
        let found = world.numbered(FIRST);
        assert_eq!(found["mrr"], mrr, "{unnamed}: {}", world.error("7121"));
        assert_eq!(found["endDate"], "2029-11-16", "{unnamed}");
        world.sync("7121").await;
        world.sync("7001").await;
        assert_eq!(world.orders(), 2, "{unnamed}: {} {}", world.error("7121"), world.error("7001"));
    }
}

#[tokio::test]
async fn what_has_no_end_cannot_be_renewed() {
    let world = world_with("", |_: &mut Options| {}).await;
    world.won(
        "7001",
        Some("9001001"),
        "NOK",
        &[Line { term: None, ..monthly("8001", PLATFORM, "5", "520.00") }],
    );
    world.settle().await;
    let renewal = deal(&[("dealtype", "renewal")]);
    world.hubspot.add_deal("7121", Some("9001001"), &renewal, &[monthly("8721", PLATFORM, "45", "540.00")]);
    world.settle().await;
    world.parked("deals", "7121", "HZ0329");
    assert_eq!(world.orders(), 1);
}

#[tokio::test]
async fn rules_by_pipeline_and_property() {
    let rules = format!(
        "[[deals.rules]]\npipelines = [\"{}\"]\ndoes = \"extend\"\n[[deals.rules]]\nproperty = \"sales_motion\"\nvalues = \
         [\"Renewal\"]\ndoes = \"renew\"\n[[deals.rules]]\nproperty = \"sales_motion\"\ndoes = \"new\"\n",
        sim_hubspot::PARTNER_PIPELINE
    );
    let world = ordered(&rules).await;
    world.hubspot.add_property("deals", "sales_motion", "string", &[]);
    let partner =
        deal(&[("pipeline", sim_hubspot::PARTNER_PIPELINE), ("dealstage", sim_hubspot::PARTNER_SIGNED)]);
    world.hubspot.add_deal("7131", Some("9001001"), &partner, &[monthly("8731", PLATFORM, "1", "500.00")]);
    world.settle().await;
    assert_eq!(world.numbered(FIRST)["mrr"], "26300.00", "{}", world.error("7131"));
    let own = deal(&[("sales_motion", "anything")]);
    world.hubspot.add_deal("7132", Some("9001001"), &own, &[monthly("8732", PLATFORM, "1", "500.00")]);
    world.settle().await;
    assert_eq!(world.subscription_of("7132")["number"], "HS-24680135-D7132", "{}", world.error("7132"));
    let unnamed = deal(&[
        ("pipeline", sim_hubspot::PARTNER_PIPELINE),
        ("dealstage", sim_hubspot::PARTNER_SIGNED),
        ("zuora_extends_subscription", ""),
    ]);
    world.hubspot.add_deal("7133", Some("9001001"), &unnamed, &[monthly("8733", PLATFORM, "1", "500.00")]);
    world.settle().await;
    world.parked("deals", "7133", "HZ0329");
    let renewal = deal(&[("sales_motion", "renewal")]);
    let support = Line { frequency: Some("annually"), ..monthly("8735", SUPPORT, "1", "60000.00") };
    let lines =
        [monthly("8734", PLATFORM, "40", "520.00"), support, monthly("8736", PLATFORM, "1", "500.00")];
    world.hubspot.add_deal("7134", Some("9001001"), &renewal, &lines);
    world.settle().await;
    assert_eq!(world.numbered(FIRST)["endDate"], "2028-11-16", "{}", world.error("7134"));
}
