//! Repository rules as tests: what reviewers would otherwise have to remember.
//!
//! Each rule is a pure function from texts or names to a list of complaints, with planted faults beside it that
//! prove it can fail. `tests/repository.rs` applies all of them to this repository. A complaint says where, what,
//! and what to do.
//!
//! - [`files`]: what is in the repository · [`rust`]: rules about source files · [`text`]: rules about every file
//! - [`manifests`]: rules about `Cargo.toml` and `Cargo.lock` · [`layers`]: which way dependencies point
//! - [`tree`]: what the binaries really link · [`licences`]: what they may be licensed under
//! - [`kinds`]: every object kind has its parts · [`problems`]: every problem code has its page
//!
//! Not here: any crate of the connector. The rules read files and ask cargo, so that they run while code is broken.

pub mod files;
pub mod kinds;
pub mod layers;
pub mod licences;
pub mod manifests;
pub mod problems;
pub mod rust;
pub mod text;
pub mod tree;
