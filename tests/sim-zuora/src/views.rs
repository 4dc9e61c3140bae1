//! Records as the `/v1` calls show them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::amounts::Tier;
use crate::clock::plain;
use crate::json::{Object, dec_of, into_object, num, num_or_null, object, text};
use crate::state::{Account, Contact, Order, Tenant};
use crate::subscriptions::{Family, SubPlan, SubVersion};

/// Takes null fields out.
pub(crate) fn without_nulls(value: Value) -> Object {
    let mut map = into_object(value);
    map.retain(|_, v| !v.is_null());
    map
}

/// The fields whose name is that of a custom field.
pub(crate) fn custom_of(fields: &Object) -> Object {
    fields.iter().filter(|(k, _)| k.ends_with("__c")).map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// A contact.
pub(crate) fn contact(t: &Tenant, contact: &Contact) -> Object {
    let mut body = contact.fields.clone();
    body.insert("id".to_owned(), json!(contact.id));
    body.insert("accountId".to_owned(), json!(contact.account_id));
    if let Some(account) = t.accounts.get(&contact.account_id) {
        body.insert("accountNumber".to_owned(), json!(account.number));
    }
    if let Some(zip) = body.get("zipCode").cloned() {
        body.insert("postalCode".to_owned(), zip);
    }
    body
}

fn contact_or_null(t: &Tenant, id: &str) -> Value {
    t.contacts.get(id).map_or(Value::Null, |c| Value::Object(contact(t, c)))
}

/// Money figures of an account in one currency.
#[derive(Debug, Default, Clone)]
pub(crate) struct Balances {
    /// Posted invoices.
    pub(crate) invoices: Decimal,
    /// Posted debit memos.
    pub(crate) debit_memos: Decimal,
    /// Credit memos not yet used.
    pub(crate) credit_memos: Decimal,
    /// Payments not yet used.
    pub(crate) payments: Decimal,
    /// Monthly recurring revenue.
    pub(crate) mrr: Decimal,
}

impl Balances {
    /// What the customer owes.
    pub(crate) fn balance(&self) -> Decimal {
        self.invoices + self.debit_memos - self.credit_memos - self.payments
    }
}

/// The figures of an account by currency; its own currency is always there.
pub(crate) fn balances(t: &Tenant, account: &Account) -> BTreeMap<String, Balances> {
    let mut all: BTreeMap<String, Balances> = BTreeMap::new();
    all.entry(account.currency.clone()).or_default();
    for (kind, rows) in &t.documents {
        for row in rows.iter().filter(|r| text(r, "accountId") == Some(&account.id)) {
            let currency = text(row, "currency").unwrap_or(&account.currency).to_owned();
            let status = text(row, "status").unwrap_or("Posted");
            if !["Posted", "Processed"].contains(&status) {
                continue;
            }
            let entry = all.entry(currency).or_default();
            match kind.as_str() {
                "invoices" => entry.invoices += dec_of(row, "balance").unwrap_or_default(),
                "debit-memos" => entry.debit_memos += dec_of(row, "balance").unwrap_or_default(),
                "credit-memos" => entry.credit_memos += dec_of(row, "balance").unwrap_or_default(),
                "payments" => entry.payments += dec_of(row, "unappliedAmount").unwrap_or_default(),
                _ => {}
            }
        }
    }
    for version in t.families.iter().filter(|f| f.account_id == account.id).filter_map(Family::latest) {
        all.entry(version.currency.clone()).or_default().mrr += version.mrr_on(t.today()).0;
    }
    all
}

fn metrics_of(currency: &str, b: &Balances) -> Value {
    json!({
        "currency": currency, "balance": num(b.balance()), "contractedMrr": num(b.mrr), "creditBalance": 0,
        "reservedPaymentAmount": 0, "totalDebitMemoBalance": num(b.debit_memos),
        "totalInvoiceBalance": num(b.invoices), "unappliedCreditMemoAmount": num(b.credit_memos),
        "unappliedPaymentAmount": num(b.payments),
    })
}

/// `GET /v1/accounts/{key}`.
pub(crate) fn account_detail(t: &Tenant, account: &Account) -> Value {
    let f = &account.fields;
    let mut basic = into_object(json!({
        "id": account.id, "name": f.get("name"), "accountNumber": account.number, "status": account.status,
        "crmId": f.get("crmId"), "notes": f.get("notes"), "batch": f.get("batch"), "parentId": f.get("parentId"),
        "salesRep": f.get("salesRep"), "customerServiceRepName": f.get("customerServiceRepName"),
        "purchaseOrderNumber": f.get("purchaseOrderNumber"), "invoiceTemplateId": null,
        "communicationProfileId": f.get("communicationProfileId"), "sequenceSetId": f.get("sequenceSetId"),
    }));
    basic.extend(custom_of(f));
    let all = balances(t, account);
    let own = all.get(&account.currency).cloned().unwrap_or_default();
    let data: Vec<Value> = all.iter().map(|(currency, b)| metrics_of(currency, b)).collect();
    json!({
        "success": true,
        "basicInfo": basic,
        "billToContact": contact_or_null(t, &account.bill_to),
        "soldToContact": contact_or_null(t, &account.sold_to),
        "shipToContact": contact_or_null(t, &account.ship_to),
        "billingAndPayment": {
            "billCycleDay": f.get("billCycleDay"), "currency": account.currency,
            "paymentTerm": f.get("paymentTerm"), "paymentGateway": null, "autoPay": f.get("autoPay"),
            "invoiceDeliveryPrefsPrint": f.get("invoiceDeliveryPrefsPrint"),
            "invoiceDeliveryPrefsEmail": f.get("invoiceDeliveryPrefsEmail"),
            "additionalEmailAddresses": f.get("additionalEmailAddresses").cloned().unwrap_or_else(|| json!([])),
        },
        "metrics": metrics_of(&account.currency, &own),
        "metricsData": data,
        "taxInfo": f.get("taxInfo").cloned().unwrap_or_else(|| json!({"exemptStatus": "No"})),
    })
}

/// How many subscriptions the account summary shows.
const SUMMARY_SUBSCRIPTIONS: usize = 6;

/// `GET /v1/accounts/{key}/summary`.
pub(crate) fn account_summary(t: &Tenant, account: &Account) -> Value {
    let f = &account.fields;
    let own = balances(t, account).remove(&account.currency).unwrap_or_default();
    let mut versions: Vec<(&Family, &SubVersion)> = t
        .families
        .iter()
        .filter(|x| x.account_id == account.id)
        .filter_map(|x| x.latest().map(|v| (x, v)))
        .collect();
    versions.sort_by_key(|(_, v)| std::cmp::Reverse(v.stamp.updated));
    let subscriptions: Vec<Value> = versions
        .iter()
        .take(SUMMARY_SUBSCRIPTIONS)
        .map(|(family, v)| {
            let plans: Vec<Value> = live_plans(v)
                .map(|p| {
                    let (plan, product) = catalog_names(t, p);
                    json!({"productId": p.product_id, "productRatePlanId": p.plan_id,
                           "productName": product.get("Name"), "productSku": product.get("SKU"),
                           "ratePlanName": plan.get("Name")})
                })
                .collect();
            let mut body = into_object(json!({
                "id": v.id, "subscriptionNumber": family.number, "status": v.status_at(t.today()), "termType": v.term_type,
                "autoRenew": v.auto_renew, "initialTerm": v.initial_term.map(|n| n.to_string()), "termStartDate": v.term_start,
                "renewalTerm": v.renewal_term.as_ref().map(|r| r.0.to_string()), "termEndDate": v.term_end,
                "subscriptionStartDate": v.start, "ratePlans": plans,
            }));
            body.extend(v.custom.clone());
            Value::Object(body)
        })
        .collect();
    let docs = |kind: &str, keys: &[&str]| -> Vec<Value> {
        let rows = t.documents.get(kind).map_or(&[][..], Vec::as_slice);
        rows.iter()
            .filter(|r| text(r, "accountId") == Some(&account.id))
            .map(|r| keys.iter().map(|k| ((*k).to_owned(), r.get(*k).cloned().unwrap_or_default())).collect())
            .map(Value::Object)
            .collect()
    };
    json!({
        "success": true,
        "basicInfo": {
            "id": account.id, "name": f.get("name"), "accountNumber": account.number, "status": account.status,
            "currency": account.currency, "batch": f.get("batch"), "billCycleDay": f.get("billCycleDay"),
            "autoPay": f.get("autoPay"), "balance": own.balance().to_string(), "lastPaymentAmount": null,
        },
        "billToContact": contact_or_null(t, &account.bill_to),
        "soldToContact": contact_or_null(t, &account.sold_to),
        "shipToContact": contact_or_null(t, &account.ship_to),
        "subscriptions": subscriptions,
        "invoices": docs("invoices", &["id", "invoiceNumber", "status", "amount", "balance", "dueDate", "invoiceDate"]),
        "payments": docs("payments", &["id", "paymentNumber", "status", "effectiveDate"]),
        "usage": [],
    })
}

/// The plans that were not removed.
pub(crate) fn live_plans(version: &SubVersion) -> impl Iterator<Item = &SubPlan> {
    version.plans.iter().filter(|p| p.removed.is_none())
}

/// The catalogue fields of a subscription's plan: plan and product.
pub(crate) fn catalog_names(t: &Tenant, plan: &SubPlan) -> (Object, Object) {
    let own = t.plans.get(&plan.plan_id).map(|p| p.fields.clone()).unwrap_or_default();
    let product = t.products.get(&plan.product_id).map(|p| p.fields.clone()).unwrap_or_default();
    (own, product)
}

/// An action as reads show it: the API description spells one key in another way there.
fn as_read(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(as_read).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, inner)| {
                let charge_ids = |v: &Value| -> Value {
                    let mut over = into_object(v.clone());
                    if let Some(id) = over.remove("productRatePlanChargeId") {
                        over.insert("productRateplanChargeId".to_owned(), id);
                    }
                    Value::Object(over)
                };
                let shown = match (key.as_str(), inner) {
                    ("chargeOverrides", Value::Array(list)) => list.iter().map(charge_ids).collect(),
                    _ => as_read(inner),
                };
                (key.clone(), shown)
            })
            .collect::<Object>()
            .into(),
        other => other.clone(),
    }
}

