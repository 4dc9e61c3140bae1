//! Charges of an order: what the catalogue says, changed by the overrides of the request.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::amounts::{ChargeType, Model, Period, Tier, billing_period, price_base};
use crate::catalog_charge::{contiguous, whole};
use crate::charge_dates;
use crate::errors::{Outcome, code, refuse, refuse_problems, resource};
use crate::json::{self, Object, dec_of, object, objects, text};
use crate::schema;
use crate::state::{PlanCharge, PlanTier, Tenant};
use crate::subscriptions::{Segment, SubCharge, SubVersion};

/// Dates that an order action gives to its charges.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Triggers {
    /// Contract effective date.
    pub(crate) effective: Date,
    /// Service activation date.
    pub(crate) activation: Option<Date>,
    /// Customer acceptance date.
    pub(crate) acceptance: Option<Date>,
}

impl Triggers {
    /// The day of a trigger event.
    pub(crate) fn start(&self, event: &str) -> Date {
        match event {
            "ServiceActivation" => self.activation.unwrap_or(self.effective),
            "CustomerAcceptance" => self.acceptance.or(self.activation).unwrap_or(self.effective),
            _ => self.effective,
        }
    }
}

/// A business rule of orders that was broken.
pub(crate) fn broken<T>(message: impl Into<String>) -> Outcome<T> {
    Err(refuse(code(resource::ORDER, 20), message))
}

/// Checks an object of an order against its field list.
pub(crate) fn check(body: &Object, spec: &str) -> Outcome<()> {
    let found = json::problems(body, spec, &[]);
    if found.is_empty() { Ok(()) } else { Err(refuse_problems(resource::ORDER, &found)) }
}

/// Checks `customFields` of an order level.
pub(crate) fn custom_fields(t: &Tenant, body: &Object, level: &str) -> Outcome<Object> {
    let Some(fields) = object(body, "customFields") else { return Ok(Object::new()) };
    let known = t.config.custom(level);
    for key in fields.keys() {
        if !known.contains(key) {
            let message = format!("'{key}' is not a known custom field of {level}");
            return Err(refuse(code(resource::ORDER, 21), message));
        }
    }
    Ok(fields.clone())
}

/// The only pricing key that fits a charge.
pub(crate) fn pricing_key(kind: ChargeType, model: Model) -> &'static str {
    use ChargeType::{OneTime, Recurring, Usage};
    match (kind, model) {
        (_, Model::DiscountFixedAmount | Model::DiscountPercentage) => "discount",
        (Recurring, Model::FlatFee) => "recurringFlatFee",
        (Recurring, Model::PerUnit) => "recurringPerUnit",
        (Recurring, Model::Tiered) => "recurringTiered",
        (Recurring, Model::Volume) => "recurringVolume",
        (OneTime, Model::FlatFee) => "oneTimeFlatFee",
        (OneTime, Model::PerUnit) => "oneTimePerUnit",
        (OneTime, Model::Tiered) => "oneTimeTiered",
        (OneTime, Model::Volume) => "oneTimeVolume",
        (Usage, Model::FlatFee) => "usageFlatFee",
        (Usage, Model::PerUnit) => "usagePerUnit",
        (Usage, Model::Tiered) => "usageTiered",
        (Usage, Model::Volume) => "usageVolume",
        (_, Model::Overage) => "usageOverage",
        (_, Model::TieredWithOverage) => "usageTieredWithOverage",
    }
}

fn pricing_spec(key: &str, update: bool) -> &'static str {
    match (key, update) {
        ("recurringFlatFee" | "usageFlatFee" | "usagePerUnit", true) => schema::UPDATE_PRICE,
        ("recurringPerUnit", true) => schema::UPDATE_PER_UNIT,
        ("recurringTiered" | "recurringVolume", true) => schema::UPDATE_TIERED,
        ("usageTiered" | "usageVolume", true) => schema::UPDATE_USAGE_TIERED,
        ("usageOverage", true) => schema::UPDATE_OVERAGE,
        ("usageTieredWithOverage", true) => schema::UPDATE_TIERED_WITH_OVERAGE,
        ("discount", true) => schema::UPDATE_DISCOUNT,
        ("recurringFlatFee", _) => schema::RECURRING_FLAT_FEE,
        ("recurringPerUnit", _) => schema::RECURRING_PER_UNIT,
        ("recurringTiered" | "recurringVolume", _) => schema::RECURRING_TIERED,
        ("oneTimeFlatFee", _) => schema::ONE_TIME_FLAT_FEE,
        ("oneTimePerUnit", _) => schema::ONE_TIME_PER_UNIT,
        ("oneTimeTiered" | "oneTimeVolume", _) => schema::ONE_TIME_TIERED,
        ("usageFlatFee", _) => schema::USAGE_FLAT_FEE,
        ("usagePerUnit", _) => schema::USAGE_PER_UNIT,
        ("usageTiered" | "usageVolume", _) => schema::USAGE_TIERED,
        ("usageOverage", _) => schema::USAGE_OVERAGE,
        ("discount", _) => schema::DISCOUNT,
        _ => schema::USAGE_TIERED_WITH_OVERAGE,
    }
}

