//! The simulator seen from outside: over HTTP, as the connector meets it.

mod associations;
mod faults;
mod lines;
mod objects;
mod search;
mod webhooks;

use serde_json::{Value, json};

use crate::{Config, Sim};

/// A portal with the acceptance data, and a client for it.
struct Portal {
    sim: Sim,
    client: reqwest::Client,
}

impl Portal {
    async fn start() -> Portal {
        Portal::with(Config::default()).await
    }

    async fn with(config: Config) -> Portal {
        let sim = Sim::start(config).await.unwrap();
        sim.seed_acceptance();
        Portal { sim, client: reqwest::Client::new() }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let answer = self.try_call(method, path, body).await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
    }

    async fn try_call(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let url = format!("{}{path}", self.sim.base_url());
        let mut call = self.client.request(method.parse().unwrap(), url).bearer_auth("pat-test");
        if let Some(body) = body {
            call = call.json(&body);
        }
        call.send().await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call("GET", path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call("POST", path, Some(body)).await
    }

    async fn patch(&self, path: &str, properties: Value) -> (u16, Value) {
        self.call("PATCH", path, Some(json!({"properties": properties}))).await
    }
}
