//! Mapping of a product.
