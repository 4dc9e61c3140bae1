//! Won deals: AS-07 to AS-10, AS-13, AS-16, AS-25.

use crate::world::{GATEWAY, PLATFORM, SUPPORT, monthly, seats, world};
use serde_json::Value;
use sim_hubspot::{Line, PARTNER_CONTRACT_SENT, PARTNER_PIPELINE, PARTNER_SIGNED};

#[tokio::test]
async fn as_07_a_won_deal_brings_its_company_along() {
    let world = world().await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    assert_eq!(world.account_of("9001001")["number"], "HS-24680135-9001001");
    let orders = world.zuora.orders();
    assert_eq!(orders.len(), 1);
    assert_eq!(
        (&orders[0]["number"], &orders[0]["date"]),
        (&"HS-24680135-D7001-1".into(), &"2026-11-16".into())
    );
    let subscription = world.subscription_of("7001");
    let is = |key: &str, want: Value| assert_eq!(subscription[key], want, "{key}");
    is("number", "HS-24680135-D7001".into());
    is("status", "Active".into());
    is("termType", "TERMED".into());
    is("initialTerm", 12.into());
    is("endDate", "2027-11-16".into());
    is("autoRenew", false.into());
    is("currency", "NOK".into());
    is("mrr", "25800.00".into());
    is("tcv", "334600.00".into());
    assert_eq!(subscription["ratePlans"].as_array().unwrap().len(), 3);
    assert_eq!(world.property("deals", "7001", "zuora_subscription_number"), "HS-24680135-D7001");
    assert_eq!(world.property("deals", "7001", "zuora_sync_status"), "in_sync");
    assert_eq!(world.property("companies", "9001001", "zuora_sync_status"), "in_sync");
}

#[tokio::test]
async fn as_08_term_zero_is_evergreen() {
    let world = world().await;
    let line = Line { term: Some("0"), ..monthly("8020", PLATFORM, "5", "49.00") };
    world.won("7002", Some("9001002"), "USD", &[line]);
    world.settle().await;
    let subscription = world.subscription_of("7002");
    assert_eq!(subscription["termType"], "EVERGREEN");
    assert!(subscription["endDate"].is_null());
    assert_eq!(subscription["mrr"], "245.00");
}

#[tokio::test]
async fn as_09_mixed_terms_write_nothing_until_they_agree() {
    let world = world().await;
    let two_years = Line { term: Some("P24M"), ..monthly("8092", PLATFORM, "1", "49.00") };
    world.won("7090", Some("9001002"), "USD", &[monthly("8091", PLATFORM, "5", "49.00"), two_years]);
    world.settle().await;
    let error = world.parked("deals", "7090", "HZ0305");
    assert!(error.contains("line item 8091: 12 months; line item 8092: 24 months"), "{error}");
    assert_eq!(world.zuora.writes(), 0, "not even an account may be made");
    world.hubspot.put("line_items", "8092", &[("hs_recurring_billing_period", "P1Y")]);
    world.settle().await;
    assert_eq!(world.subscription_of("7090")["mrr"], "294.00");
    assert_eq!(world.property("deals", "7090", "zuora_sync_error"), "");
}

#[tokio::test]
async fn as_10_three_currencies_of_one_customer_at_once() {
    let world = world().await;
    world.won("7003", Some("9001002"), "EUR", &[monthly("8031", PLATFORM, "25", "45.00")]);
    world.won("7004", Some("9001002"), "GBP", &[monthly("8041", PLATFORM, "10", "39.00")]);
    world.won("7005", Some("9001002"), "JPY", &[monthly("8051", PLATFORM, "10", "7350")]);
    world.won("7006", Some("9001002"), "CHF", &[monthly("8061", PLATFORM, "1", "49.00")]);
    world.settle().await;
    assert_eq!(world.zuora.accounts().len(), 1);
    for (deal, currency, mrr) in
        [("7003", "EUR", "1125.00"), ("7004", "GBP", "390.00"), ("7005", "JPY", "73500")]
    {
        let subscription = world.subscription_of(deal);
        assert_eq!((&subscription["currency"], &subscription["mrr"]), (&currency.into(), &mrr.into()));
    }
    assert!(world.parked("deals", "7006", "HZ0306").contains("CHF"));
    assert!(world.subscriptions_of("7006").is_empty());
}

