//! The only place on AWS that names adapters, stores and engine together. One constructor for each function,
//! which builds what that function needs and no more.
//!
//! Configuration is read once, at start, and every mistake in it is listed. Credentials are read when they are
//! needed: a function that cannot read them starts, says so with each request or message, and recovers by itself.

use crate::deadline::Deadline;
use crate::gate::Gate;
use crate::http::Open;
use crate::schedule::Sweeper;
use crate::vault::{Vault, client_secrets};
use crate::worker::Worker;
use anyhow::{Context as _, Result, bail};
use connector_app::clock::SystemClock;
use connector_app::config::{Config, Store, Surroundings, load};
use connector_app::env_vars;
use connector_app::handlers::replay::Replay;
use connector_app::handlers::{Front, Site};
use connector_app::vendors::{SecretSource, Vendors};
use connector_aws::{Clients, Credentials, DynamoStates, QueueUrls, SqsTickles};
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_engine::Engine;
use connector_hubspot::signature::Verifier;
use connector_ports::clock::Clock;
use connector_ports::states::States;
use connector_ports::tickles::Tickles;
use futures::future::{join, join_all};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};

/// The configuration file in the package, where `CONNECTOR_CONFIG` names no other.
const CONFIG_FILE: &str = "connector.toml";

/// How long a start may wait for connections that are opened ahead. Start-up has a whole processor, requests
/// have a fraction of one, so handshakes are cheaper now; but a vendor that is slow today must not hold us up.
const WARM_UP: Duration = Duration::from_millis(1_500);

/// What every function has.
struct Base {
    configs: Vec<Config>,
    clients: Clients,
    states: Arc<dyn States>,
    tickles: Arc<dyn Tickles>,
    clock: Arc<dyn Clock>,
    deadline: Arc<Deadline>,
}

impl Base {
    async fn load() -> Result<Self> {
        let configs = configs()?;
        let first = configs.first().context("the configuration names no installation")?;
        // One store for all installations; the configuration is refused otherwise.
        let Store::Aws { state_table, audit_table, queues, secret_arn: _ } = &first.store else {
            bail!("a Lambda needs [store] kind = \"aws\"");
        };
        let clients = Clients::load().await;
        let urls = QueueUrls {
            company: queues.company.clone(),
            contact: queues.contact.clone(),
            product: queues.product.clone(),
            deal: queues.deal.clone(),
            line_item: queues.line_item.clone(),
        };
        Ok(Self {
            states: Arc::new(DynamoStates::new(clients.dynamodb.clone(), state_table, audit_table)),
            tickles: Arc::new(SqsTickles::new(clients.sqs.clone(), urls)),
            clock: Arc::new(SystemClock::new(first.clock_offset.as_secs())),
            deadline: Arc::new(Deadline::new(Arc::new(SystemClock::default()))),
            clients,
            configs,
        })
    }

    fn vault(&self, config: &Config) -> Result<Arc<Vault>> {
        match &config.store {
            Store::Aws { secret_arn: Some(arn), .. } => {
                let secrets = connector_aws::Secrets::new(self.clients.secrets.clone(), arn);
                Ok(Arc::new(Vault::new(secrets, self.clock.clone())))
            }
            Store::Aws { secret_arn: None, .. } | Store::Sqlite { .. } => {
                bail!("this function reads credentials, so store.secret_arn must be set")
            }
        }
    }

    /// The installations, with Zuora behind a gate for those who write to it.
    fn installations(&self, gated: bool) -> Result<Vec<Installation>> {
        let one = |config: &Config| {
            Ok(Installation {
                vault: self.vault(config)?,
                config: config.clone(),
                states: self.states.clone(),
                tickles: self.tickles.clone(),
                clock: self.clock.clone(),
                gate: gated.then(|| self.deadline.clone()),
                built: OnceCell::new(),
            })
        };
        self.configs.iter().map(one).collect()
    }

