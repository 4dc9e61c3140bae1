//! A delivery of webhook events becomes tickles: which objects should be looked at again (`hubspot.md` 1.4).
//!
//! What an event says about the object is thrown away; only who changed is kept. Reading is tolerant: ids are
//! numbers or texts, fields may be missing or new, names may be of the classic or the generic kind. Events that
//! are not ours, unknown or our own echo are counted and dropped, because an error would make HubSpot send the
//! whole batch up to ten times more.
//!
//! Not here: the signature (see [`crate::signature`]) and the limit of the body's size, which belong before this.

use connector_domain::ids::{AppId, HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, Tickle, TickleReason};
use jiff::Timestamp;
use serde_json::Value;

/// Nesting that is read. Honest events have two levels.
const DEEPEST: usize = 16;

/// What a delivery must belong to, and what its tickles carry.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The portal whose secret verified the delivery.
    pub portal: PortalId,
    /// The app whose secret verified it.
    pub app: AppId,
    /// When it came in.
    pub received_at: Timestamp,
    /// Correlation id of the request.
    pub correlation: Option<&'a str>,
}

/// What a delivery came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// The distinct objects in order of appearance.
    pub tickles: Vec<Tickle>,
    /// Events of another portal or app, or of none (D-24).
    pub dropped_foreign: usize,
    /// Events about kinds or pairs that we do not follow, without a usable id, or from HubSpot's test button.
    pub dropped_unknown: usize,
    /// Events caused by our own write-backs.
    pub dropped_echo: usize,
    /// All events of the delivery.
    pub events: usize,
}

/// The body is not a delivery of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Not UTF-8.
    #[error("the body is not UTF-8 text")]
    NotText,
    /// Nested deeper than any event.
    #[error("the body is nested too deeply")]
    TooDeep,
    /// Not JSON.
    #[error("the body is not JSON")]
    NotJson,
    /// JSON, but not an array.
    #[error("the body is not an array of events")]
    NotArray,
}

/// Reads a delivery.
pub fn parse(body: &[u8], delivery: &Delivery<'_>) -> Result<Batch, BatchError> {
    let text = std::str::from_utf8(body).map_err(|_| BatchError::NotText)?;
    check_depth(text)?;
    let Value::Array(events) = serde_json::from_str(text).map_err(|_| BatchError::NotJson)? else {
        return Err(BatchError::NotArray);
    };
    let mut batch = Batch { events: events.len(), ..Batch::default() };
    for event in &events {
        if !belongs(event, delivery) {
            batch.dropped_foreign += 1;
            continue;
        }
        if is_echo(event, delivery.app) {
            batch.dropped_echo += 1;
            continue;
        }
        let objects = if is_test_button(event) { Vec::new() } else { objects(event) };
        if objects.is_empty() {
            batch.dropped_unknown += 1;
        }
        let actor = actor(event);
        for object in objects {
            batch.add(object, actor.as_deref(), delivery);
        }
    }
    Ok(batch)
}

impl Batch {
    fn add(&mut self, object: ObjectRef, actor: Option<&str>, delivery: &Delivery<'_>) {
        let actor = actor.map(str::to_owned);
        if let Some(known) = self.tickles.iter_mut().find(|tickle| tickle.object == object) {
            known.actor = known.actor.take().or(actor);
            return;
        }
        self.tickles.push(Tickle {
            portal: delivery.portal,
            object,
            reason: TickleReason::Webhook,
            actor,
            correlation: delivery.correlation.map(str::to_owned),
            received_at: delivery.received_at,
        });
    }
}

/// Counts brackets outside of texts, before anything is built from them.
fn check_depth(text: &str) -> Result<(), BatchError> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'[' | b'{') => depth += 1,
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (true | false, _) => {}
        }
        if depth > DEEPEST {
            return Err(BatchError::TooDeep);
        }
    }
    Ok(())
}

