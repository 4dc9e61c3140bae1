//! Checks everything that an installation stands on, one by one and all of it: a wrong token hides nothing of
//! the other side.

use super::checks::{self, Check, Level};
use super::compare::{Item, Make, Side, Standing};
use super::setup::inspect;
use super::wishes::Wishes;
use super::{Sides, rights};
use connector_domain::ids::PortalId;
use connector_domain::money::Currency;
use connector_domain::object::ObjectKind;
use connector_ports::PortError;
use connector_ports::clock::Clock;
use connector_ports::installation::{CrmInstallation, PortalFacts};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// What the configuration says, as far as it is checked against the vendors.
#[derive(Debug, Clone)]
pub struct Configured {
    /// The portal.
    pub portal: PortalId,
    /// `hubspot.time_zone`.
    pub time_zone: Option<TimeZone>,
    /// `zuora.currencies`.
    pub currencies: Option<BTreeSet<Currency>>,
    /// `public.url`.
    pub public_url: String,
    /// HubSpot's address is this machine: a simulator.
    pub hubspot_is_loopback: bool,
    /// The host of Zuora's address.
    pub zuora_host: String,
    /// Zuora's address is this machine: a simulator.
    pub zuora_is_loopback: bool,
}

/// Everything that was checked, in the order in which it should be read.
pub async fn examine(
    sides: Sides<'_>,
    wishes: &Wishes,
    configured: &Configured,
    time: &dyn Clock,
) -> Vec<Check> {
    let mut all = vec![checks::public_url(&configured.public_url, !configured.hubspot_is_loopback)];
    let portal = sides.crm.facts().await;
    let crm_clock = portal.as_ref().ok().map(|facts| checks::clock("HubSpot", facts.clock, time.now()));
    let stands = inspect(sides, wishes).await;
    match &portal {
        Ok(facts) => {
            all.push(belongs(facts, configured.portal));
            all.extend(crm_clock);
            all.extend(scopes(sides.crm, &stands).await);
            all.push(checks::time_zone(facts, configured.time_zone.as_ref()));
            all.push(checks::currencies(facts, configured.currencies.as_ref()));
            all.push(checks::pairing(
                checks::hubspot_stage(facts.account_type.as_deref(), configured.hubspot_is_loopback),
                checks::zuora_stage(&configured.zuora_host, configured.zuora_is_loopback),
            ));
            all.extend(of_side(&stands, Side::HubSpot));
        }
        Err(error) => {
            all.push(unreachable("HubSpot access token", error, rights::hubspot_fix(error, "oauth")))
        }
    }
    match sides.billing.facts().await {
        Ok(tenant) => {
            all.push(Check::ok("Zuora OAuth client", "accepted"));
            all.push(checks::clock("Zuora", tenant.clock, time.now()));
            all.push(orders(tenant.orders));
            all.push(memos(tenant.memos));
            all.extend(of_side(&stands, Side::Zuora));
        }
        Err(error) => {
            let fix = if rights::is_refused(&error) {
                "Put the id and secret of a client of this tenant into ZUORA_CLIENT_ID and ZUORA_CLIENT_SECRET \
                 (Administration, Manage Users, the API user, OAuth clients)."
            } else {
                "Look whether zuora.base_url is the tenant's, and whether Zuora answers; run doctor again."
            };
            all.push(unreachable("Zuora OAuth client", &error, fix.to_owned()));
        }
    }
    all
}

fn unreachable(name: &str, error: &PortError, fix: String) -> Check {
    let level = if rights::is_refused(error) { Level::Wrong } else { Level::Unchecked };
    Check::new(level, name, error.to_string(), "Nothing can be read, and nothing can be written.", fix)
}

fn belongs(facts: &PortalFacts, configured: PortalId) -> Check {
    let name = "HubSpot access token";
    if facts.id == configured {
        return Check::ok(name, format!("accepted, for portal {configured}"));
    }
    Check::new(
        Level::Wrong,
        name,
        format!("it belongs to portal {}, hubspot.portal_id says {configured}", facts.id),
        "Ids of one portal mean other records in another.",
        "Set hubspot.portal_id to the token's portal, or use a token of the configured one.",
    )
}

