//! Plain JSON views for tests: what exists in the tenant, amounts as decimal strings.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::amounts::{minor_units, money};
use crate::json::{Object, into_object, object, text};
use crate::state::Tenant;
use crate::subscriptions::{Family, SubCharge, SubVersion};
use crate::views;

/// A price with at least the currency's digits.
fn price(value: Decimal, currency: &str) -> String {
    let value = value.normalize();
    if value.scale() <= minor_units(currency) { money(value, currency) } else { value.to_string() }
}

fn contact_of(t: &Tenant, id: &str) -> Value {
    t.contacts.get(id).map_or(Value::Null, |c| Value::Object(views::contact(t, c)))
}

/// Accounts with their bill-to and sold-to contacts.
pub(crate) fn accounts(t: &Tenant) -> Vec<Value> {
    t.accounts
        .values()
        .map(|a| {
            let mut body = a.fields.clone();
            body.extend(into_object(json!({
                "id": a.id, "number": a.number, "status": a.status, "currency": a.currency,
                "billTo": contact_of(t, &a.bill_to), "soldTo": contact_of(t, &a.sold_to),
                "billToId": a.bill_to, "soldToId": a.sold_to, "customFields": views::custom_of(&a.fields),
                "createdDate": a.stamp.created.to_string(), "updatedDate": a.stamp.updated.to_string(),
            })));
            Value::Object(body)
        })
        .collect()
}

/// Contacts.
pub(crate) fn contacts(t: &Tenant) -> Vec<Value> {
    t.contacts.values().map(|c| Value::Object(views::contact(t, c))).collect()
}

/// Orders with the kinds of their actions.
pub(crate) fn orders(t: &Tenant) -> Vec<Value> {
    t.orders
        .iter()
        .map(|o| {
            let kinds = |actions: &[Value]| -> Vec<Value> {
                actions.iter().filter_map(|a| a.get("type").cloned()).collect()
            };
            let all: Vec<Value> = o.subscriptions.iter().flat_map(|s| kinds(&s.actions)).collect();
            let parts: Vec<Value> = o
                .subscriptions
                .iter()
                .map(|s| {
                    json!({
                        "number": s.number, "baseVersion": s.base_version, "newVersion": s.new_version,
                        "actions": kinds(&s.actions), "requested": s.actions,
                    })
                })
                .collect();
            json!({
                "id": o.id, "number": o.number, "account": t.accounts.get(&o.account_id).map(|a| a.number.clone()),
                "date": o.date, "status": o.status, "currency": o.currency,
                "description": text(&o.fields, "description"),
                "customFields": object(&o.fields, "customFields").cloned().unwrap_or_default(),
                "actions": all, "subscriptions": parts, "createdDate": o.stamp.created.to_string(),
            })
        })
        .collect()
}

/// Subscriptions in their latest version.
pub(crate) fn subscriptions(t: &Tenant) -> Vec<Value> {
    t.families.iter().filter_map(|f| f.latest().map(|v| subscription(t, f, v))).collect()
}

fn subscription(t: &Tenant, family: &Family, v: &SubVersion) -> Value {
    let metrics = v.metrics();
    let today = v.mrr_on(t.today());
    let currency = v.currency.as_str();
    let plans: Vec<Value> = views::live_plans(v)
        .map(|p| {
            let (plan, product) = views::catalog_names(t, p);
            let external = p
                .externally_managed
                .clone()
                .or_else(|| t.plans.get(&p.plan_id).and_then(|x| x.external_ids.first().cloned()));
            let charges: Vec<Value> = p
                .charges
                .iter()
                .map(|c| {
                    let figures = metrics.charges.get(&c.number).copied().unwrap_or_default();
                    charge(c, v, figures.mrr, figures.tcv)
                })
                .collect();
            json!({
                "id": p.id, "number": p.number, "productName": product.get("Name"), "sku": product.get("SKU"),
                "ratePlanName": plan.get("Name"), "productRatePlanId": p.plan_id,
                "externallyManagedPlanId": external, "uniqueToken": p.unique_token, "customFields": p.custom,
                "charges": charges,
            })
        })
        .collect();
    let owner = t.accounts.get(&v.owner);
    let payer = t.accounts.get(&v.invoice_owner);
    let contact = |id: &Option<String>| id.as_ref().map_or(Value::Null, |id| contact_of(t, id));
    json!({
        "id": v.id, "number": family.number, "version": v.version, "status": v.status_at(t.today()), "currency": v.currency,
        "termType": v.term_type, "initialTerm": v.initial_term, "initialTermPeriodType": v.initial_period,
        "renewalTerm": v.renewal_term.as_ref().map(|r| r.0), "renewalSetting": v.renewal_setting,
        "startDate": v.start, "endDate": v.end(), "termStartDate": v.term_start, "termEndDate": v.term_end,
        "contractEffectiveDate": v.contract_effective, "serviceActivationDate": v.service_activation,
        "customerAcceptanceDate": v.customer_acceptance, "cancelledDate": v.cancelled, "autoRenew": v.auto_renew,
        "account": owner.map(|a| a.number.clone()), "accountId": v.owner,
        "invoiceOwner": payer.map(|a| a.number.clone()), "billTo": contact(&v.bill_to),
        "soldTo": contact(&v.sold_to), "paymentTerm": v.payment_term, "customFields": v.custom,
        "orderNumber": v.order_number, "notes": v.notes, "ratePlans": plans,
        "mrr": money(metrics.net_mrr, currency), "tcv": money(metrics.net_tcv, currency),
        "mrrToday": money(today.1, currency), "grossMrrToday": money(today.0, currency),
        "chargedThroughDate": v.charged_through(),
        "suspensions": v.suspensions.iter().map(|s| json!({"from": s.from, "to": s.to})).collect::<Value>(),
        "grossMrr": money(metrics.gross_mrr, currency), "grossTcv": money(metrics.gross_tcv, currency),
    })
}

