//! Deals against canned answers: which reads are made, and what is believed.

use super::*;
use crate::testing::{Answer, Asked, Server, id};
use connector_domain::fault::FaultClass;
use connector_ports::crm::Crm;
use serde_json::{Value, json};

fn links(ids: &[&str]) -> Value {
    json!({"results": ids.iter().map(|id| json!({"id": id, "type": "t"})).collect::<Vec<_>>()})
}

fn deal(properties: Value, associations: Value) -> Value {
    let mut all = json!({"dealname": "Acme", "pipeline": "default", "dealstage": "s1", "closedate": "2026-11-16T23:30:00Z",
        "deal_currency_code": "", "hs_is_closed_won": "true", "hs_is_closed_lost": "false"});
    for (name, value) in properties.as_object().unwrap() {
        all[name] = value.clone();
    }
    json!({"id": "7001", "properties": all, "archived": false, "associations": associations})
}

/// Association reads answer with 10 times the number of the type; deals with the record given.
async fn server(record: Value) -> Server {
    Server::start(move |asked: &Asked| {
        if asked.method == "GET" && asked.path.starts_with("/crm/objects/2026-09/deals/") {
            return Answer::json(200, record.clone());
        }
        if asked.path == "/crm/pipelines/2026-09/deals" {
            let stage = |id: &str, closed: &str, probability: &str| {
                json!({"id": id, "metadata": {"isClosed": closed, "probability": probability}})
            };
            let stages = json!([stage("s1", "true", "1.0"), stage("s2", "true", "0.0"), stage("s3", "false", "0.9")]);
            return Answer::json(200, json!({"results": [{"id": "default", "stages": stages}]}));
        }
        let to = match asked.path.rsplit('/').nth(2).unwrap() {
            "companies" => json!([{"toObjectId": 10, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"}]}]),
            "contacts" => json!([{"toObjectId": "20", "associationTypes": [{"category": "USER_DEFINED", "typeId": 9, "label": "Bill To"}]}]),
            _ => json!([{"toObjectId": 30, "associationTypes": []}]),
        };
        let results: Vec<Value> = asked.ids().iter().map(|id| json!({"from": {"id": id}, "to": to})).collect();
        Answer::json(200, json!({"status": "COMPLETE", "results": results}))
    })
    .await
}

async fn fetch(server: &Server, number: &str) -> DealRecord {
    match server.hubspot().deal(&id(number)).await.unwrap() {
        Fetched::Found(record) => record,
        Fetched::Gone => panic!("gone"),
    }
}

fn association_reads(server: &Server) -> Vec<String> {
    let paths = server.calls().into_iter().map(|asked| asked.path);
    let mut reads: Vec<String> = paths
        .filter_map(|path| path.strip_prefix("/crm/associations/2026-09/").map(str::to_owned))
        .map(|path| path.trim_end_matches("/batch/read").to_owned())
        .collect();
    reads.sort();
    reads
}

#[tokio::test]
async fn one_company_and_listed_lines_need_no_further_read() {
    for name in ["line items", "line_items"] {
        let associations = json!({"companies": links(&["10", "10"]), name: links(&["31", "32"])});
        let server = server(deal(json!({}), associations)).await;
        let record = fetch(&server, "7001").await;
        assert_eq!(record.line_items, [id("31"), id("32")]);
        assert_eq!(record.companies, [Association { to: id("10"), labels: vec![] }]);
        assert_eq!(record.contacts, []);
        assert!(record.deal.closed_won && !record.deal.closed_lost);
        assert_eq!(record.deal.currency, None);
        assert_eq!(server.calls().len(), 1);
        let query = &server.calls()[0].query;
        assert!(query.contains("associations=companies%2Ccontacts%2Cline_items"), "{query}");
        assert!(query.contains("z_service_activation_date") && query.contains("hs_is_closed_won"), "{query}");
    }
}

#[tokio::test]
async fn configured_properties_are_asked_once_and_found_by_name() {
    let properties = json!({"dealtype": "existingbusiness", "zuora_effective_date": "2026-12-01", "kind": "", "po": null,
        "z_service_activation_date": "2026-12-15"});
    let associations = json!({"companies": links(&["10"]), "line items": links(&["31"])});
    let server = server(deal(properties, associations)).await;
    let mut config = server.config();
    let named = [
        "zuora_effective_date",
        "kind",
        "po",
        "",
        "dealtype",
        "pipeline",
        "dealname",
        "z_service_activation_date",
        "zuora_effective_date",
    ];
    config.properties.deal = named.map(str::to_owned).to_vec();
    let hubspot = crate::adapter::HubSpot::new(config).unwrap();
    let Fetched::Found(record) = hubspot.deal(&id("7001")).await.unwrap() else { panic!("gone") };
    let deal = record.deal;
    assert_eq!(deal.deal_type.as_deref(), Some("existingbusiness"));
    let others: Vec<&str> = deal.other.keys().map(String::as_str).collect();
    assert_eq!(others, ["dealname", "z_service_activation_date", "zuora_effective_date"]);
    for (name, want) in [
        ("zuora_effective_date", Some("2026-12-01")),
        ("z_service_activation_date", Some("2026-12-15")),
        ("dealname", Some("Acme")),
        ("dealtype", Some("existingbusiness")),
        ("pipeline", Some("default")),
        ("dealstage", Some("s1")),
        ("kind", None),
        ("po", None),
    ] {
        assert_eq!(deal.property(name), want, "{name}");
    }
    let query = &server.calls()[0].query;
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("properties=")).unwrap();
    let asked: Vec<&str> = asked.split("%2C").collect();
    let distinct: std::collections::BTreeSet<&str> = asked.iter().copied().collect();
    assert_eq!((distinct.len(), distinct.contains("")), (asked.len(), false), "{query}");
    assert!(["kind", "po", "dealtype"].iter().all(|name| distinct.contains(name)), "{query}");
}

#[tokio::test]
async fn several_companies_and_any_contact_are_read_with_labels() {
    let associations =
        json!({"companies": links(&["10", "11"]), "contacts": links(&["20"]), "line items": links(&["31"])});
    let server = server(deal(json!({}), associations)).await;
    let record = fetch(&server, "7001").await;
    assert!(record.companies[0].has_type(5));
    assert!(record.contacts[0].has_label("bill_to"));
    assert_eq!(association_reads(&server), ["deals/companies", "deals/contacts"]);
}

#[tokio::test]
async fn a_missing_or_cut_list_is_confirmed() {
    let nothing = server(deal(json!({}), json!({}))).await;
    let record = fetch(&nothing, "7001").await;
    assert_eq!((record.companies.len(), record.line_items), (1, vec![id("30")]));
    assert_eq!(association_reads(&nothing), ["deals/companies", "deals/line_items"]);

    let mut cut = links(&["31"]);
    cut["paging"] = json!({"next": {"after": "31", "link": "https://evil.example"}});
    let cut = server(deal(json!({}), json!({"companies": links(&["10"]), "line_items": cut}))).await;
    assert_eq!(fetch(&cut, "7001").await.line_items, [id("30")]);
    assert_eq!(association_reads(&cut), ["deals/line_items"]);
}

#[tokio::test]
async fn after_a_merge_associations_are_read_with_the_survivors_id() {
    let associations = json!({"companies": links(&["10"]), "line items": links(&["31"])});
    let server = server(deal(json!({"hs_merged_object_ids": "7000"}), associations)).await;
    let record = fetch(&server, "7000").await;
    assert_eq!((record.deal.id, record.deal.merged_ids), (id("7001"), vec![id("7000")]));
    assert_eq!(association_reads(&server), ["deals/companies", "deals/contacts", "deals/line_items"]);
    assert!(server.calls().iter().skip(1).all(|asked| asked.ids() == ["7001"]));
}

#[tokio::test]
async fn an_unfilled_flag_is_judged_by_the_stage() {
    let whole = json!({"companies": links(&["10"]), "line items": links(&["31"])});
    for (flags, stage, want) in [
        (json!({"hs_is_closed_won": null, "hs_is_closed_lost": null}), "s1", (true, false)),
        (json!({"hs_is_closed_won": "", "hs_is_closed_lost": null}), "s2", (false, true)),
        (json!({"hs_is_closed_won": null, "hs_is_closed_lost": null}), "s3", (false, false)),
        (json!({"hs_is_closed_won": null, "hs_is_closed_lost": null}), "unknown", (false, false)),
        (json!({"hs_is_closed_won": "false", "hs_is_closed_lost": null}), "s2", (false, true)),
        // The record's own flag wins over the stage.
        (json!({"hs_is_closed_won": "false", "hs_is_closed_lost": null}), "s1", (false, false)),
    ] {
        let mut properties = flags.clone();
        properties["dealstage"] = json!(stage);
        let server = server(deal(properties, whole.clone())).await;
        let deal = fetch(&server, "7001").await.deal;
        assert_eq!((deal.closed_won, deal.closed_lost), want, "{flags} {stage}");
    }
}

#[tokio::test]
async fn a_deal_that_is_not_there_is_gone_and_one_that_cannot_be_read_is_not() {
    let missing = Server::start(|_| Answer::json(404, json!({"category": "OBJECT_NOT_FOUND"}))).await;
    assert_eq!(missing.hubspot().deal(&id("1")).await.unwrap(), Fetched::Gone);
    let archived = server(json!({"id": "1", "properties": {}, "archived": true})).await;
    assert_eq!(archived.hubspot().deal(&id("1")).await.unwrap(), Fetched::Gone);
    let broken = Server::start(|_| Answer::dropped()).await;
    assert_eq!(broken.hubspot().deal(&id("1")).await.unwrap_err().class, FaultClass::Transient);
}
