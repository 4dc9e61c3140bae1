//! What a card gets as JSON: the shapes, and nothing else. TypeScript is generated from them (`typescript.rs`), so a
//! change here fails a test until the app has it too.
//!
//! Amounts, days and moments come with a ready text in the reader's locale: the card has no rules of its own.
//! Names of people and firms may be among the values, so the shapes that hold any have no `Debug`.

use serde::Serialize;

/// An amount with its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// Decimal text, for sorting.
    pub amount: String,
    /// Currency code.
    pub currency: String,
    /// For people, with the currency.
    pub text: String,
}

/// A calendar day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Day {
    /// `2026-11-16`.
    pub date: String,
    /// For people.
    pub text: String,
}

/// A moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// RFC 3339.
    pub at: String,
    /// For people, in their time zone.
    pub text: String,
}

/// What a person must know, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Code with a page in the documentation.
    pub code: String,
    /// What is wrong.
    pub title: String,
    /// Which record and property.
    pub field: Option<String>,
    /// The particulars.
    pub detail: String,
    /// What to do.
    pub fix: String,
}

/// How a record stands, as a card tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// Nothing in Zuora.
    NotLinked,
    /// In step.
    InSync,
    /// Being worked on; ask again soon.
    Working,
    /// A person must do something.
    NeedsAttention,
    /// Zuora does not answer and nothing is remembered.
    Unavailable,
    /// HubSpot or Zuora does not let the connector see what the card needs.
    NoRights,
}

/// The state of the sync in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SyncInfo {
    /// The last effective change.
    pub last_synced: Option<Moment>,
    /// What a person must mend.
    pub problems: Vec<Problem>,
    /// What is worth knowing: drift, shortened names, waiting.
    pub notices: Vec<String>,
    /// Why nothing is linked.
    pub missing: Vec<String>,
    /// Another record that must be ready first, such as `company 9001001`.
    pub waiting_for: Option<String>,
    /// HubSpot refused what the connector wanted to write on the record.
    pub write_back_problem: Option<Problem>,
}

/// A button's name in requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ActionId {
    /// A company with its deals.
    SyncWithDeals,
    /// A company and its contacts.
    SyncRecordOnly,
    /// A deal.
    SyncDeal,
    /// What would be ordered.
    Preview,
    /// Confirms what the card asks.
    Confirm,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// Its name in requests.
    pub id: ActionId,
    /// Its label, the original connector's where that had one.
    pub label: String,
    /// May be pressed.
    pub enabled: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// What is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ConfirmKind {
    /// That a subscription ends.
    Cancellation,
}

/// A question that only a person may answer with yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Confirm {
    /// What is confirmed.
    pub kind: ConfirmKind,
    /// Names exactly this question; goes back with the answer.
    pub token: String,
    /// The question.
    pub title: String,
    /// What will be done.
    pub text: String,
}

/// The Zuora account behind a record.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its name.
    pub name: Option<String>,
    /// Its number.
    pub number: String,
    /// Status.
    pub status: Option<String>,
    /// Currency code.
    pub currency: Option<String>,
    /// What is owed; none when it is owed in several currencies (see the statistics).
    pub balance: Option<Money>,
    /// What is owed and late; none when not all invoices were seen, or in several currencies.
    pub overdue: Option<Money>,
    /// Payment term by name.
    pub payment_term: Option<String>,
    /// Payments are collected without being asked for.
    pub auto_pay: Option<bool>,
    /// Name of the bill-to contact.
    pub bill_to: Option<String>,
    /// Opens it in Zuora.
    pub url: Option<String>,
}

/// Another account that carries the same company's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OtherAccount {
    /// Its number.
    pub number: String,
    /// Opens it in Zuora.
    pub url: Option<String>,
}

/// Which figure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum StatisticId {
    /// Monthly recurring revenue, by currency.
    Mrr,
    /// What is owed.
    Balance,
    /// What is owed and late.
    Overdue,
    /// The next renewal.
    NextRenewal,
    /// How many subscriptions run.
    Subscriptions,
}

/// How a figure is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Neutral.
    Default,
    /// Good.
    Success,
    /// Worth a look.
    Warning,
    /// Bad.
    Danger,
}

/// A figure at the top of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Statistic {
    /// Which one.
    pub id: StatisticId,
    /// Its label.
    pub label: String,
    /// The figure for people.
    pub text: String,
    /// How it is coloured.
    pub tone: Tone,
}

/// One month of the chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ChartMonth {
    /// `2026-11`.
    pub month: String,
    /// For people.
    pub label: String,
    /// Decimal text.
    pub invoiced: String,
    /// Decimal text.
    pub paid: String,
}

/// Invoiced against paid over the last twelve months, in the currency of most documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Chart {
    /// Currency code.
    pub currency: String,
    /// Oldest month first.
    pub months: Vec<ChartMonth>,
}

/// What became of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ListState {
    /// As Zuora has it.
    Ok,
    /// Did not answer in time, or not wholly.
    Late,
    /// The tenant does not have it.
    Off,
    /// Remembered from a moment ago.
    Stale,
}

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct List<Row> {
    /// What became of it.
    pub state: ListState,
    /// The rows of this page.
    pub rows: Vec<Row>,
    /// Counts from 1.
    pub page: u32,
    /// Rows of a full page.
    pub page_size: u32,
    /// How many rows there are; none when not known.
    pub total: Option<u32>,
    /// How many there are at least.
    pub at_least: u32,
    /// There is a next page.
    pub has_more: bool,
}

