//! The handle of a running simulator: what Rust tests do as users of the CRM, and what they look at.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::calls::{Call, CallLog};
use crate::clock::Clock;
use crate::config::{Config, Switches};
use crate::delivery::{self, Delivery};
use crate::events::Cause;
use crate::faults::{FaultRule, FaultScript};
use crate::kind::Kind;
use crate::labels::CHILD_TO_PARENT;
use crate::limits::Limits;
use crate::lines;
use crate::records::Changes;
use crate::seed;
use crate::sign::SignedRequest;
use crate::state::State;

/// A simulated portal that runs. Clones are the same portal.
#[derive(Clone)]
pub struct Sim(Arc<Inner>);

/// What the server, the deliveries and the handle share.
pub(crate) struct Inner {
    pub(crate) config: Arc<Config>,
    pub(crate) clock: Clock,
    pub(crate) client: reqwest::Client,
    pub(crate) events_wait: Notify,
    pub(crate) auto_deliver: AtomicBool,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) lost: AtomicUsize,
    base_url: String,
    state: Mutex<State>,
    faults: Mutex<FaultScript>,
    limits: Mutex<Limits>,
    log: Mutex<CallLog>,
    target: Mutex<Option<String>>,
    deliveries: Mutex<Vec<Delivery>>,
    tasks: Mutex<Vec<AbortHandle>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, FaultScript> {
        lock(&self.faults)
    }

    pub(crate) fn limits(&self) -> MutexGuard<'_, Limits> {
        lock(&self.limits)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, CallLog> {
        lock(&self.log)
    }

    pub(crate) fn deliveries(&self) -> MutexGuard<'_, Vec<Delivery>> {
        lock(&self.deliveries)
    }

    pub(crate) fn target(&self) -> Option<String> {
        lock(&self.target).clone()
    }
}

#[expect(clippy::panic, reason = "a misspelt object type is a mistake of the test, which must not pass")]
pub(crate) fn kind_of(object: &str) -> Kind {
    Kind::parse(object).unwrap_or_else(|| panic!("the HubSpot simulator knows no object type {object}"))
}

impl Sim {
    /// Starts a portal: server, clock, deliveries.
    ///
    /// # Errors
    /// Where the address cannot be listened on, or the folder for records cannot be made.
    pub async fn start(config: Config) -> io::Result<Sim> {
        let listener = TcpListener::bind(&config.listen).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let config = Arc::new(config);
        let clock = Clock::starting_at(config.start);
        let state = State::new(Arc::clone(&config), clock.now());
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(delivery::TIMEOUT)
            .build()
            .map_err(io::Error::other)?;
        let inner = Arc::new(Inner {
            clock,
            client,
            events_wait: Notify::new(),
            auto_deliver: AtomicBool::new(config.auto_deliver),
            in_flight: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
            base_url,
            state: Mutex::new(state),
            faults: Mutex::new(FaultScript::default()),
            limits: Mutex::new(Limits::default()),
            log: Mutex::new(CallLog::new(config.record_dir.clone())?),
            target: Mutex::new(config.webhook_target.clone()),
            deliveries: Mutex::new(Vec::new()),
            tasks: Mutex::new(Vec::new()),
            config,
        });
        let server = tokio::spawn(crate::server::serve(listener, Arc::clone(&inner))).abort_handle();
        let deliveries = tokio::spawn(delivery::run(Arc::clone(&inner))).abort_handle();
        lock(&inner.tasks).extend([server, deliveries]);
        Ok(Sim(inner))
    }

    /// Stops listening and delivering; open connections end with the runtime.
    pub fn stop(&self) {
        for task in lock(&self.0.tasks).drain(..) {
            task.abort();
        }
    }

    pub(crate) fn of(inner: Arc<Inner>) -> Sim {
        Sim(inner)
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// `http://address:port`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.0.base_url.clone()
    }

    /// Points the webhooks to another public URL.
    pub fn set_webhook_target(&self, url: &str) {
        *lock(&self.0.target) = Some(url.to_owned());
        self.0.events_wait.notify_one();
    }

    /// Delivers events by itself from now on, or holds them.
    pub fn set_auto_deliver(&self, auto: bool) {
        self.0.auto_deliver.store(auto, Ordering::SeqCst);
        self.0.events_wait.notify_one();
    }

