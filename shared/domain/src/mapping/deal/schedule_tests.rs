//! Tests of starts, terms, delays and ramps.

use super::*;
use crate::mapping::testing::{GATEWAY, SEATS, WORKSHOP, day, line, phase, policy, portal, record};
use crate::problem::ProblemCode::{LineDates, LineTerm, MixedTerms};

/// Start, length and dated lines (`id from..until`) of lines closed on a day; or the problem codes.
fn of(close: &str, lines: &[LineItem]) -> Result<(String, String, Vec<String>), Vec<ProblemCode>> {
    let mut problems = Vec::new();
    let out = schedule(lines, day(close), Term::Months(12), &mut problems);
    let text = |d: &Option<Date>| d.map_or(String::new(), |d| d.to_string());
    let windows = out
        .windows
        .iter()
        .map(|(id, (from, until))| format!("{id} {}..{}", text(from), text(until)))
        .collect();
    if problems.is_empty() {
        Ok((out.start.to_string(), out.term.to_string(), windows))
    } else {
        Err(problems.iter().map(|p| p.code).collect())
    }
}

/// In a deal closed on 2026-11-16.
fn check(lines: &[LineItem], start: &str, term: &str, windows: &[&str]) {
    let want = Ok((start.to_owned(), term.to_owned(), windows.iter().map(|w| (*w).to_owned()).collect()));
    assert_eq!(of("2026-11-16", lines), want, "{lines:?}");
}

fn refused(lines: &[LineItem], code: ProblemCode) {
    assert_eq!(of("2026-11-16", lines), Err(vec![code]), "{lines:?}");
}

fn delayed(number: &str, term: &str, days: &str, months: &str) -> LineItem {
    let filled = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    LineItem { delay_days: filled(days), delay_months: filled(months), ..phase(number, SEATS, term, "") }
}

#[test]
fn a_start_that_all_lines_share_is_the_subscriptions() {
    for start in ["2026-10-01", "2026-11-16", "2027-01-01"] {
        let lines = [phase("1", SEATS, "P12M", start), phase("2", GATEWAY, "P1Y", start)];
        check(&lines, start, "12 months", &[]);
    }
    // A line without a start begins on the close date.
    check(
        &[phase("1", SEATS, "P12M", "2026-11-16"), phase("2", GATEWAY, "P12M", "")],
        "2026-11-16",
        "12 months",
        &[],
    );
    refused(&[phase("1", SEATS, "P12M", "2027-01-01"), phase("2", GATEWAY, "P12M", "")], LineDates);
}

#[test]
fn delays_count_from_the_close_date() {
    check(&[delayed("1", "P12M", "30", "")], "2026-12-16", "12 months", &[]);
    check(&[delayed("1", "P12M", "", "3")], "2027-02-16", "12 months", &[]);
    check(&[delayed("1", "P12M", "0", "0")], "2026-11-16", "12 months", &[]);
    check(&[delayed("1", "P12M", "0", "1")], "2026-12-16", "12 months", &[]);
    let both = LineItem { start_date: Some("2027-01-01".into()), ..delayed("1", "P12M", "30", "") };
    check(&[both], "2027-01-01", "12 months", &[]);
    for bad in ["-1", "1.5", "soon", "99999999999999999999", "4000000"] {
        refused(&[delayed("1", "P12M", bad, "")], LineDates);
        refused(&[delayed("1", "P12M", "", bad)], LineDates);
    }
    refused(&[phase("1", SEATS, "P12M", "some day")], LineDates);
    assert_eq!(of("2027-01-31", &[delayed("1", "P12M", "", "1")]).map(|s| s.0), Ok("2027-02-28".to_owned()));
}

#[test]
fn an_evergreen_subscription_may_have_lines_that_start_later() {
    check(
        &[phase("1", SEATS, "", ""), phase("2", GATEWAY, "", "2027-02-01"), delayed("3", "P0M", "10", "")],
        "2026-11-16",
        "evergreen",
        &["2 2027-02-01..", "3 2026-11-26.."],
    );
    refused(&[phase("1", SEATS, "", ""), phase("2", GATEWAY, "P12M", "")], MixedTerms);
}

#[test]
fn one_time_lines_may_bill_later_in_the_term() {
    let once = |start: &str| LineItem {
        start_date: Some(start.to_owned()).filter(|s| !s.is_empty()),
        ..line("9", WORKSHOP, "1", "100")
    };
    let seats = phase("1", SEATS, "P12M", "");
    check(&[seats.clone(), once("")], "2026-11-16", "12 months", &[]);
    check(&[seats.clone(), once("2026-11-01")], "2026-11-16", "12 months", &[]);
    check(&[seats.clone(), once("2027-11-15")], "2026-11-16", "12 months", &["9 2027-11-15.."]);
    refused(&[seats, once("2027-11-16")], LineDates);
    // Alone they have the default term from the close date.
    check(&[once("2027-03-01")], "2026-11-16", "12 months", &["9 2027-03-01.."]);
    refused(&[once("2027-12-01")], LineDates);
}

#[test]
fn contiguous_dates_of_one_product_are_a_ramp() {
    let ramp = [
        phase("3", SEATS, "P6M", "2027-11-16"),
        phase("1", SEATS, "P6M", "2026-11-16"),
        phase("2", SEATS, "P6M", "2027-05-16"),
    ];
    let windows = ["1 ..2027-05-16", "2 2027-05-16..2027-11-16", "3 2027-11-16.."];
    check(&ramp, "2026-11-16", "18 months", &windows);
    // The first phase may leave its start to the close date.
    let first = phase("1", SEATS, "P6M", "");
    check(&[first, ramp[2].clone(), ramp[0].clone()], "2026-11-16", "18 months", &windows);
    // Beside it a plain line of the whole length.
    check(&[&ramp[..], &[phase("4", GATEWAY, "P18M", "")]].concat(), "2026-11-16", "18 months", &windows);
    refused(&[&ramp[..], &[phase("4", GATEWAY, "P12M", "")]].concat(), MixedTerms);
    // The last phase may have no end.
    check(
        &[phase("1", SEATS, "P6M", ""), phase("2", SEATS, "", "2027-05-16"), phase("3", GATEWAY, "", "")],
        "2026-11-16",
        "evergreen",
        &["1 ..2027-05-16", "2 2027-05-16.."],
    );
}

