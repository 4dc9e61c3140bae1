//! Tests of the mapping of a deal.

use super::*;
use crate::billing::company::AccountLink;
use crate::billing::deal::{Pricing, SubscribedLine};
use crate::billing::product::{CatalogCharge, CatalogLink, ChargeModel, ChargeType};
use crate::crm::Label;
use crate::dates::BillingPeriod;
use crate::ids::PortalId;
use crate::mapping::order::{Surroundings, order};
use jiff::tz::TimeZone;

fn id(text: &str) -> HubSpotId {
    HubSpotId::parse(text).unwrap()
}

fn cur(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn portal() -> Portal {
    Portal {
        time_zone: TimeZone::get("Europe/Oslo").unwrap(),
        home_currency: cur("USD"),
        currencies: ["USD", "NOK", "JPY"].map(cur).into(),
    }
}

fn policy() -> Policy {
    Policy::defaults(PortalId(24680135))
}

fn to(company: &str, types: &[(u32, Option<&str>)]) -> Association {
    let label = |(type_id, text): &(u32, Option<&str>)| Label {
        hubspot_defined: text.is_none(),
        type_id: *type_id,
        text: text.map(Into::into),
    };
    Association { to: id(company), labels: types.iter().map(label).collect() }
}

fn record(lines: usize) -> DealRecord {
    DealRecord {
        deal: Deal {
            id: id("7001"),
            name: None,
            pipeline: Some("default".into()),
            stage: Some("closedwon".into()),
            closed_won: true,
            closed_lost: false,
            close_date: Some("2026-11-15T23:30:00Z".into()),
            currency: Some("NOK".into()),
            service_activation: None,
            customer_acceptance: None,
            deal_type: None,
            other: BTreeMap::new(),
            merged_ids: vec![],
        },
        companies: vec![to("9001001", &[(5, None), (341, None)])],
        contacts: vec![],
        line_items: (1..=lines).map(|n| id(&n.to_string())).collect(),
    }
}

fn line(number: usize, price: &str, quantity: &str, frequency: Option<&str>, term: Option<&str>) -> LineItem {
    LineItem {
        id: Some(id(&number.to_string())),
        product: Some("1200000001".into()),
        quantity: Some(quantity.into()),
        price: Some(price.into()),
        frequency: frequency.map(Into::into),
        term: term.map(Into::into),
        ..LineItem::default()
    }
}

fn check_codes(record: &DealRecord, lines: &[LineItem]) -> Vec<ProblemCode> {
    match check(record, lines, &portal(), &policy()) {
        Ok(_) => vec![],
        Err(problems) => problems.iter().map(|p| p.code).collect(),
    }
}

#[test]
fn a_complete_deal_is_read_in_the_portals_zone() {
    let deal =
        check(&record(1), &[line(1, "520", "40", Some("monthly"), Some("P12M"))], &portal(), &policy())
            .unwrap();
    assert_eq!(deal.close_date, "2026-11-16".parse::<Date>().unwrap());
    assert_eq!((deal.term, deal.currency.as_str()), (Term::Months(12), "NOK"));
    assert_eq!((deal.lines[0].list_price, deal.lines[0].reduction), (Some(d("520")), Reduction::None));
}

#[test]
fn mixed_terms_name_their_lines_and_one_time_lines_do_not_count() {
    let lines = [
        line(1, "10", "1", Some("monthly"), Some("P12M")),
        line(2, "10", "1", Some("monthly"), Some("P24M")),
        line(3, "10", "1", None, None),
    ];
    let problems = check(&record(3), &lines, &portal(), &policy()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, ProblemCode::MixedTerms);
    assert!(problems[0].detail.contains("line item 1: 12 months; line item 2: 24 months"));
    let same = [
        line(1, "10", "1", Some("monthly"), Some("P1Y")),
        line(2, "10", "1", Some("annually"), Some("P12M")),
    ];
    assert_eq!(check_codes(&record(2), &same), []);
}

#[test]
fn one_time_lines_alone_take_the_default_term() {
    let deal = check(&record(1), &[line(1, "25000", "1", None, None)], &portal(), &policy()).unwrap();
    assert_eq!(deal.term, Term::Months(12));
}

#[test]
fn no_term_is_evergreen() {
    let deal =
        check(&record(1), &[line(1, "49", "5", Some("monthly"), Some("0"))], &portal(), &policy()).unwrap();
    assert_eq!(deal.term, Term::Evergreen);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let mut bad = record(1);
    bad.companies.clear();
    bad.deal.currency = Some("CHF".into());
    bad.deal.close_date = None;
    let mut broken = line(1, "", "-1", Some("hourly"), Some("soon"));
    broken.product = None;
    let codes = check_codes(&bad, &[broken]);
    for code in [
        ProblemCode::DealCompany,
        ProblemCode::DealCurrency,
        ProblemCode::CloseDate,
        ProblemCode::LineProduct,
        ProblemCode::LineQuantity,
        ProblemCode::LinePrice,
        ProblemCode::LineFrequency,
        ProblemCode::LineTerm,
    ] {
        assert!(codes.contains(&code), "{code} is missing in {codes:?}");
    }
}

#[test]
fn an_empty_currency_is_the_home_currency() {
    let mut deal = record(1);
    deal.deal.currency = None;
    assert_eq!(
        check(&deal, &[line(1, "1", "1", None, None)], &portal(), &policy()).unwrap().currency,
        cur("USD")
    );
}

#[test]
fn the_primary_company_buys_and_a_labelled_one_pays() {
    let mut deal = record(1);
    deal.companies =
        vec![to("9001002", &[(341, None), (41, Some("Invoice Owner"))]), to("9001001", &[(341, None)])];
    let checked = check(&deal, &[line(1, "1", "1", None, None)], &portal(), &policy()).unwrap();
    assert_eq!((checked.company, checked.invoice_owner), (id("9001001"), Some(id("9001002"))));
    deal.companies = vec![to("9001002", &[(341, None)]), to("9001001", &[(341, None)])];
    assert_eq!(check_codes(&deal, &[line(1, "1", "1", None, None)]), [ProblemCode::DealCompanies]);
}

#[test]
fn discounts_are_taken_once_and_never_twice() {
    let mut off = line(1, "49", "100", Some("monthly"), Some("P12M"));
    off.discount_percentage = Some("10".into());
    off.amount = Some("4410".into());
    let line_of = |line: &LineItem| {
        check(&record(1), std::slice::from_ref(line), &portal(), &policy()).unwrap().lines[0].clone()
    };
    assert_eq!(line_of(&off).reduction, Reduction::Percentage(d("10")));
    assert_eq!(line_of(&off).reduced(d("49")), d("44.1"));
    off.discount = Some("5".into());
    assert_eq!(check_codes(&record(1), &[off]), [ProblemCode::LineDiscount]);
    let mut unit = line(1, "49", "100", Some("monthly"), Some("P12M"));
    unit.discount = Some("5.00".into());
    assert_eq!(line_of(&unit).reduced(d("49")), d("44"));
    unit.amount = Some("4900".into());
    assert_eq!(check_codes(&record(1), &[unit]), [ProblemCode::LineTotal]);
}

#[test]
fn a_term_must_hold_whole_billing_periods() {
    assert_eq!(
        check_codes(&record(1), &[line(1, "1", "1", Some("annually"), Some("P18M"))]),
        [ProblemCode::LineTerm]
    );
}

fn charge(
    model: ChargeModel,
    charge_type: ChargeType,
    period: Option<BillingPeriod>,
    currencies: &[&str],
) -> CatalogLink {
    CatalogLink {
        product: None,
        plan: Some("plan".into()),
        charges: vec![CatalogCharge {
            id: "charge".into(),
            model,
            charge_type,
            period,
            prices: currencies.iter().map(|c| (cur(c), Decimal::ONE)).collect(),
            tiers: BTreeMap::new(),
            default_discount: false,
        }],
        ours: false,
        external_id: true,
    }
}

fn join(link: CatalogLink, item: LineItem) -> Result<SubscribedLine, ProblemCode> {
    let deal = check(&record(1), &[item], &portal(), &policy()).unwrap();
    let account =
        AccountLink { id: "a".into(), number: "HS-1-1".into(), currency: None, bill_to: None, sold_to: None };
    let catalog = BTreeMap::from([(id("1200000001"), link)]);
    let around = Surroundings {
        account: &account,
        invoice_owner: None,
        catalog: &catalog,
        bill_to: None,
        sold_to: None,
        orders: 0,
        life: 1,
    };
    let mut mapped = order(&deal, &around, &policy());
    match mapped.desired.take() {
        Some(order) => Ok(order.projection.lines[0].clone()),
        None => Err(mapped.problems[0].code),
    }
}

#[test]
fn the_charge_of_the_plan_rules_how_a_line_is_priced() {
    let monthly = Some(BillingPeriod::Month);
    let per_unit = || charge(ChargeModel::PerUnit, ChargeType::Recurring, monthly, &["NOK"]);
    let flat = || charge(ChargeModel::FlatFee, ChargeType::Recurring, monthly, &["NOK"]);
    let item = |q: &str, f| line(1, "520", q, f, Some("P12M"));
    let ok = join(per_unit(), item("40", Some("monthly"))).unwrap();
    assert_eq!(ok.pricing, Pricing::RecurringPerUnit { quantity: d("40"), price: d("520") });
    assert_eq!((ok.period_differs, ok.charge_number.as_str()), (false, "HS-24680135-L1"));
    assert!(join(per_unit(), item("40", Some("annually"))).unwrap().period_differs);
    assert_eq!(join(flat(), item("2", Some("monthly"))), Err(ProblemCode::FlatFeeQuantity));
    assert_eq!(join(flat(), line(1, "1", "1", None, None)), Err(ProblemCode::LineFrequency));
    assert_eq!(
        join(
            charge(ChargeModel::Tiered, ChargeType::Recurring, monthly, &["NOK"]),
            item("1", Some("monthly"))
        ),
        Err(ProblemCode::ProductModel)
    );
    assert_eq!(
        join(
            charge(ChargeModel::PerUnit, ChargeType::Recurring, monthly, &["USD"]),
            item("1", Some("monthly"))
        ),
        Err(ProblemCode::PlanCurrency)
    );
}

#[test]
fn configured_stages_win_over_hubspots_judgement() {
    let mut policy = policy();
    policy.deals.won_stages.insert("partner".into(), ["signed".to_owned()].into());
    let mut deal = record(0).deal;
    assert!(is_won(&deal, &policy));
    deal.pipeline = Some("partner".into());
    assert!(!is_won(&deal, &policy));
    deal.stage = Some("signed".into());
    deal.closed_won = false;
    assert!(is_won(&deal, &policy));
}
