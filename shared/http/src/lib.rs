//! HTTP basement of the adapters: time-outs, limits, redaction.
//!
//! - [`Client`] sends one [`Request`] and says of each [`Failure`] whether the vendor may have seen it.
//! - [`base`]: which addresses a configuration may name · [`batch`]: many single calls, one request ·
//!   [`retry_after`]: how long a vendor asks us to wait.
//!
//! Not here: any vendor's words, any classification of statuses, and retries of anything that may have
//! reached a vendor (`style.md` 23: retries happen at one level, in the engine).

pub mod base;
pub mod batch;
mod client;
mod limit;
mod message;
pub mod retry_after;

pub use base::{Allowed, BaseUrl, BaseUrlError};
pub use batch::{Batcher, Lost};
pub use client::{Client, Error, Options};
pub use http::Method;
pub use message::{Body, Failure, Reply, Request};
pub use url::Url;
