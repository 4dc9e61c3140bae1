//! The buttons: a sync, and the yes of a person. Both leave word at the record and ring it.

use super::ButtonScope;
use crate::Engine;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey, Tickle, TickleReason};
use connector_domain::state::{SyncStatus, mark};
use connector_ports::PortError;
use connector_ports::states::Stored;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// A mark: when the button was pressed last, and after how many failed looks in a row.
const PRESSED: &str = "pressed";
/// How long a press counts as waiting for its look. A worker begins within seconds; should a message be lost all the
/// same, the card must not wait for ever.
const PRESS_LASTS: SignedDuration = SignedDuration::from_secs(90);

fn pressed(now: Timestamp, stored: &Stored) -> BTreeMap<String, String> {
    BTreeMap::from([(PRESSED.to_owned(), format!("{now} {}", stored.state.attempts))])
}

/// Whether a press waits for a look that has not ended: none was complete since, and none failed.
fn is_queued(stored: &Stored, now: Timestamp) -> bool {
    let Some((at, attempts)) = stored.marks.get(PRESSED).and_then(|text| text.split_once(' ')) else {
        return false;
    };
    let Ok(at) = at.parse::<Timestamp>() else { return false };
    // A look keeps milliseconds of the time when it began, and a press in the same one may have been seen.
    let seen = stored.state.read_at.is_some_and(|read| read.as_millisecond() >= at.as_millisecond());
    !seen && attempts == stored.state.attempts.to_string() && at + PRESS_LASTS > now
}

/// Whether somebody works on the record, or is about to: a card asks again soon.
pub fn is_working(stored: &Stored, now: Timestamp) -> bool {
    stored.state.status == SyncStatus::Pending
        || stored.state.intent.is_some()
        || stored.leased_until.is_some_and(|until| until > now)
        || is_queued(stored, now)
}

/// Asks for a sync as a person: leaves word that the record is wanted, and rings it. Asking twice is harmless; while
/// an earlier press still waits in the queue, another one adds nothing. Answers whom it is about.
pub async fn press(
    engine: &Engine,
    key: &StateKey,
    scope: ButtonScope,
    actor: Option<String>,
    correlation: &str,
) -> Result<Vec<StateKey>, PortError> {
    let now = engine.clock.now();
    let mut keys = vec![key.clone()];
    if scope == ButtonScope::WithDeals && key.object.kind == ObjectKind::Company {
        let deals = engine.crm.deals_of_company(&key.object.id).await?;
        keys.extend(
            deals.into_iter().map(|id| StateKey::new(key.portal, ObjectRef::new(ObjectKind::Deal, id))),
        );
    }
    let mut stored = BTreeMap::new();
    for key in &keys {
        stored.insert(key.clone(), engine.states.read(key).await?.unwrap_or_default());
    }
    // Who is being looked at may have read too early for this press.
    let all = keys.clone();
    keys.retain(|key| {
        stored.get(key).is_none_or(|s| !is_queued(s, now) || s.leased_until.is_some_and(|until| until > now))
    });
    let who = actor.clone().unwrap_or_else(|| "button".to_owned());
    for key in &keys {
        engine.states.mark(key, &BTreeMap::from([(mark::WANTED.to_owned(), who.clone())])).await?;
    }
    ring(engine, &keys, actor, correlation, now).await?;
    // After the ring is durable, never before: a press that was not rung must be rung when it is repeated.
    for key in &keys {
        if let Some(stored) = stored.get(key) {
            engine.states.mark(key, &pressed(now, stored)).await?;
        }
    }
    Ok(all)
}

/// Looks again at records that a person wants tried once more.
pub async fn retry(
    engine: &Engine,
    keys: &[StateKey],
    actor: Option<String>,
    correlation: &str,
) -> Result<(), PortError> {
    ring(engine, keys, actor, correlation, engine.clock.now()).await
}

async fn ring(
    engine: &Engine,
    keys: &[StateKey],
    actor: Option<String>,
    correlation: &str,
    now: Timestamp,
) -> Result<(), PortError> {
    let tickles: Vec<Tickle> = keys
        .iter()
        .map(|key| Tickle {
            portal: key.portal,
            object: key.object.clone(),
            reason: TickleReason::Button,
            actor: actor.clone(),
            correlation: Some(correlation.to_owned()),
            received_at: now,
        })
        .collect();
    if tickles.is_empty() { Ok(()) } else { engine.tickles.send(&tickles).await }
}

/// What became of a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It is noted, and the record is looked at again.
    Noted,
    /// It was noted before and carried out since.
    Before,
    /// Nothing of that token is asked.
    Unasked,
}

/// A person's yes to what [`connector_domain::state::Confirmation`] asks; the token says what exactly. Saying it
/// twice is harmless.
pub async fn confirm(
    engine: &Engine,
    key: &StateKey,
    token: &str,
    actor: Option<String>,
    correlation: &str,
) -> Result<Confirmed, PortError> {
    let now = engine.clock.now();
    let stored = engine.states.read(key).await?.unwrap_or_default();
    if stored.state.confirm.as_ref().is_none_or(|asked| asked.token != token) {
        let before = stored.marks.get(mark::CONFIRMED).is_some_and(|said| said == token);
        return Ok(if before { Confirmed::Before } else { Confirmed::Unasked });
    }
    let yes = BTreeMap::from([(mark::CONFIRMED.to_owned(), token.to_owned())]);
    engine.states.mark(key, &yes).await?;
    ring(engine, std::slice::from_ref(key), actor, correlation, now).await?;
    engine.states.mark(key, &pressed(now, &stored)).await?;
    Ok(Confirmed::Noted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn stored(mark: &str, read_at: Option<i64>, attempts: u32) -> Stored {
        let mut stored = Stored::default();
        stored.marks.insert(PRESSED.to_owned(), mark.to_owned());
        stored.state.read_at = read_at.map(at);
        stored.state.attempts = attempts;
        stored
    }

    #[test]
    fn a_press_waits_until_a_look_ended_or_for_a_minute_and_a_half() {
        let mark = format!("{} 0", at(100));
        assert!(is_queued(&stored(&mark, None, 0), at(101)));
        assert!(is_queued(&stored(&mark, Some(99), 0), at(189)));
        assert!(!is_queued(&stored(&mark, Some(100), 0), at(101)));
        assert!(!is_queued(&stored(&mark, None, 1), at(101)), "a look failed since");
        assert!(!is_queued(&stored(&mark, None, 0), at(190)));
        assert!(!is_queued(&stored("nonsense", None, 0), at(1)));
        assert!(!is_working(&Stored::default(), at(1)));
    }

    #[test]
    fn what_is_leased_pending_or_open_is_worked_on() {
        let mut leased = Stored { leased_until: Some(at(10)), ..Stored::default() };
        assert!(is_working(&leased, at(9)) && !is_working(&leased, at(10)));
        leased.state.status = SyncStatus::Pending;
        assert!(is_working(&leased, at(10)));
    }
}
