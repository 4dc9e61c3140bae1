//! Lambda main: rings the objects that are due again, once a minute.

use connector_lambda::{Error, init_telemetry, wiring};

// One thread: the function has a fraction of one processor.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    init_telemetry();
    wiring::sweeper().await?.run().await
}
