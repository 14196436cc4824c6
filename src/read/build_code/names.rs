//! What the names of a file are set to, and texts with them put in. A reference to a name is spelt `${name}`,
//! whatever the language writes.

use std::collections::BTreeMap;

use crate::parse::Budget;

/// Values of one name that are kept.
const MAX_VALUES: usize = 8;
/// Bytes of one text with what it refers to put in.
const MAX_TEXT: usize = 4096;

/// What each name was set to, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Names {
    values: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// Notes that a name is set to a text.
    pub(super) fn set(&mut self, name: &str, value: String) {
        if value.is_empty() || value.len() > MAX_TEXT {
            return;
        }
        let values = self.values.entry(name.to_owned()).or_default();
        // What is set last is what counts where one value is asked for.
        if let Some(at) = values.iter().position(|known| *known == value) {
            values.remove(at);
        }
        if values.len() < MAX_VALUES {
            values.push(value);
        }
    }

    /// Everything that a text may be which is one reference and nothing else.
    pub(super) fn one(&self, text: &str) -> Option<&[String]> {
        let name = text.strip_prefix("${")?.strip_suffix('}')?;
        self.values.get(name).map(Vec::as_slice)
    }

    /// A text with what its references were last set to.
    pub(super) fn put_in(&self, text: &str, budget: &mut Budget) -> String {
        replaced(text, |name| {
            let value = self.values.get(name)?.last()?;
            budget.take_copies(value.len(), 1).then(|| value.clone())
        })
    }
}

/// A text with its references replaced by what is known of them; the others stay.
pub(super) fn replaced(text: &str, mut known: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(rest.get(..at).unwrap_or(""));
        let Some(end) = rest.get(at..).and_then(|tail| tail.find('}')).map(|end| at + end) else {
            rest = rest.get(at..).unwrap_or("");
            break;
        };
        let value = known(rest.get(at + 2..end).unwrap_or("")).filter(|value| out.len() + value.len() <= MAX_TEXT);
        out.push_str(value.as_deref().unwrap_or(rest.get(at..=end).unwrap_or("")));
        rest = rest.get(end + 1..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_what_was_set_last() {
        let mut names = Names::default();
        names.set("A", "1".to_owned());
        names.set("A", "2".to_owned());
        names.set("A", "1".to_owned());
        let mut budget = Budget::default();
        for (text, expected) in [("x${A}y${B}", "x1y${B}"), ("${A", "${A"), ("$A ${A}", "$A 1"), ("", "")] {
            assert_eq!(names.put_in(text, &mut budget), expected, "{text}");
        }
        assert_eq!(names.one("${A}").unwrap(), ["2", "1"]);
        assert!(names.one("x${A}").is_none());
    }
}
