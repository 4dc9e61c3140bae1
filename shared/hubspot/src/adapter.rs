//! The adapter as the engine sees it: [`Crm`] over the readers and writers of this crate.

use crate::associations::{Associations, Pair};
use crate::client::{Api, Config, Properties};
use crate::error::Fault;
use crate::pipelines::Pipelines;
use crate::portal::Portals;
use crate::records::{self, Reader, Selection};
use crate::write_back::Writers;
use crate::{company, contact, deal, line_item, product};
use async_trait::async_trait;
use connector_domain::crm::company::Company;
use connector_domain::crm::contact::Contact;
use connector_domain::crm::deal::DealRecord;
use connector_domain::crm::line_item::LineItem;
use connector_domain::crm::product::Product;
use connector_domain::crm::{Association, Fetched};
use connector_domain::ids::HubSpotId;
use connector_domain::policy::Portal;
use connector_http::Error;
use connector_ports::PortError;
use connector_ports::crm::{Crm, WriteBack};
use futures::future::try_join_all;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// HubSpot's side of the engine, for one portal. Calls for single records that come together travel together.
///
/// Reads fail as `Transient`, `Throttled`, `Denied`, `Permanent` or `Bug`, never as `Unknown`: a read leaves no
/// trace. [`Crm::write_back`] may also fail as `Unknown`; repeating it is harmless.
pub struct HubSpot {
    pub(crate) api: Arc<Api>,
    portals: Arc<Portals>,
    pipelines: Pipelines,
    associations: Associations,
    companies: Reader,
    contacts: Reader,
    products: Reader,
    line_items: Reader,
    line_histories: Reader,
    writers: Writers,
    properties: Properties,
}

impl std::fmt::Debug for HubSpot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HubSpot").finish_non_exhaustive()
    }
}

impl HubSpot {
    /// An adapter with its own connections, caches and share of the limits.
    pub fn new(config: Config) -> Result<Self, Error> {
        let api = Arc::new(Api::new(&config)?);
        let portals = Arc::new(Portals::new(&config));
        let properties = config.properties;
        let values = |of_type, names| records::reader(&api, of_type, Selection::values(names));
        Ok(Self {
            pipelines: Pipelines::new(),
            associations: Associations::new(&api),
            companies: values(company::TYPE, company::properties(&properties.company)),
            contacts: values(contact::TYPE, contact::properties()),
            products: product::reader(&api, &portals, &properties.product),
            line_items: values(line_item::TYPE, line_item::properties(&properties.billing_trigger)),
            line_histories: records::reader(
                &api,
                line_item::TYPE,
                Selection::histories(line_item::histories()),
            ),
            writers: Writers::new(&api),
            properties,
            portals,
            api,
        })
    }

    /// Opens a connection ahead of the first call; a failure is of no interest.
    pub async fn warm(&self) {
        // The account information is needed by the first deal anyway, and its call opens the connection.
        if let Err(fault) = self.portals.get(&self.api).await {
            tracing::debug!(error = %fault.into_port("hubspot read account information"), "no greeting at start");
        }
    }

    async fn read(&self, reader: &Reader, id: &HubSpotId) -> Result<records::Found, Fault> {
        reader.call(id.clone()).await.map_err(Fault::for_read)
    }

    /// Records in the order asked for, without those that are gone.
    async fn read_all(
        &self,
        reader: &Reader,
        ids: &[HubSpotId],
    ) -> Result<Vec<Arc<crate::dto::record::Record>>, Fault> {
        let found = try_join_all(ids.iter().map(|id| self.read(reader, id))).await?;
        // Two old ids of one merged record are one record.
        let mut seen = HashSet::new();
        Ok(found.into_iter().flatten().filter(|record| seen.insert(record.id.clone())).collect())
    }
}

fn at(operation: &'static str) -> impl Fn(Fault) -> PortError {
    move |fault| fault.into_port(operation)
}

#[async_trait]
impl Crm for HubSpot {
    async fn portal(&self) -> Result<Portal, PortError> {
        self.portals.get(&self.api).await.map_err(at("hubspot read account information"))
    }

    async fn company(&self, id: &HubSpotId) -> Result<Fetched<Company>, PortError> {
        let found = self.read(&self.companies, id).await.map_err(at("hubspot read company"))?;
        let parse = |record: Arc<_>| Fetched::Found(company::parse(&record, &self.properties.company));
        Ok(found.map_or(Fetched::Gone, parse))
    }

    async fn company_contacts(&self, id: &HubSpotId) -> Result<Vec<Association>, PortError> {
        let found = self.associations.of(Pair::CompanyContacts, id).await;
        found.map_err(at("hubspot read contacts of a company"))
    }

    async fn contacts(&self, ids: &[HubSpotId]) -> Result<Vec<Contact>, PortError> {
        let found = self.read_all(&self.contacts, ids).await.map_err(at("hubspot read contacts"))?;
        Ok(found.iter().map(|record| contact::parse(record)).collect())
    }

    async fn product(&self, id: &HubSpotId) -> Result<Fetched<Product>, PortError> {
        let operation = "hubspot read product";
        let Some(record) = self.read(&self.products, id).await.map_err(at(operation))? else {
            return Ok(Fetched::Gone);
        };
        let portal = self.portals.get(&self.api).await.map_err(at(operation))?;
        Ok(Fetched::Found(product::parse(&record, &portal.currencies, &self.properties.product)))
    }

    async fn deal(&self, id: &HubSpotId) -> Result<Fetched<DealRecord>, PortError> {
        let found = deal::fetch(&self.api, &self.associations, &self.pipelines, &self.properties, id).await;
        found.map_err(at("hubspot read deal"))
    }

    async fn line_items(&self, ids: &[HubSpotId]) -> Result<Vec<LineItem>, PortError> {
        let found = self.read_all(&self.line_items, ids).await.map_err(at("hubspot read line items"))?;
        let trigger = &self.properties.billing_trigger;
        Ok(found.iter().map(|record| line_item::parse(record, trigger)).collect())
    }

    async fn line_item_changes(
        &self,
        ids: &[HubSpotId],
    ) -> Result<BTreeMap<HubSpotId, Timestamp>, PortError> {
        let read = ids.iter().map(|id| self.read(&self.line_histories, id));
        let found = try_join_all(read).await.map_err(at("hubspot read histories of line items"))?;
        let told = ids.iter().zip(found).filter_map(|(id, record)| {
            let changed = line_item::last_change(record.as_deref()?)?;
            Some((id.clone(), changed))
        });
        Ok(told.collect())
    }

    async fn companies_of_contact(&self, id: &HubSpotId) -> Result<Vec<HubSpotId>, PortError> {
        let found = self.associations.ids_of(Pair::ContactCompanies, id).await;
        found.map_err(at("hubspot read companies of a contact"))
    }

    async fn deals_of_line_item(&self, id: &HubSpotId) -> Result<Vec<HubSpotId>, PortError> {
        let found = self.associations.ids_of(Pair::LineItemDeals, id).await;
        found.map_err(at("hubspot read the deal of a line item"))
    }

    async fn deals_of_company(&self, id: &HubSpotId) -> Result<Vec<HubSpotId>, PortError> {
        let found = self.associations.ids_of(Pair::CompanyDeals, id).await;
        found.map_err(at("hubspot read deals of a company"))
    }

    async fn write_back(&self, write: &WriteBack) -> Result<(), PortError> {
        self.writers.write(write).await.map_err(at("hubspot write properties"))
    }
}

#[cfg(test)]
mod tests;
