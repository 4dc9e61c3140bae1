//! A socket with canned answers, for tests of this crate. It knows no HubSpot; the simulator does.

use crate::adapter::HubSpot;
use crate::client::{Config, StaticToken};
use connector_domain::ids::{HubSpotId, PortalId};
use connector_http::{Allowed, BaseUrl};
use connector_ports::clock::Clock;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) fn id(text: &str) -> HubSpotId {
    HubSpotId::parse(text).unwrap()
}

/// A request as it came in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) token: String,
    pub(crate) body: Value,
}

impl Asked {
    /// The ids of `inputs`.
    pub(crate) fn ids(&self) -> Vec<String> {
        let inputs = self.body["inputs"].as_array().cloned().unwrap_or_default();
        inputs.iter().filter_map(|input| input["id"].as_str().map(str::to_owned)).collect()
    }
}

/// What is answered; status 0 closes the connection without a word.
pub(crate) struct Answer {
    status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: body.to_string() }
    }

    pub(crate) fn dropped() -> Self {
        Self { status: 0, headers: Vec::new(), body: String::new() }
    }
}

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-11-16T10:00:00Z".parse().unwrap()
    }
}

pub(crate) struct Server {
    base: BaseUrl,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::<Mutex<Vec<Asked>>>::default();
        let (kept, answer) = (Arc::clone(&log), Arc::new(answer));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                tokio::spawn(async move { serve(stream, &kept, answer.as_ref()).await });
            }
        });
        let allowed = Allowed { loopback: true, ..Allowed::default() };
        Self { base: BaseUrl::parse(&address, allowed).unwrap(), log }
    }

    pub(crate) fn config(&self) -> Config {
        let tokens = Arc::new(StaticToken("token".into()));
        Config::new(PortalId(24_680_135), self.base.clone(), tokens, Arc::new(Fixed))
    }

    pub(crate) fn hubspot(&self) -> HubSpot {
        HubSpot::new(self.config()).unwrap()
    }

    pub(crate) fn calls(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    log: &Mutex<Vec<Asked>>,
    answer: &(dyn Fn(&Asked) -> Answer + Send + Sync),
) {
    while let Some(asked) = read(&mut stream).await {
        log.lock().unwrap().push(asked.clone());
        let answer = answer(&asked);
        if answer.status == 0 {
            return;
        }
        let mut text = format!("HTTP/1.1 {} X\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
        for (name, value) in &answer.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(&answer.body);
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut asked = Asked::default();
    let mut length = 0;
    for (at, line) in head.lines().enumerate() {
        if at == 0 {
            let mut words = line.split(' ');
            asked.method = words.next().unwrap().to_owned();
            let target = words.next().unwrap();
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            (asked.path, asked.query) = (path.to_owned(), query.to_owned());
        } else if let Some((name, value)) = line.split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "authorization" => asked.token = value.to_owned(),
                _ => {}
            }
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    asked.body = serde_json::from_slice(&body).unwrap_or_default();
    Some(asked)
}
