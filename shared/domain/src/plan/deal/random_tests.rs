//! Random deals and edits: what is told once is told for good, and an order leads to what the deal says.

use super::change::{Parties, compare};
use super::days::{Days, dated};
use super::testing::{apply, running, seen, wanted};
use super::totals::expected;
use crate::billing::deal::{DealProjection, Part};
use crate::billing::product::ChargeType;
use crate::crm::line_item::LineItem;
use crate::dates::{BillingPeriod, Term};
use crate::ids::HubSpotId;
use crate::mapping::deal::{check, role};
use crate::mapping::testing::*;
use crate::money::{parse_decimal, round_amount};
use crate::policy::{Discounts, LateChanges, Policy};
use jiff::ToSpan;
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const PRODUCTS: [&str; 11] =
    [SEATS, CALLS, WORKSHOP, SUPPORT, GATEWAY, STORAGE, STEPS, SETUP, EVENTS, OVERAGE, DEFAULTED];

/// The raw values of a line, before they are made to fit its product.
#[derive(Debug, Clone)]
struct Raw {
    product: usize,
    quantity: u32,
    cents: u32,
    off: u32,
    kind: u8,
}

fn raw() -> impl Strategy<Value = Raw> {
    (0..PRODUCTS.len(), 1..60_000_u32, 1..5_000_000_u32, 1..100_u32, 0..3_u8)
        .prop_map(|(product, quantity, cents, off, kind)| Raw { product, quantity, cents, off, kind })
}

fn item(number: usize, raw: &Raw) -> LineItem {
    let product = PRODUCTS[raw.product];
    let flat = matches!(product, SUPPORT | SETUP);
    let quantity = if flat { 1 } else { raw.quantity };
    let price = Decimal::new(i64::from(raw.cents), 2);
    let mut out = line(&number.to_string(), product, &quantity.to_string(), &price.to_string());
    match (raw.kind, product) {
        // Not every plan of Zuora's can take off an amount, and flat ranges or usage by plan take off nothing.
        (1, p) if p != OVERAGE => out.discount_percentage = Some(raw.off.to_string()),
        (2, p) if ![OVERAGE, DEFAULTED, CALLS, STEPS, EVENTS].contains(&p) => {
            out.discount =
                Some((price * Decimal::from(raw.off) / Decimal::ONE_HUNDRED).round_dp(2).to_string());
        }
        _ => {}
    }
    out
}

#[derive(Debug, Clone)]
enum Edit {
    Change(usize, Raw),
    Quantity(usize, u32),
    Remove(usize),
    Restore,
    Add(Raw),
    NewId(usize),
    Reorder,
    Term(u32),
    AutoRenew(bool),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => (any::<usize>(), raw()).prop_map(|(i, r)| Edit::Change(i, r)),
        3 => (any::<usize>(), 1..200_u32).prop_map(|(i, q)| Edit::Quantity(i, q)),
        2 => any::<usize>().prop_map(Edit::Remove),
        2 => Just(Edit::Restore),
        2 => raw().prop_map(Edit::Add),
        2 => any::<usize>().prop_map(Edit::NewId),
        1 => Just(Edit::Reorder),
        1 => (1..4_u32).prop_map(|years| Edit::Term(years * 12)),
        1 => any::<bool>().prop_map(Edit::AutoRenew),
    ]
}

struct Deal {
    lines: Vec<LineItem>,
    removed: Vec<LineItem>,
    next: usize,
    term: u32,
    policy: Policy,
    currency: &'static str,
}

impl Deal {
    fn new(raws: &[Raw], charges: bool, currency: usize) -> Self {
        let mut policy = policy();
        if charges {
            policy.discounts = Discounts::DiscountCharges;
        }
        Self {
            lines: raws.iter().enumerate().map(|(i, r)| item(i + 1, r)).collect(),
            removed: Vec::new(),
            next: raws.len() + 1,
            term: 12,
            policy,
            currency: ["NOK", "JPY", "KWD"][currency],
        }
    }

