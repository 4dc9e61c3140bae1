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
