//! The adapter against a socket with canned answers. The flows against the simulator are in `tests/it`.

use super::*;
use crate::client::{PortalOverrides, TokenSource};
use crate::testing::{Answer, Asked, Server, id};
use connector_domain::fault::FaultClass;
use connector_domain::object::{ObjectKind, ObjectRef};
use futures::future::join_all;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn records(asked: &Asked, known: &[(&str, Value)]) -> Answer {
    let found: Vec<Value> = asked
        .ids()
        .iter()
        .filter_map(|id| known.iter().find(|(known, _)| known == id))
        .map(|(id, properties)| json!({"id": id, "properties": properties, "archived": false}))
        .collect();
    let missing: Vec<Value> = asked
        .ids()
        .iter()
        .filter(|id| !known.iter().any(|(known, _)| known == *id))
        .map(|id| json!({"category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": [id]}}))
        .collect();
    let status = if missing.is_empty() { 200 } else { 207 };
    Answer::json(status, json!({"status": "COMPLETE", "results": found, "errors": missing}))
}

fn object(kind: ObjectKind, number: &str) -> ObjectRef {
    ObjectRef::new(kind, id(number))
}

fn write(kind: ObjectKind, number: &str, value: &str) -> WriteBack {
    let properties = BTreeMap::from([("zuora_sync_status".to_owned(), value.to_owned())]);
    WriteBack { object: object(kind, number), properties }
}

#[tokio::test]
async fn many_companies_are_one_call_and_the_missing_are_gone() {
    let server = Server::start(|asked| {
        records(
            asked,
            &[(
                "1",
                json!({"name": "Acme", "hs_country_code": "NO", "phone": "", "tier": "gold", "vat": " ",
                "hs_parent_company_id": "900"}),
            )],
        )
    })
    .await;
    let mut config = server.config();
    config.properties.company = ["tier", "name", "", "vat", "tier"].map(str::to_owned).to_vec();
    let hubspot = HubSpot::new(config).unwrap();
    let (one, two) = (id("1"), id("2"));
    let (found, gone) = futures::join!(hubspot.company(&one), hubspot.company(&two));
    let Fetched::Found(company) = found.unwrap() else { panic!("the company is missing") };
    assert_eq!((company.name.as_deref(), company.phone), (Some("Acme"), None));
    assert_eq!(company.address.country_code.as_deref(), Some("NO"));
    assert_eq!(company.parent, Some(id("900")));
    assert_eq!(
        company.other,
        BTreeMap::from([("tier", "gold"), ("name", "Acme")].map(|(n, v)| (n.to_owned(), v.to_owned())))
    );
    assert_eq!(gone.unwrap(), Fetched::Gone);
    let calls = server.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].path, "/crm/objects/2026-09/companies/batch/read");
    assert_eq!(calls[0].ids(), ["1", "2"]);
    assert_eq!(calls[0].body["propertiesWithHistory"], json!([]));
    let names: Vec<&str> =
        calls[0].body["properties"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let distinct: std::collections::BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!((distinct.len(), distinct.contains("")), (names.len(), false));
    assert!(names.contains(&"hs_merged_object_ids") && names.contains(&"tier"));
}

#[tokio::test]
async fn a_merged_company_answers_with_the_survivor() {
    let server = Server::start(|_| {
        let survivor = json!({"id": 777, "properties": {"name": "Both", "hs_merged_object_ids": "501;502"}});
        Answer::json(200, json!({"status": "COMPLETE", "results": [survivor]}))
    })
    .await;
    let Fetched::Found(company) = server.hubspot().company(&id("502")).await.unwrap() else { panic!("gone") };
    assert_eq!(company.id, id("777"));
    assert_eq!(company.merged_ids, [id("501"), id("502")]);
}

#[tokio::test]
async fn a_parent_that_is_no_record_id_is_none() {
    for (parent, want) in
        [(json!(" 900 "), Some(id("900"))), (json!("none"), None), (json!(""), None), (json!(null), None)]
    {
        let server =
            Server::start(move |asked| records(asked, &[("1", json!({"hs_parent_company_id": parent}))]))
                .await;
        let Fetched::Found(company) = server.hubspot().company(&id("1")).await.unwrap() else {
            panic!("gone")
        };
        assert_eq!(company.parent, want);
    }
}

