//! Lambda main: takes in HubSpot's webhooks.

use connector_lambda::{Error, http, init_telemetry, wiring};

// One thread: the function has a fraction of one processor.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    init_telemetry();
    http::run(wiring::intake().await?).await
}
