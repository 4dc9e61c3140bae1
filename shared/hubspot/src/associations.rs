//! Associations with their labels (`hubspot.md` 4.5): `POST /crm/associations/{version}/{from}/{to}/batch/read`.
//!
//! A record that the answer leaves out, or reports as having none, has no associations. A record that could not be
//! read is a fault.

use crate::client::{Api, Call, VERSION, read};
use crate::dto::association::Associated;
use crate::dto::{BatchAnswer, next_page};
use crate::error::{Fault, classify_entry};
use connector_domain::crm::Association;
use connector_domain::ids::HubSpotId;
use connector_http::Batcher;
use connector_http::batch::Outcome;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// HubSpot allows 1,000; a hundred companies with a page of contacts each still fit into one answer.
const MOST: usize = 100;
/// No record has so many pages; a cursor that never ends must not hold up a sync.
const MOST_PAGES: usize = 200;

/// From which type to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pair {
    CompanyContacts,
    CompanyDeals,
    ContactCompanies,
    DealCompanies,
    DealContacts,
    DealLineItems,
    LineItemDeals,
}

impl Pair {
    fn types(self) -> (&'static str, &'static str) {
        match self {
            Pair::CompanyContacts => ("companies", "contacts"),
            Pair::CompanyDeals => ("companies", "deals"),
            Pair::ContactCompanies => ("contacts", "companies"),
            Pair::DealCompanies => ("deals", "companies"),
            Pair::DealContacts => ("deals", "contacts"),
            Pair::DealLineItems => ("deals", "line_items"),
            Pair::LineItemDeals => ("line_items", "deals"),
        }
    }
}

type Reader = Batcher<HubSpotId, Vec<Association>, Fault>;

/// Reads of all pairs, each batched underneath.
pub(crate) struct Associations {
    company_contacts: Reader,
    company_deals: Reader,
    contact_companies: Reader,
    deal_companies: Reader,
    deal_contacts: Reader,
    deal_line_items: Reader,
    line_item_deals: Reader,
}

impl Associations {
    pub(crate) fn new(api: &Arc<Api>) -> Self {
        let reader = |pair: Pair| {
            let api = Arc::clone(api);
            Batcher::new(MOST, move |ids| {
                let api = Arc::clone(&api);
                async move { batch_read(&api, pair, &ids).await }
            })
        };
        Self {
            company_contacts: reader(Pair::CompanyContacts),
            company_deals: reader(Pair::CompanyDeals),
            contact_companies: reader(Pair::ContactCompanies),
            deal_companies: reader(Pair::DealCompanies),
            deal_contacts: reader(Pair::DealContacts),
            deal_line_items: reader(Pair::DealLineItems),
            line_item_deals: reader(Pair::LineItemDeals),
        }
    }

    /// All associations of one record.
    pub(crate) async fn of(&self, pair: Pair, id: &HubSpotId) -> Result<Vec<Association>, Fault> {
        let reader = match pair {
            Pair::CompanyContacts => &self.company_contacts,
            Pair::CompanyDeals => &self.company_deals,
            Pair::ContactCompanies => &self.contact_companies,
            Pair::DealCompanies => &self.deal_companies,
            Pair::DealContacts => &self.deal_contacts,
            Pair::DealLineItems => &self.deal_line_items,
            Pair::LineItemDeals => &self.line_item_deals,
        };
        reader.call(id.clone()).await.map_err(Fault::for_read)
    }

    /// The same without labels.
    pub(crate) async fn ids_of(&self, pair: Pair, id: &HubSpotId) -> Result<Vec<HubSpotId>, Fault> {
        Ok(self.of(pair, id).await?.into_iter().map(|association| association.to).collect())
    }
}

