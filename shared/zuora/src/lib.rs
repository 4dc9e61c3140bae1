//! Zuora adapter: accounts, contacts, catalogue, orders.
//!
//! - [`Zuora`] implements the port [`connector_ports::billing::Billing`] for one tenant, made from a [`Config`].
//! - Every write has two steps: `render` makes the body, `send` sends its bytes as they are, so that the engine
//!   can freeze a body before it leaves and repeat exactly the same request after doubt.
//!
//! Terms: a *keyed read* names one object by id or number and is as fresh as Zuora itself; an *object query*
//! filters, and may lag behind a write. *CRUD* is the older family of calls with capitalised names
//! (`/v1/object/...`); its enums are spelt otherwise than those of orders (`zuora.md` 4).
//!
//! Invariants: one function judges all answers, an HTTP 200 included ([`Billing`] callers see a
//! `PortError` with its class); the adapter repeats a call only after a 401; trouble is never reported as absence;
//! no wire shape leaves the crate; nothing shows a body, a secret or a query in `Debug` or in a log.
//!
//! Not here: any rule about what should be billed (`domain`), retries and idempotency keys (`engine`),
//! configuration files (`app`).
//!
//! [`Billing`]: connector_ports::billing::Billing

mod adapter;
mod client;
mod company;
mod config;
mod deal;
mod decimal;
mod dto;
mod error;
#[cfg(test)]
mod golden;
mod product;
mod query;
mod send;
mod setup;
#[cfg(test)]
mod testing;
mod token;
mod view;
mod words;

pub use adapter::Zuora;
pub use config::{Config, Credentials, HOSTS};
