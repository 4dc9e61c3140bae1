//! HubSpot's signature, version 3, over the bytes as they came (`hubspot.md` 2).
//!
//! Signed is `method + URI + body + timestamp`, keyed with the app's client secret. The URI is the public one
//! that HubSpot called, so it is built from configuration and the path and query as they were sent, never from
//! decoded parts. Some escapes in it are decoded before signing; which ones HubSpot decodes in which spelling is
//! not fully known, so both forms are tried: neither can be forged without the secret.
//!
//! Not here: versions 1 and 2. Version 1 leaves the address out, version 2 the time, and neither uses an HMAC.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Header with the signature.
pub const SIGNATURE_HEADER: &str = "x-hubspot-signature-v3";
/// Header with the time of signing, in milliseconds since the epoch.
pub const TIMESTAMP_HEADER: &str = "x-hubspot-request-timestamp";
/// Header of the versions 1 and 2.
const OLD_SIGNATURE_HEADER: &str = "x-hubspot-signature";

/// HubSpot's own limit on age.
const OLDEST_MS: i64 = 300_000;
/// HubSpot's helpers accept any future; a minute covers clocks that differ and keeps signatures from being
/// made for later use.
const AHEAD_MS: i64 = 60_000;
/// Base64 of 32 bytes.
const SIGNATURE_LENGTH: usize = 44;
/// Milliseconds since the epoch have 13 digits until the year 2286.
const LONGEST_TIMESTAMP: usize = 15;

/// Why a request was refused. For logs and counters; the caller learns nothing but 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No signature of version 3.
    #[error("the header with the signature is missing")]
    NoSignature,
    /// Only a signature of version 1 or 2.
    #[error("only a signature of an old version was sent")]
    OldVersion,
    /// No time of signing.
    #[error("the header with the time of signing is missing")]
    NoTimestamp,
    /// The time is not an integer.
    #[error("the time of signing is not an integer")]
    BadTimestamp,
    /// Signed more than five minutes ago.
    #[error("the request was signed more than five minutes ago")]
    TooOld,
    /// Signed more than a minute ahead of our clock.
    #[error("the request was signed ahead of our clock")]
    Ahead,
    /// Not base64 of 32 bytes.
    #[error("the signature has the wrong length or alphabet")]
    BadSignature,
    /// The signature fits none of the secrets.
    #[error("the signature does not match")]
    Mismatch,
}

/// A secret list that cannot verify anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a client secret is empty, or there is none")]
pub struct SecretError;

/// Verifies requests against one or several client secrets.
pub struct Verifier {
    keys: Vec<Hmac<Sha256>>,
    public_url: String,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("secrets", &self.keys.len()).finish_non_exhaustive()
    }
}

impl Verifier {
    /// `public_url` is the address that HubSpot calls, with the stage or prefix in front of our paths, if any.
    /// An empty secret is refused, because anybody could sign with it.
    pub fn new(secrets: Vec<SecretString>, public_url: &str) -> Result<Self, SecretError> {
        let keys = secrets
            .iter()
            .map(|secret| match secret.expose_secret() {
                "" => Err(SecretError),
                text => Hmac::new_from_slice(text.as_bytes()).map_err(|_| SecretError),
            })
            .collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(SecretError);
        }
        Ok(Self { keys, public_url: public_url.trim().trim_end_matches('/').to_owned() })
    }

    /// Checks one request and returns the index of the secret that signed it. `raw_path_and_query` is the part
    /// behind the public URL, exactly as it was sent; `header` finds a header by its lower-case name.
    pub fn verify<'h>(
        &self,
        method: &str,
        raw_path_and_query: &str,
        header: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<usize, Refused> {
        let Some(signature) = header(SIGNATURE_HEADER) else {
            let old = header(OLD_SIGNATURE_HEADER).is_some();
            return Err(if old { Refused::OldVersion } else { Refused::NoSignature });
        };
        let timestamp = header(TIMESTAMP_HEADER).ok_or(Refused::NoTimestamp)?;
        check_age(timestamp, now)?;
        let signature = decode_signature(signature)?;

        let raw = format!("{}{raw_path_and_query}", self.public_url);
        let decoded = decode_uri(&raw);
        let method = method.to_ascii_uppercase();
        let mut matched = Choice::from(0);
        let mut found = 0_u64;
        // Every secret and both forms are always computed, so that the time taken says nothing.
        for (index, key) in (0_u64..).zip(&self.keys) {
            for uri in [&decoded, &raw] {
                let mut mac = key.clone();
                for part in [method.as_bytes(), uri.as_bytes(), body, timestamp.as_bytes()] {
                    mac.update(part);
                }
                let equal = mac.finalize().into_bytes().as_slice().ct_eq(&signature);
                found.conditional_assign(&index, equal & !matched);
                matched |= equal;
            }
        }
        match (bool::from(matched), usize::try_from(found)) {
            (true, Ok(index)) => Ok(index),
            (true, Err(_)) | (false, _) => Err(Refused::Mismatch),
        }
    }
}

fn check_age(timestamp: &str, now: Timestamp) -> Result<(), Refused> {
    let plain = (1..=LONGEST_TIMESTAMP).contains(&timestamp.len());
    if !plain || !timestamp.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refused::BadTimestamp);
    }
    let signed: i64 = timestamp.parse().map_err(|_| Refused::BadTimestamp)?;
    let age = now.as_millisecond().saturating_sub(signed);
    if age > OLDEST_MS {
        Err(Refused::TooOld)
    } else if age < -AHEAD_MS {
        Err(Refused::Ahead)
    } else {
        Ok(())
    }
}

fn decode_signature(text: &str) -> Result<[u8; 32], Refused> {
    if text.len() != SIGNATURE_LENGTH {
        return Err(Refused::BadSignature);
    }
    let bytes = STANDARD.decode(text).map_err(|_| Refused::BadSignature)?;
    bytes.try_into().map_err(|_| Refused::BadSignature)
}

/// Decodes the sequences of `hubspot.md` 2.2 step 5 and no others, in one pass and in either case of letters.
fn decode_uri(uri: &str) -> String {
    let mut out = String::with_capacity(uri.len());
    let mut rest = uri;
    while let Some(at) = rest.find('%') {
        let (before, from_percent) = rest.split_at(at);
        out.push_str(before);
        match from_percent.get(..3).and_then(decodable) {
            Some(plain) => {
                out.push(plain);
                rest = from_percent.get(3..).unwrap_or_default();
            }
            None => {
                out.push('%');
                rest = from_percent.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

fn decodable(escape: &str) -> Option<char> {
    Some(match escape.to_ascii_uppercase().as_str() {
        "%3A" => ':',
        "%2F" => '/',
        "%3F" => '?',
        "%40" => '@',
        "%21" => '!',
        "%24" => '$',
        "%27" => '\'',
        "%28" => '(',
        "%29" => ')',
        "%2A" => '*',
        "%2C" => ',',
        "%3B" => ';',
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
