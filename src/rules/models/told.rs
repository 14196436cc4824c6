//! What scans say of the tree's model files, by the rule that tells it and by file.

use std::collections::BTreeMap;

use crate::diag::Severity;
use crate::graph::Document;
use crate::graph::kinds::model::ModelFile;
use crate::rules::build_steps::committed_binary;
use crate::rules::{Draft, Reporter, Scene};
use crate::scan::{self, FileReport, Format, Verdict, WeightsOnly};
use crate::source::{FileId, Place, RepoPath, Role, Span};

/// Globals that advice names.
const NAMED: usize = 4;
/// Other findings of one file that are told.
const OTHERS: usize = 3;

/// Which rule tells a finding of a scan. What was not read is a gap of the audit and no finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Dangerous,
    Unreviewed,
    Malformed,
    Template,
    Code,
}

impl Kind {
    fn of(rule: &scan::Rule) -> Option<Self> {
        match (rule.id, rule.verdict) {
            (_, Verdict::Clean | Verdict::Unread) => None,
            (id, _) if id.starts_with("template-") => Some(Self::Template),
            ("custom-code" | "repository-foreign-code" | "repository-trusts-code" | "repository-requirements", _) => {
                Some(Self::Code)
            }
            (_, Verdict::Dangerous) => Some(Self::Dangerous),
            (_, Verdict::Suspicious) => Some(Self::Unreviewed),
            (_, Verdict::Malformed) => Some(Self::Malformed),
        }
    }
}

/// What is told of one file.
pub(super) struct Told<'a> {
    /// The file that it stands in.
    pub(super) file: FileId,
    /// Its path.
    pub(super) path: &'a str,
    /// The model file or folder whose scan says so.
    pub(super) model: &'a ModelFile,
    /// Place and finding, the gravest first.
    pub(super) found: Vec<(Place, &'a scan::Finding)>,
}

impl<'a> Told<'a> {
    /// The gravest of them.
    pub(super) fn first(&self) -> Option<(Place, &'a scan::Finding)> {
        self.found.first().copied()
    }

    /// Members on the way to a finding, from the file it stands in.
    fn inner(&self, finding: &'a scan::Finding) -> Option<&'a str> {
        let inner = finding.inner_path.as_deref()?;
        if !self.model.report.path.ends_with('/') {
            return Some(inner);
        }
        inner.split_once('!').map(|(_, rest)| rest)
    }
}

/// Model files of the tree.
pub(super) fn models<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a ModelFile> {
    scene.documents.iter().filter_map(|document| if let Document::Model(model) = document { Some(model) } else { None })
}

/// Everything that one rule tells, by file.
pub(super) fn all<'a>(scene: &Scene<'a>, kind: Kind) -> Vec<Told<'a>> {
    let mut out: BTreeMap<&str, Told<'_>> = BTreeMap::new();
    for model in models(scene) {
        for (index, finding) in model.report.findings.iter().enumerate() {
            if Kind::of(finding.rule) != Some(kind) {
                continue;
            }
            let place = model.place(index);
            let path = scene.sources.path(place.file);
            let told = out.entry(path).or_insert_with(|| Told { file: place.file, path, model, found: Vec::new() });
            // A folder's report repeats what those of its files say.
            if !told.found.iter().any(|(_, known)| known.rule == finding.rule && known.message == finding.message) {
                told.found.push((place, finding));
            }
        }
    }
    // What is told of a file as worse is not told again as less.
    out.retain(|path, told| !is_outweighed(scene, kind, path, told));
    let mut out: Vec<Told<'_>> = out.into_values().collect();
    out.iter_mut().for_each(|told| told.found.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.rule.severity)));
    out
}

/// Whether a graver rule tells the file.
fn is_outweighed(scene: &Scene<'_>, kind: Kind, path: &str, told: &Told<'_>) -> bool {
    let worse: &[Kind] = match kind {
        Kind::Unreviewed => &[Kind::Dangerous],
        Kind::Malformed if told.found.iter().all(|(_, finding)| finding.rule.severity < scan::Severity::High) => {
            &[Kind::Dangerous, Kind::Unreviewed]
        }
        Kind::Malformed => &[Kind::Dangerous],
        Kind::Dangerous | Kind::Template | Kind::Code => return false,
    };
    told.model.report.findings.iter().enumerate().any(|(index, finding)| {
        Kind::of(finding.rule).is_some_and(|of| worse.contains(&of))
            && scene.sources.path(told.model.place(index).file) == path
    })
}

/// A severity of a scan as one of an audit.
pub(super) fn severity(of: scan::Severity) -> Severity {
    match of {
        scan::Severity::Info => Severity::Info,
        scan::Severity::Low => Severity::Low,
        scan::Severity::Medium => Severity::Medium,
        scan::Severity::High => Severity::High,
        scan::Severity::Critical => Severity::Critical,
    }
}

