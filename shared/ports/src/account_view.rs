//! Zuora read for people: an account with its lists, in as few calls as Zuora allows (`zuora.md` 6).
//!
//! Rows are as Zuora shows them at the moment, for cards only; nothing is planned from them. Names and addresses
//! of people may be among them, so the types that hold any have no `Debug`.

use crate::PortError;
use async_trait::async_trait;
use connector_domain::ids::{AccountId, AccountNumber, HubSpotId, SubscriptionNumber};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The lists of an account that people look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountList {
    /// Subscriptions in their latest version.
    Subscriptions,
    /// Orders.
    Orders,
    /// Invoices.
    Invoices,
    /// Payments.
    Payments,
    /// Credit memos; tenants without Invoice Settlement have none (`zuora.md` trap 13).
    CreditMemos,
    /// Debit memos; as credit memos.
    DebitMemos,
}

/// The rows of a list that one call brought, in no promised order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The list was cut, or may have been: Zuora cuts expanded lists without a mark (`zuora.md` trap 10).
    pub more: bool,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), more: false }
    }
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct ViewedAccount {
    /// Zuora's id.
    pub id: AccountId,
    /// Its number.
    pub number: AccountNumber,
    /// Its name; may be a person's.
    pub name: Option<String>,
    /// `Active`, `Draft`, `Canceled` or what else Zuora says.
    pub status: Option<String>,
    /// Currency code.
    pub currency: Option<String>,
    /// What is owed in the account's currency.
    pub balance: Option<Decimal>,
    /// Monthly recurring revenue in the account's currency.
    pub mrr: Option<Decimal>,
    /// Payment term by name.
    pub payment_term: Option<String>,
    /// Payments are collected without being asked for.
    pub auto_pay: Option<bool>,
    /// Name of the bill-to contact.
    pub bill_to: Option<String>,
}

/// A product on a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewedProduct {
    /// Name of its rate plan.
    pub name: String,
    /// Quantity of its first charge that has one.
    pub quantity: Option<Decimal>,
}

/// A subscription in its latest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewedSubscription {
    /// Zuora's id of this version; another one after each change.
    pub id: Option<String>,
    /// Its number.
    pub number: String,
    /// Status.
    pub status: String,
    /// Runs for a term; none when Zuora did not say.
    pub termed: Option<bool>,
    /// Length of the present term and its unit (`Month`, `Year`, `Week`, `Day`).
    pub term: Option<(u32, String)>,
    /// First day.
    pub starts: Option<Date>,
    /// First day after the present term.
    pub term_ends: Option<Date>,
    /// Renews by itself.
    pub auto_renew: Option<bool>,
    /// Contracted monthly recurring revenue.
    pub mrr: Option<Decimal>,
    /// Currency code.
    pub currency: Option<String>,
    /// Products.
    pub products: Vec<ViewedProduct>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewedOrder {
    /// Zuora's id.
    pub id: Option<String>,
    /// Its number.
    pub number: String,
    /// Its day.
    pub date: Option<Date>,
    /// Status.
    pub status: String,
    /// What somebody wrote.
    pub description: Option<String>,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewedInvoice {
    /// Zuora's id.
    pub id: Option<String>,
    /// Its number.
    pub number: String,
    /// Its day.
    pub date: Option<Date>,
    /// When it is to be paid.
    pub due: Option<Date>,
    /// Amount with tax.
    pub amount: Decimal,
    /// What is still owed.
    pub balance: Decimal,
    /// Currency code, when it says one.
    pub currency: Option<String>,
    /// Status.
    pub status: String,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewedPayment {
    /// Zuora's id.
    pub id: Option<String>,
    /// Its number.
    pub number: String,
    /// The day on which it counts.
    pub date: Option<Date>,
    /// `External` or `Electronic`.
    pub kind: Option<String>,
    /// Amount.
    pub amount: Decimal,
    /// What is not applied to an invoice yet.
    pub unapplied: Option<Decimal>,
    /// Currency code, when it says one.
    pub currency: Option<String>,
    /// Status.
    pub status: String,
}

/// A credit or debit memo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewedMemo {
    /// Zuora's id.
    pub id: Option<String>,
    /// Its number.
    pub number: String,
    /// Its day.
    pub date: Option<Date>,
    /// When a debit memo is to be paid.
    pub due: Option<Date>,
    /// Amount.
    pub amount: Decimal,
    /// What is not applied, or still owed.
    pub balance: Decimal,
    /// Currency code, when it says one.
    pub currency: Option<String>,
    /// Status.
    pub status: String,
}

/// An account with the lists that come along with it in one call. A list that the tenant does not have is none.
#[derive(Clone, PartialEq, Eq)]
pub struct Overview {
    /// The account.
    pub account: ViewedAccount,
    /// Its subscriptions.
    pub subscriptions: Listed<ViewedSubscription>,
    /// Its invoices.
    pub invoices: Listed<ViewedInvoice>,
    /// Its payments.
    pub payments: Listed<ViewedPayment>,
    /// Its credit memos.
    pub credit_memos: Option<Listed<ViewedMemo>>,
    /// Its debit memos.
    pub debit_memos: Option<Listed<ViewedMemo>>,
}

/// Rows of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// Subscriptions.
    Subscriptions(Vec<ViewedSubscription>),
    /// Orders.
    Orders(Vec<ViewedOrder>),
    /// Invoices.
    Invoices(Vec<ViewedInvoice>),
    /// Payments.
    Payments(Vec<ViewedPayment>),
    /// Credit memos.
    CreditMemos(Vec<ViewedMemo>),
    /// Debit memos.
    DebitMemos(Vec<ViewedMemo>),
}

/// Some rows of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// At most [`WINDOW`] rows.
    pub rows: Rows,
    /// Where the next rows begin; none at the end.
    pub next: Option<String>,
}

/// How many rows one call brings: the highest page size that the vendor's own client takes (`zuora.md` 6.2).
pub const WINDOW: usize = 50;

/// What comes along with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// All lists.
    Lists,
    /// All lists but memos: for tenants that are known to have none.
    WithoutMemos,
    /// The account and its bill-to contact alone.
    Nothing,
}

/// Reads an account for people. Every operation is one call unless it says otherwise.
#[async_trait]
pub trait AccountView: Send + Sync {
    /// An account by id or number; none when there is none. A tenant that refuses to expand memos is asked once
    /// more without them.
    async fn overview(&self, key: &str, along: Along) -> Result<Option<Overview>, PortError>;

    /// Rows of one list, newest first, from the beginning or from where an earlier window ended. None when the
    /// tenant does not have the list.
    async fn list(
        &self,
        account: &AccountId,
        list: AccountList,
        from: Option<&str>,
    ) -> Result<Option<Window>, PortError>;

    /// One subscription of an account by number, in its latest version.
    async fn subscription_of(
        &self,
        account: &AccountId,
        number: &SubscriptionNumber,
    ) -> Result<Option<ViewedSubscription>, PortError>;

    /// The accounts that carry a CRM id; only as fresh as Zuora's search.
    async fn accounts_of(&self, company: &HubSpotId) -> Result<Vec<(AccountId, AccountNumber)>, PortError>;

    /// Whether Zuora answers and lets us in.
    async fn ping(&self) -> Result<(), PortError>;
}
