//! Lambda main: webhook-intake.
fn main() {}
