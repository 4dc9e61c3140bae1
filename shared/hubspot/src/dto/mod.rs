//! HubSpot's JSON as it is on the wire (API version 2026-09, `hubspot.md` 4, read 2026-11-22).
//!
//! Nothing here leaves the crate, holds a rule, or has a `Debug` form that shows a record's values. Fields that
//! are not needed are not named; fields that HubSpot may leave out are optional. What must be there for an answer
//! to mean anything (`results` of a batch) is not optional, so that an empty `{}` is never taken for absence.

pub(crate) mod account;
pub(crate) mod association;
pub(crate) mod error;
pub(crate) mod pipeline;
pub(crate) mod record;

use connector_domain::ids::HubSpotId;
use error::ErrorBody;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The body of a batch answer, 200 or 207.
#[derive(Deserialize)]
pub(crate) struct BatchAnswer<T> {
    /// `COMPLETE`, or a state in which results may still come.
    pub(crate) status: Option<String>,
    pub(crate) results: Vec<T>,
    pub(crate) errors: Option<Vec<ErrorBody>>,
}

impl<T> BatchAnswer<T> {
    /// Whether HubSpot says that it has finished.
    pub(crate) fn is_complete(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status == "COMPLETE")
    }

    pub(crate) fn errors(&self) -> &[ErrorBody] {
        self.errors.as_deref().unwrap_or_default()
    }
}

/// `paging`; the link in it is never followed, because it could lead anywhere.
#[derive(Deserialize)]
pub(crate) struct Paging {
    pub(crate) next: Option<NextPage>,
}

/// `paging.next`.
#[derive(Deserialize)]
pub(crate) struct NextPage {
    #[serde(deserialize_with = "text")]
    pub(crate) after: String,
}

/// The cursor of the next page.
pub(crate) fn next_page(paging: Option<&Paging>) -> Option<&str> {
    paging?.next.as_ref().map(|next| next.after.as_str())
}

/// A number or a text as text.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(D::Error::custom("neither a number nor a text"))
        }
    }
}

/// A record id: a text in version 2026-09, a number in older ones.
pub(crate) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<HubSpotId, D::Error> {
    HubSpotId::parse(&text(from)?).map_err(|_| D::Error::custom("not a record id"))
}