#[test]
fn a_ramp_key_joins_phases_and_refuses_gaps_and_overlaps() {
    let keyed = |number: &str, product: &str, term: &str, start: &str| LineItem {
        ramp_key: Some(" k1 ".into()),
        ..phase(number, product, term, start)
    };
    check(
        &[keyed("1", SEATS, "P6M", ""), keyed("2", GATEWAY, "P6M", "2027-05-16")],
        "2026-11-16",
        "12 months",
        &["1 ..2027-05-16", "2 2027-05-16.."],
    );
    // One product in a ramp and beside it.
    check(
        &[
            keyed("1", SEATS, "P6M", ""),
            keyed("2", SEATS, "P6M", "2027-05-16"),
            phase("3", SEATS, "P12M", ""),
        ],
        "2026-11-16",
        "12 months",
        &["1 ..2027-05-16", "2 2027-05-16.."],
    );
    for second in ["2027-05-17", "2027-05-15", "2026-11-16", ""] {
        refused(&[keyed("1", SEATS, "P6M", ""), keyed("2", SEATS, "P6M", second)], LineDates);
    }
    refused(&[keyed("1", SEATS, "", ""), keyed("2", SEATS, "P6M", "2027-05-16")], LineDates);
    refused(&[keyed("1", SEATS, "P6M", ""), keyed("2", SEATS, "P26W", "2027-05-16")], LineDates);
}

#[test]
fn gaps_and_overlaps_without_a_key_are_different_terms_or_starts() {
    // A gap or an overlap: two lines of their own, of one length, that would not end together.
    for second in ["2027-05-17", "2027-05-15"] {
        let lines = [phase("1", SEATS, "P6M", "2026-11-16"), phase("2", SEATS, "P6M", second)];
        refused(&lines, LineDates);
    }
    refused(&[phase("1", SEATS, "P12M", ""), phase("2", SEATS, "P6M", "2027-05-16")], MixedTerms);
}

#[test]
fn the_same_product_twice_is_two_lines() {
    for start in ["", "2026-11-16"] {
        let lines = [phase("1", SEATS, "P12M", start), phase("2", SEATS, "P12M", start)];
        check(&lines, "2026-11-16", "12 months", &[]);
    }
    check(
        &[phase("1", SEATS, "", "2026-11-16"), phase("2", SEATS, "", "2027-01-01")],
        "2026-11-16",
        "evergreen",
        &["2 2027-01-01.."],
    );
}

#[test]
fn month_ends_are_counted_from_the_start() {
    let ramp = |starts: [&str; 3]| {
        let lines: Vec<_> = starts
            .iter()
            .enumerate()
            .map(|(n, start)| phase(&(n + 1).to_string(), SEATS, "P1M", start))
            .collect();
        of("2026-01-01", &lines).map(|(_, term, _)| term)
    };
    assert_eq!(ramp(["2027-01-31", "2027-02-28", "2027-03-31"]), Ok("3 months".to_owned()));
    assert_eq!(ramp(["2028-01-31", "2028-02-29", "2028-03-31"]), Ok("3 months".to_owned()));
    assert_eq!(ramp(["2028-01-31", "2028-02-28", "2028-03-31"]), Err(vec![LineDates]));
    let leap = [phase("1", SEATS, "P12M", "2028-02-29"), phase("2", SEATS, "P12M", "2029-02-28")];
    assert_eq!(
        of("2028-01-01", &leap).map(|(start, term, _)| (start, term)),
        Ok(("2028-02-29".to_owned(), "24 months".to_owned()))
    );
    let weeks = [phase("1", SEATS, "P4W", "2028-02-15"), phase("2", SEATS, "P8W", "2028-03-14")];
    assert_eq!(of("2028-01-01", &weeks).map(|(_, term, _)| term), Ok("12 weeks".to_owned()));
}

#[test]
fn terms_that_cannot_be_read_name_their_line() {
    refused(&[phase("1", SEATS, "P30D", "")], LineTerm);
    refused(&[phase("1", SEATS, "forever", "")], LineTerm);
}

#[test]
fn the_close_date_is_a_day_of_the_portal() {
    let lines = [phase("1", SEATS, "P12M", "")];
    let start = |close: &str| {
        let mut record = record(&lines);
        record.deal.close_date = Some(close.into());
        super::super::check(&record, &lines, &portal(), &policy()).unwrap().start.to_string()
    };
    // Oslo is one hour ahead in winter, two in summer.
    assert_eq!(start("2026-11-15T22:59:59Z"), "2026-11-15");
    assert_eq!(start("2026-11-15T23:00:00Z"), "2026-11-16");
    assert_eq!(start("2026-07-31T21:59:59Z"), "2026-07-31");
    assert_eq!(start("2026-07-31T22:00:00Z"), "2026-08-01");
    assert_eq!(start("2028-02-28T23:30:00Z"), "2028-02-29");
    assert_eq!(start("2026-11-16"), "2026-11-16");
    // A start date is a day everywhere, also as milliseconds of midnight UTC.
    let dated = [phase("1", SEATS, "P12M", "1794787200000")];
    assert_eq!(of("2026-11-01", &dated).map(|s| s.0), Ok("2026-11-16".to_owned()));
}
