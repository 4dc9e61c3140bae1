//! Lambda main: looks at the objects of one kind, as its queue names them.

use connector_lambda::{Error, init_telemetry, wiring};

// One thread: the function has a fraction of one processor.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    init_telemetry();
    wiring::worker().await?.run().await
}
