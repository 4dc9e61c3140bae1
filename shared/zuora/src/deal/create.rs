//! A deal's first order: one `CreateSubscription`, a rate plan per line.

use super::pricing::{line_discount, pricing, without_discount};
use super::{Purpose, RENDER, dated_term, renewal, trigger_dates};
use crate::config::Config;
use crate::dto::order as wire;
use crate::dto::orders::{EndDateCondition, Period, TriggerEvent};
use crate::send::rendered;
use connector_domain::billing::deal::{DealProjection, DesiredOrder, SubscribedLine};
use connector_domain::dates::Term;
use connector_domain::ids::AccountNumber;
use connector_domain::state::Effect;
use connector_ports::PortError;
use connector_ports::billing::Rendered;

/// `POST /v1/orders` with one `CreateSubscription` (`zuora.md` 5.2).
///
/// # Errors
/// A mistake in this code, such as a contact that has no id yet.
pub(crate) fn create(config: &Config, desired: &DesiredOrder) -> Result<Rendered, PortError> {
    let body = request(config, desired, Purpose::Order)?;
    rendered(RENDER, Effect::CreateOrder, desired.order.as_str(), None, &body)
}

/// The order, for one purpose or another; a preview's account and options are still missing.
pub(super) fn request<'a>(
    config: &'a Config,
    desired: &'a DesiredOrder,
    purpose: Purpose,
) -> Result<wire::Request<'a>, PortError> {
    let projection = &desired.projection;
    let foreign = desired.account_currency.as_ref() != Some(&projection.currency);
    let with_account = purpose != Purpose::PreviewWithoutAccount;
    let party = |party: &'a Option<_>| party.as_ref().map_or(Ok(None), |party| purpose.party(party));
    let subscription = wire::CreateSubscription {
        subscription_number: desired.subscription.as_str(),
        invoice_owner_account_number: projection
            .invoice_owner
            .as_ref()
            .filter(|_| with_account)
            .map(AccountNumber::as_str),
        currency: (config.multi_currency && foreign).then(|| projection.currency.as_str()),
        bill_to_contact_id: party(&desired.bill_to)?,
        sold_to_contact_id: party(&desired.sold_to)?,
        terms: terms(projection),
        subscribe_to_rate_plans: projection
            .lines
            .iter()
            .map(|line| rate_plan(config, line, purpose))
            .collect::<Result<_, _>>()?,
    };
    // The other two only when filled; a subscription that waits for them is a success (D-5).
    let trigger_dates = trigger_dates([
        (TriggerEvent::ContractEffective, Some(projection.start)),
        (TriggerEvent::ServiceActivation, projection.service_activation),
        (TriggerEvent::CustomerAcceptance, projection.customer_acceptance),
    ]);
    Ok(wire::Request {
        // A preview takes no number away from the order that follows.
        order_number: (purpose == Purpose::Order).then(|| desired.order.as_str()),
        order_date: projection.order_date.unwrap_or(projection.start),
        existing_account_number: with_account.then(|| projection.account.as_str()),
        preview_account_info: None,
        description: format!("HubSpot deal {}", desired.deal),
        subscriptions: [wire::Subscription {
            subscription_number: None,
            custom_fields: [(config.deal_field.as_str(), desired.deal.as_str())].into(),
            order_actions: vec![wire::What::CreateSubscription(subscription).on(trigger_dates)],
        }],
        processing_options: purpose.processing_options(),
        preview_options: None,
    })
}

/// The term, and its renewal where it has an end.
fn terms(projection: &DealProjection) -> wire::Terms {
    let renewal = (projection.term != Term::Evergreen)
        .then(|| renewal(projection.renewal_term.unwrap_or(projection.term)));
    let (renewal_setting, renewal_terms) = renewal.unzip();
    wire::Terms {
        auto_renew: projection.auto_renew && renewal_setting.is_some(),
        renewal_setting,
        initial_term: dated_term(projection.term, projection.start),
        renewal_terms: renewal_terms.flatten(),
    }
}

/// A line as a rate plan, in a first order and in one that adds it.
pub(super) fn rate_plan<'a>(
    config: &Config,
    line: &'a SubscribedLine,
    purpose: Purpose,
) -> Result<wire::RatePlan<'a>, PortError> {
    let billing = match (line.period, line.period_differs) {
        (Some(period), true) => {
            let (billing_period, specific_billing_period) = Period::of(period);
            Some(wire::Billing { billing_period, specific_billing_period })
        }
        (Some(_) | None, false) => None,
        (None, true) => {
            return Err(PortError::bug(RENDER, "a line differs from the plan's period but has none"));
        }
    };
    let start_date = match (line.from, line.trigger) {
        (Some(day), _) => Some(wire::StartDate {
            trigger_event: TriggerEvent::SpecificDate,
            specific_trigger_date: Some(day),
        }),
        (None, Some(event)) => {
            Some(wire::StartDate { trigger_event: event.into(), specific_trigger_date: None })
        }
        (None, None) => None,
    };
    let end_date = line.until.map(|day| wire::EndDate {
        end_date_condition: EndDateCondition::SpecificEndDate,
        specific_end_date: day,
    });
    let sold = wire::ChargeOverride {
        product_rate_plan_charge_id: line.charge.as_str(),
        charge_number: Some(&line.charge_number),
        pricing: pricing(&line.pricing),
        billing,
        start_date,
        end_date,
    };
    // The discount runs as long as what it is taken off, in the same periods.
    let discount = line.discount.as_ref().map(|discount| wire::ChargeOverride {
        product_rate_plan_charge_id: discount.charge.as_str(),
        charge_number: None,
        pricing: Some(line_discount(discount.off, line.pricing.charge_type())),
        billing,
        start_date,
        end_date,
    });
    let percentages =
        line.zero_percentages.iter().map(|c| without_discount(c, wire::Off::DiscountPercentage));
    let amounts = line.zero_amounts.iter().map(|c| without_discount(c, wire::Off::DiscountAmount));
    Ok(wire::RatePlan {
        product_rate_plan_id: line.plan.as_str(),
        // With a link field, plans carry the product id there and have no external id. The models of previews do
        // not know the field.
        externally_managed_plan_id: (purpose == Purpose::Order
            && line.external_id
            && config.link_field.is_none())
        .then(|| line.product.as_str()),
        unique_token: format!("li-{}", line.line),
        charge_overrides: std::iter::once(sold).chain(discount).chain(percentages).chain(amounts).collect(),
    })
}
