//! Credentials from one JSON secret in Secrets Manager, with a cache.
//!
//! The keys are those of the environment on a single machine in lower case ([`key`]). Values are
//! [`SecretString`]s: wiped when dropped, and never printed, not even by a debug form or an error.
//!
//! - Read again after [`TTL`], so that a rotated secret arrives without a deployment.
//! - [`Secrets::refresh`] reads at once, for an answer 401 or a signature that does not fit, but not more often
//!   than every [`REFRESH_PAUSE`]: requests with bad signatures are free for anybody to send.
//! - When Secrets Manager cannot be reached, what was read before goes on being used, for at most [`STALE`].
//!
//! Not here: which credential serves what.

use crate::error::port_error;
use connector_domain::fault::FaultClass;
use connector_ports::PortError;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tokio::sync::Mutex;

const OPERATION: &str = "secrets manager read";

/// How long a read is good for.
pub const TTL: SignedDuration = SignedDuration::from_mins(5);

/// How long an old read is used while Secrets Manager cannot be reached.
pub const STALE: SignedDuration = SignedDuration::from_mins(60);

/// How soon after a read another one may be forced.
pub const REFRESH_PAUSE: SignedDuration = SignedDuration::from_secs(10);

/// The keys of the secret.
pub mod key {
    /// Access token of the HubSpot app.
    pub const HUBSPOT_ACCESS_TOKEN: &str = "hubspot_access_token";
    /// Client secret of the HubSpot app: signs webhooks and card requests.
    pub const HUBSPOT_CLIENT_SECRET: &str = "hubspot_client_secret";
    /// Optional: the client secret before the last rotation, accepted beside the new one.
    pub const HUBSPOT_CLIENT_SECRET_PREVIOUS: &str = "hubspot_client_secret_previous";
    /// OAuth client of the Zuora API user.
    pub const ZUORA_CLIENT_ID: &str = "zuora_client_id";
    /// Its secret.
    pub const ZUORA_CLIENT_SECRET: &str = "zuora_client_secret";
    /// Password of Zuora's callouts.
    pub const ZUORA_CALLOUT_SECRET: &str = "zuora_callout_secret";

    /// The keys that a complete secret has.
    pub const REQUIRED: [&str; 5] = [
        HUBSPOT_ACCESS_TOKEN,
        HUBSPOT_CLIENT_SECRET,
        ZUORA_CLIENT_ID,
        ZUORA_CLIENT_SECRET,
        ZUORA_CALLOUT_SECRET,
    ];
}

/// The credentials of one read. The debug form shows the names of the keys only.
#[derive(Clone, Default)]
pub struct Credentials {
    values: BTreeMap<String, SecretString>,
}

