//! Single-machine mode: the `connector` binary.
