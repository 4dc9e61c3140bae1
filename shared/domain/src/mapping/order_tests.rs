//! Tests of pricing: charge models, discounts in both ways, tables, currencies, terms of renewal.

use super::*;
use crate::billing::deal::{Off, Pricing};
use crate::billing::tiers;
use crate::crm::line_item::LineItem;
use crate::dates::Term;
use crate::mapping::testing::*;
use crate::policy::Discounts;
use crate::problem::ProblemCode::*;

fn with_percent(mut item: LineItem, percent: &str) -> LineItem {
    item.discount_percentage = Some(percent.into());
    item
}

fn with_amount(mut item: LineItem, amount: &str) -> LineItem {
    item.discount = Some(amount.into());
    item
}

fn priced(item: &LineItem, discounts: Discounts) -> Result<SubscribedLine, ProblemCode> {
    let mut policy = policy();
    policy.discounts = discounts;
    projection(&record(std::slice::from_ref(item)), std::slice::from_ref(item), &policy)
        .map(|(p, _)| p.lines[0].clone())
        .map_err(|problems| problems[0].code)
}

/// Pricing, discount charge and net amount in words.
fn shown(item: &LineItem, discounts: Discounts) -> Result<String, ProblemCode> {
    priced(item, discounts).map(|line| {
        let off = match line.discount.as_ref().map(|d| (d.charge.as_str(), d.off)) {
            None => String::new(),
            Some((charge, Off::Percentage(p))) => format!(" less {p}% on {charge}"),
            Some((charge, Off::Amount(a))) => format!(" less {a} on {charge}"),
        };
        format!("{}{off} = {}", line.pricing, line.net_amount().normalize())
    })
}

#[test]
fn discounts_by_model_and_mode() {
    use Discounts::{DiscountCharges, NetPrice};
    let ok = |text: &str| Ok(text.to_owned());
    let rows = [
        // AS-11: 10 percent and 5.00 a unit off 100 x 49.
        (
            with_percent(line("1", SEATS, "100", "49"), "10"),
            ok("100 x 44.1 = 4410"),
            ok("100 x 49 less 10% on charge-1-percent = 4410"),
        ),
        (
            with_amount(line("1", SEATS, "100", "49"), "5.00"),
            ok("100 x 44 = 4400"),
            ok("100 x 49 less 500 on charge-1-amount = 4400"),
        ),
        (line("1", SEATS, "100", "49"), ok("100 x 49 = 4900"), ok("100 x 49 = 4900")),
        (
            with_percent(line("1", SEATS, "1", "49"), "100"),
            ok("1 x 0 = 0"),
            ok("1 x 49 less 100% on charge-1-percent = 0"),
        ),
        // Flat fee.
        (
            with_percent(line("1", SUPPORT, "1", "60000"), "25"),
            ok("45000 flat = 45000"),
            ok("60000 flat less 25% on charge-4-percent = 45000"),
        ),
        (
            with_amount(line("1", SUPPORT, "1", "60000"), "100"),
            ok("59900 flat = 59900"),
            ok("60000 flat less 100 on charge-4-amount = 59900"),
        ),
        // One-time.
        (
            with_amount(line("1", WORKSHOP, "2", "25000"), "1000"),
            ok("2 x 24000 once = 48000"),
            ok("2 x 25000 once less 2000 on charge-3-amount = 48000"),
        ),
        (
            with_percent(line("1", SETUP, "1", "99"), "50"),
            ok("49.5 flat once = 49.5"),
            ok("99 flat once less 50% on charge-8-percent = 49.5"),
        ),
        // Tiered: 12,000 calls are 920; a percentage, or a cent of each unit.
        (
            with_percent(line("1", CALLS, "12000", "0.10"), "10"),
            ok("12000 units by tiers (828) = 828"),
            ok("12000 units by tiers (920) less 10% on charge-2-percent = 828"),
        ),
        (
            with_amount(line("1", CALLS, "12000", "0.10"), "0.01"),
            ok("12000 units by tiers (800) = 800"),
            ok("12000 units by tiers (920) less 120 on charge-2-amount = 800"),
        ),
        // More than the cheapest range costs; more than the whole table costs.
        (
            with_amount(line("1", CALLS, "12000", "0.10"), "0.06"),
            Err(LineDiscount),
            ok("12000 units by tiers (920) less 720 on charge-2-amount = 200"),
        ),
        (with_amount(line("1", CALLS, "12000", "0.10"), "0.09"), Err(LineDiscount), Err(LineDiscount)),
        // Volume by flat ranges: a percentage goes, an amount per unit only as a charge.
        (
            with_percent(line("1", STEPS, "11", "40"), "10"),
            ok("11 units by tiers (360) = 360"),
            ok("11 units by tiers (400) less 10% on charge-7-percent = 360"),
        ),
        (
            with_amount(line("1", STEPS, "11", "40"), "1"),
            Err(LineDiscount),
            ok("11 units by tiers (400) less 11 on charge-7-amount = 389"),
        ),
        // Usage is always reduced in its price.
        (
            with_percent(line("1", STORAGE, "1", "0.02"), "50"),
            ok("usage at 0.01 a unit = 0"),
            ok("usage at 0.01 a unit = 0"),
        ),
        (
            with_percent(line("1", EVENTS, "1", "0.10"), "50"),
            ok("usage by tiers = 0"),
            ok("usage by tiers = 0"),
        ),
        (line("1", OVERAGE, "1", "1"), ok("usage as the plan says = 0"), ok("usage as the plan says = 0")),
        (with_percent(line("1", OVERAGE, "1", "1"), "5"), Err(LineDiscount), Err(LineDiscount)),
        // A plan of our own has no discount charge; one of Zuora's without is refused.
        (with_percent(line("1", GATEWAY, "10", "50"), "10"), ok("10 x 45 = 450"), ok("10 x 45 = 450")),
        (with_amount(line("1", DEFAULTED, "10", "50"), "5"), ok("10 x 45 = 450"), Err(PlanDiscount)),
    ];
    for (item, net, charge) in rows {
        assert_eq!(shown(&item, NetPrice), net, "{item:?}");
        assert_eq!(shown(&item, DiscountCharges), charge, "{item:?}");
    }
}

