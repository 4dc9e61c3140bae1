//! Simulated Zuora server (test equipment).
