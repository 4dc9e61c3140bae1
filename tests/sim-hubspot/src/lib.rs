//! Simulated HubSpot server (test equipment).