#[tokio::test]
async fn line_items_come_in_the_order_asked_for_in_batches_of_a_hundred() {
    let server = Server::start(|asked| {
        let mut ids = asked.ids();
        ids.reverse();
        let found = ids.iter().filter(|id| **id != "7").map(|id| {
            json!({"id": id, "properties": {"price": "520.00", "quantity": null, "billing_start_trigger": "x",
                "hs_tier_ranges": "[{\"start\":1}]", "hs_tier_prices": "", "hs_ramp_key": "r"}})
        });
        Answer::json(200, json!({"status": "COMPLETE", "results": found.collect::<Vec<_>>()}))
    })
    .await;
    let ids: Vec<HubSpotId> = (0..250).map(|n| id(&n.to_string())).collect();
    let lines = server.hubspot().line_items(&ids).await.unwrap();
    let got: Vec<HubSpotId> = lines.iter().filter_map(|line| line.id.clone()).collect();
    let want: Vec<HubSpotId> = ids.into_iter().filter(|id| id.as_str() != "7").collect();
    assert_eq!(got, want);
    assert_eq!(lines[0].price.as_deref(), Some("520.00"));
    assert_eq!((lines[0].quantity.as_deref(), lines[0].trigger.as_deref()), (None, Some("x")));
    assert_eq!(
        (lines[0].tier_ranges.as_deref(), lines[0].tier_prices.as_deref()),
        (Some("[{\"start\":1}]"), None)
    );
    assert_eq!(lines[0].ramp_key.as_deref(), Some("r"));
    let mut sizes: Vec<usize> = server.calls().iter().map(|asked| asked.ids().len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [50, 100, 100]);
}

fn history(times: &[&str]) -> Value {
    times.iter().map(|time| json!({"value": "1", "timestamp": time, "sourceType": "CRM_UI"})).collect()
}