/// A product on a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ProductLine {
    /// Its name in Zuora.
    pub name: String,
    /// Quantity for people.
    pub quantity: Option<String>,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionRow {
    /// Its number.
    pub number: String,
    /// Opens it in Zuora.
    pub url: Option<String>,
    /// Status.
    pub status: String,
    /// It is the one of this deal.
    pub own: bool,
    /// Its term in words.
    pub term: String,
    /// Monthly recurring revenue.
    pub mrr: Option<Money>,
    /// When it renews by itself.
    pub next_renewal: Option<Day>,
    /// Products.
    pub products: Vec<ProductLine>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OrderRow {
    /// Its number.
    pub number: String,
    /// Opens it in Zuora.
    pub url: Option<String>,
    /// Its day.
    pub date: Option<Day>,
    /// Status.
    pub status: String,
    /// What somebody wrote.
    pub description: Option<String>,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct InvoiceRow {
    /// Its number.
    pub number: String,
    /// Opens it in Zuora.
    pub url: Option<String>,
    /// Its day.
    pub date: Option<Day>,
    /// When it is to be paid.
    pub due: Option<Day>,
    /// Amount with tax.
    pub amount: Money,
    /// What is still owed.
    pub balance: Money,
    /// Status.
    pub status: String,
    /// Owed and late.
    pub overdue: bool,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PaymentRow {
    /// Its number.
    pub number: String,
    /// Opens it in Zuora.
    pub url: Option<String>,
    /// The day on which it counts.
    pub date: Option<Day>,
    /// `External` or `Electronic`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Amount.
    pub amount: Money,
    /// What is not applied to an invoice yet.
    pub unapplied: Option<Money>,
    /// Status.
    pub status: String,
}

/// A credit memo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CreditMemoRow {
    /// Its number.
    pub number: String,
    /// Opens it in Zuora.
    pub url: Option<String>,
    /// Its day.
    pub date: Option<Day>,
    /// Amount.
    pub amount: Money,
    /// What is not applied yet.
    pub balance: Money,
    /// Status.
    pub status: String,
}

/// A debit memo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DebitMemoRow {
    /// Its number.
    pub number: String,
    /// Opens it in Zuora.
    pub url: Option<String>,
    /// Its day.
    pub date: Option<Day>,
    /// When it is to be paid.
    pub due: Option<Day>,
    /// Amount.
    pub amount: Money,
    /// What is still owed.
    pub balance: Money,
    /// Status.
    pub status: String,
}

/// The first page of every list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Lists {
    /// Subscriptions; on a deal its own first.
    pub subscriptions: List<SubscriptionRow>,
    /// Orders.
    pub orders: List<OrderRow>,
    /// Invoices.
    pub invoices: List<InvoiceRow>,
    /// Payments.
    pub payments: List<PaymentRow>,
    /// Credit memos.
    pub credit_memos: List<CreditMemoRow>,
    /// Debit memos.
    pub debit_memos: List<DebitMemoRow>,
}

/// How fresh a card is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Freshness {
    /// When the oldest part of it was read.
    pub as_of: Moment,
    /// Something on it is remembered, not read.
    pub stale: bool,
    /// Lists that did not answer in time, by name.
    pub late: Vec<String>,
}

/// The kinds of records that have a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CardObject {
    /// A company.
    Company,
    /// A deal.
    Deal,
}

/// A card.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CardView {
    /// Of this shape.
    #[cfg_attr(test, ts(type = "1"))]
    pub version: u32,
    /// `company` or `deal`.
    pub object: CardObject,
    /// Record id.
    pub id: String,
    /// How it stands.
    pub state: CardState,
    /// The same in one sentence.
    pub headline: String,
    /// The particulars of the sync.
    pub sync: SyncInfo,
    /// The buttons.
    pub actions: Vec<Action>,
    /// What a person is asked.
    pub confirm: Option<Confirm>,
    /// The account.
    pub account: Option<Account>,
    /// Several accounts carry the company's id: a person decides.
    pub other_accounts: Vec<OtherAccount>,
    /// Figures at the top.
    pub statistics: Vec<Statistic>,
    /// None when there is nothing to show.
    pub chart: Option<Chart>,
    /// The lists.
    pub lists: Lists,
    /// How fresh all this is.
    pub freshness: Freshness,
}

/// The answer to `?list=…&page=…`. In TypeScript it is generic (`typescript.rs`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "list", content = "data", rename_all = "camelCase")]
pub enum ListPage {
    /// Subscriptions.
    Subscriptions(List<SubscriptionRow>),
    /// Orders.
    Orders(List<OrderRow>),
    /// Invoices.
    Invoices(List<InvoiceRow>),
    /// Payments.
    Payments(List<PaymentRow>),
    /// Credit memos.
    CreditMemos(List<CreditMemoRow>),
    /// Debit memos.
    DebitMemos(List<DebitMemoRow>),
}
