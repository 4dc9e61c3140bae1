//! The story that `cargo run` plays: two customers, three known products and a new one, two deals that are won.
//! It is told through signed webhooks over HTTP, and judged by what came to exist in Zuora and HubSpot.
#![expect(clippy::indexing_slicing, reason = "a JSON value that is missing reads as null and does not panic")]

use crate::stack::Stack;
use anyhow::Result;
use serde_json::{Value, json};
use sim_hubspot::Line;
use std::time::Duration;

/// Plays the story and waits until the connector is quiet.
pub async fn play(stack: &Stack) -> Result<()> {
    let hubspot = &stack.hubspot;
    let monthly = |id, product, name, quantity, price| Line {
        id,
        product: Some(product),
        name,
        quantity,
        price,
        frequency: Some("monthly"),
        term: Some("P12M"),
        ..Line::default()
    };
    // Sales writes the offers down; nothing is won yet.
    hubspot.add_deal(
        "7001",
        Some("9001001"),
        &[
            ("dealname", "Fjordlys 40 seats"),
            ("pipeline", "default"),
            ("dealstage", "contractsent"),
            ("deal_currency_code", "NOK"),
            ("closedate", "2026-11-16T10:00:00Z"),
        ],
        &[
            monthly("8001", "1200000001", "Kestrel Platform", "40", "520.00"),
            Line {
                id: "8002",
                product: Some("1200000003"),
                name: "Onboarding Workshop",
                quantity: "1",
                price: "25000.00",
                ..Line::default()
            },
            Line {
                id: "8003",
                product: Some("1200000004"),
                name: "Premium Support",
                quantity: "1",
                price: "60000.00",
                frequency: Some("annually"),
                term: Some("P12M"),
                ..Line::default()
            },
        ],
    );
    hubspot.add_deal(
        "7009",
        Some("9001003"),
        &[
            ("dealname", "Tamarind gateways"),
            ("pipeline", "default"),
            ("dealstage", "contractsent"),
            ("deal_currency_code", "USD"),
            ("closedate", "2026-11-17T09:30:00Z"),
        ],
        &[monthly("8091", "1200000005", "Sensor Gateway", "12", "19.00")],
    );
    stack.quiet(Duration::from_secs(20)).await?;
    // Both deals are won; HubSpot tells us so by webhook.
    hubspot.put("deals", "7001", &[("dealstage", "closedwon")]);
    hubspot.put("deals", "7009", &[("dealstage", "closedwon")]);
    stack.quiet(Duration::from_secs(60)).await?;
    Ok(())
}

fn text(value: &Value, key: &str) -> Value {
    value.get(key).cloned().unwrap_or(Value::Null)
}