#[tokio::test]
async fn as_13_two_deals_with_a_new_product_make_one_product() {
    let world = world().await;
    world.won("7009", Some("9001003"), "USD", &[monthly("8191", GATEWAY, "12", "19.00")]);
    world.won("7010", Some("9001004"), "USD", &[monthly("8192", GATEWAY, "3", "19.00")]);
    world.settle().await;
    let products: Vec<Value> =
        world.zuora.products().into_iter().filter(|p| p["name"] == "Sensor Gateway").collect();
    assert_eq!(products.len(), 1);
    assert_eq!(products[0]["ratePlans"].as_array().unwrap().len(), 1);
    assert_eq!(products[0]["ratePlans"][0]["charges"].as_array().unwrap().len(), 1);
    for deal in ["7009", "7010"] {
        assert_eq!(world.subscription_of(deal)["ratePlans"][0]["externallyManagedPlanId"], GATEWAY);
    }
}

#[tokio::test]
async fn a_later_deal_in_another_currency_adds_the_price() {
    let world = world().await;
    world.won("7009", Some("9001003"), "USD", &[monthly("8191", GATEWAY, "12", "19.00")]);
    world.settle().await;
    world.won("7011", Some("9001001"), "NOK", &[monthly("8193", GATEWAY, "2", "200.00")]);
    world.settle().await;
    assert_eq!(world.subscription_of("7011")["mrr"], "400.00");
    assert_eq!(world.zuora.products().iter().filter(|p| p["name"] == "Sensor Gateway").count(), 1);
}

#[tokio::test]
async fn as_16_only_won_stages_order_and_the_button_says_why_not() {
    let world = world().await;
    let deal = |stage: &'static str| {
        [
            ("dealname", "Partner deal"),
            ("pipeline", PARTNER_PIPELINE),
            ("dealstage", stage),
            ("deal_currency_code", "USD"),
            ("closedate", "2026-11-16T10:00:00Z"),
        ]
    };
    world.hubspot.add_deal(
        "7016",
        Some("9001002"),
        &deal(PARTNER_CONTRACT_SENT),
        &[monthly("8161", PLATFORM, "1", "49.00")],
    );
    world.settle().await;
    assert_eq!(world.zuora.writes(), 0);
    world.press("deal", "7016", "record_only").await;
    world.settle().await;
    assert_eq!(world.zuora.writes(), 0);
    let card = world.card("deal", "7016").await;
    assert_eq!(card["sync"]["problems"][0]["code"], "HZ0326", "{card}");
    world.hubspot.put("deals", "7016", &[("dealstage", PARTNER_SIGNED)]);
    world.settle().await;
    assert_eq!(world.subscription_of("7016")["status"], "Active");
}

#[tokio::test]
async fn as_25_any_order_of_events_ends_in_what_hubspot_holds() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let world = crate::world::world_with("", |options| options.auto_deliver = false).await;
        world.won("7001", Some("9001001"), "NOK", &seats());
        world.hubspot.put("line_items", "8001", &[("quantity", "55")]);
        world.hubspot.put("deals", "7001", &[("dealstage", "closedlost")]);
        let events = world.hubspot.take_events();
        let pick = |kind: &str, value: &str| {
            events
                .iter()
                .find(|e| e["propertyName"] == kind && e["propertyValue"] == value)
                .cloned()
                .unwrap_or_else(|| events[0].clone())
        };
        let story = [pick("dealstage", "closedwon"), pick("quantity", "55"), pick("dealstage", "closedlost")];
        for index in order {
            assert_eq!(world.hubspot.post_events(&[story[index].clone()], 0).await, 200);
        }
        world.settle().await;
        assert_eq!(
            world.zuora.writes(),
            0,
            "order {order:?}: a lost deal that was never synced orders nothing"
        );
    }
}

#[tokio::test]
async fn a_deal_that_breaks_rules_names_them_all_and_writes_nothing() {
    let world = world().await;
    let bad = Line {
        product: None,
        quantity: "0",
        frequency: Some("monthly"),
        ..monthly("8501", PLATFORM, "1", "49.00")
    };
    world.won("7050", None, "USD", &[bad]);
    world.won("7051", Some("9001002"), "USD", &[]);
    world.won(
        "7052",
        Some("9001002"),
        "USD",
        &[Line { frequency: Some("annually"), ..monthly("8521", SUPPORT, "2", "60.00") }],
    );
    world.settle().await;
    let error = world.parked("deals", "7050", "HZ0301");
    assert!(error.contains("HZ0304") && error.contains("HZ0308"), "{error}");
    world.parked("deals", "7051", "HZ0303");
    world.parked("deals", "7052", "HZ0310");
    assert!(world.zuora.orders().is_empty());
}

#[tokio::test]
async fn an_annual_line_on_a_monthly_plan_bills_once_a_year() {
    let world = world().await;
    let line = Line { frequency: Some("annually"), ..monthly("8701", PLATFORM, "10", "588.00") };
    world.won("7070", Some("9001002"), "USD", &[line]);
    world.settle().await;
    let subscription = world.subscription_of("7070");
    assert_eq!((&subscription["mrr"], &subscription["tcv"]), (&"490.00".into(), &"5880.00".into()));
}

