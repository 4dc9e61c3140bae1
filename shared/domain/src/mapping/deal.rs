//! A deal with its line items to an order and a subscription (Z-060 to Z-104, X-1 to X-13, D-3 to D-7).
//!
//! Two steps, because a deal that breaks a rule must be parked before its company or products are touched:
//! [`check`] judges the deal by itself; [`super::order`] joins it with the account and the rate plans.

mod line;
mod role;
mod schedule;

pub use line::{CheckedLine, Reduction};
pub use role::{Role, is_won, role};
pub use schedule::{Schedule, Window};

use super::company::one_labelled;
use crate::crm::Association;
use crate::crm::deal::{Deal, DealRecord};
use crate::crm::line_item::LineItem;
use crate::dates::{Term, parse_crm_date, parse_plain_date};
use crate::ids::HubSpotId;
use crate::money::{Currency, parse_decimal};
use crate::policy::{Policy, Portal};
use crate::problem::{Problem, ProblemCode};
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use schedule::{own_start, schedule};
use std::collections::{BTreeMap, BTreeSet};

/// The primary company of a deal (`hubspot.md` 4.5).
const PRIMARY_COMPANY: u32 = 5;

/// A deal that makes sense by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedDeal {
    /// Record id.
    pub id: HubSpotId,
    /// What it does.
    pub role: Role,
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
    /// First day of the subscription: the close date, unless all lines start on another day.
    pub start: Date,
    /// Term of all recurring lines, or the default.
    pub term: Term,
    /// The subscription renews by itself.
    pub auto_renew: bool,
    /// Length of a renewal; none for the term's own.
    pub renewal_term: Option<Term>,
    /// Service activation date, when filled.
    pub service_activation: Option<Date>,
    /// Customer acceptance date, when filled.
    pub customer_acceptance: Option<Date>,
    /// When changes take effect, when filled (D-7).
    pub effective_date: Option<Date>,
    /// When the subscription is suspended, when filled.
    pub suspend_on: Option<Date>,
    /// When it is resumed, when filled.
    pub resume_on: Option<Date>,
    /// The lines.
    pub lines: Vec<CheckedLine>,
}

