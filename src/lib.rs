//! cargo-custody: the chain of custody of software that contains or serves language models.
//!
//! The library is the product; the binary is a thin caller. An audit runs through stages that
//! flow one way, each a plain data type that can be built by hand in a test:
//!
//! ```text
//! source → read → graph → outside → check → decide → gate → report
//! ```
//!
//! `ARCHITECTURE.md` in the repository describes the stages and what stands guard over them.

pub mod advisory;
pub mod affected;
pub mod audit;
pub mod check;
pub mod ci;
pub mod cli;
pub mod commands;
pub mod config;
pub mod decide;
pub mod diag;
pub mod fix;
pub mod gate;
pub mod good;
pub mod graph;
pub mod impostor;
pub mod inventory;
pub mod lock;
pub mod outside;
pub mod parse;
pub mod read;
pub mod references;
pub mod report;
pub mod rules;
pub mod sbom;
pub mod scan;
pub mod sign;
pub mod source;
