//! Subscriptions, their versions, plans, charges and segments.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::amounts::{ChargeType, Model, Period, Tier, extended};
use crate::json::Object;
use crate::state::Stamp;

/// A subscription through all its versions.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) number: String,
    pub(crate) original_id: String,
    pub(crate) account_id: String,
    pub(crate) versions: Vec<SubVersion>,
}

impl Family {
    /// The newest version.
    pub(crate) fn latest(&self) -> Option<&SubVersion> {
        self.versions.last()
    }
}

/// One version of a subscription.
#[derive(Debug, Clone)]
pub(crate) struct SubVersion {
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) status: String,
    /// Id of the account that has the subscription.
    pub(crate) owner: String,
    /// Id of the account that pays.
    pub(crate) invoice_owner: String,
    pub(crate) bill_to: Option<String>,
    pub(crate) sold_to: Option<String>,
    pub(crate) payment_term: Option<String>,
    pub(crate) currency: String,
    pub(crate) term_type: String,
    pub(crate) initial_term: Option<u32>,
    pub(crate) initial_period: String,
    pub(crate) current_term: Option<u32>,
    pub(crate) current_period: String,
    pub(crate) renewal_setting: String,
    pub(crate) renewal_term: Option<(u32, String)>,
    pub(crate) auto_renew: bool,
    pub(crate) start: Date,
    pub(crate) term_start: Date,
    pub(crate) term_end: Option<Date>,
    pub(crate) contract_effective: Date,
    pub(crate) service_activation: Option<Date>,
    pub(crate) customer_acceptance: Option<Date>,
    pub(crate) cancelled: Option<Date>,
    /// Times without service, oldest first.
    pub(crate) suspensions: Vec<Suspension>,
    /// What was invoiced, by charge number.
    pub(crate) charged: BTreeMap<String, Charged>,
    pub(crate) invoice_separately: bool,
    pub(crate) notes: Option<String>,
    pub(crate) custom: Object,
    pub(crate) order_number: String,
    pub(crate) plans: Vec<SubPlan>,
    pub(crate) stamp: Stamp,
}

/// A time without service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Suspension {
    /// First day of it.
    pub(crate) from: Date,
    /// First day after it; open when absent.
    pub(crate) to: Option<Date>,
}

/// What of a charge was invoiced.
#[derive(Debug, Clone)]
pub(crate) struct Charged {
    /// First day that was not invoiced yet.
    pub(crate) through: Date,
    /// The earliest day on which the charge can change without touching an invoice.
    pub(crate) processed: Date,
    pub(crate) periods: Vec<BilledPeriod>,
}

/// One invoiced billing period of a charge.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BilledPeriod {
    pub(crate) start: Date,
    /// Rounded, after discounts, without tax.
    pub(crate) amount: Decimal,
}

/// A rate plan of a subscription.
#[derive(Debug, Clone)]
pub(crate) struct SubPlan {
    pub(crate) id: String,
    pub(crate) original_id: String,
    /// Its ids in every version so far.
    pub(crate) all_ids: Vec<String>,
    pub(crate) number: String,
    pub(crate) plan_id: String,
    pub(crate) product_id: String,
    pub(crate) externally_managed: Option<String>,
    pub(crate) unique_token: Option<String>,
    pub(crate) custom: Object,
    pub(crate) charges: Vec<SubCharge>,
    pub(crate) removed: Option<Date>,
    pub(crate) last_change: &'static str,
    pub(crate) stamp: Stamp,
}

/// A charge of a rate plan.
#[derive(Debug, Clone)]
pub(crate) struct SubCharge {
    pub(crate) id: String,
    pub(crate) original_id: String,
    pub(crate) number: String,
    pub(crate) charge_id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) model: Model,
    pub(crate) kind: ChargeType,
    /// Billing period in the Orders spelling; none on one-time charges without one.
    pub(crate) billing_period: Option<String>,
    pub(crate) specific_period: Option<u32>,
    pub(crate) billing: Period,
    /// Price base in the Orders spelling; recurring charges only.
    pub(crate) list_price_base: Option<String>,
    pub(crate) specific_base: Option<u32>,
    /// What the price stands for.
    pub(crate) base: Period,
    pub(crate) uom: Option<String>,
    pub(crate) trigger_event: String,
    /// The date of the trigger event `SpecificDate`.
    pub(crate) trigger_date: Option<Date>,
    /// End date condition in the Orders spelling.
    pub(crate) end_condition: String,
    pub(crate) specific_end: Option<Date>,
    /// Periods and their type, for `Fixed_Period`.
    pub(crate) up_to: Option<(u32, String)>,
    /// Whether it is billed at the end of its periods.
    pub(crate) arrears: bool,
    /// Says over the catalogue whether it is taxed.
    pub(crate) taxable: Option<bool>,
    pub(crate) apply_to: String,
    pub(crate) level: String,
    pub(crate) unique_token: Option<String>,
    pub(crate) custom: Object,
    pub(crate) segments: Vec<Segment>,
}

