//! Compiled files that lie in the tree, and whether something runs, installs or ships them.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::commands::ActKind;
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::artifact::BuiltForm;
use crate::graph::kinds::docker::InstructionKind;
use crate::graph::kinds::workflow::{Script, Uses};
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, RepoPath, Role, Span};

pub(super) static RULE: Rule = Rule {
    id: "committed-binary",
    title: "a compiled file lies in the tree",
    many: "{n} compiled files lie in the tree",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("committed_binary.md"),
    check,
};

/// Binaries that are told of in one message.
const SHOWN: usize = 3;

/// Patterns with `*` that are compared with all binaries.
const MAX_PATTERNS: usize = 256;
/// Binaries below one folder that a copy of it stands for.
const MOST_BELOW: usize = 64;

/// What becomes of a binary.
pub(in crate::rules) struct Use<'r, 'a> {
    pub(in crate::rules) place: Place,
    pub(in crate::rules) run: &'r Run<'a>,
    /// `is run`, `is installed`, `is copied into an image`.
    pub(in crate::rules) how: &'static str,
    /// It is run or installed, not only copied.
    is_executed: bool,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let binaries = binaries(scene);
    if binaries.is_empty() {
        return;
    }
    let uses = uses(scene, &binaries);
    let mut idle: BTreeMap<RepoPath, Vec<(&RepoPath, FileId)>> = BTreeMap::new();
    for (path, file) in &binaries {
        match uses.get(path) {
            _ if path.name() == "gradle-wrapper.jar" => wrapper(scene, report, path, *file),
            Some(used) => say(scene, report, path, *file, used),
            None => idle.entry(path.parent()).or_default().push((path, *file)),
        }
    }
    for (folder, found) in &idle {
        say_idle(scene, report, folder, found);
    }
}

/// Compiled files by path; none of copies of others' trees and none of test data.
fn binaries<'a>(scene: &Scene<'a>) -> BTreeMap<&'a RepoPath, FileId> {
    let files = scene.documents.iter().filter_map(|document| match document {
        Document::Auditable(binary) if binary.inner.is_none() => Some(binary.file),
        Document::Opaque(binary) => Some(binary.file),
        Document::Built(built) if built.form == BuiltForm::Wheel => Some(built.file),
        _ => None,
    });
    let told = |file: &FileId| matches!(scene.role(*file), Role::Product | Role::Ci | Role::Development);
    files.filter(told).filter_map(|file| Some((&scene.sources.get(file)?.path, file))).collect()
}

/// The weightiest use of each.
pub(in crate::rules) fn uses<'a>(
    scene: &Scene<'a>,
    binaries: &BTreeMap<&'a RepoPath, FileId>,
) -> BTreeMap<&'a RepoPath, Use<'a, 'a>> {
    let mut out: BTreeMap<&RepoPath, Use<'_, '_>> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Vec<&'a RepoPath>> = BTreeMap::new();
    for path in binaries.keys() {
        by_name.entry(path.name()).or_default().push(path);
    }
    let by_path: BTreeMap<&str, &'a RepoPath> = binaries.keys().map(|path| (path.as_str(), *path)).collect();
    let mut patterns = MAX_PATTERNS;
    let mut note = |written: &str, used: &dyn Fn() -> Use<'a, 'a>| {
        let Some(rest) = within(written) else { return };
        let named = by_name.get(rest.rsplit('/').next().unwrap_or(rest)).into_iter().flatten();
        let mut candidates: Vec<&'a RepoPath> = named.copied().collect();
        if rest.contains('*') {
            patterns = patterns.saturating_sub(1);
            candidates = if patterns > 0 { binaries.keys().copied().collect() } else { Vec::new() };
        } else {
            let below = by_path.range::<str, _>((Bound::Excluded(rest), Bound::Unbounded));
            let below = below.take_while(|(path, _)| path.starts_with(rest)).take(MOST_BELOW);
            candidates.extend(below.map(|(_, path)| *path));
        }
        for path in candidates.into_iter().filter(|path| names(rest, path)) {
            let next = used();
            let weight = |one: &Use<'_, '_>| (one.is_executed, one.run.weight());
            if out.get(path).is_none_or(|known| weight(known) < weight(&next)) {
                out.insert(path, next);
            }
        }
    };
    for run in reach::all_runs(scene) {
        for piece in run.scripts() {
            let place =
                |range: &std::ops::Range<usize>| Place::new(run.file, piece.script.text.host_span(range.clone()));
            for act in &piece.script.acts {
                let (written, how) = match &act.kind {
                    ActKind::Execute { path } | ActKind::CallsScript { path, by: None } if path.contains('/') => {
                        (path.as_str(), "is run")
                    }
                    ActKind::InstallLocal { path, .. } => (path.as_str(), "is installed"),
                    _ => continue,
                };
                note(written, &|| Use { place: place(&act.range), run, how, is_executed: true });
            }
            for (jar, range) in jars(piece.script) {
                note(&jar, &|| Use { place: place(&range), run, how: "is run", is_executed: true });
            }
        }
        for instruction in run.stage.iter().flat_map(|s| &s.stage.instructions) {
            let InstructionKind::Copy(copy) = &instruction.kind else { continue };
            for source in copy.sources.iter().filter(|_| copy.from.is_none()) {
                let place = Place::new(run.file, source.span);
                note(&source.value, &|| Use { place, run, how: "is copied into an image", is_executed: false });
            }
        }
    }
    out
}

