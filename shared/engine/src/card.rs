//! The sellers' side: what a card shows, what its buttons do.
//!
//! [`model`] and [`pages`] are the shapes that the card app gets (its TypeScript is generated from them), [`build`]
//! and [`rows`] make them from the record's state and from what was [`gathered`] of its Zuora account; [`format`](mod@format)
//! and [`links`] know how figures and links are written. [`press`](mod@press) leaves word and rings, [`preview`](mod@preview) asks what a
//! sync would do. [`brief`] is the short form for the command line.
//!
//! Not here: HTTP, rights ([`build::Rights`] are told), and reading Zuora within a time (`app`).

pub mod brief;
pub mod build;
pub mod format;
pub mod gathered;
pub mod links;
pub mod model;
pub mod pages;
pub mod press;
pub mod preview;
pub mod rows;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod typescript;

pub use press::press;

/// What a sync button asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonScope {
    /// The record alone ("Sync Company and Contacts Only", "Sync Deal").
    RecordOnly,
    /// A company with its deals ("Sync Company with Deals").
    WithDeals,
}
