//! An action or reusable workflow under a name that can move.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Edit, Impact, Severity};
use crate::graph::identity;
use crate::graph::kinds::workflow::Uses;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, SourceFile, Span, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-action",
    title: "action under a name that can move",
    many: "{n} actions run under names that can move",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_action.md"),
    check,
};

/// Accounts whose code runs on the runner anyway.
const PLATFORM: &[&str] = &["actions", "github"];

/// Publishers whose releases are immutable, and since which major version. Source: release notes of
/// astral-sh/setup-uv 8.0.0.
const IMMUTABLE: &[(&str, u32)] = &[("astral-sh/setup-uv", 8)];

/// One use of an action.
struct Use<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let locked = locked_pins(scene);
    let runs = reach::runs(scene);
    let mut uses: BTreeMap<String, (Uses, Vec<Use<'_, '_>>)> = BTreeMap::new();
    for run in runs {
        let called = run.holder.as_ref().filter(|_| run.action.is_none()).and_then(|h| h.job.uses.as_ref());
        for used in called.into_iter().chain(run.steps.iter().filter_map(|s| s.uses.as_ref())) {
            add(&mut uses, used, &locked, Use { place: Place::new(run.file, used.span), run });
        }
    }
    let known = commits(scene, runs);
    for (key, (name, found)) in &uses {
        say(scene, report, key, name, found, &known);
    }
}

/// Commits that other lines of the tree give for a version, by lower-cased `owner/repo` and the comment that
/// names the version: `actions/checkout@<commit> # v4`.
type Commits = BTreeMap<(String, String), BTreeSet<String>>;

fn commits(scene: &Scene<'_>, runs: &[Run<'_>]) -> Commits {
    let mut out = Commits::new();
    for run in runs {
        let called = run.holder.as_ref().filter(|_| run.action.is_none()).and_then(|h| h.job.uses.as_ref());
        for used in called.into_iter().chain(run.steps.iter().filter_map(|s| s.uses.as_ref())) {
            let Uses::Repository { owner, repo, reference, .. } = &used.value else { continue };
            let Some(comment) = scene.sources.get(run.file).and_then(|file| comment(file, used.span)) else { continue };
            if Uses::is_commit(reference) {
                let name = format!("{owner}/{repo}").to_ascii_lowercase();
                out.entry((name, comment.to_owned())).or_default().insert(reference.to_ascii_lowercase());
            }
        }
    }
    out
}

/// What a comment behind a value says, on the same line; empty where nothing stands there.
fn comment(file: &SourceFile, span: Span) -> Option<&str> {
    let rest = file.text.get(usize::try_from(span.end).ok()?..)?;
    let rest = rest.split(['\r', '\n']).next()?.trim_start_matches(['"', '\'']);
    match rest.trim() {
        "" => Some(""),
        text => Some(text.strip_prefix('#').filter(|_| rest.starts_with(' '))?.trim()),
    }
}

/// The commit that the tree gives for the same version elsewhere, if it gives one alone. What takes its
/// reference for a setting is left to a person.
fn fix(scene: &Scene<'_>, name: &Uses, found: &[Use<'_, '_>], known: &Commits) -> Option<Vec<Edit>> {
    let Uses::Repository { owner, repo, reference, .. } = name else { return None };
    if Reference::of(owner, repo, reference) != Reference::Version {
        return None;
    }
    let commits = known.get(&(format!("{owner}/{repo}").to_ascii_lowercase(), reference.clone()))?;
    let (Some(commit), 1) = (commits.first(), commits.len()) else { return None };
    let edit = |used: &Use<'_, '_>| {
        let (file, span) = (scene.sources.get(used.place.file)?, used.place.span);
        let written = file.text_at(span);
        let at = written.rfind(&format!("@{reference}"))? + 1;
        let end = at + reference.len();
        // A quoted value ends with its quote, behind which the comment goes. Where another comment stands there,
        // the line would no longer say which version it is, and the comment may say why it has no commit.
        let after = written.get(end..)?;
        let remark = match comment(file, span)? {
            "" => format!(" # {reference}"),
            said if said == reference => String::new(),
            _ => return None,
        };
        let start = usize::try_from(span.start).ok()?;
        let place = Place::new(used.place.file, Span::new(start + at, start + end + after.len()));
        matches!(after, "" | "\"" | "'").then(|| Edit { place, text: format!("{commit}{after}{remark}") })
    };
    found.iter().map(edit).collect()
}

