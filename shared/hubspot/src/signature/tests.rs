//! The vectors of `hubspot.md` 2.3, the refusals, and bit flips anywhere.

use super::*;
use proptest::prelude::*;

const SECRET: &str = "11111111-2222-3333-4444-555555555555";
const A_BODY: &str = r#"[{"eventId":1,"subscriptionId":11,"portalId":222,"appId":33,"occurredAt":1795305600000,"subscriptionType":"object.creation","attemptNumber":0,"objectId":4567,"objectTypeId":"0-3","changeSource":"CRM_UI","changeFlag":"NEW"}]"#;
const A_SIGNATURE: &str = "prDQxf0zsavvyDZnxWWXT8KAf5fFVBkNMn7lDiTIKFk=";
const A_TIME: &str = "1795305600123";
const HOST: &str = "https://hooks.example.com";

struct Case<'a> {
    secret: &'a str,
    public: &'a str,
    method: &'a str,
    path: &'a str,
    time: &'a str,
    body: &'a [u8],
    signature: &'a str,
}

impl Case<'_> {
    fn at(&self, skew_ms: i64) -> Result<usize, Refused> {
        let now = Timestamp::from_millisecond(self.time.parse::<i64>().unwrap() + skew_ms).unwrap();
        let verifier = Verifier::new(vec![self.secret.into()], self.public).unwrap();
        let header = |name: &str| match name {
            SIGNATURE_HEADER => Some(self.signature),
            TIMESTAMP_HEADER => Some(self.time),
            _ => None,
        };
        verifier.verify(self.method, self.path, header, self.body, now)
    }

    fn check(&self) {
        assert_eq!(self.at(10), Ok(0), "{} {}", self.method, self.path);
    }
}

fn vector_a() -> Case<'static> {
    Case {
        secret: SECRET,
        public: "https://hooks.example.com/prod",
        method: "POST",
        path: "/hubspot/webhooks",
        time: A_TIME,
        body: A_BODY.as_bytes(),
        signature: A_SIGNATURE,
    }
}

#[test]
fn vector_a_is_accepted_with_the_stage_in_the_public_url_or_in_the_path() {
    assert_eq!(A_BODY.len(), 223);
    vector_a().check();
    Case { public: "https://hooks.example.com/prod/", ..vector_a() }.check();
    Case { public: HOST, path: "/prod/hubspot/webhooks", ..vector_a() }.check();
    Case { method: "post", ..vector_a() }.check();
    // A trailing slash is part of what was signed.
    assert_eq!(Case { path: "/hubspot/webhooks/", ..vector_a() }.at(0), Err(Refused::Mismatch));
}

#[test]
fn vector_b_is_accepted_over_the_decoded_and_the_raw_address() {
    for signature in
        ["pSGspjU25tEQ7yQhaPVkUcNJ0LZemcJ/lbIG7GJ3Fa8=", "NpKco89atj+Xa9zedWoXChgwINR/+IslgdRRzrXccq8="]
    {
        Case {
            method: "GET",
            path: "/card/summary?objectId=4567&objectTypeId=0-3&userId=9&portalId=222&userEmail=ana.b%40example.com&appId=33",
            body: b"",
            signature,
            ..vector_a()
        }
        .check();
    }
}

#[test]
fn vector_c_decodes_the_listed_escapes_and_no_others() {
    let body = r#"{"action":"sync","note":"café – 100%"}"#;
    assert_eq!(body.len(), 41);
    let path = "/prod/card/actions?next=https%3A%2F%2Fapp.example.com%2Fa%3Fb&mark=%21%24%27%28%29%2A%2C%3B&keep=%20%26%3D%2B%25%23%5B%5D&tilde=~x&utf=%C3%A9&userEmail=o%27brien+x%40example.com";
    assert_eq!(
        decode_uri(path),
        "/prod/card/actions?next=https://app.example.com/a?b&mark=!$'()*,;&keep=%20%26%3D%2B%25%23%5B%5D&tilde=~x&utf=%C3%A9&userEmail=o'brien+x@example.com"
    );
    for signature in
        ["kxK45ocNehgAVS8+yCoJ97sj7gXqFUZBeL38GaK7oIQ=", "OqkXcFGZNceqjyN1iqlLRAyvFEb1wv3EmFD9F4JF/5A="]
    {
        Case {
            secret: "s3crét-key/+=",
            public: HOST,
            method: "POST",
            path,
            time: "1795305600999",
            body: body.as_bytes(),
            signature,
        }
        .check();
    }
}

