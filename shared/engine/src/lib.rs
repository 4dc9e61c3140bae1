//! Second floor: the reconciling engine. It knows the ports and the domain, no vendor and no AWS.
//!
//! One path for every kind and every trigger ([`reconcile`]): gather, map, plan ([`reconcilers`]), apply
//! ([`apply`]), record. An effect whose outcome is unknown is settled before anything else ([`doubt`]). When to
//! look again is decided in one pure place ([`error_policy`]). [`roots`] finds the company of a contact and the
//! deal of a line item; [`sweep`] rings what is due; [`card`] is the sellers' view and their button;
//! [`installation`] is what must exist on both sides before the first sync.
//!
//! Not here: transports, timers, sleeping. The engine writes down when to look again and returns.

pub mod apply;
pub mod card;
pub mod decision;
pub mod doubt;
pub mod error_policy;
pub mod idempotency;
pub mod installation;
pub mod privacy;
pub mod reconcile;
pub mod reconcilers;
pub mod report;
pub mod roots;
pub mod sweep;

use connector_domain::policy::Policy;
use connector_ports::billing::Billing;
use connector_ports::clock::Clock;
use connector_ports::crm::Crm;
use connector_ports::states::States;
use connector_ports::tickles::Tickles;
use std::sync::Arc;

/// Everything that the engine talks to, and the installation's choices.
#[derive(Clone)]
pub struct Engine {
    /// HubSpot.
    pub crm: Arc<dyn Crm>,
    /// Zuora.
    pub billing: Arc<dyn Billing>,
    /// Cross-references, sync state, leases, audit.
    pub states: Arc<dyn States>,
    /// The queue.
    pub tickles: Arc<dyn Tickles>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The installation's choices.
    pub policy: Arc<Policy>,
    /// Names the tenant in idempotency keys: the REST base URL.
    pub tenant: String,
    /// Digest of the configuration; objects looked at with another one are not skipped.
    pub config: String,
}
