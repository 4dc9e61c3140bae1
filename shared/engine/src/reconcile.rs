//! The one path of every look at an object: claim, settle what is unknown, gather, map, plan, apply, record.
//!
//! Store writes (D-15): a claim and a release for a look that changes nothing; one save more per write to Zuora.

use crate::apply::{Applied as Outcome, Apply};
use crate::decision::{Decision, Effort, Ring};
use crate::doubt::{self, Settled};
use crate::error_policy;
use crate::idempotency;
use crate::report::{End, Report};
use crate::roots;
use crate::{Engine, reconcilers};
use connector_domain::fault::FaultClass;
use connector_domain::ids::HubSpotId;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey, Tickle, TickleReason};
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{Applied, AuditRecord, ObjectState, SyncStatus, mark};
use connector_domain::writeback;
use connector_ports::PortError;
use connector_ports::crm::WriteBack;
use connector_ports::states::{Change, Claim, Claimed, Locks, Saved, Stored};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long a worker may hold an object: the Lambda's 90 s (D-19).
pub const LEASE: SignedDuration = SignedDuration::from_secs(90);
/// A request this much older than the last complete read is covered by it (D-22): HubSpot's reads may lag.
const COVERED: SignedDuration = SignedDuration::from_secs(60);
/// When a refused write-back is tried again, in case the rule that refuses it was changed.
const WRITE_BACK_RETRY: SignedDuration = SignedDuration::from_secs(3_600);

/// Looks at one object and brings Zuora and HubSpot in step with it. An error means that nothing could be
/// recorded: the request must be delivered again.
pub async fn reconcile(engine: &Engine, tickle: &Tickle) -> Result<Report, PortError> {
    // HubSpot keeps milliseconds.
    let now = engine.clock.now();
    let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    match tickle.object.kind {
        ObjectKind::Company | ObjectKind::Product | ObjectKind::Deal => look(engine, tickle, now).await,
        ObjectKind::Contact | ObjectKind::LineItem => roots::ring(engine, tickle, now).await,
    }
}

/// What a look would do if somebody left these marks, without doing it: the plan, what would come before it, and
/// for an order Zuora's own figures and first invoices. Nothing is written anywhere.
pub async fn plan(
    engine: &Engine,
    key: &StateKey,
    marks: &BTreeMap<String, String>,
) -> Result<Decision, PortError> {
    let mut stored = engine.states.read(key).await?.unwrap_or_default();
    stored.marks.extend(marks.clone());
    reconcilers::decide(engine, key, &stored, Effort::Preview, engine.clock.now()).await
}

async fn look(engine: &Engine, tickle: &Tickle, began: Timestamp) -> Result<Report, PortError> {
    let key = tickle.key();
    let claim = match engine.states.claim(&key, began, began + LEASE).await? {
        Claimed::Yes(claim) => *claim,
        Claimed::Busy { until } => {
            let mut report = Report::bare(key.object, End::Busy);
            report.due_at = Some(until);
            return Ok(report);
        }
    };
    if is_covered(&claim.stored, tickle, &engine.config, began) {
        engine.states.abandon(&claim).await?;
        let mut report = Report::bare(key.object, End::Skipped);
        report.status = claim.stored.state.status;
        return Ok(report);
    }
    Look::new(engine, tickle, claim, began).run().await
}

fn is_covered(stored: &Stored, tickle: &Tickle, config: &str, began: Timestamp) -> bool {
    let state = &stored.state;
    if tickle.reason == TickleReason::Due {
        // The schedule rings until somebody looked; only the first ring finds it still due.
        return stored.due_at.is_none_or(|due| due > began);
    }
    tickle.reason == TickleReason::Webhook
        && state.complete
        && state.intent.is_none()
        && state.config == config
        && state.read_at.is_some_and(|read| read <= began && tickle.received_at + COVERED <= read)
}

