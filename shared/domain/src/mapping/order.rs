//! A checked deal with its account and rate plans to an order and a subscription (Z-087 to Z-104, D-3, D-5, D-6).
//!
//! The second step of mapping a deal; the first, [`super::deal::check`], judges the deal by itself.

use super::Mapped;
use super::deal::{CheckedDeal, CheckedLine};
use crate::billing::company::AccountLink;
use crate::billing::deal::{DealProjection, DesiredOrder, Party, Pricing, SubscribedLine, SubscriptionLink};
use crate::billing::product::{CatalogCharge, CatalogLink, ChargeModel, ChargeType};
use crate::ids::HubSpotId;
use crate::money::Currency;
use crate::numbering;
use crate::policy::Policy;
use crate::problem::{Problem, ProblemCode};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What [`order`] joins a deal with.
#[derive(Debug, Clone)]
pub struct Surroundings<'a> {
    /// The owner's account.
    pub account: &'a AccountLink,
    /// The payer's account, when another company pays.
    pub invoice_owner: Option<&'a AccountLink>,
    /// Rate plans by product.
    pub catalog: &'a BTreeMap<HubSpotId, CatalogLink>,
    /// Bill-to and sold-to of the subscription, when they differ from the account's.
    pub bill_to: Option<Party>,
    /// See [`Surroundings::bill_to`].
    pub sold_to: Option<Party>,
    /// How many orders the deal has had.
    pub orders: u32,
    /// Which subscription of the deal it is, from 1 (D-16).
    pub life: u32,
}

/// Joins a checked deal with account and rate plans.
pub fn order(deal: &CheckedDeal, around: &Surroundings<'_>, policy: &Policy) -> Mapped<DesiredOrder> {
    let mut problems = Vec::new();
    let lines: Vec<SubscribedLine> =
        deal.lines.iter().filter_map(|line| subscribe(deal, line, around, policy, &mut problems)).collect();
    if problems.is_empty() && lines.len() != deal.lines.len() {
        // Callers see to it that every product has a plan; a line must never be left out in silence.
        problems.push(
            Problem::new(ProblemCode::Internal, "A line item has no rate plan to go to.")
                .at(format!("deal {}", deal.id)),
        );
    }
    let desired = problems.is_empty().then(|| DesiredOrder {
        deal: deal.id.clone(),
        order: numbering::order(policy.portal, &deal.id, around.orders.saturating_add(1)),
        subscription: numbering::subscription(policy.portal, &deal.id, around.life),
        account_currency: around.account.currency.clone(),
        bill_to: around.bill_to.clone(),
        sold_to: around.sold_to.clone(),
        projection: DealProjection {
            account: around.account.number.clone(),
            invoice_owner: around.invoice_owner.map(|a| a.number.clone()),
            currency: deal.currency.clone(),
            term: deal.term,
            start: deal.close_date,
            service_activation: deal.service_activation,
            customer_acceptance: deal.customer_acceptance,
            bill_to: around.bill_to.as_ref().and(deal.bill_to.clone()),
            sold_to: around.sold_to.as_ref().and(deal.sold_to.clone()),
            lines,
        },
    });
    Mapped { desired, problems, notices: Vec::new() }
}

impl DesiredOrder {
    /// The link that this order makes.
    pub fn link(&self, orders_before: u32, life: u32) -> SubscriptionLink {
        SubscriptionLink {
            subscription: self.subscription.clone(),
            order: self.order.clone(),
            orders: orders_before.saturating_add(1),
            life,
            account: self.projection.account.clone(),
            status: None,
            ours: true,
        }
    }
}

