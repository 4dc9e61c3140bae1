//! What a sync costs: calls are counted.

use crate::world::{PLATFORM, World, monthly, seats, world};
use sim_hubspot::Line;

fn business(world: &World) -> usize {
    world.zuora.calls().iter().filter(|c| c.path != "/oauth/token").count()
}

#[tokio::test]
async fn a_second_look_writes_nothing_anywhere() {
    let world = world().await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    let writes = (world.zuora.writes(), world.hubspot.writes());
    for (object, id) in [("deal", "7001"), ("company", "9001001")] {
        world.press(object, id, "with_deals").await;
    }
    world.hubspot.put("deals", "7001", &[("dealname", "Another name")]);
    world.settle().await;
    assert_eq!((world.zuora.writes(), world.hubspot.writes()), writes);
}

#[tokio::test]
async fn a_changed_company_costs_one_read_one_write_and_one_write_back() {
    let world = world().await;
    world.press("company", "9001001", "record_only").await;
    world.settle().await;
    world.hubspot.clear_calls();
    world.zuora.clear_calls();
    world.hubspot.put("companies", "9001001", &[("name", "Fjordlys Energi Holding AS")]);
    world.settle().await;
    assert_eq!(world.account_of("9001001")["name"], "Fjordlys Energi Holding AS");
    assert_eq!((world.hubspot.reads(), business(&world), world.hubspot.writes()), (1, 1, 1));
}

/// Calls of a won deal with so many lines, company and products known.
async fn calls_of_a_deal(lines: usize) -> (usize, usize) {
    let world = world().await;
    world.won("7001", Some("9001001"), "NOK", &[monthly("8001", PLATFORM, "1", "520.00")]);
    world.settle().await;
    world.hubspot.clear_calls();
    world.zuora.clear_calls();
    let ids: Vec<String> = (0..lines).map(|n| (9_000 + n).to_string()).collect();
    let lines: Vec<Line<'_>> = ids.iter().map(|id| monthly(id, PLATFORM, "2", "520.00")).collect();
    world.won("7002", Some("9001001"), "NOK", &lines);
    world.settle().await;
    assert_eq!(world.subscription_of("7002")["ratePlans"].as_array().unwrap().len(), lines.len());
    // What the deal itself costs; the events of its line items only look for their deal.
    let mine = world
        .hubspot
        .calls()
        .into_iter()
        .filter(|c| !c.path.contains("line_items/deals") && !c.path.contains("batch/update"));
    let deals =
        mine.filter(|c| !c.path.contains("/deals/7002") && !c.path.contains("line_items/batch/read")).count();
    (deals, business(&world))
}

#[tokio::test]
async fn the_calls_of_a_won_deal_do_not_grow_with_its_lines() {
    let (_, few) = calls_of_a_deal(2).await;
    let (_, many) = calls_of_a_deal(40).await;
    assert_eq!(few, many, "calls to Zuora with 2 and with 40 lines");
    assert!(many <= 4, "two look-ups, a preview and one order, but {many} calls");
}

#[tokio::test]
async fn our_own_echo_causes_no_write() {
    let world = world().await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    let writes = (world.zuora.writes(), world.hubspot.writes());
    let echo = serde_json::json!([{
        "eventId": 1, "subscriptionId": 1, "portalId": 24680135, "appId": 50780459, "occurredAt": world.hubspot.now_ms(),
        "subscriptionType": "object.propertyChange", "attemptNumber": 0, "objectId": 7001, "objectTypeId": "0-3",
        "propertyName": "zuora_sync_status", "propertyValue": "in_sync", "changeSource": "INTEGRATION", "sourceId": "50780459"
    }]);
    assert_eq!(world.hubspot.post_events(echo.as_array().unwrap(), 0).await, 200);
    world.settle().await;
    assert_eq!((world.zuora.writes(), world.hubspot.writes()), writes);
}
