//! A line item has no state of its own: it finds its deal.

use crate::Engine;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_ports::PortError;

/// The deal of a line item; none when it is gone, because then the deal's own events tell.
pub(crate) async fn roots(engine: &Engine, key: &StateKey) -> Result<Vec<StateKey>, PortError> {
    let deals = engine.crm.deals_of_line_item(&key.object.id).await?;
    Ok(deals.into_iter().map(|id| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Deal, id))).collect())
}
