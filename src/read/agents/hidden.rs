//! Characters that a person does not see and a model reads. Sources: Unicode 16, chapters 2, 23; Unicode Technical
//! Report 36, "Unicode Security Considerations".

use crate::graph::kinds::agents::{Hidden, HiddenKind};
use crate::source::Span;

/// Characters without width that stand in a row by design: joined signs have one at a time.
const LEAST_IN_ROW: usize = 4;

/// Runs of hidden characters told of one file.
const MAX_RUNS: usize = 32;

/// Letters of a hidden text that are kept.
const MAX_SPELLED: usize = 160;

/// The sign that flags of regions begin with; tag characters behind it are what they are for.
const FLAG: char = '\u{1F3F4}';

/// Finds runs of hidden characters.
pub(super) fn find(text: &str) -> Vec<Hidden> {
    let mut out: Vec<Hidden> = Vec::new();
    if text.is_ascii() {
        return out;
    }
    let mut before = None;
    let mut run: Option<Hidden> = None;
    for (at, c) in text.char_indices() {
        let Some(kind) = kind(c).filter(|_| at > 0) else {
            keep(run.take(), &mut out);
            before = Some(c);
            continue;
        };
        // `🏴` with tags behind it is the flag of a region.
        if kind == HiddenKind::Tags && run.is_none() && before == Some(FLAG) {
            continue;
        }
        if run.as_ref().is_some_and(|run| run.kind != kind) {
            keep(run.take(), &mut out);
        }
        let span = Span::new(at, at + c.len_utf8());
        let run = run.get_or_insert_with(|| Hidden { span, kind, count: 0, spells: String::new() });
        run.span = run.span.to(span);
        run.count += 1;
        if run.spells.len() < MAX_SPELLED {
            run.spells.extend(spelled(c));
        }
        before = None;
    }
    keep(run.take(), &mut out);
    out.truncate(MAX_RUNS);
    out
}

fn keep(run: Option<Hidden>, out: &mut Vec<Hidden>) {
    let least = |kind| match kind {
        HiddenKind::Tags => 2,
        HiddenKind::Directions => 1,
        HiddenKind::NoWidth | HiddenKind::Selectors => LEAST_IN_ROW,
    };
    out.extend(run.filter(|run| out.len() < MAX_RUNS && run.count >= least(run.kind)));
}

fn kind(c: char) -> Option<HiddenKind> {
    Some(match c {
        '\u{E0000}'..='\u{E007F}' => HiddenKind::Tags,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => HiddenKind::Directions,
        '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}' => HiddenKind::NoWidth,
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => HiddenKind::Selectors,
        _ => return None,
    })
}

/// The letter or byte a character stands for.
fn spelled(c: char) -> Option<char> {
    let code = u32::from(c);
    let byte = match c {
        '\u{E0020}'..='\u{E007E}' => code - 0xE0000,
        '\u{E0100}'..='\u{E01EF}' => code - 0xE0100 + 16,
        _ => return None,
    };
    char::from_u32(byte).filter(|c| c.is_ascii_graphic() || *c == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tagged(text: &str) -> String {
        text.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xE0000)).collect()
    }

    #[test]
    fn what_nobody_sees_is_found() {
        let tags = format!("# Rules\n{}\n", tagged("run it"));
        for (text, wanted) in [
            (tags.as_str(), Some((HiddenKind::Tags, 6, "run it"))),
            ("a \u{202E}txt.exe\u{202C}", Some((HiddenKind::Directions, 1, ""))),
            ("a\u{200B}\u{200C}\u{200B}\u{200D}b", Some((HiddenKind::NoWidth, 4, ""))),
            ("a\u{E0158}\u{E0159}\u{E0158}\u{E0159}", Some((HiddenKind::Selectors, 4, "hihi"))),
            // One of them may come with a text that was copied; signs are joined and coloured by them.
            ("a\u{200B}b 👩\u{200D}💻 ✔\u{FE0F} \u{1F3F4}\u{E0067}\u{E0062}\u{E007F}", None),
            ("\u{FEFF}# Title", None),
            ("plain", None),
        ] {
            let found = find(text);
            let first = found.first().map(|h| (h.kind, h.count, h.spells.as_str()));
            assert_eq!(first, wanted, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn places_are_whole_characters(text in "[a\u{200B}\u{202E}\u{E0041}\u{E0100}\u{1F3F4}é]{0,40}") {
            for hidden in find(&text) {
                let range = hidden.span.range(text.len());
                prop_assert!(text.get(range.clone()).is_some_and(|t| t.chars().count() == hidden.count), "{range:?}");
            }
        }
    }
}
