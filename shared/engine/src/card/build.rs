//! A card from what is known: the record's state, and what was read of its account. Pure.

use super::format::Reader;
use super::gathered::{Gathered, Part};
use super::links::{Links, Page};
use super::model::{
    Account, Action, ActionId, CardObject, CardState, CardView, Chart, ChartMonth, Confirm, ConfirmKind,
    Freshness, Lists, Money, OtherAccount, Problem, Statistic, StatisticId, SyncInfo, Tone,
};
use super::press::is_working;
use super::rows::{Eyes, Place, debit_memos, is_overdue, list, renewal};
use connector_domain::ids::{AccountId, AccountNumber};
use connector_domain::object::{ObjectKind, StateKey};
use connector_domain::problem;
use connector_domain::state::SyncStatus;
use connector_ports::account_view::ViewedSubscription;
use connector_ports::states::Stored;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// An account that a record is linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Zuora's id, when it is known.
    pub id: Option<AccountId>,
    /// Its number.
    pub number: AccountNumber,
    /// Its currency, when it is known.
    pub currency: Option<String>,
}

/// What the connector knows of a record by itself.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The record's state.
    pub stored: Stored,
    /// The account whose data it may show.
    pub account: Option<Linked>,
    /// Further accounts that carry the company's id.
    pub others: Vec<(AccountId, AccountNumber)>,
    /// HubSpot does not let the connector see what it needs to find the account.
    pub denied: bool,
}

/// What the reader may do (D-28).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// Sync and preview.
    pub act: bool,
    /// Confirm.
    pub confirm: bool,
}

/// Who looks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Looking<'a> {
    /// Locale and zone.
    pub reader: &'a Reader,
    /// Links.
    pub links: &'a Links,
    /// Rights.
    pub rights: Rights,
    /// Now.
    pub now: Timestamp,
}

impl From<&problem::Problem> for Problem {
    fn from(problem: &problem::Problem) -> Self {
        Self {
            code: problem.code.code().to_owned(),
            title: problem.code.title().to_owned(),
            field: problem.field.clone(),
            detail: problem.detail.clone(),
            fix: problem.code.fix().to_owned(),
        }
    }
}

/// Why an action is not open to a reader.
pub const MAY_NOT_ACT: &str = "You may not do this here. Ask the administrator of the connector.";
/// Why a confirmation is not open to a reader.
pub const MAY_NOT_CONFIRM: &str =
    "Only users whom the administrator of the connector has named may confirm this.";

/// What the rows need to be shown.
pub fn eyes<'a>(looking: &Looking<'a>, standing: &'a Standing, gathered: Option<&'a Gathered>) -> Eyes<'a> {
    let account = gathered.and_then(|g| g.account.as_ref()).and_then(|a| a.currency.as_deref());
    let linked = standing.account.as_ref().and_then(|a| a.currency.as_deref());
    Eyes {
        reader: looking.reader,
        links: looking.links,
        today: looking.reader.today(looking.now),
        currency: account.or(linked).unwrap_or_default(),
        own: standing.stored.state.subscription().map(|link| link.subscription.as_str()),
    }
}

