//! Rows of lists for people, newest first, a page at a time.

use super::format::Reader;
use super::gathered::Part;
use super::links::{Links, Page};
use super::model::{
    CreditMemoRow, DebitMemoRow, InvoiceRow, List, ListState, OrderRow, PaymentRow, ProductLine,
    SubscriptionRow,
};
use connector_ports::account_view::{
    Listed, ViewedInvoice, ViewedMemo, ViewedOrder, ViewedPayment, ViewedSubscription, WINDOW,
};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Rows of a page; two pages are one call.
pub const PAGE: usize = WINDOW / 2;

/// Through whose eyes rows are seen.
#[derive(Debug, Clone, Copy)]
pub struct Eyes<'a> {
    /// Locale and zone.
    pub reader: &'a Reader,
    /// Links.
    pub links: &'a Links,
    /// The day that it is for the reader.
    pub today: Date,
    /// The account's currency, for documents that name none.
    pub currency: &'a str,
    /// The subscription of the deal at hand.
    pub own: Option<&'a str>,
}

/// What can be a row.
pub trait Shown {
    /// The row for people.
    type Row;
    /// What the newest has most of; rows of one day are told apart by their number.
    fn age(&self, eyes: &Eyes<'_>) -> (bool, Option<Date>, String);
    /// The row.
    fn show(&self, eyes: &Eyes<'_>) -> Self::Row;
}

/// Which part of a list a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The page, from 1.
    pub page: u32,
    /// How many rows stand before those at hand.
    pub before: usize,
}

impl Place {
    /// The first page of rows that begin at the beginning.
    pub const FIRST: Self = Self { page: 1, before: 0 };

