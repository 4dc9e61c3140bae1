//! The HTTP server: takes requests in, lets faults and limits strike, hands them to the API, records them.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State as Shared};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::api;
use crate::calls::Call;
use crate::control;
use crate::faults::Fault;
use crate::http::{Answer, Request};
use crate::sim::Inner;

/// Bodies above this are not read.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Serves until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, inner: Arc<Inner>) -> std::io::Result<()> {
    let app = Router::new().fallback(handle).with_state(inner);
    let service = app.into_make_service_with_connect_info::<Cut>();
    axum::serve(CuttableListener(listener), service).await
}

async fn handle(
    Shared(inner): Shared<Arc<Inner>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY).await else {
        cut.now();
        return render(Answer::new(413, Value::Null));
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    let parsed: Option<Value> =
        if text.is_empty() { Some(Value::Null) } else { serde_json::from_str(&text).ok() };
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        segments: segments(parts.uri.path()),
        query: url_pairs(&raw_query),
        body: parsed.clone().unwrap_or(Value::Null),
        body_length: text.chars().count(),
        now: inner.clock.now(),
        partial: false,
    };
    if request.segments.first().is_some_and(|first| first == "_sim") {
        return render(control::answer(&inner, request).await);
    }
    let token = parts
        .headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::to_owned);
    let mut call = Call {
        method: request.method.clone(),
        path: request.path.clone(),
        query: raw_query.clone(),
        request: parsed.clone().unwrap_or_else(|| Value::String(text.clone())),
        status: 0,
        response: Value::Null,
    };
    let target =
        if raw_query.is_empty() { request.path.clone() } else { format!("{}?{raw_query}", call.path) };
    let fault = inner.faults().strike(&request.method, &target, &text);
    if let Some(Fault::Slow { millis }) = &fault {
        tokio::time::sleep(Duration::from_millis(*millis)).await;
    }
    let answer = answer(&inner, request, parsed.is_some(), token.as_deref(), fault.as_ref());
    let Some(answer) = answer else {
        inner.log().add(call);
        cut.now();
        return render(Answer::new(500, Value::Null));
    };
    call.status = answer.status;
    call.response = answer.body.clone();
    inner.log().add(call);
    inner.events_wait.notify_one();
    render(answer)
}

/// The answer to an API call; `None` breaks the connection.
fn answer(
    inner: &Inner,
    mut request: Request,
    readable: bool,
    token: Option<&str>,
    fault: Option<&Fault>,
) -> Option<Answer> {
    let search = request.path.ends_with("/search");
    let limited = inner.limits().count(&inner.config, search);
    let mut state = inner.state();
    let accepted = match (&inner.config.access_token, token) {
        (_, None | Some("")) => false,
        (None, Some(_)) => true,
        (Some(wanted), Some(given)) => wanted == given,
    };
    request.partial = matches!(fault, Some(Fault::Partial));
    let mut answer = match fault {
        Some(Fault::DropBefore) => return None,
        Some(Fault::Status { status, body: Some(body) }) => Answer::new(*status, body.clone()),
        Some(Fault::Status { status, body: None }) => {
            state.error(*status, "INTERNAL_ERROR", "There was a problem with the request.")
        }
        Some(Fault::TooManyRequests { retry_after, policy }) => {
            state.too_many(policy.as_deref().unwrap_or("TEN_SECONDLY_ROLLING"), *retry_after)
        }
        Some(Fault::Unauthorized) => state.unauthorized(),
        Some(Fault::MissingScopes) => {
            let scope = api::scope(&request).unwrap_or_default();
            state.missing_scopes(&[scope])
        }
        _ if !accepted => state.unauthorized(),
        _ if limited.is_some() => state.too_many(limited.unwrap_or_default(), None),
        _ if !readable => state.invalid("Invalid input JSON on line 1, column 1: unexpected character"),
        _ => api::answer(&mut state, &request, inner.limits().today()),
    };
    if matches!(fault, Some(Fault::CommitThenDrop)) {
        drop(state);
        inner.events_wait.notify_one();
        return None;
    }
    answer.headers.push(("X-HubSpot-Correlation-Id", state.correlation_id()));
    drop(state);
    if !search {
        answer.headers.extend(inner.limits().headers(&inner.config));
    }
    Some(answer)
}

fn render(answer: Answer) -> Response {
    let body = if answer.body.is_null() { Body::empty() } else { Body::from(answer.body.to_string()) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if !answer.body.is_null() {
        headers.insert("content-type", HeaderValue::from_static("application/json;charset=utf-8"));
    }
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.to_ascii_lowercase()), HeaderValue::try_from(value))
        {
            headers.append(name, value);
        }
    }
    response
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(decode).collect()
}

fn url_pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
        })
        .collect()
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Breaks its connection: nothing more is written to it.
#[derive(Debug, Clone)]
pub(crate) struct Cut(Arc<AtomicBool>);

impl Cut {
    fn now(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl axum::extract::connect_info::Connected<IncomingStream<'_, CuttableListener>> for Cut {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Cut {
        stream.io().cut.clone()
    }
}

struct CuttableListener(TcpListener);

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (CuttableStream, std::net::SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        let _ = stream.set_nodelay(true);
        (CuttableStream { stream, cut: Cut(Arc::new(AtomicBool::new(false))) }, address)
    }

    fn local_addr(&self) -> std::io::Result<std::net::SocketAddr> {
        self.0.local_addr()
    }
}

struct CuttableStream {
    stream: TcpStream,
    cut: Cut,
}

impl CuttableStream {
    fn is_cut(&self) -> bool {
        self.cut.0.load(Ordering::SeqCst)
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        if self.is_cut() {
            return Poll::Ready(Err(std::io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
