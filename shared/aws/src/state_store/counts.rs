//! How many objects stand how: a bounded scan of the state table, remembered for a while.
//!
//! DynamoDB has no count by attribute. A counter beside each write would be one hot item, and an index would be
//! paid for with every write; the health page is seldom looked at, so it pays instead. What bounds the cost:
//! [`PAGES`] pages of 1 MB in each of [`SEGMENTS`] segments, at most [`LONGEST`], and no second scan within
//! [`COUNTS_KEPT`] in this process. What was not reached makes the numbers *at least*.
//!
//! DynamoDB charges for what it reads, not for what it returns; the projection keeps the answers small and quick.
//!
//! Not here: any decision; nothing depends on these numbers.

use super::DynamoStates;
use crate::error::port_error;
use crate::tables::{self, Item, attribute, text};
use connector_domain::ids::PortalId;
use connector_domain::object::StateKey;
use connector_domain::state::SyncStatus;
use connector_ports::PortError;
use connector_ports::states::{COUNTS_KEPT, Counts};
use futures::future::try_join_all;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

const OPERATION: &str = "dynamodb counts";

/// Parts of the table that are read side by side.
const SEGMENTS: i32 = 4;

/// Pages of a segment. All together at most 100 MB, which is some tens of thousands of objects, and costs
/// about 13 000 read units, less than one US cent.
const PAGES: usize = 25;

/// A person waits, and HubSpot gives up after 15 s.
const LONGEST: Duration = Duration::from_secs(5);

/// Items that do not say their status beside the body, because a version before the attribute wrote them; so
/// many are read one by one.
const WITHOUT_STATUS: usize = 1_000;

/// What was counted, by portal. The lock is held while counting: who asks meanwhile waits for the same answer.
pub(super) type Counted = Mutex<BTreeMap<PortalId, (Timestamp, Counts)>>;

/// What a segment holds of the portal.
#[derive(Debug, Default)]
struct Part {
    counts: Counts,
    /// Objects whose status stands only in the body.
    unknown: Vec<StateKey>,
}

impl DynamoStates {
    pub(super) async fn count(&self, portal: PortalId, now: Timestamp) -> Result<Counts, PortError> {
        let mut counted = self.counted.lock().await;
        if let Some((at, counts)) = counted.get(&portal)
            && now.duration_since(*at).abs() < COUNTS_KEPT
        {
            return Ok(counts.clone());
        }
        let counts = self.count_anew(portal).await?;
        counted.insert(portal, (now, counts.clone()));
        Ok(counts)
    }

    async fn count_anew(&self, portal: PortalId) -> Result<Counts, PortError> {
        let until = Instant::now() + LONGEST;
        let segments = (0..SEGMENTS).map(|segment| self.count_segment(portal, segment, until));
        let mut counts = Counts { complete: true, ..Counts::default() };
        let mut unknown = Vec::new();
        for part in try_join_all(segments).await? {
            counts.complete &= part.counts.complete;
            for (kind, count) in part.counts.by_kind {
                counts.add(kind, SyncStatus::InSync, count.in_sync);
                counts.add(kind, SyncStatus::Pending, count.pending);
                counts.add(kind, SyncStatus::NeedsAttention, count.needs_attention);
                counts.add(kind, SyncStatus::NotLinked, count.not_linked);
            }
            unknown.extend(part.unknown);
        }
        counts.complete &= unknown.len() <= WITHOUT_STATUS;
        unknown.truncate(WITHOUT_STATUS);
        match timeout_at(until, self.read_all(&unknown)).await {
            Ok(found) => {
                for (key, stored) in found? {
                    counts.add(key.object.kind, stored.state.status, 1);
                }
            }
            Err(_) => counts.complete = false,
        }
        Ok(counts)
    }

    async fn count_segment(&self, portal: PortalId, segment: i32, until: Instant) -> Result<Part, PortError> {
        let mut part = Part::default();
        let mut start = None;
        for _ in 0..PAGES {
            let request = self
                .client
                .scan()
                .table_name(&self.state_table)
                .segment(segment)
                .total_segments(SEGMENTS)
                .filter_expression("begins_with(#pk, :portal)")
                .projection_expression("#pk, #status, #fence")
                .expression_attribute_names("#pk", attribute::PK)
                .expression_attribute_names("#status", attribute::STATUS)
                .expression_attribute_names("#fence", attribute::FENCE)
                .expression_attribute_values(":portal", text(format!("{portal}#")))
                .set_exclusive_start_key(start.take());
            let Ok(answer) = timeout_at(until, request.send()).await else { return Ok(part) };
            let answer = answer.map_err(|error| port_error(OPERATION, &error))?;
            for item in answer.items() {
                part.take(item);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                part.counts.complete = true;
                return Ok(part);
            }
        }
        Ok(part)
    }
}

impl Part {
    fn take(&mut self, item: &Item) {
        let Some(key) = tables::key_of(item) else { return };
        match status_of(item) {
            Some(status) => self.counts.add(key.object.kind, status, 1),
            None => self.unknown.push(key),
        }
    }
}

/// How an object stands; none where only its body tells.
fn status_of(item: &Item) -> Option<SyncStatus> {
    match tables::text_of(item, attribute::STATUS) {
        Some(name) => {
            let all =
                [SyncStatus::NotLinked, SyncStatus::Pending, SyncStatus::InSync, SyncStatus::NeedsAttention];
            all.into_iter().find(|status| status.as_str() == name)
        }
        // Nobody ever claimed it, so it has marks and no body.
        None if !item.contains_key(attribute::FENCE) => Some(SyncStatus::default()),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(rest: &[(&str, &str)]) -> Item {
        let pk = [("pk", "24680135#deal#7001")];
        pk.iter().chain(rest).map(|(name, value)| ((*name).to_owned(), text(*value))).collect()
    }

    #[test]
    fn an_item_of_an_older_version_is_read_instead_of_guessed() {
        let mut part = Part::default();
        part.take(&item(&[("fence", "3"), ("status", "in_sync")]));
        part.take(&item(&[]));
        part.take(&item(&[("fence", "3")]));
        part.take(&item(&[("fence", "3"), ("status", "of the future")]));
        let deals = part.counts.of(connector_domain::object::ObjectKind::Deal);
        assert_eq!((deals.in_sync, deals.not_linked), (1, 1));
        assert_eq!(part.unknown.len(), 2);
    }
}
