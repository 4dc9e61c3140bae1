//! Companies: HubSpot's record becomes the domain's facts.

use crate::dto::record::Record;
use crate::records::names;
use connector_domain::crm::company::Company;
use connector_domain::ids::HubSpotId;

pub(crate) const TYPE: &str = "companies";

const PROPERTIES: [&str; 12] = [
    "name",
    "phone",
    "address",
    "address2",
    "city",
    "state",
    "hs_state_code",
    "zip",
    "country",
    "hs_country_code",
    "hs_merged_object_ids",
    "hs_parent_company_id",
];

/// What is asked for: the fixed properties and those that configuration names.
pub(crate) fn properties(configured: &[String]) -> Vec<String> {
    names(&PROPERTIES, configured)
}

pub(crate) fn parse(record: &Record, configured: &[String]) -> Company {
    Company {
        id: record.id.clone(),
        name: record.text("name"),
        address: record.address(),
        phone: record.text("phone"),
        merged_ids: record.merged_ids(),
        parent: record.text("hs_parent_company_id").and_then(|id| HubSpotId::parse(id.trim()).ok()),
        other: record.filled(configured),
    }
}
