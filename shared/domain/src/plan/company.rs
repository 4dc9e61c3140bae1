//! Account and contacts: what must be written so that Zuora holds what HubSpot says.

use super::{Action, NewSoldTo};
use crate::billing::company::{AccountLink, AppliedFields, DesiredAccount, DesiredContact};
use crate::state::{PartyKept, Then};
use std::collections::BTreeSet;

/// How much of the company was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Company, labels and contacts.
    Full,
    /// The company alone: contacts are as they were, only fields that come from the company may change.
    CompanyOnly,
}

/// Plans the changes of a linked account. Only fields that differ from what we told Zuora last are sent (D-1),
/// so that what finance changed elsewhere stays.
pub fn plan_update(
    link: &AccountLink,
    applied: Option<&AppliedFields>,
    desired: &DesiredAccount,
    scope: Scope,
) -> Vec<Action> {
    let mut changed: BTreeSet<String> = desired
        .applied_fields()
        .into_iter()
        .filter(|(field, digest)| applied.and_then(|a| a.get(field)) != Some(digest))
        .map(|(field, _)| field)
        .collect();
    changed.retain(|field| may_send(field, applied.is_none(), desired, scope));
    if scope == Scope::Full {
        // Zuora's own model of a contact's update always carries both names (`zuora-sdk-oracle.md`).
        for contact in ["bill_to", "sold_to"] {
            if changed.iter().any(|field| field.starts_with(contact)) {
                changed.extend([format!("{contact}.first_name"), format!("{contact}.last_name")]);
            }
        }
    }
    let bill_to = link.bill_to.as_ref().map(|slot| &slot.zuora_id);
    let sold_to = link.sold_to.as_ref().map(|slot| &slot.zuora_id);
    let one_in_zuora = sold_to.is_none() || bill_to == sold_to;
    let mut actions = Vec::new();
    let mut new_sold_to = None;
    match (&desired.sold_to, one_in_zuora, scope) {
        (_, _, Scope::CompanyOnly) | (None, true, Scope::Full) | (Some(_), false, Scope::Full) => {}
        // One person in HubSpot, two contacts in Zuora. Adopting an account is no reason to rearrange it.
        (None, false, Scope::Full) => {
            if applied.is_some_and(|a| a.keys().any(|k| k.starts_with("sold_to."))) {
                new_sold_to = bill_to.cloned().map(NewSoldTo::Existing);
            }
        }
        (Some(contact), true, Scope::Full) => {
            // An adopted account keeps its contact unless HubSpot names a person.
            if applied.is_some() || contact.crm_id.is_some() {
                actions.push(Action::CreateContact {
                    account: link.id.clone(),
                    contact: Box::new(contact.clone()),
                });
                new_sold_to = Some(NewSoldTo::Created);
            }
            changed.retain(|field| !field.starts_with("sold_to."));
        }
    }
    if !changed.is_empty() || new_sold_to.is_some() {
        actions.push(Action::UpdateAccount {
            account: link.id.clone(),
            desired: Box::new(desired.clone()),
            changed,
            sold_to: new_sold_to,
        });
    }
    actions
}

fn may_send(field: &str, adopting: bool, desired: &DesiredAccount, scope: Scope) -> bool {
    let (contact, name) = match field.split_once('.') {
        // Finance's own values stay on an account that existed, until HubSpot changes them.
        None => return !(adopting && matches!(field, "parent" | "vat_id" | "tax_exempt")),
        Some(("bill_to", name)) => (Some(&desired.bill_to), name),
        Some((_, name)) => (desired.sold_to.as_ref(), name),
    };
    let Some(contact) = contact else { return false };
    // Without a labelled contact, an adopted account keeps the contacts that finance gave it.
    if adopting && contact.crm_id.is_none() {
        return false;
    }
    match scope {
        Scope::Full => true,
        Scope::CompanyOnly if contact.crm_id.is_none() => true,
        Scope::CompanyOnly => {
            contact.company_address
                && matches!(name, "address1" | "address2" | "city" | "state" | "zip" | "country")
        }
    }
}

