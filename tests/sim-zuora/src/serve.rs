//! The HTTP side: accepting connections, reading requests, and closing a connection unanswered.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::api::{self, Request};
use crate::control;
use crate::server::{Delivery, Shared};

/// Largest body that is read.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// A switch that breaks a connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kill(Arc<AtomicBool>);

/// A connection with a switch.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    kill: Kill,
}

impl Connection {
    fn broken(&self) -> bool {
        self.kill.0.load(Ordering::SeqCst)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.broken() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Accepts connections with switches.
#[derive(Debug)]
pub(crate) struct Door(TcpListener);

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Connection { stream, kill: Kill::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Door>> for Kill {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Kill {
        stream.io().kill.clone()
    }
}

/// Binds and serves in a background task; gives back the address.
pub(crate) async fn start(inner: Shared) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(inner.config.listen).await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(answer).with_state(inner);
    let service = router.into_make_service_with_connect_info::<Kill>();
    tokio::spawn(async move {
        // Serving ends only with the runtime.
        let _ = axum::serve(Door(listener), service).await;
    });
    Ok(address)
}

async fn answer(
    State(inner): State<Shared>,
    ConnectInfo(kill): ConnectInfo<Kill>,
    request: axum::extract::Request,
) -> Response<Body> {
    let Ok(request) = read(request).await else {
        return respond(413, "text/plain", "body too large".to_owned(), &[]);
    };
    if request.path.starts_with("/_sim/") {
        let reply = control::handle(&inner, &request);
        return respond(reply.status, "application/json", reply.body.to_string(), &[]);
    }
    // In a task of its own: a caller that goes away does not stop the effect.
    let work = tokio::spawn(async move { inner.handle(request).await });
    match work.await {
        Ok(Delivery::Json(reply)) => {
            respond(reply.status, "application/json", reply.body.to_string(), &reply.headers)
        }
        Ok(Delivery::Raw { text, kind }) => respond(200, kind, text, &[]),
        Ok(Delivery::Drop) | Err(_) => {
            kill.0.store(true, Ordering::SeqCst);
            respond(500, "text/plain", String::new(), &[])
        }
    }
}

async fn read(request: axum::extract::Request) -> Result<Request, axum::Error> {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, MAX_BODY).await?;
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(k, v)| (k.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
        .collect();
    let host = headers.iter().find(|(k, _)| k == "host").map(|(_, v)| v.clone()).unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    Ok(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        params: api::params(&query),
        query,
        headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        origin: format!("http://{host}"),
    })
}

fn respond(status: u16, kind: &'static str, text: String, headers: &[(String, String)]) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert("content-type", HeaderValue::from_static(kind));
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
