//! What the schedule starts each minute: `{"sweep":"due"}` rings the objects whose time has come (D-20).

use crate::deadline::Deadline;
use connector_engine::sweep;
use connector_ports::PortError;
use connector_ports::clock::Clock;
use connector_ports::states::States;
use connector_ports::tickles::Tickles;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Objects in one page: fifty calls of SQS.
const PAGE: usize = 500;
/// With less than this left, no page is begun; the next minute goes on.
const PAGE_TAKES: Duration = Duration::from_secs(15);

/// The event, as `template.yaml` writes it into the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "sweep", rename_all = "snake_case")]
pub enum Sweep {
    /// What is due.
    Due,
}

/// What a sweep came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// How many objects were rung.
    pub rung: usize,
    /// Whether nothing was left over for lack of time.
    pub complete: bool,
}

/// The sweep's store and queue. It has no credentials and asks neither vendor.
pub struct Sweeper {
    pub(crate) states: Arc<dyn States>,
    pub(crate) tickles: Arc<dyn Tickles>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) deadline: Arc<Deadline>,
}

impl Sweeper {
    /// Takes events until the process is ended.
    pub async fn run(self) -> Result<(), Error> {
        let sweeper = &self;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Sweep>| async move {
            sweeper.deadline.begin(event.context.deadline);
            let Sweep::Due = event.payload;
            sweeper.due(PAGE).await.map_err(Error::from)
        }))
        .await
    }

    async fn due(&self, page: usize) -> Result<Swept, PortError> {
        let (now, mut rung) = (self.clock.now(), BTreeSet::new());
        let complete = loop {
            if self.deadline.left() < PAGE_TAKES {
                tracing::warn!(rung = rung.len(), "the sweep ran out of time; the next one goes on");
                break false;
            }
            if sweep::ring_due(&*self.states, &*self.tickles, now, page, &mut rung).await? < page {
                break true;
            }
        };
        tracing::info!(rung = rung.len(), complete, "rang what is due");
        Ok(Swept { rung: rung.len(), complete })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_domain::ids::{HubSpotId, PortalId};
    use connector_domain::object::{ObjectKind, ObjectRef, StateKey, TickleReason};
    use connector_domain::state::ObjectState;
    use connector_ports::fake::{MemoryStates, MemoryTickles, TestClock};

    struct World {
        sweeper: Sweeper,
        states: Arc<MemoryStates>,
        tickles: Arc<MemoryTickles>,
        clock: Arc<TestClock>,
    }

    fn world(seconds_left: u64) -> World {
        let (states, tickles) = (Arc::new(MemoryStates::new()), Arc::new(MemoryTickles::new()));
        let clock = Arc::new(TestClock::new("2026-11-16T10:00:00Z".parse().unwrap()));
        let deadline = Arc::new(Deadline::new(clock.clone()));
        deadline.begin(u64::try_from(clock.now().as_millisecond()).unwrap() + seconds_left * 1_000);
        let sweeper =
            Sweeper { states: states.clone(), tickles: tickles.clone(), clock: clock.clone(), deadline };
        World { sweeper, states, tickles, clock }
    }

    impl World {
        fn due(&self, id: u32, in_seconds: i64) {
            let object = ObjectRef::new(ObjectKind::Deal, HubSpotId::parse(&id.to_string()).unwrap());
            let at = self.clock.now() + jiff::SignedDuration::from_secs(in_seconds);
            self.states.seed(&StateKey::new(PortalId(1), object), &ObjectState::default(), Some(at));
        }
    }

    #[test]
    fn the_event_is_the_one_of_the_template() {
        assert_eq!(serde_json::from_str::<Sweep>(r#"{"sweep":"due"}"#).unwrap(), Sweep::Due);
        assert!(serde_json::from_str::<Sweep>(r#"{"sweep":"everything"}"#).is_err());
    }

    #[tokio::test]
    async fn each_due_object_is_rung_once_however_many_pages_there_are() {
        let world = world(50);
        for id in 1..=7 {
            world.due(id, -1);
        }
        world.due(8, 60);
        assert_eq!(world.sweeper.due(3).await.unwrap(), Swept { rung: 7, complete: true });
        let rung = world.tickles.drain();
        assert!(rung.iter().all(|tickle| tickle.reason == TickleReason::Due));
        let ids: BTreeSet<String> = rung.iter().map(|tickle| tickle.object.id.to_string()).collect();
        assert_eq!((rung.len(), ids.len()), (7, 7));
        assert!(!ids.contains("8"), "rung before its time");
    }

    #[tokio::test]
    async fn nothing_due_is_no_message() {
        let world = world(50);
        assert_eq!(world.sweeper.due(3).await.unwrap(), Swept { rung: 0, complete: true });
        assert!(world.tickles.is_empty());
    }

    #[tokio::test]
    async fn without_time_the_sweep_stops_and_says_so() {
        let world = world(10);
        world.due(1, -1);
        assert_eq!(world.sweeper.due(3).await.unwrap(), Swept { rung: 0, complete: false });
    }

    #[tokio::test]
    async fn a_queue_that_takes_nothing_is_an_error_of_the_sweep() {
        let world = world(50);
        world.due(1, -1);
        world.tickles.refuse(true);
        assert!(world.sweeper.due(3).await.is_err());
    }
}
