//! A rule's page: fixed sections, and code blocks that are the rule's first tests.
//!
//! A block under *Bad* or *Good* names its file: ` ```yaml path=.github/workflows/a.yml `.
//! Consecutive blocks form one tree. In a bad tree the lines that must be reported carry the
//! marker `#!` (`//!` where `#` is no comment) at their end; the marker is taken out before the
//! tree is read.

/// A page, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Sections in order.
    pub sections: Vec<Section>,
}

/// One `##` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Its text, blocks included.
    pub text: String,
    /// Trees of files, each a run of consecutive blocks with a path.
    pub trees: Vec<Vec<Block>>,
}

/// A code block with a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The file it stands for.
    pub path: String,
    /// Its text without markers.
    pub text: String,
    /// 1-based lines that carried the marker.
    pub marked: Vec<u32>,
    /// Which tree it belongs to, where a page compares two.
    pub side: Side,
}

/// The tree of a block: a page about changes has one before and one after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// As it is after the change; what a block is that says nothing.
    #[default]
    After,
    /// As it was before, `side=before`.
    Before,
    /// The same in both, `side=both`.
    Both,
}

/// Sections a page must have, in this order.
pub const SECTIONS: &[&str] =
    &["What it reports", "Why it matters", "Bad", "Good", "What to do", "When it is wrong", "References"];

impl Page {
    /// Takes a page apart. Never fails; tests check what is missing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut sections: Vec<Section> = Vec::new();
        let mut lines = text.lines();
        let mut adjoining = false;
        while let Some(line) = lines.next() {
            if let Some(title) = line.strip_prefix("## ") {
                sections.push(Section { title: title.trim().to_owned(), text: String::new(), trees: Vec::new() });
                adjoining = false;
                continue;
            }
            let Some(section) = sections.last_mut() else { continue };
            section.text.push_str(line);
            section.text.push('\n');
            let path =
                line.strip_prefix("```").and_then(|info| info.split_whitespace().find_map(|w| w.strip_prefix("path=")));
            let Some(path) = path else {
                adjoining &= line.trim().is_empty();
                continue;
            };
            let side = match line.split_whitespace().find_map(|w| w.strip_prefix("side=")) {
                Some("before") => Side::Before,
                Some("both") => Side::Both,
                _ => Side::After,
            };
            let mut block = Block { path: path.to_owned(), text: String::new(), marked: Vec::new(), side };
            let mut number = 0;
            for line in lines.by_ref() {
                section.text.push_str(line);
                section.text.push('\n');
                if line.starts_with("```") {
                    break;
                }
                number += 1;
                let bare = line.strip_suffix("#!").or_else(|| line.strip_suffix("//!"));
                if bare.is_some() {
                    block.marked.push(number);
                }
                block.text.push_str(bare.map_or(line, str::trim_end));
                block.text.push('\n');
            }
            match section.trees.last_mut() {
                Some(tree) if adjoining => tree.push(block),
                _ => section.trees.push(vec![block]),
            }
            adjoining = true;
        }
        Self { sections }
    }

    /// The section of a title.
    #[must_use]
    pub fn section(&self, title: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.title == title)
    }
}
