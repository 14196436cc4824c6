//! A git dependency that names a branch, a tag or nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Edit, Severity};
use crate::graph::Document;
use crate::graph::cargo::Workspace;
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{Dependency, LockPackage, LockSource, Table};
use crate::graph::kinds::workflow::Uses;
use crate::rules::versionless::versionless;
use crate::rules::{Reporter, Rule, Scene, edits};
use crate::source::{FileId, Place, Role, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-git-dependency",
    title: "git dependency that no commit holds",
    many: "{n} git dependencies can move",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_git_dependency.md"),
    check,
};

/// What a manifest asks of a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    Branch(String),
    Tag(String),
    Short(String),
    Reference(String),
    Default,
}

impl Asked {
    /// `None` where a full commit is named.
    fn of(dependency: &Dependency) -> Option<Self> {
        match (&dependency.rev, &dependency.tag, &dependency.branch) {
            (Some(rev), ..) if Uses::is_commit(&rev.value) => None,
            (Some(rev), ..) if rev.value.len() >= 7 && rev.value.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Some(Self::Short(rev.value.clone()))
            }
            (Some(rev), ..) => Some(Self::Reference(rev.value.clone())),
            (None, Some(tag), _) => Some(Self::Tag(tag.value.clone())),
            (None, None, Some(branch)) => Some(Self::Branch(branch.value.clone())),
            (None, None, None) => Some(Self::Default),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Branch(name) => format!("branch `{name}`"),
            Self::Tag(name) => format!("tag `{name}`"),
            Self::Short(name) => format!("the abbreviated commit `{name}`"),
            Self::Reference(name) => format!("the reference `{name}`"),
            Self::Default => "the default branch".to_owned(),
        }
    }
}

/// One line that asks for it.
struct Use {
    name: String,
    place: Place,
    role: Role,
    severity: Severity,
    /// The commit a lock holds.
    held: Option<String>,
    /// What answers it.
    fix: Option<Vec<Edit>>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<(String, Asked), Vec<Use>> = BTreeMap::new();
    for (document, manifest) in scene.manifests() {
        let Some((workspace, _)) = scene.cargo.of_document(document) else { continue };
        let patches = manifest.patches.iter().map(|p| (&p.with, true));
        for (dependency, is_patch) in manifest.dependencies.iter().map(|d| (d, false)).chain(patches) {
            let (Some(git), Some(asked)) = (&dependency.git, Asked::of(dependency)) else { continue };
            let held = held_commit(scene, workspace, dependency.package_name(), &git.value);
            let is_idle = is_patch && held.is_none() && workspace.lock.is_some();
            // A shared declaration is a dependency once a member inherits it; a patch that the lock
            // does not mention is not in use.
            if is_idle
                || (dependency.table == Table::Workspace && !is_inherited(scene, workspace, &dependency.key.value))
            {
                continue;
            }
            let commit = held.as_deref();
            let fix = commit.and_then(|commit| fix(scene, workspace, manifest.file, dependency, git, commit));
            found.entry((plain(&git.value), asked.clone())).or_default().push(Use {
                fix,
                name: dependency.package_name().to_owned(),
                place: Place::new(manifest.file, dependency.span),
                role: scene.role(manifest.file),
                severity: severity(&asked, held.is_some(), workspace),
                held,
            });
        }
    }
    for ((url, asked), mut uses) in found {
        uses.sort_by_key(|u| (u.role, std::cmp::Reverse(u.severity), u.place));
        say(report, &url, &asked, &uses);
    }
}

/// A lock keeps builds of its own workspace in place until somebody updates it. Without one every
/// fresh build takes what the branch holds that day; that decides what a product's binary is made of.
fn severity(asked: &Asked, held: bool, workspace: &Workspace) -> Severity {
    let ships = workspace.members.iter().any(|m| m.has_binary && m.role == Role::Product);
    match asked {
        _ if held => Severity::Low,
        Asked::Short(_) => Severity::Low,
        Asked::Branch(_) | Asked::Default | Asked::Reference(_) if ships => Severity::High,
        _ => Severity::Medium,
    }
}