/// The card of a record. `gathered` is none when there is no account to read.
pub fn card(
    key: &StateKey,
    standing: &Standing,
    gathered: Option<&Gathered>,
    looking: &Looking<'_>,
) -> CardView {
    let nothing = Gathered {
        subscriptions: Part::Fresh(Default::default()),
        orders: Part::Fresh(Default::default()),
        invoices: Part::Fresh(Default::default()),
        payments: Part::Fresh(Default::default()),
        credit_memos: Part::Fresh(Default::default()),
        debit_memos: Part::Fresh(Default::default()),
        ..Gathered::nothing(looking.now)
    };
    let seen = gathered.unwrap_or(&nothing);
    let eyes = eyes(looking, standing, gathered);
    let state = state(standing, gathered, looking.now);
    let late = late(seen);
    CardView {
        version: 1,
        object: if key.object.kind == ObjectKind::Deal { CardObject::Deal } else { CardObject::Company },
        id: key.object.id.to_string(),
        state,
        headline: headline(key, state, seen, looking.reader),
        sync: sync(key, standing, seen, state, looking.reader),
        actions: actions(key, standing, state, looking.rights),
        confirm: confirm(standing),
        account: account(standing, seen, &eyes),
        other_accounts: others(standing, looking.links),
        statistics: statistics(seen, &eyes),
        chart: chart(seen, &eyes),
        lists: Lists {
            subscriptions: list(&seen.subscriptions, Place::FIRST, &eyes),
            orders: list(&seen.orders, Place::FIRST, &eyes),
            invoices: list(&seen.invoices, Place::FIRST, &eyes),
            payments: list(&seen.payments, Place::FIRST, &eyes),
            credit_memos: list(&seen.credit_memos, Place::FIRST, &eyes),
            debit_memos: debit_memos(&seen.debit_memos, Place::FIRST, &eyes),
        },
        freshness: Freshness { as_of: looking.reader.moment(seen.as_of), stale: seen.is_stale(), late },
    }
}

fn late(seen: &Gathered) -> Vec<String> {
    [
        ("subscriptions", seen.subscriptions.is_late()),
        ("orders", seen.orders.is_late()),
        ("invoices", seen.invoices.is_late()),
        ("payments", seen.payments.is_late()),
        ("creditMemos", seen.credit_memos.is_late()),
        ("debitMemos", seen.debit_memos.is_late()),
    ]
    .into_iter()
    .filter(|(_, late)| *late)
    .map(|(name, _)| name.to_owned())
    .collect()
}

fn state(standing: &Standing, gathered: Option<&Gathered>, now: Timestamp) -> CardState {
    let stored = &standing.stored;
    if is_working(stored, now) {
        return CardState::Working;
    }
    match stored.state.status {
        SyncStatus::NeedsAttention => return CardState::NeedsAttention,
        SyncStatus::NotLinked if standing.denied => return CardState::NoRights,
        SyncStatus::NotLinked => return CardState::NotLinked,
        SyncStatus::Pending => return CardState::Working,
        SyncStatus::InSync => {}
    }
    match gathered {
        Some(seen) if seen.denied && seen.account.is_none() => CardState::NoRights,
        Some(seen) if seen.account.is_none() && !seen.gone && late(seen).len() >= 5 => CardState::Unavailable,
        Some(_) | None => CardState::InSync,
    }
}

fn headline(key: &StateKey, state: CardState, seen: &Gathered, reader: &Reader) -> String {
    let company = key.object.kind == ObjectKind::Company;
    let text = match state {
        CardState::NotLinked if company => "This company is not in Zuora.",
        CardState::NotLinked => "Nothing of this deal is in Zuora.",
        CardState::InSync if company => "This company and its Zuora account are in step.",
        CardState::InSync => "This deal and its subscription are in step.",
        CardState::Working => "A sync is under way.",
        CardState::NeedsAttention => "A person must look at this before the sync can go on.",
        CardState::Unavailable => "Zuora does not answer at the moment, so its figures cannot be shown.",
        CardState::NoRights => "The connector has no right to read what this card shows.",
    };
    if seen.is_stale() {
        let at = reader.moment(seen.as_of).text;
        return format!("{text} Zuora does not answer in time; figures are those of {at}.");
    }
    text.to_owned()
}

