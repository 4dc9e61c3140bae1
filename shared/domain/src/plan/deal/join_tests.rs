//! Tests of deals that change a subscription of another deal, end what they ordered, or find it again.

use super::adopt::adopt;
use super::change::{Parties, compare};
use super::days::{Days, dated};
use super::describe_change;
use super::end::end;
use super::join::{Joined, extend_on, may_join, renew};
use super::testing::{apply, charge_mut, running, seen, wanted};
use crate::billing::deal::{Change, DealProjection, Part};
use crate::billing::subscription::ObservedSubscription;
use crate::crm::line_item::LineItem;
use crate::dates::Term;
use crate::mapping::testing::*;
use crate::policy::{CancelPolicy, Discounts, LateChanges, UnnamedLines};
use crate::problem::{Problem, ProblemCode};
use jiff::civil::Date;
use std::collections::BTreeMap;

fn words(changes: &[Change]) -> Vec<String> {
    changes.iter().map(describe_change).collect()
}

fn host() -> ObservedSubscription {
    seen(&said(&[
        line("1", SEATS, "40", "520"),
        line("2", WORKSHOP, "1", "25000"),
        line("3", SUPPORT, "1", "60000"),
    ]))
}

/// A deal that names the subscription, closed on a day.
fn joining(lines: &[LineItem], deal_type: &str, close: &str) -> DealProjection {
    let mut record = record(lines);
    record.deal.deal_type = Some(deal_type.into());
    record.deal.close_date = Some(close.into());
    record.deal.other.insert("zuora_extends_subscription".into(), "HS-24680135-D7001".into());
    projection(&record, lines, &policy()).unwrap().0
}

#[test]
fn an_upsell_needs_a_running_subscription_of_the_same_customer_and_currency() {
    let number = "HS-24680135-D7001".into();
    let ask = |seen: Option<&ObservedSubscription>, account: &str, currency: &str| {
        may_join(&id("7002"), "extends", &number, seen, &account.into(), &cur(currency)).map_err(|p| p.code)
    };
    let (ours, refused) = ("HS-24680135-9001001", Err(ProblemCode::DealExtends));
    assert_eq!(ask(Some(&host()), ours, "NOK"), Ok(()));
    assert_eq!(ask(None, ours, "NOK"), refused);
    assert_eq!(ask(Some(&host()), "HS-24680135-9001002", "NOK"), refused);
    assert_eq!(ask(Some(&host()), ours, "USD"), refused);
    for (status, want) in
        [("Cancelled", refused), ("Suspended", refused), ("Expired", refused), ("Pending Activation", Ok(()))]
    {
        let mut other = host();
        other.status = status.into();
        assert_eq!(ask(Some(&other), ours, "NOK"), want, "{status}");
    }
}

/// All lines from one day, unless they say another.
fn extend(now: &DealProjection, seen: &ObservedSubscription, day: Date) -> Result<Joined, Vec<Problem>> {
    extend_on(now, seen, &|line| line.from.unwrap_or(day))
}

#[test]
fn an_upsell_is_co_termed_whatever_its_own_terms_say() {
    let mut yearly = line("9", SUPPORT, "1", "100");
    yearly.term = Some("P7M".into());
    let now = joining(&[yearly, phase("8", GATEWAY, "P3M", "2027-03-01")], "existingbusiness", "2027-02-10");
    let joined = extend(&now, &host(), now.start).unwrap();
    assert_eq!(
        words(&joined.changes),
        [
            "2027-02-10 add product: line item 9: 100 flat per year",
            "2027-03-01 add product: line item 8: 1 x 10 per month, from 2027-03-01",
        ]
    );
    let mut subscription = host();
    apply(&mut subscription, &joined.changes);
    let again = compare(&id("7002"), &joined.projection, &now, &subscription, &Parties::default());
    assert!(again.is_empty() && again.drift.is_empty() && again.problems.is_empty(), "{again:?}");
}

#[test]
fn an_upsell_outside_of_the_term_is_refused_and_one_before_it_starts_with_it() {
    let now = joining(&[line("9", GATEWAY, "1", "5")], "existingbusiness", "2027-11-16");
    assert_eq!(extend(&now, &host(), now.start).unwrap_err()[0].code, ProblemCode::EffectiveDate);
    let now = joining(&[line("9", GATEWAY, "1", "5")], "existingbusiness", "2026-10-01");
    assert_eq!(extend(&now, &host(), now.start).unwrap().changes[0].date, day("2026-11-16"));
}

