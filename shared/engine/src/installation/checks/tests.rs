//! Where a check becomes a warning, and where it is wrong.

use super::*;
use connector_domain::ids::PortalId;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn facts() -> PortalFacts {
    PortalFacts {
        id: PortalId(1),
        account_type: None,
        time_zone: Some("Europe/Oslo".into()),
        home_currency: Some("NOK".into()),
        further_currencies: BTreeSet::from(["EUR".into()]),
        clock: None,
    }
}

#[test]
fn a_clock_may_be_some_seconds_off() {
    let level = |apart| clock("HubSpot", Some(at(0)), at(apart)).level;
    assert_eq!([level(0), level(15), level(-15)], [Level::Ok; 3]);
    assert_eq!([level(16), level(-55)], [Level::Warning; 2]);
    assert_eq!([level(56), level(-3_600)], [Level::Wrong; 2]);
    assert_eq!(clock("HubSpot", None, at(0)).level, Level::Ok);
    assert_eq!(clock("Zuora", Some(at(90)), at(0)).found, "ours is 90 s behind");
}

#[test]
fn the_public_address_must_be_reachable_by_hubspot() {
    for bad in [
        "http://hook.acme.io",
        "https://localhost:8787",
        "http://127.0.0.1:8787",
        "https://[::1]/x",
        "https://10.1.2.3",
        "https://192.168.0.7:8443/a",
        "https://[fd00::1]",
        "https://connector",
        "https://box.local",
        "https://billing.example.com",
        "https://hook.example",
    ] {
        assert_eq!(public_url(bad, true).level, Level::Wrong, "{bad}");
        assert_eq!(public_url(bad, false).level, Level::Ok, "{bad}");
    }
    for good in
        ["https://hook.acme.io", "https://abc.execute-api.eu-west-1.amazonaws.com/stage", "https://8.8.8.8"]
    {
        assert_eq!(public_url(good, true).level, Level::Ok, "{good}");
    }
}

#[test]
fn a_sandbox_is_never_paired_with_production_in_silence() {
    let level =
        |account, host: &str| pairing(hubspot_stage(Some(account), false), zuora_stage(host, false)).level;
    assert_eq!(level("STANDARD", "rest.eu.zuora.com"), Level::Ok);
    assert_eq!(level("SANDBOX", "rest.test.zuora.com"), Level::Ok);
    assert_eq!(level("DEVELOPER_TEST", "rest.zuora.com"), Level::Wrong);
    assert_eq!(level("STANDARD", "rest.apisandbox.zuora.com"), Level::Warning);
    assert_eq!(level("STANDARD", "rest.tenant.example"), Level::Ok);
    assert_eq!(
        pairing(hubspot_stage(Some("STANDARD"), true), zuora_stage("127.0.0.1", true)).level,
        Level::Ok
    );
}

#[test]
fn zones_and_currencies_are_compared_with_the_configuration() {
    let zone = |name: &str| TimeZone::get(name).unwrap();
    assert_eq!(time_zone(&facts(), None).level, Level::Ok);
    assert_eq!(time_zone(&facts(), Some(&zone("Europe/Oslo"))).level, Level::Ok);
    assert_eq!(time_zone(&facts(), Some(&zone("UTC"))).level, Level::Warning);
    let unknown = PortalFacts { time_zone: Some("Mars/Olympus".into()), ..facts() };
    assert_eq!(time_zone(&unknown, None).level, Level::Wrong);
    let tenant = |codes: &[&str]| codes.iter().map(|c| Currency::parse(c).unwrap()).collect::<BTreeSet<_>>();
    assert_eq!(currencies(&facts(), None).level, Level::Ok);
    assert_eq!(currencies(&facts(), Some(&tenant(&["EUR", "NOK", "USD"]))).level, Level::Ok);
    let lacks = currencies(&facts(), Some(&tenant(&["NOK"])));
    assert_eq!((lacks.level, lacks.found.as_str()), (Level::Warning, "the tenant has no EUR"));
}
