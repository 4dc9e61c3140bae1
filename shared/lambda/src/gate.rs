//! One write to Zuora at a time in a process, and none that could not end before the invocation does.
//!
//! - A worker looks at several objects side by side, but our share of the tenant's concurrency is counted in
//!   workers (`template.yaml`: ten at most by default, D-25), so their writes queue up here. Reads do not.
//! - A process that is stopped in the middle of a write leaves an unknown outcome. That is repaired (D-13), but
//!   it costs look-ups and minutes, so a write that might not end in time is not begun.

use crate::deadline::Deadline;
use async_trait::async_trait;
use connector_domain::billing::company::ObservedAccount;
use connector_domain::billing::deal::{KnownContacts, ObservedOrder};
use connector_domain::billing::subscription::ObservedSubscription;
use connector_domain::fault::FaultClass;
use connector_domain::ids::{AccountId, HubSpotId, OrderNumber, SubscriptionNumber};
use connector_domain::plan::Action;
use connector_domain::state::Intent;
use connector_ports::PortError;
use connector_ports::billing::{
    AccountQuery, AccountsFound, Billing, PreviewAccount, Previewed, ProductQuery, ProductsFound, Rendered,
    Written,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// The HTTP client waits 30 s for an answer (D-19); the rest is for noting what became of it.
const WRITE_TAKES: Duration = Duration::from_secs(35);

/// Zuora behind a gate for writes.
pub struct Gate {
    inner: Arc<dyn Billing>,
    deadline: Arc<Deadline>,
    turn: Mutex<()>,
}

impl Gate {
    /// A gate in front of `inner`.
    pub fn new(inner: Arc<dyn Billing>, deadline: Arc<Deadline>) -> Self {
        Self { inner, deadline, turn: Mutex::new(()) }
    }
}

#[async_trait]
impl Billing for Gate {
    async fn find_accounts(&self, query: &AccountQuery) -> Result<AccountsFound, PortError> {
        self.inner.find_accounts(query).await
    }

    async fn account(&self, key: &str) -> Result<Option<ObservedAccount>, PortError> {
        self.inner.account(key).await
    }

    async fn contacts_of(&self, account: &AccountId) -> Result<KnownContacts, PortError> {
        self.inner.contacts_of(account).await
    }

    async fn find_products(&self, query: &ProductQuery) -> Result<ProductsFound, PortError> {
        self.inner.find_products(query).await
    }

    async fn order(&self, number: &OrderNumber) -> Result<Option<ObservedOrder>, PortError> {
        self.inner.order(number).await
    }

    async fn subscription(
        &self,
        number: &SubscriptionNumber,
    ) -> Result<Option<ObservedSubscription>, PortError> {
        self.inner.subscription(number).await
    }

    async fn subscriptions_of_deal(
        &self,
        account: &AccountId,
        deal: &HubSpotId,
    ) -> Result<Vec<ObservedSubscription>, PortError> {
        self.inner.subscriptions_of_deal(account, deal).await
    }

    async fn preview(
        &self,
        order: &Action,
        account: &PreviewAccount,
        invoices: u8,
    ) -> Result<Previewed, PortError> {
        self.inner.preview(order, account, invoices).await
    }

    fn render(&self, action: &Action) -> Result<Rendered, PortError> {
        self.inner.render(action)
    }

    async fn send(&self, intent: &Intent, idempotency_key: &str) -> Result<Written, PortError> {
        let _turn = self.turn.lock().await;
        if self.deadline.left() < WRITE_TAKES {
            // Surely no effect: the schedule rings the object again within seconds.
            let words = "not begun, the invocation would end too soon";
            return Err(PortError::new("zuora write", FaultClass::Transient, words));
        }
        self.inner.send(intent, idempotency_key).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_domain::state::Effect;
    use connector_ports::clock::Clock;
    use connector_ports::fake::TestClock;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Counts writes, and the most of them at once.
    #[derive(Default)]
    struct Counting {
        now: AtomicU32,
        most: AtomicU32,
        all: AtomicU32,
    }

    fn never<T>() -> Result<T, PortError> {
        Err(PortError::bug("test", "not played here"))
    }

    #[async_trait]
    impl Billing for Counting {
        async fn find_accounts(&self, _: &AccountQuery) -> Result<AccountsFound, PortError> {
            never()
        }
        async fn account(&self, _: &str) -> Result<Option<ObservedAccount>, PortError> {
            never()
        }
        async fn contacts_of(&self, _: &AccountId) -> Result<KnownContacts, PortError> {
            never()
        }
        async fn find_products(&self, _: &ProductQuery) -> Result<ProductsFound, PortError> {
            never()
        }
        async fn order(&self, _: &OrderNumber) -> Result<Option<ObservedOrder>, PortError> {
            never()
        }
        async fn subscription(
            &self,
            _: &SubscriptionNumber,
        ) -> Result<Option<ObservedSubscription>, PortError> {
            never()
        }
        async fn subscriptions_of_deal(
            &self,
            _: &AccountId,
            _: &HubSpotId,
        ) -> Result<Vec<ObservedSubscription>, PortError> {
            never()
        }
        async fn preview(&self, _: &Action, _: &PreviewAccount, _: u8) -> Result<Previewed, PortError> {
            never()
        }
        fn render(&self, _: &Action) -> Result<Rendered, PortError> {
            never()
        }
        async fn send(&self, _: &Intent, _: &str) -> Result<Written, PortError> {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::task::yield_now().await;
            self.now.fetch_sub(1, Ordering::SeqCst);
            self.all.fetch_add(1, Ordering::SeqCst);
            Ok(Written::default())
        }
    }

    fn intent(clock: &TestClock) -> Intent {
        Intent {
            effect: Effect::CreateOrder,
            number: "HS-1-D1-1".into(),
            target: None,
            body: "{}".into(),
            generation: 0,
            first_sent_at: clock.now(),
            sent_at: clock.now(),
            sends: 1,
            failure: None,
            then: None,
        }
    }

    fn gate(seconds_left: u64) -> (Gate, Arc<Counting>, Intent) {
        let clock = Arc::new(TestClock::new("2026-11-16T10:00:00Z".parse().unwrap()));
        let deadline = Arc::new(Deadline::new(clock.clone()));
        deadline.begin(u64::try_from(clock.now().as_millisecond()).unwrap() + seconds_left * 1_000);
        let counting = Arc::new(Counting::default());
        (Gate::new(counting.clone(), deadline), counting, intent(&clock))
    }

    #[tokio::test]
    async fn one_write_at_a_time_goes_through() {
        let (gate, counting, intent) = gate(90);
        let sends = (0..5).map(|_| gate.send(&intent, "key"));
        assert!(futures::future::join_all(sends).await.iter().all(Result::is_ok));
        assert_eq!(counting.all.load(Ordering::SeqCst), 5);
        assert_eq!(counting.most.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_write_that_might_not_end_in_time_is_not_begun_and_surely_had_no_effect() {
        let (gate, counting, intent) = gate(34);
        let error = gate.send(&intent, "key").await.unwrap_err();
        assert!(error.class.is_definite());
        assert_eq!(counting.all.load(Ordering::SeqCst), 0);
    }
}