/// Scopes as far as HubSpot tells them; else what reading shows.
async fn scopes(crm: &dyn CrmInstallation, stands: &[Item]) -> Vec<Check> {
    let lacks = |scope: &str, level| {
        let name = format!("HubSpot scope {scope}");
        Check::new(
            level,
            &name,
            "not granted",
            "HubSpot refuses the calls that need it.",
            rights::grant(scope),
        )
    };
    let mut all = Vec::new();
    match crm.scopes().await {
        Ok(Some(granted)) => {
            let has = |scope: &str| granted.contains(scope);
            all.extend(rights::FOR_SYNC.iter().filter(|s| !has(s)).map(|scope| lacks(scope, Level::Wrong)));
            // Rights that only setup needs are asked for as long as it has something to make.
            let missing = stands.iter().filter(|item| item.standing == Standing::Missing);
            let wanted: BTreeSet<&str> = missing.filter_map(|item| to_make(&item.make)).collect();
            all.extend(wanted.into_iter().filter(|s| !has(s)).map(|scope| lacks(scope, Level::Warning)));
            if all.is_empty() {
                all.push(Check::ok("HubSpot scopes", "all that are needed are granted"));
            }
        }
        Ok(None) | Err(_) => {
            for kind in ObjectKind::ALL {
                match crm.probe(kind).await {
                    Ok(()) => {}
                    Err(error) if rights::is_refused(&error) => {
                        all.push(lacks(rights::to_read(kind), Level::Wrong));
                    }
                    Err(error) => {
                        let name = format!("HubSpot scope {}", rights::to_read(kind));
                        let fix = rights::hubspot_fix(&error, rights::to_read(kind));
                        all.push(unreachable(&name, &error, fix));
                    }
                }
            }
            if all.is_empty() {
                let found =
                    "all that reading needs are granted; HubSpot does not tell the others for this token";
                all.push(Check::ok("HubSpot scopes", found));
            }
        }
    }
    all
}

fn to_make(make: &Make) -> Option<&'static str> {
    match make {
        Make::Group(kind) | Make::Property(kind, _) => Some(rights::to_define(*kind)),
        Make::Label(..) => Some(rights::TO_LABEL),
        Make::ByHand(_) => None,
    }
}

fn orders(has: bool) -> Check {
    let name = "Zuora Orders";
    if has {
        return Check::ok(name, "orders can be listed");
    }
    Check::new(
        Level::Wrong,
        name,
        "Zuora refuses the list of orders",
        "Subscriptions are made, changed and cancelled by orders only.",
        format!(
            "Switch on Orders or Orders Harmonization for the tenant (Zuora's support does). If it is on: {}",
            rights::GRANT_ZUORA
        ),
    )
}

fn memos(has: Option<bool>) -> Check {
    let name = "Zuora Invoice Settlement";
    match has {
        Some(true) => Check::ok(name, "credit memos can be listed"),
        None => Check::ok(name, "Zuora did not say; nothing depends on it"),
        Some(false) => {
            Check::ok(name, "credit memos cannot be listed; cards show no memos, all else is the same")
        }
    }
}

/// What setup looks at, in the words of a doctor. Things that are well and belong together are one line.
fn of_side(stands: &[Item], side: Side) -> Vec<Check> {
    let mut all: Vec<Check> = Vec::new();
    let mut areas: Vec<(&str, Vec<&str>)> = Vec::new();
    for item in stands.iter().filter(|item| item.side == side) {
        match &item.standing {
            Standing::There => match areas.iter_mut().find(|(area, _)| *area == item.area) {
                Some((_, names)) => names.push(&item.name),
                None => areas.push((&item.area, vec![&item.name])),
            },
            Standing::Missing | Standing::Unfit { .. } | Standing::NotRead(_) => all.push(troubled(item)),
        }
    }
    let well = areas.into_iter().map(|(area, names)| {
        let found = match names.as_slice() {
            [one] => (*one).to_owned(),
            several => format!("{} there, with the right types", several.len()),
        };
        Check::ok(format!("{} {area}", side.as_str()), found)
    });
    well.chain(all).collect()
}

fn troubled(item: &Item) -> Check {
    let name = format!("{} {}: {}", item.side.as_str(), item.area, item.name);
    let level = |severe: bool| if severe && item.needed { Level::Wrong } else { Level::Warning };
    match &item.standing {
        Standing::There => Check::ok(name, "there"),
        Standing::Missing => {
            let fix = match &item.make {
                Make::ByHand(instruction) => instruction.clone(),
                Make::Group(_) | Make::Property(..) | Make::Label(..) => "Run connector setup.".to_owned(),
            };
            Check::new(level(true), &name, "not there", item.why, fix)
        }
        Standing::Unfit { what, fix, severe } => {
            Check::new(level(*severe), &name, what.as_str(), item.why, fix.as_str())
        }
        Standing::NotRead(unread) => {
            let level = if unread.refused || !item.needed { level(true) } else { Level::Unchecked };
            Check::new(level, &name, unread.why.as_str(), item.why, unread.fix.as_str())
        }
    }
}
