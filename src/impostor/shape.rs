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
}

impl List {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 3] = [Self::PyPi, Self::Crates, Self::Actions];

    /// The word for it in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PyPi => "pypi",
            Self::Crates => "crates",
            Self::Actions => "actions",
        }
    }

    /// The list of a word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == word)
    }

    /// A byte of a name as the index compares it. PyPI takes `-`, `_` and `.` for one (PEP 503); crates.io
    /// takes `-` and `_` for one when a name is claimed; GitHub compares without case.
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
    let bytes = name.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        let (text, taken) = match (byte, next) {
            (b'r', b'n') => ("m", 2),
            (b'v', b'v') => ("w", 2),
            (b'c', b'l') => ("d", 2),
            (b'0', _) => ("o", 1),
            (b'1' | b'i', _) => ("l", 1),
            (b'5', _) => ("s", 1),
            (b'q', _) => ("g", 1),
            _ if is_separator(byte) => ("", 1),
            _ => {
                out.push(char::from(byte));
                at += 1;
                continue;
            }
        };
        out.push_str(text);
        at += taken;
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
