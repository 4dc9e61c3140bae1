//! HubSpot adapter: CRM reads and writes, webhook signatures and events.
//!
//! - [`HubSpot`] implements the port [`connector_ports::crm::Crm`] for one portal, made from a [`Config`].
//! - [`signature`] verifies what claims to come from HubSpot · [`webhook`] turns its events into tickles.
//!
//! Terms: an object's *type* is HubSpot's path name (`companies`), its *kind* the domain's. A record is *gone* when
//! HubSpot does not answer for its id; a *survivor* is the record that answers for merged ones.
//!
//! Invariants: no wire shape leaves the crate; reads are never in doubt; trouble is never reported as absence;
//! nothing shows a record's values, a token or a query in `Debug` or in a log.
//!
//! Not here: any rule about what the facts mean (`domain`), retries (`engine`), configuration files (`app`).

mod adapter;
mod associations;
mod cache;
mod client;
mod company;
mod contact;
mod deal;
mod dto;
mod error;
mod line_item;
mod pipelines;
mod portal;
mod product;
mod records;
mod setup;
pub mod signature;
#[cfg(test)]
mod testing;
pub mod webhook;
mod write_back;

pub use adapter::HubSpot;
pub use client::{Config, HOSTS, PortalOverrides, Properties, StaticToken, TokenSource};
