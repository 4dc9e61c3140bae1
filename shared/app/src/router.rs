//! The routes of `contract.md` 5, those that this version does not carry included. Pure.

use connector_domain::ids::HubSpotId;
use http::Method;

/// The kinds of records that have a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardObject {
    /// A company.
    Company,
    /// A deal.
    Deal,
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `POST /webhooks/hubspot`.
    HubSpotWebhook,
    /// `POST /webhooks/zuora`.
    ZuoraWebhook,
    /// `GET /cards/{company|deal}/{id}`.
    Card(CardObject, HubSpotId),
    /// `POST /cards/{company|deal}/{id}/sync`.
    CardSync(CardObject, HubSpotId),
    /// `POST /cards/deal/{id}/preview`.
    CardPreview(HubSpotId),
    /// `POST /cards/deal/{id}/confirm`.
    CardConfirm(HubSpotId),
    /// `GET /settings`.
    Settings,
    /// `GET /system-health`.
    SystemHealth,
    /// `POST /system-health/retry`.
    SystemHealthRetry,
    /// `GET /healthz`.
    Health,
    /// Everything else, other methods on known paths included: 404 with a constant body.
    NotFound,
}

/// Finds the route of a request by method and path. The path is compared as it was sent: an encoded letter, a doubled
/// or a trailing slash make it another path. Ids are 1 to 20 digits.
pub fn route(method: &Method, path: &str) -> Route {
    find(method, path).unwrap_or(Route::NotFound)
}

fn find(method: &Method, path: &str) -> Option<Route> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    match (method.as_str(), segments.as_slice()) {
        ("POST", ["webhooks", "hubspot"]) => Some(Route::HubSpotWebhook),
        ("POST", ["webhooks", "zuora"]) => Some(Route::ZuoraWebhook),
        ("GET", ["cards", kind, id]) => Some(Route::Card(card(kind)?, HubSpotId::parse(id).ok()?)),
        ("POST", ["cards", kind, id, "sync"]) => {
            Some(Route::CardSync(card(kind)?, HubSpotId::parse(id).ok()?))
        }
        ("POST", ["cards", "deal", id, "preview"]) => Some(Route::CardPreview(HubSpotId::parse(id).ok()?)),
        ("POST", ["cards", "deal", id, "confirm"]) => Some(Route::CardConfirm(HubSpotId::parse(id).ok()?)),
        ("GET", ["settings"]) => Some(Route::Settings),
        ("GET", ["system-health"]) => Some(Route::SystemHealth),
        ("POST", ["system-health", "retry"]) => Some(Route::SystemHealthRetry),
        ("GET", ["healthz"]) => Some(Route::Health),
        _ => None,
    }
}

fn card(kind: &str) -> Option<CardObject> {
    match kind {
        "company" => Some(CardObject::Company),
        "deal" => Some(CardObject::Deal),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> HubSpotId {
        HubSpotId::parse(text).unwrap()
    }

    fn known() -> Vec<(Method, &'static str, Route)> {
        let (company, deal) = (CardObject::Company, CardObject::Deal);
        vec![
            (Method::POST, "/webhooks/hubspot", Route::HubSpotWebhook),
            (Method::POST, "/webhooks/zuora", Route::ZuoraWebhook),
            (Method::GET, "/cards/company/9001001", Route::Card(company, id("9001001"))),
            (Method::GET, "/cards/deal/7001", Route::Card(deal, id("7001"))),
            (Method::POST, "/cards/company/9001001/sync", Route::CardSync(company, id("9001001"))),
            (Method::POST, "/cards/deal/7001/sync", Route::CardSync(deal, id("7001"))),
            (Method::POST, "/cards/deal/7001/preview", Route::CardPreview(id("7001"))),
            (Method::POST, "/cards/deal/7001/confirm", Route::CardConfirm(id("7001"))),
            (Method::GET, "/settings", Route::Settings),
            (Method::GET, "/system-health", Route::SystemHealth),
            (Method::POST, "/system-health/retry", Route::SystemHealthRetry),
            (Method::GET, "/healthz", Route::Health),
        ]
    }

    #[test]
    fn every_route_of_the_contract_is_found() {
        for (method, path, want) in known() {
            assert_eq!(route(&method, path), want, "{method} {path}");
        }
    }

    #[test]
    fn a_known_path_with_another_method_is_not_found() {
        for (right, path, _) in known() {
            for method in
                [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS]
            {
                if method != right {
                    assert_eq!(route(&method, path), Route::NotFound, "{method} {path}");
                }
            }
        }
    }

    #[test]
    fn odd_paths_are_not_found() {
        for (method, path, _) in known() {
            for odd in [
                format!("{path}/"),
                format!("/{path}"),
                format!("{path}?x=1"),
                format!("{path}%2F"),
                format!("/stage{path}"),
                path.to_ascii_uppercase(),
                path.trim_start_matches('/').to_owned(),
            ] {
                assert_eq!(route(&method, &odd), Route::NotFound, "{method} {odd}");
            }
        }
        for odd in [
            "",
            "/",
            "//",
            "*",
            "/cards",
            "/cards/deal",
            "/cards/deal/",
            "/cards/contact/1",
            "/cards/product/1",
            "/cards/deal/abc",
            "/cards/deal/-1",
            "/cards/deal/1.0",
            "/cards/deal/%31",
            "/cards/deal/ 1",
            "/cards/deal/١",
            "/cards/deal/123456789012345678901",
            "/cards/deal/../company/1",
            "/cards//deal/1",
            "/cards/deal/1/2",
            "/healthz/../settings",
            "/settings/",
            "/HEALTHZ",
            "/healthz\0",
        ] {
            assert_eq!(route(&Method::GET, odd), Route::NotFound, "{odd:?}");
        }
        for odd in ["/cards/company/1/preview", "/cards/company/1/confirm", "/cards/deal/x/sync", "/webhooks"]
        {
            assert_eq!(route(&Method::POST, odd), Route::NotFound, "{odd:?}");
        }
    }
}
