//! Glue between Lambda events and the transport-neutral handlers.
