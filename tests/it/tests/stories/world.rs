//! The stage of the stories: a stack of its own for each, and words for what people do and see.

use crate::aws;
use connector_dev::stack::{OneMachine, Starter};
use connector_dev::{Options, Stack};
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::state::ObjectState;
use serde_json::{Value, json};
use sim_hubspot::Line;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A stack with its folder, which is removed in the end.
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

#[expect(clippy::disallowed_methods, reason = "tests are told their surroundings by variables")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(crate) async fn world() -> World {
    world_with("", |_| {}).await
}

/// A world with further configuration and changed simulators.
pub(crate) async fn world_with(config: &str, change: impl FnOnce(&mut Options)) -> World {
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let folder = std::env::temp_dir().join(format!("connector-it-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut options = Options::new(&folder);
    options.config = config.to_owned();
    change(&mut options);
    let starter: Arc<dyn Starter> = match variable("CONNECTOR_IT_BACKEND").as_deref() {
        Some("aws") => Arc::new(aws::OnAws::new().await),
        Some(other) => panic!("unknown backend {other}"),
        None => Arc::new(OneMachine),
    };
    World { stack: Stack::start_with(options, starter).await.unwrap(), folder }
}

impl World {
    /// Waits until nothing is under way.
    pub(crate) async fn settle(&self) {
        assert!(self.quiet(Duration::from_secs(60)).await.unwrap(), "the connector did not come to rest");
    }

    /// Presses a sync button on a card, as HubSpot passes it on.
    pub(crate) async fn press(&self, object: &str, id: &str, scope: &str) -> Value {
        let body = json!({ "scope": scope, "requestKey": format!("{object}-{id}-{scope}") });
        let (status, answer) = self
            .hubspot
            .card_fetch(
                "POST",
                &format!("/cards/{object}/{id}/sync"),
                Some(body),
                ("882", "ana.b@example.com"),
            )
            .await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// What the card shows.
    pub(crate) async fn card(&self, object: &str, id: &str) -> Value {
        let (status, answer) = self
            .hubspot
            .card_fetch("GET", &format!("/cards/{object}/{id}"), None, ("882", "ana.b@example.com"))
            .await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Accounts with this CRM id.
    pub(crate) fn accounts_of(&self, company: &str) -> Vec<Value> {
        self.zuora.accounts().into_iter().filter(|a| a["crmId"] == company).collect()
    }

    /// The one account of a company.
    pub(crate) fn account_of(&self, company: &str) -> Value {
        let mut found = self.accounts_of(company);
        assert_eq!(found.len(), 1, "accounts of company {company}");
        found.remove(0)
    }

    /// Subscriptions that carry this deal.
    pub(crate) fn subscriptions_of(&self, deal: &str) -> Vec<Value> {
        self.zuora
            .subscriptions()
            .into_iter()
            .filter(|s| s["customFields"]["hubspotDealId__c"] == deal)
            .collect()
    }

    /// The one subscription of a deal.
    pub(crate) fn subscription_of(&self, deal: &str) -> Value {
        let mut found = self.subscriptions_of(deal);
        assert_eq!(
            found.len(),
            1,
            "subscriptions of deal {deal}; the card says {:?}",
            self.property("deals", deal, "zuora_sync_error")
        );
        found.remove(0)
    }

    /// A property of a HubSpot record, empty when it has none.
    pub(crate) fn property(&self, object: &str, id: &str, name: &str) -> String {
        self.hubspot.get(object, id).and_then(|r| r[name].as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Asserts that a record is parked with this code, and returns what it says.
    pub(crate) fn parked(&self, object: &str, id: &str, code: &str) -> String {
        let error = self.property(object, id, "zuora_sync_error");
        assert_eq!(
            self.property(object, id, "zuora_sync_status"),
            "needs_attention",
            "{object} {id}: {error}"
        );
        assert!(error.contains(code), "{object} {id} should say {code}, but says {error:?}");
        error
    }

    /// Lets time pass until noon of a day.
    pub(crate) fn advance_to(&self, date: &str) {
        let noon: jiff::Timestamp = format!("{date}T12:00:00Z").parse().unwrap();
        self.advance(noon.duration_since(self.zuora.now()).as_secs());
    }

    /// Numbers of all orders.
    pub(crate) fn orders(&self) -> usize {
        self.zuora.orders().len()
    }

    /// A subscription by its number.
    pub(crate) fn numbered(&self, subscription: &str) -> Value {
        self.zuora.subscriptions().into_iter().find(|s| s["number"] == subscription).unwrap()
    }

    /// What the deal says is wrong.
    pub(crate) fn error(&self, deal: &str) -> String {
        self.property("deals", deal, "zuora_sync_error")
    }

    /// Presses the deal's sync button, another time, and waits.
    pub(crate) async fn sync(&self, deal: &str) {
        let key = format!("{deal}-{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        let body = json!({ "scope": "record_only", "requestKey": key });
        let path = format!("/cards/deal/{deal}/sync");
        let (status, answer) =
            self.hubspot.card_fetch("POST", &path, Some(body), ("882", "ana.b@example.com")).await;
        assert_eq!(status, 200, "{answer}");
        self.settle().await;
    }

    /// What the engine knows about a deal.
    pub(crate) async fn state_of(&self, deal: &str) -> ObjectState {
        let stored = self.states().unwrap().read(&key("deal", deal)).await.unwrap();
        stored.unwrap_or_default().state
    }

    /// Somebody in finance orders a change by hand.
    pub(crate) async fn finance(&self, subscription: &str, date: &str, action: Value) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let base = self.zuora.base_url();
        let form = "client_id=00000000-0000-4000-8000-000000000000&client_secret=simulated&grant_type=client_credentials";
        let asked = client.post(format!("{base}/oauth/token"));
        let asked = asked.header("content-type", "application/x-www-form-urlencoded").body(form);
        let token: Value = serde_json::from_str(&asked.send().await.unwrap().text().await.unwrap()).unwrap();
        let account = self.numbered(subscription)["account"].clone();
        let mut action = action;
        let dates = ["ContractEffective", "ServiceActivation", "CustomerAcceptance"];
        action["triggerDates"] =
            dates.iter().map(|name| json!({"name": name, "triggerDate": date})).collect::<Value>();
        let body = json!({
            "orderDate": date, "existingAccountNumber": account,
            "subscriptions": [{"subscriptionNumber": subscription, "orderActions": [action]}],
        });
        let sent = client
            .post(format!("{base}/v1/orders"))
            .header("authorization", format!("Bearer {}", token["access_token"].as_str().unwrap()))
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer: Value = serde_json::from_str(&sent.send().await.unwrap().text().await.unwrap()).unwrap();
        assert_eq!(answer["success"], true, "{answer}");
        answer
    }

    /// Another quantity of the charge at a place of a subscription, by finance.
    pub(crate) async fn finance_sets(&self, subscription: &str, product: &str, date: &str, quantity: u32) {
        let found = self.numbered(subscription);
        let mut plans = found["ratePlans"].as_array().unwrap().iter();
        let plan = plans.rfind(|p| p["externallyManagedPlanId"] == product).unwrap();
        let charges = plan["charges"].as_array().unwrap();
        let charge = charges.iter().find(|c| c["model"] == "PerUnit").unwrap();
        let update = json!({"subscriptionRatePlanNumber": plan["number"], "chargeUpdates": [
            {"chargeNumber": charge["number"], "pricing": {"recurringPerUnit": {"quantity": quantity}}}]});
        self.finance(subscription, date, json!({"type": "UpdateProduct", "updateProduct": update})).await;
    }

    /// A deal that is won from the start.
    pub(crate) fn won(&self, id: &str, company: Option<&str>, currency: &str, lines: &[Line<'_>]) {
        self.hubspot.add_deal(
            id,
            company,
            &[
                ("dealname", "A deal"),
                ("pipeline", "default"),
                ("dealstage", "closedwon"),
                ("deal_currency_code", currency),
                ("closedate", "2026-11-16T10:00:00Z"),
            ],
            lines,
        );
    }
}

/// The key of a record.
pub(crate) fn key(object: &str, id: &str) -> StateKey {
    let kind = match object {
        "company" => ObjectKind::Company,
        "product" => ObjectKind::Product,
        _ => ObjectKind::Deal,
    };
    StateKey::new(PortalId(24_680_135), ObjectRef::new(kind, HubSpotId::parse(id).unwrap()))
}

pub(crate) const PLATFORM: &str = "1200000001";
pub(crate) const WORKSHOP: &str = "1200000003";
pub(crate) const SUPPORT: &str = "1200000004";
pub(crate) const GATEWAY: &str = "1200000005";

/// A line that bills each month for a year.
pub(crate) fn monthly<'a>(id: &'a str, product: &'a str, quantity: &'a str, price: &'a str) -> Line<'a> {
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

/// The lines of deal 7001 (AS-07).
pub(crate) fn seats<'a>() -> [Line<'a>; 3] {
    [
        monthly("8001", PLATFORM, "40", "520.00"),
        Line {
            id: "8002",
            product: Some(WORKSHOP),
            name: "Workshop",
            quantity: "1",
            price: "25000.00",
            ..Line::default()
        },
        Line { frequency: Some("annually"), ..monthly("8003", SUPPORT, "1", "60000.00") },
    ]
}
