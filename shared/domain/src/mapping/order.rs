//! A checked deal with its account and rate plans to an order and a subscription (Z-087 to Z-104, D-3, D-5, D-6).
//!
//! The second step of mapping a deal; the first, [`super::deal::check`], judges the deal by itself.

mod price;

use super::Mapped;
use super::deal::{CheckedDeal, CheckedLine};
use crate::billing::company::AccountLink;
use crate::billing::deal::{DealProjection, DesiredOrder, Part, Party, SubscribedLine, SubscriptionLink};
use crate::billing::product::{CatalogCharge, CatalogLink, ChargeModel, ChargeType};
use crate::ids::{ChargeId, HubSpotId};
use crate::money::Currency;
use crate::numbering;
use crate::policy::Policy;
use crate::problem::{Problem, ProblemCode};
use price::{Priced, price};
use std::collections::{BTreeMap, BTreeSet};

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

/// Joins a checked deal with account and rate plans: the first order of a subscription of its own.
pub fn order(deal: &CheckedDeal, around: &Surroundings<'_>, policy: &Policy) -> Mapped<DesiredOrder> {
    let Mapped { desired, problems, notices } = project(deal, around, policy);
    let desired = desired.map(|projection| DesiredOrder {
        deal: deal.id.clone(),
        order: numbering::order(policy.portal, &deal.id, around.orders.saturating_add(1)),
        subscription: numbering::subscription(policy.portal, &deal.id, around.life),
        account_currency: around.account.currency.clone(),
        bill_to: around.bill_to.clone(),
        sold_to: around.sold_to.clone(),
        projection,
    });
    Mapped { desired, problems, notices }
}

/// What a deal says about its subscription, line by line.
pub fn project(deal: &CheckedDeal, around: &Surroundings<'_>, policy: &Policy) -> Mapped<DealProjection> {
    let (mut problems, mut notices) = (Vec::new(), Vec::new());
    let lines: Vec<SubscribedLine> = deal
        .lines
        .iter()
        .filter_map(|line| subscribe(deal, line, around, policy, &mut problems, &mut notices))
        .collect();
    if problems.is_empty() && lines.len() != deal.lines.len() {
        // Callers see to it that every product has a plan; a line must never be left out in silence.
        problems.push(
            Problem::new(ProblemCode::Internal, "A line item has no rate plan to go to.")
                .at(format!("deal {}", deal.id)),
        );
    }
    let desired = problems.is_empty().then(|| DealProjection {
        account: around.account.number.clone(),
        invoice_owner: around.invoice_owner.map(|a| a.number.clone()),
        currency: deal.currency.clone(),
        term: deal.term,
        start: deal.start,
        order_date: (deal.close_date != deal.start).then_some(deal.close_date),
        auto_renew: deal.auto_renew,
        renewal_term: deal.renewal_term.filter(|t| *t != deal.term),
        suspended: deal.suspend_on,
        resumed: deal.resume_on,
        changed: None,
        effective: None,
        retired: BTreeSet::new(),
        service_activation: deal.service_activation,
        customer_acceptance: deal.customer_acceptance,
        bill_to: around.bill_to.as_ref().and(deal.bill_to.clone()),
        sold_to: around.sold_to.as_ref().and(deal.sold_to.clone()),
        lines,
    });
    Mapped { desired, problems, notices }
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
            part: Part::Owns,
            ended: false,
        }
    }
}

fn subscribe(
    deal: &CheckedDeal,
    line: &CheckedLine,
    around: &Surroundings<'_>,
    policy: &Policy,
    problems: &mut Vec<Problem>,
    notices: &mut Vec<String>,
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
    let Priced { pricing, discount } =
        match price(line, charge, link, &deal.currency, policy.discounts, notices) {
            Ok(priced) => priced,
            Err(problem) => {
                problems.push(problem);
                return None;
            }
        };
    let period_differs = match (charge.charge_type, line.period, charge.period) {
        // Usage is billed as its plan says.
        (ChargeType::Usage, _, _) | (_, None, _) => false,
        (_, Some(line), Some(charge)) => !line.same_as(charge),
        (_, Some(_), None) => true,
    };
    let is_used = |id: &ChargeId| discount.as_ref().is_some_and(|d| d.charge == *id);
    let zero = |model: ChargeModel| {
        link.charges
            .iter()
            .filter(|c| c.default_discount && c.model == model && !is_used(&c.id))
            .map(|c| c.id.clone())
            .collect()
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
        from: line.from,
        until: line.until,
        held: None,
        zero_percentages: zero(ChargeModel::DiscountPercentage),
        zero_amounts: zero(ChargeModel::DiscountFixedAmount),
        discount,
    })
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