#[tokio::test]
async fn the_latest_change_of_a_line_is_told_by_its_histories() {
    let server = Server::start(|asked| {
        let line =
            |id: &str, history: Value| json!({"id": id, "properties": {}, "propertiesWithHistory": history});
        let of = |id: &str| match id {
            // The newest stands first, and another property may be younger.
            "1" => Some(line(
                id,
                json!({"quantity": history(&["2026-11-10T09:00:00.5Z", "2026-11-01T09:00:00Z"]),
                    "price": history(&["2026-11-01T09:00:00Z"]), "discount": [],
                    "hs_tier_prices": history(&["2026-11-12T09:00:00+01:00"])}),
            )),
            "2" => Some(line(id, json!({"price": [{"value": "", "timestamp": 1_794_000_000_000_i64}]}))),
            "3" => Some(line(id, json!({"quantity": [], "price": null}))),
            "4" => Some(json!({"id": id, "properties": {}})),
            "5" => Some(line(id, json!({"price": history(&["2026-11-01T09:00:00Z", "recently"])}))),
            "6" => Some(line(id, json!({"price": [{"value": "1"}]}))),
            "7" => {
                let mut gone = line(id, json!({"price": history(&["2026-11-01T09:00:00Z"])}));
                gone["archived"] = json!(true);
                Some(gone)
            }
            _ => None,
        };
        let found: Vec<Value> = asked.ids().iter().filter_map(|id| of(id)).collect();
        Answer::json(207, json!({"status": "COMPLETE", "results": found}))
    })
    .await;
    let hubspot = server.hubspot();
    let ids: Vec<HubSpotId> = (1..=8).map(|n| id(&n.to_string())).collect();
    let changes = hubspot.line_item_changes(&ids).await.unwrap();
    let shown: Vec<String> = changes.iter().map(|(id, at)| format!("{id} {at}")).collect();
    assert_eq!(shown, ["1 2026-11-12T08:00:00Z", "2 2026-11-06T21:20:00Z"]);
    let calls = server.calls();
    assert_eq!((calls.len(), calls[0].path.as_str()), (1, "/crm/objects/2026-09/line_items/batch/read"));
    assert_eq!(calls[0].body["properties"], json!([]));
    assert_eq!(
        calls[0].body["propertiesWithHistory"],
        json!(["quantity", "price", "discount", "hs_discount_percentage", "hs_tier_prices"])
    );
    assert!(hubspot.line_item_changes(&[]).await.unwrap().is_empty());
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn histories_are_read_fifty_lines_at_a_time_and_trouble_is_not_silence() {
    let server = Server::start(|asked| {
        let line = |id: &String| {
            let history = json!({"price": history(&["2026-11-01T09:00:00Z"])});
            json!({"id": id, "propertiesWithHistory": history})
        };
        let found: Vec<Value> = asked.ids().iter().map(line).collect();
        Answer::json(200, json!({"status": "COMPLETE", "results": found}))
    })
    .await;
    let ids: Vec<HubSpotId> = (0..120).map(|n| id(&n.to_string())).collect();
    assert_eq!(server.hubspot().line_item_changes(&ids).await.unwrap().len(), 120);
    let mut sizes: Vec<usize> = server.calls().iter().map(|asked| asked.ids().len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [20, 50, 50]);

    let server = Server::start(|_| Answer::json(502, json!({}))).await;
    let error = server.hubspot().line_item_changes(&[id("1")]).await.unwrap_err();
    assert_eq!(
        (error.class, error.operation),
        (FaultClass::Transient, "hubspot read histories of line items")
    );
}

#[tokio::test]
async fn products_are_asked_for_prices_in_the_portals_currencies() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/account-info/2026-09/details" => Answer::json(
            200,
            json!({"portalId": 24680135, "timeZone": "US/Eastern", "companyCurrency": "USD", "additionalCurrencies": ["NOK"]}),
        ),
        _ => records(asked, &[("5", json!({"name": "Seat", "price": "520.00", "hs_price_nok": "5200.5", "hs_price_usd": "",
            "hs_tier_ranges": "[]", "hs_tier_prices": null, "family": "core", "hs_status": ""}))]),
    })
    .await;
    let mut config = server.config();
    config.properties.product = ["family", "name", "hs_status", "", "no_such"].map(str::to_owned).to_vec();
    let hubspot = HubSpot::new(config).unwrap();
    let Fetched::Found(product) = hubspot.product(&id("5")).await.unwrap() else { panic!("gone") };
    assert_eq!(product.price.map(|p| p.to_string()).as_deref(), Some("520.00"));
    let prices: Vec<String> = product.prices.iter().map(|(c, p)| format!("{c} {p}")).collect();
    assert_eq!(prices, ["NOK 5200.5"]);
    assert_eq!((product.tier_ranges.as_deref(), product.tier_prices), (Some("[]"), None));
    let other: Vec<String> = product.other.iter().map(|(name, value)| format!("{name} {value}")).collect();
    assert_eq!(other, ["family core", "name Seat"]);
    let portal = hubspot.portal().await.unwrap();
    assert_eq!(portal.time_zone.iana_name(), Some("US/Eastern"));
    let calls = server.calls();
    assert_eq!(calls.len(), 2, "the account information is read once");
    let asked = calls[1].body["properties"].to_string();
    assert!(asked.contains("\"hs_price_usd\"") && asked.contains("\"family\""), "{asked}");
    assert!(asked.matches("\"name\"").count() == 1 && !asked.contains("\"\""), "{asked}");
}

