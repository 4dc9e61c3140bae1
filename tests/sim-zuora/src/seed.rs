//! Records that tests put into the tenant before a story begins.

use serde_json::{Value, json};

use crate::accounts;
use crate::catalog::{self, Crud};
use crate::catalog_charge;
use crate::errors::Outcome;
use crate::json::{Object, into_object, text};
use crate::state::Tenant;

const CRUD: Crud = Crud { reject_unknown: true, wsdl: 133 };

/// US dollar prices of the same good in the other currencies of the story.
fn in_currency(usd: &str, currency: &str) -> Value {
    let listed = match (usd, currency) {
        ("49", "EUR") => "45",
        ("49", "GBP") => "39",
        ("49", "JPY") => "7350",
        ("49", "NOK") => "520",
        ("49", "INR") => "4000",
        ("2500", "NOK") => "25000",
        ("2500", "JPY") => "375000",
        ("2500", "INR") => "200000",
        ("6000", "NOK") => "60000",
        ("6000", "JPY") => "900000",
        ("6000", "INR") => "480000",
        ("0.10", "NOK") => "1.00",
        ("0.08", "NOK") => "0.80",
        ("0.05", "NOK") => "0.50",
        ("0.02", "NOK") => "0.20",
        ("0.10", "JPY" | "INR") => "10",
        ("0.08", "JPY" | "INR") => "8",
        ("0.05", "JPY" | "INR") => "5",
        ("0.02", "JPY" | "INR") => "2",
        _ => usd,
    };
    serde_json::from_str(listed).unwrap_or(Value::Null)
}

fn made(reply: Outcome) -> Outcome<String> {
    let reply = reply?;
    if !reply.is_success() {
        return Err(reply);
    }
    Ok(reply.body.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned())
}

fn product(t: &mut Tenant, name: &str, sku: &str) -> Outcome<String> {
    let body = json!({
        "Name": name, "SKU": sku, "EffectiveStartDate": "2020-01-01", "EffectiveEndDate": "2050-12-31",
    });
    made(catalog::create_product(t, &into_object(body), CRUD))
}

fn plan(t: &mut Tenant, product: &str, name: &str, external: &str) -> Outcome<String> {
    let body = json!({
        "Name": name, "ProductId": product, "EffectiveStartDate": "2020-01-01",
        "EffectiveEndDate": "2050-12-31", "ExternalRatePlanIds": [external], "ExternalIdSourceSystem": "HubSpot",
    });
    let id = made(catalog::create_plan(t, &into_object(body), CRUD))?;
    // One call takes at most four currencies; a seeded plan has them all.
    let currencies = t.config.currencies.clone();
    if let Some(plan) = t.plans.get_mut(&id) {
        plan.currencies = currencies;
    }
    Ok(id)
}

fn charge(t: &mut Tenant, plan: &str, fields: Value, tiers: Vec<Value>) -> Outcome<String> {
    let mut body = into_object(json!({
        "ProductRatePlanId": plan, "BillCycleType": "DefaultFromCustomer", "TriggerEvent": "ContractEffective",
        "UseDiscountSpecificAccountingCode": false,
        "ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": tiers},
    }));
    body.extend(into_object(fields));
    made(catalog_charge::create_charge(t, &body, CRUD))
}

fn prices(t: &Tenant, usd: &str) -> Vec<Value> {
    t.config.currencies.iter().map(|c| json!({"Currency": c, "Price": in_currency(usd, c)})).collect()
}

