//! Rust: calls of `hf-hub`, candle, ort, mistralrs and their like.