/// One look under a lease.
pub(crate) struct Look<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) tickle: &'a Tickle,
    pub(crate) claim: Claim,
    pub(crate) began: Timestamp,
    /// The state as it will be recorded.
    pub(crate) state: ObjectState,
    pub(crate) audit: Vec<AuditRecord>,
    pub(crate) done: Vec<String>,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) waits_on: Option<StateKey>,
    pub(crate) locks: Locks,
    /// There is no record in HubSpot to write on.
    silent: bool,
    /// What failed, for the log.
    pub(crate) trouble: Option<String>,
    /// Contacts that were created: HubSpot contact (or company), account, Zuora's id.
    pub(crate) contacts_made: Vec<(HubSpotId, String, String)>,
    rings: Vec<Ring>,
}

impl<'a> Look<'a> {
    fn new(engine: &'a Engine, tickle: &'a Tickle, claim: Claim, began: Timestamp) -> Self {
        let state = claim.stored.state.clone();
        Self {
            engine,
            tickle,
            claim,
            began,
            state,
            audit: Vec::new(),
            done: Vec::new(),
            due_at: None,
            waits_on: None,
            locks: Locks::Drop,
            silent: false,
            trouble: None,
            contacts_made: Vec::new(),
            rings: Vec::new(),
        }
    }

    async fn run(mut self) -> Result<Report, PortError> {
        match doubt::settle(&mut self).await {
            Ok(Settled::Clear) => {}
            Ok(Settled::Unknown { due_at }) => return self.still_unknown(due_at).await,
            Ok(Settled::Lost) => return Ok(self.lost()),
            Err(error) => return self.failed(&error).await,
        }
        if self.state.tell_again_at.is_some_and(|at| at <= self.began) {
            // What was told last may have been overtaken by the late effect of something older: tell all of it.
            self.state.tell_again_at = None;
            self.state.parties_read_at = None;
            if let Some(Applied::Fields(_)) = &self.state.applied {
                self.state.applied = Some(Applied::Fields(BTreeMap::new()));
            }
        }
        let stored = Stored { state: self.state.clone(), ..self.claim.stored.clone() };
        let effort = match self.tickle.reason {
            TickleReason::Button => Effort::Everything,
            TickleReason::Due => Effort::AskAgain,
            TickleReason::Webhook | TickleReason::Related => Effort::Usual,
        };
        let decision =
            match reconcilers::decide(self.engine, &self.claim.key, &stored, effort, self.began).await {
                Ok(decision) => decision,
                Err(error) => return self.failed(&error).await,
            };
        let Decision { state, steps, lock, waits_on, due_in, rings, parties, silent, outlook: _ } = decision;
        self.silent = silent;
        self.state = state;
        self.waits_on = waits_on;
        self.rings = rings;
        self.due_at = due_in.map(|wait| self.began + wait);
        for contact in &parties {
            let prefix = match self.claim.key.object.kind {
                ObjectKind::Deal => mark::PARTY_OF_DEAL,
                ObjectKind::Company | ObjectKind::Contact | ObjectKind::Product | ObjectKind::LineItem => {
                    mark::PARTY
                }
            };
            let party = format!("{prefix}{}", self.claim.key.object.id);
            let marked = self.engine.states.mark(contact, &BTreeMap::from([(party, String::new())])).await;
            if let Err(error) = marked {
                return self.failed(&error).await;
            }
        }
        match self.apply(steps, lock.as_deref()).await {
            Ok(Outcome::All) => self.finished().await,
            Ok(Outcome::Refused(problem)) => {
                self.state.status = SyncStatus::NeedsAttention;
                self.state.problems = vec![problem];
                self.finished().await
            }
            Ok(Outcome::Later { due_at }) => self.later(due_at).await,
            Ok(Outcome::Unknown { due_at }) => self.still_unknown(due_at).await,
            Ok(Outcome::Lost) => Ok(self.lost()),
            Err(error) => self.failed(&error).await,
        }
    }

    /// The look came to its end: in step, parked, waiting or not concerned.
    async fn finished(mut self) -> Result<Report, PortError> {
        self.state.config.clone_from(&self.engine.config);
        if self.state.complete {
            self.state.read_at = Some(self.began);
            self.state.attempts = 0;
        } else {
            self.state.attempts = self.state.attempts.saturating_add(1);
        }
        self.close().await
    }

