//! PMML: data, but for extensions and functions by the name of a class.

use std::collections::BTreeSet;

use super::PMML_CODE;
use crate::parse::xml::Event;
use crate::scan::Context;
use crate::scan::quote::shown;
use crate::scan::words::code_words;

/// Functions that are kept.
const KEPT: usize = 100_000;

/// What was read of a model.
#[derive(Debug, Default)]
pub(super) struct Reader {
    defined: BTreeSet<String>,
    /// Functions that are called by a name with a dot, and where first.
    called: Vec<(String, u64)>,
}

impl Reader {
    pub(super) fn event(&mut self, event: &Event, at: u64, context: &mut Context<'_>) {
        match event {
            Event::Open(name, attributes, _) => {
                let local = name.rsplit(':').next().unwrap_or(name);
                if local.eq_ignore_ascii_case("script") {
                    context.find(&PMML_CODE, at, format!("an element is called `{}`", shown(name)));
                }
                for (key, value) in attributes {
                    match (local, key.as_str()) {
                        ("DefineFunction", "name") if self.defined.len() < KEPT => {
                            self.defined.insert(value.clone());
                        }
                        // Evaluators take a function that they do not have for the name of a class.
                        ("Apply", "function") if value.contains('.') && self.called.len() < KEPT => {
                            self.called.push((value.clone(), at));
                        }
                        _ => {}
                    }
                    code(value, at, context);
                }
                if local == "include" && name != local {
                    context.find(&PMML_CODE, at, "the document includes another");
                }
            }
            Event::Text(text) => code(text, at, context),
            Event::Instruction(text) if !text.starts_with("xml-model") => {
                context.find(&PMML_CODE, at, format!("the document carries an instruction `{}`", shown(text)));
            }
            _ => {}
        }
    }

    pub(super) fn finish(&mut self, context: &mut Context<'_>) {
        let mut told = BTreeSet::new();
        for (name, at) in std::mem::take(&mut self.called) {
            if !self.defined.contains(&name) && told.insert(name.clone()) {
                let message = format!("the function `{}` is named as a class is and not defined", shown(&name));
                context.find(&PMML_CODE, at, message);
            }
        }
    }
}

fn code(text: &str, at: u64, context: &mut Context<'_>) {
    if let Some(word) = code_words(text) {
        context.find(&PMML_CODE, at, format!("a value holds `{word}`"));
    }
}
