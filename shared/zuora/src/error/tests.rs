//! Every row of `zuora.md` 2.1 to 2.3.

use super::*;
use connector_http::Reply;
use std::collections::HashMap;

fn now() -> Timestamp {
    "2026-11-16T10:00:00Z".parse().unwrap()
}

fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let headers: HashMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Reply { status, headers: (&headers).try_into().unwrap(), body: body.to_owned().into() }
}

fn verdict(mode: Mode, status: u16, body: &str) -> Verdict {
    Said::read(&reply(status, &[], body)).judge("zuora test", mode, now())
}

fn class(mode: Mode, status: u16, body: &str) -> FaultClass {
    match verdict(mode, status, body) {
        Verdict::Failed(error) => error.class,
        other => panic!("{status} {body} is {other:?}"),
    }
}

fn reasons_of(codes: &[&str]) -> String {
    let list: Vec<String> = codes.iter().map(|c| format!(r#"{{"code":{c},"message":"m"}}"#)).collect();
    format!(r#"{{"success":false,"processId":"P","requestId":"R","reasons":[{}]}}"#, list.join(","))
}

const WAIT: FaultClass = FaultClass::Throttled { until: None };

#[test]
fn suffixes_decide_with_http_200_and_400_alike() {
    for (code, want) in [
        ("53100010", FaultClass::Permanent),
        ("53100020", FaultClass::Permanent),
        ("53100021", FaultClass::Permanent),
        ("53100022", FaultClass::Permanent),
        ("53100023", FaultClass::Permanent),
        ("53100027", FaultClass::Permanent),
        ("53100030", FaultClass::Permanent),
        ("53100040", FaultClass::Permanent),
        ("53100045", FaultClass::Permanent),
        ("53100050", FaultClass::Transient),
        ("'53100050'", FaultClass::Transient),
        ("53100060", FaultClass::Unknown),
        ("53100061", FaultClass::Transient),
        ("53100070", WAIT),
        ("53100090", FaultClass::Permanent),
        ("53100099", FaultClass::Unknown),
        ("53100320", FaultClass::Permanent),
        ("58730222", FaultClass::Permanent),
        ("90000011", FaultClass::Denied),
        ("53100011", FaultClass::Denied),
        ("50", FaultClass::Permanent),
        ("''", FaultClass::Permanent),
    ] {
        let body = reasons_of(&[&code.replace('\'', "\"")]);
        for status in [200, 400, 422] {
            assert_eq!(class(Mode::Write, status, &body), want, "{code} with {status}");
        }
    }
}

#[test]
fn several_reasons_may_be_retried_only_if_all_may() {
    for (codes, want) in [
        (&["53100050", "53100061"][..], FaultClass::Transient),
        (&["53100050", "53100070"], WAIT),
        (&["53100050", "53100060"], FaultClass::Unknown),
        (&["53100050", "53100020"], FaultClass::Permanent),
        (&["53100020", "53100060"], FaultClass::Permanent),
        (&["53100011", "53100060"], FaultClass::Denied),
    ] {
        assert_eq!(class(Mode::Write, 200, &reasons_of(codes)), want, "{codes:?}");
    }
    let Verdict::Failed(error) = verdict(Mode::Write, 200, &reasons_of(&["53100050", "53100020"])) else {
        panic!()
    };
    assert_eq!((error.code.as_deref(), error.message.as_str()), (Some("53100020"), "m; m"));
}

#[test]
fn the_status_decides_where_nobody_knows() {
    let refused = reasons_of(&["53100020"]);
    for status in [408, 409, 500, 502, 503, 504] {
        for body in ["", "<html>", refused.as_str()] {
            assert_eq!(class(Mode::Write, status, body), FaultClass::Unknown, "{status}");
            assert_eq!(class(Mode::Query, status, body), FaultClass::Transient, "{status}");
            assert_eq!(class(Mode::KeyedRead, status, body), FaultClass::Transient, "{status}");
        }
    }
    for (status, want) in [
        (302, FaultClass::Permanent),
        (400, FaultClass::Permanent),
        (401, FaultClass::Denied),
        (403, FaultClass::Denied),
        (404, FaultClass::Permanent),
        (405, FaultClass::Permanent),
        (422, FaultClass::Permanent),
        (429, WAIT),
        (199, FaultClass::Bug),
    ] {
        assert_eq!(class(Mode::Write, status, "{}"), want, "{status}");
    }
    assert_eq!(class(Mode::Write, 403, &reasons_of(&["50000010"])), FaultClass::Denied);
    assert_eq!(class(Mode::Write, 429, &reasons_of(&["50000020"])), WAIT);
}

#[test]
fn all_five_shapes_are_refusals() {
    for (status, body, code, message) in [
        (200, r#"{"success":false,"reasons":[{"code":53100320,"message":"no"}]}"#, "53100320", "no"),
        (
            200,
            r#"{"Success":false,"Errors":[{"Code":"MISSING_REQUIRED_VALUE","Message":"no"}]}"#,
            "MISSING_REQUIRED_VALUE",
            "no",
        ),
        (
            400,
            r#"{"Success":false,"Errors":[{"Code":"DUPLICATE_VALUE","Message":"no"}]}"#,
            "DUPLICATE_VALUE",
            "no",
        ),
        (400, r#"{"reasons":[{"code":50000027,"message":"no"}],"requestId":"r"}"#, "50000027", "no"),
        (200, r#"{"reasons":[{"code":"50000027","message":"no"}]}"#, "50000027", "no"),
        (200, r#"{"FaultCode":"INVALID_VALUE","FaultMessage":"no"}"#, "INVALID_VALUE", "no"),
        (400, r#"{"code":"400","message":"no"}"#, "400", "no"),
        (400, r#"{"reasons":[{"code":"ResourceNotFound","message":"no"}]}"#, "ResourceNotFound", "no"),
        (400, r#"{"success":false,"reason":"no"}"#, "", "no"),
        (200, r#"{"success":"false","reasons":[]}"#, "", "Zuora gave no reason"),
    ] {
        let Verdict::Failed(error) = verdict(Mode::Write, status, body) else { panic!("{body}") };
        assert_eq!(error.class, FaultClass::Permanent, "{body}");
        assert_eq!(error.code.as_deref().unwrap_or_default(), code, "{body}");
        assert_eq!((error.status, error.message.as_str()), (Some(status), message), "{body}");
    }
    let crud = |code: &str| format!(r#"{{"Success":false,"Errors":[{{"Code":"{code}","Message":"m"}}]}}"#);
    assert_eq!(class(Mode::Write, 200, &crud("LOCK_COMPETITION")), FaultClass::Transient);
    assert_eq!(class(Mode::Write, 200, &crud("INVALID_SESSION")), FaultClass::Denied);
    assert_eq!(class(Mode::Write, 200, &crud("UNKNOWN_ERROR")), FaultClass::Unknown);
}

#[test]
fn what_is_not_refused_is_done() {
    for (status, body) in [
        (200, r#"{"success":true,"accountId":"a"}"#),
        (200, r#"{"success":true,"reasons":[{"code":1,"message":"a warning"}]}"#),
        (201, r#"{"Success":true,"Id":"i"}"#),
        (200, r#"{"data":[],"nextPage":null}"#),
        (200, r#"{"code":"x","message":"a field of the object"}"#),
        (204, ""),
    ] {
        assert!(matches!(verdict(Mode::Write, status, body), Verdict::Done), "{body}");
    }
}

#[test]
fn absence_is_only_what_zuora_calls_so() {
    let absent = reasons_of(&["50000040"]);
    for (status, body) in [
        (404, absent.as_str()),
        (200, absent.as_str()),
        (404, r#"{"reasons":[{"code":"50000040","message":"m"}],"requestId":"r"}"#),
        (404, r#"{"reasons":[{"code":"ResourceNotFound","message":"m"}]}"#),
        (404, r#"{"code":"404","message":"Not found"}"#),
        (404, r#"{"success":false}"#),
        (404, ""),
        (404, "{}"),
    ] {
        assert!(matches!(verdict(Mode::KeyedRead, status, body), Verdict::Missing), "{status} {body}");
        assert_eq!(class(Mode::Write, status, body), FaultClass::Permanent, "{status} {body}");
        assert_eq!(class(Mode::Query, status, body), FaultClass::Permanent, "{status} {body}");
    }
    for (status, body) in [
        (404, "<html>"),
        (404, "no Route matched with those values"),
        (404, r#"{"code":"404","message":"no Route matched with those values"}"#),
        (404, &reasons_of(&["50000040", "50000020"])),
        (200, &reasons_of(&["50000040", "50000060"])),
        (200, r#"{"success":false}"#),
        (400, &absent),
    ] {
        assert!(matches!(verdict(Mode::KeyedRead, status, body), Verdict::Failed(_)), "{status} {body}");
    }
}

#[test]
fn zuora_says_how_long_to_wait() {
    let (retry, reset, kind) = ("retry-after", "ratelimit-reset", ("concurrency-limit-type", "Default"));
    let busy = reasons_of(&["53100070"]);
    for (status, headers, body, seconds) in [
        (429, &[(retry, "12")][..], "", Some(12)),
        (200, &[(retry, "12")], busy.as_str(), Some(12)),
        (429, &[(retry, "90"), (reset, "5"), kind], "", Some(90)),
        (429, &[(retry, "soon"), (reset, "5")], "", Some(5)),
        (429, &[(reset, "1200")], "", Some(60)),
        (429, &[(reset, "30, 60;w=60")], "", Some(30)),
        (429, &[(reset, "soon")], "", None),
        (429, &[(reset, "30"), kind], "", None),
        (429, &[(reset, "30")], &busy, None),
        (200, &[(reset, "30")], &busy, None),
        (429, &[], "", None),
    ] {
        let said = Said::read(&reply(status, headers, body));
        let Verdict::Failed(error) = said.judge("zuora test", Mode::Write, now()) else { panic!() };
        let until = seconds.map(|seconds| now() + SignedDuration::from_secs(seconds));
        assert_eq!(error.class, FaultClass::Throttled { until }, "{status} {headers:?} {body}");
    }
}

#[test]
fn an_equal_answer_has_an_equal_digest_and_the_request_id_is_kept() {
    let digest = |status, body: &str| {
        let said = Said::read(&reply(status, &[("Zuora-Request-Id", "q-1")], body));
        let Verdict::Failed(error) = said.judge("zuora test", Mode::Write, now()) else { panic!() };
        assert_eq!(error.request_id.as_deref(), Some("q-1"));
        error.digest.unwrap()
    };
    let one = digest(500, r#"{"requestId":"a"}"#);
    assert_eq!(one.len(), 64);
    assert_eq!(one, digest(500, r#"{"requestId":"a"}"#));
    assert_ne!(one, digest(500, r#"{"requestId":"b"}"#));
    assert_ne!(one, digest(502, r#"{"requestId":"a"}"#));
    let Verdict::Failed(error) = verdict(Mode::Write, 200, &reasons_of(&["53100020"])) else { panic!() };
    assert_eq!(error.request_id.as_deref(), Some("R"));
}

#[test]
fn long_words_are_cut() {
    let body = format!(r#"{{"success":false,"reasons":[{{"code":1,"message":"{}"}}]}}"#, "ä".repeat(900));
    let Verdict::Failed(error) = verdict(Mode::Write, 200, &body) else { panic!() };
    assert_eq!(error.message.chars().count(), 500);
}

#[test]
fn a_call_without_an_answer() {
    let not_sent = Failure::NotSent("refused".to_owned());
    let unknown = Failure::Unknown("cut".to_owned());
    for (failure, mode, want) in [
        (&not_sent, Mode::Write, FaultClass::Transient),
        (&not_sent, Mode::Query, FaultClass::Transient),
        (&unknown, Mode::Write, FaultClass::Unknown),
        (&unknown, Mode::KeyedRead, FaultClass::Transient),
        (&Failure::TooLarge, Mode::Write, FaultClass::Unknown),
        (&Failure::TooLarge, Mode::Query, FaultClass::Bug),
    ] {
        assert_eq!(lost("zuora test", mode, failure).class, want, "{failure} {mode:?}");
    }
}

#[test]
fn a_body_that_cannot_be_read() {
    let said = Said::read(&reply(200, &[], "{\"data\":"));
    for (mode, want) in [
        (Mode::Write, FaultClass::Unknown),
        (Mode::Query, FaultClass::Transient),
        (Mode::KeyedRead, FaultClass::Transient),
    ] {
        assert_eq!(said.unusable("zuora test", mode).class, want);
    }
}

#[test]
fn a_bare_list_has_no_flags() {
    let list = format!("[{}]", vec![r#"{"id":"r1"}"#; 13].join(","));
    assert!(matches!(verdict(Mode::KeyedRead, 200, &list), Verdict::Done));
}