/// A time during which a charge has one price and quantity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment {
    pub(crate) quantity: Option<Decimal>,
    pub(crate) price: Option<Decimal>,
    pub(crate) tiers: Vec<Tier>,
    pub(crate) discount_percentage: Option<Decimal>,
    pub(crate) discount_amount: Option<Decimal>,
    /// Units that an overage model gives without a price.
    pub(crate) included_units: Option<Decimal>,
    /// Price of a unit beyond those.
    pub(crate) overage_price: Option<Decimal>,
    pub(crate) start: Date,
    /// First day after it; the end of the subscription when absent.
    pub(crate) end: Option<Date>,
}

impl SubCharge {
    /// Where its periods begin to count.
    pub(crate) fn anchor(&self) -> Date {
        self.segments.first().map_or(Date::MIN, |s| s.start)
    }

    /// The segment that is in force at the end.
    pub(crate) fn last(&self) -> Option<&Segment> {
        self.segments.last()
    }

    /// The price of a segment for one price period.
    pub(crate) fn amount(&self, segment: &Segment) -> Decimal {
        let quantity = segment.quantity.unwrap_or(Decimal::ONE);
        extended(self.model, segment.price.unwrap_or_default(), quantity, &segment.tiers)
    }
}

impl SubVersion {
    /// Whether a catalogue charge is used here.
    pub(crate) fn uses_charge(&self, charge_id: &str) -> bool {
        self.plans.iter().flat_map(|p| &p.charges).any(|c| c.charge_id == charge_id)
    }

    /// Every charge.
    pub(crate) fn charges(&self) -> impl Iterator<Item = &SubCharge> {
        self.plans.iter().flat_map(|p| &p.charges)
    }

    /// First day after the subscription; none for evergreen ones.
    pub(crate) fn end(&self) -> Option<Date> {
        self.cancelled.or(self.term_end)
    }

    /// First day after a segment, cut at the end of the subscription.
    pub(crate) fn segment_end(&self, segment: &Segment) -> Option<Date> {
        let cut = match (segment.end, self.end()) {
            (Some(own), Some(end)) => Some(own.min(end)),
            (own, end) => own.or(end),
        };
        cut.map(|end| end.max(segment.start))
    }

    /// Whether the service rests on a day.
    pub(crate) fn suspended_on(&self, day: Date) -> bool {
        self.suspensions.iter().any(|s| s.from <= day && s.to.is_none_or(|to| to > day))
    }

    /// The suspension that has no end yet.
    pub(crate) fn open_suspension(&self) -> Option<Suspension> {
        self.suspensions.last().copied().filter(|s| s.to.is_none())
    }

    /// The times with service between two days.
    pub(crate) fn served(&self, from: Date, to: Date) -> Vec<(Date, Date)> {
        let mut parts = Vec::new();
        let mut start = from;
        for gap in &self.suspensions {
            let stop = gap.from.clamp(start, to.max(start));
            if stop > start {
                parts.push((start, stop));
            }
            start = start.max(gap.to.unwrap_or(to));
        }
        if start < to {
            parts.push((start, to));
        }
        parts
    }

    /// Its status on a day. A cancellation shows at once, also one with a later date.
    pub(crate) fn status_at(&self, today: Date) -> &str {
        if self.status != "Active" {
            &self.status
        } else if self.suspended_on(today) {
            "Suspended"
        } else if self.term_end.is_some_and(|end| end <= today) && !self.auto_renew {
            "Expired"
        } else {
            "Active"
        }
    }

    /// First day after everything that was invoiced.
    pub(crate) fn charged_through(&self) -> Option<Date> {
        self.charged.values().map(|c| c.through).max()
    }
}
