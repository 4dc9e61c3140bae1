//! Zuora's objects as the connector wants them or sees them. Names are Zuora's, spellings of the wire are not here.

pub mod company;
pub mod deal;
pub mod product;
pub mod subscription;
pub mod tiers;
