//! Tests of the days on which changes take effect, and of their sequence.

use super::super::testing::*;
use super::*;
use crate::billing::deal::{DealProjection, PlanRef};
use crate::mapping::testing::*;
use crate::policy::Policy;

/// The day of a change of seats, or why there is none.
fn when(days: &Days, change: impl FnOnce(&mut ObservedSubscription)) -> Result<String, String> {
    let told = seats("40", "520");
    let mut subscription = seen(&told);
    change(&mut subscription);
    let out = compared(&told, &seats("55", "520"), &subscription);
    dated(&out, &subscription, days)
        .map(|changes| changes[0].date.to_string())
        .map_err(|problems| format!("{} {}", problems[0].code, problems[0].detail))
}

#[test]
fn the_property_wins_over_history_and_history_over_today() {
    let today = days("2027-02-10");
    let history = Days { history: [(id("1"), day("2027-02-03"))].into(), ..today.clone() };
    let named = |effective: &str| Days { effective: Some(day(effective)), ..history.clone() };
    assert_eq!(when(&today, untouched), Ok("2027-02-10".into()));
    assert_eq!(when(&history, untouched), Ok("2027-02-03".into()));
    assert_eq!(when(&named("2027-03-01"), untouched), Ok("2027-03-01".into()));
    assert_eq!(when(&named("2026-11-16"), untouched), Ok("2026-11-16".into()));
}

#[test]
fn a_named_day_that_is_not_possible_is_refused_and_a_found_one_is_moved() {
    let named = |effective: &str| Days { effective: Some(day(effective)), ..days("2027-02-10") };
    let found = |history: &str| Days { history: [(id("1"), day(history))].into(), ..days("2027-02-10") };
    let refused = |detail: &str| Err(format!("HZ0331 {detail}"));
    assert_eq!(
        when(&named("2026-11-15"), untouched),
        refused("2026-11-15 is before 2026-11-16, when the subscription or the charge's last change began.")
    );
    assert_eq!(when(&found("2026-11-15"), untouched), Ok("2026-11-16".into()));
    for end in ["2027-11-16", "2028-01-01"] {
        assert_eq!(
            when(&named(end), untouched),
            refused(&format!("{end} is not inside the term, which ends on 2027-11-16."))
        );
    }
    assert_eq!(when(&named("2027-11-15"), untouched), Ok("2027-11-15".into()));
    let changed = |s: &mut ObservedSubscription| charge_mut(s, NUMBER).starts = Some(day("2027-02-08"));
    assert_eq!(
        when(&named("2027-02-07"), changed),
        refused("2027-02-07 is before 2027-02-08, when the subscription or the charge's last change began.")
    );
    assert_eq!(when(&found("2027-02-07"), changed), Ok("2027-02-08".into()));
}

#[test]
fn invoiced_time_is_parked_or_allowed() {
    let billed =
        |s: &mut ObservedSubscription| charge_mut(s, NUMBER).charged_through = Some(day("2027-03-01"));
    let named = |effective: &str, late| Days { effective: Some(day(effective)), late, ..days("2027-02-10") };
    // The period that was invoiced last is open to changes; those before it are not.
    assert_eq!(when(&named("2027-02-01", LateChanges::Park), billed), Ok("2027-02-01".into()));
    assert_eq!(
        when(&named("2027-01-31", LateChanges::Park), billed),
        Err("HZ0331 2027-01-31 lies in time that is invoiced already (the last period began on 2027-02-01)."
            .into())
    );
    assert_eq!(when(&named("2027-01-31", LateChanges::Allow), billed), Ok("2027-01-31".into()));
}

#[test]
fn a_one_time_charge_changes_on_its_day_until_it_is_billed() {
    let told = said(&fjordlys());
    let mut lines = fjordlys();
    lines[1].price = Some("20000".into());
    let now = said(&lines);
    assert_eq!(
        outcome(&told, untouched, &now).0,
        [
            "2026-11-16 remove product: line item 2, charge HS-24680135-L2",
            "2026-11-16 add product: line item 2: 1 x 20000 once"
        ]
    );
    let mut billed = seen(&told);
    charge_mut(&mut billed, "HS-24680135-L2").charged_through = Some(day("2026-11-17"));
    let out = compared(&told, &now, &billed);
    assert_eq!(dated(&out, &billed, &days("2027-02-10")).unwrap_err()[0].code, ProblemCode::EffectiveDate);
    let allowed = Days { late: LateChanges::Allow, ..days("2027-02-10") };
    assert!(dated(&out, &billed, &allowed).is_ok());
}

fn ramp(first: &str, second: &str) -> DealProjection {
    let mut lines = vec![phase("1", SEATS, "P6M", "2026-11-16"), phase("2", SEATS, "P6M", "2027-05-16")];
    lines[0].quantity = Some(first.into());
    lines[1].quantity = Some(second.into());
    said(&lines)
}

#[test]
fn a_change_of_a_future_phase_counts_from_its_first_day() {
    let told = ramp("10", "20");
    assert_eq!(
        outcome(&told, untouched, &ramp("10", "30")).0,
        ["2027-05-16 update product: line item 2 to 30 x 10 (was 20 x 10)"]
    );
    let subscription = seen(&told);
    let out = compared(&told, &ramp("12", "30"), &subscription);
    // Named for the running phase, which does not move the other one.
    let named = Days { effective: Some(day("2027-02-01")), ..days("2027-02-10") };
    assert_eq!(
        words(&dated(&out, &subscription, &named).unwrap()),
        [
            "2027-02-01 update product: line item 1 to 12 x 10 (was 10 x 10)",
            "2027-05-16 update product: line item 2 to 30 x 10 (was 20 x 10)",
        ]
    );
    // A phase that is over is not changed any more.
    assert_eq!(
        dated(&out, &subscription, &days("2027-06-01")).unwrap_err()[0].code,
        ProblemCode::EffectiveDate
    );
}