    /// A write to Zuora surely did not happen and will be tried again.
    async fn later(mut self, due_at: Timestamp) -> Result<Report, PortError> {
        self.postponed();
        self.due_at = Some(due_at);
        self.close().await
    }

    /// The outcome of a write is unknown: the intent stays, and so does the account lock.
    async fn still_unknown(mut self, due_at: Timestamp) -> Result<Report, PortError> {
        self.postponed();
        self.due_at = Some(due_at);
        self.locks = Locks::Keep;
        self.state.notices =
            vec!["Zuora did not say whether the last write was done; it is being looked up.".to_owned()];
        self.close().await
    }

    /// A call failed before anything was written, or a look-up while in doubt.
    async fn failed(mut self, error: &PortError) -> Result<Report, PortError> {
        let in_doubt = self.state.intent.is_some();
        self.note_trouble(error);
        let next = error_policy::after(error, self.state.attempts, &self.claim.key, self.engine.clock.now());
        self.postponed();
        self.due_at = next.due_at;
        if in_doubt {
            self.locks = Locks::Keep;
            self.due_at.get_or_insert(self.engine.clock.now() + SignedDuration::from_secs(60));
        }
        match next.problem {
            Some(problem) => {
                self.state.status = SyncStatus::NeedsAttention;
                self.state.problems = vec![problem];
            }
            None => self.state.notices = vec![format!("{error}; it will be tried again.")],
        }
        self.close().await
    }

    /// Keeps what may stand in a log: a vendor's words may quote a customer's data.
    pub(crate) fn note_trouble(&mut self, error: &PortError) {
        let status = error.status.map_or(String::new(), |status| format!(", HTTP {status}"));
        self.trouble = Some(format!("{} failed ({}{status})", error.operation, error.class.as_str()));
    }

    fn postponed(&mut self) {
        self.state.status = SyncStatus::Pending;
        self.state.complete = false;
        self.state.problems.clear();
        self.state.attempts = self.state.attempts.saturating_add(1);
    }

    fn lost(self) -> Report {
        let mut report = Report::bare(self.claim.key.object.clone(), End::LostLease);
        report.done = self.done;
        report
    }

    /// Writes back to HubSpot, records, gives the lease back, and rings whom it concerns.
    async fn close(mut self) -> Result<Report, PortError> {
        let before = &self.claim.stored.state;
        let changed = !self.done.is_empty()
            || before.link != self.state.link
            || before.status != self.state.status
            || before.problems != self.state.problems;
        if changed {
            self.state.changed_at = Some(self.began);
        }
        self.write_back().await;
        if let Some(again) = self.state.tell_again_at {
            self.due_at = Some(self.due_at.map_or(again, |due| due.min(again)));
        }
        for (holds, account, id) in std::mem::take(&mut self.contacts_made) {
            let key = StateKey::new(self.claim.key.portal, ObjectRef::new(ObjectKind::Contact, holds));
            let mark = BTreeMap::from([(format!("{}{account}", mark::IN_ZUORA), id)]);
            self.engine.states.mark(&key, &mark).await?;
        }
        // Whoever asked for this object waits for an answer, even if nothing changed by the asking.
        let asked = self.tickle.reason == TickleReason::Related && self.state.status != SyncStatus::Pending;
        let now_ready = asked || before_and_after_differ(&self.claim.stored.state, &self.state);
        let change = Change {
            state: self.state.clone(),
            due_at: self.due_at,
            waits_on: self.waits_on.clone(),
            audit: std::mem::take(&mut self.audit),
        };
        match self.engine.states.release(&self.claim, &change, self.locks).await? {
            Saved::Yes => {}
            Saved::Locked { .. } | Saved::Lost => return Ok(self.lost()),
        }
        self.ring(now_ready).await?;
        Ok(Report {
            object: self.claim.key.object.clone(),
            end: End::Looked,
            status: self.state.status,
            done: self.done,
            problems: self.state.problems,
            notices: self.state.notices,
            waits_on: self.waits_on.map(|key| key.object.to_string()),
            due_at: self.due_at,
            write_back_problem: self.state.write_back_problem,
            trouble: self.trouble,
        })
    }

