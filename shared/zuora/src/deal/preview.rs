//! What an order would do, by Zuora's own reckoning: `POST /v1/orders/preview` (`zuora.md` 5.4).
//!
//! A preview writes nothing, so it is judged as a read and carries no idempotency key: whatever goes wrong, nothing
//! has happened, and an answer that is stored for a day would only be out of date.

use super::{Purpose, change, create};
use crate::client::{Call, Tenant};
use crate::config::Config;
use crate::dto::order as wire;
use crate::dto::orders::{PreviewThru, PreviewType};
use crate::dto::preview::{ChargeMetrics, Document, Figures, Item, PreviewAnswer};
use crate::dto::told::Told;
use crate::error::Mode;
use connector_domain::billing::company::DesiredContact;
use connector_domain::ids::ChargeId;
use connector_domain::plan::Action;
use connector_http::Method;
use connector_ports::PortError;
use connector_ports::billing::{PreviewAccount, Previewed, PreviewedCharge, PreviewedInvoice, PreviewedItem};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

const OPERATION: &str = "zuora preview order";

/// Asks Zuora what an order would do. Classes: those of reads, and `Permanent` with Zuora's words where it refuses
/// the order.
pub(crate) async fn preview(
    tenant: &Tenant,
    config: &Config,
    order: &Action,
    account: &PreviewAccount,
    invoices: u8,
) -> Result<Previewed, PortError> {
    let (body, track) = body(config, order, account, invoices)?;
    let Some(body) = body else { return Ok(Previewed::default()) };
    let path = ["v1", "orders", "preview"];
    let mut call = Call::read(OPERATION, Mode::Query, &path, track);
    (call.method, call.body) = (Method::POST, Some(body.as_str()));
    let Some(answer) = tenant.call(&call).await? else {
        return Err(PortError::bug(OPERATION, "a preview cannot be missing"));
    };
    let result = answer.parse::<PreviewAnswer>()?.preview_result;
    let metrics = result.charge_metrics.unwrap_or_default();
    Ok(Previewed {
        charges: metrics.into_iter().flat_map(|s| s.charges.unwrap_or_default()).map(charge).collect(),
        invoices: documents(
            result.invoices.unwrap_or_default(),
            result.credit_memos.unwrap_or_default(),
            invoices,
        ),
    })
}

/// The body and what Zuora's support finds the call by; no body where nothing is left to ask about.
fn body<'a>(
    config: &Config,
    order: &'a Action,
    account: &PreviewAccount,
    invoices: u8,
) -> Result<(Option<String>, &'a str), PortError> {
    let (mut request, track) = match (order, account) {
        (Action::CreateOrder(desired), PreviewAccount::Existing) => {
            (create::request(config, desired, Purpose::Preview)?, desired.order.as_str())
        }
        (Action::CreateOrder(desired), PreviewAccount::Planned { .. }) => {
            (create::request(config, desired, Purpose::PreviewWithoutAccount)?, desired.order.as_str())
        }
        (Action::ChangeOrder(desired), PreviewAccount::Existing) => {
            (change::request(config, desired, Purpose::Preview)?, desired.order.as_str())
        }
        (Action::ChangeOrder(_), PreviewAccount::Planned { .. }) => {
            return Err(PortError::bug(OPERATION, "a subscription that exists has an account"));
        }
        (
            Action::CreateAccount(_)
            | Action::UpdateAccount { .. }
            | Action::CreateContact { .. }
            | Action::CreateProduct(_)
            | Action::UpdateProduct { .. }
            | Action::CreateRatePlan { .. }
            | Action::CreateCharge { .. }
            | Action::ActivateCurrencies { .. }
            | Action::SetPrices { .. }
            | Action::SetTriggerDates { .. },
            _,
        ) => return Err(PortError::bug(OPERATION, "only orders can be previewed")),
    };
    if request.subscriptions.iter().all(|subscription| subscription.order_actions.is_empty()) {
        return Ok((None, track));
    }
    if let PreviewAccount::Planned { currency, bill_cycle_day, sold_to } = account {
        request.preview_account_info = Some(wire::PreviewAccountInfo {
            currency: currency.as_str(),
            bill_cycle_day: *bill_cycle_day,
            sold_to_contact: contact(sold_to),
        });
    }
    let documents = (invoices > 0).then_some(PreviewType::BillingDocs);
    request.preview_options = Some(wire::PreviewOptions {
        preview_thru_type: PreviewThru::NumberOfPeriods,
        preview_number_of_periods: invoices.max(1),
        preview_types: std::iter::once(PreviewType::ChargeMetrics).chain(documents).collect(),
    });
    let body = serde_json::to_string(&request)
        .map_err(|error| PortError::bug(OPERATION, "the body could not be written").caused_by(error))?;
    Ok((Some(body), track))
}

