//! The simulated server seen from outside, over HTTP.

mod accounts;
mod amendments;
mod billing;
mod catalog;
mod faults;
mod lifecycle;
mod models;
mod orders;
mod phases;
mod queries;
mod updates;

use reqwest::Client;
use serde_json::{Value, json};

use crate::{Config, Sim};

/// A running server with a token.
pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) http: Client,
    pub(crate) token: String,
}

/// An answer: status and body.
pub(crate) type Answer = (u16, Value);

impl World {
    pub(crate) async fn new(config: Config) -> World {
        let start = config.start.or_else(|| Some("2026-11-16T09:00:00Z".parse().expect("time")));
        let sim = Sim::start(Config { start, ..config }).await.expect("server");
        sim.seed_acceptance_catalog();
        let http = Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("client");
        let mut world = World { sim, http, token: String::new() };
        world.login().await;
        world
    }

    pub(crate) async fn login(&mut self) {
        let response = self
            .http
            .post(format!("{}/oauth/token", self.sim.base_url()))
            .form(&[
                ("client_id", "00000000-0000-4000-8000-000000000000"),
                ("client_secret", "secret"),
                ("grant_type", "client_credentials"),
            ])
            .send()
            .await
            .expect("token call");
        let body: Value = response.json().await.expect("token");
        self.token = body["access_token"].as_str().unwrap_or_default().to_owned();
    }

