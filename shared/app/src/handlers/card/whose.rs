//! Which account a record may show: a company its linked one; a deal that of its subscription, else its company's.
//! The links come from the store, under the portal that signed; nothing that a request says chooses an account.

use super::gather::{Gatherer, LIMIT};
use connector_domain::crm::deal::DealRecord;
use connector_domain::crm::{Association, Fetched};
use connector_domain::fault::FaultClass;
use connector_domain::ids::{AccountNumber, HubSpotId};
use connector_domain::numbering;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::problem::ProblemCode;
use connector_domain::state::ObjectState;
use connector_engine::Engine;
use connector_engine::card::build::{Linked, Standing};
use connector_ports::PortError;
use tokio::time::timeout;

/// HubSpot's type of the primary company of a deal (`hubspot.md` 4.5).
const PRIMARY_COMPANY: u32 = 5;

fn linked(state: &ObjectState) -> Option<Linked> {
    state.account().map(|link| Linked {
        id: Some(link.id.clone()),
        number: link.number.clone(),
        currency: link.currency.as_ref().map(ToString::to_string),
    })
}

/// What is known of a record. Fails only when the store does not answer.
pub(super) async fn standing(
    engine: &Engine,
    gatherer: &Gatherer,
    key: &StateKey,
) -> Result<Standing, PortError> {
    let stored = engine.states.read(key).await?.unwrap_or_default();
    let mut standing = Standing { stored, ..Standing::default() };
    match key.object.kind {
        ObjectKind::Company => {
            standing.account = linked(&standing.stored.state);
            let problems = &standing.stored.state.problems;
            if problems.iter().any(|problem| problem.code == ProblemCode::AccountAmbiguous) {
                standing.others = gatherer.others(&key.object.id).await;
            }
        }
        ObjectKind::Deal => match standing.stored.state.subscription() {
            Some(link) => standing.account = Some(by_number(engine, gatherer, key, &link.account).await?),
            None => of_company(engine, key, &mut standing).await?,
        },
        ObjectKind::Contact | ObjectKind::Product | ObjectKind::LineItem => {}
    }
    Ok(standing)
}

/// The account of a subscription. A number that we made names its company, whose link holds the id.
async fn by_number(
    engine: &Engine,
    gatherer: &Gatherer,
    key: &StateKey,
    number: &AccountNumber,
) -> Result<Linked, PortError> {
    if let Some(known) = gatherer.known(number) {
        return Ok(known);
    }
    let company = number.as_str().rsplit('-').next().and_then(|id| HubSpotId::parse(id).ok());
    if let Some(company) = company.filter(|id| numbering::account(key.portal, id) == *number) {
        let company = StateKey::new(key.portal, ObjectRef::new(ObjectKind::Company, company));
        let state = engine.states.read(&company).await?.unwrap_or_default().state;
        if let Some(link) = linked(&state).filter(|link| link.number == *number) {
            return Ok(link);
        }
    }
    Ok(Linked { id: None, number: number.clone(), currency: None })
}

/// The account of the deal's company, while the deal has no subscription: HubSpot knows the company.
async fn of_company(engine: &Engine, key: &StateKey, standing: &mut Standing) -> Result<(), PortError> {
    let record = match timeout(LIMIT, engine.crm.deal(&key.object.id)).await {
        Ok(Ok(Fetched::Found(record))) => record,
        Ok(Ok(Fetched::Gone)) => return Ok(()),
        Ok(Err(error)) => {
            tracing::warn!(object.id = %key.object.id, error = error.for_log(), "the company of a deal could not be read");
            standing.denied = error.class == FaultClass::Denied;
            return Ok(());
        }
        Err(_) => return Ok(()),
    };
    let Some(company) = buyer(&record, &engine.policy.labels.invoice_owner) else { return Ok(()) };
    let company = StateKey::new(key.portal, ObjectRef::new(ObjectKind::Company, company.clone()));
    standing.account = engine.states.read(&company).await?.and_then(|stored| linked(&stored.state));
    Ok(())
}

/// The primary company, or the only one that is not there just to pay.
fn buyer<'a>(record: &'a DealRecord, invoice_owner: &str) -> Option<&'a HubSpotId> {
    let primary = record.companies.iter().find(|company| company.has_type(PRIMARY_COMPANY));
    let single = record.companies.len() == 1;
    let mut buyers = record.companies.iter().filter(|company| single || !company.has_label(invoice_owner));
    let only = match (buyers.next(), buyers.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    let chosen: Option<&Association> = primary.or(only);
    chosen.map(|company| &company.to)
}
