//! What a deal changes after its first order: AS-18, AS-19, three-way cells of D-1.

use crate::world::{PLATFORM, SUPPORT, World, monthly, seats, world, world_with};
use serde_json::Value;
use sim_hubspot::Line;

/// Metered storage: usage per unit in Zuora.
const STORAGE: &str = "1200000006";

/// Deal 7001 as ordered in AS-07, and nothing under way.
async fn ordered() -> World {
    let world = world().await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 1);
    world
}

/// Lets time pass until noon of a day.
fn advance_to(world: &World, date: &str) {
    let noon: jiff::Timestamp = format!("{date}T12:00:00Z").parse().unwrap();
    world.advance(noon.duration_since(world.zuora.now()).as_secs());
}

/// Action types of the last order, with their dates.
fn last_actions(world: &World) -> Vec<(String, String)> {
    let order = world.zuora.orders().pop().unwrap();
    order["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| match action.as_str() {
            Some(kind) => (kind.to_owned(), String::new()),
            None => (
                action["type"].as_str().unwrap_or_default().to_owned(),
                action["date"].as_str().unwrap_or_default().to_owned(),
            ),
        })
        .collect()
}

#[tokio::test]
async fn as_18_more_seats_on_the_same_deal() {
    let world = ordered().await;
    advance_to(&world, "2027-02-10");
    world.hubspot.put("line_items", "8001", &[("quantity", "55")]);
    world.settle().await;
    let subscription = world.subscription_of("7001");
    assert_eq!(subscription["mrr"], "33600.00", "{}", world.property("deals", "7001", "zuora_sync_error"));
    let orders = world.zuora.orders();
    assert_eq!(orders.len(), 2);
    assert_eq!(orders[1]["number"], "HS-24680135-D7001-2");
    let kinds: Vec<String> = last_actions(&world).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["UpdateProduct"]);
    let seat = |s: &Value| {
        s["ratePlans"][0]["charges"][0]["segments"].as_array().map(|all| all.last().cloned().unwrap())
    };
    if let Some(segment) = seat(&subscription) {
        assert_eq!(segment["start"], "2027-02-10", "{segment}");
    }
    // Nothing more to do, by any door.
    world.press("deal", "7001", "record_only").await;
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 2);
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync");
    assert_eq!(world.property("deals", "7001", "zuora_order_number"), "HS-24680135-D7001-2");
}

#[tokio::test]
async fn as_19_removed_repriced_and_added_in_one_edit() {
    let world = ordered().await;
    advance_to(&world, "2027-03-01");
    world.hubspot.set_auto_deliver(false);
    world.hubspot.put("line_items", "8001", &[("price", "500.00")]);
    world.hubspot.remove_line("8003");
    let storage = Line { quantity: "1", price: "0.02", ..monthly("8004", STORAGE, "1", "0.02") };
    world.hubspot.add_line("7001", &storage);
    world.hubspot.set_auto_deliver(true);
    world.hubspot.deliver().await;
    world.settle().await;
    let orders = world.zuora.orders();
    assert_eq!(orders.len(), 2, "{}", world.property("deals", "7001", "zuora_sync_error"));
    let kinds: Vec<String> = last_actions(&world).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["UpdateProduct", "RemoveProduct", "AddProduct"]);
    assert_eq!(world.subscription_of("7001")["mrr"], "20000.00");
    world.press("deal", "7001", "record_only").await;
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 2);
}

#[tokio::test]
async fn the_effective_date_of_the_deal_wins_and_is_refused_where_it_cannot_be() {
    let world = ordered().await;
    world.hubspot.set_auto_deliver(false);
    world.hubspot.put("deals", "7001", &[("zuora_effective_date", "2028-01-01")]);
    world.hubspot.put("line_items", "8001", &[("quantity", "41")]);
    world.hubspot.set_auto_deliver(true);
    world.hubspot.deliver().await;
    world.settle().await;
    assert!(world.parked("deals", "7001", "HZ0331").contains("2028-01-01"));
    assert_eq!(world.zuora.orders().len(), 1);
    world.hubspot.put("deals", "7001", &[("zuora_effective_date", "2027-01-16")]);
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 2, "{}", world.property("deals", "7001", "zuora_sync_error"));
    assert_eq!(world.subscription_of("7001")["mrr"], "26320.00");
    assert_eq!(world.property("deals", "7001", "zuora_sync_error"), "");
}

