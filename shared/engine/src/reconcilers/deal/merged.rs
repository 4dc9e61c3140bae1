//! The survivor of a merge takes over what the merged deals had.

use crate::Engine;
use connector_domain::billing::deal::{Part, SubscriptionLink};
use connector_domain::ids::HubSpotId;
use connector_domain::numbering;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::state::Link;
use connector_ports::PortError;

pub(super) enum Inherited {
    Nothing,
    One(Box<connector_domain::state::ObjectState>),
    Several(Vec<String>),
}

/// The survivor of a merge takes over the subscription of the merged deals (D-10): from our own state, else by
/// the numbers that those deals would have.
pub(super) async fn inherited(
    engine: &Engine,
    key: &StateKey,
    merged: &[HubSpotId],
) -> Result<Inherited, PortError> {
    if merged.is_empty() {
        return Ok(Inherited::Nothing);
    }
    let deal_key = |id: &HubSpotId| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Deal, id.clone()));
    let keys: Vec<StateKey> = merged.iter().map(deal_key).collect();
    let known = engine.states.read_many(&keys).await?;
    let mut found: Vec<connector_domain::state::ObjectState> =
        known.values().filter(|s| s.state.subscription().is_some()).map(|s| s.state.clone()).collect();
    for id in
        merged.iter().filter(|id| known.get(&deal_key(id)).is_none_or(|s| s.state.subscription().is_none()))
    {
        let number = numbering::subscription(key.portal, id, 1);
        if let Some(seen) = engine.billing.subscription(&number).await? {
            let link = SubscriptionLink {
                order: seen.order.clone().unwrap_or_else(|| numbering::order(key.portal, id, 1)),
                subscription: seen.number,
                orders: 1,
                life: 1,
                account: seen.account.unwrap_or_else(|| "".into()),
                status: Some(seen.status),
                ours: true,
                part: Part::Owns,
                ended: false,
            };
            found.push(connector_domain::state::ObjectState {
                link: Some(Link::Subscription(link)),
                ..connector_domain::state::ObjectState::default()
            });
        }
    }
    Ok(match found.len() {
        0 => Inherited::Nothing,
        1 => found.pop().map_or(Inherited::Nothing, |state| Inherited::One(Box::new(state))),
        _ => Inherited::Several(
            found.iter().filter_map(|s| s.subscription()).map(|l| l.subscription.to_string()).collect(),
        ),
    })
}