/// What a file is for. Files that are no sources of their own have no role yet: their path tells.
pub(in crate::rules) fn role(scene: &Scene<'_>, file: FileId) -> Role {
    scene
        .roles
        .get(&file)
        .copied()
        .unwrap_or_else(|| scene.sources.get(file).map_or(Role::Product, |file| Role::of_path(&file.path)))
}

/// Who copies files into images or runs them, looked for once.
pub(super) struct Uses<'a> {
    of: BTreeMap<&'a RepoPath, committed_binary::Use<'a, 'a>>,
}

impl<'a> Uses<'a> {
    /// Those of these files.
    pub(super) fn of(scene: &Scene<'a>, told: &[Told<'a>]) -> Self {
        let files = told.iter().filter_map(|told| Some((&scene.sources.get(told.file)?.path, told.file))).collect();
        Self { of: committed_binary::uses(scene, &files) }
    }

    /// Adds the way by which a file comes into an image or a job.
    pub(super) fn route<'r, 'g>(&self, scene: &Scene<'_>, told: &Told<'_>, draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        let path = scene.sources.get(told.file).map(|file| &file.path);
        match path.and_then(|path| self.of.get(path)) {
            Some(used) => used.run.route(scene, draft).related(used.place, format!("{} here", used.how)),
            None => draft,
        }
    }
}

/// A finding on one file, with what all rules of the family say of it.
pub(super) fn draft<'r, 'g>(
    scene: &Scene<'_>,
    report: &'r mut Reporter<'g>,
    told: &Told<'_>,
    (place, finding): (Place, &scan::Finding),
) -> Draft<'r, 'g> {
    let inner = told.inner(finding);
    let label = match (inner, finding.offset) {
        (Some(inner), Some(at)) => format!("byte {at} of {inner}"),
        (Some(inner), None) => format!("in {inner}"),
        (None, Some(at)) if place.span == Span::default() => format!("byte {at}"),
        (None, _) => lowered(finding.rule.title),
    };
    let scanned = &told.model.report;
    let what = match scanned.format {
        Format::Unknown | Format::HubRepository => format!("a scan of {}", scanned.path),
        format => format!("a scan of {} as {}", scanned.path, format.word()),
    };
    let mut draft = report
        .at(place, label)
        .role(role(scene, told.file))
        .about("model-file", told.path, None)
        .inside(inner.map(str::to_owned), finding.offset)
        .each(told.found.iter().map(|(_, finding)| format!("{} {}", finding.rule.id, finding.message)))
        .evidence(format!("{what}: {}", finding.rule.id));
    for (_, other) in told.found.iter().skip(1).take(OTHERS) {
        draft = draft.evidence(format!("{}: {}", other.rule.id, other.message));
    }
    if let more @ 1.. = told.found.len().saturating_sub(1 + OTHERS) + scanned.more {
        draft = draft.evidence(format!("and {more} more of it; `cargo custody scan` tells all"));
    }
    for load in &told.model.loads {
        draft = draft.related(load.place, format!("`{}` loads it", load.function));
    }
    draft
}

/// A title within a line.
fn lowered(title: &str) -> String {
    let mut characters = title.chars();
    let is_word = characters.clone().nth(1).is_some_and(char::is_lowercase);
    match characters.next() {
        Some(first) if is_word => first.to_lowercase().chain(characters).collect(),
        _ => title.to_owned(),
    }
}

/// The sentence of a finding: what loading the file does, or what is in it.
pub(super) fn sentence(path: &str, message: &str) -> String {
    const VERBS: &[&str] = &["calls ", "makes ", "runs ", "imports ", "gives "];
    if VERBS.iter().any(|verb| message.starts_with(verb)) {
        format!("loading `{path}` {message}")
    } else {
        format!("`{path}`: {message}")
    }
}

/// What to do with a pickle that is not trusted, by what torch's restricted loader makes of it.
pub(super) fn restricted(report: &FileReport) -> Option<String> {
    if !matches!(report.format, Format::Torch | Format::TorchLegacy) {
        return None;
    }
    match report.weights_only.as_ref()? {
        WeightsOnly::Loads => {
            Some("`torch.load(…, weights_only=True)` loads it and runs nothing of it: load it so".to_owned())
        }
        WeightsOnly::Refuses { globals, .. } if !globals.is_empty() && globals.len() <= NAMED => Some(format!(
            "`torch.load(…, weights_only=True)` refuses it unless somebody allows {}",
            globals.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        )),
        WeightsOnly::Refuses { .. } => None,
    }
}
