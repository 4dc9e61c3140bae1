//! Deliveries as HubSpot sends them, and as it might.

use super::*;
use proptest::prelude::*;
use serde_json::json;

const PORTAL: u64 = 2471;
const APP: u64 = 50_780_459;

fn delivery() -> Delivery<'static> {
    Delivery {
        portal: PortalId(PORTAL),
        app: AppId(APP),
        received_at: "2026-11-22T10:00:00Z".parse().unwrap(),
        correlation: Some("c-1"),
    }
}

fn event(extra: Value) -> Value {
    let mut event = json!({
        "eventId": 4_101_286_121_u64, "subscriptionId": 7562680, "portalId": PORTAL, "appId": APP,
        "occurredAt": 1795305600123_u64, "attemptNumber": 0, "changeSource": "CRM_UI", "sourceId": "userId:882",
    });
    for (name, value) in extra.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn parse_all(events: &[Value]) -> Batch {
    parse(json!(events).to_string().as_bytes(), &delivery()).unwrap()
}

fn shown(batch: &Batch) -> Vec<String> {
    batch.tickles.iter().map(|tickle| tickle.object.to_string()).collect()
}

fn check(extra: Value, want: &[&str]) {
    let batch = parse_all(&[event(extra.clone())]);
    assert_eq!(shown(&batch), want, "{extra}");
    assert_eq!(batch.dropped_unknown, usize::from(want.is_empty()), "{extra}");
}

#[test]
fn the_documented_example_is_understood() {
    let body = br#"[
      {"eventId":4101286121,"subscriptionId":7562680,"portalId":2471,"appId":50780459,"occurredAt":1795305600123,
       "subscriptionType":"object.propertyChange","attemptNumber":0,"objectId":5419354887,"objectTypeId":"0-3",
       "propertyName":"dealstage","propertyValue":"closedwon","changeSource":"CRM_UI","sourceId":"userId:882"},
      {"eventId":4101286122,"subscriptionId":7562681,"portalId":2471,"appId":50780459,"occurredAt":1795305600200,
       "subscriptionType":"object.merge","attemptNumber":0,"objectId":777,"objectTypeId":"0-2","changeSource":"CRM_UI",
       "primaryObjectId":501,"mergedObjectIds":[502],"newObjectId":777,"numberOfPropertiesMoved":4}
    ]"#;
    let batch = parse(body, &delivery()).unwrap();
    assert_eq!(shown(&batch), ["deal 5419354887", "company 777", "company 501", "company 502"]);
    assert_eq!(batch.events, 2);
    let first = &batch.tickles[0];
    assert_eq!(first.actor.as_deref(), Some("userId:882"));
    assert_eq!(first.correlation.as_deref(), Some("c-1"));
    assert_eq!((first.portal, first.reason), (PortalId(PORTAL), TickleReason::Webhook));
}

#[test]
fn classic_and_generic_names_of_every_kind_are_understood() {
    for kind in ObjectKind::ALL {
        let want = format!("{kind} 7");
        for action in ["creation", "deletion", "restore", "propertyChange", "somethingNew"] {
            check(json!({"subscriptionType": format!("{kind}.{action}"), "objectId": 7}), &[&want]);
            let generic = format!("object.{action}");
            check(
                json!({"subscriptionType": generic, "objectTypeId": kind.type_id(), "objectId": "7"}),
                &[&want],
            );
        }
    }
    check(json!({"eventType": "deal.creation", "objectId": 7, "brandNew": {"a": [1]}}), &["deal 7"]);
    check(json!({"subscriptionType": "contact.privacyDeletion", "objectId": 7}), &["contact 7"]);
}