fn sync(key: &StateKey, standing: &Standing, seen: &Gathered, state: CardState, reader: &Reader) -> SyncInfo {
    let stored = &standing.stored;
    let mut notices = stored.state.notices.clone();
    if let (true, Some(account)) = (seen.gone, &standing.account) {
        notices.push(format!("Zuora does not have account {} any more.", account.number));
    }
    let mut missing = Vec::new();
    if state == CardState::NotLinked {
        let problems = &stored.state.problems;
        missing.extend(
            problems.iter().map(|p| format!("{} {}", p.code.title(), p.detail).trim_end().to_owned()),
        );
        if missing.is_empty() {
            missing.push(match key.object.kind {
                ObjectKind::Company => {
                    "No Zuora account is linked. One is made when a deal of this company is \
                                        won, or when you press a sync button."
                        .to_owned()
                }
                ObjectKind::Deal | ObjectKind::Contact | ObjectKind::Product | ObjectKind::LineItem => {
                    "The deal is not won yet; its order is made when it is. The preview shows what would be \
                     ordered."
                        .to_owned()
                }
            });
        }
    }
    SyncInfo {
        last_synced: stored.state.changed_at.map(|at| reader.moment(at)),
        problems: stored.state.problems.iter().map(Problem::from).collect(),
        notices,
        missing,
        waiting_for: stored.waits_on.as_ref().map(|key| key.object.to_string()),
        write_back_problem: stored.state.write_back_problem.as_ref().map(Problem::from),
    }
}

fn actions(key: &StateKey, standing: &Standing, state: CardState, rights: Rights) -> Vec<Action> {
    let busy = state == CardState::Working;
    let action = |id: ActionId, label: &str, open: bool, refusal: &str, while_busy: bool| Action {
        id,
        label: label.to_owned(),
        enabled: open && (while_busy || !busy),
        reason: if !open {
            Some(refusal.to_owned())
        } else if busy && !while_busy {
            Some("A sync is under way.".to_owned())
        } else {
            None
        },
    };
    let act = |id, label, while_busy| action(id, label, rights.act, MAY_NOT_ACT, while_busy);
    match key.object.kind {
        ObjectKind::Company => vec![
            act(ActionId::SyncWithDeals, "Sync Company with Deals", false),
            act(ActionId::SyncRecordOnly, "Sync Company and Contacts Only", false),
        ],
        ObjectKind::Deal => {
            let mut all =
                vec![act(ActionId::SyncDeal, "Sync Deal", false), act(ActionId::Preview, "Preview", true)];
            if standing.stored.state.confirm.is_some() {
                let label = "Confirm cancellation";
                all.push(action(ActionId::Confirm, label, rights.confirm, MAY_NOT_CONFIRM, false));
            }
            all
        }
        ObjectKind::Contact | ObjectKind::Product | ObjectKind::LineItem => Vec::new(),
    }
}

fn confirm(standing: &Standing) -> Option<Confirm> {
    let state = &standing.stored.state;
    let asked = state.confirm.as_ref()?;
    let number = state.subscription().map(|link| link.subscription.to_string()).unwrap_or_default();
    Some(Confirm {
        kind: ConfirmKind::Cancellation,
        token: asked.token.clone(),
        title: format!("End subscription {number}?"),
        text: asked.text.clone(),
    })
}

fn account(standing: &Standing, seen: &Gathered, eyes: &Eyes<'_>) -> Option<Account> {
    let linked = standing.account.as_ref()?;
    let link = |id: Option<&str>| eyes.links.to(Page::Account, id, linked.number.as_str());
    let Some(read) = &seen.account else {
        return Some(Account {
            name: None,
            number: linked.number.to_string(),
            status: None,
            currency: linked.currency.clone(),
            balance: None,
            overdue: None,
            payment_term: None,
            auto_pay: None,
            bill_to: None,
            url: link(linked.id.as_ref().map(AccountId::as_str)),
        });
    };
    let overdue = overdue(seen, eyes).and_then(|by| single(&by, eyes));
    let balance = read.balance.and_then(|own| single(&balances(seen, own, eyes), eyes));
    Some(Account {
        name: read.name.clone(),
        number: read.number.to_string(),
        status: read.status.clone(),
        currency: read.currency.clone(),
        balance,
        overdue,
        payment_term: read.payment_term.clone(),
        auto_pay: read.auto_pay,
        bill_to: read.bill_to.clone(),
        url: link(Some(read.id.as_str())),
    })
}

fn others(standing: &Standing, links: &Links) -> Vec<OtherAccount> {
    let shown = standing.account.as_ref().map(|linked| &linked.number);
    standing
        .others
        .iter()
        .filter(|(_, number)| Some(number) != shown)
        .map(|(id, number)| OtherAccount {
            number: number.to_string(),
            url: links.to(Page::Account, Some(id.as_str()), number.as_str()),
        })
        .collect()
}

