//! Sweeps: pages of references become tickles. Here: what is due; the comparing sweeps come with reconciliation.

use crate::Engine;
use connector_domain::object::{Tickle, TickleReason};
use connector_ports::PortError;

/// Rings objects whose time has come; answers how many.
pub async fn due(engine: &Engine, limit: usize) -> Result<usize, PortError> {
    let now = engine.clock.now();
    let keys = engine.states.due(now, limit).await?;
    let tickles: Vec<Tickle> = keys
        .into_iter()
        .map(|key| Tickle {
            portal: key.portal,
            object: key.object,
            reason: TickleReason::Due,
            actor: None,
            correlation: None,
            received_at: now,
        })
        .collect();
    if !tickles.is_empty() {
        engine.tickles.send(&tickles).await?;
    }
    Ok(tickles.len())
}
