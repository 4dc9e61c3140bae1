//! A small model of a subscription in Zuora: made from a projection, changed by order actions.

use super::change::{Compared, Parties, compare};
use super::days::{Days, dated};
use super::describe_change;
use crate::billing::deal::{Change, DealProjection, Off, PlanRef, Pricing, SubscribedLine, What};
use crate::billing::product::{ChargeModel, ChargeType};
use crate::billing::subscription::{ObservedCharge, ObservedRatePlan, ObservedSubscription};
use crate::billing::tiers::TierModel;
use crate::crm::line_item::LineItem;
use crate::dates::{Term, add_term};
use crate::mapping::testing::{SEATS, SUPPORT, WORKSHOP, catalog, d, day, id, line, said};
use crate::policy::LateChanges;
use crate::problem::ProblemCode;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The subscription as Zuora shows it after the first order.
pub(crate) fn seen(told: &DealProjection) -> ObservedSubscription {
    let mut out = ObservedSubscription::bare("HS-24680135-D7001".into(), "Active");
    out.account = Some(told.account.clone());
    out.deal = Some("7001".into());
    out.currency = Some(told.currency.clone());
    out.term = Some(told.term);
    (out.start, out.term_start) = (Some(told.start), Some(told.start));
    out.term_end = add_term(told.start, told.term);
    out.auto_renew = Some(told.auto_renew);
    out.renewal_term = Some(told.renewal_term.unwrap_or(told.term));
    for line in &told.lines {
        add(&mut out, line, line.from.unwrap_or(told.start));
    }
    out
}

fn add(to: &mut ObservedSubscription, line: &SubscribedLine, starts: Date) {
    let taken = to.plans.iter().flat_map(|p| &p.charges).any(|c| c.number == line.charge_number);
    assert!(!taken, "charge number {} is used twice", line.charge_number);
    let mut charge = ObservedCharge {
        number: line.charge_number.clone(),
        charge: Some(line.charge.clone()),
        model: ChargeModel::PerUnit,
        charge_type: Some(line.pricing.charge_type()),
        quantity: None,
        price: None,
        tiers: Vec::new(),
        discount_percentage: None,
        discount_amount: None,
        period: line.period,
        starts: Some(starts),
        ends: line.until,
        charged_through: None,
    };
    set(&mut charge, &line.pricing);
    let mut charges = vec![charge];
    for discount in catalog()[&line.product].charges.iter().filter(|c| c.model.is_discount()) {
        let used = line.discount.as_ref().filter(|d| d.charge == discount.id).map(|d| d.off);
        let (percent, amount) = match (&discount.model, used) {
            (_, Some(Off::Percentage(p))) => (Some(p), None),
            (_, Some(Off::Amount(a))) => (None, Some(a)),
            (ChargeModel::DiscountPercentage, None) => {
                let kept = discount.default_discount && !line.zero_percentages.contains(&discount.id);
                (Some(if kept { Decimal::TEN } else { Decimal::ZERO }), None)
            }
            _ => (None, Some(Decimal::ZERO)),
        };
        charges.push(ObservedCharge {
            number: format!("C-{}-{}", line.charge_number, discount.id),
            charge: Some(discount.id.clone()),
            model: discount.model.clone(),
            quantity: None,
            price: None,
            tiers: Vec::new(),
            discount_percentage: percent,
            discount_amount: amount,
            ..charges[0].clone()
        });
    }
    to.plans.push(ObservedRatePlan {
        id: format!("id-{}", line.charge_number),
        number: Some(format!("SRP-{}", line.charge_number)),
        plan: Some(line.plan.clone()),
        external_id: Some(line.product.to_string()),
        removed: false,
        charges,
    });
}

/// Writes a pricing into a charge.
pub(crate) fn set(charge: &mut ObservedCharge, pricing: &Pricing) {
    let table = |model| match model {
        TierModel::Tiered => ChargeModel::Tiered,
        TierModel::Volume => ChargeModel::Volume,
    };
    match pricing {
        Pricing::RecurringPerUnit { quantity, price } | Pricing::OneTimePerUnit { quantity, price } => {
            charge.model = ChargeModel::PerUnit;
            (charge.quantity, charge.price) = (Some(*quantity), Some(*price));
        }
        Pricing::RecurringFlatFee { price } | Pricing::OneTimeFlatFee { price } => {
            charge.model = ChargeModel::FlatFee;
            charge.price = Some(*price);
        }
        Pricing::RecurringTiers(t) | Pricing::OneTimeTiers(t) => {
            charge.model = table(t.model);
            (charge.quantity, charge.tiers) = (Some(t.quantity), t.tiers.clone());
        }
        Pricing::UsagePerUnit { price } => {
            charge.model = ChargeModel::PerUnit;
            charge.price = Some(*price);
        }
        Pricing::UsageTiers(t) => {
            charge.model = table(t.model);
            charge.tiers.clone_from(&t.tiers);
        }
        Pricing::UsageAsPlanned => charge.model = ChargeModel::Overage,
    }
}