    fn edit(&mut self, edit: &Edit) {
        let count = self.lines.len();
        match edit {
            Edit::Change(i, raw) if count > 0 => {
                let number = self.lines[i % count].id.clone().unwrap();
                self.lines[i % count] = LineItem { id: Some(number), ..item(1, raw) };
            }
            Edit::Quantity(i, quantity) if count > 0 => {
                let line = &mut self.lines[i % count];
                if !matches!(line.product.as_deref(), Some(SUPPORT | SETUP)) {
                    line.quantity = Some(quantity.to_string());
                }
            }
            Edit::Remove(i) if count > 1 => self.removed.push(self.lines.remove(i % count)),
            Edit::Restore => self.lines.extend(self.removed.pop()),
            Edit::Add(raw) => {
                self.lines.push(item(self.next, raw));
                self.next += 1;
            }
            Edit::NewId(i) if count > 0 => {
                self.lines[i % count].id = Some(id(&self.next.to_string()));
                self.next += 1;
            }
            Edit::Reorder => self.lines.reverse(),
            Edit::Term(months) => self.term = *months,
            Edit::AutoRenew(auto) => self.policy.deals.auto_renew = *auto,
            Edit::Change(..) | Edit::Quantity(..) | Edit::Remove(_) | Edit::NewId(_) => {}
        }
        for line in self.lines.iter_mut().filter(|l| l.term.is_some()) {
            line.term = Some(format!("P{}M", self.term));
        }
    }

    /// What it says; none when it cannot be sold (a discount above what a table costs).
    fn said(&self) -> Option<DealProjection> {
        let mut record = record(&self.lines);
        record.deal.currency = Some(self.currency.into());
        projection(&record, &self.lines, &self.policy).ok().map(|(p, _)| p)
    }
}

fn lines() -> impl Strategy<Value = Vec<Raw>> {
    prop::collection::vec(raw(), 1..6)
}

