//! Who presses a button: HubSpot's appended query, trusted only after the signature check.

use super::site::Site;
use crate::request::{Request, Response};
use connector_engine::card::build::Rights;
use connector_engine::card::pages::{Refusal, RefusalError};

/// What HubSpot appends to every `hubspot.fetch` (`hubspot.md` 6.5).
pub(super) struct Caller {
    user: Option<String>,
    email: Option<String>,
}

impl Caller {
    /// Reads the signed query; none when it names another portal or app, or no portal at all.
    pub(super) fn read(site: &Site, request: &Request) -> Option<Self> {
        let value = |name: &str| request.query_value(name);
        let portal_fits = value("portalId")? == site.portal.to_string();
        let app_fits = value("appId").is_none_or(|app| app == site.app.to_string());
        (portal_fits && app_fits).then(|| Self { user: value("userId"), email: value("userEmail") })
    }

    /// What the caller may do (D-28): where nobody is named, everyone may sync and preview, and nobody may confirm.
    pub(super) fn rights(&self, site: &Site) -> Rights {
        let named = site.allowed_users.as_ref().map(|users| {
            users.iter().any(|allowed| {
                self.user.as_deref() == Some(allowed.as_str())
                    || self.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(allowed))
            })
        });
        Rights { act: named.unwrap_or(true), confirm: named.unwrap_or(false) }
    }

    /// Who, for the audit trail: an id, never an address.
    pub(super) fn actor(&self) -> Option<String> {
        self.user
            .as_ref()
            .filter(|id| id.bytes().all(|b| b.is_ascii_digit()))
            .map(|id| format!("userId:{id}"))
    }
}

/// An expected failure. A card sees nothing of other statuses for sure, so it is answered 200 (`hubspot.md` 6.5).
pub(super) fn refusal(code: &str, message: &str, correlation: &str) -> Response {
    let error = RefusalError { code: code.to_owned(), message: message.to_owned() };
    Response::json(200, &Refusal { ok: false, error }, correlation)
}