#[test]
fn an_upsell_never_takes_a_number_that_the_subscription_knows() {
    let now = joining(&[line("1", GATEWAY, "1", "5")], "existingbusiness", "2027-02-10");
    let joined = extend(&now, &host(), now.start).unwrap();
    assert_eq!(joined.projection.lines[0].charge_number, "HS-24680135-L1-2");
}

#[test]
fn an_upsell_that_is_won_again_takes_no_number_of_its_life_before() {
    let mut now = joining(&[line("9", GATEWAY, "1", "5")], "existingbusiness", "2027-02-10");
    now.retired.insert("HS-24680135-L9".into());
    let joined = extend(&now, &host(), now.start).unwrap();
    assert_eq!(joined.projection.lines[0].charge_number, "HS-24680135-L9-2");
    assert!(joined.projection.retired.contains("HS-24680135-L9"));
}

fn renewal(lines: &[LineItem], unnamed: UnnamedLines) -> Result<Vec<String>, Vec<ProblemCode>> {
    let now = joining(lines, "renewal", "2027-10-20");
    renew(&id("7002"), &now, &host(), unnamed)
        .map(|joined| {
            let mut subscription = host();
            apply(&mut subscription, &joined.changes);
            assert_eq!(subscription.term, Some(now.term));
            assert_eq!(joined.projection.start, day("2027-11-16"));
            let again = compare(&id("7002"), &joined.projection, &now, &subscription, &Parties::default());
            assert!(again.is_empty() && again.problems.is_empty(), "{again:?}");
            words(&joined.changes)
        })
        .map_err(|problems| problems.iter().map(|p| p.code).collect())
}

#[test]
fn a_renewal_says_price_and_quantity_of_the_next_term() {
    let both = [line("11", SEATS, "50", "500"), line("12", SUPPORT, "1", "60000")];
    assert_eq!(
        renewal(&both, UnnamedLines::Park).unwrap(),
        [
            "2027-11-16 renew subscription",
            "2027-11-16 update product: line item 11 to 50 x 500 (was 40 x 520)",
        ]
    );
    let mut longer = both.clone();
    longer.iter_mut().for_each(|l| l.term = Some("P24M".into()));
    assert_eq!(
        renewal(&longer, UnnamedLines::Park).unwrap()[..2],
        ["2027-11-16 terms and conditions: renewal term 24 months", "2027-11-16 renew subscription"]
    );
    let more = [&both[..], &[line("13", GATEWAY, "1", "5"), line("14", SETUP, "1", "99")]].concat();
    assert_eq!(
        renewal(&more, UnnamedLines::Park).unwrap()[2..],
        [
            "2027-11-16 add product: line item 13: 1 x 5 per month",
            "2027-11-16 add product: line item 14: 99 flat once",
        ]
    );
}

#[test]
fn products_that_a_renewal_does_not_name_three_ways() {
    let one = [line("11", SEATS, "40", "520")];
    assert_eq!(renewal(&one, UnnamedLines::Park), Err(vec![ProblemCode::RenewalLines]));
    assert_eq!(renewal(&one, UnnamedLines::Keep).unwrap(), ["2027-11-16 renew subscription"]);
    assert_eq!(
        renewal(&one, UnnamedLines::Remove).unwrap(),
        ["2027-11-16 renew subscription", "2027-11-16 remove product: line item 7002, charge HS-24680135-L3",]
    );
}

#[test]
fn an_evergreen_subscription_has_nothing_to_renew() {
    let now = joining(&[line("11", SEATS, "40", "520")], "renewal", "2027-10-20");
    let evergreen = seen(&said(&[phase("1", SEATS, "", "")]));
    let refused = renew(&id("7002"), &now, &evergreen, UnnamedLines::Keep).unwrap_err();
    assert_eq!(refused[0].code, ProblemCode::DealExtends);
}

