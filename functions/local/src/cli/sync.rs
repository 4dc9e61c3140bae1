//! `connector sync`: asks as a person would with the button, works the queue, and waits for the outcome.

use super::{Common, DONE, FAILED, Kind, Refusal, machine, output, target};
use connector_domain::object::StateKey;
use connector_domain::state::SyncStatus;
use connector_engine::Engine;
use connector_engine::card::brief::{Brief, brief};
use connector_engine::card::press::confirm;
use connector_engine::card::{ButtonScope, press};
use connector_ports::states::Stored;
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::watch;

/// How to sync.
pub(super) struct Wishes {
    /// With a company: its deals as well.
    pub(super) with_deals: bool,
    /// Say yes to what the record asks for.
    pub(super) confirm: bool,
    /// Seconds to wait for the outcome.
    pub(super) timeout: u64,
}

pub(super) async fn run(
    common: &Common,
    kind: Kind,
    id: &str,
    Wishes { with_deals, confirm: wants_yes, timeout }: Wishes,
) -> Result<u8, Refusal> {
    let machine = machine(common).await?;
    let (engine, key) = target(&machine, kind, id)?;
    let scope = if with_deals { ButtonScope::WithDeals } else { ButtonScope::RecordOnly };
    let began = machine.clock.now();
    let correlation = format!("cli-{}", began.as_microsecond());
    let keys = press(engine, &key, scope, Some("command line".to_owned()), &correlation).await?;
    let (stop, stopped) = watch::channel(false);
    let worker = machine.worker();
    let working = tokio::spawn(async move { worker.run(stopped).await });
    let mut views = Vec::new();
    let mut in_time = true;
    let end = tokio::time::Instant::now() + Duration::from_secs(timeout);
    for key in &keys {
        in_time &= wait(engine, key, began, end).await?;
        if wants_yes {
            in_time &= say_yes(engine, key, &correlation, end).await?;
        }
        views.push(brief(engine, key).await?);
    }
    stop.send(true).ok();
    working.await?;
    if common.json {
        output::json(&views);
    } else {
        views.iter().for_each(print);
    }
    if !in_time {
        output::note(format!(
            "No final outcome within {timeout} seconds; it goes on by itself when `connector serve` runs."
        ));
    }
    let well = in_time && views.iter().all(|v| v.problems.is_empty() && v.status != SyncStatus::Pending);
    Ok(if well { DONE } else { FAILED })
}

/// Confirms what a record asks for and waits for the outcome; says so when it asks for nothing.
async fn say_yes(
    engine: &Engine,
    key: &StateKey,
    correlation: &str,
    end: tokio::time::Instant,
) -> Result<bool, Refusal> {
    let asked = engine.states.read(key).await?.and_then(|stored| stored.state.confirm);
    let Some(asked) = asked else {
        output::note(format!("{} asks for no confirmation.", key.object));
        return Ok(true);
    };
    output::note(format!("Confirmed for {}: {}", key.object, asked.text));
    let began = engine.clock.now();
    confirm(engine, key, &asked.token, Some("command line".to_owned()), correlation).await?;
    wait(engine, key, began, end).await
}

/// Waits until the object was looked at after `began` and stands still; false when time is up.
async fn wait(
    engine: &Engine,
    key: &StateKey,
    began: Timestamp,
    end: tokio::time::Instant,
) -> Result<bool, Refusal> {
    loop {
        let stored = engine.states.read(key).await?.unwrap_or_default();
        if is_settled(&stored, began) {
            return Ok(true);
        }
        if tokio::time::Instant::now() >= end {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn is_settled(stored: &Stored, began: Timestamp) -> bool {
    let state = &stored.state;
    let looked = state.read_at.is_some_and(|at| at >= began) && state.complete;
    let parked = state.status == SyncStatus::NeedsAttention && stored.leased_until.is_none();
    looked || (parked && state.changed_at.is_some_and(|at| at >= began))
}

fn print(view: &Brief) {
    output::line(format!("{} {}: {}", view.object, view.id, view.status.as_str()));
    if let Some(account) = &view.account {
        output::line(format!("  account {}", account.number));
    }
    if let Some(subscription) = &view.subscription {
        output::line(format!("  subscription {} (order {})", subscription.number, subscription.order_number));
    }
    if let Some(other) = &view.waits_on {
        output::line(format!("  waits for {other}"));
    }
    for notice in &view.notices {
        output::line(format!("  note: {notice}"));
    }
    for problem in view.problems.iter().chain(&view.write_back_problem) {
        let field = problem.field.as_ref().map_or(String::new(), |f| format!(" [{f}]"));
        output::line(format!("  {} {}{field} {}", problem.code, problem.title, problem.detail));
        output::line(format!("    what to do: {}", problem.fix));
    }
}
