//! Discounts, tiers, usage, currencies, ramps: AS-11, AS-12 and their like. Amounts are worked out here by hand.

use crate::world::{GATEWAY, PLATFORM, WORKSHOP, World, monthly, world, world_with};
use connector_dev::Options;
use serde_json::Value;
use sim_hubspot::Line;

const API_CALLS: &str = "1200000002";
const STORAGE: &str = "1200000006";

/// All amounts per month that any charge of a subscription stands for.
fn mrr(world: &World, deal: &str) -> String {
    let subscription = world.subscription_of(deal);
    subscription["mrr"].as_str().unwrap_or_default().to_owned()
}

async fn in_both_modes(check: impl AsyncFn(World, &str)) {
    for mode in ["net_price", "discount_charges"] {
        let world = world_with(&format!("discounts = \"{mode}\"\n"), |_: &mut Options| {}).await;
        check(world, mode).await;
    }
}

#[tokio::test]
async fn as_11_discounts_are_taken_once_in_either_mode() {
    in_both_modes(async |world, mode| {
        let tenth = Line { discount_percentage: Some("10"), ..monthly("8060", PLATFORM, "100", "49.00") };
        let five = Line { discount: Some("5.00"), ..monthly("8070", PLATFORM, "100", "49.00") };
        world.won("7006", Some("9001002"), "USD", &[tenth]);
        world.won("7007", Some("9001002"), "USD", &[five]);
        world.settle().await;
        assert_eq!(mrr(&world, "7006"), "4410.00", "{mode}");
        assert_eq!(mrr(&world, "7007"), "4400.00", "{mode}");
        // Where the discount went: into the price, or beside it.
        let text = world.subscription_of("7006").to_string();
        assert_eq!(text.contains("44.1"), mode == "net_price", "{mode}: {text}");
        assert!(!text.contains("3969"), "{mode}: {text}");
    })
    .await;
}

#[tokio::test]
async fn a_discounted_deal_changes_in_either_mode() {
    in_both_modes(async |world, mode| {
        let tenth = Line { discount_percentage: Some("10"), ..monthly("8060", PLATFORM, "100", "49.00") };
        world.won("7006", Some("9001002"), "USD", &[tenth]);
        world.settle().await;
        world.hubspot.put("line_items", "8060", &[("hs_discount_percentage", "20")]);
        world.settle().await;
        assert_eq!(
            mrr(&world, "7006"),
            "3920.00",
            "{mode}: {}",
            world.property("deals", "7006", "zuora_sync_error")
        );
        world.hubspot.put("line_items", "8060", &[("quantity", "50")]);
        world.settle().await;
        assert_eq!(mrr(&world, "7006"), "1960.00", "{mode}");
        world.hubspot.put("line_items", "8060", &[("hs_discount_percentage", ""), ("discount", "9.00")]);
        world.settle().await;
        assert_eq!(
            mrr(&world, "7006"),
            "2000.00",
            "{mode}: {}",
            world.property("deals", "7006", "zuora_sync_error")
        );
        world.hubspot.put("line_items", "8060", &[("discount", "")]);
        world.settle().await;
        assert_eq!(mrr(&world, "7006"), "2450.00", "{mode}");
        assert_eq!(world.property("deals", "7006", "zuora_sync_status"), "in_sync", "{mode}");
    })
    .await;
}

#[tokio::test]
async fn as_12_the_plans_tiers_rule_and_hubspots_are_compared() {
    let world = world().await;
    world.won("7008", Some("9001002"), "USD", &[monthly("8080", API_CALLS, "12000", "0.10")]);
    world.settle().await;
    assert_eq!(mrr(&world, "7008"), "920.00", "{}", world.property("deals", "7008", "zuora_sync_error"));
    // A table of HubSpot's own: said with both tables and both amounts, and not carried over.
    let own = monthly("8081", API_CALLS, "12000", "").with_tiers("graduated", Some("USD"), &[(1, "0.10")]);
    world.won("7028", Some("9001002"), "USD", &[own]);
    world.settle().await;
    assert_eq!(mrr(&world, "7028"), "920.00", "{}", world.property("deals", "7028", "zuora_sync_error"));
    let card = world.card("deal", "7028").await.to_string();
    for said in ["1200", "920", "1-1000 at 0.1", "differs from Zuora"] {
        assert!(card.contains(said), "{said} in {card}");
    }
    // More calls: the same table, another quantity.
    world.hubspot.put("line_items", "8080", &[("quantity", "20000")]);
    world.settle().await;
    assert_eq!(mrr(&world, "7008"), "1320.00");
}

