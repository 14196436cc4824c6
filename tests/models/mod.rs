//! A corpus of model files, made in memory: bad ones by every trick of the literature, and good ones.
//!
//! Payloads are inert: what would be run is `true`, and nothing here is ever loaded by anything. The files
//! that the frameworks wrote lie in `real/`; this is what they would never write.

#![allow(unreachable_pub, dead_code, clippy::expect_used, reason = "shared by several test programs")]

pub mod bytes;
pub mod hdf5;
pub mod packed;
pub mod pickle;
pub mod zip;

mod bad_config;
mod bad_container;
mod bad_exchange;
mod bad_gadget;
mod bad_pickle;
mod bad_template;
mod bad_torch;
mod good;

/// What would be run. It does nothing wherever it runs.
pub const PAYLOAD: &str = "true";

/// A file of the corpus.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is called, with the extension that a loader expects.
    pub name: String,
    /// What it is, as the report says; empty where readers may differ and nothing hangs on it.
    pub format: &'static str,
    /// Where the trick is described: an advisory, a paper, a specification.
    pub source: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
    /// What the report must say.
    pub verdict: &'static str,
    /// A rule that must be among the findings; empty where there is none.
    pub rule: &'static str,
    /// What `torch.load(weights_only=True)` does, where it is known.
    pub weights_only: Option<bool>,
}

impl Case {
    /// A row of the table.
    pub fn new(name: &str, format: &'static str, source: &'static str, bytes: Vec<u8>) -> Self {
        let name = name.to_owned();
        Self { name, format, source, bytes, verdict: "clean", rule: "", weights_only: None }
    }

    /// What the report says it is.
    pub fn format(self, format: &'static str) -> Self {
        Self { format, ..self }
    }

    /// What loading it runs, reads or writes.
    pub fn dangerous(self, rule: &'static str) -> Self {
        Self { verdict: "dangerous", rule, ..self }
    }

    /// What needs a look.
    pub fn suspicious(self, rule: &'static str) -> Self {
        Self { verdict: "suspicious", rule, ..self }
    }

    /// What readers see differently.
    pub fn malformed(self, rule: &'static str) -> Self {
        Self { verdict: "malformed", rule, ..self }
    }

    /// What nobody can read.
    pub fn unread(self, rule: &'static str) -> Self {
        Self { verdict: "unread", rule, ..self }
    }

    /// What torch's restricted loader does with it.
    pub fn loads(self, loads: bool) -> Self {
        Self { weights_only: Some(loads), ..self }
    }
}

/// Files that must never be called clean.
pub fn bad() -> Vec<Case> {
    let lists = [
        bad_pickle::cases(),
        bad_gadget::cases(),
        bad_torch::cases(),
        bad_container::cases(),
        bad_template::cases(),
        bad_exchange::cases(),
        bad_config::cases(),
    ];
    lists.concat()
}

/// Files that must be called clean.
pub fn good() -> Vec<Case> {
    good::cases()
}
