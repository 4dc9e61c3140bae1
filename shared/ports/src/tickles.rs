//! The sending side of the queue; receiving belongs to the transport.

use crate::PortError;
use async_trait::async_trait;
use connector_domain::object::Tickle;

/// Puts requests to look again into a durable queue.
#[async_trait]
pub trait Tickles: Send + Sync {
    /// Returns after *all* are durable; on an error none, some or all may have been sent, which is harmless.
    async fn send(&self, tickles: &[Tickle]) -> Result<(), PortError>;
}
