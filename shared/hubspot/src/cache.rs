//! A value that is read once and kept for a while. Callers that come together wait for one read.

use crate::error::Fault;
use connector_domain::fault::FaultClass;
use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use tokio::sync::Mutex;

pub(crate) struct Cached<T> {
    max_age: SignedDuration,
    kept: Mutex<Option<(Timestamp, T)>>,
}

impl<T: Clone> Cached<T> {
    pub(crate) fn new(max_age: SignedDuration) -> Self {
        Self { max_age, kept: Mutex::new(None) }
    }

    /// The value, loaded when it is missing or older than `max_age`. When HubSpot cannot be reached, an old value
    /// serves on: what is kept here changes very seldom.
    pub(crate) async fn get<F>(&self, now: Timestamp, load: impl FnOnce() -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        self.younger_than(self.max_age, now, load).await
    }

    /// The same with another age.
    pub(crate) async fn younger_than<F>(
        &self,
        age: SignedDuration,
        now: Timestamp,
        load: impl FnOnce() -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let mut kept = self.kept.lock().await;
        let old = match kept.as_ref() {
            Some((at, value)) if now.duration_since(*at).abs() <= age => return Ok(value.clone()),
            Some((_, value)) => Some(value.clone()),
            None => None,
        };
        match (load().await, old) {
            (Ok(value), _) => {
                *kept = Some((now, value.clone()));
                Ok(value)
            }
            (Err(fault), Some(old)) if passes(fault.class) => {
                tracing::warn!("fault.class" = fault.class.as_str(), "an old value serves on");
                Ok(old)
            }
            (Err(fault), Some(_) | None) => Err(fault),
        }
    }
}

fn passes(class: FaultClass) -> bool {
    match class {
        FaultClass::Transient | FaultClass::Throttled { .. } | FaultClass::Unknown => true,
        FaultClass::Permanent | FaultClass::Denied | FaultClass::Bug => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    async fn get(cache: &Cached<u32>, now: &str, answer: Result<u32, FaultClass>) -> Result<u32, FaultClass> {
        let answer = answer.map_err(|class| Fault::new(class, ""));
        cache.get(at(now), || async { answer }).await.map_err(|fault| fault.class)
    }

    #[tokio::test]
    async fn a_value_is_kept_for_its_time_and_longer_only_when_hubspot_is_away() {
        let cache = Cached::new(SignedDuration::from_mins(10));
        assert_eq!(
            get(&cache, "2026-11-16T10:00:00Z", Err(FaultClass::Transient)).await,
            Err(FaultClass::Transient)
        );
        assert_eq!(get(&cache, "2026-11-16T10:00:00Z", Ok(1)).await, Ok(1));
        assert_eq!(get(&cache, "2026-11-16T10:10:00Z", Ok(2)).await, Ok(1));
        assert_eq!(get(&cache, "2026-11-16T10:10:01Z", Err(FaultClass::Transient)).await, Ok(1));
        assert_eq!(
            get(&cache, "2026-11-16T10:10:01Z", Err(FaultClass::Denied)).await,
            Err(FaultClass::Denied)
        );
        assert_eq!(get(&cache, "2026-11-16T10:10:01Z", Ok(2)).await, Ok(2));
        // A clock that was set back does not keep a value for ever.
        assert_eq!(get(&cache, "2026-11-16T09:00:00Z", Ok(3)).await, Ok(3));
    }
}