#[tokio::test]
async fn another_company_pays_and_other_people_get_the_bill() {
    let world = world().await;
    world.hubspot.add_deal(
        "7080",
        Some("9001001"),
        &[
            ("pipeline", "default"),
            ("dealstage", "contractsent"),
            ("deal_currency_code", "NOK"),
            ("closedate", "2026-11-16T10:00:00Z"),
        ],
        &[monthly("8801", PLATFORM, "1", "520.00")],
    );
    world.hubspot.associate(("deals", "7080"), ("companies", "9001001"), Some("primary"));
    world.hubspot.associate(("deals", "7080"), ("companies", "9001002"), Some("Invoice Owner"));
    world.hubspot.associate(("deals", "7080"), ("contacts", "5004"), Some("Bill To"));
    world.hubspot.associate(("deals", "7080"), ("contacts", "5003"), Some("Sold To"));
    world.hubspot.put("deals", "7080", &[("dealstage", "closedwon")]);
    world.settle().await;
    let subscription = world.subscription_of("7080");
    assert_eq!(subscription["account"], "HS-24680135-9001001");
    assert_eq!(subscription["invoiceOwner"], "HS-24680135-9001002");
    assert_eq!(subscription["billTo"]["crmId__c"], "5004", "the payer's contact");
    assert_eq!(subscription["soldTo"]["crmId__c"], "5003", "the owner's contact");
}

#[tokio::test]
async fn merged_deals_keep_their_one_subscription() {
    let world = world().await;
    world.won("7201", Some("9001001"), "NOK", &[monthly("82011", PLATFORM, "40", "520.00")]);
    world.hubspot.add_deal(
        "7202",
        Some("9001001"),
        &[
            ("pipeline", "default"),
            ("dealstage", "contractsent"),
            ("deal_currency_code", "NOK"),
            ("closedate", "2026-11-16T10:00:00Z"),
        ],
        &[],
    );
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 1);
    let survivor = world.hubspot.merge("deals", "7202", "7201");
    world.hubspot.put("deals", &survivor, &[("dealstage", "closedwon")]);
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 1, "a merge must not order again");
    assert_eq!(world.zuora.subscriptions().len(), 1);
}

#[tokio::test]
async fn a_deal_parked_over_its_contact_follows_when_the_contact_is_mended() {
    let world = world().await;
    world.hubspot.put_silently("contacts", "5003", &[("country", "Atlantis")]);
    world.hubspot.add_deal(
        "7081",
        Some("9001001"),
        &[
            ("pipeline", "default"),
            ("dealstage", "contractsent"),
            ("deal_currency_code", "NOK"),
            ("closedate", "2026-11-16T10:00:00Z"),
        ],
        &[monthly("8811", PLATFORM, "1", "520.00")],
    );
    world.hubspot.associate(("deals", "7081"), ("contacts", "5003"), Some("Bill To"));
    world.hubspot.put("deals", "7081", &[("dealstage", "closedwon")]);
    world.settle().await;
    world.parked("deals", "7081", "HZ0103");
    world.hubspot.put("contacts", "5003", &[("country", "Norway")]);
    world.settle().await;
    assert_eq!(world.subscription_of("7081")["billTo"]["crmId__c"], "5003");
    // A second deal of the same person uses the same contact.
    let contacts = world.zuora.contacts().len();
    world.hubspot.add_deal(
        "7082",
        Some("9001001"),
        &[
            ("pipeline", "default"),
            ("dealstage", "contractsent"),
            ("deal_currency_code", "NOK"),
            ("closedate", "2026-11-16T10:00:00Z"),
        ],
        &[monthly("8821", PLATFORM, "1", "520.00")],
    );
    world.hubspot.associate(("deals", "7082"), ("contacts", "5003"), Some("Bill To"));
    world.hubspot.put("deals", "7082", &[("dealstage", "closedwon")]);
    world.settle().await;
    assert_eq!(world.subscription_of("7082")["billTo"]["crmId__c"], "5003");
    assert_eq!(world.zuora.contacts().len(), contacts);
}

#[tokio::test]
async fn six_currencies_of_a_new_product_at_once() {
    let world = world().await;
    for (n, currency) in ["USD", "EUR", "GBP", "JPY", "NOK", "INR"].iter().enumerate() {
        let (deal, line) = (format!("76{n}0"), format!("86{n}0"));
        world.won(&deal, Some("9001003"), currency, &[monthly(&line, GATEWAY, "2", "200")]);
    }
    for _ in 0..8 {
        world.settle().await;
        world.advance(31);
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    }
    assert_eq!(world.zuora.subscriptions().len(), 6);
    assert_eq!(world.zuora.products().iter().filter(|p| p["name"] == "Sensor Gateway").count(), 1);
}
