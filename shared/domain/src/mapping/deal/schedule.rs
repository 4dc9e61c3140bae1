//! When a deal's subscription starts and how long it runs, and which lines are dated inside it (D-4, issue: terms
//! and dates, ramps).
//!
//! Lines of a ramp are phases of one line: they have the same ramp key, or the same product and dates that follow
//! one another without a gap. A ramp counts with its first day and the sum of its phases. All recurring lines and
//! ramps must then start on one day and be of one length; that is the subscription's.

use super::{line_id, read_delay};
use crate::crm::line_item::LineItem;
use crate::dates::{BillingPeriod, Term, add_term, parse_plain_date};
use crate::ids::HubSpotId;
use crate::problem::{Problem, ProblemCode};
use jiff::Span;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// First day of a line and the first day after it, where they are not the subscription's.
pub type Window = (Option<Date>, Option<Date>);

/// Start and length of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// First day.
    pub start: Date,
    /// Length.
    pub term: Term,
    /// Dated lines.
    pub windows: BTreeMap<HubSpotId, Window>,
}

/// A recurring line, or all phases of a ramp.
struct Unit {
    start: Date,
    term: Term,
    /// Phases with their first day and the first day after them.
    phases: Vec<(HubSpotId, Date, Option<Date>)>,
}

/// The day that a line says it starts on: its start date, else its delay after the close date.
pub(super) fn own_start(line: &LineItem, close: Date) -> Result<Option<Date>, Problem> {
    let refuse = |property: &str, text: &str| {
        Problem::new(
            ProblemCode::LineDates,
            format!("It says \"{}\".", text.chars().take(40).collect::<String>()),
        )
        .at(format!("line item {} {property}", line_id(line)))
    };
    if let Some(text) = line.start_date.as_deref() {
        return parse_plain_date(text)
            .map(Some)
            .ok_or_else(|| refuse("hs_recurring_billing_start_date", text));
    }
    for (property, text, months) in [
        ("hs_billing_start_delay_days", &line.delay_days, false),
        ("hs_billing_start_delay_months", &line.delay_months, true),
    ] {
        let Some(text) = text.as_deref() else { continue };
        let count = read_delay(text).ok_or_else(|| refuse(property, text))?;
        if count > 0 {
            let span = if months { Span::new().try_months(count) } else { Span::new().try_days(count) };
            return span
                .and_then(|span| close.checked_add(span))
                .map(Some)
                .map_err(|_| refuse(property, text));
        }
    }
    Ok(None)
}

/// Joins the lines of a deal to one schedule. Problems name the lines; with any, nothing is ordered.
pub(super) fn schedule(
    lines: &[LineItem],
    close: Date,
    default_term: Term,
    problems: &mut Vec<Problem>,
) -> Schedule {
    let fallback = Schedule { start: close, term: default_term, windows: BTreeMap::new() };
    let before = problems.len();
    let mut recurring = Vec::new();
    let mut once = Vec::new();
    for line in lines {
        let frequency = BillingPeriod::parse_frequency(line.frequency.as_deref().unwrap_or_default());
        let start = own_start(line, close).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let Some(id) = line.id.clone() else { continue };
        if matches!(frequency, Ok(None)) {
            once.push((id, start));
            continue;
        }
        match Term::parse(line.term.as_deref().unwrap_or_default()) {
            Ok(term) => recurring.push((line, id, start, term)),
            Err(error) => problems.push(
                Problem::new(ProblemCode::LineTerm, error.to_string())
                    .at(format!("line item {} hs_recurring_billing_period", line_id(line))),
            ),
        }
    }
    let units = units(&recurring, close, problems);
    if problems.len() > before {
        return fallback;
    }
    let Some(first) = units.iter().min_by_key(|u| u.start) else {
        return with_once(fallback, &once, problems);
    };
    if units.iter().any(|u| u.term != first.term) {
        let list: Vec<String> = units.iter().map(|u| format!("{}: {}", names(u), u.term)).collect();
        problems.push(
            Problem::new(ProblemCode::MixedTerms, format!("{}.", list.join("; ")))
                .at("line items hs_recurring_billing_period"),
        );
        return fallback;
    }
    if first.term != Term::Evergreen && units.iter().any(|u| u.start != first.start) {
        let list: Vec<String> = units.iter().map(|u| format!("{} from {}", names(u), u.start)).collect();
        problems.push(
            Problem::new(
                ProblemCode::LineDates,
                format!("They start on different days and would not end together: {}.", list.join("; ")),
            )
            .at("line items hs_recurring_billing_start_date"),
        );
        return fallback;
    }
    let end = add_term(first.start, first.term);
    let windows = units
        .iter()
        .flat_map(|u| &u.phases)
        .map(|(id, from, until)| {
            (id.clone(), (Some(*from).filter(|d| *d != first.start), until.filter(|d| Some(*d) != end)))
        })
        .filter(|(_, window)| *window != (None, None))
        .collect();
    let schedule = Schedule { start: first.start, term: first.term, windows };
    with_once(schedule, &once, problems)
}

