//! What must exist on both sides before the first sync: what should be ([`wishes`]), what is, and the comparison
//! ([`compare`], pure). [`setup`] makes what an API can make and says what a person must do; [`doctor`] checks
//! that and everything else that an installation stands on ([`checks`], pure).
//!
//! - Nothing that exists is ever changed or removed, so running it again is safe at any time.
//! - One refusal stops nothing: it is named with the right that is missing, and the next thing is tried.
//! - The sync does not depend on any of this having been run.
//!
//! Not here: how things are asked for and made (`connector_ports::installation`), printing, exit status.

pub mod checks;
pub mod compare;
pub mod doctor;
mod rights;
pub mod setup;
pub mod wishes;

use connector_ports::installation::{BillingInstallation, CrmInstallation};

/// Both sides of an installation.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    /// HubSpot.
    pub crm: &'a dyn CrmInstallation,
    /// Zuora.
    pub billing: &'a dyn BillingInstallation,
}
