//! One of each kind of body that can go to Zuora: the contract checks walk what these and the other stories send, and
//! fail on a kind that none sends (`tests/contracts/kinds.py`). What becomes of each is asked here only in short.

use crate::world::{GATEWAY, PLATFORM, World, monthly, world, world_with};
use serde_json::{Value, json};
use sim_hubspot::Line;

const API_CALLS: &str = "1200000002";
const STORAGE: &str = "1200000006";
const FIRST: &str = "HS-24680135-D7001";

/// A call to Zuora as finance would make it.
async fn as_finance(world: &World, token: &str, path: &str, body: Value) -> String {
    let url = format!("{}{path}", world.zuora.base_url());
    let answer = reqwest::Client::new().post(url).bearer_auth(token).json(&body).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["Success"], true, "{path}: {answer}");
    answer["Id"].as_str().unwrap().to_owned()
}

async fn token(world: &World) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "00000000-0000-4000-8000-000000000000"),
        ("client_secret", "simulated"),
    ];
    let url = format!("{}/oauth/token", world.zuora.base_url());
    let answer = reqwest::Client::new().post(url).form(&form).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// A product that finance made in Zuora with these charges, and that HubSpot lists under `id`.
async fn listed(world: &World, id: &str, charges: &[Value]) {
    let token = token(world).await;
    let dates = json!({ "EffectiveStartDate": "2020-01-01", "EffectiveEndDate": "2050-12-31" });
    let with = |body: Value, more: &Value| {
        let mut all = body;
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let product = json!({ "Name": format!("Listed {id}"), "SKU": format!("LS-{id}") });
    let product = as_finance(world, &token, "/v1/object/product", with(product, &dates)).await;
    let plan = json!({
        "Name": format!("Listed {id}"), "ProductId": product, "ExternalRatePlanIds": [id],
        "ExternalIdSourceSystem": "HubSpot", "ActiveCurrencies": ["USD"],
    });
    let plan = as_finance(world, &token, "/v1/object/product-rate-plan", with(plan, &dates)).await;
    for charge in charges {
        let body = json!({
            "ProductRatePlanId": plan, "BillCycleType": "DefaultFromCustomer", "UOM": "Each",
            "TriggerEvent": "ContractEffective", "UseDiscountSpecificAccountingCode": false,
        });
        as_finance(world, &token, "/v1/object/product-rate-plan-charge", with(body, charge)).await;
    }
    let (name, sku) = (format!("Listed {id}"), format!("LS-{id}"));
    world.hubspot.put_silently("products", id, &[("name", &name), ("hs_sku", &sku), ("price", "1")]);
}

fn once(name: &str, model: &str, tiers: Value) -> Value {
    json!({
        "Name": name, "ChargeModel": model, "ChargeType": "OneTime",
        "ProductRatePlanChargeTierData": { "ProductRatePlanChargeTier": tiers },
    })
}

fn each_month(name: &str, kind: &str, model: &str, tiers: Value) -> Value {
    let mut charge = once(name, model, tiers);
    let fields = charge.as_object_mut().unwrap();
    fields.insert("ChargeType".to_owned(), json!(kind));
    fields.insert("BillingPeriod".to_owned(), json!("Month"));
    if kind == "Recurring" {
        fields.insert("ListPriceBase".to_owned(), json!("Per Billing Period"));
    }
    charge
}

/// Ten at ten dollars, all above at eight.
fn ranges() -> Value {
    json!([
        { "Currency": "USD", "StartingUnit": 1, "EndingUnit": 10, "Price": 10, "PriceFormat": "Per Unit" },
        { "Currency": "USD", "StartingUnit": 11, "Price": 8, "PriceFormat": "Per Unit" },
    ])
}

fn price(of: i64) -> Value {
    json!([{ "Currency": "USD", "Price": of }])
}

/// A line that bills once.
fn one_time<'a>(id: &'a str, product: &'a str, quantity: &'a str, price: &'a str) -> Line<'a> {
    Line { frequency: None, term: None, ..monthly(id, product, quantity, price) }
}

fn said(world: &World, deal: &str) -> String {
    world.property("deals", deal, "zuora_sync_error")
}

/// An edit of a deal: the card's preview says what it will do, then the connector hears of it.
async fn edited(world: &World, deal: &str, edit: impl FnOnce(&World)) {
    world.hubspot.set_auto_deliver(false);
    edit(world);
    let path = format!("/cards/deal/{deal}/preview");
    let user = ("882", "ana.b@example.com");
    let (status, preview) = world.hubspot.card_fetch("POST", &path, Some(json!({})), user).await;
    assert_eq!((status, &preview["problems"]), (200, &json!([])), "{preview}");
    world.hubspot.set_auto_deliver(true);
    world.hubspot.deliver().await;
    world.press("deal", deal, "record_only").await;
    world.settle().await;
}

/// What the last order does, in full.
fn last_order(world: &World) -> String {
    world.zuora.orders().pop().unwrap().to_string()
}

#[tokio::test]
async fn every_charge_model_is_ordered_and_changed() {
    let world = world().await;
    let [fee, steps, bulk, volume] = ["1200000051", "1200000052", "1200000053", "1200000054"];
    let [metered, metered_bulk, flat_usage, reduced] =
        ["1200000055", "1200000056", "1200000057", "1200000058"];
    listed(&world, fee, &[once("Fee", "Flat Fee Pricing", price(500))]).await;
    listed(&world, steps, &[once("Steps", "Tiered Pricing", ranges())]).await;
    listed(&world, bulk, &[once("Bulk", "Volume Pricing", ranges())]).await;
    listed(&world, volume, &[each_month("Volume", "Recurring", "Volume Pricing", ranges())]).await;
    listed(&world, metered, &[each_month("Metered", "Usage", "Tiered Pricing", ranges())]).await;
    listed(&world, metered_bulk, &[each_month("Metered", "Usage", "Volume Pricing", ranges())]).await;
    listed(&world, flat_usage, &[each_month("Flat", "Usage", "Flat Fee Pricing", price(3))]).await;
    let off = |name: &str, model: &str, field: &str, value: i64| {
        let mut charge = each_month(name, "Recurring", model, json!([{ "Currency": "USD", field: value }]));
        let fields = charge.as_object_mut().unwrap();
        fields.insert("ApplyDiscountTo".to_owned(), json!("RECURRING"));
        fields.insert("DiscountLevel".to_owned(), json!("rateplan"));
        charge
    };
    let seats = each_month("Seats", "Recurring", "Per Unit Pricing", price(20));
    let mut seats_with_one = seats.clone();
    seats_with_one.as_object_mut().unwrap().insert("DefaultQuantity".to_owned(), json!(1));
    let by_default = [
        seats_with_one,
        off("Tenth", "Discount-Percentage", "DiscountPercentage", 10),
        off("Five", "Discount-Fixed Amount", "DiscountAmount", 5),
    ];
    listed(&world, reduced, &by_default).await;
    let tenth = |line: Line<'static>| Line { discount_percentage: Some("10"), ..line };
    let lines = [
        one_time("8501", fee, "1", "500"),
        one_time("8502", steps, "12", "10"),
        tenth(one_time("8503", bulk, "12", "10")),
        tenth(monthly("8504", volume, "12", "10")),
        monthly("8505", volume, "12", "10"),
        tenth(monthly("8506", API_CALLS, "12000", "0.10")),
        tenth(monthly("8507", metered, "1", "10")),
        tenth(monthly("8508", metered_bulk, "1", "10")),
        monthly("8509", flat_usage, "1", "3"),
        monthly("8510", STORAGE, "1", "0.02"),
        monthly("8511", reduced, "2", "20"),
        tenth(one_time("8512", steps, "12", "10")),
        one_time("8513", bulk, "12", "10"),
    ];
    world.won("7301", Some("9001002"), "USD", &lines);
    world.settle().await;
    // Ten products are first looked at; the deal waits for them.
    world.advance(120);
    world.settle().await;
    // 96 x 0.9 + 96 + 920 x 0.9 + 40
    assert_eq!(world.subscription_of("7301")["mrr"], "1050.40", "{}", said(&world, "7301"));
    world.hubspot.set_auto_deliver(false);
    for line in ["8504", "8506", "8507", "8508"] {
        world.hubspot.put("line_items", line, &[("hs_discount_percentage", "20")]);
    }
    world.hubspot.put("line_items", "8505", &[("quantity", "20")]);
    world.hubspot.put("line_items", "8510", &[("price", "0.03")]);
    world.hubspot.set_auto_deliver(true);
    world.hubspot.deliver().await;
    world.settle().await;
    // 96 x 0.8 + 160 + 920 x 0.8 + 40
    assert_eq!(world.subscription_of("7301")["mrr"], "1012.80", "{}", said(&world, "7301"));
    assert!(!last_order(&world).contains("RemoveProduct"), "{}", last_order(&world));
}

#[tokio::test]
async fn a_price_table_gets_a_currency_and_a_longer_term_is_previewed() {
    let world = world().await;
    let ranges = r#"[{"start":0,"end":10},{"start":11}]"#;
    let table = r#"[{"index":0,"price":20,"currency":"USD"},{"index":1,"price":15,"currency":"USD"}]"#;
    let listed = [("hs_pricing_model", "graduated"), ("hs_tier_ranges", ranges), ("hs_tier_prices", table)];
    world.hubspot.put_silently("products", GATEWAY, &listed);
    let tiers = [(0, "20"), (11, "15")];
    let line = monthly("8591", GATEWAY, "12", "").with_tiers("graduated", Some("USD"), &tiers);
    world.won("7351", Some("9001002"), "USD", &[line]);
    world.settle().await;
    assert_eq!(world.subscription_of("7351")["mrr"], "230.00", "{}", said(&world, "7351"));
    let both = table
        .replace(']', r#",{"index":0,"price":18,"currency":"EUR"},{"index":1,"price":12,"currency":"EUR"}]"#);
    world.hubspot.put("products", GATEWAY, &[("hs_tier_prices", both.as_str())]);
    world.settle().await;
    let tiers = [(0, "18"), (11, "12")];
    let line = monthly("8592", GATEWAY, "12", "").with_tiers("graduated", Some("EUR"), &tiers);
    world.won("7352", Some("9001002"), "EUR", &[line]);
    world.settle().await;
    assert_eq!(world.subscription_of("7352")["mrr"], "204.00", "{}", said(&world, "7352"));
    let longer = [("hs_recurring_billing_period", "P24M")];
    edited(&world, "7352", |world| world.hubspot.put("line_items", "8592", &longer)).await;
    assert!(last_order(&world).contains("TermsAndConditions"), "{}", said(&world, "7352"));
}

#[tokio::test]
async fn every_billing_period_and_every_start_is_ordered() {
    let world = world().await;
    let each = |id: &'static str, frequency: &'static str, term: &'static str| Line {
        frequency: Some(frequency),
        term: Some(term),
        ..monthly(id, PLATFORM, "2", "49.00")
    };
    let weeks = [each("8521", "weekly", "P52W"), each("8522", "biweekly", "P52W")];
    let months = [
        each("8523", "quarterly", "P24M"),
        each("8524", "per_six_months", "P24M"),
        each("8525", "annually", "P24M"),
        each("8526", "per_two_years", "P24M"),
    ];
    let triggered = [
        monthly("8527", PLATFORM, "1", "49.00").with("billing_start_trigger", "ServiceActivation"),
        monthly("8528", PLATFORM, "1", "49.00").with("billing_start_trigger", "CustomerAcceptance"),
        monthly("8529", PLATFORM, "1", "49.00").with("billing_start_trigger", "ContractEffective"),
    ];
    world.won("7311", Some("9001002"), "USD", &weeks);
    world.won("7312", Some("9001002"), "USD", &months);
    world.won("7313", Some("9001002"), "USD", &triggered);
    let days = [("z_service_activation_date", "2026-11-16"), ("z_customer_activation_date", "2026-11-16")];
    world.hubspot.put("deals", "7313", &days);
    world.settle().await;
    for deal in ["7311", "7312", "7313"] {
        assert_eq!(world.subscriptions_of(deal).len(), 1, "{deal}: {}", said(&world, deal));
    }
}

#[tokio::test]
async fn renewal_settings_are_ordered_and_changed() {
    let config = "[deals]\nauto_renew_property = \"renews\"\nrenewal_term_property = \"renewal\"\n";
    let world = world_with(config, |_| {}).await;
    world.hubspot.add_property("deals", "renews", "string", &[]);
    world.hubspot.add_property("deals", "renewal", "string", &[]);
    world.hubspot.add_deal(
        "7001",
        Some("9001002"),
        &[
            ("pipeline", "default"),
            ("dealstage", "closedwon"),
            ("deal_currency_code", "USD"),
            ("closedate", "2026-11-16T10:00:00Z"),
            ("renews", "true"),
            ("renewal", "P6M"),
        ],
        &[monthly("8531", PLATFORM, "2", "49.00")],
    );
    world.settle().await;
    assert_eq!(world.subscriptions_of("7001").len(), 1, "{}", said(&world, "7001"));
    edited(&world, "7001", |world| world.hubspot.put("deals", "7001", &[("renews", "false")])).await;
    edited(&world, "7001", |world| world.hubspot.put("deals", "7001", &[("renewal", "P8W")])).await;
    assert_eq!(world.zuora.orders().len(), 3, "{}", said(&world, "7001"));
    assert!(last_order(&world).contains("TermsAndConditions"), "{}", last_order(&world));
    // A renewal that has no end.
    let endless = Line { term: None, ..monthly("8532", PLATFORM, "2", "49.00") };
    let renewal = [
        ("pipeline", "default"),
        ("dealstage", "closedwon"),
        ("deal_currency_code", "USD"),
        ("closedate", "2027-10-01T10:00:00Z"),
        ("dealtype", "renewal"),
        ("zuora_extends_subscription", FIRST),
    ];
    world.hubspot.add_deal("7321", Some("9001002"), &renewal, &[endless]);
    world.settle().await;
    assert!(
        last_order(&world).contains("RenewSubscription"),
        "{} {}",
        said(&world, "7321"),
        last_order(&world)
    );
}

#[tokio::test]
async fn payer_and_contacts_of_a_subscription_change() {
    let world = world().await;
    world.press("company", "9001002", "record_only").await;
    world.settle().await;
    world.won("7001", Some("9001001"), "NOK", &[monthly("8541", PLATFORM, "1", "520.00")]);
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 1);
    edited(&world, "7001", |world| {
        world.hubspot.associate(("deals", "7001"), ("contacts", "5003"), Some("Bill To"));
        world.hubspot.associate(("deals", "7001"), ("contacts", "5003"), Some("Sold To"));
    })
    .await;
    assert_eq!(world.zuora.orders().len(), 2, "{}", said(&world, "7001"));
    edited(&world, "7001", |world| {
        world.hubspot.dissociate(("deals", "7001"), ("contacts", "5003"), Some("Bill To"));
        world.hubspot.dissociate(("deals", "7001"), ("contacts", "5003"), Some("Sold To"));
    })
    .await;
    assert_eq!(world.zuora.orders().len(), 3, "{}", said(&world, "7001"));
    // Now that Zuora has the contact, a preview can name it.
    edited(&world, "7001", |world| {
        world.hubspot.associate(("deals", "7001"), ("contacts", "5003"), Some("Bill To"));
        world.hubspot.associate(("deals", "7001"), ("contacts", "5003"), Some("Sold To"));
    })
    .await;
    edited(&world, "7001", |world| {
        world.hubspot.dissociate(("deals", "7001"), ("contacts", "5003"), Some("Bill To"));
        world.hubspot.dissociate(("deals", "7001"), ("contacts", "5003"), Some("Sold To"));
    })
    .await;
    edited(&world, "7001", |world| {
        world.hubspot.associate(("deals", "7001"), ("companies", "9001001"), Some("primary"));
        world.hubspot.associate(("deals", "7001"), ("companies", "9001002"), Some("Invoice Owner"));
    })
    .await;
    assert_eq!(
        world.subscription_of("7001")["invoiceOwner"],
        "HS-24680135-9001002",
        "{}",
        said(&world, "7001")
    );
}

