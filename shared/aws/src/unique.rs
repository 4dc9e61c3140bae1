//! Values that no other process and no other moment of this one has: to recognise our own write after a repeat,
//! and to number audit records.
//!
//! Not here: anything secret. The seed is random, not unguessable.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// The operating system's randomness, by way of the standard library's hash maps: no crate more for 128 bits.
static SEED: LazyLock<(u64, u64)> = LazyLock::new(|| {
    let bits = || RandomState::new().build_hasher().finish();
    (bits(), bits())
});

/// Counts up within this process.
pub(crate) fn count() -> u64 {
    COUNTER.fetch_add(1, Ordering::Relaxed)
}

/// Unique among all processes.
pub(crate) fn text() -> String {
    let (high, low) = *SEED;
    format!("{high:016x}{low:016x}-{:x}", count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_equal() {
        let texts: std::collections::BTreeSet<_> = (0..1000).map(|_| text()).collect();
        assert_eq!(texts.len(), 1000);
        assert_ne!(SEED.0, SEED.1);
    }
}
