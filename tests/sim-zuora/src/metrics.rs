//! Key figures of a subscription version: monthly recurring revenue, contract value, discounts.
//!
//! Three looks at the month:
//! - of a charge: what it brings by itself, taken at the end of its own window or on the day of the last
//!   agreed change, whichever is earlier. Previews and charge rows show this one;
//! - agreed: what all charges bring on the day of the last agreed change ([`Metrics`]);
//! - of a day: what is active on that day, as `cMRR` and `contractedMrr` show it
//!   ([`SubVersion::mrr_on`]). A subscription on which nothing is active yet shows its opening amount; one
//!   that is suspended or over shows nothing.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::amounts::{ChargeType, Model, add_months, over_time, per_month, round};
use crate::subscriptions::{Segment, SubCharge, SubPlan, SubVersion};

/// Key figures of one charge, rounded. Those of discount charges are negative.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Figures {
    /// Monthly, before discounts.
    pub(crate) mrr: Decimal,
    /// Monthly discount that other charges take off this one.
    pub(crate) mrr_discount: Decimal,
    /// Contract value before discounts.
    pub(crate) tcv: Decimal,
    /// Contract value that other charges take off this one.
    pub(crate) tcv_discount: Decimal,
}

/// Key figures of a subscription version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics {
    /// By charge number.
    pub(crate) charges: BTreeMap<String, Figures>,
    /// Monthly before discounts, as agreed last.
    pub(crate) gross_mrr: Decimal,
    /// Monthly after discounts, as agreed last.
    pub(crate) net_mrr: Decimal,
    /// Contract value before discounts.
    pub(crate) gross_tcv: Decimal,
    /// Contract value after discounts.
    pub(crate) net_tcv: Decimal,
}

/// A far date for contracts without an end.
pub(crate) const OPEN: Date = Date::constant(9000, 1, 1);

/// Which segments count for a month.
#[derive(Debug, Clone, Copy)]
enum Look {
    /// Those agreed for a day; nothing of removed plans and cancelled subscriptions.
    Agreed(Date),
    /// Those in force on a day.
    Day(Date),
}

/// An amount and what discounts take off it, unrounded.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Share {
    pub(crate) gross: Decimal,
    pub(crate) off: Decimal,
}

/// Amounts by charge number: of charges, and what discount charges took.
#[derive(Debug, Default)]
pub(crate) struct Shares<'a> {
    pub(crate) charges: BTreeMap<&'a str, Share>,
    given: BTreeMap<&'a str, Decimal>,
}

impl<'a> Shares<'a> {
    fn take(&mut self, discount: &'a str, target: &str, off: Decimal) {
        if let Some(share) = self.charges.get_mut(target) {
            share.off += off;
            *self.given.entry(discount).or_default() += off;
        }
    }

    fn left(&self, target: &str) -> Decimal {
        self.charges.get(target).map_or(Decimal::ZERO, |s| s.gross - s.off)
    }

    /// Rounded sums before and after discounts.
    fn sums(&self, currency: &str) -> (Decimal, Decimal) {
        self.charges.values().fold((Decimal::ZERO, Decimal::ZERO), |(gross, net), share| {
            let own = round(share.gross, currency);
            (gross + own, net + own - round(share.off, currency))
        })
    }
}

impl SubVersion {
    /// The term for prices by term; evergreen ones count twelve months.
    fn term(&self) -> (Date, Date) {
        (self.term_start, self.term_end.unwrap_or_else(|| add_months(self.term_start, 12)))
    }

    fn term_months(&self) -> Option<Decimal> {
        let end = self.term_end?;
        let (months, days, of) = crate::amounts::months_between(self.term_start, end);
        Some(Decimal::from(months) + Decimal::from(days) / Decimal::from(of))
    }

    /// The day of the last agreed change.
    fn as_of(&self) -> Date {
        let segments = self.charges().flat_map(|c| &c.segments).map(|s| s.start);
        let removals = self.plans.iter().filter_map(|p| p.removed);
        segments.chain(removals).max().unwrap_or(self.start)
    }

