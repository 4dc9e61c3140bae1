//! The second step of a write: frozen bytes go out, ids and numbers come back.

use crate::client::{Answer, Call, Tenant};
use crate::dto::account::{AccountCreated, ContactCreated};
use crate::dto::catalog::Saved;
use crate::dto::order::OrderCreated;
use crate::error::Mode;
use crate::query::said;
use connector_domain::state::{Effect, Intent};
use connector_http::Method;
use connector_ports::PortError;
use connector_ports::billing::{Rendered, Written};
use serde::Serialize;

/// A body that is ready to be frozen.
pub(crate) fn rendered(
    operation: &'static str,
    effect: Effect,
    number: impl Into<String>,
    target: Option<&str>,
    body: &impl Serialize,
) -> Result<Rendered, PortError> {
    let body = serde_json::to_string(body)
        .map_err(|error| PortError::bug(operation, "the body could not be written").caused_by(error))?;
    Ok(Rendered { effect, number: number.into(), target: target.map(str::to_owned), body })
}

fn operation(effect: Effect) -> &'static str {
    match effect {
        Effect::CreateAccount => "zuora create account",
        Effect::UpdateAccount => "zuora update account",
        Effect::CreateContact => "zuora create contact",
        Effect::CreateProduct => "zuora create product",
        Effect::UpdateProduct => "zuora update product",
        Effect::CreateRatePlan => "zuora create rate plan",
        Effect::CreateCharge => "zuora create charge",
        Effect::ActivateCurrencies => "zuora activate currencies",
        Effect::SetPrices => "zuora set prices",
        Effect::CreateOrder => "zuora create order",
    }
}

fn path(effect: Effect) -> &'static [&'static str] {
    match effect {
        Effect::CreateAccount | Effect::UpdateAccount => &["v1", "accounts"],
        Effect::CreateContact => &["v1", "contacts"],
        Effect::CreateProduct | Effect::UpdateProduct => &["v1", "object", "product"],
        Effect::CreateRatePlan | Effect::ActivateCurrencies => &["v1", "object", "product-rate-plan"],
        Effect::CreateCharge | Effect::SetPrices => &["v1", "object", "product-rate-plan-charge"],
        Effect::CreateOrder => &["v1", "orders"],
    }
}

/// Sends the body of an intent. Classes: all; `Unknown` whenever it may have been done.
pub(crate) async fn send(
    tenant: &Tenant,
    intent: &Intent,
    idempotency_key: &str,
) -> Result<Written, PortError> {
    let operation = operation(intent.effect);
    let mut path = path(intent.effect).to_vec();
    let creation = intent.effect.is_creation();
    if !creation {
        let target = intent.target.as_deref().filter(|target| !target.is_empty());
        path.push(target.ok_or_else(|| PortError::bug(operation, "the intent names no target"))?);
    }
    let call = Call {
        operation,
        mode: Mode::Write,
        method: if creation { Method::POST } else { Method::PUT },
        path: &path,
        query: &[],
        body: Some(&intent.body),
        idempotency_key: creation.then_some(idempotency_key),
        track: &intent.number,
    };
    let Some(answer) = tenant.call(&call).await? else {
        return Err(PortError::bug(operation, "a write cannot be missing"));
    };
    written(intent, &answer)
}

fn written(intent: &Intent, answer: &Answer) -> Result<Written, PortError> {
    match intent.effect {
        Effect::CreateAccount => account(answer),
        Effect::CreateContact => {
            let id = said(answer.parse::<ContactCreated>()?.id);
            Ok(Written { id: Some(id.ok_or_else(|| answer.lacks("no id"))?), ..Written::default() })
        }
        Effect::CreateProduct | Effect::CreateRatePlan | Effect::CreateCharge => {
            let id = said(answer.parse::<Saved>()?.id).ok_or_else(|| answer.lacks("no id"))?;
            Ok(Written { id: Some(id), number: Some(intent.number.clone()), ..Written::default() })
        }
        Effect::CreateOrder => order(intent, answer),
        Effect::UpdateAccount | Effect::UpdateProduct | Effect::ActivateCurrencies | Effect::SetPrices => {
            // Nothing is needed from the answer, but a cut one is no proof.
            if !answer.is_empty() {
                answer.parse::<serde::de::IgnoredAny>()?;
            }
            Ok(Written { id: intent.target.clone(), ..Written::default() })
        }
    }
}

fn account(answer: &Answer) -> Result<Written, PortError> {
    let created: AccountCreated = answer.parse()?;
    let id = said(created.account_id).ok_or_else(|| answer.lacks("no account id"))?;
    let number = said(created.account_number).ok_or_else(|| answer.lacks("no account number"))?;
    Ok(Written {
        id: Some(id),
        number: Some(number),
        bill_to: said(created.bill_to_contact_id),
        sold_to: said(created.sold_to_contact_id),
        status: None,
    })
}

fn order(intent: &Intent, answer: &Answer) -> Result<Written, PortError> {
    let created: OrderCreated = answer.parse()?;
    let number = said(created.order_number).ok_or_else(|| answer.lacks("no order number"))?;
    if number != intent.number {
        return Err(answer.lacks("the number of another order"));
    }
    let subscription =
        created.subscriptions.unwrap_or_default().into_iter().next().and_then(|s| said(s.status));
    // An order that is not carried out says more than its subscription.
    let unusual = said(created.status)
        .filter(|status| !matches!(status.as_str(), "Completed" | "Pending" | "Executing" | "Scheduled"));
    Ok(Written {
        id: said(created.order_id),
        number: Some(number),
        status: unusual.or(subscription),
        ..Written::default()
    })
}
