//! Object queries: filters, expansion, pages (`zuora.md` 6.2).

use crate::client::{Call, Tenant};
use crate::error::Mode;
use connector_ports::PortError;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A list to be asked for.
pub(crate) struct Query<'a> {
    operation: &'static str,
    object: &'a str,
    track: &'a str,
    parameters: Vec<(&'a str, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    data: Vec<T>,
    /// An opaque mark; sent back as a parameter, never followed as an address.
    next_page: Option<String>,
}

impl<'a> Query<'a> {
    /// A query without conditions; `page_size` also cuts every expanded list (trap 10), 50 is the official
    /// client's highest.
    pub(crate) fn new(operation: &'static str, object: &'a str, page_size: u8, track: &'a str) -> Self {
        Self { operation, object, track, parameters: vec![("pageSize", page_size.to_string())] }
    }

    /// `field.EQ:value`.
    #[must_use]
    pub(crate) fn equal(mut self, field: &str, value: &str) -> Self {
        self.parameters.push(("filter[]", format!("{field}.EQ:{value}")));
        self
    }

    /// `field.IN:[a,b]`; the values must not hold commas or brackets.
    #[must_use]
    pub(crate) fn one_of(mut self, field: &str, values: &[&str]) -> Self {
        match values {
            [only] => self.equal(field, only),
            _ => {
                self.parameters.push(("filter[]", format!("{field}.IN:[{}]", values.join(","))));
                self
            }
        }
    }

    /// Related objects to put into each row.
    #[must_use]
    pub(crate) fn expand(mut self, paths: &[&str]) -> Self {
        self.parameters.extend(paths.iter().map(|path| ("expand[]", (*path).to_owned())));
        self
    }

    /// The rows of at most so many pages.
    pub(crate) async fn rows<T: DeserializeOwned>(
        self,
        tenant: &Tenant,
        pages: usize,
    ) -> Result<Vec<T>, PortError> {
        let mut rows = Vec::new();
        let mut cursor = None;
        for _ in 0..pages {
            let (page, next) = self.page(tenant, cursor.as_deref()).await?;
            rows.extend(page);
            if next.is_none() || next == cursor {
                return Ok(rows);
            }
            cursor = next;
        }
        if pages > 1 {
            tracing::warn!(operation = self.operation, pages, "a list was longer than is read");
        }
        Ok(rows)
    }

    /// One page and the mark of the next.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        tenant: &Tenant,
        cursor: Option<&str>,
    ) -> Result<(Vec<T>, Option<String>), PortError> {
        let mut parameters = self.parameters.clone();
        parameters.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
        let path = ["object-query", self.object];
        let mut call = Call::read(self.operation, Mode::Query, &path, self.track);
        call.query = &parameters;
        let Some(answer) = tenant.call(&call).await? else {
            return Err(PortError::bug(self.operation, "a list cannot be missing"));
        };
        let page: Page<T> = answer.parse()?;
        Ok((page.data, page.next_page.filter(|next| !next.is_empty())))
    }
}

/// Zuora does not take this filter: the field is not indexed, or the value has characters it refuses.
pub(crate) fn is_refused_filter(error: &PortError) -> bool {
    error.status == Some(400)
}

/// A text that is said by an answer and not empty.
pub(crate) fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
