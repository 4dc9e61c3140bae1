//! The reconciling engine: gather, map, plan, apply, record.
