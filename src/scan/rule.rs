//! What a scan can find, each with an id, how grave it is, and what it makes of the file.

use super::Verdict;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; changes no verdict.
    Info,
    /// A weakness that needs another to matter.
    Low,
    /// It needs a look before the file is used.
    Medium,
    /// Code of whoever made the file can run.
    High,
    /// Code of whoever made the file runs when it is loaded.
    Critical,
}

impl Severity {
    /// The word for it in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A kind of finding. Two rules with one id are the same rule.
#[derive(Debug)]
pub struct Rule {
    /// Its stable name, `kebab-case`.
    pub id: &'static str,
    /// What a file is that has it. [`Verdict::Clean`] for what is only worth knowing.
    pub verdict: Verdict,
    /// How grave it is.
    pub severity: Severity,
    /// What it is, a short sentence without a full stop.
    pub title: &'static str,
    /// What it means and what to do, one or two sentences.
    pub help: &'static str,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

/// All rules, by id.
#[must_use]
pub fn rules() -> Vec<&'static Rule> {
    let lists: &[&[&Rule]] = &[
        super::context::RULES,
        super::archives::RULES,
        super::container::RULES,
        super::gguf::RULES,
        super::hdf5::RULES,
        super::keras::RULES,
        super::links::RULES,
        super::markup::RULES,
        super::numpy::RULES,
        super::onnx::RULES,
        super::pickle::RULES,
        super::protobuf::RULES,
        super::repository::RULES,
        super::safetensors::RULES,
        super::template::RULES,
        super::tensorflow::RULES,
        super::tokenizer::RULES,
        super::torch::RULES,
    ];
    let mut all: Vec<&Rule> = lists.iter().flat_map(|list| list.iter().copied()).collect();
    all.sort_by_key(|rule| rule.id);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_words_and_unique() {
        let all = rules();
        for pair in all.windows(2) {
            assert!(pair[0].id < pair[1].id, "{} stands twice", pair[1].id);
        }
        for rule in all {
            assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit()), "{}", rule.id);
            assert!(!rule.title.ends_with('.') && !rule.title.is_empty(), "{}", rule.id);
            assert!(rule.help.ends_with('.'), "{}", rule.id);
            assert_eq!(rule.verdict == Verdict::Clean, rule.severity == Severity::Info, "{}", rule.id);
        }
    }
}
