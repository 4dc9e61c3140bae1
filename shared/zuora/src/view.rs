//! Accounts as people look at them: one expanded read with most lists, and sorted pages of single lists
//! (`zuora.md` 6).
//!
//! Expanded lists are cut at the page size without a mark, and their order is not promised, so a list that came
//! back full says so ([`Listed::more`]) and is asked for by itself.
//!
//! Not here: which account a record may see, time limits, what is remembered of an answer (`app`).

mod rows;

use crate::Zuora;
use crate::client::{Call, Tenant};
use crate::error::Mode;
use async_trait::async_trait;
use connector_domain::ids::{AccountId, AccountNumber, HubSpotId, SubscriptionNumber};
use connector_ports::PortError;
use connector_ports::account_view::{
    AccountList, AccountView, Along, Listed, Overview, Rows, ViewedSubscription, WINDOW, Window,
};
use rows::{Account, Invoice, Memo, Order, Payment, Subscription, all};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What a card shows, so that answers stay small (`zuora.md` 6.3); rate plans come whole.
const FIELDS: [(&str, &str); 6] = [
    ("account.fields[]", "id,accountnumber,name,status,currency,balance,mrr,paymentterm,autopay,billtoid"),
    (
        "subscription.fields[]",
        "id,name,status,termtype,currentterm,currenttermperiodtype,islatestversion,subscriptionstartdate,\
         contracteffectivedate,termenddate,autorenew,cmrr,currency",
    ),
    ("invoice.fields[]", "id,invoicenumber,status,amount,balance,currency,invoicedate,duedate"),
    ("payment.fields[]", "id,paymentnumber,status,type,amount,unappliedamount,currency,effectivedate"),
    ("creditmemo.fields[]", "id,memonumber,memodate,status,totalamount,balance,currency"),
    ("debitmemo.fields[]", "id,memonumber,memodate,duedate,status,totalamount,balance,currency"),
];

/// What hangs on an account. Orders cannot be expanded from one (`zuora.md` 6.1).
const EXPANDS: [&str; 8] = [
    "billto",
    "subscriptions",
    "subscriptions.rateplans",
    "subscriptions.rateplans.rateplancharges",
    "invoices",
    "payments",
    "creditmemos",
    "debitmemos",
];
const OF_SUBSCRIPTIONS: [&str; 2] = ["rateplans", "rateplans.rateplancharges"];

/// Where a list is asked for: object, field to sort by, and its place in [`FIELDS`] (past the end: all fields).
struct Place {
    operation: &'static str,
    object: &'static str,
    newest: &'static str,
    fields: usize,
}

fn place(list: AccountList) -> Place {
    let (operation, object, newest, fields) = match list {
        AccountList::Subscriptions => {
            ("zuora view subscriptions", "subscriptions", "contracteffectivedate", 1)
        }
        AccountList::Orders => ("zuora view orders", "orders", "orderdate", FIELDS.len()),
        AccountList::Invoices => ("zuora view invoices", "invoices", "invoicedate", 2),
        AccountList::Payments => ("zuora view payments", "payments", "effectivedate", 3),
        AccountList::CreditMemos => ("zuora view credit memos", "credit-memos", "memodate", 4),
        AccountList::DebitMemos => ("zuora view debit memos", "debit-memos", "memodate", 5),
    };
    Place { operation, object, newest, fields }
}

/// The tenant does not have such a list: no right to it, or no such thing (`zuora.md` trap 13).
fn is_absent(error: &PortError) -> bool {
    matches!(error.status, Some(403 | 404)) || error.code.as_deref().is_some_and(|code| code.ends_with("10"))
}

/// A parameter was refused: most likely the expand of something that the tenant does not have.
fn is_refused(error: &PortError) -> bool {
    error.status == Some(400) || is_absent(error)
}

#[async_trait]
impl AccountView for Zuora {
    async fn overview(&self, key: &str, along: Along) -> Result<Option<Overview>, PortError> {
        match self.account_with(key, along).await {
            Err(error) if along == Along::Lists && is_refused(&error) => {
                self.account_with(key, Along::WithoutMemos).await
            }
            answer => answer,
        }
    }

