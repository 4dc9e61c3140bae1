//! Integration tests over HTTP against the simulators.