#[tokio::test]
async fn usage_is_subscribed_and_costs_nothing_before_it_is_used() {
    let world = world().await;
    let lines = [monthly("8090", PLATFORM, "5", "49.00"), monthly("8091", STORAGE, "1", "0.02")];
    world.won("7015", Some("9001002"), "USD", &lines);
    world.settle().await;
    let subscription = world.subscription_of("7015");
    assert_eq!(subscription["mrr"], "245.00", "{}", world.property("deals", "7015", "zuora_sync_error"));
    assert_eq!(subscription["ratePlans"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn three_decimals_and_none() {
    let world = world().await;
    // 3 x 33.333 x 0.9 = 89.9991 yen and cents: yen round to 90, dollars to 90.00.
    let line =
        |id: &'static str| Line { discount_percentage: Some("10"), ..monthly(id, PLATFORM, "3", "33.333") };
    world.won("7016", Some("9001002"), "JPY", &[line("8095")]);
    world.won("7017", Some("9001002"), "USD", &[line("8096")]);
    world.settle().await;
    assert_eq!(mrr(&world, "7016"), "90");
    assert_eq!(mrr(&world, "7017"), "90.00");
}

#[tokio::test]
async fn a_ramp_is_one_subscription_with_dated_charges() {
    let world = world().await;
    let phase = |id: &'static str, quantity: &'static str, start: &'static str| {
        monthly(id, PLATFORM, quantity, "49.00").with("hs_recurring_billing_start_date", start)
    };
    world.won(
        "7018",
        Some("9001002"),
        "USD",
        &[
            phase("8101", "10", "2026-11-16"),
            phase("8102", "20", "2027-11-16"),
            phase("8103", "30", "2028-11-16"),
        ],
    );
    world.settle().await;
    let subscription = world.subscription_of("7018");
    assert_eq!(
        subscription["endDate"],
        "2029-11-16",
        "{}",
        world.property("deals", "7018", "zuora_sync_error")
    );
    // 12 months each of 490, 980 and 1,470.
    assert_eq!(subscription["tcv"], "35280.00");
    assert_eq!(subscription["mrrToday"], "490.00");
    assert_eq!(world.zuora.orders().len(), 1);
}

#[tokio::test]
async fn lines_that_all_start_later_start_the_subscription_later() {
    let world = world().await;
    let later =
        monthly("8111", PLATFORM, "10", "49.00").with("hs_recurring_billing_start_date", "2026-12-01");
    world.won("7019", Some("9001002"), "USD", &[later]);
    world.settle().await;
    let subscription = world.subscription_of("7019");
    assert_eq!(
        subscription["endDate"],
        "2027-12-01",
        "{}",
        world.property("deals", "7019", "zuora_sync_error")
    );
    assert_eq!(world.zuora.orders()[0]["date"], "2026-11-16");
}

#[tokio::test]
async fn figures_of_zuora_that_differ_stop_the_order() {
    let world = world().await;
    // Somebody made the plan's discount charge take off 10 percent by default at the level of the subscription:
    // the connector sets it to zero, so the totals agree.
    world.won("7020", Some("9001002"), "USD", &[monthly("8121", PLATFORM, "10", "49.00")]);
    world.settle().await;
    assert_eq!(mrr(&world, "7020"), "490.00");
    let previews = world.zuora.calls().iter().filter(|c| format!("{c:?}").contains("orders/preview")).count();
    assert_eq!(previews, 1, "one preview before the order");
}

#[tokio::test]
async fn a_new_product_with_tiers_gets_them_in_zuora() {
    let world = world().await;
    world.hubspot.put_silently(
        "products",
        GATEWAY,
        &[
            ("hs_pricing_model", "graduated"),
            ("hs_tier_ranges", r#"[{"start":0,"end":10},{"start":11}]"#),
            (
                "hs_tier_prices",
                r#"[{"index":0,"price":20,"currency":"USD"},{"index":1,"price":15,"currency":"USD"}]"#,
            ),
        ],
    );
    let tiers = [(0, "20"), (11, "15")];
    let line = monthly("8131", GATEWAY, "12", "").with_tiers("graduated", Some("USD"), &tiers);
    world.won("7021", Some("9001002"), "USD", &[line]);
    world.settle().await;
    // 10 x 20 + 2 x 15
    assert_eq!(mrr(&world, "7021"), "230.00", "{}", world.property("deals", "7021", "zuora_sync_error"));
    let products: Vec<Value> =
        world.zuora.products().into_iter().filter(|p| p["name"] == "Sensor Gateway").collect();
    assert!(products[0].to_string().contains("Tiered"), "{}", products[0]);
}

#[tokio::test]
async fn a_one_time_line_is_ordered_once_and_a_gap_in_a_ramp_is_refused() {
    let world = world().await;
    let once = Line { frequency: None, term: None, ..monthly("8141", WORKSHOP, "2", "1500.00") };
    world.won("7022", Some("9001002"), "USD", &[once]);
    let phase = |id: &'static str, start: &'static str| {
        monthly(id, PLATFORM, "10", "49.00").with("hs_recurring_billing_start_date", start)
    };
    world.won("7023", Some("9001002"), "USD", &[phase("8151", "2026-11-16"), phase("8152", "2027-12-16")]);
    world.settle().await;
    assert_eq!(world.subscription_of("7022")["tcv"], "3000.00");
    world.parked("deals", "7023", "HZ0315");
}

#[tokio::test]
async fn a_discount_on_tiers_and_one_that_the_plan_cannot_carry() {
    in_both_modes(async |world, mode| {
        // API calls have no discount charges in Zuora.
        let tenth = Line { discount_percentage: Some("10"), ..monthly("8161", API_CALLS, "12000", "0.10") };
        world.won("7024", Some("9001002"), "USD", &[tenth]);
        let workshop = Line { frequency: None, term: None, ..monthly("8162", WORKSHOP, "2", "2500.00") };
        world.won("7025", Some("9001002"), "USD", &[Line { discount: Some("500"), ..workshop }]);
        // A plan of ours never has them; there the price carries the discount in either mode.
        let gateway = Line { discount_percentage: Some("25"), ..monthly("8163", GATEWAY, "4", "20.00") };
        world.won("7026", Some("9001002"), "USD", &[gateway]);
        world.settle().await;
        if mode == "net_price" {
            // 1,000 x 0.09, 9,000 x 0.072 and 2,000 x 0.045
            assert_eq!(mrr(&world, "7024"), "828.00", "{}", world.error("7024"));
            assert_eq!(world.subscription_of("7025")["tcv"], "4000.00", "{}", world.error("7025"));
            // The table of its own stays one: another quantity, another discount, none.
            world.hubspot.update("line_items", "8161", &[("hs_discount_percentage", "20")]);
            world.settle().await;
            assert_eq!(mrr(&world, "7024"), "736.00", "{}", world.error("7024"));
            world.hubspot.update("line_items", "8161", &[("hs_discount_percentage", "")]);
            world.settle().await;
            assert_eq!(mrr(&world, "7024"), "920.00", "{}", world.error("7024"));
        } else {
            world.parked("deals", "7024", "HZ0210");
            world.parked("deals", "7025", "HZ0210");
            assert_eq!(world.orders(), 1, "only that of the gateways");
        }
        assert_eq!(mrr(&world, "7026"), "60.00", "{}", world.error("7026"));
    })
    .await;
}
