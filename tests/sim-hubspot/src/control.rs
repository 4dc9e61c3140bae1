//! Control over HTTP, for tests that are not in this process: `/_sim/...`.
//!
//! `GET state|calls|pending|deliveries`, `DELETE calls|faults`, and `POST` of `faults`, `advance`, `seed`, `put`,
//! `update`, `associate`, `dissociate`, `deal`, `line`, `remove_line`, `property`, `archive`, `restore`, `merge`, `privacy_delete`, `deliver`, `events`, `target`,
//! `auto_deliver`, `switches`, `card`.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::config::Switches;
use crate::faults::FaultRule;
use crate::http::{Answer, Request};
use crate::kind::Kind;
use crate::lines::Line;
use crate::sim::{Inner, Sim};
use crate::values::{text_of, texts};

/// Answers a control call.
pub(crate) async fn answer(inner: &Arc<Inner>, request: Request) -> Answer {
    let sim = Sim::of(Arc::clone(inner));
    let body = &request.body;
    let what = request.segments.get(1).map(String::as_str).unwrap_or_default();
    let done = || Answer::ok(json!({"ok": true}));
    match (request.method.as_str(), what) {
        ("GET", "state") => Answer::ok(sim.dump()),
        ("GET", "calls") => {
            let counts = json!({"calls": sim.calls(), "reads": sim.reads(), "writes": sim.writes()});
            Answer::ok(counts)
        }
        ("DELETE", "calls") => {
            sim.clear_calls();
            done()
        }
        ("GET", "pending") => Answer::ok(json!({"events": sim.pending_events(), "idle": sim.is_idle()})),
        ("GET", "deliveries") => Answer::ok(json!({"deliveries": sim.deliveries()})),
        ("POST", "faults") => match serde_json::from_value::<FaultRule>(body.clone()) {
            Ok(rule) => {
                sim.inject(rule);
                done()
            }
            Err(error) => wrong(&error.to_string()),
        },
        ("DELETE", "faults") => {
            sim.clear_faults();
            done()
        }
        ("POST", "advance") => {
            sim.advance(body["seconds"].as_i64().unwrap_or_default());
            Answer::ok(json!({"now": sim.now_ms()}))
        }
        ("POST", "seed") if body["what"] == "acceptance" => {
            sim.seed_acceptance();
            done()
        }
        ("POST", "target") => {
            sim.set_webhook_target(&text_of(&body["url"]));
            done()
        }
        ("POST", "auto_deliver") => {
            sim.set_auto_deliver(body["on"] != false);
            done()
        }
        ("POST", "switches") => switches(&sim, body),
        ("POST", "deliver") => Answer::ok(json!({"accepted": sim.deliver().await})),
        ("POST", "events") => post_events(&sim, body).await,
        ("POST", "card") => {
            let user = (text_of(&body["user"]["id"]), text_of(&body["user"]["email"]));
            let sent = body.get("body").filter(|sent| !sent.is_null()).cloned();
            let method = body["method"].as_str().unwrap_or("GET");
            let (status, answer) =
                sim.card_fetch(method, &text_of(&body["path"]), sent, (&user.0, &user.1)).await;
            Answer::ok(json!({"status": status, "body": answer}))
        }
        ("POST", _) => record(&sim, what, body).unwrap_or_else(|| wrong("no such control, or a wrong body")),
        _ => wrong("no such control"),
    }
}

fn wrong(message: &str) -> Answer {
    Answer::new(400, json!({"ok": false, "message": message}))
}

fn switches(sim: &Sim, body: &Value) -> Answer {
    let mut merged = json!(Switches::default());
    sim.set_switches(|own| merged = json!(own));
    for (name, value) in body.as_object().into_iter().flatten() {
        merged[name.as_str()] = value.clone();
    }
    match serde_json::from_value::<Switches>(merged.clone()) {
        Ok(wanted) => {
            sim.set_switches(|own| *own = wanted);
            Answer::ok(merged)
        }
        Err(error) => wrong(&error.to_string()),
    }
}

