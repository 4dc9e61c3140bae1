//! Single checks of `doctor` that need no call. Pure.

use connector_domain::money::Currency;
use connector_ports::installation::PortalFacts;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Well.
    Ok,
    /// It works, with a disadvantage that somebody should know.
    Warning,
    /// Something does not work, or will not.
    Wrong,
    /// It could not be checked; a vendor did not answer, most likely.
    Unchecked,
}

impl Level {
    /// For people and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Wrong => "wrong",
            Level::Unchecked => "not checked",
        }
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// How it ended.
    pub level: Level,
    /// What was found.
    pub found: String,
    /// Why it matters; empty when all is well.
    pub why: String,
    /// How to mend it; empty when all is well.
    pub fix: String,
}

impl Check {
    /// A check that ended well.
    pub fn ok(name: impl Into<String>, found: impl Into<String>) -> Self {
        let (name, found) = (name.into(), found.into());
        Self { name, level: Level::Ok, found, why: String::new(), fix: String::new() }
    }

    /// A check that did not.
    pub fn new(
        level: Level,
        name: &str,
        found: impl Into<String>,
        why: &str,
        fix: impl Into<String>,
    ) -> Self {
        Self { name: name.to_owned(), level, found: found.into(), why: why.to_owned(), fix: fix.into() }
    }
}

/// Above this, the clock is worth a look.
const SKEW_WARNING: i64 = 15;
/// HubSpot's requests are refused when they seem to come from more than a minute ahead
/// (`shared/hubspot/src/signature.rs`).
const SKEW_WRONG: i64 = 55;

/// Our clock against a vendor's.
pub fn clock(vendor: &str, theirs: Option<Timestamp>, ours: Timestamp) -> Check {
    let name = format!("clock against {vendor}");
    let Some(theirs) = theirs else {
        return Check::ok(name, format!("{vendor} did not tell its time; not compared."));
    };
    let apart = ours.as_second() - theirs.as_second();
    let found = match apart {
        0 => "the same".to_owned(),
        ahead @ 1.. => format!("ours is {ahead} s ahead"),
        behind => format!("ours is {} s behind", behind.saturating_abs()),
    };
    let level = match apart.saturating_abs() {
        small if small <= SKEW_WARNING => return Check::ok(name, found),
        middling if middling <= SKEW_WRONG => Level::Warning,
        _ => Level::Wrong,
    };
    Check::new(
        level,
        &name,
        found,
        "Signed requests are refused when the clocks are a minute apart, and waits are reckoned wrongly.",
        "Synchronise the machine's clock (timedatectl set-ntp true, chrony).",
    )
}

/// Where the two ends of an installation are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Real customers, real invoices.
    Production,
    /// A sandbox, a developer's account, a simulator.
    Test,
    /// Nobody can tell.
    Unknown,
}

/// What kind of tenant answers at a Zuora host (`zuora.md` 1.1).
pub fn zuora_stage(host: &str, is_loopback: bool) -> Stage {
    match host {
        _ if is_loopback => Stage::Test,
        "rest.zuora.com" | "rest.na.zuora.com" | "rest.eu.zuora.com" | "rest.ap.zuora.com" => {
            Stage::Production
        }
        _ if host.ends_with(".zuora.com") => Stage::Test,
        _ => Stage::Unknown,
    }
}

/// What kind of portal it is, by `accountType` (`hubspot.md` 4.8).
pub fn hubspot_stage(account_type: Option<&str>, is_loopback: bool) -> Stage {
    match account_type {
        _ if is_loopback => Stage::Test,
        Some("STANDARD") => Stage::Production,
        Some("SANDBOX" | "DEVELOPER_TEST" | "APP_DEVELOPER") => Stage::Test,
        _ => Stage::Unknown,
    }
}

/// A sandbox belongs to a sandbox.
pub fn pairing(hubspot: Stage, zuora: Stage) -> Check {
    let name = "sandbox and production";
    match (hubspot, zuora) {
        (Stage::Production, Stage::Production) => Check::ok(name, "both sides are production"),
        (Stage::Test, Stage::Test) => Check::ok(name, "both sides are for tests"),
        (Stage::Unknown, _) => {
            Check::ok(name, "HubSpot does not tell what kind of portal it is; not compared.")
        }
        (_, Stage::Unknown) => {
            Check::ok(name, "the kind of tenant cannot be told by its host; not compared.")
        }
        (Stage::Test, Stage::Production) => Check::new(
            Level::Wrong,
            name,
            "a test portal of HubSpot is paired with a production tenant of Zuora",
            "Deals that somebody tries out become real orders and real invoices.",
            "Set zuora.base_url and the Zuora credentials to a sandbox, or use the production portal.",
        ),
        (Stage::Production, Stage::Test) => Check::new(
            Level::Warning,
            name,
            "a production portal of HubSpot is paired with a test tenant of Zuora",
            "Real deals are not billed, and their records carry numbers of the test tenant.",
            "Use a sandbox portal for trials; for real work set zuora.base_url to the production tenant.",
        ),
    }
}

