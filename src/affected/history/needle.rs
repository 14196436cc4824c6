//! What bytes a file must hold to name what is asked for: a coarse sieve before anything is parsed. It lets too much
//! through, and what it keeps out names nothing that is asked for.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::hash::Hasher;

use sha2::Digest as _;

use crate::affected::Target;
use crate::source::objects::Oid;

/// Longest run of letters and digits that can be part of a name.
const LONGEST: usize = 160;

/// Which bytes are letters and digits.
const LETTERS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// The hash of Fowler, Noll and Vo: every word of every file is looked up, and what is in the table is of those who ask.
#[derive(Debug, Clone, Copy)]
struct Fold(u64);

impl Default for Fold {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}

/// What may stand between two words of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Gap {
    /// `-`, `_` and `.`, any number of them: registries take them for each other.
    Separator,
    /// `/`, also as JSON, addresses and caches write it.
    Slash,
    /// These bytes.
    Exactly(Vec<u8>),
}

impl Gap {
    /// How many bytes of the beginning of `text` are this gap.
    fn ahead(&self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Separator => {
                let length = text.iter().take(16).take_while(|b| matches!(b, b'-' | b'_' | b'.')).count();
                (length > 0).then_some(length)
            }
            Self::Slash => {
                slashes().find(|s| text.get(..s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s))).map(<[u8]>::len)
            }
            Self::Exactly(bytes) => text.starts_with(bytes).then_some(bytes.len()),
        }
    }

    /// How many bytes of the end of `text` are this gap.
    fn behind(&self, text: &[u8]) -> Option<usize> {
        let tail = |length: usize| text.len().checked_sub(length).and_then(|at| text.get(at..));
        match self {
            Self::Separator => {
                let length = text.iter().rev().take(16).take_while(|b| matches!(b, b'-' | b'_' | b'.')).count();
                (length > 0).then_some(length)
            }
            Self::Slash => {
                slashes().find(|s| tail(s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s))).map(<[u8]>::len)
            }
            Self::Exactly(bytes) => text.ends_with(bytes).then_some(bytes.len()),
        }
    }
}

/// Spellings of `/`, the longer before those that they end with.
fn slashes() -> impl Iterator<Item = &'static [u8]> {
    [b"\\/".as_slice(), b"%2f", b"--", b"/", b"@"].into_iter()
}

/// A name as words and what stands between them.
#[derive(Debug, Clone)]
struct Needle {
    /// The number of its question.
    target: u32,
    /// Words in small letters; not empty.
    words: Vec<Vec<u8>>,
    /// One less than words.
    gaps: Vec<Gap>,
    /// Which word is looked up.
    key: usize,
    /// Whether a name that goes on with `-` or `_` is another one.
    is_whole: bool,
}

/// The names of all targets, looked for in one pass.
#[derive(Debug, Default)]
pub(in crate::affected) struct Sieve {
    needles: Vec<Needle>,
    by_word: HashMap<Vec<u8>, Vec<usize>, BuildHasherDefault<Fold>>,
    /// For each first byte, in small letters, the lengths of words that begin with it, as bits; the last bit stands
    /// for all that are longer.
    lengths: HashMap<u8, u64>,
    /// Digests that files may have, by target.
    digests: Vec<(u32, String)>,
}

