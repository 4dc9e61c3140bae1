//! A deal with its line items to an order and a subscription (Z-060 to Z-104, X-1 to X-13, D-3 to D-7).
//!
//! Two steps, because a deal that breaks a rule must be parked before its company or products are touched:
//! [`check`] judges the deal by itself; [`super::order`] joins it with the account and the rate plans.

use super::company::one_labelled;
use crate::billing::deal::TriggerEvent;
use crate::crm::Association;
use crate::crm::deal::{Deal, DealRecord};
use crate::crm::line_item::LineItem;
use crate::dates::{BillingPeriod, Term, parse_crm_date, parse_plain_date};
use crate::ids::HubSpotId;
use crate::money::{Currency, fits_zuora, parse_decimal, round_amount, smallest_amount};
use crate::policy::{Policy, Portal};
use crate::problem::{Problem, ProblemCode};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The primary company of a deal (`hubspot.md` 4.5).
const PRIMARY_COMPANY: u32 = 5;

/// Whether a deal is won: the stages named in the configuration for its pipeline, else HubSpot's own judgement.
pub fn is_won(deal: &Deal, policy: &Policy) -> bool {
    let named = deal.pipeline.as_deref().and_then(|p| policy.won_stages.get(p));
    match (named, deal.stage.as_deref()) {
        (Some(stages), Some(stage)) => stages.contains(stage),
        (Some(_), None) => false,
        (None, _) => deal.closed_won,
    }
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
    /// Unit price before discount.
    pub list_price: Decimal,
    /// Unit price after discount, per billing period.
    pub net_price: Decimal,
    /// None for one-time.
    pub period: Option<BillingPeriod>,
    /// When billing starts, if the line says it.
    pub trigger: Option<TriggerEvent>,
}

/// A deal that makes sense by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedDeal {
    /// Record id.
    pub id: HubSpotId,
    /// The company that owns the subscription.
    pub company: HubSpotId,
    /// The company that pays, when it is another one.
    pub invoice_owner: Option<HubSpotId>,
    /// Contact labelled bill-to on the deal.
    pub bill_to: Option<HubSpotId>,
    /// Contact labelled sold-to on the deal.
    pub sold_to: Option<HubSpotId>,
    /// The deal's currency.
    pub currency: Currency,
    /// Close date in the portal's zone.
    pub close_date: Date,
    /// Term of all recurring lines, or the default.
    pub term: Term,
    /// Service activation date, when filled.
    pub service_activation: Option<Date>,
    /// Customer acceptance date, when filled.
    pub customer_acceptance: Option<Date>,
    /// The lines.
    pub lines: Vec<CheckedLine>,
}

impl CheckedDeal {
    /// The products of the lines, each with a list price to start from in the deal's currency.
    pub fn products(&self) -> BTreeMap<HubSpotId, Decimal> {
        self.lines.iter().map(|line| (line.product.clone(), line.list_price)).collect()
    }
}

/// Judges a deal by itself and reports everything that is wrong with it.
pub fn check(
    record: &DealRecord,
    lines: &[LineItem],
    portal: &Portal,
    policy: &Policy,
) -> Result<CheckedDeal, Vec<Problem>> {
    let deal = &record.deal;
    let at = format!("deal {}", deal.id);
    let mut problems = Vec::new();
    let company = choose_company(record, policy, &mut problems);
    let invoice_owner =
        choose_invoice_owner(record, policy, &mut problems).filter(|id| Some(id) != company.as_ref());
    let bill_to = one_labelled(&at, &record.contacts, &policy.labels.bill_to, &mut problems);
    let sold_to = one_labelled(&at, &record.contacts, &policy.labels.sold_to, &mut problems);
    let currency = deal_currency(deal, portal, &mut problems);
    let close_date = deal.close_date.as_deref().and_then(|text| parse_crm_date(text, &portal.time_zone));
    if close_date.is_none() {
        problems.push(Problem::new(ProblemCode::CloseDate, "").at(format!("{at} closedate")));
    }
    if record.line_items.is_empty() {
        problems.push(Problem::new(ProblemCode::DealLines, "").at(format!("{at} line items")));
    } else if lines.len() < record.line_items.len() {
        let read: BTreeSet<_> = lines.iter().filter_map(|l| l.id.clone()).collect();
        for missing in record.line_items.iter().filter(|id| !read.contains(*id)) {
            problems.push(
                Problem::new(ProblemCode::DealLines, "HubSpot lists it but does not return it.")
                    .at(format!("line item {missing}")),
            );
        }
    }
    let term = common_term(lines, policy, &mut problems);
    let checked: Vec<CheckedLine> = lines
        .iter()
        .filter_map(|line| check_line(line, currency.as_ref(), close_date, term, policy, &mut problems))
        .collect();
    let mut date = |value: &Option<String>, property: &str| {
        let text = value.as_deref()?;
        let date = parse_plain_date(text);
        if date.is_none() {
            problems.push(
                Problem::new(ProblemCode::CloseDate, "The date cannot be read.")
                    .at(format!("{at} {property}")),
            );
        }
        date
    };
    let service_activation = date(&deal.service_activation, &policy.service_activation_property);
    let customer_acceptance = date(&deal.customer_acceptance, &policy.customer_acceptance_property);
    match (company, currency, close_date) {
        (Some(company), Some(currency), Some(close_date)) if problems.is_empty() => Ok(CheckedDeal {
            id: deal.id.clone(),
            company,
            invoice_owner,
            bill_to,
            sold_to,
            currency,
            close_date,
            term: term.unwrap_or(Term::Months(policy.default_term_months)),
            service_activation,
            customer_acceptance,
            lines: checked,
        }),
        _ => Err(problems),
    }
}