fn say(report: &mut Reporter<'_>, url: &str, asked: &Asked, uses: &[Use]) {
    let Some(main) = uses.first() else { return };
    // The one whose line is shown comes first.
    let mut names: Vec<&str> = Vec::new();
    for used in uses {
        if !names.contains(&used.name.as_str()) {
            names.push(&used.name);
        }
    }
    let what = match names.as_slice() {
        [one] => format!("git dependency `{one}` follows"),
        [one, rest @ ..] => format!("git dependencies `{one}` and {} more follow", rest.len()),
        [] => return,
    };
    let loose = uses.iter().any(|u| u.held.is_none());
    let hold = match &main.held {
        Some(commit) if !loose => {
            format!("; the lock holds {} until it is updated", commit.get(..12).unwrap_or(commit))
        }
        _ => "; no lock holds a commit".to_owned(),
    };
    let to = main.held.as_deref().unwrap_or("<commit>");
    let mut draft = report
        .at(main.place, format!("{url}, {}", asked.words()))
        .about("git", format!("{url} {}", asked.words()), None)
        .severity(uses.iter().map(|u| u.severity).max().unwrap_or(Severity::Medium))
        .role(main.role)
        .also(uses.iter().map(|u| u.place))
        .content(format!("{url} {}", versionless(&asked.words())))
        .evidence(if loose { "the manifest, and no lock entry for it" } else { "the manifest and the lock" })
        .advise(format!("name the commit in place of the reference: rev = \"{to}\""));
    draft = draft.fix(edits::together(uses.iter().map(|u| u.fix.as_ref())));
    draft.say(format!("{what} {} of {url}{hold}", asked.words()));
}

/// The manifest names the commit, and the lock says the same of the source: cargo would not take the lock
/// otherwise. None where another repository asks for the same source, whose manifest is not ours.
fn fix(
    scene: &Scene<'_>,
    workspace: &Workspace,
    manifest: FileId,
    dependency: &Dependency,
    git: &Spanned<String>,
    commit: &str,
) -> Option<Vec<Edit>> {
    let Some(Document::CargoLock(lock)) = scene.documents.get(workspace.lock?) else { return None };
    let package = lock.packages.iter().find(|p| p.name.value == dependency.package_name())?;
    let LockSource::Git { url, asked, .. } = lock_source(package.source.as_ref().map(|s| s.value.as_str())) else {
        return None;
    };
    let is_of_source = |p: &LockPackage| {
        let source = lock_source(p.source.as_ref().map(|s| s.value.as_str()));
        matches!(source, LockSource::Git { url: other, .. } if other == url)
    };
    let names: BTreeSet<&str> =
        lock.packages.iter().filter(|p| is_of_source(p)).map(|p| p.name.value.as_str()).collect();
    let is_ours = |p: &LockPackage| p.source.is_none() || is_of_source(p);
    let needs =
        |p: &LockPackage| p.dependencies.iter().any(|d| names.contains(d.value.split(' ').next().unwrap_or("")));
    if lock.packages.iter().any(|p| !is_ours(p) && needs(p)) {
        return None;
    }
    let named = [("rev", &dependency.rev), ("tag", &dependency.tag), ("branch", &dependency.branch)];
    let mut named = named.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?.span)));
    let (one, more) = (named.next(), named.next());
    if more.is_some() {
        return None;
    }
    let (span, text) = edits::rev(scene.sources.get(manifest)?, git.span, one, commit)?;
    let mut out = vec![Edit { place: Place::new(manifest, span), text }];
    for (span, text) in edits::sources(scene.sources.get(lock.file)?, url, asked, commit)? {
        out.push(Edit { place: Place::new(lock.file, span), text });
    }
    Some(out)
}

fn is_inherited(scene: &Scene<'_>, workspace: &Workspace, key: &str) -> bool {
    workspace
        .members
        .iter()
        .filter_map(|m| scene.manifest(m.document))
        .any(|m| m.dependencies.iter().any(|d| d.inherited && d.key.value == key))
}

fn held_commit(scene: &Scene<'_>, workspace: &Workspace, name: &str, url: &str) -> Option<String> {
    let Some(Document::CargoLock(lock)) = scene.documents.get(workspace.lock?) else { return None };
    lock.packages.iter().filter(|p| p.name.value == name).find_map(|package| {
        match lock_source(package.source.as_ref().map(|s| s.value.as_str())) {
            LockSource::Git { url: locked, commit, .. } if plain(locked) == plain(url) => commit.map(str::to_owned),
            _ => None,
        }
    })
}

/// Cargo takes `.git` and a last slash for noise, and GitHub's case as well.
fn plain(url: &str) -> String {
    let url = url.trim_end_matches('/').trim_end_matches(".git");
    if url.to_ascii_lowercase().contains("github.com") { url.to_ascii_lowercase() } else { url.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_repository_are_one() {
        assert_eq!(plain("https://github.com/Example/A.git"), plain("https://github.com/example/a/"));
        assert_ne!(plain("https://git.example.com/A"), plain("https://git.example.com/a"));
    }
}
