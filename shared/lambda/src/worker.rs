//! The worker of one object kind: looks at the object of each message.

use crate::deadline::Deadline;
use crate::sqs_batch::{self, Handled, Limits};
use crate::wiring::Installation;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use connector_domain::object::Tickle;
use connector_engine::reconcile;
use connector_engine::report::{End, Report};
use connector_ports::clock::Clock;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::sync::Arc;

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
        let began = self.clock.now();
        match reconcile::reconcile(engine, &tickle).await {
            Ok(report) => {
                log(&tickle, &report, (self.clock.now() - began).get_milliseconds());
                // Somebody else holds the object; this request may be newer than what they read.
                if report.end == End::Busy { Handled::Again } else { Handled::Done }
            }
            Err(error) => {
                tracing::error!(error = %error, "a look could not be recorded; the message comes again");
                Handled::Again
            }
        }
    }
}

/// One line per look (`style.md` 18): ids, codes, counts; no values.
fn log(tickle: &Tickle, report: &Report, duration_ms: i64) {
    let codes: Vec<&str> = report.problems.iter().map(|problem| problem.code.code()).collect();
    tracing::info!(
        object.kind = %tickle.object.kind,
        object.id = %tickle.object.id,
        tickle.reason = tickle.reason.as_str(),
        correlation.id = tickle.correlation.as_deref().unwrap_or_default(),
        end = ?report.end,
        status = report.status.as_str(),
        plan.actions = report.done.len(),
        problem.code = codes.join(","),
        duration_ms,
        "looked at an object"
    );
}