    /// Changes switches while the portal runs.
    pub fn set_switches(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.0.state().switches);
    }

    pub(crate) fn as_user<T>(&self, silent: bool, work: impl FnOnce(&mut State, &Cause) -> T) -> T {
        let now = self.0.clock.now();
        let cause = if silent { Cause::silent(now) } else { Cause::user(now) };
        let result = work(&mut self.0.state(), &cause);
        self.0.events_wait.notify_one();
        result
    }

    /// Puts the companies, labelled contacts and products of the acceptance stories in place; raises no events.
    pub fn seed_acceptance(&self) {
        seed::acceptance(&mut self.0.state(), self.0.clock.now());
    }

    /// Creates or changes a record as a user of the CRM; raises events.
    ///
    /// Values are not validated, and properties that the portal does not have yet are added as texts. A company's
    /// `hs_parent_company_id` makes the association that it is calculated from.
    pub fn put(&self, object: &str, id: &str, properties: &[(&str, &str)]) {
        self.put_with(object, id, properties, false);
    }

    /// As [`Sim::put`], without events.
    pub fn put_silently(&self, object: &str, id: &str, properties: &[(&str, &str)]) {
        self.put_with(object, id, properties, true);
    }

    fn put_with(&self, object: &str, id: &str, properties: &[(&str, &str)], silent: bool) {
        let kind = kind_of(object);
        let changes = owned(properties);
        self.as_user(silent, |state, cause| put(state, kind, id, changes, cause));
    }

    /// Changes a record that is there, as a user of the CRM; raises events. A deal's amount follows its lines.
    pub fn update(&self, object: &str, id: &str, properties: &[(&str, &str)]) {
        let (kind, changes) = (kind_of(object), owned(properties));
        self.as_user(false, |state, cause| {
            living(state, kind, id);
            match kind {
                Kind::LineItem => lines::update(state, id, changes, cause),
                _ => put(state, kind, id, changes, cause),
            }
        });
    }

    /// Adds a property to an object type, in place of one with this name: `string`, `number`, `date`, `datetime`,
    /// `bool`, or `enumeration` with its options.
    pub fn add_property(&self, object: &str, name: &str, type_of: &str, options: &[&str]) {
        if let Some(defined) = self.0.state().definitions.get_mut(&kind_of(object)) {
            defined.add(name, type_of, options);
        }
    }

    /// The filled properties of a living record, wherever merges took it.
    #[must_use]
    pub fn get(&self, object: &str, id: &str) -> Option<Value> {
        let state = self.0.state();
        state.living(kind_of(object), id).map(|record| json!(record.properties))
    }

    /// Associates two records as a user does; a label is added to those present.
    pub fn associate(&self, from: (&str, &str), to: (&str, &str), label: Option<&str>) {
        let (left, right) = (kind_of(from.0), kind_of(to.0));
        self.as_user(false, |state, cause| {
            let types: Vec<u32> = label.map(|label| type_id(state, left, right, label)).into_iter().collect();
            let (from, to) = ((left, state.resolve(left, from.1)), (right, state.resolve(right, to.1)));
            state.link(&from, &to, &types, cause);
        });
    }

    /// Takes one label from a pair, or ends its association where no label is named.
    pub fn dissociate(&self, from: (&str, &str), to: (&str, &str), label: Option<&str>) {
        let (left, right) = (kind_of(from.0), kind_of(to.0));
        self.as_user(false, |state, cause| {
            let types = label.map(|label| type_id(state, left, right, label));
            let (from, to) = ((left, state.resolve(left, from.1)), (right, state.resolve(right, to.1)));
            match types {
                Some(type_id) => state.unlabel(&from, &to, &[type_id], cause),
                None => state.unlink(&from, &to, cause),
            }
        });
    }

    /// Archives a record as a user does; false if there is none.
    pub fn archive(&self, object: &str, id: &str) -> bool {
        let kind = kind_of(object);
        self.as_user(false, |state, cause| state.archive(kind, id, cause))
    }

    /// Brings an archived record back; false if there is none.
    pub fn restore(&self, object: &str, id: &str) -> bool {
        let kind = kind_of(object);
        self.as_user(false, |state, cause| state.restore(kind, id, cause))
    }

    /// Merges two records as a user does; answers the id that exists from now on (the winner's, if nothing happened).
    pub fn merge(&self, object: &str, winner: &str, loser: &str) -> String {
        let kind = kind_of(object);
        self.as_user(false, |state, cause| state.merge(kind, winner, loser, cause))
            .unwrap_or_else(|| winner.to_owned())
    }

    /// Deletes a contact for good on a person's request.
    pub fn privacy_delete_contact(&self, id: &str) -> bool {
        self.as_user(false, |state, cause| state.privacy_delete(id, cause))
    }

    /// Delivers what waits, now, one attempt each; answers the number of accepted events.
    pub async fn deliver(&self) -> usize {
        let mut batches = Vec::new();
        loop {
            let batch = delivery::take(&self.0);
            if batch.is_empty() {
                break;
            }
            batches.push(batch);
        }
        let mut accepted = 0;
        for batch in batches {
            accepted += delivery::once(&self.0, batch).await;
        }
        accepted
    }

    /// The events that wait.
    #[must_use]
    pub fn pending_events(&self) -> Vec<Value> {
        self.0.state().outbox.iter().map(|outgoing| outgoing.event.clone()).collect()
    }

    /// Takes the events that wait out of the queue, for tests that deliver them in their own way.
    #[must_use]
    pub fn take_events(&self) -> Vec<Value> {
        self.0.state().outbox.drain(..).map(|outgoing| outgoing.event).collect()
    }

    /// Delivers given events once, in one signed request; answers the status, 0 where there was no answer.
    pub async fn post_events(&self, events: &[Value], attempt: u32) -> u16 {
        let mut events = events.to_vec();
        for event in &mut events {
            event["attemptNumber"] = json!(attempt);
        }
        match self.webhook_request(&events, self.now_ms()) {
            Some(request) => {
                let status = self.send(&request).await;
                self.0.deliveries().push(Delivery { events, status });
                status
            }
            None => 0,
        }
    }

    /// A signed delivery of events, made but not sent; `None` without a target.
    #[must_use]
    pub fn webhook_request(&self, events: &[Value], timestamp_ms: i64) -> Option<SignedRequest> {
        delivery::parts(&self.0, events, timestamp_ms)
    }

    /// Every attempt at a delivery so far.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.0.deliveries().clone()
    }

    /// Events that were given up after the last retry.
    #[must_use]
    pub fn lost_events(&self) -> usize {
        self.0.lost.load(Ordering::SeqCst)
    }

    /// Whether no event waits and none is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.0.state().outbox.is_empty() && self.0.in_flight.load(Ordering::SeqCst) == 0
    }

    /// Adds a rule to the fault script.
    pub fn inject(&self, rule: FaultRule) {
        self.0.faults().add(rule);
    }

    /// Empties the fault script.
    pub fn clear_faults(&self) {
        self.0.faults().clear();
    }

    /// Moves the portal's clock.
    pub fn advance(&self, seconds: i64) {
        self.0.clock.advance(seconds);
    }

    /// The portal's time, as epoch milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.0.clock.now().as_millisecond()
    }

    /// The API calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.0.log().all().to_vec()
    }

    /// Forgets the calls so far (not their record on disk).
    pub fn clear_calls(&self) {
        self.0.log().clear();
    }

    /// API calls that only read.
    #[must_use]
    pub fn reads(&self) -> usize {
        self.0.log().all().iter().filter(|call| call.is_read()).count()
    }

    /// API calls that write.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.0.log().all().iter().filter(|call| !call.is_read()).count()
    }

    /// Everything the portal holds, for looking at failures.
    #[must_use]
    pub fn dump(&self) -> Value {
        self.0.state().dump()
    }
}