#[test]
fn what_we_do_not_follow_is_counted_and_dropped() {
    check(json!({"subscriptionType": "ticket.creation", "objectId": 7}), &[]);
    check(json!({"subscriptionType": "conversation.newMessage", "objectId": 7}), &[]);
    check(json!({"subscriptionType": "object.creation", "objectTypeId": "2-999", "objectId": 7}), &[]);
    check(json!({"subscriptionType": "deal", "objectId": 7}), &[]);
    check(json!({"objectId": 7}), &[]);
    for bad in [json!(-7), json!(1.5), json!("x"), json!(null), json!([7]), json!("123456789012345678901")] {
        check(json!({"subscriptionType": "deal.creation", "objectId": bad}), &[]);
    }
    let batch = parse(b"[1, null, \"x\", []]", &delivery()).unwrap();
    assert_eq!((batch.events, batch.dropped_foreign), (4, 4));
}

#[test]
fn merges_ring_the_survivor_first_and_all_that_went_into_it() {
    let merge = |extra: Value| {
        let mut value = json!({"subscriptionType": "company.merge", "objectId": 777});
        for (name, field) in extra.as_object().unwrap() {
            value[name] = field.clone();
        }
        value
    };
    check(
        merge(json!({"newObjectId": "777", "primaryObjectId": 501, "mergedObjectIds": ["502", 503]})),
        &["company 777", "company 501", "company 502", "company 503"],
    );
    check(merge(json!({"mergedObjectIds": "502"})), &["company 502", "company 777"]);
    check(merge(json!({})), &["company 777"]);
}

#[test]
fn associations_ring_those_who_depend_on_them() {
    let named = |name: &str| {
        json!({"subscriptionType": "object.associationChange", "associationType": name, "fromObjectId": 1,
               "toObjectId": "2", "associationRemoved": true})
    };
    check(named("COMPANY_TO_CONTACT"), &["contact 2", "company 1"]);
    check(named("CONTACT_TO_COMPANY"), &["contact 1", "company 2"]);
    check(named("DEAL_TO_COMPANY"), &["deal 1"]);
    check(named("COMPANY_TO_DEAL"), &["deal 2"]);
    check(named("CONTACT_TO_DEAL"), &["deal 2"]);
    check(named("DEAL_TO_CONTACT"), &["deal 1"]);
    check(named("DEAL_TO_LINE_ITEM"), &["deal 1"]);
    check(named("LINE_ITEM_TO_DEAL"), &["deal 2"]);
    check(named("DEAL_TO_COMPANY_UNLABELED"), &["deal 1"]);
    for nothing in ["COMPANY_TO_COMPANY", "DEAL_TO_DEAL", "LINE_ITEM_TO_QUOTE", "TICKET_TO_DEAL", "x", ""] {
        check(named(nothing), &[]);
    }
    let mut typed = named("PORTAL_OWN_NAME");
    typed["fromObjectTypeId"] = json!("0-8");
    typed["toObjectTypeId"] = json!("0-3");
    check(typed, &["deal 2"]);
}

#[test]
fn the_same_object_is_rung_once_with_the_first_known_actor() {
    let change = |id: u64, source: Option<&str>| {
        event(json!({"subscriptionType": "deal.propertyChange", "objectId": id, "propertyName": "amount",
                     "sourceId": source}))
    };
    let batch = parse_all(&[change(2, None), change(1, None), change(2, Some("userId:5"))]);
    assert_eq!(shown(&batch), ["deal 2", "deal 1"]);
    assert_eq!(batch.tickles[0].actor.as_deref(), Some("userId:5"));
    assert_eq!(batch.tickles[1].actor, None);
    assert_eq!(batch.events, 3);
}

#[test]
fn only_users_and_apps_are_actors() {
    let check = |source: Value, want: Option<&str>| {
        let batch = parse_all(&[event(
            json!({"subscriptionType": "deal.creation", "objectId": 1, "sourceId": source}),
        )]);
        assert_eq!(batch.tickles[0].actor.as_deref(), want);
    };
    check(json!("userId:882"), Some("userId:882"));
    check(json!("50780459"), Some("50780459"));
    check(json!(50780459), Some("50780459"));
    for none in [json!("ana.b@example.com"), json!("userId:ana"), json!("userId:"), json!(""), json!(null)] {
        check(none, None);
    }
}

