//! HTTP basement of the adapters: time-outs, limits, redaction.
