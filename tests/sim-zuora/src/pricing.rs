//! Charges of an order: what the catalogue says, changed by the overrides of the request.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::amounts::{ChargeType, Model, Period, Tier, billing_period, price_base};
use crate::catalog_charge::{contiguous, whole};
use crate::errors::{Outcome, code, refuse, refuse_problems, resource};
use crate::json::{self, Object, dec_of, object, objects, text};
use crate::schema;
use crate::state::{PlanCharge, Tenant};
use crate::subscriptions::{Segment, SubCharge};

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
    fn start(&self, event: &str) -> Date {
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

const USAGE_OVERAGE: &str = "includedUnits/n overagePrice/n numberOfPeriods/i tiers/a \
    overageUnusedUnitsCreditOption/s unusedUnitsCreditRates/n originalListPrice/n \
    priceChangeOption/s priceIncreasePercentage/n uom/s";
const UPDATE_PRICE: &str = "priceChangeOption/s priceIncreasePercentage/n listPrice/n originalListPrice/n";
const UPDATE_PER_UNIT: &str =
    "priceChangeOption/s priceIncreasePercentage/n listPrice/n quantity/n originalListPrice/n";
const UPDATE_TIERED: &str = "priceChangeOption/s priceIncreasePercentage/n quantity/n tiers/a";

fn pricing_spec(key: &str, update: bool) -> &'static str {
    match (key, update) {
        ("recurringFlatFee" | "usageFlatFee" | "usagePerUnit", true) => UPDATE_PRICE,
        ("recurringPerUnit", true) => UPDATE_PER_UNIT,
        ("recurringTiered" | "recurringVolume" | "usageTiered" | "usageVolume", true) => UPDATE_TIERED,
        ("recurringFlatFee", _) => schema::RECURRING_FLAT_FEE,
        ("recurringPerUnit", _) => schema::RECURRING_PER_UNIT,
        ("recurringTiered" | "recurringVolume", _) => schema::RECURRING_TIERED,
        ("oneTimeFlatFee", _) => schema::ONE_TIME_FLAT_FEE,
        ("oneTimePerUnit", _) => schema::ONE_TIME_PER_UNIT,
        ("oneTimeTiered" | "oneTimeVolume", _) => schema::ONE_TIME_TIERED,
        ("usageFlatFee", _) => schema::USAGE_FLAT_FEE,
        ("usagePerUnit", _) => schema::USAGE_PER_UNIT,
        ("usageTiered" | "usageVolume", _) => schema::USAGE_TIERED,
        ("discount", _) => schema::DISCOUNT,
        _ => USAGE_OVERAGE,
    }
}

/// The pricing object of an override or update, after checking that it fits the charge.
pub(crate) fn fitting(
    pricing: &Object,
    kind: ChargeType,
    model: Model,
    update: bool,
) -> Outcome<Option<&Object>> {
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
    if dec_of(inner, "quantity").is_some_and(|q| q < Decimal::ZERO) {
        return broken("The quantity must not be negative.");
    }
    Ok(Some(inner))
}

fn order_tiers(pricing: &Object) -> Outcome<Vec<Tier>> {
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
    match contiguous(&tiers) {
        Err(problem) if !tiers.is_empty() => broken(format!("Tiers: {problem}.")),
        _ => Ok(tiers),
    }
}

