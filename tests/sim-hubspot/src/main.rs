//! Runs a simulated HubSpot portal until it is stopped, and prints its base URL.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Parser;
use sim_hubspot::{Config, Sim};

/// A simulated HubSpot portal.
#[derive(Debug, Parser)]
#[command(name = "sim-hubspot")]
struct Arguments {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// HubSpot account id.
    #[arg(long)]
    portal: Option<u64>,
    /// App id.
    #[arg(long)]
    app: Option<u64>,
    /// Client secret that signs webhooks and card calls.
    #[arg(long)]
    secret: Option<String>,
    /// The one accepted access token; any token where absent.
    #[arg(long)]
    token: Option<String>,
    /// Public URL that webhooks go to.
    #[arg(long)]
    target: Option<String>,
    /// Holds events until `POST /_sim/deliver`.
    #[arg(long)]
    hold: bool,
    /// Folder for a record of all calls.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Starts with the data of the acceptance stories.
    #[arg(long)]
    seed: bool,
    /// Starts without the connector's properties and labels.
    #[arg(long)]
    bare: bool,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let given = Arguments::parse();
    let mut config = Config {
        listen: given.listen,
        access_token: given.token,
        webhook_target: given.target,
        auto_deliver: !given.hold,
        record_dir: given.record,
        with_write_back_properties: !given.bare,
        with_billing_properties: !given.bare,
        with_labels: !given.bare,
        ..Config::default()
    };
    config.portal_id = given.portal.unwrap_or(config.portal_id);
    config.app_id = given.app.unwrap_or(config.app_id);
    config.client_secret = given.secret.unwrap_or(config.client_secret);
    let sim = Sim::start(config).await?;
    if given.seed {
        sim.seed_acceptance();
    }
    writeln!(std::io::stdout(), "{}", sim.base_url())?;
    std::io::stdout().flush()?;
    tokio::signal::ctrl_c().await?;
    sim.stop();
    Ok(())
}
