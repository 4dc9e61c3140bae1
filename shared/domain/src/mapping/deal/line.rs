//! One line item by itself: quantity, price or price table, discount, frequency, total.

use super::{Schedule, line_id};
use crate::billing::deal::TriggerEvent;
use crate::billing::tiers::{self, Tier, TierModel};
use crate::crm::line_item::LineItem;
use crate::dates::{BillingPeriod, Term};
use crate::ids::HubSpotId;
use crate::mapping::tiers::table;
use crate::money::{Currency, fits_zuora, parse_decimal, round_amount, smallest_amount};
use crate::policy::Policy;
use crate::problem::{Problem, ProblemCode};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What a line takes off its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// Nothing.
    None,
    /// Percent, between 0 and 100.
    Percentage(Decimal),
    /// An amount of each unit, not above its price.
    PerUnit(Decimal),
}

/// A line item that makes sense by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedLine {
    /// Record id.
    pub id: HubSpotId,
    /// Product of the library.
    pub product: HubSpotId,
    /// Units.
    pub quantity: Decimal,
    /// Unit price before discount, per billing period; none where a table makes the price.
    pub list_price: Option<Decimal>,
    /// HubSpot's price table.
    pub tiers: Option<(TierModel, Vec<Tier>)>,
    /// What is taken off.
    pub reduction: Reduction,
    /// HubSpot's net total of one billing period, or of the one-time line.
    pub amount: Option<Decimal>,
    /// None for one-time.
    pub period: Option<BillingPeriod>,
    /// First day, when it is not the subscription's.
    pub from: Option<Date>,
    /// First day after it, when it ends before the subscription.
    pub until: Option<Date>,
    /// When billing starts, if the line says it.
    pub trigger: Option<TriggerEvent>,
}

