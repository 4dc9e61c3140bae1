//! Per kind: gather, then call the domain. Reads only; what follows is a [`Decision`].

pub mod company;
pub mod contact;
pub mod deal;
pub mod line_item;
pub mod product;

use crate::Engine;
use crate::decision::{Decision, Effort};
use connector_domain::object::{ObjectKind, StateKey};
use connector_ports::PortError;
use connector_ports::states::Stored;
use jiff::Timestamp;

/// Looks at a root object and decides.
pub async fn decide(
    engine: &Engine,
    key: &StateKey,
    stored: &Stored,
    effort: Effort,
    now: Timestamp,
) -> Result<Decision, PortError> {
    match key.object.kind {
        ObjectKind::Company => company::decide(engine, key, stored, effort.is_by_person(), now).await,
        ObjectKind::Product => product::decide(engine, key, stored, effort.is_by_person()).await,
        ObjectKind::Deal => deal::decide(engine, key, stored, effort, now).await,
        ObjectKind::Contact | ObjectKind::LineItem => {
            Err(PortError::bug("engine decide", "a contact or line item has no state to decide about"))
        }
    }
}
