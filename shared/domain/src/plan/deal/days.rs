//! When changes take effect, and in which sequence they are ordered (D-7).

use super::change::Compared;
use crate::billing::deal::{Change, Terms, What};
use crate::billing::subscription::ObservedSubscription;
use crate::dates::add_term;
use crate::ids::HubSpotId;
use crate::policy::LateChanges;
use crate::problem::{Problem, ProblemCode};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Days that decide when changes take effect (D-7).
#[derive(Debug, Clone, PartialEq)]
pub struct Days {
    /// The day of the sync in the portal's zone.
    pub today: Date,
    /// The deal's own property; wins over everything.
    pub effective: Option<Date>,
    /// When lines changed last, by their history.
    pub history: BTreeMap<HubSpotId, Date>,
    /// What happens to changes in time that is invoiced already.
    pub late: LateChanges,
}

/// Gives every change its day and puts them in sequence. A day that is not possible is a problem: it is refused,
/// not moved, where a person named it.
pub fn dated(
    compared: &Compared,
    seen: &ObservedSubscription,
    days: &Days,
) -> Result<Vec<Change>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut changes = Vec::new();
    // A longer term makes room for later days.
    let end = compared
        .changes
        .iter()
        .find_map(|c| match &c.what {
            What::Terms(Terms { term: Some((term, start)), .. }) => Some(add_term(*start, *term)),
            _ => None,
        })
        .unwrap_or(seen.term_end);
    // A renewal deal speaks of its own term and of no day before it.
    let next_term = Some(compared.projection.start).filter(|start| {
        seen.start.is_some_and(|s| s < *start) && [seen.term_start, seen.term_end].contains(&Some(*start))
    });
    for change in &compared.changes {
        let mut refuse = |detail: String| {
            problems.push(Problem::new(ProblemCode::EffectiveDate, detail).at(change.name.clone()));
        };
        let told = change.fixed.or(days.effective);
        // A line that is added with a start date of its own begins on that day.
        let begins = change.phase.filter(|_| matches!(change.what, What::Add(_)));
        let wanted = told
            .or(begins)
            .or_else(|| change.history.as_ref().and_then(|line| days.history.get(line)).copied())
            .unwrap_or(days.today);
        let first = [seen.start, next_term, change.earliest, change.phase].into_iter().flatten().max();
        let date = match first {
            Some(first) if wanted < first && told.is_some() && change.phase.is_none_or(|f| f < first) => {
                refuse(format!(
                    "{wanted} is before {first}, when the subscription or the charge's last change began."
                ));
                continue;
            }
            Some(first) => wanted.max(first),
            None => wanted,
        };
        if end.is_some_and(|end| date >= end) {
            let end = end.map_or(String::new(), |e| e.to_string());
            refuse(format!("{date} is not inside the term, which ends on {end}."));
            continue;
        }
        if let Some(over) = change.over.filter(|over| date >= *over) {
            refuse(format!("The line is over since {over}; from {date} on nothing of it can be changed."));
            continue;
        }
        if days.late == LateChanges::Park
            && let Some(billed) = change.billed_from.filter(|billed| date < *billed || change.fixed.is_some())
        {
            refuse(format!(
                "{date} lies in time that is invoiced already (the last period began on {billed})."
            ));
            continue;
        }
        let mut what = change.what.clone();
        if let What::Add(line) = &mut what {
            // The action's day is the charge's first day.
            line.from = line.from.map(|_| date);
        }
        changes.push(Change { date, what });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    changes.sort_by_key(|c| (c.date, rank(&c.what)));
    Ok(changes)
}

/// Within one day: what makes room first, what takes away before what adds.
pub(super) fn rank(what: &What) -> u8 {
    match what {
        What::Resume => 0,
        What::Terms(_) => 1,
        What::InvoiceOwner(_) => 2,
        What::Renew => 3,
        What::Update { .. } => 4,
        What::Remove { .. } => 5,
        What::Add(_) => 6,
        What::Suspend => 7,
        What::Cancel(_) => 8,
    }
}

#[cfg(test)]
#[path = "days_tests.rs"]
mod tests;
