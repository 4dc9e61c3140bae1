//! What goes out for definitions, and what the answers mean.

use super::*;
use crate::testing::{Answer, Server};
use connector_ports::installation::Choice;

fn wish() -> PropertyWish {
    PropertyWish {
        name: "zuora_sync_status".into(),
        label: "Zuora sync status".into(),
        description: "How it stands.".into(),
        group: "zuora_billing".into(),
        kind: ValueKind::Choice,
        choices: vec![Choice { value: "in_sync".into(), label: "In sync".into() }],
    }
}

#[tokio::test]
async fn definitions_go_out_as_hubspot_wants_them() {
    let server = Server::start(|_| Answer::json(201, json!({}))).await;
    let hubspot = server.hubspot();
    hubspot.create_group(ObjectKind::Deal, "zuora_billing", "Zuora billing").await.unwrap();
    hubspot.create_property(ObjectKind::Company, &wish()).await.unwrap();
    let label = LabelWish { name: "invoice_owner".into(), text: "Invoice Owner".into() };
    hubspot.create_label(LabelPair::DealCompany, &label).await.unwrap();
    let sent: Vec<(String, Value)> =
        server.calls().into_iter().map(|c| (format!("{} {}", c.method, c.path), c.body)).collect();
    let option = json!({"label": "In sync", "value": "in_sync", "displayOrder": 0, "hidden": false});
    let expected = [
        (
            "POST /crm/properties/2026-09/deals/groups",
            json!({"name": "zuora_billing", "label": "Zuora billing", "displayOrder": -1}),
        ),
        (
            "POST /crm/properties/2026-09/companies",
            json!({"name": "zuora_sync_status", "label": "Zuora sync status", "description": "How it stands.",
                "groupName": "zuora_billing", "type": "enumeration", "fieldType": "select", "formField": false,
                "hidden": false, "options": [option]}),
        ),
        (
            "POST /crm/associations/2026-09/deals/companies/labels",
            json!({"name": "invoice_owner", "label": "Invoice Owner"}),
        ),
    ];
    assert_eq!(sent, expected.map(|(line, body)| (line.to_owned(), body)));
}

#[tokio::test]
async fn what_exists_is_read_with_type_values_and_whether_it_can_be_written() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/crm/properties/2026-09/deals" => Answer::json(
            200,
            json!({"results": [
                {"name": "zuora_mrr", "type": "number", "options": []},
                {"name": "hs_mrr", "type": "number", "calculated": true},
                {"name": "hs_id", "type": "number", "modificationMetadata": {"readOnlyValue": true}},
                {"name": "s", "type": "enumeration", "options": [{"value": "a", "label": "A"}]},
            ]}),
        ),
        "/crm/associations/2026-09/companies/contacts/labels" => Answer::json(
            200,
            json!({"results": [{"label": null, "typeId": 280}, {"label": "Bill To", "typeId": 37}]}),
        ),
        _ => Answer::json(403, json!({"category": "MISSING_SCOPES", "message": "no"})),
    })
    .await;
    let hubspot = server.hubspot();
    let all = hubspot.properties(ObjectKind::Deal).await.unwrap();
    let read_only: Vec<bool> = all.iter().map(|p| p.read_only).collect();
    assert_eq!(read_only, [false, true, true, false]);
    assert!(all.last().unwrap().choices.contains("a"));
    assert_eq!(hubspot.labels(LabelPair::CompanyContact).await.unwrap(), ["Bill To"]);
    let refused = hubspot.groups(ObjectKind::Company).await.unwrap_err();
    assert_eq!((refused.class, refused.status), (FaultClass::Denied, Some(403)));
    assert_eq!(hubspot.scopes().await.unwrap(), None);
}

#[tokio::test]
async fn the_portal_tells_kind_clock_and_scopes() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/account-info/2026-09/details" => {
            let mut answer = Answer::json(
                200,
                json!({"portalId": 7, "accountType": "SANDBOX", "timeZone": "Europe/Oslo",
                    "companyCurrency": "NOK", "additionalCurrencies": ["EUR"]}),
            );
            answer.headers.push(("date", "Mon, 16 Nov 2026 10:00:05 GMT".to_owned()));
            answer
        }
        _ => Answer::json(200, json!({"hubId": 7, "scopes": ["oauth", "e-commerce"]})),
    })
    .await;
    let hubspot = server.hubspot();
    let facts = hubspot.facts().await.unwrap();
    assert_eq!((facts.id, facts.account_type.as_deref()), (PortalId(7), Some("SANDBOX")));
    assert_eq!(facts.clock, "2026-11-16T10:00:05Z".parse().ok());
    assert!(hubspot.scopes().await.unwrap().unwrap().contains("e-commerce"));
    let asked = server.calls().pop().unwrap();
    assert_eq!((asked.method.as_str(), asked.body), ("POST", json!({"tokenKey": "token"})));
}