fn charge(c: &SubCharge, v: &SubVersion, mrr: Decimal, tcv: Decimal) -> Value {
    let currency = v.currency.as_str();
    let last = c.last();
    let tiers: Vec<Value> = last.map_or_else(Vec::new, |s| {
        s.tiers
            .iter()
            .map(|t| {
                json!({
                    "startingUnit": t.start.normalize().to_string(),
                    "endingUnit": t.end.map(|e| e.normalize().to_string()),
                    "price": price(t.price, currency), "priceFormat": if t.flat { "FlatFee" } else { "PerUnit" },
                })
            })
            .collect()
    });
    let segments: Vec<Value> = c
        .segments
        .iter()
        .map(|s| {
            json!({
                "start": s.start, "end": s.end, "quantity": s.quantity.map(|q| q.normalize().to_string()),
                "price": s.price.map(|p| price(p, currency)),
            })
        })
        .collect();
    json!({
        "id": c.id, "number": c.number, "name": c.name, "description": c.description, "model": c.model.name(),
        "type": c.kind.name(), "quantity": last.and_then(|s| s.quantity).map(|q| q.normalize().to_string()),
        "price": last.and_then(|s| s.price).map(|p| price(p, currency)),
        "discountPercentage": last.and_then(|s| s.discount_percentage).map(|p| p.normalize().to_string()),
        "discountAmount": last.and_then(|s| s.discount_amount).map(|p| price(p, currency)),
        "listPriceBase": c.list_price_base, "billingPeriod": c.billing_period,
        "specificBillingPeriod": c.specific_period, "uom": c.uom, "triggerEvent": c.trigger_event,
        "startDate": c.segments.first().map(|s| s.start), "endDate": last.and_then(|s| v.segment_end(s)),
        "endDateCondition": c.end_condition,
        "chargedThroughDate": v.charged.get(&c.number).map(|b| b.through),
        "mrr": money(mrr, currency), "tcv": money(tcv, currency), "tiers": tiers, "segments": segments,
        "productRatePlanChargeId": c.charge_id, "uniqueToken": c.unique_token, "customFields": c.custom,
    })
}

fn small(fields: &Object, keys: &[(&str, &str)]) -> Object {
    keys.iter().map(|(own, key)| ((*own).to_owned(), fields.get(*key).cloned().unwrap_or_default())).collect()
}

/// Products with their plans, charges and tiers.
pub(crate) fn products(t: &Tenant) -> Vec<Value> {
    t.products
        .values()
        .map(|p| {
            let plans: Vec<Value> =
                t.plans.values().filter(|x| x.product_id == p.id).map(|x| plan(t, &x.id)).collect();
            let mut body = small(
                &p.fields,
                &[
                    ("name", "Name"),
                    ("sku", "SKU"),
                    ("productNumber", "ProductNumber"),
                    ("description", "Description"),
                    ("category", "Category"),
                    ("effectiveStartDate", "EffectiveStartDate"),
                    ("effectiveEndDate", "EffectiveEndDate"),
                ],
            );
            body.insert("id".to_owned(), json!(p.id));
            body.insert("customFields".to_owned(), json!(views::custom_of(&p.fields)));
            body.insert("ratePlans".to_owned(), json!(plans));
            Value::Object(body)
        })
        .collect()
}

fn plan(t: &Tenant, id: &str) -> Value {
    let Some(plan) = t.plans.get(id) else { return Value::Null };
    let charges: Vec<Value> = t
        .charges_of(id)
        .map(|c| {
            let tiers: Vec<Value> = c
                .tiers
                .iter()
                .map(|tier| {
                    let text = |key: &str| {
                        crate::json::dec_of(&tier.fields, key).map(|d| d.normalize().to_string())
                    };
                    json!({
                        "id": tier.id, "currency": tier.currency, "tier": tier.tier,
                        "price": crate::json::dec_of(&tier.fields, "Price").map(|d| price(d, &tier.currency)),
                        "startingUnit": text("StartingUnit"), "endingUnit": text("EndingUnit"),
                        "priceFormat": tier.fields.get("PriceFormat"),
                        "discountAmount": text("DiscountAmount"), "discountPercentage": text("DiscountPercentage"),
                    })
                })
                .collect();
            let mut body = small(
                &c.fields,
                &[
                    ("name", "Name"),
                    ("number", "ProductRatePlanChargeNumber"),
                    ("type", "ChargeType"),
                    ("chargeModel", "ChargeModel"),
                    ("billingPeriod", "BillingPeriod"),
                    ("specificBillingPeriod", "SpecificBillingPeriod"),
                    ("listPriceBase", "ListPriceBase"),
                    ("uom", "UOM"),
                    ("triggerEvent", "TriggerEvent"),
                    ("defaultQuantity", "DefaultQuantity"),
                ],
            );
            body.insert("id".to_owned(), json!(c.id));
            body.insert("model".to_owned(), json!(c.model().map(|m| m.name())));
            body.insert("tiers".to_owned(), json!(tiers));
            Value::Object(body)
        })
        .collect();
    json!({
        "id": plan.id, "name": plan.fields.get("Name"), "number": plan.fields.get("ProductRatePlanNumber"),
        "externalIds": plan.external_ids, "externalIdSourceSystem": plan.external_source,
        "activeCurrencies": plan.currencies, "charges": charges, "customFields": views::custom_of(&plan.fields),
    })
}
