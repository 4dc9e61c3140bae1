//! The acceptance stories, told through HTTP against the simulated vendors.
//!
//! They run on the embedded store; with `CONNECTOR_IT_BACKEND=aws` the same stories run on DynamoDB and SQS, at
//! the addresses in `DYNAMODB_ENDPOINT` and `SQS_ENDPOINT`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod at_most_once;
mod aws;
mod bad_input;
mod bodies;
mod calls;
mod cards;
mod changes;
mod companies;
mod deals;
mod ends;
mod money;
mod outlooks;
mod parties;
mod separate;
mod terms;
mod threeway;
mod world;
