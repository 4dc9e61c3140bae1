//! Tests of the three-way comparison.

use super::super::days::{Days, dated};
use super::super::testing::*;
use super::super::totals;
use super::*;
use crate::dates::add_term;
use crate::mapping::testing::*;
use crate::policy::Discounts;
use std::collections::BTreeMap;

fn off(percent: &str) -> DealProjection {
    off_by(percent, "")
}

fn off_by(percent: &str, each: &str) -> DealProjection {
    let mut policy = policy();
    policy.discounts = Discounts::DiscountCharges;
    let mut item = line("1", SEATS, "40", "520");
    item.discount_percentage = Some(percent.to_owned()).filter(|p| !p.is_empty());
    item.discount = Some(each.to_owned()).filter(|e| !e.is_empty());
    projection(&record(std::slice::from_ref(&item)), &[item], &policy).unwrap().0
}

fn order(changes: &[&str]) -> Cell {
    (changes.iter().map(|c| (*c).to_owned()).collect(), vec![], vec![])
}

fn drift(text: &str) -> Cell {
    (vec![], vec![text.to_owned()], vec![])
}

fn conflict(text: &str) -> Cell {
    (vec![], vec![], vec![text.to_owned()])
}

#[test]
fn quantity_three_ways() {
    let told = seats("40", "520");
    assert_eq!(outcome(&told, untouched, &seats("40", "520")), nothing());
    assert_eq!(
        outcome(&told, set_quantity("45"), &seats("40", "520")),
        drift("line item 1: ordered 40 x 520, Zuora has 45 x 520")
    );
    assert_eq!(
        outcome(&told, untouched, &seats("55", "520")),
        order(&["2027-02-10 update product: line item 1 to 55 x 520 (was 40 x 520)"])
    );
    assert_eq!(
        outcome(&told, set_quantity("45"), &seats("55", "520")),
        conflict("line item 1: ordered 40 x 520, the deal says 55 x 520, Zuora has 45 x 520.")
    );
    assert_eq!(outcome(&told, set_quantity("55"), &seats("55", "520")), nothing());
}

#[test]
fn price_three_ways() {
    let told = seats("40", "520");
    assert_eq!(
        outcome(&told, set_price("500"), &told),
        drift("line item 1: ordered 40 x 520, Zuora has 40 x 500")
    );
    assert_eq!(
        outcome(&told, untouched, &seats("40", "500")),
        order(&["2027-02-10 update product: line item 1 to 40 x 500 (was 40 x 520)"])
    );
    assert_eq!(
        outcome(&told, set_price("480"), &seats("40", "500")),
        conflict("line item 1: ordered 40 x 520, the deal says 40 x 500, Zuora has 40 x 480.")
    );
    assert_eq!(outcome(&told, set_price("500.00"), &seats("40", "500")), nothing());
}

#[test]
fn removal_three_ways() {
    let told = seats("40", "520");
    let without = said(&fjordlys()[1..]);
    assert_eq!(
        outcome(&told, take_off, &told),
        drift("line item 1: its charge HS-24680135-L1 is gone from Zuora")
    );
    assert_eq!(
        outcome(&told, untouched, &without),
        order(&["2027-02-10 remove product: line item 1, charge HS-24680135-L1"])
    );
    assert_eq!(
        outcome(&told, set_price("480"), &without),
        conflict("line item 1: ordered 40 x 520, gone from the deal, Zuora has 40 x 480.")
    );
    assert_eq!(outcome(&told, take_off, &without), nothing());
    assert_eq!(
        outcome(&told, take_off, &seats("55", "520")),
        conflict(
            "line item 1: its charge HS-24680135-L1 is gone from Zuora, and the deal changed it to 55 x 520."
        )
    );
}

#[test]
fn addition_three_ways() {
    let told = said(&fjordlys()[1..]);
    let now = seats("40", "520");
    assert_eq!(
        outcome(&told, untouched, &now),
        order(&["2027-02-10 add product: line item 1: 40 x 520 per month"])
    );
    // An order of ours whose record was lost added it already.
    let theirs = |quantity| {
        let plan = seen(&seats(quantity, "520")).plans.remove(0);
        move |s: &mut ObservedSubscription| s.plans.push(plan)
    };
    assert_eq!(outcome(&told, theirs("40"), &now), nothing());
    assert_eq!(
        outcome(&told, theirs("41"), &now),
        conflict("line item 1: the deal says 40 x 520, Zuora has 41 x 520.")
    );
}