#[tokio::test]
async fn a_subscription_is_suspended_and_resumed() {
    let config = "[deals]\nsuspend_date_property = \"pause_from\"\nresume_date_property = \"pause_to\"\n";
    let world = world_with(config, |_| {}).await;
    world.hubspot.add_property("deals", "pause_from", "date", &[]);
    world.hubspot.add_property("deals", "pause_to", "date", &[]);
    world.won("7001", Some("9001001"), "NOK", &[monthly("8551", PLATFORM, "1", "520.00")]);
    world.settle().await;
    let days = [("pause_from", "2027-02-01"), ("pause_to", "2027-03-01")];
    edited(&world, "7001", |world| world.hubspot.update("deals", "7001", &days)).await;
    let order = last_order(&world);
    assert!(order.contains("Suspend") && order.contains("Resume"), "{order} {}", said(&world, "7001"));
}

#[tokio::test]
async fn each_policy_cancels() {
    for policy in ["end_of_term", "end_of_billed_period", "today"] {
        let config = format!("[deals]\nclosed_lost = \"cancel\"\ncancel_policy = \"{policy}\"\n");
        let world = world_with(&config, |_| {}).await;
        world.won("7001", Some("9001001"), "NOK", &[monthly("8561", PLATFORM, "1", "520.00")]);
        world.settle().await;
        let lost = [("dealstage", "closedlost")];
        edited(&world, "7001", |world| world.hubspot.put("deals", "7001", &lost)).await;
        assert_eq!(world.zuora.orders().len(), 2, "{policy}: {}", said(&world, "7001"));
        assert!(last_order(&world).contains("CancelSubscription"), "{policy}: {}", last_order(&world));
    }
}

