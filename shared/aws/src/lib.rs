//! AWS adapter: the ports of the engine on DynamoDB and SQS, and the credentials from Secrets Manager.
//!
//! - [`clients`]: the SDK, configured once · [`state_store`]: states, leases, account locks, audit trail
//!   · [`tables`]: how they are laid out · [`tickle_queue`]: the sending side of the queues
//!   · [`secrets`]: credentials with a cache.
//!
//! # What is promised
//!
//! - **Costs.** A claim, a save and a release are one request each; a mark too. `SQS` is called once for ten
//!   messages of a kind.
//! - **Repeating is harmless.** Each write to the state table carries the fence of its claim as a condition, so
//!   the SDK may repeat it after a time-out and a stale worker cannot move anything back. That is why a store
//!   that cannot be reached is [`FaultClass::Transient`](connector_domain::fault::FaultClass) and never
//!   `Unknown`: nothing outside it has happened, and asking again is safe.
//! - **Nothing leaks.** Errors carry AWS's code and words, never a request, an answer or an item.
//!
//! Not here: receiving messages (that belongs to the transport), any rule, and the environment, except what the
//! SDK itself reads (credentials, region, `AWS_ENDPOINT_URL`).

pub mod clients;
mod error;
pub mod secrets;
pub mod state_store;
pub mod tables;
pub mod tickle_queue;
mod unique;
mod update;

pub use clients::Clients;
pub use secrets::{Credentials, Secrets};
pub use state_store::DynamoStates;
pub use tickle_queue::{QueueUrls, SqsTickles};