    /// Opens the connection to the store by a read of nothing in particular.
    async fn warm_store(&self) {
        let Ok(nobody) = HubSpotId::parse("0") else { return };
        let portal = self.configs.first().map_or(PortalId(0), |config| config.hubspot.portal);
        let key = StateKey::new(portal, ObjectRef::new(ObjectKind::Company, nobody));
        if let Err(error) = self.states.read(&key).await {
            tracing::warn!(%error, "the state table could not be read at start");
        }
    }
}

/// Reads the configuration file and the environment; every mistake is logged before the start fails.
fn configs() -> Result<Vec<Config>> {
    let env = env_vars::process();
    let name = env.get("CONNECTOR_CONFIG").unwrap_or(CONFIG_FILE);
    let text = match std::fs::read_to_string(name) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("{name} cannot be read")),
    };
    match load(text.as_deref(), name, &env, Surroundings { lambda: true }) {
        Ok(configs) => Ok(configs),
        Err(problems) => {
            for problem in &problems {
                tracing::error!(config.key = problem.key, "{problem}");
            }
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            bail!("the configuration is refused: {}", all.join(" | "))
        }
    }
}

/// Waits for what opens connections, but not long.
async fn warmed(warming: impl Future<Output = ()>) {
    if tokio::time::timeout(WARM_UP, warming).await.is_err() {
        tracing::warn!("connections could not be opened in time; the first calls will be slower");
    }
}

/// One installation: its credentials, and an engine that is built when it is needed first.
pub(crate) struct Installation {
    config: Config,
    vault: Arc<Vault>,
    states: Arc<dyn States>,
    tickles: Arc<dyn Tickles>,
    clock: Arc<dyn Clock>,
    gate: Option<Arc<Deadline>>,
    built: OnceCell<(Vendors, Engine)>,
}

impl Installation {
    pub(crate) fn portal(&self) -> PortalId {
        self.config.hubspot.portal
    }

    /// The engine. Fails while the credentials cannot be read or are not complete.
    pub(crate) async fn engine(&self) -> Result<&Engine> {
        Ok(&self.built().await?.1)
    }

    async fn built(&self) -> Result<&(Vendors, Engine)> {
        let build = async || {
            // Credentials that were not complete a moment ago may have been filled in since.
            if SecretSource::get(&*self.vault, false).await.is_err() {
                SecretSource::get(&*self.vault, true).await?;
            }
            let vendors = Vendors::new(&self.config, self.vault.clone(), self.clock.clone()).await?;
            let (states, tickles) = (self.states.clone(), self.tickles.clone());
            let mut engine = vendors.engine(&self.config, states, tickles, self.clock.clone());
            if let Some(deadline) = &self.gate {
                engine.billing = Arc::new(Gate::new(engine.billing, deadline.clone()));
            }
            Ok((vendors, engine))
        };
        self.built.get_or_try_init(build).await
    }

    async fn warm(&self) {
        match self.built().await {
            Ok((vendors, _)) => vendors.warm().await,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "no connections could be opened at start")
            }
        }
    }
}

/// `webhook-intake`: no engine, no vendor.
pub async fn intake() -> Result<Doors> {
    let base = Base::load().await?;
    let doors = Doors::new(base.installations(false)?, base.clock.clone(), false);
    // Reads the secret. The queue has no harmless call that the function's role allows.
    warmed(async { drop(doors.open(false).await) }).await;
    Ok(doors)
}

/// `crm-card`: engines for reading.
pub async fn card() -> Result<Doors> {
    let base = Base::load().await?;
    let doors = Doors::new(base.installations(false)?, base.clock.clone(), true);
    warmed(async {
        join(base.warm_store(), join_all(doors.installations.iter().map(Installation::warm))).await;
    })
    .await;
    Ok(doors)
}

/// `sync-worker`: engines that write.
pub async fn worker() -> Result<Worker> {
    let base = Base::load().await?;
    let installations = base.installations(true)?;
    warmed(async {
        join(base.warm_store(), join_all(installations.iter().map(Installation::warm))).await;
    })
    .await;
    Ok(Worker { installations, deadline: base.deadline, clock: base.clock })
}

/// `reconcile`: store and queue only.
pub async fn sweeper() -> Result<Sweeper> {
    let base = Base::load().await?;
    Ok(Sweeper { states: base.states, tickles: base.tickles, clock: base.clock, deadline: base.deadline })
}

