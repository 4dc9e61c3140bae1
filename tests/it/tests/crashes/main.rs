//! Crashes before and after every external effect of one deal's sync, one at a time, all of them.
//!
//! The real engine, adapters and store run against the simulated vendors over HTTP. A wrapper around every port
//! counts effects and dies (unwinds the task) at the chosen one, before it or right after it; leases and locks
//! stay behind as they do when a process is killed. Then time passes and another worker goes on.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod dying;
mod world;

use dying::{Moment, Plan};
use world::World;

/// What a deal goes through while the engine may die.
#[derive(Debug, Clone, Copy)]
enum Story {
    /// The first order, with a new product and a new customer.
    First,
    /// Three changes in one order (AS-19).
    Change,
    /// Another deal adds lines.
    Upsell,
    /// The deal is lost (AS-21).
    Cancel,
}

/// Lives through it, and asserts what must be true in the end, whatever happened. Answers the number of effects.
async fn converges(story: Story, plan: Plan) -> usize {
    let world = World::new(plan.clone()).await;
    world.win_the_deal();
    if matches!(story, Story::First) {
        plan.arm();
    }
    world.run_until_in_sync(&plan, "7009", 1).await;
    world.exactly_one_of_everything(&plan);
    plan.arm();
    match story {
        Story::First => {}
        Story::Change => {
            world.change_the_deal();
            world.run_until_in_sync(&plan, "7009", 2).await;
            // 20 x 18 and 5 x 45
            world.orders_and_revenue(&plan, 2, "585.00", "Active");
        }
        Story::Upsell => {
            world.win_an_upsell();
            world.run_until_in_sync(&plan, "7010", 2).await;
            // 12 x 19, 49 and 3 x 40
            world.orders_and_revenue(&plan, 2, "397.00", "Active");
        }
        Story::Cancel => {
            world.lose_the_deal();
            world.run_until_in_sync(&plan, "7009", 2).await;
            world.orders_and_revenue(&plan, 2, "0.00", "Cancelled");
        }
    }
    world.effects()
}

/// Dies at each effect of an undisturbed run, one at a time.
async fn survives(story: Story, moment: Moment, at_least: usize) {
    let effects = converges(story, Plan::never()).await;
    assert!(effects > at_least, "only {effects} effects of {story:?} were counted");
    for at in 1..=effects {
        converges(story, Plan::at(at, moment)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_before_each_effect_makes_one_account_order_and_subscription() {
    survives(Story::First, Moment::Before, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_after_each_effect_makes_one_account_order_and_subscription() {
    survives(Story::First, Moment::After, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_around_each_effect_of_a_change_orders_it_once() {
    survives(Story::Change, Moment::Before, 4).await;
    survives(Story::Change, Moment::After, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_around_each_effect_of_an_upsell_orders_it_once() {
    survives(Story::Upsell, Moment::Before, 4).await;
    survives(Story::Upsell, Moment::After, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_around_each_effect_of_a_cancellation_orders_it_once() {
    survives(Story::Cancel, Moment::Before, 4).await;
    survives(Story::Cancel, Moment::After, 4).await;
}
