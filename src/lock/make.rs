//! From what a tree loads and what is known of it to the lock that holds it.