#[test]
fn foreign_events_are_dropped_and_the_others_go_on() {
    let good = event(json!({"subscriptionType": "deal.creation", "objectId": 1}));
    let other = |field: &str, value: Value| {
        event(json!({"subscriptionType": "deal.creation", "objectId": 9, field: value}))
    };
    let batch = parse_all(&[
        other("portalId", json!(1)),
        other("appId", json!(1)),
        other("portalId", json!(null)),
        other("appId", json!("x")),
        good,
        other("portalId", json!("2471")),
    ]);
    assert_eq!(shown(&batch), ["deal 1", "deal 9"]);
    assert_eq!(batch.dropped_foreign, 4);
}

#[test]
fn our_own_write_backs_are_an_echo_and_nothing_else_is() {
    let change = |extra: Value| {
        let mut value = event(
            json!({"subscriptionType": "object.propertyChange", "objectTypeId": "0-3", "objectId": 1,
            "propertyName": "zuora_sync_status", "changeSource": "INTEGRATION", "sourceId": APP.to_string()}),
        );
        for (name, field) in extra.as_object().unwrap() {
            value[name] = field.clone();
        }
        let batch = parse_all(&[value]);
        (batch.dropped_echo, batch.tickles.len())
    };
    assert_eq!(change(json!({})), (1, 0));
    assert_eq!(change(json!({"sourceId": APP})), (1, 0));
    assert_eq!(change(json!({"sourceId": "999"})), (0, 1));
    assert_eq!(change(json!({"changeSource": "CRM_UI", "sourceId": "userId:1"})), (0, 1));
    assert_eq!(change(json!({"propertyName": "dealstage"})), (0, 1));
    assert_eq!(change(json!({"propertyName": null, "subscriptionType": "object.creation"})), (0, 1));
}

#[test]
fn the_test_button_is_dropped() {
    check(
        json!({"subscriptionType": "contact.creation", "eventId": 100, "objectId": 123, "changeSource": "CRM",
               "changeFlag": "NEW"}),
        &[],
    );
    check(
        json!({"subscriptionType": "contact.creation", "objectId": 123, "changeSource": "CRM"}),
        &["contact 123"],
    );
}

#[test]
fn what_is_no_delivery_is_an_error() {
    let check = |body: &[u8], want| assert_eq!(parse(body, &delivery()).unwrap_err(), want);
    check(b"\xff\xfe", BatchError::NotText);
    check(b"", BatchError::NotJson);
    check(b"[", BatchError::NotJson);
    check(b"[{]", BatchError::NotJson);
    check(b"{}", BatchError::NotArray);
    check(b"\"x\"", BatchError::NotArray);
    check("[".repeat(17).as_bytes(), BatchError::TooDeep);
    check("[".repeat(900_000).as_bytes(), BatchError::TooDeep);
    let deep = format!("[{}{}]", "[".repeat(15), "]".repeat(15));
    assert!(parse(deep.as_bytes(), &delivery()).is_ok());
    let quoted = format!("[\"{}\\\"[[[\"]", "[".repeat(40));
    assert!(parse(quoted.as_bytes(), &delivery()).is_ok());
    assert_eq!(parse(b"[]", &delivery()).unwrap(), Batch::default());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&body, &delivery());
    }

    #[test]
    fn every_event_is_counted_once(ids in proptest::collection::vec(0..30_u64, 0..100)) {
        let events: Vec<Value> = ids
            .iter()
            .map(|id| match id % 3 {
                0 => event(json!({"subscriptionType": "deal.creation", "objectId": id})),
                1 => event(json!({"subscriptionType": "ticket.creation", "objectId": id})),
                _ => event(json!({"subscriptionType": "deal.creation", "objectId": id, "portalId": 1})),
            })
            .collect();
        let batch = parse_all(&events);
        prop_assert_eq!(batch.events, ids.len());
        let rung = ids.iter().filter(|id| *id % 3 == 0).count();
        prop_assert_eq!(rung + batch.dropped_unknown + batch.dropped_foreign, ids.len());
        prop_assert!(batch.tickles.len() <= rung);
    }
}
