//! What is known about the files that lie under the findings: which the change touched, where they were before,
//! and which line was which.

use std::collections::{BTreeMap, BTreeSet};

use imara_diff::{Algorithm, Diff, InternedInput};

use super::Texts;
use crate::audit::Finding;
use crate::audit::Gap;
use crate::source::{Changes, RepoPath, Sources};

/// Largest file, in bytes, whose lines are compared; in a larger one that changed, no line is known.
const LARGEST: usize = 4 << 20;

/// Longest line, in bytes, that is known by its text. On one line of a whole file stand all of its findings, and
/// each would have it compared again.
const LONGEST: usize = 4 << 10;

/// Where a line of the second tree stood in the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Was {
    /// At this line.
    At(u32),
    /// Not known.
    Unknown,
    /// Nowhere: the change wrote it.
    Nowhere,
}

/// A file that changed: for each of its lines, where it was, and for each line of both sides, in which piece of the
/// change it stands.
#[derive(Debug)]
struct Lines {
    was: Vec<u32>,
    pieces_before: Vec<u32>,
    pieces_after: Vec<u32>,
}

/// The files of both trees as the change left them.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    touched: BTreeSet<&'a str>,
    gone: BTreeSet<&'a str>,
    apart: &'a BTreeSet<String>,
    moved: BTreeMap<&'a str, &'a str>,
    texts: Option<Texts<'a>>,
    lines: BTreeMap<String, Lines>,
}

impl<'a> Ground<'a> {
    /// The ground of a change, with lines of the files that findings and gaps stand in.
    pub(super) fn of(changes: &'a Changes, texts: Option<Texts<'a>>, findings: &[Finding], gaps: &[Gap]) -> Self {
        let moved: BTreeMap<&str, &str> = changes.moved.iter().map(|(now, was)| (now.as_str(), was.as_str())).collect();
        let differs = |now: &str, was: &str| {
            texts.is_none_or(|texts| {
                text(texts.before, was).is_none() || text(texts.before, was) != text(texts.after, now)
            })
        };
        let renamed_and_altered = moved.iter().filter(|(now, was)| differs(now, was)).map(|(now, _)| *now);
        let touched = changes.added.iter().chain(&changes.altered).map(RepoPath::as_str).chain(renamed_and_altered);
        // A file that gave its content to another is gone from where it was, unless something stands there again.
        let gone = changes.removed.iter().chain(&changes.altered).map(RepoPath::as_str).chain(moved.values().copied());
        let mut ground = Self {
            touched: touched.collect(),
            gone: gone.collect(),
            apart: &changes.apart,
            moved,
            texts,
            lines: BTreeMap::new(),
        };
        let places = findings.iter().flat_map(|f| f.places.iter().chain(&f.waived_at)).map(|spot| spot.path.as_str());
        let gaps = gaps.iter().filter(|gap| gap.lost.is_some()).map(|gap| gap.path.as_str());
        let paths: BTreeSet<&str> = places.chain(findings.iter().map(|f| f.path.as_str())).chain(gaps).collect();
        for path in paths {
            if let Some(lines) = ground.compared(path) {
                ground.lines.insert(path.to_owned(), lines);
            }
        }
        ground
    }

    fn compared(&self, path: &str) -> Option<Lines> {
        let (texts, before) = (self.texts?, self.before(path));
        if !self.is_touched(path) {
            return None;
        }
        let (before, after) = (text(texts.before, before)?, text(texts.after, path)?);
        (before.len() <= LARGEST && after.len() <= LARGEST).then(|| Lines::between(before, after))
    }

    /// Where a file was before the change.
    pub(super) fn before<'p>(&'p self, path: &'p str) -> &'p str {
        self.moved.get(path).copied().unwrap_or(path)
    }

    /// Whether a file of the second tree has content that the first does not have in its place.
    pub(super) fn is_touched(&self, path: &str) -> bool {
        self.touched.contains(path)
    }

    /// Whether a file of the first tree is no more what it was.
    pub(super) fn was_touched(&self, path: &str) -> bool {
        self.gone.contains(path)
    }

    /// Paths that the change touched.
    pub(super) fn touched(&self) -> impl Iterator<Item = &str> {
        let apart = self.apart.iter().map(String::as_str);
        self.touched.iter().chain(&self.gone).copied().chain(self.moved.keys().copied()).chain(apart)
    }

    /// Where a line of the second tree was.
    pub(super) fn was(&self, path: &str, line: u32) -> Was {
        if !self.is_touched(path) {
            return Was::At(line);
        }
        match self.lines.get(path) {
            None if self.texts.is_some_and(|texts| text(texts.before, self.before(path)).is_none()) => Was::Nowhere,
            None => Was::Unknown,
            Some(lines) => match at(&lines.was, line) {
                0 => Was::Nowhere,
                was => Was::At(was),
            },
        }
    }

    /// Whether lines of the second tree, from the first to the last, stand in the first tree without a line between
    /// them that came or went.
    pub(super) fn is_as_it_was(&self, path: &str, (first, last): (u32, u32)) -> bool {
        let Was::At(start) = self.was(path, first) else { return false };
        (first..=last).all(|line| self.was(path, line) == Was::At(start + (line - first)))
    }

