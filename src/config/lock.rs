//! `[lock]`: what `custody.lock` has to hold, and what has to be known of it. It can only add findings.

use super::words::flag;
use super::words::only;
use super::words::texts;
use crate::parse::Problem;
use crate::parse::toml::Entry;
use crate::parse::toml::Table;
use crate::parse::toml::Value;
use crate::source::Span;
use crate::source::Spanned;

/// Keys of the table.
pub(super) const KEYS: &[&str] = &["require", "require-approval", "require-evidence", "require-signer"];

/// Longest pattern that is taken, in bytes.
const LONGEST: usize = 256;

/// `[lock]`. A pattern is a name as its hub spells it, `owner/name`, or one with its hub, `huggingface:owner/name`;
/// `*` stands for any signs. Letters are compared without their case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockRules {
    /// `require`: everything that is loaded by name has to be held.
    pub require: Option<Spanned<bool>>,
    /// `require-approval`: names that somebody has to have approved as they are held.
    pub approval: Vec<Spanned<String>>,
    /// `require-evidence`: by name, the kinds of reports that an approval has to bring.
    pub evidence: Vec<Demand>,
    /// `require-signer`: by name, those of whom one has to have signed.
    pub signer: Vec<Demand>,
    /// The table's header.
    pub span: Span,
}

/// What is asked of names of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The pattern.
    pub names: Spanned<String>,
    /// What is asked.
    pub wanted: Vec<Spanned<String>>,
}

impl LockRules {
    /// Whether everything that is loaded has to be held.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.require.as_ref().is_some_and(|require| require.value)
    }

    /// The pattern that asks for an approval of a name.
    #[must_use]
    pub fn approval_of(&self, hub: &str, name: &str) -> Option<&Spanned<String>> {
        self.approval.iter().find(|pattern| fits(pattern.as_str(), hub, name))
    }

    /// What is asked of the evidence for a name.
    pub fn evidence_of(&self, hub: &str, name: &str) -> impl Iterator<Item = &Demand> {
        self.evidence.iter().filter(move |demand| fits(demand.names.as_str(), hub, name))
    }

    /// What is asked of the signer of a name.
    pub fn signer_of(&self, hub: &str, name: &str) -> impl Iterator<Item = &Demand> {
        self.signer.iter().filter(move |demand| fits(demand.names.as_str(), hub, name))
    }
}

/// Whether a pattern names a thing of a hub.
fn fits(pattern: &str, hub: &str, name: &str) -> bool {
    stars(pattern, name) || stars(pattern, &format!("{hub}:{name}"))
}