#[test]
fn discounts_that_make_no_sense_are_refused() {
    let seats = || line("1", SEATS, "10", "49");
    for bad in [
        with_percent(seats(), "101"),
        with_percent(seats(), "-1"),
        with_percent(seats(), "ten"),
        with_amount(seats(), "49.01"),
        with_amount(seats(), "-1"),
        with_amount(with_percent(seats(), "1"), "1"),
    ] {
        assert_eq!(shown(&bad, Discounts::NetPrice), Err(LineDiscount), "{bad:?}");
    }
    assert!(shown(&with_amount(with_percent(seats(), "0"), "0.00"), Discounts::NetPrice).is_ok());
}

#[test]
fn a_discount_charge_with_a_default_is_set_to_zero_unless_it_is_used() {
    let zeroes = |item: LineItem, discounts| {
        let line = priced(&item, discounts).unwrap();
        (line.zero_percentages.len(), line.zero_amounts.len())
    };
    let plain = || line("1", DEFAULTED, "10", "50");
    for mode in [Discounts::NetPrice, Discounts::DiscountCharges] {
        assert_eq!(zeroes(plain(), mode), (1, 0));
    }
    assert_eq!(zeroes(with_percent(plain(), "10"), Discounts::NetPrice), (1, 0));
    assert_eq!(zeroes(with_percent(plain(), "10"), Discounts::DiscountCharges), (0, 0));
}

