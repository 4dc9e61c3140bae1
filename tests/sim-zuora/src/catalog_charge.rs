//! Product rate plan charges and their price tiers: checks and CRUD.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::amounts::{ChargeType, Model, Tier, billing_period, price_base};
use crate::catalog::{Crud, accept, done, no_such, overlay, tier_bodies};
use crate::errors::{Outcome, crud_refuse};
use crate::json::{self, Kind, Object, dec_of, text};
use crate::schema;
use crate::state::{Plan, PlanCharge, PlanTier, Stamp, Tenant};

const MODELS: &[&str] = &[
    "Flat Fee Pricing",
    "Per Unit Pricing",
    "Tiered Pricing",
    "Volume Pricing",
    "Overage Pricing",
    "Tiered with Overage Pricing",
    "Discount-Fixed Amount",
    "Discount-Percentage",
];

const ENUMS: &[(&str, &[&str])] = &[
    ("ChargeModel", MODELS),
    ("ChargeType", &["OneTime", "Recurring", "Usage"]),
    (
        "BillCycleType",
        &[
            "DefaultFromCustomer",
            "SpecificDayofMonth",
            "SubscriptionStartDay",
            "ChargeTriggerDay",
            "SpecificDayofWeek",
            "TermStartDay",
            "TermEndDay",
        ],
    ),
    (
        "BillingPeriod",
        &[
            "Month",
            "Quarter",
            "Annual",
            "Semi-Annual",
            "Specific Months",
            "Subscription Term",
            "Week",
            "Specific Weeks",
            "Specific Days",
        ],
    ),
    ("TriggerEvent", &["ContractEffective", "ServiceActivation", "CustomerAcceptance"]),
    (
        "ListPriceBase",
        &[
            "Per Billing Period",
            "Per Month",
            "Per Week",
            "Per Year",
            "Per Specific Months",
            "Per Validity Period",
        ],
    ),
    ("BillingTiming", &["In Advance", "In Arrears"]),
    (
        "BillingPeriodAlignment",
        &["AlignToCharge", "AlignToSubscriptionStart", "AlignToTermStart", "AlignToTermEnd"],
    ),
    ("EndDateCondition", &["SubscriptionEnd", "FixedPeriod", "OneTime"]),
    ("TaxMode", &["TaxInclusive", "TaxExclusive"]),
    ("DiscountLevel", &["rateplan", "subscription", "account"]),
    (
        "ApplyDiscountTo",
        &[
            "ONETIME",
            "RECURRING",
            "USAGE",
            "ONETIMERECURRING",
            "ONETIMEUSAGE",
            "RECURRINGUSAGE",
            "ONETIMERECURRINGUSAGE",
        ],
    ),
];

fn invalid<T>(message: impl Into<String>) -> Outcome<T> {
    Err(crud_refuse("INVALID_VALUE", message))
}

fn missing<T>(key: &str) -> Outcome<T> {
    Err(crud_refuse("MISSING_REQUIRED_VALUE", format!("'{key}' is required")))
}

/// A whole number of a CRUD body.
pub(crate) fn whole(fields: &Object, key: &str) -> Option<u32> {
    fields.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok())
}

impl PlanCharge {
    /// The charge model.
    pub(crate) fn model(&self) -> Option<Model> {
        Model::from_catalog(text(&self.fields, "ChargeModel")?)
    }

    /// The charge type.
    pub(crate) fn charge_type(&self) -> Option<ChargeType> {
        ChargeType::parse(text(&self.fields, "ChargeType")?)
    }

    /// The tiers of a currency, first to last.
    pub(crate) fn tiers_in<'a>(&'a self, currency: &'a str) -> impl Iterator<Item = &'a PlanTier> {
        self.tiers.iter().filter(move |t| t.currency == currency)
    }
}

impl PlanTier {
    /// As an amount tier.
    pub(crate) fn price_tier(&self) -> Tier {
        Tier {
            start: dec_of(&self.fields, "StartingUnit").unwrap_or_default(),
            end: dec_of(&self.fields, "EndingUnit"),
            price: dec_of(&self.fields, "Price").unwrap_or_default(),
            flat: text(&self.fields, "PriceFormat") == Some("Flat Fee"),
        }
    }

