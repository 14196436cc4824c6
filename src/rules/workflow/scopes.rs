//! What a job needs of its token, as far as every step of it is known. Where one is not, nothing is said: a right
//! that is missing stops the job.

use std::collections::BTreeMap;

pub(super) use super::scope_table::Level;

use super::credentials::{may_push, names_author};
use super::scope_table;
use crate::commands::ActKind;
use crate::graph::kinds::workflow::{Grant, Job, Pair, Permissions, Script, Step, Uses, Workflow};
use crate::parse::shell::Invocation;
use crate::rules::Scene;
use crate::source::RepoPath;

/// Calls and local actions followed into each other.
const MAX_DEPTH: usize = 4;

/// Scopes with the level that is needed, and by what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Needs(pub(super) BTreeMap<String, (Level, String)>);

impl Needs {
    /// Adds a scope, or raises it.
    pub(super) fn add(&mut self, scope: &str, level: Level, by: &str) {
        let known = self.0.entry(scope.to_owned()).or_insert_with(|| (level, by.to_owned()));
        if level > known.0 {
            *known = (level, by.to_owned());
        }
    }

    fn merge(&mut self, other: Self) {
        for (scope, (level, by)) in other.0 {
            self.add(&scope, level, &by);
        }
    }

    /// Whether `contents: read` is enough.
    pub(super) fn is_plain(&self) -> bool {
        self.0.iter().all(|(scope, (level, _))| scope == "contents" && *level == Level::Read)
    }

    /// The lines of a `permissions` block. Rights to write say what needs them.
    pub(super) fn lines(&self) -> Vec<String> {
        if self.0.is_empty() {
            return vec!["permissions: {}".to_owned()];
        }
        let entry = |(scope, (level, by)): (&String, &(Level, String))| match level {
            Level::Read => format!("  {scope}: read"),
            Level::Write => format!("  {scope}: write # {by}"),
        };
        std::iter::once("permissions:".to_owned()).chain(self.0.iter().map(entry)).collect()
    }
}

/// What a job needs; none where a step is not known.
pub(super) fn needs(scene: &Scene<'_>, workflow: &Workflow, job: &Job) -> Option<Needs> {
    of_job(scene, workflow, job, 0)
}

fn of_job(scene: &Scene<'_>, workflow: &Workflow, job: &Job, depth: usize) -> Option<Needs> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut out = Needs::default();
    if let Some(uses) = &job.uses {
        let Uses::Local(path) = &uses.value else { return None };
        let file = RepoPath::new(path).and_then(|path| scene.sources.by_path(&path))?;
        let called = scene.workflows().find(|w| w.file == file.id)?;
        for inner in &called.jobs {
            match inner.permissions.as_ref().or(called.permissions.as_ref()) {
                Some(granted) => out.merge(of_grant(granted, file.path.name())?),
                None => out.merge(of_job(scene, called, inner, depth + 1)?),
            }
        }
        return Some(out);
    }
    // A registry of GitHub's that an image is taken from.
    for image in &job.images {
        if image.password.as_ref().is_some_and(|p| shows_token(p.as_str())) {
            out.add("packages", Level::Read, image.reference.as_str());
        }
    }
    let wide = workflow.env.iter().chain(&job.env).any(|(_, value)| shows_token(value.as_str()));
    out.merge(of_steps(scene, &job.steps, wide, depth)?);
    Some(out)
}

/// What a called workflow asks of its caller.
fn of_grant(granted: &Permissions, by: &str) -> Option<Needs> {
    let Grant::Scopes(scopes) = &granted.grant else { return None };
    let mut out = Needs::default();
    for (scope, level) in scopes {
        match level.as_str() {
            "read" => out.add(scope.as_str(), Level::Read, by),
            "write" => out.add(scope.as_str(), Level::Write, by),
            "none" => {}
            _ => return None,
        }
    }
    Some(out)
}

