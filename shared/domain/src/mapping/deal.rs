//! Mapping of a deal.