impl CheckedDeal {
    /// The products of the lines, each with a list price to start from in the deal's currency.
    pub fn products(&self) -> BTreeMap<HubSpotId, Decimal> {
        let first = |line: &CheckedLine| line.tiers.as_ref().and_then(|(_, t)| t.first()).map(|t| t.price);
        let price = |line: &CheckedLine| line.list_price.or_else(|| first(line)).unwrap_or_default();
        self.lines.iter().map(|line| (line.product.clone(), price(line))).collect()
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
    let names = &policy.deals.properties;
    let at = format!("deal {}", deal.id);
    let mut problems = Vec::new();
    let role = role(deal, policy).unwrap_or_else(|problem| {
        problems.push(problem);
        Role::New
    });
    let company = choose_company(record, policy, &mut problems);
    let invoice_owner =
        choose_invoice_owner(record, policy, &mut problems).filter(|id| Some(id) != company.as_ref());
    let bill_to = one_labelled(&at, &record.contacts, &policy.labels.bill_to, &mut problems);
    let sold_to = one_labelled(&at, &record.contacts, &policy.labels.sold_to, &mut problems);
    let currency = deal_currency(deal, portal, policy, &mut problems);
    let close_date = deal.close_date.as_deref().and_then(|text| parse_crm_date(text, &portal.time_zone));
    if close_date.is_none() {
        problems.push(Problem::new(ProblemCode::CloseDate, "").at(format!("{at} closedate")));
    }
    all_lines_are_there(record, lines, &mut problems);
    let default_term = Term::Months(policy.deals.default_term_months);
    let schedule = match (&role, close_date) {
        (Role::Extend(_), None) => None,
        (Role::New | Role::Renew(_) | Role::Nothing, None) => {
            // Without a day there is no schedule, but a term that cannot be read is wrong on every day.
            let mut found = Vec::new();
            schedule(lines, Date::constant(2000, 1, 1), default_term, &mut found);
            problems.extend(found.into_iter().filter(|p| p.code == ProblemCode::LineTerm));
            None
        }
        (Role::New | Role::Renew(_) | Role::Nothing, Some(close)) => {
            Some(schedule(lines, close, default_term, &mut problems))
        }
        (Role::Extend(_), Some(close)) => Some(co_termed(lines, close, &mut problems)),
    };
    let checked: Vec<CheckedLine> = lines
        .iter()
        .filter_map(|line| {
            let co_termed = matches!(role, Role::Extend(_));
            line::check(line, currency.as_ref(), schedule.as_ref(), co_termed, policy, &mut problems)
        })
        .collect();
    let mut date = |property: &str, value: Option<&str>| read_date(deal, property, value, &mut problems);
    let service_activation = date(&names.service_activation, deal.service_activation.as_deref());
    let customer_acceptance = date(&names.customer_acceptance, deal.customer_acceptance.as_deref());
    let effective_date = date(&names.effective_date, deal.property(&names.effective_date));
    let suspend_on = date(&names.suspend_date, deal.property(&names.suspend_date));
    let resume_on = date(&names.resume_date, deal.property(&names.resume_date));
    let auto_renew = match deal.property(&names.auto_renew).map(|t| t.trim().to_ascii_lowercase()) {
        None => policy.deals.auto_renew,
        Some(text) if text.is_empty() => policy.deals.auto_renew,
        Some(text) => matches!(text.as_str(), "true" | "yes" | "1"),
    };
    let renewal_term =
        match deal.property(&names.renewal_term).filter(|t| !t.trim().is_empty()).map(Term::parse) {
            None => policy.deals.renewal_term,
            Some(Ok(term)) => Some(term),
            Some(Err(error)) => {
                problems.push(
                    Problem::new(ProblemCode::LineTerm, error.to_string())
                        .at(format!("{at} {}", names.renewal_term)),
                );
                None
            }
        };
    match (company, currency, close_date, schedule) {
        (Some(company), Some(currency), Some(close_date), Some(schedule)) if problems.is_empty() => {
            Ok(CheckedDeal {
                id: deal.id.clone(),
                role,
                company,
                invoice_owner,
                bill_to,
                sold_to,
                currency,
                close_date,
                start: schedule.start,
                // Zuora refuses an evergreen subscription that renews.
                auto_renew: auto_renew && schedule.term != Term::Evergreen,
                renewal_term: renewal_term.filter(|_| schedule.term != Term::Evergreen),
                term: schedule.term,
                service_activation,
                customer_acceptance,
                effective_date,
                suspend_on,
                resume_on,
                lines: checked,
            })
        }
        _ => Err(problems),
    }
}

/// The day on which a lost deal's subscription shall end, when the deal says it.
pub fn cancellation_date(deal: &Deal, policy: &Policy) -> Result<Option<Date>, Problem> {
    let property = &policy.deals.properties.cancellation_date;
    let mut problems = Vec::new();
    let date = read_date(deal, property, deal.property(property), &mut problems);
    problems.pop().map_or(Ok(date), Err)
}

fn read_date(deal: &Deal, property: &str, value: Option<&str>, problems: &mut Vec<Problem>) -> Option<Date> {
    let date = parse_plain_date(value.filter(|text| !text.trim().is_empty())?);
    if date.is_none() {
        problems.push(
            Problem::new(ProblemCode::CloseDate, "The date cannot be read.")
                .at(format!("deal {} {property}", deal.id)),
        );
    }
    date
}

fn all_lines_are_there(record: &DealRecord, lines: &[LineItem], problems: &mut Vec<Problem>) {
    if record.line_items.is_empty() {
        problems
            .push(Problem::new(ProblemCode::DealLines, "").at(format!("deal {} line items", record.deal.id)));
    } else if lines.len() < record.line_items.len() {
        let read: BTreeSet<_> = lines.iter().filter_map(|l| l.id.clone()).collect();
        for missing in record.line_items.iter().filter(|id| !read.contains(*id)) {
            problems.push(
                Problem::new(ProblemCode::DealLines, "HubSpot lists it but does not return it.")
                    .at(format!("line item {missing}")),
            );
        }
    }
}

/// Lines of an upsell end with the subscription that they are added to; their own terms do not count.
fn co_termed(lines: &[LineItem], close: Date, problems: &mut Vec<Problem>) -> Schedule {
    let mut windows = BTreeMap::new();
    for line in lines {
        match own_start(line, close) {
            Ok(Some(start)) => {
                windows.extend(line.id.clone().map(|id| (id, (Some(start), None))));
            }
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    Schedule { start: close, term: Term::Evergreen, windows }
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
fn deal_currency(
    deal: &Deal,
    portal: &Portal,
    policy: &Policy,
    problems: &mut Vec<Problem>,
) -> Option<Currency> {
    let text = deal.currency.as_deref().unwrap_or(portal.home_currency.as_str());
    let shown: String = text.chars().take(10).collect();
    let in_tenant = |c: &Currency| policy.tenant_currencies.as_ref().is_none_or(|all| all.contains(c));
    match Currency::parse(text) {
        Ok(currency) if portal.currencies.contains(&currency) && in_tenant(&currency) => Some(currency),
        Ok(currency) if portal.currencies.contains(&currency) => {
            problems.push(
                Problem::new(ProblemCode::DealCurrency, format!("{currency} is not active in Zuora."))
                    .at(format!("deal {} deal_currency_code", deal.id)),
            );
            None
        }
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

pub(super) fn line_id(line: &LineItem) -> String {
    line.id.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string)
}

/// A delay in whole days or months.
fn read_delay(text: &str) -> Option<i64> {
    parse_decimal(text).filter(|d| d.fract().is_zero() && !d.is_sign_negative()).and_then(|d| d.to_i64())
}

#[cfg(test)]
#[path = "deal_tests.rs"]
mod tests;
