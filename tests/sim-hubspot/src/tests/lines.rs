//! Deals and line items in the hands of sellers: what is calculated, what is told, what is remembered.

use serde_json::{Value, json};

use super::Portal;
use crate::{Config, Line};

const PLATFORM: &str = "1200000001";

/// A portal that holds its events, with a deal of two lines in a currency.
async fn with_deal(currency: &str) -> Portal {
    let config = Config {
        auto_deliver: false,
        additional_currencies: ["NOK", "JPY", "KWD"].map(str::to_owned).to_vec(),
        start: "2026-11-16T10:00:00Z".parse().ok(),
        ..Config::default()
    };
    let portal = Portal::with(config).await;
    let seats = Line { id: "8001", name: "Seats", quantity: "10", price: "49.00", ..Line::default() };
    let setup = Line { id: "8002", name: "Setup", quantity: "1", price: "110.00", ..Line::default() };
    let properties = [("dealname", "One"), ("deal_currency_code", currency)];
    let _ = portal.sim.take_events();
    portal.sim.add_deal("7001", Some("9001001"), &properties, &[seats, setup]);
    let _ = portal.sim.take_events();
    portal
}

fn value(portal: &Portal, object: &str, id: &str, name: &str) -> Option<String> {
    portal.sim.get(object, id)?[name].as_str().map(str::to_owned)
}

fn check(portal: &Portal, id: &str, wanted: &[(&str, &str)]) {
    for (name, wanted) in wanted {
        let found = value(portal, "line_items", id, name).unwrap_or_default();
        assert_eq!(found, *wanted, "{name} of {id}");
    }
}

/// The waiting events, each as action, object and what it is about.
fn told(portal: &Portal) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let events = portal.sim.take_events();
    events
        .iter()
        .map(|event| {
            let action = text(&event["subscriptionType"]).replace("object.", "");
            match action.as_str() {
                "associationChange" => format!(
                    "{} {} {} {}",
                    text(&event["associationType"]),
                    event["fromObjectId"],
                    event["toObjectId"],
                    event["associationRemoved"]
                ),
                "propertyChange" => {
                    format!(
                        "{} {}={}",
                        event["objectId"],
                        text(&event["propertyName"]),
                        text(&event["propertyValue"])
                    )
                }
                _ => format!("{action} {} {}", text(&event["objectTypeId"]), event["objectId"]),
            }
        })
        .collect()
}