/// The pricing object of an override or update, after checking that it fits the charge.
pub(crate) fn fitting<'a>(
    t: &Tenant,
    pricing: &'a Object,
    kind: ChargeType,
    model: Model,
    update: bool,
) -> Outcome<Option<&'a Object>> {
    let expected = pricing_key(kind, model);
    for key in pricing.keys() {
        if key != expected {
            return broken(format!(
                "The pricing '{key}' does not fit the charge (charge type {}, charge model {}): use '{expected}'.",
                kind.name(),
                model.name()
            ));
        }
    }
    let Some(inner) = object(pricing, expected) else { return Ok(None) };
    if update && kind == ChargeType::OneTime {
        return broken("A one-time charge cannot be updated.");
    }
    check(inner, pricing_spec(expected, update))?;
    if update && inner.contains_key("discountAmount") && !t.config.discount_amount_updates {
        return Err(refuse(code(resource::ORDER, 21), "'discountAmount' is not a known field"));
    }
    if text(inner, "priceChangeOption").is_some_and(|o| o != "NoChange") {
        return broken("priceChangeOption other than NoChange is not simulated.");
    }
    if dec_of(inner, "quantity").is_some_and(|q| q < Decimal::ZERO) {
        return broken("The quantity must not be negative.");
    }
    Ok(Some(inner))
}

fn order_tiers(pricing: &Object, model: Model) -> Outcome<Vec<Tier>> {
    let bodies = objects(pricing, "tiers");
    let mut tiers = Vec::new();
    for (i, body) in bodies.iter().enumerate() {
        check(body, schema::CHARGE_TIER)?;
        let flat = match text(body, "priceFormat") {
            Some("FlatFee") => true,
            Some("PerUnit") => false,
            other => return broken(format!("'{}' is not a valid priceFormat.", other.unwrap_or_default())),
        };
        if body.get("tier").and_then(Value::as_u64) != u64::try_from(i + 1).ok() {
            return broken("The tiers must be numbered 1, 2, 3, ….");
        }
        tiers.push(Tier {
            start: dec_of(body, "startingUnit").unwrap_or_default(),
            end: dec_of(body, "endingUnit"),
            price: dec_of(body, "price").unwrap_or_default(),
            flat,
        });
    }
    match contiguous(&tiers, model == Model::TieredWithOverage) {
        Err(problem) if !tiers.is_empty() => broken(format!("Tiers: {problem}.")),
        _ => Ok(tiers),
    }
}

/// Puts the prices and quantity of a pricing object over a segment.
pub(crate) fn apply_pricing(pricing: &Object, model: Model, segment: &mut Segment) -> Outcome<()> {
    if let Some(price) = dec_of(pricing, "listPrice") {
        segment.price = Some(price);
    }
    if let Some(quantity) = dec_of(pricing, "quantity") {
        segment.quantity = Some(quantity);
    }
    if pricing.contains_key("tiers") {
        segment.tiers = order_tiers(pricing, model)?;
    }
    if let Some(units) = dec_of(pricing, "includedUnits") {
        segment.included_units = Some(units);
    }
    if let Some(price) = dec_of(pricing, "overagePrice") {
        segment.overage_price = Some(price);
    }
    if let Some(percentage) = dec_of(pricing, "discountPercentage") {
        if percentage < Decimal::ZERO || percentage > Decimal::ONE_HUNDRED {
            return broken("discountPercentage must be between 0 and 100.");
        }
        segment.discount_percentage = Some(percentage);
    }
    if let Some(amount) = dec_of(pricing, "discountAmount") {
        if amount < Decimal::ZERO {
            return broken("discountAmount must not be negative.");
        }
        segment.discount_amount = Some(amount);
    }
    Ok(())
}

