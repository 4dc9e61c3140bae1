//! Orders and subscriptions as Zuora has them.

use crate::client::{Call, Tenant};
use crate::config::Config;
use crate::dto::custom_field;
use crate::dto::order as wire;
use crate::dto::subscription::{Charge, ContactOf, RatePlan, Subscription, SubscriptionRow, Tier as TierRow};
use crate::dto::told::Told;
use crate::query::{Query, is_refused_filter, said};
use crate::words::{self, plain};
use connector_domain::billing::deal::ObservedOrder;
use connector_domain::billing::product::ChargeType;
use connector_domain::billing::subscription::{ObservedCharge, ObservedRatePlan, ObservedSubscription};
use connector_domain::billing::tiers::Tier;
use connector_domain::dates::Term;
use connector_domain::ids::{
    AccountId, AccountNumber, ChargeId, HubSpotId, OrderNumber, RatePlanId, SubscriptionNumber,
    ZuoraContactId,
};
use connector_domain::money::Currency;
use connector_ports::PortError;
use rust_decimal::Decimal;

const PAGE: u8 = 20;
/// 2,000 subscriptions of one account, when they must be looked through one by one.
const PAGES: usize = 100;

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

/// `GET /v1/subscriptions/{number}`: the latest version, each charge by its last segment.
pub(crate) async fn subscription(
    tenant: &Tenant,
    config: &Config,
    number: &SubscriptionNumber,
) -> Result<Option<ObservedSubscription>, PortError> {
    let path = ["v1", "subscriptions", number.as_str()];
    let call = Call::keyed("zuora read subscription", &path, number.as_str());
    let Some(answer) = tenant.call(&call).await? else { return Ok(None) };
    let found: Subscription = answer.parse()?;
    match found.subscription_number.text() {
        Some(number) => Ok(Some(observed(found, SubscriptionNumber(number), config))),
        None => Err(answer.unusable()),
    }
}

fn observed(found: Subscription, number: SubscriptionNumber, config: &Config) -> ObservedSubscription {
    let status = found.status.text().unwrap_or_default();
    let is = |told: &Told, word: &str| told.text().is_some_and(|text| plain(&text) == word);
    let evergreen = is(&found.term_type, "evergreen");
    let to_evergreen = is(&found.renewal_setting, "renewtoevergreen");
    let length = |n: &Told, kind: &Told| words::term(n.number(), kind.text().as_deref());
    let current = || length(&found.current_term, &found.current_term_period_type);
    let initial = || length(&found.initial_term, &found.initial_term_period_type);
    let renewal = || length(&found.renewal_term, &found.renewal_term_period_type);
    let mut seen = ObservedSubscription::bare(number, status);
    seen.account = found.account_number.text().map(AccountNumber);
    seen.invoice_owner = found.invoice_owner_account_number.text().map(AccountNumber);
    seen.deal = custom_field(&found.fields, &config.deal_field);
    seen.order = found.order_number.text().map(OrderNumber);
    seen.currency = found.currency.text().and_then(|code| Currency::parse(&code).ok());
    seen.term = if evergreen { Some(Term::Evergreen) } else { current().or_else(initial) };
    seen.start = found.subscription_start_date.date().or(found.contract_effective_date.date());
    seen.term_start = found.term_start_date.date();
    // An evergreen subscription shows the day of its cancellation there.
    seen.term_end = found.term_end_date.date().filter(|_| !evergreen);
    seen.auto_renew = found.auto_renew.flag();
    seen.renewal_term = if to_evergreen { Some(Term::Evergreen) } else { renewal() };
    seen.service_activation = found.service_activation_date.date();
    seen.customer_acceptance = found.customer_acceptance_date.date();
    seen.cancelled_on = found.cancelled_date.date().or(found.scheduled_cancel_date.date()).or_else(|| {
        // The end of the subscription is that of its term or, when it is cancelled, the day of that.
        let end = found.subscription_end_date.date()?;
        let early = seen.term_end.map_or(evergreen, |term_end| end < term_end);
        (early || seen.is_cancelled()).then_some(end)
    });
    seen.bill_to = found.bill_to_contact.and_then(own_contact);
    seen.sold_to = found.sold_to_contact.and_then(own_contact);
    seen.plans = found.rate_plans.unwrap_or_default().into_iter().map(rate_plan).collect();
    seen
}