/// A number or a text as text; nothing else.
fn text(event: &Value, field: &str) -> Option<String> {
    match event.get(field)? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn id(event: &Value, field: &str) -> Option<HubSpotId> {
    HubSpotId::parse(&text(event, field)?).ok()
}

fn ids(event: &Value, field: &str) -> Vec<HubSpotId> {
    let Some(Value::Array(values)) = event.get(field) else { return id(event, field).into_iter().collect() };
    values
        .iter()
        .filter_map(|value| match value {
            Value::String(text) => HubSpotId::parse(text.trim()).ok(),
            Value::Number(number) => HubSpotId::parse(&number.to_string()).ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        })
        .collect()
}

fn belongs(event: &Value, delivery: &Delivery<'_>) -> bool {
    let is = |field, want: u64| text(event, field).and_then(|text| text.parse().ok()) == Some(want);
    is("portalId", delivery.portal.0) && is("appId", delivery.app.0)
}

/// HubSpot's test button in the app's settings sends this event about a contact that does not exist.
fn is_test_button(event: &Value) -> bool {
    let is = |field, want: &str| text(event, field).as_deref() == Some(want);
    is("eventId", "100") && is("objectId", "123") && is("changeSource", "CRM")
}

/// Our own write-back. Only properties of ours count: another change by our app (there is none today) would
/// rather be looked at once too often.
fn is_echo(event: &Value, app: AppId) -> bool {
    let is = |field, want: &str| text(event, field).as_deref() == Some(want);
    let ours = text(event, "propertyName").is_some_and(|name| name.starts_with("zuora_"));
    let (_, action) = event_type(event);
    action == "propertyChange"
        && ours
        && is("changeSource", "INTEGRATION")
        && is("sourceId", &app.to_string())
}

/// A user or an app; never a name or an e-mail address, which some sources put there.
fn actor(event: &Value) -> Option<String> {
    let source = text(event, "sourceId")?;
    let digits = source.strip_prefix("userId:").unwrap_or(&source);
    let plain = (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then_some(source)
}

/// The two halves of `deal.propertyChange` or `object.merge`.
fn event_type(event: &Value) -> (String, String) {
    let name = text(event, "subscriptionType").or_else(|| text(event, "eventType")).unwrap_or_default();
    name.split_once('.').map(|(object, action)| (object.to_owned(), action.to_owned())).unwrap_or_default()
}

fn kind_of_type_id(type_id: &str) -> Option<ObjectKind> {
    ObjectKind::ALL.into_iter().find(|kind| kind.type_id() == type_id)
}

/// A kind by its name in event types and association types: `deal`, `LINE_ITEM`, `lineItem`.
fn kind_of_name(name: &str) -> Option<ObjectKind> {
    let fold = |text: &str| text.replace(['_', ' '], "").to_ascii_lowercase();
    ObjectKind::ALL.into_iter().find(|kind| fold(kind.as_str()) == fold(name))
}

/// The objects that an event asks to look at; none if it concerns nothing that we follow.
fn objects(event: &Value) -> Vec<ObjectRef> {
    let (object, action) = event_type(event);
    let named = kind_of_name(&object);
    let kind = text(event, "objectTypeId").and_then(|type_id| kind_of_type_id(&type_id)).or(named);
    match action.as_str() {
        "" => Vec::new(),
        "associationChange" => associated(event),
        // The record that exists now may be a new one (`hubspot.md` trap 4). The old ids are looked at as well,
        // because states may be kept under them.
        "merge" => {
            let Some(kind) = kind else { return Vec::new() };
            let mut all: Vec<HubSpotId> =
                ["newObjectId", "primaryObjectId"].iter().filter_map(|field| id(event, field)).collect();
            all.extend(ids(event, "mergedObjectIds"));
            all.extend(id(event, "objectId"));
            all.into_iter().map(|id| ObjectRef::new(kind, id)).collect()
        }
        // Creation, change, deletion, restoration, privacy deletion, and whatever comes to be added: they all
        // mean that the object must be looked at again.
        _ => match (kind, id(event, "objectId")) {
            (Some(kind), Some(id)) => vec![ObjectRef::new(kind, id)],
            (Some(_) | None, _) => Vec::new(),
        },
    }
}

/// Who is concerned by a new, changed or removed association. A pair that neither root depends on yields nothing.
fn associated(event: &Value) -> Vec<ObjectRef> {
    use ObjectKind::{Company, Contact, Deal, LineItem, Product};
    let type_id = |field| text(event, field).and_then(|type_id| kind_of_type_id(&type_id));
    let pair = match (type_id("fromObjectTypeId"), type_id("toObjectTypeId")) {
        (Some(from), Some(to)) => Some((from, to)),
        (Some(_) | None, _) => text(event, "associationType").and_then(|name| pair_of_name(&name)),
    };
    let (Some((from, to)), Some(from_id), Some(to_id)) =
        (pair, id(event, "fromObjectId"), id(event, "toObjectId"))
    else {
        return Vec::new();
    };
    match (from, to) {
        (Contact, Company) => vec![ObjectRef::new(Contact, from_id), ObjectRef::new(Company, to_id)],
        (Company, Contact) => vec![ObjectRef::new(Contact, to_id), ObjectRef::new(Company, from_id)],
        (Deal, Company | Contact | LineItem) => vec![ObjectRef::new(Deal, from_id)],
        (Company | Contact | LineItem, Deal) => vec![ObjectRef::new(Deal, to_id)],
        (Company, Company | LineItem | Product)
        | (Contact, Contact | LineItem | Product)
        | (Deal, Deal | Product)
        | (LineItem, Company | Contact | LineItem | Product)
        | (Product, Company | Contact | Deal | LineItem | Product) => Vec::new(),
    }
}

/// The kinds of `DEAL_TO_LINE_ITEM`; an ending such as `_UNLABELED` is ignored.
fn pair_of_name(name: &str) -> Option<(ObjectKind, ObjectKind)> {
    let (from, to) = name.split_once("_TO_")?;
    let to = kind_of_name(to).or_else(|| {
        ObjectKind::ALL
            .into_iter()
            .find(|kind| to.to_ascii_lowercase().starts_with(&format!("{}_", kind.as_str())))
    })?;
    Some((kind_of_name(from)?, to))
}

#[cfg(test)]
mod tests;
