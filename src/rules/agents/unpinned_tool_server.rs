//! A server of tools that is fetched anew at each start.

use std::collections::BTreeMap;

use super::{files, literal};
use crate::commands::ActKind;
use crate::diag::{Confidence, Severity};
use crate::graph::identity;
use crate::graph::kinds::agents::ToolServer;
use crate::graph::kinds::workflow::Uses;
use crate::rules::build_steps::is_open_npm;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unpinned-tool-server",
    title: "server of tools that is whatever is newest",
    many: "{n} servers of tools are whatever is newest",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_tool_server.md"),
    check,
};

/// What a server is started from, and how well that is held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    /// What is fetched, as written.
    name: String,
    /// The program that fetches it.
    by: &'static str,
    /// A version would be named so.
    pinned: String,
    /// Its name says a version, which its publisher can replace.
    is_tag: bool,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<Origin, Vec<(Place, bool)>> = BTreeMap::new();
    for agent in files(scene) {
        for server in &agent.servers {
            let Some((origin, span)) = origin(server) else { continue };
            let secret = server.settings.iter().any(|(name, _)| literal::is_secret_name(&name.value));
            found.entry(origin).or_default().push((Place::new(agent.file, span), secret));
        }
    }
    for (origin, places) in &found {
        let Some((place, _)) = places.first() else { continue };
        let holds = places.iter().any(|(_, secret)| *secret);
        let own = is_own(scene, &origin.name);
        let severity = if own || origin.is_tag { Severity::Low } else { Severity::Medium };
        let secrets = if holds && !own { ", with secrets in its environment" } else { "" };
        let how = match origin.by {
            "docker" if origin.is_tag => "its tag can be moved",
            "docker" => "no digest, and no tag of a version",
            "git" => "at each start the newest commit of a branch is fetched",
            _ => "at each start the newest release is fetched, with the newest of all its dependencies",
        };
        report
            .at(*place, "no exact version")
            .severity(severity)
            .confidence(Confidence::High)
            .also(places.iter().map(|(place, _)| *place))
            .about("tool-server", origin.name.clone(), None)
            .content(origin.name.clone())
            .evidence(how)
            .advise(format!("name one: {}", origin.pinned))
            .say(format!("agents start `{}` at whatever is newest{secrets}", origin.name));
    }
}

/// Whether the tree makes it: then who can replace it can change the tree as well.
fn is_own(scene: &Scene<'_>, name: &str) -> bool {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '.'], "-");
    let name = plain(name.split(['@', '[', '=']).next().unwrap_or(name));
    scene.python.projects.iter().filter_map(|p| p.name.as_deref()).any(|own| plain(own) == name)
}

/// What a server is fetched from, where nothing holds it to one release.
fn origin(server: &ToolServer) -> Option<(Origin, crate::source::Span)> {
    if let Some(image) = image(server) {
        let reference = image.value.as_str();
        let name = identity::image(reference);
        if name.digest.is_some() || reference.contains('$') {
            return None;
        }
        let is_tag = name.tag.is_some_and(|tag| tag.bytes().any(|b| b.is_ascii_digit()));
        let pinned = format!("{}@sha256:<digest>", reference);
        return Some((Origin { name: reference.to_owned(), by: "docker", pinned, is_tag }, image.span));
    }
    let script = server.script.as_ref()?;
    for act in &script.acts {
        let ActKind::PackageInstall { manager, verb, names, .. } = &act.kind else { continue };
        let python = matches!((manager.as_str(), verb.as_str()), ("uvx", _) | ("uv", "tool run") | ("pipx", "run"));
        let npm = manager == "npx" || matches!(verb.as_str(), "exec" | "dlx");
        let Some(first) = names.first().filter(|n| n.known && (python || npm)) else { continue };
        let text = first.text.trim();
        let span = script.text.host_span(first.range.clone());
        let git = text.starts_with("git+") || text.starts_with("github:") || text.contains(" @ git+");
        let open = match () {
            () if git => !text.rsplit(['@', '#']).next().is_some_and(Uses::is_commit),
            () if python => is_open_python(text),
            () => is_open_npm(text),
        };
        if !open {
            return None;
        }
        let plain = text.get(1..).and_then(|rest| rest.find(['@', '=', '<', '>', '~'])).and_then(|at| text.get(..=at));
        let plain = plain.unwrap_or(text);
        let (by, pinned) = match () {
            () if git => ("git", format!("{text}@<commit>")),
            () if python => ("uvx", format!("{plain}==<version>")),
            () => ("npx", format!("{plain}@<version>")),
        };
        return Some((Origin { name: text.to_owned(), by, pinned, is_tag: false }, span));
    }
    None
}

/// Whether a requirement of uvx names no release: `ruff`, `ruff@latest`, `ruff>=1`.
fn is_open_python(text: &str) -> bool {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) || text.contains(['$', '{', '/', '\\']) {
        return false;
    }
    let exact = text.split_once("==").map(|(_, version)| version);
    let exact = exact.or_else(|| text.split_once('@').map(|(_, version)| version));
    !exact.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains('*'))
}

/// Options of `docker run` without a value.
const FLAGS: &[&str] = &[
    "-i",
    "-t",
    "-it",
    "-ti",
    "-d",
    "-P",
    "--rm",
    "--init",
    "--interactive",
    "--tty",
    "--privileged",
    "--read-only",
    "--detach",
];

/// The image of `docker run`.
fn image(server: &ToolServer) -> Option<&crate::source::Spanned<String>> {
    let mut words = server.words.iter();
    let program = words.next()?.value.rsplit('/').next()?;
    if !matches!(program, "docker" | "podman") || words.next()?.value != "run" {
        return None;
    }
    while let Some(word) = words.next() {
        let text = word.value.as_str();
        if !text.starts_with('-') {
            return Some(word);
        }
        // Every other option takes a value, in the same word or the next.
        let glued = text.contains('=') || (text.len() > 2 && !text.starts_with("--"));
        if !FLAGS.contains(&text) && !glued {
            words.next();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_of_uvx_are_exact_or_open() {
        for (text, open) in [
            ("ruff", true),
            ("ruff@latest", true),
            ("ruff>=0.4", true),
            ("ruff==0.4.1", false),
            ("ruff@0.4.1", false),
            ("tool[extra]==1.0", false),
            ("./server", false),
            ("${SERVER}", false),
        ] {
            assert_eq!(is_open_python(text), open, "{text}");
        }
    }
}
