//! API Gateway (HTTP API, payload 2.0) to the transport-neutral handlers and back.
//!
//! - Path, query and body reach the handlers as HubSpot sent them, because its signature covers them: the query
//!   is the raw one, a body in base64 is decoded to bytes, and nothing is parsed and put together again. (The
//!   gateway itself decodes the path; ours hold no escapes. `hubspot.md` 8, traps 19 and 20.)
//! - A stage or base path is part of the public address, and of no route: it is taken off here.
//! - Before a signature is refused, the secret is read again, so that it can be rotated in HubSpot at any time.
//!   While a secret cannot be read, nobody is answered 401: HubSpot would give up on an event that is good.

use crate::wiring::Doors;
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector_app::handlers::Front;
use connector_app::request::{BODY_LIMIT, CORRELATION_HEADER, Request, Response};
use connector_hubspot::signature::SIGNATURE_HEADER;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::sync::Arc;

/// The handlers, with the secrets of this moment.
#[derive(Clone)]
pub struct Open {
    pub(crate) front: Arc<Front>,
    /// The secret of an installation could not be read, so a refusal means nothing.
    pub(crate) in_trouble: bool,
}

/// Answers requests until the process is ended.
pub async fn run(doors: Doors) -> Result<(), Error> {
    let doors = &doors;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<ApiGatewayV2httpRequest>| async move {
        let request = into_request(event.payload, doors.prefixes());
        let response = answer(async |fresh| doors.open(fresh).await, &request).await;
        Ok::<_, Error>(into_answer(response))
    }))
    .await
}

/// Answers one request. `open` gives the handlers; with `true`, after reading the secrets again.
async fn answer(open: impl AsyncFn(bool) -> Open, request: &Request) -> Response {
    let first = open(false).await;
    let mut response = first.front.handle(request).await;
    let mut in_trouble = first.in_trouble;
    if response.status == 401 && request.headers.contains_key(SIGNATURE_HEADER) {
        let second = open(true).await;
        in_trouble |= second.in_trouble;
        if !Arc::ptr_eq(&first.front, &second.front) {
            response = second.front.handle(request).await;
        }
    }
    if response.status == 401 && in_trouble {
        let correlation = &response.correlation;
        tracing::warn!(http.status = 503, correlation.id = %correlation, "not refused: our own trouble");
        return Response::trouble(correlation);
    }
    response
}

/// The request as it was sent, without the prefix that belongs to the public address.
fn into_request(event: ApiGatewayV2httpRequest, prefixes: &[String]) -> Request {
    let raw = event.raw_path.unwrap_or_default();
    let path = prefixes
        .iter()
        .filter_map(|prefix| raw.strip_prefix(prefix.as_str()))
        .filter(|rest| rest.starts_with('/'))
        .min_by_key(|rest| rest.len())
        .unwrap_or(&raw)
        .to_owned();
    let sent = event.body.unwrap_or_default();
    // Three bytes in four characters: enough to refuse before decoding.
    let length = if event.is_base64_encoded { sent.len() / 4 * 3 } else { sent.len() };
    let body = if length > BODY_LIMIT + 2 { None } else { Some(bytes_of(sent, event.is_base64_encoded)) };
    let body = body.filter(|body| body.len() <= BODY_LIMIT);
    Request {
        method: event.request_context.http.method,
        path,
        query: event.raw_query_string.unwrap_or_default(),
        headers: event.headers,
        body_too_large: body.is_none(),
        body: body.unwrap_or_default(),
    }
}

fn bytes_of(sent: String, base64: bool) -> Bytes {
    match base64.then(|| STANDARD.decode(&sent)) {
        Some(Ok(bytes)) => bytes.into(),
        // Not what the gateway said it was; no signature will fit, and that is the right answer.
        Some(Err(_)) | None => sent.into(),
    }
}

fn into_answer(response: Response) -> ApiGatewayV2httpResponse {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&response.correlation) {
        headers.insert(CORRELATION_HEADER, value);
    }
    if let Some(kind) = response.content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    let (body, is_base64_encoded) = match String::from_utf8(response.body.to_vec()) {
        Ok(text) if text.is_empty() => (None, false),
        Ok(text) => (Some(Body::Text(text)), false),
        Err(_) => (Some(Body::Binary(response.body.to_vec())), true),
    };
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = i64::from(response.status);
    answer.headers = headers;
    answer.body = body;
    answer.is_base64_encoded = is_base64_encoded;
    answer
}

#[cfg(test)]
mod tests;
