//! Who gets the bill and the goods of a subscription, where the deal names other people than the account has.

use crate::Engine;
use connector_domain::billing::company::{AccountLink, ContactSlot};
use connector_domain::billing::deal::Party;
use connector_domain::crm::Fetched;
use connector_domain::ids::{HubSpotId, ZuoraContactId};
use connector_domain::mapping::company::map_contact;
use connector_domain::mapping::deal::CheckedDeal;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::mark;
use connector_ports::PortError;
use connector_ports::states::Stored;
use futures::future::try_join3;

/// Bill-to and sold-to of the subscription: nothing where they are the account's own (Z-072 to Z-074). The
/// bill-to contact belongs to whoever pays, the sold-to contact to the owner.
pub(super) async fn parties(
    engine: &Engine,
    deal: &CheckedDeal,
    owner: &AccountLink,
    payer: Option<&AccountLink>,
    stored: &Stored,
) -> Result<(Option<Party>, Option<Party>, Vec<Problem>), PortError> {
    let payer_company = deal.invoice_owner.as_ref().unwrap_or(&deal.company);
    let payer = payer.unwrap_or(owner);
    let bill_to = deal.bill_to.as_ref().map(|id| Role {
        contact: id,
        company: payer_company,
        account: payer,
        slot: &payer.bill_to,
    });
    let sold_to = deal.sold_to.as_ref().map(|id| Role {
        contact: id,
        company: &deal.company,
        account: owner,
        slot: &owner.sold_to,
    });
    let mut problems = Vec::new();
    let bill_to = match bill_to {
        Some(role) => party(engine, deal, role, stored, &mut problems).await?,
        None => None,
    };
    let sold_to = match sold_to {
        Some(role) => party(engine, deal, role, stored, &mut problems).await?,
        None => None,
    };
    Ok((bill_to, sold_to, problems))
}

/// One labelled contact and where it belongs.
struct Role<'a> {
    contact: &'a HubSpotId,
    company: &'a HubSpotId,
    account: &'a AccountLink,
    slot: &'a Option<ContactSlot>,
}

async fn party(
    engine: &Engine,
    deal: &CheckedDeal,
    role: Role<'_>,
    stored: &Stored,
    problems: &mut Vec<Problem>,
) -> Result<Option<Party>, PortError> {
    let Role { contact: id, company, account, slot } = role;
    if slot.as_ref().is_some_and(|s| s.contact.as_ref() == Some(id)) {
        return Ok(None);
    }
    let slots = [&account.bill_to, &account.sold_to].into_iter().flatten();
    let known: Option<ZuoraContactId> =
        slots.into_iter().find(|s| s.contact.as_ref() == Some(id)).map(|s| s.zuora_id.clone());
    if let Some(known) = known.or_else(|| stored.state.contacts.get(id).cloned()) {
        return Ok(Some(Party::Known(known)));
    }
    // What we made ourselves is known at once; Zuora's search may lag behind it.
    let contact_key = StateKey::new(engine.policy.portal, ObjectRef::new(ObjectKind::Contact, id.clone()));
    let made = engine.states.read(&contact_key).await?;
    if let Some(known) = made.and_then(|s| s.marks.get(&format!("{}{}", mark::IN_ZUORA, account.id)).cloned())
    {
        return Ok(Some(Party::Known(ZuoraContactId(known))));
    }
    let ids = [id.clone()];
    let (people, of_company, record) = try_join3(
        engine.crm.contacts(&ids),
        engine.crm.company_contacts(company),
        engine.crm.company(company),
    )
    .await?;
    if !of_company.iter().any(|c| c.to == *id) {
        problems.push(
            Problem::new(ProblemCode::DealContact, format!("Contact {id} is not one of company {company}."))
                .at(format!("deal {} contacts", deal.id)),
        );
        return Ok(None);
    }
    if let Some(known) = engine.billing.contacts_of(&account.id).await?.get(id) {
        return Ok(Some(Party::Known(known.clone())));
    }
    let (Some(person), Fetched::Found(record)) = (people.first(), &record) else { return Ok(None) };
    let mapped = map_contact(person, record, &engine.policy);
    problems.extend(mapped.problems);
    Ok(mapped.desired.map(|contact| Party::New { account: account.id.clone(), contact: Box::new(contact) }))
}