/// Whether a text fits a pattern in which `*` stands for any signs. Goes back to the last star only.
#[must_use]
pub fn stars(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut here) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while here < text.len() {
        match (pattern.get(at), text.get(here)) {
            (Some(b'*'), _) => {
                star = Some((at + 1, here));
                at += 1;
            }
            (Some(sign), Some(other)) if sign.eq_ignore_ascii_case(other) => {
                at += 1;
                here += 1;
            }
            _ => match star {
                Some((behind, from)) => {
                    (at, here) = (behind, from + 1);
                    star = Some((behind, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|sign| *sign == b'*'))
}

/// Reads the table.
pub(super) fn read(entry: &Entry, problems: &mut Vec<Problem>) -> Option<LockRules> {
    let table = super::words::table(entry, problems)?;
    only(table, "`[lock]`", KEYS, problems);
    let mut approval = texts(table, "require-approval", problems);
    approval.retain(|pattern| is_pattern(pattern, problems));
    Some(LockRules {
        require: flag(table, "require", problems),
        approval,
        evidence: demands(table, "require-evidence", problems),
        signer: demands(table, "require-signer", problems),
        span: table.header.unwrap_or(entry.key.span),
    })
}

fn is_pattern(pattern: &Spanned<String>, problems: &mut Vec<Problem>) -> bool {
    let text = pattern.as_str();
    let is_fit = !text.is_empty() && text.len() <= LONGEST && !text.contains(|c: char| c.is_control() || c == ' ');
    if !is_fit {
        let why = "a name is `owner/name` or `huggingface:owner/name`, with `*` for any signs, and has at most 256";
        problems.push(Problem::new(pattern.span, why));
    }
    is_fit
}

/// A table of texts or lists of texts by pattern.
fn demands(table: &Table, key: &str, problems: &mut Vec<Problem>) -> Vec<Demand> {
    let Some(value) = table.get(key) else { return Vec::new() };
    let Some(inner) = value.as_table() else {
        let message = format!("`{key}` is a table of names: {key} = {{ \"owner/*\" = [\"..\"] }}");
        problems.push(Problem::new(value.span, message));
        return Vec::new();
    };
    let mut out = Vec::new();
    for entry in inner.entries() {
        let wanted = wanted(&entry.value);
        let names = Spanned::new(entry.key.value.clone(), entry.key.span);
        match wanted {
            Some(wanted) if is_pattern(&names, problems) => out.push(Demand { names, wanted }),
            Some(_) => {}
            None => {
                let message = format!("`{key}` asks for a text or a list of texts in quotes, and for one at least");
                problems.push(Problem::new(entry.value.span, message));
            }
        }
    }
    out
}

/// One text or several; none where something else stands there.
fn wanted(value: &Value) -> Option<Vec<Spanned<String>>> {
    let text = |value: &Value| {
        let text = value.as_str().filter(|text| !text.trim().is_empty())?;
        Some(Spanned::new(text.to_owned(), value.span))
    };
    match value.as_array() {
        Some([]) => None,
        Some(items) => items.iter().map(text).collect(),
        None => text(value).map(|one| vec![one]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Home;
    use super::super::of;
    use super::*;
    use crate::parse::Budget;
    use crate::parse::toml;
    use crate::source::FileId;

    fn rules(text: &str) -> (LockRules, Vec<String>) {
        let (config, problems) = of(&toml::parse(text, &mut Budget::default()), FileId(0), Home::Root);
        (config.policy.lock.unwrap_or_default(), problems.into_iter().map(|p| p.message).collect())
    }

    #[test]
    fn what_is_asked_is_asked_of_names() {
        let (rules, problems) = rules(
            "[lock]\nrequire = true\nrequire-approval = [\"example-org/*\", \"huggingface:gpt2\"]\n\
             require-evidence = { \"example-org/*\" = [\"red-team\", \"evaluation\"], \"*\" = \"evaluation\" }\n\n\
             [lock.require-signer]\n\"example-org/signed-*\" = \"release@example.com\"\n",
        );
        assert_eq!(problems, Vec::<String>::new());
        assert!(rules.is_required());
        for (hub, name, is_asked) in [
            ("huggingface", "example-org/a", true),
            ("modelscope", "Example-Org/a", true),
            ("huggingface", "gpt2", true),
            ("ollama", "gpt2", false),
            ("huggingface", "other/example-org/a", false),
        ] {
            assert_eq!(rules.approval_of(hub, name).is_some(), is_asked, "{hub} {name}");
        }
        let kinds = |name: &str| {
            let all = rules.evidence_of("huggingface", name).flat_map(|demand| &demand.wanted);
            all.map(|kind| kind.value.clone()).collect::<Vec<_>>()
        };
        assert_eq!(kinds("example-org/a"), ["red-team", "evaluation", "evaluation"]);
        assert_eq!(kinds("other/a"), ["evaluation"]);
        let signer = rules.signer_of("huggingface", "example-org/signed-a").next().unwrap();
        assert_eq!(signer.wanted[0].value, "release@example.com");
        assert_eq!(rules.signer_of("huggingface", "example-org/a").count(), 0);
    }

    #[test]
    fn a_mistake_is_told() {
        for (text, told) in [
            ("lock = 1\n", "is a table"),
            ("[lock]\nrequired = true\n", "`required` is no key of `[lock]`"),
            ("[lock]\nrequire = \"yes\"\n", "`true` or `false`"),
            ("[lock]\nrequire-approval = \"*\"\n", "a list of texts"),
            ("[lock]\nrequire-approval = [\"a b\"]\n", "a name is"),
            ("[lock]\nrequire-evidence = [\"red-team\"]\n", "is a table of names"),
            ("[lock]\nrequire-evidence = { \"*\" = [] }\n", "for one at least"),
            ("[lock]\nrequire-signer = { \"*\" = [1] }\n", "for one at least"),
            ("[lock]\nrequire-signer = { \"\" = \"x\" }\n", "a name is"),
        ] {
            let (rules, problems) = rules(text);
            assert!(problems.iter().any(|p| p.contains(told)), "{text}: {problems:?}");
            assert_eq!((rules.approval, rules.evidence, rules.signer), Default::default(), "{text}");
        }
    }

    #[test]
    fn stars_stand_for_any_signs() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcb", false),
            ("a*b*c", "axbxbc", true),
            ("*/x", "a/b/x", true),
            ("A", "a", true),
            ("a", "ab", false),
        ] {
            assert_eq!(stars(pattern, text), fits, "{pattern} {text}");
        }
        let pattern = "a*".repeat(100);
        assert!(!stars(&pattern, &"a".repeat(99)));
    }
}
