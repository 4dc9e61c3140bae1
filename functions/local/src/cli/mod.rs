//! The `connector` command line (`contract.md` 3): every command loads the same configuration and works on the
//! same store, also while `serve` runs.

mod config;
mod doctor;
mod failures;
mod output;
mod plan;
mod serve;
mod setup;
mod sync;

use crate::wiring::Machine;
use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use connector_app::clock::SystemClock;
use connector_app::config::{Config, ConfigProblem, Secrets, SecretsError, Store, Surroundings, load};
use connector_app::env_vars::{self, EnvMap};
use connector_domain::ids::HubSpotId;
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_engine::Engine;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Done, nothing left to do.
pub(crate) const DONE: u8 = 0;
/// Failed, or a person is needed.
pub(crate) const FAILED: u8 = 1;
/// Usage or configuration error.
pub(crate) const USAGE: u8 = 2;
/// Succeeded and found differences.
pub(crate) const DIFFERENCES: u8 = 3;

/// Carries companies, contacts, products and won deals from HubSpot to Zuora.
#[derive(Parser)]
#[command(name = "connector", version, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Args, Debug, Clone)]
pub(crate) struct Common {
    /// The configuration file; without one, everything comes from CONNECTOR_… variables.
    #[arg(long, global = true, env = "CONNECTOR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the embedded store.
    #[arg(long, global = true, env = "CONNECTOR_DATA_DIR", value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Print one JSON document on standard output.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Take in webhooks, serve the cards, sync.
    Serve {
        /// Address to listen on.
        #[arg(long, default_value = "127.0.0.1:8787")]
        listen: String,
    },
    /// Show what a sync would do; nothing is written.
    Plan {
        /// Which kind of object.
        kind: Kind,
        /// HubSpot record id.
        id: String,
    },
    /// Sync one object now, and what it needs first.
    Sync {
        /// Which kind of object.
        kind: Kind,
        /// HubSpot record id.
        id: String,
        /// With a company: its deals as well.
        #[arg(long)]
        with_deals: bool,
        /// Say yes to what the record asks to be confirmed: the cancellation of a lost deal.
        #[arg(long)]
        confirm: bool,
        /// Seconds to wait for the outcome.
        #[arg(long, default_value_t = 180)]
        timeout: u64,
    },
    /// Create once what both sides need: properties, labels; say what must be done by hand.
    Setup {
        /// Print what would be made and make nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Check everything that the connector stands on, and say how to mend it.
    Doctor,
    /// Parked objects with reason and fix, and those whose write-back was refused.
    Failures,
    /// Look again at parked objects.
    Retry {
        /// Which kind of object.
        #[arg(requires = "id", required_unless_present_any = ["all", "class"])]
        kind: Option<Kind>,
        /// HubSpot record id.
        id: Option<String>,
        /// All parked objects with a problem of this class (data, decision, unsupported, zuora, hubspot, internal).
        #[arg(long, conflicts_with = "all", value_parser = ["data", "decision", "unsupported", "zuora", "hubspot", "internal"])]
        class: Option<String>,
        /// All parked objects.
        #[arg(long)]
        all: bool,
    },
    /// Put dead letters back into the queue.
    Redrive,
    /// Counts of queue and failures.
    Status,
    /// Check or show the configuration.
    Config {
        #[command(subcommand)]
        what: ConfigCommand,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Report every error of a configuration file at once.
    Check {
        /// The file; the one of --config when left out.
        file: Option<PathBuf>,
    },
    /// Print the effective configuration, without secrets.
    Show,
}

/// Kinds that commands take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A company.
    Company,
    /// A deal.
    Deal,
    /// A product.
    Product,
}

impl Kind {
    fn object(self) -> ObjectKind {
        match self {
            Kind::Company => ObjectKind::Company,
            Kind::Deal => ObjectKind::Deal,
            Kind::Product => ObjectKind::Product,
        }
    }
}

/// A configuration file that is not there or cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the configuration file {0} cannot be read: {1}")]
struct UnreadableFile(String, #[source] std::io::Error);

/// Why a command could not start.
pub(crate) enum Refusal {
    /// The configuration is wrong; all problems.
    Config(Vec<ConfigProblem>),
    /// Something else, in words.
    Other(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Refusal::Other(error.into())
    }
}

/// Runs the command line; the exit status is that of the contract.
pub async fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors for clap, and go to standard output.
            let code = if error.use_stderr() { USAGE } else { DONE };
            error.print().ok();
            return ExitCode::from(code);
        }
    };
    connector_app::telemetry::init_cli(if matches!(arguments.command, Command::Serve { .. }) {
        "info"
    } else {
        "warn"
    });
    let common = arguments.common.clone();
    let done = match arguments.command {
        Command::Serve { listen } => serve::run(&common, &listen).await,
        Command::Plan { kind, id } => plan::run(&common, kind, &id).await,
        Command::Sync { kind, id, with_deals, confirm, timeout } => {
            sync::run(&common, kind, &id, sync::Wishes { with_deals, confirm, timeout }).await
        }
        Command::Setup { dry_run } => setup::run(&common, dry_run).await,
        Command::Doctor => doctor::run(&common).await,
        Command::Failures => failures::list(&common).await,
        Command::Retry { kind, id, class, all } => failures::retry(&common, kind, id, class, all).await,
        Command::Redrive => failures::redrive(&common).await,
        Command::Status => failures::status(&common).await,
        Command::Config { what: ConfigCommand::Check { file } } => config::check(&common, file),
        Command::Config { what: ConfigCommand::Show } => config::show(&common),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(Refusal::Config(problems)) => {
            output::config_problems(&problems, common.json);
            ExitCode::from(USAGE)
        }
        Err(Refusal::Other(error)) => {
            output::error(&error, common.json);
            let usage = error.is::<connector_domain::ids::IdError>()
                || error.is::<SecretsError>()
                || error.is::<UnreadableFile>();
            ExitCode::from(if usage { USAGE } else { FAILED })
        }
    }
}

