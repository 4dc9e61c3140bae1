//! Promises of the queue, among them one with a process that is killed.

use super::*;
use crate::sqlite::tests::Folder;
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

struct Room {
    folder: Folder,
    queue: LocalQueue,
}

impl Room {
    fn new() -> Self {
        let folder = Folder::new();
        let queue = open(folder.database(), Settings::default());
        Self { folder, queue }
    }

    fn raw(&self) -> Connection {
        Connection::open(self.folder.database()).unwrap()
    }

    async fn send(&self, tickle: Tickle) {
        self.queue.send(&[tickle]).await.unwrap();
    }

    async fn take(&self, now: i64) -> Vec<Taken> {
        self.queue.take(at(now), 100).await.unwrap()
    }

    /// Takes what must be exactly one message.
    async fn take_one(&self, now: i64) -> Taken {
        let mut taken = self.take(now).await;
        assert_eq!(taken.len(), 1, "{taken:?}");
        taken.remove(0)
    }
}

fn open(path: PathBuf, settings: Settings) -> LocalQueue {
    LocalQueue::new(&SqliteStates::open(path).unwrap(), settings)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn tickle(deal: u64, reason: TickleReason, received: i64) -> Tickle {
    Tickle {
        portal: PortalId(24680135),
        object: ObjectRef::new(ObjectKind::Deal, HubSpotId::parse(&deal.to_string()).unwrap()),
        reason,
        actor: None,
        correlation: Some(format!("c-{received}")),
        received_at: at(received),
    }
}

fn webhook(deal: u64, received: i64) -> Tickle {
    tickle(deal, TickleReason::Webhook, received)
}

fn look(tickle: &Tickle) -> Message {
    Message::Look(tickle.clone())
}

fn objects(taken: &[Taken]) -> Vec<String> {
    let object = |taken: &Taken| match &taken.message {
        Message::Look(tickle) => tickle.object.to_string(),
    };
    taken.iter().map(object).collect()
}

#[tokio::test]
async fn message_comes_as_it_was_sent_and_goes_when_done() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    let taken = room.take_one(1).await;
    assert_eq!((&taken.message, taken.receives), (&look(&webhook(1, 0)), 1));
    assert_eq!(room.take(2).await, []);
    assert!(room.queue.done(&taken).await.unwrap());
    assert!(!room.queue.done(&taken).await.unwrap());
    assert_eq!(room.queue.depth().await.unwrap(), Depth::default());
}

#[tokio::test]
async fn objects_are_served_in_the_order_of_their_oldest_message() {
    let room = Room::new();
    for deal in [3, 1, 2] {
        room.send(webhook(deal, 0)).await;
    }
    assert_eq!(objects(&room.queue.take(at(1), 2).await.unwrap()), ["deal 3", "deal 1"]);
    assert_eq!(objects(&room.take(1).await), ["deal 2"]);
}

#[tokio::test]
async fn one_object_has_one_message_in_flight() {
    let room = Room::new();
    room.send(tickle(1, TickleReason::Webhook, 0)).await;
    room.send(tickle(1, TickleReason::Button, 1)).await;
    let first = room.take_one(2).await;
    assert_eq!(room.take(3).await, []);
    assert!(room.queue.done(&first).await.unwrap());
    let second = room.take_one(4).await;
    assert_eq!(second.message, look(&tickle(1, TickleReason::Button, 1)));
}

#[tokio::test]
async fn waiting_messages_of_the_same_reason_are_folded_and_the_later_moment_stays() {
    let room = Room::new();
    let burst = [webhook(1, 5), webhook(1, 9), webhook(1, 7), webhook(2, 5)];
    room.queue.send(&burst).await.unwrap();
    room.send(tickle(1, TickleReason::Related, 9)).await;
    assert_eq!(room.queue.depth().await.unwrap().waiting, 3);
    let taken = room.take(10).await;
    assert_eq!(
        taken.iter().map(|taken| &taken.message).collect::<Vec<_>>(),
        [&look(&webhook(1, 9)), &look(&webhook(2, 5))]
    );
}

#[tokio::test]
async fn buttons_are_never_folded() {
    let room = Room::new();
    room.send(tickle(1, TickleReason::Button, 0)).await;
    room.send(tickle(1, TickleReason::Button, 0)).await;
    assert_eq!(room.queue.depth().await.unwrap().waiting, 2);
}

#[tokio::test]
async fn tickle_during_the_work_is_not_lost() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    let first = room.take_one(1).await;
    room.send(webhook(1, 2)).await;
    room.send(webhook(1, 3)).await;
    assert!(room.queue.done(&first).await.unwrap());
    assert_eq!(room.take_one(4).await.message, look(&webhook(1, 3)));
}

