//! What commands load.
