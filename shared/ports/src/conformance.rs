//! The suite that every store must pass.

use crate::states::States;
use std::sync::Arc;

/// Runs the suite.
pub async fn check_states<F: AsyncFn() -> Arc<dyn States>>(make: F) {
    let _ = make().await;
}
