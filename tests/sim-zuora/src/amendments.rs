//! The actions of an order that change an existing subscription.

use jiff::civil::Date;
use serde_json::Value;

use crate::errors::{Outcome, code, refuse, resource};
use crate::json::{self, Object, object, objects, text};
use crate::order_actions::{Given, add_plan, check_renewal_setting, renewal, rule, span, triggers, whole};
use crate::pricing::{Triggers, apply_pricing, broken, check, custom_fields, fitting};
use crate::schema;
use crate::state::Tenant;
use crate::subscriptions::SubVersion;

fn inside_term(version: &SubVersion, date: Date) -> Outcome<()> {
    let early = date < version.start;
    let late = version.term_end.is_some_and(|end| date > end);
    if early || late {
        return rule(format!("The contract effective date {date} is outside the subscription's term."));
    }
    Ok(())
}

/// Applies an action to an existing subscription's new version.
pub(crate) fn amend(
    t: &mut Tenant,
    version: &mut SubVersion,
    action: &Object,
    given: &mut Given,
) -> Outcome<()> {
    if version.status == "Cancelled" {
        return rule("The subscription is cancelled and cannot be changed.");
    }
    let dates = triggers(action)?;
    let kind = text(action, "type").unwrap_or_default();
    let body = |key: &str| {
        object(action, key).ok_or_else(|| refuse(code(resource::ORDER, 22), format!("'{key}' is required")))
    };
    match kind {
        "AddProduct" => {
            inside_term(version, dates.effective)?;
            add_plan(t, body("addProduct")?, version, dates, given, "Add")
        }
        "UpdateProduct" => update_product(t, version, body("updateProduct")?, dates),
        "RemoveProduct" => remove_product(t, version, body("removeProduct")?, dates),
        "TermsAndConditions" => terms(version, body("termsAndConditions")?),
        "RenewSubscription" => {
            check(body("renewSubscription")?, schema::RENEW)?;
            renew(version)
        }
        "CancelSubscription" => cancel(version, body("cancelSubscription")?, dates),
        other => rule(format!("The order action '{other}' is not simulated.")),
    }
}

fn find_plan(t: &Tenant, version: &SubVersion, body: &Object) -> Outcome<usize> {
    let catalog_number =
        |id: &str| t.plans.get(id).and_then(|p| text(&p.fields, "ProductRatePlanNumber")).map(str::to_owned);
    let hit = version.plans.iter().position(|p| {
        if p.removed.is_some() {
            return false;
        }
        if let Some(number) = text(body, "subscriptionRatePlanNumber") {
            return p.number == number;
        }
        if let Some(id) = text(body, "ratePlanId") {
            return p.all_ids.iter().any(|own| own == id);
        }
        if let Some(token) = text(body, "uniqueToken") {
            return p.unique_token.as_deref() == Some(token);
        }
        let number = text(body, "productRatePlanNumber");
        number.is_some() && catalog_number(&p.plan_id).as_deref() == number
    });
    hit.ok_or_else(|| refuse(code(resource::ORDER, 40), "Cannot find the rate plan on the subscription."))
}

fn update_product(t: &Tenant, version: &mut SubVersion, body: &Object, dates: Triggers) -> Outcome<()> {
    check(body, schema::UPDATE_PRODUCT)?;
    if !objects(body, "chargeOverrides").is_empty() || !objects(body, "chargeRemovals").is_empty() {
        return rule("chargeOverrides and chargeRemovals of UpdateProduct are not simulated.");
    }
    let effective = json::date(body, "specificUpdateDate").unwrap_or(dates.effective);
    inside_term(version, effective)?;
    let index = find_plan(t, version, body)?;
    let custom = custom_fields(t, body, "RatePlan")?;
    let Some(plan) = version.plans.get_mut(index) else { return Ok(()) };
    plan.custom.extend(custom);
    plan.last_change = "Update";
    plan.stamp.updated = t.now;
    let updates = objects(body, "chargeUpdates");
    if updates.is_empty() {
        return Err(refuse(code(resource::ORDER, 22), "'chargeUpdates' is required"));
    }
    for update in updates {
        check(update, schema::CHARGE_UPDATE)?;
        let charge = plan.charges.iter_mut().find(|c| {
            match (text(update, "chargeNumber"), text(update, "uniqueToken")) {
                (Some(number), _) => c.number == number,
                (None, Some(token)) => c.unique_token.as_deref() == Some(token),
                (None, None) => text(update, "productRatePlanChargeId") == Some(&c.charge_id),
            }
        });
        let Some(charge) = charge else {
            return Err(refuse(code(resource::ORDER, 40), "Cannot find the charge on the rate plan."));
        };
        charge.custom.extend(custom_fields(t, update, "RatePlanCharge")?);
        if let Some(description) = text(update, "description") {
            charge.description = Some(description.to_owned());
        }
        let Some(pricing) = object(update, "pricing") else { continue };
        let Some(inner) = fitting(pricing, charge.kind, charge.model, true)? else { continue };
        let Some(last) = charge.segments.last_mut() else { continue };
        if effective < last.start {
            return rule(format!(
                "The change on {effective} is before the charge's last change on {}.",
                last.start
            ));
        }
        let mut next = last.clone();
        next.start = effective;
        apply_pricing(inner, &mut next)?;
        if effective == last.start {
            *last = next;
        } else {
            last.end = Some(effective);
            charge.segments.push(next);
        }
    }
    Ok(())
}

