//! The `connector` binary: one machine, or a command on a store.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    connector_local::cli::run().await
}