/// No two charges of a plan carry one number, and nothing that was told is seen as something else.
fn nothing_to_do(told: &DealProjection, seen: &crate::billing::subscription::ObservedSubscription) {
    let again = compare(&id("7001"), told, told, seen, &Parties::default());
    assert!(again.is_empty(), "{again:?}");
    assert_eq!((again.drift.as_slice(), again.problems.as_slice()), (&[][..], &[][..]));
    assert_eq!(&again.projection, told);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_just_told_needs_no_order(raws in lines(), charges in any::<bool>(), currency in 0..3_usize) {
        let deal = Deal::new(&raws, charges, currency);
        let now = deal.said();
        prop_assume!(now.is_some());
        let now = now.unwrap();
        let subscription = seen(&now);
        nothing_to_do(&now, &subscription);
        prop_assert_eq!(running(&subscription), wanted(&now));
        // Nothing remembered: the same is found again.
        prop_assert_eq!(super::adopt::adopt(&now, &subscription), Ok(now));
    }

    #[test]
    fn edits_in_sequence_end_in_what_the_deal_says(
        raws in lines(),
        edits in prop::collection::vec(prop::collection::vec(edit(), 1..4), 1..6),
        charges in any::<bool>(),
        currency in 0..3_usize,
    ) {
        let mut deal = Deal::new(&raws, charges, currency);
        let first = deal.said();
        prop_assume!(first.is_some());
        let mut told = first.unwrap();
        let mut subscription = seen(&told);
        for (n, step) in edits.iter().enumerate() {
            step.iter().for_each(|edit| deal.edit(edit));
            let Some(now) = deal.said() else { continue };
            let today = told.start.checked_add((n as i64 * 20 + 5).days()).unwrap();
            let compared = compare(&id("7001"), &told, &now, &subscription, &Parties::default());
            prop_assert_eq!(&compared.drift, &Vec::<String>::new());
            prop_assert_eq!(&compared.problems, &Vec::new());
            let days = Days { today, effective: None, history: BTreeMap::new(), late: LateChanges::Park };
            let changes = dated(&compared, &subscription, &days).unwrap();
            prop_assert_eq!(changes.is_empty(), compared.is_empty());
            prop_assert!(changes.windows(2).all(|w| w[0].date <= w[1].date));
            apply(&mut subscription, &changes);
            told = compared.projection;
            prop_assert_eq!(running(&subscription), wanted(&now));
            prop_assert_eq!(wanted(&told), wanted(&now));
            prop_assert_eq!(subscription.term, Some(now.term));
            prop_assert_eq!(subscription.auto_renew, Some(now.auto_renew));
            let again = compare(&id("7001"), &told, &now, &subscription, &Parties::default());
            prop_assert!(again.is_empty(), "{:?}", again);
            prop_assert!(again.drift.is_empty() && again.problems.is_empty(), "{:?}", again);
            prop_assert_eq!(&again.projection, &told);
            prop_assert!(super::change::asks_nothing(&told, &now));
            let ids = |p: &DealProjection| p.lines.iter().map(|l| l.line.clone()).collect::<Vec<_>>();
            let (mut ours, mut theirs) = (ids(&told), ids(&now));
            ours.sort();
            theirs.sort();
            prop_assert_eq!(ours, theirs);
            prop_assert!(told.own_dates(Part::Owns, &now).is_empty());
        }
    }

    #[test]
    fn both_ways_of_a_discount_cost_the_same(raws in lines(), currency in 0..3_usize) {
        let net = Deal::new(&raws, false, currency).said();
        let charges = Deal::new(&raws, true, currency).said();
        prop_assume!(net.is_some() && charges.is_some());
        let (net, charges) = (net.unwrap(), charges.unwrap());
        for (a, b) in net.lines.iter().zip(&charges.lines) {
            prop_assert_eq!(
                round_amount(a.net_amount(), &net.currency),
                round_amount(b.net_amount(), &net.currency),
                "{:?} {:?}", a, b
            );
            prop_assert!(a.discount.is_none());
        }
    }

    #[test]
    fn amounts_are_those_of_hubspot(raw in raw(), charges in any::<bool>(), currency in 0..3_usize) {
        let deal = Deal::new(std::slice::from_ref(&raw), charges, currency);
        let now = deal.said();
        prop_assume!(now.is_some());
        let now = now.unwrap();
        let told = &now.lines[0];
        let table = [CALLS, STEPS].contains(&told.product.as_str());
        if table || told.pricing.charge_type() == ChargeType::Usage {
            return Ok(());
        }
        let crm = &deal.lines[0];
        let read = |t: &Option<String>| t.as_deref().and_then(parse_decimal).unwrap_or_default();
        let unit = read(&crm.price) - read(&crm.discount)
            - read(&crm.price) * read(&crm.discount_percentage) / Decimal::ONE_HUNDRED;
        prop_assert_eq!(
            round_amount(unit * read(&crm.quantity), &now.currency),
            round_amount(told.net_amount(), &now.currency)
        );
    }

    #[test]
    fn a_ramp_is_worth_the_sum_of_its_phases(
        phases in prop::collection::vec((1..25_u32, 1..100_u32, 1..10_000_i64), 1..6),
        keyed in any::<bool>(),
        day_of_month in 1..29_i8,
        month in 1..13_i8,
    ) {
        let start = jiff::civil::date(2027, month, day_of_month);
        let mut from = start;
        let mut total = Decimal::ZERO;
        let mut lines = Vec::new();
        for (n, (months, quantity, cents)) in phases.iter().enumerate() {
            let price = Decimal::new(*cents, 2);
            let mut item = phase(&(n + 1).to_string(), SEATS, &format!("P{months}M"), &from.to_string());
            item.quantity = Some(quantity.to_string());
            item.price = Some(price.to_string());
            item.ramp_key = keyed.then(|| "k".to_owned());
            lines.push(item);
            from = from.checked_add(i64::from(*months).months()).unwrap();
            total += price * Decimal::from(quantity * months);
        }
        // The order in which HubSpot lists them does not count.
        lines.reverse();
        let now = said(&lines);
        prop_assert_eq!(now.start, start);
        prop_assert_eq!(now.term, Term::Months(phases.iter().map(|p| p.0).sum()));
        let sum: Decimal =
            now.lines.iter().map(|l| expected(l, now.start, now.term).tcv.unwrap()).sum();
        prop_assert_eq!(sum, total);
        nothing_to_do(&now, &seen(&now));
    }

    #[test]
    fn whole_terms_are_worth_their_periods(weeks in 1..300_u32, cents in 1..100_000_i64) {
        let mut item = phase("1", SEATS, &format!("P{weeks}W"), "2027-01-31");
        item.frequency = Some("weekly".into());
        item.price = Some(Decimal::new(cents, 2).to_string());
        let now = said(&[item]);
        let worth = expected(&now.lines[0], now.start, now.term);
        prop_assert_eq!(worth.tcv, Some(Decimal::new(cents * i64::from(weeks), 2)));
        prop_assert_eq!(worth.periods, weeks);
        prop_assert_eq!(now.lines[0].period, Some(BillingPeriod::Week));
    }

    #[test]
    fn any_text_is_read_or_refused(
        texts in prop::collection::vec(prop::option::of(odd_text()), 17),
        deal in prop::collection::vec(prop::option::of(odd_text()), 8),
        frequency in prop::option::of("(weekly|monthly|annually|per_five_years|one_time)"),
    ) {
        let at = |i: usize| texts[i].clone();
        let item = |n: &str| LineItem {
            id: HubSpotId::parse(n).ok(), name: None, product: at(0), quantity: at(1), price: at(2),
            amount: at(3), discount: at(4), discount_percentage: at(5),
            frequency: frequency.clone().or(at(6)), term: at(7), start_date: at(8), delay_days: at(9),
            delay_months: at(10), currency: at(11), pricing_model: at(12), tier_ranges: at(13),
            tier_prices: at(14), ramp_key: at(15), trigger: at(16),
        };
        let mut plain = item("3");
        plain.start_date = None;
        (plain.delay_days, plain.delay_months) = (None, None);
        let lines = [item("1"), item("2"), plain];
        let mut record = record(&lines);
        record.deal.close_date = deal[0].clone().or(Some("2026-11-16".into()));
        record.deal.currency = deal[1].clone();
        record.deal.deal_type = deal[2].clone();
        record.deal.pipeline = deal[3].clone();
        record.deal.stage = deal[4].clone();
        record.deal.service_activation = deal[5].clone();
        let mut policy = policy();
        policy.deals.properties.renewal_term = "renewal".into();
        for (name, value) in [("zuora_extends_subscription", 6), ("renewal", 7), ("zuora_effective_date", 5)] {
            record.deal.other.extend(deal[value].clone().map(|v| (name.to_owned(), v)));
        }
        let _ = role(&record.deal, &policy);
        let _ = check(&record, &lines, &portal(), &policy);
        if let Ok((now, _)) = projection(&record, &lines, &policy) {
            for line in &now.lines {
                let _ = expected(line, now.start, now.term);
                let _ = super::describe(line);
            }
        }
    }
}

/// Text of any kind, and text that is nearly right.
fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,12}",
        "[0-9]{1,30}(\\.[0-9]{0,30})?",
        "-?[0-9]{1,30}",
        "P[0-9]{1,12}[YMWD]",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        Just("79228162514264337593543950335".to_owned()),
        Just("-79228162514264337593543950335".to_owned()),
        Just("1e28".to_owned()),
        Just("9999-12-31".to_owned()),
        Just("-9999-01-01".to_owned()),
        Just("1".to_owned()),
        Just("graduated".to_owned()),
        Just("volume".to_owned()),
        Just("NOK".to_owned()),
        Just(r#"[{"start":0,"end":79228162514264337593543950335},{"start":1}]"#.to_owned()),
        Just(r#"[{"start":0,"end":10},{"start":11}]"#.to_owned()),
        Just(r#"[{"index":0,"price":1e27},{"index":1,"price":9999999999999.999999999}]"#.to_owned()),
    ]
}
