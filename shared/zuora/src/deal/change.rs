//! An order that changes a subscription: its actions in the sequence of their days (`zuora.md` 5.5).

use super::create::rate_plan;
use super::pricing::{discount_update, update};
use super::{Purpose, RENDER, dated_term, renewal, trigger_dates};
use crate::config::Config;
use crate::dto::order as wire;
use crate::dto::orders::{CancellationPolicy, DayPolicy, TriggerEvent};
use crate::send::rendered;
use connector_domain::billing::deal::{
    CancelOn, Change, DesiredChange, Off, Party, PlanRef, Pricing, Terms, What,
};
use connector_domain::state::Effect;
use connector_ports::PortError;
use connector_ports::billing::Rendered;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// `POST /v1/orders` on an existing subscription.
///
/// # Errors
/// `Permanent` where Zuora has no such change (a one-time charge); else a mistake in this code.
pub(crate) fn change(config: &Config, desired: &DesiredChange) -> Result<Rendered, PortError> {
    let body = request(config, desired, Purpose::Order)?;
    rendered(RENDER, Effect::CreateOrder, desired.order.as_str(), None, &body)
}

/// The order, for one purpose or another; a preview's options are still missing.
pub(super) fn request<'a>(
    config: &'a Config,
    desired: &'a DesiredChange,
    purpose: Purpose,
) -> Result<wire::Request<'a>, PortError> {
    let mut order_actions = Vec::with_capacity(desired.changes.len());
    for change in &desired.changes {
        order_actions.extend(action(config, change, purpose)?);
    }
    Ok(wire::Request {
        order_number: (purpose == Purpose::Order).then(|| desired.order.as_str()),
        order_date: desired.order_date,
        existing_account_number: Some(desired.account.as_str()),
        preview_account_info: None,
        description: format!("HubSpot deal {}", desired.deal),
        subscriptions: [wire::Subscription {
            subscription_number: Some(desired.subscription.as_str()),
            // The subscription keeps the deal that made it, also when another adds to it.
            custom_fields: BTreeMap::new(),
            order_actions,
        }],
        processing_options: purpose.processing_options(),
        preview_options: None,
    })
}

/// One action; none where a preview has nothing left to say.
fn action<'a>(
    config: &Config,
    change: &'a Change,
    purpose: Purpose,
) -> Result<Option<wire::Action<'a>>, PortError> {
    let what = match &change.what {
        What::Add(line) => wire::What::AddProduct(rate_plan(config, line, purpose)?),
        What::Update { plan, charge_number, pricing, discounts, was, .. } => {
            let charge_updates = charge_updates(charge_number, pricing.as_ref(), discounts, was.as_ref())?;
            wire::What::UpdateProduct(wire::UpdateProduct { plan: subscribed(plan), charge_updates })
        }
        What::Remove { plan, .. } => wire::What::RemoveProduct(subscribed(plan)),
        What::Terms(told) => {
            let terms = terms(told, purpose)?;
            if terms == wire::TermsAndConditions::default() {
                return Ok(None);
            }
            wire::What::TermsAndConditions(terms)
        }
        What::Renew => wire::What::RenewSubscription(wire::Nothing {}),
        What::Cancel(on) => wire::What::CancelSubscription(cancel(*on)),
        What::Suspend => wire::What::Suspend(wire::Suspend {
            suspend_policy: DayPolicy::SpecificDate,
            suspend_specific_date: change.date,
        }),
        What::Resume => wire::What::Resume(wire::Resume {
            resume_policy: DayPolicy::SpecificDate,
            resume_specific_date: change.date,
        }),
        What::InvoiceOwner(account) => wire::What::OwnerTransfer(wire::OwnerTransfer {
            destination_invoice_account_number: account.as_str(),
        }),
    };
    Ok(Some(what.on(all_on(change.date))))
}

/// All three: an order waits for those that the tenant requires and that are missing (`zuora.md` 5.2).
fn all_on(day: Date) -> Vec<wire::TriggerDate> {
    trigger_dates([
        (TriggerEvent::ContractEffective, Some(day)),
        (TriggerEvent::ServiceActivation, Some(day)),
        (TriggerEvent::CustomerAcceptance, Some(day)),
    ])
}

fn subscribed(plan: &PlanRef) -> wire::SubscribedPlan<'_> {
    match plan {
        PlanRef::Number(number) => wire::SubscribedPlan::SubscriptionRatePlanNumber(number),
        PlanRef::Id(id) => wire::SubscribedPlan::RatePlanId(id),
    }
}

fn charge_updates<'a>(
    charge_number: &'a str,
    pricing: Option<&Pricing>,
    discounts: &'a [(String, Off)],
    was: Option<&Pricing>,
) -> Result<Vec<wire::ChargeUpdate<'a>>, PortError> {
    let sold = pricing.map(|pricing| update(pricing, was)).transpose()?.flatten();
    let sold = sold.map(|pricing| wire::ChargeUpdate { charge_number, pricing });
    let discounts = discounts
        .iter()
        .map(|(number, off)| wire::ChargeUpdate { charge_number: number, pricing: discount_update(*off) });
    let updates: Vec<_> = sold.into_iter().chain(discounts).collect();
    if updates.is_empty() {
        return Err(PortError::bug(RENDER, "an update of a charge changes nothing"));
    }
    Ok(updates)
}

fn terms(told: &Terms, purpose: Purpose) -> Result<wire::TermsAndConditions<'_>, PortError> {
    let (renewal_setting, renewal_terms) = told.renewal_term.map(renewal).unzip();
    let (bill_to_contact_id, clearing_existing_bill_to_contact) = contact(told.bill_to.as_ref(), purpose)?;
    let (sold_to_contact_id, clearing_existing_sold_to_contact) = contact(told.sold_to.as_ref(), purpose)?;
    Ok(wire::TermsAndConditions {
        last_term: told.term.map(|(term, start)| dated_term(term, start)),
        auto_renew: told.auto_renew,
        renewal_setting,
        renewal_terms: renewal_terms.flatten(),
        bill_to_contact_id,
        clearing_existing_bill_to_contact,
        sold_to_contact_id,
        clearing_existing_sold_to_contact,
    })
}

/// The contact's id, or that the subscription's own is taken away.
fn contact(
    told: Option<&Option<Party>>,
    purpose: Purpose,
) -> Result<(Option<&str>, Option<bool>), PortError> {
    match told {
        None => Ok((None, None)),
        Some(None) => Ok((None, Some(true))),
        Some(Some(party)) => Ok((purpose.party(party)?, None)),
    }
}

fn cancel(on: CancelOn) -> wire::Cancel {
    let (cancellation_policy, cancellation_effective_date) = match on {
        CancelOn::Date(day) => (CancellationPolicy::SpecificDate, Some(day)),
        CancelOn::EndOfTerm => (CancellationPolicy::EndOfCurrentTerm, None),
        CancelOn::EndOfBilledPeriod => (CancellationPolicy::EndOfLastInvoicePeriod, None),
    };
    wire::Cancel { cancellation_policy, cancellation_effective_date }
}
