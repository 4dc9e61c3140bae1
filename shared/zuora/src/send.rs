//! The second step of a write: frozen bytes go out, ids and numbers come back.
//!
//! Two writes are exceptions: a plan's currencies are a list that Zuora replaces as a whole, so the frozen body
//! says what is to be added, and the list is made from what the plan has at that moment. And a one-time charge that
//! is refused for the lack of a billing period is sent once more with one.

use crate::client::{Answer, Call, Tenant};
use crate::dto::account::{AccountCreated, ContactCreated};
use crate::dto::catalog::{ActiveCurrencies, PlanCurrencies, Saved};
use crate::dto::order::OrderCreated;
use crate::error::Mode;
use crate::query::said;
use connector_domain::fault::FaultClass;
use connector_domain::state::{Effect, Intent};
use connector_http::Method;
use connector_ports::PortError;
use connector_ports::billing::{Rendered, Written};
use serde::Serialize;
use serde_json::Value;

/// An update of a plan may switch at most so many currencies on or off (SDK `UpdateProductRatePlanRequest`).
const CURRENCY_CHANGES: usize = 4;

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
        Effect::SetTriggerDates => "zuora set trigger dates",
    }
}

fn path(effect: Effect) -> &'static [&'static str] {
    match effect {
        Effect::CreateAccount | Effect::UpdateAccount => &["v1", "accounts"],
        Effect::CreateContact => &["v1", "contacts"],
        Effect::CreateProduct | Effect::UpdateProduct => &["v1", "object", "product"],
        Effect::CreateRatePlan | Effect::ActivateCurrencies => &["v1", "object", "product-rate-plan"],
        Effect::CreateCharge | Effect::SetPrices => &["v1", "object", "product-rate-plan-charge"],
        Effect::CreateOrder | Effect::SetTriggerDates => &["v1", "orders"],
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
    if intent.effect == Effect::SetTriggerDates {
        path.push("triggerDates");
    }
    if intent.effect == Effect::ActivateCurrencies {
        return activate(tenant, operation, &path, intent).await;
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
    let answer = match tenant.call(&call).await {
        Err(error) if wants_period(&error) => match with_period(intent) {
            Some(body) => {
                // Another body needs another key; both are the same whenever the intent is sent again.
                let key = format!("{idempotency_key}-p");
                let call = Call { body: Some(&body), idempotency_key: creation.then_some(&key), ..call };
                tenant.call(&call).await?
            }
            None => return Err(error),
        },
        answer => answer?,
    };
    let Some(answer) = answer else {
        return Err(PortError::bug(operation, "a write cannot be missing"));
    };
    written(intent, &answer)
}

/// Refused for the lack of a billing period: nothing was done.
fn wants_period(error: &PortError) -> bool {
    error.class == FaultClass::Permanent
        && error.code.as_deref() == Some("MISSING_REQUIRED_VALUE")
        && error.message.replace([' ', '_'], "").to_ascii_lowercase().contains("billingperiod")
}

/// The body of a one-time charge, which has no period, with one that means nothing: tenants differ in whether they
/// want it (`zuora.md` 4).
fn with_period(intent: &Intent) -> Option<String> {
    let charge = matches!(intent.effect, Effect::CreateCharge | Effect::SetPrices);
    let rest =
        intent.body.strip_prefix('{').filter(|_| charge && !intent.body.contains(r#""BillingPeriod":"#))?;
    Some(format!(r#"{{"BillingPeriod":"Month",{rest}"#))
}

/// Adds currencies to those of a plan, a few at a time. Repeating it changes nothing.
async fn activate(
    tenant: &Tenant,
    operation: &'static str,
    path: &[&str],
    intent: &Intent,
) -> Result<Written, PortError> {
    let wanted: ActiveCurrencies = serde_json::from_str(&intent.body)
        .map_err(|error| PortError::bug(operation, "the intent names no currencies").caused_by(error))?;
    let fields = [("fields", "ActiveCurrencies".to_owned())];
    let mut read = Call::read(operation, Mode::Query, path, &intent.number);
    read.query = &fields;
    let told = match tenant.call(&read).await? {
        Some(answer) => answer.parse::<PlanCurrencies>()?.active_currencies,
        None => None,
    };
    // A list without what is active already would switch that off. Where Zuora does not tell, the body names all
    // that the connector knows of, and a plan of ours has no others unless finance added them.
    let Some(mut active) = told.as_ref().and_then(codes) else {
        let mut write = Call::read(operation, Mode::Write, path, &intent.number);
        (write.method, write.body) = (Method::PUT, Some(intent.body.as_str()));
        if let Some(answer) = tenant.call(&write).await? {
            written(intent, &answer)?;
        }
        return Ok(Written { id: intent.target.clone(), ..Written::default() });
    };
    let missing: Vec<String> =
        wanted.active_currencies.into_iter().filter(|currency| !active.contains(currency)).collect();
    for some in missing.chunks(CURRENCY_CHANGES) {
        active.extend_from_slice(some);
        let list = ActiveCurrencies { active_currencies: active };
        let body = serde_json::to_string(&list)
            .map_err(|error| PortError::bug(operation, "the body could not be written").caused_by(error))?;
        active = list.active_currencies;
        let mut write = Call::read(operation, Mode::Write, path, &intent.number);
        (write.method, write.body) = (Method::PUT, Some(body.as_str()));
        if let Some(answer) = tenant.call(&write).await? {
            written(intent, &answer)?;
        }
    }
    Ok(Written { id: intent.target.clone(), ..Written::default() })
}

fn codes(told: &Value) -> Option<Vec<String>> {
    let texts: Vec<&str> = match told {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        Value::String(text) => text.split(',').collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let codes: Vec<String> =
        texts.into_iter().map(|code| code.trim().to_owned()).filter(|code| !code.is_empty()).collect();
    (!codes.is_empty()).then_some(codes)
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
        Effect::CreateOrder | Effect::SetTriggerDates => order(intent, answer),
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
