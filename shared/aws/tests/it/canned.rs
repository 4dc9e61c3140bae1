//! A server that answers from a script: for errors that no emulator shows.
//!
//! One request per connection, HTTP/1.1, no TLS. It knows nothing of AWS.

use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// An answer: status and JSON body.
pub(crate) type Answer = (u16, Value);

/// The server, and what it was asked.
pub(crate) struct Canned {
    /// Where it listens.
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl Canned {
    /// Starts a server; the script gets the number of the request, from 0, and its body.
    pub(crate) async fn start(script: impl Fn(usize, &Value) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let body = read(&mut stream).await;
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(body.clone());
                    seen.len() - 1
                };
                let (status, answer) = script(number, &body);
                write(&mut stream, status, &answer.to_string()).await;
            }
        });
        Self { address, requests }
    }

    /// The bodies of all requests so far.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> Value {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.unwrap();
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or_default() {
                return serde_json::from_str(body).unwrap_or_default();
            }
        }
        assert_ne!(count, 0, "the request ended early");
    }
}

async fn write(stream: &mut TcpStream, status: u16, body: &str) {
    let answer = format!(
        "HTTP/1.1 {status} Canned\r\ncontent-type: application/x-amz-json-1.0\r\nx-amzn-requestid: req-1\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}