/// What is owed and late, by currency; none when not all invoices were seen.
fn overdue(seen: &Gathered, eyes: &Eyes<'_>) -> Option<BTreeMap<String, Decimal>> {
    let mut by: BTreeMap<String, Decimal> = BTreeMap::new();
    for invoice in seen.invoices.whole()?.iter().filter(|invoice| is_overdue(invoice, eyes.today)) {
        let currency = invoice.currency.as_deref().unwrap_or(eyes.currency);
        *by.entry(currency.to_owned()).or_default() += invoice.balance;
    }
    Some(by)
}

/// What is owed, by currency. Zuora says it in the account's own currency only; what documents in other currencies
/// leave open is added, when all of them were seen.
fn balances(seen: &Gathered, own: Decimal, eyes: &Eyes<'_>) -> BTreeMap<String, Decimal> {
    let mut by: BTreeMap<String, Decimal> = BTreeMap::new();
    let mut add = |currency: &Option<String>, amount: Decimal| {
        if let Some(code) = currency.as_deref().filter(|code| *code != eyes.currency) {
            *by.entry(code.to_owned()).or_default() += amount;
        }
    };
    let booked = |status: &str| ["posted", "processed"].iter().any(|name| status.eq_ignore_ascii_case(name));
    if let (Some(invoices), Some(payments), Some(credit), Some(debit)) =
        (seen.invoices.whole(), seen.payments.whole(), seen.credit_memos.whole(), seen.debit_memos.whole())
    {
        invoices.iter().filter(|row| booked(&row.status)).for_each(|row| add(&row.currency, row.balance));
        debit.iter().filter(|row| booked(&row.status)).for_each(|row| add(&row.currency, row.balance));
        credit.iter().filter(|row| booked(&row.status)).for_each(|row| add(&row.currency, -row.balance));
        let unapplied = payments.iter().filter(|row| booked(&row.status));
        unapplied.for_each(|row| add(&row.currency, -row.unapplied.unwrap_or_default()));
    }
    by.insert(eyes.currency.to_owned(), own);
    by
}

/// The one sum that is not zero; none when there are several, because currencies are not added up.
fn single(by: &BTreeMap<String, Decimal>, eyes: &Eyes<'_>) -> Option<Money> {
    let mut open = by.iter().filter(|(_, sum)| !sum.is_zero());
    match (open.next(), open.next()) {
        (None, _) => Some(eyes.reader.money(Decimal::ZERO, eyes.currency)),
        (Some((currency, sum)), None) => Some(eyes.reader.money(*sum, currency)),
        (Some(_), Some(_)) => None,
    }
}

/// All sums that are not zero.
fn sums(by: &BTreeMap<String, Decimal>, eyes: &Eyes<'_>) -> String {
    let open = by.iter().filter(|(_, sum)| !sum.is_zero());
    let texts: Vec<String> = open.map(|(currency, sum)| eyes.reader.money(*sum, currency).text).collect();
    if texts.is_empty() { eyes.reader.money(Decimal::ZERO, eyes.currency).text } else { texts.join(" + ") }
}

