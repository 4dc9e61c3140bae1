//! Companies and their contacts: AS-01, AS-02, AS-04, and who is synced at all (D-9, D-10).

use crate::world::{PLATFORM, monthly, world, world_with};

#[tokio::test]
async fn as_01_labelled_contacts_become_bill_to_and_sold_to() {
    let world = world().await;
    world.press("company", "9001001", "record_only").await;
    world.settle().await;
    let account = world.account_of("9001001");
    assert_eq!(account["name"], "Fjordlys Energi AS");
    assert_eq!(account["number"], "HS-24680135-9001001");
    assert_eq!(account["currency"], "USD");
    assert_eq!(account["autoPay"], false);
    assert_eq!(account["paymentTerm"], "Due Upon Receipt");
    assert_eq!(account["billCycleDay"], 1);
    assert_eq!(account["batch"], "Batch1");
    assert_eq!(account["billTo"]["crmId__c"], "5001");
    assert_eq!(account["soldTo"]["crmId__c"], "5002");
    assert_eq!(account["billTo"]["country"], "Norway");
    assert_eq!(world.zuora.contacts().len(), 2);
    assert!(world.zuora.orders().is_empty());
    let card = world.card("company", "9001001").await;
    assert_eq!(card["account"]["number"], "HS-24680135-9001001");
    assert!(
        card["account"]["url"]
            .as_str()
            .unwrap()
            .starts_with("https://test.zuora.com/apps/CustomerAccount.do?method=view&id=")
    );
    assert_eq!(world.property("companies", "9001001", "zuora_account_number"), "HS-24680135-9001001");
    assert_eq!(world.property("companies", "9001001", "zuora_sync_status"), "in_sync");
}

#[tokio::test]
async fn as_02_a_company_without_contacts_is_its_own_contact_once() {
    let world = world().await;
    world.press("company", "9001007", "record_only").await;
    world.settle().await;
    let account = world.account_of("9001007");
    assert_eq!(account["billTo"]["firstName"], "Merlion Optics Pte Ltd");
    assert_eq!(account["soldTo"]["country"], "Singapore");
    let contacts = world.zuora.contacts().len();
    let writes = (world.zuora.writes(), world.hubspot.writes());
    world.hubspot.put("companies", "9001007", &[("city", "Singapore")]);
    world.press("company", "9001007", "with_deals").await;
    world.settle().await;
    assert_eq!(world.zuora.contacts().len(), contacts);
    assert_eq!((world.zuora.writes(), world.hubspot.writes()), writes, "a second sync must write nothing");
}

#[tokio::test]
async fn as_04_a_missing_state_is_refused_before_any_call_where_it_is_needed() {
    let world = world().await;
    world.hubspot.put_silently("companies", "9001004", &[("state", ""), ("hs_state_code", "")]);
    world.press("company", "9001004", "record_only").await;
    world.press("company", "9001006", "record_only").await;
    world.settle().await;
    let error = world.parked("companies", "9001004", "HZ0104");
    assert!(error.contains("company 9001004 state"), "{error}");
    let card = world.card("company", "9001004").await;
    assert!(card["sync"]["problems"][0]["fix"].as_str().unwrap().contains("state"));
    let about: Vec<_> = world
        .zuora
        .calls()
        .into_iter()
        .filter(|c| c.path.contains("9001004") || c.query.contains("9001004"))
        .collect();
    assert!(about.is_empty(), "Zuora was asked about a company that was refused");
    assert_eq!(world.account_of("9001006")["billTo"]["country"], "France");
    // The person mends it, and the company follows by itself.
    world.hubspot.put("companies", "9001004", &[("state", "Texas")]);
    world.settle().await;
    assert_eq!(world.account_of("9001004")["billTo"]["state"], "TX");
    assert_eq!(world.property("companies", "9001004", "zuora_sync_error"), "");
}

#[tokio::test]
async fn as_04_strict_mode_wants_a_state_everywhere() {
    let world = world_with("[companies]\nstate_required = \"always\"\n", |_| {}).await;
    world.press("company", "9001006", "record_only").await;
    world.settle().await;
    world.parked("companies", "9001006", "HZ0104");
    assert!(world.zuora.accounts().is_empty());
}

#[tokio::test]
async fn a_prospect_causes_no_write_anywhere() {
    let world = world().await;
    world.hubspot.put("companies", "9001002", &[("name", "Brightpath Learning Limited")]);
    world.hubspot.put("contacts", "5004", &[("firstname", "Thomas")]);
    world.settle().await;
    assert_eq!((world.zuora.writes(), world.hubspot.writes()), (0, 0));
}

#[tokio::test]
async fn an_account_with_the_crm_id_is_adopted_and_never_doubled() {
    let world = world().await;
    world.zuora.seed_account(serde_json::json!({
        "name": "Brightpath", "accountNumber": "A00000777", "crmId": "9001002", "currency": "USD", "billCycleDay": 5,
        "billToContact": { "firstName": "Finance", "lastName": "Desk", "country": "United Kingdom" },
        "soldToContact": { "firstName": "Finance", "lastName": "Desk", "country": "United Kingdom" }
    }));
    world.won("7003", Some("9001002"), "EUR", &[monthly("8301", PLATFORM, "25", "45.00")]);
    world.settle().await;
    let account = world.account_of("9001002");
    assert_eq!(account["number"], "A00000777");
    assert_eq!(
        account["billTo"]["firstName"], "Finance",
        "a contact that HubSpot does not name stays finance's"
    );
    assert_eq!(world.subscription_of("7003")["account"], "A00000777");
}

#[tokio::test]
async fn a_same_named_account_is_a_persons_decision() {
    let world = world().await;
    world.zuora.seed_account(serde_json::json!({
        "name": "Brightpath Learning Ltd", "accountNumber": "A00000778", "currency": "USD", "billCycleDay": 5,
        "billToContact": { "firstName": "A", "lastName": "B", "country": "United Kingdom" }
    }));
    world.press("company", "9001002", "record_only").await;
    world.settle().await;
    assert!(world.parked("companies", "9001002", "HZ0108").contains("A00000778"));
    assert_eq!(world.zuora.accounts().len(), 1);
}

#[tokio::test]
async fn a_merged_company_keeps_its_account() {
    let world = world().await;
    world.press("company", "9001005", "record_only").await;
    world.settle().await;
    let number = world.account_of("9001005")["number"].clone();
    let survivor = world.hubspot.merge("companies", "9001004", "9001005");
    world.settle().await;
    world.won("7020", Some(survivor.as_str()), "USD", &[monthly("8201", PLATFORM, "1", "49.00")]);
    world.settle().await;
    assert_eq!(world.zuora.accounts().len(), 1, "a merge must not create an account");
    assert_eq!(world.subscription_of("7020")["account"], number);
}

#[tokio::test]
async fn people_and_labels_that_change_reach_the_account() {
    let world = world().await;
    world.press("company", "9001001", "record_only").await;
    world.settle().await;
    world.hubspot.put("contacts", "5001", &[("email", "ingrid.ny@example.test")]);
    world.settle().await;
    assert_eq!(world.account_of("9001001")["billTo"]["workEmail"], "ingrid.ny@example.test");
    // Mette takes over from Lars.
    world.hubspot.dissociate(("companies", "9001001"), ("contacts", "5002"), Some("Sold To"));
    world.hubspot.associate(("companies", "9001001"), ("contacts", "5003"), Some("Sold To"));
    world.settle().await;
    assert_eq!(world.account_of("9001001")["soldTo"]["crmId__c"], "5003");
    assert_eq!(world.zuora.contacts().len(), 2, "never more than two contacts of ours");
}
