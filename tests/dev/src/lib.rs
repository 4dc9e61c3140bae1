//! The connector beside simulated vendors on one machine: the stack that `cargo run` plays its story on, and that
//! the integration tests use.
//!
//! The product is started as it is; it meets the simulators only through base URLs.

pub mod gallery;
pub mod stack;
pub mod story;

pub use stack::{Options, Stack};