/// Figures at the top. A figure that is not wholly known is left out: money is not guessed.
fn statistics(seen: &Gathered, eyes: &Eyes<'_>) -> Vec<Statistic> {
    let Some(account) = &seen.account else { return Vec::new() };
    let one = |id, label: &str, text: String, tone| Statistic { id, label: label.to_owned(), text, tone };
    let mut out = Vec::new();
    let runs = |row: &&ViewedSubscription| row.status.eq_ignore_ascii_case("active");
    let subscriptions = seen.subscriptions.whole();
    let revenue = subscriptions.map(|rows| {
        let mut by: BTreeMap<String, Decimal> = BTreeMap::new();
        for row in rows.iter().filter(runs) {
            let currency = row.currency.as_deref().unwrap_or(eyes.currency);
            *by.entry(currency.to_owned()).or_default() += row.mrr.unwrap_or_default();
        }
        sums(&by, eyes)
    });
    let revenue = revenue.or_else(|| account.mrr.map(|mrr| eyes.reader.money(mrr, eyes.currency).text));
    out.extend(revenue.map(|text| one(StatisticId::Mrr, "Monthly recurring revenue", text, Tone::Default)));
    out.extend(account.balance.map(|amount| {
        one(StatisticId::Balance, "Balance", sums(&balances(seen, amount, eyes), eyes), Tone::Default)
    }));
    out.extend(overdue(seen, eyes).map(|by| {
        let tone = if by.values().any(|sum| !sum.is_zero()) { Tone::Danger } else { Tone::Success };
        one(StatisticId::Overdue, "Overdue", sums(&by, eyes), tone)
    }));
    if let Some(rows) = subscriptions {
        if let Some(next) = rows.iter().filter_map(renewal).filter(|day| *day >= eyes.today).min() {
            let text = eyes.reader.day_text(next);
            out.push(one(StatisticId::NextRenewal, "Next renewal", text, Tone::Default));
        }
        let text = rows.iter().filter(runs).count().to_string();
        out.push(one(StatisticId::Subscriptions, "Active subscriptions", text, Tone::Default));
    }
    out
}

/// Invoiced against paid of the last twelve months, in the currency of most invoices of that time; none when there is
/// nothing, or when rows of that time are missing.
fn chart(seen: &Gathered, eyes: &Eyes<'_>) -> Option<Chart> {
    let this_month = eyes.today.first_of_month();
    let start = this_month.checked_sub(11.months()).ok()?;
    let reaches =
        |days: Vec<Option<Date>>, more: bool| !more || days.iter().flatten().any(|day| *day < start);
    let (invoices, payments) = (seen.invoices.listed()?, seen.payments.listed()?);
    let whole = !seen.invoices.is_late()
        && !seen.payments.is_late()
        && reaches(invoices.rows.iter().map(|row| row.date).collect(), invoices.more)
        && reaches(payments.rows.iter().map(|row| row.date).collect(), payments.more);
    if !whole {
        return None;
    }
    let counts = |status: &str, date: Option<Date>| {
        let booked = ["posted", "processed"].contains(&status.to_ascii_lowercase().as_str());
        date.filter(|day| booked && *day >= start)
    };
    let mut documents: Vec<(&str, Date, Decimal, bool)> = Vec::new();
    for row in &invoices.rows {
        let currency = row.currency.as_deref().unwrap_or(eyes.currency);
        documents.extend(counts(&row.status, row.date).map(|day| (currency, day, row.amount, true)));
    }
    for row in &payments.rows {
        let currency = row.currency.as_deref().unwrap_or(eyes.currency);
        documents.extend(counts(&row.status, row.date).map(|day| (currency, day, row.amount, false)));
    }
    let mut often: BTreeMap<&str, usize> = BTreeMap::new();
    documents.iter().for_each(|(currency, ..)| *often.entry(currency).or_default() += 1);
    let (currency, _) = often.into_iter().max_by_key(|(code, n)| (*n, *code == eyes.currency))?;
    let mut months: BTreeMap<Date, (Decimal, Decimal)> = BTreeMap::new();
    for back in 0..12_i64 {
        months.insert(this_month.checked_sub(back.months()).ok()?, (Decimal::ZERO, Decimal::ZERO));
    }
    for (_, day, amount, invoiced) in documents.iter().filter(|(code, ..)| *code == currency) {
        if let Some(month) = months.get_mut(&day.first_of_month()) {
            let sum = if *invoiced { &mut month.0 } else { &mut month.1 };
            *sum += *amount;
        }
    }
    let months = months.into_iter().map(|(month, (invoiced, paid))| ChartMonth {
        month: format!("{:04}-{:02}", month.year(), month.month()),
        label: eyes.reader.month_text(month),
        invoiced: eyes.reader.money(invoiced, currency).amount,
        paid: eyes.reader.money(paid, currency).amount,
    });
    Some(Chart { currency: currency.to_owned(), months: months.collect() })
}
