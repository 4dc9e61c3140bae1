//! Where the emulators are: the only place of these tests that reads the environment.

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region};
use connector_aws::Clients;
use std::io::Write as _;
use std::time::Duration;

/// Clients of the emulator whose address is in this variable; none, with a word on standard error, without it.
pub(crate) async fn emulator(variable: &str) -> Option<Clients> {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration file")]
    let address = std::env::var(variable).ok().filter(|address| !address.is_empty());
    match address {
        Some(address) => Some(clients(&address).await),
        None => {
            // Past the capture of the test harness: a skipped test must be seen.
            let _ = writeln!(std::io::stderr(), "skipped: {variable} is not set");
            None
        }
    }
}

/// Clients of whatever listens there, with test credentials and short pauses between the SDK's attempts.
pub(crate) async fn clients(address: &str) -> Clients {
    let retries = RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(address)
        .region(Region::new("us-east-1"))
        .credentials_provider(aws_sdk_sqs::config::Credentials::new("test", "test", None, None, "tests"))
        .retry_config(retries)
        .load()
        .await;
    Clients::new(&config)
}
