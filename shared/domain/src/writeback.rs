//! What HubSpot is told (`contract.md` 7): computed from state alone, so that an unchanged sync writes nothing.

use crate::state::{ObjectState, SyncStatus};
use std::collections::BTreeMap;

/// HubSpot text properties hold 65,536 characters; a card shows a few lines.
const ERROR_LIMIT: usize = 2_000;

/// The properties that a company or deal should carry now. `zuora_last_synced_at` is the time of the last effective
/// change, so it stands still while nothing changes.
pub fn properties(state: &ObjectState) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut put = |name: &str, value: String| {
        out.insert(name.to_owned(), value);
    };
    put("zuora_sync_status", state.status.as_str().to_owned());
    put("zuora_sync_error", problems_text(state));
    if let Some(account) = state.account() {
        put("zuora_account_id", account.id.to_string());
        put("zuora_account_number", account.number.to_string());
        if let Some(currency) = &account.currency {
            put("zuora_currency", currency.to_string());
        }
    }
    if let Some(subscription) = state.subscription() {
        put("zuora_subscription_number", subscription.subscription.to_string());
        put("zuora_order_number", subscription.order.to_string());
        put("zuora_account_number", subscription.account.to_string());
        if let Some(status) = &subscription.status {
            put("zuora_subscription_status", status.clone());
        }
    }
    if let Some(at) = state.changed_at {
        put("zuora_last_synced_at", at.to_string());
    }
    if let Some(projection) = state.applied_deal() {
        put("zuora_currency", projection.currency.to_string());
    }
    out
}

/// What must be written: nothing for a record that was never linked and needs nobody; else the properties that
/// differ from what was written last.
pub fn to_write(state: &ObjectState) -> BTreeMap<String, String> {
    let never_shown = state.written.is_empty();
    match state.status {
        SyncStatus::NotLinked if never_shown && state.problems.is_empty() => return BTreeMap::new(),
        SyncStatus::NotLinked | SyncStatus::Pending | SyncStatus::InSync | SyncStatus::NeedsAttention => {}
    }
    let differs =
        |name: &String, value: &String| state.written.get(name).map_or(!value.is_empty(), |w| w != value);
    properties(state).into_iter().filter(|(name, value)| differs(name, value)).collect()
}

fn problems_text(state: &ObjectState) -> String {
    let text = state.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    if text.chars().count() > ERROR_LIMIT { text.chars().take(ERROR_LIMIT).collect() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Problem, ProblemCode};

    #[test]
    fn a_prospect_is_left_alone() {
        assert_eq!(to_write(&ObjectState::default()), BTreeMap::new());
    }

    #[test]
    fn only_differences_are_written_and_a_second_look_writes_nothing() {
        let mut state = ObjectState {
            status: SyncStatus::NeedsAttention,
            problems: vec![Problem::new(ProblemCode::DealCompany, "")],
            changed_at: Some("2026-11-16T10:00:00Z".parse().unwrap()),
            ..ObjectState::default()
        };
        let write = to_write(&state);
        assert_eq!(write.get("zuora_sync_status").map(String::as_str), Some("needs_attention"));
        assert!(write["zuora_sync_error"].contains("HZ0301"));
        assert!(write.contains_key("zuora_last_synced_at"));
        state.written.extend(write);
        assert_eq!(to_write(&state), BTreeMap::new());
    }

    #[test]
    fn a_mended_problem_clears_the_error() {
        let state = ObjectState {
            status: SyncStatus::InSync,
            written: BTreeMap::from([("zuora_sync_error".into(), "HZ0301 …".into())]),
            ..ObjectState::default()
        };
        assert_eq!(to_write(&state).get("zuora_sync_error").map(String::as_str), Some(""));
    }
}