#[test]
fn term_three_ways() {
    let with = |term: &str| {
        let mut lines = fjordlys();
        lines.iter_mut().filter(|l| l.term.is_some()).for_each(|l| l.term = Some(term.into()));
        said(&lines)
    };
    let set = |months| {
        move |s: &mut ObservedSubscription| {
            s.term = Some(Term::Months(months));
            s.renewal_term = Some(Term::Months(months));
            s.term_end = add_term(s.start.unwrap(), Term::Months(months));
        }
    };
    let told = with("P12M");
    assert_eq!(outcome(&told, untouched, &with("P1Y")), nothing());
    assert_eq!(outcome(&told, set(18), &told), drift("the term: ordered 12 months, Zuora has 18 months"));
    assert_eq!(
        outcome(&told, untouched, &with("P24M")),
        order(&["2027-02-10 terms and conditions: term 24 months from 2026-11-16, renewal term 24 months"])
    );
    assert_eq!(
        outcome(&told, set(36), &with("P24M")),
        conflict("the term: ordered 12 months, the deal says 24 months, Zuora has 36 months.")
    );
    assert_eq!(outcome(&told, set(24), &with("P24M")), nothing());
    assert_eq!(
        outcome(&told, untouched, &with("")),
        order(&["2027-02-10 terms and conditions: term evergreen from 2026-11-16"])
    );
}

#[test]
fn renewing_by_itself_three_ways() {
    let with = |auto: bool| {
        let mut policy = policy();
        policy.deals.auto_renew = auto;
        projection(&record(&fjordlys()), &fjordlys(), &policy).unwrap().0
    };
    let set = |auto| move |s: &mut ObservedSubscription| s.auto_renew = Some(auto);
    assert_eq!(outcome(&with(false), untouched, &with(false)), nothing());
    assert_eq!(
        outcome(&with(false), set(true), &with(false)),
        drift("the subscription: ordered that it does not renew by itself, in Zuora it renews by itself")
    );
    assert_eq!(
        outcome(&with(false), untouched, &with(true)),
        order(&["2027-02-10 terms and conditions: renews by itself"])
    );
    assert_eq!(outcome(&with(false), set(true), &with(true)), nothing());
}

#[test]
fn discount_charges_three_ways() {
    let told = off("10");
    assert_eq!(outcome(&told, untouched, &off("10.0")), nothing());
    assert_eq!(
        outcome(&told, set_percent("15"), &told),
        drift("line item 1: ordered 40 x 520, Zuora has 40 x 520, discount charge 15 percent")
    );
    assert_eq!(
        outcome(&told, untouched, &off("20")),
        order(&["2027-02-10 update product: line item 1 to discount charge 20 percent (was 40 x 520)"])
    );
    assert_eq!(
        outcome(&told, untouched, &off("")),
        order(&["2027-02-10 update product: line item 1 to discount charge 0 percent (was 40 x 520)"])
    );
    assert_eq!(outcome(&told, set_percent("15"), &off("20")).2.len(), 1);
    assert_eq!(outcome(&told, set_percent("20"), &off("20")), nothing());
    // One more discount beside the told one is a difference too.
    let second = |s: &mut ObservedSubscription| {
        charge_mut(s, "C-HS-24680135-L1-charge-1-amount").discount_amount = Some(d("5"));
    };
    assert_eq!(outcome(&told, second, &told).1.len(), 1);
    // A removed line whose discount finance changed is theirs and ours.
    let mut other = off("10");
    other.lines.clear();
    assert_eq!(outcome(&told, set_percent("15"), &other).2.len(), 1);
}

#[test]
fn a_fixed_discount_is_not_edited_but_ordered_anew() {
    let told = off("10");
    let actions = outcome(&told, untouched, &off_by("", "2")).0;
    assert_eq!(actions.len(), 2, "{actions:?}");
    assert!(
        actions[0].contains("remove product") && actions[1].contains("discount charge 80"),
        "{actions:?}"
    );
}

