//! First floor: the traits between the engine and the outside world, and nothing else.
//!
//! - [`crm`]: HubSpot's side · [`billing`]: Zuora's side, [`account_view`]: the same for people's eyes ·
//!   [`states`]: cross-references, sync state, leases, audit · [`tickles`]: the sending side of the queue ·
//!   [`clock`]: time · [`installation`]: what `setup` and `doctor` ask and make.
//! - Behind the feature `fake`: an in-memory store, queue and clock (`fake`) and the suite that every store
//!   must pass (`conformance`).
//!
//! Not here: any implementation that talks to a network or a disk, and any rule.

pub mod account_view;
pub mod billing;
pub mod clock;
#[cfg(feature = "fake")]
pub mod conformance;
pub mod crm;
pub mod error;
#[cfg(feature = "fake")]
pub mod fake;
pub mod installation;
pub mod states;
pub mod tickles;

pub use error::PortError;