    async fn list(
        &self,
        account: &AccountId,
        list: AccountList,
        from: Option<&str>,
    ) -> Result<Option<Window>, PortError> {
        let tenant = &self.tenant;
        let answer = match list {
            AccountList::Subscriptions => {
                window::<Subscription, _>(tenant, account, list, from, Rows::Subscriptions).await
            }
            AccountList::Orders => window::<Order, _>(tenant, account, list, from, Rows::Orders).await,
            AccountList::Invoices => window::<Invoice, _>(tenant, account, list, from, Rows::Invoices).await,
            AccountList::Payments => window::<Payment, _>(tenant, account, list, from, Rows::Payments).await,
            AccountList::CreditMemos => {
                window::<Memo, _>(tenant, account, list, from, Rows::CreditMemos).await
            }
            AccountList::DebitMemos => window::<Memo, _>(tenant, account, list, from, Rows::DebitMemos).await,
        };
        let is_memo = matches!(list, AccountList::CreditMemos | AccountList::DebitMemos);
        match answer {
            Ok(window) => Ok(Some(window)),
            Err(error) if is_memo && is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn subscription_of(
        &self,
        account: &AccountId,
        number: &SubscriptionNumber,
    ) -> Result<Option<ViewedSubscription>, PortError> {
        let mut asked = Asked::of(AccountList::Subscriptions, account);
        asked.filter("name", number.as_str());
        let (rows, _) = asked.page::<Subscription>(&self.tenant, None).await?;
        Ok(all(rows).into_iter().next())
    }

    async fn accounts_of(&self, company: &HubSpotId) -> Result<Vec<(AccountId, AccountNumber)>, PortError> {
        let mut asked = Asked::new("zuora view accounts of a company", "accounts", WINDOW, company.as_str());
        asked.filter("crmid", company.as_str());
        let (rows, _) = asked.page::<Account>(&self.tenant, None).await?;
        Ok(rows.into_iter().map(|row| (AccountId(row.id), AccountNumber(row.account_number))).collect())
    }

    async fn ping(&self) -> Result<(), PortError> {
        let asked = Asked::new("zuora connection test", "accounts", 1, "connection-test");
        asked.page::<Nothing>(&self.tenant, None).await.map(|_| ())
    }
}

#[derive(Deserialize)]
struct Nothing {}

impl Zuora {
    async fn account_with(&self, key: &str, along: Along) -> Result<Option<Overview>, PortError> {
        let mut parameters = vec![("pageSize", WINDOW.to_string())];
        let expands = EXPANDS.iter().filter(|name| match along {
            Along::Lists => true,
            Along::WithoutMemos => !name.ends_with("memos"),
            Along::Nothing => **name == "billto",
        });
        parameters.extend(expands.map(|name| ("expand[]", (*name).to_owned())));
        let fields = FIELDS.iter().filter(|(name, _)| match along {
            Along::Lists => true,
            Along::WithoutMemos => !name.contains("memo"),
            Along::Nothing => name.starts_with("account"),
        });
        parameters.extend(fields.map(|(name, list)| (*name, (*list).to_owned())));
        let path = ["object-query", "accounts", key];
        let mut call = Call::read("zuora view account", Mode::KeyedRead, &path, key);
        call.query = &parameters;
        let Some(answer) = self.tenant.call(&call).await? else { return Ok(None) };
        let account: Account = answer.parse()?;
        Ok(Some(account.into()))
    }
}

/// A list to be asked for.
struct Asked<'a> {
    operation: &'static str,
    object: &'static str,
    track: &'a str,
    parameters: Vec<(&'static str, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    data: Vec<T>,
    /// An opaque mark; sent back as a parameter, never followed as an address.
    next_page: Option<String>,
}

impl<'a> Asked<'a> {
    fn new(operation: &'static str, object: &'static str, size: usize, track: &'a str) -> Self {
        Self { operation, object, track, parameters: vec![("pageSize", size.to_string())] }
    }

    /// The rows of an account, newest first.
    fn of(list: AccountList, account: &'a AccountId) -> Self {
        let Place { operation, object, newest, fields } = place(list);
        let mut asked = Self::new(operation, object, WINDOW, account.as_str());
        asked.filter("accountid", account.as_str());
        if list == AccountList::Subscriptions {
            // Each change makes a new version (`zuora.md` trap 6).
            asked.filter("islatestversion", "true");
            asked.parameters.extend(OF_SUBSCRIPTIONS.map(|name| ("expand[]", name.to_owned())));
        }
        asked.parameters.extend(FIELDS.get(fields).map(|(name, list)| (*name, (*list).to_owned())));
        asked.parameters.push(("sort[]", format!("{newest}.DESC")));
        asked
    }

    fn filter(&mut self, field: &str, value: &str) {
        self.parameters.push(("filter[]", format!("{field}.EQ:{value}")));
    }

    /// One page and the mark of the next.
    async fn page<T: DeserializeOwned>(
        mut self,
        tenant: &Tenant,
        cursor: Option<&str>,
    ) -> Result<(Vec<T>, Option<String>), PortError> {
        self.parameters.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
        let path = ["object-query", self.object];
        let mut call = Call::read(self.operation, Mode::Query, &path, self.track);
        call.query = &self.parameters;
        let Some(answer) = tenant.call(&call).await? else {
            return Err(PortError::bug(self.operation, "a list cannot be missing"));
        };
        let page: Page<T> = answer.parse()?;
        Ok((page.data, page.next_page.filter(|next| !next.is_empty())))
    }
}

async fn window<T, V>(
    tenant: &Tenant,
    account: &AccountId,
    list: AccountList,
    from: Option<&str>,
    of: impl FnOnce(Vec<V>) -> Rows,
) -> Result<Window, PortError>
where
    T: DeserializeOwned + Into<V>,
{
    let (rows, next) = Asked::of(list, account).page::<T>(tenant, from).await?;
    Ok(Window { rows: of(all(rows)), next })
}

/// An expanded list: full means that there may be more.
fn listed<T, V>(rows: Vec<T>) -> Listed<V>
where
    T: Into<V>,
{
    Listed { more: rows.len() >= WINDOW, rows: all(rows) }
}

#[cfg(test)]
mod tests;
