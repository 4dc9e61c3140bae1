//! `cargo run`: the story, played on one machine against simulated vendors.
fn main() {}
