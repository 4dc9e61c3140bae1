//! Products, rate plans and charges: what a HubSpot product is linked to.

use super::tiers::{Tier, TierModel};
use crate::dates::BillingPeriod;
use crate::ids::{ChargeId, HubSpotId, RatePlanId, ZuoraProductId};
use crate::money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a charge computes its amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeModel {
    /// One amount.
    FlatFee,
    /// Quantity times price.
    PerUnit,
    /// Prices by range, each unit at the price of its range.
    Tiered,
    /// Prices by range, all units at the price of the reached range.
    Volume,
    /// Usage beyond what is included, at a price per unit.
    Overage,
    /// Usage by ranges, and beyond them at a price per unit.
    TieredWithOverage,
    /// A fixed amount off.
    DiscountFixedAmount,
    /// A percentage off.
    DiscountPercentage,
    /// Any other of Zuora's models, by its own name.
    Other(String),
}

impl ChargeModel {
    /// Discount charges lie beside the charge that is sold.
    pub fn is_discount(&self) -> bool {
        match self {
            ChargeModel::DiscountFixedAmount | ChargeModel::DiscountPercentage => true,
            ChargeModel::FlatFee
            | ChargeModel::PerUnit
            | ChargeModel::Tiered
            | ChargeModel::Volume
            | ChargeModel::Overage
            | ChargeModel::TieredWithOverage
            | ChargeModel::Other(_) => false,
        }
    }
}

/// When a charge bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeType {
    /// Once.
    OneTime,
    /// Every period.
    Recurring,
    /// After use.
    Usage,
}

/// One charge of a rate plan, as far as ordering must know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogCharge {
    /// Zuora's id.
    pub id: ChargeId,
    /// Its model.
    pub model: ChargeModel,
    /// Its type.
    pub charge_type: ChargeType,
    /// Its billing period; none for one-time and usage charges without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<BillingPeriod>,
    /// The list price of the first tier by currency; an empty map when Zuora did not tell the tiers.
    #[serde(default)]
    pub prices: BTreeMap<Currency, Decimal>,
    /// The price tables of tiered and volume charges by currency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tiers: BTreeMap<Currency, Vec<Tier>>,
    /// A discount charge that takes something off by default and so must be set to zero.
    #[serde(default)]
    pub default_discount: bool,
}

/// The cross-reference of a product. Its three levels are created one after another, so each may still be open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CatalogLink {
    /// The product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ZuoraProductId>,
    /// The rate plan that a line subscribes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<RatePlanId>,
    /// The plan's charges.
    #[serde(default)]
    pub charges: Vec<CatalogCharge>,
    /// We made it, so it follows HubSpot; otherwise it belongs to Zuora and is never changed (D-11).
    #[serde(default)]
    pub ours: bool,
    /// The plan carries the HubSpot product id as external plan id.
    #[serde(default)]
    pub external_id: bool,
}

impl CatalogLink {
    /// A plan with at least one charge can be sold.
    pub fn is_complete(&self) -> bool {
        self.plan.is_some() && self.charges.iter().any(|c| !c.model.is_discount())
    }

    /// The charges that are sold, discount charges aside.
    pub fn sold_charges(&self) -> impl Iterator<Item = &CatalogCharge> {
        self.charges.iter().filter(|c| !c.model.is_discount())
    }
}

/// A product as we would create it: one product, one rate plan, one charge (Z-107, Z-114 to Z-123).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredProduct {
    /// HubSpot's record id: external plan id of the rate plan.
    pub id: HubSpotId,
    /// At most 100 characters.
    pub name: String,
    /// At most 500 characters.
    pub description: String,
    /// At most 50 characters.
    pub sku: Option<String>,
    /// None for one-time.
    pub period: Option<BillingPeriod>,
    /// List price by currency, at least one; with tiers that of the first range.
    pub prices: BTreeMap<Currency, Decimal>,
    /// How price tables are read; none for one price per unit.
    pub tier_model: Option<TierModel>,
    /// Price tables by the same currencies, when there is a model for them.
    pub tiers: BTreeMap<Currency, Vec<Tier>>,
    /// Tax code and mode of the charge; none for a charge that is not taxable (L-24).
    pub tax: Option<ProductTax>,
    /// Unit of measure.
    pub unit_of_measure: String,
    /// Our numbers of the three levels.
    pub numbers: [String; 3],
}

/// How a charge that we create is taxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductTax {
    /// Tax code, which must exist in the tenant; at most 64 characters.
    pub code: String,
    /// The price holds the tax already.
    pub inclusive: bool,
}

/// A product that Zuora has, with its plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedProduct {
    /// Zuora's id.
    pub id: ZuoraProductId,
    /// Product number.
    pub number: Option<String>,
    /// SKU.
    pub sku: Option<String>,
    /// Its rate plans.
    pub plans: Vec<ObservedPlan>,
}

/// A rate plan that Zuora has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedPlan {
    /// Zuora's id.
    pub id: RatePlanId,
    /// Plan number.
    pub number: Option<String>,
    /// External plan ids, as far as Zuora told them.
    pub external_ids: Vec<String>,
    /// Its charges.
    pub charges: Vec<CatalogCharge>,
}
