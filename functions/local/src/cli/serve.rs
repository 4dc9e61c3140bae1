//! `connector serve`.

use super::{Common, DONE, Refusal, machine, output};
use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub(super) async fn run(common: &Common, listen: &str) -> Result<u8, Refusal> {
    let machine = machine(common).await?;
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("{listen} cannot be listened on"))?;
    let address = listener.local_addr().context("the address is not known")?;
    output::note(format!("connector listens on http://{address}"));
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        wait_for_end().await;
        stop.send(true).ok();
    });
    machine.serve(listener, stopped).await?;
    Ok(DONE)
}

/// Ctrl-C, or the signal with which service managers end a process.
async fn wait_for_end() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            interrupt.await.ok();
        }
    }
}
