//! Plan of a deal.
