//! Transport-neutral shell: configuration, handlers, telemetry.
