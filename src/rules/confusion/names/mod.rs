//! Names that are known to be taken on crates.io.
//!
//! `crates.txt` lists crates that stood with a crates.io source in the locks of some hundred public
//! repositories in November 2026, one a line in byte order. It is a sample: a name that is missing
//! is not free.

static CRATES: &str = include_str!("crates.txt");

/// Whether the sample holds the name.
pub(super) fn is_taken(name: &str) -> bool {
    // The list is read a few times per audit at most; building a set would cost more than it saves.
    CRATES.lines().any(|line| line == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_knows_the_obvious() {
        assert!(CRATES.lines().collect::<Vec<_>>().is_sorted());
        assert!(is_taken("serde") && !is_taken("no such crate"));
    }
}
