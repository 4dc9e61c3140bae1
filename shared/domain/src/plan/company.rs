//! Plan of a company.
