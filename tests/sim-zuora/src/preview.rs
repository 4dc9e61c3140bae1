//! `POST /v1/orders/preview`: the figures and invoices an order would make; nothing is stored.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::amounts::{ChargeType, Period, add_months, over_time, round};
use crate::errors::{Outcome, Reply, code, refuse, resource};
use crate::json::{self, Object, num, object, text};
use crate::order_actions::Owner;
use crate::orders::{Work, build, owner};
use crate::pricing::{broken, check};
use crate::schema;
use crate::state::Tenant;
use crate::subscriptions::{Figures, Segment, SubCharge, SubVersion};
use crate::views::catalog_names;

const KNOWN_TYPES: &[&str] = &[
    "BillingDocs",
    "ChargeMetrics",
    "OrderDeltaMetrics",
    "OrderMetrics",
    "RampMetrics",
    "RampDeltaMetrics",
    "Funds",
];

enum Through {
    Periods(usize),
    Day(Date),
    TermEnd,
}

fn options(body: &Object) -> Outcome<(Through, Vec<String>)> {
    let Some(options) = object(body, "previewOptions") else {
        return Err(refuse(code(resource::PREVIEW, 22), "'previewOptions' is required"));
    };
    let found = json::problems(options, schema::PREVIEW_OPTIONS, &[]);
    if !found.is_empty() {
        return Err(crate::errors::refuse_problems(resource::PREVIEW, &found));
    }
    let list = options.get("previewTypes").and_then(Value::as_array).cloned().unwrap_or_default();
    let types: Vec<String> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if let Some(unknown) = types.iter().find(|t| !KNOWN_TYPES.contains(&t.as_str())) {
        return Err(refuse(58_740_021, format!("'{unknown}' is not a valid preview type.")));
    }
    let through = match text(options, "previewThruType") {
        Some("NumberOfPeriods") => {
            let periods = options.get("previewNumberOfPeriods").and_then(Value::as_u64).filter(|n| *n > 0);
            match periods.and_then(|n| usize::try_from(n).ok()) {
                Some(n) => Through::Periods(n),
                None => {
                    return Err(refuse(code(resource::PREVIEW, 22), "'previewNumberOfPeriods' is required"));
                }
            }
        }
        Some("SpecificDate") => match json::date(options, "specificPreviewThruDate") {
            Some(date) => Through::Day(date),
            None => return Err(refuse(code(resource::PREVIEW, 22), "'specificPreviewThruDate' is required")),
        },
        Some("TermEnd") | None => Through::TermEnd,
        Some(other) => return broken(format!("'{other}' is not a valid previewThruType.")),
    };
    Ok((through, types))
}

fn stand_in(t: &mut Tenant, body: &Object) -> Outcome<Owner> {
    let Some(info) = object(body, "previewAccountInfo") else { return owner(t, body) };
    if text(body, "existingAccountNumber").is_some() {
        return broken("existingAccountNumber and previewAccountInfo cannot be used together.");
    }
    check(info, schema::PREVIEW_ACCOUNT)?;
    let currency = text(info, "currency").unwrap_or_default().to_owned();
    if !t.config.has_currency(&currency) {
        return broken(format!("The currency '{currency}' is not active in this tenant."));
    }
    Ok(Owner { id: t.id(), number: "PREVIEW".to_owned(), currency })
}

/// Previews know fewer fields than orders do.
fn check_fields(body: &Object) -> Outcome<()> {
    for subscription in json::objects(body, "subscriptions") {
        check(subscription, schema::PREVIEW_SUBSCRIPTION)?;
        for action in json::objects(subscription, "orderActions") {
            check(action, schema::PREVIEW_ACTION)?;
            let mut plans: Vec<&Object> = object(action, "addProduct").into_iter().collect();
            if let Some(create) = object(action, "createSubscription") {
                check(create, schema::PREVIEW_CREATE)?;
                plans.extend(json::objects(create, "subscribeToRatePlans"));
            }
            for plan in plans {
                check(plan, schema::PREVIEW_PLAN)?;
                for charge in json::objects(plan, "chargeOverrides") {
                    check(charge, schema::PREVIEW_CHARGE)?;
                }
            }
            if let Some(update) = object(action, "updateProduct") {
                check(update, schema::PREVIEW_PLAN_UPDATE)?;
                for charge in json::objects(update, "chargeUpdates") {
                    check(charge, schema::PREVIEW_CHARGE_UPDATE)?;
                }
            }
        }
    }
    Ok(())
}

