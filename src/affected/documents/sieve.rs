//! What bytes of a document show without reading it: which names stand in it, what it is and of what it speaks.

use memchr::memmem;

use crate::affected::Asked;
use crate::affected::Target;
use crate::affected::history::needle::Sieve;
use crate::sbom::properties;

/// How a property of ours begins that says of a kind what is not known.
const UNKNOWN: &str = properties::UNKNOWN;

const REGISTRIES: &[&str] =
    &["cargo", "pypi", "npm", "conda", "golang", "maven", "nuget", "gem", "composer", "deb", "rpm", "apk"];

/// The names of all questions.
#[derive(Debug)]
pub(super) struct Names {
    sieve: Sieve,
}

/// What stands in a document.
#[derive(Debug)]
pub(super) struct Marks<'b> {
    /// Its bytes in small letters.
    small: &'b [u8],
    found: Vec<u32>,
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
        Self { sieve: Sieve::of(targets.iter().map(|(number, target)| (*number, target))) }
    }

    /// Looks at a document, of which `small` are the bytes in small letters.
    pub(super) fn look<'b>(&self, small: &'b [u8]) -> Marks<'b> {
        let is_wide = matches!(small.get(..2), Some([0xFF, 0xFE] | [0xFE, 0xFF]));
        let found = if is_wide { Vec::new() } else { self.sieve.targets_in_small(small) };
        Marks { small, found, is_wide }
    }
}

/// Whether letters, digits or signs of names are written as `\u0061`.
fn has_escapes(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\\', rest) {
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

impl Marks<'_> {
    fn has(&self, text: &str) -> bool {
        memmem::find(self.small, text.as_bytes()).is_some()
    }

    fn any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.has(text))
    }

    /// Whether package URLs of a type stand in it, however their slashes are written.
    fn has_purl(&self, kind: &str) -> bool {
        [format!("pkg:{kind}/"), format!("pkg:{kind}\\/"), format!("pkg://{kind}/")].iter().any(|text| self.has(text))
    }

    /// Whether the name of a question stands in it.
    pub(super) fn names(&self, question: usize) -> bool {
        u32::try_from(question).is_ok_and(|number| self.found.binary_search(&number).is_ok())
    }

    /// Whether the bytes do not tell, so that it is to be read: it may hide names, is no JSON, or relies on others.
    pub(super) fn must_read(&self) -> bool {
        let first = self.small.iter().find(|byte| !byte.is_ascii_whitespace());
        let relies_on_others = || match self.has("\"bomformat\"") {
            true => self.has("\"bom\""),
            false => self.any(&["\"completeness\"", "\"import\"", "documentref-"]) || self.relates_to_nothing(),
        };
        self.is_wide || first != Some(&b'{') || has_escapes(self.small) || relies_on_others()
    }

    /// Whether a relation of SPDX 2 leads to what nobody asserts. Of licences and addresses that is said everywhere.
    fn relates_to_nothing(&self) -> bool {
        const BEFORE: usize = 64;
        memmem::find_iter(self.small, "relatedspdxelement").any(|at| {
            let after = self.small.get(at..self.small.len().min(at + BEFORE)).unwrap_or_default();
            memmem::find(after, b"noassertion").is_some()
        })
    }

    /// Whether it may say of something that it is not known, as ours do.
    pub(super) fn may_hold_unknowns(&self) -> bool {
        self.has(UNKNOWN)
    }

    /// Whether it says so of a kind.
    pub(super) fn has_unknown(&self, kind: &str) -> bool {
        self.has(&format!("{UNKNOWN}{kind}\""))
    }

    /// Whether it is worth reading at all.
    pub(super) fn is_document(&self) -> bool {
        self.is_bill() || self.is_ours()
    }

    fn is_ours(&self) -> bool {
        self.any(&["custody/audit/", "custody/graph/", "custody\\/audit", "custody\\/graph"])
    }

    /// Whether it is a bill of materials. Our own audits and graphs may speak of such, and are told by their schema.
    pub(super) fn is_bill(&self) -> bool {
        self.is_wide
            || self.any(&["\"bomformat\"", "spdxversion"])
            || self.any(&["cyclonedx", "spdx"]) && !self.is_ours()
    }

    pub(super) fn lists_packages(&self) -> bool {
        REGISTRIES.iter().any(|kind| self.lists(kind))
    }

    /// Whether packages of a registry are among its parts: what else is said of a registry does not count.
    pub(super) fn lists(&self, ecosystem: &str) -> bool {
        self.has_purl(ecosystem) || ecosystem == "pypi" && self.has("\"pip:")
    }

    pub(super) fn lists_actions(&self) -> bool {
        self.has_purl("githubactions") || self.has_purl("github") && self.any(&["\"action\"", ".github/"])
    }

    pub(super) fn lists_assets(&self) -> bool {
        const KINDS: &[&str] = &[
            "\"machine-learning-model\"",
            "ai_aipackage",
            "dataset_datasetpackage",
            "\"dataset\"",
            "\"model\"",
            "\"data\"",
        ];
        self.has_purl("huggingface") || self.any(KINDS)
    }

    pub(super) fn lists_images(&self) -> bool {
        self.has_purl("oci") || self.has_purl("docker") || self.has("\"container\"")
    }

    pub(super) fn lists_digests(&self) -> bool {
        self.any(&["\"hashes\"", "\"checksums\"", "packagechecksum", "verifiedusing", "hashvalue"])
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
            let small = text.to_ascii_lowercase();
            let marks = names.look(small.as_bytes());
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
