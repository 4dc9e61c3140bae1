//! A contact has no state of its own: it finds the companies that it serves or could serve, leaves word that
//! people or labels may have changed, and rings them, and the deals that name it.

use crate::Engine;
use connector_domain::ids::HubSpotId;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::state::mark;
use connector_ports::PortError;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The companies to ring: those that HubSpot associates now and those that had it as bill-to or sold-to, as
/// far as they are in Zuora or wanted there. A prospect's contact rings nobody.
pub(crate) async fn roots(
    engine: &Engine,
    key: &StateKey,
    now: Timestamp,
) -> Result<Vec<StateKey>, PortError> {
    let mut companies: BTreeSet<HubSpotId> =
        engine.crm.companies_of_contact(&key.object.id).await?.into_iter().collect();
    let mut deals = Vec::new();
    if let Some(stored) = engine.states.read(key).await? {
        let of_deals = stored
            .marks
            .keys()
            .filter_map(|name| HubSpotId::parse(name.strip_prefix(mark::PARTY_OF_DEAL)?).ok());
        deals.extend(of_deals.map(|id| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Deal, id))));
        let served =
            stored.marks.keys().filter_map(|name| HubSpotId::parse(name.strip_prefix(mark::PARTY)?).ok());
        companies.extend(served);
    }
    let keys: Vec<StateKey> = companies
        .into_iter()
        .map(|id| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Company, id)))
        .collect();
    let states = engine.states.read_many(&keys).await?;
    let concerned: Vec<StateKey> = states
        .into_iter()
        .filter(|(_, stored)| stored.state.link.is_some() || stored.marks.contains_key(mark::WANTED))
        .map(|(key, _)| key)
        .collect();
    for company in &concerned {
        engine.states.mark(company, &BTreeMap::from([(mark::PARTIES.to_owned(), now.to_string())])).await?;
    }
    Ok(concerned.into_iter().chain(deals).collect())
}