    /// Whether it is the price of units beyond the other tiers.
    pub(crate) fn is_overage(&self) -> bool {
        self.fields.get("IsOveragePrice") == Some(&Value::Bool(true))
    }
}

/// A tier in the CRUD spelling.
pub(crate) fn crud_tier(tier: &PlanTier) -> Value {
    let mut fields = tier.fields.clone();
    fields.insert("Id".to_owned(), json!(tier.id));
    fields.insert("Tier".to_owned(), json!(tier.tier));
    Value::Object(fields)
}

fn check_charge(t: &Tenant, fields: &Object, own: Option<&str>) -> Outcome<(Model, ChargeType)> {
    for (key, allowed) in ENUMS {
        if let Some(value) = text(fields, key)
            && !allowed.contains(&value)
        {
            return invalid(format!("'{value}' is not a valid value of {key}."));
        }
    }
    let model = text(fields, "ChargeModel").and_then(Model::from_catalog);
    let kind = text(fields, "ChargeType").and_then(ChargeType::parse);
    let (Some(model), Some(kind)) = (model, kind) else { return missing("ChargeModel") };
    check_period(t, fields, kind)?;
    let needs_unit = matches!(
        model,
        Model::PerUnit | Model::Tiered | Model::Volume | Model::Overage | Model::TieredWithOverage
    ) || kind == ChargeType::Usage;
    match text(fields, "UOM") {
        None if needs_unit => return missing("UOM"),
        Some(uom) if !t.config.units_of_measure.iter().any(|u| u == uom) => {
            return invalid(format!("The unit of measure '{uom}' does not exist."));
        }
        _ => {}
    }
    if model == Model::PerUnit && kind != ChargeType::Usage && dec_of(fields, "DefaultQuantity").is_none() {
        return missing("DefaultQuantity");
    }
    if matches!(model, Model::Overage | Model::TieredWithOverage) && kind != ChargeType::Usage {
        return invalid("This charge model is for usage charges only.");
    }
    if model.is_discount()
        && (text(fields, "ApplyDiscountTo").is_none() || text(fields, "DiscountLevel").is_none())
    {
        return missing(if text(fields, "ApplyDiscountTo").is_none() {
            "ApplyDiscountTo"
        } else {
            "DiscountLevel"
        });
    }
    if fields.get("Taxable") == Some(&Value::Bool(true)) {
        for key in ["TaxCode", "TaxMode"] {
            if text(fields, key).is_none() {
                return missing(key);
            }
        }
    }
    if text(fields, "EndDateCondition") == Some("FixedPeriod")
        && (whole(fields, "UpToPeriods").is_none() || text(fields, "UpToPeriodsType").is_none())
    {
        return missing("UpToPeriods");
    }
    if let Some(number) = text(fields, "ProductRatePlanChargeNumber") {
        let taken = t
            .charges
            .values()
            .any(|c| own != Some(&c.id) && text(&c.fields, "ProductRatePlanChargeNumber") == Some(number));
        if taken {
            let message = format!("The ProductRatePlanChargeNumber '{number}' is already in use.");
            return Err(crud_refuse("DUPLICATE_VALUE", message));
        }
    }
    Ok((model, kind))
}

fn check_period(t: &Tenant, fields: &Object, kind: ChargeType) -> Outcome<()> {
    let period = text(fields, "BillingPeriod");
    if kind == ChargeType::OneTime {
        if period.is_some() && !t.config.one_time_billing_period_allowed {
            return invalid("BillingPeriod is not allowed on a one-time charge.");
        }
        if period.is_none() && t.config.one_time_billing_period_required {
            return missing("BillingPeriod");
        }
        return Ok(());
    }
    let Some(period) = period else { return missing("BillingPeriod") };
    let Some(length) = billing_period(period, whole(fields, "SpecificBillingPeriod")) else {
        return missing("SpecificBillingPeriod");
    };
    if kind == ChargeType::Usage {
        return Ok(());
    }
    // The vendor has a default; here it must be said, because a price without it is ambiguous.
    let Some(base) = text(fields, "ListPriceBase") else { return missing("ListPriceBase") };
    if price_base(base, whole(fields, "SpecificListPriceBase"), length).is_none() {
        return invalid(format!("The ListPriceBase '{base}' does not fit the charge."));
    }
    Ok(())
}

