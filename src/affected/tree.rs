//! Answers over a tree as it lies there.
