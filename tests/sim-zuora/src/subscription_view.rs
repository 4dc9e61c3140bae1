//! Subscriptions as `GET /v1/subscriptions/…` shows them.

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::clock::plain;
use crate::errors::{Outcome, code, refuse, resource};
use crate::json::{Object, into_object, num, num_or_null, parse_date};
use crate::metrics::Metrics;
use crate::state::Tenant;
use crate::subscriptions::{Family, Segment, SubCharge, SubPlan, SubVersion};
use crate::views::{catalog_names, contact, tiers, without_nulls};

/// Which segments of a charge are shown: query parameter `charge-detail`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// `last-segment`: the last one in time.
    Last,
    /// `current-segment`, `specific-segment`: the one in force on a day; charges without one are left out.
    On(Date),
    /// `all-segments`: the last one, and all in `chargeSegments`.
    All,
}

impl Detail {
    /// Reads `charge-detail` and `as-of-date`.
    pub(crate) fn read(t: &Tenant, detail: Option<&str>, day: Option<&str>) -> Outcome<Detail> {
        match (detail, day.and_then(parse_date)) {
            (None | Some("last-segment"), _) => Ok(Detail::Last),
            (Some("current-segment"), _) => Ok(Detail::On(t.today())),
            (Some("all-segments"), _) => Ok(Detail::All),
            (Some("specific-segment"), Some(day)) => Ok(Detail::On(day)),
            (Some(other), _) => {
                let message = format!("'{other}' is not a valid charge-detail, or lacks as-of-date.");
                Err(refuse(code(resource::GENERAL, 27), message))
            }
        }
    }

    fn of(self, version: &SubVersion, charge: &SubCharge) -> Option<usize> {
        match self {
            Detail::Last | Detail::All => charge.segments.len().checked_sub(1),
            Detail::On(day) => charge
                .segments
                .iter()
                .position(|s| s.start <= day && version.segment_end(s).is_none_or(|end| end > day)),
        }
    }
}

/// The fields that differ between the segments of a charge.
fn segment(charge: &SubCharge, version: &SubVersion, index: usize, s: &Segment) -> Object {
    let billed = version.charged.get(&charge.number);
    let end = version.segment_end(s);
    let until = |day: Date| end.map_or(day, |end| end.min(day));
    let through = billed.map(|b| until(b.through)).filter(|day| *day >= s.start);
    let processed = billed.map(|b| until(b.processed)).filter(|day| *day >= s.start);
    let mut body = without_nulls(json!({
        "id": charge.id, "segment": index + 1, "isLastSegment": index + 1 == charge.segments.len(),
        "quantity": num_or_null(s.quantity), "price": num_or_null(s.price),
        "includedUnits": num_or_null(s.included_units), "overagePrice": num_or_null(s.overage_price),
        "discountPercentage": num_or_null(s.discount_percentage),
        "discountAmount": num_or_null(s.discount_amount), "currency": version.currency,
        "effectiveStartDate": s.start, "effectiveEndDate": end, "description": charge.description,
        "triggerEvent": charge.trigger_event, "triggerDate": charge.trigger_date,
        "endDateCondition": charge.end_condition, "specificEndDate": charge.specific_end,
        "upToPeriods": charge.up_to.as_ref().map(|u| u.0),
        "upToPeriodsType": charge.up_to.as_ref().map(|u| u.1.clone()),
        "chargedThroughDate": through, "processedThroughDate": processed,
    }));
    if !s.tiers.is_empty() {
        body.insert("tiers".to_owned(), json!(tiers(&s.tiers)));
    }
    if charge.model.is_discount() {
        body.insert("applyDiscountTo".to_owned(), json!(charge.apply_to));
        body.insert("discountLevel".to_owned(), json!(charge.level));
    }
    body
}

fn charge(
    charge: &SubCharge,
    version: &SubVersion,
    metrics: &Metrics,
    t: &Tenant,
    detail: Detail,
) -> Option<Value> {
    let index = detail.of(version, charge)?;
    let figures = metrics.charges.get(&charge.number).copied().unwrap_or_default();
    let catalog = t.charges.get(&charge.charge_id).map(|c| &c.fields);
    let listed = |key: &str| catalog.and_then(|f| f.get(key)).cloned();
    let timing = if charge.arrears { "IN_ARREARS" } else { "IN_ADVANCE" };
    let mut body = segment(charge, version, index, charge.segments.get(index)?);
    body.extend(without_nulls(json!({
        "originalChargeId": charge.original_id, "number": charge.number, "name": charge.name,
        "productRatePlanChargeId": charge.charge_id,
        "productRatePlanChargeNumber": listed("ProductRatePlanChargeNumber"), "type": charge.kind.name(),
        "model": charge.model.name(), "uom": charge.uom, "version": version.version,
        "billingPeriod": charge.billing_period, "specificBillingPeriod": charge.specific_period,
        "billingTiming": timing, "listPriceBase": charge.list_price_base,
        "specificListPriceBase": charge.specific_base, "mrr": num(figures.mrr), "tcv": num(figures.tcv),
        "taxable": charge.taxable.map_or_else(|| listed("Taxable"), |own| Some(json!(own))),
        "taxCode": listed("TaxCode"), "taxMode": listed("TaxMode"), "done": false,
    })));
    if detail == Detail::All {
        let all =
            charge.segments.iter().enumerate().map(|(i, s)| Value::Object(segment(charge, version, i, s)));
        body.insert("chargeSegments".to_owned(), all.collect());
    }
    body.extend(charge.custom.clone());
    Some(Value::Object(body))
}

