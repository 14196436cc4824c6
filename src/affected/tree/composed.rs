//! Images that `docker compose` builds: a step that starts services runs what is installed into the images that they are
//! built as.

use std::collections::BTreeMap;

use crate::affected::net::Net;
use crate::affected::net::Tie;
use crate::graph::Document;
use crate::graph::identity;
use crate::graph::kinds::workflow::Script;
use crate::rules::Scene;
use crate::sbom::model::Occurrence;
use crate::source::FileId;
use crate::source::Place;
use crate::source::RepoPath;
use crate::source::Tree;

/// Compose files of a tree that are looked at.
const MOST_FILES: usize = 200;
/// Bytes of one.
const LARGEST: usize = 1 << 20;

/// Adds it.
pub(super) fn to(net: &mut Net, scene: &Scene<'_>, tree: &Tree) {
    let mut found: Vec<(String, Place, RepoPath)> = Vec::new();
    for document in scene.documents {
        match document {
            Document::Workflow(workflow) => {
                let Some(path) = scene.sources.get(workflow.file).map(|file| &file.path) else { continue };
                for job in &workflow.jobs {
                    for step in &job.steps {
                        let Some(run) = step.run.as_ref().filter(|run| starts(scene, workflow.file, run)) else {
                            continue;
                        };
                        let key = identity::step(&identity::job_steps(path, &job.id.value), step.index);
                        let folder = step.working_directory.as_ref().and_then(|folder| RepoPath::new(&folder.value));
                        found.push((key, Place::new(workflow.file, run.span), folder.unwrap_or_default()));
                    }
                }
            }
            Document::Action(action) => {
                let path = scene.sources.path(action.file);
                for step in &action.steps {
                    let Some(run) = step.run.as_ref().filter(|run| starts(scene, action.file, run)) else { continue };
                    found.push((
                        identity::step(path, step.index),
                        Place::new(action.file, run.span),
                        RepoPath::default(),
                    ));
                }
            }
            _ => {}
        }
    }
    if found.is_empty() {
        return;
    }
    let files = files(tree);
    let keys: BTreeMap<String, usize> = net.parts.iter().enumerate().map(|(at, part)| (part.key.clone(), at)).collect();
    for (key, place, folder) in found {
        let Some(&from) = keys.get(&key) else { continue };
        let text = text_at(scene, place.file, place.span.start, place.span.end).unwrap_or_default();
        // Those that the command names; else those where it starts; else all.
        let named: Vec<&(RepoPath, Vec<RepoPath>)> =
            files.iter().filter(|(path, _)| text.contains(path.name()) && text.contains("-f")).collect();
        let here = || files.iter().filter(|(path, _)| path.parent() == folder).collect::<Vec<_>>();
        let chosen = if named.is_empty() { here() } else { named };
        let chosen = if chosen.is_empty() { files.iter().collect() } else { chosen };
        for dockerfile in chosen.into_iter().flat_map(|(_, built)| built) {
            let Some(&to) = keys.get(&identity::dockerfile(dockerfile)) else { continue };
            let path = scene.sources.path(place.file).to_owned();
            let spot = Occurrence { path, line: scene.sources.start(place).line, how: None };
            net.tie(Tie { from, to, kind: "runs".to_owned(), requirement: None, spots: vec![spot] });
        }
    }
}

fn text_at<'s>(scene: &'s Scene<'_>, file: FileId, start: u64, end: u64) -> Option<&'s str> {
    let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
    scene.sources.get(file)?.text.get(range)
}

/// Whether a script starts or builds services.
fn starts(scene: &Scene<'_>, file: FileId, run: &Script) -> bool {
    text_at(scene, file, run.span.start, run.span.end).is_some_and(composes)
}

fn composes(text: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '(' | ')' | '&'));
        let mut last = "";
        let is_compose = words.any(|word| {
            let is = matches!(word, "docker-compose" | "podman-compose")
                || word == "compose" && matches!(last, "docker" | "podman");
            last = word;
            is
        });
        is_compose && words.any(|word| matches!(word, "up" | "run" | "build" | "create" | "watch"))
    })
}

/// Compose files, each with the Dockerfiles that its services are built from.
fn files(tree: &Tree) -> Vec<(RepoPath, Vec<RepoPath>)> {
    let is_compose = |path: &RepoPath| {
        let name = path.name();
        let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
        is_yaml
            && (name.starts_with("docker-compose") || name.starts_with("compose") || name.starts_with("podman-compose"))
    };
    let paths = tree.entries.iter().map(|entry| &entry.path).filter(|path| is_compose(path)).take(MOST_FILES);
    paths
        .filter_map(|path| {
            let bytes = tree.read(path).ok().filter(|bytes| bytes.len() <= LARGEST)?;
            Some((path.clone(), built(&String::from_utf8_lossy(&bytes), &path.parent())))
        })
        .collect()
}

/// The Dockerfiles of `build: FOLDER` and of `build:` with `context` and `dockerfile` below it.
fn built(text: &str, folder: &RepoPath) -> Vec<RepoPath> {
    let mut out = Vec::new();
    let mut open: Option<(usize, String, String)> = None;
    let close = |open: &mut Option<(usize, String, String)>, out: &mut Vec<RepoPath>| {
        if let Some((_, context, file)) = open.take() {
            out.extend(folder.join(&context).and_then(|context| context.join(&file)));
        }
    };
    for line in text.lines() {
        let bare = line.trim_start();
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        let deep = line.len() - bare.len();
        if open.as_ref().is_some_and(|(at, ..)| deep <= *at) {
            close(&mut open, &mut out);
        }
        let Some((key, value)) = bare.split_once(':') else { continue };
        let value = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']).to_owned();
        match (key.trim(), &mut open) {
            ("build", None) => {
                let is_block = value.is_empty() || value.starts_with(['{', '&', '*']);
                open = Some((deep, if is_block { ".".to_owned() } else { value }, "Dockerfile".to_owned()));
            }
            ("context", Some((_, context, _))) => *context = value,
            ("dockerfile", Some((_, _, file))) => *file = value,
            _ => {}
        }
    }
    close(&mut open, &mut out);
    out.sort();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_services_are_built_from_is_found() {
        let text = "services:\n  a:\n    build: ./a\n  b:\n    build:\n      context: .\n      dockerfile: docker/B.Dockerfile # x\n    image: x\n  c:\n    image: build\n";
        let found: Vec<String> = built(text, &RepoPath::new("ops").unwrap()).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["ops/a/Dockerfile", "ops/docker/B.Dockerfile"]);
    }

    #[test]
    fn a_script_starts_services_where_it_says_so() {
        for (text, is) in [
            ("docker compose up -d --build", true),
            ("docker-compose --profile test run --rm tests", true),
            ("cd x && docker compose -f a.yml build", true),
            ("docker compose logs", false),
            ("docker build .", false),
            ("echo compose up", false),
        ] {
            assert_eq!(composes(text), is, "{text}");
        }
    }
}
