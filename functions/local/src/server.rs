//! HTTP on one machine: every request goes to the same handlers as behind API Gateway.

use anyhow::Result;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response as HttpResponse;
use bytes::Bytes;
use connector_app::handlers::Front;
use connector_app::request::{Request, Response};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Bodies above this are answered 413 and not read further (`contract.md` 5).
const LARGEST_BODY: usize = 1_000_000;

/// Serves until `stop` turns true.
pub async fn serve(listener: TcpListener, front: Arc<Front>, mut stop: watch::Receiver<bool>) -> Result<()> {
    let app = Router::new().fallback(answer).with_state(front);
    let stopped = async move {
        while !*stop.borrow() {
            if stop.changed().await.is_err() {
                break;
            }
        }
    };
    axum::serve(listener, app).with_graceful_shutdown(stopped).await?;
    Ok(())
}

async fn answer(State(front): State<Arc<Front>>, request: HttpRequest) -> HttpResponse {
    let (parts, body) = request.into_parts();
    // The address exactly as it was sent: it is part of the signature.
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let (body, body_too_large) = match to_bytes(body, LARGEST_BODY).await {
        Ok(body) => (body, false),
        Err(_) => (Bytes::new(), true),
    };
    let request = Request { method: parts.method, path, query, headers: parts.headers, body, body_too_large };
    into_http(front.handle(&request).await)
}

fn into_http(response: Response) -> HttpResponse {
    let mut builder =
        HttpResponse::builder().status(response.status).header("x-correlation-id", &response.correlation);
    if let Some(kind) = response.content_type {
        builder = builder.header("content-type", kind);
    }
    builder.body(Body::from(response.body)).unwrap_or_else(|_| {
        let mut fallback = HttpResponse::new(Body::empty());
        *fallback.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        fallback
    })
}
