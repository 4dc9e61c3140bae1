//! The queue against an SQS emulator: what is sent arrives, in its group, once.

use crate::endpoints::emulator;
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use connector_aws::{QueueUrls, SqsTickles};
use connector_domain::fault::FaultClass;
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{Message, ObjectKind, ObjectRef, Tickle, TickleReason};
use connector_ports::tickles::Tickles as _;
use std::collections::BTreeSet;

const VARIABLE: &str = "SQS_ENDPOINT";

async fn queue(client: &aws_sdk_sqs::Client, name: &str) -> String {
    let name = format!("it-{}-{name}.fifo", std::process::id());
    let request = client.create_queue().queue_name(name).attributes(QueueAttributeName::FifoQueue, "true");
    request.send().await.unwrap().queue_url.unwrap()
}

async fn queues(client: &aws_sdk_sqs::Client, test: &str) -> QueueUrls {
    QueueUrls {
        company: queue(client, &format!("{test}-company")).await,
        contact: queue(client, &format!("{test}-contact")).await,
        product: queue(client, &format!("{test}-product")).await,
        deal: queue(client, &format!("{test}-deal")).await,
        line_item: queue(client, &format!("{test}-line_item")).await,
    }
}

fn tickle(kind: ObjectKind, id: u32, received_at: &str) -> Tickle {
    Tickle {
        portal: PortalId(24680135),
        object: ObjectRef::new(kind, HubSpotId::parse(&id.to_string()).unwrap()),
        reason: TickleReason::Webhook,
        actor: None,
        correlation: Some(format!("c-{id}")),
        received_at: received_at.parse().unwrap(),
    }
}

/// Takes everything out of a queue: body, group and correlation.
async fn drain(client: &aws_sdk_sqs::Client, url: &str) -> Vec<(Message, String, String)> {
    let mut drained = Vec::new();
    loop {
        let request = client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
            .message_attribute_names("correlation");
        let messages = request.send().await.unwrap().messages.unwrap_or_default();
        if messages.is_empty() {
            return drained;
        }
        for message in messages {
            let group = message.attributes.unwrap().remove(&MessageSystemAttributeName::MessageGroupId);
            let correlation = message.message_attributes.unwrap().remove("correlation").unwrap();
            let body = Message::decode(message.body.as_deref().unwrap()).unwrap();
            drained.push((body, group.unwrap(), correlation.string_value.unwrap()));
            let handle = message.receipt_handle.unwrap();
            client.delete_message().queue_url(url).receipt_handle(handle).send().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqs_gets_each_tickle_once_in_the_queue_of_its_kind() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let urls = queues(&clients.sqs, "once").await;
    let sender = SqsTickles::new(clients.sqs.clone(), urls.clone());
    let at = "2026-11-16T10:00:00Z";
    let tickles: Vec<_> =
        ObjectKind::ALL.into_iter().flat_map(|kind| (1..=12).map(move |id| tickle(kind, id, at))).collect();
    sender.send(&tickles).await.unwrap();
    // The same request again, as HubSpot repeats it.
    sender.send(&tickles).await.unwrap();
    for kind in ObjectKind::ALL {
        let drained = drain(&clients.sqs, urls.of(kind)).await;
        assert_eq!(drained.len(), 12, "{kind}");
        let ids: BTreeSet<_> = drained
            .into_iter()
            .map(|(Message::Look(tickle), group, correlation)| {
                assert_eq!(group, tickle.key().as_text());
                assert_eq!(Some(correlation), tickle.correlation);
                assert_eq!(tickle.object.kind, kind);
                tickle.object.id
            })
            .collect();
        assert_eq!(ids.len(), 12);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqs_rings_again_for_a_second_change_of_the_same_object() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let urls = queues(&clients.sqs, "again").await;
    let sender = SqsTickles::new(clients.sqs.clone(), urls.clone());
    for at in ["2026-11-16T10:00:00Z", "2026-11-16T10:00:01Z"] {
        sender.send(&[tickle(ObjectKind::Deal, 7001, at)]).await.unwrap();
        assert_eq!(drain(&clients.sqs, &urls.deal).await.len(), 1, "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_queue_does_not_hold_back_the_others() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let mut urls = queues(&clients.sqs, "missing").await;
    urls.company = urls.company.replace(".fifo", "-none.fifo");
    let sender = SqsTickles::new(clients.sqs.clone(), urls.clone());
    let at = "2026-11-16T10:00:00Z";
    let both = [tickle(ObjectKind::Company, 1, at), tickle(ObjectKind::Deal, 2, at)];
    let error = sender.send(&both).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Denied, "{error}");
    assert_eq!(drain(&clients.sqs, &urls.deal).await.len(), 1);
}