#[test]
fn flat_fees_are_sold_once_and_frequencies_fit_the_charge() {
    assert_eq!(shown(&line("1", SUPPORT, "2", "100"), Discounts::NetPrice), Err(FlatFeeQuantity));
    assert_eq!(shown(&line("1", SETUP, "3", "100"), Discounts::NetPrice), Err(FlatFeeQuantity));
    assert!(shown(&line("1", SUPPORT, "1.0", "100"), Discounts::NetPrice).is_ok());
    let mut once = line("1", SEATS, "1", "5");
    (once.frequency, once.term) = (None, None);
    assert_eq!(shown(&once, Discounts::NetPrice), Err(LineFrequency));
    let mut recurring = line("1", WORKSHOP, "1", "5");
    (recurring.frequency, recurring.term) = (Some("monthly".into()), Some("P12M".into()));
    assert_eq!(shown(&recurring, Discounts::NetPrice), Err(LineFrequency));
    // Usage may be written either way; its plan says when it bills.
    let mut usage = line("1", STORAGE, "1", "0.02");
    usage.frequency = Some("monthly".into());
    assert!(!priced(&usage, Discounts::NetPrice).unwrap().period_differs);
    let mut yearly = line("1", SEATS, "1", "5");
    yearly.frequency = Some("annually".into());
    assert!(priced(&yearly, Discounts::NetPrice).unwrap().period_differs);
}

#[test]
fn terms_hold_whole_billing_periods() {
    let sold = |frequency: &str, term: &str| {
        let mut item = line("1", SEATS, "1", "5");
        (item.frequency, item.term) = (Some(frequency.into()), Some(term.into()));
        shown(&item, Discounts::NetPrice).map(|_| ())
    };
    for (frequency, term) in [
        ("quarterly", "P12M"),
        ("annually", "P3Y"),
        ("per_two_years", "P24M"),
        ("biweekly", "P52W"),
        ("weekly", "P12M"),
        ("annually", ""),
    ] {
        assert_eq!(sold(frequency, term), Ok(()), "{frequency} {term}");
    }
    for (frequency, term) in [
        ("quarterly", "P10M"),
        ("annually", "P18M"),
        ("per_three_years", "P24M"),
        ("biweekly", "P13W"),
        ("monthly", "P13W"),
    ] {
        assert_eq!(sold(frequency, term), Err(LineTerm), "{frequency} {term}");
    }
}

/// The first 12,000 calls at HubSpot's own table.
fn tabled(model: &str, ranges: &str, prices: &str) -> LineItem {
    LineItem {
        price: None,
        pricing_model: Some(model.into()),
        tier_ranges: Some(ranges.into()),
        tier_prices: Some(prices.into()),
        ..line("1", CALLS, "12000", "0")
    }
}

const RANGES: &str = r#"[{"start":0,"end":1000},{"start":1001,"end":10000},{"start":10001}]"#;
const PRICES: &str = r#"[{"index":0,"price":0.10},{"index":1,"price":0.08},{"index":2,"price":0.05}]"#;

fn notices(item: &LineItem) -> Vec<String> {
    projection(&record(std::slice::from_ref(item)), std::slice::from_ref(item), &policy()).unwrap().1
}

#[test]
fn zuoras_table_rules_and_a_difference_is_said() {
    let same = tabled("graduated", RANGES, PRICES);
    assert_eq!(shown(&same, Discounts::NetPrice), Ok("12000 units by tiers (920) = 920".into()));
    assert!(notices(&same).is_empty());
    let dearer = tabled("graduated", RANGES, &PRICES.replace("0.05", "0.06"));
    assert_eq!(shown(&dearer, Discounts::NetPrice), Ok("12000 units by tiers (920) = 920".into()));
    assert_eq!(notices(&dearer).len(), 1);
    assert!(notices(&dearer)[0].contains("10001- at 0.06"));
    assert_eq!(notices(&tabled("volume", RANGES, PRICES)).len(), 1);
    // Without a table in HubSpot its flat total differs: 12,000 x 0.10 is not 920 (AS-12).
    let mut plain = line("1", CALLS, "12000", "0.10");
    plain.amount = Some("1200".into());
    assert_eq!(shown(&plain, Discounts::NetPrice), Ok("12000 units by tiers (920) = 920".into()));
    assert!(notices(&plain)[0].contains("it costs 920"), "{:?}", notices(&plain));
    let mut wrong = same;
    wrong.amount = Some("1200".into());
    assert_eq!(shown(&wrong, Discounts::NetPrice), Err(LineTotal));
}

