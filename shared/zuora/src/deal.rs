//! Orders and subscriptions: the body of a deal's first order, and look-ups (`zuora.md` 5).

use crate::client::{Call, Tenant};
use crate::config::Config;
use crate::decimal::Num;
use crate::dto::custom_field;
use crate::dto::order as wire;
use crate::dto::orders::{
    ActionType, ListPriceBase, Period, RenewalSetting, TermPeriod, TermType, TriggerEvent,
};
use crate::dto::subscription::{Subscription, SubscriptionRow};
use crate::query::{Query, is_refused_filter, said};
use crate::send::rendered;
use connector_domain::billing::deal::{
    DesiredOrder, ObservedOrder, ObservedSubscription, Party, Pricing, SubscribedLine,
};
use connector_domain::dates::Term;
use connector_domain::ids::{AccountId, AccountNumber, ChargeId, HubSpotId, OrderNumber, SubscriptionNumber};
use connector_domain::state::Effect;
use connector_ports::PortError;
use connector_ports::billing::Rendered;
use jiff::civil::Date;

const RENDER: &str = "zuora render order";
const PAGE: u8 = 20;
/// 2,000 subscriptions of one account, when they must be looked through one by one.
const PAGES: usize = 100;

/// `POST /v1/orders` with one `CreateSubscription` (`zuora.md` 5.2).
///
/// A [`Party::New`] cannot be rendered: the engine creates the contact first and puts its id in.
pub(crate) fn create(config: &Config, desired: &DesiredOrder) -> Result<Rendered, PortError> {
    let projection = &desired.projection;
    let optional = [
        (TriggerEvent::ServiceActivation, projection.service_activation),
        (TriggerEvent::CustomerAcceptance, projection.customer_acceptance),
    ];
    // The other two only when filled; a subscription that waits for them is a success (D-5).
    let trigger_dates = std::iter::once((TriggerEvent::ContractEffective, Some(projection.start)))
        .chain(optional)
        .filter_map(|(name, date)| date.map(|trigger_date| wire::TriggerDate { name, trigger_date }))
        .collect();
    let foreign = desired.account_currency.as_ref() != Some(&projection.currency);
    let subscription = wire::CreateSubscription {
        subscription_number: desired.subscription.as_str(),
        invoice_owner_account_number: projection.invoice_owner.as_ref().map(AccountNumber::as_str),
        currency: (config.multi_currency && foreign).then(|| projection.currency.as_str()),
        bill_to_contact_id: party(desired.bill_to.as_ref())?,
        sold_to_contact_id: party(desired.sold_to.as_ref())?,
        terms: terms(projection.term, projection.start),
        subscribe_to_rate_plans: projection
            .lines
            .iter()
            .map(|line| rate_plan(config, line))
            .collect::<Result<_, _>>()?,
    };
    let body = wire::CreateOrder {
        order_number: desired.order.as_str(),
        order_date: projection.start,
        existing_account_number: projection.account.as_str(),
        description: format!("HubSpot deal {}", desired.deal),
        subscriptions: [wire::Subscription {
            custom_fields: [(config.deal_field.as_str(), desired.deal.as_str())].into(),
            order_actions: [wire::Action {
                action_type: ActionType::CreateSubscription,
                trigger_dates,
                create_subscription: subscription,
            }],
        }],
        processing_options: wire::ProcessingOptions { run_billing: false, collect_payment: false },
    };
    rendered(RENDER, Effect::CreateOrder, desired.order.as_str(), None, &body)
}

fn party(party: Option<&Party>) -> Result<Option<&str>, PortError> {
    match party {
        None => Ok(None),
        Some(Party::Known(id)) => Ok(Some(id.as_str())),
        Some(Party::New { .. }) => Err(PortError::bug(RENDER, "a contact of the order has no id yet")),
    }
}

fn terms(term: Term, start_date: Date) -> wire::Terms {
    let termed = match term {
        Term::Evergreen => None,
        Term::Months(period) => Some((period, TermPeriod::Month)),
        Term::Weeks(period) => Some((period, TermPeriod::Week)),
    };
    wire::Terms {
        auto_renew: false,
        renewal_setting: termed.map(|_| RenewalSetting::SpecificTerm),
        initial_term: wire::InitialTerm {
            start_date,
            period: termed.map(|(period, _)| period),
            period_type: termed.map(|(_, kind)| kind),
            term_type: if termed.is_some() { TermType::Termed } else { TermType::Evergreen },
        },
        renewal_terms: termed.map(|(period, period_type)| [wire::RenewalTerm { period, period_type }]),
    }
}

fn rate_plan<'a>(config: &Config, line: &'a SubscribedLine) -> Result<wire::RatePlan<'a>, PortError> {
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
    let sold = wire::ChargeOverride {
        product_rate_plan_charge_id: line.charge.as_str(),
        charge_number: Some(&line.charge_number),
        pricing: pricing(line.pricing),
        billing,
        start_date: line.trigger.map(|event| wire::StartDate { trigger_event: event.into() }),
    };
    let percentages =
        line.zero_percentages.iter().map(|c| without_discount(c, wire::Discount::DiscountPercentage));
    let amounts = line.zero_amounts.iter().map(|c| without_discount(c, wire::Discount::DiscountAmount));
    Ok(wire::RatePlan {
        product_rate_plan_id: line.plan.as_str(),
        // With a link field, plans carry the product id there and have no external id.
        externally_managed_plan_id: (line.external_id && config.link_field.is_none())
            .then(|| line.product.as_str()),
        unique_token: format!("li-{}", line.line),
        charge_overrides: std::iter::once(sold).chain(percentages).chain(amounts).collect(),
    })
}

