//! Every body that the adapter writes, once in full, as people would read it: `golden/bodies.txt`.
//!
//! A new action or order action stops the build here, and fails until it stands in the file. When a body changes on
//! purpose, take the text that the failing test shows.

use crate::testing::config;
use connector_domain::billing::company::{DesiredAccount, DesiredContact};
use connector_domain::billing::deal::{
    CancelOn, Change, DealProjection, DesiredChange, DesiredOrder, LineDiscount, Off, Party, PlanRef,
    Pricing, SubscribedLine, Terms, TierPricing, TriggerEvent, What,
};
use connector_domain::billing::product::{DesiredProduct, ProductTax};
use connector_domain::billing::tiers::{Tier, TierModel};
use connector_domain::dates::{BillingPeriod, Term};
use connector_domain::ids::HubSpotId;
use connector_domain::money::Currency;
use connector_domain::plan::{Action, NewSoldTo};
use connector_ports::billing::Billing;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

const BODIES: &str = include_str!("golden/bodies.txt");

const ACTIONS: [&str; 12] = [
    "CreateAccount",
    "UpdateAccount",
    "CreateContact",
    "CreateProduct",
    "UpdateProduct",
    "CreateRatePlan",
    "CreateCharge",
    "ActivateCurrencies",
    "SetPrices",
    "CreateOrder",
    "ChangeOrder",
    "SetTriggerDates",
];
const CHANGES: [&str; 9] =
    ["Add", "Update", "Remove", "Terms", "Renew", "Cancel", "Suspend", "Resume", "InvoiceOwner"];

fn name(action: &Action) -> &'static str {
    match action {
        Action::CreateAccount(_) => "CreateAccount",
        Action::UpdateAccount { .. } => "UpdateAccount",
        Action::CreateContact { .. } => "CreateContact",
        Action::CreateProduct(_) => "CreateProduct",
        Action::UpdateProduct { .. } => "UpdateProduct",
        Action::CreateRatePlan { .. } => "CreateRatePlan",
        Action::CreateCharge { .. } => "CreateCharge",
        Action::ActivateCurrencies { .. } => "ActivateCurrencies",
        Action::SetPrices { .. } => "SetPrices",
        Action::CreateOrder(_) => "CreateOrder",
        Action::ChangeOrder(_) => "ChangeOrder",
        Action::SetTriggerDates { .. } => "SetTriggerDates",
    }
}