/// Answers a preview.
pub(crate) fn preview(t: &mut Tenant, body: &Object) -> Outcome {
    if text(body, "orderDate").is_none() {
        return Err(crate::errors::no_order_date());
    }
    check(body, schema::PREVIEW_ORDER)?;
    check_fields(body)?;
    let (through, types) = options(body)?;
    let owner = stand_in(t, body)?;
    let built = build(t, body, owner, 50)?;
    let wants = |name: &str| types.iter().any(|t| t == name);
    let mut result = Object::new();
    if wants("ChargeMetrics") {
        let sign = if t.config.negative_preview_discounts { -Decimal::ONE } else { Decimal::ONE };
        let list: Vec<Value> = built.works.iter().map(|w| charge_metrics(w, sign)).collect();
        result.insert("chargeMetrics".to_owned(), json!(list));
    }
    if wants("OrderDeltaMetrics") {
        result.insert("orderDeltaMetrics".to_owned(), delta_metrics(&built.works));
    }
    if wants("BillingDocs") || types.is_empty() {
        result.insert("invoices".to_owned(), json!(invoices(t, &built.works, &through)));
        result.insert("creditMemos".to_owned(), json!([]));
    }
    Ok(Reply::ok(json!({"success": true, "previewResult": result})))
}

fn figures(version: Option<&SubVersion>) -> BTreeMap<String, Figures> {
    version.map(|v| v.metrics().charges).unwrap_or_default()
}

fn charge_metrics(work: &Work, sign: Decimal) -> Value {
    let (before, after) = (figures(work.before.as_ref()), figures(Some(&work.after)));
    let mut charges = Vec::new();
    for plan in &work.after.plans {
        // The discounts stand beside the charges that they are taken off.
        for charge in plan.charges.iter().filter(|c| !c.model.is_discount()) {
            let new = after.get(&charge.number).copied().unwrap_or_default();
            let old = before.get(&charge.number).copied().unwrap_or_default();
            let set = |discount: Decimal, was_off: Decimal, regular: Decimal, was: Decimal| {
                json!({
                    "discount": num(sign * discount), "discountDelta": num(sign * (discount - was_off)),
                    "regular": num(regular), "regularDelta": num(regular - was),
                })
            };
            let tcv = set(new.tcv_discount, old.tcv_discount, new.tcv, old.tcv);
            charges.push(json!({
                "chargeNumber": charge.number, "subscriptionRatePlanNumber": plan.number,
                "originRatePlanId": plan.original_id, "productRatePlanId": plan.plan_id,
                "productRatePlanChargeId": charge.charge_id,
                "isPending": work.after.status.starts_with("Pending"),
                "cmrr": set(new.mrr_discount, old.mrr_discount, new.mrr, old.mrr),
                "tcv": tcv, "tcb": tcv,
                "tax": {"discount": 0, "discountDelta": 0, "regular": 0, "regularDelta": 0},
            }));
        }
    }
    json!({"subscriptionNumber": work.number, "charges": charges})
}

fn delta_metrics(works: &[Work]) -> Value {
    let mut mrr = Vec::new();
    let mut tcv = Vec::new();
    for work in works {
        let (before, after) = (figures(work.before.as_ref()), figures(Some(&work.after)));
        for charge in work.after.charges() {
            let new = after.get(&charge.number).copied().unwrap_or_default();
            let old = before.get(&charge.number).copied().unwrap_or_default();
            let row = |gross: Decimal, net: Decimal| {
                json!({
                    "chargeNumber": charge.number, "currency": work.after.currency,
                    "subscriptionNumber": work.number, "productRatePlanChargeId": charge.charge_id,
                    "startDate": charge.last().map(|s| s.start), "endDate": work.after.end(),
                    "grossAmount": num(gross), "netAmount": num(net),
                })
            };
            let month = new.mrr - old.mrr;
            let value = new.tcv - old.tcv;
            if !month.is_zero() {
                mrr.push(row(month, month - new.mrr_discount + old.mrr_discount));
            }
            if !value.is_zero() {
                tcv.push(row(value, value - new.tcv_discount + old.tcv_discount));
            }
        }
    }
    json!({"orderDeltaMrr": mrr, "orderDeltaTcv": tcv, "orderDeltaTcb": tcv, "orderDeltaQty": []})
}

