//! Deals with what hangs on them: one read of the record, then as few reads of associations as the truth allows.
//!
//! The record's own list of associations has no labels and may be cut; a list that is missing is never taken for
//! "none" where that would matter (companies, line items).

use crate::associations::{Associations, Pair};
use crate::client::{Api, Call, Properties, VERSION, read};
use crate::dto::record::Record;
use crate::error::Fault;
use crate::pipelines::{Closed, Pipelines};
use crate::records::names;
use connector_domain::crm::deal::{Deal, DealRecord};
use connector_domain::crm::{Association, Fetched};
use connector_domain::ids::HubSpotId;

/// Properties that [`Deal::property`] answers from fields of their own.
const ANSWERED: [&str; 4] = ["pipeline", "dealstage", "dealtype", "deal_currency_code"];

const PROPERTIES: [&str; 9] = [
    "dealname",
    "pipeline",
    "dealstage",
    "dealtype",
    "hs_is_closed_won",
    "hs_is_closed_lost",
    "closedate",
    "deal_currency_code",
    "hs_merged_object_ids",
];

fn properties(configured: &Properties) -> String {
    let dates = [&configured.service_activation, &configured.customer_acceptance];
    names(&PROPERTIES, dates.into_iter().chain(&configured.deal)).join(",")
}

/// Reads a deal.
pub(crate) async fn fetch(
    api: &Api,
    associations: &Associations,
    pipelines: &Pipelines,
    configured: &Properties,
    id: &HubSpotId,
) -> Result<Fetched<DealRecord>, Fault> {
    let path = ["crm", "objects", VERSION, "deals", id.as_str()];
    let call = Call::get(&path)
        .query("properties", properties(configured))
        .query("associations", "companies,contacts,line_items".to_owned());
    let reply = match api.call(call).await {
        Ok(reply) => reply,
        Err(fault) if fault.status == Some(404) => return Ok(Fetched::Gone),
        Err(fault) => return Err(fault.for_read()),
    };
    let record: Record = read(&reply).map_err(Fault::for_read)?;
    if record.archived == Some(true) {
        return Ok(Fetched::Gone);
    }
    // After a merge the answer has the survivor's id, and its associations must be read with that one.
    let merged = record.id != *id;
    let linked = |to: &str| record.linked(to).filter(|(_, whole)| *whole && !merged).map(|(ids, _)| ids);
    let companies = async {
        match linked("companies") {
            Some(ids) if ids.len() == 1 => Ok(plain(ids)),
            Some(_) | None => associations.of(Pair::DealCompanies, &record.id).await,
        }
    };
    let contacts = async {
        match linked("contacts") {
            Some(ids) if ids.is_empty() => Ok(Vec::new()),
            None if !merged && record.linked("contacts").is_none() => Ok(Vec::new()),
            Some(_) | None => associations.of(Pair::DealContacts, &record.id).await,
        }
    };
    let line_items = async {
        match linked("line_items") {
            Some(ids) if !ids.is_empty() => Ok(ids),
            Some(_) | None => associations.ids_of(Pair::DealLineItems, &record.id).await,
        }
    };
    let (companies, contacts, line_items, closed) =
        futures::try_join!(companies, contacts, line_items, judge(api, pipelines, &record))?;
    let deal = parse(&record, closed, configured);
    Ok(Fetched::Found(DealRecord { deal, companies, contacts, line_items }))
}

fn plain(ids: Vec<HubSpotId>) -> Vec<Association> {
    ids.into_iter().map(|to| Association { to, labels: Vec::new() }).collect()
}

/// HubSpot's own flags where they are filled, else the stage's metadata.
async fn judge(api: &Api, pipelines: &Pipelines, record: &Record) -> Result<Closed, Fault> {
    let (won, lost) = (record.flag("hs_is_closed_won"), record.flag("hs_is_closed_lost"));
    match (won, lost) {
        (Some(won), Some(lost)) => Ok(Closed { won, lost }),
        // What is won is not lost.
        (Some(true), None) => Ok(Closed { won: true, lost: false }),
        (_, _) => {
            let (pipeline, stage) = (record.text("pipeline"), record.text("dealstage"));
            let meant = pipelines.judge(api, pipeline.as_deref(), stage.as_deref()).await?;
            Ok(Closed { won: won.unwrap_or(meant.won), lost: lost.unwrap_or(meant.lost) })
        }
    }
}

fn parse(record: &Record, closed: Closed, configured: &Properties) -> Deal {
    Deal {
        id: record.id.clone(),
        name: record.text("dealname"),
        pipeline: record.text("pipeline"),
        stage: record.text("dealstage"),
        closed_won: closed.won,
        closed_lost: closed.lost,
        close_date: record.text("closedate"),
        currency: record.text("deal_currency_code"),
        service_activation: record.text(&configured.service_activation),
        customer_acceptance: record.text(&configured.customer_acceptance),
        deal_type: record.text("dealtype"),
        other: record.filled(configured.deal.iter().filter(|name| !ANSWERED.contains(&name.as_str()))),
        merged_ids: record.merged_ids(),
    }
}

#[cfg(test)]
mod tests;
