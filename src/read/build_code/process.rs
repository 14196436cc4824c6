//! Processes that build code starts: their words become a command line that the shell's recognisers read.

use crate::commands::{self, ActKind, UrlText};
use crate::graph::kinds::build_code::{BuildFetch, Fetched, Fixed};
use crate::parse::Budget;
use crate::parse::shell::{Dialect, Program};
use crate::source::Span;

/// Words as a command line: what is known stands in quotes, and `${name}` for what is not.
pub(super) fn line(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let inner: String = word
            .chars()
            .flat_map(|c| match c {
                '"' | '\\' | '`' => vec!['\\', c],
                other => vec![other],
            })
            .collect();
        // What is no reference to a name is a dollar.
        let inner = inner.replace('$', "\\$").replace("\\${", "${");
        format!("\"{inner}\"")
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// What a command line fetches. Digests that the same line compares count.
pub(super) fn fetches(line: &str, span: Span, within: Option<&str>, budget: &mut Budget) -> Vec<BuildFetch> {
    if !budget.take_script() {
        return Vec::new();
    }
    let program = Program::read(line, &Dialect::Bash, budget);
    let acts = commands::facts(&program);
    let is_verified = acts.iter().any(|act| matches!(act.kind, ActKind::Verify { .. }));
    let runs_text =
        |command: usize| acts.iter().any(|act| matches!(act.kind, ActKind::Interpret { .. }) && act.command >= command);
    let tls_off = acts.iter().any(|act| matches!(act.kind, ActKind::VerificationOff { .. }));
    let mut out = Vec::new();
    for act in &acts {
        let (by, url, what, fixed) = match &act.kind {
            ActKind::Fetch { by, url, .. } => {
                let what = if runs_text(act.command) { Fetched::Program } else { Fetched::File };
                (by.clone(), url.clone(), what, Fixed::Open)
            }
            ActKind::Clone { url, reference, .. } => {
                ("git clone".to_owned(), url.clone(), Fetched::Repository, reference_of(reference.as_deref()))
            }
            // What a build installs by a manager is bound by the manager's own means, where it has some.
            ActKind::PackageInstall { manager, verb, names, .. } if !names.is_empty() => {
                let text = names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join(" ");
                let known = names.iter().all(|n| n.known);
                let url = UrlText { text, known, local: false };
                (format!("{manager} {verb}"), url, Fetched::Packages, Fixed::Open)
            }
            _ => continue,
        };
        let fixed = if is_verified { Fixed::Content } else { fixed };
        let within = within.map(str::to_owned);
        out.push(BuildFetch { span, by, name: None, url, what, fixed, tls_off, within });
    }
    out
}

fn reference_of(reference: Option<&str>) -> Fixed {
    reference.map_or(Fixed::Open, |name| Fixed::Reference(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_one_command() {
        let words = ["curl", "-L", "https://example.com/${version}/a b", "-o", "$x"].map(str::to_owned);
        assert_eq!(line(&words), r#""curl" "-L" "https://example.com/${version}/a b" "-o" "\$x""#);
        let found = fetches(&line(&words), Span::new(0, 1), None, &mut Budget::default());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].by.as_str(), found[0].url.known), ("curl", false));
    }

    #[test]
    fn what_fetches_nothing_is_silent() {
        for words in [["git", "rev-parse", "HEAD"], ["cmake", "--build", "."], ["protoc", "--version", "x"]] {
            let line = line(&words.map(str::to_owned));
            assert!(fetches(&line, Span::new(0, 1), None, &mut Budget::default()).is_empty(), "{line}");
        }
    }
}
