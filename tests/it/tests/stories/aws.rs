//! The connector over DynamoDB and SQS, as far as stores and queues go: the same handlers and engine, tables and
//! queues of its own for each story, and a loop in place of the event source mapping.

use crate::world::variable;
use anyhow::{Context, Result};
use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::types::QueueAttributeName;
use connector_app::handlers::Front;
use connector_app::handlers::replay::Replay;
use connector_app::vendors::{StaticSecrets, Vendors};
use connector_aws::{DynamoStates, QueueUrls, SqsTickles};
use connector_dev::stack::{Running, Starter, Wanted};
use connector_domain::object::Message;
use connector_engine::{Engine, reconcile, report::End, sweep};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Starts connectors on the emulated services.
pub(crate) struct OnAws {
    states: DynamoStates,
    sqs: aws_sdk_sqs::Client,
    queues: QueueUrls,
}

async fn config(address: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(address)
        .region(Region::new("us-east-1"))
        .credentials_provider(aws_sdk_sqs::config::Credentials::new("test", "test", None, None, "tests"))
        .load()
        .await
}

impl OnAws {
    /// Tables and queues that no other story uses.
    pub(crate) async fn new() -> Self {
        let endpoint =
            |name| variable(name).unwrap_or_else(|| panic!("{name} is not set; run cargo xtask test"));
        let name = format!("it-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let dynamo = aws_sdk_dynamodb::Client::new(&config(&endpoint("DYNAMODB_ENDPOINT")).await);
        let (state, audit) = (format!("{name}-state"), format!("{name}-audit"));
        connector_aws::tables::create_tables(&dynamo, &state, &audit).await.unwrap();
        let sqs = aws_sdk_sqs::Client::new(&config(&endpoint("SQS_ENDPOINT")).await);
        let mut urls = Vec::new();
        for kind in ["company", "contact", "product", "deal", "line_item"] {
            let queue = sqs
                .create_queue()
                .queue_name(format!("{name}-{kind}.fifo"))
                .attributes(QueueAttributeName::FifoQueue, "true")
                .attributes(QueueAttributeName::VisibilityTimeout, "30");
            urls.push(queue.send().await.unwrap().queue_url.unwrap());
        }
        let [company, contact, product, deal, line_item] = <[String; 5]>::try_from(urls).unwrap();
        let queues = QueueUrls { company, contact, product, deal, line_item };
        Self { states: DynamoStates::new(dynamo, state, audit), sqs, queues }
    }
}

struct RunningOnAws {
    engine: Engine,
    sqs: aws_sdk_sqs::Client,
    urls: Vec<String>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

#[async_trait]
impl Starter for OnAws {
    async fn start(&self, wanted: Wanted) -> Result<Box<dyn Running>> {
        let Wanted { config, secrets, clock, listener, .. } = wanted;
        let vendors = Vendors::new(&config, Arc::new(StaticSecrets(secrets.clone())), clock.clone()).await?;
        let tickles = Arc::new(SqsTickles::new(self.sqs.clone(), self.queues.clone()));
        let engine = vendors.engine(&config, Arc::new(self.states.clone()), tickles.clone(), clock.clone());
        let sites = vec![vendors.site(&config, &secrets, tickles, engine.clone())?];
        let front = Arc::new(Front { sites, clock, replay: Replay::default() });
        let (stop, stopped) = watch::channel(false);
        let q = &self.queues;
        let urls = [&q.company, &q.contact, &q.product, &q.deal, &q.line_item].map(Clone::clone).to_vec();
        let mut tasks = Vec::new();
        for url in urls.clone() {
            tasks.push(tokio::spawn(poll(self.sqs.clone(), url, engine.clone(), stopped.clone())));
        }
        tasks.push(tokio::spawn(ring_due(engine.clone(), stopped.clone())));
        tasks.push(tokio::spawn(async move {
            connector_local::server::serve(listener, front, stopped).await.unwrap();
        }));
        Ok(Box::new(RunningOnAws { engine, sqs: self.sqs.clone(), urls, stop, tasks }))
    }
}

/// What the event source mapping does: messages of a queue to the worker, those that fail come again.
async fn poll(sqs: aws_sdk_sqs::Client, url: String, engine: Engine, stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let received = sqs
            .receive_message()
            .queue_url(&url)
            .max_number_of_messages(10)
            .wait_time_seconds(0)
            .send()
            .await;
        let messages = received.map(|r| r.messages.unwrap_or_default()).unwrap_or_default();
        if messages.is_empty() {
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        let one = |message: aws_sdk_sqs::types::Message| {
            let (sqs, url, engine) = (sqs.clone(), url.clone(), engine.clone());
            async move {
                let Ok(Message::Look(tickle)) = Message::decode(message.body().unwrap_or_default()) else {
                    return;
                };
                let done = matches!(reconcile::reconcile(&engine, &tickle).await, Ok(report) if report.end != End::Busy);
                let receipt = message.receipt_handle().unwrap_or_default();
                if done {
                    sqs.delete_message().queue_url(&url).receipt_handle(receipt).send().await.ok();
                } else {
                    let again = sqs.change_message_visibility().queue_url(&url).receipt_handle(receipt);
                    again.visibility_timeout(1).send().await.ok();
                }
            }
        };
        futures::future::join_all(messages.into_iter().map(one)).await;
    }
}

async fn ring_due(engine: Engine, stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        sweep::due(&engine, 100).await.ok();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[async_trait]
impl Running for RunningOnAws {
    fn engine(&self) -> &Engine {
        &self.engine
    }

    async fn is_idle(&self) -> Result<bool> {
        for url in &self.urls {
            let names = [
                QueueAttributeName::ApproximateNumberOfMessages,
                QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            ];
            let asked =
                self.sqs.get_queue_attributes().queue_url(url).set_attribute_names(Some(names.to_vec()));
            let attributes = asked.send().await?.attributes.context("no attributes")?;
            if attributes.values().any(|value| value != "0") {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn stop(self: Box<Self>) -> Result<()> {
        self.stop.send(true).ok();
        for task in self.tasks {
            task.await?;
        }
        Ok(())
    }
}