/// The periods that a charge bills in advance: first and last day, and the share of its price.
fn periods(
    charge: &SubCharge,
    segment: &Segment,
    version: &SubVersion,
    through: &Through,
) -> Vec<(Date, Date)> {
    let close = segment.end.or(version.end());
    let mut found = Vec::new();
    let mut start = segment.start;
    let mut count: i32 = 0;
    loop {
        let enough = match through {
            Through::Periods(n) => found.len() >= *n,
            Through::Day(day) => start > *day,
            Through::TermEnd => close.is_none() && !found.is_empty(),
        };
        if enough || close.is_some_and(|end| start >= end) || found.len() >= 1200 {
            return found;
        }
        count = count.saturating_add(1);
        let next = match charge.billing {
            Period::Months(n) => {
                let months = i32::try_from(n.max(1)).unwrap_or(1).saturating_mul(count);
                add_months(segment.start, months)
            }
            Period::Days(n) => start.saturating_add(i64::from(n.max(1)).days()),
            Period::Term => close.unwrap_or_else(|| add_months(start, 12)),
        };
        let end = close.map_or(next, |close| next.min(close));
        found.push((start, end));
        start = next;
    }
}

fn invoices(t: &Tenant, works: &[Work], through: &Through) -> Vec<Value> {
    let mut by_day: BTreeMap<Date, (Decimal, Vec<Value>)> = BTreeMap::new();
    for work in works {
        let version = &work.after;
        let before = figures(work.before.as_ref());
        let term =
            (version.term_start, version.term_end.unwrap_or_else(|| add_months(version.term_start, 12)));
        let after = figures(Some(version));
        for plan in &version.plans {
            let (_, product) = catalog_names(t, plan);
            for charge in &plan.charges {
                let Some(segment) = charge.last() else { continue };
                if charge.kind == ChargeType::Usage || charge.model.is_discount() {
                    continue;
                }
                if before.get(&charge.number) == after.get(&charge.number) {
                    continue;
                }
                let days = match charge.kind {
                    ChargeType::OneTime if before.contains_key(&charge.number) => Vec::new(),
                    ChargeType::OneTime => vec![(segment.start, segment.start)],
                    _ => periods(charge, segment, version, through),
                };
                let own = after.get(&charge.number).copied().unwrap_or_default();
                for (start, end) in days {
                    let full = match charge.kind {
                        ChargeType::OneTime => charge.amount(segment),
                        _ => over_time(charge.amount(segment), charge.base, start, end, term),
                    };
                    let net = net_of_discount(full, own, charge.kind);
                    let amount = round(net, &version.currency);
                    let entry = by_day.entry(start).or_default();
                    entry.0 += amount;
                    let last_day = end.saturating_sub(1.days()).max(start);
                    entry.1.push(json!({
                        "serviceStartDate": start, "serviceEndDate": last_day, "amountWithoutTax": num(amount),
                        "taxAmount": 0, "chargeName": charge.name, "chargeDescription": charge.description,
                        "chargeNumber": charge.number, "productName": product.get("Name"),
                        "productRatePlanChargeId": charge.charge_id, "processingType": "Charge",
                        "subscriptionNumber": work.number, "unitPrice": segment.price.map(num),
                    }));
                }
            }
        }
    }
    by_day
        .into_iter()
        .map(|(day, (amount, items))| {
            json!({
                "amount": num(amount), "amountWithoutTax": num(amount), "taxAmount": 0, "targetDate": day,
                "invoiceItems": items,
            })
        })
        .collect()
}

/// The invoice amount after the discounts that the contract's figures show.
fn net_of_discount(full: Decimal, own: Figures, kind: ChargeType) -> Decimal {
    let (gross, off) = match kind {
        ChargeType::Recurring => (own.mrr, own.mrr_discount),
        _ => (own.tcv, own.tcv_discount),
    };
    if gross.is_zero() { full } else { full * (gross - off) / gross }
}
