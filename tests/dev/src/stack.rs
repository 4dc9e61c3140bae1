//! Starts simulators and connector side by side and moves their clocks together.

use anyhow::{Context, Result};
use async_trait::async_trait;
use connector_app::clock::SystemClock;
use connector_app::config::{Config, Secrets, Surroundings, load};
use connector_app::env_vars::EnvMap;
use connector_engine::Engine;
use connector_local::wiring::Machine;
use connector_ports::states::States;
use jiff::SignedDuration;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The client secret that the simulated portal signs with.
pub const CLIENT_SECRET: &str = "11111111-2222-3333-4444-555555555555";
const CLIENT_ID: &str = "00000000-0000-4000-8000-000000000000";

/// What a stack is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of the embedded store.
    pub data_dir: PathBuf,
    /// Further lines of the configuration file.
    pub config: String,
    /// HubSpot delivers events by itself.
    pub auto_deliver: bool,
    /// Settings of the simulated tenant.
    pub zuora: sim_zuora::Config,
    /// Settings of the simulated portal.
    pub hubspot: sim_hubspot::Config,
    /// Address of the connector; port 0 takes a free one.
    pub listen: String,
}

impl Options {
    /// Defaults over a data folder.
    pub fn new(data_dir: impl AsRef<Path>) -> Self {
        Self {
            data_dir: data_dir.as_ref().to_owned(),
            config: String::new(),
            auto_deliver: true,
            zuora: sim_zuora::Config::default(),
            hubspot: sim_hubspot::Config::default(),
            listen: "127.0.0.1:0".to_owned(),
        }
    }
}

/// What a connector is started with.
pub struct Wanted {
    /// The installation.
    pub config: Config,
    /// Its secrets.
    pub secrets: Secrets,
    /// Folder for a store on disk.
    pub data_dir: PathBuf,
    /// Its clock.
    pub clock: Arc<SystemClock>,
    /// Where it takes requests.
    pub listener: TcpListener,
}

/// A way to run the connector: on one machine, or in tests on other stores and queues.
#[async_trait]
pub trait Starter: Send + Sync {
    /// Starts it.
    async fn start(&self, wanted: Wanted) -> Result<Box<dyn Running>>;
}

/// A running connector.
#[async_trait]
pub trait Running: Send + Sync {
    /// Its engine.
    fn engine(&self) -> &Engine;
    /// Whether its queue is empty.
    async fn is_idle(&self) -> Result<bool>;
    /// Stops it in good order.
    async fn stop(self: Box<Self>) -> Result<()>;
}

/// The product as it ships for one machine.
pub struct OneMachine;

struct RunningMachine {
    machine: Machine,
    engine: Engine,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<()>>,
}

#[async_trait]
impl Starter for OneMachine {
    async fn start(&self, wanted: Wanted) -> Result<Box<dyn Running>> {
        let Wanted { config, secrets, data_dir, clock, listener } = wanted;
        let machine = Machine::open(vec![(config, secrets)], &data_dir, clock).await?;
        let engine = machine.engines.first().context("no installation")?.clone();
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(machine.clone().serve(listener, stopped));
        Ok(Box::new(RunningMachine { machine, engine, stop, task }))
    }
}

#[async_trait]
impl Running for RunningMachine {
    fn engine(&self) -> &Engine {
        &self.engine
    }

    async fn is_idle(&self) -> Result<bool> {
        let depth = self.machine.queue.depth().await?;
        Ok(depth.waiting == 0 && depth.in_flight == 0)
    }

    async fn stop(self: Box<Self>) -> Result<()> {
        self.stop.send(true).ok();
        self.task.await?
    }
}

/// A running stack. Simulators end with the process.
pub struct Stack {
    /// Simulated HubSpot.
    pub hubspot: sim_hubspot::Sim,
    /// Simulated Zuora.
    pub zuora: sim_zuora::Sim,
    /// Address of the connector.
    pub url: String,
    /// The connector's clock.
    pub clock: Arc<SystemClock>,
    /// The installation.
    pub config: Config,
    data_dir: PathBuf,
    listen: String,
    starter: Arc<dyn Starter>,
    running: Option<Box<dyn Running>>,
}

impl Stack {
    /// Starts everything on one machine, with the acceptance data in place on both sides.
    pub async fn start(options: Options) -> Result<Self> {
        Self::start_with(options, Arc::new(OneMachine)).await
    }