impl CheckedLine {
    /// A price less what the line takes off, unrounded.
    pub fn reduced(&self, price: Decimal) -> Decimal {
        match self.reduction {
            Reduction::None => price,
            Reduction::Percentage(percent) => {
                (price.saturating_mul(Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED).normalize()
            }
            Reduction::PerUnit(amount) => (price - amount).normalize(),
        }
    }
}

/// What a line's own values say it costs each billing period, by HubSpot's rules.
fn total(line: &CheckedLine) -> Option<Decimal> {
    let gross = match &line.tiers {
        Some((model, tiers)) => tiers::amount(*model, tiers, line.quantity),
        None => line.quantity.saturating_mul(line.list_price?),
    };
    Some(match line.reduction {
        Reduction::None => gross,
        Reduction::Percentage(percent) => {
            gross.saturating_mul(Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED
        }
        Reduction::PerUnit(amount) => gross - amount.saturating_mul(line.quantity),
    })
}

pub(super) fn check(
    line: &LineItem,
    currency: Option<&Currency>,
    schedule: Option<&Schedule>,
    co_termed: bool,
    policy: &Policy,
    problems: &mut Vec<Problem>,
) -> Option<CheckedLine> {
    let before = problems.len();
    let at = format!("line item {}", line_id(line));
    let mut refuse = |code, property: &str, detail: String| {
        problems.push(Problem::new(code, detail).at(format!("{at} {property}")));
    };
    let product = line.product.as_deref().and_then(|text| HubSpotId::parse(text.trim()).ok());
    if product.is_none() {
        refuse(ProblemCode::LineProduct, "hs_product_id", String::new());
    }
    let quantity = line.quantity.as_deref().and_then(parse_decimal).filter(|q| *q > Decimal::ZERO);
    if quantity.is_none() {
        refuse(
            ProblemCode::LineQuantity,
            "quantity",
            format!("It says \"{}\".", shown(line.quantity.as_deref())),
        );
    }
    let tiers = currency.and_then(|currency| {
        let texts = (line.pricing_model.as_deref(), line.tier_ranges.as_deref(), line.tier_prices.as_deref());
        table(texts.0, texts.1, texts.2, currency).unwrap_or_else(|error| {
            refuse(ProblemCode::LineTiers, "hs_pricing_model", format!("{error}."));
            None
        })
    });
    let price =
        line.price.as_deref().and_then(parse_decimal).filter(|p| !p.is_sign_negative() || p.is_zero());
    match price {
        None if tiers.is_none() => {
            refuse(ProblemCode::LinePrice, "price", format!("It says \"{}\".", shown(line.price.as_deref())));
        }
        Some(price) if !fits_zuora(price) => {
            refuse(ProblemCode::LinePrice, "price", format!("{price} has more digits than Zuora holds."));
        }
        Some(_) | None => {}
    }
    if let (Some(own), Some(currency)) = (line.currency.as_deref(), currency)
        && !own.eq_ignore_ascii_case(currency.as_str())
    {
        refuse(
            ProblemCode::DealCurrency,
            "hs_line_item_currency_code",
            format!("The line is in {}, the deal in {currency}.", shown(Some(own))),
        );
    }
    let reduction =
        reduction(line, if tiers.is_some() { None } else { price }).unwrap_or_else(|(property, detail)| {
            refuse(ProblemCode::LineDiscount, property, detail);
            Reduction::None
        });
    let period = BillingPeriod::parse_frequency(line.frequency.as_deref().unwrap_or_default())
        .inspect_err(|error| {
            refuse(ProblemCode::LineFrequency, "recurringbillingfrequency", error.to_string());
        })
        .ok();
    // Lines that end with another deal's subscription have no term of their own.
    if let (Some(Some(period)), Ok(term), false) =
        (period, Term::parse(line.term.as_deref().unwrap_or_default()), co_termed)
    {
        let whole = match (term, period.as_term()) {
            (Term::Months(length), Term::Months(each)) | (Term::Weeks(length), Term::Weeks(each)) => {
                length.checked_rem(each) == Some(0)
            }
            // Months are no whole number of weeks; Zuora bills the last part by its days.
            (Term::Months(_), Term::Weeks(_)) | (Term::Evergreen, _) | (_, Term::Evergreen) => true,
            (Term::Weeks(_), Term::Months(_)) => false,
        };
        if !whole {
            refuse(
                ProblemCode::LineTerm,
                "hs_recurring_billing_period",
                format!("The term is {term}, billed each {period}."),
            );
        }
    }
    let trigger = line.trigger.as_deref().and_then(|text| {
        let trigger = parse_trigger(text);
        if trigger.is_none() {
            refuse(
                ProblemCode::LineTrigger,
                &policy.billing_trigger_property,
                format!("It says \"{}\".", shown(Some(text))),
            );
        }
        trigger
    });
    if problems.len() > before {
        return None;
    }
    let id = line.id.clone()?;
    let (from, until) = schedule.and_then(|s| s.windows.get(&id)).copied().unwrap_or_default();
    let checked = CheckedLine {
        id,
        product: product?,
        quantity: quantity?,
        list_price: price.filter(|_| tiers.is_none()),
        tiers,
        reduction,
        amount: line.amount.as_deref().and_then(parse_decimal),
        period: period?,
        from,
        until,
        trigger,
    };
    if let (Some(ours), Some(currency), Some(amount)) = (total(&checked), currency, checked.amount) {
        let ours = round_amount(ours, currency);
        if ours.saturating_sub(amount).abs() > smallest_amount(currency) {
            problems.push(
                Problem::new(
                    ProblemCode::LineTotal,
                    format!("HubSpot says {amount}, quantity times net price is {ours} {currency}."),
                )
                .at(format!("{at} amount")),
            );
            return None;
        }
    }
    Some(checked)
}

/// A percentage, or an amount of each unit: never both, never more than the price.
fn reduction(line: &LineItem, price: Option<Decimal>) -> Result<Reduction, (&'static str, String)> {
    let number = |text: &Option<String>, property: &'static str| match text.as_deref() {
        None => Ok(Decimal::ZERO),
        Some(text) => {
            parse_decimal(text).ok_or_else(|| (property, format!("It says \"{}\".", shown(Some(text)))))
        }
    };
    let amount = number(&line.discount, "discount")?;
    let percent = number(&line.discount_percentage, "hs_discount_percentage")?;
    let negative = |d: Decimal| d.is_sign_negative() && !d.is_zero();
    if !amount.is_zero() && !percent.is_zero() {
        return Err(("discount", format!("Both {amount} per unit and {percent} percent are given.")));
    }
    if negative(amount) || price.is_some_and(|price| amount > price) {
        let price = price.map_or_else(String::new, |p| format!(", the price is {p}"));
        return Err(("discount", format!("{amount} per unit{price}.")));
    }
    if negative(percent) || percent > Decimal::ONE_HUNDRED {
        return Err(("hs_discount_percentage", format!("{percent} percent.")));
    }
    Ok(match (amount.is_zero(), percent.is_zero()) {
        (false, _) => Reduction::PerUnit(amount.normalize()),
        (true, false) => Reduction::Percentage(percent.normalize()),
        (true, true) => Reduction::None,
    })
}

fn shown(text: Option<&str>) -> String {
    text.unwrap_or_default().chars().take(40).collect()
}

fn parse_trigger(text: &str) -> Option<TriggerEvent> {
    let folded: String =
        text.chars().filter(|c| c.is_ascii_alphabetic()).flat_map(char::to_lowercase).collect();
    match folded.as_str() {
        "contracteffective" => Some(TriggerEvent::ContractEffective),
        "serviceactivation" => Some(TriggerEvent::ServiceActivation),
        "customeracceptance" => Some(TriggerEvent::CustomerAcceptance),
        _ => None,
    }
}