fn small(method: &'static str, path: &'static str, signature: &'static str) -> Case<'static> {
    Case { secret: "k", public: HOST, method, path, time: "1795305600000", body: b"", signature }
}

#[test]
fn vector_d_double_encoding_is_decoded_once_only() {
    assert_eq!(decode_uri("?p=%2540&q=%252F"), "?p=%2540&q=%252F");
    small("DELETE", "/x?p=%2540&q=%252F", "7tCydTMSAIDhpMB4x0r9iTod+bTzZwTlR/JOFe5b7dM=").check();
}

#[test]
fn vector_e_lower_case_escapes_are_accepted_either_way() {
    small("GET", "/x?p=a%3ab", "xL1fruxnLzM+ZMHcGZKnDR7DrakoAvK1nO9ukc9GlSM=").check();
    small("GET", "/x?p=a%3ab", "20v/pC6XBa9I+6sYviXV4TjNz+GqBnYpFiNY4HCx1wM=").check();
    small("GET", "/x?p=a:b", "20v/pC6XBa9I+6sYviXV4TjNz+GqBnYpFiNY4HCx1wM=").check();
    let other = small("GET", "/x?p=a:b", "xL1fruxnLzM+ZMHcGZKnDR7DrakoAvK1nO9ukc9GlSM=");
    assert_eq!(other.at(0), Err(Refused::Mismatch));
}

#[test]
fn vector_f_hubspots_own_fixtures_are_accepted() {
    for (body, signature) in [
        (&b"REQUEST_BODY"[..], "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU="),
        (b"", "csXgk7UbrE9F8ZmMvbpuKBxqIvTSqU1EX9pI/SJtxSE="),
    ] {
        Case {
            secret: "f6e94c08-85d0-4608-bcc6-e1850176e7b8",
            public: "https://www.hubspot.com",
            method: "POST",
            path: "/webhook",
            time: "1632188626483",
            body,
            signature,
        }
        .check();
    }
}

#[test]
fn vector_g_no_body_is_the_empty_text() {
    let case = |signature| Case { time: "1", ..small("GET", "/x", signature) };
    case("qququ9FX6EW4W4gmG//sHLU7pn/nXUpXuizQDhxE9XM=").check();
    assert_eq!(case("x2xvcC7ZgvurtgQIAjWJkutgi8YfzyxJhhrC78qukSw=").at(0), Err(Refused::Mismatch));
}

fn with_headers(headers: &[(&str, &str)]) -> Result<usize, Refused> {
    let verifier = Verifier::new(vec![SECRET.into()], "https://hooks.example.com/prod").unwrap();
    let now = Timestamp::from_millisecond(A_TIME.parse().unwrap()).unwrap();
    let find = |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
    verifier.verify("POST", "/hubspot/webhooks", find, A_BODY.as_bytes(), now)
}

#[test]
fn old_versions_alone_are_refused() {
    for old in [
        "8d8e60f3ab77812a4e946b200a12c73e25ab067d332a5ebc508a26f2acdf4548",
        "b2f11ca811ad24b42c64dafb7413882046d2921c853e5abef0107d8d6477a7a7",
    ] {
        let headers = [("x-hubspot-signature", old), (TIMESTAMP_HEADER, A_TIME)];
        assert_eq!(with_headers(&headers), Err(Refused::OldVersion));
        // Nor does an old one pass for a new one.
        assert_eq!(
            with_headers(&[(SIGNATURE_HEADER, old), (TIMESTAMP_HEADER, A_TIME)]),
            Err(Refused::BadSignature)
        );
    }
}

#[test]
fn missing_and_misshapen_headers_are_refused() {
    assert_eq!(with_headers(&[]), Err(Refused::NoSignature));
    assert_eq!(with_headers(&[(SIGNATURE_HEADER, A_SIGNATURE)]), Err(Refused::NoTimestamp));
    for bad in
        ["", "x", "-1795305600123", "+1795305600123", " 1795305600123", "1.5", "9999999999999999999999"]
    {
        let headers = [(SIGNATURE_HEADER, A_SIGNATURE), (TIMESTAMP_HEADER, bad)];
        assert_eq!(with_headers(&headers), Err(Refused::BadTimestamp), "{bad:?}");
    }
    let url_safe = A_SIGNATURE.replace('/', "_").replace('f', "-");
    let not_canonical = A_SIGNATURE.replace("k=", "l=");
    let short = A_SIGNATURE.trim_end_matches('=');
    let doubled = format!("{A_SIGNATURE}{A_SIGNATURE}");
    for bad in ["", short, &url_safe, &not_canonical, &doubled, "========", &"é".repeat(22)] {
        let headers = [(SIGNATURE_HEADER, bad), (TIMESTAMP_HEADER, A_TIME)];
        assert_eq!(with_headers(&headers), Err(Refused::BadSignature), "{bad:?}");
    }
}

#[test]
fn the_window_is_five_minutes_back_and_one_ahead() {
    let check = |skew, want| assert_eq!(vector_a().at(skew), want, "{skew}");
    check(300_000, Ok(0));
    check(300_001, Err(Refused::TooOld));
    check(-60_000, Ok(0));
    check(-60_001, Err(Refused::Ahead));
}

#[test]
fn the_secret_that_signed_is_named() {
    let secrets = ["other", SECRET, SECRET].map(SecretString::from).to_vec();
    let verifier = Verifier::new(secrets, "https://hooks.example.com/prod").unwrap();
    let now = Timestamp::from_millisecond(A_TIME.parse().unwrap()).unwrap();
    let header = |name: &str| if name == SIGNATURE_HEADER { Some(A_SIGNATURE) } else { Some(A_TIME) };
    let verified = verifier.verify("POST", "/hubspot/webhooks", header, A_BODY.as_bytes(), now);
    assert_eq!(verified, Ok(1));
    assert!(!format!("{verifier:?}").contains("1111"));
}

#[test]
fn an_empty_secret_or_none_is_not_accepted() {
    assert!(Verifier::new(vec![], HOST).is_err());
    assert!(Verifier::new(vec![SECRET.into(), "".into()], HOST).is_err());
}

fn flip(text: &str, at: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let bit = at % (bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

proptest! {
    #[test]
    fn a_flipped_bit_anywhere_is_refused(at in 0..100_000_usize) {
        let body = flip(A_BODY, at);
        let changed_body = Case { body: &body, ..vector_a() };
        prop_assert!(changed_body.at(0).is_err());
        for (whole, which) in [(A_SIGNATURE, 0), (A_TIME, 1), ("/hubspot/webhooks", 2), ("POST", 3), (SECRET, 4)] {
            let Ok(changed) = String::from_utf8(flip(whole, at)) else { continue };
            let base = vector_a();
            let case = match which {
                0 => Case { signature: &changed, ..base },
                1 if changed.parse::<i64>().is_err() => continue,
                1 => Case { time: &changed, ..base },
                2 => Case { path: &changed, ..base },
                // Letters of the method count without their case.
                3 if changed.eq_ignore_ascii_case("POST") => continue,
                3 => Case { method: &changed, ..base },
                _ => Case { secret: &changed, ..base },
            };
            prop_assert!(case.at(0).is_err(), "{changed:?} was accepted");
        }
    }

    #[test]
    fn any_address_signed_as_sent_or_decoded_is_accepted(path in "/[a-zA-Z0-9/%]{0,12}(\\?[ -~]{0,40})?") {
        let now = Timestamp::from_millisecond(1_795_305_600_000).unwrap();
        let verifier = Verifier::new(vec!["k".into()], HOST).unwrap();
        for signed in [path.clone(), decode_uri(&path)] {
            let mut mac = Hmac::<Sha256>::new_from_slice(b"k").unwrap();
            mac.update(format!("GET{HOST}{signed}1795305600000").as_bytes());
            let signature = STANDARD.encode(mac.finalize().into_bytes());
            let header = |name: &str| {
                Some(if name == SIGNATURE_HEADER { signature.as_str() } else { "1795305600000" })
            };
            prop_assert_eq!(verifier.verify("GET", &path, header, b"", now), Ok(0));
        }
    }
}
