//! `POST /v1/orders/preview`: the figures and invoices an order would make; nothing is stored.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::billing::{Through, amount, pieces, taxed};
use crate::errors::{Outcome, Reply, code, refuse, resource};
use crate::json::{self, Object, num, object, text};
use crate::metrics::Figures;
use crate::order_actions::{Owner, triggers};
use crate::orders::{Work, build, owner};
use crate::pricing::{broken, check};
use crate::schema;
use crate::state::Tenant;
use crate::subscriptions::{Segment, SubCharge, SubPlan, SubVersion};
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

/// Answers a preview. Ids and numbers that it needs are given back.
pub(crate) fn preview(t: &mut Tenant, body: &Object) -> Outcome {
    let counters = t.counters();
    let answer = worked_out(t, body);
    t.rewind(counters);
    answer
}

fn worked_out(t: &mut Tenant, body: &Object) -> Outcome {
    if text(body, "orderDate").is_none() {
        return Err(crate::errors::no_order_date());
    }
    check(body, schema::PREVIEW_ORDER)?;
    check_fields(body)?;
    let (through, types) = options(body)?;
    let owner = stand_in(t, body)?;
    let built = build(t, body, owner, 50)?;
    let skip = object(body, "previewOptions").and_then(|o| o.get("skipTax"));
    let tax = skip != Some(&Value::Bool(true));
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
        result.insert("invoices".to_owned(), invoices(t, &built.works, through, tax)?);
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

/// Whether two segments say the same, their ends aside.
fn same(a: &Segment, b: &Segment) -> bool {
    Segment { end: None, ..a.clone() } == Segment { end: None, ..b.clone() }
}

/// From which day on an order changes what a charge bills; none when it adds nothing to bill.
fn changed_from(work: &Work, plan: &SubPlan, charge: &SubCharge) -> Outcome<Option<Date>> {
    let Some(before) = &work.before else { return Ok(Some(Date::MIN)) };
    let Some(old) = before.charges().find(|c| c.number == charge.number) else { return Ok(Some(Date::MIN)) };
    let over = work.after.status == "Cancelled" || work.after.open_suspension().is_some();
    if over || plan.removed.is_some() || charge.kind.name() == "OneTime" {
        return Ok(None);
    }
    let mut news = charge.segments.iter().enumerate();
    let new = news.find(|(i, s)| old.segments.get(*i).is_none_or(|o| !same(o, s)));
    if let Some((_, segment)) = new {
        return Ok(Some(segment.start));
    }
    let mut first: Option<Date> = None;
    for action in work.actions.iter().filter_map(Value::as_object) {
        let day = triggers(action)?.effective;
        first = Some(first.map_or(day, |first| first.min(day)));
    }
    Ok(first)
}

/// The invoices that an order adds, by day: everything of new charges, and of changed ones what follows
/// the change and is not invoiced yet. What an order takes away makes no document.
fn invoices(t: &Tenant, works: &[Work], through: Through, with_tax: bool) -> Outcome<Value> {
    let mut by_day: BTreeMap<Date, (Decimal, Decimal, Vec<Value>)> = BTreeMap::new();
    for work in works {
        let version = &work.after;
        let (before, after) = (figures(work.before.as_ref()), figures(Some(version)));
        for plan in &version.plans {
            let (_, product) = catalog_names(t, plan);
            for charge in &plan.charges {
                if before.get(&charge.number) == after.get(&charge.number) {
                    continue;
                }
                let Some(from) = changed_from(work, plan, charge)? else { continue };
                for piece in pieces(version, charge, from, through) {
                    let mut due = amount(version, charge, &piece);
                    let billed = version.charged.get(&charge.number).map_or(&[][..], |c| &c.periods);
                    let billed: Vec<_> = billed.iter().filter(|b| b.start == piece.period).collect();
                    if !billed.is_empty() {
                        // The whole period against what was invoiced for it.
                        let whole = pieces(version, charge, Date::MIN, Through::Day(piece.end));
                        let whole = whole.iter().find(|w| w.period == piece.period);
                        due = whole.map_or(due, |w| amount(version, charge, w));
                        due -= billed.iter().map(|b| b.amount).sum::<Decimal>();
                        if due <= Decimal::ZERO {
                            continue;
                        }
                    }
                    let (price, tax) = match with_tax {
                        true => taxed(t, charge, &version.invoice_owner, due, &version.currency),
                        false => (due, Decimal::ZERO),
                    };
                    let unit = charge.segments.iter().rev().find(|s| s.start <= piece.start);
                    let entry = by_day.entry(piece.start).or_default();
                    entry.0 += price;
                    entry.1 += tax;
                    entry.2.push(json!({
                        "serviceStartDate": piece.start,
                        "serviceEndDate": piece.end.saturating_sub(1.days()).max(piece.start),
                        "amountWithoutTax": num(price), "taxAmount": num(tax), "chargeName": charge.name,
                        "chargeDescription": charge.description, "chargeNumber": charge.number,
                        "productName": product.get("Name"), "productRatePlanChargeId": charge.charge_id,
                        "processingType": "Charge", "subscriptionNumber": work.number,
                        "unitPrice": unit.and_then(|s| s.price).map(num),
                    }));
                }
            }
        }
    }
    let list = by_day.into_iter().map(|(day, (price, tax, items))| {
        json!({
            "amount": num(price + tax), "amountWithoutTax": num(price), "taxAmount": num(tax),
            "targetDate": day, "invoiceItems": items,
        })
    });
    Ok(list.collect())
}
