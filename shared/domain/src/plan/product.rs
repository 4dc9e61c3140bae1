//! Plan of a product.
