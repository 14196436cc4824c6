//! Models of Keras: what a configuration makes of itself when it is loaded.
//!
//! A configuration names classes and functions, and Keras imports and calls them. Names of Keras itself are
//! known by an exact table; code that is written into the configuration, names that reach code or files, and
//! files that layers open are told.

mod config;
mod marshal;
mod names;
mod operations;
#[cfg(test)]
mod tests;
pub(in crate::scan) mod tree;
mod walk;

use super::{Rule, Severity, Verdict};

pub(in crate::scan) use config::scan_node;
pub use config::{claims_config, scan_config, scan_metadata, scan_text};

static LAMBDA: Rule = Rule {
    id: "keras-lambda",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "Code within a configuration of Keras",
    help: "Byte code of Python stands in the file and runs when the model is loaded without safe mode, or in HDF5 in any mode. Replace the layer by one with a name.",
};
static LAMBDA_NAME: Rule = Rule {
    id: "keras-lambda-name",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A layer that calls a function by its name",
    help: "Which function it is depends on the program that loads the model. Replace the layer by a registered class.",
};
static DANGEROUS_NAME: Rule = Rule {
    id: "keras-dangerous-name",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "A configuration of Keras that names what runs code or opens files",
    help: "Some versions of Keras import and call it when the model is loaded. Do not load it.",
};
static FOREIGN: Rule = Rule {
    id: "keras-foreign-module",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A configuration of Keras that names another module",
    help: "Versions of Keras before 3.9 import any module that is named. Look at what it is.",
};
static CUSTOM: Rule = Rule {
    id: "keras-custom-object",
    verdict: Verdict::Clean,
    severity: Severity::Info,
    title: "An object that is not of Keras",
    help: "The model loads only where the program has registered it. The file holds no code of it.",
};
static CUSTOM_CLASS: Rule = Rule {
    id: "keras-custom-class",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A class that is not of Keras",
    help: "To load the model needs code that is not in the file, and that decides what it does. Look at where it comes from.",
};
static OTHER_FILE: Rule = Rule {
    id: "keras-other-file",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A layer that loads another file",
    help: "What it loads was not scanned with this file. Scan it too.",
};
static OTHER_PATH: Rule = Rule {
    id: "keras-other-path",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "A layer that reads a file at any place of the machine or the network",
    help: "What it reads becomes part of the model, and may leave the machine with it. Do not load it.",
};
static TORCH: Rule = Rule {
    id: "keras-torch-module",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "A pickle of torch within a configuration of Keras",
    help: "It is unpickled when the model is loaded, which runs what it holds. Do not load it.",
};
static BROKEN: Rule = Rule {
    id: "keras-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "A configuration of Keras that is not read as a whole",
    help: "Readers may see different things in it. Write it anew.",
};

pub(super) const RULES: &[&Rule] = &[
    &LAMBDA,
    &LAMBDA_NAME,
    &DANGEROUS_NAME,
    &FOREIGN,
    &CUSTOM,
    &CUSTOM_CLASS,
    &OTHER_FILE,
    &OTHER_PATH,
    &TORCH,
    &BROKEN,
];