    fn segment_at<'a>(&self, plan: &SubPlan, charge: &'a SubCharge, look: Look) -> Option<&'a Segment> {
        match look {
            Look::Agreed(_) if self.status == "Cancelled" || plan.removed.is_some() => None,
            Look::Agreed(day) => {
                charge.segments.iter().find(|s| s.start <= day && s.end.is_none_or(|end| end > day))
            }
            Look::Day(day) if self.suspended_on(day) => None,
            Look::Day(day) => charge
                .segments
                .iter()
                .find(|s| s.start <= day && self.segment_end(s).is_none_or(|end| end > day)),
        }
    }

    fn priced(&self) -> impl Iterator<Item = (&SubPlan, &SubCharge)> {
        self.plans
            .iter()
            .flat_map(|p| p.charges.iter().map(move |c| (p, c)))
            .filter(|(_, c)| !c.model.is_discount())
    }

    /// Discount charges, percentages first.
    fn discounts(&self) -> Vec<(&SubPlan, &SubCharge)> {
        let all = self.plans.iter().flat_map(|p| p.charges.iter().map(move |c| (p, c)));
        let mut list: Vec<_> = all.filter(|(_, c)| c.model.is_discount()).collect();
        list.sort_by_key(|(_, c)| c.model == Model::DiscountFixedAmount);
        list
    }

    /// The charges that a discount is taken off.
    fn targets<'a>(&'a self, own: &SubPlan, discount: &SubCharge) -> Vec<&'a SubCharge> {
        let plans = self.plans.iter().filter(|p| discount.level != "rateplan" || p.id == own.id);
        plans.flat_map(|p| &p.charges).filter(|c| applies(discount, c)).collect()
    }

    fn monthly(&self, look: Look) -> Shares<'_> {
        let mut shares = Shares::default();
        for (plan, charge) in self.priced().filter(|(_, c)| c.kind == ChargeType::Recurring) {
            let gross = self
                .segment_at(plan, charge, look)
                .map_or(Decimal::ZERO, |s| per_month(charge.amount(s), charge.base, self.term_months()));
            shares.charges.insert(&charge.number, Share { gross, off: Decimal::ZERO });
        }
        for (plan, discount) in self.discounts() {
            let segment = self.segment_at(plan, discount, look);
            let Some(segment) = segment.filter(|_| discount.kind == ChargeType::Recurring) else { continue };
            let mut rest =
                per_month(segment.discount_amount.unwrap_or_default(), discount.base, self.term_months());
            for target in self.targets(plan, discount) {
                let left = shares.left(&target.number);
                let off = if discount.model == Model::DiscountPercentage {
                    left * segment.discount_percentage.unwrap_or_default() / Decimal::ONE_HUNDRED
                } else {
                    rest.min(left)
                };
                rest -= off;
                shares.take(&discount.number, &target.number, off);
            }
        }
        shares
    }

    /// The value of a charge between two dates, unrounded and before discounts.
    pub(crate) fn value_between(&self, charge: &SubCharge, from: Date, to: Date) -> Decimal {
        let close = self.end().unwrap_or(OPEN);
        let mut sum = Decimal::ZERO;
        for segment in &charge.segments {
            let start = segment.start.max(from);
            let end = segment.end.unwrap_or(close).min(close).min(to);
            if charge.kind == ChargeType::OneTime {
                let began = segment.end.is_none_or(|e| e > segment.start) && segment.start < close;
                if began && segment.start >= from && segment.start < to {
                    sum += charge.amount(segment);
                }
            } else if charge.kind == ChargeType::Recurring && end > start {
                for part in self.served(start, end) {
                    sum += over_time(charge.amount(segment), charge.base, charge.anchor(), part, self.term());
                }
            }
        }
        sum
    }

    /// Whether a charge of an evergreen subscription has no contract value: it has no end of its own.
    fn endless(&self, plan: &SubPlan, charge: &SubCharge) -> bool {
        charge.kind == ChargeType::Recurring
            && self.term_end.is_none()
            && (self.cancelled.is_some()
                || plan.removed.is_some()
                || charge.last().is_none_or(|s| s.end.is_none()))
    }

    /// The values of all charges between two dates, with what discounts take off them.
    pub(crate) fn values_between(&self, from: Date, to: Date) -> Shares<'_> {
        let whole = to == OPEN;
        let mut shares = Shares::default();
        for (plan, charge) in self.priced() {
            let endless = whole && self.endless(plan, charge);
            let gross = if endless { Decimal::ZERO } else { self.value_between(charge, from, to) };
            shares.charges.insert(&charge.number, Share { gross, off: Decimal::ZERO });
        }
        let close = self.end().unwrap_or(OPEN);
        for (plan, discount) in self.discounts() {
            for segment in &discount.segments {
                let start = segment.start.max(from);
                let end = segment.end.unwrap_or(close).min(close).min(to);
                if end <= start {
                    continue;
                }
                let amount = segment.discount_amount.unwrap_or_default();
                let mut rest = match discount.kind {
                    ChargeType::OneTime if segment.start < from => Decimal::ZERO,
                    ChargeType::OneTime => amount,
                    _ if end == OPEN => Decimal::ZERO,
                    _ => self
                        .served(start, end)
                        .into_iter()
                        .map(|part| over_time(amount, discount.base, discount.anchor(), part, self.term()))
                        .sum(),
                };
                for target in self.targets(plan, discount) {
                    let value = self.value_between(target, start, end).min(shares.left(&target.number));
                    let off = if discount.model == Model::DiscountPercentage {
                        value * segment.discount_percentage.unwrap_or_default() / Decimal::ONE_HUNDRED
                    } else {
                        rest.min(value)
                    };
                    rest -= off;
                    shares.take(&discount.number, &target.number, off);
                }
            }
        }
        shares
    }

    /// All key figures.
    pub(crate) fn metrics(&self) -> Metrics {
        let as_of = self.as_of();
        let currency = self.currency.as_str();
        let values = self.values_between(Date::MIN, OPEN);
        let agreed = self.monthly(Look::Agreed(as_of)).sums(currency);
        let total = values.sums(currency);
        let mut metrics = Metrics {
            charges: BTreeMap::new(),
            gross_mrr: agreed.0,
            net_mrr: agreed.1,
            gross_tcv: total.0,
            net_tcv: total.1,
        };
        for charge in self.charges() {
            let own = charge.last().map_or(as_of, |last| {
                let until = last.end.map_or(as_of, |end| as_of.min(end.saturating_sub(1.days())));
                until.max(last.start)
            });
            let monthly = self.monthly(Look::Agreed(own));
            let number = charge.number.as_str();
            let month = monthly.charges.get(number).copied().unwrap_or_default();
            let value = values.charges.get(number).copied().unwrap_or_default();
            let given = |shares: &Shares<'_>| shares.given.get(number).copied().unwrap_or_default();
            let figures = if charge.model.is_discount() {
                Figures {
                    mrr: -round(given(&monthly), currency),
                    tcv: -round(given(&values), currency),
                    ..Figures::default()
                }
            } else {
                Figures {
                    mrr: round(month.gross, currency),
                    mrr_discount: round(month.off, currency),
                    tcv: round(value.gross, currency),
                    tcv_discount: round(value.off, currency),
                }
            };
            metrics.charges.insert(number.to_owned(), figures);
        }
        metrics
    }

    /// Monthly recurring revenue of a day, before and after discounts.
    pub(crate) fn mrr_on(&self, today: Date) -> (Decimal, Decimal) {
        let recurring = || self.priced().filter(|(_, c)| c.kind == ChargeType::Recurring);
        let active = |day: Date| recurring().any(|(p, c)| self.segment_at(p, c, Look::Day(day)).is_some());
        let day = if active(today) || self.suspended_on(today) {
            Some(today)
        } else {
            let later = recurring().flat_map(|(_, c)| &c.segments).map(|s| s.start);
            later.filter(|day| *day > today && active(*day)).min()
        };
        day.map_or((Decimal::ZERO, Decimal::ZERO), |day| self.monthly(Look::Day(day)).sums(&self.currency))
    }
}

fn applies(discount: &SubCharge, target: &SubCharge) -> bool {
    if target.model.is_discount() {
        return false;
    }
    // The letters of ApplyDiscountTo are the names of the kinds put together.
    let to = discount.apply_to.as_str();
    match target.kind {
        ChargeType::OneTime => to.starts_with("ONETIME"),
        ChargeType::Recurring => to.contains("RECURRING"),
        ChargeType::Usage => to.ends_with("USAGE"),
    }
}