#[tokio::test]
async fn a_line_that_a_quote_tool_replaced_is_the_same_line() {
    let world = ordered().await;
    world.hubspot.set_auto_deliver(false);
    world.hubspot.remove_line("8001");
    world.hubspot.add_line("7001", &monthly("8901", PLATFORM, "40", "520.00"));
    world.hubspot.set_auto_deliver(true);
    world.hubspot.deliver().await;
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 1, "nothing was removed and added");
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync");
    // The new id carries the charge on: a change of it is an update.
    world.hubspot.put("line_items", "8901", &[("quantity", "42")]);
    world.settle().await;
    let kinds: Vec<String> = last_actions(&world).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["UpdateProduct"]);
    assert_eq!(world.subscription_of("7001")["mrr"], "26840.00");
}

#[tokio::test]
async fn a_longer_term_is_terms_and_conditions() {
    let world = ordered().await;
    world.hubspot.set_auto_deliver(false);
    world.hubspot.put("line_items", "8001", &[("hs_recurring_billing_period", "P24M")]);
    world.hubspot.put("line_items", "8003", &[("hs_recurring_billing_period", "P24M")]);
    world.hubspot.set_auto_deliver(true);
    world.hubspot.deliver().await;
    world.settle().await;
    let kinds: Vec<String> = last_actions(&world).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["TermsAndConditions"], "{}", world.property("deals", "7001", "zuora_sync_error"));
    assert_eq!(world.subscription_of("7001")["endDate"], "2028-11-16");
}

#[tokio::test]
async fn removed_and_added_again_is_another_charge() {
    let world = ordered().await;
    world.hubspot.remove_line("8003");
    world.settle().await;
    assert_eq!(world.subscription_of("7001")["mrr"], "20800.00");
    world.hubspot.restore("line_items", "8003");
    world.hubspot.associate(("deals", "7001"), ("line_items", "8003"), None);
    world.settle().await;
    let line = Line { frequency: Some("annually"), ..monthly("8905", SUPPORT, "1", "60000.00") };
    if world.subscription_of("7001")["mrr"] != "25800.00" {
        world.hubspot.add_line("7001", &line);
        world.settle().await;
    }
    assert_eq!(world.subscription_of("7001")["mrr"], "25800.00");
}

#[tokio::test]
async fn a_subscription_that_waits_for_activation_gets_its_day_later() {
    let world = world_with("", |options| options.zuora.require_service_activation = true).await;
    world.won("7031", Some("9001002"), "USD", &[monthly("8311", PLATFORM, "5", "49.00")]);
    world.settle().await;
    assert_eq!(world.subscription_of("7031")["status"], "Pending Activation");
    assert_eq!(world.property("deals", "7031", "zuora_sync_status"), "in_sync");
    world.hubspot.put("deals", "7031", &[("z_service_activation_date", "2026-12-15")]);
    world.settle().await;
    let subscription = world.subscription_of("7031");
    assert_eq!(subscription["status"], "Active", "{}", world.property("deals", "7031", "zuora_sync_error"));
    assert_eq!(subscription["serviceActivationDate"], "2026-12-15");
    assert_eq!(world.zuora.orders().len(), 1, "no further order is needed");
}

#[tokio::test]
async fn a_line_may_start_billing_with_the_activation_of_the_service() {
    let world = world().await;
    let line = monthly("8321", PLATFORM, "1", "49.00").with("billing_start_trigger", "ServiceActivation");
    world.hubspot.add_deal(
        "7032",
        Some("9001002"),
        &[
            ("pipeline", "default"),
            ("dealstage", "closedwon"),
            ("deal_currency_code", "USD"),
            ("closedate", "2026-11-16T10:00:00Z"),
            ("z_service_activation_date", "2026-12-03"),
        ],
        &[line],
    );
    world.settle().await;
    let subscription = world.subscription_of("7032");
    assert_eq!(subscription["mrr"], "49.00", "{}", world.property("deals", "7032", "zuora_sync_error"));
    assert_eq!(subscription["ratePlans"][0]["charges"][0]["startDate"], "2026-12-03");
}
