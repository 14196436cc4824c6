//! Git is told to hide files that decide something: from the diff of a review, from an archive, from the next commit.

use super::compared::{Compared, listed};
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::lines::{LineFile, LineForm};
use crate::rules::upkeep::owned::Pattern;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, RepoPath, Span};

pub(super) static RULE: Rule = Rule {
    id: "hidden-from-review",
    title: "git is told to hide files that were audited",
    many: "{n} files tell git to hide what was audited",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("hidden_from_review.md"),
    check,
};

/// What an attribute does to a file.
fn effect(word: &str) -> Option<&'static str> {
    let (name, value) = word.split_once('=').unwrap_or((word, "true"));
    match (name, value) {
        ("linguist-generated" | "linguist-vendored", "true") => Some("folds it away in a review"),
        ("-diff" | "binary", _) => Some("shows no diff of it"),
        ("export-ignore", _) => Some("leaves it out of archives"),
        ("filter", _) => Some("has a program change it on its way"),
        _ => None,
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    for (document, was) in compared.touched() {
        let Document::Lines(now) = document else { continue };
        let old: Vec<&str> = match was {
            Some(Document::Lines(old)) => old.lines.iter().map(|line| line.value.as_str()).collect(),
            _ => Vec::new(),
        };
        let found: Vec<Hiding<'_>> = now
            .lines
            .iter()
            .filter(|l| !old.contains(&l.value.as_str()))
            .filter_map(|l| hiding(&compared, now, &l.value, l.span))
            .collect();
        say(&compared, report, now, &found);
    }
}

struct Hiding<'h> {
    line: &'h str,
    span: Span,
    effect: &'static str,
    file: String,
    /// A lock, which services fold away by themselves.
    is_lock: bool,
}

fn hiding<'h>(compared: &Compared<'_>, file: &LineFile, line: &'h str, span: Span) -> Option<Hiding<'h>> {
    let folder = compared.scene.sources.get(file.file)?.path.parent();
    let mut words = line.split_whitespace();
    let (pattern, effect) = match file.form {
        LineForm::GitAttributes => (words.next()?, words.find_map(effect)?),
        LineForm::GitIgnore if !line.starts_with('!') => (line, "keeps git from seeing it once it is untracked"),
        _ => return None,
    };
    let pattern = Pattern::of(pattern);
    let matches = |path: &RepoPath| {
        let Some(below) = (match folder.is_root() {
            true => Some(path.as_str()),
            false => path.as_str().strip_prefix(folder.as_str()).and_then(|rest| rest.strip_prefix('/')),
        }) else {
            return false;
        };
        pattern.matches(&below.split('/').collect::<Vec<_>>())
    };
    let is_hit = |document: &&Document| {
        let is_own = matches!(document, Document::Lines(_) | Document::Opaque(_) | Document::Built(_));
        let counts = !compared.scene.role(document.file()).is_set_aside();
        !is_own && counts && compared.scene.sources.get(document.file()).is_some_and(|file| matches(&file.path))
    };
    // Of a file that is ignored one asks whether the tree before had it.
    let document = match file.form {
        LineForm::GitIgnore => compared.base().documents.iter().find(|document| {
            let of_base = compared.base().sources.get(document.file());
            !compared.base().role(document.file()).is_set_aside() && of_base.is_some_and(|file| matches(&file.path))
        }),
        _ => compared.scene.documents.iter().find(is_hit),
    }?;
    let sources = if file.form == LineForm::GitIgnore { compared.base().sources } else { compared.scene.sources };
    let is_lock = matches!(document, Document::CargoLock(_) | Document::PythonLock(_) | Document::CondaLock(_));
    Some(Hiding { line, span, effect, file: sources.path(document.file()).to_owned(), is_lock })
}

fn say(compared: &Compared<'_>, report: &mut Reporter<'_>, file: &LineFile, found: &[Hiding<'_>]) {
    let Some(main) = found.iter().min_by_key(|one| one.is_lock) else { return };
    let path = compared.scene.sources.path(file.file);
    let lines: Vec<&str> = found.iter().map(|one| one.line).collect();
    let severity = match (file.form, main.is_lock) {
        (LineForm::GitAttributes, true) => Severity::Info,
        _ => Severity::Medium,
    };
    report
        .at(Place::new(file.file, main.span), main.effect)
        .about("attributes", path, None)
        .severity(severity)
        .confidence(Confidence::High)
        .also(found.iter().map(|one| Place::new(file.file, one.span)))
        .content(lines.join("\n"))
        .via(path.to_owned(), Some(Place::new(file.file, main.span)))
        .evidence(format!("new lines: {}", listed(&lines)))
        .advise(format!("leave {} in sight, or say in the change why it is hidden", main.file))
        .say(format!("{path} now names {}, which {}", main.file, main.effect));
}