/// The address that HubSpot calls.
pub fn public_url(address: &str, vendors_are_real: bool) -> Check {
    let name = "public address";
    let why = "HubSpot calls this address with webhooks and cards, and it is part of every signature.";
    let fix =
        "Set public.url to the https address at which HubSpot reaches this connector, letter by letter.";
    let wrong = |found: String| Check::new(Level::Wrong, name, found, why, fix);
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let ip: Option<IpAddr> = host.parse().ok();
    let loopback = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
    if !vendors_are_real {
        return Check::ok(name, format!("{address} (HubSpot is simulated)"));
    }
    if loopback {
        return wrong(format!("{address} is this machine itself; HubSpot cannot reach it"));
    }
    if scheme != "https" {
        return wrong(format!("{address} is not https"));
    }
    let private = match ip {
        Some(IpAddr::V4(v4)) => v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
        Some(IpAddr::V6(v6)) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified(),
        None => !host.contains('.') || [".local", ".internal", ".lan"].iter().any(|end| host.ends_with(end)),
    };
    if private {
        return wrong(format!("{host} is an address of a private network; HubSpot cannot reach it"));
    }
    let placeholder = ["example.com", "example.org", "example.net", "example"];
    if placeholder.iter().any(|end| host == *end || host.ends_with(&format!(".{end}"))) {
        return wrong(format!("{host} is a placeholder"));
    }
    Check::ok(name, format!("{address}; HubSpot's app must name the same"))
}

/// The portal's time zone.
pub fn time_zone(facts: &PortalFacts, configured: Option<&TimeZone>) -> Check {
    let name = "time zone";
    let why = "Days of orders are taken in this zone; around midnight another one means another day.";
    let portal = facts.time_zone.as_deref();
    let configured = configured.and_then(TimeZone::iana_name);
    match (portal, configured) {
        (Some(portal), Some(own)) if own != portal => Check::new(
            Level::Warning,
            name,
            format!("the portal has {portal}, hubspot.time_zone says {own}"),
            why,
            "Remove hubspot.time_zone, unless Zuora's tenant has that zone and it is meant.",
        ),
        (_, Some(own)) => Check::ok(name, own),
        (Some(portal), None) if TimeZone::get(portal).is_ok() => Check::ok(
            name,
            format!(
                "{portal}; compare it with that of Zuora's tenant (Administration, Manage Tenant Profile)"
            ),
        ),
        (portal, None) => Check::new(
            Level::Wrong,
            name,
            format!("the portal's zone {} is not known", portal.unwrap_or("(none)")),
            why,
            "Set hubspot.time_zone.",
        ),
    }
}

/// The portal's currencies against those that the configuration says the tenant has.
pub fn currencies(facts: &PortalFacts, tenant: Option<&BTreeSet<Currency>>) -> Check {
    let name = "currencies";
    let portal: BTreeSet<&str> =
        facts.home_currency.iter().chain(&facts.further_currencies).map(String::as_str).collect();
    let all = portal.iter().copied().collect::<Vec<_>>().join(", ");
    let Some(tenant) = tenant else {
        return Check::ok(
            name,
            format!("the portal has {all}; zuora.currencies is not set, so not compared"),
        );
    };
    let lacking: Vec<&str> =
        portal.iter().copied().filter(|code| tenant.iter().all(|own| own.as_str() != *code)).collect();
    if lacking.is_empty() {
        return Check::ok(name, format!("the tenant has all of the portal's: {all}"));
    }
    Check::new(
        Level::Warning,
        name,
        format!("the tenant has no {}", lacking.join(", ")),
        "A deal in such a currency is refused, never converted.",
        "Activate the currency in Zuora and add it to zuora.currencies, or remove it from the portal.",
    )
}

#[cfg(test)]
mod tests;
