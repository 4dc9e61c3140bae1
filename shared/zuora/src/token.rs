//! The OAuth token: one for all calls, fetched by one caller while the others wait (`zuora.md` 1.3).
//!
//! Zuora allows 100 token requests a minute from one address, so a token is shared and kept until shortly before
//! its end. Fetching one changes nothing, so no failure here is in doubt.

use crate::config::Credentials;
use crate::error::{Mode, Said, Verdict, lost};
use connector_domain::fault::FaultClass;
use connector_http::{BaseUrl, Body, Client, Method, Reply, Request};
use connector_ports::PortError;
use connector_ports::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Mutex;

const OPERATION: &str = "zuora token";
/// Zuora's own sample refreshes this long before the end (`zuora.md` 1.3).
const MARGIN: SignedDuration = SignedDuration::from_secs(300);
/// Life of a token when Zuora does not say it: far below the usual hour.
const DEFAULT_LIFE: i64 = 600;

struct Token {
    secret: Arc<SecretString>,
    good_until: Timestamp,
}

/// Hands out the shared token.
pub(crate) struct Tokens {
    http: Client,
    base: BaseUrl,
    clock: Arc<dyn Clock>,
    credentials: Arc<dyn Credentials>,
    entity_id: Option<String>,
    current: Mutex<Option<Token>>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    /// Seconds; a number, by some accounts a string.
    expires_in: Option<Value>,
}

impl Tokens {
    pub(crate) fn new(
        http: Client,
        base: BaseUrl,
        clock: Arc<dyn Clock>,
        credentials: Arc<dyn Credentials>,
        entity_id: Option<String>,
    ) -> Self {
        Self { http, base, clock, credentials, entity_id, current: Mutex::new(None) }
    }

    /// The token, fetched if there is none that lasts.
    pub(crate) async fn get(&self) -> Result<Arc<SecretString>, PortError> {
        let mut current = self.current.lock().await;
        match &*current {
            Some(token) if self.clock.now() < token.good_until => Ok(Arc::clone(&token.secret)),
            _ => self.fetch(&mut current).await,
        }
    }

    /// A token in place of one that was refused. If another caller has replaced it already, that one.
    pub(crate) async fn renew(&self, refused: &Arc<SecretString>) -> Result<Arc<SecretString>, PortError> {
        let mut current = self.current.lock().await;
        match &*current {
            Some(token) if !Arc::ptr_eq(&token.secret, refused) => Ok(Arc::clone(&token.secret)),
            _ => {
                *current = None;
                self.fetch(&mut current).await
            }
        }
    }

    async fn fetch(&self, current: &mut Option<Token>) -> Result<Arc<SecretString>, PortError> {
        // A changed secret is read again only after the one at hand was refused.
        let token = match self.ask(false).await {
            Err(error) if error.class == FaultClass::Denied => self.ask(true).await?,
            other => other?,
        };
        let secret = Arc::clone(&token.secret);
        *current = Some(token);
        Ok(secret)
    }

    async fn ask(&self, refresh: bool) -> Result<Token, PortError> {
        let (client_id, client_secret) = self.credentials.get(refresh).await?;
        let mut request = Request::new(Method::POST, self.base.join(&["oauth", "token"]))
            .header("accept", "application/json")
            .body(Body::form(form(&client_id, &client_secret)));
        if let Some(entity) = &self.entity_id {
            request = request.header("zuora-entity-ids", entity.clone());
        }
        // The moment before the request, so that the token is never believed to last longer than it does.
        let asked_at = self.clock.now();
        match self.http.send(request).await {
            Ok(reply) => token(&reply, asked_at),
            Err(failure) => Err(lost(OPERATION, Mode::Query, &failure)),
        }
    }
}

fn token(reply: &Reply, asked_at: Timestamp) -> Result<Token, PortError> {
    let said = Said::read(reply);
    match said.judge(OPERATION, Mode::Query, asked_at) {
        Verdict::Done => {}
        Verdict::Failed(mut error) => {
            // A wrong id or secret is refused with 400 or 401.
            if reply.status == 400 {
                error.class = FaultClass::Denied;
            }
            return Err(error);
        }
        Verdict::Missing => return Err(PortError::bug(OPERATION, "a token is not read by key")),
    }
    let answer: Answer =
        serde_json::from_slice(&reply.body).map_err(|_| said.unusable(OPERATION, Mode::Query))?;
    let seconds = match &answer.expires_in {
        Some(Value::Number(number)) => {
            number.as_i64().or_else(|| number.to_string().split('.').next()?.parse().ok())
        }
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let life = SignedDuration::from_secs(seconds.unwrap_or(DEFAULT_LIFE).clamp(0, 86_400));
    // A short life is used to its half, so that there is something to use at all.
    let used = if life > MARGIN + MARGIN { life.saturating_sub(MARGIN) } else { life / 2 };
    let good_until = asked_at.saturating_add(used).unwrap_or(asked_at);
    Ok(Token { secret: Arc::new(SecretString::from(answer.access_token)), good_until })
}

/// The form of the client credentials grant; the secret may hold any character.
fn form(client_id: &str, client_secret: &SecretString) -> String {
    fn part(text: &str) -> percent_encoding::PercentEncode<'_> {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
    }
    format!(
        "client_id={}&client_secret={}&grant_type=client_credentials",
        part(client_id),
        part(client_secret.expose_secret())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_holds_any_secret() {
        let text = form("11111111-2222", &SecretString::from("a+b&c=d/é"));
        assert_eq!(
            text,
            "client_id=11111111%2D2222&client_secret=a%2Bb%26c%3Dd%2F%C3%A9&grant_type=client_credentials"
        );
    }
}
