//! What `setup` and `doctor` ask a tenant: features and fields. Nothing is created: custom fields of standard
//! objects have no documented API (`zuora.md` 9).

mod describe;
#[cfg(test)]
mod tests;

use crate::Zuora;
use crate::client::Call;
use crate::error::Mode;
use async_trait::async_trait;
use connector_domain::fault::FaultClass;
use connector_ports::PortError;
use connector_ports::installation::{BillingInstallation, BillingObject, FieldFound, TenantFacts};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

const TRACK: &str = "setup";

/// The tenant does not have this, or its user may not see it (suffix 10, `zuora.md` 2.2 and 5.1).
fn is_withheld(error: &PortError) -> bool {
    matches!(error.status, Some(403 | 404)) || error.code.as_deref().is_some_and(|code| code.ends_with("10"))
}

impl Zuora {
    /// One row of a list: whether it is there, and the clock of the answer.
    async fn peek(
        &self,
        operation: &'static str,
        path: &[&str],
    ) -> Result<(bool, Option<Timestamp>), PortError> {
        let query = [("pageSize", "1".to_owned())];
        let mut call = Call::read(operation, Mode::Query, path, TRACK);
        call.query = &query;
        match self.tenant.call(&call).await {
            Ok(answer) => {
                let date = answer.as_ref().and_then(|answer| answer.header("date"));
                Ok((answer.is_some(), date.and_then(clock)))
            }
            Err(error) if is_withheld(&error) => Ok((false, None)),
            Err(error) => Err(error),
        }
    }
}

fn clock(date: &str) -> Option<Timestamp> {
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(date).ok()
}

#[async_trait]
impl BillingInstallation for Zuora {
    async fn facts(&self) -> Result<TenantFacts, PortError> {
        // First the credentials, so that a refusal below is about a right.
        self.tenant.warm().await?;
        let (orders, clock) = self.peek("zuora list orders", &["v1", "orders"]).await?;
        // With Invoice Settlement switched off there are no memos at all; other trouble says nothing.
        let memos = match self.peek("zuora list credit memos", &["object-query", "credit-memos"]).await {
            Ok((memos, _)) => Some(memos),
            Err(error) if error.status == Some(400) => Some(false),
            Err(_) => None,
        };
        Ok(TenantFacts { orders, memos, clock })
    }

    async fn fields(&self, object: BillingObject) -> Result<Option<Vec<FieldFound>>, PortError> {
        let operation = "zuora describe object";
        let path = ["v1", "describe", object.api_name()];
        let Some(answer) = self.tenant.call(&Call::keyed(operation, &path, TRACK)).await? else {
            return Ok(None);
        };
        let fields = answer.text().and_then(|text| describe::fields(text).ok());
        fields.map(Some).ok_or_else(|| {
            PortError::new(operation, FaultClass::Permanent, "the answer is no description of an object")
        })
    }
}
