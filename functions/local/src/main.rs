//! Single-machine mode: the `connector` binary.
fn main() {}