fn choose_company(record: &DealRecord, policy: &Policy, problems: &mut Vec<Problem>) -> Option<HubSpotId> {
    let at = format!("deal {} company", record.deal.id);
    if let Some(primary) = record.companies.iter().find(|c| c.has_type(PRIMARY_COMPANY)) {
        return Some(primary.to.clone());
    }
    // Without a primary one, a company that is only there to pay is not the buyer.
    let buyers: Vec<&Association> = record
        .companies
        .iter()
        .filter(|c| record.companies.len() == 1 || !c.has_label(&policy.labels.invoice_owner))
        .collect();
    match buyers.as_slice() {
        [one] => Some(one.to.clone()),
        [] => {
            problems.push(Problem::new(ProblemCode::DealCompany, "").at(at));
            None
        }
        several => {
            let ids: Vec<_> = several.iter().map(|c| c.to.as_str()).collect();
            problems.push(
                Problem::new(ProblemCode::DealCompanies, format!("They are {}.", ids.join(", "))).at(at),
            );
            None
        }
    }
}

fn choose_invoice_owner(
    record: &DealRecord,
    policy: &Policy,
    problems: &mut Vec<Problem>,
) -> Option<HubSpotId> {
    let owners: Vec<_> =
        record.companies.iter().filter(|c| c.has_label(&policy.labels.invoice_owner)).collect();
    match owners.as_slice() {
        [] => None,
        [one] => Some(one.to.clone()),
        several => {
            let ids: Vec<_> = several.iter().map(|c| c.to.as_str()).collect();
            problems.push(
                Problem::new(
                    ProblemCode::LabelAmbiguous,
                    format!("\"{}\" is on companies {}.", policy.labels.invoice_owner, ids.join(", ")),
                )
                .at(format!("deal {} company", record.deal.id)),
            );
            None
        }
    }
}

/// Empty is the home currency; a named currency that is not active is refused, never replaced (D-3).
fn deal_currency(deal: &Deal, portal: &Portal, problems: &mut Vec<Problem>) -> Option<Currency> {
    let Some(text) = deal.currency.as_deref() else { return Some(portal.home_currency.clone()) };
    let shown: String = text.chars().take(10).collect();
    match Currency::parse(text) {
        Ok(currency) if portal.currencies.contains(&currency) => Some(currency),
        Ok(_) | Err(_) => {
            let active: Vec<_> = portal.currencies.iter().map(Currency::as_str).collect();
            problems.push(
                Problem::new(
                    ProblemCode::DealCurrency,
                    format!("{shown} is not active; active are {}.", active.join(", ")),
                )
                .at(format!("deal {} deal_currency_code", deal.id)),
            );
            None
        }
    }
}

/// Only recurring lines are compared (D-4). None when no line is recurring.
fn common_term(lines: &[LineItem], policy: &Policy, problems: &mut Vec<Problem>) -> Option<Term> {
    let mut terms: Vec<(String, Term)> = Vec::new();
    for line in lines {
        let recurring = !matches!(
            BillingPeriod::parse_frequency(line.frequency.as_deref().unwrap_or_default()),
            Ok(None)
        );
        if !recurring {
            continue;
        }
        match Term::parse(line.term.as_deref().unwrap_or_default()) {
            Ok(term) => terms.push((line_id(line), term)),
            Err(error) => problems.push(
                Problem::new(ProblemCode::LineTerm, error.to_string())
                    .at(format!("line item {} hs_recurring_billing_period", line_id(line))),
            ),
        }
    }
    let first = terms.first().map(|(_, term)| *term)?;
    if terms.iter().any(|(_, term)| *term != first) {
        let list: Vec<_> = terms.iter().map(|(id, term)| format!("line item {id}: {term}")).collect();
        problems.push(
            Problem::new(ProblemCode::MixedTerms, format!("{}.", list.join("; ")))
                .at("line items hs_recurring_billing_period"),
        );
        return Some(Term::Months(policy.default_term_months));
    }
    Some(first)
}

fn line_id(line: &LineItem) -> String {
    line.id.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string)
}

fn is_zero(text: Option<&str>) -> bool {
    text.is_none_or(|t| parse_decimal(t).is_some_and(|d| d.is_zero()))
}