fn list(value: &Value, key: &str) -> Vec<Value> {
    value.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn person(contact: &Value) -> Value {
    let part = |key: &str| contact.get(key).and_then(Value::as_str).unwrap_or_default();
    Value::String(format!("{} {}", part("firstName"), part("lastName")).trim().to_owned())
}

/// The result of a story as one document (`contract.md` 8).
pub fn result(stack: &Stack) -> Value {
    let accounts: Vec<Value> = stack.zuora.accounts().iter().map(account).collect();
    let products: Vec<Value> = stack.zuora.products().iter().filter_map(product).collect();
    let orders: Vec<Value> = stack
        .zuora
        .orders()
        .iter()
        .map(|o| json!({ "number": o["number"], "account": o["account"], "date": o["date"], "actions": o["actions"] }))
        .collect();
    let subscriptions: Vec<Value> = stack.zuora.subscriptions().iter().map(subscription).collect();
    let records = [
        ("companies", "company", "9001001"),
        ("companies", "company", "9001003"),
        ("deals", "deal", "7001"),
        ("deals", "deal", "7009"),
    ];
    let hubspot: Vec<Value> =
        records.iter().filter_map(|(kind, name, id)| written(stack, kind, name, id)).collect();
    let problems = problems(&accounts, &products, &orders, &subscriptions, &hubspot);
    json!({
        "ok": problems.is_empty(),
        "accounts": accounts,
        "products": products,
        "orders": orders,
        "subscriptions": subscriptions,
        "hubspot": hubspot,
        "calls": { "hubspot": stack.hubspot.calls().len(), "zuora": stack.zuora.calls().len() },
        "problems": problems,
    })
}

fn account(a: &Value) -> Value {
    json!({
        "number": a["number"], "crmId": text(a, "crmId"), "name": text(a, "name"), "currency": text(a, "currency"),
        "billTo": person(&a["billTo"]), "soldTo": person(&a["soldTo"]),
    })
}

fn product(p: &Value) -> Option<Value> {
    let plans = list(p, "ratePlans");
    let id = plans.iter().find_map(|plan| {
        list(plan, "externalRatePlanIds")
            .first()
            .cloned()
            .or_else(|| list(plan, "externalIds").first().cloned())
    });
    let charges: usize = plans.iter().map(|plan| list(plan, "charges").len()).sum();
    Some(json!({ "hubspotId": id, "name": text(p, "name"), "ratePlans": plans.len(), "charges": charges }))
}

fn subscription(s: &Value) -> Value {
    let charges: Vec<Value> = list(s, "ratePlans")
        .iter()
        .flat_map(|plan| {
            let name = text(plan, "productName");
            list(plan, "charges").into_iter().map(move |c| (name.clone(), c))
        })
        .filter(|(_, c)| !c["model"].as_str().unwrap_or_default().starts_with("Discount"))
        .map(|(name, c)| {
            json!({ "product": name, "model": text(&c, "model"), "quantity": text(&c, "quantity"), "price": text(&c, "price"), "period": text(&c, "billingPeriod") })
        })
        .collect();
    json!({
        "number": s["number"], "dealId": s["customFields"]["hubspotDealId__c"], "status": s["status"],
        "currency": s["currency"], "termType": s["termType"], "termMonths": s["initialTerm"],
        "mrr": s["mrr"], "tcv": s["tcv"], "charges": charges,
    })
}

fn written(stack: &Stack, kind: &str, name: &str, id: &str) -> Option<Value> {
    let record = stack.hubspot.get(kind, id)?;
    let properties: serde_json::Map<String, Value> = record
        .as_object()?
        .iter()
        .filter(|(key, value)| key.starts_with("zuora_") && !value.is_null() && value.as_str() != Some(""))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Some(json!({ "object": name, "id": id, "properties": properties }))
}

/// What differs from the expected end state, in words.
fn problems(
    accounts: &[Value],
    products: &[Value],
    orders: &[Value],
    subscriptions: &[Value],
    hubspot: &[Value],
) -> Vec<String> {
    let mut out = Vec::new();
    let mut expect = |what: &str, is: Value, want: Value| {
        if is != want {
            out.push(format!("{what}: {is}, expected {want}"));
        }
    };
    let by = |list: &[Value], number: &str| {
        list.iter().find(|v| v["number"] == number).cloned().unwrap_or(Value::Null)
    };
    expect("accounts", json!(accounts.len()), json!(2));
    expect("orders", json!(orders.len()), json!(2));
    expect("subscriptions", json!(subscriptions.len()), json!(2));
    let fjordlys = by(accounts, "HS-24680135-9001001");
    expect("Fjordlys' CRM id", text(&fjordlys, "crmId"), json!("9001001"));
    expect("Fjordlys' bill-to", text(&fjordlys, "billTo"), json!("Ingrid Solheim"));
    expect("Fjordlys' sold-to", text(&fjordlys, "soldTo"), json!("Lars Nygaard"));
    let seats = by(subscriptions, "HS-24680135-D7001");
    expect("deal 7001 in its subscription", text(&seats, "dealId"), json!("7001"));
    expect("status of deal 7001's subscription", text(&seats, "status"), json!("Active"));
    expect("monthly recurring revenue of deal 7001", text(&seats, "mrr"), json!("25800.00"));
    expect("contract value of deal 7001", text(&seats, "tcv"), json!("334600.00"));
    expect("currency of deal 7001", text(&seats, "currency"), json!("NOK"));
    let gateways = by(subscriptions, "HS-24680135-D7009");
    expect("monthly recurring revenue of deal 7009", text(&gateways, "mrr"), json!("228.00"));
    let new = products.iter().filter(|p| p["name"] == "Sensor Gateway").count();
    expect("products named Sensor Gateway", json!(new), json!(1));
    for record in hubspot {
        let status = &record["properties"]["zuora_sync_status"];
        expect(
            &format!("sync status of {} {}", record["object"], record["id"]),
            status.clone(),
            json!("in_sync"),
        );
    }
    out
}

/// The result for people.
pub fn print(result: &Value) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let show = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    line("In Zuora now".to_owned());
    for a in list(result, "accounts") {
        line(format!(
            "  account {} {} ({}), bill-to {}, sold-to {}",
            show(&a["number"]),
            show(&a["name"]),
            show(&a["currency"]),
            show(&a["billTo"]),
            show(&a["soldTo"])
        ));
    }
    for o in list(result, "orders") {
        line(format!("  order {} of {} on {}", show(&o["number"]), show(&o["date"]), show(&o["account"])));
    }
    for s in list(result, "subscriptions") {
        line(format!(
            "  subscription {} {} {}, {} {} months, MRR {}, TCV {}",
            show(&s["number"]),
            show(&s["status"]),
            show(&s["currency"]),
            show(&s["termType"]),
            show(&s["termMonths"]),
            show(&s["mrr"]),
            show(&s["tcv"])
        ));
        for c in list(&s, "charges") {
            let quantity =
                if c["quantity"].is_null() { String::new() } else { format!("{} x ", show(&c["quantity"])) };
            let period =
                if c["period"].is_null() { "once".to_owned() } else { format!("per {}", show(&c["period"])) };
            line(format!(
                "    {}: {quantity}{} {period} ({})",
                show(&c["product"]),
                show(&c["price"]),
                show(&c["model"])
            ));
        }
    }
    line("Written back to HubSpot".to_owned());
    for record in list(result, "hubspot") {
        line(format!("  {} {}", show(&record["object"]), show(&record["id"])));
        if let Some(properties) = record["properties"].as_object() {
            for (key, value) in properties {
                line(format!("    {key} = {}", show(value)));
            }
        }
    }
    line(format!("Calls: {} to HubSpot, {} to Zuora", result["calls"]["hubspot"], result["calls"]["zuora"]));
    for problem in list(result, "problems") {
        line(format!("NOT AS EXPECTED: {}", show(&problem)));
    }
    out
}
