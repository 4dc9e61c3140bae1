//! Bodies as exact text, answers as Zuora writes them.

use super::*;
use crate::testing::{Stub, config, json, otherwise};
use connector_domain::fault::FaultClass;
use connector_domain::plan::Action;
use connector_ports::billing::Billing;

fn contact(id: Option<&str>) -> DesiredContact {
    DesiredContact {
        crm_id: id.map(|id| HubSpotId::parse(id).unwrap()),
        first_name: "Ada".into(),
        last_name: "Keller".into(),
        work_email: "ada@example.test".into(),
        company_address: true,
        work_phone: "+49 40 1".into(),
        mobile_phone: String::new(),
        address1: "Hafenstr. 4".into(),
        address2: String::new(),
        city: "Hamburg".into(),
        state: String::new(),
        zip: "20095".into(),
        country: "Germany".into(),
    }
}

fn account_of(sold_to: Option<DesiredContact>) -> DesiredAccount {
    DesiredAccount {
        crm_id: HubSpotId::parse("48210077").unwrap(),
        number: Some("HS-24680135-48210077".into()),
        name: "Nordwind \"GmbH\"".into(),
        currency: Currency::parse("EUR").unwrap(),
        payment_term: "Net 30".into(),
        bill_cycle_day: 0,
        batch: "Batch1".into(),
        parent: None,
        vat_id: None,
        tax_exempt: None,
        bill_to: contact(Some("9911")),
        sold_to,
    }
}

fn zuora() -> crate::Zuora {
    crate::Zuora::new(config()).unwrap()
}

#[test]
fn one_person_is_one_contact() {
    let rendered = zuora().render(&Action::CreateAccount(Box::new(account_of(None)))).unwrap();
    assert_eq!(
        (rendered.effect, rendered.number.as_str(), rendered.target),
        (Effect::CreateAccount, "HS-24680135-48210077", None)
    );
    assert_eq!(
        rendered.body,
        concat!(
            r#"{"name":"Nordwind \"GmbH\"","accountNumber":"HS-24680135-48210077","crmId":"48210077","currency":"EUR","#,
            r#""billCycleDay":0,"autoPay":false,"paymentTerm":"Net 30","batch":"Batch1","#,
            r#""billToContact":{"firstName":"Ada","lastName":"Keller","workEmail":"ada@example.test","#,
            r#""workPhone":"+49 40 1","address1":"Hafenstr. 4","city":"Hamburg","zipCode":"20095","#,
            r#""country":"Germany","crmId__c":"9911"},"soldToSameAsBillTo":true}"#
        )
    );
}

#[test]
fn a_tenant_that_numbers_gets_no_number_and_two_contacts_are_two() {
    let mut desired = account_of(Some(contact(None)));
    desired.number = None;
    (desired.payment_term, desired.batch) = (String::new(), String::new());
    let rendered = zuora().render(&Action::CreateAccount(Box::new(desired))).unwrap();
    assert_eq!(rendered.number, "48210077");
    assert!(rendered.body.starts_with(
        r#"{"name":"Nordwind \"GmbH\"","crmId":"48210077","currency":"EUR","billCycleDay":0,"autoPay":false,"billToContact""#
    ));
    assert!(rendered.body.ends_with(
        r#""soldToContact":{"firstName":"Ada","lastName":"Keller","workEmail":"ada@example.test","workPhone":"+49 40 1","address1":"Hafenstr. 4","city":"Hamburg","zipCode":"20095","country":"Germany"}}"#
    ));
}

