//! A socket that answers as told, for tests of what goes over the wire.

use crate::{Config, Credentials, Zuora};
use async_trait::async_trait;
use connector_domain::state::{Effect, Intent};
use connector_http::{Allowed, BaseUrl, Client, Options};
use connector_ports::PortError;
use connector_ports::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// `POST /v1/orders`.
    pub(crate) line: String,
    /// Headers, names in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// What the socket does.
pub(crate) enum Answer {
    Json(u16, String),
    Silence,
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Answer {
    Answer::Json(status, body.to_owned())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A clock that stands until it is moved.
pub(crate) struct Hand(Mutex<Timestamp>);

impl Hand {
    pub(crate) fn forward(&self, seconds: i64) {
        *locked(&self.0) += SignedDuration::from_secs(seconds);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *locked(&self.0)
    }
}

/// Credentials that write down how they were asked.
#[derive(Default)]
pub(crate) struct Asked(pub(crate) Mutex<Vec<bool>>);

#[async_trait]
impl Credentials for Asked {
    async fn get(&self, refresh: bool) -> Result<(String, SecretString), PortError> {
        locked(&self.0).push(refresh);
        Ok(("client".to_owned(), SecretString::from("s&cret")))
    }
}

/// A tenant on a socket.
pub(crate) struct Stub {
    pub(crate) config: Config,
    pub(crate) clock: Arc<Hand>,
    pub(crate) credentials: Arc<Asked>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    /// `answer` is asked for everything but tokens, which are `t1`, `t2` and so on for an hour each.
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let base = BaseUrl::parse(&base, Allowed { loopback: true, ..Allowed::default() }).unwrap();
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let (list, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (list, answer) = (Arc::clone(&list), Arc::clone(&answer));
                tokio::spawn(async move {
                    let Some(request) = request(&mut stream).await else { return };
                    locked(&list).push(request.clone());
                    let tokens = locked(&list).iter().filter(|s| s.line == "POST /oauth/token").count();
                    let given = match answer(&request) {
                        Answer::Json(404, body) if body.is_empty() && request.line == "POST /oauth/token" => {
                            json(200, &format!(r#"{{"access_token":"t{tokens}","expires_in":3598}}"#))
                        }
                        other => other,
                    };
                    match given {
                        Answer::Json(status, body) => reply(&mut stream, status, &body).await,
                        Answer::Silence => tokio::time::sleep(Duration::from_secs(60)).await,
                    }
                });
            }
        });
        let clock = Arc::new(Hand(Mutex::new("2026-11-16T10:00:00Z".parse().unwrap())));
        let credentials = Arc::<Asked>::default();
        let config = Config::new(base, clock.clone(), credentials.clone());
        Self { config, clock, credentials, seen }
    }

    /// The adapter, with a time-out of half a second.
    pub(crate) fn zuora(&self) -> Zuora {
        let options =
            Options { timeout: Duration::from_millis(500), allow_http_loopback: true, ..Options::default() };
        Zuora::with(self.config.clone(), Client::new(options).unwrap())
    }

    /// All requests but those for tokens.
    pub(crate) fn calls(&self) -> Vec<Seen> {
        locked(&self.seen).iter().filter(|seen| seen.line != "POST /oauth/token").cloned().collect()
    }

    /// How many tokens were asked for.
    pub(crate) fn tokens(&self) -> usize {
        locked(&self.seen).iter().filter(|seen| seen.line == "POST /oauth/token").count()
    }
}

/// No special answer: tokens are given, all else is a 404 without words.
pub(crate) fn otherwise() -> Answer {
    json(404, "")
}

async fn request(stream: &mut TcpStream) -> Option<Seen> {
    let mut text = Vec::new();
    let mut byte = [0; 1];
    while !text.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return None;
        }
        text.push(byte[0]);
    }
    let text = String::from_utf8(text).unwrap();
    let (line, head) = text.split_once("\r\n").unwrap();
    let lower = |line: &str| {
        line.split_once(':').map(|(name, value)| format!("{}:{value}\n", name.to_ascii_lowercase()))
    };
    let head: String = head.split("\r\n").filter_map(lower).collect();
    let mut seen = Seen { line: line.trim_end_matches(" HTTP/1.1").to_owned(), head, body: String::new() };
    let length = seen.header("content-length").map_or(0, |n| n.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    seen.body = String::from_utf8(body).unwrap();
    Some(seen)
}

async fn reply(stream: &mut TcpStream, status: u16, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// A configuration that is only rendered from.
pub(crate) fn config() -> Config {
    let base =
        BaseUrl::parse("http://127.0.0.1:9", Allowed { loopback: true, ..Allowed::default() }).unwrap();
    let clock = Arc::new(Hand(Mutex::new(Timestamp::UNIX_EPOCH)));
    Config::new(base, clock, Arc::<Asked>::default())
}

/// An intent as the engine would freeze it.
pub(crate) fn intent(effect: Effect, number: &str, target: Option<&str>) -> Intent {
    Intent {
        effect,
        number: number.to_owned(),
        target: target.map(str::to_owned),
        body: r#"{"frozen": 1.50}"#.to_owned(),
        generation: 0,
        first_sent_at: Timestamp::UNIX_EPOCH,
        sent_at: Timestamp::UNIX_EPOCH,
        sends: 1,
        failure: None,
        then: None,
    }
}