#[expect(clippy::panic, reason = "a misspelt label is a mistake of the test, which must not pass")]
pub(crate) fn type_id(state: &State, from: Kind, to: Kind, label: &str) -> u32 {
    let found = state.types.by_label(from, to, label).map(|kind| kind.type_id);
    found.unwrap_or_else(|| {
        panic!("the portal has no label {label} from {} to {}", from.plural(), to.plural())
    })
}

/// Pairs of texts as changes.
pub(crate) fn owned(properties: &[(&str, &str)]) -> Changes {
    properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn put(state: &mut State, kind: Kind, id: &str, changes: Changes, cause: &Cause) {
    if let Some(defined) = state.definitions.get_mut(&kind) {
        for (name, _) in &changes {
            defined.ensure(name);
        }
    }
    let (parents, changes): (Changes, Changes) =
        changes.into_iter().partition(|(name, _)| kind == Kind::Company && name == "hs_parent_company_id");
    if state.record(kind, id).is_some() {
        state.write(kind, id, changes, cause);
    } else {
        state.create(kind, Some(id), changes, cause);
    }
    for (_, parent) in parents {
        set_parent(state, id, &parent, cause);
    }
}

/// Gives a company another parent, or none where `parent` is empty.
fn set_parent(state: &mut State, id: &str, parent: &str, cause: &Cause) {
    let child = (Kind::Company, state.resolve(Kind::Company, id));
    let before: Vec<(String, _)> = state.associated(&child, Kind::Company);
    for (id, _) in before.into_iter().filter(|(_, types)| types.contains(&CHILD_TO_PARENT)) {
        state.unlabel(&child, &(Kind::Company, id), &[CHILD_TO_PARENT], cause);
    }
    if !parent.is_empty() {
        living(state, Kind::Company, parent);
        let parent = (Kind::Company, state.resolve(Kind::Company, parent));
        state.link(&child, &parent, &[CHILD_TO_PARENT], cause);
    }
}

/// Stops a test that misspells an id.
pub(crate) fn living(state: &State, kind: Kind, id: &str) {
    assert!(state.living(kind, id).is_some(), "the portal has no {} {id}", kind.singular());
}
