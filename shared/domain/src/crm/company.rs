//! A HubSpot company.

use super::Address;
use crate::ids::HubSpotId;
use std::collections::BTreeMap;

/// The facts of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// The id that HubSpot answers with: the survivor's after a merge.
    pub id: HubSpotId,
    /// Name.
    pub name: Option<String>,
    /// Address.
    pub address: Address,
    /// Phone, for the fallback contact.
    pub phone: Option<String>,
    /// Ids of records that were merged into this one (`hs_merged_object_ids`, D-10).
    pub merged_ids: Vec<HubSpotId>,
    /// `hs_parent_company_id`.
    pub parent: Option<HubSpotId>,
    /// Further properties that the configuration names, those that are filled.
    pub other: BTreeMap<String, String>,
}