    /// Tells HubSpot how the object stands. A refusal is a failure of its own and blocks nothing.
    async fn write_back(&mut self) {
        // Short waits are not worth a write; what lasts is shown.
        let shown = match self.state.status {
            SyncStatus::InSync | SyncStatus::NeedsAttention | SyncStatus::NotLinked => true,
            SyncStatus::Pending => self.state.attempts >= 3,
        };
        let concerned = match self.claim.key.object.kind {
            ObjectKind::Company | ObjectKind::Deal => true,
            ObjectKind::Product | ObjectKind::Contact | ObjectKind::LineItem => false,
        };
        if !shown || !concerned || self.silent {
            return;
        }
        let properties = writeback::to_write(&self.state);
        if properties.is_empty() {
            self.state.write_back_problem = None;
            return;
        }
        let write = WriteBack { object: self.claim.key.object.clone(), properties: properties.clone() };
        match self.engine.crm.write_back(&write).await {
            Ok(()) => {
                let fields: Vec<String> = properties.keys().cloned().collect();
                let target = format!("hubspot {}", self.claim.key.object);
                let text = properties.values().cloned().collect::<Vec<_>>().join("\n");
                self.note("write_back", &target, "done", &text, fields);
                self.state.written.extend(properties);
                self.state.write_back_problem = None;
            }
            Err(error) => {
                let problem = match error.class {
                    FaultClass::Permanent => {
                        Problem::new(ProblemCode::WriteBackRefused, format!("It says: {}", error.message))
                    }
                    _ => Problem::new(ProblemCode::WriteBackRefused, error.to_string()),
                };
                self.note_trouble(&error);
                self.state.write_back_problem = Some(problem);
                self.state.attempts = self.state.attempts.saturating_add(1);
                let now = self.engine.clock.now();
                let next = error_policy::after(&error, self.state.attempts, &self.claim.key, now);
                let again = next.due_at.unwrap_or(now + WRITE_BACK_RETRY);
                self.due_at = Some(self.due_at.map_or(again, |due| due.min(again)));
                self.state.complete = false;
            }
        }
    }

    /// Remembers an effect for the audit trail.
    pub(crate) fn note(&mut self, effect: &str, target: &str, result: &str, body: &str, fields: Vec<String>) {
        self.audit.push(AuditRecord {
            at: self.engine.clock.now(),
            object: self.claim.key.as_text(),
            effect: effect.to_owned(),
            target: target.to_owned(),
            reason: self.tickle.reason.as_str().to_owned(),
            actor: self.tickle.actor.clone(),
            correlation: self.tickle.correlation.clone(),
            result: result.to_owned(),
            digest: idempotency::body_digest(body),
            fields,
        });
    }

    /// Leaves marks and rings: what this object needs, and what waited for it (D-17). After the release, so
    /// that whoever is rung finds this state; a crash in between is covered by their own `due_at`.
    async fn ring(&mut self, now_ready: bool) -> Result<(), PortError> {
        let now = self.engine.clock.now();
        let mut keys: Vec<StateKey> = Vec::new();
        for ring in &self.rings {
            if !ring.marks.is_empty() {
                self.engine.states.mark(&ring.key, &ring.marks).await?;
            }
            keys.push(ring.key.clone());
        }
        if now_ready {
            keys.extend(self.engine.states.waiting_on(&self.claim.key).await?);
        }
        let tickles: Vec<Tickle> = keys.iter().map(|key| roots::related(key, self.tickle, now)).collect();
        if tickles.is_empty() { Ok(()) } else { self.engine.tickles.send(&tickles).await }
    }
}

/// Whether those who wait for this object should look again: it was linked, parked, mended, or got new prices.
fn before_and_after_differ(before: &ObjectState, after: &ObjectState) -> bool {
    before.link != after.link
        || (before.status != after.status && after.status != SyncStatus::Pending)
        || before.problems != after.problems
}
