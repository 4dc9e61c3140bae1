//! Tests of the client against a socket that behaves badly in known ways.

use super::*;
use crate::message::Body;
use http::Method;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn client(timeout: Duration) -> Client {
    Client::new(Options { timeout, allow_http_loopback: true, max_in_flight: Some(2), ..Options::default() })
        .unwrap()
}

fn get(address: SocketAddr) -> Request<'static> {
    Request::new(Method::GET, Url::parse(&format!("http://{address}/a?email=ana")).unwrap())
}

/// Reads one request and returns its head.
async fn head(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut byte = [0; 1];
    while !text.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await.unwrap() == 0 {
            break;
        }
        text.push(byte[0]);
    }
    String::from_utf8(text).unwrap()
}

/// Answers every connection with the same bytes, then closes it.
async fn server(answer: Vec<u8>, calls: Arc<AtomicUsize>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            calls.fetch_add(1, Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                head(&mut stream).await;
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

#[tokio::test]
async fn an_answer_of_any_status_is_a_reply() {
    let answer = b"HTTP/1.1 429 Too Many\r\nretry-after: 3\r\ncontent-length: 2\r\n\r\nhi".to_vec();
    let address = server(answer, Arc::default()).await;
    let reply = client(Duration::from_secs(5)).send(get(address)).await.unwrap();
    assert_eq!((reply.status, reply.header("Retry-After"), &reply.body[..]), (429, Some("3"), &b"hi"[..]));
    assert_eq!(format!("{reply:?}"), "HTTP 429 with 2 bytes");
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failure = client(Duration::from_secs(5)).send(get(address)).await.unwrap_err();
    assert!(failure.is_not_sent(), "{failure}");
    assert!(!failure.to_string().contains("ana"), "{failure}");
}

#[tokio::test]
async fn an_unknown_host_is_not_sent() {
    let url = Url::parse("https://does-not-exist.invalid/").unwrap();
    let failure = client(Duration::from_secs(5)).send(Request::new(Method::GET, url)).await.unwrap_err();
    assert!(failure.is_not_sent(), "{failure}");
}

#[tokio::test]
async fn a_lost_or_cut_answer_is_unknown_and_never_repeated() {
    for answer in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", b"nonsense\r\n\r\n"] {
        let calls = Arc::<AtomicUsize>::default();
        let address = server(answer.to_vec(), Arc::clone(&calls)).await;
        let failure = client(Duration::from_secs(5)).send(get(address)).await.unwrap_err();
        assert!(matches!(failure, Failure::Unknown(_)), "{failure}");
        assert!(!failure.to_string().contains("ana"), "{failure}");
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_silent_server_ends_in_doubt_after_the_time_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let failure = client(Duration::from_millis(200)).send(get(address)).await.unwrap_err();
    assert!(matches!(failure, Failure::Unknown(_)), "{failure}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec();
    let address = server(answer, Arc::default()).await;
    assert_eq!(client(Duration::from_secs(5)).send(get(address)).await.unwrap().status, 302);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_given_up_early() {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n".to_vec();
    answer.resize(BODY_LIMIT + 1024 * 1024, b'x');
    let address = server(answer, Arc::default()).await;
    assert_eq!(client(Duration::from_secs(5)).send(get(address)).await.unwrap_err(), Failure::TooLarge);
}

#[tokio::test]
async fn plain_http_is_sent_to_loopback_only_and_only_when_allowed() {
    let strict = Client::new(Options::default()).unwrap();
    let address: SocketAddr = "127.0.0.1:9".parse().unwrap();
    assert!(strict.send(get(address)).await.unwrap_err().to_string().contains("https"));
    let url = Url::parse("http://api.hubapi.com/").unwrap();
    let failure = client(Duration::from_secs(5)).send(Request::new(Method::GET, url)).await.unwrap_err();
    assert!(failure.to_string().contains("https"));
}

#[tokio::test]
async fn token_headers_and_body_arrive_and_debug_shows_none_of_them() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let text = head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        text.to_lowercase()
    });
    let token = secrecy::SecretString::from("top-secret");
    let url = Url::parse(&format!("http://{address}/x?email=ana")).unwrap();
    let request = Request::new(Method::POST, url)
        .header("idempotency-key", "k-1")
        .bearer(&token)
        .body(Body::json(&b"{\"name\":\"Ana\"}"[..]));
    let shown = format!("{request:?} {:?}", request.body);
    assert!(!shown.contains("secret") && !shown.to_lowercase().contains("ana"), "{shown}");
    client(Duration::from_secs(5)).send(request).await.unwrap();
    let text = seen.await.unwrap();
    for part in ["authorization: bearer top-secret", "idempotency-key: k-1", "content-type: application/json"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let most = Arc::<AtomicUsize>::default();
    let (now, high) = (Arc::<AtomicUsize>::default(), Arc::clone(&most));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (now, high) = (Arc::clone(&now), Arc::clone(&high));
            tokio::spawn(async move {
                head(&mut stream).await;
                high.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(30)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                let _ = stream.write_all(answer).await;
            });
        }
    });
    let client = client(Duration::from_secs(5));
    let replies = futures::future::join_all((0..6).map(|_| client.send(get(address)))).await;
    assert!(replies.iter().all(Result::is_ok));
    assert_eq!(most.load(Ordering::SeqCst), 2);
}
