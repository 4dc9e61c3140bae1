//! Tests of the gate of totals.

use super::*;
use crate::billing::deal::DealProjection;
use crate::mapping::testing::*;

fn line_of(product: &str, quantity: &str, price: &str, frequency: &str, term: &str) -> DealProjection {
    let mut item = line("1", product, quantity, price);
    if !frequency.is_empty() {
        (item.frequency, item.term) = (Some(frequency.into()), Some(term.into()));
    }
    said(&[item])
}

fn figures(p: &DealProjection) -> (String, Option<String>, u32) {
    let worth = expected(&p.lines[0], p.start, p.term);
    let text = |d: Decimal| round_amount(d, &p.currency).normalize().to_string();
    (text(worth.mrr), worth.tcv.map(text), worth.periods)
}

#[test]
fn revenue_and_value_by_billing_period() {
    let check = |frequency: &str, term: &str, mrr: &str, tcv: Option<&str>, periods| {
        let p = line_of(SEATS, "40", "520", frequency, term);
        assert_eq!(figures(&p), (mrr.to_owned(), tcv.map(Into::into), periods), "{frequency} {term}");
    };
    check("monthly", "P12M", "20800", Some("249600"), 12);
    check("quarterly", "P12M", "6933.33", Some("83200"), 4);
    check("per_six_months", "P2Y", "3466.67", Some("83200"), 4);
    check("annually", "P12M", "1733.33", Some("20800"), 1);
    check("per_two_years", "P24M", "866.67", Some("20800"), 1);
    check("per_five_years", "P5Y", "346.67", Some("20800"), 1);
    check("weekly", "P52W", "89142.86", Some("1081600"), 52);
    check("biweekly", "P52W", "44571.43", Some("540800"), 26);
    // A year is no whole number of weeks, and without an end there is no value.
    check("weekly", "P12M", "89142.86", None, 0);
    check("monthly", "", "20800", None, 0);
}

#[test]
fn one_time_is_value_and_usage_is_nothing_beforehand() {
    assert_eq!(figures(&line_of(WORKSHOP, "2", "25000", "", "")), ("0".into(), Some("50000".into()), 1));
    assert_eq!(figures(&line_of(STORAGE, "1", "0.02", "", "")), ("0".into(), None, 0));
    assert_eq!(figures(&line_of(CALLS, "12000", "0.10", "monthly", "P12M")).0, "920");
}

#[test]
fn dated_lines_count_their_own_days() {
    let p = said(&[phase("1", SEATS, "P6M", "2026-11-16"), phase("2", SEATS, "P6M", "2027-05-16")]);
    let tcv = |n: usize| expected(&p.lines[n], p.start, p.term).tcv;
    assert_eq!((tcv(0), tcv(1)), (Some(d("60")), Some(d("60"))));
}

fn gate(p: &DealProjection, mrr: &str, tcv: &str, with_tcv: bool) -> bool {
    let seen = Figures { mrr: d(mrr), tcv: d(tcv) };
    check(&p.lines[0], (p.start, p.term), &p.currency, Some(seen), with_tcv).is_none()
}

#[test]
fn a_line_that_waits_for_an_event_is_compared_by_the_month_alone() {
    let mut p = line_of(SEATS, "40", "520", "monthly", "P12M");
    assert!(!gate(&p, "20800", "239200", true));
    p.lines[0].trigger = Some(TriggerEvent::ServiceActivation);
    assert!(gate(&p, "20800", "239200", true));
    assert!(!gate(&p, "20000", "239200", true));
}

#[test]
fn a_difference_beyond_rounding_is_refused() {
    let p = line_of(SEATS, "40", "520", "monthly", "P12M");
    assert!(gate(&p, "20800", "249600", true));
    assert!(gate(&p, "20800.01", "249600", true));
    assert!(!gate(&p, "20800.02", "249600", true));
    // An annual amount on a monthly price base would bill twelve times.
    let annual = line_of(SUPPORT, "1", "60000", "annually", "P12M");
    assert!(gate(&annual, "5000", "60000", true));
    assert!(!gate(&annual, "60000", "720000", true));
    // A discount taken twice never passes (AS-11).
    let mut item = line("1", SEATS, "100", "49");
    item.discount_percentage = Some("10".into());
    let off = said(&[item]);
    assert!(gate(&off, "4410", "52920", true));
    assert!(!gate(&off, "3969", "47628", true));
    // The value counts for first orders only.
    assert!(!gate(&p, "20800", "200000", true));
    assert!(gate(&p, "20800", "200000", false));
    assert!(check(&p.lines[0], (p.start, p.term), &p.currency, None, false).is_some());
    let usage = line_of(STORAGE, "1", "0.02", "", "");
    assert!(check(&usage.lines[0], (usage.start, usage.term), &usage.currency, None, true).is_none());
}

#[test]
fn many_rounded_periods_may_add_up_to_some_cents() {
    // 3 x 0.335 = 1.005 a month; Zuora may sum 60 amounts of 1.01.
    let p = line_of(SEATS, "3", "0.335", "monthly", "P60M");
    assert!(gate(&p, "1.01", "60.60", true));
    assert!(gate(&p, "1.005", "60.30", true));
    assert!(!gate(&p, "1.01", "61.00", true));
}

#[test]
fn a_yen_is_the_smallest_difference_in_yen() {
    let mut record = record(&[line("1", SEATS, "10", "7350")]);
    record.deal.currency = Some("JPY".into());
    let p = projection(&record, &[line("1", SEATS, "10", "7350")], &policy()).unwrap().0;
    assert!(gate(&p, "73501", "882000", true));
    assert!(!gate(&p, "73502", "882000", true));
}
