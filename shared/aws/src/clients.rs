//! The AWS SDK, configured in one place: time-outs, retries, and one client for each service.
//!
//! Region, credentials and `AWS_ENDPOINT_URL` come from the environment by the SDK's own rules. The clients are
//! cheap to clone. Each keeps its own connections, because each talks to another host; what is dear (the root
//! certificates) is loaded once in a process by the SDK.
//!
//! Not here: names of tables, queues and secrets; those are configuration.

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use std::time::Duration;

/// Connecting inside a region takes a few milliseconds; a second means that nobody is there.
const CONNECT: Duration = Duration::from_secs(1);

/// One attempt, so that a stuck one leaves room for another within [`OPERATION`].
const ATTEMPT: Duration = Duration::from_secs(2);

/// All attempts together. HubSpot waits 5 s for the answer to a webhook and then sends it again, so a longer
/// wait would help nobody.
const OPERATION: Duration = Duration::from_secs(5);

/// The first attempt and two repeats, with the SDK's back-off, for throttling and for what never arrived.
const ATTEMPTS: u32 = 3;

/// One client for each service that the connector uses.
#[derive(Debug, Clone)]
pub struct Clients {
    /// State and audit tables.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Queues.
    pub sqs: aws_sdk_sqs::Client,
    /// Credentials.
    pub secrets: aws_sdk_secretsmanager::Client,
}

impl Clients {
    /// Reads the SDK's part of the environment and builds the clients. No call is made.
    pub async fn load() -> Self {
        Self::new(&load_config().await)
    }

    /// Builds the clients from a configuration that exists already.
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            secrets: aws_sdk_secretsmanager::Client::new(config),
        }
    }
}

/// The SDK's configuration with this crate's time-outs and retries.
pub async fn load_config() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts())
        .retry_config(retries())
        .load()
        .await
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stuck_attempt_leaves_room_for_another() {
        assert!(CONNECT < ATTEMPT && ATTEMPT * 2 < OPERATION);
        assert_eq!(timeouts().operation_timeout(), Some(OPERATION));
        assert_eq!(retries().max_attempts(), ATTEMPTS);
    }
}
