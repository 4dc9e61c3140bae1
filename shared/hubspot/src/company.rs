//! Companies: HubSpot's record becomes the domain's facts.

use crate::dto::record::Record;
use connector_domain::crm::company::Company;

pub(crate) const TYPE: &str = "companies";

const PROPERTIES: [&str; 11] = [
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
];

/// What is asked for: the fixed properties and those that configuration names.
pub(crate) fn properties(configured: &[String]) -> Vec<String> {
    let mut all: Vec<String> = PROPERTIES.iter().map(|name| (*name).to_owned()).collect();
    for name in configured {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    all
}

pub(crate) fn parse(record: &Record, configured: &[String]) -> Company {
    Company {
        id: record.id.clone(),
        name: record.text("name"),
        address: record.address(),
        phone: record.text("phone"),
        merged_ids: record.merged_ids(),
        other: configured
            .iter()
            .filter_map(|name| record.text(name).map(|value| (name.clone(), value)))
            .collect(),
    }
}
