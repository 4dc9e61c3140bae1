//! Quantities, prices and discounts in the words of orders (`zuora.md` 5.3).

use super::RENDER;
use crate::decimal::Num;
use crate::dto::order as wire;
use crate::dto::orders::{ApplyDiscountTo, DiscountLevel, ListPriceBase, PriceFormat};
use connector_domain::billing::deal::{Off, Pricing, TierPricing};
use connector_domain::billing::product::ChargeType;
use connector_domain::billing::tiers::{Tier, TierModel};
use connector_domain::fault::FaultClass;
use connector_domain::ids::ChargeId;
use connector_ports::PortError;

const BASE: Option<ListPriceBase> = Some(ListPriceBase::PerBillingPeriod);

/// The pricing of a new charge; none where the plan says all of it.
pub(super) fn pricing(pricing: &Pricing) -> Option<wire::Pricing> {
    Some(match pricing {
        Pricing::RecurringPerUnit { quantity, price } => wire::Pricing::RecurringPerUnit {
            quantity: Num(*quantity),
            list_price: Num(*price),
            list_price_base: BASE,
        },
        Pricing::RecurringFlatFee { price } => {
            wire::Pricing::RecurringFlatFee { list_price: Num(*price), list_price_base: BASE }
        }
        Pricing::RecurringTiers(table) => {
            recurring(table, wire::Tiers { list_price_base: BASE, ..tiers(table, table.own_table) })
        }
        Pricing::OneTimePerUnit { quantity, price } => {
            wire::Pricing::OneTimePerUnit { list_price: Num(*price), quantity: Num(*quantity) }
        }
        Pricing::OneTimeFlatFee { price } => wire::Pricing::OneTimeFlatFee { list_price: Num(*price) },
        Pricing::OneTimeTiers(table) => {
            let tiers = tiers(table, table.own_table);
            match table.model {
                TierModel::Tiered => wire::Pricing::OneTimeTiered(tiers),
                TierModel::Volume => wire::Pricing::OneTimeVolume(tiers),
            }
        }
        Pricing::UsagePerUnit { price } => wire::Pricing::UsagePerUnit { list_price: Num(*price) },
        Pricing::UsageTiers(table) if table.own_table => usage(table),
        Pricing::UsageTiers(_) | Pricing::UsageAsPlanned => return None,
    })
}

/// The pricing that a charge gets from a day on; none where nothing of it is told. A table that was the line's own
/// is told again when the plan's comes back, because otherwise it would stay.
///
/// # Errors
/// `Permanent` for one-time charges: SDK `CreateOrderPricingUpdate` has no key for them, and Zuora's guide to
/// updating products says that they cannot be edited.
pub(super) fn update(pricing: &Pricing, was: Option<&Pricing>) -> Result<Option<wire::Pricing>, PortError> {
    let own = |table: &TierPricing| {
        table.own_table
            || match was {
                Some(
                    Pricing::RecurringTiers(was) | Pricing::OneTimeTiers(was) | Pricing::UsageTiers(was),
                ) => was.own_table,
                Some(
                    Pricing::RecurringPerUnit { .. }
                    | Pricing::RecurringFlatFee { .. }
                    | Pricing::OneTimePerUnit { .. }
                    | Pricing::OneTimeFlatFee { .. }
                    | Pricing::UsagePerUnit { .. }
                    | Pricing::UsageAsPlanned,
                )
                | None => false,
            }
    };
    Ok(Some(match pricing {
        Pricing::RecurringPerUnit { quantity, price } => wire::Pricing::RecurringPerUnit {
            quantity: Num(*quantity),
            list_price: Num(*price),
            list_price_base: None,
        },
        Pricing::RecurringFlatFee { price } => {
            wire::Pricing::RecurringFlatFee { list_price: Num(*price), list_price_base: None }
        }
        Pricing::RecurringTiers(table) => recurring(table, tiers(table, own(table))),
        Pricing::UsagePerUnit { price } => wire::Pricing::UsagePerUnit { list_price: Num(*price) },
        Pricing::UsageTiers(table) if own(table) => usage(table),
        Pricing::UsageTiers(_) | Pricing::UsageAsPlanned => return Ok(None),
        Pricing::OneTimePerUnit { .. } | Pricing::OneTimeFlatFee { .. } | Pricing::OneTimeTiers(_) => {
            let words = "Zuora cannot change a one-time charge; it can be removed and another added";
            return Err(PortError::new(RENDER, FaultClass::Permanent, words));
        }
    }))
}

/// What a discount charge takes off from a day on. SDK `DiscountPricingUpdate` lists the percentage only; the
/// amount goes by the name that it has everywhere else.
pub(super) fn discount_update(off: Off) -> wire::Pricing {
    wire::Pricing::Discount(wire::Discount {
        off: amount_of(off),
        apply_discount_to: None,
        discount_level: None,
    })
}

/// The discount of a line, on the charges of its own rate plan.
pub(super) fn line_discount(off: Off, of: ChargeType) -> wire::Pricing {
    wire::Pricing::Discount(wire::Discount {
        off: amount_of(off),
        apply_discount_to: Some(ApplyDiscountTo::from(of)),
        discount_level: Some(DiscountLevel::RatePlan),
    })
}

/// A discount charge of the plan set to nothing: discounts are in the net price.
pub(super) fn without_discount(charge: &ChargeId, off: fn(Num) -> wire::Off) -> wire::ChargeOverride<'_> {
    let discount = wire::Discount { off: off(Num::ZERO), apply_discount_to: None, discount_level: None };
    wire::ChargeOverride {
        product_rate_plan_charge_id: charge.as_str(),
        charge_number: None,
        pricing: Some(wire::Pricing::Discount(discount)),
        billing: None,
        start_date: None,
        end_date: None,
    }
}

fn amount_of(off: Off) -> wire::Off {
    match off {
        Off::Percentage(percent) => wire::Off::DiscountPercentage(Num(percent)),
        Off::Amount(amount) => wire::Off::DiscountAmount(Num(amount)),
    }
}

fn recurring(table: &TierPricing, tiers: wire::Tiers) -> wire::Pricing {
    match table.model {
        TierModel::Tiered => wire::Pricing::RecurringTiered(tiers),
        TierModel::Volume => wire::Pricing::RecurringVolume(tiers),
    }
}

/// A price table for usage, which has no quantity before it is used.
fn usage(table: &TierPricing) -> wire::Pricing {
    let tiers = wire::Tiers { quantity: None, ..tiers(table, true) };
    match table.model {
        TierModel::Tiered => wire::Pricing::UsageTiered(tiers),
        TierModel::Volume => wire::Pricing::UsageVolume(tiers),
    }
}

fn tiers(table: &TierPricing, with_table: bool) -> wire::Tiers {
    wire::Tiers {
        quantity: Some(Num(table.quantity)),
        list_price_base: None,
        tiers: with_table.then(|| rows(&table.tiers)),
    }
}

fn rows(tiers: &[Tier]) -> Vec<wire::Tier> {
    let last = tiers.len();
    let row = |(tier, number): (&Tier, usize)| wire::Tier {
        tier: number,
        starting_unit: Num(tier.from),
        ending_unit: tier.to.filter(|_| number < last).map(Num),
        price: Num(tier.price),
        price_format: if tier.flat { PriceFormat::FlatFee } else { PriceFormat::PerUnit },
    };
    tiers.iter().zip(1..).map(row).collect()
}