fn change_name(what: &What) -> &'static str {
    match what {
        What::Add(_) => "Add",
        What::Update { .. } => "Update",
        What::Remove { .. } => "Remove",
        What::Terms(_) => "Terms",
        What::Renew => "Renew",
        What::Cancel(_) => "Cancel",
        What::Suspend => "Suspend",
        What::Resume => "Resume",
        What::InvoiceOwner(_) => "InvoiceOwner",
    }
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn crm(id: &str) -> HubSpotId {
    HubSpotId::parse(id).unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn contact(id: &str) -> DesiredContact {
    DesiredContact {
        crm_id: Some(crm(id)),
        first_name: "Ada".into(),
        last_name: "Keller".into(),
        work_email: "ada@example.test".into(),
        company_address: false,
        work_phone: "+49 40 1".into(),
        mobile_phone: "+49 40 2".into(),
        address1: "Hafenstr. 4".into(),
        address2: "2. OG".into(),
        city: "Hamburg".into(),
        state: "Hamburg".into(),
        zip: "20095".into(),
        country: "Germany".into(),
    }
}

fn account() -> DesiredAccount {
    DesiredAccount {
        crm_id: crm("9"),
        number: Some("HS-1-9".into()),
        name: "Nordwind GmbH".into(),
        currency: currency("EUR"),
        payment_term: "Net 30".into(),
        bill_cycle_day: 1,
        batch: "Batch1".into(),
        parent: Some("acc0".into()),
        vat_id: Some("DE123456789".into()),
        tax_exempt: Some(false),
        bill_to: contact("11"),
        sold_to: Some(contact("12")),
    }
}

fn tiers() -> Vec<Tier> {
    vec![
        Tier { from: d("1"), to: Some(d("10")), price: d("9.90"), flat: false },
        Tier { from: d("11"), to: None, price: d("80"), flat: true },
    ]
}

fn product() -> DesiredProduct {
    DesiredProduct {
        id: crm("501"),
        name: "Gateway".into(),
        description: "A box".into(),
        sku: Some("GW-1".into()),
        period: Some(BillingPeriod::Months(24)),
        prices: [(currency("EUR"), d("9.90"))].into(),
        tier_model: Some(TierModel::Tiered),
        tiers: [(currency("EUR"), tiers())].into(),
        tax: Some(ProductTax { code: "VAT".into(), inclusive: false }),
        unit_of_measure: "Each".into(),
        numbers: ["HS1P501".into(), "HS1P501R".into(), "HS1P501C".into()],
    }
}

fn line(id: &str, pricing: Pricing) -> SubscribedLine {
    SubscribedLine {
        line: crm(id),
        product: crm("501"),
        plan: format!("plan{id}").as_str().into(),
        external_id: true,
        charge: format!("charge{id}").as_str().into(),
        charge_number: format!("HS-1-L{id}"),
        pricing,
        period: Some(BillingPeriod::Month),
        period_differs: false,
        trigger: None,
        from: None,
        until: None,
        discount: None,
        held: None,
        zero_percentages: Vec::new(),
        zero_amounts: Vec::new(),
    }
}

/// One line of each kind: dated and discounted, by its own table, once, after use.
fn lines() -> Vec<SubscribedLine> {
    let mut seats = line("1", Pricing::RecurringPerUnit { quantity: d("25"), price: d("11.90") });
    (seats.period, seats.period_differs) = (Some(BillingPeriod::Annual), true);
    (seats.from, seats.until) = (Some(day("2027-01-01")), Some(day("2027-07-01")));
    seats.discount = Some(LineDiscount { charge: "discount1".into(), off: Off::Percentage(d("10")) });
    let table = TierPricing { model: TierModel::Tiered, quantity: d("12"), tiers: tiers(), own_table: true };
    let mut calls = line("2", Pricing::RecurringTiers(table));
    calls.trigger = Some(TriggerEvent::ServiceActivation);
    calls.zero_percentages = vec!["discount2".into()];
    calls.zero_amounts = vec!["discount3".into()];
    let mut setup = line("3", Pricing::OneTimeFlatFee { price: d("500") });
    (setup.period, setup.external_id) = (None, false);
    vec![seats, calls, setup, line("4", Pricing::UsageAsPlanned)]
}

fn order() -> DesiredOrder {
    DesiredOrder {
        deal: crm("7001"),
        order: "HS-1-D7001-1".into(),
        subscription: "HS-1-D7001".into(),
        account_currency: Some(currency("USD")),
        bill_to: Some(Party::Known("c1".into())),
        sold_to: Some(Party::Known("c2".into())),
        projection: DealProjection {
            account: "HS-1-9".into(),
            invoice_owner: Some("HS-1-8".into()),
            currency: currency("EUR"),
            term: Term::Months(12),
            start: day("2026-11-16"),
            order_date: Some(day("2026-11-01")),
            auto_renew: true,
            renewal_term: Some(Term::Weeks(6)),
            suspended: None,
            resumed: None,
            changed: None,
            effective: None,
            retired: BTreeSet::new(),
            service_activation: Some(day("2026-11-17")),
            customer_acceptance: Some(day("2026-11-18")),
            bill_to: Some(crm("11")),
            sold_to: Some(crm("12")),
            lines: lines(),
        },
    }
}

fn change() -> DesiredChange {
    let plan = || PlanRef::Number("SRP-1".into());
    let line_1 = || (crm("1"), "HS-1-L1".to_owned());
    let ((updated, updated_charge), (removed, removed_charge)) = (line_1(), line_1());
    let changes = [
        What::Resume,
        What::Terms(Terms {
            term: Some((Term::Months(24), day("2026-11-16"))),
            auto_renew: Some(false),
            renewal_term: Some(Term::Evergreen),
            bill_to: Some(Some(Party::Known("c3".into()))),
            sold_to: Some(None),
        }),
        What::InvoiceOwner("HS-1-7".into()),
        What::Renew,
        What::Update {
            line: updated,
            plan: plan(),
            charge_number: updated_charge,
            pricing: Some(Pricing::RecurringPerUnit { quantity: d("30"), price: d("11.50") }),
            discounts: vec![("C-00000001".into(), Off::Percentage(d("5")))],
            was: None,
        },
        What::Remove { line: removed, plan: plan(), charge_number: removed_charge },
        What::Add(Box::new(line("5", Pricing::UsagePerUnit { price: d("0.05") }))),
        What::Suspend,
        What::Cancel(CancelOn::Date(day("2027-06-30"))),
    ];
    let named: BTreeSet<&str> = changes.iter().map(change_name).collect();
    assert_eq!(named, CHANGES.into(), "every kind of change stands in the order once");
    DesiredChange {
        deal: crm("7001"),
        order: "HS-1-D7001-2".into(),
        order_date: day("2027-02-01"),
        account: "HS-1-9".into(),
        subscription: "HS-1-D7001".into(),
        currency: currency("EUR"),
        changes: changes.into_iter().map(|what| Change { date: day("2027-02-01"), what }).collect(),
    }
}

fn actions() -> Vec<Action> {
    // The plan names a contact's two names with whatever else changes of it: Zuora requires them.
    let names = ["bill_to.first_name", "bill_to.last_name", "sold_to.first_name", "sold_to.last_name"];
    let account_fields = ["name", "crm_id", "parent", "vat_id", "tax_exempt", "bill_to.city", "sold_to.zip"];
    vec![
        Action::CreateAccount(Box::new(account())),
        Action::UpdateAccount {
            account: "acc".into(),
            desired: Box::new(account()),
            changed: account_fields.into_iter().chain(names).map(str::to_owned).collect(),
            sold_to: Some(NewSoldTo::Existing("c2".into())),
        },
        Action::CreateContact { account: "acc".into(), contact: Box::new(contact("11")) },
        Action::CreateProduct(Box::new(product())),
        Action::UpdateProduct { product: "p1".into(), desired: Box::new(product()) },
        Action::CreateRatePlan { desired: Box::new(product()), product: Some("p1".into()) },
        Action::CreateCharge { desired: Box::new(product()), plan: Some("r1".into()) },
        Action::ActivateCurrencies { plan: "r1".into(), currencies: ["EUR", "USD"].map(currency).into() },
        Action::SetPrices {
            plan: "r1".into(),
            charge: "ch1".into(),
            prices: product().prices,
            tiers: Some((TierModel::Tiered, product().tiers)),
            period: product().period,
        },
        Action::CreateOrder(Box::new(order())),
        Action::ChangeOrder(Box::new(change())),
        Action::SetTriggerDates {
            order: "HS-1-D7001-1".into(),
            subscription: "HS-1-D7001".into(),
            dates: vec![
                (TriggerEvent::ServiceActivation, "2026-12-01".parse().unwrap()),
                (TriggerEvent::CustomerAcceptance, "2026-12-15".parse().unwrap()),
            ],
        },
    ]
}

/// JSON over several lines, with keys and digits as they are; an object or list without another inside stays on one.
fn spread(json: &str) -> String {
    let (mut text, mut depth) = (String::new(), 0);
    let (mut quoted, mut escaped, mut one_line) = (false, false, false);
    for (at, c) in json.char_indices() {
        let rest = &json[at + c.len_utf8()..];
        let is_flat = || rest.find(['}', ']']) < rest.find(['{', '[']).or(Some(usize::MAX));
        match c {
            _ if quoted => {
                quoted = c != '"' || escaped;
                escaped = c == '\\' && !escaped;
                text.push(c);
            }
            '{' | '[' if is_flat() => {
                one_line = true;
                text.push(c);
            }
            '}' | ']' if one_line => {
                one_line = false;
                text.push(c);
            }
            '{' | '[' => {
                depth += 1;
                text.push_str(&format!("{c}\n{}", " ".repeat(depth)));
            }
            '}' | ']' => {
                depth -= 1;
                text.push_str(&format!("\n{}{c}", " ".repeat(depth)));
            }
            ',' if !one_line => text.push_str(&format!(",\n{}", " ".repeat(depth))),
            _ => {
                quoted = c == '"';
                text.push(c);
            }
        }
    }
    text
}

#[test]
fn every_body_is_written_as_the_file_says() {
    let zuora = crate::Zuora::new(config()).unwrap();
    let actions = actions();
    let named: Vec<&str> = actions.iter().map(name).collect();
    assert_eq!(named, ACTIONS, "every action stands in the list once");
    let mut told = String::new();
    for action in &actions {
        let rendered = zuora.render(action).unwrap();
        let target = rendered.target.map(|target| format!(" to {target}")).unwrap_or_default();
        told.push_str(&format!(
            "# {} {}{target}\n{}\n\n",
            name(action),
            rendered.number,
            spread(&rendered.body)
        ));
    }
    assert!(told.trim() == BODIES.trim(), "the bodies are:\n{told}");
}
