//! The adapter against emulators, where their addresses are given, and against canned answers for what no
//! emulator shows.
//!
//! - `DYNAMODB_ENDPOINT`, for example `http://127.0.0.1:5002` (DynamoDB Local);
//! - `SQS_ENDPOINT`, for example `http://127.0.0.1:5003` (MiniStack; Secrets Manager is expected there too).
//!
//! Without them the tests that need them say `skipped: ...` on standard error and pass.

#[cfg(test)]
mod canned;
#[cfg(test)]
mod counts;
#[cfg(test)]
mod dynamodb;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod sqs;
