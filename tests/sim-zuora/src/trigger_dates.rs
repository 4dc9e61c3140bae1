//! `PUT /v1/orders/{number}/triggerDates`: the days that a pending order's subscriptions wait for.

use serde_json::json;

use crate::errors::{Outcome, Reply, code, not_found, refuse, resource};
use crate::json::{self, Object, objects, text};
use crate::pricing::{broken, check};
use crate::schema;
use crate::state::Tenant;

/// Sets service activation and customer acceptance; what was pending for them begins.
pub(crate) fn put(t: &mut Tenant, key: &str, body: &Object) -> Outcome {
    check(body, schema::TRIGGER_DATES)?;
    let (activation_needed, acceptance_needed, now) =
        (t.config.require_service_activation, t.config.require_customer_acceptance, t.now);
    let order = t.order(key).cloned().ok_or_else(|| not_found("order", key))?;
    if order.status != "Pending" {
        let words = format!("The order '{}' is not pending.", order.number);
        return Err(refuse(code(resource::ORDER, 30), words));
    }
    let mut listed = Vec::new();
    let mut pending = false;
    for subscription in objects(body, "subscriptions") {
        check(subscription, schema::SUBSCRIPTION_TRIGGER_DATES)?;
        let number = text(subscription, "subscriptionNumber").unwrap_or_default();
        let index = t.family_index(number).ok_or_else(|| not_found("subscription", number))?;
        let Some(version) = t.families.get_mut(index).and_then(|f| f.versions.last_mut()) else { continue };
        for action in objects(subscription, "orderActions") {
            check(action, schema::ACTION_TRIGGER_DATES)?;
            if action.get("sequence").and_then(serde_json::Value::as_u64) != Some(0) {
                return broken("The order has no action of this sequence.");
            }
            for entry in objects(action, "triggerDates") {
                check(entry, schema::TRIGGER_DATE)?;
                let Some(day) = json::date(entry, "triggerDate") else {
                    return broken("'triggerDate' is required.");
                };
                let event = match text(entry, "name") {
                    Some("ServiceActivation") => {
                        version.service_activation = Some(day);
                        "ServiceActivation"
                    }
                    Some("CustomerAcceptance") => {
                        version.customer_acceptance = Some(day);
                        "CustomerAcceptance"
                    }
                    _ => return broken("Only service activation and customer acceptance can be set."),
                };
                let charges = version.plans.iter_mut().flat_map(|p| &mut p.charges);
                for charge in charges.filter(|c| c.trigger_event == event) {
                    charge.trigger_date = Some(day);
                    if let Some(first) = charge.segments.first_mut() {
                        first.start = day;
                    }
                }
            }
        }
        version.status = match (version.service_activation, version.customer_acceptance) {
            (None, _) if activation_needed => "Pending Activation".to_owned(),
            (_, None) if acceptance_needed => "Pending Acceptance".to_owned(),
            _ => "Active".to_owned(),
        };
        version.stamp.updated = now;
        pending |= version.status.starts_with("Pending");
        listed.push(json!({"subscriptionNumber": number, "status": version.status}));
    }
    let status = if pending { "Pending" } else { "Completed" };
    for known in t.orders.iter_mut().filter(|o| o.id == order.id) {
        known.status = status.to_owned();
        known.stamp.updated = now;
    }
    Ok(Reply::ok(json!({
        "success": true, "orderNumber": order.number, "status": status, "subscriptions": listed,
    })))
}
