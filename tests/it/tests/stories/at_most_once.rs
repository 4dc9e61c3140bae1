//! AS-24 and AS-27: the same event many times, and outcomes that nobody told us.

use crate::world::{PLATFORM, World, monthly, seats, world, world_with};
use sim_zuora::{Fault, FaultRule};

fn exactly_one(world: &World, company: &str, deal: &str) {
    assert_eq!(world.accounts_of(company).len(), 1, "accounts");
    assert_eq!(
        world.subscriptions_of(deal).len(),
        1,
        "subscriptions; {}",
        world.property("deals", deal, "zuora_sync_error")
    );
    let orders = world
        .zuora
        .orders()
        .iter()
        .filter(|o| o["number"].as_str().unwrap().contains(&format!("D{deal}-")))
        .count();
    assert_eq!(orders, 1, "orders");
}

#[tokio::test]
async fn as_24_the_same_event_five_times_makes_one_of_everything() {
    let world = world_with("", |options| options.auto_deliver = false).await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    let events = world.hubspot.take_events();
    let sent = futures::future::join_all((0..3).map(|_| world.hubspot.post_events(&events, 0))).await;
    assert_eq!(sent, [200, 200, 200]);
    world.press("deal", "7001", "record_only").await;
    world.press("deal", "7001", "record_only").await;
    assert_eq!(world.hubspot.post_events(&events, 1).await, 200);
    world.settle().await;
    exactly_one(&world, "9001001", "7001");
    // A day and two hours later Zuora has forgotten the key, and the event comes once more.
    world.advance(26 * 3_600);
    let writes = world.zuora.writes();
    assert_eq!(world.hubspot.post_events(&events, 5).await, 200);
    world.settle().await;
    exactly_one(&world, "9001001", "7001");
    assert_eq!(world.zuora.writes(), writes);
}

#[tokio::test]
async fn two_deals_of_one_company_at_the_same_moment_share_the_account() {
    let world = world().await;
    for (deal, line) in [("7101", "8101"), ("7102", "8102"), ("7103", "8103"), ("7104", "8104")] {
        world.won(deal, Some("9001001"), "NOK", &[monthly(line, PLATFORM, "1", "520.00")]);
    }
    world.settle().await;
    assert_eq!(world.accounts_of("9001001").len(), 1);
    for deal in ["7101", "7102", "7103", "7104"] {
        exactly_one(&world, "9001001", deal);
    }
}

/// Plays a won deal against a fault of the order, then lets time pass in steps until it is settled.
async fn with_fault(fault: Fault, hours_later: i64) {
    let world = world().await;
    world.zuora.inject(FaultRule::on("POST", "/v1/orders$", fault.clone()));
    world.won("7003", Some("9001002"), "EUR", &[monthly("8301", PLATFORM, "25", "45.00")]);
    if hours_later > 0 {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        world.advance(hours_later * 3_600);
    }
    for _ in 0..40 {
        if world.property("deals", "7003", "zuora_sync_status") == "in_sync" {
            break;
        }
        world.advance(20);
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    }
    exactly_one(&world, "9001002", "7003");
    assert_eq!(world.property("deals", "7003", "zuora_sync_status"), "in_sync", "{fault:?}");
    // Nothing comes late.
    world.advance(3_600);
    world.press("deal", "7003", "record_only").await;
    world.settle().await;
    exactly_one(&world, "9001002", "7003");
}

#[tokio::test]
async fn as_27_an_order_that_was_taken_before_the_line_broke_is_found() {
    with_fault(Fault::CommitThenDrop, 0).await;
}

#[tokio::test]
async fn as_27_an_order_that_was_taken_is_found_a_day_later() {
    with_fault(Fault::CommitThenDrop, 25).await;
}

#[tokio::test]
async fn as_27_a_stored_failure_is_tried_under_a_new_key() {
    with_fault(Fault::StatusBefore { status: 500 }, 0).await;
}

#[tokio::test]
async fn as_27_a_stored_failure_is_forgotten_after_a_day() {
    with_fault(Fault::StatusBefore { status: 500 }, 25).await;
}

#[tokio::test]
async fn a_gateway_time_out_with_a_late_effect_makes_one_order() {
    with_fault(Fault::GatewayTimeout { effect_after_seconds: 110 }, 0).await;
}

#[tokio::test]
async fn a_dropped_connection_with_a_late_effect_makes_one_order() {
    with_fault(Fault::DropThenLateEffect { effect_after_seconds: 60 }, 0).await;
}

#[tokio::test]
async fn a_connection_that_broke_before_anything_happened_is_repeated_after_the_doubt() {
    with_fault(Fault::DropBefore, 0).await;
}

#[tokio::test]
async fn answers_that_cannot_be_read_are_looked_up() {
    with_fault(Fault::NonJson { effect: true }, 0).await;
    with_fault(Fault::TruncatedJson { effect: true }, 0).await;
    with_fault(Fault::StatusAfter { status: 503 }, 0).await;
}

#[tokio::test]
async fn patience_and_contention_are_obeyed() {
    with_fault(Fault::TooManyRequests { retry_after: Some(2) }, 0).await;
    with_fault(Fault::TooManyRequests { retry_after: None }, 0).await;
    with_fault(Fault::LockContention, 0).await;
    with_fault(Fault::Unauthorized, 0).await;
}

