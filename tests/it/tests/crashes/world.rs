//! One deal with a new product, a new customer, an engine that may die, and clocks that move together.

use crate::dying::{Dying, Plan};
use connector_app::clock::SystemClock;
use connector_app::config::{Surroundings, load};
use connector_app::env_vars::EnvMap;
use connector_app::vendors::{StaticSecrets, Vendors};
use connector_dev::Stack;
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, Tickle, TickleReason};
use connector_engine::report::End;
use connector_engine::{Engine, reconcile, sweep};
use connector_ports::clock::Clock;
use connector_ports::fake::{MemoryStates, MemoryTickles};
use serde_json::Value;
use sim_hubspot::Line;
use std::sync::Arc;

const PORTAL: PortalId = PortalId(24_680_135);

const WON: [(&str, &str); 5] = [
    ("dealname", "Tamarind"),
    ("pipeline", "default"),
    ("dealstage", "closedwon"),
    ("deal_currency_code", "USD"),
    ("closedate", "2026-11-16T10:00:00Z"),
];

fn monthly<'a>(id: &'a str, product: &'a str, quantity: &'a str, price: &'a str) -> Line<'a> {
    Line {
        id,
        product: Some(product),
        name: "Line",
        quantity,
        price,
        frequency: Some("monthly"),
        term: Some("P12M"),
        ..Line::default()
    }
}

pub(crate) struct World {
    hubspot: sim_hubspot::Sim,
    zuora: sim_zuora::Sim,
    clock: Arc<SystemClock>,
    queue: MemoryTickles,
    engine: Engine,
    plan: Plan,
}

impl World {
    pub(crate) async fn new(plan: Plan) -> Self {
        let zuora = sim_zuora::Sim::start(sim_zuora::Config::default()).await.unwrap();
        zuora.seed_acceptance_catalog();
        let hubspot =
            sim_hubspot::Sim::start(sim_hubspot::Config { auto_deliver: false, ..Default::default() })
                .await
                .unwrap();
        hubspot.seed_acceptance();
        let text = format!(
            "[hubspot]\nportal_id = 24680135\napp_id = 50780459\nbase_url = \"{}\"\n[zuora]\nbase_url = \"{}\"\n\
             [public]\nurl = \"http://127.0.0.1:1\"\n[deals]\nclosed_lost = \"cancel\"\ncancel_policy = \"today\"\n",
            hubspot.base_url(),
            zuora.base_url()
        );
        let config =
            load(Some(&text), "connector.toml", &EnvMap::new(), Surroundings::default()).unwrap().remove(0);
        let clock = Arc::new(SystemClock::new(0));
        let source = Arc::new(StaticSecrets(Stack::secrets().unwrap()));
        let vendors = Vendors::new(&config, source, clock.clone()).await.unwrap();
        let queue = MemoryTickles::new();
        let mut engine =
            vendors.engine(&config, Arc::new(MemoryStates::new()), Arc::new(queue.clone()), clock.clone());
        engine.crm = Arc::new(Dying { plan: plan.clone(), inner: engine.crm.clone() });
        engine.billing = Arc::new(Dying { plan: plan.clone(), inner: engine.billing.clone() });
        engine.states = Arc::new(Dying { plan: plan.clone(), inner: engine.states.clone() });
        engine.tickles = Arc::new(Dying { plan: plan.clone(), inner: engine.tickles.clone() });
        Self { hubspot, zuora, clock, queue, engine, plan }
    }

    pub(crate) fn effects(&self) -> usize {
        self.plan.counted()
    }

    /// Tamarind buys gateways, which Zuora does not know, and a seat of the platform.
    pub(crate) fn win_the_deal(&self) {
        let lines =
            [monthly("8191", "1200000005", "12", "19.00"), monthly("8192", "1200000001", "1", "49.00")];
        self.hubspot.add_deal("7009", Some("9001003"), &WON, &lines);
    }

    fn tickle(&self, kind: ObjectKind, id: &str) -> Tickle {
        Tickle {
            portal: PORTAL,
            object: ObjectRef::new(kind, HubSpotId::parse(id).unwrap()),
            reason: TickleReason::Webhook,
            actor: None,
            correlation: None,
            received_at: self.clock.now(),
        }
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(seconds);
        self.hubspot.advance(seconds);
        self.zuora.advance(seconds);
    }

    /// Removed, repriced and added in one edit (AS-19).
    pub(crate) fn change_the_deal(&self) {
        self.hubspot.remove_line("8192");
        self.hubspot.update("line_items", "8191", &[("quantity", "20"), ("price", "18.00")]);
        self.hubspot.add_line("7009", &monthly("8193", "1200000001", "5", "45.00"));
    }