#[tokio::test]
async fn tickle_after_a_failure_has_a_life_of_its_own() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    let first = room.take_one(1).await;
    assert!(room.queue.back(&first, at(1_000)).await.unwrap());
    assert_eq!(room.take(999).await, []);
    // The newer request neither waits for the older one nor inherits its failures.
    room.send(webhook(1, 20)).await;
    let second = room.take_one(20).await;
    assert_eq!((&second.message, second.receives), (&look(&webhook(1, 20)), 1));
    assert!(room.queue.done(&second).await.unwrap());
    let again = room.take_one(1_000).await;
    assert_eq!((&again.message, again.receives), (&look(&webhook(1, 0)), 2));
}

#[tokio::test]
async fn unanswered_message_comes_again_and_the_late_answer_is_refused() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    let late = room.take_one(0).await;
    assert_eq!(room.take(539).await, []);
    let again = room.take_one(540).await;
    assert_eq!(again.receives, 2);
    assert!(!room.queue.done(&late).await.unwrap());
    assert!(!room.queue.back(&late, at(541)).await.unwrap());
    assert_eq!(room.take(541).await, []);
    assert!(room.queue.done(&again).await.unwrap());
}

#[tokio::test]
async fn third_failure_makes_a_dead_letter_and_redrive_brings_it_back() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    room.send(webhook(2, 0)).await;
    for round in 0..3 {
        for taken in room.take(round).await {
            if objects(std::slice::from_ref(&taken)) == ["deal 1"] {
                assert!(room.queue.back(&taken, at(round)).await.unwrap());
            } else {
                assert!(room.queue.done(&taken).await.unwrap());
            }
        }
    }
    assert_eq!(room.take(1_000).await, []);
    let letters = room.queue.dead(10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].object.clone(), letters[0].receives), (Some(webhook(1, 0).key()), 3));
    assert_eq!(letters[0].cause, "received 3 times without being done");
    assert_eq!(room.queue.depth().await.unwrap(), Depth { dead: 1, ..Depth::default() });
    assert_eq!(room.queue.redrive().await.unwrap(), 1);
    let taken = room.take_one(1_001).await;
    assert_eq!((&taken.message, taken.receives), (&look(&webhook(1, 0)), 1));
    assert_eq!(room.queue.dead(10).await.unwrap(), []);
}

#[tokio::test]
async fn message_whose_looks_fail_for_a_reason_that_passes_is_never_a_dead_letter() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    for round in 0..20 {
        let taken = room.take_one(i64::from(round) * 10).await;
        assert_eq!((taken.receives, taken.failures), (1, round));
        let next = at(i64::from(round) * 10 + 10);
        assert!(room.queue.failed(&taken, next).await.unwrap());
        assert!(!room.queue.failed(&taken, next).await.unwrap(), "it is no longer ours");
        assert_eq!(room.take(i64::from(round) * 10 + 9).await, []);
        assert_eq!(room.queue.depth().await.unwrap().dead, 0);
    }
    let taken = room.take_one(200).await;
    assert_eq!((&taken.message, taken.receives, taken.failures), (&look(&webhook(1, 0)), 1, 20));
    // What does count still does, however often it was put off before.
    assert!(room.queue.back(&taken, at(201)).await.unwrap());
    assert!(room.queue.failed(&room.take_one(201).await, at(202)).await.unwrap());
    assert!(room.queue.back(&room.take_one(202).await, at(203)).await.unwrap());
    let last = room.take_one(203).await;
    assert_eq!((last.receives, last.failures), (3, 21));
    assert!(room.queue.back(&last, at(204)).await.unwrap());
    assert_eq!(room.queue.depth().await.unwrap(), Depth { dead: 1, ..Depth::default() });
    assert_eq!(room.queue.redrive().await.unwrap(), 1);
    assert_eq!(room.take_one(205).await.failures, 0);
}

#[tokio::test]
async fn message_of_an_object_that_somebody_else_holds_is_put_off_uncounted() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    for round in 0..20 {
        let taken = room.take_one(round).await;
        assert_eq!((taken.receives, taken.failures), (1, 0));
        assert!(room.queue.later(&taken, at(round + 1)).await.unwrap());
    }
    assert_eq!(room.queue.depth().await.unwrap().dead, 0);
}

