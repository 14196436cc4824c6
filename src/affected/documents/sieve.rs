//! What bytes of a document show without reading it: which names stand in it, what it is and of what it speaks.

use crate::affected::Asked;
use crate::affected::Target;
use crate::affected::history::needle::Sieve;

/// Words that tell what a document is and of what it speaks. Their numbers follow those of the questions.
const WORDS: &[&str] = &[
    "bomformat",
    "cyclonedx",
    "spdxversion",
    "spdx",
    "custody", // what it is
    "aggregate",
    "completeness",
    "unknown", // it says of itself how whole it is
    "cargo",
    "pypi",
    "npm",
    "conda",
    "golang",
    "maven",
    "nuget",
    "gem",
    "composer",
    "deb",
    "rpm",
    "apk",
    "github",
    "githubactions",
    "action",
    "huggingface",
    "model",
    "dataset",
    "kernel",
    "adapter",
    "tokenizer",
    "data",
    "oci",
    "docker",
    "container",
    "image",
    "hashes",
    "checksums",
    "checksum",
    "packagechecksum",
    "verifiedusing",
    "hashvalue",
    "audit",
    "graph",
];

const REGISTRIES: &[&str] =
    &["cargo", "pypi", "npm", "conda", "golang", "maven", "nuget", "gem", "composer", "deb", "rpm", "apk"];

/// The names of all questions, and the words.
#[derive(Debug)]
pub(super) struct Names {
    sieve: Sieve,
    questions: usize,
}

/// What stands in a document.
#[derive(Debug)]
pub(super) struct Marks {
    found: Vec<u32>,
    questions: usize,
    has_escapes: bool,
    is_wide: bool,
}

impl Names {
    pub(super) fn of(questions: &[Asked]) -> Self {
        // A document may write the owner apart from the name, so that the name alone is looked for.
        let shortened = |target: &Target| -> Target {
            let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
            match target {
                Target::Package { ecosystem, name, .. } => {
                    let ecosystem = ecosystem.clone().filter(|_| !name.contains('/'));
                    Target::Package { ecosystem, name: last(name), versions: None }
                }
                Target::Action { repository, .. } => Target::Host(last(repository)),
                Target::Asset { name, .. } => Target::Host(last(name)),
                Target::Image { name, .. } => Target::Host(last(name)),
                other => other.clone(),
            }
        };
        let mut targets: Vec<(u32, Target)> = Vec::new();
        for (number, asked) in (0_u32..).zip(questions) {
            for target in &asked.targets {
                targets.push((number, shortened(target)));
                // An image that is asked for by its digest may be listed without its name.
                if let Target::Image { reference: Some(reference), .. } = target
                    && let Some((_, digits)) = reference.split_once(':')
                {
                    targets.push((number, Target::Host(digits.to_owned())));
                }
            }
        }
        let first = u32::try_from(questions.len()).unwrap_or(u32::MAX);
        targets.extend((first..).zip(WORDS).map(|(number, word)| (number, Target::Host((*word).to_owned()))));
        let sieve = Sieve::of(targets.iter().map(|(number, target)| (*number, target)));
        Self { sieve, questions: questions.len() }
    }

    pub(super) fn look(&self, bytes: &[u8]) -> Marks {
        let is_wide = matches!(bytes.get(..2), Some([0xFF, 0xFE] | [0xFE, 0xFF]));
        let found = if is_wide { Vec::new() } else { self.sieve.targets_in(bytes) };
        Marks { found, questions: self.questions, has_escapes: has_escapes(bytes), is_wide }
    }
}

/// Whether letters, digits or signs of names are written as `\u0061`.
fn has_escapes(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let tail = rest.get(at + 1..).unwrap_or_default();
        if let Some([b'u', b'0', b'0', high, low]) = tail.get(..5)
            && let Ok(digits) = std::str::from_utf8(&[*high, *low])
            && let Ok(byte) = u8::from_str_radix(digits, 16)
            && (byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
        {
            return true;
        }
        // What follows a backslash is no backslash of its own.
        rest = tail.get(1..).unwrap_or_default();
    }
    false
}