#[test]
fn a_longer_term_makes_room_for_later_days_of_the_same_order() {
    let told = seats("40", "520");
    let mut lines = fjordlys();
    lines.iter_mut().filter(|l| l.term.is_some()).for_each(|l| l.term = Some("P24M".into()));
    lines[0].quantity = Some("55".into());
    let now = said(&lines);
    let subscription = seen(&told);
    let out = compared(&told, &now, &subscription);
    let named = Days { effective: Some(day("2027-12-01")), ..days("2027-02-10") };
    let changes = dated(&out, &subscription, &named).unwrap();
    assert_eq!(
        words(&changes),
        [
            "2027-12-01 terms and conditions: term 24 months from 2026-11-16, renewal term 24 months",
            "2027-12-01 update product: line item 1 to 55 x 520 (was 40 x 520)",
        ]
    );
}

#[test]
fn within_a_day_room_is_made_first_and_across_days_time_rules() {
    let order = [
        What::Resume,
        What::Terms(Terms::default()),
        What::InvoiceOwner("A".into()),
        What::Renew,
        What::Remove { line: id("1"), plan: PlanRef::Id("p".into()), charge_number: "c".into() },
        What::Add(Box::new(seats("1", "1").lines[0].clone())),
        What::Suspend,
    ];
    assert!(order.windows(2).all(|w| rank(&w[0]) < rank(&w[1])));
    let told = said(&fjordlys());
    let now = said(&[
        line("1", SEATS, "55", "520"),
        line("2", WORKSHOP, "1", "25000"),
        line("9", GATEWAY, "1", "5"),
    ]);
    let subscription = seen(&told);
    let out = compared(&told, &now, &subscription);
    let history = BTreeMap::from([(id("1"), day("2027-02-09")), (id("9"), day("2027-02-01"))]);
    let changes = dated(&out, &subscription, &Days { history, ..days("2027-02-10") }).unwrap();
    assert_eq!(
        words(&changes),
        [
            "2027-02-01 add product: line item 9: 1 x 5 per month",
            "2027-02-09 update product: line item 1 to 55 x 520 (was 40 x 520)",
            "2027-02-10 remove product: line item 3, charge HS-24680135-L3",
        ]
    );
    let mut ids = out.lines_with_history();
    ids.sort();
    assert_eq!(ids, [id("1"), id("9")]);
}

#[test]
fn suspension_and_resumption_follow_their_properties() {
    let with = |suspend: &str, resume: &str| {
        let mut policy: Policy = policy();
        policy.deals.properties.suspend_date = "pause".into();
        policy.deals.properties.resume_date = "go_on".into();
        let mut record = record(&fjordlys());
        for (name, value) in [("pause", suspend), ("go_on", resume)] {
            record
                .deal
                .other
                .extend(Some((name.to_owned(), value.to_owned())).filter(|(_, v)| !v.is_empty()));
        }
        projection(&record, &fjordlys(), &policy).unwrap().0
    };
    let told = with("", "");
    assert_eq!(outcome(&told, untouched, &with("2027-03-01", "")).0, ["2027-03-01 suspend"]);
    assert_eq!(
        outcome(&told, untouched, &with("2027-03-01", "2027-04-01")).0,
        ["2027-03-01 suspend", "2027-04-01 resume"]
    );
    assert_eq!(
        outcome(&with("2027-03-01", ""), untouched, &with("2027-03-01", "2027-04-01")).0,
        ["2027-04-01 resume"]
    );
    assert_eq!(outcome(&told, untouched, &with("", "2027-04-01")), nothing());
    // A day that a person named is refused, not moved.
    let subscription = seen(&told);
    let out = compared(&told, &with("2026-10-01", ""), &subscription);
    assert_eq!(
        dated(&out, &subscription, &days("2027-02-10")).unwrap_err()[0].code,
        ProblemCode::EffectiveDate
    );
}

#[test]
fn a_line_that_is_added_with_a_start_of_its_own_begins_on_it() {
    let evergreen = |start: &str| {
        let mut lines = vec![phase("1", SEATS, "", "")];
        lines.extend(Some(phase("2", GATEWAY, "", start)).filter(|_| !start.is_empty()));
        said(&lines)
    };
    for start in ["2027-02-01", "2027-06-01"] {
        assert_eq!(
            outcome(&evergreen(""), untouched, &evergreen(start)).0,
            [format!("{start} add product: line item 2: 1 x 10 per month, from {start}")]
        );
    }
    // The property wins, and never before the line's own day.
    let (told, now) = (evergreen(""), evergreen("2027-02-01"));
    let subscription = seen(&told);
    let out = compared(&told, &now, &subscription);
    let named = Days { effective: Some(day("2027-03-01")), ..days("2027-02-10") };
    let changes = dated(&out, &subscription, &named).unwrap();
    assert_eq!(words(&changes), ["2027-03-01 add product: line item 2: 1 x 10 per month, from 2027-03-01"]);
}