/// One batch with all its pages.
async fn batch_read(api: &Api, pair: Pair, ids: &[HubSpotId]) -> Outcome<Vec<Association>, Fault> {
    let (from, to) = pair.types();
    let path = ["crm", "associations", VERSION, from, to, "batch", "read"];
    let mut pages = Pages::default();
    let mut inputs: Vec<Value> = ids.iter().map(|id| json!({"id": id.as_str()})).collect();
    for _ in 0..MOST_PAGES {
        let body = json!({"inputs": inputs});
        let reply = api.call(Call::post(&path, body)).await.map_err(Fault::for_read)?;
        let answer: BatchAnswer<Associated> = read(&reply).map_err(Fault::for_read)?;
        if !answer.is_complete() {
            return Err(Fault::unreadable("the batch is not complete").for_read());
        }
        inputs = pages.add(answer, api);
        if inputs.is_empty() {
            pages.settle(ids);
            return Ok(ids.iter().map(|id| pages.take(id)).collect());
        }
    }
    Err(Fault::unreadable("the pages of associations do not end").for_read())
}

#[derive(Default)]
struct Pages {
    found: HashMap<HubSpotId, Vec<Association>>,
    absent: HashSet<HubSpotId>,
    /// Records of which a further page must come.
    awaited: HashSet<HubSpotId>,
    troubled: HashMap<HubSpotId, Fault>,
    trouble_of_all: Option<Fault>,
}

impl Pages {
    /// Adds a page and returns the inputs for the next one.
    fn add(&mut self, answer: BatchAnswer<Associated>, api: &Api) -> Vec<Value> {
        for entry in answer.errors() {
            if entry.is_absence() {
                self.absent.extend(entry.ids());
                continue;
            }
            let fault = classify_entry(entry, api.now()).for_read();
            let named = entry.ids();
            if named.is_empty() {
                self.trouble_of_all = Some(fault.clone());
            }
            self.troubled.extend(named.into_iter().map(|id| (id, fault.clone())));
        }
        let mut next = Vec::new();
        let mut awaited = std::mem::take(&mut self.awaited);
        for result in answer.results {
            let asked = result.from.id;
            awaited.remove(&asked);
            if let Some(after) = next_page(result.paging.as_ref()) {
                next.push(json!({"id": asked.as_str(), "after": after}));
                self.awaited.insert(asked.clone());
            }
            let found = self.found.entry(asked).or_default();
            for to in result.to {
                merge(found, to.into_domain());
            }
        }
        for cut in awaited {
            let fault = Fault::unreadable("a further page of associations did not come").for_read();
            self.troubled.entry(cut).or_insert(fault);
        }
        next
    }

    /// After a merge an answer may name the survivor, which nobody asked about. One such answer and one open
    /// question belong together; more of them cannot be told apart, and that is trouble, not absence.
    fn settle(&mut self, ids: &[HubSpotId]) {
        let left: Vec<HubSpotId> = self.found.keys().filter(|id| !ids.contains(id)).cloned().collect();
        let open: Vec<&HubSpotId> =
            ids.iter().filter(|id| !self.found.contains_key(*id) && !self.absent.contains(*id)).collect();
        match (left.as_slice(), open.as_slice()) {
            ([], _) | (_, []) => {}
            ([survivor], [asked]) => {
                let found = self.found.remove(survivor).unwrap_or_default();
                self.found.insert((*asked).clone(), found);
            }
            ([_, ..], [_, ..]) => {
                let fault = Fault::unreadable("it is about records that were not asked for").for_read();
                self.trouble_of_all.get_or_insert(fault);
            }
        }
    }

    fn take(&mut self, id: &HubSpotId) -> Result<Vec<Association>, Fault> {
        if let Some(fault) = self.troubled.get(id) {
            return Err(fault.clone());
        }
        match (self.found.remove(id), &self.trouble_of_all) {
            (Some(found), _) => Ok(found),
            (None, Some(fault)) if !self.absent.contains(id) => Err(fault.clone()),
            (None, Some(_) | None) => Ok(Vec::new()),
        }
    }
}

/// A pair that appears twice is one association with the labels of both.
fn merge(found: &mut Vec<Association>, more: Association) {
    match found.iter_mut().find(|known| known.to == more.to) {
        Some(known) => {
            for label in more.labels {
                if !known.labels.contains(&label) {
                    known.labels.push(label);
                }
            }
        }
        None => found.push(more),
    }
}
