//! Lambda main: reconcile.
fn main() {}
