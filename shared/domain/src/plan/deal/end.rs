//! What becomes of a subscription when its deal is lost after it was won: cancelled, by date or by policy. An
//! upsell deal takes only its own lines back.

use super::change::plan_ref;
use super::days::rank;
use crate::billing::deal::{CancelOn, Change, DealProjection, Part, What};
use crate::billing::product::ChargeType;
use crate::billing::subscription::ObservedSubscription;
use crate::ids::HubSpotId;
use crate::policy::CancelPolicy;
use crate::problem::{Problem, ProblemCode};
use jiff::civil::Date;

/// The order actions that end what a deal ordered; empty when there is nothing left to end.
pub fn end(
    deal: &HubSpotId,
    part: Part,
    applied: Option<&DealProjection>,
    seen: &ObservedSubscription,
    on: Option<Date>,
    policy: CancelPolicy,
    today: Date,
) -> Result<Vec<Change>, Problem> {
    if seen.is_cancelled() {
        return Ok(Vec::new());
    }
    let refuse =
        |detail: String| Err(Problem::new(ProblemCode::CancelDate, detail).at(format!("deal {deal}")));
    let first = seen.start.unwrap_or(today);
    if let Some(on) = on
        && (on < first || seen.term_end.is_some_and(|end| on > end))
    {
        let end = seen.term_end.map_or("without end".to_owned(), |end| format!("to {end}"));
        return refuse(format!("{on} is outside the term, from {first} {end}."));
    }
    let today = today.max(first);
    match part {
        Part::Owns => {
            let how = match (on, policy) {
                (Some(on), _) => CancelOn::Date(on),
                (None, CancelPolicy::Today) => CancelOn::Date(today),
                (None, CancelPolicy::EndOfBilledPeriod) => CancelOn::EndOfBilledPeriod,
                (None, CancelPolicy::EndOfTerm) if seen.term_end.is_none() => {
                    return refuse("The subscription has no end of term; a cancellation date is needed.".to_owned());
                }
                (None, CancelPolicy::EndOfTerm) => CancelOn::EndOfTerm,
            };
            let date = match how {
                CancelOn::Date(date) => date,
                CancelOn::EndOfTerm => seen.term_end.unwrap_or(today),
                CancelOn::EndOfBilledPeriod => today,
            };
            Ok(vec![Change { date, what: What::Cancel(how) }])
        }
        Part::Renews => refuse(
            "A renewal cannot be taken back by the connector; cancel the subscription in Zuora if that is meant."
                .to_owned(),
        ),
        Part::Extends => {
            let date = match (on, policy) {
                (Some(on), _) => on,
                (None, CancelPolicy::Today) => today,
                (None, CancelPolicy::EndOfTerm) => match seen.term_end {
                    Some(_) if seen.auto_renew == Some(true) => {
                        return refuse(
                            "The subscription renews by itself, the lines with it; a cancellation date is needed."
                                .to_owned(),
                        );
                    }
                    // Lines end with the term anyhow.
                    Some(_) => return Ok(Vec::new()),
                    None => {
                        return refuse(
                            "The subscription has no end of term; a cancellation date is needed.".to_owned(),
                        );
                    }
                },
                (None, CancelPolicy::EndOfBilledPeriod) => today,
            };
            let by_billed_period = on.is_none() && policy == CancelPolicy::EndOfBilledPeriod;
            let mut goes_on = false;
            let mut changes: Vec<Change> = applied
                .into_iter()
                .flat_map(|applied| &applied.lines)
                .filter_map(|line| {
                    let (plan, charge) = seen.charge(&line.charge_number)?;
                    if charge.charge_type == Some(ChargeType::OneTime) && charge.charged_through.is_some() {
                        // What was billed once has no later day on which it could end.
                        return None;
                    }
                    let billed = charge.charged_through.filter(|_| by_billed_period);
                    let date = [Some(date), charge.starts, billed].into_iter().flatten().max()?;
                    if seen.term_end.is_some_and(|end| date >= end) {
                        // It ends with the term, unless the term is followed by another.
                        goes_on |= seen.auto_renew == Some(true);
                        return None;
                    }
                    let what = What::Remove {
                        line: line.line.clone(),
                        plan: plan_ref(plan),
                        charge_number: line.charge_number.clone(),
                    };
                    Some(Change { date, what })
                })
                .collect();
            if goes_on {
                return refuse(
                    "The subscription renews by itself, the lines with it, and they are billed to the end of the \
                     term; a cancellation date is needed."
                        .to_owned(),
                );
            }
            changes.sort_by_key(|c| (c.date, rank(&c.what)));
            Ok(changes)
        }
    }
}
