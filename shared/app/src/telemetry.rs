//! Logs: set-up of the subscriber, names of fields, and how errors are printed.
//!
//! A failure is logged once, where it is handled: ERROR means that someone should act, WARN that we coped, INFO one
//! line per outcome (`style.md` 19). Never logged: bodies, tokens, signatures, names, e-mail addresses.

use crate::env_vars;
use connector_domain::object::Tickle;
use connector_engine::report::Report;
use std::error::Error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// Names of log fields (`style.md` 18); use them as `{ field::OBJECT_KIND } = %kind`.
pub mod field {
    /// Kind of the object: company, contact, product, deal, line_item.
    pub const OBJECT_KIND: &str = "object.kind";
    /// HubSpot's id of the object.
    pub const OBJECT_ID: &str = "object.id";
    /// Why the object was looked at.
    pub const TICKLE_REASON: &str = "tickle.reason";
    /// The portal.
    pub const PORTAL_ID: &str = "portal.id";
    /// Number of the account in Zuora.
    pub const ACCOUNT_NUMBER: &str = "zuora.account_number";
    /// Number of the subscription in Zuora.
    pub const SUBSCRIPTION_NUMBER: &str = "zuora.subscription_number";
    /// Number of the order in Zuora.
    pub const ORDER_NUMBER: &str = "zuora.order_number";
    /// How many actions a plan has.
    pub const PLAN_ACTIONS: &str = "plan.actions";
    /// Kind of an action.
    pub const ACTION_KIND: &str = "action.kind";
    /// Idempotency key of an action.
    pub const ACTION_KEY: &str = "action.key";
    /// Class of a fault.
    pub const FAULT_CLASS: &str = "fault.class";
    /// Code of a problem, for example `HZ0301`.
    pub const PROBLEM_CODE: &str = "problem.code";
    /// Which try this is, from 1.
    pub const ATTEMPT: &str = "attempt";
    /// How long something took, in milliseconds.
    pub const DURATION_MS: &str = "duration_ms";
    /// HTTP status.
    pub const HTTP_STATUS: &str = "http.status";
    /// The vendor's request id, for their support.
    pub const VENDOR_REQUEST_ID: &str = "vendor.request_id";
    /// Our id of a request and of everything that it causes.
    pub const CORRELATION_ID: &str = "correlation.id";
}

/// How log lines look and where they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object per line on standard output: a Lambda's log.
    Json,
    /// Readable lines on standard error; standard output belongs to results.
    Human {
        /// Whether standard error shows colours.
        colour: bool,
    },
}

/// The set-up of logs failed.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is one already.
    #[error("a log subscriber is installed already")]
    Installed(#[source] tracing_subscriber::util::TryInitError),
}

/// Installs the subscriber of this process. `filter` is the value of `RUST_LOG`; without one, or with one that cannot
/// be read, the level is info.
pub fn init(format: Format, filter: Option<&str>) -> Result<(), InitError> {
    let (chosen, refused) = parse_filter(filter);
    match format {
        Format::Json => json(chosen, std::io::stdout).try_init(),
        Format::Human { colour } => tracing_subscriber::fmt()
            .with_env_filter(chosen)
            .with_writer(std::io::stderr)
            .with_ansi(colour)
            .with_target(false)
            .finish()
            .try_init(),
    }
    .map_err(InitError::Installed)?;
    if let Some(refused) = refused {
        tracing::warn!(rust_log = refused, "RUST_LOG cannot be read; the level is info");
    }
    Ok(())
}

/// Logs of a command on one machine: readable lines on standard error, coloured where that is a terminal. `RUST_LOG`
/// decides the level, `level` where it is not set. A subscriber that is there already stays.
pub fn init_cli(level: &str) {
    let colour = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let env = env_vars::process();
    init(Format::Human { colour }, Some(env.get("RUST_LOG").unwrap_or(level))).ok();
}

/// Logs of a Lambda: JSON lines on standard output, level from `RUST_LOG`, info where it is not set.
pub fn init_lambda() {
    init(Format::Json, env_vars::process().get("RUST_LOG")).ok();
}

fn json<W>(filter: EnvFilter, writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(writer)
        .finish()
}

/// The filter, and the text that could not be read.
fn parse_filter(text: Option<&str>) -> (EnvFilter, Option<&str>) {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    match text.map(EnvFilter::try_new) {
        Some(Ok(filter)) => (filter, None),
        Some(Err(_)) => (EnvFilter::new("info"), text),
        None => (EnvFilter::new("info"), None),
    }
}

/// The one line of a look at an object: ids, codes and counts; no values and no vendor's words.
pub fn look(tickle: &Tickle, report: &Report, duration_ms: i64) {
    let codes: Vec<&str> = report.problems.iter().map(|problem| problem.code.code()).collect();
    tracing::info!(
        object.kind = %tickle.object.kind,
        object.id = %tickle.object.id,
        tickle.reason = tickle.reason.as_str(),
        correlation.id = tickle.correlation.as_deref().unwrap_or_default(),
        end = ?report.end,
        status = report.status.as_str(),
        plan.actions = report.done.len(),
        problem.code = codes.join(","),
        trouble = report.trouble.as_deref().unwrap_or_default(),
        waits_on = report.waits_on.as_deref().unwrap_or_default(),
        duration_ms,
        "looked at an object"
    );
}

/// An error with everything beneath it, outermost first: `order failed: zuora create order failed: timed out`.
/// A cause that only repeats what was said is left out.
pub fn error_chain(error: &dyn Error) -> String {
    // Longer chains are loops or noise.
    const DEPTH: usize = 16;
    let mut text = error.to_string();
    let mut next = error.source();
    for _ in 0..DEPTH {
        let Some(cause) = next else { break };
        let words = cause.to_string();
        if !words.is_empty() && !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Debug, thiserror::Error)]
    #[error("outer failed")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error("inner failed")]
    struct Middle(#[source] std::io::Error);

    #[test]
    fn the_chain_is_printed_once_each() {
        let error = Outer(Middle(std::io::Error::other("disk full")));
        assert_eq!(error_chain(&error), "outer failed: inner failed: disk full");
        #[derive(Debug, thiserror::Error)]
        #[error("cannot write: {0}")]
        struct Repeats(#[source] std::io::Error);
        let error = Repeats(std::io::Error::other("disk full"));
        assert_eq!(error_chain(&error), "cannot write: disk full");
    }

    #[test]
    fn an_unreadable_filter_means_info() {
        assert_eq!(parse_filter(Some("a=b=c=d")).1, Some("a=b=c=d"));
        assert_eq!(parse_filter(None).0.to_string(), "info");
        assert_eq!(parse_filter(Some(" ")).0.to_string(), "info");
        assert_eq!(parse_filter(Some("debug")).0.to_string(), "debug");
    }

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_json_line_carries_the_fields_by_name() {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber = json(EnvFilter::new("info"), move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!({ field::OBJECT_KIND } = "deal", { field::ATTEMPT } = 2, "synced");
            tracing::debug!("not at this level");
        });
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(line["message"], "synced");
        assert_eq!(line["object.kind"], "deal");
        assert_eq!(line["attempt"], 2);
        assert_eq!(line["level"], "INFO");
    }
}
