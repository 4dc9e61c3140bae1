//! Associations and labels.

use serde_json::{Value, json};

use super::Portal;
use crate::Config;

const CONTACTS_OF: &str = "/crm/associations/2026-09/companies/contacts";

async fn labels_of(portal: &Portal, contact: &str, company: &str) -> Vec<String> {
    let path = "/crm/associations/2026-09/contacts/companies/batch/read";
    let (_, answer) = portal.post(path, json!({"inputs": [{"id": contact}]})).await;
    let entries = answer["results"][0]["to"].as_array().cloned().unwrap_or_default();
    let types: Vec<Value> = entries
        .iter()
        .filter(|entry| entry["toObjectId"] == company)
        .flat_map(|entry| entry["associationTypes"].as_array().unwrap().clone())
        .collect();
    types.iter().map(|kind| kind["label"].as_str().unwrap_or("-").to_owned()).collect()
}

#[tokio::test]
async fn labels_are_read_from_both_sides() {
    let portal = Portal::start().await;
    let body = json!({"inputs": [{"id": "9001001"}, {"id": "9001007"}]});
    let (status, answer) = portal.post(&format!("{CONTACTS_OF}/batch/read"), body).await;
    assert_eq!(status, 207, "a company without contacts is reported");
    assert_eq!(answer["errors"][0]["subCategory"], "crm.associations.NO_ASSOCIATIONS_FOUND");
    let to = answer["results"][0]["to"].as_array().unwrap();
    let ids: Vec<&Value> = to.iter().map(|entry| &entry["toObjectId"]).collect();
    assert_eq!(ids, ["5001", "5002", "5003"]);
    let ingrid = to[0]["associationTypes"].as_array().unwrap();
    assert!(ingrid.contains(&json!({"category": "HUBSPOT_DEFINED", "typeId": 280, "label": null})));
    assert!(ingrid.iter().any(|kind| kind["label"] == "Bill To" && kind["category"] == "USER_DEFINED"));
    assert_eq!(labels_of(&portal, "5005", "9001003").await, ["Primary", "Bill To", "Sold To", "-"]);
    portal.sim.set_switches(|own| own.no_associations_are_errors = false);
    let body = json!({"inputs": [{"id": "9001007"}]});
    assert_eq!(portal.post(&format!("{CONTACTS_OF}/batch/read"), body).await.0, 200);
}

#[tokio::test]
async fn a_labelled_write_replaces_labels_and_deleting_ends_all() {
    let portal = Portal::start().await;
    let (_, labels) = portal.get("/crm/associations/2026-09/contacts/companies/labels").await;
    let labels = labels["results"].as_array().unwrap();
    let sold_to = labels.iter().find(|kind| kind["label"] == "Sold To").unwrap()["typeId"].as_u64().unwrap();
    let path = "/crm/objects/2026-09/contacts/5001/associations/companies/9001001";
    let body = json!([{"associationCategory": "USER_DEFINED", "associationTypeId": sold_to}]);
    let (status, answer) = portal.call("PUT", path, Some(body)).await;
    assert_eq!((status, &answer["labels"]), (201, &json!(["Primary", "Sold To"])));
    assert_eq!(labels_of(&portal, "5001", "9001001").await, ["Primary", "Sold To", "-"]);
    assert_eq!(portal.call("DELETE", path, None).await.0, 204);
    assert!(labels_of(&portal, "5001", "9001001").await.is_empty());
}

#[tokio::test]
async fn a_new_primary_company_takes_the_place_of_the_old_one() {
    let portal = Portal::start().await;
    portal.sim.add_deal("7001", Some("9001001"), &[("dealname", "One")], &[]);
    portal.sim.associate(("deals", "7001"), ("companies", "9001002"), Some("primary"));
    let path = "/crm/associations/2026-09/deals/companies/batch/read";
    let (_, answer) = portal.post(path, json!({"inputs": [{"id": "7001"}]})).await;
    let to = answer["results"][0]["to"].as_array().unwrap();
    assert_eq!(to[0]["associationTypes"].as_array().unwrap().len(), 1);
    assert_eq!(
        to[1]["associationTypes"][0],
        json!({"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"})
    );
    assert_eq!(portal.sim.get("deals", "7001").unwrap()["hs_primary_associated_company"], "9001002");
}

#[tokio::test]
async fn labels_can_be_made_changed_and_removed() {
    let portal = Portal::with(Config { with_labels: false, ..Config::default() }).await;
    let path = format!("{CONTACTS_OF}/labels");
    let body = json!({"name": "site_contact", "label": "Site contact", "inverseLabel": "Site of"});
    let (status, made) = portal.post(&path, body.clone()).await;
    assert_eq!((status, made["results"].as_array().unwrap().len()), (200, 2));
    assert_eq!(portal.post(&path, body).await.0, 400);
    let type_id = made["results"][0]["typeId"].as_u64().unwrap();
    let change = json!({"associationTypeId": type_id, "label": "Site"});
    assert_eq!(portal.call("PUT", &path, Some(change)).await.0, 204);
    let (_, labels) = portal.get(&path).await;
    assert!(labels["results"].as_array().unwrap().iter().any(|kind| kind["label"] == "Site"));
    assert_eq!(portal.call("DELETE", &format!("{path}/{type_id}"), None).await.0, 204);
    let (_, labels) = portal.get(&path).await;
    assert_eq!(labels["results"].as_array().unwrap().len(), 3, "HubSpot's own stay");
}

#[tokio::test]
async fn long_lists_are_paged() {
    let portal = Portal::with(Config { association_page_size: 2, ..Config::default() }).await;
    let path = format!("{CONTACTS_OF}/batch/read");
    let (_, first) = portal.post(&path, json!({"inputs": [{"id": "9001001"}]})).await;
    let after = first["results"][0]["paging"]["next"]["after"].clone();
    let (_, second) = portal.post(&path, json!({"inputs": [{"id": "9001001", "after": after}]})).await;
    assert_eq!(second["results"][0]["to"][0]["toObjectId"], "5003");
    assert!(second["results"][0].get("paging").is_none());
}