fn underscored(text: &str) -> String {
    text.replace([' ', '-'], "_")
}

const ORDER_PERIODS: &[&str] = &[
    "Month",
    "Quarter",
    "Semi_Annual",
    "Annual",
    "Eighteen_Months",
    "Two_Years",
    "Three_Years",
    "Five_Years",
    "Specific_Months",
    "Subscription_Term",
    "Week",
    "Specific_Weeks",
    "Specific_Days",
];

struct Billing {
    name: Option<String>,
    specific: Option<u32>,
    period: Period,
    base_name: Option<String>,
    specific_base: Option<u32>,
    base: Period,
}

/// Billing period and price base, from the catalogue and the override.
fn billing(
    charge: &PlanCharge,
    kind: ChargeType,
    over: Option<&Object>,
    pricing: Option<&Object>,
) -> Outcome<Billing> {
    let own_name = text(&charge.fields, "BillingPeriod");
    let own_specific = whole(&charge.fields, "SpecificBillingPeriod");
    let changed = over.and_then(|o| object(o, "billing"));
    if let Some(changed) = changed {
        check(changed, schema::CHARGE_BILLING)?;
    }
    let asked = changed.and_then(|b| text(b, "billingPeriod"));
    if let Some(asked) = asked
        && !ORDER_PERIODS.contains(&asked)
    {
        return broken(format!("'{asked}' is not a valid billingPeriod."));
    }
    let name = asked.map(str::to_owned).or_else(|| own_name.map(underscored));
    let specific = match asked {
        Some(_) => changed.and_then(|b| whole(b, "specificBillingPeriod")),
        None => own_specific,
    };
    let period = match name.as_deref() {
        Some(name) => match billing_period(name, specific) {
            Some(period) => period,
            None => return broken("specificBillingPeriod is required for this billing period."),
        },
        None => Period::Months(1),
    };
    if kind != ChargeType::Recurring {
        return Ok(Billing { name, specific, period, base_name: None, specific_base: None, base: period });
    }
    let own_period = own_name.and_then(|n| billing_period(n, own_specific)).unwrap_or(period);
    let own_base_name = text(&charge.fields, "ListPriceBase").unwrap_or("Per Billing Period");
    let own_specific_base = whole(&charge.fields, "SpecificListPriceBase");
    let own_base = price_base(own_base_name, own_specific_base, own_period).unwrap_or(own_period);
    let (base_name, specific_base, base) = match pricing.and_then(|p| text(p, "listPriceBase")) {
        Some(said) => {
            let specific_base = pricing.and_then(|p| whole(p, "specificListPriceBase"));
            let base = match price_base(said, specific_base, period) {
                Some(base) if !said.contains(' ') => base,
                _ => return broken(format!("'{said}' is not a valid listPriceBase here.")),
            };
            (said.to_owned(), specific_base, base)
        }
        // The SDK's discount pricing has no `listPriceBase`; a base per billing period follows the period.
        None if charge.model().is_some_and(Model::is_discount) && own_base_name == "Per Billing Period" => {
            (underscored(own_base_name), own_specific_base, period)
        }
        None if (changed.is_some() || pricing.is_some()) && period != own_base => {
            return broken(
                "listPriceBase is required: the billing period of the override differs from the price base of \
                 the charge.",
            );
        }
        None => (underscored(own_base_name), own_specific_base, own_base),
    };
    Ok(Billing { name, specific, period, base_name: Some(base_name), specific_base, base })
}

