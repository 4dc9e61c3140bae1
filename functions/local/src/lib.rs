//! Single-machine mode: the `connector` binary with its embedded store and durable queue.
//!
//! What API Gateway, SQS, DynamoDB and the schedules are on AWS, this crate is on one machine: [`server`],
//! [`queue`], [`sqlite`], [`worker`]. [`wiring`] puts them together, [`cli`] is the command line.

pub mod cli;
pub mod queue;
pub mod server;
pub mod sqlite;
pub mod wiring;
pub mod worker;