#[tokio::test]
async fn a_refusal_under_http_200_parks_the_deal_with_zuoras_words() {
    let world = world().await;
    world.zuora.inject(FaultRule::on(
        "POST",
        "/v1/orders$",
        Fault::Refuse { code: 58_730_030, message: "The tenant does not want this today.".to_owned() },
    ));
    world.won("7003", Some("9001002"), "EUR", &[monthly("8301", PLATFORM, "25", "45.00")]);
    world.settle().await;
    assert!(world.parked("deals", "7003", "HZ0401").contains("does not want this today"));
    world.press("deal", "7003", "record_only").await;
    world.settle().await;
    exactly_one(&world, "9001002", "7003");
}

#[tokio::test]
async fn a_deal_edited_between_a_time_out_and_the_retry_is_ordered_as_it_was_sent() {
    let world = world().await;
    world.zuora.inject(FaultRule::on(
        "POST",
        "/v1/orders$",
        Fault::DropThenLateEffect { effect_after_seconds: 40 },
    ));
    world.won("7003", Some("9001002"), "EUR", &[monthly("8301", PLATFORM, "25", "45.00")]);
    // Not before the order was sent.
    while !world.zuora.calls().iter().any(|c| c.method == "POST" && c.path == "/v1/orders") {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    world.hubspot.put("line_items", "8301", &[("quantity", "30")]);
    for _ in 0..12 {
        world.advance(20);
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    }
    // The first order is the one that was sent; the edit is not lost, it is a second order.
    let orders = world.zuora.orders();
    let numbers: Vec<&str> = orders.iter().filter_map(|o| o["number"].as_str()).collect();
    assert_eq!(
        numbers,
        ["HS-24680135-D7003-1", "HS-24680135-D7003-2"],
        "{}",
        world.card("deal", "7003").await
    );
    assert_eq!(world.subscription_of("7003")["mrr"], "1350.00");
    assert_eq!(world.property("deals", "7003", "zuora_sync_status"), "in_sync");
}

#[tokio::test]
async fn a_faulty_creation_of_account_and_catalogue_makes_one_of_each() {
    for (path, fault) in [
        ("/v1/accounts", Fault::CommitThenDrop),
        ("/v1/accounts", Fault::StatusBefore { status: 500 }),
        ("/v1/object/product$", Fault::CommitThenDrop),
        ("/v1/object/product-rate-plan$", Fault::CommitThenDrop),
        ("/v1/object/product-rate-plan-charge$", Fault::CommitThenDrop),
        ("/v1/object/product-rate-plan-charge$", Fault::StatusBefore { status: 502 }),
    ] {
        let world = world().await;
        world.zuora.inject(FaultRule::on("POST", path, fault.clone()));
        world.won("7009", Some("9001003"), "USD", &[monthly("8191", crate::world::GATEWAY, "12", "19.00")]);
        for _ in 0..40 {
            if world.property("deals", "7009", "zuora_sync_status") == "in_sync" {
                break;
            }
            world.advance(20);
            tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
        }
        exactly_one(&world, "9001003", "7009");
        let gateways: Vec<_> =
            world.zuora.products().into_iter().filter(|p| p["name"] == "Sensor Gateway").collect();
        assert_eq!(gateways.len(), 1, "{path} {fault:?}");
        assert_eq!(gateways[0]["ratePlans"].as_array().unwrap().len(), 1);
        assert_eq!(gateways[0]["ratePlans"][0]["charges"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_late_effect_of_an_older_change_does_not_stay() {
    let world = world().await;
    world.press("company", "9001001", "record_only").await;
    world.settle().await;
    world.zuora.inject(FaultRule::on(
        "PUT",
        "/v1/accounts",
        Fault::GatewayTimeout { effect_after_seconds: 60 },
    ));
    world.hubspot.put("companies", "9001001", &[("name", "Name B")]);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    world.hubspot.put("companies", "9001001", &[("name", "Name C")]);
    for _ in 0..10 {
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
        world.advance(20);
    }
    world.settle().await;
    assert_eq!(world.account_of("9001001")["name"], "Name C");
}

/// Plays an edit of an ordered deal against a fault of its order, with the button pressed meanwhile.
async fn change_with_fault(fault: Fault) {
    let world = world().await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    world.zuora.inject(FaultRule::on("POST", "/v1/orders$", fault.clone()));
    world.hubspot.update("line_items", "8001", &[("quantity", "55")]);
    for _ in 0..40 {
        for _ in 0..2 {
            world.press("deal", "7001", "record_only").await;
        }
        let done = world.subscription_of("7001")["mrr"] == "33600.00";
        if done && world.property("deals", "7001", "zuora_sync_status") == "in_sync" {
            break;
        }
        world.advance(20);
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    }
    let exactly = || {
        let numbers: Vec<_> = world.zuora.orders().iter().map(|o| o["number"].clone()).collect();
        assert_eq!(numbers, ["HS-24680135-D7001-1", "HS-24680135-D7001-2"], "{fault:?}");
        assert_eq!(world.subscription_of("7001")["mrr"], "33600.00", "{fault:?}");
        assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync", "{fault:?}");
    };
    exactly();
    world.advance(26 * 3_600);
    world.sync("7001").await;
    exactly();
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_ordered_once() {
    change_with_fault(Fault::CommitThenDrop).await;
}

#[tokio::test]
async fn a_change_with_a_late_effect_is_ordered_once() {
    change_with_fault(Fault::GatewayTimeout { effect_after_seconds: 110 }).await;
}

#[tokio::test]
async fn a_change_whose_failure_is_stored_is_ordered_once() {
    change_with_fault(Fault::StatusBefore { status: 500 }).await;
    change_with_fault(Fault::StatusAfter { status: 503 }).await;
}
