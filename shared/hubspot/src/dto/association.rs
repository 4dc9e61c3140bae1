//! Associations with labels: results of `POST /crm/associations/2026-09/{from}/{to}/batch/read` (`hubspot.md` 4.5).

use super::Paging;
use connector_domain::crm::{Association, Label};
use connector_domain::ids::HubSpotId;
use serde::Deserialize;

/// The associations of one record, or a page of them.
#[derive(Deserialize)]
pub(crate) struct Associated {
    pub(crate) from: From,
    pub(crate) to: Vec<To>,
    pub(crate) paging: Option<Paging>,
}

/// The record that was asked about.
#[derive(Deserialize)]
pub(crate) struct From {
    #[serde(deserialize_with = "super::id")]
    pub(crate) id: HubSpotId,
}

/// One associated record with all labels of the pair.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct To {
    #[serde(deserialize_with = "super::id")]
    to_object_id: HubSpotId,
    association_types: Option<Vec<AssociationType>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssociationType {
    category: Option<String>,
    type_id: u32,
    label: Option<String>,
}

impl To {
    pub(crate) fn into_domain(self) -> Association {
        let labels = self.association_types.unwrap_or_default().into_iter().map(|of_type| Label {
            hubspot_defined: of_type.category.as_deref() == Some("HUBSPOT_DEFINED"),
            type_id: of_type.type_id,
            text: of_type.label.filter(|label| !label.trim().is_empty()),
        });
        Association { to: self.to_object_id, labels: labels.collect() }
    }
}
