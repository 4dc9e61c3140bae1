//! The one error of calls to the outside: operation, class, and what the vendor said, as data.

use connector_domain::fault::FaultClass;
use std::fmt;

/// A failed call. The message names the operation and the vendor's own words; the source is not repeated in it.
#[derive(Debug)]
pub struct PortError {
    /// What was tried, for example `zuora create order`.
    pub operation: &'static str,
    /// How the engine must treat it.
    pub class: FaultClass,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The vendor's code, for example `53100320` or `VALIDATION_ERROR`.
    pub code: Option<String>,
    /// The vendor's own words, shortened; never the request.
    pub message: String,
    /// The vendor's request id, for support.
    pub request_id: Option<String>,
    /// Digest of the whole answer, to recognise a stored failure (D-14).
    pub digest: Option<String>,
    /// What lies beneath.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PortError {
    /// An error with nothing but operation, class and words.
    pub fn new(operation: &'static str, class: FaultClass, message: impl Into<String>) -> Self {
        Self {
            operation,
            class,
            status: None,
            code: None,
            message: message.into(),
            request_id: None,
            digest: None,
            source: None,
        }
    }

    /// A failure that means a mistake in this code or an answer nobody foresaw.
    pub fn bug(operation: &'static str, message: impl Into<String>) -> Self {
        Self::new(operation, FaultClass::Bug, message)
    }

    /// Operation, class, HTTP status and code, without the vendor's words: those may repeat what a person wrote.
    pub fn for_log(&self) -> String {
        let mut text = format!("{} failed ({})", self.operation, self.class.as_str());
        if let Some(status) = self.status {
            text.push_str(&format!(", HTTP {status}"));
        }
        if let Some(code) = &self.code {
            text.push_str(&format!(", code {code}"));
        }
        text
    }

    /// Adds what lies beneath.
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.for_log())?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for PortError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_for_logs_leaves_the_vendors_words_out() {
        let mut error = PortError::new("zuora create order", FaultClass::Permanent, "Ana Canary is unknown");
        assert_eq!(error.for_log(), "zuora create order failed (permanent)");
        (error.status, error.code) = (Some(400), Some("53100320".to_owned()));
        assert_eq!(error.for_log(), "zuora create order failed (permanent), HTTP 400, code 53100320");
        assert_eq!(error.to_string(), format!("{}: Ana Canary is unknown", error.for_log()));
    }
}