#[test]
fn a_discount_of_a_renewal_goes_on_the_charge_that_is_there() {
    let mut item = line("11", SEATS, "40", "520");
    item.discount_percentage = Some("10".into());
    let mut policy = policy();
    policy.discounts = Discounts::DiscountCharges;
    let mut now = projection(&record(std::slice::from_ref(&item)), &[item], &policy).unwrap().0;
    let before = seen(&said(&[line("1", SEATS, "40", "520")]));
    let joined = renew(&id("7002"), &now, &before, UnnamedLines::Park).unwrap();
    assert_eq!(
        words(&joined.changes),
        [
            "2027-11-16 renew subscription",
            "2027-11-16 update product: line item 11 to discount charge 10 percent (was 40 x 520)",
        ]
    );
    // A renewal without a discount ends the one that was.
    let mut discounted = before;
    apply(&mut discounted, &joined.changes);
    now.lines[0].discount = None;
    let joined = renew(&id("7003"), &now, &discounted, UnnamedLines::Park).unwrap();
    assert_eq!(
        words(&joined.changes)[1..],
        ["2028-11-16 update product: line item 11 to discount charge 0 percent (was 40 x 520)"]
    );
}

#[test]
fn a_renewal_by_phases_replaces_the_old_charge() {
    let ramp = [phase("11", SEATS, "P6M", "2027-11-16"), phase("12", SEATS, "P6M", "2028-05-16")];
    let now = joining(&ramp, "renewal", "2027-10-20");
    let before = seen(&said(&[line("1", SEATS, "40", "520")]));
    let joined = renew(&id("7002"), &now, &before, UnnamedLines::Park).unwrap();
    assert_eq!(
        words(&joined.changes),
        [
            "2027-11-16 renew subscription",
            "2027-11-16 remove product: line item 11, charge HS-24680135-L1",
            "2027-11-16 add product: line item 11: 1 x 10 per month, until 2028-05-16",
            "2028-05-16 add product: line item 12: 1 x 10 per month, from 2028-05-16",
        ]
    );
    let late = [phase("11", SEATS, "P6M", "2027-12-01"), phase("12", SEATS, "P6M", "2028-06-01")];
    let now = joining(&late, "renewal", "2027-10-20");
    let refused = renew(&id("7002"), &now, &before, UnnamedLines::Park).unwrap_err();
    assert_eq!(refused[0].code, ProblemCode::LineDates);
}

#[test]
fn a_change_of_a_renewal_deal_counts_from_its_own_term() {
    let both = [line("11", SEATS, "50", "500"), line("12", SUPPORT, "1", "60000")];
    let now = joining(&both, "renewal", "2027-10-20");
    let mut subscription = host();
    let joined = renew(&id("7002"), &now, &subscription, UnnamedLines::Park).unwrap();
    apply(&mut subscription, &joined.changes);
    let dearer = joining(&[both[0].clone(), line("12", SUPPORT, "1", "65000")], "renewal", "2027-10-20");
    let out = compare(&id("7002"), &joined.projection, &dearer, &subscription, &Parties::default());
    let days =
        Days { today: day("2027-10-25"), effective: None, history: BTreeMap::new(), late: LateChanges::Park };
    assert_eq!(
        words(&dated(&out, &subscription, &days).unwrap()),
        ["2027-11-16 update product: line item 12 to 65000 flat (was 60000 flat)"]
    );
}

fn ended(
    part: Part,
    on: Option<&str>,
    policy: CancelPolicy,
    seen: &ObservedSubscription,
) -> Result<Vec<String>, ProblemCode> {
    let applied = said(&[line("1", SEATS, "40", "520"), line("2", WORKSHOP, "1", "25000")]);
    end(&id("7001"), part, Some(&applied), seen, on.map(day), policy, day("2027-02-10"))
        .map(|changes| words(&changes))
        .map_err(|problem| problem.code)
}

