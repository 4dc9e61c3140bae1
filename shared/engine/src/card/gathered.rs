//! What was read of an account for one card, part by part: parts may be late, remembered, or absent from the tenant.

use connector_ports::account_view::{
    AccountList, Listed, Overview, Rows, ViewedAccount, ViewedInvoice, ViewedMemo, ViewedOrder,
    ViewedPayment, ViewedSubscription,
};
use jiff::Timestamp;

/// One list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<T> {
    /// As Zuora has it.
    Fresh(Listed<T>),
    /// Remembered.
    Stale(Listed<T>),
    /// Did not answer in time; what came anyway need not be the newest.
    Late(Listed<T>),
    /// The tenant does not have it.
    Off,
}

impl<T> Part<T> {
    /// Nothing was heard.
    pub fn silent() -> Self {
        Part::Late(Listed::default())
    }

    /// The rows, whatever became of them.
    pub fn listed(&self) -> Option<&Listed<T>> {
        match self {
            Part::Fresh(listed) | Part::Stale(listed) | Part::Late(listed) => Some(listed),
            Part::Off => None,
        }
    }

    /// The rows, when all of them are known.
    pub fn whole(&self) -> Option<&[T]> {
        match self {
            Part::Fresh(listed) | Part::Stale(listed) if !listed.more => Some(&listed.rows),
            Part::Off => Some(&[]),
            Part::Fresh(_) | Part::Stale(_) | Part::Late(_) => None,
        }
    }

    /// It did not answer in time.
    pub fn is_late(&self) -> bool {
        matches!(self, Part::Late(_))
    }

    fn map(self, change: impl FnOnce(Listed<T>) -> Self) -> Self {
        match self {
            Part::Fresh(listed) => change(listed),
            other => other,
        }
    }

    /// Takes what is remembered in the place of what is late.
    fn or(self, remembered: &Self) -> Self
    where
        T: Clone,
    {
        match (self, remembered) {
            (Part::Late(_), Part::Stale(listed)) => Part::Stale(listed.clone()),
            (Part::Late(_), Part::Off) => Part::Off,
            (own, _) => own,
        }
    }
}

/// Everything that was read for one card. No `Debug`: it holds names.
#[derive(Clone, PartialEq, Eq)]
pub struct Gathered {
    /// The account; none when it was not heard of.
    pub account: Option<ViewedAccount>,
    /// Zuora says that it has no such account.
    pub gone: bool,
    /// Zuora does not let the connector see it.
    pub denied: bool,
    /// Its subscriptions.
    pub subscriptions: Part<ViewedSubscription>,
    /// Its orders.
    pub orders: Part<ViewedOrder>,
    /// Its invoices.
    pub invoices: Part<ViewedInvoice>,
    /// Its payments.
    pub payments: Part<ViewedPayment>,
    /// Its credit memos.
    pub credit_memos: Part<ViewedMemo>,
    /// Its debit memos.
    pub debit_memos: Part<ViewedMemo>,
    /// When the oldest part of it was read.
    pub as_of: Timestamp,
}

impl Gathered {
    /// Nothing was heard yet.
    pub fn nothing(as_of: Timestamp) -> Self {
        Self {
            account: None,
            gone: false,
            denied: false,
            subscriptions: Part::silent(),
            orders: Part::silent(),
            invoices: Part::silent(),
            payments: Part::silent(),
            credit_memos: Part::silent(),
            debit_memos: Part::silent(),
            as_of,
        }
    }

    /// Takes over an answer with lists.
    pub fn take(&mut self, overview: Overview) {
        self.account = Some(overview.account);
        self.subscriptions = Part::Fresh(overview.subscriptions);
        self.invoices = Part::Fresh(overview.invoices);
        self.payments = Part::Fresh(overview.payments);
        self.credit_memos = overview.credit_memos.map_or(Part::Off, Part::Fresh);
        self.debit_memos = overview.debit_memos.map_or(Part::Off, Part::Fresh);
    }

    /// Takes over the newest rows of one list; none means that the tenant does not have it.
    pub fn take_list(&mut self, list: AccountList, answer: Option<(Rows, bool)>) {
        let Some((rows, more)) = answer else {
            match list {
                AccountList::CreditMemos => self.credit_memos = Part::Off,
                AccountList::DebitMemos => self.debit_memos = Part::Off,
                AccountList::Subscriptions
                | AccountList::Orders
                | AccountList::Invoices
                | AccountList::Payments => {}
            }
            return;
        };
        match rows {
            Rows::Subscriptions(rows) => self.subscriptions = Part::Fresh(Listed { rows, more }),
            Rows::Orders(rows) => self.orders = Part::Fresh(Listed { rows, more }),
            Rows::Invoices(rows) => self.invoices = Part::Fresh(Listed { rows, more }),
            Rows::Payments(rows) => self.payments = Part::Fresh(Listed { rows, more }),
            Rows::CreditMemos(rows) => self.credit_memos = Part::Fresh(Listed { rows, more }),
            Rows::DebitMemos(rows) => self.debit_memos = Part::Fresh(Listed { rows, more }),
        }
    }

