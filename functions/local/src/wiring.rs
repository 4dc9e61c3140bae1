//! The only place of the single machine that names adapters, stores and engine together.

use crate::queue::{LocalQueue, Settings};
use crate::server;
use crate::sqlite::SqliteStates;
use crate::worker::Worker;
use anyhow::{Context, Result};
use connector_app::config::{Config, Secrets};
use connector_app::handlers::Front;
use connector_app::handlers::replay::Replay;
use connector_app::vendors::{StaticSecrets, Vendors};
use connector_engine::Engine;
use connector_ports::clock::Clock;
use connector_ports::states::States;
use jiff::SignedDuration;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// File name of the embedded store in its folder.
pub(crate) const DATABASE: &str = "connector.sqlite3";

/// An open store with everything that works on it.
#[derive(Clone)]
pub struct Machine {
    /// One engine per installation.
    pub engines: Arc<Vec<Engine>>,
    /// The queue.
    pub queue: LocalQueue,
    /// The store.
    pub states: SqliteStates,
    /// Time.
    pub clock: Arc<dyn Clock>,
    front: Arc<Front>,
    vendors: Arc<Vec<Vendors>>,
}

impl Machine {
    /// Opens the store, creating it if there is none, and puts the installations together. No call goes out.
    pub async fn open(
        installations: Vec<(Config, Secrets)>,
        data_dir: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        std::fs::create_dir_all(data_dir)
            .with_context(|| format!("the data folder {} cannot be made", data_dir.display()))?;
        let states =
            SqliteStates::open(data_dir.join(DATABASE)).context("the embedded store cannot be opened")?;
        let queue = LocalQueue::new(&states, Settings::default());
        let store: Arc<dyn States> = Arc::new(states.clone());
        let (mut engines, mut sites, mut vendors) = (Vec::new(), Vec::new(), Vec::new());
        for (config, secrets) in installations {
            let source = Arc::new(StaticSecrets(secrets.clone()));
            let adapters = Vendors::new(&config, source, clock.clone()).await?;
            let engine = adapters.engine(&config, store.clone(), Arc::new(queue.clone()), clock.clone());
            sites.push(adapters.site(&config, &secrets, Arc::new(queue.clone()), engine.clone())?);
            engines.push(engine);
            vendors.push(adapters);
        }
        let front = Arc::new(Front { sites, clock: clock.clone(), replay: Replay::default() });
        Ok(Self { engines: Arc::new(engines), queue, states, clock, front, vendors: Arc::new(vendors) })
    }

    /// Serves requests and works the queue until `stop` turns true. What an earlier process left in hand is
    /// taken up again at once.
    pub async fn serve(self, listener: TcpListener, stop: watch::Receiver<bool>) -> Result<()> {
        self.queue.recover().await?;
        let warm = self.vendors.clone();
        tokio::spawn(async move {
            for vendors in warm.iter() {
                vendors.warm().await;
            }
        });
        let worker = self.worker();
        let stopped = stop.clone();
        let working = tokio::spawn(async move { worker.run(stopped).await });
        server::serve(listener, self.front.clone(), stop).await?;
        working.await?;
        Ok(())
    }

    /// The queue's worker, for commands that work it themselves.
    pub fn worker(&self) -> Worker {
        Worker { engines: self.engines.clone(), queue: self.queue.clone(), clock: self.clock.clone() }
    }

    /// How many objects are due within so many seconds.
    pub async fn due_soon(&self, seconds: i64) -> Result<usize> {
        let until = self.clock.now() + SignedDuration::from_secs(seconds);
        Ok(self.states.due(until, 1_000).await?.len())
    }
}
