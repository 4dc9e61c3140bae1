//! Cards from what is known, without any call.

use super::build::{Linked, Looking, Rights, Standing, card};
use super::format::Reader;
use super::gathered::{Gathered, Part};
use super::links::Links;
use super::model::{CardState, ListState};
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::state::{Confirmation, SyncStatus};
use connector_ports::account_view::{
    Listed, ViewedAccount, ViewedInvoice, ViewedPayment, ViewedSubscription,
};
use jiff::Timestamp;
use rust_decimal::Decimal;

const NOW: &str = "2026-12-20T10:00:00Z";

fn key(kind: ObjectKind) -> StateKey {
    StateKey::new(PortalId(1), ObjectRef::new(kind, HubSpotId::parse("7001").unwrap()))
}

fn invoice(number: u32, date: &str, balance: i64) -> ViewedInvoice {
    ViewedInvoice {
        id: Some(format!("i{number}")),
        number: format!("INV{number:03}"),
        date: date.parse().ok(),
        due: date.parse().ok(),
        amount: Decimal::from(1000),
        balance: Decimal::from(balance),
        currency: None,
        status: "Posted".to_owned(),
    }
}

fn subscription(number: &str, mrr: i64, currency: &str) -> ViewedSubscription {
    ViewedSubscription {
        id: Some("s1".to_owned()),
        number: number.to_owned(),
        status: "Active".to_owned(),
        termed: Some(true),
        term: Some((12, "Month".to_owned())),
        starts: "2026-11-16".parse().ok(),
        term_ends: "2027-11-16".parse().ok(),
        auto_renew: Some(true),
        mrr: Some(mrr.into()),
        currency: Some(currency.to_owned()),
        products: Vec::new(),
    }
}

fn gathered() -> Gathered {
    let mut gathered = Gathered::nothing(NOW.parse().unwrap());
    gathered.account = Some(ViewedAccount {
        id: "8ad0".into(),
        number: "A1".into(),
        name: Some("Fjordlys".to_owned()),
        status: Some("Active".to_owned()),
        currency: Some("NOK".to_owned()),
        balance: Some(1500.into()),
        mrr: Some(100.into()),
        payment_term: None,
        auto_pay: Some(false),
        bill_to: None,
    });
    let rows = vec![subscription("S-1", 25_800, "NOK"), subscription("S-2", 390, "GBP")];
    gathered.subscriptions = Part::Fresh(Listed { rows, more: false });
    let rows =
        (1..=30).map(|n| invoice(n, "2026-11-16", 0)).chain([invoice(99, "2026-12-01", 400)]).collect();
    gathered.invoices = Part::Fresh(Listed { rows, more: false });
    gathered.payments = Part::Fresh(Listed::<ViewedPayment>::default());
    gathered.credit_memos = Part::Off;
    gathered
}

fn standing(status: SyncStatus) -> Standing {
    let mut standing = Standing::default();
    standing.stored.state.status = status;
    standing.account = Some(Linked { id: None, number: "A1".into(), currency: None });
    standing
}

fn shown(kind: ObjectKind, standing: &Standing, gathered: Option<&Gathered>) -> super::model::CardView {
    let (reader, links) = (Reader::new(Some("en-us"), None), Links::new(Some("https://z.example")));
    let looking = Looking {
        reader: &reader,
        links: &links,
        rights: Rights { act: true, confirm: false },
        now: NOW.parse().unwrap(),
    };
    card(&key(kind), standing, gathered, &looking)
}

#[test]
fn figures_pages_and_chart_come_from_what_was_read() {
    let view = shown(ObjectKind::Company, &standing(SyncStatus::InSync), Some(&gathered()));
    assert!(view.state == CardState::InSync);
    let texts: Vec<String> =
        view.statistics.iter().map(|s| format!("{} {}", s.label, s.text.replace('\u{a0}', " "))).collect();
    assert_eq!(
        texts,
        [
            "Monthly recurring revenue GBP 390.00 + NOK 25,800.00",
            "Balance NOK 1,500.00",
            "Overdue NOK 400.00",
            "Next renewal Nov 16, 2027",
            "Active subscriptions 2",
        ]
    );
    let invoices = &view.lists.invoices;
    assert_eq!((invoices.rows.len(), invoices.total, invoices.has_more), (25, Some(31), true));
    assert_eq!((invoices.rows[0].number.as_str(), invoices.rows[0].overdue), ("INV099", true));
    assert_eq!(
        invoices.rows[0].url.as_deref(),
        Some("https://z.example/platform/apps/com_zuora/invoice/i99")
    );
    assert_eq!(view.lists.credit_memos.state, ListState::Off);
    assert_eq!(view.lists.subscriptions.rows[0].term, "12 months, renews Nov 16, 2027");
    let chart = view.chart.unwrap();
    assert_eq!((chart.months.len(), chart.months[10].invoiced.as_str()), (12, "30000.00"));
    assert_eq!((chart.months[11].month.as_str(), chart.months[11].invoiced.as_str()), ("2026-12", "1000.00"));
    assert_eq!(view.freshness.late, ["orders", "debitMemos"]);
}

#[test]
fn what_is_cut_is_not_counted_as_the_whole() {
    let mut cut = gathered();
    if let Part::Fresh(listed) = &mut cut.invoices {
        listed.more = true;
    }
    let view = shown(ObjectKind::Company, &standing(SyncStatus::InSync), Some(&cut));
    assert!(view.chart.is_none() && view.account.unwrap().overdue.is_none());
    assert_eq!((view.lists.invoices.total, view.lists.invoices.at_least), (None, 31));
}

#[test]
fn states_follow_the_sync_first_and_zuora_second() {
    let now: Timestamp = NOW.parse().unwrap();
    let silent = Gathered::nothing(now);
    let denied = Gathered { denied: true, ..silent.clone() };
    for (status, seen, want) in [
        (SyncStatus::NotLinked, None, CardState::NotLinked),
        (SyncStatus::Pending, Some(&silent), CardState::Working),
        (SyncStatus::NeedsAttention, Some(&silent), CardState::NeedsAttention),
        (SyncStatus::InSync, Some(&silent), CardState::Unavailable),
        (SyncStatus::InSync, Some(&denied), CardState::NoRights),
    ] {
        let view = shown(ObjectKind::Deal, &standing(status), seen);
        assert!(view.state == want, "{status:?} gave {:?}", view.state);
        assert!(!view.headline.is_empty());
        assert_eq!(view.state == CardState::NotLinked, !view.sync.missing.is_empty());
    }
}

#[test]
fn a_question_is_shown_with_its_button_which_only_named_users_press() {
    let mut standing = standing(SyncStatus::NeedsAttention);
    standing.stored.state.confirm =
        Some(Confirmation { token: "t1".to_owned(), text: "cancel S-1.".to_owned() });
    let view = shown(ObjectKind::Deal, &standing, None);
    assert_eq!(view.confirm.as_ref().map(|c| c.token.as_str()), Some("t1"));
    let labels: Vec<(&str, bool)> = view.actions.iter().map(|a| (a.label.as_str(), a.enabled)).collect();
    assert_eq!(labels, [("Sync Deal", true), ("Preview", true), ("Confirm cancellation", false)]);
    let company = shown(ObjectKind::Company, &standing, None);
    let labels: Vec<&str> = company.actions.iter().map(|a| a.label.as_str()).collect();
    assert_eq!(labels, ["Sync Company with Deals", "Sync Company and Contacts Only"]);
}