    /// Starts everything, the connector in another way.
    pub async fn start_with(options: Options, starter: Arc<dyn Starter>) -> Result<Self> {
        let listener =
            TcpListener::bind(&options.listen).await.context("the connector's address is taken")?;
        let listen = listener.local_addr()?.to_string();
        let url = format!("http://{listen}");
        let zuora = sim_zuora::Sim::start(options.zuora).await.context("simulated Zuora")?;
        zuora.seed_acceptance_catalog();
        let hubspot = sim_hubspot::Sim::start(sim_hubspot::Config {
            webhook_target: Some(format!("{url}/webhooks/hubspot")),
            client_secret: CLIENT_SECRET.to_owned(),
            auto_deliver: options.auto_deliver,
            ..options.hubspot
        })
        .await
        .context("simulated HubSpot")?;
        hubspot.seed_acceptance();
        let text = format!(
            "{extra}\n[hubspot]\nportal_id = 24680135\napp_id = 50780459\nbase_url = \"{hub}\"\n\
             [zuora]\nbase_url = \"{zuora}\"\nui_url = \"https://test.zuora.com\"\n[public]\nurl = \"{url}\"\n",
            extra = options.config,
            hub = hubspot.base_url(),
            zuora = zuora.base_url(),
        );
        let config = load(Some(&text), "connector.toml", &EnvMap::new(), Surroundings { lambda: false })
            .map_err(|problems| anyhow::anyhow!("the configuration is refused: {problems:?}"))?
            .pop()
            .context("no installation")?;
        let clock = Arc::new(SystemClock::new(0));
        let data_dir = options.data_dir;
        let mut stack = Self { hubspot, zuora, url, clock, config, data_dir, listen, starter, running: None };
        stack.start_connector(Some(listener)).await?;
        Ok(stack)
    }

    /// Secrets that the simulators accept.
    pub fn secrets() -> Result<Secrets> {
        let mut env = EnvMap::new();
        for (name, value) in [
            ("HUBSPOT_ACCESS_TOKEN", "pat-simulated"),
            ("HUBSPOT_CLIENT_SECRET", CLIENT_SECRET),
            ("ZUORA_CLIENT_ID", CLIENT_ID),
            ("ZUORA_CLIENT_SECRET", "simulated"),
            ("ZUORA_CALLOUT_SECRET", "simulated"),
        ] {
            env.set(name, value);
        }
        Ok(Secrets::from_env(&env)?)
    }

    /// Starts the connector on its store, on the address that it had before.
    pub async fn start_connector(&mut self, listener: Option<TcpListener>) -> Result<()> {
        let listener = match listener {
            Some(listener) => listener,
            None => TcpListener::bind(&self.listen).await?,
        };
        let wanted = Wanted {
            config: self.config.clone(),
            secrets: Self::secrets()?,
            data_dir: self.data_dir.clone(),
            clock: self.clock.clone(),
            listener,
        };
        self.running = Some(self.starter.start(wanted).await?);
        Ok(())
    }

    /// Stops the connector in good order.
    pub async fn stop_connector(&mut self) -> Result<()> {
        match self.running.take() {
            Some(running) => running.stop().await,
            None => Ok(()),
        }
    }

    /// Moves all clocks.
    pub fn advance(&self, seconds: i64) {
        self.clock.advance(seconds);
        self.hubspot.advance(seconds);
        self.zuora.advance(seconds);
    }

    /// The running connector.
    pub fn running(&self) -> Result<&dyn Running> {
        self.running.as_deref().context("the connector is stopped")
    }

    /// The connector's store.
    pub fn states(&self) -> Result<Arc<dyn States>> {
        Ok(self.running()?.engine().states.clone())
    }

    /// Waits until no event is on its way, the queue is empty and nothing is due within a moment, for at most
    /// `at_most`; answers whether it became quiet.
    pub async fn quiet(&self, at_most: Duration) -> Result<bool> {
        let end = tokio::time::Instant::now() + at_most;
        let running = self.running()?;
        let mut calm = 0;
        while tokio::time::Instant::now() < end {
            let soon = connector_ports::clock::Clock::now(&*self.clock) + SignedDuration::from_secs(5);
            let due = running.engine().states.due(soon, 100).await?.len();
            let idle = self.hubspot.is_idle() && due == 0 && running.is_idle().await?;
            calm = if idle { calm + 1 } else { 0 };
            if calm >= 3 {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        Ok(false)
    }
}
