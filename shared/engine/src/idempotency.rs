//! Idempotency keys and digests.
//!
//! The key names tenant, object, effect, natural number and attempt generation. It is used again while an
//! outcome is unknown, and moves on only after a definite failure was read (`zuora.md` 1.5, D-14).

use connector_domain::object::StateKey;
use connector_domain::state::Intent;
use sha2::{Digest, Sha256};

/// The `Idempotency-Key` of an intent, 64 hex digits.
pub fn key(tenant: &str, object: &StateKey, intent: &Intent) -> String {
    let generation = intent.generation.to_string();
    let object = object.as_text();
    hex(&[tenant, &object, intent.effect.as_str(), &intent.number, &generation])
}

/// A digest of a request body for the audit trail.
pub fn body_digest(body: &str) -> String {
    hex(&[body])
}

fn hex(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // Lengths keep the parts apart.
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}
