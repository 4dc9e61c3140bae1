//! When to look again after trouble: pure, in one place. Nothing else in the project retries.

use connector_domain::fault::FaultClass;
use connector_domain::object::StateKey;
use connector_domain::problem::{Problem, ProblemCode};
use connector_ports::PortError;
use jiff::{SignedDuration, Timestamp};

/// The first wait; doubled with each failure in a row.
const FIRST: i64 = 2;
/// The longest wait between two looks at an object in trouble.
const LONGEST: i64 = 600;

/// What follows from a failed call.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    /// When to look again; none when only a person can help.
    pub due_at: Option<Timestamp>,
    /// What to tell a person; none while it may mend itself.
    pub problem: Option<Problem>,
}

/// Decides after a failed call that surely left nothing half done.
pub fn after(error: &PortError, attempts: u32, key: &StateKey, now: Timestamp) -> Next {
    let back_off = now + SignedDuration::from_millis(wait_millis(attempts, key));
    let in_seconds = |seconds| Some(now + SignedDuration::from_secs(seconds));
    match error.class {
        FaultClass::Transient | FaultClass::Unknown => Next { due_at: Some(back_off), problem: None },
        FaultClass::Throttled { until } => {
            Next { due_at: Some(until.map_or(back_off, |until| until.max(back_off))), problem: None }
        }
        FaultClass::Permanent => Next { due_at: None, problem: Some(refused(error)) },
        // Credentials are mended outside of the connector; it notices by trying.
        FaultClass::Denied => Next { due_at: in_seconds(600), problem: Some(refused(error)) },
        FaultClass::Bug => Next {
            due_at: in_seconds(3_600),
            problem: Some(Problem::new(ProblemCode::Internal, error.to_string())),
        },
    }
}

/// The problem that a definite refusal means for a person.
pub fn refused(error: &PortError) -> Problem {
    let vendor = error.operation.split(' ').next().unwrap_or_default();
    let code = match (vendor, error.class) {
        ("zuora", FaultClass::Denied) => ProblemCode::ZuoraDenied,
        ("zuora", _) => ProblemCode::ZuoraRefused,
        ("hubspot", FaultClass::Denied) => ProblemCode::HubspotDenied,
        ("hubspot", _) => ProblemCode::HubspotRefused,
        _ => ProblemCode::Internal,
    };
    let words = if error.message.is_empty() {
        "It gave no reason.".to_owned()
    } else {
        format!("It says: {}", error.message)
    };
    let code_text = error.code.as_ref().map_or(String::new(), |c| format!(" (code {c})"));
    Problem::new(code, format!("{words}{code_text}")).at(error.operation)
}

/// Exponential back-off with jitter that comes from the object, so that a test can foresee it.
pub fn wait_millis(attempts: u32, key: &StateKey) -> i64 {
    let doubled = FIRST.saturating_mul(1_i64 << attempts.min(12)).min(LONGEST).saturating_mul(1_000);
    let seed: i64 =
        key.as_text().bytes().fold(i64::from(attempts), |sum, b| (sum * 31 + i64::from(b)) % 1_000);
    doubled - doubled / 4 * seed / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_domain::ids::{HubSpotId, PortalId};
    use connector_domain::object::{ObjectKind, ObjectRef};

    fn next(class: FaultClass, attempts: u32) -> Next {
        let key =
            StateKey::new(PortalId(1), ObjectRef::new(ObjectKind::Deal, HubSpotId::parse("1").unwrap()));
        after(
            &PortError::new("zuora create order", class, "no"),
            attempts,
            &key,
            "2026-11-16T00:00:00Z".parse().unwrap(),
        )
    }

    fn seconds(next: &Next) -> i64 {
        next.due_at.unwrap().as_second() - "2026-11-16T00:00:00Z".parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn waiting_grows_and_is_bounded() {
        assert!(seconds(&next(FaultClass::Transient, 0)) <= 2);
        assert!(seconds(&next(FaultClass::Transient, 5)) > 30);
        assert!(seconds(&next(FaultClass::Transient, 60)) <= LONGEST);
    }

    #[test]
    fn a_refusal_is_a_persons_business_and_a_denial_is_tried_again() {
        let refused = next(FaultClass::Permanent, 0);
        assert_eq!((refused.due_at, refused.problem.unwrap().code), (None, ProblemCode::ZuoraRefused));
        assert_eq!(next(FaultClass::Denied, 0).problem.unwrap().code, ProblemCode::ZuoraDenied);
        assert!(next(FaultClass::Denied, 0).due_at.is_some());
    }
}