#[test]
fn a_subscription_ends_on_its_date_or_by_policy() {
    use CancelPolicy::{EndOfBilledPeriod, EndOfTerm, Today};
    let ok = |text: &str| Ok(vec![text.to_owned()]);
    let all = [EndOfBilledPeriod, EndOfTerm, Today];
    for policy in all {
        let named = ended(Part::Owns, Some("2027-05-31"), policy, &host());
        assert_eq!(named, ok("cancel subscription on 2027-05-31"), "{policy:?}");
        for outside in ["2026-11-15", "2027-11-17"] {
            assert_eq!(ended(Part::Owns, Some(outside), policy, &host()), Err(ProblemCode::CancelDate));
        }
        assert_eq!(ended(Part::Renews, None, policy, &host()), Err(ProblemCode::CancelDate));
    }
    assert_eq!(ended(Part::Owns, None, Today, &host()), ok("cancel subscription on 2027-02-10"));
    assert_eq!(
        ended(Part::Owns, None, EndOfBilledPeriod, &host()),
        ok("cancel subscription at the end of the billed period")
    );
    assert_eq!(ended(Part::Owns, None, EndOfTerm, &host()), ok("cancel subscription at the end of its term"));
    let evergreen = seen(&said(&[phase("1", SEATS, "", "")]));
    assert_eq!(ended(Part::Owns, None, EndOfTerm, &evergreen), Err(ProblemCode::CancelDate));
    assert_eq!(ended(Part::Extends, None, EndOfTerm, &evergreen), Err(ProblemCode::CancelDate));
    let mut gone = host();
    gone.status = "Canceled".into();
    assert_eq!(ended(Part::Owns, Some("2027-05-31"), Today, &gone), Ok(vec![]));
}

#[test]
fn an_upsell_takes_its_own_lines_back() {
    use CancelPolicy::{EndOfBilledPeriod, EndOfTerm, Today};
    let mut subscription = host();
    charge_mut(&mut subscription, "HS-24680135-L1").charged_through = Some(day("2027-03-01"));
    charge_mut(&mut subscription, "HS-24680135-L2").charged_through = Some(day("2026-11-17"));
    charge_mut(&mut subscription, "HS-24680135-L3").charged_through = Some(day("2027-11-16"));
    let seats = |day: &str| Ok(vec![format!("{day} remove product: line item 1, charge HS-24680135-L1")]);
    let ask = |on, policy| ended(Part::Extends, on, policy, &subscription);
    // A one-time charge that was billed stays; other deals' charges do not count.
    assert_eq!(ask(None, Today), seats("2027-02-10"));
    assert_eq!(ask(None, EndOfBilledPeriod), seats("2027-03-01"));
    assert_eq!(ask(Some("2027-05-31"), EndOfTerm), seats("2027-05-31"));
    assert_eq!(ask(Some("2027-11-16"), EndOfTerm), Ok(vec![]));
    assert_eq!(ask(None, EndOfTerm), Ok(vec![]));
    subscription.auto_renew = Some(true);
    assert_eq!(ended(Part::Extends, None, EndOfTerm, &subscription), Err(ProblemCode::CancelDate));
}

#[test]
fn what_is_there_is_taken_over_if_both_sides_say_the_same() {
    let now = said(&[line("1", SEATS, "40", "520"), line("3", SUPPORT, "1", "60000")]);
    assert_eq!(adopt(&now, &seen(&now)), Ok(now.clone()));
    // Made by the original connector: its numbers, the same products and prices; billed once long ago.
    let mut theirs = host();
    for (n, plan) in theirs.plans.iter_mut().enumerate() {
        plan.charges[0].number = format!("C-0000000{n}");
    }
    let taken = adopt(&now, &theirs).unwrap();
    let numbers: Vec<_> = taken.lines.iter().map(|l| l.charge_number.as_str()).collect();
    assert_eq!(numbers, ["C-00000000", "C-00000002"]);
    assert_eq!(running(&theirs).len(), wanted(&taken).len() + 1);
    let said_of = |change: fn(&mut ObservedSubscription)| {
        let mut other = seen(&now);
        change(&mut other);
        adopt(&now, &other).unwrap_err()
    };
    assert_eq!(
        said_of(|s| charge_mut(s, "HS-24680135-L1").price = Some(d("500"))),
        ["line item 1: the deal says 40 x 520, Zuora has 40 x 500"]
    );
    assert_eq!(said_of(|s| s.plans[1].removed = true), ["line item 3 (60000 flat) is not in Zuora"]);
    assert_eq!(
        said_of(|s| s.term = Some(Term::Months(24))),
        ["the term: the deal says 12 months, Zuora has 24 months"]
    );
    let less = said(&[line("1", SEATS, "40", "520")]);
    assert_eq!(
        adopt(&less, &seen(&now)).unwrap_err(),
        ["charge HS-24680135-L3 in Zuora is no line item of the deal"]
    );
}
