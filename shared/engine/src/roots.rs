//! Children find their roots and ring them: contact to companies, line item to deal.

use crate::Engine;
use crate::reconcilers::{contact, line_item};
use crate::report::{End, Report};
use connector_domain::object::{ObjectKind, StateKey, Tickle, TickleReason};
use connector_ports::PortError;
use jiff::Timestamp;

/// Rings the roots of a child object.
pub async fn ring(engine: &Engine, tickle: &Tickle, now: Timestamp) -> Result<Report, PortError> {
    let key = tickle.key();
    let roots = match key.object.kind {
        ObjectKind::Contact => contact::roots(engine, &key, now).await?,
        ObjectKind::LineItem => line_item::roots(engine, &key).await?,
        ObjectKind::Company | ObjectKind::Product | ObjectKind::Deal => vec![key.clone()],
    };
    let tickles: Vec<Tickle> = roots.iter().map(|root| related(root, tickle, now)).collect();
    if !tickles.is_empty() {
        engine.tickles.send(&tickles).await?;
    }
    let mut report = Report::bare(key.object, End::Rang);
    report.notices = roots.iter().map(|root| format!("rang {}", root.object)).collect();
    Ok(report)
}

/// A request to look at an object because another one changed.
pub(crate) fn related(key: &StateKey, cause: &Tickle, now: Timestamp) -> Tickle {
    Tickle {
        portal: key.portal,
        object: key.object.clone(),
        reason: TickleReason::Related,
        actor: cause.actor.clone(),
        correlation: cause.correlation.clone(),
        received_at: now,
    }
}