impl Sieve {
    /// For these targets, each with the number of its question.
    pub(in crate::affected) fn of<'t>(targets: impl Iterator<Item = (u32, &'t Target)>) -> Self {
        let mut sieve = Self::default();
        for (number, target) in targets {
            match target {
                Target::Package { name, ecosystem, .. } => {
                    // `@scope/name` is written as it is; elsewhere `-`, `_` and `.` are one.
                    let is_scoped = name.contains('/') || ecosystem.as_deref() == Some("npm");
                    sieve.add(number, name, !is_scoped, true);
                }
                Target::Action { repository, .. } => sieve.add(number, repository, false, true),
                Target::Asset { name, .. } => sieve.add(number, name, false, true),
                Target::Image { name, .. } => sieve.add(number, short_image(name), false, true),
                Target::Digest(hash) => {
                    let hex = hash.value.to_ascii_lowercase();
                    sieve.add(number, &hex, false, false);
                    sieve.digests.push((number, hex));
                }
                Target::Host(host) => sieve.add(number, host, false, false),
                Target::Advisory(_) => {}
            }
        }
        sieve
    }

    fn add(&mut self, target: u32, name: &str, is_loose: bool, is_whole: bool) {
        let name = name.to_ascii_lowercase();
        let (mut words, mut gaps): (Vec<Vec<u8>>, Vec<Gap>) = (Vec::new(), Vec::new());
        let (mut word, mut gap) = (Vec::new(), Vec::new());
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() {
                if word.is_empty() && !words.is_empty() {
                    gaps.push(match std::mem::take(&mut gap).as_slice() {
                        [b'-' | b'_' | b'.'] if is_loose => Gap::Separator,
                        b"/" => Gap::Slash,
                        other => Gap::Exactly(other.to_vec()),
                    });
                }
                gap.clear();
                word.push(byte);
            } else {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                gap.push(byte);
            }
        }
        if !word.is_empty() {
            words.push(word);
        }
        // The longest word is the rarest; of equally long ones, the last: owners come first.
        let key = words.iter().enumerate().max_by_key(|(_, word)| word.len()).map(|(at, _)| at);
        let Some(key) = key.filter(|_| words.iter().all(|word| word.len() <= LONGEST)) else { return };
        let Some(looked_up) = words.get(key).cloned() else { return };
        if let Some(first) = looked_up.first() {
            *self.lengths.entry(*first).or_default() |= bit(looked_up.len());
        }
        self.by_word.entry(looked_up).or_default().push(self.needles.len());
        self.needles.push(Needle { target, words, gaps, key, is_whole });
    }

    /// The questions of which a file of these bytes is the answer, by its SHA-256 or by the name of its blob.
    pub(super) fn files_in(&self, bytes: &[u8], blob: &Oid) -> Vec<u32> {
        if self.digests.is_empty() {
            return Vec::new();
        }
        let own = [blob.to_string(), hex(&sha2::Sha256::digest(bytes))];
        let is_one = |digest: &String| own.contains(digest);
        self.digests.iter().filter(|(_, digest)| is_one(digest)).map(|(number, _)| *number).collect()
    }

    /// The same of bytes in small letters: where few names are asked for, each is searched for by itself, which is faster
    /// than looking at every word.
    pub(in crate::affected) fn targets_in_small(&self, small: &[u8]) -> Vec<u32> {
        const FEW: usize = 16;
        if self.needles.len() > FEW {
            return self.targets_in(small);
        }
        let is_part = |at: Option<usize>| at.and_then(|at| small.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        let stands = |needle: &&Needle| {
            let word = needle.words.get(needle.key).map_or(&[][..], Vec::as_slice);
            memchr::memmem::find_iter(small, word).any(|start| {
                let end = start + word.len();
                !is_part(start.checked_sub(1)) && !is_part(Some(end)) && needle.stands_at(small, start, end)
            })
        };
        let mut found: Vec<u32> = self.needles.iter().filter(stands).map(|needle| needle.target).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The questions whose targets bytes name, in order.
    pub(in crate::affected) fn targets_in(&self, bytes: &[u8]) -> Vec<u32> {
        let mut found = Vec::new();
        let mut small = [0_u8; LONGEST];
        // A table, so that most words are passed over by their first byte and length.
        let mut table = [0_u64; 256];
        for (first, lengths) in &self.lengths {
            for byte in [*first, first.to_ascii_uppercase()] {
                if let Some(slot) = table.get_mut(usize::from(byte)) {
                    *slot |= lengths;
                }
            }
        }
        let mut seen = vec![false; self.needles.len()];
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if !LETTERS[usize::from(*byte)] {
                at += 1;
                continue;
            }
            let start = at;
            while bytes.get(at).is_some_and(|byte| LETTERS[usize::from(*byte)]) {
                at += 1;
            }
            let (end, length) = (at, at - start);
            let lengths = table.get(usize::from(*byte)).copied().unwrap_or(0);
            if lengths & bit(length) == 0 || length > LONGEST {
                continue;
            }
            let (Some(word), Some(slot)) = (bytes.get(start..end), small.get_mut(..length)) else { continue };
            slot.copy_from_slice(word);
            slot.make_ascii_lowercase();
            let Some(numbers) = self.by_word.get(&*slot) else { continue };
            for number in numbers {
                let (Some(needle), Some(seen)) = (self.needles.get(*number), seen.get_mut(*number)) else { continue };
                if !*seen && needle.stands_at(bytes, start, end) {
                    *seen = true;
                    found.push(needle.target);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bit(length: usize) -> u64 {
    1 << length.min(63)
}

/// The part of an image's name that every spelling of it holds: without the registry and `library/` of Docker Hub.
fn short_image(name: &str) -> &str {
    let name = name.strip_prefix("docker.io/").or_else(|| name.strip_prefix("index.docker.io/")).unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}

impl Needle {
    /// Whether the name stands where its looked-up word does.
    fn stands_at(&self, bytes: &[u8], mut start: usize, mut end: usize) -> bool {
        for at in (0..self.key).rev() {
            let (Some(word), Some(gap)) = (self.words.get(at), self.gaps.get(at)) else { return false };
            let before = bytes.get(..start).unwrap_or_default();
            let Some(left) = gap.behind(before).and_then(|gap| before.len().checked_sub(gap)) else { return false };
            let Some(from) = left.checked_sub(word.len()) else { return false };
            let is_word = bytes.get(from..left).is_some_and(|text| text.eq_ignore_ascii_case(word));
            let is_begun = from.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
            if !is_word || is_begun {
                return false;
            }
            start = from;
        }
        for at in self.key + 1..self.words.len() {
            let (Some(word), Some(gap)) = (self.words.get(at), self.gaps.get(at - 1)) else { return false };
            let Some(gap) = gap.ahead(bytes.get(end..).unwrap_or_default()) else { return false };
            let (from, to) = (end + gap, end + gap + word.len());
            let is_word = bytes.get(from..to).is_some_and(|text| text.eq_ignore_ascii_case(word));
            if !is_word || bytes.get(to).is_some_and(u8::is_ascii_alphanumeric) {
                return false;
            }
            end = to;
        }
        !self.is_whole || !goes_on(bytes, start, end)
    }
}

/// Whether a name is part of a longer one: `langchain-litellm`, `litellm_proxy`. What follows `-` and is a digit is a
/// version.
fn goes_on(bytes: &[u8], start: usize, end: usize) -> bool {
    let is_join = |byte: &u8| matches!(byte, b'-' | b'_');
    let before = start.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(is_join)
        && start.checked_sub(2).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let after = bytes.get(end).is_some_and(is_join) && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic);
    before || after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbom::model::Algorithm;
    use crate::sbom::model::Hash;

    fn package(ecosystem: &str, name: &str) -> Target {
        Target::Package { ecosystem: Some(ecosystem.to_owned()), name: name.to_owned(), versions: None }
    }

    #[test]
    fn a_file_that_names_a_target_is_let_through() {
        let targets = [
            package("pypi", "litellm"),
            package("pypi", "Foo.Bar-baz"),
            Target::Action { repository: "tj-actions/changed-files".to_owned(), path: None, reference: None },
            Target::Asset { name: "Org/Some-Model".to_owned(), revision: None },
            Target::Digest(Hash { algorithm: Algorithm::Sha256, value: "ab".repeat(32) }),
            Target::Host("models.example.com".to_owned()),
            Target::Image { name: "docker.io/library/python".to_owned(), reference: None },
            package("npm", "@scope/name"),
        ];
        let sieve = Sieve::of((0..).zip(&targets));
        for (text, wanted) in [
            ("litellm==1.82.7", vec![0]),
            ("name = \"LiteLLM\"", vec![0]),
            ("pip install 'litellm[proxy]'", vec![0]),
            ("litellm-1.82.7-py3-none-any.whl", vec![0]),
            ("langchain-litellm litellm_proxy mylitellm litellm2", vec![]),
            ("[tool.uv.sources.litellm]", vec![0]),
            ("foo_bar.baz FOO--BAR_BAZ", vec![1]),
            ("foo bar baz foo/bar/baz", vec![]),
            ("uses: tj-actions/changed-files@v45", vec![2]),
            ("uses: TJ-Actions/Changed-Files/sub@v45", vec![2]),
            ("\"tj-actions\\/changed-files\"", vec![2]),
            ("uses: xtj-actions/changed-files@v45", vec![]),
            ("models--org--some-model org%2Fsome-model", vec![3]),
            ("org/some-model-2", vec![3]),
            ("org/some-model-large", vec![]),
            (&format!("sha256:{}", "AB".repeat(32)), vec![4]),
            (&"ab".repeat(33), vec![]),
            ("https://eu.models.example.com/x", vec![5]),
            ("FROM python:3.12", vec![6]),
            ("\"@scope/name\": \"^1\"", vec![7]),
            ("", vec![]),
            ("é litellm é", vec![0]),
        ] {
            assert_eq!(sieve.targets_in(text.as_bytes()), wanted, "{text}");
            let small = text.to_ascii_lowercase();
            assert_eq!(sieve.targets_in_small(small.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn every_spelling_of_a_name_is_let_through_whatever_stands_around_it() {
        let sieve = Sieve::of([(0, &package("pypi", "a-b.c"))].into_iter());
        for one in ["-", "_", ".", "--", "-.-"] {
            for two in ["-", "_", ".", "__"] {
                for (before, after) in [("", ""), ("\n", "\n"), ("\"", "\""), ("/", "@"), ("==", "=="), ("é", "é")] {
                    let text = format!("{before}A{one}b{two}C{after}");
                    assert_eq!(sieve.targets_in(text.as_bytes()), [0], "{text}");
                }
            }
        }
    }
}