/// Reads file and environment.
pub(crate) fn configuration(common: &Common) -> Result<(Vec<Config>, EnvMap), Refusal> {
    let env = env_vars::process();
    let text =
        match &common.config {
            Some(file) => Some(std::fs::read_to_string(file).map_err(|e| {
                anyhow::anyhow!("the configuration file {} cannot be read: {e}", file.display())
            })?),
            None => None,
        };
    let name = common.config.as_ref().map_or_else(|| "environment".to_owned(), |f| f.display().to_string());
    let configs = load(text.as_deref(), &name, &env, Surroundings::of(&env)).map_err(Refusal::Config)?;
    Ok((configs, env))
}

/// Opens the store and puts the installations together.
pub(crate) async fn machine(common: &Common) -> Result<Machine, Refusal> {
    let (configs, env) = configuration(common)?;
    let Some(first) = configs.first() else {
        return Err(anyhow::anyhow!("no installation is configured").into());
    };
    let data_dir = match (&first.store, &common.data_dir) {
        (Store::Aws { .. }, _) => {
            return Err(anyhow::anyhow!(
                "commands on a deployed stack ([store] kind = \"aws\") are not carried by this version"
            )
            .into());
        }
        (Store::Sqlite { .. }, Some(folder)) => folder.clone(),
        (Store::Sqlite { data_dir }, None) => data_dir.clone(),
    };
    let clock = Arc::new(SystemClock::new(first.clock_offset.as_secs()));
    let installations = with_secrets(configs, &env)?;
    Ok(Machine::open(installations, &data_dir, clock).await?)
}

/// Joins each installation with its secrets.
pub(crate) fn with_secrets(configs: Vec<Config>, env: &EnvMap) -> Result<Vec<(Config, Secrets)>, Refusal> {
    let several = configs.len() > 1;
    let mut installations = Vec::new();
    for config in configs {
        let secrets =
            if several { Secrets::from_env_of(env, config.hubspot.portal)? } else { Secrets::from_env(env)? };
        installations.push((config, secrets));
    }
    Ok(installations)
}

/// The engine and key that a command means. With several installations, the first is meant.
pub(crate) fn target<'a>(
    machine: &'a Machine,
    kind: Kind,
    id: &str,
) -> Result<(&'a Engine, StateKey), Refusal> {
    let id = HubSpotId::parse(id)?;
    let engine = machine.engines.first().ok_or_else(|| anyhow::anyhow!("no installation is configured"))?;
    Ok((engine, StateKey::new(engine.policy.portal, ObjectRef::new(kind.object(), id))))
}
