//! Credentials of one installation: from the environment on one machine, from one JSON secret on AWS
//! (`contract.md` 4). Values are never shown, not even in errors.

use crate::env_vars::EnvMap;
use connector_domain::ids::PortalId;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// The credentials of one installation. Debug output is redacted.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// `HUBSPOT_ACCESS_TOKEN`: token of the static-auth app.
    pub hubspot_access_token: SecretString,
    /// `HUBSPOT_CLIENT_SECRET`, then `HUBSPOT_CLIENT_SECRET_PREVIOUS` if set: signatures of either are accepted,
    /// so that a secret can be rotated. Never empty.
    pub hubspot_client_secrets: Vec<SecretString>,
    /// `ZUORA_CLIENT_ID`.
    pub zuora_client_id: SecretString,
    /// `ZUORA_CLIENT_SECRET`.
    pub zuora_client_secret: SecretString,
    /// `ZUORA_CALLOUT_SECRET`: password of Zuora's callouts; without it every callout is refused.
    pub zuora_callout_secret: Option<SecretString>,
}

/// Why there are no credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// Some are not set; all of them by name.
    #[error("credentials are missing: {}", names.join(", "))]
    Missing {
        /// Environment variables, or keys of the JSON secret.
        names: Vec<String>,
    },
    /// The secret on AWS is not a JSON object of texts.
    #[error("the secret is not a JSON object of texts")]
    Shape,
}

impl Secrets {
    /// From the environment of one machine with one installation.
    pub fn from_env(env: &EnvMap) -> Result<Self, SecretsError> {
        Self::collect(str::to_ascii_uppercase, |name| env.get(name).map(str::to_owned))
    }

    /// From the environment of one machine with several installations: each name ends in the portal's id
    /// (`HUBSPOT_ACCESS_TOKEN_24680135`), because credentials of one portal must never serve another.
    pub fn from_env_of(env: &EnvMap, portal: PortalId) -> Result<Self, SecretsError> {
        let full = |name: &str| format!("{}_{portal}", name.to_ascii_uppercase());
        Self::collect(full, |name| env.get(name).map(str::to_owned))
    }

    /// From the text of one JSON secret with the names in lower case.
    pub fn from_json(text: &str) -> Result<Self, SecretsError> {
        // The parser's error may quote the text, so it is dropped.
        let table: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|_| SecretsError::Shape)?;
        Self::collect(str::to_owned, |name| table.get(name)?.as_str().map(str::to_owned))
    }

    fn collect(
        full: impl Fn(&str) -> String,
        look_up: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SecretsError> {
        let optional = |name: &str| {
            let value = look_up(&full(name))?;
            let value = value.trim();
            (!value.is_empty()).then(|| SecretString::from(value))
        };
        let mut names = Vec::new();
        let mut needed = |name: &str| {
            let value = optional(name);
            if value.is_none() {
                names.push(full(name));
            }
            value
        };
        let token = needed("hubspot_access_token");
        let secret = needed("hubspot_client_secret");
        let client_id = needed("zuora_client_id");
        let client_secret = needed("zuora_client_secret");
        let (Some(token), Some(secret), Some(client_id), Some(client_secret)) =
            (token, secret, client_id, client_secret)
        else {
            return Err(SecretsError::Missing { names });
        };
        Ok(Self {
            hubspot_access_token: token,
            hubspot_client_secrets: std::iter::once(secret)
                .chain(optional("hubspot_client_secret_previous"))
                .collect(),
            zuora_client_id: client_id,
            zuora_client_secret: client_secret,
            zuora_callout_secret: optional("zuora_callout_secret"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const PORTAL: PortalId = PortalId(24680135);

    fn full() -> EnvMap {
        EnvMap::from_iter([
            ("HUBSPOT_ACCESS_TOKEN", "canary-token"),
            ("HUBSPOT_CLIENT_SECRET", "canary-now\n"),
            ("HUBSPOT_CLIENT_SECRET_PREVIOUS", "canary-before"),
            ("ZUORA_CLIENT_ID", "canary-id"),
            ("ZUORA_CLIENT_SECRET", "canary-secret"),
        ])
    }

    #[test]
    fn all_missing_names_are_told_at_once() {
        let env = EnvMap::from_iter([("ZUORA_CLIENT_ID", "x"), ("HUBSPOT_CLIENT_SECRET", " ")]);
        let error = Secrets::from_env(&env).unwrap_err();
        assert_eq!(
            error.to_string(),
            "credentials are missing: HUBSPOT_ACCESS_TOKEN, HUBSPOT_CLIENT_SECRET, ZUORA_CLIENT_SECRET"
        );
    }

    #[test]
    fn debug_output_is_redacted() {
        let secrets = Secrets::from_env(&full()).unwrap();
        assert!(!format!("{secrets:?}").contains("canary"), "{secrets:?}");
        let both: Vec<&str> =
            secrets.hubspot_client_secrets.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(both, ["canary-now", "canary-before"]);
        assert!(secrets.zuora_callout_secret.is_none());
    }

    #[test]
    fn one_of_several_installations_has_credentials_of_its_own() {
        let error = Secrets::from_env_of(&full(), PORTAL).unwrap_err();
        assert!(error.to_string().contains("HUBSPOT_ACCESS_TOKEN_24680135"), "{error}");
        let env: EnvMap = full().names().map(|name| (format!("{name}_24680135"), "x".to_owned())).collect();
        assert!(Secrets::from_env_of(&env, PORTAL).is_ok());
    }

    #[test]
    fn the_secret_on_aws_has_the_names_in_lower_case() {
        let text = r#"{"hubspot_access_token": "a", "hubspot_client_secret": "b", "zuora_client_id": "c",
            "zuora_client_secret": "d", "zuora_callout_secret": "e"}"#;
        let secrets = Secrets::from_json(text).unwrap();
        assert_eq!(secrets.zuora_callout_secret.unwrap().expose_secret(), "e");
        assert_eq!(Secrets::from_json("canary").unwrap_err(), SecretsError::Shape);
        let error = Secrets::from_json(r#"{"hubspot_access_token": ""}"#).unwrap_err();
        assert!(matches!(error, SecretsError::Missing { names } if names.len() == 4));
    }
}
