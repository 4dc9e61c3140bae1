//! The registry of all id newtypes, HubSpot's and Zuora's. No bare string id crosses a function border.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A text that is not a usable id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {what}")]
pub struct IdError {
    /// What was expected, in words.
    pub what: &'static str,
    /// The refused text, cut to 40 characters.
    pub text: String,
}

fn refuse(what: &'static str, text: &str) -> IdError {
    IdError { what, text: text.chars().take(40).collect() }
}

/// A HubSpot record id: 1 to 20 decimal digits, kept as text because it exceeds 32 bits (`hubspot.md` trap 5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HubSpotId(String);

impl HubSpotId {
    /// Accepts 1 to 20 decimal digits, nothing else.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let ok = (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if ok { Ok(Self(text.to_owned())) } else { Err(refuse("HubSpot record id", text)) }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HubSpotId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<HubSpotId> for String {
    fn from(id: HubSpotId) -> Self {
        id.0
    }
}

impl fmt::Display for HubSpotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A HubSpot account ("portal").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PortalId(pub u64);

impl fmt::Display for PortalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A HubSpot app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppId(pub u64);

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! zuora_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )+};
}

zuora_ids! {
    /// Zuora's 32-hex id of an account.
    AccountId,
    /// The number of an account, ours (`HS-<portal>-<company>`) or the tenant's.
    AccountNumber,
    /// Zuora's id of a contact.
    ZuoraContactId,
    /// Zuora's id of a product.
    ZuoraProductId,
    /// Zuora's id of a product rate plan.
    RatePlanId,
    /// Zuora's id of a product rate plan charge.
    ChargeId,
    /// The number of a subscription; stays the same over its versions.
    SubscriptionNumber,
    /// The number of an order.
    OrderNumber,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hubspot_id_is_digits_only() {
        assert!(HubSpotId::parse("9001001").is_ok());
        for bad in ["", "12a", "-1", "123456789012345678901", " 1", "1/../2"] {
            assert!(HubSpotId::parse(bad).is_err(), "{bad:?} was accepted");
        }
    }
}