/// The charge of a line.
pub(crate) fn charge_mut<'a>(seen: &'a mut ObservedSubscription, number: &str) -> &'a mut ObservedCharge {
    seen.plans.iter_mut().flat_map(|p| &mut p.charges).find(|c| c.number == number).unwrap()
}

/// Does what an order does, and refuses what Zuora would refuse.
pub(crate) fn apply(seen: &mut ObservedSubscription, changes: &[Change]) {
    for Change { date, what } in changes {
        assert!(seen.start.is_none_or(|start| *date >= start), "{date} is before the start");
        let named = |plan: &ObservedRatePlan, wanted: &PlanRef| match wanted {
            PlanRef::Number(number) => plan.number.as_deref() == Some(number),
            PlanRef::Id(id) => plan.id == *id,
        };
        match what {
            What::Add(line) => {
                assert!(line.from.is_none_or(|from| from == *date), "another first day than the action's");
                assert!(seen.term_end.is_none_or(|end| *date < end), "{date} is not inside the term");
                add(seen, line, *date);
            }
            What::Update { plan, charge_number, pricing, discounts, .. } => {
                assert!(pricing.is_some() || !discounts.is_empty(), "an update of nothing");
                let plan = seen.plans.iter_mut().find(|p| named(p, plan)).unwrap();
                assert!(!plan.removed, "an update of a plan that is removed");
                let found = plan.charges.iter_mut().find(|c| c.number == *charge_number).unwrap();
                assert!(found.starts.is_none_or(|starts| *date >= starts), "before the charge's last change");
                found.starts = Some(*date);
                if let Some(pricing) = pricing {
                    set(found, pricing);
                }
                for (number, off) in discounts {
                    let found = plan.charges.iter_mut().find(|c| c.number == *number).unwrap();
                    match off {
                        Off::Percentage(p) => found.discount_percentage = Some(*p),
                        Off::Amount(a) => found.discount_amount = Some(*a),
                    }
                }
            }
            What::Remove { plan, charge_number, .. } => {
                let plan = seen.plans.iter_mut().find(|p| named(p, plan)).unwrap();
                assert!(!plan.removed && plan.charges.iter().any(|c| c.number == *charge_number));
                plan.removed = true;
            }
            What::Terms(terms) => {
                if let Some((term, start)) = terms.term {
                    assert_eq!(Some(start), seen.term_start);
                    seen.term = Some(term);
                    seen.term_end = add_term(start, term);
                }
                if let Some(auto) = terms.auto_renew {
                    seen.auto_renew = Some(auto);
                }
                if let Some(term) = terms.renewal_term {
                    assert_ne!(term, Term::Evergreen);
                    seen.renewal_term = Some(term);
                }
            }
            What::Renew => {
                assert_eq!(Some(*date), seen.term_end);
                let term = seen.renewal_term.unwrap();
                (seen.term, seen.term_start, seen.term_end) =
                    (Some(term), Some(*date), add_term(*date, term));
            }
            What::Cancel(_) => seen.status = "Cancelled".into(),
            What::Suspend => seen.status = "Suspended".into(),
            What::Resume => seen.status = "Active".into(),
            What::InvoiceOwner(account) => seen.invoice_owner = Some(account.clone()),
        }
    }
}

/// What runs: product, pricing and discount of every charge that is not removed, in a fixed order.
pub(crate) fn running(seen: &ObservedSubscription) -> Vec<String> {
    let mut out: Vec<String> = seen
        .living()
        .filter(|(_, c)| !c.model.is_discount())
        .map(|(plan, charge)| {
            let off: Decimal = plan
                .charges
                .iter()
                .filter_map(|c| c.off())
                .map(|off| match off {
                    Off::Percentage(d) | Off::Amount(d) => d,
                })
                .sum();
            worth(plan.external_id.as_deref().unwrap(), &charge.pricing().unwrap(), off)
        })
        .collect();
    out.sort();
    out
}

