//! What can be looked at again, and the message that asks for it.
//!
//! A message says *look at this object again*; it never says what to do (`ARCHITECTURE.md`, invariant 1).

use crate::ids::{HubSpotId, PortalId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kinds of HubSpot objects that the connector follows. Company, product and deal are roots with a state
/// of their own; a contact or a line item only finds its roots and rings them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// HubSpot company, becomes a Zuora account.
    Company,
    /// HubSpot contact, part of an account.
    Contact,
    /// HubSpot product, becomes a product with one rate plan and one charge.
    Product,
    /// HubSpot deal, becomes an order and a subscription.
    Deal,
    /// HubSpot line item, part of a deal.
    LineItem,
}

impl ObjectKind {
    /// All kinds, for loops over configuration and tests.
    pub const ALL: [ObjectKind; 5] = [
        ObjectKind::Company,
        ObjectKind::Contact,
        ObjectKind::Product,
        ObjectKind::Deal,
        ObjectKind::LineItem,
    ];

    /// The name used in messages, keys, queues and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            ObjectKind::Company => "company",
            ObjectKind::Contact => "contact",
            ObjectKind::Product => "product",
            ObjectKind::Deal => "deal",
            ObjectKind::LineItem => "line_item",
        }
    }

    /// Reads [`ObjectKind::as_str`] back; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// HubSpot's objectTypeId (`hubspot.md` 0).
    pub fn type_id(self) -> &'static str {
        match self {
            ObjectKind::Company => "0-2",
            ObjectKind::Contact => "0-1",
            ObjectKind::Product => "0-7",
            ObjectKind::Deal => "0-3",
            ObjectKind::LineItem => "0-8",
        }
    }

    /// Whether the kind has a state of its own (company, product, deal).
    pub fn is_root(self) -> bool {
        match self {
            ObjectKind::Company | ObjectKind::Product | ObjectKind::Deal => true,
            ObjectKind::Contact | ObjectKind::LineItem => false,
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One HubSpot record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its record id.
    pub id: HubSpotId,
}

impl ObjectRef {
    /// A reference from its parts.
    pub fn new(kind: ObjectKind, id: HubSpotId) -> Self {
        Self { kind, id }
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// Where the state of an object (or of a contact's reverse index) is kept: portal first, so that no key can
/// reach another portal's data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StateKey {
    /// The portal that the object lives in.
    pub portal: PortalId,
    /// The object.
    pub object: ObjectRef,
}

impl StateKey {
    /// A key from its parts.
    pub fn new(portal: PortalId, object: ObjectRef) -> Self {
        Self { portal, object }
    }

    /// The text form that stores use: `<portal>#<kind>#<id>`.
    pub fn as_text(&self) -> String {
        format!("{}#{}#{}", self.portal, self.object.kind, self.object.id)
    }

    /// Reads [`StateKey::as_text`] back.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '#');
        let portal = PortalId(parts.next()?.parse().ok()?);
        let kind = ObjectKind::parse(parts.next()?)?;
        let id = HubSpotId::parse(parts.next()?).ok()?;
        Some(Self { portal, object: ObjectRef { kind, id } })
    }
}

impl fmt::Display for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_text())
    }
}

/// Why somebody wants an object looked at. For logs, metrics and audit; the plan never sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TickleReason {
    /// A HubSpot webhook.
    Webhook,
    /// A sync button or the `sync` command; never skipped (D-22).
    Button,
    /// Another object became ready or changed.
    Related,
    /// A due retry.
    Due,
}

impl TickleReason {
    /// The name in logs and audit records.
    pub fn as_str(self) -> &'static str {
        match self {
            TickleReason::Webhook => "webhook",
            TickleReason::Button => "button",
            TickleReason::Related => "related",
            TickleReason::Due => "due",
        }
    }
}

/// A request to look at one object again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tickle {
    /// The portal that it came from.
    pub portal: PortalId,
    /// The object to look at.
    pub object: ObjectRef,
    /// Why, for the log.
    pub reason: TickleReason,
    /// Who: a user, a source, or nothing when unknown. Never a name or an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The correlation id of the request that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// When we received the cause.
    pub received_at: Timestamp,
}

impl Tickle {
    /// The key of the object's state.
    pub fn key(&self) -> StateKey {
        StateKey::new(self.portal, self.object.clone())
    }
}

/// What travels through a queue (D-18): tagged and versioned; an unknown version fails that message alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// Look at this object again.
    Look(Tickle),
}

/// The version of [`Message`] that this code writes and reads.
pub const MESSAGE_VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Envelope {
    v: u32,
    #[serde(flatten)]
    message: Message,
}

/// A queue message that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The version is not one that this code knows.
    #[error("message version {0} is not known to this code")]
    Version(u64),
    /// The text is not a message at all.
    #[error("the text is not a message of this connector")]
    Shape(#[source] serde_json::Error),
}

impl Message {
    /// The text that is put into a queue.
    pub fn encode(&self) -> String {
        // Serialising plain structs of strings and numbers cannot fail.
        serde_json::to_string(&Envelope { v: MESSAGE_VERSION, message: self.clone() }).unwrap_or_default()
    }

    /// Reads a queue message; the version is looked at before the rest.
    pub fn decode(text: &str) -> Result<Self, MessageError> {
        #[derive(Deserialize)]
        struct Version {
            v: u64,
        }
        let version: Version = serde_json::from_str(text).map_err(MessageError::Shape)?;
        if version.v != u64::from(MESSAGE_VERSION) {
            return Err(MessageError::Version(version.v));
        }
        let envelope: Envelope = serde_json::from_str(text).map_err(MessageError::Shape)?;
        Ok(envelope.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tickle() -> Tickle {
        Tickle {
            portal: PortalId(24680135),
            object: ObjectRef::new(ObjectKind::Deal, HubSpotId::parse("7001").unwrap()),
            reason: TickleReason::Webhook,
            actor: None,
            correlation: Some("c-1".into()),
            received_at: "2026-11-16T10:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_message_survives_the_queue() {
        let text = Message::Look(tickle()).encode();
        assert_eq!(Message::decode(&text).unwrap(), Message::Look(tickle()));
    }

    #[test]
    fn an_unknown_version_is_named() {
        let text = Message::Look(tickle()).encode().replacen("\"v\":1", "\"v\":9", 1);
        assert!(matches!(Message::decode(&text), Err(MessageError::Version(9))));
        assert!(matches!(Message::decode("{}"), Err(MessageError::Shape(_))));
        assert!(matches!(Message::decode("[1]"), Err(MessageError::Shape(_))));
    }

    #[test]
    fn a_state_key_reads_back() {
        let key = tickle().key();
        assert_eq!(StateKey::parse(&key.as_text()), Some(key));
        assert_eq!(StateKey::parse("1#deal#x"), None);
    }
}
