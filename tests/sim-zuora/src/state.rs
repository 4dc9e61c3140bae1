//! What the simulated tenant holds.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::clock::plus;
use crate::config::Config;
use crate::json::Object;
use crate::subscriptions::{Family, SubVersion};

static TENANTS: AtomicU64 = AtomicU64::new(1);

/// A record's own times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    /// When it was made.
    pub(crate) created: Timestamp,
    /// When it last changed.
    pub(crate) updated: Timestamp,
}

impl Stamp {
    /// A record made now.
    pub(crate) fn new(now: Timestamp) -> Stamp {
        Stamp { created: now, updated: now }
    }
}

/// A billing account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) status: String,
    pub(crate) currency: String,
    pub(crate) bill_to: String,
    pub(crate) sold_to: String,
    pub(crate) ship_to: String,
    /// Everything else, under the names of the create call.
    pub(crate) fields: Object,
    pub(crate) stamp: Stamp,
}

/// A contact.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) id: String,
    pub(crate) account_id: String,
    /// Its fields, under the names of the create call.
    pub(crate) fields: Object,
    pub(crate) stamp: Stamp,
}

/// A product.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) id: String,
    /// Fields in the CRUD spelling.
    pub(crate) fields: Object,
    pub(crate) stamp: Stamp,
}

/// A product rate plan.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) id: String,
    pub(crate) product_id: String,
    /// Fields in the CRUD spelling, without currencies and external ids.
    pub(crate) fields: Object,
    pub(crate) currencies: Vec<String>,
    pub(crate) external_ids: Vec<String>,
    pub(crate) external_source: Option<String>,
    pub(crate) stamp: Stamp,
}

/// A product rate plan charge.
#[derive(Debug, Clone)]
pub(crate) struct PlanCharge {
    pub(crate) id: String,
    pub(crate) plan_id: String,
    /// Fields in the CRUD spelling, without tiers.
    pub(crate) fields: Object,
    pub(crate) tiers: Vec<PlanTier>,
    pub(crate) stamp: Stamp,
}

/// A price tier of a charge.
#[derive(Debug, Clone)]
pub(crate) struct PlanTier {
    pub(crate) id: String,
    pub(crate) currency: String,
    /// Number within its currency, from 1.
    pub(crate) tier: u32,
    /// Fields in the CRUD spelling.
    pub(crate) fields: Object,
}

/// An order.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) account_id: String,
    pub(crate) date: Date,
    pub(crate) status: String,
    pub(crate) currency: String,
    pub(crate) fields: Object,
    pub(crate) subscriptions: Vec<OrderPart>,
    pub(crate) stamp: Stamp,
}

/// What an order did to one subscription.
#[derive(Debug, Clone)]
pub(crate) struct OrderPart {
    pub(crate) number: String,
    pub(crate) base_version: u32,
    pub(crate) new_version: u32,
    pub(crate) custom: Object,
    pub(crate) actions: Vec<Value>,
}

/// Everything the tenant holds.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) config: Config,
    /// The simulated time of the call at hand.
    pub(crate) now: Timestamp,
    instance: u64,
    ids: u64,
    numbers: BTreeMap<&'static str, u64>,
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) contacts: BTreeMap<String, Contact>,
    pub(crate) products: BTreeMap<String, Product>,
    pub(crate) plans: BTreeMap<String, Plan>,
    pub(crate) charges: BTreeMap<String, PlanCharge>,
    pub(crate) orders: Vec<Order>,
    pub(crate) families: Vec<Family>,
    /// Invoices, payments and memos put there by tests, by object-query name.
    pub(crate) documents: BTreeMap<String, Vec<Object>>,
    pub(crate) jobs: BTreeMap<String, Value>,
    /// Percentage by which renewals that happen by themselves raise the prices.
    pub(crate) renewal_uplift: Option<Decimal>,
}

/// Where the automatic ids and numbers are.
#[derive(Debug, Clone)]
pub(crate) struct Counters {
    ids: u64,
    numbers: BTreeMap<&'static str, u64>,
}

impl Tenant {
    /// An empty tenant.
    pub(crate) fn new(config: Config, now: Timestamp) -> Tenant {
        Tenant {
            config,
            now,
            instance: TENANTS.fetch_add(1, Ordering::SeqCst),
            ids: 0,
            numbers: BTreeMap::new(),
            accounts: BTreeMap::new(),
            contacts: BTreeMap::new(),
            products: BTreeMap::new(),
            plans: BTreeMap::new(),
            charges: BTreeMap::new(),
            orders: Vec::new(),
            families: Vec::new(),
            documents: BTreeMap::new(),
            jobs: BTreeMap::new(),
            renewal_uplift: None,
        }
    }

    /// Remembers where the ids and numbers are.
    pub(crate) fn counters(&self) -> Counters {
        Counters { ids: self.ids, numbers: self.numbers.clone() }
    }

    /// Gives ids and numbers back that were not used in the end.
    pub(crate) fn rewind(&mut self, counters: Counters) {
        self.ids = counters.ids;
        self.numbers = counters.numbers;
    }

    /// A new 32-hex id, different between simulated tenants of one process.
    pub(crate) fn id(&mut self) -> String {
        self.ids += 1;
        format!("8ad0{:08x}{:020x}", self.instance & 0xFFFF_FFFF, self.ids)
    }

    /// The next automatic number with a prefix.
    pub(crate) fn next_number(&mut self, kind: &'static str, prefix: &str) -> String {
        let next = self.numbers.entry(kind).or_insert(0);
        *next += 1;
        format!("{prefix}{next:08}")
    }

    /// Today in the tenant's time zone (UTC).
    pub(crate) fn today(&self) -> Date {
        self.now.to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    /// Whether a record shows up in lists already.
    pub(crate) fn searchable(&self, stamp: Stamp) -> bool {
        plus(stamp.created, self.config.search_lag_seconds) <= self.now
    }

    /// The account with this id or number.
    pub(crate) fn account(&self, key: &str) -> Option<&Account> {
        self.accounts.get(key).or_else(|| self.accounts.values().find(|a| a.number == key))
    }

    /// The order with this number (or id).
    pub(crate) fn order(&self, key: &str) -> Option<&Order> {
        self.orders.iter().rev().find(|o| o.number == key || o.id == key)
    }

    /// The place of the subscription with this number, or with a version of this id.
    pub(crate) fn family_index(&self, key: &str) -> Option<usize> {
        self.families
            .iter()
            .rposition(|f| f.number == key)
            .or_else(|| self.families.iter().position(|f| f.versions.iter().any(|v| v.id == key)))
    }

    /// The subscription with this number, or with a version of this id.
    pub(crate) fn family(&self, key: &str) -> Option<&Family> {
        self.family_index(key).and_then(|i| self.families.get(i))
    }

    /// A subscription version: by id that one, by number the latest.
    pub(crate) fn version(&self, key: &str) -> Option<(&Family, &SubVersion)> {
        let family = self.family(key)?;
        let version = family.versions.iter().find(|v| v.id == key).or_else(|| family.latest())?;
        Some((family, version))
    }

    /// The charges of a plan.
    pub(crate) fn charges_of<'a>(&'a self, plan_id: &'a str) -> impl Iterator<Item = &'a PlanCharge> {
        self.charges.values().filter(move |c| c.plan_id == plan_id)
    }
}