#[tokio::test]
async fn a_token_of_another_portal_is_denied_and_overrides_need_no_call() {
    let server = Server::start(|_| {
        Answer::json(200, json!({"portalId": 1, "timeZone": "Europe/Oslo", "companyCurrency": "NOK"}))
    })
    .await;
    let error = server.hubspot().portal().await.unwrap_err();
    assert_eq!(error.class, FaultClass::Denied);
    assert!(error.to_string().contains("24680135"), "{error}");

    let mut config = server.config();
    let nok = connector_domain::money::Currency::parse("NOK").unwrap();
    config.overrides = PortalOverrides {
        time_zone: Some(jiff::tz::TimeZone::UTC),
        home_currency: Some(nok.clone()),
        currencies: Some(Default::default()),
    };
    let portal = HubSpot::new(config).unwrap().portal().await.unwrap();
    assert_eq!((portal.home_currency, portal.currencies.len()), (nok, 1));
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn associations_are_read_through_all_pages_with_ids_of_either_type() {
    let server = Server::start(|asked| {
        let to = |id: Value, label: Value| {
            let of_type = json!({"category": "USER_DEFINED", "typeId": 37, "label": label});
            json!({"toObjectId": id, "associationTypes": [of_type, {"category": "HUBSPOT_DEFINED", "typeId": 280, "label": null}]})
        };
        let results: Vec<Value> = asked.body["inputs"].as_array().unwrap().iter().filter_map(|input| {
            match (input["id"].as_str().unwrap(), input["after"].as_str()) {
                ("1", None) => Some(json!({"from": {"id": "1"}, "to": [to(json!("11"), json!("Bill To"))], "paging": {"next": {"after": "1"}}})),
                ("1", Some("1")) => Some(json!({"from": {"id": 1}, "to": [to(json!(12), json!(null))]})),
                ("2", None) => Some(json!({"from": {"id": "2"}, "to": [to(json!(21), json!("Sold To"))]})),
                _ => None,
            }
        }).collect();
        let none = json!([{"category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
            "message": "none", "context": {"fromObjectId": ["3"]}}]);
        Answer::json(207, json!({"status": "COMPLETE", "results": results, "errors": none}))
    })
    .await;
    let hubspot = server.hubspot();
    let ids = ["1", "2", "3"].map(id);
    let found = join_all(ids.iter().map(|id| hubspot.company_contacts(id))).await;
    let shown: Vec<Vec<String>> = found
        .into_iter()
        .map(|all| all.unwrap().into_iter().map(|a| format!("{} {}", a.to, a.labels.len())).collect())
        .collect();
    assert_eq!(shown, [vec!["11 2", "12 2"], vec!["21 2"], vec![]]);
    assert_eq!(server.calls().len(), 2);
    assert_eq!(server.calls()[0].path, "/crm/associations/2026-09/companies/contacts/batch/read");
}

#[tokio::test]
async fn associations_of_a_survivor_answer_for_the_merged_id() {
    let server = Server::start(|asked| {
        let results: Vec<Value> = asked
            .ids()
            .iter()
            .map(|id| match id.as_str() {
                "1" => json!({"from": {"id": "1"}, "to": [{"toObjectId": "11"}]}),
                old => json!({"from": {"id": format!("9{old}")}, "to": [{"toObjectId": "21"}]}),
            })
            .collect();
        Answer::json(200, json!({"status": "COMPLETE", "results": results}))
    })
    .await;
    let hubspot = server.hubspot();
    let ids = ["1", "2"].map(id);
    let found = join_all(ids.iter().map(|id| hubspot.deals_of_company(id))).await;
    let found: Vec<Vec<HubSpotId>> = found.into_iter().map(Result::unwrap).collect();
    assert_eq!(found, [vec![id("11")], vec![id("21")]]);
    // Two of them cannot be told apart.
    let ids = ["1", "2", "3"].map(id);
    let found = join_all(ids.iter().map(|id| hubspot.deals_of_company(id))).await;
    assert_eq!(found[0].as_ref().unwrap(), &[id("11")]);
    assert!(found[1..].iter().all(|one| one.as_ref().unwrap_err().class == FaultClass::Transient));
}

#[tokio::test]
async fn trouble_with_associations_is_never_none() {
    let server = Server::start(|_| {
        let error =
            json!({"category": "INTERNAL_ERROR", "message": "sorry", "context": {"fromObjectId": ["1"]}});
        Answer::json(207, json!({"status": "COMPLETE", "results": [], "errors": [error]}))
    })
    .await;
    let error = server.hubspot().deals_of_company(&id("1")).await.unwrap_err();
    assert_eq!((error.class, error.operation), (FaultClass::Transient, "hubspot read deals of a company"));

    for unusable in [json!({}), json!({"status": "PROCESSING", "results": []}), json!([]), json!("x")] {
        let shown = unusable.to_string();
        let server = Server::start(move |_| Answer::json(200, unusable.clone())).await;
        let hubspot = server.hubspot();
        assert_eq!(
            hubspot.companies_of_contact(&id("1")).await.unwrap_err().class,
            FaultClass::Transient,
            "{shown}"
        );
        assert_eq!(hubspot.company(&id("1")).await.unwrap_err().class, FaultClass::Transient, "{shown}");
        assert_eq!(hubspot.deal(&id("1")).await.unwrap_err().class, FaultClass::Transient, "{shown}");
    }
}

#[tokio::test]
async fn a_page_that_does_not_come_is_trouble() {
    for errors in [json!([]), json!([{"category": "INTERNAL_ERROR", "message": "sorry"}])] {
        let server = Server::start(move |asked| {
            let first = asked.body["inputs"][0]["after"].is_null();
            let page =
                json!({"from": {"id": "1"}, "to": [{"toObjectId": "11"}], "paging": {"next": {"after": 5}}});
            let results = if first { json!([page]) } else { json!([]) };
            let errors = if first { json!([]) } else { errors.clone() };
            Answer::json(200, json!({"status": "COMPLETE", "results": results, "errors": errors}))
        })
        .await;
        let error = server.hubspot().company_contacts(&id("1")).await.unwrap_err();
        assert_eq!(error.class, FaultClass::Transient);
        assert_eq!(server.calls().len(), 2);
    }
}

#[tokio::test]
async fn failures_of_reads_keep_their_class_and_leave_no_doubt() {
    for (status, want) in [
        (500, FaultClass::Transient),
        (503, FaultClass::Transient),
        (401, FaultClass::Denied),
        (403, FaultClass::Denied),
        (400, FaultClass::Permanent),
    ] {
        let server =
            Server::start(move |_| Answer::json(status, json!({"message": "no", "correlationId": "c"})))
                .await;
        let error = server.hubspot().contacts(&[id("1"), id("2")]).await.unwrap_err();
        assert_eq!(error.class, want, "{status}");
        assert_eq!((error.status, error.request_id.as_deref()), (Some(status), Some("c")));
        assert_eq!(server.calls().len(), 1, "{status} was repeated");
    }
}

#[tokio::test]
async fn write_backs_are_batched_and_a_refused_record_blocks_no_other() {
    let server = Server::start(|asked| {
        if asked.ids().contains(&"2".to_owned()) {
            let message = "Property values were not valid: [{\"isValid\":false,\"message\":\"not an option\",\"error\":\"INVALID_OPTION\",\"name\":\"zuora_sync_status\"}]";
            return Answer::json(400, json!({"status": "error", "category": "VALIDATION_ERROR", "message": message}));
        }
        let results: Vec<Value> = asked.ids().iter().map(|id| json!({"id": id, "properties": {}})).collect();
        Answer::json(200, json!({"status": "COMPLETE", "results": results}))
    })
    .await;
    let hubspot = server.hubspot();
    let writes = ["1", "2", "3"].map(|number| write(ObjectKind::Deal, number, "in_sync"));
    let results = join_all(writes.iter().map(|write| hubspot.write_back(write))).await;
    assert!(results[0].is_ok() && results[2].is_ok());
    let error = results[1].as_ref().unwrap_err();
    assert_eq!((error.class, error.code.as_deref()), (FaultClass::Permanent, Some("INVALID_OPTION")));
    assert_eq!(error.message, "not an option");
    let calls = server.calls();
    assert_eq!(calls.len(), 4);
    assert_eq!(calls[0].path, "/crm/objects/2026-09/deals/batch/update");
    let input = json!({"id": "1", "properties": {"zuora_sync_status": "in_sync"}});
    assert_eq!(calls[0].body["inputs"][0], input);
}

#[tokio::test]
async fn a_partial_answer_refuses_only_those_it_names() {
    let server = Server::start(|asked| {
        let results: Vec<Value> =
            asked.ids().iter().filter(|id| *id == "1").map(|id| json!({"id": id})).collect();
        let error = |id: &str, category: &str| json!({"category": category, "message": "m", "context": {"ids": [id]}});
        let errors = json!([error("2", "OBJECT_NOT_FOUND"), error("3", "INTERNAL_ERROR")]);
        Answer::json(207, json!({"status": "COMPLETE", "results": results, "errors": errors}))
    })
    .await;
    let hubspot = server.hubspot();
    let writes = ["1", "2", "3", "4"].map(|number| write(ObjectKind::Company, number, "pending"));
    let classes: Vec<Option<FaultClass>> = join_all(writes.iter().map(|write| hubspot.write_back(write)))
        .await
        .into_iter()
        .map(|result| result.err().map(|error| error.class))
        .collect();
    let unknown = Some(FaultClass::Unknown);
    assert_eq!(classes, [None, Some(FaultClass::Permanent), unknown, unknown]);
}

#[tokio::test]
async fn a_write_in_doubt_says_so_and_is_not_repeated() {
    let server = Server::start(|_| Answer::json(502, json!({}))).await;
    let error = server.hubspot().write_back(&write(ObjectKind::Product, "1", "x")).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Unknown);
    assert_eq!(server.calls().len(), 1);
    let server = Server::start(|_| Answer::dropped()).await;
    let error = server.hubspot().write_back(&write(ObjectKind::Company, "1", "x")).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Unknown);
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn one_record_written_twice_at_once_is_written_in_order() {
    let server = Server::start(|asked| {
        let results: Vec<Value> = asked.ids().iter().map(|id| json!({"id": id})).collect();
        Answer::json(200, json!({"status": "COMPLETE", "results": results}))
    })
    .await;
    let hubspot = server.hubspot();
    let writes = [("1", "a"), ("2", "a"), ("1", "b")].map(|(n, v)| write(ObjectKind::Company, n, v));
    assert!(join_all(writes.iter().map(|write| hubspot.write_back(write))).await.iter().all(Result::is_ok));
    let values: Vec<String> = server.calls().iter().map(|asked| asked.body["inputs"].to_string()).collect();
    assert_eq!(values.len(), 2);
    assert!(values[0].contains("\"a\"") && values[1].contains("\"b\""));
    let line = hubspot.write_back(&write(ObjectKind::LineItem, "1", "x")).await.unwrap_err();
    assert_eq!(line.class, FaultClass::Bug);
    let nothing = WriteBack { object: object(ObjectKind::Deal, "1"), properties: BTreeMap::new() };
    assert!(hubspot.write_back(&nothing).await.is_ok());
    assert_eq!(server.calls().len(), 2);
}

