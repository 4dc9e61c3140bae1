//! Contacts: HubSpot's record becomes the domain's facts. All of it is personal data.

use crate::dto::record::Record;
use connector_domain::crm::contact::Contact;

pub(crate) const TYPE: &str = "contacts";

/// Contacts have one address line and mostly no codes; what a portal does not have is silently left out.
const PROPERTIES: [&str; 14] = [
    "firstname",
    "lastname",
    "email",
    "phone",
    "mobilephone",
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

pub(crate) fn properties() -> Vec<String> {
    PROPERTIES.iter().map(|name| (*name).to_owned()).collect()
}

pub(crate) fn parse(record: &Record) -> Contact {
    Contact {
        id: record.id.clone(),
        first_name: record.text("firstname"),
        last_name: record.text("lastname"),
        email: record.text("email"),
        phone: record.text("phone"),
        mobile_phone: record.text("mobilephone"),
        address: record.address(),
    }
}