#[tokio::test]
async fn a_sold_to_contact_that_is_gone_gives_way_to_the_bill_to() {
    let world = world().await;
    world.press("company", "9001001", "record_only").await;
    world.settle().await;
    world.hubspot.dissociate(("companies", "9001001"), ("contacts", "5002"), Some("Sold To"));
    world.hubspot.associate(("companies", "9001001"), ("contacts", "5001"), Some("Sold To"));
    world.press("company", "9001001", "with_deals").await;
    world.settle().await;
    let account = world.account_of("9001001");
    assert_eq!(account["soldTo"]["id"], account["billTo"]["id"], "{account}");
}

#[tokio::test]
async fn taxes_and_parents_are_carried() {
    let config =
        "[taxes]\nvat_property = \"vat\"\nexempt_property = \"exempt\"\ncode_property = \"tax_code\"\n";
    let world = world_with(config, |_| {}).await;
    for name in ["vat", "exempt"] {
        world.hubspot.add_property("companies", name, "string", &[]);
    }
    world.hubspot.add_property("products", "tax_code", "string", &[]);
    world.hubspot.put_silently("products", GATEWAY, &[("tax_code", "VAT")]);
    let told = [("vat", "NO987654321MVA"), ("exempt", "false")];
    world.hubspot.put_silently("companies", "9001001", &told);
    world.won("7331", Some("9001002"), "USD", &[monthly("8571", GATEWAY, "2", "20")]);
    world.settle().await;
    world.hubspot.put_silently("companies", "9001001", &[("hs_parent_company_id", "9001002")]);
    world.press("company", "9001001", "record_only").await;
    world.settle().await;
    let account = world.account_of("9001001");
    assert!(account.to_string().contains("NO987654321MVA"), "{account}");
    world.hubspot.put("companies", "9001001", &[("vat", "NO111222333MVA"), ("exempt", "true")]);
    world.hubspot.put("companies", "9001001", &[("hs_parent_company_id", "")]);
    world.settle().await;
    let account = world.account_of("9001001");
    assert!(account.to_string().contains("NO111222333MVA"), "{account}");
    world.press("company", "9001007", "record_only").await;
    world.settle().await;
    world.hubspot.put("companies", "9001007", &[("hs_parent_company_id", "9001002")]);
    world.press("company", "9001007", "with_deals").await;
    world.settle().await;
    assert_eq!(world.property("companies", "9001007", "zuora_sync_status"), "in_sync");
}

