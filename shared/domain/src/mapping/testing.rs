//! A portal, a catalogue and won deals for tests.

use super::deal::check;
use super::order::{Surroundings, project};
use crate::billing::company::AccountLink;
use crate::billing::deal::DealProjection;
use crate::billing::product::{CatalogCharge, CatalogLink, ChargeModel, ChargeType};
use crate::billing::tiers::Tier;
use crate::crm::deal::{Deal, DealRecord};
use crate::crm::line_item::LineItem;
use crate::crm::{Association, Label};
use crate::dates::BillingPeriod;
use crate::ids::{HubSpotId, PortalId};
use crate::money::Currency;
use crate::policy::{Policy, Portal};
use crate::problem::Problem;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Per unit each month, with a percentage and a fixed-amount discount charge.
pub(crate) const SEATS: &str = "1";
/// Tiered each month, 1-1000 at 0.10, 1001-10000 at 0.08, then 0.05.
pub(crate) const CALLS: &str = "2";
/// One-time per unit.
pub(crate) const WORKSHOP: &str = "3";
/// Flat fee each year.
pub(crate) const SUPPORT: &str = "4";
/// Per unit each month; a plan of our own, without discount charges.
pub(crate) const GATEWAY: &str = "5";
/// Usage per unit.
pub(crate) const STORAGE: &str = "6";
/// Volume each month with flat ranges and discount charges.
pub(crate) const STEPS: &str = "7";
/// One-time flat fee.
pub(crate) const SETUP: &str = "8";
/// Usage by tiers.
pub(crate) const EVENTS: &str = "9";
/// Usage with overage.
pub(crate) const OVERAGE: &str = "10";
/// Per unit each month with a percentage that takes something off by default; Zuora's plan.
pub(crate) const DEFAULTED: &str = "11";

pub(crate) fn id(text: &str) -> HubSpotId {
    HubSpotId::parse(text).unwrap()
}