/// Puts the prices and quantity of a pricing object over a segment.
pub(crate) fn apply_pricing(pricing: &Object, segment: &mut Segment) -> Outcome<()> {
    if let Some(price) = dec_of(pricing, "listPrice") {
        segment.price = Some(price);
    }
    if let Some(quantity) = dec_of(pricing, "quantity") {
        segment.quantity = Some(quantity);
    }
    if pricing.contains_key("tiers") {
        segment.tiers = order_tiers(pricing)?;
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
    let price_tiers: Vec<Tier> = tiers.map(|t| t.price_tier()).collect();
    let mut segment = Segment {
        quantity: None,
        price: None,
        tiers: Vec::new(),
        discount_percentage: None,
        discount_amount: None,
        start,
        end: None,
    };
    if model.has_tiers() {
        segment.tiers = price_tiers;
    } else if model.is_discount() {
        segment.discount_percentage = dec_of(&first, "DiscountPercentage");
        segment.discount_amount = dec_of(&first, "DiscountAmount");
    } else {
        segment.price = dec_of(&first, "Price");
    }
    let counts = matches!(model, Model::PerUnit | Model::Tiered | Model::Volume);
    if counts && charge.charge_type() != Some(ChargeType::Usage) {
        segment.quantity = Some(dec_of(&charge.fields, "DefaultQuantity").unwrap_or(Decimal::ONE));
    }
    Ok(segment)
}

fn units(count: u32, unit: &str, period: Period) -> Option<Span> {
    let count = i64::from(count);
    Some(match unit {
        "Days" => count.days(),
        "Weeks" => count.weeks(),
        "Months" => count.months(),
        "Years" => count.years(),
        _ => match period {
            Period::Months(n) => count.checked_mul(i64::from(n))?.months(),
            Period::Days(n) => count.checked_mul(i64::from(n))?.days(),
            Period::Term => return None,
        },
    })
}

fn own_dates(over: &Object, triggers: Triggers, period: Period, segment: &mut Segment) -> Outcome<()> {
    if let Some(start) = object(over, "startDate") {
        match text(start, "triggerEvent") {
            Some("SpecificDate") => match json::date(start, "specificTriggerDate") {
                Some(date) => segment.start = date,
                None => return broken("specificTriggerDate is required."),
            },
            Some(event) => segment.start = triggers.start(event),
            None => {}
        }
    }
    let Some(end) = object(over, "endDate") else { return Ok(()) };
    match text(end, "endDateCondition") {
        Some("Fixed_Period") => {
            let unit = text(end, "upToPeriodsType").unwrap_or("Billing_Periods");
            let span = whole(end, "upToPeriods").and_then(|n| units(n, unit, period));
            let Some(span) = span else { return broken("upToPeriods is required.") };
            segment.end = Some(segment.start.saturating_add(span));
        }
        Some("Specific_End_Date") => match json::date(end, "specificEndDate") {
            Some(date) if date > segment.start => segment.end = Some(date),
            _ => return broken("specificEndDate is required and must be after the start."),
        },
        Some("Subscription_End" | "One_Time") | None => {}
        Some(other) => return broken(format!("'{other}' is not a valid endDateCondition.")),
    }
    Ok(())
}

/// A subscription's charge, from the catalogue charge and its override.
pub(crate) fn new_charge(
    t: &mut Tenant,
    charge: &PlanCharge,
    over: Option<&Object>,
    currency: &str,
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
            pricing = fitting(given, kind, model, false)?;
        }
    }
    let terms = billing(charge, kind, over, pricing)?;
    let event = text(&charge.fields, "TriggerEvent").unwrap_or("ContractEffective").to_owned();
    let mut segment = catalog_segment(charge, model, currency, triggers.start(&event))?;
    if let Some(over) = over {
        own_dates(over, triggers, terms.period, &mut segment)?;
    }
    if let Some(pricing) = pricing {
        if let Some(uom) = text(pricing, "uom")
            && text(&charge.fields, "UOM") != Some(uom)
        {
            return broken(format!("The unit of measure '{uom}' is not that of the charge."));
        }
        apply_pricing(pricing, &mut segment)?;
    }
    let discount = |key: &str, default: &str| {
        let said = pricing.and_then(|p| text(p, key));
        said.or_else(|| text(&charge.fields, &title(key))).unwrap_or(default).to_owned()
    };
    let (apply_to, level) = (discount("applyDiscountTo", "RECURRING"), discount("discountLevel", "rateplan"));
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
        trigger_event: event,
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