    /// A list that was cut could not be asked for by itself: its rows need not be the newest.
    pub fn doubt(&mut self, list: AccountList) {
        fn late<T>(part: &mut Part<T>) {
            *part = std::mem::replace(part, Part::Off).map(Part::Late);
        }
        match list {
            AccountList::Subscriptions => late(&mut self.subscriptions),
            AccountList::Orders => late(&mut self.orders),
            AccountList::Invoices => late(&mut self.invoices),
            AccountList::Payments => late(&mut self.payments),
            AccountList::CreditMemos => late(&mut self.credit_memos),
            AccountList::DebitMemos => late(&mut self.debit_memos),
        }
    }

    /// Lists that came back full, so that rows may be missing.
    pub fn cut(&self) -> Vec<AccountList> {
        fn more<T>(part: &Part<T>) -> bool {
            matches!(part, Part::Fresh(listed) if listed.more)
        }
        [
            (AccountList::Subscriptions, more(&self.subscriptions)),
            (AccountList::Invoices, more(&self.invoices)),
            (AccountList::Payments, more(&self.payments)),
            (AccountList::CreditMemos, more(&self.credit_memos)),
            (AccountList::DebitMemos, more(&self.debit_memos)),
        ]
        .into_iter()
        .filter_map(|(list, cut)| cut.then_some(list))
        .collect()
    }

    /// What may be remembered: the same without names of people and firms and without free texts (D-29), all of
    /// it marked as remembered. None when there is nothing worth keeping.
    pub fn to_remember(&self) -> Option<Self> {
        fn stale<T: Clone>(part: &Part<T>) -> Part<T> {
            part.clone().map(Part::Stale)
        }
        let account = self.account.clone()?;
        let mut orders = stale(&self.orders);
        if let Part::Stale(listed) = &mut orders {
            listed.rows.iter_mut().for_each(|order| order.description = None);
        }
        Some(Self {
            account: Some(ViewedAccount { name: None, bill_to: None, ..account }),
            gone: false,
            denied: false,
            subscriptions: stale(&self.subscriptions),
            orders,
            invoices: stale(&self.invoices),
            payments: stale(&self.payments),
            credit_memos: stale(&self.credit_memos),
            debit_memos: stale(&self.debit_memos),
            as_of: self.as_of,
        })
    }

    /// Fills what is late from what is remembered.
    #[must_use]
    pub fn filled_from(self, remembered: &Self) -> Self {
        let before = self.clone();
        let mut filled = Self {
            account: self.account.or_else(|| remembered.account.clone()),
            subscriptions: self.subscriptions.or(&remembered.subscriptions),
            orders: self.orders.or(&remembered.orders),
            invoices: self.invoices.or(&remembered.invoices),
            payments: self.payments.or(&remembered.payments),
            credit_memos: self.credit_memos.or(&remembered.credit_memos),
            debit_memos: self.debit_memos.or(&remembered.debit_memos),
            ..self
        };
        if filled != before {
            filled.as_of = remembered.as_of;
        }
        filled
    }

    /// Whether something of it is remembered, not read.
    pub fn is_stale(&self) -> bool {
        matches!(self.subscriptions, Part::Stale(_))
            || matches!(self.orders, Part::Stale(_))
            || matches!(self.invoices, Part::Stale(_))
            || matches!(self.payments, Part::Stale(_))
            || matches!(self.credit_memos, Part::Stale(_))
            || matches!(self.debit_memos, Part::Stale(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(number: &str) -> ViewedOrder {
        ViewedOrder {
            id: None,
            number: number.to_owned(),
            date: None,
            status: "Completed".to_owned(),
            description: Some("for Ana Canary".to_owned()),
        }
    }

    fn read() -> Gathered {
        let mut read = Gathered::nothing("2026-11-16T10:00:00Z".parse().unwrap());
        read.account = Some(ViewedAccount {
            id: "8ad0".into(),
            number: "A1".into(),
            name: Some("Ana Canary".to_owned()),
            status: None,
            currency: None,
            balance: None,
            mrr: None,
            payment_term: None,
            auto_pay: None,
            bill_to: Some("Ana Canary".to_owned()),
        });
        read.orders = Part::Fresh(Listed { rows: vec![order("O-1")], more: false });
        read.debit_memos = Part::Off;
        read
    }

    #[test]
    fn what_is_remembered_names_nobody() {
        let kept = read().to_remember().unwrap();
        let account = kept.account.clone().unwrap();
        assert_eq!((account.name, account.bill_to), (None, None));
        assert_eq!(kept.orders.listed().unwrap().rows[0].description, None);
        assert!(Gathered::nothing(kept.as_of).to_remember().is_none());
    }

    #[test]
    fn what_is_late_is_filled_and_what_is_fresh_stays() {
        let kept = read().to_remember().unwrap();
        let later = "2026-11-16T10:05:00Z".parse().unwrap();
        let filled = Gathered::nothing(later).filled_from(&kept);
        assert!(filled.is_stale() && filled.debit_memos == Part::Off && filled.invoices.is_late());
        assert_eq!(filled.as_of, kept.as_of);
        let mut now = read();
        now.as_of = later;
        let orders = now.orders.clone();
        assert_eq!(now.filled_from(&kept).orders, orders);
    }
}
