//! Sales and finance on one subscription: drift, conflicts, uplifts, effective dates, suspensions (D-1, D-7).

use crate::world::{PLATFORM, World, seats, world_with};
use connector_dev::Options;
use serde_json::json;

const FIRST: &str = "HS-24680135-D7001";

async fn ordered(config: &str) -> World {
    let world = world_with(config, |_: &mut Options| {}).await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    assert_eq!(world.orders(), 1, "{}", world.error("7001"));
    world
}

fn mrr(world: &World) -> String {
    world.numbered(FIRST)["mrr"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_finance_changes_is_said_and_a_conflict_names_the_three_values() {
    let world = ordered("").await;
    world.finance_sets(FIRST, PLATFORM, "2026-12-16", 45).await;
    world.sync("7001").await;
    assert_eq!(world.orders(), 2, "nothing is undone");
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync");
    let notices = world.state_of("7001").await.notices;
    assert!(notices.iter().any(|n| n.contains("Changed in Zuora") && n.contains("45 x 520")), "{notices:?}");
    let card = world.card("deal", "7001").await.to_string();
    assert!(card.contains("left as it is"), "{card}");
    // Another line of the same deal goes on as if nothing were.
    world.hubspot.update("line_items", "8003", &[("price", "66000.00")]);
    world.settle().await;
    assert_eq!(world.orders(), 3, "{}", world.error("7001"));
    // The same line: ordered 40, the deal says 55, Zuora has 45.
    world.hubspot.update("line_items", "8001", &[("quantity", "55")]);
    world.settle().await;
    let said = world.parked("deals", "7001", "HZ0318");
    for value in ["40 x 520", "55 x 520", "45 x 520"] {
        assert!(said.contains(value), "{value} in {said}");
    }
    assert_eq!(world.orders(), 3);
    // Sales gives in.
    world.hubspot.update("line_items", "8001", &[("quantity", "45")]);
    world.settle().await;
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync", "{}", world.error("7001"));
    assert_eq!(world.orders(), 3);
    world.hubspot.update("line_items", "8001", &[("quantity", "50")]);
    world.settle().await;
    // 50 x 520 and 66,000 / 12
    assert_eq!((world.orders(), mrr(&world).as_str()), (4, "31500.00"), "{}", world.error("7001"));
}

#[tokio::test]
async fn what_finance_cancels_stays_cancelled() {
    let world = ordered("[deals]\nclosed_lost = \"cancel\"\n").await;
    let cancel = json!({"type": "CancelSubscription", "cancelSubscription":
        {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2027-01-16"}});
    world.finance(FIRST, "2027-01-16", cancel).await;
    world.sync("7001").await;
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync", "{}", world.error("7001"));
    let notices = world.state_of("7001").await.notices;
    assert!(notices.iter().any(|n| n.contains("cancelled")), "{notices:?}");
    world.hubspot.update("line_items", "8001", &[("quantity", "55")]);
    world.settle().await;
    world.parked("deals", "7001", "HZ0318");
    assert_eq!(world.orders(), 2);
    // Lost: there is nothing to cancel; won again: a new life.
    world.hubspot.update("deals", "7001", &[("dealstage", "closedlost")]);
    world.sync("7001").await;
    assert_eq!(world.orders(), 2);
    world.hubspot.update("deals", "7001", &[("dealstage", "closedwon")]);
    world.settle().await;
    assert_eq!(world.numbered("HS-24680135-D7001-R2")["status"], "Active", "{}", world.error("7001"));
}

#[tokio::test]
async fn an_uplift_at_renewal_is_the_new_base() {
    let world = ordered("[deals]\nauto_renew = true\n").await;
    world.zuora.set_renewal_uplift(Some(5.into()));
    world.advance_to("2027-11-20");
    world.sync("7001").await;
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync", "{}", world.error("7001"));
    // 40 x 546 and 63,000 / 12
    assert_eq!(mrr(&world), "27090.00");
    let notices = world.state_of("7001").await.notices;
    assert!(!notices.iter().any(|n| n.contains("Changed in Zuora")), "{notices:?}");
    // More seats keep the raised price; a new price replaces it.
    world.hubspot.update("line_items", "8001", &[("quantity", "50")]);
    world.settle().await;
    assert_eq!(mrr(&world), "32550.00", "{}", world.error("7001"));
    world.hubspot.update("line_items", "8001", &[("price", "550.00")]);
    world.settle().await;
    assert_eq!(mrr(&world), "32750.00", "{}", world.error("7001"));
    assert_eq!(world.orders(), 3);
}

/// Days on which the parts of the seats' charge begin.
fn starts(world: &World) -> Vec<String> {
    let plans = world.numbered(FIRST)["ratePlans"].clone();
    let plan = plans.as_array().unwrap().iter().find(|p| p["externallyManagedPlanId"] == PLATFORM).unwrap();
    let segments = plan["charges"][0]["segments"].clone();
    segments.as_array().unwrap().iter().map(|s| s["start"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_history_of_the_line_says_when() {
    let world = ordered("").await;
    world.hubspot.set_auto_deliver(false);
    world.advance_to("2027-02-10");
    world.hubspot.update("line_items", "8001", &[("quantity", "55")]);
    // Another property does not move the day, and the webhook comes days later.
    world.advance_to("2027-02-14");
    world.hubspot.update("line_items", "8001", &[("name", "Seats")]);
    world.advance_to("2027-02-20");
    world.hubspot.set_auto_deliver(true);
    world.settle().await;
    assert_eq!(starts(&world), ["2026-11-16", "2027-02-10"], "{}", world.error("7001"));
    // A day that is named and lies before the last change is refused, not moved.
    world.hubspot.update("deals", "7001", &[("zuora_effective_date", "2027-01-01")]);
    world.hubspot.update("line_items", "8001", &[("quantity", "60")]);
    world.settle().await;
    assert!(world.parked("deals", "7001", "HZ0331").contains("2027-02-10"));
    world.hubspot.update("deals", "7001", &[("zuora_effective_date", "2027-04-16")]);
    world.settle().await;
    assert_eq!(starts(&world), ["2026-11-16", "2027-02-10", "2027-04-16"], "{}", world.error("7001"));
}

#[tokio::test]
async fn time_that_is_invoiced_is_changed_only_where_the_installation_allows_it() {
    for (late, ordered_again) in [("park", false), ("allow", true)] {
        let world = ordered(&format!("[deals]\nlate_changes = \"{late}\"\n")).await;
        world.advance_to("2027-03-20");
        assert!(!world.zuora.bill_through("2027-03-20".parse().unwrap()).is_empty());
        world.hubspot.update("deals", "7001", &[("zuora_effective_date", "2027-01-16")]);
        world.hubspot.update("line_items", "8001", &[("quantity", "55")]);
        world.settle().await;
        assert_eq!(world.orders() == 2, ordered_again, "{late}: {}", world.error("7001"));
        if !ordered_again {
            assert!(world.parked("deals", "7001", "HZ0331").contains("invoiced"));
            world.hubspot.update("deals", "7001", &[("zuora_effective_date", "2027-03-18")]);
            world.settle().await;
            assert_eq!(world.orders(), 2, "inside the period invoiced last: {}", world.error("7001"));
        }
        assert_eq!(mrr(&world), "33600.00", "{late}");
    }
}

#[tokio::test]
async fn suspended_and_resumed_by_the_days_on_the_deal() {
    let config = "[deals]\nsuspend_date_property = \"suspend_on\"\nresume_date_property = \"resume_on\"\n";
    let world = ordered(config).await;
    world.hubspot.add_property("deals", "suspend_on", "date", &[]);
    world.hubspot.add_property("deals", "resume_on", "date", &[]);
    world.hubspot.update("deals", "7001", &[("suspend_on", "2027-02-16")]);
    world.sync("7001").await;
    assert_eq!(world.orders(), 2, "{}", world.error("7001"));
    world.hubspot.update("deals", "7001", &[("resume_on", "2027-04-16")]);
    world.sync("7001").await;
    assert_eq!(world.orders(), 3, "{}", world.error("7001"));
    let suspensions = world.numbered(FIRST)["suspensions"].clone();
    assert_eq!(suspensions, json!([{"from": "2027-02-16", "to": "2027-04-16"}]));
    world.sync("7001").await;
    assert_eq!(world.orders(), 3);
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync");
}

#[tokio::test]
async fn another_currency_after_the_order_is_for_a_person() {
    let world = ordered("").await;
    world.hubspot.update("deals", "7001", &[("deal_currency_code", "USD")]);
    for line in ["8001", "8002", "8003"] {
        world.hubspot.update("line_items", line, &[("hs_line_item_currency_code", "USD")]);
    }
    world.settle().await;
    assert!(world.parked("deals", "7001", "HZ0333").contains("NOK"));
    assert_eq!(world.orders(), 1);
}