    /// Another deal adds to the subscription.
    pub(crate) fn win_an_upsell(&self) {
        let mut properties = WON.to_vec();
        properties
            .extend([("dealtype", "existingbusiness"), ("zuora_extends_subscription", "HS-24680135-D7009")]);
        let line = monthly("8291", "1200000001", "3", "40.00");
        self.hubspot.add_deal("7010", Some("9001003"), &properties, &[line]);
    }

    pub(crate) fn lose_the_deal(&self) {
        self.hubspot.update("deals", "7009", &[("dealstage", "closedlost")]);
    }

    /// Looks at objects until HubSpot shows the deal in sync and so many orders are there; messages of a look that
    /// died come again, as a queue gives them. Then time passes, and nothing more happens.
    pub(crate) async fn run_until_in_sync(&self, plan: &Plan, deal: &str, orders: usize) {
        self.run(plan, deal, orders).await;
        for _ in 0..3 {
            self.advance(200);
            let engine = self.engine.clone();
            tokio::spawn(async move { sweep::due(&engine, 100).await }).await.ok();
            for message in self.queue.drain() {
                reconcile::reconcile(&self.engine, &message).await.unwrap();
            }
        }
    }

    async fn run(&self, plan: &Plan, deal: &str, orders: usize) {
        let mut messages = vec![self.tickle(ObjectKind::Deal, deal)];
        for _ in 0..120 {
            let mut again = Vec::new();
            for message in std::mem::take(&mut messages) {
                let (engine, tickle) = (self.engine.clone(), message.clone());
                let look = tokio::spawn(async move { reconcile::reconcile(&engine, &tickle).await });
                match look.await {
                    Ok(Ok(report)) if report.end != End::Busy => {}
                    Ok(Ok(_) | Err(_)) | Err(_) => again.push(message),
                }
            }
            messages = again;
            messages.extend(self.queue.drain());
            if messages.is_empty() && self.is_in_sync(deal) && self.zuora.orders().len() >= orders {
                return;
            }
            self.advance(20);
            let engine = self.engine.clone();
            tokio::spawn(async move { sweep::due(&engine, 100).await }).await.ok();
            messages.extend(self.queue.drain());
        }
        panic!("{plan:?}: not in sync; the deal says {:?}", self.hubspot.get("deals", deal));
    }

    fn is_in_sync(&self, deal: &str) -> bool {
        let shows =
            |object, id| self.hubspot.get(object, id).is_some_and(|r| r["zuora_sync_status"] == "in_sync");
        shows("deals", deal) && shows("companies", "9001003")
    }

    /// So many orders, no two alike, and a subscription that comes to this a month.
    pub(crate) fn orders_and_revenue(&self, plan: &Plan, orders: usize, mrr: &str, status: &str) {
        let numbers: std::collections::BTreeSet<String> =
            self.zuora.orders().iter().map(|o| o["number"].to_string()).collect();
        let subscriptions = self.zuora.subscriptions();
        assert_eq!((numbers.len(), subscriptions.len()), (orders, 1), "{plan:?}: {numbers:?}");
        let found = (subscriptions[0]["mrr"].as_str(), subscriptions[0]["status"].as_str());
        assert_eq!(found, (Some(mrr), Some(status)), "{plan:?}");
    }

    pub(crate) fn exactly_one_of_everything(&self, plan: &Plan) {
        let count = |list: Vec<Value>, is: &dyn Fn(&Value) -> bool| list.iter().filter(|v| is(v)).count();
        let accounts = count(self.zuora.accounts(), &|a| a["crmId"] == "9001003");
        let subscriptions =
            count(self.zuora.subscriptions(), &|s| s["customFields"]["hubspotDealId__c"] == "7009");
        let orders = self.zuora.orders().len();
        let products =
            self.zuora.products().into_iter().filter(|p| p["name"] == "Sensor Gateway").collect::<Vec<_>>();
        assert_eq!((accounts, orders, subscriptions, products.len()), (1, 1, 1, 1), "{plan:?}");
        let plans = products[0]["ratePlans"].as_array().unwrap();
        assert_eq!((plans.len(), plans[0]["charges"].as_array().unwrap().len()), (1, 1), "{plan:?}");
        assert_eq!(self.zuora.contacts().len(), 1, "{plan:?}: one person in both roles is one contact");
        let total = &self.zuora.subscriptions()[0]["mrr"];
        assert_eq!(total, "277.00", "{plan:?}");
    }
}
