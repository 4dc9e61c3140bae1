//! Orders and subscriptions (`zuora.md` 5): the body of a first order in [`create`](mod@create), of one that
//! changes a subscription in [`change`](mod@change), either as a question in [`preview`](mod@preview), look-ups in
//! [`read`](mod@read). Quantities, prices and discounts are put into Zuora's words in [`pricing`](mod@pricing).
//!
//! Orders and previews are written by the same code. They differ where the preview's models know less, and because
//! a preview has no contacts to wait for and maybe no account.

mod change;
mod create;
mod preview;
mod pricing;
mod read;

pub(crate) use change::change;
pub(crate) use create::create;
pub(crate) use preview::preview;
pub(crate) use read::{order, subscription, subscriptions_of};

use crate::dto::order as wire;
use crate::dto::orders::{RenewalSetting, TermPeriod, TermType, TriggerEvent};
use crate::send::rendered;
use connector_domain::billing::deal::{self, Party};
use connector_domain::dates::Term;
use connector_domain::ids::{OrderNumber, SubscriptionNumber};
use connector_domain::state::Effect;
use connector_ports::PortError;
use connector_ports::billing::Rendered;
use jiff::civil::Date;

const RENDER: &str = "zuora render order";

/// What an order is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To be carried out.
    Order,
    /// To be asked about.
    Preview,
    /// To be asked about, for an account that does not exist yet.
    PreviewWithoutAccount,
}

impl Purpose {
    /// A contact of the subscription by id.
    ///
    /// A [`Party::New`] cannot be rendered: the engine creates the contact first and puts its id in. A preview
    /// does without.
    fn party(self, party: &Party) -> Result<Option<&str>, PortError> {
        match (self, party) {
            (Purpose::PreviewWithoutAccount, _) | (Purpose::Preview, Party::New { .. }) => Ok(None),
            (Purpose::Order | Purpose::Preview, Party::Known(id)) => Ok(Some(id.as_str())),
            (Purpose::Order, Party::New { .. }) => {
                Err(PortError::bug(RENDER, "a contact of the order has no id yet"))
            }
        }
    }

    /// How an order is carried out: it bills nothing by itself. A preview is not.
    fn processing_options(self) -> Option<wire::ProcessingOptions> {
        (self == Purpose::Order)
            .then_some(wire::ProcessingOptions { run_billing: false, collect_payment: false })
    }
}

fn trigger_dates(dates: impl IntoIterator<Item = (TriggerEvent, Option<Date>)>) -> Vec<wire::TriggerDate> {
    let filled = |(name, date): (TriggerEvent, Option<Date>)| {
        date.map(|trigger_date| wire::TriggerDate { name, trigger_date })
    };
    dates.into_iter().filter_map(filled).collect()
}

/// `PUT /v1/orders/{number}/triggerDates`: only for a pending order, whose first action is the one that waits.
pub(crate) fn set_trigger_dates(
    order: &OrderNumber,
    subscription: &SubscriptionNumber,
    dates: &[(deal::TriggerEvent, Date)],
) -> Result<Rendered, PortError> {
    let trigger_dates = trigger_dates(dates.iter().map(|(event, date)| ((*event).into(), Some(*date))));
    let body = wire::SetTriggerDates {
        subscriptions: [wire::SubscriptionDates {
            subscription_number: subscription.as_str(),
            order_actions: [wire::ActionDates { sequence: 0, trigger_dates }],
        }],
    };
    rendered(RENDER, Effect::SetTriggerDates, order.as_str(), Some(order.as_str()), &body)
}

/// Number and kind of the periods of a term; none for evergreen.
fn periods(term: Term) -> Option<(u32, TermPeriod)> {
    match term {
        Term::Evergreen => None,
        Term::Months(period) => Some((period, TermPeriod::Month)),
        Term::Weeks(period) => Some((period, TermPeriod::Week)),
    }
}

fn dated_term(term: Term, start_date: Date) -> wire::DatedTerm {
    let periods = periods(term);
    wire::DatedTerm {
        start_date,
        period: periods.map(|(period, _)| period),
        period_type: periods.map(|(_, kind)| kind),
        term_type: if periods.is_some() { TermType::Termed } else { TermType::Evergreen },
    }
}

/// What a renewal does, and for how long.
fn renewal(term: Term) -> (RenewalSetting, Option<[wire::RenewalTerm; 1]>) {
    match periods(term) {
        None => (RenewalSetting::ToEvergreen, None),
        Some((period, period_type)) => {
            (RenewalSetting::SpecificTerm, Some([wire::RenewalTerm { period, period_type }]))
        }
    }
}

#[cfg(test)]
mod tests;
