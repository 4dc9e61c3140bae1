//! From HubSpot's facts to what Zuora should hold: pure, total, and reporting all problems at once.

pub mod company;
pub mod deal;
pub mod order;
pub mod product;
#[cfg(test)]
pub(crate) mod testing;
pub mod tiers;

use crate::problem::Problem;

/// The result of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped<T> {
    /// What Zuora should hold; none when a problem stands against it.
    pub desired: Option<T>,
    /// Everything that a person must mend.
    pub problems: Vec<Problem>,
    /// What was changed on the way (names shortened, characters left out).
    pub notices: Vec<String>,
}
