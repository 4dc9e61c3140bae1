//! Subscriptions, their versions, plans, charges and segments, and their key figures.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::amounts::{ChargeType, Model, Period, Tier, extended, over_time, per_month, round};
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
    pub(crate) invoice_separately: bool,
    pub(crate) notes: Option<String>,
    pub(crate) custom: Object,
    pub(crate) order_number: String,
    pub(crate) plans: Vec<SubPlan>,
    pub(crate) stamp: Stamp,
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
    pub(crate) apply_to: String,
    pub(crate) level: String,
    pub(crate) unique_token: Option<String>,
    pub(crate) custom: Object,
    pub(crate) segments: Vec<Segment>,
}

/// A time during which a charge has one price and quantity.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) quantity: Option<Decimal>,
    pub(crate) price: Option<Decimal>,
    pub(crate) tiers: Vec<Tier>,
    pub(crate) discount_percentage: Option<Decimal>,
    pub(crate) discount_amount: Option<Decimal>,
    pub(crate) start: Date,
    /// First day after it; the end of the subscription when absent.
    pub(crate) end: Option<Date>,
}

impl SubCharge {
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
    /// Monthly before discounts.
    pub(crate) gross_mrr: Decimal,
    /// Monthly after discounts.
    pub(crate) net_mrr: Decimal,
    /// Contract value before discounts.
    pub(crate) gross_tcv: Decimal,
    /// Contract value after discounts.
    pub(crate) net_tcv: Decimal,
}

/// A far date for contracts without an end.
const OPEN: Date = Date::constant(9000, 1, 1);

#[derive(Debug, Default, Clone)]
struct Raw {
    mrr: Decimal,
    tcv: Decimal,
    mrr_off: Decimal,
    tcv_off: Decimal,
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

    fn term(&self) -> (Date, Date) {
        (self.term_start, self.term_end.unwrap_or(self.term_start))
    }

    fn term_months(&self) -> Option<Decimal> {
        let end = self.term_end?;
        let (months, days, of) = crate::amounts::months_between(self.term_start, end);
        Some(Decimal::from(months) + Decimal::from(days) / Decimal::from(of))
    }

    /// The day of the last agreed change: key figures by month are those from that day on.
    fn as_of(&self) -> Date {
        let segments = self.charges().flat_map(|c| &c.segments).map(|s| s.start);
        let removals = self.plans.iter().filter_map(|p| p.removed);
        segments.chain(removals).max().unwrap_or(self.start)
    }

    fn monthly(&self, plan: &SubPlan, charge: &SubCharge, as_of: Date) -> Decimal {
        if charge.kind != ChargeType::Recurring || self.status == "Cancelled" || plan.removed.is_some() {
            return Decimal::ZERO;
        }
        charge
            .segments
            .iter()
            .find(|s| s.start <= as_of && s.end.is_none_or(|end| end > as_of))
            .map_or(Decimal::ZERO, |s| per_month(charge.amount(s), charge.base, self.term_months()))
    }

    /// Contract value of a charge between two dates, unrounded.
    fn value_between(&self, charge: &SubCharge, from: Date, to: Date) -> Decimal {
        let close = self.end().unwrap_or(OPEN);
        let mut sum = Decimal::ZERO;
        for segment in &charge.segments {
            let start = segment.start.max(from);
            let end = segment.end.unwrap_or(close).min(close).min(to);
            if charge.kind == ChargeType::OneTime {
                let never_began = segment.end.is_some_and(|e| e <= segment.start);
                if !never_began && segment.start >= from && segment.start < to {
                    sum += charge.amount(segment);
                }
            } else if charge.kind == ChargeType::Recurring && self.term_end.is_some() && end > start {
                sum += over_time(charge.amount(segment), charge.base, start, end, self.term());
            }
        }
        sum
    }

