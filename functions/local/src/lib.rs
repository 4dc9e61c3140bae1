//! Single-machine mode: the `connector` binary.

pub mod queue;
pub mod sqlite;
