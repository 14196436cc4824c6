//! Which of a tree's policies is in force, once all files are read: the first of the four places, and what it
//! inherits where that has the digest it names. All others are taken out, aloud.

use super::{Outcome, Reading};
use crate::config::{Config, Home};
use crate::graph::Document;
use crate::parse::{Problem, cargo_checksum};
use crate::source::{FileId, RepoPath, Span};

/// Leaves one policy, and the one that it inherits.
pub(super) fn settle(reading: &mut Reading) {
    let configs = || {
        reading
            .documents
            .iter()
            .filter_map(|d| if let Document::Custody(config) = d { Some(config.as_ref()) } else { None })
    };
    let own = || configs().filter(|config| config.home != Home::Inherited);
    let Some(first) = own().min_by_key(|config| config.home) else {
        return;
    };
    let chosen = (first.file, first.home);
    let mut told: Vec<(FileId, Problem)> = Vec::new();
    for config in own().filter(|config| (config.file, config.home) != chosen) {
        let at = config.said.first().map(|said| said.span).unwrap_or_default();
        let why = format!("nothing of this policy holds: {} is in force", first.home.as_str());
        told.push((config.file, Problem::new(at, why)));
    }
    let inherited = match inherited(first, reading, configs()) {
        Ok(file) => file,
        Err(problem) => {
            told.push((first.file, problem));
            None
        }
    };
    reading.documents.retain(|document| match document {
        Document::Custody(config) if config.home == Home::Inherited => inherited == Some(config.file),
        Document::Custody(config) => (config.file, config.home) == chosen,
        _ => true,
    });
    for (file, problem) in told {
        match reading.files.get_mut(file.0 as usize).map(|one| &mut one.outcome) {
            Some(Outcome::Partial(problems)) => problems.push(problem),
            Some(outcome @ Outcome::Read) => *outcome = Outcome::Partial(vec![problem]),
            _ => {}
        }
    }
}

/// The file that a policy inherits; none where it inherits none, or the tree lacks it, which is told elsewhere.
fn inherited<'c>(
    own: &Config,
    reading: &Reading,
    mut configs: impl Iterator<Item = &'c Config>,
) -> Result<Option<FileId>, Problem> {
    let Some(extends) = &own.extends else { return Ok(None) };
    let path = RepoPath::new(extends.path.as_str());
    let Some(file) = path.and_then(|path| reading.sources.by_path(&path)) else { return Ok(None) };
    let refused = |span: Span, why: String| Err(Problem::new(span, why));
    let sum = cargo_checksum::sha256(file.text.as_bytes());
    if file.invalid_utf8.is_some() || sum != extends.sha256.value {
        let why = format!("nothing of {} holds: its digest is {sum}", file.path);
        return refused(extends.sha256.span, why);
    }
    match configs.find(|config| config.file == file.id && config.home == Home::Inherited) {
        Some(config) => Ok(Some(config.file)),
        None => refused(extends.path.span, format!("{} is a file of another kind", file.path)),
    }
}
