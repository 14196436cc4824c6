//! An ignored advisory that speaks of nothing the tree holds, or a comment that excuses what nobody reports.

use std::collections::BTreeSet;

use crate::diag::{Edit, Severity};
use crate::graph::NodeKind;
use crate::graph::kinds::ignores::{IgnoreEntry, IgnoreFile, IgnoringTool};
use crate::rules::{Reporter, Rule, Scene, edits};
use crate::source::{FileId, Place, RepoPath, Spanned};

use super::ignoring::{comments, files, folder, list};

pub(super) static RULE: Rule = Rule {
    id: "dead-ignore",
    title: "ignore of something that is not there",
    many: "{n} ignores are of something that is not there",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("dead_ignore.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut files = files(scene).filter(|file| file.entries.iter().any(|e| !e.id.value.is_empty())).peekable();
    if files.peek().is_none() {
        return;
    }
    let live = live(scene);
    for file in files {
        if !is_locked(scene, file) {
            continue;
        }
        // Of what the index does not know nothing can be said.
        let dead: Vec<&IgnoreEntry> = file
            .entries
            .iter()
            .filter(|e| !live.contains(e.id.value.as_str()) && !scene.known.packages(&e.id.value).is_empty())
            .collect();
        let Some(first) = dead.first() else { continue };
        let place = |entry: &IgnoreEntry| Place::new(file.file, entry.span);
        let ids: Vec<&str> = dead.iter().map(|e| e.id.value.as_str()).collect();
        let mut draft = report
            .at(place(first), "ignores nothing")
            .about("advisory", first.id.value.clone(), None)
            .also(dead.iter().map(|e| place(e)))
            .each(ids.iter().map(|one| one.to_string()));
        for entry in &dead {
            let names = list(scene.known.packages(&entry.id.value).iter().map(String::as_str));
            draft =
                draft.evidence(format!("{} speaks of {names}, and no release that it names is locked", entry.id.value));
        }
        let gone = gone(scene, file, &dead).unwrap_or_default();
        draft = draft.fix(gone.into_iter().map(|place| Edit { place, text: String::new() }));
        let (are, entry) = if dead.len() == 1 { ("is", "entry") } else { ("are", "entries") };
        draft.advise(format!("take the {entry} out, so that the flaw is told should it come back")).say(format!(
            "{} {are} ignored by {} and {} nothing that the locks hold",
            list(ids.iter().copied()),
            file.tool.as_str(),
            if dead.len() == 1 { "names" } else { "name" },
        ));
    }
}

/// What is to be taken out, where that is plain: elements of an array. Two that share a line share commas.
fn gone(scene: &Scene<'_>, file: &IgnoreFile, dead: &[&IgnoreEntry]) -> Option<Vec<Place>> {
    if file.tool == IgnoringTool::OsvScanner {
        return None;
    }
    let source = scene.sources.get(file.file)?;
    let found = dead.iter().map(|entry| edits::without(source, entry.span)).collect::<Option<Vec<_>>>()?;
    let is_plain = found.len() == 1 || found.iter().all(|(_, is_alone)| *is_alone);
    is_plain.then(|| found.into_iter().map(|(span, _)| Place::new(file.file, span)).collect())
}

/// Ids of all advisories that name something of the tree, by all their names.
fn live<'a>(scene: &Scene<'a>) -> BTreeSet<&'a str> {
    let nodes = scene.graph.nodes().filter(|(_, node)| matches!(node.kind, NodeKind::Crate | NodeKind::Toolchain));
    let of_nodes = nodes.flat_map(|(id, _)| scene.known.advisories(id));
    let all = of_nodes.chain(scene.known.releases().flat_map(|(_, _, matches)| matches));
    // One match stands for all databases that list the flaw.
    all.flat_map(|m| {
        let others = m.advisories.iter().flat_map(|a| std::iter::once(&a.id).chain(&a.aliases));
        std::iter::once(&m.id).chain(&m.aliases).chain(others).map(String::as_str)
    })
    .collect()
}

/// Whether everything the file speaks of is locked: what is not may be any release.
fn is_locked(scene: &Scene<'_>, file: &IgnoreFile) -> bool {
    let folder = folder(scene, file);
    let within = |path: &RepoPath| folder.is_root() || *path == folder || path.is_under(&folder);
    match file.tool {
        IgnoringTool::OsvScanner => {
            let parent = |id| scene.sources.get(id).map(|f| f.path.parent());
            let mut locks = scene.cargo.locks.iter().map(|l| l.file).chain(scene.python.locks.iter().map(|l| l.file));
            // It reads lists of other ecosystems too; of their advisories nothing is known here.
            locks.any(|id| parent(id).as_ref() == Some(&folder))
        }
        IgnoringTool::CargoDeny | IgnoringTool::CargoAudit => {
            let mut own = scene.cargo.workspaces.iter().filter(|w| within(&w.folder)).peekable();
            own.peek().is_some() && own.all(|w| w.lock.is_some() || w.role.is_set_aside())
        }
    }
}

/// Comments of which some rule met no finding. What was not read in full, and what needs registries to be
/// asked, may be reported another time.
pub(super) fn comments_of(
    scene: &Scene<'_>,
    used: &BTreeSet<(usize, usize)>,
    is_whole: &dyn Fn(FileId) -> bool,
    is_told: &dyn Fn(&str) -> bool,
    report: &mut Reporter<'_>,
) {
    let today = scene.today.map(|day| day.to_string());
    for (index, ignore) in comments(scene) {
        let is_over = ignore.until.is_some() && today.as_ref().is_none_or(|today| ignore.is_expired(today));
        if is_over || ignore.trouble.is_some() || !is_whole(ignore.file) {
            continue;
        }
        let is_dead = |(at, rule): &(usize, &Spanned<String>)| {
            let known = crate::rules::find(&rule.value);
            known.is_some_and(|(family, _)| family.id != "registry")
                && is_told(&rule.value)
                && !used.contains(&(index, *at))
        };
        let dead: Vec<&Spanned<String>> =
            ignore.rules.iter().enumerate().filter(is_dead).map(|(_, rule)| rule).collect();
        let Some(first) = dead.first() else { continue };
        let all = dead.len() == ignore.rules.len();
        let names = list(dead.iter().map(|rule| rule.as_str()));
        let mut draft = report
            .at(Place::new(ignore.file, if all { ignore.span } else { first.span }), "excuses nothing")
            .about("rule", names.replace('`', ""), None)
            .content(names.clone())
            .evidence(match ignore.target {
                Some(line) => format!("line {line} has no such finding; malicious code is excused by nothing"),
                None => "no line stands below the comment".to_owned(),
            });
        if all {
            draft = draft.fix([Edit { place: Place::new(ignore.file, ignore.whole), text: String::new() }]);
        }
        draft
            .advise("take it out, so that the finding is told should it come back")
            .say(format!("{names} is ignored here, and nothing of it is found"));
    }
}