/// What GitHub's own lock holds, lower-cased `owner/repo@ref`.
fn locked_pins(scene: &Scene<'_>) -> Vec<String> {
    let pins = scene.actions_lock().into_iter().flat_map(|lock| &lock.pins);
    pins.filter(|p| p.commit.as_ref().is_some_and(|c| Uses::is_commit(&c.value)))
        .map(|p| p.pin.value.to_ascii_lowercase())
        .collect()
}

fn add<'a, 'r>(
    uses: &mut BTreeMap<String, (Uses, Vec<Use<'a, 'r>>)>,
    used: &Spanned<Uses>,
    locked: &[String],
    found: Use<'a, 'r>,
) {
    let Uses::Repository { owner, repo, path, reference } = &used.value else { return };
    // The lock knows actions by their repository, whatever folder of it is used.
    if Uses::is_commit(reference) || locked.contains(&format!("{owner}/{repo}@{reference}").to_ascii_lowercase()) {
        return;
    }
    let key = identity::action(owner, repo, path, reference);
    uses.entry(key).or_insert_with(|| (used.value.clone(), Vec::new())).1.push(found);
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, key: &str, name: &Uses, found: &[Use<'_, '_>], known: &Commits) {
    let Uses::Repository { owner, repo, path, reference } = name else { return };
    let kind = Reference::of(owner, repo, reference);
    let trusted = kind == Reference::Immutable || PLATFORM.contains(&owner.to_ascii_lowercase().as_str());
    // The first of the weightiest uses is the line to change first.
    let Some(main) = found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
    else {
        return;
    };
    let (severity, impact): (Severity, Option<Impact>) = match (trusted, main.run.impact()) {
        // Whoever can move GitHub's own can also change the runner: a pin adds little.
        (true, _) => (Severity::Low, None),
        (false, Some(impact)) => (Severity::High, Some(impact)),
        (false, None) => (Severity::Medium, None),
    };
    let what = if path.contains(".github/workflows/") { "reusable workflow" } else { "action" };
    let mut draft = report
        .at(main.place, kind.describe(reference))
        .severity(severity)
        .impact(impact)
        .also(found.iter().map(|u| u.place))
        .content(name.to_string())
        .evidence(format!("the reference is no full commit: {}", kind.describe(reference)))
        .advise(advice(name, kind));
    if let Some(node) = scene.graph.find(key) {
        draft = draft.on(node);
    }
    draft = draft.fix(fix(scene, name, found, known).unwrap_or_default());
    let held = if impact.is_some() { main.run.held() } else { String::new() };
    main.run.route(scene, draft).say(format!("{what} `{name}` {}{held}", kind.moves()));
}

/// What a reference looks like. The files do not tell a tag from a branch for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reference {
    /// `v4`, `1.2.3`
    Version,
    /// `main`, `release/v1`
    Branch,
    /// A tag of a publisher whose releases are immutable since that version
    Immutable,
    /// Anything else
    Name,
}

impl Reference {
    fn of(owner: &str, repo: &str, reference: &str) -> Self {
        let name = format!("{owner}/{repo}").to_ascii_lowercase();
        // It keeps one branch for each toolchain: `1.85.0`, `stable`, `nightly`.
        if name == "dtolnay/rust-toolchain" && reference != "v1" {
            return Self::Branch;
        }
        let numbers: Vec<u32> = reference.trim_start_matches('v').split('.').filter_map(|n| n.parse().ok()).collect();
        let immutable = IMMUTABLE.iter().any(|(known, since)| *known == name && numbers.first() >= Some(since));
        if immutable && numbers.len() == 3 {
            return Self::Immutable;
        }
        const BRANCHES: &[&str] =
            &["main", "master", "trunk", "develop", "development", "dev", "next", "stable", "nightly", "beta", "head"];
        let lower = reference.to_ascii_lowercase();
        if BRANCHES.contains(&lower.as_str())
            || lower.starts_with("refs/heads/")
            || (lower.contains('/') && !lower.starts_with("refs/tags/"))
        {
            return Self::Branch;
        }
        let digits = lower.trim_start_matches("refs/tags/").trim_start_matches('v');
        if digits.starts_with(|c: char| c.is_ascii_digit()) { Self::Version } else { Self::Name }
    }

