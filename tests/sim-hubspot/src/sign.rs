//! Request signatures as HubSpot makes them (v1 for webhooks, v3 for webhooks and card calls).
//!
//! Written from HubSpot's description and checked against vectors made with HubSpot's own client;
//! it shares no code with the connector that verifies them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// Base64 of HMAC-SHA256 over method, decoded URI, body and timestamp, keyed by the client secret.
///
/// `uri` is the full public URL as it stands on the wire; the escapes that HubSpot decodes are decoded here.
#[must_use]
pub fn sign_v3(secret: &str, method: &str, uri: &str, body: &[u8], timestamp_ms: i64) -> String {
    sign_v3_verbatim(secret, method, &decode_uri(uri), body, timestamp_ms)
}

/// As [`sign_v3`], but over the URI exactly as given.
#[must_use]
pub fn sign_v3_verbatim(secret: &str, method: &str, uri: &str, body: &[u8], timestamp_ms: i64) -> String {
    // HMAC takes a key of any length, so the error arm cannot be reached.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(method.as_bytes());
    mac.update(uri.as_bytes());
    mac.update(body);
    mac.update(timestamp_ms.to_string().as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Lower-case hex SHA-256 over client secret and body.
#[must_use]
pub fn sign_v1(secret: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(secret.as_bytes());
    hash.update(body);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Decodes, in one pass, the twelve escapes that HubSpot decodes before it signs; all others stay.
#[must_use]
pub fn decode_uri(uri: &str) -> String {
    const ESCAPES: [(&str, char); 12] = [
        ("%3A", ':'),
        ("%2F", '/'),
        ("%3F", '?'),
        ("%40", '@'),
        ("%21", '!'),
        ("%24", '$'),
        ("%27", '\''),
        ("%28", '('),
        ("%29", ')'),
        ("%2A", '*'),
        ("%2C", ','),
        ("%3B", ';'),
    ];
    let mut decoded = String::with_capacity(uri.len());
    let mut rest = uri;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        decoded.push_str(before);
        if let Some((escape, plain)) = ESCAPES.iter().find(|(escape, _)| from.starts_with(escape)) {
            decoded.push(*plain);
            rest = from.get(escape.len()..).unwrap_or_default();
        } else {
            decoded.push('%');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    decoded.push_str(rest);
    decoded
}

/// A signed request, ready to send or to tamper with.
#[derive(Debug, Clone)]
pub struct SignedRequest {
    /// Upper-case method.
    pub method: String,
    /// Full URL as it goes on the wire.
    pub url: String,
    /// Headers, the signature among them.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

impl SignedRequest {
    /// Signs a request with v3, and with v1 where `with_v1` says so (webhook deliveries).
    #[must_use]
    pub fn new(
        secret: &str,
        method: &str,
        url: &str,
        body: Vec<u8>,
        timestamp_ms: i64,
        with_v1: bool,
    ) -> SignedRequest {
        let mut headers = vec![
            ("X-HubSpot-Signature-v3".to_owned(), sign_v3(secret, method, url, &body, timestamp_ms)),
            ("X-HubSpot-Request-Timestamp".to_owned(), timestamp_ms.to_string()),
        ];
        if with_v1 {
            headers.push(("X-HubSpot-Signature".to_owned(), sign_v1(secret, &body)));
            headers.push(("X-HubSpot-Signature-Version".to_owned(), "v1".to_owned()));
        }
        if !body.is_empty() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        SignedRequest { method: method.to_owned(), url: url.to_owned(), headers, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "11111111-2222-3333-4444-555555555555";

    #[test]
    fn vector_a_webhook_post() {
        let body = br#"[{"eventId":1,"subscriptionId":11,"portalId":222,"appId":33,"occurredAt":1795305600000,"subscriptionType":"object.creation","attemptNumber":0,"objectId":4567,"objectTypeId":"0-3","changeSource":"CRM_UI","changeFlag":"NEW"}]"#;
        let uri = "https://hooks.example.com/prod/hubspot/webhooks";
        assert_eq!(
            sign_v3(SECRET, "POST", uri, body, 1_795_305_600_123),
            "prDQxf0zsavvyDZnxWWXT8KAf5fFVBkNMn7lDiTIKFk="
        );
        assert_eq!(sign_v1(SECRET, body), "b2f11ca811ad24b42c64dafb7413882046d2921c853e5abef0107d8d6477a7a7");
    }

    #[test]
    fn vector_b_card_get_with_encoded_email() {
        let uri = "https://hooks.example.com/prod/card/summary?objectId=4567&objectTypeId=0-3&userId=9&portalId=222&userEmail=ana.b%40example.com&appId=33";
        assert_eq!(
            sign_v3(SECRET, "GET", uri, b"", 1_795_305_600_123),
            "pSGspjU25tEQ7yQhaPVkUcNJ0LZemcJ/lbIG7GJ3Fa8="
        );
        assert_eq!(
            sign_v3_verbatim(SECRET, "GET", uri, b"", 1_795_305_600_123),
            "NpKco89atj+Xa9zedWoXChgwINR/+IslgdRRzrXccq8="
        );
    }

    #[test]
    fn vector_c_every_escape() {
        let wire = "https://hooks.example.com/prod/card/actions?next=https%3A%2F%2Fapp.example.com%2Fa%3Fb&mark=%21%24%27%28%29%2A%2C%3B&keep=%20%26%3D%2B%25%23%5B%5D&tilde=~x&utf=%C3%A9&userEmail=o%27brien+x%40example.com";
        let body = r#"{"action":"sync","note":"café – 100%"}"#.as_bytes();
        let secret = "s3crét-key/+=";
        assert_eq!(
            sign_v3(secret, "POST", wire, body, 1_795_305_600_999),
            "kxK45ocNehgAVS8+yCoJ97sj7gXqFUZBeL38GaK7oIQ="
        );
        assert_eq!(
            sign_v3_verbatim(secret, "POST", wire, body, 1_795_305_600_999),
            "OqkXcFGZNceqjyN1iqlLRAyvFEb1wv3EmFD9F4JF/5A="
        );
    }

    #[test]
    fn vector_d_double_encoding_stays() {
        let uri = "https://hooks.example.com/x?p=%2540&q=%252F";
        assert_eq!(
            sign_v3("k", "DELETE", uri, b"", 1_795_305_600_000),
            "7tCydTMSAIDhpMB4x0r9iTod+bTzZwTlR/JOFe5b7dM="
        );
    }

    #[test]
    fn vector_e_lower_case_escape_is_left_alone() {
        let signed = |uri| sign_v3("k", "GET", uri, b"", 1_795_305_600_000);
        assert_eq!(
            signed("https://hooks.example.com/x?p=a%3ab"),
            "xL1fruxnLzM+ZMHcGZKnDR7DrakoAvK1nO9ukc9GlSM="
        );
        assert_eq!(
            signed("https://hooks.example.com/x?p=a:b"),
            "20v/pC6XBa9I+6sYviXV4TjNz+GqBnYpFiNY4HCx1wM="
        );
    }

    #[test]
    fn vector_f_hubspots_own_fixtures() {
        let secret = "f6e94c08-85d0-4608-bcc6-e1850176e7b8";
        let signed =
            |body: &[u8]| sign_v3(secret, "POST", "https://www.hubspot.com/webhook", body, 1_632_188_626_483);
        assert_eq!(signed(b"REQUEST_BODY"), "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU=");
        assert_eq!(signed(b""), "csXgk7UbrE9F8ZmMvbpuKBxqIvTSqU1EX9pI/SJtxSE=");
    }

    #[test]
    fn vector_g_empty_body_is_empty() {
        let signed = |body: &[u8]| sign_v3("k", "GET", "https://hooks.example.com/x", body, 1);
        assert_eq!(signed(b""), "qququ9FX6EW4W4gmG//sHLU7pn/nXUpXuizQDhxE9XM=");
        assert_eq!(signed(b"undefined"), "x2xvcC7ZgvurtgQIAjWJkutgi8YfzyxJhhrC78qukSw=");
    }
}
