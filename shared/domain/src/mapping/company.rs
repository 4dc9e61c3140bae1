//! Mapping of a company.