#[test]
fn a_table_on_a_charge_with_one_price_or_that_cannot_be_read_is_refused() {
    let mut seats = tabled("graduated", RANGES, PRICES);
    seats.product = Some(SEATS.into());
    assert_eq!(shown(&seats, Discounts::NetPrice), Err(LineModel));
    for (model, ranges, prices) in [
        ("auction", RANGES, PRICES),
        ("graduated", "", PRICES),
        ("graduated", RANGES, r#"[{"index":0,"price":1}]"#),
        ("graduated", RANGES, r#"[{"index":0,"price":"many"}]"#),
        ("volume", r#"[{"start":0,"end":10},{"start":12}]"#, PRICES),
        ("volume", "[]", "[]"),
    ] {
        assert_eq!(
            shown(&tabled(model, ranges, prices), Discounts::NetPrice),
            Err(LineTiers),
            "{model} {ranges}"
        );
    }
    // The last range may have an end in HubSpot; Zuora's table goes on.
    let ended = RANGES.replace(r#"{"start":10001}"#, r#"{"start":10001,"end":20000}"#);
    assert!(notices(&tabled("graduated", &ended, PRICES)).is_empty());
}

#[test]
fn tables_are_read_in_the_deals_currency_and_to_the_last_digit() {
    let several =
        r#"[{"index":0,"price":9,"currency":"USD"},{"index":0,"price":"0.123456789","currency":"NOK"}]"#;
    let item = tabled("volume", r#"[{"start":1}]"#, several);
    let (_, table) = crate::mapping::tiers::table(
        item.pricing_model.as_deref(),
        item.tier_ranges.as_deref(),
        item.tier_prices.as_deref(),
        &cur("NOK"),
    )
    .unwrap()
    .unwrap();
    assert_eq!(tiers::describe(&table), "1- at 0.123456789");
}

#[test]
fn amounts_have_the_currencys_minor_units() {
    let total = |currency: &str, quantity: &str, price: &str, amount: &str| {
        let mut item = line("1", SEATS, quantity, price);
        item.amount = Some(amount.into());
        let mut record = record(std::slice::from_ref(&item));
        record.deal.currency = Some(currency.into());
        projection(&record, &[item], &policy()).map(|_| ()).map_err(|p| p[0].code)
    };
    assert_eq!(total("NOK", "3", "0.335", "1.01"), Ok(()));
    assert_eq!(total("NOK", "3", "0.335", "1.03"), Err(LineTotal));
    assert_eq!(total("JPY", "10", "7350", "73500"), Ok(()));
    assert_eq!(total("JPY", "3", "0.5", "2"), Ok(()));
    assert_eq!(total("JPY", "10", "7350", "73502"), Err(LineTotal));
    assert_eq!(total("KWD", "3", "0.3335", "1.001"), Ok(()));
    assert_eq!(total("KWD", "3", "0.3335", "1.003"), Err(LineTotal));
    // Prices are told as they are, never rounded.
    let p = said(&[line("1", SEATS, "3", "0.335")]);
    assert_eq!(p.lines[0].pricing, Pricing::RecurringPerUnit { quantity: d("3"), price: d("0.335") });
    assert_eq!(shown(&line("1", SEATS, "3", "0.1234567891"), Discounts::NetPrice), Err(LinePrice));
    assert_eq!(
        shown(&with_percent(line("1", SEATS, "3", "0.123456789"), "33"), Discounts::NetPrice),
        Err(LinePrice)
    );
}

#[test]
fn a_currency_must_be_active_on_both_sides() {
    let items = [line("1", SEATS, "1", "5")];
    let refused = |currency: Option<&str>, tenant: Option<&[&str]>| {
        let mut record = record(&items);
        record.deal.currency = currency.map(Into::into);
        let mut policy = policy();
        policy.tenant_currencies = tenant.map(|codes| codes.iter().map(|c| cur(c)).collect());
        match projection(&record, &items, &policy) {
            Ok((p, _)) => p.currency.to_string(),
            Err(problems) => format!("{} {}", problems[0].code, problems[0].detail),
        }
    };
    assert_eq!(refused(Some("NOK"), None), "NOK");
    assert_eq!(refused(None, None), "USD");
    assert_eq!(refused(Some("NOK"), Some(&["USD", "NOK"])), "NOK");
    assert_eq!(refused(Some("NOK"), Some(&["USD", "EUR"])), "HZ0306 NOK is not active in Zuora.");
    assert_eq!(refused(None, Some(&["NOK"])), "HZ0306 USD is not active in Zuora.");
    assert_eq!(refused(Some("CHF"), None), "HZ0306 CHF is not active; active are JPY, KWD, NOK, USD.");
    let mut other = items[0].clone();
    other.currency = Some("USD".into());
    assert_eq!(shown(&other, Discounts::NetPrice), Err(DealCurrency));
}

#[test]
fn renewing_by_setting_and_by_property() {
    let of = |setting: bool, property: Option<&str>, renewal: Option<Term>, own: Option<&str>, term: &str| {
        let items = [phase("1", SEATS, term, "")];
        let mut policy = policy();
        policy.deals.auto_renew = setting;
        policy.deals.renewal_term = renewal;
        policy.deals.properties.auto_renew = "renews".into();
        policy.deals.properties.renewal_term = "renewal".into();
        let mut record = record(&items);
        record.deal.other.extend(property.map(|v| ("renews".to_owned(), v.to_owned())));
        record.deal.other.extend(own.map(|v| ("renewal".to_owned(), v.to_owned())));
        projection(&record, &items, &policy)
            .map(|(p, _)| (p.auto_renew, p.renewal_term))
            .map_err(|p| p[0].code)
    };
    let six = Some(Term::Months(6));
    for (setting, property, want) in [
        (false, None, false),
        (true, None, true),
        (true, Some(" "), true),
        (false, Some("true"), true),
        (false, Some(" Yes "), true),
        (true, Some("false"), false),
        (true, Some("no"), false),
    ] {
        assert_eq!(of(setting, property, None, None, "P12M"), Ok((want, None)), "{setting} {property:?}");
        // Zuora refuses an evergreen subscription that renews.
        assert_eq!(of(setting, property, six, Some("P6M"), ""), Ok((false, None)));
    }
    assert_eq!(of(true, None, six, None, "P12M"), Ok((true, six)));
    assert_eq!(of(true, None, six, Some("P3M"), "P12M"), Ok((true, Some(Term::Months(3)))));
    assert_eq!(of(true, None, None, Some("6"), "P12M"), Ok((true, six)));
    // The term's own length needs no saying.
    assert_eq!(of(true, None, None, Some("P1Y"), "P12M"), Ok((true, None)));
    assert_eq!(of(true, None, six, Some(" "), "P12M"), Ok((true, six)));
    assert_eq!(of(true, None, None, Some("soon"), "P12M"), Err(LineTerm));
}

#[test]
fn a_later_start_is_told_beside_the_day_of_the_order() {
    let early = said(&[phase("1", SEATS, "P12M", "2026-10-01")]);
    assert_eq!((early.start, early.order_date), (day("2026-10-01"), Some(day("2026-11-16"))));
    let plain = said(&[phase("1", SEATS, "P12M", "")]);
    assert_eq!((plain.start, plain.order_date), (day("2026-11-16"), None));
}

#[test]
fn billing_triggers_are_read_in_any_spelling() {
    let read = |text: &str| {
        let mut item = line("1", SEATS, "1", "5");
        item.trigger = Some(text.into());
        priced(&item, Discounts::NetPrice).map(|l| format!("{:?}", l.trigger.unwrap()))
    };
    assert_eq!(read("ContractEffective"), Ok("ContractEffective".into()));
    assert_eq!(read("service_activation"), Ok("ServiceActivation".into()));
    assert_eq!(read("Customer Acceptance"), Ok("CustomerAcceptance".into()));
    assert_eq!(read("tomorrow"), Err(LineTrigger));
}
