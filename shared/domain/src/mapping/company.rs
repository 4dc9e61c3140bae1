//! A company and its labelled contacts to an account (Z-030 to Z-059, X-6, D-12).

use super::Mapped;
use crate::billing::company::{DesiredAccount, DesiredContact};
use crate::country::{self, State};
use crate::crm::company::Company;
use crate::crm::contact::Contact;
use crate::crm::{Address, Association};
use crate::ids::HubSpotId;
use crate::numbering;
use crate::policy::{Labels, Numbering, Policy, Portal, StateRequired, SyncWhen};
use crate::problem::{Problem, ProblemCode};
use crate::text::clean;

/// HubSpot's own "billing contact" label, seen from the company (`hubspot.md` 4.5).
const BILLING_CONTACT: u32 = 930;

/// Which contacts are bill-to and sold-to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parties {
    /// Bill-to contact; none means the company's address.
    pub bill_to: Option<HubSpotId>,
    /// Sold-to contact; none means the company's address.
    pub sold_to: Option<HubSpotId>,
}

/// Chooses by label; HubSpot's billing contact stands in for a missing bill-to label. Two contacts with one
/// label are a person's decision, not ours.
pub fn choose_parties(
    company: &HubSpotId,
    contacts: &[Association],
    labels: &Labels,
) -> Result<Parties, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut bill_to = one_labelled(&format!("company {company}"), contacts, &labels.bill_to, &mut problems);
    if bill_to.is_none() && problems.is_empty() {
        let billing: Vec<_> =
            contacts.iter().filter(|c| c.has_type(BILLING_CONTACT)).map(|c| c.to.clone()).collect();
        bill_to = only(&format!("company {company}"), billing, "billing contact", &mut problems);
    }
    let sold_to = one_labelled(&format!("company {company}"), contacts, &labels.sold_to, &mut problems);
    if problems.is_empty() { Ok(Parties { bill_to, sold_to }) } else { Err(problems) }
}

/// The one contact that carries a label; a problem when there are several.
pub(super) fn one_labelled(
    of: &str,
    contacts: &[Association],
    label: &str,
    problems: &mut Vec<Problem>,
) -> Option<HubSpotId> {
    let found = contacts.iter().filter(|c| c.has_label(label)).map(|c| c.to.clone()).collect();
    only(of, found, label, problems)
}

fn only(of: &str, found: Vec<HubSpotId>, label: &str, problems: &mut Vec<Problem>) -> Option<HubSpotId> {
    match found.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => {
            let ids: Vec<_> = several.iter().map(HubSpotId::as_str).collect();
            problems.push(
                Problem::new(
                    ProblemCode::LabelAmbiguous,
                    format!("\"{label}\" is on contacts {}.", ids.join(", ")),
                )
                .at(format!("{of} contacts")),
            );
            None
        }
    }
}

/// Whether a company that is not linked may be created without a button or a won deal (D-9).
pub fn syncs_by_itself(company: &Company, policy: &Policy) -> bool {
    match &policy.sync_when {
        SyncWhen::Linked => false,
        SyncWhen::All => true,
        SyncWhen::Property { name, values } => company
            .other
            .get(name)
            .is_some_and(|v| values.iter().any(|want| want.eq_ignore_ascii_case(v.trim()))),
    }
}