/// Checks tier bodies and turns them into tiers.
fn read_tiers(
    t: &mut Tenant,
    bodies: &[&Object],
    crud: Crud,
    plan: &Plan,
    (model, kind): (Model, ChargeType),
) -> Outcome<Vec<PlanTier>> {
    let mut tiers: Vec<PlanTier> = Vec::new();
    for body in bodies {
        let mut fields = (*body).clone();
        for problem in json::problems(&fields, schema::PRODUCT_TIER, &[]) {
            if problem.kind == Kind::Unknown && !crud.reject_unknown {
                fields.remove(&problem.field);
                continue;
            }
            return invalid(format!("ProductRatePlanChargeTier: {}", problem.message));
        }
        let currency = match text(&fields, "Currency") {
            Some(currency) => currency.to_owned(),
            None => t.config.default_currency(),
        };
        if !t.config.has_currency(&currency) {
            return invalid(format!("The currency '{currency}' is not active in this tenant."));
        }
        if !plan.currencies.contains(&currency) {
            return invalid(format!("The currency '{currency}' is not active on the rate plan."));
        }
        fields.insert("Currency".to_owned(), json!(currency));
        let value_key = match model {
            Model::DiscountPercentage => "DiscountPercentage",
            Model::DiscountFixedAmount => "DiscountAmount",
            _ => "Price",
        };
        if dec_of(&fields, value_key).is_none() {
            return missing(value_key);
        }
        if dec_of(&fields, value_key).is_some_and(|v| v < Decimal::ZERO && model.is_discount()) {
            return invalid(format!("{value_key} must not be negative."));
        }
        if let Some(format) = text(&fields, "PriceFormat")
            && !["Flat Fee", "Per Unit"].contains(&format)
        {
            return invalid(format!("'{format}' is not a valid value of PriceFormat."));
        }
        let tier = u32::try_from(tiers.iter().filter(|x| x.currency == currency).count() + 1).unwrap_or(1);
        tiers.push(PlanTier { id: t.id(), currency, tier, fields });
    }
    if tiers.is_empty() && kind != ChargeType::Usage {
        return missing("ProductRatePlanChargeTierData");
    }
    check_sets(&tiers, model)?;
    Ok(tiers)
}

