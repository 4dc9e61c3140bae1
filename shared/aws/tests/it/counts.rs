//! What counting costs: segments, bounds, and what is remembered; and the sum over the queues.

use crate::canned::Canned;
use crate::endpoints::clients;
use connector_aws::{DynamoStates, QueueUrls, SqsTickles};
use connector_domain::ids::PortalId;
use connector_domain::object::ObjectKind;
use connector_ports::states::{COUNTS_KEPT, States as _};
use connector_ports::tickles::{Tickles as _, Waiting};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PORTAL: PortalId = PortalId(24680135);

async fn states(server: &Canned) -> DynamoStates {
    DynamoStates::new(clients(&server.address).await.dynamodb, "state", "audit")
}

fn now() -> Timestamp {
    "2026-11-16T10:00:00Z".parse().unwrap()
}

/// One deal in each segment.
fn deal(request: &Value) -> Value {
    let pk = format!("{PORTAL}#deal#{}", request["Segment"]);
    json!({"pk": {"S": pk}, "fence": {"N": "1"}, "status": {"S": "in_sync"}})
}

#[tokio::test]
async fn a_page_that_is_loaded_again_does_not_scan_again() {
    let server = Canned::start(|_, request| (200, json!({"Items": [deal(request)]}))).await;
    let states = states(&server).await;
    let within = now() + COUNTS_KEPT - SignedDuration::from_secs(1);
    for at in [now(), within] {
        let counts = states.clone().counts(PORTAL, at).await.unwrap();
        assert_eq!((counts.of(ObjectKind::Deal).in_sync, counts.complete), (4, true));
    }
    let requests = server.requests();
    let segments: BTreeSet<_> = requests.iter().filter_map(|request| request["Segment"].as_u64()).collect();
    assert_eq!((requests.len(), segments), (4, BTreeSet::from([0, 1, 2, 3])));
    assert!(requests.iter().all(|request| request["ProjectionExpression"] == "#pk, #status, #fence"));

    states.counts(PORTAL, now() + COUNTS_KEPT).await.unwrap();
    assert_eq!(server.requests().len(), 8, "the time is over");
    states.counts(PortalId(1), now() + COUNTS_KEPT).await.unwrap();
    assert_eq!(server.requests().len(), 12, "another portal");
}

#[tokio::test]
async fn a_table_that_does_not_end_is_counted_in_part() {
    let server = Canned::start(|_, request| {
        let item = deal(request);
        (200, json!({"Items": [item], "LastEvaluatedKey": {"pk": item["pk"]}}))
    })
    .await;
    let counts = states(&server).await.counts(PORTAL, now()).await.unwrap();
    assert_eq!((counts.of(ObjectKind::Deal).in_sync, counts.complete), (100, false));
    assert_eq!(server.requests().len(), 100);
}

#[tokio::test]
async fn a_scan_that_is_refused_is_not_remembered() {
    let server = Canned::start(|number, _| match number {
        0..4 => (400, json!({"__type": "AccessDeniedException", "message": "words"})),
        _ => (200, json!({"Items": []})),
    })
    .await;
    let states = states(&server).await;
    states.counts(PORTAL, now()).await.unwrap_err();
    while server.requests().len() < 4 {
        let _ = states.counts(PORTAL, now()).await;
    }
    assert!(states.counts(PORTAL, now()).await.unwrap().complete);
}

async fn sender(server: &Canned) -> SqsTickles {
    let url = |kind: &str| format!("{}/1/{kind}.fifo", server.address);
    let urls = QueueUrls {
        company: url("company"),
        contact: url("contact"),
        product: url("product"),
        deal: url("deal"),
        line_item: url("line_item"),
    };
    SqsTickles::new(clients(&server.address).await.sqs, urls)
}

#[tokio::test]
async fn what_waits_is_the_sum_over_all_queues() {
    let server = Canned::start(|number, _| {
        (200, json!({"Attributes": {"ApproximateNumberOfMessages": number.to_string()}}))
    })
    .await;
    let waiting = sender(&server).await.waiting(PORTAL).await.unwrap();
    assert_eq!(waiting, Waiting { messages: 10, oldest: None });
    let asked: BTreeSet<_> =
        server.requests().iter().map(|request| request["QueueUrl"].to_string()).collect();
    assert_eq!(asked.len(), 5);
}

#[tokio::test]
async fn one_queue_that_does_not_answer_makes_the_sum_unknown() {
    let server = Canned::start(|_, request| {
        if request["QueueUrl"].as_str().is_some_and(|url| url.ends_with("/deal.fifo")) {
            return (403, json!({"__type": "AccessDenied", "message": "words"}));
        }
        (200, json!({"Attributes": {"ApproximateNumberOfMessages": "1"}}))
    })
    .await;
    sender(&server).await.waiting(PORTAL).await.unwrap_err();
}
