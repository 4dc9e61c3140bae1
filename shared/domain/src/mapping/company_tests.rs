//! Tests of the mapping of a company.

use super::*;
use crate::crm::Label;
use crate::ids::PortalId;
use crate::money::Currency;
use jiff::tz::TimeZone;

fn id(text: &str) -> HubSpotId {
    HubSpotId::parse(text).unwrap()
}

fn portal() -> Portal {
    let usd = Currency::parse("USD").unwrap();
    Portal { time_zone: TimeZone::UTC, home_currency: usd.clone(), currencies: [usd].into() }
}

fn policy() -> Policy {
    Policy::defaults(PortalId(24680135))
}

fn company(country: Option<&str>, state: Option<&str>) -> Company {
    Company {
        id: id("9001001"),
        name: Some("Fjordlys Energi AS".into()),
        address: Address {
            city: Some("Bergen".into()),
            country: country.map(Into::into),
            state: state.map(Into::into),
            ..Address::default()
        },
        phone: None,
        merged_ids: vec![],
        parent: None,
        other: Default::default(),
    }
}

fn person(number: &str, country: Option<&str>) -> Contact {
    Contact {
        id: id(number),
        first_name: Some("Ingrid".into()),
        last_name: Some("Solheim".into()),
        email: Some("ingrid@example.test".into()),
        phone: None,
        mobile_phone: None,
        address: Address {
            country: country.map(Into::into),
            city: Some("Oslo".into()),
            ..Address::default()
        },
    }
}

fn labelled(contact: &str, label: Option<&str>, type_id: u32) -> Association {
    Association {
        to: id(contact),
        labels: vec![Label { hubspot_defined: label.is_none(), type_id, text: label.map(Into::into) }],
    }
}

fn codes(mapped: &Mapped<DesiredAccount>) -> Vec<ProblemCode> {
    mapped.problems.iter().map(|p| p.code).collect()
}

#[test]
fn labels_choose_bill_to_and_sold_to() {
    let contacts = [
        labelled("5001", Some("Bill To"), 37),
        labelled("5002", Some("sold_to"), 38),
        labelled("5003", None, 280),
    ];
    let parties = choose_parties(&id("9001001"), &contacts, &Labels::default()).unwrap();
    assert_eq!(parties, Parties { bill_to: Some(id("5001")), sold_to: Some(id("5002")) });
}

#[test]
fn hubspots_billing_contact_stands_in_for_the_label() {
    let contacts = [labelled("5004", None, 930)];
    let parties = choose_parties(&id("9001001"), &contacts, &Labels::default()).unwrap();
    assert_eq!(parties, Parties { bill_to: Some(id("5004")), sold_to: None });
}

#[test]
fn two_bill_to_contacts_are_a_persons_decision() {
    let contacts = [labelled("5001", Some("Bill To"), 37), labelled("5002", Some("Bill To"), 37)];
    let problems = choose_parties(&id("9001001"), &contacts, &Labels::default()).unwrap_err();
    assert_eq!(problems[0].code, ProblemCode::LabelAmbiguous);
    assert!(problems[0].detail.contains("5001, 5002"));
}

#[test]
fn without_contacts_the_company_is_its_own_contact() {
    let mapped = map_company(&company(Some("Norway"), None), None, None, &portal(), &policy());
    let account = mapped.desired.unwrap();
    assert_eq!(account.bill_to.first_name, "Fjordlys Energi AS");
    assert_eq!(account.bill_to.last_name, "Fjordlys Energi AS");
    assert_eq!(account.bill_to.country, "Norway");
    assert_eq!(account.sold_to, None);
    assert_eq!(account.number.unwrap().as_str(), "HS-24680135-9001001");
}

#[test]
fn a_contact_with_an_address_keeps_it_and_one_without_takes_the_companys() {
    let (own, bare) = (person("5001", Some("Sweden")), person("5002", None));
    let mapped = map_company(&company(Some("Norway"), None), Some(&own), Some(&bare), &portal(), &policy());
    let account = mapped.desired.unwrap();
    assert_eq!((account.bill_to.country.as_str(), account.bill_to.city.as_str()), ("Sweden", "Oslo"));
    let sold_to = account.sold_to.unwrap();
    assert_eq!((sold_to.country.as_str(), sold_to.city.as_str()), ("Norway", "Bergen"));
}

#[test]
fn one_person_in_both_roles_is_one_contact() {
    let both = person("5005", None);
    let mapped =
        map_company(&company(Some("IN"), Some("Karnataka")), Some(&both), Some(&both), &portal(), &policy());
    assert_eq!(mapped.desired.unwrap().sold_to, None);
}

#[test]
fn a_state_is_needed_where_zuora_checks_it_or_everywhere_in_strict_mode() {
    let us = map_company(&company(Some("United States"), None), None, None, &portal(), &policy());
    assert_eq!(codes(&us), [ProblemCode::StateMissing]);
    assert_eq!(us.problems[0].field.as_deref(), Some("company 9001001 state"));
    let france = map_company(&company(Some("France"), None), None, None, &portal(), &policy());
    assert_eq!(codes(&france), []);
    let strict = Policy { state_required: StateRequired::Always, ..policy() };
    assert_eq!(
        codes(&map_company(&company(Some("France"), None), None, None, &portal(), &strict)),
        [ProblemCode::StateMissing]
    );
}

#[test]
fn all_problems_come_at_once() {
    let mut bad = company(Some("Atlantis"), None);
    bad.name = Some("🚀".into());
    assert_eq!(
        codes(&map_company(&bad, None, None, &portal(), &policy())),
        [ProblemCode::CompanyName, ProblemCode::CountryUnknown]
    );
}

#[test]
fn a_name_with_emoji_is_cleaned_and_said() {
    let mut odd = company(Some("Norway"), None);
    odd.name = Some("Fjord🚀lys".into());
    let mapped = map_company(&odd, None, None, &portal(), &policy());
    assert_eq!(mapped.desired.unwrap().name, "Fjordlys");
    assert!(mapped.notices[0].contains("company 9001001 name"));
}
