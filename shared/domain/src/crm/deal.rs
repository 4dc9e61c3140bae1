//! A HubSpot deal.

use super::Association;
use crate::ids::HubSpotId;
use std::collections::BTreeMap;

/// The facts of a deal itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// The id that HubSpot answers with: the survivor's after a merge.
    pub id: HubSpotId,
    /// `dealname`.
    pub name: Option<String>,
    /// `pipeline`.
    pub pipeline: Option<String>,
    /// `dealstage`.
    pub stage: Option<String>,
    /// `hs_is_closed_won`, or the same judged from the pipeline's metadata when HubSpot did not fill it.
    pub closed_won: bool,
    /// Closed, but not won.
    pub closed_lost: bool,
    /// `closedate`, as HubSpot writes it.
    pub close_date: Option<String>,
    /// `deal_currency_code`.
    pub currency: Option<String>,
    /// Service activation date property.
    pub service_activation: Option<String>,
    /// Customer acceptance date property.
    pub customer_acceptance: Option<String>,
    /// `dealtype`.
    pub deal_type: Option<String>,
    /// Further properties that the configuration names, those that are filled.
    pub other: BTreeMap<String, String>,
    /// Ids of deals merged into this one.
    pub merged_ids: Vec<HubSpotId>,
}

impl Deal {
    /// A property by its name, when it is filled.
    pub fn property(&self, name: &str) -> Option<&str> {
        match name {
            "pipeline" => self.pipeline.as_deref(),
            "dealstage" => self.stage.as_deref(),
            "dealtype" => self.deal_type.as_deref(),
            "deal_currency_code" => self.currency.as_deref(),
            _ => self.other.get(name).map(String::as_str),
        }
    }
}

/// A deal with what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealRecord {
    /// The deal.
    pub deal: Deal,
    /// Its companies with labels.
    pub companies: Vec<Association>,
    /// Its contacts with labels.
    pub contacts: Vec<Association>,
    /// Ids of its line items.
    pub line_items: Vec<HubSpotId>,
}
