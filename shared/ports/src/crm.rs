//! HubSpot's side: facts in, write-backs out.

use crate::PortError;
use async_trait::async_trait;
use connector_domain::crm::company::Company;
use connector_domain::crm::contact::Contact;
use connector_domain::crm::deal::DealRecord;
use connector_domain::crm::line_item::LineItem;
use connector_domain::crm::product::Product;
use connector_domain::crm::{Association, Fetched};
use connector_domain::ids::HubSpotId;
use connector_domain::object::ObjectRef;
use connector_domain::policy::Portal;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Properties to write on one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteBack {
    /// The record.
    pub object: ObjectRef,
    /// Property name to value.
    pub properties: BTreeMap<String, String>,
}

/// Reads and writes of HubSpot. Calls that ask for single records are batched underneath.
#[async_trait]
pub trait Crm: Send + Sync {
    /// Time zone and currencies of the portal; cached.
    async fn portal(&self) -> Result<Portal, PortError>;

    /// A company.
    async fn company(&self, id: &HubSpotId) -> Result<Fetched<Company>, PortError>;

    /// The contacts of a company with their labels.
    async fn company_contacts(&self, id: &HubSpotId) -> Result<Vec<Association>, PortError>;

    /// Contacts by id; missing ones are left out.
    async fn contacts(&self, ids: &[HubSpotId]) -> Result<Vec<Contact>, PortError>;

    /// A product of the library.
    async fn product(&self, id: &HubSpotId) -> Result<Fetched<Product>, PortError>;

    /// A deal with its associations.
    async fn deal(&self, id: &HubSpotId) -> Result<Fetched<DealRecord>, PortError>;

    /// Line items by id, in the order asked for; missing ones are left out.
    async fn line_items(&self, ids: &[HubSpotId]) -> Result<Vec<LineItem>, PortError>;

    /// When quantity, price or discount of line items changed last, from their history (D-7): a line's creation
    /// counts. Lines that are missing, or whose history HubSpot does not tell, are left out.
    async fn line_item_changes(&self, ids: &[HubSpotId])
    -> Result<BTreeMap<HubSpotId, Timestamp>, PortError>;

    /// The companies of a contact.
    async fn companies_of_contact(&self, id: &HubSpotId) -> Result<Vec<HubSpotId>, PortError>;

    /// The deals of a line item (one at most, as HubSpot has it).
    async fn deals_of_line_item(&self, id: &HubSpotId) -> Result<Vec<HubSpotId>, PortError>;

    /// The deals of a company.
    async fn deals_of_company(&self, id: &HubSpotId) -> Result<Vec<HubSpotId>, PortError>;

    /// Writes properties of one record; batched underneath.
    async fn write_back(&self, write: &WriteBack) -> Result<(), PortError>;
}