/// Gives an old token until it is asked for a new one.
struct Rotated;

#[async_trait]
impl TokenSource for Rotated {
    async fn token(&self, refresh: bool) -> SecretString {
        if refresh { "new".into() } else { "old".into() }
    }
}

#[tokio::test]
async fn a_refused_token_is_read_again_once() {
    let server = Server::start(|asked| match asked.token.as_str() {
        "Bearer new" => records(asked, &[("1", json!({}))]),
        _ => Answer::json(401, json!({"category": "INVALID_AUTHENTICATION"})),
    })
    .await;
    let mut config = server.config();
    config.tokens = Arc::new(Rotated);
    let hubspot = HubSpot::new(config).unwrap();
    assert!(matches!(hubspot.company(&id("1")).await.unwrap(), Fetched::Found(_)));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn a_limit_names_when_to_come_back() {
    let server = Server::start(|_| {
        let mut answer = Answer::json(429, json!({"policyName": "TEN_SECONDLY_ROLLING"}));
        answer.headers.push(("Retry-After", "7".to_owned()));
        answer
    })
    .await;
    let error = server.hubspot().company(&id("1")).await.unwrap_err();
    let until = "2026-11-16T10:00:07Z".parse().ok();
    assert_eq!(error.class, FaultClass::Throttled { until });
}