    fn describe(self, reference: &str) -> String {
        match self {
            Self::Version => format!("`{reference}` is a tag, which can be moved unless its release is immutable"),
            Self::Immutable => format!("`{reference}` is a tag; its publisher makes releases immutable"),
            Self::Branch => format!("`{reference}` is a branch, every push to it moves it"),
            Self::Name => format!(
                "`{reference}` is a tag or branch, which can be moved unless it is the tag of an immutable release"
            ),
        }
    }

    fn moves(self) -> &'static str {
        match self {
            Self::Branch => "moves with every push to its branch",
            Self::Version | Self::Name => "can move",
            Self::Immutable => "is named by a tag, which its immutable release holds",
        }
    }
}

/// How to pin it. Some references carry a setting, which a bare commit would drop.
fn advice(name: &Uses, kind: Reference) -> String {
    let Uses::Repository { owner, repo, reference, .. } = name else { return String::new() };
    let text = name.to_string();
    let bare = text.rsplit_once('@').map_or(text.as_str(), |(name, _)| name);
    match format!("{owner}/{repo}").to_ascii_lowercase().as_str() {
        "dtolnay/rust-toolchain" if matches!(reference.as_str(), "master" | "main" | "v1") => {
            format!("pin a commit of its `master` branch; the toolchain stays in `with`: {bare}@<commit> # master")
        }
        "dtolnay/rust-toolchain" => format!(
            "`{reference}` is also the toolchain, so a commit needs it as an input: {bare}@<commit> # master, \
             with: {{ toolchain: {reference} }}; the commit must be one of its `master` branch"
        ),
        "taiki-e/install-action" if kind == Reference::Name => format!(
            "`{reference}` is also the tool, so a commit needs it as an input: {bare}@<commit> # v2.x.y, with: {{ tool: {reference} }}"
        ),
        "dtolnay/install" if kind == Reference::Name => {
            format!(
                "`{reference}` is also the crate, so a commit needs it as an input: {bare}@<commit> # master, with: {{ crate: {reference} }}"
            )
        }
        "pypa/gh-action-pypi-publish" if kind == Reference::Branch => {
            format!("pin the commit of its newest version tag, not of the branch: {bare}@<commit> # v1.x.y")
        }
        _ if kind == Reference::Branch => {
            format!("pin the commit of a release, or of the branch where there is none: {bare}@<commit> # {reference}")
        }
        _ => format!(
            "pin the commit that `{reference}` stands for today and keep the name as a comment: {bare}@<commit> # {reference}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_their_settings() {
        for (text, kind, part) in [
            ("a/b@v4", Reference::Version, "a/b@<commit> # v4"),
            ("a/b@main", Reference::Branch, "of a release"),
            ("dtolnay/rust-toolchain@1.85.0", Reference::Branch, "toolchain: 1.85.0"),
            ("astral-sh/setup-uv@v8.1.0", Reference::Immutable, "# v8.1.0"),
            ("astral-sh/setup-uv@v8", Reference::Version, "# v8"),
            ("astral-sh/setup-uv@v7.6.0", Reference::Version, "# v7.6.0"),
            ("dtolnay/rust-toolchain@master", Reference::Branch, "stays in `with`"),
            ("taiki-e/install-action@nextest", Reference::Name, "tool: nextest"),
            ("taiki-e/install-action@v2", Reference::Version, "# v2"),
            ("pypa/gh-action-pypi-publish@release/v1", Reference::Branch, "newest version tag"),
        ] {
            let name = Uses::parse(text);
            let Uses::Repository { owner, repo, reference, .. } = &name else { panic!("{text}") };
            assert_eq!(Reference::of(owner, repo, reference), kind, "{text}");
            assert!(advice(&name, kind).contains(part), "{text}: {}", advice(&name, kind));
        }
    }
}
