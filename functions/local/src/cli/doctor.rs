//! `connector doctor`: all checks at once.
//!
//! Exit status: 0 nothing is wrong (warnings may stand) · 1 something could not be checked · 3 something is wrong.
//! A configuration that is refused ends before any check, as with every command.

use super::setup::Installation;
use super::{Common, DIFFERENCES, DONE, FAILED, Refusal, configuration, output, with_secrets};
use crate::wiring::DATABASE;
use connector_app::config::{Config, Store};
use connector_engine::installation::checks::{Check, Level};
use connector_engine::installation::doctor::{Configured, examine};
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the store may be busy with another process's write.
const BUSY: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct Told {
    portal: u64,
    checks: Vec<ToldCheck>,
}

#[derive(Serialize)]
struct ToldCheck {
    name: String,
    level: &'static str,
    found: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    why: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    fix: String,
}

pub(super) async fn run(common: &Common) -> Result<u8, Refusal> {
    let (configs, env) = configuration(common)?;
    let (mut all, mut levels) = (Vec::new(), Vec::new());
    for (config, secrets) in with_secrets(configs, &env)? {
        let installation = Installation::new(config, secrets).await?;
        let config = &installation.config;
        let mut checks = vec![
            Check::ok("configuration", "complete, and all credentials are there"),
            store(&config.store, common.data_dir.as_deref()),
        ];
        let configured = configured(config);
        let clock = &*installation.clock;
        checks.extend(examine(installation.sides(), &installation.wishes, &configured, clock).await);
        levels.extend(checks.iter().map(|check| check.level));
        let portal = config.hubspot.portal.0;
        if !common.json {
            print(portal, &checks);
        }
        all.push(Told { portal, checks: checks.into_iter().map(told).collect() });
    }
    let code = if levels.contains(&Level::Unchecked) {
        FAILED
    } else if levels.contains(&Level::Wrong) {
        DIFFERENCES
    } else {
        DONE
    };
    if common.json {
        output::json(&serde_json::json!({ "ok": code == DONE, "installations": all }));
    }
    Ok(code)
}

fn configured(config: &Config) -> Configured {
    let zuora = config.zuora.base_url.url();
    Configured {
        portal: config.hubspot.portal,
        time_zone: config.hubspot.time_zone.clone(),
        currencies: config.zuora.currencies.clone(),
        public_url: config.public_url.clone(),
        hubspot_is_loopback: config.hubspot.base_url.is_loopback(),
        zuora_host: zuora.host_str().unwrap_or_default().to_owned(),
        zuora_is_loopback: config.zuora.base_url.is_loopback(),
    }
}

fn told(check: Check) -> ToldCheck {
    let Check { name, level, found, why, fix } = check;
    ToldCheck { name, level: level.as_str(), found, why, fix }
}

fn print(portal: u64, checks: &[Check]) {
    output::line(format!("Portal {portal}"));
    for check in checks {
        output::line(format!("{:<12} {}: {}", check.level.as_str(), check.name, check.found));
        if !check.why.is_empty() {
            output::line(format!("{:<12}   why it matters: {}", "", check.why));
        }
        if !check.fix.is_empty() {
            output::line(format!("{:<12}   what to do: {}", "", check.fix));
        }
    }
    let count = |level| checks.iter().filter(|check| check.level == level).count();
    output::line(format!(
        "{} ok, {} warnings, {} wrong, {} not checked",
        count(Level::Ok),
        count(Level::Warning),
        count(Level::Wrong),
        count(Level::Unchecked)
    ));
}

/// Whether the store can be written. Nothing is left behind and nothing is changed.
fn store(store: &Store, data_dir: Option<&Path>) -> Check {
    let name = "store";
    let folder = match (store, data_dir) {
        (Store::Aws { .. }, _) => {
            return Check::ok(
                name,
                "on AWS; its functions have their own rights, which this command cannot try",
            );
        }
        (Store::Sqlite { .. }, Some(folder)) => folder.to_owned(),
        (Store::Sqlite { data_dir }, None) => data_dir.clone(),
    };
    match writable(&folder) {
        Ok(found) => Check::ok(name, found),
        Err(error) => Check::new(
            Level::Wrong,
            name,
            format!("{} cannot be written: {error}", folder.display()),
            "Webhooks are answered 500 and nothing is synced when the store cannot be written.",
            "Give the user who runs the connector a folder of its own on a local disk (--data-dir).",
        ),
    }
}

fn writable(folder: &Path) -> anyhow::Result<String> {
    let file = folder.join(DATABASE);
    if file.exists() {
        let connection = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(BUSY)?;
        connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK;")?;
        return Ok(format!("{} can be written", file.display()));
    }
    // The folder is made by the first command that needs it, so the nearest one that exists must take it.
    let absolute = std::path::absolute(folder)?;
    let nearest: PathBuf =
        absolute.ancestors().find(|path| path.is_dir()).map_or_else(|| absolute.clone(), Path::to_owned);
    let probe = nearest.join(format!(".connector-doctor-{}", std::process::id()));
    std::fs::OpenOptions::new().write(true).create_new(true).open(&probe)?;
    std::fs::remove_file(&probe)?;
    Ok(format!("{} will be made by the first command that needs it", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_tried_without_leaving_anything_behind() {
        let folder = std::env::temp_dir().join(format!("connector-doctor-{}", std::process::id()));
        let kept = Store::Sqlite { data_dir: folder.join("data") };
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(store(&kept, None).level, Level::Ok);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        // A file where the folder should be.
        std::fs::write(folder.join("data"), "x").unwrap();
        std::fs::create_dir_all(folder.join("other")).unwrap();
        std::fs::write(folder.join("other").join(DATABASE), "this is no database, whatever its name says")
            .unwrap();
        let broken = store(&kept, Some(&folder.join("other")));
        assert_eq!(broken.level, Level::Wrong, "{broken:?}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