#[tokio::test]
async fn products_of_each_model_are_made_and_follow() {
    let world = world().await;
    let ranges = r#"[{"start":0,"end":10},{"start":11}]"#;
    let prices = r#"[{"index":0,"price":20,"currency":"USD"},{"index":1,"price":15,"currency":"USD"}]"#;
    let product = |name: &'static str, more: &[(&'static str, &'static str)]| {
        let mut all = vec![("name", name), ("hs_sku", name), ("price", "20"), ("hs_price_usd", "20")];
        all.extend_from_slice(more);
        all
    };
    world.hubspot.put_silently(
        "products",
        "1200000061",
        &product(
            "Bulk",
            &[
                ("recurringbillingfrequency", "per_two_years"),
                ("hs_pricing_model", "volume"),
                ("hs_tier_ranges", ranges),
                ("hs_tier_prices", prices),
            ],
        ),
    );
    world.hubspot.put_silently("products", "1200000062", &product("Visit", &[]));
    let tiers = [(0, "20"), (11, "15")];
    let bulk = Line {
        frequency: Some("per_two_years"),
        term: Some("P24M"),
        ..monthly("8581", "1200000061", "12", "").with_tiers("volume", Some("USD"), &tiers)
    };
    world.won("7341", Some("9001002"), "USD", &[bulk, one_time("8582", "1200000062", "1", "20")]);
    world.settle().await;
    // 12 x 15 in 24 months
    assert_eq!(world.subscriptions_of("7341").len(), 1, "{}", said(&world, "7341"));
    world.hubspot.put("products", "1200000062", &[("name", "Visit on site")]);
    world.settle().await;
    assert!(world.zuora.products().iter().any(|p| p["name"] == "Visit on site"));
}
