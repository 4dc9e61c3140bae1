//! What is written back to HubSpot.
