//! Reads an account within a time: what is late is left out, and what was read a moment ago stands in for it.
//!
//! Two calls at once as a rule, the account with its lists and its orders (`zuora.md` 6.1). A list that came back
//! full is asked for by itself, newest first (D-34). When the account with all its lists takes too long, it is asked
//! for in pieces, so that one slow list does not hold up the others.
//!
//! The memory is of this process only and lost with it; it keeps no names and no free texts (D-29). It is not in the
//! store: each card would become a write there, and be carried along by every later look at the record.

use connector_domain::fault::FaultClass;
use connector_domain::ids::{AccountId, AccountNumber, HubSpotId, SubscriptionNumber};
use connector_engine::card::build::Linked;
use connector_engine::card::gathered::{Gathered, Part};
use connector_ports::PortError;
use connector_ports::account_view::{AccountList, AccountView, Along, Overview, Rows, Window};
use connector_ports::clock::Clock;
use futures::future::{Either, join, join_all, select};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// How long a card waits for a vendor.
pub(super) const LIMIT: Duration = Duration::from_secs(3);
/// When an account with all its lists is asked for in pieces as well.
const IN_PIECES_AFTER: Duration = Duration::from_millis(1_200);
/// How long an answer stands in for one that does not come: billing figures of a quarter of an hour ago are better
/// than none; those of yesterday may mislead.
const REMEMBERED: SignedDuration = SignedDuration::from_secs(900);
/// Bounds the memory: some 50 kB for an account with full lists.
const MOST: usize = 300;
/// Bounds what is remembered of pages.
const MOST_CURSORS: usize = 5_000;

const PIECES: [AccountList; 5] = [
    AccountList::Subscriptions,
    AccountList::Invoices,
    AccountList::Payments,
    AccountList::CreditMemos,
    AccountList::DebitMemos,
];

type Cursor = (AccountId, AccountList, usize);

#[derive(Default)]
struct Memory {
    accounts: HashMap<AccountNumber, (Timestamp, Linked, Gathered)>,
    order: VecDeque<AccountNumber>,
    cursors: HashMap<Cursor, String>,
}

/// Reads accounts for cards.
pub(crate) struct Gatherer {
    view: Arc<dyn AccountView>,
    clock: Arc<dyn Clock>,
    memory: Mutex<Memory>,
}

/// What came of asking for an account.
enum Found {
    Whole(Box<Overview>),
    Pieces(Box<Gathered>),
    Gone,
    Late,
    Failed(PortError),
}

fn found(answer: Result<Option<Overview>, PortError>) -> Found {
    match answer {
        Ok(Some(overview)) => Found::Whole(Box::new(overview)),
        Ok(None) => Found::Gone,
        Err(error) => Found::Failed(error),
    }
}

fn told(error: &PortError) {
    tracing::warn!(error = error.for_log(), "a part of a card could not be read");
}

impl Gatherer {
    pub(super) fn new(view: Arc<dyn AccountView>, clock: Arc<dyn Clock>) -> Self {
        Self { view, clock, memory: Mutex::default() }
    }

    /// Whether Zuora answers; for the settings page.
    pub(in crate::handlers) async fn ping(&self) -> Result<(), PortError> {
        self.view.ping().await
    }

    /// The accounts that carry a company's id; none when Zuora does not answer.
    pub(super) async fn others(&self, company: &HubSpotId) -> Vec<(AccountId, AccountNumber)> {
        match timeout(LIMIT, self.view.accounts_of(company)).await {
            Ok(Ok(accounts)) => accounts,
            Ok(Err(error)) => {
                told(&error);
                Vec::new()
            }
            Err(_) => Vec::new(),
        }
    }