#[tokio::test]
async fn message_that_kills_its_worker_ends_as_a_dead_letter_too() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    for _ in 0..3 {
        room.take_one(1).await;
        assert_eq!(room.queue.recover().await.unwrap(), 1);
    }
    room.send(webhook(1, 2)).await;
    // In one call the poison is put aside and the message behind it is served.
    assert_eq!(room.take_one(3).await.message, look(&webhook(1, 2)));
    assert_eq!(room.queue.dead(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn dead_letter_is_never_folded_into() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    room.raw().execute("UPDATE queue SET message = '{\"v\":9}'", []).unwrap();
    assert_eq!(room.take(1).await, []);
    room.send(webhook(1, 2)).await;
    assert_eq!(room.take_one(3).await.message, look(&webhook(1, 2)));
}

#[tokio::test]
async fn due_retry_folds_into_one_that_was_given_back_but_not_into_one_in_flight() {
    let room = Room::new();
    let due = |received| tickle(1, TickleReason::Due, received);
    room.send(due(0)).await;
    let first = room.take_one(0).await;
    room.send(due(1)).await;
    assert_eq!(room.queue.depth().await.unwrap().waiting, 1);
    assert!(room.queue.back(&first, at(100)).await.unwrap());
    for received in 2..10 {
        room.send(due(received)).await;
    }
    assert_eq!(room.queue.depth().await.unwrap().waiting, 2);
    assert_eq!(room.take(200).await.len(), 1);
}

#[tokio::test]
async fn letters_that_say_the_same_leave_one_dead_letter() {
    let room = Room::new();
    for round in 0..5 {
        for reason in [TickleReason::Due, TickleReason::Webhook, TickleReason::Button] {
            room.send(tickle(1, reason, round)).await;
        }
        room.send(webhook(2, round)).await;
        for _ in 0..9 {
            for taken in room.take(round).await {
                assert!(room.queue.back(&taken, at(round)).await.unwrap());
            }
        }
        assert_eq!(room.queue.depth().await.unwrap().waiting, 0);
    }
    let letters = room.queue.dead(100).await.unwrap();
    let count = |reason: &str| letters.iter().filter(|letter| letter.text.contains(reason)).count();
    assert_eq!((count("due"), count("webhook"), count("button")), (1, 2, 5));
    assert_eq!(letters.iter().filter(|letter| letter.received_at == at(4)).count(), 4);
}

#[tokio::test]
async fn unreadable_messages_go_dead_alone() {
    let room = Room::new();
    for deal in 1..=4 {
        room.send(webhook(deal, 0)).await;
    }
    let raw = room.raw();
    raw.execute("UPDATE queue SET message = replace(message, '\"v\":1', '\"v\":9') WHERE object = '1'", [])
        .unwrap();
    raw.execute("UPDATE queue SET message = 'no message' WHERE object = '3'", []).unwrap();
    assert_eq!(objects(&room.queue.take(at(1), 2).await.unwrap()), ["deal 2", "deal 4"]);
    let causes: Vec<_> = room.queue.dead(10).await.unwrap().into_iter().map(|letter| letter.cause).collect();
    assert_eq!(
        causes,
        ["message version 9 is not known to this code", "the text is not a message of this connector"]
    );
}

#[tokio::test]
async fn depth_counts_and_names_the_oldest() {
    let room = Room::new();
    for deal in 1..=3 {
        room.send(webhook(deal, 10 - i64::try_from(deal).unwrap())).await;
    }
    room.queue.take(at(20), 1).await.unwrap();
    let expected = Depth { waiting: 2, in_flight: 1, dead: 0, oldest: Some(at(7)) };
    assert_eq!(room.queue.depth().await.unwrap(), expected);
}

#[tokio::test]
async fn send_rings_the_bell_even_before_somebody_listens() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    let bell = room.queue.wait(Duration::from_secs(60));
    tokio::time::timeout(Duration::from_secs(10), bell).await.unwrap();
    room.queue.wait(Duration::from_millis(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_takers_never_get_the_same_object() {
    let room = Room::new();
    for deal in 1..=40 {
        room.send(webhook(deal, 0)).await;
        room.send(tickle(deal, TickleReason::Button, 0)).await;
    }
    let mut takers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let queue = open(room.folder.database(), Settings::default());
        takers.spawn(async move {
            let mut mine = Vec::new();
            for _ in 0..10 {
                mine.extend(objects(&queue.take(at(1), 1).await.unwrap()));
            }
            mine
        });
    }
    let all: Vec<_> = takers.join_all().await.into_iter().flatten().collect();
    assert_eq!(all.len(), 40);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 40);
}

const CHILD: &str = "queue::tests::child_takes_one_message_and_waits_to_be_killed";

/// The other half of the next test, in a process of its own; does nothing in an ordinary run.
#[tokio::test]
async fn child_takes_one_message_and_waits_to_be_killed() {
    let Some(path) = std::env::args().find_map(|arg| Some(PathBuf::from(arg.strip_prefix("database=")?)))
    else {
        return;
    };
    let queue = open(path, Settings::default());
    queue.send(&[webhook(2, 1)]).await.unwrap();
    let taken = queue.take(at(1), 1).await.unwrap();
    println!("\ntaken {}", objects(&taken).join(","));
    std::thread::sleep(Duration::from_secs(60));
}

#[tokio::test]
async fn kill_9_between_take_and_done_loses_nothing() {
    let room = Room::new();
    room.send(webhook(1, 0)).await;
    let database = format!("database={}", room.folder.database().display());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", CHILD, &database])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "taken deal 1"), "the child took nothing");
    child.kill().unwrap();
    child.wait().unwrap();

    // What the child took is hidden, what it sent is there.
    assert_eq!(objects(&room.take(2).await), ["deal 2"]);
    // A new owner of the queue frees what was in flight; the receive still counts.
    assert_eq!(room.queue.recover().await.unwrap(), 2);
    let taken = room.take(3).await;
    assert_eq!(objects(&taken), ["deal 1", "deal 2"]);
    assert!(taken.iter().all(|taken| taken.receives == 2));
}