    pub(crate) async fn try_call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<(reqwest::StatusCode, reqwest::header::HeaderMap, String), reqwest::Error> {
        let method = method.parse::<reqwest::Method>().expect("method");
        let mut call = self.http.request(method, format!("{}{path}", self.sim.base_url()));
        call = call.header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            call = call.header(*name, *value);
        }
        if let Some(body) = body {
            call = call.json(&body);
        }
        let response = call.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok((status, headers, response.text().await?))
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let (status, _, text) = self.try_call(method, path, &[], body).await.expect("answer");
        (status.as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    pub(crate) async fn post_key(&self, path: &str, key: &str, body: Value) -> Answer {
        let answer = self.try_call("POST", path, &[("idempotency-key", key)], Some(body)).await;
        let (status, _, text) = answer.expect("answer");
        (status.as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Makes the account of the stories; gives back its id.
    pub(crate) async fn account(&self) -> String {
        let (_, body) = self.post("/v1/accounts", account_body()).await;
        assert_eq!(body["success"], true, "{body}");
        body["accountId"].as_str().expect("id").to_owned()
    }

    /// Id of the plan with this external id, and of its charges by name.
    pub(crate) fn plan(&self, external: &str) -> (String, Vec<(String, String)>) {
        for product in self.sim.products() {
            for plan in product["ratePlans"].as_array().expect("plans") {
                if plan["externalIds"][0] == external {
                    let charges = plan["charges"].as_array().expect("charges");
                    let text = |v: &Value| v.as_str().expect("text").to_owned();
                    let list = charges.iter().map(|c| (text(&c["name"]), text(&c["id"]))).collect();
                    return (text(&plan["id"]), list);
                }
            }
        }
        panic!("no plan {external}");
    }

    /// Sends an order and expects it to be done.
    pub(crate) async fn order(&self, body: Value) {
        let (_, made) = self.post("/v1/orders", body).await;
        assert_eq!(made["success"], true, "{made}");
    }

    /// The previewed result of an order; nothing may have changed after it.
    pub(crate) async fn preview(&self, mut body: Value, options: Value) -> Value {
        let (orders, subscriptions) = (self.sim.orders(), self.sim.subscriptions());
        body.as_object_mut().expect("object").remove("processingOptions");
        body["previewOptions"] = options;
        body["previewOptions"]["previewTypes"] = json!(["BillingDocs", "ChargeMetrics"]);
        let (_, seen) = self.post("/v1/orders/preview", body).await;
        assert_eq!(seen["success"], true, "{seen}");
        assert_eq!((self.sim.orders(), self.sim.subscriptions()), (orders, subscriptions));
        seen["previewResult"].clone()
    }

    /// `GET /v1/subscriptions/{key}`.
    pub(crate) async fn subscription(&self, key: &str) -> Value {
        let (status, body) = self.get(&format!("/v1/subscriptions/{key}")).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Moves the clock to the morning of a day.
    pub(crate) fn go_to(&self, day: &str) {
        let then: jiff::Timestamp = format!("{day}T09:00:00Z").parse().expect("day");
        self.sim.advance(then.as_second() - self.sim.now().as_second());
    }

    /// A `subscribeToRatePlans` entry that overrides the plan's first charge.
    pub(crate) fn line(&self, external: &str, over: Value) -> Value {
        let (plan, charges) = self.plan(external);
        let mut over = over;
        over["productRatePlanChargeId"] = json!(charges[0].1);
        json!({"productRatePlanId": plan, "chargeOverrides": [over]})
    }
}

pub(crate) const ACCOUNT: &str = "HS-24680135-9001001";

pub(crate) fn account_body() -> Value {
    json!({
        "name": "Fjordlys Energi AS", "accountNumber": ACCOUNT, "crmId": "9001001",
        "currency": "USD", "billCycleDay": 1, "autoPay": false, "paymentTerm": "Due Upon Receipt",
        "batch": "Batch1",
        "billToContact": {"firstName": "Ingrid", "lastName": "Solheim", "city": "Bergen", "state": "Vestland",
                          "zipCode": "5003", "country": "Norway", "crmId__c": "5001"},
        "soldToContact": {"firstName": "Lars", "lastName": "Nygaard", "country": "Norway", "crmId__c": "5002"},
    })
}

/// An order that creates one subscription of 12 months from 2026-11-16.
pub(crate) fn order_body(deal: &str, currency: &str, lines: Vec<Value>) -> Value {
    json!({
        "orderNumber": format!("HS-24680135-D{deal}-1"), "orderDate": "2026-11-16",
        "existingAccountNumber": ACCOUNT, "description": "deal",
        "subscriptions": [{
            "customFields": {"hubspotDealId__c": deal},
            "orderActions": [{
                "type": "CreateSubscription",
                "triggerDates": [{"name": "ContractEffective", "triggerDate": "2026-11-16"}],
                "createSubscription": {
                    "subscriptionNumber": format!("HS-24680135-D{deal}"), "currency": currency,
                    "terms": {"autoRenew": false, "initialTerm": {
                        "startDate": "2026-11-16", "period": 12, "periodType": "Month", "termType": "TERMED"}},
                    "subscribeToRatePlans": lines,
                },
            }],
        }],
        "processingOptions": {"runBilling": false, "collectPayment": false},
    })
}

/// A tenant whose tokens outlive the jumps of [`World::go_to`].
pub(crate) fn lasting() -> Config {
    Config { token_seconds: 400_000_000, ..Config::default() }
}

/// An order on the subscription of a deal, each action on its date.
pub(crate) fn change(deal: &str, n: u32, actions: &[(&str, Value)]) -> Value {
    let number = format!("HS-24680135-D{deal}");
    let list: Vec<Value> = actions
        .iter()
        .map(|(date, action)| {
            let mut action = action.clone();
            action["triggerDates"] = json!([{"name": "ContractEffective", "triggerDate": date}]);
            action
        })
        .collect();
    json!({"orderNumber": format!("{number}-{n}"), "orderDate": actions[0].0, "existingAccountNumber": ACCOUNT,
           "subscriptions": [{"subscriptionNumber": number, "orderActions": list}]})
}

/// Asserts a refusal whose first code ends with the suffix.
pub(crate) fn refused(answer: &Answer, suffix: u64) {
    let body = &answer.1;
    assert_eq!(body["success"], false, "{body}");
    let code = body["reasons"][0]["code"].as_u64().expect("code");
    assert_eq!(code % 100, suffix, "{body}");
}

/// Changes a place inside a body.
pub(crate) fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("pointer");
    let place = body.pointer_mut(parent).expect("parent");
    place[key] = value;
    body
}