/// A discount charge of the plan set to nothing: discounts are in the net price.
fn without_discount(charge: &ChargeId, discount: fn(Num) -> wire::Discount) -> wire::ChargeOverride<'_> {
    wire::ChargeOverride {
        product_rate_plan_charge_id: charge.as_str(),
        charge_number: None,
        pricing: wire::Pricing::Discount(discount(Num::ZERO)),
        billing: None,
        start_date: None,
    }
}

fn pricing(pricing: Pricing) -> wire::Pricing {
    let list_price_base = ListPriceBase::PerBillingPeriod;
    match pricing {
        Pricing::RecurringPerUnit { quantity, price } => wire::Pricing::RecurringPerUnit {
            quantity: Num(quantity),
            list_price: Num(price),
            list_price_base,
        },
        Pricing::RecurringFlatFee { price } => {
            wire::Pricing::RecurringFlatFee { list_price: Num(price), list_price_base }
        }
        Pricing::OneTimePerUnit { quantity, price } => {
            wire::Pricing::OneTimePerUnit { list_price: Num(price), quantity: Num(quantity) }
        }
        Pricing::OneTimeFlatFee { price } => wire::Pricing::OneTimeFlatFee { list_price: Num(price) },
    }
}

/// `GET /v1/orders/{number}`.
pub(crate) async fn order(tenant: &Tenant, number: &OrderNumber) -> Result<Option<ObservedOrder>, PortError> {
    let path = ["v1", "orders", number.as_str()];
    let Some(answer) = tenant.call(&Call::keyed("zuora read order", &path, number.as_str())).await? else {
        return Ok(None);
    };
    let order = answer.parse::<wire::OrderAnswer>()?.order;
    let subscriptions = order.subscriptions.unwrap_or_default();
    Ok(Some(ObservedOrder {
        number: OrderNumber(order.order_number),
        status: said(order.status),
        account: said(order.existing_account_number).map(AccountNumber),
        subscriptions: subscriptions
            .into_iter()
            .filter_map(|subscription| said(subscription.subscription_number))
            .map(SubscriptionNumber)
            .collect(),
    }))
}

/// `GET /v1/subscriptions/{number}`: the latest version.
pub(crate) async fn subscription(
    tenant: &Tenant,
    config: &Config,
    number: &SubscriptionNumber,
) -> Result<Option<ObservedSubscription>, PortError> {
    let path = ["v1", "subscriptions", number.as_str()];
    let call = Call::keyed("zuora read subscription", &path, number.as_str());
    let Some(answer) = tenant.call(&call).await? else { return Ok(None) };
    let found: Subscription = answer.parse()?;
    Ok(Some(ObservedSubscription {
        deal: custom_field(&found.fields, &config.deal_field),
        number: SubscriptionNumber(found.subscription_number),
        status: found.status.unwrap_or_default(),
        account: said(found.account_number).map(AccountNumber),
        order: said(found.order_number).map(OrderNumber),
    }))
}

/// The living version of each subscription that carries the deal's id.
pub(crate) async fn subscriptions_of(
    tenant: &Tenant,
    config: &Config,
    account: &AccountId,
    deal: &HubSpotId,
) -> Result<Vec<ObservedSubscription>, PortError> {
    let query = || {
        Query::new("zuora subscriptions of deal", "subscriptions", PAGE, deal.as_str())
            .equal("accountid", account.as_str())
    };
    let rows: Result<Vec<SubscriptionRow>, PortError> =
        query().equal(&config.deal_field, deal.as_str()).rows(tenant, PAGES).await;
    let (rows, filtered) = match rows {
        Ok(rows) => (rows, true),
        // The field is not indexed or not there: look through the account's subscriptions.
        Err(error) if is_refused_filter(&error) => (query().rows(tenant, PAGES).await?, false),
        Err(error) => return Err(error),
    };
    Ok(rows.into_iter().filter_map(|row| of_deal(row, config, deal, filtered)).collect())
}

fn of_deal(
    row: SubscriptionRow,
    config: &Config,
    deal: &HubSpotId,
    filtered: bool,
) -> Option<ObservedSubscription> {
    let carried = custom_field(&row.fields, &config.deal_field);
    let matches = match &carried {
        Some(carried) => carried == deal.as_str(),
        // Zuora compared the field itself and only does not show it.
        None => filtered,
    };
    (matches && row.is_latest_version != Some(false)).then(|| ObservedSubscription {
        number: SubscriptionNumber(row.name),
        status: row.status.unwrap_or_default(),
        account: None,
        deal: carried.or_else(|| Some(deal.to_string())),
        order: None,
    })
}

#[cfg(test)]
mod tests;