fn check_line(
    line: &LineItem,
    currency: Option<&Currency>,
    close_date: Option<Date>,
    term: Option<Term>,
    _policy: &Policy,
    problems: &mut Vec<Problem>,
) -> Option<CheckedLine> {
    let before = problems.len();
    let at = format!("line item {}", line_id(line));
    let mut refuse = |code, property: &str, detail: String| {
        problems.push(Problem::new(code, detail).at(format!("{at} {property}")))
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
    if line.pricing_model.as_deref().is_some_and(|m| !m.is_empty() && !m.eq_ignore_ascii_case("flat")) {
        refuse(
            ProblemCode::LineUsage,
            "hs_pricing_model",
            format!("The model is \"{}\".", shown(line.pricing_model.as_deref())),
        );
    }
    let price =
        line.price.as_deref().and_then(parse_decimal).filter(|p| !p.is_sign_negative() || p.is_zero());
    if price.is_none() {
        refuse(ProblemCode::LinePrice, "price", format!("It says \"{}\".", shown(line.price.as_deref())));
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
    let net = price.and_then(|price| match net_price(price, line) {
        Ok(net) => Some(net),
        Err((code, property, detail)) => {
            refuse(code, property, detail);
            None
        }
    });
    let period = match BillingPeriod::parse_frequency(line.frequency.as_deref().unwrap_or_default()) {
        Ok(period) => Some(period),
        Err(error) => {
            refuse(ProblemCode::LineFrequency, "recurringbillingfrequency", error.to_string());
            None
        }
    };
    if let (Some(Some(period)), Some(term)) = (period, term) {
        let fits = match (term, period.in_months()) {
            (Term::Months(months), Some(each)) => months.checked_rem(each) == Some(0),
            (Term::Evergreen | Term::Weeks(_), _) | (Term::Months(_), None) => true,
        };
        if !fits {
            refuse(
                ProblemCode::LineTerm,
                "hs_recurring_billing_period",
                format!("The term is {term}, billed each {period}."),
            );
        }
    }
    let start = line.start_date.as_deref().map(parse_plain_date);
    let starts_elsewhere = matches!((start, close_date), (Some(start), Some(close)) if start != Some(close));
    if starts_elsewhere || !is_zero(line.delay_days.as_deref()) || !is_zero(line.delay_months.as_deref()) {
        refuse(ProblemCode::LineDates, "hs_recurring_billing_start_date", String::new());
    }
    let trigger = match line.trigger.as_deref().map(|t| (t, parse_trigger(t))) {
        Some((text, None)) => {
            refuse(
                ProblemCode::LineTrigger,
                "billing_start_trigger",
                format!("It says \"{}\".", shown(Some(text))),
            );
            None
        }
        Some((_, trigger)) => trigger,
        None => None,
    };
    if let (Some(quantity), Some(net), Some(currency), Some(amount)) =
        (quantity, net, currency, line.amount.as_deref().and_then(parse_decimal))
    {
        let ours = round_amount(quantity.saturating_mul(net), currency);
        if (ours - amount).abs() > smallest_amount(currency) {
            refuse(
                ProblemCode::LineTotal,
                "amount",
                format!("HubSpot says {amount}, quantity times net price is {ours} {currency}."),
            );
        }
    }
    if problems.len() > before {
        return None;
    }
    Some(CheckedLine {
        id: line.id.clone()?,
        product: product?,
        quantity: quantity?,
        list_price: price?,
        net_price: net?,
        period: period?,
        trigger,
    })
}

/// Price less discount: one of amount per unit and percentage, never both, never more than the price.
fn net_price(price: Decimal, line: &LineItem) -> Result<Decimal, (ProblemCode, &'static str, String)> {
    let number = |text: &Option<String>, property: &'static str| match text.as_deref() {
        None => Ok(Decimal::ZERO),
        Some(text) => parse_decimal(text).ok_or_else(|| {
            (ProblemCode::LineDiscount, property, format!("It says \"{}\".", shown(Some(text))))
        }),
    };
    let amount = number(&line.discount, "discount")?;
    let percent = number(&line.discount_percentage, "hs_discount_percentage")?;
    let hundred = Decimal::ONE_HUNDRED;
    if !amount.is_zero() && !percent.is_zero() {
        return Err((
            ProblemCode::LineDiscount,
            "discount",
            format!("Both {amount} per unit and {percent} percent are given."),
        ));
    }
    if amount.is_sign_negative() && !amount.is_zero() || amount > price {
        return Err((
            ProblemCode::LineDiscount,
            "discount",
            format!("{amount} per unit, the price is {price}."),
        ));
    }
    if percent.is_sign_negative() && !percent.is_zero() || percent > hundred {
        return Err((ProblemCode::LineDiscount, "hs_discount_percentage", format!("{percent} percent.")));
    }
    let net = price
        .checked_mul(hundred - percent)
        .map(|p| p / hundred - amount)
        .map(|p| p.normalize())
        .ok_or_else(|| (ProblemCode::LinePrice, "price", format!("{price} is too large.")))?;
    if fits_zuora(net) {
        Ok(net)
    } else {
        Err((
            ProblemCode::LinePrice,
            "price",
            format!("The net price {net} has more digits than Zuora holds."),
        ))
    }
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

#[cfg(test)]
#[path = "deal_tests.rs"]
mod tests;