fn of_steps(scene: &Scene<'_>, steps: &[Step], wide: bool, depth: usize) -> Option<Needs> {
    let mut out = Needs::default();
    for step in steps {
        if let Some(script) = &step.run {
            let sees = wide || step.env.iter().any(|(_, v)| shows_token(v.as_str())) || shows_token(&script.text.text);
            of_script(script, sees, &mut out)?;
        }
        match step.uses.as_ref().map(|u| &u.value) {
            None => {}
            Some(Uses::Repository { owner, repo, path, .. }) => {
                let name = if path.is_empty() { format!("{owner}/{repo}") } else { format!("{owner}/{repo}/{path}") };
                of_action(&name.to_ascii_lowercase(), step, steps, wide, &mut out)?;
            }
            Some(Uses::Docker(_)) if !wide && !pairs_show_token(&step.env) && !pairs_show_token(&step.with) => {}
            Some(Uses::Local(path)) => {
                let folder = RepoPath::new(path)?;
                let here = |file| scene.sources.get(file).is_some_and(|f| f.path.parent() == folder);
                let action = scene.actions().find(|a| here(a.file))?;
                if depth >= MAX_DEPTH || action.using.as_ref().is_none_or(|u| u.value != "composite") {
                    return None;
                }
                // What it is handed it may hand on, and its own default may be the token.
                let by_default = action.inputs.iter().filter_map(|i| i.default.as_ref());
                let handed = pairs_show_token(&step.with) || by_default.into_iter().any(|d| shows_token(d.as_str()));
                if handed {
                    return None;
                }
                let wide = wide || pairs_show_token(&step.env);
                out.merge(of_steps(scene, &action.steps, wide, depth + 1)?);
            }
            Some(_) => return None,
        }
    }
    // Who gives commits an author means to push them, by a program of the tree if not here.
    let writes = out.0.get("contents").is_some_and(|(level, _)| *level == Level::Write);
    let commits = steps.iter().filter_map(|step| step.run.as_ref()).any(|script| names_author(&script.text.text));
    (writes || !commits).then_some(out)
}

/// Whether a text hands the job's own token over.
fn shows_token(text: &str) -> bool {
    text.contains("${{") && (text.contains("github.token") || text.contains("GITHUB_TOKEN"))
}

fn pairs_show_token(pairs: &[Pair]) -> bool {
    pairs.iter().any(|(_, value)| shows_token(value.as_str()))
}

/// Whether an action is handed a token of its own, so that it does not use the job's.
fn has_own_token(step: &Step) -> bool {
    let is_token = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.contains("token") || name == "ssh-key"
    };
    let by_secret = |value: &str| !shows_token(value) && (value.contains("secrets.") || value.contains("steps."));
    step.with.iter().any(|(name, value)| is_token(name.as_str()) && by_secret(value.as_str()))
}

fn of_action(name: &str, step: &Step, steps: &[Step], wide: bool, out: &mut Needs) -> Option<()> {
    if scope_table::asks_for_more(name).any(|input| step.input(input).is_some_and(|v| v.value != "false")) {
        return None;
    }
    match name {
        "actions/checkout" => {
            out.add("contents", Level::Read, name);
            return Some(());
        }
        "docker/build-push-action" | "docker/bake-action" => {
            let pushes = step.input("push").is_some_and(|p| p.value != "false")
                || step.input("outputs").is_some_and(|o| o.value.contains("push=true"));
            if pushes && steps.iter().any(logs_in_to_github) {
                out.add("packages", Level::Write, "pushes the image");
            }
            return Some(());
        }
        "docker/login-action" => {
            if logs_in_to_github(step) {
                out.add("packages", Level::Read, name);
            }
            return Some(());
        }
        "pypa/gh-action-pypi-publish" => {
            if step.input("password").is_none() {
                out.add("id-token", Level::Write, name);
            }
            return Some(());
        }
        // What it is told to take from elsewhere it asks for by the token.
        "actions/download-artifact" if step.input("run-id").is_some() => {
            out.add("actions", Level::Read, name);
            return Some(());
        }
        _ => {}
    }
    if has_own_token(step) {
        return scope_table::is_known(name).then_some(());
    }
    if let Some(wanted) = scope_table::of(name) {
        for (scope, level) in wanted {
            out.add(scope, *level, name);
        }
        return Some(());
    }
    let handed = wide || pairs_show_token(&step.with) || pairs_show_token(&step.env);
    (scope_table::needs_nothing(name) && !handed || scope_table::only_reads(name)).then_some(())
}

