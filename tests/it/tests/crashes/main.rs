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

/// What must be true in the end, whatever happened.
async fn converges(plan: Plan) -> usize {
    let world = World::new(plan.clone()).await;
    world.win_the_deal().await;
    world.run_until_in_sync(&plan).await;
    world.exactly_one_of_everything(&plan);
    world.effects()
}

/// The number of effects of an undisturbed run, so that all of them can be hit.
async fn effects_of_a_quiet_run() -> usize {
    converges(Plan::never()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_before_each_effect_makes_one_account_order_and_subscription() {
    let effects = effects_of_a_quiet_run().await;
    assert!(effects > 20, "only {effects} effects were counted");
    for at in 1..=effects {
        converges(Plan::at(at, Moment::Before)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_after_each_effect_makes_one_account_order_and_subscription() {
    let effects = effects_of_a_quiet_run().await;
    for at in 1..=effects {
        converges(Plan::at(at, Moment::After)).await;
    }
}
