//! What the portal says of itself: time zone and currencies, kept for an hour.

use crate::cache::Cached;
use crate::client::{Api, Call, Config, PortalOverrides, VERSION, read};
use crate::dto::account::Account;
use crate::error::Fault;
use connector_domain::fault::FaultClass;
use connector_domain::ids::PortalId;
use connector_domain::money::Currency;
use connector_domain::policy::Portal;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// Currencies are added now and then, and a new one is used soon after.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(1);

pub(crate) struct Portals {
    portal: PortalId,
    overrides: PortalOverrides,
    cache: Cached<Portal>,
}

impl Portals {
    pub(crate) fn new(config: &Config) -> Self {
        Self { portal: config.portal, overrides: config.overrides.clone(), cache: Cached::new(MAX_AGE) }
    }

    pub(crate) async fn get(&self, api: &Api) -> Result<Portal, Fault> {
        let PortalOverrides { time_zone, home_currency, currencies } = self.overrides.clone();
        if let (Some(time_zone), Some(home_currency), Some(mut currencies)) =
            (time_zone, home_currency, currencies)
        {
            currencies.insert(home_currency.clone());
            return Ok(Portal { time_zone, home_currency, currencies });
        }
        self.cache.get(api.now(), || self.load(api)).await
    }

    async fn load(&self, api: &Api) -> Result<Portal, Fault> {
        let path = ["account-info", VERSION, "details"];
        let reply = api.call(Call::get(&path)).await.map_err(Fault::for_read)?;
        let account: Account = read(&reply).map_err(Fault::for_read)?;
        let portal = self.judge(&account)?;
        api.learn_zone(&portal.time_zone);
        Ok(portal)
    }

    fn judge(&self, account: &Account) -> Result<Portal, Fault> {
        if account.portal_id != self.portal.0 {
            let message = format!(
                "the access token belongs to portal {}, but portal {} is configured",
                account.portal_id, self.portal
            );
            return Err(Fault::new(FaultClass::Denied, message));
        }
        let overrides = &self.overrides;
        let time_zone = match (&overrides.time_zone, account.time_zone.as_deref()) {
            (Some(configured), _) => configured.clone(),
            (None, Some(name)) => TimeZone::get(name).map_err(|_| {
                let words = format!("the portal's time zone {name:?} is not known; configure time_zone");
                Fault::new(FaultClass::Permanent, words)
            })?,
            (None, None) => return Err(missing("time zone", "time_zone")),
        };
        let home_currency = match (&overrides.home_currency, account.company_currency.as_deref()) {
            (Some(configured), _) => configured.clone(),
            (None, Some(code)) => Currency::parse(code).map_err(|_| missing("currency", "home_currency"))?,
            (None, None) => return Err(missing("currency", "home_currency")),
        };
        let mut currencies = match &overrides.currencies {
            Some(configured) => configured.clone(),
            None => {
                let codes = account.additional_currencies.as_deref().unwrap_or_default();
                let own = account.company_currency.iter().chain(codes);
                own.filter_map(|code| Currency::parse(code).ok()).collect::<BTreeSet<_>>()
            }
        };
        currencies.insert(home_currency.clone());
        Ok(Portal { time_zone, home_currency, currencies })
    }
}

fn missing(what: &str, setting: &str) -> Fault {
    Fault::new(FaultClass::Permanent, format!("the portal names no usable {what}; configure {setting}"))
}
