//! The worker of one object kind: looks at the object of each message.

use crate::deadline::Deadline;
use crate::sqs_batch::{self, Handled, Limits};
use crate::wiring::Installation;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use connector_app::telemetry;
use connector_domain::object::{Tickle, TickleReason};
use connector_engine::report::End;
use connector_engine::{Engine, reconcile};
use connector_ports::PortError;
use connector_ports::clock::Clock;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::sync::Arc;
use std::time::Duration;

/// An object that is due within this time is waited for inside of the invocation.
const SHORT_WAIT: Duration = Duration::from_secs(5);
/// How often in a row.
const SHORT_WAITS: u32 = 5;

/// Everything that a worker holds between invocations.
pub struct Worker {
    pub(crate) installations: Vec<Installation>,
    pub(crate) deadline: Arc<Deadline>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Worker {
    /// Takes batches until the process is ended.
    pub async fn run(self) -> Result<(), Error> {
        let worker = &self;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
            Ok::<_, Error>(worker.batch(event).await)
        }))
        .await
    }

    async fn batch(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        self.deadline.begin(event.context.deadline);
        let left = || self.deadline.left();
        sqs_batch::run(event.payload, Limits::default(), left, |tickle, _| self.look(tickle)).await
    }

    async fn look(&self, tickle: Tickle) -> Handled {
        let Some(installation) = self.installations.iter().find(|one| one.portal() == tickle.portal) else {
            tracing::warn!("a message of a portal that is not configured is dropped");
            return Handled::Done;
        };
        let engine = match installation.engine().await {
            Ok(engine) => engine,
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "nothing can be looked at; the message comes again"
                );
                return Handled::Again;
            }
        };
        match self.look_until_it_takes_longer(engine, tickle).await {
            // Somebody else holds the object; this request may be newer than what they read.
            Ok(End::Busy) => Handled::Again,
            Ok(End::Skipped | End::Rang | End::Looked | End::LostLease) => Handled::Done,
            Err(error) => {
                tracing::error!(
                    error = error.for_log(),
                    "a look could not be recorded; the message comes again"
                );
                Handled::Again
            }
        }
    }

    /// Looks, and looks again when the object is due within seconds: the schedule rings only once a minute, which
    /// would make a short wait for an account's lock, or the first look-up after a lost answer, a long one.
    async fn look_until_it_takes_longer(&self, engine: &Engine, tickle: Tickle) -> Result<End, PortError> {
        let mut tickle = tickle;
        for round in 0..=SHORT_WAITS {
            let began = self.clock.now();
            let report = reconcile::reconcile(engine, &tickle).await?;
            let ended = self.clock.now();
            telemetry::look(&tickle, &report, ended.as_millisecond() - began.as_millisecond());
            let Some(due_at) = report.due_at.filter(|_| report.end == End::Looked) else {
                return Ok(report.end);
            };
            let wait = Duration::from_millis(
                u64::try_from(due_at.as_millisecond() - ended.as_millisecond()).unwrap_or(0),
            );
            let time_is_left = self.deadline.left() > Limits::default().start + wait;
            if round == SHORT_WAITS || wait > SHORT_WAIT || !time_is_left {
                return Ok(report.end);
            }
            tokio::time::sleep(wait).await;
            tickle.reason = TickleReason::Due;
        }
        Ok(End::Looked)
    }
}
