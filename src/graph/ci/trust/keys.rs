//! Keys of caches and names of artifacts that hold expressions: whether two may be one.

use crate::parse::expression::embedded;

/// Bytes of a key looked at; GitHub takes 512.
const MAX_KEY: usize = 1 << 10;
/// Words of a key kept.
const MAX_WORDS: usize = 32;

/// Words that say where a job runs and not what it caches.
const PLACES: &[&str] =
    &["linux", "macos", "windows", "ubuntu", "latest", "x64", "x86", "arm64", "aarch64", "amd64", "macosx", "osx"];

/// What of a key stands in the file: its words without what is put in when it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Words(pub(crate) Vec<String>);

impl Words {
    /// The key that an action makes by itself.
    pub(crate) fn of_action(action: &str) -> Self {
        Self(vec![action.to_owned()])
    }

    /// Adds the words of a further part.
    pub(crate) fn extend(&mut self, more: Self) {
        self.0.extend(more.0.into_iter().filter(|word| !word.starts_with('=')));
        self.0.truncate(MAX_WORDS);
    }

    /// Whether a cache under this key is taken where `asked` is asked for: GitHub takes one that begins so.
    pub(crate) fn begins_with(&self, asked: &Self) -> bool {
        !asked.0.is_empty() && self.0.starts_with(&asked.0)
    }

    /// The words in one.
    pub(crate) fn shown(&self) -> String {
        self.0.join("-").trim_start_matches('=').to_owned()
    }
}

/// The words of a key. `known` gives the text of a name where the files say it.
pub(crate) fn written(text: &str, known: &dyn Fn(&str) -> Option<String>) -> Words {
    let text = cut(text.trim());
    let mut literal = String::new();
    let mut from = 0;
    for (all, inner) in embedded(text) {
        literal.push_str(text.get(from..all.start).unwrap_or(""));
        let name = text.get(inner).unwrap_or("");
        // A constant counts as if it were written; one that holds expressions again is left out.
        let constant = known(name).filter(|value| !value.contains("${{"));
        literal.push_str(&constant.map_or_else(|| "\0".to_owned(), |value| cut(&value).to_owned()));
        from = all.end;
    }
    literal.push_str(text.get(from..).unwrap_or(""));
    let words: Vec<String> = literal
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty() && !PLACES.contains(&word.as_str()))
        .take(MAX_WORDS)
        .collect();
    if words.is_empty() && !text.is_empty() {
        // Nothing of it is fixed: it is itself alone.
        let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        return Words(vec![format!("={bare}")]);
    }
    Words(words)
}

fn cut(text: &str) -> &str {
    match text.char_indices().nth(MAX_KEY) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// Whether two names, each with expressions or stars in it, may be the same. What stands before the first and
/// after the last of them decides.
pub(crate) fn may_be_one(a: &str, b: &str) -> bool {
    let ((a_head, a_tail), (b_head, b_tail)) = (ends(a), ends(b));
    let agree = |a: &str, b: &str| a.starts_with(b) || b.starts_with(a);
    match (a_tail, b_tail) {
        (None, None) => a_head == b_head,
        (None, Some(tail)) => a_head.starts_with(b_head) && a_head.ends_with(tail),
        (Some(tail), None) => b_head.starts_with(a_head) && b_head.ends_with(tail),
        (Some(a_tail), Some(b_tail)) => agree(a_head, b_head) && (a_tail.ends_with(b_tail) || b_tail.ends_with(a_tail)),
    }
}

/// What stands before the first hole of a name, and after the last one; no second part where there is no hole.
fn ends(name: &str) -> (&str, Option<&str>) {
    let start = [name.find("${{"), name.find('*')].into_iter().flatten().min();
    let Some(start) = start else { return (name, None) };
    let end = [name.rfind("}}").map(|at| at + 2), name.rfind('*').map(|at| at + 1)].into_iter().flatten().max();
    (name.get(..start).unwrap_or(""), Some(end.and_then(|end| name.get(end..)).unwrap_or("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        written(text, &|name| (name == "env.V").then(|| "v2".to_owned()))
    }

    #[test]
    fn keys_are_compared_by_what_is_written() {
        let pnpm = words("${{ runner.os }}-pnpm-store-${{ hashFiles('**/pnpm-lock.yaml') }}");
        assert_eq!(pnpm.0, ["pnpm", "store"]);
        assert!(pnpm.begins_with(&words("Linux-pnpm-store-")));
        assert!(pnpm.begins_with(&words("${{ runner.os }}-pnpm-")));
        assert!(!pnpm.begins_with(&words("${{ runner.os }}-pnpm-store-release-")));
        assert!(!pnpm.begins_with(&words("${{ runner.os }}-cargo-")));
        assert_eq!(words("${{ env.V }}-cargo").0, ["v2", "cargo"]);
        let bare = words("${{ hashFiles('a') }}");
        assert!(bare.begins_with(&words("${{hashFiles('a')}}")));
        assert!(!bare.begins_with(&words("${{ hashFiles('b') }}")));
        assert!(!pnpm.begins_with(&Words::default()));
    }

    #[test]
    fn names_with_holes_may_be_one() {
        for (a, b, expected) in [
            ("dist", "dist", true),
            ("dist", "dist2", false),
            ("wheel-${{ matrix.os }}", "wheel-*", true),
            ("wheel-${{ matrix.os }}", "wheel-linux", true),
            ("wheel-${{ matrix.os }}", "sdist", false),
            ("${{ inputs.x }}-docs", "wheels-${{ matrix.os }}", true),
            ("a-${{ x }}-docs", "a-*-wheels", false),
            ("*", "anything", true),
        ] {
            assert_eq!(may_be_one(a, b), expected, "{a} {b}");
            assert_eq!(may_be_one(b, a), expected, "{b} {a}");
        }
    }
}