impl Credentials {
    /// Reads the JSON text of a secret: an object of texts. Empty texts count as absent, because a secret is
    /// created with empty ones to be filled in.
    ///
    /// # Errors
    /// [`FaultClass::Denied`] for anything else; the message never quotes the text.
    pub fn parse(json: &str) -> Result<Self, PortError> {
        let denied = |message: String| PortError::new(OPERATION, FaultClass::Denied, message);
        // The error of serde_json could quote a value; its place is enough to find the fault.
        let object: BTreeMap<String, serde_json::Value> = serde_json::from_str(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            denied(format!("the secret is not a JSON object, see line {line} column {column}"))
        })?;
        let mut values = BTreeMap::new();
        for (key, value) in object {
            match value {
                serde_json::Value::String(text) if text.is_empty() => {}
                serde_json::Value::String(text) => {
                    values.insert(key, SecretString::from(text));
                }
                _ => return Err(denied(format!("the value of the secret's key {key} is not a text"))),
            }
        }
        Ok(Self { values })
    }

    /// A required value.
    ///
    /// # Errors
    /// [`FaultClass::Denied`], with the name of the key.
    pub fn get(&self, key: &str) -> Result<&SecretString, PortError> {
        self.optional(key).ok_or_else(|| {
            PortError::new(
                OPERATION,
                FaultClass::Denied,
                format!("the secret has no value for its key {key}"),
            )
        })
    }

    /// A value that may be absent.
    pub fn optional(&self, key: &str) -> Option<&SecretString> {
        self.values.get(key)
    }

    /// The required keys without a value.
    pub fn missing(&self) -> Vec<&'static str> {
        key::REQUIRED.into_iter().filter(|key| !self.values.contains_key(*key)).collect()
    }

    /// The client secrets that a signature may be made with, the present one first.
    ///
    /// # Errors
    /// As [`Credentials::get`].
    pub fn hubspot_client_secrets(&self) -> Result<Vec<&SecretString>, PortError> {
        let mut secrets = vec![self.get(key::HUBSPOT_CLIENT_SECRET)?];
        secrets.extend(self.optional(key::HUBSPOT_CLIENT_SECRET_PREVIOUS));
        Ok(secrets)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl PartialEq for Credentials {
    /// For noticing a rotation. Both sides are ours, so the comparison need not take constant time.
    fn eq(&self, other: &Self) -> bool {
        self.values.len() == other.values.len()
            && self.values.iter().zip(&other.values).all(|((left_key, left), (right_key, right))| {
                left_key == right_key && left.expose_secret() == right.expose_secret()
            })
    }
}

#[derive(Clone)]
struct Cached {
    credentials: Arc<Credentials>,
    read_at: Timestamp,
}

/// The secret and its cache. One for a process, shared.
pub struct Secrets {
    client: aws_sdk_secretsmanager::Client,
    id: String,
    cache: Mutex<Option<Cached>>,
}

impl Secrets {
    /// The secret with this ARN or name. No call is made.
    pub fn new(client: aws_sdk_secretsmanager::Client, id: impl Into<String>) -> Self {
        Self { client, id: id.into(), cache: Mutex::new(None) }
    }

    /// The credentials, read at most [`TTL`] ago if Secrets Manager can be reached.
    ///
    /// # Errors
    /// [`FaultClass::Transient`] when it cannot be reached and nothing usable was read before,
    /// [`FaultClass::Denied`] when there is no such secret, no right to read it, or nothing usable in it.
    pub async fn current(&self, now: Timestamp) -> Result<Arc<Credentials>, PortError> {
        // Held while reading: those who come meanwhile wait for this read instead of making their own.
        let mut cache = self.cache.lock().await;
        if let Some(cached) = cache.as_ref().filter(|cached| age(cached, now) < TTL) {
            return Ok(Arc::clone(&cached.credentials));
        }
        match self.read().await {
            Ok(credentials) => Ok(keep(&mut cache, credentials, now)),
            Err(error) => match cache.as_ref() {
                Some(cached) if error.class == FaultClass::Transient && age(cached, now) < STALE => {
                    tracing::warn!(%error, "the credentials are old and cannot be read again yet");
                    Ok(Arc::clone(&cached.credentials))
                }
                Some(_) | None => Err(error),
            },
        }
    }

    /// Reads the credentials now, after an answer that says they are wrong.
    ///
    /// # Errors
    /// As [`Secrets::current`], but an old read does not help.
    pub async fn refresh(&self, now: Timestamp) -> Result<Arc<Credentials>, PortError> {
        let mut cache = self.cache.lock().await;
        if let Some(cached) = cache.as_ref().filter(|cached| age(cached, now) < REFRESH_PAUSE) {
            return Ok(Arc::clone(&cached.credentials));
        }
        let credentials = self.read().await?;
        Ok(keep(&mut cache, credentials, now))
    }

    async fn read(&self) -> Result<Credentials, PortError> {
        let request = self.client.get_secret_value().secret_id(&self.id);
        let answer = request.send().await.map_err(|error| port_error(OPERATION, &error))?;
        let json = answer.secret_string.ok_or_else(|| {
            PortError::new(OPERATION, FaultClass::Denied, "the secret is binary, not a JSON text")
        })?;
        Credentials::parse(SecretString::from(json).expose_secret())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A clock that was set back makes a read look younger, never older.
fn age(cached: &Cached, now: Timestamp) -> SignedDuration {
    now.duration_since(cached.read_at)
}

fn keep(cache: &mut Option<Cached>, credentials: Credentials, now: Timestamp) -> Arc<Credentials> {
    let credentials = Arc::new(credentials);
    *cache = Some(Cached { credentials: Arc::clone(&credentials), read_at: now });
    credentials
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = r#"{"hubspot_access_token": "canary-1", "hubspot_client_secret": "canary-2",
        "hubspot_client_secret_previous": "canary-3", "zuora_client_id": "", "zuora_client_secret": "canary-4"}"#;

    #[test]
    fn a_missing_or_empty_key_names_itself() {
        let credentials = Credentials::parse(SECRET).unwrap();
        assert_eq!(credentials.missing(), ["zuora_client_id", "zuora_callout_secret"]);
        let error = credentials.get(key::ZUORA_CLIENT_ID).unwrap_err();
        assert_eq!(error.class, FaultClass::Denied);
        assert!(error.to_string().contains("zuora_client_id"), "{error}");
    }

    #[test]
    fn both_secrets_of_a_rotation_are_given() {
        let credentials = Credentials::parse(SECRET).unwrap();
        let secrets: Vec<_> = credentials
            .hubspot_client_secrets()
            .unwrap()
            .iter()
            .map(|secret| secret.expose_secret())
            .collect();
        assert_eq!(secrets, ["canary-2", "canary-3"]);
    }

    #[test]
    fn nothing_prints_a_value() {
        let credentials = Credentials::parse(SECRET).unwrap();
        let mut words = format!("{credentials:?}");
        for bad in
            [r#"{"hubspot_access_token": "canary"#, r#"{"a": {"b": "canary"}}"#, r#"["canary"]"#, "canary"]
        {
            let error = Credentials::parse(bad).unwrap_err();
            assert_eq!(error.class, FaultClass::Denied);
            words.push_str(&format!("{error} {error:?}"));
        }
        assert!(!words.contains("canary"), "{words}");
        assert!(words.contains("hubspot_access_token"));
    }
}