fn subscribe(
    deal: &CheckedDeal,
    line: &CheckedLine,
    around: &Surroundings<'_>,
    policy: &Policy,
    problems: &mut Vec<Problem>,
) -> Option<SubscribedLine> {
    let at = format!("line item {}", line.id);
    let link = around.catalog.get(&line.product)?;
    let plan = link.plan.clone()?;
    let sold: Vec<&CatalogCharge> = link.sold_charges().collect();
    let [charge] = sold.as_slice() else {
        problems.push(
            Problem::new(
                ProblemCode::ProductCharges,
                format!("Rate plan {plan} has {} charges besides discounts.", sold.len()),
            )
            .at(at),
        );
        return None;
    };
    if !charge.prices.is_empty() && !charge.prices.contains_key(&deal.currency) {
        let has: Vec<_> = charge.prices.keys().map(Currency::as_str).collect();
        problems.push(
            Problem::new(
                ProblemCode::PlanCurrency,
                format!(
                    "Rate plan {plan} of product {} has prices in {}, the deal is in {}.",
                    line.product,
                    has.join(", "),
                    deal.currency
                ),
            )
            .at(format!("deal {} deal_currency_code", deal.id)),
        );
        return None;
    }
    let pricing = match price(line, charge) {
        Ok(pricing) => pricing,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let period_differs = match (line.period, charge.period) {
        (Some(line), Some(charge)) => !line.same_as(charge),
        (Some(_), None) => true,
        (None, _) => false,
    };
    let zero = |model: ChargeModel| {
        link.charges.iter().filter(|c| c.default_discount && c.model == model).map(|c| c.id.clone()).collect()
    };
    Some(SubscribedLine {
        line: line.id.clone(),
        product: line.product.clone(),
        plan,
        external_id: link.external_id,
        charge: charge.id.clone(),
        charge_number: numbering::charge(policy.portal, &line.id, around.life),
        pricing,
        period: line.period,
        period_differs,
        trigger: line.trigger,
        zero_percentages: zero(ChargeModel::DiscountPercentage),
        zero_amounts: zero(ChargeModel::DiscountFixedAmount),
    })
}

/// The charge's model rules; a line that it cannot express is refused, with the line named.
fn price(line: &CheckedLine, charge: &CatalogCharge) -> Result<Pricing, Problem> {
    let (quantity, price) = (line.quantity, line.net_price);
    let at = format!("line item {}", line.id);
    let flat = |pricing: Pricing| {
        if quantity == Decimal::ONE {
            Ok(pricing)
        } else {
            Err(Problem::new(ProblemCode::FlatFeeQuantity, format!("The quantity is {quantity}."))
                .at(format!("{at} quantity")))
        }
    };
    match (charge.charge_type, &charge.model, line.period) {
        (ChargeType::Recurring, ChargeModel::PerUnit, Some(_)) => {
            Ok(Pricing::RecurringPerUnit { quantity, price })
        }
        (ChargeType::Recurring, ChargeModel::FlatFee, Some(_)) => flat(Pricing::RecurringFlatFee { price }),
        (ChargeType::OneTime, ChargeModel::PerUnit, None) => Ok(Pricing::OneTimePerUnit { quantity, price }),
        (ChargeType::OneTime, ChargeModel::FlatFee, None) => flat(Pricing::OneTimeFlatFee { price }),
        (ChargeType::Recurring, ChargeModel::PerUnit | ChargeModel::FlatFee, None) => Err(Problem::new(
            ProblemCode::LineFrequency,
            "The line is one-time, the charge in Zuora is recurring.",
        )
        .at(format!("{at} recurringbillingfrequency"))),
        (ChargeType::OneTime, ChargeModel::PerUnit | ChargeModel::FlatFee, Some(period)) => {
            Err(Problem::new(
                ProblemCode::LineFrequency,
                format!("The line bills each {period}, the charge in Zuora is one-time."),
            )
            .at(format!("{at} recurringbillingfrequency")))
        }
        (ChargeType::Usage, _, _)
        | (
            ChargeType::OneTime | ChargeType::Recurring,
            ChargeModel::Tiered
            | ChargeModel::Volume
            | ChargeModel::DiscountFixedAmount
            | ChargeModel::DiscountPercentage
            | ChargeModel::Other(_),
            _,
        ) => Err(Problem::new(
            ProblemCode::ProductModel,
            format!("Charge {} is {:?}, {:?}.", charge.id, charge.charge_type, charge.model),
        )
        .at(at)),
    }
}
