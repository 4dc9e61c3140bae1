//! Sweeps: pages of references become tickles. Here: what is due; the comparing sweeps come with reconciliation.

use crate::Engine;
use connector_domain::object::{StateKey, Tickle, TickleReason};
use connector_ports::PortError;
use connector_ports::states::States;
use connector_ports::tickles::Tickles;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Rings objects whose time has come; answers how many.
pub async fn due(engine: &Engine, limit: usize) -> Result<usize, PortError> {
    let now = engine.clock.now();
    ring_due(&*engine.states, &*engine.tickles, now, limit, &mut BTreeSet::new()).await
}

/// Rings up to `limit` objects that are due and not in `rung`, and adds them to it; answers how many. An object
/// stays due until somebody looked at it, so `rung` is what makes the next call a next page. Needs no engine:
/// this sweep asks neither vendor.
pub async fn ring_due(
    states: &dyn States,
    tickles: &dyn Tickles,
    now: Timestamp,
    limit: usize,
    rung: &mut BTreeSet<StateKey>,
) -> Result<usize, PortError> {
    let mut keys = states.due(now, limit.saturating_add(rung.len())).await?;
    keys.retain(|key| !rung.contains(key));
    keys.truncate(limit);
    let messages: Vec<Tickle> = keys
        .iter()
        .map(|key| Tickle {
            portal: key.portal,
            object: key.object.clone(),
            reason: TickleReason::Due,
            actor: None,
            correlation: None,
            received_at: now,
        })
        .collect();
    if !messages.is_empty() {
        tickles.send(&messages).await?;
    }
    rung.extend(keys);
    Ok(messages.len())
}
