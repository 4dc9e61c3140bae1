//! Plain functions from request to response, the same behind API Gateway and behind `serve`.

pub mod card;
pub mod intake;
pub mod replay;
pub mod site;

pub use site::{Front, Site};
