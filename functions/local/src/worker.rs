//! Works the local queue: takes what is there, looks at each object, and rings what is due.
//!
//! What SQS, the event source mapping and the schedule are on AWS, this loop is on one machine.

use crate::queue::{LocalQueue, Taken};
use connector_domain::object::{Message, Tickle};
use connector_engine::report::{End, Report};
use connector_engine::{Engine, reconcile, sweep};
use connector_ports::clock::Clock;
use connector_ports::tickles::Tickles;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// Objects that are looked at side by side.
const SIDE_BY_SIDE: usize = 8;
/// How often the schedule is read: due retries start within a second.
const DUE_EVERY: Duration = Duration::from_secs(1);
/// How long the queue is left alone when nothing rings; messages of other processes are found after this.
const IDLE: Duration = Duration::from_millis(200);

/// The engines of all installations, by portal, and the queue that they share.
#[derive(Clone)]
pub struct Worker {
    /// One engine per installation.
    pub engines: Arc<Vec<Engine>>,
    /// The queue.
    pub queue: LocalQueue,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Worker {
    /// Works until `stop` turns true, then finishes what is in hand.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(SIDE_BY_SIDE));
        let mut next_due = tokio::time::Instant::now();
        while !*stop.borrow() {
            if tokio::time::Instant::now() >= next_due {
                next_due = tokio::time::Instant::now() + DUE_EVERY;
                self.ring_due().await;
            }
            let free = places.available_permits();
            let taken =
                if free == 0 { Ok(Vec::new()) } else { self.queue.take(self.clock.now(), free).await };
            match taken {
                Ok(taken) if taken.is_empty() => {
                    tokio::select! {
                        () = self.queue.wait(IDLE) => {}
                        _ = stop.changed() => {}
                    }
                }
                Ok(taken) => {
                    for message in taken {
                        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                        let worker = self.clone();
                        tokio::spawn(async move {
                            worker.work(message).await;
                            drop(place);
                        });
                    }
                }
                Err(error) => {
                    tracing::error!(error = %error, "the queue cannot be read");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        let all = u32::try_from(SIDE_BY_SIDE).unwrap_or(u32::MAX);
        drop(places.acquire_many(all).await);
    }

    async fn ring_due(&self) {
        for engine in self.engines.iter().take(1) {
            if let Err(error) = sweep::due(engine, 100).await {
                tracing::error!(error = %error, "the retry schedule cannot be read");
            }
        }
    }

    async fn work(&self, taken: Taken) {
        let Message::Look(tickle) = &taken.message;
        let again = match self.look(tickle).await {
            Ok(again) => again,
            Err(error) => {
                tracing::error!(object.kind = %tickle.object.kind, object.id = %tickle.object.id, error = %error, "a look could not be recorded; the message comes again");
                let later = self.clock.now() + SignedDuration::from_secs(5);
                report(self.queue.back(&taken, later).await.map(|_| ()));
                return;
            }
        };
        if again {
            // Another process holds the object: ask again, without counting it as a failure.
            tokio::time::sleep(Duration::from_secs(1)).await;
            report(self.queue.send(std::slice::from_ref(tickle)).await);
        }
        report(self.queue.done(&taken).await.map(|_| ()));
    }

    /// Looks at one object; answers whether somebody else holds it.
    async fn look(&self, tickle: &Tickle) -> Result<bool, connector_ports::PortError> {
        let Some(engine) = self.engines.iter().find(|e| e.policy.portal == tickle.portal) else {
            tracing::warn!(portal.id = %tickle.portal, "a message of a portal that is not configured is dropped");
            return Ok(false);
        };
        let began = self.clock.now();
        let report = reconcile::reconcile(engine, tickle).await?;
        log(tickle, &report, (self.clock.now() - began).get_milliseconds());
        Ok(report.end == End::Busy)
    }
}

fn report(result: Result<(), connector_ports::PortError>) {
    if let Err(error) = result {
        tracing::error!(error = %error, "the queue could not be updated; the message comes again");
    }
}

/// One line per look (`style.md` 18): ids, codes, counts; no values.
fn log(tickle: &Tickle, report: &Report, duration_ms: i64) {
    let codes: Vec<&str> = report.problems.iter().map(|p| p.code.code()).collect();
    tracing::info!(
        object.kind = %tickle.object.kind,
        object.id = %tickle.object.id,
        tickle.reason = tickle.reason.as_str(),
        correlation.id = tickle.correlation.as_deref().unwrap_or_default(),
        end = ?report.end,
        status = report.status.as_str(),
        plan.actions = report.done.len(),
        problem.code = codes.join(","),
        trouble = report.trouble.as_deref().unwrap_or_default(),
        waits_on = report.waits_on.as_deref().unwrap_or_default(),
        duration_ms,
        "looked at an object"
    );
}
