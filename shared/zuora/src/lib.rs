//! Zuora adapter: accounts, contacts, catalogue, orders.