fn catalog_segment(charge: &PlanCharge, model: Model, currency: &str, start: Date) -> Outcome<Segment> {
    let mut tiers = charge.tiers_in(currency).peekable();
    if tiers.peek().is_none() && model != Model::DiscountPercentage {
        return broken(format!(
            "The charge '{}' has no price in the currency '{currency}'.",
            text(&charge.fields, "Name").unwrap_or_default()
        ));
    }
    let first =
        tiers.peek().map(|t| t.fields.clone()).or_else(|| charge.tiers.first().map(|t| t.fields.clone()));
    let first = first.unwrap_or_default();
    let (overage, regular): (Vec<&PlanTier>, Vec<&PlanTier>) = tiers.partition(|t| t.is_overage());
    let price_tiers: Vec<Tier> = regular.into_iter().map(PlanTier::price_tier).collect();
    let mut segment = Segment {
        quantity: None,
        price: None,
        tiers: Vec::new(),
        discount_percentage: None,
        discount_amount: None,
        included_units: dec_of(&charge.fields, "IncludedUnits"),
        overage_price: overage.first().and_then(|t| dec_of(&t.fields, "Price")),
        start,
        end: None,
    };
    if model.has_tiers() {
        segment.tiers = price_tiers;
    } else if model.is_discount() {
        segment.discount_percentage = dec_of(&first, "DiscountPercentage");
        segment.discount_amount = dec_of(&first, "DiscountAmount");
    } else if model == Model::Overage {
        segment.overage_price = dec_of(&first, "Price");
    } else {
        segment.price = dec_of(&first, "Price");
    }
    let counts = matches!(model, Model::PerUnit | Model::Tiered | Model::Volume);
    if counts && charge.charge_type() != Some(ChargeType::Usage) {
        segment.quantity = Some(dec_of(&charge.fields, "DefaultQuantity").unwrap_or(Decimal::ONE));
    }
    Ok(segment)
}

/// A subscription's charge, from the catalogue charge and its override.
pub(crate) fn new_charge(
    t: &mut Tenant,
    charge: &PlanCharge,
    over: Option<&Object>,
    version: &SubVersion,
    triggers: Triggers,
) -> Outcome<SubCharge> {
    let (Some(model), Some(kind)) = (charge.model(), charge.charge_type()) else {
        return broken("The charge's model is not simulated.");
    };
    let mut custom = Object::new();
    let mut pricing = None;
    if let Some(over) = over {
        check(over, schema::CHARGE_OVERRIDE)?;
        custom = custom_fields(t, over, "RatePlanCharge")?;
        if let Some(given) = object(over, "pricing") {
            pricing = fitting(t, given, kind, model, false)?;
        }
    }
    let terms = billing(charge, kind, over, pricing)?;
    let window = charge_dates::window(charge, over, version, triggers, terms.period)?;
    let mut segment = catalog_segment(charge, model, &version.currency, window.start)?;
    segment.end = window.end;
    if let Some(pricing) = pricing {
        if let Some(uom) = text(pricing, "uom")
            && text(&charge.fields, "UOM") != Some(uom)
        {
            return broken(format!("The unit of measure '{uom}' is not that of the charge."));
        }
        apply_pricing(pricing, model, &mut segment)?;
    }
    let discount = |key: &str, default: &str| {
        let said = pricing.and_then(|p| text(p, key));
        said.or_else(|| text(&charge.fields, &title(key))).unwrap_or(default).to_owned()
    };
    let (apply_to, level) = (discount("applyDiscountTo", "RECURRING"), discount("discountLevel", "rateplan"));
    let timing = over.and_then(|o| object(o, "billing")).and_then(|b| text(b, "billingTiming"));
    let arrears = match timing {
        Some("IN_ADVANCE") => false,
        Some("IN_ARREARS") => true,
        Some(other) => return broken(format!("'{other}' is not a valid billingTiming.")),
        None => text(&charge.fields, "BillingTiming") == Some("In Arrears"),
    };
    let number = match over.and_then(|o| text(o, "chargeNumber")) {
        Some(number) => number.to_owned(),
        None => t.next_number("charge", "C-"),
    };
    let id = t.id();
    Ok(SubCharge {
        original_id: id.clone(),
        id,
        number,
        charge_id: charge.id.clone(),
        name: text(&charge.fields, "Name").unwrap_or_default().to_owned(),
        description: over
            .and_then(|o| text(o, "description"))
            .or_else(|| text(&charge.fields, "Description"))
            .map(str::to_owned),
        model,
        kind,
        billing_period: terms.name,
        specific_period: terms.specific,
        billing: terms.period,
        list_price_base: terms.base_name,
        specific_base: terms.specific_base,
        base: terms.base,
        uom: text(&charge.fields, "UOM").map(str::to_owned),
        trigger_event: window.event,
        trigger_date: window.trigger_date,
        end_condition: window.condition,
        specific_end: window.specific_end,
        up_to: window.up_to,
        arrears,
        taxable: over.and_then(|o| o.get("taxable")).and_then(Value::as_bool),
        apply_to,
        level,
        unique_token: over.and_then(|o| text(o, "uniqueToken")).map(str::to_owned),
        custom,
        segments: vec![segment],
    })
}

/// `applyDiscountTo` to `ApplyDiscountTo`.
fn title(key: &str) -> String {
    let mut letters = key.chars();
    letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