/// What `java -jar` runs.
fn jars(script: &Script) -> Vec<(String, std::ops::Range<usize>)> {
    let mut out = Vec::new();
    for (index, call) in script.program.calls_of(|name| name == "java") {
        let at = call.args.iter().position(|arg| arg.text == "-jar");
        if let Some(jar) = at.and_then(|at| call.args.get(at + 1)) {
            let range = script.program.commands.get(index).map(|command| command.range.clone());
            out.extend(range.map(|range| (jar.text.clone(), range)));
        }
    }
    out
}

/// Whether a written path names a file of the tree, from whatever folder it is written: by its own end, or as a
/// folder above it.
fn names(rest: &str, path: &RepoPath) -> bool {
    let path = path.as_str();
    let ends =
        |whole: &str, end: &str| whole == end || whole.strip_suffix(end).is_some_and(|before| before.ends_with('/'));
    if let Some((before, after)) = rest.split_once('*') {
        let (folder, start) = before.rsplit_once('/').unwrap_or(("", before));
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_name = name.len() >= start.len() + after.len() && name.starts_with(start) && name.ends_with(after);
        return !after.contains(['/', '*']) && is_name && (ends(above, folder) || folder.is_empty());
    }
    ends(path, rest) || path.strip_prefix(rest).is_some_and(|inner| inner.starts_with('/'))
}

/// A written path without what names the root of the tree; none where it lies elsewhere or is not known.
fn within(written: &str) -> Option<&str> {
    const ROOTS: &[&str] =
        &["./", "$GITHUB_WORKSPACE/", "${GITHUB_WORKSPACE}/", "${{ github.workspace }}/", "$PWD/", "${PWD}/"];
    let mut rest = written.trim_matches(['"', '\'']);
    while let Some(inner) = ROOTS.iter().find_map(|root| rest.strip_prefix(root)) {
        rest = inner;
    }
    let rest = rest.trim_end_matches('/');
    let is_elsewhere = rest.starts_with(['/', '~']) || rest.starts_with("..") || rest.contains(['$', '?', '[']);
    (!rest.is_empty() && rest != "." && !is_elsewhere).then_some(rest)
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, path: &RepoPath, file: FileId, used: &Use<'_, '_>) {
    let is_weighty = used.is_executed && used.run.impact().is_some();
    let held = if is_weighty { used.run.held() } else { String::new() };
    let draft = report
        .at(used.place, format!("{} here", used.how))
        .severity(if is_weighty { Severity::Medium } else { Severity::Low })
        .confidence(Confidence::Medium)
        .related(Place::new(file, Span::default()), "the compiled file")
        .about("file", path.as_str(), None)
        .content(format!("{path} {}", used.how))
        .evidence("its first bytes are those of compiled code or of an archive of it");
    let draft = used.run.route(scene, draft);
    draft
        .advise("build it from source here, or fetch a release of its publisher and compare a digest that stands in the tree")
        .advise("where it stays, write beside it what it was built from and how it can be checked")
        .say(format!("`{path}` is a compiled file that nobody can review, and {}{held}", used.how));
}