async fn post_events(sim: &Sim, body: &Value) -> Answer {
    let events = body["events"].as_array().cloned().unwrap_or_default();
    let attempt = body["attempt"].as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or_default();
    let mut statuses = Vec::new();
    for _ in 0..body["times"].as_u64().unwrap_or(1) {
        statuses.push(sim.post_events(&events, attempt).await);
    }
    Answer::ok(json!({"statuses": statuses}))
}

/// Changes of records, as a user of the CRM makes them.
fn record(sim: &Sim, what: &str, body: &Value) -> Option<Answer> {
    let pairs = |value: &Value| -> Vec<(String, String)> {
        value
            .as_object()
            .map(|all| all.iter().map(|(name, value)| (name.clone(), text_of(value))).collect())
            .unwrap_or_default()
    };
    let object = || -> Option<&str> {
        let name = body["object"].as_str()?;
        Kind::parse(name).map(|_| name)
    };
    let end = |value: &Value| -> Option<(String, String)> {
        let name = value[0].as_str().filter(|name| Kind::parse(name).is_some())?;
        Some((name.to_owned(), text_of(&value[1])))
    };
    let id = text_of(&body["id"]);
    let ok = |done: bool| Some(Answer::ok(json!({"ok": done})));
    match what {
        "put" => {
            let properties = pairs(&body["properties"]);
            let properties: Vec<(&str, &str)> =
                properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            if body["silent"] == true {
                sim.put_silently(object()?, &id, &properties);
            } else {
                sim.put(object()?, &id, &properties);
            }
            ok(true)
        }
        "associate" | "dissociate" => {
            let (from, to) = (end(&body["from"])?, end(&body["to"])?);
            let (from, to) = ((from.0.as_str(), from.1.as_str()), (to.0.as_str(), to.1.as_str()));
            let label = body["label"].as_str();
            if what == "associate" {
                sim.associate(from, to, label);
            } else {
                sim.dissociate(from, to, label);
            }
            ok(true)
        }
        "archive" => ok(sim.archive(object()?, &id)),
        "restore" => ok(sim.restore(object()?, &id)),
        "privacy_delete" => ok(sim.privacy_delete_contact(&id)),
        "merge" => {
            let id = sim.merge(object()?, &text_of(&body["winner"]), &text_of(&body["loser"]));
            Some(Answer::ok(json!({"id": id})))
        }
        "update" => {
            let properties = pairs(&body["properties"]);
            let properties: Vec<(&str, &str)> =
                properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            sim.get(object()?, &id)?;
            sim.update(object()?, &id, &properties);
            ok(true)
        }
        "line" => {
            let deal = text_of(&body["deal"]);
            sim.get("deals", &deal)?;
            Some(Answer::ok(json!({"id": sim.add_line(&deal, &line(&body["line"]))})))
        }
        "remove_line" => ok(sim.remove_line(&id)),
        "property" => {
            let options = texts(&body["options"]);
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            let type_of = body["type"].as_str().unwrap_or("string");
            sim.add_property(object()?, body["name"].as_str()?, type_of, &options);
            ok(true)
        }
        "deal" => {
            add_deal(sim, &id, body, &pairs(&body["properties"]));
            ok(true)
        }
        _ => None,
    }
}

fn add_deal(sim: &Sim, id: &str, body: &Value, properties: &[(String, String)]) {
    let properties: Vec<(&str, &str)> =
        properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let given = body["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines: Vec<Line<'_>> = given.iter().map(line).collect();
    sim.add_deal(id, body["company"].as_str(), &properties, &lines);
}

fn line(given: &Value) -> Line<'_> {
    let extra = given["extra"].as_object();
    Line {
        id: given["id"].as_str().unwrap_or_default(),
        product: given["product"].as_str(),
        name: given["name"].as_str().unwrap_or_default(),
        quantity: given["quantity"].as_str().unwrap_or("1"),
        price: given["price"].as_str().unwrap_or_default(),
        frequency: given["frequency"].as_str(),
        term: given["term"].as_str(),
        discount: given["discount"].as_str(),
        discount_percentage: given["discount_percentage"].as_str(),
        extra: extra
            .map(|all| all.iter().map(|(name, value)| (name.clone(), text_of(value))).collect())
            .unwrap_or_default(),
    }
}
