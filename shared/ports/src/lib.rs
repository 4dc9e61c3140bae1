//! Traits between the engine and the outside, with in-memory fakes and the conformance suite.