/// What is remembered once the account holds `desired`. After a company-only look, fields that were not read
/// keep their old digests.
pub fn then(applied: Option<&AppliedFields>, desired: &DesiredAccount, scope: Scope) -> Then {
    let mut fields = desired.applied_fields();
    if scope == Scope::CompanyOnly
        && let Some(applied) = applied
    {
        let kept = |field: &String| !may_send(field, false, desired, scope);
        fields.retain(|field, _| !kept(field));
        for (field, digest) in applied {
            fields.entry(field.clone()).or_insert_with(|| digest.clone());
        }
    }
    Then::Account {
        applied: fields,
        bill_to: kept(&desired.bill_to),
        sold_to: desired.sold_to.as_ref().map(kept),
        currency: Some(desired.currency.clone()),
        sold_to_id: None,
    }
}

fn kept(contact: &DesiredContact) -> PartyKept {
    PartyKept { contact: contact.crm_id.clone(), company_address: contact.company_address }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::company::ContactSlot;
    use crate::ids::HubSpotId;
    use crate::money::Currency;

    fn contact(id: Option<&str>, city: &str) -> DesiredContact {
        DesiredContact {
            crm_id: id.map(|id| HubSpotId::parse(id).unwrap()),
            first_name: "A".into(),
            last_name: "B".into(),
            city: city.into(),
            country: "Norway".into(),
            company_address: id.is_none(),
            ..DesiredContact::default()
        }
    }

    fn account(bill_to: DesiredContact, sold_to: Option<DesiredContact>) -> DesiredAccount {
        DesiredAccount {
            crm_id: HubSpotId::parse("9").unwrap(),
            number: None,
            name: "N".into(),
            currency: Currency::parse("USD").unwrap(),
            payment_term: String::new(),
            bill_cycle_day: 1,
            batch: String::new(),
            parent: None,
            vat_id: None,
            tax_exempt: None,
            bill_to,
            sold_to,
        }
    }

    fn link(bill_to: &str, sold_to: &str) -> AccountLink {
        let slot =
            |id: &str| Some(ContactSlot { zuora_id: id.into(), contact: None, company_address: false });
        AccountLink {
            id: "acc".into(),
            number: "A1".into(),
            currency: None,
            bill_to: slot(bill_to),
            sold_to: slot(sold_to),
        }
    }

    fn effects(actions: &[Action]) -> Vec<String> {
        actions.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_changed_plans_nothing() {
        let desired = account(contact(Some("1"), "Bergen"), None);
        let applied = desired.applied_fields();
        assert!(plan_update(&link("b", "b"), Some(&applied), &desired, Scope::Full).is_empty());
    }

    #[test]
    fn only_the_changed_field_is_sent() {
        let applied = account(contact(Some("1"), "Bergen"), None).applied_fields();
        let desired = account(contact(Some("1"), "Oslo"), None);
        let plan = plan_update(&link("b", "b"), Some(&applied), &desired, Scope::Full);
        assert_eq!(
            effects(&plan),
            ["update account acc: bill_to.city, bill_to.first_name, bill_to.last_name"]
        );
    }

    #[test]
    fn a_second_person_gets_a_contact_of_its_own() {
        let applied = account(contact(Some("1"), "Bergen"), None).applied_fields();
        let desired = account(contact(Some("1"), "Bergen"), Some(contact(Some("2"), "Bergen")));
        let plan = plan_update(&link("b", "b"), Some(&applied), &desired, Scope::Full);
        assert_eq!(
            effects(&plan),
            ["create contact 2 on account acc", "update account acc: sold-to contact"]
        );
    }

    #[test]
    fn an_adopted_account_keeps_the_contacts_that_hubspot_does_not_name() {
        let desired = account(contact(None, "Bergen"), None);
        assert_eq!(
            effects(&plan_update(&link("b", "s"), None, &desired, Scope::Full)),
            ["update account acc: crm_id, name"]
        );
    }

    #[test]
    fn a_look_at_the_company_alone_moves_only_what_comes_from_it() {
        let mut person = contact(Some("1"), "Bergen");
        person.company_address = true;
        let before = account(person.clone(), None);
        let mut placeholder = person;
        (placeholder.first_name, placeholder.city) = ("-".into(), "Oslo".into());
        let desired = account(placeholder, None);
        let applied = before.applied_fields();
        let plan = plan_update(&link("b", "b"), Some(&applied), &desired, Scope::CompanyOnly);
        assert_eq!(effects(&plan), ["update account acc: bill_to.city"]);
        let Then::Account { applied: after, .. } = then(Some(&applied), &desired, Scope::CompanyOnly) else {
            panic!()
        };
        assert_eq!(after["bill_to.first_name"], applied["bill_to.first_name"]);
        assert_ne!(after["bill_to.city"], applied["bill_to.city"]);
    }
}