/// A contact that is the subscription's own, unless Zuora says that it shows the account's.
fn own_contact(told: ContactOf) -> Option<ZuoraContactId> {
    let own = told.is_specified_in_subscription.flag() != Some(false);
    told.id.text().filter(|_| own).map(ZuoraContactId)
}

fn rate_plan(told: RatePlan) -> ObservedRatePlan {
    ObservedRatePlan {
        id: told.id.text().unwrap_or_default(),
        number: told.subscription_rate_plan_number.text(),
        plan: told.product_rate_plan_id.text().map(RatePlanId),
        external_id: told.externally_managed_plan_id.text(),
        removed: told.last_change_type.text().is_some_and(|change| plain(&change) == "remove"),
        charges: told.rate_plan_charges.unwrap_or_default().iter().map(charge).collect(),
    }
}

fn charge(told: &Charge) -> ObservedCharge {
    let segments = told.charge_segments.as_deref().unwrap_or_default();
    let last = segments.iter().max_by_key(|segment| segment.segment.number());
    let charge_type = told.charge_type.text().and_then(|text| words::charge_type(&text));
    let tiers = Some(rows(told)).filter(|rows| !rows.is_empty()).or_else(|| last.map(rows));
    let starts = in_segment(told, last, |c| c.effective_start_date.date());
    ObservedCharge {
        number: told.number.text().unwrap_or_default(),
        charge: told.product_rate_plan_charge_id.text().map(ChargeId),
        model: words::model(&told.model.text().unwrap_or_default()),
        charge_type,
        quantity: in_segment(told, last, |c| c.quantity.number()),
        price: in_segment(told, last, |c| c.price.number()),
        tiers: tiers.unwrap_or_default(),
        discount_percentage: in_segment(told, last, |c| {
            c.discount_percentage.number().or_else(|| listed(c, |tier| &tier.discount_percentage))
        }),
        discount_amount: in_segment(told, last, |c| {
            c.discount_amount.number().or_else(|| listed(c, |tier| &tier.discount_amount))
        }),
        // That of a one-time charge means nothing.
        period: told
            .billing_period
            .text()
            .filter(|_| charge_type != Some(ChargeType::OneTime))
            .and_then(|text| words::period(&text, told.specific_billing_period.number())),
        starts,
        ends: in_segment(told, last, |c| c.effective_end_date.date()),
        // What was billed before the last segment began is billed still.
        charged_through: segments
            .iter()
            .map(|segment| segment.charged_through_date.date())
            .chain([told.charged_through_date.date()])
            .max()
            .flatten(),
    }
}

/// What the charge says, or else its last segment.
fn in_segment<T>(told: &Charge, last: Option<&Charge>, read: impl Fn(&Charge) -> Option<T>) -> Option<T> {
    read(told).or_else(|| last.and_then(read))
}

/// A discount that stands in a list below the charge.
fn listed(told: &Charge, read: fn(&TierRow) -> &Told) -> Option<Decimal> {
    let lists = [&told.tiers, &told.pricing];
    lists.into_iter().flatten().flatten().find_map(|tier| read(tier).number())
}

/// The price table: the rows with a price, in their order.
fn rows(told: &Charge) -> Vec<Tier> {
    let mut rows: Vec<&TierRow> = told.tiers.iter().flatten().collect();
    rows.sort_by_key(|row| (row.tier.number(), row.starting_unit.number()));
    let row = |row: &TierRow| {
        Some(Tier {
            from: row.starting_unit.number().unwrap_or_default(),
            to: row.ending_unit.number(),
            price: row.price.number()?,
            flat: words::is_flat(row.price_format.text().as_deref()),
        })
    };
    rows.into_iter().filter_map(row).collect()
}

/// The living version of each subscription that carries the deal's id: number, status and deal alone.
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
    (matches && row.is_latest_version != Some(false)).then(|| {
        let mut seen =
            ObservedSubscription::bare(SubscriptionNumber(row.name), row.status.unwrap_or_default());
        seen.deal = carried.or_else(|| Some(deal.to_string()));
        seen
    })
}
