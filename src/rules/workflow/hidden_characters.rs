//! Characters that nobody sees, in files that say what CI and agents do.

use std::collections::BTreeSet;

use super::written::and_others;
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, SourceFile, Span};

pub(super) static RULE: Rule = Rule {
    id: "hidden-characters",
    title: "characters that nobody sees",
    many: "{n} files hold characters that nobody sees",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("hidden_characters.md"),
    check,
};

/// What a character does to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trick {
    /// Shows the text in another order than it is read in.
    Order,
    /// Holds data that shows as nothing.
    Data,
    /// A letter of another script in a name of ASCII.
    Letter,
    /// Shows as nothing. Often pasted without knowing.
    Blank,
}

impl Trick {
    fn label(self) -> &'static str {
        match self {
            Self::Order => "shows the text in another order",
            Self::Data => "may hold text that shows as nothing",
            Self::Letter => "a letter of another script",
            Self::Blank => "shows as nothing",
        }
    }
}

/// Selectors in a row that spell something: an emoji has one.
const SELECTORS: usize = 3;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut seen: BTreeSet<FileId> = BTreeSet::new();
    for document in scene.documents {
        let Some(file) = file_of(document).filter(|file| !seen.contains(file)) else { continue };
        let Some(host) = scene.sources.get(file).filter(|host| !host.text.is_ascii()) else { continue };
        seen.insert(file);
        let mut found = hidden(&host.text);
        found.extend(letters(document, host));
        found.sort_by_key(|(trick, at, _)| (*trick, *at));
        say(report, host, document, &found);
    }
}

/// The file of a document that decides what CI, hooks or agents run.
fn file_of(document: &Document) -> Option<FileId> {
    match document {
        Document::Workflow(workflow) => Some(workflow.file),
        Document::Action(action) => Some(action.file),
        Document::Gitlab(pipeline) => Some(pipeline.file),
        Document::Dependabot(settings) => Some(settings.file),
        Document::Hooks(hooks) => Some(hooks.file),
        Document::CodeOwners(owners) => Some(owners.file),
        Document::Agent(agent) => Some(agent.file),
        _ => None,
    }
}

type Hidden = (Trick, usize, char);

fn say(report: &mut Reporter<'_>, host: &SourceFile, document: &Document, found: &[Hidden]) {
    let Some((trick, at, c)) = found.first() else { return };
    let place = |at: usize, c: char| Place::new(host.id, Span::new(at, at + c.len_utf8()));
    // A blank in a name or a comment is a slip of the clipboard; in what is run it is none.
    let runs = |at: usize| {
        let span = Span::new(at, at);
        let steps = match document {
            Document::Workflow(workflow) => workflow.jobs.iter().flat_map(|job| &job.steps).collect::<Vec<_>>(),
            Document::Action(action) => action.steps.iter().collect(),
            _ => Vec::new(),
        };
        steps.iter().any(|step| {
            let run = step.run.as_ref().map(|script| script.span);
            let uses = step.uses.as_ref().map(|uses| uses.span);
            run.into_iter().chain(uses).any(|s| s.contains(span))
        })
    };
    let (severity, confidence) = match trick {
        Trick::Order | Trick::Data | Trick::Letter => (Severity::High, Confidence::High),
        Trick::Blank if found.iter().any(|(_, at, _)| runs(*at)) => (Severity::Medium, Confidence::Medium),
        Trick::Blank => (Severity::Low, Confidence::Low),
    };
    let name = host.path.name();
    report
        .at(place(*at, *c), trick.label())
        .severity(severity)
        .confidence(confidence)
        .about("file", host.path.as_str(), None)
        .content(format!("{trick:?} U+{:04X}", u32::from(*c)))
        .also(found.iter().map(|(_, at, c)| place(*at, *c)))
        .advise("delete the character, and look at who wrote the line and what it says without it")
        .say(match trick {
            Trick::Letter => {
                format!(
                    "`{name}` names something with U+{:04X}, which looks like a letter of ASCII{}",
                    u32::from(*c),
                    and_others(found.len())
                )
            }
            _ => format!("`{name}` holds U+{:04X}, which nobody sees{}", u32::from(*c), and_others(found.len())),
        });
}

/// Places of one file that are told; a hostile file has millions.
const MAX_PLACES: usize = 64;

