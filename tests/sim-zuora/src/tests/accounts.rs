//! Accounts and contacts.

use serde_json::json;

use super::{ACCOUNT, World, account_body, refused, with};
use crate::Config;

#[tokio::test]
async fn an_account_is_made_read_and_changed() {
    let w = World::new(Config::default()).await;
    let id = w.account().await;
    let (status, body) = w.get(&format!("/v1/accounts/{ACCOUNT}")).await;
    assert_eq!(status, 200);
    assert_eq!(body["basicInfo"]["id"], json!(id));
    assert_eq!(body["basicInfo"]["status"], "Active");
    assert_eq!(body["billToContact"]["crmId__c"], "5001");
    assert_eq!(body["soldToContact"]["firstName"], "Lars");
    assert_eq!(body["billingAndPayment"]["paymentTerm"], "Due Upon Receipt");
    let change = json!({"name": "Fjordlys AS", "billToContact": {"city": "Oslo"}});
    let (_, body) = w.call("PUT", &format!("/v1/accounts/{id}"), Some(change)).await;
    assert_eq!(body["success"], true);
    let account = &w.sim.accounts()[0];
    assert_eq!(account["name"], "Fjordlys AS");
    assert_eq!(account["billTo"]["city"], "Oslo");
    assert_eq!(account["billTo"]["lastName"], "Solheim");
    assert_eq!(w.sim.contacts().len(), 2);
    let (_, body) = w.get(&format!("/v1/accounts/{id}/summary")).await;
    assert!(body["basicInfo"]["balance"].is_string());
}

#[tokio::test]
async fn accounts_are_refused_as_the_vendor_does() {
    let w = World::new(Config::default()).await;
    let cases = [
        ("/currency", json!("CHF"), 20),
        ("/currency", json!("EURO"), 20),
        ("/name", json!(""), 22),
        ("/name", json!("x".repeat(256)), 20),
        ("/name", json!("Rocket \u{1F680}"), 20),
        ("/billCycleDay", json!(null), 22),
        ("/billCycleDay", json!(32), 20),
        ("/autoPay", json!("false"), 20),
        ("/autoPay", json!(true), 30),
        ("/paymentTerm", json!("Net 45"), 20),
        ("/batch", json!("Batch99"), 20),
        ("/HubSpotCompanyId__c", json!("1"), 21),
        ("/unknown", json!("1"), 21),
        ("/accountNumber", json!("A00000777"), 20),
        ("/billToContact/firstName", json!(""), 22),
        ("/billToContact/zipCode", json!("1".repeat(21)), 20),
        ("/billToContact/city", json!("\u{1F600}"), 20),
        ("/billToContact/country", json!("Atlantis"), 20),
        ("/billToContact/country", json!("United States"), 20),
    ];
    for (pointer, value, suffix) in cases {
        let answer = w.post("/v1/accounts", with(account_body(), pointer, value)).await;
        refused(&answer, suffix);
    }
    assert!(w.sim.accounts().is_empty());
    assert!(w.sim.contacts().is_empty());
    w.account().await;
    refused(&w.post("/v1/accounts", account_body()).await, 30);
    assert_eq!(w.sim.accounts().len(), 1);
    assert_eq!(w.get("/v1/accounts/none").await.0, 404);
}

#[tokio::test]
async fn contacts_belong_to_their_account() {
    let w = World::new(Config::default()).await;
    let id = w.account().await;
    let other = w.sim.seed_account(json!({"name": "Other", "accountNumber": "A00000500",
        "billToContact": {"firstName": "A", "lastName": "B"}}));
    let body = json!({"accountId": other, "firstName": "Mette", "lastName": "Dahl", "crmId__c": "5003"});
    let (_, contact) = w.post("/v1/contacts", body).await;
    assert_eq!(contact["success"], true, "{contact}");
    let contact_id = contact["id"].as_str().expect("id");
    let change = json!({"billToContactId": contact_id});
    refused(&w.call("PUT", &format!("/v1/accounts/{id}"), Some(change.clone())).await, 20);
    let (_, body) = w.call("PUT", &format!("/v1/accounts/{other}"), Some(change)).await;
    assert_eq!(body["success"], true);
    let (_, body) =
        w.call("PUT", &format!("/v1/contacts/{contact_id}"), Some(json!({"city": "Bergen"}))).await;
    assert_eq!(body["city"], "Bergen");
    refused(&w.post("/v1/contacts", json!({"firstName": "A", "lastName": "B"})).await, 22);
}