/// Maps a company. `bill_to` and `sold_to` are the labelled contacts, read.
pub fn map_company(
    company: &Company,
    bill_to: Option<&Contact>,
    sold_to: Option<&Contact>,
    portal: &Portal,
    policy: &Policy,
) -> Mapped<DesiredAccount> {
    let mut out = Notes::default();
    let at = format!("company {}", company.id);
    let name = out.text(&at, "name", company.name.as_deref(), 255);
    if !has_letter(&name) {
        out.problems.push(Problem::new(ProblemCode::CompanyName, "").at(format!("{at} name")));
    }
    let own = needs_company(bill_to, sold_to).then(|| out.address(&at, &company.address, policy));
    if let Some(vat) = mapped_text(company, &policy.tax.vat_property)
        && vat.chars().count() > VAT_LIMIT
    {
        // A number that is cut is another number.
        out.problems.push(
            Problem::new(ProblemCode::CompanyVat, format!("It has {} characters.", vat.chars().count()))
                .at(format!("{at} {}", policy.tax.vat_property)),
        );
    }
    let same_person = match (bill_to, sold_to) {
        (Some(a), Some(b)) => a.id == b.id,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    let mut contact = |who: Option<&Contact>| match who {
        Some(person) => out.person(person, own.as_ref(), policy),
        None => out.company_contact(company, &name, own.clone().unwrap_or_default()),
    };
    let bill = contact(bill_to);
    let sold = if same_person { None } else { Some(contact(sold_to)) };
    let desired = out.problems.is_empty().then(|| DesiredAccount {
        crm_id: company.id.clone(),
        number: (policy.numbering == Numbering::Derived)
            .then(|| numbering::account(policy.portal, &company.id)),
        name,
        currency: portal.home_currency.clone(),
        payment_term: policy.account.payment_term.clone(),
        bill_cycle_day: policy.account.bill_cycle_day,
        batch: policy.account.batch.clone(),
        // Whether the parent has an account is not known here.
        parent: None,
        vat_id: mapped_text(company, &policy.tax.vat_property),
        tax_exempt: mapped_text(company, &policy.tax.exempt_property)
            .map(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "1")),
        bill_to: bill,
        sold_to: sold,
    });
    Mapped { desired, problems: out.problems, notices: out.notices }
}

/// A contact of a deal that is neither bill-to nor sold-to of the account.
pub fn map_contact(person: &Contact, company: &Company, policy: &Policy) -> Mapped<DesiredContact> {
    let mut out = Notes::default();
    let own = person
        .address
        .country_text()
        .is_none()
        .then(|| out.address(&format!("company {}", company.id), &company.address, policy));
    let contact = out.person(person, own.as_ref(), policy);
    let desired = out.problems.is_empty().then_some(contact);
    Mapped { desired, problems: out.problems, notices: out.notices }
}

/// The company's address is used for a missing contact, and for a contact whose own address has no country.
/// Addresses are never mixed (Z-036).
fn needs_company(bill_to: Option<&Contact>, sold_to: Option<&Contact>) -> bool {
    [bill_to, sold_to].into_iter().any(|who| who.is_none_or(|c| c.address.country_text().is_none()))
}

/// Zuora's limit of `taxInfo.VATId` (`zuora.md` 3.1).
const VAT_LIMIT: usize = 25;

/// A property that the installation maps; none when it maps none, empty when the record has none.
fn mapped_text(company: &Company, property: &str) -> Option<String> {
    let value = || company.other.get(property).map_or(String::new(), |v| v.trim().to_owned());
    (!property.is_empty()).then(value)
}