fn rate_plan(t: &Tenant, v: &SubVersion, p: &SubPlan, metrics: &Metrics, detail: Detail) -> Value {
    let (plan, product) = catalog_names(t, p);
    let charges: Vec<Value> = p.charges.iter().filter_map(|c| charge(c, v, metrics, t, detail)).collect();
    // The vendor knows Add, Update and Remove; a plan that came with the subscription has none.
    let change = Some(p.last_change).filter(|c| *c != "New");
    let mut body = without_nulls(json!({
        "id": p.id, "originalRatePlanId": p.original_id, "subscriptionRatePlanNumber": p.number,
        "productId": p.product_id, "productName": product.get("Name"), "productSku": product.get("SKU"),
        "productRatePlanId": p.plan_id, "productRatePlanNumber": plan.get("ProductRatePlanNumber"),
        "ratePlanName": plan.get("Name"), "externallyManagedPlanId": p.externally_managed,
        "lastChangeType": change, "ratePlanCharges": charges, "isFromExternalCatalog": false,
        "subscriptionProductFeatures": [],
    }));
    body.extend(p.custom.clone());
    Value::Object(body)
}

/// The times of its statuses; after the end of a term without renewal comes `OutOfTerm`.
fn history(v: &SubVersion) -> Vec<Value> {
    let row = |status: &str, start: Date, end: Option<Date>| {
        Value::Object(without_nulls(json!({"status": status, "startDate": start, "endDate": end})))
    };
    if v.status.starts_with("Pending") {
        return vec![row(&v.status, v.start, None)];
    }
    let close = v.end();
    let mut rows = Vec::new();
    let mut from = v.start;
    for gap in &v.suspensions {
        if gap.from > from {
            rows.push(row("Active", from, Some(gap.from)));
        }
        rows.push(row("Suspended", gap.from, gap.to.or(close)));
        from = gap.to.or(close).unwrap_or(Date::MAX);
    }
    if close.is_none_or(|close| close > from) && from < Date::MAX {
        rows.push(row("Active", from, close));
    }
    if let Some(close) = close {
        rows.push(row(if v.cancelled.is_some() { "Cancelled" } else { "OutOfTerm" }, close, None));
    }
    rows
}

/// A subscription version with plans and charges, without the call's envelope. A removed plan is shown
/// until the day of its removal.
pub(crate) fn subscription(t: &Tenant, family: &Family, v: &SubVersion, detail: Detail) -> Object {
    let metrics = v.metrics();
    let today = t.today();
    let (gross, net) = v.mrr_on(today);
    let plans: Vec<Value> = v
        .plans
        .iter()
        .filter(|p| p.removed.is_none_or(|day| day > today))
        .map(|p| rate_plan(t, v, p, &metrics, detail))
        .collect();
    let owner = t.accounts.get(&v.owner);
    let payer = t.accounts.get(&v.invoice_owner);
    let mut body = without_nulls(json!({
        "id": v.id, "subscriptionNumber": family.number, "status": v.status_at(today), "version": v.version,
        "revision": format!("{}.0", v.version), "isLatestVersion": family.latest().is_some_and(|l| l.id == v.id),
        "accountId": v.owner, "accountNumber": owner.map(|a| a.number.clone()),
        "accountName": owner.and_then(|a| a.fields.get("name")), "currency": v.currency,
        "invoiceOwnerAccountId": v.invoice_owner, "invoiceOwnerAccountNumber": payer.map(|a| a.number.clone()),
        "invoiceOwnerAccountName": payer.and_then(|a| a.fields.get("name")), "orderNumber": v.order_number,
        "termType": v.term_type, "initialTerm": v.initial_term, "initialTermPeriodType": v.initial_period,
        "currentTerm": v.current_term, "currentTermPeriodType": v.current_period,
        "renewalSetting": v.renewal_setting, "renewalTerm": v.renewal_term.as_ref().map_or(0, |r| r.0),
        "renewalTermPeriodType": v.renewal_term.as_ref().map(|r| r.1.clone()), "autoRenew": v.auto_renew,
        "subscriptionStartDate": v.start, "subscriptionEndDate": v.end(), "termStartDate": v.term_start,
        "termEndDate": v.term_end, "contractEffectiveDate": v.contract_effective,
        "serviceActivationDate": v.service_activation, "customerAcceptanceDate": v.customer_acceptance,
        "cancelledDate": v.cancelled.filter(|_| t.config.shows_cancelled_date),
        "paymentTerm": v.payment_term, "invoiceSeparately": v.invoice_separately, "notes": v.notes,
        "ratePlans": plans, "statusHistory": history(v),
    }));
    body.extend(into_object(json!({
        "contractedMrr": num(gross), "contractedNetMrr": num(net), "asOfDayGrossMrr": num(gross),
        "asOfDayNetMrr": num(net),
        "totalContractedValue": num(metrics.gross_tcv), "netTotalContractedValue": num(metrics.net_tcv),
        "createTime": plain(v.stamp.created), "updateTime": plain(v.stamp.updated),
    })));
    for (key, id) in [("billToContact", &v.bill_to), ("soldToContact", &v.sold_to)] {
        if let Some(c) = id.as_ref().and_then(|id| t.contacts.get(id)) {
            body.insert(key.to_owned(), Value::Object(contact(t, c)));
        }
    }
    body.extend(v.custom.clone());
    body
}