fn remove_product(t: &Tenant, version: &mut SubVersion, body: &Object, dates: Triggers) -> Outcome<()> {
    check(body, schema::REMOVE_PRODUCT)?;
    inside_term(version, dates.effective)?;
    let index = find_plan(t, version, body)?;
    let Some(plan) = version.plans.get_mut(index) else { return Ok(()) };
    plan.removed = Some(dates.effective);
    plan.last_change = "Remove";
    plan.stamp.updated = t.now;
    for charge in &mut plan.charges {
        charge.segments.retain(|s| s.start < dates.effective || charge.kind.name() == "OneTime");
        if let Some(last) = charge.segments.last_mut() {
            last.end = Some(last.end.map_or(dates.effective, |end| end.min(dates.effective)));
        }
    }
    Ok(())
}

fn terms(version: &mut SubVersion, body: &Object) -> Outcome<()> {
    check(body, schema::TERMS_AND_CONDITIONS)?;
    check_renewal_setting(body)?;
    if let Some(renew) = body.get("autoRenew").and_then(Value::as_bool) {
        version.auto_renew = renew;
    }
    if let Some(setting) = text(body, "renewalSetting") {
        version.renewal_setting = setting.to_owned();
    }
    if let Some(next) = renewal(body)? {
        version.renewal_term = Some(next);
    }
    if let Some(last) = object(body, "lastTerm") {
        match text(last, "termType") {
            Some("EVERGREEN") => {
                version.term_type = "EVERGREEN".to_owned();
                version.term_end = None;
            }
            _ => {
                let unit = text(last, "periodType").unwrap_or("Month");
                let Some(period) = whole(last, "period").filter(|p| *p > 0) else {
                    return broken("'period' of lastTerm is required.");
                };
                version.term_type = "TERMED".to_owned();
                let start = json::date(last, "startDate").unwrap_or(version.term_start);
                version.term_start = start;
                version.term_end = Some(start.saturating_add(span(period, unit)?));
                version.current_term = Some(period);
                version.current_period = unit.to_owned();
            }
        }
    }
    if version.term_type == "EVERGREEN" && version.auto_renew {
        return broken("An evergreen subscription cannot renew.");
    }
    Ok(())
}

fn renew(version: &mut SubVersion) -> Outcome<()> {
    let Some(end) = version.term_end else { return rule("An evergreen subscription cannot be renewed.") };
    version.term_start = end;
    if version.renewal_setting == "RENEW_TO_EVERGREEN" {
        version.term_type = "EVERGREEN".to_owned();
        version.term_end = None;
        return Ok(());
    }
    let Some((period, unit)) = version.renewal_term.clone() else {
        return rule("The subscription has no renewal term.");
    };
    version.term_end = Some(end.saturating_add(span(period, &unit)?));
    version.current_term = Some(period);
    version.current_period = unit;
    Ok(())
}

fn cancel(version: &mut SubVersion, body: &Object, dates: Triggers) -> Outcome<()> {
    check(body, schema::CANCEL)?;
    let date = match text(body, "cancellationPolicy") {
        Some("SpecificDate") => match json::date(body, "cancellationEffectiveDate") {
            Some(date) => date,
            None => return Err(refuse(code(resource::ORDER, 22), "'cancellationEffectiveDate' is required")),
        },
        Some("EndOfCurrentTerm") => match version.term_end {
            Some(end) => end,
            None => return rule("An evergreen subscription has no end of term."),
        },
        // Nothing is billed here, so the last invoiced period ends where the contract begins.
        Some("EndOfLastInvoicePeriod") => dates.effective.max(version.start),
        other => {
            return broken(format!("'{}' is not a valid cancellationPolicy.", other.unwrap_or_default()));
        }
    };
    if date < version.start || version.term_end.is_some_and(|end| date > end) {
        return rule(format!("The cancellation date {date} is outside the subscription's term."));
    }
    version.status = "Cancelled".to_owned();
    version.cancelled = Some(date);
    version.auto_renew = false;
    Ok(())
}

/// New ids for a new version: the subscription, its plans and its charges.
pub(crate) fn renumber(t: &mut Tenant, version: &mut SubVersion) {
    version.id = t.id();
    for plan in &mut version.plans {
        plan.id = t.id();
        plan.all_ids.push(plan.id.clone());
        for charge in &mut plan.charges {
            charge.id = t.id();
        }
    }
}
