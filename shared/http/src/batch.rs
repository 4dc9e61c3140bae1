//! Many single calls become one request: a coalescer in the manner of DataLoader.
//!
//! Calls that arrive within a few milliseconds, or while another batch is under way, travel together. A call
//! never joins a batch that has left already: its caller may rely on the answer being younger than the call.
//! One task per batch is started, and none when nobody calls. A caller that goes away takes nothing with it.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout};

/// How long the first caller waits for company. Reads of one sync arrive within a millisecond or two; a person
/// does not notice five.
const LINGER: Duration = Duration::from_millis(5);
/// How long a batch waits for the one under way, so that one slow call does not hold up the rest.
const LONGEST_LINGER: Duration = Duration::from_millis(150);

/// The batch went away without a result: its task was dropped with its runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the batched call was dropped before it had a result")]
pub struct Lost;

/// The results of one batch: one per key and in the order of the keys, or one failure for all.
pub type Outcome<V, E> = Result<Vec<Result<V, E>>, E>;
type Running<V, E> = Pin<Box<dyn Future<Output = Outcome<V, E>> + Send>>;
type Waiters<V, E> = Vec<oneshot::Sender<Result<V, E>>>;

/// Collects single calls into batches. Clones share the batch.
pub struct Batcher<K, V, E> {
    inner: Arc<Inner<K, V, E>>,
}

impl<K, V, E> Clone for Batcher<K, V, E> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

struct Inner<K, V, E> {
    most: usize,
    run: Box<dyn Fn(Vec<K>) -> Running<V, E> + Send + Sync>,
    state: Mutex<State<K, V, E>>,
    idle: Notify,
}

struct State<K, V, E> {
    waiting: HashMap<K, Waiters<V, E>>,
    /// Keys in the order of arrival, so that batches are reproducible.
    order: Vec<K>,
    /// Counts batches that left; a lingering task belongs to one number.
    generation: u64,
    lingering: bool,
    under_way: usize,
}

impl<K, V, E> Batcher<K, V, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
    E: Clone + From<Lost> + Send + 'static,
{
    /// `run` is called with at most `most` distinct keys and answers each, in their order.
    pub fn new<F, R>(most: usize, run: F) -> Self
    where
        F: Fn(Vec<K>) -> R + Send + Sync + 'static,
        R: Future<Output = Outcome<V, E>> + Send + 'static,
    {
        let state = State {
            waiting: HashMap::new(),
            order: Vec::new(),
            generation: 0,
            lingering: false,
            under_way: 0,
        };
        Self {
            inner: Arc::new(Inner {
                most: most.max(1),
                run: Box::new(move |keys| Box::pin(run(keys))),
                state: Mutex::new(state),
                idle: Notify::new(),
            }),
        }
    }

    /// The answer for one key. Equal keys that wait together are asked for once.
    pub async fn call(&self, key: K) -> Result<V, E> {
        let (sender, receiver) = oneshot::channel();
        match self.inner.enlist(key, sender) {
            Next::Start(batch) => self.inner.start(batch),
            Next::Linger(generation) => {
                tokio::spawn(Lingering { inner: Arc::clone(&self.inner), generation }.wait());
            }
            Next::Wait => {}
        }
        match receiver.await {
            Ok(result) => result,
            Err(_) => Err(E::from(Lost)),
        }
    }
}

/// What a caller has to do after joining. Tasks are spawned without the lock: a runtime that is shutting
/// down drops them at once, and their guards take the lock.
enum Next<K, V, E> {
    Start(Batch<K, V, E>),
    Linger(u64),
    Wait,
}

struct Batch<K, V, E> {
    keys: Vec<K>,
    waiters: Vec<Waiters<V, E>>,
}

impl<K: Clone + Eq + Hash, V, E> State<K, V, E> {
    /// Takes all that wait; keys whose callers all went away are left out.
    fn take(&mut self) -> Batch<K, V, E> {
        self.generation = self.generation.wrapping_add(1);
        self.lingering = false;
        let mut batch = Batch { keys: Vec::new(), waiters: Vec::new() };
        for key in std::mem::take(&mut self.order) {
            let waiters = self.waiting.remove(&key).unwrap_or_default();
            if waiters.iter().any(|waiter| !waiter.is_closed()) {
                batch.keys.push(key);
                batch.waiters.push(waiters);
            }
        }
        batch
    }
}

