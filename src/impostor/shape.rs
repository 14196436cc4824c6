//! The shapes of a name that are compared: as its index compares it, without separators, as it looks, with
//! its words in order. Uses `std` alone: the build script includes it.

/// Whose names a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// Distributions of PyPI.
    PyPi,
    /// Crates of crates.io.
    Crates,
    /// Actions and reusable workflows of GitHub, `owner/repository`.
    Actions,
    /// Models of Hugging Face, `owner/name`.
    Models,
}

impl List {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 4] = [Self::PyPi, Self::Crates, Self::Actions, Self::Models];

    /// The word for it in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PyPi => "pypi",
            Self::Crates => "crates",
            Self::Actions => "actions",
            Self::Models => "models",
        }
    }

    /// The list of a word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == word)
    }

    /// A byte of a name as the index compares it. PyPI takes `-`, `_` and `.` for one (PEP 503); crates.io
    /// takes `-` and `_` for one when a name is claimed; GitHub and Hugging Face keep the case and let nobody take a name that differs in it alone.
    #[must_use]
    pub fn fold(self, byte: u8) -> u8 {
        match (self, byte) {
            (Self::PyPi, b'_' | b'.') | (Self::Crates, b'_') => b'-',
            (_, other) => other.to_ascii_lowercase(),
        }
    }

    /// A name in the one spelling by which the list is sorted.
    #[must_use]
    pub fn key(self, name: &str) -> String {
        let mut out = String::with_capacity(name.len());
        for c in name.chars() {
            let c = match u8::try_from(c) {
                Ok(byte) if byte.is_ascii() => char::from(self.fold(byte)),
                _ => c,
            };
            // A run of separators is one for PyPI.
            if self != Self::PyPi || c != '-' || !out.ends_with('-') {
                out.push(c);
            }
        }
        out
    }
}

/// Separators between the words of a name.
#[must_use]
pub fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'.')
}

/// The words of a name.
pub fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['-', '_', '.']).filter(|word| !word.is_empty())
}

/// A name as it looks: without separators, with letters that look alike made one.
#[must_use]
pub fn look(name: &str) -> String {
    let single = |byte: u8| match byte {
        b'0' => b'o',
        b'1' | b'i' => b'l',
        b'5' => b's',
        b'q' => b'g',
        other => other,
    };
    let mut out = String::with_capacity(name.len());
    // Pairs are looked for among letters that were made one: `c1` looks like `cl`, and that like `d`.
    let mut bytes = name.bytes().filter(|byte| !is_separator(*byte)).map(single).peekable();
    while let Some(byte) = bytes.next() {
        let one = match (byte, bytes.peek()) {
            (b'r', Some(b'n')) => b'm',
            (b'v', Some(b'v')) => b'w',
            (b'c', Some(b'l')) => b'd',
            _ => {
                out.push(char::from(byte));
                continue;
            }
        };
        bytes.next();
        out.push(char::from(one));
    }
    out
}

/// A name with its words in alphabetical order; none where it has but one.
#[must_use]
pub fn ordered(name: &str) -> Option<String> {
    let mut sorted: Vec<&str> = words(name).collect();
    sorted.sort_unstable();
    (sorted.len() > 1).then(|| sorted.join("-"))
}

/// FNV-1a of a text, 32 bits: what the table finds shapes by.
#[must_use]
pub fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Kinds of characters in a run of three: letters, digits, the end of a word, anything else.
const KINDS: usize = 38;
/// Bytes of a set of runs, a bit each.
pub const RUN_BYTES: usize = (KINDS * KINDS * KINDS).div_ceil(8);

/// Runs of three characters of a word, its ends among them, as positions in a set of bits.
pub fn runs(word: &str) -> impl Iterator<Item = usize> {
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'0'..=b'9' => 26 + usize::from(byte - b'0'),
        _ => 37,
    };
    let bytes = word.as_bytes();
    let at = move |index: usize| index.checked_sub(1).and_then(|i| bytes.get(i)).map_or(36, |b| kind(*b));
    (0..bytes.len()).map(move |index| (at(index) * KINDS + at(index + 1)) * KINDS + at(index + 2))
}
