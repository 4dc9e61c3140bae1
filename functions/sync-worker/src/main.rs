//! Lambda main: sync-worker.
fn main() {}
