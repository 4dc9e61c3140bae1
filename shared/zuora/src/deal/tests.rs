//! Orders as exact text, answers as Zuora writes them; by what an order is for in the files below.

mod change;
mod create;
mod preview;
mod read;

use super::*;
use crate::config::Config;
use crate::testing::{Stub, config, json, otherwise};
use connector_domain::billing::deal::{
    DealProjection, DesiredOrder, LineDiscount, Off, Pricing, SubscribedLine, TierPricing,
};
use connector_domain::billing::tiers::{Tier, TierModel};
use connector_domain::dates::BillingPeriod;
use connector_domain::fault::FaultClass;
use connector_domain::ids::HubSpotId;
use connector_domain::money::Currency;
use connector_domain::plan::Action;
use connector_domain::state::Effect;
use connector_ports::billing::{Billing, Rendered};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// 1 to 10 units, 11 and more.
fn table(model: TierModel, own_table: bool) -> TierPricing {
    let tier = |from: i64, to: Option<i64>, price: &str, flat| Tier {
        from: Decimal::from(from),
        to: to.map(Decimal::from),
        price: d(price),
        flat,
    };
    let tiers = vec![tier(1, Some(10), "9.90", false), tier(11, Some(99), "80", true)];
    TierPricing { model, quantity: d("12"), tiers, own_table }
}

fn line(id: &str, pricing: Pricing) -> SubscribedLine {
    SubscribedLine {
        line: HubSpotId::parse(id).unwrap(),
        product: HubSpotId::parse("501").unwrap(),
        plan: "plan".into(),
        external_id: true,
        charge: "charge".into(),
        charge_number: format!("HS-1-L{id}"),
        pricing,
        period: Some(BillingPeriod::Month),
        period_differs: false,
        trigger: None,
        from: None,
        until: None,
        discount: None,
        held: None,
        zero_percentages: Vec::new(),
        zero_amounts: Vec::new(),
    }
}

fn order_of(lines: Vec<SubscribedLine>) -> DesiredOrder {
    DesiredOrder {
        deal: HubSpotId::parse("7001").unwrap(),
        order: "HS-1-D7001-1".into(),
        subscription: "HS-1-D7001".into(),
        account_currency: Some(Currency::parse("EUR").unwrap()),
        bill_to: None,
        sold_to: None,
        projection: DealProjection {
            account: "HS-1-9".into(),
            invoice_owner: None,
            currency: Currency::parse("EUR").unwrap(),
            term: Term::Months(12),
            start: day("2026-11-16"),
            order_date: None,
            auto_renew: false,
            renewal_term: None,
            suspended: None,
            resumed: None,
            changed: None,
            effective: None,
            retired: BTreeSet::new(),
            service_activation: None,
            customer_acceptance: None,
            bill_to: None,
            sold_to: None,
            lines,
        },
    }
}

fn render(config: Config, order: DesiredOrder) -> Result<Rendered, PortError> {
    crate::Zuora::new(config).unwrap().render(&Action::CreateOrder(Box::new(order)))
}
