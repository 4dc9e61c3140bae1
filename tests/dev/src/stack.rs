//! Starts simulators and connector side by side and moves their clocks together.

use anyhow::{Context, Result};
use connector_app::clock::SystemClock;
use connector_app::config::{Config, EnvMap, Secrets, Surroundings, load};
use connector_local::wiring::Machine;
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

/// A running stack. Dropping it stops the connector; simulators end with the process.
pub struct Stack {
    /// Simulated HubSpot.
    pub hubspot: sim_hubspot::Sim,
    /// Simulated Zuora.
    pub zuora: sim_zuora::Sim,
    /// Address of the connector.
    pub url: String,
    /// The connector's clock.
    pub clock: Arc<SystemClock>,
    /// The connector; none while it is stopped.
    pub machine: Option<Machine>,
    config: Vec<Config>,
    data_dir: PathBuf,
    listen: String,
    stop: watch::Sender<bool>,
    running: Option<JoinHandle<Result<()>>>,
}

impl Stack {
    /// Starts everything, with the acceptance data in place on both sides.
    pub async fn start(options: Options) -> Result<Self> {
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
        let config = load(Some(&text), "connector.toml", &EnvMap::default(), Surroundings { lambda: false })
            .map_err(|problems| anyhow::anyhow!("the configuration is refused: {problems:?}"))?;
        let clock = Arc::new(SystemClock::new(0));
        let mut stack = Self {
            hubspot,
            zuora,
            url,
            clock,
            machine: None,
            config,
            data_dir: options.data_dir,
            listen,
            stop: watch::channel(false).0,
            running: None,
        };
        stack.start_connector(Some(listener)).await?;
        Ok(stack)
    }

    /// Secrets that the simulators accept.
    pub fn secrets() -> Result<Secrets> {
        let values = [
            ("HUBSPOT_ACCESS_TOKEN", "pat-simulated"),
            ("HUBSPOT_CLIENT_SECRET", CLIENT_SECRET),
            ("ZUORA_CLIENT_ID", CLIENT_ID),
            ("ZUORA_CLIENT_SECRET", "simulated"),
            ("ZUORA_CALLOUT_SECRET", "simulated"),
        ];
        let map: EnvMap = values.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        Secrets::from_env(&map).map_err(|missing| anyhow::anyhow!("secrets are missing: {missing:?}"))
    }

    /// Starts the connector on its store, on the address that it had before.
    pub async fn start_connector(&mut self, listener: Option<TcpListener>) -> Result<()> {
        let listener = match listener {
            Some(listener) => listener,
            None => TcpListener::bind(&self.listen).await?,
        };
        let machine =
            Machine::open(self.config.clone(), Self::secrets()?, &self.data_dir, self.clock.clone()).await?;
        let (stop, stopped) = watch::channel(false);
        self.stop = stop;
        self.running = Some(tokio::spawn(machine.clone().serve(listener, stopped)));
        self.machine = Some(machine);
        Ok(())
    }

    /// Stops the connector in good order.
    pub async fn stop_connector(&mut self) -> Result<()> {
        self.stop.send(true).ok();
        if let Some(running) = self.running.take() {
            running.await??;
        }
        self.machine = None;
        Ok(())
    }

    /// Moves all clocks.
    pub fn advance(&self, seconds: i64) {
        self.clock.advance(seconds);
        self.hubspot.advance(seconds);
        self.zuora.advance(seconds);
    }

    /// The running connector.
    pub fn machine(&self) -> Result<&Machine> {
        self.machine.as_ref().context("the connector is stopped")
    }

    /// Waits until no event is on its way, the queue is empty and nothing is due within a moment, for at most
    /// `at_most`; answers whether it became quiet.
    pub async fn quiet(&self, at_most: Duration) -> Result<bool> {
        let end = tokio::time::Instant::now() + at_most;
        let mut calm = 0;
        while tokio::time::Instant::now() < end {
            let depth = self.machine()?.queue.depth().await?;
            let due = self.machine()?.due_soon(5).await?;
            let idle = self.hubspot.is_idle() && depth.waiting == 0 && depth.in_flight == 0 && due == 0;
            calm = if idle { calm + 1 } else { 0 };
            if calm >= 3 {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        Ok(false)
    }
}