impl<K, V, E> Inner<K, V, E> {
    fn lock(&self) -> MutexGuard<'_, State<K, V, E>> {
        // No code that can panic runs under the lock, so the state behind a poisoned one is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V, E> Inner<K, V, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
    E: Clone + From<Lost> + Send + 'static,
{
    fn enlist(&self, key: K, sender: oneshot::Sender<Result<V, E>>) -> Next<K, V, E> {
        let mut state = self.lock();
        if !state.waiting.contains_key(&key) {
            state.order.push(key.clone());
        }
        state.waiting.entry(key).or_default().push(sender);
        if state.order.len() >= self.most {
            Next::Start(state.take())
        } else if state.lingering {
            Next::Wait
        } else {
            state.lingering = true;
            Next::Linger(state.generation)
        }
    }

    fn start(self: &Arc<Self>, batch: Batch<K, V, E>) {
        if batch.keys.is_empty() {
            return;
        }
        self.lock().under_way += 1;
        let under_way = UnderWay(Arc::clone(self));
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            let outcome = (inner.run)(batch.keys).await;
            drop(under_way);
            deliver(outcome, batch.waiters);
        });
    }
}

fn deliver<V: Clone, E: Clone + From<Lost>>(outcome: Outcome<V, E>, waiters: Vec<Waiters<V, E>>) {
    let mut results = outcome.map(Vec::into_iter);
    for group in waiters {
        let result = match &mut results {
            Ok(results) => results.next().unwrap_or_else(|| Err(E::from(Lost))),
            Err(error) => Err(error.clone()),
        };
        for waiter in group {
            // A caller that went away is no trouble.
            let _ = waiter.send(result.clone());
        }
    }
}

/// Counts a batch as under way until it is dropped, whatever happens to its task.
struct UnderWay<K, V, E>(Arc<Inner<K, V, E>>);

impl<K, V, E> Drop for UnderWay<K, V, E> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.under_way = state.under_way.saturating_sub(1);
        drop(state);
        self.0.idle.notify_waiters();
    }
}

/// Waits for company on behalf of one generation of callers. Dropped unfinished (its runtime ended), it gives
/// its callers up, so that later ones do not wait for a task that is no more.
struct Lingering<K, V, E> {
    inner: Arc<Inner<K, V, E>>,
    generation: u64,
}

impl<K, V, E> Lingering<K, V, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
    E: Clone + From<Lost> + Send + 'static,
{
    async fn wait(self) {
        let started = Instant::now();
        tokio::time::sleep(LINGER).await;
        loop {
            let changed = self.inner.idle.notified();
            let left = LONGEST_LINGER.saturating_sub(started.elapsed());
            let batch = {
                let mut state = self.inner.lock();
                if state.generation != self.generation {
                    return;
                }
                (state.under_way == 0 || left.is_zero()).then(|| state.take())
            };
            if let Some(batch) = batch {
                return self.inner.start(batch);
            }
            // Both ends are looked at again at the top of the loop.
            let _ = timeout(left, changed).await;
        }
    }
}