/// An order, without the call's envelope.
pub(crate) fn order(t: &Tenant, order: &Order) -> Object {
    let account = t.accounts.get(&order.account_id);
    let parts: Vec<Value> = order
        .subscriptions
        .iter()
        .enumerate()
        .map(|(i, part)| {
            let actions: Vec<Value> = part
                .actions
                .iter()
                .enumerate()
                .map(|(n, action)| {
                    let mut body = into_object(as_read(action));
                    body.insert("id".to_owned(), json!(format!("{}{:02}{:02}", order.id.get(..28).unwrap_or_default(), i, n)));
                    body.insert("sequence".to_owned(), json!(n));
                    body.insert("orderItems".to_owned(), json!([]));
                    body.insert("orderMetrics".to_owned(), json!([]));
                    Value::Object(body)
                })
                .collect();
            json!({
                "subscriptionNumber": part.number, "baseVersion": part.base_version, "newVersion": part.new_version,
                "subscriptionOwnerAccountNumber": account.map(|a| a.number.clone()), "sequence": i,
                "customFields": part.custom, "orderActions": actions,
            })
        })
        .collect();
    without_nulls(json!({
        "orderNumber": order.number, "orderDate": order.date, "status": order.status, "currency": order.currency,
        "existingAccountNumber": account.map(|a| a.number.clone()), "category": "NewSales",
        "description": text(&order.fields, "description"),
        "customFields": object(&order.fields, "customFields"), "orderLineItems": [], "subscriptions": parts,
        "createdBy": "8ad00000000000000000000000000001", "createdDate": plain(order.stamp.created),
        "updatedBy": "8ad00000000000000000000000000001", "updatedDate": plain(order.stamp.updated),
    }))
}

/// Tiers as `/v1` shows them.
pub(crate) fn tiers(list: &[Tier]) -> Vec<Value> {
    list.iter()
        .enumerate()
        .map(|(i, tier)| {
            json!({
                "tier": i + 1, "startingUnit": num(tier.start), "endingUnit": num_or_null(tier.end),
                "price": num(tier.price), "priceFormat": if tier.flat { "FlatFee" } else { "PerUnit" },
            })
        })
        .collect()
}
