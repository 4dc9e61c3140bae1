//! States with every part filled. Written out in full, so that a new part of the state stops the build here
//! until the stores are known to keep it.

use super::at;
use connector_domain::billing::company::{AccountLink, ContactSlot};
use connector_domain::billing::deal::{
    DealProjection, LineDiscount, Off, Part, Pricing, SubscribedLine, SubscriptionLink, TierPricing,
    TriggerEvent,
};
use connector_domain::billing::product::{CatalogCharge, CatalogLink, ChargeModel, ChargeType};
use connector_domain::billing::tiers::{Tier, TierModel};
use connector_domain::dates::{BillingPeriod, Term};
use connector_domain::ids::HubSpotId;
use connector_domain::money::Currency;
use connector_domain::plan::deal::movement::movement;
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{
    Applied, Confirmation, Effect, Intent, Link, ObjectState, PartyKept, SyncStatus, Then,
};
use std::collections::{BTreeMap, BTreeSet};

fn id(text: &str) -> HubSpotId {
    HubSpotId::parse(text).unwrap()
}

fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

fn text_map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A state of each kind (company, product, deal, and a contact's creation), with every part filled.
pub fn full_states() -> Vec<ObjectState> {
    vec![
        full(
            Link::Account(account()),
            Applied::Fields(text_map(&[("name", "01ab"), ("bill_to.city", "02cd")])),
            Then::Account {
                applied: text_map(&[("name", "01ab")]),
                bill_to: PartyKept { contact: Some(id("501")), company_address: false },
                sold_to: Some(PartyKept { contact: None, company_address: true }),
                currency: Some(euro()),
                sold_to_id: Some("8a2".into()),
            },
        ),
        full(
            Link::Catalog(catalog()),
            Applied::Fields(text_map(&[("sku", "03ef")])),
            Then::Catalog { applied: text_map(&[("sku", "03ef")]) },
        ),
        full(
            Link::Subscription(subscription()),
            Applied::Deal(Box::new(projection())),
            Then::Subscription {
                link: subscription(),
                projection: Box::new(projection()),
                creates: true,
                movement: movement("1".parse().unwrap(), "2.5".parse().unwrap(), &euro()),
            },
        ),
        full(Link::Account(account()), Applied::Fields(BTreeMap::new()), Then::Contact { holds: id("501") }),
    ]
}

fn full(link: Link, applied: Applied, then: Then) -> ObjectState {
    ObjectState {
        link: Some(link),
        applied: Some(applied),
        intent: Some(Intent {
            effect: Effect::CreateOrder,
            number: "HS-24680135-D7001-1".to_owned(),
            target: Some("HS-24680135-9001001".to_owned()),
            body: "{\"name\":\"Gr\u{fc}n & \u{5c71}\u{7530} \\\"GmbH\\\"\",\n \"n\": 1.10}".to_owned(),
            generation: 2,
            first_sent_at: at(-300),
            sent_at: at(-20),
            sends: 3,
            failure: Some("aabbccdd".to_owned()),
            then: Some(then),
        }),
        contacts: BTreeMap::from([(id("501"), "8a1".into()), (id("502"), "8a2".into())]),
        status: SyncStatus::Pending,
        problems: vec![
            Problem::new(ProblemCode::LinePrice, "The price is empty.").at("line item 31 price"),
            Problem::new(ProblemCode::DealCompany, ""),
        ],
        notices: vec!["The name was cut to 255 characters.".to_owned()],
        read_at: Some("2026-11-16T09:59:58.123456789Z".parse().unwrap()),
        parties_read_at: Some(at(-60)),
        complete: true,
        config: "00ff".to_owned(),
        generation: 5,
        tell_again_at: Some("2026-11-16T12:00:00Z".parse().unwrap()),
        lost_since: Some(at(-70)),
        confirm: Some(Confirmation { token: "0a1b".to_owned(), text: "cancel on 2027-05-31.".to_owned() }),
        attempts: 4,
        changed_at: Some(at(-1)),
        written: text_map(&[("zuora_sync_status", "in_sync"), ("zuora_mrr", "")]),
        write_back_problem: Some(Problem::new(ProblemCode::WriteBackRefused, "READ_ONLY_VALUE")),
    }
}

fn account() -> AccountLink {
    AccountLink {
        id: "8a0".into(),
        number: "HS-24680135-9001001".into(),
        currency: Some(euro()),
        bill_to: Some(slot("8a1", Some("501"))),
        sold_to: Some(slot("8a2", None)),
    }
}

fn slot(zuora_id: &str, contact: Option<&str>) -> ContactSlot {
    let company_address = contact.is_none();
    ContactSlot { zuora_id: zuora_id.into(), contact: contact.map(id), company_address }
}

fn catalog() -> CatalogLink {
    CatalogLink {
        product: Some("8b0".into()),
        plan: Some("8b1".into()),
        charges: vec![CatalogCharge {
            id: "8b2".into(),
            model: ChargeModel::Other("Overage Pricing".to_owned()),
            charge_type: ChargeType::Recurring,
            period: Some(BillingPeriod::Months(24)),
            prices: BTreeMap::from([(euro(), "12.500000001".parse().unwrap())]),
            tiers: BTreeMap::from([(euro(), tiers())]),
            default_discount: true,
        }],
        ours: true,
        external_id: true,
    }
}

fn subscription() -> SubscriptionLink {
    SubscriptionLink {
        subscription: "HS-24680135-D7001-R2".into(),
        order: "HS-24680135-D7001-3".into(),
        orders: 3,
        life: 2,
        account: "HS-24680135-9001001".into(),
        status: Some("Pending Activation".to_owned()),
        ours: true,
        part: Part::Extends,
        ended: true,
    }
}

fn tiers() -> Vec<Tier> {
    vec![
        Tier {
            from: "1".parse().unwrap(),
            to: Some("10".parse().unwrap()),
            price: "1.50".parse().unwrap(),
            flat: true,
        },
        Tier { from: "11".parse().unwrap(), to: None, price: "0.000000001".parse().unwrap(), flat: false },
    ]
}

fn table(model: TierModel) -> TierPricing {
    TierPricing { model, quantity: "12000".parse().unwrap(), tiers: tiers(), own_table: true }
}

fn projection() -> DealProjection {
    let pricings = [
        Pricing::RecurringPerUnit { quantity: "2.50".parse().unwrap(), price: "9.990".parse().unwrap() },
        Pricing::RecurringFlatFee { price: "100".parse().unwrap() },
        Pricing::OneTimePerUnit { quantity: "3".parse().unwrap(), price: "0.1".parse().unwrap() },
        Pricing::OneTimeFlatFee { price: "79228162514264337593543950335".parse().unwrap() },
        Pricing::RecurringTiers(table(TierModel::Tiered)),
        Pricing::OneTimeTiers(table(TierModel::Volume)),
        Pricing::UsagePerUnit { price: "0.02".parse().unwrap() },
        Pricing::UsageTiers(table(TierModel::Volume)),
        Pricing::UsageAsPlanned,
    ];
    DealProjection {
        account: "HS-24680135-9001001".into(),
        invoice_owner: Some("A00000042".into()),
        currency: euro(),
        term: Term::Months(12),
        start: "2026-11-16".parse().unwrap(),
        order_date: Some("2026-11-15".parse().unwrap()),
        auto_renew: true,
        renewal_term: Some(Term::Weeks(6)),
        suspended: Some("2027-01-01".parse().unwrap()),
        resumed: Some("2027-02-01".parse().unwrap()),
        changed: Some("2027-02-10".parse().unwrap()),
        effective: Some("2027-02-10".parse().unwrap()),
        retired: BTreeSet::from(["HS30".to_owned()]),
        service_activation: Some("2026-12-01".parse().unwrap()),
        customer_acceptance: Some("2026-12-31".parse().unwrap()),
        bill_to: Some(id("503")),
        sold_to: Some(id("504")),
        lines: pricings.into_iter().map(line).collect(),
    }
}

fn line(pricing: Pricing) -> SubscribedLine {
    SubscribedLine {
        line: id("31"),
        product: id("21"),
        plan: "8b1".into(),
        external_id: true,
        charge: "8b2".into(),
        charge_number: "HS31".to_owned(),
        pricing,
        period: Some(BillingPeriod::SemiAnnual),
        period_differs: true,
        trigger: Some(TriggerEvent::CustomerAcceptance),
        from: Some("2026-12-01".parse().unwrap()),
        until: Some("2027-12-01".parse().unwrap()),
        discount: Some(LineDiscount { charge: "8b5".into(), off: Off::Percentage("12.50".parse().unwrap()) }),
        held: Some(Pricing::RecurringFlatFee { price: "1".parse().unwrap() }),
        zero_percentages: vec!["8b3".into()],
        zero_amounts: vec!["8b4".into()],
    }
}
