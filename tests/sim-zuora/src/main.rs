//! `sim-zuora --listen 127.0.0.1:9100`: serves a simulated Zuora tenant until it is stopped.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool")]

use std::process::ExitCode;

use sim_zuora::{Config, Sim};

const USAGE: &str = "usage: sim-zuora [--listen 127.0.0.1:PORT] [--record-dir DIR] [--seed] [--bare] \
                     [--currencies USD,EUR] [--search-lag SECONDS]";

fn config(mut args: impl Iterator<Item = String>) -> Result<(Config, bool), String> {
    let mut config = Config::default();
    let mut seed = false;
    while let Some(name) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--listen" => config.listen = value()?.parse().map_err(|e| format!("--listen: {e}"))?,
            "--record-dir" => config.record_dir = Some(value()?.into()),
            "--currencies" => config.currencies = value()?.split(',').map(str::to_owned).collect(),
            "--search-lag" => {
                config.search_lag_seconds = value()?.parse().map_err(|e| format!("--search-lag: {e}"))?;
            }
            "--seed" => seed = true,
            // A tenant that nobody has prepared: no custom fields.
            "--bare" => config.custom_fields.clear(),
            other => return Err(format!("unknown argument {other}")),
        }
    }
    Ok((config, seed))
}

#[tokio::main]
async fn main() -> ExitCode {
    let (config, seed) = match config(std::env::args().skip(1)) {
        Ok(parsed) => parsed,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let sim = match Sim::start(config).await {
        Ok(sim) => sim,
        Err(error) => {
            eprintln!("cannot serve: {error}");
            return ExitCode::FAILURE;
        }
    };
    if seed {
        sim.seed_acceptance_catalog();
    }
    println!("{}", sim.base_url());
    // Serves until the process is stopped.
    std::future::pending::<ExitCode>().await
}
