//! One stack for many deals.

use crate::deals::{CURRENCIES, Op, stock};
use crate::rng::Rng;
use connector_dev::{Options, Stack};
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_engine::reconcile;
use connector_ports::clock::Clock;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static NUMBER: AtomicU32 = AtomicU32::new(0);
const PORTAL: PortalId = PortalId(24_680_135);

pub(crate) struct World {
    stack: Stack,
    folder: PathBuf,
}

impl Deref for World {
    type Target = Stack;
    fn deref(&self) -> &Stack {
        &self.stack
    }
}

impl Drop for World {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

impl World {
    /// A portal and a tenant with a currency of three decimals, at noon of 2027-01-11; events wait to be delivered.
    pub(crate) async fn new(mode: &str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("connector-prop-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut options = Options::new(&folder);
        options.config = format!("discounts = \"{mode}\"\n");
        options.auto_deliver = false;
        options.hubspot.additional_currencies = CURRENCIES[1..].iter().map(|c| (*c).to_owned()).collect();
        options.zuora.currencies = CURRENCIES.map(str::to_owned).to_vec();
        let stack = Stack::start(options).await.unwrap();
        let noon: jiff::Timestamp = "2027-01-11T12:00:00Z".parse().unwrap();
        stack.advance(noon.duration_since(stack.zuora.now()).as_secs());
        stock(&stack.hubspot);
        Self { stack, folder }
    }

    pub(crate) fn apply(&self, ops: &[Op]) {
        ops.iter().for_each(|op| op.apply(&self.hubspot));
    }

    /// Waits until nothing is under way and nothing is due within minutes; the clocks run faster meanwhile.
    pub(crate) async fn settle(&self) {
        for _ in 0..60 {
            let quiet = self.quiet(Duration::from_secs(2)).await.unwrap();
            let later = Clock::now(&*self.clock) + jiff::SignedDuration::from_mins(3);
            let engine = self.running().unwrap().engine().clone();
            if quiet && engine.states.due(later, 1).await.unwrap().is_empty() {
                return;
            }
            self.advance(10);
        }
        panic!("the connector did not come to rest");
    }

    /// Delivers all events that wait, as HubSpot would on a good day.
    pub(crate) async fn deliver(&self) {
        self.hubspot.deliver().await;
        self.settle().await;
    }

    /// Delivers the events that wait in another order, some twice, some not at all.
    pub(crate) async fn deliver_badly(&self, rng: &mut Rng) {
        let mut events = Vec::new();
        for event in self.hubspot.take_events() {
            for _ in 0..rng.pick(&[0, 1, 1, 2]) {
                events.push(event.clone());
            }
        }
        rng.shuffle(&mut events);
        for batch in events.chunks(7) {
            assert_eq!(self.hubspot.post_events(batch, 0).await, 200);
        }
        self.settle().await;
    }

    /// Presses the sync button of each deal.
    pub(crate) async fn press(&self, deals: &[String]) {
        for id in deals {
            let key = format!("{id}-{}", NUMBER.fetch_add(1, Ordering::SeqCst));
            let body = json!({ "scope": "record_only", "requestKey": key });
            let path = format!("/cards/deal/{id}/sync");
            let (status, answer) =
                self.hubspot.card_fetch("POST", &path, Some(body), ("882", "ana.b@example.com")).await;
            assert_eq!(status, 200, "{answer}");
        }
        self.settle().await;
    }

    /// What the engine would do about a deal now, in words.
    pub(crate) async fn plan(&self, deal: &str) -> Vec<String> {
        let object = ObjectRef::new(ObjectKind::Deal, HubSpotId::parse(deal).unwrap());
        let key = StateKey::new(PORTAL, object);
        let engine = self.running().unwrap().engine().clone();
        let decision = reconcile::plan(&engine, &key, &BTreeMap::new()).await.unwrap();
        decision.steps.iter().map(|step| step.action.to_string()).collect()
    }

    /// Subscriptions by the deal that they carry.
    pub(crate) fn subscriptions_by_deal(&self) -> BTreeMap<String, Vec<Value>> {
        let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for subscription in self.zuora.subscriptions() {
            let deal = subscription["customFields"]["hubspotDealId__c"].as_str().unwrap_or("").to_owned();
            all.entry(deal).or_default().push(subscription);
        }
        all
    }

    pub(crate) fn orders(&self) -> usize {
        self.zuora.orders().len()
    }

    pub(crate) fn property(&self, deal: &str, name: &str) -> String {
        let record = self.hubspot.get("deals", deal);
        record.and_then(|r| r[name].as_str().map(str::to_owned)).unwrap_or_default()
    }
}