/// What joins or parts letters and shows as nothing.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{061C}' | '\u{2060}')
}

fn hidden(text: &str) -> Vec<Hidden> {
    let mut out = Vec::new();
    let mut before = ' ';
    let mut selectors = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map_or(' ', |(_, c)| *c);
        selectors = if matches!(c, '\u{FE00}'..='\u{FE0F}') { selectors + 1 } else { 0 };
        let trick = match c {
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => Some(Trick::Order),
            // The flags of England, Scotland and Wales are spelled in these, behind a black flag.
            '\u{E0000}'..='\u{E007F}' if !matches!(before, '\u{1F3F4}' | '\u{E0000}'..='\u{E007F}') => {
                Some(Trick::Data)
            }
            '\u{E0100}'..='\u{E01EF}' => Some(Trick::Data),
            '\u{FE00}'..='\u{FE0F}' if selectors == SELECTORS => Some(Trick::Data),
            // Between other than ASCII they join emoji and letters, but one at a time.
            '\u{200C}' | '\u{200D}' | '\u{200E}' | '\u{200F}' | '\u{061C}'
                if is_joiner(before) || is_joiner(next) || before.is_ascii() && next.is_ascii() =>
            {
                Some(Trick::Blank)
            }
            '\u{FEFF}' if at > 0 => Some(Trick::Blank),
            '\u{200B}'
            | '\u{2060}'..='\u{2064}'
            | '\u{00AD}'
            | '\u{180E}'
            | '\u{3164}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{FFA0}'
            | '\u{2800}'
            | '\u{206A}'..='\u{206F}' => Some(Trick::Blank),
            _ => None,
        };
        if let Some(trick) = trick {
            out.push((trick, at, c));
            if out.len() == MAX_PLACES {
                break;
            }
        }
        before = c;
    }
    out
}

/// Letters of other scripts in the names of actions and images, which have none.
fn letters(document: &Document, host: &SourceFile) -> Vec<Hidden> {
    let (mut spans, mut steps) = (Vec::new(), Vec::new());
    match document {
        Document::Workflow(workflow) => {
            for job in &workflow.jobs {
                spans.extend(job.uses.as_ref().map(|uses| uses.span));
                spans.extend(job.images.iter().map(|image| image.reference.span));
                steps.extend(&job.steps);
            }
        }
        Document::Action(action) => steps.extend(&action.steps),
        _ => {}
    }
    spans.extend(steps.iter().filter_map(|step| step.uses.as_ref()).map(|uses| uses.span));
    let mut out = Vec::new();
    for span in spans {
        let text = host.text_at(span);
        // The name ends where an expression or a comment begins.
        let name = text.split([' ', '#']).next().unwrap_or("");
        let foreign = name.char_indices().find(|(_, c)| c.is_alphabetic() && !c.is_ascii());
        if let (Some((at, c)), false, true) =
            (foreign, name.contains("${{"), name.contains('/') && !name.starts_with('.'))
        {
            out.push((Trick::Letter, span.range(host.text.len()).start + at, c));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tricks_are_told_from_emoji_and_other_scripts() {
        for (text, expected) in [
            ("name: a\u{202E}b", vec![Trick::Order]),
            ("run: echo \u{E0041}\u{E0042}", vec![Trick::Data]),
            ("x\u{E0101}y", vec![Trick::Data]),
            ("x\u{FE00}\u{FE01}\u{FE02}\u{FE03}", vec![Trick::Data]),
            ("uses: a\u{200B}b", vec![Trick::Blank]),
            ("a\u{200D}b", vec![Trick::Blank]),
            ("a\u{200C}\u{200D}b", vec![Trick::Blank, Trick::Blank]),
            ("\u{FEFF}on: push", vec![]),
            ("name: \u{2699}\u{FE0F} build \u{1F468}\u{200D}\u{1F4BB}", vec![]),
            ("name: \u{1F3F4}\u{E0067}\u{E0062}\u{E007F}", vec![]),
            ("name: проверка, 检查, نام\u{200C}ها", vec![]),
        ] {
            let found: Vec<Trick> = hidden(text).into_iter().map(|(trick, ..)| trick).collect();
            assert_eq!(found, expected, "{text:?}");
        }
        assert_eq!(hidden(&"\u{200B}".repeat(1000)).len(), MAX_PLACES);
    }
}