    /// What is remembered of an account's id and currency; these do not change.
    pub(super) fn known(&self, number: &AccountNumber) -> Option<Linked> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.accounts.get(number).map(|(_, linked, _)| linked.clone())
    }

    fn remembered(&self, number: &AccountNumber, now: Timestamp) -> Option<Gathered> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, _, gathered) = memory.accounts.get(number)?;
        (*at + REMEMBERED > now).then(|| gathered.clone())
    }

    fn remember(&self, gathered: &Gathered) {
        let (Some(account), Some(kept)) = (&gathered.account, gathered.to_remember()) else { return };
        let number = account.number.clone();
        let linked = Linked {
            id: Some(account.id.clone()),
            number: number.clone(),
            currency: account.currency.clone(),
        };
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.accounts.insert(number.clone(), (gathered.as_of, linked, kept)).is_none() {
            memory.order.push_back(number);
        }
        while memory.order.len() > MOST {
            let Some(oldest) = memory.order.pop_front() else { break };
            memory.accounts.remove(&oldest);
        }
    }

    /// Reads an account; whatever comes in time.
    pub(super) async fn gather(&self, linked: &Linked, own: Option<&SubscriptionNumber>) -> Gathered {
        let now = self.clock.now();
        let end = Instant::now() + LIMIT;
        let orders = async {
            match &linked.id {
                Some(id) => Some(self.newest(id, AccountList::Orders, end).await),
                None => None,
            }
        };
        let (mut gathered, orders) = join(self.account(linked, own, now, end), orders).await;
        if let Some(orders) = orders {
            put(&mut gathered, AccountList::Orders, orders);
        }
        if !gathered.gone && !gathered.denied {
            if all_fresh(&gathered) {
                self.remember(&gathered);
            } else if let Some(remembered) = self.remembered(&linked.number, now) {
                gathered = gathered.filled_from(&remembered);
            }
        }
        gathered
    }

    /// The account, its lists, and what must be asked for once the account is known.
    async fn account(
        &self,
        linked: &Linked,
        own: Option<&SubscriptionNumber>,
        now: Timestamp,
        end: Instant,
    ) -> Gathered {
        let mut gathered = Gathered::nothing(now);
        match self.overview(linked, now, end).await {
            Found::Whole(overview) => gathered.take(*overview),
            Found::Pieces(pieces) => gathered = *pieces,
            Found::Gone => gathered.gone = true,
            Found::Late => {}
            Found::Failed(error) => {
                told(&error);
                gathered.denied = error.class == FaultClass::Denied;
            }
        }
        let Some(id) = gathered.account.as_ref().map(|account| account.id.clone()) else { return gathered };
        let mut lists = gathered.cut();
        if linked.id.is_none() {
            lists.push(AccountList::Orders);
        }
        let asked = lists.iter().map(|list| self.newest(&id, *list, end));
        for (list, answer) in lists.iter().zip(join_all(asked).await) {
            put(&mut gathered, *list, answer);
        }
        self.with_own(&mut gathered, &id, own, end).await;
        gathered
    }

    /// A deal's own subscription stands first even when it is older than those that came.
    async fn with_own(
        &self,
        gathered: &mut Gathered,
        id: &AccountId,
        own: Option<&SubscriptionNumber>,
        end: Instant,
    ) {
        let (Some(own), Part::Fresh(listed)) = (own, &mut gathered.subscriptions) else { return };
        if !listed.more || listed.rows.iter().any(|row| row.number == own.as_str()) {
            return;
        }
        if let Ok(Ok(Some(row))) = timeout_at(end, self.view.subscription_of(id, own)).await {
            listed.rows.push(row);
        }
    }

    /// The account with its lists; in pieces as well, when that takes long.
    async fn overview(&self, linked: &Linked, now: Timestamp, end: Instant) -> Found {
        let key = linked.id.as_ref().map_or(linked.number.as_str(), AccountId::as_str);
        let whole = async { timeout_at(end, self.view.overview(key, Along::Lists)).await };
        let mut whole = pin!(whole);
        if let Ok(answer) = timeout(IN_PIECES_AFTER, &mut whole).await {
            return answer.map_or(Found::Late, found);
        }
        let Some(id) = &linked.id else { return whole.await.map_or(Found::Late, found) };
        let pieces = pin!(self.pieces(id, now, end));
        match select(whole, pieces).await {
            Either::Left((Ok(Ok(answer)), _)) => found(Ok(answer)),
            Either::Left((Ok(Err(_)) | Err(_), pieces)) => pieces.await,
            Either::Right((pieces, _)) => pieces,
        }
    }

    async fn pieces(&self, id: &AccountId, now: Timestamp, end: Instant) -> Found {
        let account = timeout_at(end, self.view.overview(id.as_str(), Along::Nothing));
        let lists = join_all(PIECES.map(|list| self.newest(id, list, end)));
        let (account, lists) = join(account, lists).await;
        let mut gathered = Gathered::nothing(now);
        match account {
            Ok(Ok(Some(overview))) => gathered.account = Some(overview.account),
            Ok(Ok(None)) => return Found::Gone,
            Ok(Err(error)) => return Found::Failed(error),
            Err(_) => {}
        }
        for (list, answer) in PIECES.iter().zip(lists) {
            put(&mut gathered, *list, answer);
        }
        Found::Pieces(Box::new(gathered))
    }

    /// The newest rows of a list; none when they did not come in time.
    async fn newest(&self, id: &AccountId, list: AccountList, end: Instant) -> Option<Option<(Rows, bool)>> {
        let answer = timeout_at(end, self.view.list(id, list, None)).await.ok()?;
        let window = answer.inspect_err(told).ok()?;
        Some(window.map(|window| self.took(id, list, 0, window)))
    }

    /// Keeps the mark of the next rows.
    fn took(&self, id: &AccountId, list: AccountList, number: usize, window: Window) -> (Rows, bool) {
        let more = window.next.is_some();
        if let Some(next) = window.next {
            let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            if memory.cursors.len() >= MOST_CURSORS {
                memory.cursors.clear();
            }
            memory.cursors.insert((id.clone(), list, number.saturating_add(1)), next);
        }
        (window.rows, more)
    }

    /// Rows of one list from a window on; late parts of the rest are of no interest. Remembered rows stand in for
    /// the first window.
    pub(super) async fn window(&self, linked: &Linked, list: AccountList, number: usize) -> Gathered {
        let now = self.clock.now();
        let end = Instant::now() + LIMIT;
        let mut gathered = Gathered::nothing(now);
        let mut id = linked.id.clone();
        if id.is_none() || linked.currency.is_none() {
            let asked = self.view.overview(linked.number.as_str(), Along::Nothing);
            if let Ok(Ok(Some(overview))) = timeout_at(end, asked).await {
                id = Some(overview.account.id.clone());
                gathered.account = Some(overview.account);
            }
        }
        if let Some(id) = &id {
            match timeout_at(end, self.walk(id, list, number)).await {
                Ok(Ok(answer)) => gathered.take_list(list, answer),
                Ok(Err(error)) => {
                    told(&error);
                    gathered.denied = error.class == FaultClass::Denied;
                }
                Err(_) => {}
            }
        }
        match self.remembered(&linked.number, now) {
            Some(remembered) if number == 0 && !gathered.denied => gathered.filled_from(&remembered),
            _ => gathered,
        }
    }

    /// Goes from the nearest window whose beginning is known to the one that is asked for.
    async fn walk(
        &self,
        id: &AccountId,
        list: AccountList,
        number: usize,
    ) -> Result<Option<(Rows, bool)>, PortError> {
        let start = {
            let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            let known =
                |at: usize| memory.cursors.get(&(id.clone(), list, at)).map(|mark| (at, mark.clone()));
            (1..=number).rev().find_map(known)
        };
        let (mut at, mut from) = start.map_or((0, None), |(at, mark)| (at, Some(mark)));
        let mut remembered = from.is_some();
        loop {
            let window = match self.view.list(id, list, from.as_deref()).await {
                // A mark of a while ago may not be known any more.
                Err(_) if remembered => {
                    (at, from, remembered) = (0, None, false);
                    continue;
                }
                answer => answer?,
            };
            remembered = false;
            let Some(window) = window else { return Ok(None) };
            let next = window.next.clone();
            let (rows, more) = self.took(id, list, at, window);
            if at >= number {
                return Ok(Some((rows, more)));
            }
            // Past the end there is nothing.
            let Some(next) = next else { return Ok(Some((emptied(rows), false))) };
            from = Some(next);
            at = at.saturating_add(1);
        }
    }
}

fn emptied(rows: Rows) -> Rows {
    match rows {
        Rows::Subscriptions(_) => Rows::Subscriptions(Vec::new()),
        Rows::Orders(_) => Rows::Orders(Vec::new()),
        Rows::Invoices(_) => Rows::Invoices(Vec::new()),
        Rows::Payments(_) => Rows::Payments(Vec::new()),
        Rows::CreditMemos(_) => Rows::CreditMemos(Vec::new()),
        Rows::DebitMemos(_) => Rows::DebitMemos(Vec::new()),
    }
}

fn put(gathered: &mut Gathered, list: AccountList, answer: Option<Option<(Rows, bool)>>) {
    match answer {
        Some(answer) => gathered.take_list(list, answer),
        None => gathered.doubt(list),
    }
}

fn all_fresh(gathered: &Gathered) -> bool {
    gathered.account.is_some()
        && !gathered.subscriptions.is_late()
        && !gathered.orders.is_late()
        && !gathered.invoices.is_late()
        && !gathered.payments.is_late()
        && !gathered.credit_memos.is_late()
        && !gathered.debit_memos.is_late()
}