#[test]
fn parent_and_tax_are_told_where_the_installation_maps_them() {
    let body = |parent: Option<&str>, vat_id: Option<&str>, tax_exempt| {
        let mut desired = account_of(None);
        desired.parent = parent.map(Into::into);
        desired.vat_id = vat_id.map(str::to_owned);
        desired.tax_exempt = tax_exempt;
        let body = zuora().render(&Action::CreateAccount(Box::new(desired))).unwrap().body;
        body.split_once(r#""soldToSameAsBillTo":true"#).unwrap().1.to_owned()
    };
    assert_eq!(
        body(Some("acc0"), Some("DE 1"), Some(false)),
        r#","parentId":"acc0","taxInfo":{"exemptStatus":"No","VATId":"DE 1"}}"#
    );
    assert_eq!(body(None, Some(""), Some(true)), r#","taxInfo":{"exemptStatus":"Yes"}}"#);
    assert_eq!(body(None, Some(""), None), "}");
}

#[test]
fn an_update_tells_parent_and_tax_when_they_changed_and_takes_a_number_away() {
    let render = |changed: &[&str], vat_id: Option<&str>| {
        let mut desired = account_of(None);
        desired.parent = vat_id.map(|_| "acc0".into());
        (desired.vat_id, desired.tax_exempt) = (vat_id.map(str::to_owned), vat_id.map(|_| true));
        let changed = changed.iter().map(|name| (*name).to_owned()).collect();
        let desired = Box::new(desired);
        let action = Action::UpdateAccount { account: "acc".into(), desired, changed, sold_to: None };
        zuora().render(&action).map(|rendered| rendered.body).map_err(|error| error.class)
    };
    let all = render(&["parent", "vat_id", "tax_exempt"], Some("DE 1"));
    let want = r#"{"parentId":"acc0","taxInfo":{"exemptStatus":"Yes","VATId":"DE 1"}}"#;
    assert_eq!(all.as_deref(), Ok(want));
    assert_eq!(render(&["vat_id"], Some("")).as_deref(), Ok(r#"{"taxInfo":{"VATId":""}}"#));
    for name in ["parent", "vat_id", "tax_exempt"] {
        assert_eq!(render(&[name], None), Err(FaultClass::Bug), "{name}");
    }
}

fn update_with(changed: &[&str], sold_to: Option<NewSoldTo>) -> Result<Rendered, PortError> {
    zuora().render(&Action::UpdateAccount {
        account: "acc".into(),
        desired: Box::new(account_of(Some(contact(None)))),
        changed: changed.iter().map(|name| (*name).to_owned()).collect(),
        sold_to,
    })
}

#[test]
fn an_update_holds_the_changed_fields_alone_and_clears_with_empty_text() {
    let changed = ["name", "crm_id", "bill_to.state", "bill_to.zip", "sold_to.crm_id", "sold_to.address2"];
    let rendered = update_with(&changed, None).unwrap();
    assert_eq!(rendered.target.as_deref(), Some("acc"));
    assert_eq!(
        rendered.body,
        concat!(
            r#"{"name":"Nordwind \"GmbH\"","crmId":"48210077","billToContact":{"state":"","zipCode":"20095"},"#,
            r#""soldToContact":{"address2":"","crmId__c":""}}"#
        )
    );
    let other = update_with(&[], Some(NewSoldTo::Existing("c9".into()))).unwrap();
    assert_eq!(other.body, r#"{"soldToContactId":"c9"}"#);
}

#[test]
fn every_field_of_a_contact_can_be_sent() {
    for (name, _) in contact(None).fields() {
        assert!(update_with(&[&format!("bill_to.{name}")], None).is_ok(), "{name}");
    }
}

#[test]
fn what_cannot_be_rendered_is_a_mistake() {
    for changed in ["bill_to.shoe_size", "ship_to.city", "currency"] {
        assert_eq!(update_with(&[changed], None).unwrap_err().class, FaultClass::Bug, "{changed}");
    }
    assert_eq!(update_with(&[], Some(NewSoldTo::Created)).unwrap_err().class, FaultClass::Bug);
}

#[test]
fn a_contact_is_keyed_by_account_and_person() {
    let render = |id| {
        let action = Action::CreateContact { account: "acc".into(), contact: Box::new(contact(id)) };
        zuora().render(&action).unwrap()
    };
    let rendered = render(Some("9911"));
    assert_eq!((rendered.number.as_str(), rendered.target.as_deref()), ("acc/9911", Some("acc")));
    assert_eq!(
        rendered.body,
        concat!(
            r#"{"accountId":"acc","firstName":"Ada","lastName":"Keller","workEmail":"ada@example.test","#,
            r#""workPhone":"+49 40 1","address1":"Hafenstr. 4","city":"Hamburg","zipCode":"20095","#,
            r#""country":"Germany","crmId__c":"9911"}"#
        )
    );
    assert_eq!(render(None).number, "acc/company");
}

fn observed(id: &str, number: &str, crm_id: Option<&str>, name: &str) -> ObservedAccount {
    ObservedAccount {
        id: id.into(),
        number: number.into(),
        crm_id: crm_id.map(str::to_owned),
        name: name.to_owned(),
        currency: Some(Currency::parse("EUR").unwrap()),
        status: Some("Active".to_owned()),
        bill_to: Some(format!("{id}-b").as_str().into()),
        sold_to: Some(format!("{id}-s").as_str().into()),
    }
}

fn row(id: &str, number: &str, crm_id: &str, name: &str) -> String {
    format!(
        r#"{{"id":"{id}","accountNumber":"{number}","crmId":"{crm_id}","name":"{name}","currency":"EUR","status":"Active","balance":1.10,"billToId":"{id}-b","soldToId":"{id}-s"}}"#
    )
}

#[tokio::test]
async fn an_account_stands_in_one_list_only() {
    let detail = r#"{"success":true,"basicInfo":{"id":"a1","accountNumber":"HS-1-7","name":"Nord & Süd","crmId":"7","status":"Active"},"billingAndPayment":{"currency":"EUR"},"billToContact":{"id":"a1-b","firstName":"x"},"soldToContact":{"id":"a1-s"},"metrics":{"balance":"1.10"}}"#;
    let stub = Stub::start(move |seen| match seen.line.as_str() {
        "GET /v1/accounts/HS-1-7" => json(200, detail),
        "GET /object-query/accounts?pageSize=20&filter%5B%5D=crmid.IN:%5B7%2C6%5D" => {
            let rows = [row("a1", "HS-1-7", "7", "Nord & Süd"), row("a2", "A-2", "6", "Old")].join(",");
            json(200, &format!(r#"{{"data":[{rows}],"nextPage":null}}"#))
        }
        "GET /object-query/accounts?pageSize=20&filter%5B%5D=name.EQ:Nord%20%26%20S%C3%BCd" => {
            let rows = [
                row("a1", "HS-1-7", "7", "Nord & Süd"),
                row("a3", "A-3", "", "nord & süd"),
                row("a4", "A-4", "", "Another"),
            ];
            json(200, &format!(r#"{{"data":[{}]}}"#, rows.join(",")))
        }
        _ => otherwise(),
    })
    .await;
    let ids = ["7", "6"].map(|id| HubSpotId::parse(id).unwrap());
    let query =
        AccountQuery { crm_ids: ids.to_vec(), number: Some("HS-1-7".into()), name: "Nord & Süd".to_owned() };
    let found = stub.zuora().find_accounts(&query).await.unwrap();
    assert_eq!(found.by_number, Some(observed("a1", "HS-1-7", Some("7"), "Nord & Süd")));
    assert_eq!(found.by_crm_id, [observed("a2", "A-2", Some("6"), "Old")]);
    assert_eq!(found.by_name, [observed("a3", "A-3", None, "nord & süd")]);
}

#[tokio::test]
async fn a_name_that_filters_refuse_finds_nobody_but_other_refusals_are_trouble() {
    let refused = r#"{"reasons":[{"code":50000027,"message":"Invalid filter"}],"requestId":"r"}"#;
    for (name_status, crm_status, works) in [(400, 200, true), (503, 200, false), (400, 400, false)] {
        let stub = Stub::start(move |seen| {
            let answer = |status: u16| json(status, if status == 200 { r#"{"data":[]}"# } else { refused });
            match seen.line.as_str() {
                line if line.contains("name.EQ") => answer(name_status),
                line if line.contains("crmid.EQ:7") => answer(crm_status),
                _ => otherwise(),
            }
        })
        .await;
        let query = AccountQuery {
            crm_ids: vec![HubSpotId::parse("7").unwrap()],
            number: None,
            name: "[x]".to_owned(),
        };
        let found = stub.zuora().find_accounts(&query).await;
        assert_eq!(found.is_ok(), works, "{name_status} {crm_status}");
    }
}

#[tokio::test]
async fn contacts_are_read_page_by_page_whatever_the_case_of_the_field() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET /object-query/contacts?pageSize=50&filter%5B%5D=accountid.EQ:acc" => json(
            200,
            r#"{"data":[{"id":"c1","accountId":"acc","crmId__c":"11"},{"id":"c2","accountId":"acc"}],"nextPage":"n=="}"#,
        ),
        "GET /object-query/contacts?pageSize=50&filter%5B%5D=accountid.EQ:acc&cursor=n%3D%3D" => json(
            200,
            r#"{"data":[{"id":"c3","crmid__c":"12"},{"id":"c4","crmId__C":"11"},{"id":"c5","crmId__c":"no id"},{"id":"c6","accountId":"other","crmId__c":"13"}]}"#,
        ),
        _ => otherwise(),
    })
    .await;
    let zuora = stub.zuora();
    let known = zuora.contacts_of(&"acc".into()).await.unwrap();
    let known: Vec<(&str, &str)> = known.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(known, [("11", "c1"), ("12", "c3")]);
}

#[tokio::test]
async fn where_the_filter_is_refused_the_account_shows_its_contacts() {
    let detail = r#"{"success":true,"basicInfo":{"id":"acc","accountNumber":"A-1"},"billToContact":{"id":"c1","crmId__c":"11"},"soldToContact":{"id":"c2","crmId__c":12}}"#;
    let lone = r#"{"success":true,"basicInfo":{"id":"acc","accountNumber":"A-1"},"billToContact":{"id":"c1"},"soldToContact":null}"#;
    for (status, body, want) in [
        (200, detail, Ok(vec![("11", "c1"), ("12", "c2")])),
        (200, lone, Ok(vec![])),
        (404, "", Ok(vec![])),
        (503, "", Err(FaultClass::Transient)),
        (200, r#"{"success":true}"#, Err(FaultClass::Transient)),
    ] {
        let stub = Stub::start(move |seen| match seen.line.as_str() {
            "GET /object-query/contacts?pageSize=50&filter%5B%5D=accountid.EQ:acc" => json(400, "{}"),
            "GET /v1/accounts/acc" => json(status, body),
            _ => otherwise(),
        })
        .await;
        let known = stub.zuora().contacts_of(&"acc".into()).await.map_err(|error| error.class);
        let known = known.as_ref().map_err(|class| *class);
        let known = known.map(|known| known.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect());
        assert_eq!(known, want, "{status} {body}");
    }
}

#[tokio::test]
async fn an_answer_without_a_list_is_not_an_empty_list() {
    let stub =
        Stub::start(
            |seen| {
                if seen.line == "POST /oauth/token" { otherwise() } else { json(200, r#"{"size":0}"#) }
            },
        )
        .await;
    assert_eq!(stub.zuora().contacts_of(&"acc".into()).await.unwrap_err().class, FaultClass::Transient);
}