    /// The number of the window of [`WINDOW`] rows that a page lies in, from 0, and the place of the page there.
    pub fn of(page: u32) -> (usize, Self) {
        let offset = usize::try_from(page.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(PAGE);
        let window = offset / WINDOW;
        (window, Self { page: page.max(1), before: window.saturating_mul(WINDOW) })
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A page of a list.
pub fn list<T: Shown>(part: &Part<T>, place: Place, eyes: &Eyes<'_>) -> List<T::Row> {
    let state = match part {
        Part::Fresh(_) => ListState::Ok,
        Part::Stale(_) => ListState::Stale,
        Part::Late(_) => ListState::Late,
        Part::Off => ListState::Off,
    };
    let nothing = Listed::default();
    let listed = part.listed().unwrap_or(&nothing);
    let mut rows: Vec<&T> = listed.rows.iter().collect();
    rows.sort_by_cached_key(|row| std::cmp::Reverse(row.age(eyes)));
    let all = place.before.saturating_add(rows.len());
    let first = usize::try_from(place.page.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(PAGE);
    let skip = first.saturating_sub(place.before);
    let shown: Vec<T::Row> = rows.iter().skip(skip).take(PAGE).map(|row| row.show(eyes)).collect();
    let known = !listed.more && !part.is_late();
    List {
        state,
        page: place.page,
        page_size: count(PAGE),
        total: known.then(|| count(all)),
        at_least: count(all),
        has_more: listed.more || skip.saturating_add(PAGE) < rows.len(),
        rows: shown,
    }
}

impl Eyes<'_> {
    fn money(&self, amount: Decimal, currency: &Option<String>) -> super::model::Money {
        self.reader.money(amount, currency.as_deref().unwrap_or(self.currency))
    }

    fn link(&self, page: Page, id: &Option<String>, number: &str) -> Option<String> {
        self.links.to(page, id.as_deref(), number)
    }
}

fn term(row: &ViewedSubscription, eyes: &Eyes<'_>) -> String {
    if row.termed == Some(false) {
        return "Evergreen".to_owned();
    }
    let length = row.term.as_ref().map(|(n, unit)| {
        let unit = unit.to_ascii_lowercase();
        format!("{n} {unit}{}", if *n == 1 { "" } else { "s" })
    });
    let verb = if row.auto_renew == Some(true) { "renews" } else { "until" };
    let end = row.term_ends.map(|day| format!("{verb} {}", eyes.reader.day_text(day)));
    let parts: Vec<String> = [length, end].into_iter().flatten().collect();
    if parts.is_empty() { "Termed".to_owned() } else { parts.join(", ") }
}

/// When a subscription renews by itself; one that has ended or is ending does not.
pub fn renewal(row: &ViewedSubscription) -> Option<Date> {
    let runs = row.status.eq_ignore_ascii_case("active") && row.termed != Some(false);
    row.term_ends.filter(|_| runs && row.auto_renew == Some(true))
}

impl Shown for ViewedSubscription {
    type Row = SubscriptionRow;

    fn age(&self, eyes: &Eyes<'_>) -> (bool, Option<Date>, String) {
        (eyes.own == Some(self.number.as_str()), self.starts, self.number.clone())
    }

    fn show(&self, eyes: &Eyes<'_>) -> SubscriptionRow {
        let products = self.products.iter().map(|product| ProductLine {
            name: product.name.clone(),
            quantity: product.quantity.map(|n| eyes.reader.quantity(n)),
        });
        SubscriptionRow {
            number: self.number.clone(),
            url: eyes.link(Page::Subscription, &self.id, &self.number),
            status: self.status.clone(),
            own: eyes.own == Some(self.number.as_str()),
            term: term(self, eyes),
            mrr: self.mrr.map(|mrr| eyes.money(mrr, &self.currency)),
            next_renewal: renewal(self).map(|day| eyes.reader.day(day)),
            products: products.collect(),
        }
    }
}

impl Shown for ViewedOrder {
    type Row = OrderRow;

    fn age(&self, _: &Eyes<'_>) -> (bool, Option<Date>, String) {
        (false, self.date, self.number.clone())
    }

    fn show(&self, eyes: &Eyes<'_>) -> OrderRow {
        OrderRow {
            number: self.number.clone(),
            url: eyes.link(Page::Order, &self.id, &self.number),
            date: self.date.map(|day| eyes.reader.day(day)),
            status: self.status.clone(),
            description: self.description.clone(),
        }
    }
}

/// Whether an invoice is owed and late on a day.
pub fn is_overdue(row: &ViewedInvoice, today: Date) -> bool {
    row.balance > Decimal::ZERO
        && row.due.is_some_and(|due| due < today)
        && row.status.eq_ignore_ascii_case("posted")
}

impl Shown for ViewedInvoice {
    type Row = InvoiceRow;

    fn age(&self, _: &Eyes<'_>) -> (bool, Option<Date>, String) {
        (false, self.date, self.number.clone())
    }

    fn show(&self, eyes: &Eyes<'_>) -> InvoiceRow {
        InvoiceRow {
            number: self.number.clone(),
            url: eyes.link(Page::Invoice, &self.id, &self.number),
            date: self.date.map(|day| eyes.reader.day(day)),
            due: self.due.map(|day| eyes.reader.day(day)),
            amount: eyes.money(self.amount, &self.currency),
            balance: eyes.money(self.balance, &self.currency),
            status: self.status.clone(),
            overdue: is_overdue(self, eyes.today),
        }
    }
}

impl Shown for ViewedPayment {
    type Row = PaymentRow;

    fn age(&self, _: &Eyes<'_>) -> (bool, Option<Date>, String) {
        (false, self.date, self.number.clone())
    }

    fn show(&self, eyes: &Eyes<'_>) -> PaymentRow {
        PaymentRow {
            number: self.number.clone(),
            url: eyes.link(Page::Payment, &self.id, &self.number),
            date: self.date.map(|day| eyes.reader.day(day)),
            kind: self.kind.clone(),
            amount: eyes.money(self.amount, &self.currency),
            unapplied: self.unapplied.map(|amount| eyes.money(amount, &self.currency)),
            status: self.status.clone(),
        }
    }
}

impl Shown for ViewedMemo {
    type Row = CreditMemoRow;

    fn age(&self, _: &Eyes<'_>) -> (bool, Option<Date>, String) {
        (false, self.date, self.number.clone())
    }

    fn show(&self, eyes: &Eyes<'_>) -> CreditMemoRow {
        CreditMemoRow {
            number: self.number.clone(),
            url: eyes.link(Page::CreditMemo, &self.id, &self.number),
            date: self.date.map(|day| eyes.reader.day(day)),
            amount: eyes.money(self.amount, &self.currency),
            balance: eyes.money(self.balance, &self.currency),
            status: self.status.clone(),
        }
    }
}

/// A page of debit memos: they are due, and have pages of their own in Zuora.
pub fn debit_memos(part: &Part<ViewedMemo>, place: Place, eyes: &Eyes<'_>) -> List<DebitMemoRow> {
    struct Debit<'a>(&'a ViewedMemo);
    impl Shown for Debit<'_> {
        type Row = DebitMemoRow;
        fn age(&self, eyes: &Eyes<'_>) -> (bool, Option<Date>, String) {
            self.0.age(eyes)
        }
        fn show(&self, eyes: &Eyes<'_>) -> DebitMemoRow {
            let CreditMemoRow { number, url: _, date, amount, balance, status } = self.0.show(eyes);
            DebitMemoRow {
                url: eyes.link(Page::DebitMemo, &self.0.id, &number),
                due: self.0.due.map(|day| eyes.reader.day(day)),
                number,
                date,
                amount,
                balance,
                status,
            }
        }
    }
    let more = part.listed().is_some_and(|listed| listed.more);
    let rows: Vec<Debit<'_>> = part.listed().into_iter().flat_map(|listed| &listed.rows).map(Debit).collect();
    let listed = Listed { rows, more };
    let part = match part {
        Part::Fresh(_) => Part::Fresh(listed),
        Part::Stale(_) => Part::Stale(listed),
        Part::Late(_) => Part::Late(listed),
        Part::Off => Part::Off,
    };
    list(&part, place, eyes)
}