fn names(unit: &Unit) -> String {
    let ids: Vec<String> = unit.phases.iter().map(|(id, ..)| id.to_string()).collect();
    match ids.as_slice() {
        [one] => format!("line item {one}"),
        several => format!("ramp of line items {}", several.join(", ")),
    }
}

/// One-time lines may bill on a later day of the subscription.
fn with_once(
    mut schedule: Schedule,
    once: &[(HubSpotId, Option<Date>)],
    problems: &mut Vec<Problem>,
) -> Schedule {
    let end = add_term(schedule.start, schedule.term);
    for (id, start) in once {
        let Some(start) = start.filter(|s| *s > schedule.start) else { continue };
        if end.is_some_and(|end| start >= end) {
            problems.push(
                Problem::new(
                    ProblemCode::LineDates,
                    format!("It starts on {start}, after the subscription's end."),
                )
                .at(format!("line item {id} hs_recurring_billing_start_date")),
            );
            continue;
        }
        schedule.windows.insert(id.clone(), (Some(start), None));
    }
    schedule
}

type Recurring<'a> = (&'a LineItem, HubSpotId, Option<Date>, Term);

/// Lines and ramps.
fn units(lines: &[Recurring<'_>], close: Date, problems: &mut Vec<Problem>) -> Vec<Unit> {
    let mut groups: BTreeMap<(u8, String), Vec<&Recurring<'_>>> = BTreeMap::new();
    for entry in lines {
        let (line, id, start, _) = entry;
        let key = match (line.ramp_key.as_deref(), line.product.as_deref(), start) {
            (Some(key), _, _) if !key.trim().is_empty() => (0, key.trim().to_owned()),
            (_, Some(product), Some(_)) => (1, product.to_owned()),
            _ => (2, id.to_string()),
        };
        groups.entry(key).or_default().push(entry);
    }
    // The first phase of a ramp by product may leave its start to the close date.
    let later: Vec<String> =
        groups.keys().filter(|(kind, _)| *kind == 1).map(|(_, product)| product.clone()).collect();
    for entry in lines.iter().filter(|(line, _, start, _)| {
        start.is_none() && line.product.as_ref().is_some_and(|p| later.contains(p)) && no_key(line)
    }) {
        let product = entry.0.product.clone().unwrap_or_default();
        groups.remove(&(2, entry.1.to_string()));
        groups.entry((1, product)).or_default().push(entry);
    }
    let mut units = Vec::new();
    for ((kind, key), mut members) in groups {
        members.sort_by_key(|(_, id, start, _)| (start.unwrap_or(close), id.clone()));
        match ramp(&members, close) {
            Some(unit) => units.push(unit),
            None if kind == 0 => problems.push(
                Problem::new(
                    ProblemCode::LineDates,
                    format!(
                        "The phases of ramp \"{}\" do not follow one another without a gap.",
                        key.chars().take(40).collect::<String>()
                    ),
                )
                .at("line items hs_ramp_key"),
            ),
            // The same product several times, but not as phases: lines of their own.
            None => units.extend(members.iter().filter_map(|m| ramp(std::slice::from_ref(m), close))),
        }
    }
    units
}

fn no_key(line: &LineItem) -> bool {
    line.ramp_key.as_deref().is_none_or(|k| k.trim().is_empty())
}

/// Members as one unit, when each begins where the one before ends.
fn ramp(members: &[&Recurring<'_>], close: Date) -> Option<Unit> {
    let (_, _, first, _) = members.first()?;
    let start = first.unwrap_or(close);
    let mut total = Term::Months(0);
    let mut phases = Vec::new();
    for (index, (_, id, own, term)) in members.iter().enumerate() {
        let from = if index == 0 { start } else { add_term(start, total)? };
        if own.is_some_and(|own| own != from) || (index > 0 && own.is_none()) {
            return None;
        }
        total = match (index, total, *term) {
            (0, _, term) => term,
            (_, Term::Months(a), Term::Months(b)) => Term::Months(a.checked_add(b)?),
            (_, Term::Weeks(a), Term::Weeks(b)) => Term::Weeks(a.checked_add(b)?),
            (_, Term::Months(_) | Term::Weeks(_), Term::Evergreen) => Term::Evergreen,
            _ => return None,
        };
        phases.push((id.clone(), from, add_term(start, total)));
    }
    Some(Unit { start, term: total, phases })
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