/// The same of what a deal says.
pub(crate) fn wanted(now: &DealProjection) -> Vec<String> {
    let mut out: Vec<String> = now
        .lines
        .iter()
        .map(|line| {
            let off = match line.discount.as_ref().map(|d| d.off) {
                None => Decimal::ZERO,
                Some(Off::Percentage(d) | Off::Amount(d)) => d,
            };
            worth(line.product.as_str(), &line.pricing, off)
        })
        .collect();
    out.sort();
    out
}

fn worth(product: &str, pricing: &Pricing, off: Decimal) -> String {
    let table = match pricing {
        Pricing::UsageTiers(t) => crate::billing::tiers::describe(&t.tiers),
        _ => String::new(),
    };
    let kind = pricing.charge_type();
    let amount = match pricing {
        Pricing::UsagePerUnit { price } => *price,
        _ => pricing.amount(),
    };
    let once = if kind == ChargeType::OneTime { "once" } else { "" };
    format!("{product}: {} less {}{table} {once}", amount.normalize(), off.normalize())
}

pub(crate) fn days(today: &str) -> Days {
    Days { today: day(today), effective: None, history: BTreeMap::new(), late: LateChanges::Park }
}

/// Fjordlys 40 seats, workshop, support (AS-07).
pub(crate) fn fjordlys() -> Vec<LineItem> {
    vec![line("1", SEATS, "40", "520"), line("2", WORKSHOP, "1", "25000"), line("3", SUPPORT, "1", "60000")]
}

pub(crate) fn compared(told: &DealProjection, now: &DealProjection, seen: &ObservedSubscription) -> Compared {
    compare(&id("7001"), told, now, seen, &Parties::default())
}

pub(crate) fn words(changes: &[Change]) -> Vec<String> {
    changes.iter().map(describe_change).collect()
}

/// What follows from telling `told`, what finance did, and what the deal says now, on 2027-02-10: order actions,
/// drift, conflicts.
pub(crate) fn outcome(
    told: &DealProjection,
    finance: impl FnOnce(&mut ObservedSubscription),
    now: &DealProjection,
) -> (Vec<String>, Vec<String>, Vec<String>) {
    let mut subscription = seen(told);
    finance(&mut subscription);
    let out = compared(told, now, &subscription);
    assert!(out.problems.iter().all(|p| p.code == ProblemCode::DealChanged));
    let problems: Vec<String> = out.problems.iter().map(|p| p.detail.clone()).collect();
    let changes = dated(&out, &subscription, &days("2027-02-10")).unwrap();
    if problems.is_empty() {
        // Whatever was decided is remembered: the next look orders nothing and says the same drift.
        apply(&mut subscription, &changes);
        let again = compared(&out.projection, now, &subscription);
        assert!(again.is_empty() && again.problems.is_empty(), "{again:?}");
        assert_eq!((&again.drift, &again.projection), (&out.drift, &out.projection));
    }
    (words(&changes), out.drift, problems)
}

pub(crate) const NUMBER: &str = "HS-24680135-L1";
pub(crate) const DISCOUNT: &str = "C-HS-24680135-L1-charge-1-percent";

pub(crate) fn set_quantity(value: &'static str) -> impl FnOnce(&mut ObservedSubscription) {
    move |s| charge_mut(s, NUMBER).quantity = Some(d(value))
}

pub(crate) fn set_price(value: &'static str) -> impl FnOnce(&mut ObservedSubscription) {
    move |s| charge_mut(s, NUMBER).price = Some(d(value))
}

pub(crate) fn set_percent(value: &'static str) -> impl FnOnce(&mut ObservedSubscription) {
    move |s| charge_mut(s, DISCOUNT).discount_percentage = Some(d(value))
}

pub(crate) fn take_off(s: &mut ObservedSubscription) {
    s.plans.iter_mut().find(|p| p.charges[0].number == NUMBER).unwrap().removed = true;
}

pub(crate) fn untouched(_: &mut ObservedSubscription) {}

pub(crate) fn seats(quantity: &str, price: &str) -> DealProjection {
    let mut lines = fjordlys();
    lines[0] = line("1", SEATS, quantity, price);
    said(&lines)
}

/// A cell in which the deal or Zuora alone moved, or both came to the same.
pub(crate) type Cell = (Vec<String>, Vec<String>, Vec<String>);

pub(crate) fn nothing() -> Cell {
    (vec![], vec![], vec![])
}
