//! Why DynamoDB cancelled a transaction: from its list of reasons to one answer.
//!
//! Reasons come in the order of the actions, one for each, and several may have failed. A lost lease outweighs
//! everything, because then the work must stop; a lock outweighs contention, because waiting a moment will not
//! end it. Not here: sending and repeating (`state_store.rs`).

use crate::error::{TOO_LARGE, class_of, is_too_large};
use crate::tables::{self, attribute};
use aws_sdk_dynamodb::types::CancellationReason;
use connector_domain::fault::FaultClass;
use connector_ports::PortError;
use jiff::Timestamp;

/// What an action of a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Writes the state under its fence.
    State,
    /// Takes an account lock.
    Lock,
    /// Appends an audit record.
    Audit,
    /// Drops the lock at this place of the caller's list.
    Unlock(usize),
}

/// The one answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cancelled {
    /// The lease was lost.
    Lost,
    /// Another object holds the account.
    Locked {
        /// Until when.
        until: Timestamp,
    },
    /// The lock at this place is not ours any more.
    NotOurs(usize),
    /// Another transaction is at work; trying again helps.
    Contention,
    /// The item is over DynamoDB's limit.
    TooLarge,
    /// Anything else, by AWS's code.
    Other {
        /// AWS's code.
        code: String,
        /// AWS's words.
        message: String,
    },
}

/// Judges the reasons of a cancelled transaction.
pub(super) fn judge(roles: &[Role], reasons: &[CancellationReason]) -> Cancelled {
    let failed = roles.iter().zip(reasons).filter_map(|(role, reason)| {
        let code = reason.code().filter(|code| *code != "None")?;
        Some(one(*role, code, reason))
    });
    failed.min_by_key(rank).unwrap_or_else(|| Cancelled::Other {
        code: "TransactionCanceledException".to_owned(),
        message: "cancelled without a reason".to_owned(),
    })
}

fn one(role: Role, code: &str, reason: &CancellationReason) -> Cancelled {
    let message = reason.message().unwrap_or_default();
    let other = || Cancelled::Other { code: code.to_owned(), message: message.to_owned() };
    match (code, role) {
        ("ConditionalCheckFailed", Role::State) => Cancelled::Lost,
        ("ConditionalCheckFailed", Role::Lock) => {
            let until = reason.item().and_then(|item| tables::moment_of(item, attribute::UNTIL));
            until.map_or_else(other, |until| Cancelled::Locked { until })
        }
        ("ConditionalCheckFailed", Role::Unlock(place)) => Cancelled::NotOurs(place),
        ("TransactionConflict", _) => Cancelled::Contention,
        ("ValidationError", _) if is_too_large(message) => Cancelled::TooLarge,
        _ => other(),
    }
}

fn rank(cancelled: &Cancelled) -> u8 {
    match cancelled {
        Cancelled::Lost => 0,
        Cancelled::TooLarge => 1,
        Cancelled::Other { .. } => 2,
        Cancelled::Locked { .. } => 3,
        Cancelled::NotOurs(_) => 4,
        Cancelled::Contention => 5,
    }
}

impl Cancelled {
    /// The error of a cancellation that the caller has no answer to.
    pub(super) fn into_error(self, operation: &'static str) -> PortError {
        let (class, code, message) = match self {
            Cancelled::TooLarge => {
                (FaultClass::Permanent, "ValidationError".to_owned(), TOO_LARGE.to_owned())
            }
            Cancelled::Contention => (
                FaultClass::Transient,
                "TransactionConflict".to_owned(),
                "another transaction is at work on the item".to_owned(),
            ),
            Cancelled::Other { code, message } => (class_of(Some(&code), None, &message), code, message),
            Cancelled::Lost | Cancelled::Locked { .. } | Cancelled::NotOurs(_) => (
                FaultClass::Bug,
                "ConditionalCheckFailed".to_owned(),
                "a condition failed that this call does not set".to_owned(),
            ),
        };
        let mut error = PortError::new(operation, class, message);
        error.code = Some(code);
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const SAVE: [Role; 3] = [Role::State, Role::Lock, Role::Audit];

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).message("words").build()
    }

    fn held(until: i64) -> CancellationReason {
        let item = HashMap::from([("until".to_owned(), tables::number(until))]);
        CancellationReason::builder().code("ConditionalCheckFailed").set_item(Some(item)).build()
    }

    #[test]
    fn a_lost_lease_outweighs_a_lock_and_a_lock_outweighs_contention() {
        let until = Timestamp::from_millisecond(5_000).unwrap();
        let none = || reason("None");
        let cases = [
            ([reason("ConditionalCheckFailed"), held(5_000), none()], Cancelled::Lost),
            ([none(), held(5_000), none()], Cancelled::Locked { until }),
            ([reason("TransactionConflict"), held(5_000), none()], Cancelled::Locked { until }),
            ([none(), reason("TransactionConflict"), none()], Cancelled::Contention),
        ];
        for (reasons, expected) in cases {
            assert_eq!(judge(&SAVE, &reasons), expected);
        }
    }

    #[test]
    fn a_lock_that_is_not_ours_is_named_by_its_place() {
        let roles = [Role::State, Role::Unlock(0), Role::Unlock(1)];
        let reasons = [reason("None"), reason("None"), reason("ConditionalCheckFailed")];
        assert_eq!(judge(&roles, &reasons), Cancelled::NotOurs(1));
    }

    #[test]
    fn the_rest_becomes_an_error_with_a_class() {
        let class = |code| judge(&SAVE, &[reason(code)]).into_error("test").class;
        assert_eq!(class("TransactionConflict"), FaultClass::Transient);
        assert_eq!(class("ThrottlingError"), FaultClass::Transient);
        assert_eq!(class("ProvisionedThroughputExceeded"), FaultClass::Transient);
        assert_eq!(class("ValidationError"), FaultClass::Bug);
        assert_eq!(class("DuplicateItem"), FaultClass::Bug);
        assert_eq!(judge(&SAVE, &[]).into_error("test").class, FaultClass::Bug);
        let audit = [reason("None"), reason("None"), reason("ConditionalCheckFailed")];
        assert_eq!(judge(&SAVE, &audit).into_error("test").class, FaultClass::Bug);
    }

    #[test]
    fn an_item_over_the_limit_is_permanent() {
        let reason = CancellationReason::builder()
            .code("ValidationError")
            .message("Item size to update has exceeded the maximum allowed size")
            .build();
        let cancelled = judge(&SAVE, &[reason]);
        assert_eq!(cancelled, Cancelled::TooLarge);
        assert_eq!(cancelled.into_error("test").class, FaultClass::Permanent);
    }
}