#[test]
fn a_discount_that_the_subscription_cannot_carry_gets_a_fresh_rate_plan() {
    let told = off("");
    let bare = |s: &mut ObservedSubscription| s.plans[0].charges.truncate(1);
    assert_eq!(
        outcome(&told, bare, &off("10")),
        order(&[
            "2027-02-10 remove product: line item 1, charge HS-24680135-L1",
            "2027-02-10 add product: line item 1: 40 x 520 per month, discount charge 10 percent",
        ])
    );
}

#[test]
fn one_edit_becomes_one_order_in_sequence() {
    // AS-19: support removed, seats cheaper, storage added.
    let now = said(&[
        line("1", SEATS, "40", "500"),
        line("2", WORKSHOP, "1", "25000"),
        line("9", STORAGE, "1", "0.02"),
    ]);
    assert_eq!(
        outcome(&said(&fjordlys()), untouched, &now),
        order(&[
            "2027-02-10 update product: line item 1 to 40 x 500 (was 40 x 520)",
            "2027-02-10 remove product: line item 3, charge HS-24680135-L3",
            "2027-02-10 add product: line item 9: usage at 0.02 a unit",
        ])
    );
}

#[test]
fn replaced_line_ids_are_recognised_by_product_price_and_dates() {
    let told =
        said(&[line("1", SEATS, "10", "5"), line("2", SEATS, "20", "5"), line("3", SUPPORT, "1", "60000")]);
    let now = said(&[
        line("13", SUPPORT, "1", "61000"),
        line("12", SEATS, "20", "5"),
        line("11", SEATS, "10", "5"),
    ]);
    // The two lines of one product do not cross; the lone support line is paired in spite of its price.
    assert_eq!(
        outcome(&told, untouched, &now),
        order(&["2027-02-10 update product: line item 13 to 61000 flat (was 60000 flat)"])
    );
    let out = compared(&told, &now, &seen(&told));
    let kept: Vec<_> =
        out.projection.lines.iter().map(|l| (l.line.as_str(), l.charge_number.as_str())).collect();
    assert_eq!(kept, [("13", "HS-24680135-L3"), ("12", "HS-24680135-L2"), ("11", "HS-24680135-L1")]);
    assert!(!asks_nothing(&told, &now) && asks_nothing(&out.projection, &now));
}

#[test]
fn another_product_or_period_under_one_id_ends_the_old_charge_where_the_new_begins() {
    let told = said(&fjordlys());
    let mut yearly = fjordlys();
    yearly[0].frequency = Some("annually".into());
    for (item, words) in [
        (line("1", GATEWAY, "40", "520"), "line item 1: 40 x 520 per month"),
        (yearly[0].clone(), "line item 1: 40 x 520 per year"),
    ] {
        let mut lines = fjordlys();
        lines[0] = item;
        let now = said(&lines);
        let subscription = seen(&told);
        let out = compared(&told, &now, &subscription);
        // The line's history dates both.
        let history = BTreeMap::from([(id("1"), day("2027-02-07"))]);
        let changes = dated(&out, &subscription, &Days { history, ..days("2027-02-10") }).unwrap();
        assert_eq!(
            self::words(&changes),
            [
                "2027-02-07 remove product: line item 1, charge HS-24680135-L1".to_owned(),
                format!("2027-02-07 add product: {words}"),
            ]
        );
        assert_eq!(out.projection.lines[0].charge_number, "HS-24680135-L1-2");
        assert!(out.projection.retired.contains(NUMBER));
    }
}

#[test]
fn a_charge_number_is_never_used_twice() {
    let (with, without) = (said(&fjordlys()), said(&fjordlys()[1..]));
    let mut subscription = seen(&with);
    let mut told = with.clone();
    let mut numbers = Vec::new();
    for (n, now) in [&without, &with, &without, &with].into_iter().enumerate() {
        let out = compared(&told, now, &subscription);
        let changes = dated(&out, &subscription, &days(&format!("2027-02-1{n}"))).unwrap();
        apply(&mut subscription, &changes);
        told = out.projection;
        numbers.extend(told.lines.iter().filter(|l| l.line == id("1")).map(|l| l.charge_number.clone()));
        assert_eq!(running(&subscription), wanted(now));
    }
    assert_eq!(numbers, ["HS-24680135-L1-2", "HS-24680135-L1-3"]);
    // A removal that Zuora still shows as running is no order of ours to be found again.
    let late = seen(&with);
    let out = compared(&compared(&with, &without, &late).projection, &with, &late);
    assert_eq!(
        words(&dated(&out, &late, &days("2027-02-10")).unwrap()),
        ["2027-02-10 add product: line item 1: 40 x 520 per month"]
    );
}