fn check_sets(tiers: &[PlanTier], model: Model) -> Outcome<()> {
    let mut currencies: Vec<&str> = tiers.iter().map(|t| t.currency.as_str()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    for currency in currencies {
        let of_it = || tiers.iter().filter(|t| t.currency == currency);
        let with_overage = model == Model::TieredWithOverage && of_it().any(PlanTier::is_overage);
        let set: Vec<Tier> =
            of_it().filter(|t| !with_overage || !t.is_overage()).map(PlanTier::price_tier).collect();
        if !model.has_tiers() {
            if set.len() > 1 {
                return invalid(format!("More than one price in the currency '{currency}'."));
            }
            continue;
        }
        if let Err(problem) = contiguous(&set, with_overage) {
            return invalid(format!("Tiers in the currency '{currency}': {problem}"));
        }
    }
    Ok(())
}

/// What is wrong with a set of tiers, if anything; where an overage price follows, the last may end.
pub(crate) fn contiguous(set: &[Tier], overage_follows: bool) -> Result<(), String> {
    let mut expected: Option<Decimal> = None;
    for (i, tier) in set.iter().enumerate() {
        match expected {
            None if i > 0 => return Err("only the last tier may lack an ending unit".to_owned()),
            None if tier.start > Decimal::ONE || tier.start < Decimal::ZERO => {
                return Err("the first tier must start at 0 or 1".to_owned());
            }
            Some(next) if tier.start != next => {
                return Err(format!("tier {} must start at {next}", i + 1));
            }
            _ => {}
        }
        if tier.end.is_some_and(|end| end < tier.start) {
            return Err(format!("tier {} ends before it starts", i + 1));
        }
        expected = tier.end.map(|end| end + Decimal::ONE);
    }
    if expected.is_some() && !overage_follows {
        return Err("the last tier must have no ending unit".to_owned());
    }
    Ok(())
}

/// `POST /v1/object/product-rate-plan-charge`.
pub(crate) fn create_charge(t: &mut Tenant, body: &Object, crud: Crud) -> Outcome {
    let mut fields = accept(
        t,
        body,
        schema::PRODUCT_RATE_PLAN_CHARGE,
        "ProductRatePlanCharge",
        "ProductRatePlanChargeNumber",
        crud,
    )?;
    let plan_id = text(&fields, "ProductRatePlanId").unwrap_or_default().to_owned();
    let Some(plan) = t.plans.get(&plan_id).cloned() else {
        return Err(crud_refuse("INVALID_ID", format!("Cannot find ProductRatePlan with id '{plan_id}'.")));
    };
    let kinds = check_charge(t, &fields, None)?;
    let bodies: Vec<Object> = tier_bodies(&fields).into_iter().cloned().collect();
    let tiers = read_tiers(t, &bodies.iter().collect::<Vec<_>>(), crud, &plan, kinds)?;
    fields.remove("ProductRatePlanChargeTierData");
    if text(&fields, "ProductRatePlanChargeNumber").is_none() {
        let number = t.next_number("plan-charge", "PRPC-");
        fields.insert("ProductRatePlanChargeNumber".to_owned(), json!(number));
    }
    let id = t.id();
    t.charges
        .insert(id.clone(), PlanCharge { id: id.clone(), plan_id, fields, tiers, stamp: Stamp::new(t.now) });
    done(&id)
}

/// `PUT /v1/object/product-rate-plan-charge/{id}`: tier data replaces the sets of the currencies it
/// names and leaves the others.
pub(crate) fn update_charge(t: &mut Tenant, id: &str, body: &Object, crud: Crud) -> Outcome {
    let mut charge = t.charges.get(id).cloned().ok_or_else(|| no_such("ProductRatePlanCharge", id))?;
    let spec = schema::PRODUCT_RATE_PLAN_CHARGE.replace('!', "");
    let mut patch = accept(t, body, &spec, "ProductRatePlanCharge", "ProductRatePlanChargeNumber", crud)?;
    if text(&patch, "ProductRatePlanId").is_some_and(|p| p != charge.plan_id) {
        return invalid("ProductRatePlanId cannot be changed.");
    }
    let bodies: Vec<Object> = tier_bodies(&patch).into_iter().cloned().collect();
    patch.remove("ProductRatePlanChargeTierData");
    overlay(&mut charge.fields, patch);
    let kinds = check_charge(t, &charge.fields, Some(id))?;
    if !bodies.is_empty() {
        let plan = t.plans.get(&charge.plan_id).cloned().ok_or_else(|| no_such("ProductRatePlan", id))?;
        let tiers = read_tiers(t, &bodies.iter().collect::<Vec<_>>(), crud, &plan, kinds)?;
        charge.tiers.retain(|old| !tiers.iter().any(|new| new.currency == old.currency));
        charge.tiers.extend(tiers);
    }
    charge.stamp.updated = t.now;
    t.charges.insert(id.to_owned(), charge);
    done(id)
}

/// `PUT /v1/object/product-rate-plan-charge-tier/{id}`.
pub(crate) fn update_tier(t: &mut Tenant, id: &str, body: &Object, crud: Crud) -> Outcome {
    let found = t.charges.values().find(|c| c.tiers.iter().any(|x| x.id == id)).cloned();
    let Some(mut charge) = found else { return Err(no_such("ProductRatePlanChargeTier", id)) };
    let mut patch = body.clone();
    for problem in json::problems(body, schema::PRODUCT_TIER, &[]) {
        if problem.kind == Kind::Unknown && !crud.reject_unknown {
            patch.remove(&problem.field);
            continue;
        }
        return invalid(problem.message);
    }
    for tier in charge.tiers.iter_mut().filter(|x| x.id == id) {
        if text(&patch, "Currency").is_some_and(|c| c != tier.currency) {
            return invalid("The currency of a tier cannot be changed.");
        }
        overlay(&mut tier.fields, patch.clone());
    }
    check_sets(&charge.tiers, charge.model().unwrap_or(Model::FlatFee))?;
    charge.stamp.updated = t.now;
    t.charges.insert(charge.id.clone(), charge);
    done(id)
}
