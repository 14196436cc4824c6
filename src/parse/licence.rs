//! Licence expressions. Source: the SPDX specification, annex "SPDX license expressions".

use spdx::{Expression, ParseMode};

/// An expression, read.
#[derive(Debug, Clone)]
pub struct Licence {
    expression: Expression,
}

/// Expressions longer than this are nobody's; the longest in use have a few hundred bytes.
const LONGEST: usize = 4096;

/// The name by which SPDX's list knows a licence; none where it does not, or under that spelling.
#[must_use]
pub fn listed(text: &str) -> Option<&'static str> {
    spdx::license_id(text).map(|id| id.name).filter(|name| *name == text)
}

/// The name by which SPDX's list knows an exception; none where it does not, or under that spelling.
#[must_use]
pub fn listed_exception(text: &str) -> Option<&'static str> {
    spdx::exception_id(text).map(|id| id.name).filter(|name| *name == text)
}

/// The name by which SPDX's list knows a licence, however its letters are written: hubs of models write them small.
#[must_use]
pub fn listed_in_any_case(text: &str) -> Option<&'static str> {
    spdx::identifiers::LICENSES.iter().map(|one| one.name).find(|name| name.eq_ignore_ascii_case(text))
}

/// An expression in its one spelling, by the letter of the specification; none where it is none, or a name that the
/// list of SPDX lacks stands in it.
#[must_use]
pub fn expression(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    Expression::parse(text).ok().map(|expression| expression.to_string())
}

/// Whether a text is an expression by the grammar of SPDX, ids that its list has deprecated among them.
#[must_use]
pub fn is_expression(text: &str) -> bool {
    let mode = ParseMode { allow_deprecated: true, ..ParseMode::STRICT };
    text.len() <= LONGEST && Expression::parse_mode(text, mode).is_ok()
}

impl Licence {
    /// Reads an expression. The older `MIT/Apache-2.0` and lower-case words are taken as cargo's users mean
    /// them. None where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        Expression::parse_mode(text, ParseMode::LAX).ok().map(|expression| Self { expression })
    }

    /// Whether it can be met by licences that `is_allowed` takes. It is asked by name with and without an
    /// exception: `Apache-2.0 WITH LLVM-exception`, then `Apache-2.0`, as an exception only permits more.
    #[must_use]
    pub fn is_met(&self, is_allowed: &dyn Fn(&str) -> bool) -> bool {
        self.expression.evaluate(|term| {
            let whole = term.to_string();
            let plain = whole.split(" WITH ").next().unwrap_or(&whole);
            is_allowed(&whole) || is_allowed(plain)
        })
    }

    /// Its licences, each by name, in order.
    #[must_use]
    pub fn terms(&self) -> Vec<String> {
        self.expression.requirements().map(|term| term.req.to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_met_by_one_and_conjunctions_by_all() {
        for (text, allowed, met) in [
            ("MIT", &["MIT"][..], true),
            ("MIT OR Apache-2.0", &["MIT"], true),
            ("MIT/Apache-2.0", &["MIT"], true),
            ("MIT AND Unicode-3.0", &["MIT"], false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", &["MIT", "Unicode-3.0"], true),
            ("Apache-2.0 WITH LLVM-exception", &["Apache-2.0"], true),
            ("Apache-2.0 WITH LLVM-exception", &["Apache-2.0 WITH LLVM-exception"], true),
            ("LicenseRef-own", &["MIT"], false),
            ("GPL-3.0", &["MIT"], false),
        ] {
            let licence = Licence::parse(text).unwrap();
            assert_eq!(licence.is_met(&|name| allowed.contains(&name)), met, "{text} {:?}", licence.terms());
        }
    }

    #[test]
    fn what_is_none_is_not_read() {
        for text in ["", "my own", "MIT OR", &"MIT OR ".repeat(1000), &"(".repeat(4000)] {
            assert!(Licence::parse(text).is_none(), "{text}");
        }
    }
}
