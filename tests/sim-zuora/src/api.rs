//! From method and path to the business function.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::accounts;
use crate::catalog::{self, Crud};
use crate::catalog_charge;
use crate::errors::{Outcome, Reply, code, not_found, refuse, resource};
use crate::json::{Object, text};
use crate::object_query::{self, Params};
use crate::orders::{self, Paging};
use crate::preview;
use crate::state::Tenant;
use crate::subscription_view::Detail;

/// A call as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// HTTP method, upper case.
    pub(crate) method: String,
    /// Path as sent.
    pub(crate) path: String,
    /// Query as sent, without `?`.
    pub(crate) query: String,
    /// Query, decoded.
    pub(crate) params: Params,
    /// Headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Body as text.
    pub(crate) body: String,
    /// Scheme and host, for links in answers.
    pub(crate) origin: String,
}

impl Request {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// Path and query.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// The body as JSON; null when it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// Whether the call counts as a business write.
    pub(crate) fn is_write(&self) -> bool {
        matches!(self.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE")
            && !self.path.starts_with("/oauth/")
            && !self.path.starts_with("/v1/action/query")
            && !self.path.starts_with("/query/")
            && self.path != "/v1/orders/preview"
    }

    fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    fn crud(&self) -> Crud {
        let version = self.header("x-zuora-wsdl-version");
        Crud {
            reject_unknown: self.param("rejectUnknownFields") == Some("true"),
            wsdl: version.and_then(|v| v.split('.').next()?.trim().parse().ok()).unwrap_or(79),
        }
    }

    fn detail(&self, t: &Tenant) -> Outcome<Detail> {
        Detail::read(t, self.param("charge-detail"), self.param("as-of-date"))
    }

    fn paging(&self, default: usize) -> Outcome<Paging> {
        let number = |name: &str, default: usize| match self.param(name) {
            None => Some(default),
            Some(text) => text.parse::<usize>().ok().filter(|n| *n >= 1),
        };
        match (number("pageSize", default), number("page", 1)) {
            (Some(size), Some(page)) if size <= 40 => {
                Ok(Paging { size, page, address: format!("{}{}", self.origin, self.path) })
            }
            _ => Err(refuse(code(resource::GENERAL, 27), "page or pageSize is out of range.")),
        }
    }
}

/// Decodes a query string.
pub(crate) fn params(query: &str) -> Params {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn body(req: &Request) -> Outcome<Object> {
    if req.body.trim().is_empty() {
        return Ok(Object::new());
    }
    match serde_json::from_str::<Value>(&req.body) {
        Ok(Value::Object(map)) => Ok(map),
        _ => {
            let mut reply = refuse(code(resource::GENERAL, 90), "The request body is not valid JSON.");
            reply.status = 400;
            Err(reply)
        }
    }
}

/// Runs a call on the tenant.
pub(crate) fn dispatch(t: &mut Tenant, req: &Request) -> Reply {
    match route(t, req) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn route(t: &mut Tenant, req: &Request) -> Outcome {
    let decoded: Vec<String> = req
        .path
        .trim_matches('/')
        .split('/')
        .map(|s| percent_decode_str(s).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = decoded.iter().map(String::as_str).collect();
    let crud = req.crud();
    match (req.method.as_str(), segments.as_slice()) {
        ("POST", ["v1", "accounts"]) => accounts::create(t, &body(req)?),
        ("GET", ["v1", "accounts", key]) => accounts::get(t, key),
        ("GET", ["v1", "accounts", key, "summary"]) => accounts::summary(t, key),
        ("PUT", ["v1", "accounts", key]) => accounts::update(t, key, &body(req)?),
        ("POST", ["v1", "contacts"]) => accounts::create_contact(t, &body(req)?),
        ("GET", ["v1", "contacts", id]) => accounts::get_contact(t, id),
        ("PUT", ["v1", "contacts", id]) => accounts::update_contact(t, id, &body(req)?),
        ("DELETE", ["v1", "contacts", id]) => accounts::delete_contact(t, id),
        ("POST", ["v1", "object", "product"]) => catalog::create_product(t, &body(req)?, crud),
        ("PUT", ["v1", "object", "product", id]) => catalog::update_product(t, id, &body(req)?, crud),
        ("POST", ["v1", "object", "product-rate-plan"]) => catalog::create_plan(t, &body(req)?, crud),
        ("PUT", ["v1", "object", "product-rate-plan", id]) => catalog::update_plan(t, id, &body(req)?, crud),
        ("POST", ["v1", "object", "product-rate-plan-charge"]) => {
            catalog_charge::create_charge(t, &body(req)?, crud)
        }
        ("PUT", ["v1", "object", "product-rate-plan-charge", id]) => {
            catalog_charge::update_charge(t, id, &body(req)?, crud)
        }
        ("PUT", ["v1", "object", "product-rate-plan-charge-tier", id]) => {
            catalog_charge::update_tier(t, id, &body(req)?, crud)
        }
        (
            "GET",
            [
                "v1",
                "object",
                kind @ ("product"
                | "product-rate-plan"
                | "product-rate-plan-charge"
                | "product-rate-plan-charge-tier"),
                id,
            ],
        ) => catalog::get_object(t, kind, id),
        (
            "DELETE",
            ["v1", "object", kind @ ("product" | "product-rate-plan" | "product-rate-plan-charge"), id],
        ) => catalog::delete_object(t, kind, id),
        ("GET", ["v1", "product-rate-plans", "external-id", external]) => {
            catalog::plans_by_external_id(t, external)
        }
        ("GET", ["v1", "product-rate-plans", id]) => catalog::get_plan(t, id),
        _ => route_orders(t, req, &segments),
    }
}

fn route_orders(t: &mut Tenant, req: &Request, segments: &[&str]) -> Outcome {
    match (req.method.as_str(), segments) {
        ("POST", ["v1", "orders"]) => {
            orders::create_order(t, &body(req)?, req.param("returnIds") == Some("true"))
        }
        ("POST", ["v1", "orders", "preview"]) => preview::preview(t, &body(req)?),
        ("POST", ["v1", "async", "orders"]) => orders::create_async(t, &body(req)?),
        ("GET", ["v1", "async-jobs", id]) => orders::job(t, id),
        ("GET", ["v1", "orders"]) => {
            let status = req.param("status");
            orders::list(t, |o| status.is_none_or(|s| o.status == s), &req.paging(10)?)
        }
        ("GET", ["v1", "orders", "subscriptionOwner" | "invoiceOwner", key]) => {
            let account = t.account(key).map(|a| a.id.clone()).ok_or_else(|| not_found("account", key))?;
            orders::list(t, |o| o.account_id == account, &req.paging(10)?)
        }
        ("GET", ["v1", "orders", "subscription", number]) => {
            let has = |o: &crate::state::Order| o.subscriptions.iter().any(|s| s.number == *number);
            orders::list(t, has, &req.paging(10)?)
        }
        ("GET", ["v1", "orders", key]) => orders::get(t, key),
        ("PUT", ["v1", "orders", key, "triggerDates"]) => crate::trigger_dates::put(t, key, &body(req)?),
        ("PUT", ["v1", "orders", key, "customFields"]) => orders::put_custom(t, key, &body(req)?),
        ("GET", ["v1", "subscriptions", "accounts", key]) => {
            orders::subscriptions_of(t, key, &req.paging(20)?, req.detail(t)?)
        }
        ("GET", ["v1", "subscriptions", key]) => orders::get_subscription(t, key, req.detail(t)?),
        ("PUT", ["v1", "subscriptions", key, "customFields"]) => {
            orders::put_subscription_custom(t, key, &body(req)?)
        }
        ("POST", ["v1", "action", "query"]) => object_query::zoql(t, &body(req)?),
        ("GET", ["object-query", name]) => object_query::list(t, name, &req.params),
        ("GET", ["object-query", name, key]) => object_query::get(t, name, key, &req.params),
        _ => {
            let message = format!("{} {} is not simulated.", req.method, req.path);
            Err(Reply::new(404, refuse(code(resource::GENERAL, 45), message).body))
        }
    }
}

/// A definite refusal in the shape of the called endpoint.
pub(crate) fn refusal_for(path: &str, number: u32, message: &str) -> Reply {
    if path.starts_with("/v1/object/") || path.starts_with("/v1/action/") {
        let symbol = match number % 100 {
            50 => "LOCK_COMPETITION",
            22 => "MISSING_REQUIRED_VALUE",
            21 => "INVALID_FIELD",
            _ => "INVALID_VALUE",
        };
        return crate::errors::crud_refuse(symbol, message);
    }
    if path.starts_with("/object-query/") {
        return crate::errors::query_error(400, number, message);
    }
    refuse(number, message)
}

/// The resource number of an endpoint's codes.
pub(crate) fn resource_of(path: &str) -> u32 {
    if path.starts_with("/v1/accounts") {
        resource::ACCOUNT
    } else if path.starts_with("/v1/contacts") {
        resource::CONTACT
    } else if path.starts_with("/v1/orders") {
        resource::ORDER
    } else if path.starts_with("/v1/subscriptions") {
        resource::SUBSCRIPTION
    } else {
        resource::GENERAL
    }
}

/// The values of a form body.
pub(crate) fn form(body: &str) -> Object {
    params(body).into_iter().map(|(k, v)| (k, Value::String(v))).collect()
}

/// The text of a form field.
pub(crate) fn form_text<'a>(form: &'a Object, key: &str) -> &'a str {
    text(form, key).unwrap_or_default()
}