impl<K, V, E> Drop for Lingering<K, V, E> {
    fn drop(&mut self) {
        let mut state = self.inner.lock();
        if state.generation == self.generation {
            state.generation = state.generation.wrapping_add(1);
            state.lingering = false;
            state.order.clear();
            state.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;

    #[derive(Debug, Clone, PartialEq, Eq)]
    enum Trouble {
        Lost,
        Refused(u32),
        All,
    }

    impl From<Lost> for Trouble {
        fn from(_: Lost) -> Self {
            Trouble::Lost
        }
    }

    type Seen = Arc<Mutex<Vec<Vec<u32>>>>;

    /// Doubles numbers after 20 ms, refuses 13 and fails a batch with 99 in it.
    fn doubler(most: usize) -> (Batcher<u32, u32, Trouble>, Seen) {
        let seen = Seen::default();
        let log = Arc::clone(&seen);
        let batcher = Batcher::new(most, move |keys: Vec<u32>| {
            log.lock().unwrap().push(keys.clone());
            async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                if keys.contains(&99) {
                    return Err(Trouble::All);
                }
                Ok(keys
                    .iter()
                    .map(|k| if *k == 13 { Err(Trouble::Refused(13)) } else { Ok(k * 2) })
                    .collect())
            }
        });
        (batcher, seen)
    }

    #[tokio::test(start_paused = true)]
    async fn calls_close_together_travel_together_and_get_their_own_answers() {
        let (batcher, seen) = doubler(100);
        let answers = join_all([1, 13, 2, 1].map(|k| batcher.call(k))).await;
        assert_eq!(answers, [Ok(2), Err(Trouble::Refused(13)), Ok(4), Ok(2)]);
        assert_eq!(*seen.lock().unwrap(), [vec![1, 13, 2]]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_batch_leaves_at_once_and_no_batch_is_larger() {
        let (batcher, seen) = doubler(3);
        let answers = join_all((0..8).map(|k| batcher.call(k))).await;
        assert!(answers.iter().all(Result::is_ok));
        let sizes: Vec<usize> = seen.lock().unwrap().iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 3, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_during_a_batch_wait_for_it_and_travel_together() {
        let (batcher, seen) = doubler(100);
        let first = batcher.call(1);
        let later = async {
            tokio::time::sleep(Duration::from_millis(8)).await;
            let one = batcher.call(1);
            let two = async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                batcher.call(3).await
            };
            futures::join!(one, two)
        };
        let (first, later) = futures::join!(first, later);
        assert_eq!((first, later), (Ok(2), (Ok(2), Ok(6))));
        // The second caller of 1 got a read of its own: the first one had left before it came.
        assert_eq!(*seen.lock().unwrap(), [vec![1], vec![1, 3]]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_batch_does_not_hold_up_the_next_for_long() {
        let batcher: Batcher<u32, u32, Trouble> = Batcher::new(10, |keys: Vec<u32>| async move {
            let slow = keys.contains(&0);
            tokio::time::sleep(if slow { Duration::from_secs(30) } else { Duration::ZERO }).await;
            Ok(keys.into_iter().map(Ok).collect())
        });
        let started = Instant::now();
        let slow = batcher.clone();
        let slow = tokio::spawn(async move { slow.call(0).await });
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(batcher.call(1).await, Ok(1));
        assert!(started.elapsed() < Duration::from_secs(1));
        assert_eq!(slow.await.unwrap(), Ok(0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_batch_fails_each_caller_and_the_next_works() {
        let (batcher, _) = doubler(100);
        let answers = join_all([1, 99].map(|k| batcher.call(k))).await;
        assert_eq!(answers, [Err(Trouble::All), Err(Trouble::All)]);
        assert_eq!(batcher.call(4).await, Ok(8));
    }

    #[tokio::test(start_paused = true)]
    async fn callers_that_go_away_take_nothing_with_them() {
        let (batcher, seen) = doubler(100);
        let gone = timeout(Duration::from_millis(1), batcher.call(7)).await;
        assert!(gone.is_err());
        assert_eq!(batcher.call(8).await, Ok(16));
        assert_eq!(*seen.lock().unwrap(), [vec![8]]);
        // All callers of a batch gone: nothing is sent, and the next call works.
        assert!(timeout(Duration::from_millis(1), batcher.call(5)).await.is_err());
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(batcher.call(6).await, Ok(12));
        assert_eq!(*seen.lock().unwrap(), [vec![8], vec![6]]);
    }

    #[tokio::test(start_paused = true)]
    async fn too_few_results_and_a_panicking_batch_are_lost_not_stuck() {
        let short: Batcher<u32, u32, Trouble> = Batcher::new(10, |_| async { Ok(vec![Ok(1)]) });
        assert_eq!(join_all([1, 2].map(|k| short.call(k))).await, [Ok(1), Err(Trouble::Lost)]);
        let broken: Batcher<u32, u32, Trouble> = Batcher::new(10, |_| async { panic!("on purpose") });
        assert_eq!(broken.call(1).await, Err(Trouble::Lost));
        assert_eq!(broken.call(2).await, Err(Trouble::Lost));
    }

    #[test]
    fn a_runtime_that_ends_while_callers_wait_blocks_no_later_one() {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (batcher, _) = doubler(100);
        let first = runtime();
        first.block_on(async {
            let never = timeout(Duration::from_millis(1), batcher.call(1)).await;
            assert!(never.is_err());
        });
        drop(first);
        assert_eq!(runtime().block_on(batcher.call(2)), Ok(4));
    }
}
