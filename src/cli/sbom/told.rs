//! How much a document tells of what lists of minimum elements ask for: the part of `sbom check` below its verdict.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::cli::args::{SbomCheckOptions, closest};
use crate::diag::redact::redact;
use crate::report::escape;
use crate::sbom::complete::{self, KnownBy, List, Score, Told};
use crate::sbom::read;

/// Missing elements of a list that the screen names.
const SHOWN: usize = 3;
/// Parts that lack an element and are named.
const NAMED: usize = 3;

/// Scores as JSON tells them.
#[derive(Debug, Serialize)]
pub(super) struct Scores<'s> {
    /// A score for each list.
    lists: &'s [Score],
}

impl<'s> Scores<'s> {
    pub(super) fn of(lists: &'s [Score]) -> Self {
        Self { lists }
    }
}

/// The lists that were asked for, each once; all where none was.
pub(super) fn lists(options: &SbomCheckOptions) -> Result<Vec<List>> {
    let mut out = Vec::new();
    for word in &options.list {
        let Some(list) = List::of_word(word) else {
            let words = List::ALL.iter().map(|list| list.word());
            let hint = closest(word, words.clone()).map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
            bail!("lists are {}{hint}", words.collect::<Vec<_>>().join(", "));
        };
        if !out.contains(&list) {
            out.push(list);
        }
    }
    Ok(if out.is_empty() { List::ALL.to_vec() } else { out })
}

/// The scores of a document, and whether it lists parts at all; none where it cannot be read as one.
pub(super) fn scores(bytes: &[u8], lists: &[List]) -> Option<(Vec<Score>, bool)> {
    let mut bom = read::read(bytes).ok()?.bom;
    bom.settle();
    Some((lists.iter().map(|list| complete::score(&bom, *list)).collect(), complete::is_bare(&bom)))
}

/// The screen.
pub(super) fn text(scores: &[Score], is_bare: bool, all: bool) -> String {
    let mut out = String::from("\nhow much it tells of what is asked for\n");
    if is_bare {
        out.push_str("  it lists no parts beside what it is about, so it tells nothing of them\n");
        if !all {
            return out;
        }
    }
    for score in scores {
        let _ = writeln!(out, "  {:>3} %  {}", score.percent, score.list.title());
        if all { elements(score, &mut out) } else { heaviest(score, &mut out) }
    }
    if !all {
        let _ =
            writeln!(out, "  --all names every element, --list one list. Nothing here says that a product conforms.");
    }
    out
}

/// What lacks most: what files or a command can tell before what a person has to.
fn heaviest(score: &Score, out: &mut String) {
    let mut lacking: Vec<&Told> = score.elements.iter().filter(|one| one.applies() && !one.is_whole()).collect();
    let share = |one: &Told| one.have * 1000 / one.of.max(1);
    lacking.sort_by_key(|one| (share(one), one.known == KnownBy::Person, one.stated.is_empty()));
    for one in lacking.iter().take(SHOWN) {
        let _ = writeln!(out, "         {}", line(one));
    }
    if let Some(more) = lacking.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let _ = writeln!(out, "         and {more} more");
    }
}

/// An element that is not told in full, and where it could be.
fn line(one: &Told) -> String {
    let stated = if one.stated.is_empty() { String::new() } else { format!(" → {}", one.stated) };
    format!("{}, {}: {}{stated}", one.cluster, one.title, state(one))
}

fn state(one: &Told) -> String {
    match (one.have, one.of) {
        (_, 0) => "does not apply".to_owned(),
        (have, of) if have == of => "told".to_owned(),
        (0, 1) => "missing".to_owned(),
        (have, of) => format!("{have} of {of}"),
    }
}

fn elements(score: &Score, out: &mut String) {
    let mut cluster = "";
    for one in &score.elements {
        if one.cluster != cluster {
            cluster = one.cluster;
            let _ = writeln!(out, "         {cluster}");
        }
        let who = if one.known == KnownBy::Person { ", a person knows" } else { "" };
        let stated =
            if one.stated.is_empty() || one.is_whole() { String::new() } else { format!(" → {}", one.stated) };
        let _ = writeln!(out, "           {} {}: {}{who}{stated}", one.id, one.title, state(one));
        if !one.missing.is_empty() {
            let names: Vec<&str> = one.missing.iter().take(NAMED).map(String::as_str).collect();
            let more = one.missing.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let text = escape::line(&escape::terminal(&redact(&format!("{}{more}", names.join(", ")))));
            let _ = writeln!(out, "             not: {text}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &[u8] = br#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "name": "app", "bom-ref": "app"}},
        "components": [{"type": "machine-learning-model", "name": "chat", "bom-ref": "chat"}]}"#;

    #[test]
    fn the_screen_names_what_lacks_and_where_to_state_it() {
        let (scores, is_bare) = scores(DOCUMENT, List::ALL).unwrap();
        let screen = text(&scores, is_bare, false);
        // What our own files say changes nothing in a document of another program.
        assert!(screen.contains("metadata.lifecycles") && !screen.contains("cargo custody lock"), "{screen}");
        assert!(screen.lines().count() < 30, "{screen}");
        let whole = text(&scores, is_bare, true);
        for element in List::G7.elements() {
            assert!(whole.contains(element.id), "{}", element.id);
        }
        assert!(whole.contains("dataset-hash digests: does not apply"), "{whole}");
        assert!(whole.contains("not: chat"), "{whole}");
    }

    #[test]
    fn what_is_no_document_has_no_score() {
        assert!(scores(b"{}", List::ALL).is_none());
        let (empty, is_bare) =
            scores(br#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}"#, List::ALL).unwrap();
        assert!(is_bare && empty.iter().all(|score| score.percent == 0));
        assert!(text(&empty, is_bare, false).contains("it lists no parts"));
    }
}
