//! Owners, account information and currencies.

use serde_json::{Value, json};

use crate::clock::iso;
use crate::http::{Answer, Request};
use crate::state::{OWNER_ID, State};

/// `GET /crm/owners/{version}[/{id}]`.
pub(super) fn owners(_state: &mut State, request: &Request, rest: &[&str]) -> Option<Answer> {
    let email = "ola.nordmann@connector.example";
    let owner = json!({
        "id": OWNER_ID, "email": email, "firstName": "Ola", "lastName": "Nordmann", "userId": 882,
        "userIdIncludingInactive": 882, "type": "PERSON", "archived": false,
        "createdAt": "2025-01-07T09:00:00Z", "updatedAt": "2025-01-07T09:00:00Z",
    });
    match (request.method.as_str(), rest) {
        ("GET", []) => {
            let wanted = request.parameter("email").is_none_or(|asked| asked == email);
            let results: Vec<Value> = if wanted { vec![owner] } else { Vec::new() };
            Some(Answer::ok(json!({"results": results})))
        }
        ("GET", [id]) if *id == OWNER_ID || *id == "882" => Some(Answer::ok(owner)),
        _ => None,
    }
}

/// `GET /account-info/{version}/...`.
pub(super) fn account_info(
    state: &mut State,
    request: &Request,
    rest: &[&str],
    calls_today: usize,
) -> Option<Answer> {
    match (request.method.as_str(), rest) {
        ("GET", ["details"]) => {
            let config = &state.config;
            let offset = jiff::tz::TimeZone::get(&config.time_zone)
                .map(|zone| zone.to_offset(request.now).seconds())
                .unwrap_or_default();
            let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs() / 60);
            Some(Answer::ok(json!({
                "portalId": config.portal_id, "accountType": config.account_type, "timeZone": config.time_zone,
                "companyCurrency": config.home_currency, "additionalCurrencies": config.additional_currencies,
                "utcOffset": format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60),
                "utcOffsetMilliseconds": i64::from(offset) * 1000,
                "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
            })))
        }
        ("GET", ["api-usage", "daily", "private-apps"]) => Some(Answer::ok(json!({"results": [{
            "name": "private-apps-api-calls-daily", "currentUsage": calls_today,
            "usageLimit": state.config.daily_limit.unwrap_or(650_000), "fetchStatus": "SUCCESS",
            "collectedAt": iso(request.now), "resetsAt": iso(request.now),
        }]}))),
        _ => None,
    }
}

/// Scopes that the connector's app is given.
const SCOPES: [&str; 20] = [
    "oauth",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.contacts.read",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.line_items.read",
    "crm.objects.line_items.write",
    "crm.objects.products.read",
    "crm.objects.products.write",
    "crm.objects.owners.read",
    "crm.schemas.companies.read",
    "crm.schemas.companies.write",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
    "crm.schemas.deals.read",
    "crm.schemas.deals.write",
    "crm.schemas.line_items.read",
    "e-commerce",
    "settings.currencies.read",
];

/// `POST /oauth/v2/private-apps/get/access-token-info`: whose token it is and what it may.
pub(super) fn token_info(state: &mut State, request: &Request, rest: &[&str]) -> Option<Answer> {
    if (request.method.as_str(), rest) != ("POST", &["get", "access-token-info"]) {
        return None;
    }
    if request.body["tokenKey"].as_str().is_none_or(str::is_empty) {
        return Some(state.invalid("Invalid input JSON: tokenKey is required"));
    }
    let granted: Vec<&str> = SCOPES
        .into_iter()
        .filter(|scope| !state.switches.missing_scopes.iter().any(|missing| missing == scope))
        .collect();
    let config = &state.config;
    Some(Answer::ok(
        json!({"userId": 882, "hubId": config.portal_id, "appId": config.app_id, "scopes": granted}),
    ))
}

/// `GET /settings/currencies/{version}/...`: every rate is 1 to 1 unless a test needs more.
pub(super) fn currencies(state: &mut State, request: &Request, rest: &[&str]) -> Option<Answer> {
    let config = &state.config;
    let start = "2025-01-07T09:00:00Z";
    match (request.method.as_str(), rest) {
        ("GET", ["company-currency"]) => {
            Some(Answer::ok(json!({"id": config.home_currency, "createdAt": start})))
        }
        ("GET", ["codes"]) => {
            let mut codes = config.currencies();
            codes.extend(["CHF", "SEK", "DKK"].map(str::to_owned));
            let results: Vec<Value> =
                codes.iter().map(|code| json!({"currencyCode": code, "currencyName": code})).collect();
            Some(Answer::ok(json!({"results": results})))
        }
        ("GET", ["exchange-rates"] | ["exchange-rates", "current"]) => {
            let results: Vec<Value> = config
                .additional_currencies
                .iter()
                .enumerate()
                .map(|(at, code)| {
                    json!({
                        "id": (7001 + at).to_string(), "fromCurrencyCode": code,
                        "toCurrencyCode": config.home_currency, "conversionRate": 1, "visibleInUI": true,
                        "effectiveAt": start, "createdAt": start, "updatedAt": start,
                    })
                })
                .collect();
            Some(Answer::ok(json!({"results": results})))
        }
        _ => None,
    }
}
