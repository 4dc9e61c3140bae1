//! Works the local queue: takes what is there, looks at each object, and rings what is due.
//!
//! What SQS, the event source mapping and the schedule are on AWS, this loop is on one machine.

use crate::queue::{LocalQueue, Taken};
use connector_app::telemetry;
use connector_domain::fault::FaultClass;
use connector_domain::object::{Message, Tickle};
use connector_engine::report::End;
use connector_engine::{Engine, reconcile, sweep};
use connector_ports::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// Objects that are looked at side by side.
const SIDE_BY_SIDE: usize = 8;
/// How often the schedule is read: due retries start within a second.
const DUE_EVERY: Duration = Duration::from_secs(1);
/// How long the queue is left alone when nothing rings; messages of other processes are found after this.
const IDLE: Duration = Duration::from_millis(200);
/// When somebody else holds an object, it is looked at again after this, or at once after their lease.
const BUSY: SignedDuration = SignedDuration::from_secs(2);
/// After a first failed look; doubled with each further one.
const FIRST_DELAY: SignedDuration = SignedDuration::from_secs(2);
/// The longest time between two failed looks.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(10);
/// After a look that ended in a mistake of ours; this one counts towards the dead letters.
const AFTER_BUG: SignedDuration = SignedDuration::from_secs(5);

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
                    tracing::error!(error = error.for_log(), "the queue cannot be read");
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
                tracing::error!(error = error.for_log(), "the retry schedule cannot be read");
            }
        }
    }

    async fn work(&self, taken: Taken) {
        let Message::Look(tickle) = &taken.message;
        let answered = match self.look(tickle).await {
            Ok(None) => self.queue.done(&taken).await,
            // Another process holds the object; this request may be newer than what they read.
            Ok(Some(until)) => self.queue.later(&taken, until.min(self.clock.now() + BUSY)).await,
            Err(error) => {
                tracing::error!(object.kind = %tickle.object.kind, object.id = %tickle.object.id, error = error.for_log(), failures = taken.failures, "a look could not be recorded; the message comes again");
                let now = self.clock.now();
                match again_at(error.class, taken.failures, now) {
                    Some(at) => self.queue.failed(&taken, at).await,
                    None => self.queue.back(&taken, now + AFTER_BUG).await,
                }
            }
        };
        report(answered.map(|_| ()));
    }

    /// Looks at one object; answers until when somebody else holds it, if so.
    async fn look(&self, tickle: &Tickle) -> Result<Option<Timestamp>, connector_ports::PortError> {
        let Some(engine) = self.engines.iter().find(|e| e.policy.portal == tickle.portal) else {
            tracing::warn!(portal.id = %tickle.portal, "a message of a portal that is not configured is dropped");
            return Ok(None);
        };
        let began = self.clock.now();
        let report = reconcile::reconcile(engine, tickle).await?;
        let now = self.clock.now();
        telemetry::look(tickle, &report, now.as_millisecond() - began.as_millisecond());
        Ok((report.end == End::Busy).then(|| report.due_at.unwrap_or(now + BUSY)))
    }
}

/// When to look again after a failure that passes by itself or is mended outside, after so many before it; none
/// for a mistake of ours, which is tried a few times and then put aside for a person.
fn again_at(class: FaultClass, failures: u32, now: Timestamp) -> Option<Timestamp> {
    let doubled = FIRST_DELAY.checked_mul(1_i32.checked_shl(failures.min(20)).unwrap_or(i32::MAX));
    let backed_off = now + doubled.unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY);
    match class {
        FaultClass::Throttled { until: Some(until) } => Some(backed_off.max(until)),
        FaultClass::Throttled { until: None }
        | FaultClass::Transient
        | FaultClass::Unknown
        | FaultClass::Permanent
        | FaultClass::Denied => Some(backed_off),
        FaultClass::Bug => None,
    }
}

fn report(result: Result<(), connector_ports::PortError>) {
    if let Err(error) = result {
        tracing::error!(error = error.for_log(), "the queue could not be updated; the message comes again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_ten_minutes_and_a_mistake_of_ours_has_none() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let wait = |class, failures| again_at(class, failures, now).map(|at| (at - now).get_seconds());
        for (failures, seconds) in [(0, 2), (1, 4), (2, 8), (8, 512), (9, 600), (31, 600), (u32::MAX, 600)] {
            for class in [
                FaultClass::Transient,
                FaultClass::Throttled { until: None },
                FaultClass::Throttled { until: Some(now) },
                FaultClass::Unknown,
                FaultClass::Permanent,
                FaultClass::Denied,
            ] {
                assert_eq!(wait(class, failures), Some(seconds), "{class:?} {failures}");
            }
            assert_eq!(wait(FaultClass::Bug, failures), None);
        }
        let until = now + SignedDuration::from_secs(3600);
        assert_eq!(wait(FaultClass::Throttled { until: Some(until) }, 3), Some(3600));
    }
}