#[tokio::test]
async fn a_line_that_is_added_changed_and_removed_is_told() {
    let portal = with_deal("USD").await;
    let line = Line { id: "8003", name: "Support", quantity: "2", price: "50.00", ..Line::default() };
    assert_eq!(portal.sim.add_line("7001", &line), "8003");
    let events = told(&portal);
    assert_eq!(events.first().map(String::as_str), Some("creation 0-8 8003"));
    for wanted in [
        "8003 quantity=2",
        "8003 price=50.00",
        "8003 hs_line_item_currency_code=USD",
        "DEAL_TO_LINE_ITEM 7001 8003 false",
        "LINE_ITEM_TO_DEAL 8003 7001 false",
        "7001 amount=700",
    ] {
        assert!(events.iter().any(|event| event == wanted), "{wanted} in {events:?}");
    }
    portal.sim.update("line_items", "8003", &[("quantity", "3"), ("price", "50.00")]);
    assert_eq!(told(&portal), ["8003 quantity=3", "7001 amount=750"], "what stays the same is not told");
    assert!(portal.sim.remove_line("8003"));
    assert_eq!(
        told(&portal),
        [
            "deletion 0-8 8003",
            "LINE_ITEM_TO_DEAL 8003 7001 true",
            "DEAL_TO_LINE_ITEM 7001 8003 true",
            "7001 amount=600"
        ]
    );
    assert!(!portal.sim.remove_line("8003"));
    let (_, deal) = portal.get("/crm/objects/2026-09/deals/7001?associations=line_items").await;
    assert_eq!(deal["associations"]["line items"]["results"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_amount_that_somebody_typed_stays() {
    let portal = with_deal("USD").await;
    portal.sim.update("deals", "7001", &[("amount", "500")]);
    portal.sim.update("line_items", "8001", &[("quantity", "11")]);
    portal.sim.remove_line("8002");
    assert_eq!(value(&portal, "deals", "7001", "amount").as_deref(), Some("500"));
    assert_eq!(value(&portal, "deals", "7001", "hs_tcv").as_deref(), Some("539"));
}

#[tokio::test]
async fn a_line_of_a_product_starts_with_its_values_in_the_deals_currency() {
    let portal = with_deal("NOK").await;
    let properties = [("hs_product_id", PLATFORM), ("quantity", "2"), ("hs_ramp_key", "ramp-1")];
    let id = portal.sim.add_line_of("7001", "", &properties);
    check(
        &portal,
        &id,
        &[
            ("name", "Kestrel Platform"),
            ("price", "520.00"),
            ("recurringbillingfrequency", "monthly"),
            ("hs_line_item_currency_code", "NOK"),
            ("hs_ramp_key", "ramp-1"),
            ("amount", "1040"),
        ],
    );
}

#[tokio::test]
async fn further_properties_of_a_line_are_read_back() {
    let portal = with_deal("NOK").await;
    let line = Line { id: "8004", name: "Calls", quantity: "150", price: "", ..Line::default() }
        .with_tiers("graduated", Some("NOK"), &[(0, "10"), (100, "8.5")])
        .with("hs_recurring_billing_start_date", "1796083200000")
        .with("hs_billing_start_delay_days", "14")
        .with("hs_billing_start_delay_months", "0")
        .with("hs_billing_start_delay_months", "1")
        .with("hs_ramp_key", "ramp-1");
    portal.sim.add_line("7001", &line);
    let names = "hs_pricing_model,hs_tier_ranges,hs_tier_prices,hs_recurring_billing_start_date,\
                 hs_billing_start_delay_days,hs_billing_start_delay_months,hs_ramp_key,amount";
    let (_, read) = portal.get(&format!("/crm/objects/2026-09/line_items/8004?properties={names}")).await;
    let read = &read["properties"];
    assert_eq!(read["hs_tier_ranges"], r#"[{"start":0,"end":99},{"start":100}]"#);
    let prices = r#"[{"index":0,"price":10,"currency":"NOK"},{"index":1,"price":8.5,"currency":"NOK"}]"#;
    assert_eq!(read["hs_tier_prices"], prices);
    assert_eq!(read["hs_recurring_billing_start_date"], "2026-12-01");
    assert_eq!(
        (&read["hs_billing_start_delay_days"], &read["hs_billing_start_delay_months"]),
        (&json!("14"), &json!("1"))
    );
    assert_eq!((&read["hs_ramp_key"], &read["hs_pricing_model"]), (&json!("ramp-1"), &json!("graduated")));
    // 99 at 10 and 51 at 8.50.
    assert_eq!(read["amount"], "1423.5");
    let (status, answer) =
        portal.patch("/crm/objects/2026-09/line_items/8004", json!({"hs_pricing_model": "steps"})).await;
    assert_eq!((status, &answer["errors"][0]["code"]), (400, &json!("INVALID_OPTION")));
}

#[tokio::test]
async fn amounts_have_the_decimals_of_their_currency() {
    let portal = with_deal("JPY").await;
    let line = Line {
        id: "8005",
        name: "Yen",
        quantity: "3",
        price: "7350",
        frequency: Some("monthly"),
        discount_percentage: Some("12.5"),
        ..Line::default()
    };
    portal.sim.add_line("7001", &line);
    // 22,050 less 2,756.25.
    check(
        &portal,
        "8005",
        &[
            ("amount", "19294"),
            ("hs_total_discount", "2756"),
            ("hs_pre_discount_amount", "22050"),
            ("hs_mrr", "19294"),
            ("hs_arr", "231525"),
        ],
    );
    assert_eq!(value(&portal, "deals", "7001", "hs_mrr").as_deref(), Some("19294"));
    portal.sim.add_deal(
        "7002",
        None,
        &[("deal_currency_code", "KWD")],
        &[Line {
            id: "8006",
            name: "Dinar",
            quantity: "3",
            price: "1.2345",
            frequency: Some("annually"),
            ..Line::default()
        }],
    );
    check(&portal, "8006", &[("amount", "3.704"), ("hs_mrr", "0.309"), ("hs_arr", "3.704")]);
    assert_eq!(value(&portal, "deals", "7002", "amount").as_deref(), Some("3.704"));
}

#[tokio::test]
async fn a_line_without_a_currency_follows_its_deal() {
    let portal = with_deal("JPY").await;
    portal.sim.put("line_items", "8007", &[("name", "Bare"), ("quantity", "1"), ("price", "100.5")]);
    check(&portal, "8007", &[("amount", "100.5")]);
    portal.sim.associate(("deals", "7001"), ("line_items", "8007"), None);
    check(&portal, "8007", &[("amount", "101")]);
    portal.sim.update("deals", "7001", &[("deal_currency_code", "USD")]);
    check(&portal, "8007", &[("amount", "100.5")]);
}

#[tokio::test]
async fn totals_by_frequency_and_term() {
    let portal = with_deal("USD").await;
    for (id, frequency, term, price, mrr, arr, acv, tcv, payments) in [
        ("8101", "weekly", "P26W", "30", "130", "1560", "780", "780", "26"),
        ("8102", "weekly", "P12M", "9.99", "43.29", "519.48", "519.48", "519.48", "52"),
        ("8103", "weekly", "P104W", "1", "4.33", "52", "52", "104", "104"),
        ("8104", "biweekly", "", "100", "216.67", "2600", "2600", "2600", ""),
        ("8105", "biweekly", "P8W", "100", "216.67", "2600", "400", "400", "4"),
        ("8106", "per_three_years", "P36M", "1000", "27.78", "333.33", "333.33", "1000", "1"),
        ("8107", "monthly", "P1Y6M", "10", "10", "120", "120", "180", "18"),
        ("8108", "", "P12M", "10", "0", "0", "10", "10", ""),
    ] {
        let line = Line { id, name: id, quantity: "1", price, ..Line::default() }
            .with("recurringbillingfrequency", frequency)
            .with("hs_recurring_billing_period", term);
        portal.sim.add_line("7001", &line);
        check(
            &portal,
            id,
            &[
                ("hs_mrr", mrr),
                ("hs_arr", arr),
                ("hs_acv", acv),
                ("hs_tcv", tcv),
                ("hs_recurring_billing_number_of_payments", payments),
            ],
        );
    }
}

#[tokio::test]
async fn histories_are_kept_by_the_portals_clock_and_read_fifty_at_a_time() {
    let portal = with_deal("USD").await;
    portal.sim.advance(86_400);
    portal.sim.update("line_items", "8001", &[("hs_discount_percentage", "10")]);
    portal.sim.advance(3_600);
    portal.sim.update("line_items", "8001", &[("description", "ten seats"), ("hs_discount_percentage", "")]);
    let path = "/crm/objects/2026-09/line_items/batch/read";
    let body = |count: usize, history: &[&str]| {
        let inputs: Vec<Value> = (0..count).map(|at| json!({"id": (8001 + at).to_string()})).collect();
        json!({"inputs": inputs, "properties": [], "propertiesWithHistory": history})
    };
    let priced = ["quantity", "price", "discount", "hs_discount_percentage", "hs_tier_prices", "no_such"];
    let (status, answer) = portal.post(path, body(50, &priced)).await;
    assert_eq!((status, answer["results"].as_array().unwrap().len()), (207, 2));
    let history = &answer["results"][0]["propertiesWithHistory"];
    let at = |name: &str| -> Vec<String> {
        let versions = history[name].as_array().unwrap().iter();
        // Without the milliseconds that the test itself took.
        versions.map(|version| version["timestamp"].as_str().unwrap().chars().take(16).collect()).collect()
    };
    assert_eq!(at("quantity"), ["2026-11-16T10:00"]);
    assert_eq!(at("hs_discount_percentage"), ["2026-11-17T11:00", "2026-11-17T10:00"]);
    assert_eq!(history["hs_discount_percentage"][0]["value"], "");
    assert!(at("discount").is_empty() && history.get("no_such").is_none());
    let (status, answer) = portal.post(path, body(51, &priced)).await;
    assert_eq!((status, &answer["category"]), (400, &json!("VALIDATION_ERROR")));
    assert_eq!(portal.post(path, body(100, &[])).await.0, 207);
}

#[tokio::test]
async fn a_company_knows_its_parent_by_association() {
    let portal = with_deal("USD").await;
    let parent = |id: &str| value(&portal, "companies", id, "hs_parent_company_id");
    portal.sim.put("companies", "9001002", &[("hs_parent_company_id", "9001001")]);
    assert_eq!(parent("9001002").as_deref(), Some("9001001"));
    let events = told(&portal);
    assert!(events.contains(&"COMPANY_TO_COMPANY 9001002 9001001 false".to_owned()), "{events:?}");
    portal.sim.update("companies", "9001002", &[("hs_parent_company_id", "9001003"), ("city", "Leeds")]);
    assert_eq!(parent("9001002").as_deref(), Some("9001003"));
    let path = "/crm/objects/2026-09/companies/9001002";
    let (status, answer) = portal.patch(path, json!({"hs_parent_company_id": "9001001"})).await;
    assert_eq!((status, &answer["errors"][0]["code"]), (400, &json!("READ_ONLY_VALUE")));
    let survivor = portal.sim.merge("companies", "9001003", "9001004");
    assert_eq!(parent("9001002"), Some(survivor));
    portal.sim.put("companies", "9001002", &[("hs_parent_company_id", "")]);
    assert_eq!(parent("9001002"), None);
}

#[tokio::test]
async fn a_portal_has_the_properties_that_sellers_fill_in() {
    let portal = with_deal("USD").await;
    for (name, type_of) in [
        ("zuora_effective_date", "date"),
        ("zuora_cancellation_date", "date"),
        ("zuora_extends_subscription", "string"),
        ("z_service_activation_date", "date"),
        ("z_customer_activation_date", "date"),
        ("dealtype", "enumeration"),
    ] {
        let (status, definition) = portal.get(&format!("/crm/properties/2026-09/deals/{name}")).await;
        assert_eq!((status, &definition["type"]), (200, &json!(type_of)), "{name}");
    }
    portal.sim.update(
        "deals",
        "7001",
        &[("zuora_effective_date", "2026-12-01"), ("dealtype", "existingbusiness")],
    );
    assert_eq!(told(&portal), ["7001 zuora_effective_date=1796083200000", "7001 dealtype=existingbusiness"]);
    let path = "/crm/objects/2026-09/deals/7001";
    assert_eq!(portal.patch(path, json!({"dealtype": "renewal"})).await.0, 400);

    portal.sim.add_property("deals", "motion", "enumeration", &["upsell", "renewal"]);
    assert_eq!(portal.patch(path, json!({"motion": "renewal"})).await.0, 200);
    let (_, deal) = portal.get(&format!("{path}?properties=motion,zuora_effective_date,dealtype")).await;
    assert_eq!(deal["properties"]["motion"], "renewal");
    assert_eq!(deal["properties"]["zuora_effective_date"], "2026-12-01");
    assert_eq!(portal.patch(path, json!({"motion": "downsell"})).await.0, 400);
}