fn logs_in_to_github(step: &Step) -> bool {
    let registry = step.input("registry").map_or("", |r| r.value.as_str());
    let password = step.input("password").map_or("", |p| p.value.as_str());
    registry.contains("ghcr.io") && shows_token(password)
}

/// Programs that have no use for a token in their environment.
const HARMLESS: &[&str] = &[
    "[",
    "[[",
    "basename",
    "cat",
    "cd",
    "chmod",
    "cp",
    "cut",
    "date",
    "dirname",
    "du",
    "echo",
    "exit",
    "export",
    "false",
    "file",
    "find",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "jq",
    "ls",
    "mkdir",
    "mv",
    "printf",
    "pwd",
    "read",
    "rm",
    "sed",
    "set",
    "sha256sum",
    "shasum",
    "shopt",
    "sleep",
    "sort",
    "tail",
    "tar",
    "tee",
    "test",
    "touch",
    "tr",
    "true",
    "uniq",
    "unset",
    "unzip",
    "wc",
    "zip",
];

fn of_script(script: &Script, sees: bool, out: &mut Needs) -> Option<()> {
    if may_push(script) {
        return None;
    }
    for act in &script.acts {
        if let ActKind::Publish { what, .. } = &act.kind {
            match *what {
                // The checkout left the token for it.
                "git push" => out.add("contents", Level::Write, "git push"),
                "docker push" | "docker build --push" if sees => out.add("packages", Level::Write, what),
                "gh release create" | "gh release upload" | "gh release edit" => {}
                // By its identity, by a stored token, or by the job's: nobody knows from here.
                _ if sees => return None,
                _ => {}
            }
        }
        // A script of the tree may ask for anything with a token.
        if sees && matches!(act.kind, ActKind::CallsScript { .. } | ActKind::Execute { .. }) {
            return None;
        }
    }
    for command in &script.program.commands {
        let Some(call) = Invocation::of(&script.program, command) else {
            if sees {
                return None;
            }
            continue;
        };
        let words: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).filter(|w| !w.starts_with('-')).collect();
        if call.name == "gh" {
            // Without a token it fails, whatever it would need.
            let (scope, level) = match scope_table::of_gh(&words)? {
                Some(wanted) => wanted,
                None => continue,
            };
            let by = format!("gh {}", words.iter().take(2).copied().collect::<Vec<_>>().join(" "));
            out.add(scope, level, &by);
        } else if sees && call.name != "git" && call.name != "docker" && !HARMLESS.contains(&call.name.as_str()) {
            return None;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greater_need_stays_and_says_why() {
        let mut needs = Needs::default();
        needs.add("contents", Level::Read, "actions/checkout");
        assert!(needs.is_plain());
        needs.add("contents", Level::Write, "git push");
        needs.add("contents", Level::Read, "actions/checkout");
        assert!(!needs.is_plain());
        assert_eq!(needs.lines(), ["permissions:", "  contents: write # git push"]);
        assert_eq!(Needs::default().lines(), ["permissions: {}"]);
    }

    #[test]
    fn the_own_token_is_seen_in_expressions() {
        assert!(shows_token("${{ secrets.GITHUB_TOKEN }}") && shows_token("${{ github.token }}"));
        assert!(!shows_token("$GITHUB_TOKEN") && !shows_token("${{ secrets.BOT }}"));
    }

    #[test]
    fn harmless_programs_are_sorted() {
        assert!(HARMLESS.is_sorted());
    }
}
