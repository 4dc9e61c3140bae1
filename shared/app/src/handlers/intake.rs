//! `POST /webhooks/hubspot`: verified events become durable tickles, then HubSpot gets its 200.
//!
//! No call to HubSpot or Zuora happens here. Our own trouble answers 5xx, so that HubSpot tries again; what we
//! choose to ignore is counted and answered 200, because a 4xx would be tried again as well (`hubspot.md` 1.3).

use super::site::Site;
use crate::request::{Request, Response};
use connector_hubspot::webhook::{self, Delivery};
use jiff::Timestamp;

pub(super) async fn handle(site: &Site, request: &Request, now: Timestamp, correlation: &str) -> Response {
    // The moment of signing stands for the moment of receipt: an identical request makes identical tickles.
    let signed_at = request
        .header("x-hubspot-request-timestamp")
        .and_then(|value| value.parse::<i64>().ok())
        .and_then(|millis| Timestamp::from_millisecond(millis).ok())
        .unwrap_or(now);
    let delivery = Delivery {
        portal: site.portal,
        app: site.app,
        received_at: signed_at.min(now),
        correlation: Some(correlation),
    };
    let batch = match webhook::parse(&request.body, &delivery) {
        Ok(batch) => batch,
        Err(error) => {
            tracing::warn!(portal.id = %site.portal, correlation.id = %correlation, error = %error, "a signed body is no delivery of events");
            return Response::bad_request(correlation);
        }
    };
    if let Err(error) = site.tickles.send(&batch.tickles).await {
        tracing::error!(portal.id = %site.portal, correlation.id = %correlation, error = error.for_log(), "events could not be queued; HubSpot will send them again");
        return Response::trouble(correlation);
    }
    tracing::info!(
        portal.id = %site.portal,
        correlation.id = %correlation,
        events = batch.events,
        objects = batch.tickles.len(),
        dropped.foreign = batch.dropped_foreign,
        dropped.unknown = batch.dropped_unknown,
        dropped.echo = batch.dropped_echo,
        "took in a delivery"
    );
    Response::empty(200, correlation)
}
