//! The words of a text: whether it may load something, and which names it calls. No parser is asked.

use std::collections::HashSet;

/// Words that are looked for, with what tells quickly that a word is none of them.
#[derive(Debug)]
pub(super) struct Words {
    all: HashSet<&'static [u8]>,
    /// By the first byte of a word, a bit for each of their lengths.
    lengths: [u64; 256],
}

impl Words {
    pub(super) fn new(words: impl Iterator<Item = &'static str>) -> Self {
        let mut out = Self { all: HashSet::new(), lengths: [0; 256] };
        for word in words.map(str::as_bytes).filter(|word| (2..64).contains(&word.len())) {
            out.lengths[usize::from(word[0])] |= 1 << word.len();
            out.all.insert(word);
        }
        out
    }

    /// Whether a text has one of them.
    pub(super) fn is_in(&self, text: &str) -> bool {
        each_word(text, |word, _| self.has(word))
    }

    fn has(&self, word: &[u8]) -> bool {
        word.len() < 64 && self.lengths[usize::from(word[0])] & (1 << word.len()) != 0 && self.all.contains(word)
    }
}

/// Marks of the names that are called in a text, sorted.
pub(super) fn marks_of(text: &str) -> Vec<u32> {
    let mut out: Vec<u32> = Vec::new();
    each_word(text, |word, next| {
        if next == Some(b'(') {
            out.push(mark_of(word));
        }
        false
    });
    out.sort_unstable();
    out.dedup();
    out.shrink_to_fit();
    out
}

/// Calls `told` with each word of a text and the byte behind it, until it says that it has seen enough; whether it did.
fn each_word(text: &str, mut told: impl FnMut(&[u8], Option<u8>) -> bool) -> bool {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| is_part(byte)).count();
        let next = bytes.get(at + length).copied();
        if length > 0 && told(&bytes[at..at + length], next) {
            return true;
        }
        at += length + 1;
    }
    false
}

/// A number for a name, which few others have (FNV-1a).
pub(super) fn mark_of(word: &[u8]) -> u32 {
    word.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_and_calls_are_marked() {
        let words = Words::new(["hub", "from_pretrained"].into_iter());
        for (text, expected) in [
            ("import hub", true),
            ("x.from_pretrained(a)", true),
            ("github", false),
            ("hubs", false),
            ("hub_", false),
            ("é hub", true),
            ("", false),
        ] {
            assert_eq!(words.is_in(text), expected, "{text}");
        }
        let mut expected = vec![mark_of(b"run"), mark_of(b"load_it")];
        expected.sort_unstable();
        assert_eq!(marks_of("a.run(load_it(b), c), run(1) other (2)"), expected);
    }
}