    /// Whether a line of the second tree and one of the first stand in the same piece of the change.
    pub(super) fn is_same_piece(&self, after: (&str, u32), before: (&str, u32)) -> bool {
        let Some(lines) = self.lines.get(after.0).filter(|_| self.before(after.0) == before.0) else { return false };
        let (now, was) = (at(&lines.pieces_after, after.1), at(&lines.pieces_before, before.1));
        now != 0 && now == was
    }

    /// A line of the first tree, without what is only the way it is written.
    pub(super) fn plain_before(&self, path: &str, line: u32) -> Option<String> {
        line_of(self.texts?.before, path, line).filter(|line| line.len() <= LONGEST).map(plain)
    }

    /// The same of the second tree.
    pub(super) fn plain_after(&self, path: &str, line: u32) -> Option<String> {
        line_of(self.texts?.after, path, line).filter(|line| line.len() <= LONGEST).map(plain)
    }
}

fn at(lines: &[u32], line: u32) -> u32 {
    (line as usize).checked_sub(1).and_then(|index| lines.get(index)).copied().unwrap_or(0)
}

impl Lines {
    fn between(before: &str, after: &str) -> Self {
        // The last line may stand without its end; it is the same line with it.
        let count = |text: &str| text.split_inclusive('\n').count();
        let mut out = Self {
            was: vec![0; count(after)],
            pieces_before: vec![0; count(before)],
            pieces_after: vec![0; count(after)],
        };
        let input = InternedInput::new(Whole(before), Whole(after));
        let diff = Diff::compute(Algorithm::Histogram, &input);
        let (mut line_before, mut line_after) = (0_u32, 0_u32);
        let same = |out: &mut Self, from: (u32, u32), to: u32| {
            for step in 0..to.saturating_sub(from.1) {
                if let Some(was) = out.was.get_mut((from.1 + step) as usize) {
                    *was = from.0 + step + 1;
                }
            }
        };
        for (number, hunk) in (1_u32..).zip(diff.hunks()) {
            same(&mut out, (line_before, line_after), hunk.after.start);
            for index in hunk.before.clone() {
                out.pieces_before.get_mut(index as usize).into_iter().for_each(|piece| *piece = number);
            }
            for index in hunk.after.clone() {
                out.pieces_after.get_mut(index as usize).into_iter().for_each(|piece| *piece = number);
            }
            (line_before, line_after) = (hunk.before.end, hunk.after.end);
        }
        let end = u32::try_from(out.was.len()).unwrap_or(u32::MAX);
        same(&mut out, (line_before, line_after), end);
        out
    }
}

/// A text as lines without their ends: another kind of line end is no change.
struct Whole<'a>(&'a str);

impl<'a> imara_diff::TokenSource for Whole<'a> {
    type Token = &'a str;
    type Tokenizer = std::iter::Map<std::str::SplitInclusive<'a, char>, fn(&'a str) -> &'a str>;

    fn tokenize(&self) -> Self::Tokenizer {
        let bare: fn(&'a str) -> &'a str = |line| line.trim_end_matches(['\n', '\r']);
        self.0.split_inclusive('\n').map(bare)
    }

    fn estimate_tokens(&self) -> u32 {
        u32::try_from(self.0.len() / 32).unwrap_or(u32::MAX)
    }
}

fn text<'s>(sources: &'s Sources, path: &str) -> Option<&'s str> {
    let path = RepoPath::new(path)?;
    sources.by_path(&path).map(|file| file.text.as_str())
}

/// A line of a file.
pub(super) fn line_of<'s>(sources: &'s Sources, path: &str, line: u32) -> Option<&'s str> {
    let path = RepoPath::new(path)?;
    sources.by_path(&path)?.line(line)
}

/// A line without quotes, blanks, commas, the dash of a list and the comment at its end.
fn plain(line: &str) -> String {
    let line = line.trim();
    let line = line.strip_prefix("- ").unwrap_or(line);
    let comment = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace)));
    let code = comment.and_then(|at| line.get(..at)).unwrap_or(line);
    code.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | ',')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers_through_a_change() {
        let lines = Lines::between("a\nb\nc\nd", "x\na\nb\r\ny\nd\n");
        assert_eq!(lines.was, [0, 1, 2, 0, 4]);
        assert_eq!(lines.pieces_before, [0, 0, 2, 0]);
        assert_eq!(lines.pieces_after, [1, 0, 0, 2, 0]);
        assert_eq!(Lines::between("", "a\n").was, [0]);
        assert_eq!(Lines::between("a\n", "").was, [0_u32; 0]);
    }

    #[test]
    fn a_line_is_the_same_however_it_is_written() {
        for (one, two) in [
            ("  - uses: a/b@v1", "uses:   \"a/b@v1\"  # since May"),
            ("name = 'x',", "name=\"x\""),
            ("# only a comment", ""),
        ] {
            assert_eq!(plain(one), plain(two), "{one}");
        }
        assert_ne!(plain("curl https://example.com/#a"), plain("curl https://example.com/#b"));
    }
}