#[tokio::test]
async fn a_cancelled_account_is_frozen_and_put_takes_no_key() {
    let w = World::new(Config::default()).await;
    let id = w.sim.seed_account(json!({"name": "Gone", "status": "Canceled"}));
    let (_, body) = w.call("PUT", &format!("/v1/accounts/{id}"), Some(json!({"name": "X"}))).await;
    assert_eq!(body["reasons"][0]["code"], 51_500_030);
    let answer = w
        .try_call("PUT", &format!("/v1/accounts/{id}"), &[("idempotency-key", "k")], Some(json!({})))
        .await
        .expect("answer");
    assert_eq!(answer.0.as_u16(), 400);
}

#[tokio::test]
async fn sold_to_can_be_the_bill_to() {
    let w = World::new(Config::default()).await;
    let mut body = with(account_body(), "/soldToSameAsBillTo", json!(true));
    body.as_object_mut().expect("object").remove("soldToContact");
    let (_, answer) = w.post("/v1/accounts", body).await;
    assert_eq!(answer["billToContactId"], answer["soldToContactId"]);
    assert_eq!(w.sim.contacts().len(), 1);
}

#[tokio::test]
async fn accounts_have_parents_and_tax_data() {
    let w = World::new(Config::default()).await;
    let id = w.account().await;
    let child = |key: &str, value: serde_json::Value| {
        let mut body = with(account_body(), &format!("/{key}"), value);
        body["accountNumber"] = json!(format!("HS-24680135-{key}"));
        body
    };
    refused(&w.post("/v1/accounts", child("parentId", json!("8ad0"))).await, 40);
    refused(&w.post("/v1/accounts", child("parentAccountNumber", json!("none"))).await, 40);
    for key in ["parentId", "parentAccountNumber"] {
        let value = if key == "parentId" { json!(id) } else { json!(ACCOUNT) };
        let (_, made) = w.post("/v1/accounts", child(key, value)).await;
        assert_eq!(made["success"], true, "{made}");
        let (_, read) = w.get(&format!("/v1/accounts/HS-24680135-{key}")).await;
        assert_eq!(read["basicInfo"]["parentId"], json!(id));
        assert_eq!(read["taxInfo"]["exemptStatus"], "No");
    }
    let path = format!("/v1/accounts/{ACCOUNT}");
    let put = async |body: serde_json::Value| w.call("PUT", &path, Some(body)).await;
    let (_, list) = w.get(&format!("/object-query/accounts?filter[]=parentid.EQ:{id}")).await;
    let below = list["data"][0]["id"].clone();
    refused(&put(json!({"parentId": "8ad0"})).await, 40);
    refused(&put(json!({"parentId": below})).await, 30);
    refused(&put(json!({"parentAccountNumber": ACCOUNT})).await, 21);
    refused(&put(json!({"taxInfo": {"VATId": "x".repeat(26)}})).await, 20);
    refused(&put(json!({"taxInfo": {"exemptStatus": "Maybe"}})).await, 20);
    refused(&put(json!({"taxInfo": {"vatId": "NO1"}})).await, 21);
    assert_eq!(put(json!({"taxInfo": {"VATId": "NO999999999MVA"}})).await.1["success"], true);
    assert_eq!(put(json!({"taxInfo": {"exemptStatus": "PendingVerification"}})).await.1["success"], true);
    let (_, read) = w.get(&path).await;
    assert_eq!(read["taxInfo"], json!({"VATId": "NO999999999MVA", "exemptStatus": "PendingVerification"}));
    let other = w.sim.seed_account(json!({"name": "Top"}));
    assert_eq!(put(json!({"parentId": other})).await.1["success"], true);
    assert_eq!(w.get(&path).await.1["basicInfo"]["parentId"], json!(other));
}
