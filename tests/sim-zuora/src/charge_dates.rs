//! From when to when a charge of an order is in force.
//!
//! An end date is the first day without the charge, as the end of a term is: the next phase may begin on
//! that day. The end of the subscription cuts every charge.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use crate::amounts::{ChargeType, Period};
use crate::catalog_charge::whole;
use crate::errors::Outcome;
use crate::json::{self, Object, object, text};
use crate::pricing::{Triggers, broken, check};
use crate::schema;
use crate::state::PlanCharge;
use crate::subscriptions::SubVersion;

/// The time of a charge and how the request said it.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) start: Date,
    /// First day after it; the end of the subscription when absent.
    pub(crate) end: Option<Date>,
    /// Trigger event.
    pub(crate) event: String,
    /// The date of the trigger event `SpecificDate`.
    pub(crate) trigger_date: Option<Date>,
    /// End date condition in the Orders spelling.
    pub(crate) condition: String,
    pub(crate) specific_end: Option<Date>,
    pub(crate) up_to: Option<(u32, String)>,
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

const UNITS: [&str; 5] = ["Billing_Periods", "Days", "Weeks", "Months", "Years"];

/// The time of a charge, from the catalogue and the override.
pub(crate) fn window(
    charge: &PlanCharge,
    over: Option<&Object>,
    version: &SubVersion,
    triggers: Triggers,
    period: Period,
) -> Outcome<Window> {
    let event = text(&charge.fields, "TriggerEvent").unwrap_or("ContractEffective").to_owned();
    let mut window = Window {
        start: triggers.start(&event),
        end: None,
        event,
        trigger_date: None,
        condition: "Subscription_End".to_owned(),
        specific_end: None,
        up_to: None,
    };
    let once = charge.charge_type() == Some(ChargeType::OneTime);
    if once {
        window.condition = "One_Time".to_owned();
    }
    if let Some(start) = over.and_then(|o| object(o, "startDate")) {
        begin(start, version, triggers, &mut window)?;
    }
    match over.and_then(|o| object(o, "endDate")) {
        Some(end) => finish(end, once, period, &mut window)?,
        None if text(&charge.fields, "EndDateCondition") == Some("FixedPeriod") => {
            let unit = text(&charge.fields, "UpToPeriodsType").unwrap_or("Billing Periods").replace(' ', "_");
            fixed(whole(&charge.fields, "UpToPeriods"), &unit, period, &mut window)?;
        }
        None => {}
    }
    Ok(window)
}

fn begin(start: &Object, version: &SubVersion, triggers: Triggers, window: &mut Window) -> Outcome<()> {
    check(start, schema::TRIGGER_PARAMS)?;
    if text(start, "startDatePolicy").is_some() {
        return broken("startDatePolicy is not simulated.");
    }
    match text(start, "triggerEvent") {
        Some("SpecificDate") => {
            let Some(date) = json::date(start, "specificTriggerDate") else {
                return broken("specificTriggerDate is required.");
            };
            if date < version.start || version.term_end.is_some_and(|end| date >= end) {
                return broken(format!("The charge's start on {date} is outside the subscription's term."));
            }
            window.event = "SpecificDate".to_owned();
            window.start = date;
            window.trigger_date = Some(date);
        }
        Some(event @ ("ContractEffective" | "ServiceActivation" | "CustomerAcceptance")) => {
            if start.contains_key("specificTriggerDate") {
                return broken("specificTriggerDate is for the trigger event SpecificDate only.");
            }
            window.event = event.to_owned();
            window.start = triggers.start(event);
        }
        Some(other) => return broken(format!("'{other}' is not a valid triggerEvent.")),
        None => return broken("triggerEvent is required."),
    }
    Ok(())
}

fn finish(end: &Object, once: bool, period: Period, window: &mut Window) -> Outcome<()> {
    check(end, schema::END_CONDITIONS)?;
    if text(end, "endDatePolicy").is_some() {
        return broken("endDatePolicy is not simulated.");
    }
    let condition = text(end, "endDateCondition").unwrap_or_default();
    let stray = |key: &str, of: &str| end.get(key).is_some_and(|v| !v.is_null()) && condition != of;
    if stray("specificEndDate", "Specific_End_Date") || stray("upToPeriods", "Fixed_Period") {
        return broken(format!("The end date condition '{condition}' has fields of another one."));
    }
    match condition {
        "One_Time" if once => {}
        "Subscription_End" | "Specific_End_Date" | "Fixed_Period" if once => {
            return broken("A one-time charge has no end date condition but One_Time.");
        }
        "Subscription_End" => {}
        "Specific_End_Date" => match json::date(end, "specificEndDate") {
            Some(date) if date > window.start => {
                window.end = Some(date);
                window.specific_end = Some(date);
            }
            _ => return broken("specificEndDate is required and must be after the start."),
        },
        "Fixed_Period" => {
            let unit = text(end, "upToPeriodsType").unwrap_or("Billing_Periods");
            return fixed(whole(end, "upToPeriods"), unit, period, window);
        }
        other => return broken(format!("'{other}' is not a valid endDateCondition.")),
    }
    window.condition = condition.to_owned();
    Ok(())
}

fn fixed(count: Option<u32>, unit: &str, period: Period, window: &mut Window) -> Outcome<()> {
    if !UNITS.contains(&unit) {
        return broken(format!("'{unit}' is not a valid upToPeriodsType."));
    }
    let Some(count) = count.filter(|n| *n > 0) else { return broken("upToPeriods is required.") };
    let Some(span) = units(count, unit, period) else {
        return broken("upToPeriods cannot count periods of the subscription's term.");
    };
    window.end = Some(window.start.saturating_add(span));
    window.condition = "Fixed_Period".to_owned();
    window.up_to = Some((count, unit.to_owned()));
    Ok(())
}
