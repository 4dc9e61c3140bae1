//! Random deals and random edits, over HTTP against the simulated vendors: whatever sellers do, the subscription
//! comes to what HubSpot says, a second look finds nothing to do, and the order in which webhooks arrive does not
//! matter. HubSpot's figures (`hs_mrr`, `hs_tcv`, `amount`) are calculated by its simulator, Zuora's by its own.
//!
//! A failure names the seed; `CONNECTOR_PROPERTIES_SEED` runs another one, `CONNECTOR_PROPERTIES_DEALS` as many
//! deals as one likes.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod deals;
mod judge;
mod rng;
mod world;

use deals::{DealOf, Op};
use judge::{differences, essence};
use rng::Rng;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use world::World;

/// Edits of each deal, one after another.
const ROUNDS: usize = 3;

#[expect(clippy::disallowed_methods, reason = "tests are told their surroundings by variables")]
fn number_of(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Deals and what was done to them.
struct Book {
    seed: u64,
    mode: &'static str,
    deals: Vec<DealOf>,
    done: BTreeMap<String, Vec<Vec<Op>>>,
}

impl Book {
    fn new(seed: u64, mode: &'static str, rng: &mut Rng, count: u64) -> Self {
        let deals = (1..=count).map(|n| DealOf::random(rng, n, mode == "discount_charges")).collect();
        Self { seed, mode, deals, done: BTreeMap::new() }
    }

    /// Wins all deals, or edits each of them.
    fn next(&mut self, rng: &mut Rng, round: usize) -> Vec<Op> {
        let mut all = Vec::new();
        for deal in &mut self.deals {
            let ops = match round {
                0 => vec![Op::Win(Box::new(deal.clone()))],
                _ => deal.edit(rng, round < ROUNDS, self.mode == "discount_charges"),
            };
            self.done.entry(deal.id.clone()).or_default().push(ops.clone());
            all.extend(ops);
        }
        all
    }

    fn ids(&self) -> Vec<String> {
        self.deals.iter().map(|d| d.id.clone()).collect()
    }

    /// Everything that is needed to understand a failure.
    fn story(&self, deal: &DealOf, world: &World, what: &str) -> String {
        let mut text = format!(
            "\n{what}\nseed {} with discounts = \"{}\", deal {} says {:?}\n",
            self.seed,
            self.mode,
            deal.id,
            world.property(&deal.id, "zuora_sync_error")
        );
        for (round, ops) in self.done.get(&deal.id).into_iter().flatten().enumerate() {
            for op in ops {
                writeln!(text, "  round {round}: {op:?}").ok();
            }
        }
        text
    }

    /// Judges every deal after a round.
    fn check(&self, world: &World, before: &BTreeMap<String, Vec<Value>>) {
        let now = world.subscriptions_by_deal();
        let mut failed = String::new();
        let none = Vec::new();
        for deal in &self.deals {
            let (status, error) =
                (world.property(&deal.id, "zuora_sync_status"), world.property(&deal.id, "zuora_sync_error"));
            let mine = now.get(&deal.id).unwrap_or(&none);
            let wrong = match &deal.broken {
                Some((code, _)) if status != "needs_attention" || !error.contains(code) => {
                    vec![format!("should be refused with {code}, but is {status}")]
                }
                Some(_) if before.get(&deal.id).unwrap_or(&none) != mine => {
                    vec!["refused, and yet changed in Zuora".to_owned()]
                }
                Some(_) => Vec::new(),
                None if status != "in_sync" => vec![format!("is {status}")],
                None if mine.len() != 1 => vec![format!("has {} subscriptions", mine.len())],
                None => differences(&world.hubspot, deal, &mine[0]),
            };
            if !wrong.is_empty() {
                failed.push_str(&self.story(deal, world, &wrong.join("\n")));
            }
        }
        assert!(failed.is_empty(), "{failed}");
    }
}

/// Random deals, edited again and again, with every webhook delivered once and in order.
async fn totals_agree(mode: &'static str) -> (Book, World) {
    let seed = number_of("CONNECTOR_PROPERTIES_SEED", 7);
    let mut rng = Rng::new(seed);
    let world = World::new(mode).await;
    let mut book = Book::new(seed, mode, &mut rng, number_of("CONNECTOR_PROPERTIES_DEALS", 8));
    for round in 0..=ROUNDS {
        let before = world.subscriptions_by_deal();
        world.apply(&book.next(&mut rng, round));
        world.deliver().await;
        book.check(&world, &before);
    }
    // A second look finds nothing, by any door.
    let (orders, writes) = (world.orders(), (world.zuora.writes(), world.hubspot.writes()));
    for deal in &book.deals {
        let steps = world.plan(&deal.id).await;
        assert!(steps.is_empty(), "{}", book.story(deal, &world, &format!("would do again: {steps:?}")));
    }
    assert_eq!((world.zuora.writes(), world.hubspot.writes()), writes, "a plan writes nothing");
    world.press(&book.ids()).await;
    assert_eq!(world.orders(), orders, "seed {seed}: a button ordered something again");
    assert_eq!(world.zuora.writes(), writes.0, "seed {seed}: a button wrote something again");
    book.check(&world, &BTreeMap::new());
    (book, world)
}

/// The same deals and edits with webhooks out of order, twice, or lost; the button finds what was lost.
async fn the_order_of_delivery_does_not_matter(mode: &'static str) {
    let (good, calm) = totals_agree(mode).await;
    let mut rng = Rng::new(good.seed);
    let wild = World::new(mode).await;
    let mut book = Book::new(good.seed, mode, &mut rng, good.deals.len() as u64);
    let mut weather = Rng::new(good.seed.wrapping_add(1));
    for round in 0..=ROUNDS {
        wild.apply(&book.next(&mut rng, round));
        wild.deliver_badly(&mut weather).await;
    }
    wild.press(&book.ids()).await;
    book.check(&wild, &BTreeMap::new());
    let (there, here) = (calm.subscriptions_by_deal(), wild.subscriptions_by_deal());
    for deal in &book.deals {
        let of = |all: &BTreeMap<String, Vec<Value>>| {
            all.get(&deal.id).and_then(|s| s.first()).map(|s| essence(s, deal.is_to_come()))
        };
        assert_eq!(of(&there), of(&here), "{}", book.story(deal, &wild, "ends differently"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn discounts_in_prices() {
    the_order_of_delivery_does_not_matter("net_price").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn discounts_as_charges() {
    the_order_of_delivery_does_not_matter("discount_charges").await;
}
