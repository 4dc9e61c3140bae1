//! Lambda main: crm-card.
fn main() {}
