//! Rows of object query as cards need them (`zuora.md` 6.3, read 2026-11-22). Null fields are absent; unknown
//! statuses are texts.

use super::listed;
use crate::decimal::Num;
use connector_ports::account_view::{
    Overview, ViewedAccount, ViewedInvoice, ViewedMemo, ViewedOrder, ViewedPayment, ViewedProduct,
    ViewedSubscription,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

/// All rows in the port's words.
pub(super) fn all<T: Into<V>, V>(rows: Vec<T>) -> Vec<V> {
    rows.into_iter().map(Into::into).collect()
}

/// A day, also where a time stands behind it.
fn day(text: Option<String>) -> Option<Date> {
    text?.get(..10)?.parse().ok()
}

fn text(value: Option<String>) -> Option<String> {
    value.filter(|text| !text.is_empty())
}

fn amount(value: Option<Num>) -> Decimal {
    value.map(|n| n.0).unwrap_or_default()
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) account_number: String,
    name: Option<String>,
    status: Option<String>,
    currency: Option<String>,
    balance: Option<Num>,
    mrr: Option<Num>,
    payment_term: Option<String>,
    auto_pay: Option<bool>,
    bill_to: Option<Person>,
    subscriptions: Option<Vec<Subscription>>,
    invoices: Option<Vec<Invoice>>,
    payments: Option<Vec<Payment>>,
    credit_memos: Option<Vec<Memo>>,
    debit_memos: Option<Vec<Memo>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Person {
    first_name: Option<String>,
    last_name: Option<String>,
}

impl Person {
    fn name(self) -> Option<String> {
        let parts: Vec<String> = [self.first_name, self.last_name].into_iter().filter_map(text).collect();
        // A company's own name stands in both fields when there is no person (D-12).
        match parts.as_slice() {
            [first, last] if first == last => Some(first.clone()),
            [] => None,
            parts => Some(parts.join(" ")),
        }
    }
}

impl From<Account> for Overview {
    fn from(row: Account) -> Self {
        // Expanding brings old versions too (`zuora.md` 6.1).
        let versions = row.subscriptions.unwrap_or_default();
        let more = versions.len() >= super::WINDOW;
        let latest: Vec<Subscription> =
            versions.into_iter().filter(|s| s.is_latest_version != Some(false)).collect();
        let mut subscriptions = listed(latest);
        subscriptions.more = more;
        Overview {
            account: ViewedAccount {
                id: row.id.as_str().into(),
                number: row.account_number.as_str().into(),
                name: text(row.name),
                status: text(row.status),
                currency: text(row.currency),
                balance: row.balance.map(|n| n.0),
                mrr: row.mrr.map(|n| n.0),
                payment_term: text(row.payment_term),
                auto_pay: row.auto_pay,
                bill_to: row.bill_to.and_then(Person::name),
            },
            subscriptions,
            invoices: listed(row.invoices.unwrap_or_default()),
            payments: listed(row.payments.unwrap_or_default()),
            credit_memos: row.credit_memos.map(listed),
            debit_memos: row.debit_memos.map(listed),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Subscription {
    id: Option<String>,
    name: String,
    status: String,
    term_type: Option<String>,
    current_term: Option<u32>,
    current_term_period_type: Option<String>,
    is_latest_version: Option<bool>,
    subscription_start_date: Option<String>,
    contract_effective_date: Option<String>,
    term_end_date: Option<String>,
    auto_renew: Option<bool>,
    #[serde(rename = "cMRR")]
    mrr: Option<Num>,
    currency: Option<String>,
    rate_plans: Option<Vec<RatePlan>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RatePlan {
    name: Option<String>,
    amendment_type: Option<String>,
    rate_plan_charges: Option<Vec<Charge>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Charge {
    quantity: Option<Num>,
}

impl From<RatePlan> for ViewedProduct {
    fn from(plan: RatePlan) -> Self {
        let charges = plan.rate_plan_charges.unwrap_or_default();
        let quantity = charges.into_iter().find_map(|charge| charge.quantity).map(|n| n.0);
        ViewedProduct { name: plan.name.unwrap_or_default(), quantity }
    }
}

impl From<Subscription> for ViewedSubscription {
    fn from(row: Subscription) -> Self {
        let plans = row.rate_plans.unwrap_or_default().into_iter();
        let kept = plans.filter(|plan| plan.amendment_type.as_deref() != Some("RemoveProduct"));
        ViewedSubscription {
            id: text(row.id),
            number: row.name,
            status: row.status,
            termed: text(row.term_type).map(|kind| kind.eq_ignore_ascii_case("termed")),
            term: row.current_term.filter(|n| *n > 0).zip(text(row.current_term_period_type)),
            starts: day(row.contract_effective_date).or_else(|| day(row.subscription_start_date)),
            term_ends: day(row.term_end_date),
            auto_renew: row.auto_renew,
            mrr: row.mrr.map(|n| n.0),
            currency: text(row.currency),
            products: kept.map(ViewedProduct::from).collect(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Order {
    id: Option<String>,
    order_number: String,
    order_date: Option<String>,
    status: String,
    description: Option<String>,
}

impl From<Order> for ViewedOrder {
    fn from(row: Order) -> Self {
        ViewedOrder {
            id: text(row.id),
            number: row.order_number,
            date: day(row.order_date),
            status: row.status,
            description: text(row.description),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Invoice {
    id: Option<String>,
    invoice_number: String,
    status: String,
    amount: Option<Num>,
    balance: Option<Num>,
    currency: Option<String>,
    invoice_date: Option<String>,
    due_date: Option<String>,
}

impl From<Invoice> for ViewedInvoice {
    fn from(row: Invoice) -> Self {
        ViewedInvoice {
            id: text(row.id),
            number: row.invoice_number,
            date: day(row.invoice_date),
            due: day(row.due_date),
            amount: amount(row.amount),
            balance: amount(row.balance),
            currency: text(row.currency),
            status: row.status,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Payment {
    id: Option<String>,
    payment_number: String,
    status: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    amount: Option<Num>,
    unapplied_amount: Option<Num>,
    currency: Option<String>,
    effective_date: Option<String>,
}

impl From<Payment> for ViewedPayment {
    fn from(row: Payment) -> Self {
        ViewedPayment {
            id: text(row.id),
            number: row.payment_number,
            date: day(row.effective_date),
            kind: text(row.kind),
            amount: amount(row.amount),
            unapplied: row.unapplied_amount.map(|n| n.0),
            currency: text(row.currency),
            status: row.status,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Memo {
    id: Option<String>,
    memo_number: String,
    memo_date: Option<String>,
    due_date: Option<String>,
    status: String,
    total_amount: Option<Num>,
    balance: Option<Num>,
    currency: Option<String>,
}

impl From<Memo> for ViewedMemo {
    fn from(row: Memo) -> Self {
        ViewedMemo {
            id: text(row.id),
            number: row.memo_number,
            date: day(row.memo_date),
            due: day(row.due_date),
            amount: amount(row.total_amount),
            balance: amount(row.balance),
            currency: text(row.currency),
            status: row.status,
        }
    }
}
