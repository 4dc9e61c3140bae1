//! `cargo run`: the main job on one machine, with nothing else installed.
//!
//! `--once` plays the story, prints the result and exits 0 only if the end state is the expected one; `--json`
//! prints it as one document. Without `--once` everything stays up to be looked at.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]
#![expect(clippy::indexing_slicing, reason = "a JSON value that is missing reads as null and does not panic")]

use anyhow::Result;
use clap::Parser;
use connector_dev::{Options, Stack, gallery, story};
use std::process::ExitCode;

/// Plays the connector's main job against simulated HubSpot and Zuora servers.
#[derive(Parser)]
struct Arguments {
    /// Play the story, print the result, and end.
    #[arg(long)]
    once: bool,
    /// Print the result as one JSON document.
    #[arg(long)]
    json: bool,
    /// Where the connector listens; the default takes a free port with --once, else 8787.
    #[arg(long)]
    listen: Option<String>,
    /// Where the gallery of cards is served, while everything stays up.
    #[arg(long, default_value = "127.0.0.1:8788")]
    gallery: String,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    connector_app::telemetry::init_cli("warn");
    let data = std::env::temp_dir().join(format!("connector-demo-{}", std::process::id()));
    std::fs::create_dir_all(&data)?;
    let mut options = Options::new(&data);
    options.listen = arguments
        .listen
        .unwrap_or_else(|| if arguments.once { "127.0.0.1:0" } else { "127.0.0.1:8787" }.to_owned());
    let mut stack = Stack::start(options).await?;
    if !arguments.json {
        println!("Simulated HubSpot   {}/_sim/state", stack.hubspot.base_url());
        println!("Simulated Zuora     {}/_sim/state", stack.zuora.base_url());
        println!("Connector           {}/healthz", stack.url);
        println!("Playing: two deals are drafted, then won …\n");
    }
    story::play(&stack).await?;
    let result = story::result(&stack);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&result)?);
    } else {
        println!("{}", story::print(&result));
    }
    let ok = result["ok"] == true;
    if !arguments.once {
        gallery::furnish(&stack).await;
        let address = gallery::serve(stack.hubspot.clone(), &arguments.gallery, gallery::folder()).await?;
        println!("Cards on records    {address}?live=1 (and {address} for every state)");
        println!(
            "                    Deal {} is won, but nobody told: press \"Sync Deal\" there.",
            gallery::UNHEARD_DEAL
        );
        println!("Everything stays up; press Ctrl-C to end.");
        tokio::signal::ctrl_c().await?;
    }
    stack.stop_connector().await?;
    std::fs::remove_dir_all(&data).ok();
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
