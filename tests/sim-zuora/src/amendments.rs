//! The actions of an order that change an existing subscription, and those on its products.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::errors::{Outcome, code, refuse, resource};
use crate::json::{self, Object, object, objects, text};
use crate::lifecycle;
use crate::order_actions::{Given, add_plan, rule, triggers};
use crate::pricing::{Triggers, apply_pricing, broken, check, custom_fields, fitting};
use crate::schema;
use crate::state::Tenant;
use crate::subscriptions::{SubCharge, SubVersion};

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
    let rests = version.open_suspension().is_some() || version.suspended_on(dates.effective);
    if rests && !["Resume", "CancelSubscription"].contains(&kind) {
        return rule(format!("The subscription is suspended: '{kind}' is not possible."));
    }
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
        "TermsAndConditions" => lifecycle::terms(t, version, body("termsAndConditions")?),
        "RenewSubscription" => lifecycle::renewal_action(t, version, body("renewSubscription")?),
        "CancelSubscription" => lifecycle::cancel(version, body("cancelSubscription")?, dates),
        "Suspend" => lifecycle::suspend(t, version, body("suspend")?, dates),
        "Resume" => lifecycle::resume(t, version, body("resume")?),
        "OwnerTransfer" => lifecycle::transfer(t, version, body("ownerTransfer")?),
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
        if let Some(billing) = object(update, "billing") {
            check(billing, schema::BILLING_UPDATE)?;
        }
        let day = match object(update, "effectiveDate") {
            None => effective,
            Some(own) => {
                check(own, schema::TRIGGER_PARAMS)?;
                match json::date(own, "specificTriggerDate") {
                    Some(day) => day,
                    None => return broken("effectiveDate of a charge update needs specificTriggerDate."),
                }
            }
        };
        if let Some(pricing) = object(update, "pricing") {
            reprice(t, charge, pricing, day)?;
        }
    }
    Ok(())
}

/// Gives a charge other values from a day on. Before the charge begins its values are replaced; of
/// several changes on one day the last wins.
fn reprice(t: &Tenant, charge: &mut SubCharge, pricing: &Object, day: Date) -> Outcome<()> {
    let Some(inner) = fitting(t, pricing, charge.kind, charge.model, true)? else { return Ok(()) };
    let changed = charge.segments.len() > 1;
    let Some(last) = charge.segments.last_mut() else { return Ok(()) };
    if day < last.start && changed {
        return rule(format!("The change on {day} is before the charge's last change on {}.", last.start));
    }
    if let Some(end) = last.end
        && day >= end
    {
        return rule(format!("The charge '{}' ends on {end}, before the change on {day}.", charge.number));
    }
    let mut next = last.clone();
    apply_pricing(inner, charge.model, &mut next)?;
    if day <= last.start {
        *last = next;
    } else {
        last.end = Some(day);
        next.start = day;
        charge.segments.push(next);
    }
    if let Some(to) = text(inner, "applyDiscountTo") {
        charge.apply_to = to.to_owned();
    }
    if let Some(level) = text(inner, "discountLevel") {
        charge.level = level.to_owned();
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
        // What has not begun by then goes whole; a charge's first segment stays, empty, for the readers.
        let once = charge.kind.name() == "OneTime";
        let first = charge.segments.first().map(|s| s.start);
        charge.segments.retain(|s| s.start < dates.effective || once || Some(s.start) == first);
        if let Some(last) = charge.segments.last_mut() {
            let end = last.end.map_or(dates.effective, |end| end.min(dates.effective));
            last.end = Some(end.max(last.start));
        }
    }
    Ok(())
}

/// Raises the recurring prices by a percentage from a day on, as a renewal with an uplift does.
pub(crate) fn uplift(version: &mut SubVersion, percent: Decimal, day: Date) {
    let factor = Decimal::ONE + percent / Decimal::ONE_HUNDRED;
    let plans = version.plans.iter_mut().filter(|p| p.removed.is_none());
    for charge in plans.flat_map(|p| &mut p.charges) {
        if charge.kind.name() != "Recurring" || charge.model.is_discount() {
            continue;
        }
        let Some(last) = charge.segments.last_mut() else { continue };
        if last.end.is_some_and(|end| end <= day) {
            continue;
        }
        let mut next = last.clone();
        next.price = next.price.map(|p| (p * factor).normalize());
        for tier in &mut next.tiers {
            tier.price = (tier.price * factor).normalize();
        }
        if last.start >= day {
            *last = next;
        } else {
            last.end = Some(day);
            next.start = day;
            charge.segments.push(next);
        }
    }
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