    /// All key figures.
    pub(crate) fn metrics(&self) -> Metrics {
        let as_of = self.as_of();
        let mut raw: BTreeMap<&str, Raw> = BTreeMap::new();
        for plan in &self.plans {
            for charge in plan.charges.iter().filter(|c| !c.model.is_discount()) {
                let mrr = self.monthly(plan, charge, as_of);
                let tcv = self.value_between(charge, Date::MIN, OPEN);
                raw.insert(&charge.number, Raw { mrr, tcv, ..Raw::default() });
            }
        }
        let mut discounts: Vec<(&SubPlan, &SubCharge)> = self
            .plans
            .iter()
            .flat_map(|p| p.charges.iter().map(move |c| (p, c)))
            .filter(|(_, c)| c.model.is_discount())
            .collect();
        discounts.sort_by_key(|(_, c)| c.model == Model::DiscountFixedAmount);
        let mut given: Vec<(&str, Decimal, Decimal)> = Vec::new();
        for (plan, discount) in discounts {
            let (mrr, tcv) = self.apply_discount(plan, discount, as_of, &mut raw);
            given.push((&discount.number, mrr, tcv));
        }
        self.rounded(&raw, &given)
    }

    fn rounded(&self, raw: &BTreeMap<&str, Raw>, given: &[(&str, Decimal, Decimal)]) -> Metrics {
        let mut metrics = Metrics::default();
        for (number, r) in raw {
            let figures = Figures {
                mrr: round(r.mrr, &self.currency),
                mrr_discount: round(r.mrr_off, &self.currency),
                tcv: round(r.tcv, &self.currency),
                tcv_discount: round(r.tcv_off, &self.currency),
            };
            metrics.gross_mrr += figures.mrr;
            metrics.gross_tcv += figures.tcv;
            metrics.net_mrr += figures.mrr - figures.mrr_discount;
            metrics.net_tcv += figures.tcv - figures.tcv_discount;
            metrics.charges.insert((*number).to_owned(), figures);
        }
        for (number, mrr, tcv) in given {
            let figures = Figures {
                mrr: -round(*mrr, &self.currency),
                tcv: -round(*tcv, &self.currency),
                ..Figures::default()
            };
            metrics.charges.insert((*number).to_owned(), figures);
        }
        metrics
    }

    /// Takes a discount off the charges it applies to; gives back what it took by month and in all.
    fn apply_discount<'a>(
        &'a self,
        own: &SubPlan,
        discount: &SubCharge,
        as_of: Date,
        raw: &mut BTreeMap<&'a str, Raw>,
    ) -> (Decimal, Decimal) {
        let mut taken = (Decimal::ZERO, Decimal::ZERO);
        let active = own.removed.is_none() && self.status != "Cancelled";
        for segment in &discount.segments {
            let from = segment.start;
            let to = segment.end.unwrap_or_else(|| self.end().unwrap_or(OPEN)).min(OPEN);
            let current = active && from <= as_of && to > as_of;
            let amount = segment.discount_amount.unwrap_or_default();
            let percentage = segment.discount_percentage.unwrap_or_default();
            let mut left_month = match discount.kind {
                ChargeType::Recurring => per_month(amount, discount.base, self.term_months()),
                _ => Decimal::ZERO,
            };
            let mut left_value = match discount.kind {
                ChargeType::OneTime => amount,
                _ if self.term_end.is_some() => over_time(amount, discount.base, from, to, self.term()),
                _ => Decimal::ZERO,
            };
            for plan in self.plans.iter().filter(|p| discount.level != "rateplan" || p.id == own.id) {
                for target in plan.charges.iter().filter(|c| applies(discount, c)) {
                    let Some(r) = raw.get_mut(target.number.as_str()) else { continue };
                    let value = self.value_between(target, from, to);
                    let (month_off, value_off) = if discount.model == Model::DiscountPercentage {
                        let share = percentage / Decimal::ONE_HUNDRED;
                        ((r.mrr - r.mrr_off) * share, value.min(r.tcv - r.tcv_off) * share)
                    } else {
                        (left_month.min(r.mrr - r.mrr_off), left_value.min(r.tcv - r.tcv_off).min(value))
                    };
                    if current {
                        r.mrr_off += month_off;
                        left_month -= month_off;
                        taken.0 += month_off;
                    }
                    r.tcv_off += value_off;
                    left_value -= value_off;
                    taken.1 += value_off;
                }
            }
        }
        taken
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