fn say_idle(scene: &Scene<'_>, report: &mut Reporter<'_>, folder: &RepoPath, found: &[(&RepoPath, FileId)]) {
    let Some((_, first)) = found.first() else { return };
    let names: Vec<String> = found.iter().take(SHOWN).map(|(path, _)| format!("`{}`", path.name())).collect();
    let more = match found.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let place = Place::new(*first, Span::default());
    // A wheel for every platform holds sources, packed.
    let is_packed = found.iter().all(|(path, _)| path.name().ends_with("-none-any.whl"));
    let title = if folder.is_root() { "the root of the tree".to_owned() } else { format!("`{folder}`") };
    let draft = report
        .at(place, if is_packed { "packed" } else { "compiled" })
        .severity(Severity::Info)
        .role(scene.role(*first))
        .also(found.iter().map(|(_, file)| Place::new(*file, Span::default())))
        .about("folder", folder.as_str(), None)
        .each(found.iter().map(|(path, _)| path.as_str()))
        .evidence("first bytes of the files; no step, image or script that is read here runs or copies them");
    let verb = match (is_packed, found.len()) {
        (true, 1) => "a packed file lies",
        (true, _) => "packed files lie",
        (false, 1) => "a compiled file lies",
        (false, _) => "compiled files lie",
    };
    draft
        .advise(match is_packed {
            true => {
                "take it from its index by a lock with hashes, or keep its SHA-256 beside it and compare it before use"
            }
            false => "remove it, or write beside it what it was built from",
        })
        .say(format!("{verb} in {title}: {}{more}", names.join(", ")));
}

/// Gradle's wrapper is committed by design, and Gradle publishes the digests of all its releases.
fn wrapper(scene: &Scene<'_>, report: &mut Reporter<'_>, path: &RepoPath, file: FileId) {
    if validates(scene) {
        return;
    }
    report
        .at(Place::new(file, Span::default()), "runs whenever `gradlew` does")
        .severity(Severity::Low)
        .about("file", path.as_str(), None)
        .content(path.as_str())
        .evidence(
            "no workflow validates it: neither `gradle/actions/wrapper-validation` nor `gradle/actions/setup-gradle`",
        )
        .advise("let a workflow compare it with the digests that Gradle publishes: `gradle/actions/wrapper-validation`")
        .advise("write `distributionSha256Sum` into gradle-wrapper.properties, which fixes what it downloads")
        .say(format!("`{path}` runs in every build, and nothing compares it with Gradle's releases"));
}

/// Whether a step compares wrappers with Gradle's releases; setting Gradle up does so too.
fn validates(scene: &Scene<'_>) -> bool {
    let steps = reach::all_runs(scene).iter().flat_map(|run| run.steps);
    steps.filter_map(|step| step.uses.as_ref()).any(|uses| match &uses.value {
        Uses::Repository { owner, repo, path, .. } => {
            let is_part = path.starts_with("wrapper-validation") || path.starts_with("setup-gradle");
            owner.eq_ignore_ascii_case("gradle")
                && (repo.contains("wrapper-validation") || repo == "actions" && is_part)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_paths_name_files_of_the_tree() {
        for (written, path, expected) in [
            ("./bin/tool", "bin/tool", true),
            ("bin/tool", "app/bin/tool", true),
            ("$GITHUB_WORKSPACE/bin/tool", "bin/tool", true),
            ("tool", "bin/tool", true),
            ("ool", "bin/tool", false),
            ("/usr/bin/tool", "bin/tool", false),
            ("vendor/*.whl", "vendor/a-1.whl", true),
            ("vendor/*.whl", "other/a-1.whl", false),
            ("libs/", "libs/x/a.so", true),
            (".", "libs/x/a.so", false),
            ("$X/tool", "bin/tool", false),
        ] {
            let found = within(written).is_some_and(|rest| names(rest, &RepoPath::new(path).unwrap()));
            assert_eq!(found, expected, "{written} {path}");
        }
    }
}