/// The first term is over; Zuora renewed by itself and raised the price.
fn renewed(told: &DealProjection, price: &str) -> ObservedSubscription {
    let mut out = seen(told);
    out.term_start = out.term_end;
    out.term_end = add_term(out.term_start.unwrap(), told.term);
    let starts = out.term_start;
    let charge = charge_mut(&mut out, NUMBER);
    (charge.price, charge.starts) = (Some(d(price)), starts);
    out
}

#[test]
fn an_uplift_is_absorbed_and_later_changes_work() {
    let told = seats("40", "520");
    let mut subscription = renewed(&told, "540");
    let out = compared(&told, &told, &subscription);
    assert!(out.is_empty() && out.drift.is_empty() && out.problems.is_empty(), "{out:?}");
    let held = Some(Pricing::RecurringPerUnit { quantity: d("40"), price: d("540") });
    assert_eq!(out.projection.lines[0].held, held);

    for (base, from_memory) in [(&told, false), (&out.projection, true)] {
        // More seats keep the raised price, whether the uplift was noticed before or is noticed now.
        let more = compared(base, &seats("55", "520"), &subscription);
        let changes = dated(&more, &subscription, &days("2027-12-01")).unwrap();
        assert_eq!(
            words(&changes),
            ["2027-12-01 update product: line item 1 to 55 x 540 (was 40 x 540)"],
            "{from_memory}"
        );
        // Zuora's figures are judged by what it holds.
        let figures = totals::expected(&more.projection.lines[0], told.start, told.term);
        assert_eq!(figures.mrr, d("29700"));
        // A price of sales' own ends the uplift.
        let cheaper = compared(base, &seats("40", "500"), &subscription);
        let changes = dated(&cheaper, &subscription, &days("2027-12-01")).unwrap();
        assert_eq!(words(&changes), ["2027-12-01 update product: line item 1 to 40 x 500 (was 40 x 540)"]);
        assert_eq!(cheaper.projection.lines[0].held, None);
    }
    // After the order the raised price is no drift, and finance's next change of it is.
    let more = compared(&out.projection, &seats("55", "520"), &subscription);
    let changes = dated(&more, &subscription, &days("2027-12-01")).unwrap();
    apply(&mut subscription, &changes);
    let again = compared(&more.projection, &seats("55", "520"), &subscription);
    assert!(again.is_empty() && again.drift.is_empty());
    charge_mut(&mut subscription, NUMBER).price = Some(d("530"));
    let theirs = compared(&more.projection, &seats("55", "520"), &subscription);
    assert_eq!(theirs.drift, ["line item 1: ordered 55 x 540, Zuora has 55 x 530"]);
}

#[test]
fn at_a_renewal_only_the_price_is_absorbed() {
    let told = seats("40", "520");
    let mut fewer = renewed(&told, "540");
    charge_mut(&mut fewer, NUMBER).quantity = Some(d("30"));
    assert_eq!(compared(&told, &told, &fewer).drift.len(), 1);
    // A discount that changed is finance's doing, also on the day of a renewal.
    let told = off("10");
    let mut discount = renewed(&told, "540");
    charge_mut(&mut discount, DISCOUNT).discount_percentage = Some(d("5"));
    assert_eq!(compared(&told, &told, &discount).drift.len(), 1);
    // A changed term cannot be told once another term runs.
    let mut lines = fjordlys();
    lines.iter_mut().filter(|l| l.term.is_some()).for_each(|l| l.term = Some("P24M".into()));
    let told = seats("40", "520");
    assert_eq!(compared(&told, &said(&lines), &renewed(&told, "520")).problems.len(), 1);
}

#[test]
fn an_upsell_does_not_speak_of_the_subscriptions_term() {
    let host = seen(&said(&fjordlys()));
    let mut told = said(&[line("9", GATEWAY, "1", "5")]);
    (told.term, told.start) = (Term::Evergreen, day("2027-02-10"));
    let mut subscription = host;
    subscription.auto_renew = Some(true);
    subscription.plans.extend(seen(&told).plans);
    let out = compared(&told, &told, &subscription);
    assert!(out.is_empty() && out.drift.is_empty() && out.problems.is_empty(), "{out:?}");
}
