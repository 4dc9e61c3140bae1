//! Credentials of one installation from Secrets Manager, in the shape that the rest of the program knows.
//!
//! [`connector_aws::Secrets`] caches and limits how often a read can be forced; this only picks values and says
//! which are missing, all at once. Spaces around a value count for nothing, as on a single machine.

use async_trait::async_trait;
use connector_app::config::Secrets;
use connector_app::vendors::SecretSource;
use connector_aws::Credentials;
use connector_aws::secrets::key;
use connector_domain::fault::FaultClass;
use connector_ports::PortError;
use connector_ports::clock::Clock;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;

/// The secret of one installation.
pub struct Vault {
    secrets: connector_aws::Secrets,
    clock: Arc<dyn Clock>,
}

impl Vault {
    /// A vault over a secret. No call is made.
    pub fn new(secrets: connector_aws::Secrets, clock: Arc<dyn Clock>) -> Self {
        Self { secrets, clock }
    }

    /// The credentials as they are stored; with `refresh`, read again if that was not done a moment ago.
    pub async fn read(&self, refresh: bool) -> Result<Arc<Credentials>, PortError> {
        let now = self.clock.now();
        if refresh { self.secrets.refresh(now).await } else { self.secrets.current(now).await }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("secrets", &self.secrets).finish_non_exhaustive()
    }
}

#[async_trait]
impl SecretSource for Vault {
    async fn get(&self, refresh: bool) -> Result<Secrets, PortError> {
        let credentials = self.read(refresh).await?;
        all(&credentials)
    }
}

fn value(credentials: &Credentials, key: &str) -> Option<SecretString> {
    let text = credentials.optional(key)?.expose_secret().trim();
    (!text.is_empty()).then(|| SecretString::from(text))
}

fn missing(keys: &[&str]) -> PortError {
    let words = format!("the secret has no value for {}", keys.join(", "));
    PortError::new("secrets manager read", FaultClass::Denied, words)
}

/// The secrets that requests are signed with: the present one, then the one before it if it is still accepted.
pub(crate) fn client_secrets(credentials: &Credentials) -> Result<Vec<SecretString>, PortError> {
    let present = value(credentials, key::HUBSPOT_CLIENT_SECRET)
        .ok_or_else(|| missing(&[key::HUBSPOT_CLIENT_SECRET]))?;
    Ok(std::iter::once(present).chain(value(credentials, key::HUBSPOT_CLIENT_SECRET_PREVIOUS)).collect())
}

fn all(credentials: &Credentials) -> Result<Secrets, PortError> {
    let mut absent = Vec::new();
    let mut take = |key: &'static str| {
        let found = value(credentials, key);
        if found.is_none() {
            absent.push(key);
        }
        found
    };
    let token = take(key::HUBSPOT_ACCESS_TOKEN);
    let signing = take(key::HUBSPOT_CLIENT_SECRET);
    let id = take(key::ZUORA_CLIENT_ID);
    let secret = take(key::ZUORA_CLIENT_SECRET);
    let (Some(hubspot_access_token), Some(_), Some(zuora_client_id), Some(zuora_client_secret)) =
        (token, signing, id, secret)
    else {
        return Err(missing(&absent));
    };
    Ok(Secrets {
        hubspot_access_token,
        hubspot_client_secrets: client_secrets(credentials)?,
        zuora_client_id,
        zuora_client_secret,
        zuora_callout_secret: value(credentials, key::ZUORA_CALLOUT_SECRET),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(json: &str) -> Credentials {
        Credentials::parse(json).unwrap()
    }

    #[test]
    fn all_missing_values_are_named_at_once() {
        let error =
            all(&credentials(r#"{"hubspot_access_token": "canary", "zuora_client_id": " "}"#)).unwrap_err();
        let words = error.to_string();
        for name in ["hubspot_client_secret", "zuora_client_id", "zuora_client_secret"] {
            assert!(words.contains(name), "{words}");
        }
        assert!(!words.contains("canary") && !words.contains("callout"), "{words}");
    }

    #[test]
    fn values_are_taken_without_the_line_end_that_a_console_adds() {
        let json = r#"{"hubspot_access_token": "a\n", "hubspot_client_secret": " b ", "zuora_client_id": "c",
            "zuora_client_secret": "d", "hubspot_client_secret_previous": "old"}"#;
        let secrets = all(&credentials(json)).unwrap();
        assert_eq!(secrets.hubspot_access_token.expose_secret(), "a");
        let signing: Vec<_> =
            secrets.hubspot_client_secrets.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(signing, ["b", "old"]);
        assert!(secrets.zuora_callout_secret.is_none());
    }

    #[test]
    fn signatures_need_no_other_credential() {
        let secrets = client_secrets(&credentials(r#"{"hubspot_client_secret": "b"}"#)).unwrap();
        assert_eq!(secrets.len(), 1);
        assert!(client_secrets(&credentials("{}")).is_err());
    }
}
