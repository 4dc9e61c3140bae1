//! Plain functions from request to response, the same behind API Gateway and behind `serve`.

mod caller;
pub mod card;
mod health;
pub mod intake;
pub mod replay;
pub mod settings;
pub mod site;

pub use card::Cards;
pub use site::{Front, Site};
