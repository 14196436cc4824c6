//! What a file must hold to hold what is asked for: a version, a commit or a digest as it is written.
//!
//! A tag that was made before a release cannot have got it by chance, and can only hold it by name. Most tags of a
//! history name a package in another version, and are told so without reading a lock.

use crate::affected::Asked;
use crate::affected::Target;
use crate::affected::fit::is_commit;
use crate::affected::versions::Versions;

/// Texts of each question, any of which stands in a file that holds it.
#[derive(Debug, Default)]
pub(super) struct Literals {
    /// None where a file may hold it whatever it says.
    texts: Vec<Option<Vec<String>>>,
}

impl Literals {
    /// For these questions.
    pub(super) fn of(questions: &[Asked]) -> Self {
        let of = |asked: &Asked| {
            let all: Option<Vec<Vec<String>>> = asked.targets.iter().map(texts).collect();
            all.map(|all| all.into_iter().flatten().collect())
        };
        Self { texts: questions.iter().map(of).collect() }
    }

    /// Whether a file of these bytes may hold what a question asks for.
    pub(super) fn may_stand(&self, question: u32, bytes: &[u8]) -> bool {
        match self.texts.get(question as usize) {
            Some(Some(texts)) => texts.iter().any(|text| holds(bytes, text.as_bytes())),
            _ => true,
        }
    }
}

/// The texts of a target, nothing where no file holds such a thing; none where any may.
fn texts(target: &Target) -> Option<Vec<String>> {
    match target {
        Target::Package { versions, .. } => {
            let versions = Versions::parse(versions.as_deref()?)?;
            versions.exact()?.into_iter().map(plain).collect()
        }
        Target::Action { reference, .. } | Target::Asset { revision: reference, .. } => {
            let reference = reference.as_deref()?;
            // A tag or branch is never held; what stands in its place may be in doubt.
            is_commit(reference).then(|| vec![reference.to_ascii_lowercase()])
        }
        Target::Image { .. } | Target::Digest(_) | Target::Host(_) | Target::Advisory(_) => None,
    }
}

/// A version of digits and dots, without what others may leave out: `1.0.0` may be written `1`.
fn plain(version: &str) -> Option<String> {
    let is_plain = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let mut short = version;
    while let Some(rest) = short.strip_suffix(".0") {
        short = rest;
    }
    (is_plain && !short.is_empty()).then(|| short.to_owned())
}

/// Whether a text stands in bytes, in any case.
fn holds(bytes: &[u8], text: &[u8]) -> bool {
    let Some(first) = text.first() else { return true };
    let (small, large) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| rest.iter().position(|b| *b == small || *b == large)) {
        let start = from + at;
        if bytes.get(start..start + text.len()).is_some_and(|found| found.eq_ignore_ascii_case(text)) {
            return true;
        }
        from = start + 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_holds_it_says_so() {
        let bad = "0e58ed8671d6b60d0890c21b07f8835ace038e67";
        let action = format!("action:tj-actions/changed-files@{bad}");
        let upper = bad.to_ascii_uppercase();
        for (asked, text, may) in [
            ("pypi:litellm@1.82.7,1.82.8", "litellm==1.82.8", true),
            ("pypi:litellm@1.82.7,1.82.8", "litellm==1.82.6", false),
            ("pypi:litellm==2.0.0", "litellm==2.0", true),
            ("pypi:litellm==2.0rc1", "anything", true),
            ("pypi:litellm@>=1.82.7,<1.82.9", "anything", true),
            ("pypi:litellm", "anything", true),
            (action.as_str(), "uses: tj-actions/changed-files@v45", false),
            (action.as_str(), upper.as_str(), true),
            ("action:tj-actions/changed-files@v45", "anything", true),
            ("model:acme/model", "anything", true),
        ] {
            let literals = Literals::of(&[Asked::parse(asked).unwrap()]);
            assert_eq!(literals.may_stand(0, text.as_bytes()), may, "{asked} in {text}");
        }
    }
}
