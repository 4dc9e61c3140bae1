//! Top floor on AWS: from Lambda events to the transport-neutral handlers and back.
//!
//! - [`wiring`]: the only place that names all adapters; one constructor per function, each with no more than
//!   that function needs · [`http`]: API Gateway · [`sqs_batch`]: queues, and [`worker`]: what is done with a
//!   message · [`schedule`]: EventBridge Scheduler.
//! - [`deadline`] knows how much time an invocation has left; [`gate`] lets one write at a time through to
//!   Zuora, and none that could not end in time; [`vault`] gives credentials out.
//!
//! Invariants: a request is never answered 401 because of our own trouble; no message is started, and no write
//! sent, that would not fit into the time that is left.
//!
//! Not here: rules, routes, and the single machine (`functions/local`). Events of API Gateway are read directly
//! and not through `lambda_http`: that crate rebuilds the address from parsed parts, while signatures cover the
//! bytes, and it panics on addresses that it cannot parse.

pub mod deadline;
pub mod gate;
pub mod http;
pub mod schedule;
pub mod sqs_batch;
pub mod vault;
pub mod wiring;
pub mod worker;

pub use connector_app::telemetry::init_lambda as init_telemetry;
pub use lambda_runtime::Error;
