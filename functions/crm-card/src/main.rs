//! Lambda main: serves the card on company and deal records, and its sync button.

use connector_lambda::{Error, http, init_telemetry, wiring};

// One thread: the function has a fraction of one processor.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    init_telemetry();
    http::run(wiring::card().await?).await
}
