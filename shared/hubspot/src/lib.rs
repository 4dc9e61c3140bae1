//! HubSpot adapter: CRM reads and writes, webhook signatures and events.