/// Where the goods go, without the person.
fn contact(sold_to: &DesiredContact) -> wire::PreviewContact<'_> {
    wire::PreviewContact {
        address1: &sold_to.address1,
        address2: &sold_to.address2,
        city: &sold_to.city,
        state: &sold_to.state,
        postal_code: &sold_to.zip,
        country: &sold_to.country,
    }
}

fn charge(told: ChargeMetrics) -> PreviewedCharge {
    PreviewedCharge {
        number: told.charge_number.text(),
        charge: told.product_rate_plan_charge_id.text().map(ChargeId),
        mrr: told.cmrr.as_ref().map_or(Decimal::ZERO, net),
        tcv: told.tcv.as_ref().map_or(Decimal::ZERO, net),
    }
}

/// After discount charges, whichever sign theirs has.
fn net(figures: &Figures) -> Decimal {
    amount(&figures.regular) - amount(&figures.discount).abs()
}

fn amount(told: &Told) -> Decimal {
    told.number().unwrap_or_default()
}

/// Invoices and credit memos by date, those of the first so many dates.
fn documents(invoices: Vec<Document>, memos: Vec<Document>, dates: u8) -> Vec<PreviewedInvoice> {
    let invoices = invoices.into_iter().map(|told| document(told, Decimal::ONE));
    // Whether their amounts are negative already is not documented.
    let memos = memos.into_iter().map(|told| {
        let negative =
            told.amount_without_tax.number().or(told.amount.number()).is_some_and(|n| n < Decimal::ZERO);
        document(told, if negative { Decimal::ONE } else { -Decimal::ONE })
    });
    let mut all: Vec<PreviewedInvoice> = invoices.chain(memos).collect();
    // What has no date comes last.
    all.sort_by_key(|document| document.date.unwrap_or(Date::MAX));
    let mut seen = BTreeSet::new();
    all.retain(|document| {
        seen.insert(document.date);
        seen.len() <= usize::from(dates)
    });
    all
}

fn document(told: Document, sign: Decimal) -> PreviewedInvoice {
    let items: Vec<PreviewedItem> =
        told.invoice_items.unwrap_or_default().into_iter().map(|line| item(line, sign)).collect();
    let of_items = |part: fn(&PreviewedItem) -> Decimal| items.iter().map(part).sum::<Decimal>();
    let tax = told.tax_amount.number().map_or_else(|| of_items(|i| i.tax), |tax| tax * sign);
    let with_tax = || told.amount.number().map(|amount| amount * sign - tax);
    let without_tax = told.amount_without_tax.number().map(|amount| amount * sign);
    PreviewedInvoice {
        date: told.target_date.date(),
        amount: without_tax.or_else(with_tax).unwrap_or_else(|| of_items(|i| i.amount)),
        tax,
        items,
    }
}

fn item(told: Item, sign: Decimal) -> PreviewedItem {
    let name = match (told.product_name.text(), told.charge_name.text()) {
        (Some(product), Some(charge)) if product == charge => product,
        (Some(product), Some(charge)) => format!("{product}: {charge}"),
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => String::new(),
    };
    PreviewedItem {
        name,
        charge_number: told.charge_number.text(),
        from: told.service_start_date.date(),
        to: told.service_end_date.date(),
        amount: amount(&told.amount_without_tax) * sign,
        tax: amount(&told.tax_amount) * sign,
    }
}