pub(crate) fn cur(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

pub(crate) fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn portal() -> Portal {
    Portal {
        time_zone: TimeZone::get("Europe/Oslo").unwrap(),
        home_currency: cur("USD"),
        currencies: ["USD", "NOK", "JPY", "KWD"].map(cur).into(),
    }
}

pub(crate) fn policy() -> Policy {
    Policy::defaults(PortalId(24680135))
}

/// A won deal of one company with close date 2026-11-16 in NOK.
pub(crate) fn record(lines: &[LineItem]) -> DealRecord {
    DealRecord {
        deal: Deal {
            id: id("7001"),
            name: None,
            pipeline: Some("default".into()),
            stage: Some("closedwon".into()),
            closed_won: true,
            closed_lost: false,
            close_date: Some("2026-11-16".into()),
            currency: Some("NOK".into()),
            service_activation: None,
            customer_acceptance: None,
            deal_type: None,
            other: BTreeMap::new(),
            merged_ids: vec![],
        },
        companies: vec![Association {
            to: id("9001001"),
            labels: vec![Label { hubspot_defined: true, type_id: 5, text: None }],
        }],
        contacts: vec![],
        line_items: lines.iter().filter_map(|l| l.id.clone()).collect(),
    }
}

/// A line of a product with quantity and price, for 12 months where it recurs.
pub(crate) fn line(number: &str, product: &str, quantity: &str, price: &str) -> LineItem {
    let frequency = match product {
        WORKSHOP | SETUP | STORAGE | EVENTS | OVERAGE => None,
        SUPPORT => Some("annually"),
        _ => Some("monthly"),
    };
    LineItem {
        id: Some(id(number)),
        product: Some(product.into()),
        quantity: Some(quantity.into()),
        price: Some(price.into()),
        frequency: frequency.map(Into::into),
        term: frequency.map(|_| "P12M".into()),
        ..LineItem::default()
    }
}

/// A monthly line with its own term and start date; empty for none.
pub(crate) fn phase(number: &str, product: &str, term: &str, start: &str) -> LineItem {
    LineItem {
        term: Some(term.to_owned()).filter(|t| !t.is_empty()),
        start_date: Some(start.to_owned()).filter(|t| !t.is_empty()),
        ..line(number, product, "1", "10")
    }
}

pub(crate) fn tiers(rows: &[(i64, &str)], flat: bool) -> Vec<Tier> {
    let mut from = Decimal::ONE;
    let mut out = Vec::new();
    for (index, (to, price)) in rows.iter().enumerate() {
        let to = Decimal::from(*to);
        let last = index + 1 == rows.len();
        out.push(Tier { from, to: Some(to).filter(|_| !last), price: d(price), flat });
        from = to + Decimal::ONE;
    }
    out
}

pub(crate) fn catalog() -> BTreeMap<HubSpotId, CatalogLink> {
    use ChargeModel::{FlatFee, Overage, PerUnit, Tiered, Volume};
    use ChargeType::{OneTime, Recurring, Usage};
    let month = Some(BillingPeriod::Month);
    let calls = tiers(&[(1000, "0.10"), (10_000, "0.08"), (0, "0.05")], false);
    let steps = tiers(&[(10, "100"), (50, "400"), (0, "700")], true);
    let rows = [
        (SEATS, PerUnit, Recurring, month, vec![], "both"),
        (CALLS, Tiered, Recurring, month, calls.clone(), "both"),
        (WORKSHOP, PerUnit, OneTime, None, vec![], "both"),
        (SUPPORT, FlatFee, Recurring, Some(BillingPeriod::Annual), vec![], "both"),
        (GATEWAY, PerUnit, Recurring, month, vec![], "ours"),
        (STORAGE, PerUnit, Usage, month, vec![], ""),
        (STEPS, Volume, Recurring, month, steps, "both"),
        (SETUP, FlatFee, OneTime, None, vec![], "both"),
        (EVENTS, Tiered, Usage, month, calls, ""),
        (OVERAGE, Overage, Usage, month, vec![], ""),
        (DEFAULTED, PerUnit, Recurring, month, vec![], "default"),
    ];
    rows.into_iter()
        .map(|(product, model, charge_type, period, table, discounts)| {
            let charge = |suffix: &str, model, default_discount| CatalogCharge {
                id: format!("charge-{product}{suffix}").as_str().into(),
                model,
                charge_type,
                period,
                prices: ["USD", "NOK", "JPY", "KWD"].map(|c| (cur(c), Decimal::ONE)).into(),
                tiers: BTreeMap::new(),
                default_discount,
            };
            let mut sold = charge("", model, false);
            if !table.is_empty() {
                sold.tiers = sold.prices.keys().map(|c| (c.clone(), table.clone())).collect();
            }
            let mut charges = vec![sold];
            if discounts == "both" || discounts == "default" {
                let default = discounts == "default";
                charges.push(charge("-percent", ChargeModel::DiscountPercentage, default));
            }
            if discounts == "both" {
                charges.push(charge("-amount", ChargeModel::DiscountFixedAmount, false));
            }
            let link = CatalogLink {
                product: None,
                plan: Some(format!("plan-{product}").as_str().into()),
                charges,
                ours: discounts == "ours",
                external_id: true,
            };
            (id(product), link)
        })
        .collect()
}

/// What a deal says about its subscription.
pub(crate) fn projection(
    record: &DealRecord,
    lines: &[LineItem],
    policy: &Policy,
) -> Result<(DealProjection, Vec<String>), Vec<Problem>> {
    let deal = check(record, lines, &portal(), policy)?;
    let account = AccountLink {
        id: "acc".into(),
        number: "HS-24680135-9001001".into(),
        currency: None,
        bill_to: None,
        sold_to: None,
    };
    let catalog = catalog();
    let around = Surroundings {
        account: &account,
        invoice_owner: None,
        catalog: &catalog,
        bill_to: None,
        sold_to: None,
        orders: 0,
        life: 1,
    };
    let mapped = project(&deal, &around, policy);
    mapped.desired.map(|p| (p, mapped.notices)).ok_or(mapped.problems)
}

/// The projection of a deal that is in order, under the default policy.
pub(crate) fn said(lines: &[LineItem]) -> DealProjection {
    projection(&record(lines), lines, &policy()).unwrap().0
}
