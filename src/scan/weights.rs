//! What headers of weights say of a model: how many numbers of which types, and the words beside them. Facts for a
//! bill of materials; no finding comes of them.

use std::collections::BTreeMap;

use sha2::Digest;
use sha2::Sha256;

/// Words kept of one header.
const WORDS: usize = 256;
/// Bytes of one word. Logs of training runs and vocabularies are none.
const LONGEST: usize = 1024;

/// What a header of weights says. Whatever a header says may be a lie: nothing here was held against the weights.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Weights {
    /// How many numbers the tensors hold, by the type of the numbers as the format spells it: `BF16`, `Q4_K`.
    pub numbers: BTreeMap<String, u64>,
    /// Keys with their values, as text: `general.architecture`. Of lists, the items that are text, each on a line.
    pub words: BTreeMap<String, String>,
    /// SHA-256 of the chat template, lower-case hexadecimal.
    pub chat_template: Option<String>,
    /// Whether the header was read to its end. Of one that was not, the numbers are not all.
    pub is_whole: bool,
}

impl Weights {
    /// Counts a tensor. Numbers beyond what fits are a lie, and the count stays where it is.
    pub(super) fn tensor(&mut self, kind: &str, shape: impl IntoIterator<Item = u64>) {
        let all = shape.into_iter().try_fold(1_u64, u64::checked_mul).unwrap_or(0);
        match self.numbers.get_mut(kind) {
            Some(count) => *count = count.saturating_add(all),
            None => {
                self.numbers.insert(kind.to_owned(), all);
            }
        }
    }

    /// Keeps a word, if it is one that a person would read.
    pub(super) fn word(&mut self, key: &str, value: &str) {
        let is_read = !value.trim().is_empty() && value.len() <= LONGEST && key.len() <= LONGEST;
        if is_read && self.words.len() < WORDS {
            self.words.entry(key.to_owned()).or_insert_with(|| value.to_owned());
        }
    }

    /// Adds an item to the list of a key.
    pub(super) fn item(&mut self, key: &str, value: &str) {
        if let Some(list) = self.words.get_mut(key) {
            if list.len() + value.len() < LONGEST {
                list.push('\n');
                list.push_str(value);
            }
        } else {
            self.word(key, value);
        }
    }

    /// How many parameters the model has, where the types of the numbers tell: none where a part of them is packed,
    /// several to a number, and none of a header that was not read to its end.
    #[must_use]
    pub fn parameters(&self) -> Option<u64> {
        let sum = |of: fn(&str) -> Hold| {
            self.numbers
                .iter()
                .filter(|(kind, _)| of(kind) == Hold::Parameters)
                .fold(0_u64, |all, (_, count)| all.saturating_add(*count))
        };
        let all = sum(hold);
        let packed: u64 = self
            .numbers
            .iter()
            .filter(|(kind, _)| hold(kind) == Hold::Packed)
            .fold(0, |all, (_, count)| all.saturating_add(*count));
        // Small tables of whole numbers are no weights.
        (self.is_whole && all > 0 && all < u64::MAX && packed <= all / 100).then_some(all)
    }

    /// Types that a person would call the types of its weights: those of a hundredth of the numbers or more.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        let all = self.numbers.values().fold(0_u64, |all, count| all.saturating_add(*count));
        self.numbers
            .iter()
            .filter(move |(kind, count)| **count > 0 && (**count >= all / 100) && hold(kind) != Hold::Tables)
            .map(|(kind, _)| kind.as_str())
    }

    /// The architecture and a value below it: `llama.context_length`.
    #[must_use]
    pub fn of_architecture(&self, key: &str) -> Option<&str> {
        let architecture = self.words.get("general.architecture")?;
        self.words.get(&format!("{architecture}.{key}")).map(String::as_str)
    }
}

/// SHA-256 of a text, lower-case hexadecimal.
#[must_use]
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What numbers of a type hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// A parameter each.
    Parameters,
    /// Several parameters each: how many is not told.
    Packed,
    /// Positions and masks.
    Tables,
}

fn hold(kind: &str) -> Hold {
    match kind {
        "U8" | "I32" | "U32" => Hold::Packed,
        "BOOL" | "I16" | "U16" | "I64" | "U64" => Hold::Tables,
        _ => Hold::Parameters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[(&str, &[u64])]) -> Weights {
        let mut weights = Weights { is_whole: true, ..Weights::default() };
        numbers.iter().for_each(|(kind, shape)| weights.tensor(kind, shape.iter().copied()));
        weights
    }

    #[test]
    fn parameters_are_counted_where_numbers_are_parameters() {
        for (numbers, expected) in [
            (&[("BF16", &[10, 10][..]), ("BF16", &[5])][..], Some(105)),
            (&[("F32", &[1000]), ("I64", &[1, 512])], Some(1000)),
            (&[("Q4_K", &[256, 4]), ("F32", &[7])], Some(1031)),
            // Eight parameters in each number.
            (&[("I32", &[100]), ("F16", &[10])], None),
            (&[("U8", &[100]), ("BF16", &[10])], None),
            (&[], None),
            (&[("F32", &[u64::MAX, 2])], None),
            (&[("F32", &[u64::MAX]), ("F16", &[u64::MAX])], None),
        ] {
            assert_eq!(of(numbers).parameters(), expected, "{numbers:?}");
        }
        let cut = Weights { is_whole: false, ..of(&[("F32", &[4])]) };
        assert_eq!(cut.parameters(), None);
    }

    #[test]
    fn types_are_those_of_the_weights() {
        let weights = of(&[("BF16", &[1000]), ("F32", &[5]), ("I64", &[100])]);
        assert_eq!(weights.types().collect::<Vec<_>>(), ["BF16"]);
    }

    #[test]
    fn words_are_few_and_short() {
        let mut weights = Weights::default();
        weights.word("a", "  ");
        weights.word("log", &"x".repeat(LONGEST + 1));
        for index in 0..1000 {
            weights.word(&format!("k{index}"), "v");
        }
        assert_eq!(weights.words.len(), WORDS);
        assert!(!weights.words.contains_key("a") && !weights.words.contains_key("log"));
        weights.words.clear();
        weights.item("tags", "one");
        weights.item("tags", "two");
        assert_eq!(weights.words.get("tags").map(String::as_str), Some("one\ntwo"));
    }
}
