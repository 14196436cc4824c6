//! `OpenVINO`: layers by kind and set of operators, weights by offset in the file beside.

use std::collections::BTreeSet;

use super::{OPENVINO_CUSTOM_OPERATOR, OPENVINO_MALFORMED, OPENVINO_PATH};
use crate::parse::xml::Event;
use crate::scan::Context;
use crate::scan::paths::leads_out;
use crate::scan::quote::shown;

/// Bytes that no file has.
const ABSURD: u64 = 1 << 50;
/// Operators that are kept.
const KEPT: usize = 10_000;

/// What was read of a model.
#[derive(Debug, Default)]
pub(super) struct Reader {
    told: BTreeSet<(String, String)>,
}

impl Reader {
    pub(super) fn event(&mut self, event: &Event, at: u64, context: &mut Context<'_>) {
        let Event::Open(name, attributes, _) = event else { return };
        let value = |key: &str| attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        match name.as_str() {
            "layer" => self.layer(value("type").unwrap_or_default(), value("version"), at, context),
            "data" => {
                for key in ["offset", "size"] {
                    if let Some(text) = value(key).filter(|_| value("element_type").is_some()) {
                        number(key, text, at, context);
                    }
                }
            }
            // Of versions before 10.
            "weights" | "biases" | "blobs" => {
                for key in ["offset", "size"] {
                    if let Some(text) = value(key) {
                        number(key, text, at, context);
                    }
                }
            }
            "CustomLayer" => {
                let message =
                    format!("the layer `{}` has kernels of its own", shown(value("name").unwrap_or_default()));
                context.find(&OPENVINO_CUSTOM_OPERATOR, at, message);
            }
            _ => {}
        }
        // Notes of conversions keep the command line that was given, paths and all.
        let is_note =
            matches!(name.as_str(), "cli_parameters" | "rt_info" | "meta_data" | "attribute" | "layer" | "port");
        for (key, text) in attributes.iter().filter(|_| !is_note) {
            let is_path =
                ["path", "file", "filename", "library", "location", "uri", "mean-path"].contains(&key.as_str());
            if let Some(how) = leads_out(text).filter(|_| is_path) {
                let message = format!("`{key}` of `{}` is `{}`, which {how}", shown(name), shown(text));
                context.find(&OPENVINO_PATH, at, message);
            } else if is_path && is_library(text) {
                let message = format!("`{key}` of `{}` is the library `{}`", shown(name), shown(text));
                context.find(&OPENVINO_CUSTOM_OPERATOR, at, message);
            }
        }
    }

    fn layer(&mut self, kind: &str, set: Option<&str>, at: u64, context: &mut Context<'_>) {
        let is_known = match set {
            // The runtime's own sets: `opset1` and on, what is tried out, and what its compiler adds.
            Some(set) => {
                set.strip_prefix("opset").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
                    || matches!(set, "experimental" | "ie_internal_opset" | "type_relaxed_opset" | "util" | "gpu_opset")
            }
            // Models before version 10 have none.
            None => !matches!(kind, "Python" | "Custom" | "Extension"),
        };
        let key = (kind.to_owned(), set.unwrap_or_default().to_owned());
        if !is_known && self.told.len() < KEPT && self.told.insert(key) {
            let set = shown(set.unwrap_or("none"));
            let message = format!("operator `{}` is of the set `{set}`, which the runtime does not have", shown(kind));
            context.find(&OPENVINO_CUSTOM_OPERATOR, at, message);
        }
    }
}

fn number(key: &str, text: &str, at: u64, context: &mut Context<'_>) {
    if text.trim().parse::<u64>().is_ok_and(|value| value < ABSURD) {
        return;
    }
    context.find(&OPENVINO_MALFORMED, at, format!("the {key} of a layer's weights is `{}`", shown(text)));
}

fn is_library(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    [".so", ".dll", ".dylib", ".cl"].iter().any(|end| lower.ends_with(end)) || lower.contains(".so.")
}