impl Marks {
    fn has(&self, word: &str) -> bool {
        let at = WORDS.iter().position(|known| *known == word).map(|at| at + self.questions);
        at.and_then(|at| u32::try_from(at).ok()).is_some_and(|at| self.found.binary_search(&at).is_ok())
    }

    fn any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.has(word))
    }

    /// Whether the name of a question stands in it.
    pub(super) fn names(&self, question: usize) -> bool {
        u32::try_from(question).is_ok_and(|number| self.found.binary_search(&number).is_ok())
    }

    /// Whether the bytes do not tell, so that it is to be read.
    pub(super) fn must_read(&self) -> bool {
        self.has_escapes || self.is_wide || self.has("completeness")
    }

    /// Whether it says how whole it is, in the way of CycloneDX.
    pub(super) fn says_how_whole(&self) -> bool {
        self.has("aggregate")
    }

    /// Whether it may say of something that it is not known, as ours do.
    pub(super) fn may_hold_unknowns(&self) -> bool {
        self.has("custody") && self.has("unknown")
    }

    /// Whether it is worth reading at all.
    pub(super) fn is_document(&self) -> bool {
        self.is_bill() || self.has("custody") && self.any(&["audit", "graph"])
    }

    /// Whether it is a bill of materials. Our own audits and graphs may speak of such, and are told by their schema.
    pub(super) fn is_bill(&self) -> bool {
        self.is_wide
            || self.any(&["bomformat", "spdxversion"])
            || self.any(&["cyclonedx", "spdx"]) && !self.has("custody")
            || self.has("spdx") && !self.any(&["audit", "graph"])
    }

    pub(super) fn lists_packages(&self) -> bool {
        self.any(REGISTRIES)
    }

    pub(super) fn lists(&self, ecosystem: &str) -> bool {
        // Of a registry that is not among the words nobody can tell without reading.
        self.has(ecosystem) || !REGISTRIES.contains(&ecosystem)
    }

    pub(super) fn lists_actions(&self) -> bool {
        self.any(&["githubactions", "github"]) && self.has("action") || self.has("githubactions")
    }

    pub(super) fn lists_assets(&self) -> bool {
        self.any(&["huggingface", "dataset"]) || self.has("model")
    }

    pub(super) fn lists_images(&self) -> bool {
        self.any(&["oci", "docker", "container"])
    }

    pub(super) fn lists_digests(&self) -> bool {
        self.any(&["hashes", "checksums", "checksum", "packagechecksum", "verifiedusing", "hashvalue"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_letters_are_seen_and_others_not() {
        assert!(has_escapes(br#"{"name":"lite\u006clm"}"#));
        assert!(has_escapes(br#"{"name":"a\u002Db"}"#));
        assert!(!has_escapes(br#"{"name":"a\\u0061","x":"\u003c\u00e9","y":"\/"}"#));
    }

    #[test]
    fn names_are_seen_however_they_are_written() {
        let asked: Vec<Asked> =
            ["pypi:litellm", "action:tj-actions/changed-files", "model:acme/Some-Model", "host:models.example.com"]
                .iter()
                .map(|text| Asked::parse(text).unwrap())
                .collect();
        let names = Names::of(&asked);
        let look = |text: &str| {
            let marks = names.look(text.as_bytes());
            (0..asked.len()).filter(|number| marks.names(*number)).collect::<Vec<usize>>()
        };
        assert_eq!(look(r#"{"bomFormat":"CycloneDX","purl":"pkg:pypi/litellm@1"}"#), [0]);
        assert_eq!(look(r#"{"group":"tj-actions","name":"changed-files"}"#), [1]);
        assert_eq!(look(r#""pkg:github\/tj-actions\/changed-files@v45""#), [1]);
        assert_eq!(look(r#"{"group":"acme","name":"some-model"}"#), [2]);
        assert_eq!(look("https://eu.models.example.com/x"), [3]);
        assert!(look("{}").is_empty());
    }
}