/// What stands open now, and with which credentials it was opened.
struct Standing {
    open: Open,
    read: Vec<Option<Arc<Credentials>>>,
}

/// The handlers of a function with routes. Rebuilt when a secret changes.
pub struct Doors {
    installations: Vec<Installation>,
    prefixes: Vec<String>,
    clock: Arc<dyn Clock>,
    with_engines: bool,
    standing: Mutex<Option<Standing>>,
}

impl Doors {
    fn new(installations: Vec<Installation>, clock: Arc<dyn Clock>, with_engines: bool) -> Self {
        let prefixes = installations.iter().filter_map(|one| prefix_of(&one.config.public_url)).collect();
        Self { installations, prefixes, clock, with_engines, standing: Mutex::new(None) }
    }

    /// What stands in front of our paths in the public addresses: stages and base paths.
    pub(crate) fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    /// The handlers, with secrets that were read lately; with `fresh`, read again as far as that is allowed.
    pub(crate) async fn open(&self, fresh: bool) -> Open {
        let mut standing = self.standing.lock().await;
        let reads = join_all(self.installations.iter().map(|one| one.vault.read(fresh))).await;
        let mut failed = false;
        let mut read = Vec::new();
        for (place, result) in reads.into_iter().enumerate() {
            read.push(match result {
                Ok(credentials) => Some(credentials),
                Err(error) => {
                    failed = true;
                    tracing::error!(%error, "the credentials cannot be read; requests are answered 503");
                    // What was read before may still be right; a refusal by it counts for nothing.
                    standing.as_ref().and_then(|old| old.read.get(place).cloned().flatten())
                }
            });
        }
        if let Some(old) =
            standing.as_ref().filter(|old| old.read == read && (failed || !old.open.in_trouble))
        {
            return Open { in_trouble: failed || old.open.in_trouble, ..old.open.clone() };
        }
        let mut sites = Vec::new();
        for (installation, credentials) in self.installations.iter().zip(&read) {
            let Some(credentials) = credentials else { continue };
            match self.site(installation, credentials).await {
                Ok(site) => sites.push(site),
                Err(error) => {
                    failed = true;
                    let portal = installation.portal();
                    tracing::error!(portal.id = %portal, error = format!("{error:#}"), "an installation cannot be served");
                }
            }
        }
        let front = Front { sites, clock: self.clock.clone(), replay: Replay::default() };
        let open = Open { front: Arc::new(front), in_trouble: failed };
        *standing = Some(Standing { open: open.clone(), read });
        open
    }

    async fn site(&self, installation: &Installation, credentials: &Credentials) -> Result<Site> {
        let config = &installation.config;
        let (engine, cards) = if self.with_engines {
            let (vendors, engine) = installation.built().await?;
            (Some(engine.clone()), Some(vendors.cards(config, self.clock.clone())))
        } else {
            (None, None)
        };
        Ok(Site {
            portal: config.hubspot.portal,
            app: config.hubspot.app,
            verifier: Verifier::new(client_secrets(credentials)?, &config.public_url)?,
            tickles: installation.tickles.clone(),
            engine,
            cards,
            allowed_users: config.allowed_users.clone(),
        })
    }
}

/// The path of an address, if it has one: `/prod` of `https://host/prod`.
fn prefix_of(public_url: &str) -> Option<String> {
    let (_, rest) = public_url.split_once("://")?;
    let path = rest.get(rest.find('/')?..)?.trim_end_matches('/');
    (!path.is_empty()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_the_path_of_the_public_address() {
        for (url, prefix) in [
            ("https://abc.execute-api.eu-west-1.amazonaws.com", None),
            ("https://abc.execute-api.eu-west-1.amazonaws.com/", None),
            ("https://abc.execute-api.eu-west-1.amazonaws.com/prod", Some("/prod")),
            ("http://127.0.0.1:4566/_aws/execute-api/a1/$default", Some("/_aws/execute-api/a1/$default")),
        ] {
            assert_eq!(prefix_of(url).as_deref(), prefix, "{url}");
        }
    }
}
