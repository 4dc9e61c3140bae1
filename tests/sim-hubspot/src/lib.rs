//! A simulated HubSpot portal over HTTP (test equipment).
//!
//! It keeps records, associations with labels, property definitions and pipelines, answers the CRM API of version
//! 2026-09 (and the v3/v4 twins that HubSpot's own clients use), raises the webhook events a portal would raise and
//! delivers them signed, and makes the signed calls of cards. Faults and limits can be switched on.
//!
//! Its wire shapes are its own, written from HubSpot's documents: it depends on no crate of the connector, so that
//! a misspelt field cannot be misspelt on both sides. `tests/contracts` checks its answers against HubSpot's
//! OpenAPI documents.
//!
//! [`Sim`] is the handle for Rust tests; the same control is offered over HTTP under `/_sim/` (see `control.rs`).
//!
//! Not simulated: lists, tickets, quotes, engagements, custom objects, OAuth, the webhooks journal, validation
//! rules other than a refused property, exchange rates other than 1.

#![expect(
    clippy::indexing_slicing,
    reason = "indexing a serde_json::Value by name cannot fail; slices are not indexed here"
)]

mod api;
mod calculated;
mod calls;
mod card;
mod clock;
mod config;
mod control;
mod definitions;
mod delivery;
mod events;
mod faults;
mod http;
mod kind;
mod labels;
mod limits;
mod lines;
mod links;
mod money;
mod pipelines;
mod records;
mod seed;
mod server;
mod sign;
mod sim;
mod state;
mod terms;
mod tiers;
mod values;

pub use calls::Call;
pub use config::{Config, Switches};
pub use delivery::Delivery;
pub use events::Subscription;
pub use faults::{Fault, FaultRule};
pub use lines::Line;
pub use pipelines::{PARTNER_CONTRACT_SENT, PARTNER_PIPELINE, PARTNER_SIGNED};
pub use sign::{SignedRequest, decode_uri, sign_v1, sign_v3, sign_v3_verbatim};
pub use sim::Sim;

#[cfg(test)]
mod tests;