fn has_letter(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

impl Address {
    fn country_text(&self) -> Option<&str> {
        self.country_code.as_deref().or(self.country.as_deref())
    }
}

/// An address in the form that Zuora accepts.
#[derive(Debug, Clone, Default)]
struct ZuoraAddress {
    address1: String,
    address2: String,
    city: String,
    state: String,
    zip: String,
    country: String,
}

/// Collects problems and notices while texts are cleaned.
#[derive(Default)]
struct Notes {
    problems: Vec<Problem>,
    notices: Vec<String>,
}

impl Notes {
    fn text(&mut self, at: &str, field: &str, value: Option<&str>, limit: usize) -> String {
        let cleaned = clean(value.unwrap_or_default(), limit);
        if cleaned.removed {
            self.notices
                .push(format!("{at} {field}: characters that Zuora refuses (such as emoji) are left out"));
        }
        if cleaned.cut {
            self.notices.push(format!("{at} {field}: cut to {limit} characters"));
        }
        cleaned.text
    }

    fn address(&mut self, at: &str, address: &Address, policy: &Policy) -> ZuoraAddress {
        let mut out = ZuoraAddress {
            address1: self.text(at, "address", address.line1.as_deref(), 255),
            address2: self.text(at, "address2", address.line2.as_deref(), 255),
            city: self.text(at, "city", address.city.as_deref(), 100),
            state: String::new(),
            zip: self.text(at, "zip", address.zip.as_deref(), 20),
            country: String::new(),
        };
        let Some(country_text) = address.country_text() else {
            self.problems.push(Problem::new(ProblemCode::CompanyCountry, "").at(format!("{at} country")));
            return out;
        };
        // The code may be stale rubbish while the text is good, so both are tried.
        let found =
            country::find(country_text).or_else(|| address.country.as_deref().and_then(country::find));
        let Some(country) = found else {
            let shown: String = country_text.chars().take(64).collect();
            self.problems.push(
                Problem::new(ProblemCode::CountryUnknown, format!("It says \"{shown}\"."))
                    .at(format!("{at} country")),
            );
            return out;
        };
        out.country = country.name.to_owned();
        let texts = [address.state_code.as_deref(), address.state.as_deref()];
        let states: Vec<State> =
            texts.iter().flatten().map(|text| country::find_state(country, text)).collect();
        let known = states.iter().find(|s| matches!(s, State::Code(_)));
        match known
            .or_else(|| states.iter().rev().find(|s| matches!(s, State::Free(_))))
            .or_else(|| states.last())
        {
            Some(State::Code(code)) => out.state = (*code).to_owned(),
            Some(State::Free(text)) => out.state = self.text(at, "state", Some(text), 100),
            Some(State::Unknown) => {
                let shown: String = texts
                    .iter()
                    .flatten()
                    .next_back()
                    .map_or(String::new(), |t| t.chars().take(64).collect());
                self.problems.push(
                    Problem::new(
                        ProblemCode::StateUnknown,
                        format!("\"{shown}\" is not a state of {}.", country.name),
                    )
                    .at(format!("{at} state")),
                );
            }
            None => {}
        }
        let required = match &policy.state_required {
            StateRequired::Always => true,
            StateRequired::WhereUsed(codes) => codes.contains(country.code),
        };
        if states.is_empty() && required {
            self.problems.push(
                Problem::new(ProblemCode::StateMissing, format!("The country is {}.", country.name))
                    .at(format!("{at} state")),
            );
        }
        out
    }

    fn person(
        &mut self,
        person: &Contact,
        company: Option<&ZuoraAddress>,
        policy: &Policy,
    ) -> DesiredContact {
        let at = format!("contact {}", person.id);
        let mut first = self.text(&at, "firstname", person.first_name.as_deref(), 100);
        let mut last = self.text(&at, "lastname", person.last_name.as_deref(), 100);
        match (has_letter(&first), has_letter(&last)) {
            (true, true) => {}
            (true, false) => last.clone_from(&first),
            (false, true) => first.clone_from(&last),
            (false, false) => {
                self.problems.push(Problem::new(ProblemCode::ContactName, "").at(format!("{at} firstname")));
            }
        }
        let address = if person.address.country_text().is_some() {
            self.address(&at, &person.address, policy)
        } else {
            company.cloned().unwrap_or_default()
        };
        let email = self.text(&at, "email", person.email.as_deref(), 1000);
        let work_email = if email.chars().count() > 80 {
            self.notices.push(format!("{at} email: longer than 80 characters, left out"));
            String::new()
        } else {
            email
        };
        DesiredContact {
            crm_id: Some(person.id.clone()),
            company_address: person.address.country_text().is_none(),
            first_name: first,
            last_name: last,
            work_email,
            work_phone: self.text(&at, "phone", person.phone.as_deref(), 40),
            mobile_phone: self.text(&at, "mobilephone", person.mobile_phone.as_deref(), 40),
            address1: address.address1,
            address2: address.address2,
            city: address.city,
            state: address.state,
            zip: address.zip,
            country: address.country,
        }
    }

    fn company_contact(&mut self, company: &Company, name: &str, address: ZuoraAddress) -> DesiredContact {
        let at = format!("company {}", company.id);
        // Both names are the company's, cut to Zuora's limit (D-12).
        let short = clean(name, 100).text;
        DesiredContact {
            crm_id: None,
            company_address: true,
            first_name: short.clone(),
            last_name: short,
            work_email: String::new(),
            work_phone: self.text(&at, "phone", company.phone.as_deref(), 40),
            mobile_phone: String::new(),
            address1: address.address1,
            address2: address.address2,
            city: address.city,
            state: address.state,
            zip: address.zip,
            country: address.country,
        }
    }
}

#[cfg(test)]
#[path = "company_tests.rs"]
mod tests;