/// The products of the acceptance stories, as they are in the tenant at the start.
pub(crate) fn acceptance_catalog(t: &mut Tenant) -> Outcome<()> {
    if t.products.values().any(|p| text(&p.fields, "SKU") == Some("KP-CORE")) {
        return Ok(());
    }
    let currencies = t.config.currencies.clone();
    let monthly = |name: &str, model: &str| {
        json!({
            "Name": name, "ChargeModel": model, "ChargeType": "Recurring", "BillingPeriod": "Month",
            "ListPriceBase": "Per Billing Period",
        })
    };
    let with = |base: Value, more: Value| {
        let mut fields = into_object(base);
        fields.extend(into_object(more));
        Value::Object(fields)
    };
    let unit = json!({"UOM": "Each", "DefaultQuantity": 1});

    let id = product(t, "Kestrel Platform", "KP-CORE")?;
    let core = plan(t, &id, "Kestrel Platform Monthly", "1200000001")?;
    let rows = prices(t, "49");
    charge(t, &core, with(monthly("Kestrel Platform Seats", "Per Unit Pricing"), unit.clone()), rows)?;
    let off = json!({"ApplyDiscountTo": "RECURRING", "DiscountLevel": "rateplan"});
    let fixed = currencies.iter().map(|c| json!({"Currency": c, "DiscountAmount": 0})).collect();
    charge(t, &core, with(monthly("Fixed Discount", "Discount-Fixed Amount"), off.clone()), fixed)?;
    let share = currencies.iter().map(|c| json!({"Currency": c, "DiscountPercentage": 0})).collect();
    charge(t, &core, with(monthly("Percentage Discount", "Discount-Percentage"), off), share)?;

    let id = product(t, "API Calls Pack", "KP-API")?;
    let api = plan(t, &id, "API Calls Pack Monthly", "1200000002")?;
    let mut tiers = Vec::new();
    for c in &currencies {
        for (start, end, usd) in [(1, Some(1000), "0.10"), (1001, Some(10000), "0.08"), (10001, None, "0.05")]
        {
            let mut tier = into_object(json!({
                "Currency": c, "StartingUnit": start, "Price": in_currency(usd, c), "PriceFormat": "Per Unit",
            }));
            if let Some(end) = end {
                tier.insert("EndingUnit".to_owned(), json!(end));
            }
            tiers.push(Value::Object(tier));
        }
    }
    charge(t, &api, with(monthly("API Calls", "Tiered Pricing"), unit.clone()), tiers)?;

    let id = product(t, "Onboarding Workshop", "KP-ONB")?;
    let onboarding = plan(t, &id, "Onboarding Workshop", "1200000003")?;
    let once =
        json!({"Name": "Onboarding Workshop", "ChargeModel": "Per Unit Pricing", "ChargeType": "OneTime"});
    let rows = prices(t, "2500");
    charge(t, &onboarding, with(once, unit), rows)?;

    let id = product(t, "Premium Support", "KP-SUP")?;
    let support = plan(t, &id, "Premium Support Annual", "1200000004")?;
    let yearly = json!({
        "Name": "Premium Support", "ChargeModel": "Flat Fee Pricing", "ChargeType": "Recurring",
        "BillingPeriod": "Annual", "ListPriceBase": "Per Billing Period",
    });
    let rows = prices(t, "6000");
    charge(t, &support, yearly, rows)?;

    let id = product(t, "Metered Storage", "KP-STO")?;
    let storage = plan(t, &id, "Metered Storage", "1200000006")?;
    let usage = json!({
        "Name": "Metered Storage", "ChargeModel": "Per Unit Pricing", "ChargeType": "Usage",
        "BillingPeriod": "Month", "UOM": "GB",
    });
    let rows = prices(t, "0.02");
    charge(t, &storage, usage, rows)?;
    Ok(())
}

/// Marks charges as taxed on top of the price, by id, name or number, or by their product's SKU.
pub(crate) fn taxable(t: &mut Tenant, key: &str) -> usize {
    let products: Vec<&String> =
        t.products.values().filter(|p| text(&p.fields, "SKU") == Some(key)).map(|p| &p.id).collect();
    let plans: Vec<String> =
        t.plans.values().filter(|p| products.contains(&&p.product_id)).map(|p| p.id.clone()).collect();
    let mut count = 0;
    for charge in t.charges.values_mut() {
        let own =
            ["Name", "ProductRatePlanChargeNumber"].iter().any(|k| text(&charge.fields, k) == Some(key));
        if own || charge.id == key || plans.contains(&charge.plan_id) {
            let tax = json!({"Taxable": true, "TaxCode": "Standard", "TaxMode": "TaxExclusive"});
            charge.fields.extend(into_object(tax));
            count += 1;
        }
    }
    count
}

/// Stores an account as given: no checks beyond the number's uniqueness.
pub(crate) fn account(t: &mut Tenant, body: &Object) -> Outcome<String> {
    let number = match text(body, "accountNumber") {
        Some(number) => number.to_owned(),
        None => {
            let prefix = t.config.account_prefix.clone();
            t.next_number("account", &prefix)
        }
    };
    let currency = text(body, "currency").map_or_else(|| t.config.default_currency(), str::to_owned);
    let reply = accounts::insert(t, body, number, currency)?;
    Ok(reply.body.get("accountId").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// Stores an invoice, payment or memo under its object-query name; gives back its id.
pub(crate) fn document(t: &mut Tenant, kind: &str, mut fields: Object) -> String {
    let id = match text(&fields, "id") {
        Some(id) => id.to_owned(),
        None => t.id(),
    };
    let account = text(&fields, "accountNumber").and_then(|n| t.account(n)).map(|a| a.id.clone());
    if let Some(account) = account {
        fields.entry("accountId").or_insert_with(|| json!(account));
    }
    fields.remove("accountNumber");
    fields.insert("id".to_owned(), json!(id));
    for key in ["createdDate", "updatedDate"] {
        fields.entry(key).or_insert_with(|| json!(t.now.to_string()));
    }
    t.documents.entry(kind.to_owned()).or_default().push(fields);
    id
}
