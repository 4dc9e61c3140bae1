//! Who pays, who gets the bill and the goods, parents and taxes (Z-063, Z-070 to Z-074, L-24).

use crate::world::{GATEWAY, World, monthly, seats, world, world_with};
use connector_dev::Options;

const FIRST: &str = "HS-24680135-D7001";

async fn ordered() -> World {
    let world = world().await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    assert_eq!(world.orders(), 1, "{}", world.error("7001"));
    world
}

#[tokio::test]
async fn another_bill_to_after_the_order_and_back() {
    let world = ordered().await;
    world.hubspot.associate(("deals", "7001"), ("contacts", "5003"), Some("Bill To"));
    world.settle().await;
    world.sync("7001").await;
    assert_eq!(
        world.numbered(FIRST)["billTo"]["crmId__c"],
        "5003",
        "{} {}",
        world.error("7001"),
        world.numbered(FIRST)["billTo"]
    );
    assert_eq!(world.orders(), 2);
    world.hubspot.dissociate(("deals", "7001"), ("contacts", "5003"), Some("Bill To"));
    world.settle().await;
    world.sync("7001").await;
    assert_ne!(world.numbered(FIRST)["billTo"]["crmId__c"], "5003", "{}", world.error("7001"));
    assert_eq!(world.orders(), 3);
    world.sync("7001").await;
    assert_eq!(world.orders(), 3);
}

#[tokio::test]
async fn a_payer_after_the_order_and_away_again() {
    let world = ordered().await;
    world.hubspot.associate(("deals", "7001"), ("companies", "9001006"), Some("Invoice Owner"));
    world.settle().await;
    world.sync("7001").await;
    let payer = world.account_of("9001006")["number"].clone();
    assert_eq!(world.numbered(FIRST)["invoiceOwner"], payer, "{}", world.error("7001"));
    assert_eq!(world.orders(), 2);
    world.hubspot.dissociate(("deals", "7001"), ("companies", "9001006"), None);
    world.settle().await;
    world.sync("7001").await;
    let own = world.account_of("9001001")["number"].clone();
    assert_eq!(world.numbered(FIRST)["invoiceOwner"], own, "{}", world.error("7001"));
    assert_eq!(
        (world.orders(), world.property("deals", "7001", "zuora_sync_status").as_str()),
        (3, "in_sync")
    );
}

#[tokio::test]
async fn a_contact_of_another_company_is_refused_before_and_after_the_order() {
    let world = ordered().await;
    world.hubspot.set_auto_deliver(false);
    world.won("7002", Some("9001001"), "NOK", &[monthly("8021", crate::world::PLATFORM, "1", "520.00")]);
    world.hubspot.associate(("deals", "7002"), ("contacts", "5004"), Some("Bill To"));
    world.hubspot.associate(("deals", "7001"), ("contacts", "5004"), Some("Sold To"));
    world.hubspot.set_auto_deliver(true);
    world.settle().await;
    world.sync("7001").await;
    world.parked("deals", "7001", "HZ0316");
    world.parked("deals", "7002", "HZ0316");
    assert_eq!(world.orders(), 1);
    // He changes sides.
    world.hubspot.associate(("contacts", "5004"), ("companies", "9001001"), None);
    world.sync("7001").await;
    world.sync("7002").await;
    assert_eq!(world.numbered(FIRST)["soldTo"]["crmId__c"], "5004", "{}", world.error("7001"));
    assert_eq!(world.subscription_of("7002")["billTo"]["crmId__c"], "5004", "{}", world.error("7002"));
}

#[tokio::test]
async fn a_parent_linked_before_or_after_its_child() {
    for parent_first in [true, false] {
        let world = world().await;
        world.hubspot.update("companies", "9001006", &[("hs_parent_company_id", "9001002")]);
        for company in if parent_first { ["9001002", "9001006"] } else { ["9001006", "9001002"] } {
            world.press("company", company, "record_only").await;
            world.settle().await;
        }
        let parent = world.account_of("9001002")["id"].clone();
        let child = world.account_of("9001006");
        assert_eq!(child["parentId"], parent, "{parent_first}: {child}");
        assert_eq!(world.zuora.accounts().len(), 2);
    }
}

#[tokio::test]
async fn vat_exemption_and_tax_code_go_along() {
    let config = "[taxes]\nvat_property = \"vat_number\"\nexempt_property = \"tax_exempt\"\ncode_property = \"tax_code\"\n";
    let world = world_with(config, |_: &mut Options| {}).await;
    for (object, name) in [("companies", "vat_number"), ("companies", "tax_exempt"), ("products", "tax_code")]
    {
        world.hubspot.add_property(object, name, "string", &[]);
    }
    world.hubspot.update("companies", "9001001", &[("vat_number", "NO912345678MVA"), ("tax_exempt", "Yes")]);
    world.hubspot.update("products", GATEWAY, &[("tax_code", "SaaS")]);
    world.won("7001", Some("9001001"), "NOK", &[monthly("8001", GATEWAY, "2", "190.00")]);
    world.settle().await;
    let account = world.account_of("9001001").to_string();
    assert!(account.contains("NO912345678MVA") && account.contains("\"exemptStatus\":\"Yes\""), "{account}");
    let created = world.zuora.calls();
    let created =
        created.iter().find(|c| c.method == "POST" && c.path.ends_with("product-rate-plan-charge")).unwrap();
    assert!(format!("{created:?}").contains("SaaS"), "{created:?}");
    assert_eq!(world.subscription_of("7001")["mrr"], "380.00", "{}", world.error("7001"));
    world.hubspot.update("companies", "9001002", &[("vat_number", "12345678901234567890123456")]);
    world.press("company", "9001002", "record_only").await;
    world.settle().await;
    world.parked("companies", "9001002", "HZ0110");
    // It changes later.
    world.hubspot.update("companies", "9001001", &[("tax_exempt", "")]);
    world.settle().await;
    let account = world.account_of("9001001").to_string();
    assert!(account.contains("\"exemptStatus\":\"No\""), "{account}");
}
