//! Values and pure rules of the connector: no I/O.
