//! Ground floor: values and pure rules of the connector.
//!
//! What is here: ids, money, dates, the CRM's facts ([`crm`]), the billing system's objects ([`billing`]),
//! the rules that turn the first into the second ([`mapping`]), the comparison that yields actions
//! ([`plan`]), the state that is kept per object ([`state`]) and what can go wrong ([`problem`], [`fault`]).
//!
//! What is deliberately not here: I/O, async, clocks, vendor JSON, and any knowledge of AWS.
//! Trouble in a customer's data is a value next to the result ([`problem::Problem`]), not an error.
//! Money is a decimal with its currency; there is no floating point in this crate.

pub mod billing;
pub mod country;
pub mod crm;
pub mod dates;
pub mod fault;
pub mod ids;
pub mod mapping;
pub mod money;
pub mod numbering;
pub mod object;
pub mod plan;
pub mod policy;
pub mod problem;
pub mod state;
pub mod text;
pub mod writeback;
