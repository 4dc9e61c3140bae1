//! The sending side of the queue, and how full it is; receiving belongs to the transport.

use crate::PortError;
use async_trait::async_trait;
use connector_domain::ids::PortalId;
use connector_domain::object::Tickle;
use jiff::Timestamp;

/// What waits in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Messages that nobody works on; dead letters do not count.
    pub messages: u64,
    /// When the oldest of them was received; none when nothing waits or the queue does not know.
    pub oldest: Option<Timestamp>,
}

/// Puts requests to look again into a durable queue.
#[async_trait]
pub trait Tickles: Send + Sync {
    /// Returns after *all* are durable; on an error none, some or all may have been sent, which is harmless.
    async fn send(&self, tickles: &[Tickle]) -> Result<(), PortError>;

    /// What waits, for people: of this portal where the queue can tell, otherwise of all that share it.
    async fn waiting(&self, portal: PortalId) -> Result<Waiting, PortError>;
}
