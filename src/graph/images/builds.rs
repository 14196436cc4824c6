//! Who builds which Dockerfile: actions that build images, `docker build` in scripts, actions that are
//! images themselves. `make` and `docker compose` are not followed.

use std::collections::BTreeSet;

use super::Build;
use super::layout::{Folders, Layout};
use crate::commands::ActKind;
use crate::graph::Document;
use crate::graph::kinds::workflow::{ActionDefinition, Job, Pair, Step, Uses, Workflow};
use crate::graph::paths::Paths;
use crate::source::{FileId, Place, RepoPath, Sources};

/// Values tried for one text with expressions in it.
const MAX_VALUES: usize = 64;

/// A build of one Dockerfile.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) dockerfile: RepoPath,
    pub(super) context: RepoPath,
    pub(super) build: Build,
}

/// Inputs of an action that builds images. Source: the action's own reference.
struct Builder {
    /// `owner/repo`, lower case.
    action: &'static str,
    context: &'static [&'static str],
    file: &'static [&'static str],
    tags: &'static [&'static str],
}

const BUILDERS: &[Builder] = &[
    Builder {
        action: "docker/build-push-action",
        context: &["context", "path"],
        file: &["file", "dockerfile"],
        tags: &["tags"],
    },
    Builder { action: "depot/build-push-action", context: &["context"], file: &["file"], tags: &["tags"] },
    Builder { action: "useblacksmith/build-push-action", context: &["context"], file: &["file"], tags: &["tags"] },
    Builder {
        action: "redhat-actions/buildah-build",
        context: &["context"],
        file: &["containerfiles", "dockerfiles"],
        tags: &["tags"],
    },
    Builder {
        action: "mr-smithers-excellent/docker-build-push",
        context: &["directory"],
        file: &["dockerfile"],
        tags: &["tags"],
    },
];

/// Every build of the tree's workflows and actions, in their order.
pub(super) fn find(documents: &[Document], sources: &Sources, paths: &Paths<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    for (document, what) in documents.iter().enumerate() {
        match what {
            Document::Workflow(workflow) => {
                for (index, job) in workflow.jobs.iter().enumerate() {
                    let around =
                        Around { document, file: workflow.file, job: Some((index, job)), workflow: Some(workflow) };
                    around.steps(&job.steps, paths, &mut out);
                }
            }
            Document::Action(action) => {
                let around = Around { document, file: action.file, job: None, workflow: None };
                around.steps(&action.steps, paths, &mut out);
                out.extend(around.itself(action, sources));
            }
            _ => {}
        }
    }
    out
}

struct Around<'a> {
    document: usize,
    file: FileId,
    job: Option<(usize, &'a Job)>,
    workflow: Option<&'a Workflow>,
}

impl Around<'_> {
    fn steps(&self, steps: &[Step], paths: &Paths<'_>, out: &mut Vec<Found>) {
        let start = out.len();
        let layout = Layout::of_job();
        for (index, step) in steps.iter().enumerate() {
            if let Some(Uses::Repository { owner, repo, .. }) = step.uses.as_ref().map(|u| &u.value) {
                let name = format!("{owner}/{repo}").to_ascii_lowercase();
                if let Some(builder) = BUILDERS.iter().find(|b| b.action == name) {
                    self.by_action(builder, index, step, out);
                }
            }
            self.by_script(index, step, &layout, paths, out);
        }
        pushed_later(steps, out.get_mut(start..).unwrap_or_default());
    }

    fn by_action(&self, builder: &Builder, index: usize, step: &Step, out: &mut Vec<Found>) {
        let input = |names: &[&str]| names.iter().find_map(|name| step.input(name)).map(|v| (v.value.trim(), v.span));
        let place = Place::new(self.file, step.uses.as_ref().map_or(step.span, |u| u.span));
        let pushes = step.input("push").is_some_and(|push| push.value != "false")
            || step
                .input("outputs")
                .is_some_and(|o| o.value.contains("push=true") || o.value.contains("type=registry"))
            || (builder.action.starts_with("mr-smithers")
                && step.input("pushImage").is_none_or(|p| p.value != "false"));
        let tags = input(builder.tags).map(|(text, _)| texts(text)).unwrap_or_default();
        let target = input(&["target"]).map(|(text, _)| text.to_owned());
        let context = input(builder.context).map_or(".", |(text, _)| text);
        // A git context is the repository; `{{defaultContext}}:folder` is a folder of it.
        let context = match context.strip_prefix("{{defaultContext}}") {
            Some(rest) => rest.trim_start_matches(':'),
            None => context,
        };
        let file = input(builder.file).map(|(text, _)| text).and_then(|text| text.lines().next());
        for (context, file) in self.values(step, context, file) {
            let Some(context) = at_root(&context) else { continue };
            let dockerfile = match file {
                Some(file) => at_root(&file),
                None => context.join("Dockerfile"),
            };
            if let Some(dockerfile) = dockerfile {
                let build = self.build(index, place, pushes, target.clone(), tags.clone());
                out.push(Found { dockerfile, context, build });
            }
        }
    }

    fn by_script(&self, index: usize, step: &Step, layout: &Layout, paths: &Paths<'_>, out: &mut Vec<Found>) {
        let Some(run) = &step.run else { return };
        let builds = || run.acts.iter().filter(|a| matches!(a.kind, ActKind::ImageBuild { .. }));
        if builds().next().is_none() {
            return;
        }
        let start = step.working_directory.as_ref().map(|d| d.value.as_str());
        let folders = Folders::new(run, layout, start);
        for act in builds().take(MAX_VALUES) {
            let ActKind::ImageBuild { context, file, target, tags, pushes } = &act.kind else { continue };
            let (Some(context), Some(folder)) = (context, folders.at(act.command)) else { continue };
            let place = Place::new(self.file, run.text.host_span(act.range.clone()));
            for (context, file) in self.values(step, context, file.as_deref()) {
                if context == "-" || context.contains("://") {
                    continue;
                }
                let within = |path: &str| layout.absolute(&folder, path).and_then(|p| layout.resolve(paths, &p));
                let Some(context) = within(&context) else { continue };
                let dockerfile = match file {
                    Some(file) => within(&file),
                    None => context.join("Dockerfile"),
                };
                if let Some(dockerfile) = dockerfile {
                    let build = self.build(index, place, *pushes, target.clone(), tags.clone());
                    out.push(Found { dockerfile, context, build });
                }
            }
        }
    }

    /// An action whose image is built from a Dockerfile beside it.
    fn itself(&self, action: &ActionDefinition, sources: &Sources) -> Option<Found> {
        let image = action.image.as_ref().filter(|i| !i.value.contains("://"))?;
        let context = sources.get(action.file)?.path.parent();
        let dockerfile = context.join(&image.value)?;
        let build = self.build(0, Place::new(action.file, image.span), false, None, Vec::new());
        Some(Found { dockerfile, context, build })
    }

    fn build(&self, step: usize, place: Place, pushes: bool, target: Option<String>, tags: Vec<String>) -> Build {
        Build { document: self.document, job: self.job.map(|(index, _)| index), step, place, pushes, target, tags }
    }

    /// Context and file with every value their expressions may have. What cannot be told gives nothing:
    /// a guess would say of a file that it is built.
    fn values(&self, step: &Step, context: &str, file: Option<&str>) -> Vec<(String, Option<String>)> {
        let mut out = vec![(context.to_owned(), file.map(str::to_owned))];
        for _ in 0..4 {
            let Some((whole, inner)) = out.iter().find_map(|(c, f)| {
                let found = |text: &str| expression(text).map(|(a, b)| (a.to_owned(), b.to_owned()));
                found(c).or_else(|| f.as_deref().and_then(found))
            }) else {
                break;
            };
            let values = self.known(step, &inner);
            let mut next = Vec::new();
            for (context, file) in &out {
                for value in &values {
                    // The same expression has the same value in both.
                    let with = |text: &String| text.replace(&whole, value);
                    next.push((with(context), file.as_ref().map(with)));
                }
            }
            next.truncate(MAX_VALUES);
            out = next;
        }
        out.retain(|(context, file)| expression(context).is_none() && file.as_deref().and_then(expression).is_none());
        out
    }

    /// The values an expression may have.
    fn known(&self, step: &Step, inner: &str) -> Vec<String> {
        if inner == "github.workspace" {
            return vec![".".to_owned()];
        }
        if let Some(key) = inner.strip_prefix("matrix.") {
            let matrix = self.job.map(|(_, job)| job.matrix.as_slice()).unwrap_or_default();
            return matrix.iter().find(|(name, _)| name == key).map(|(_, values)| values.clone()).unwrap_or_default();
        }
        let Some(name) = inner.strip_prefix("env.") else { return Vec::new() };
        let of = |pairs: &[Pair]| pairs.iter().find(|(n, _)| n.value == name).map(|(_, v)| v.value.clone());
        let job = self.job.and_then(|(_, job)| of(&job.env));
        let workflow = self.workflow.and_then(|w| of(&w.env));
        of(&step.env).or(job).or(workflow).into_iter().filter(|value| !value.contains("${{")).collect()
    }
}

/// The first `${{ .. }}` of a text: as it stands, and what is inside.
fn expression(text: &str) -> Option<(&str, &str)> {
    let start = text.find("${{")?;
    let end = start + text.get(start..)?.find("}}")? + 2;
    let whole = text.get(start..end)?;
    Some((whole, whole.trim_start_matches("${{").trim_end_matches("}}").trim()))
}

fn at_root(path: &str) -> Option<RepoPath> {
    (!path.contains("://")).then(|| RepoPath::new(path))?
}

/// A list of names, by commas and lines.
fn texts(text: &str) -> Vec<String> {
    text.split([',', '\n']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

/// `docker push` of a later command or step sends away what an earlier one built: by name, or where
/// the job builds one image only.
fn pushed_later(steps: &[Step], found: &mut [Found]) {
    let acts = steps.iter().filter_map(|s| s.run.as_ref()).flat_map(|run| &run.acts);
    let mut pushed: BTreeSet<&str> = BTreeSet::new();
    let mut any = false;
    for act in acts {
        if let ActKind::Publish { what, subjects } = &act.kind
            && matches!(*what, "docker push" | "podman push" | "buildah push")
        {
            any = true;
            pushed.extend(subjects.iter().map(String::as_str));
        }
    }
    if !any {
        return;
    }
    let one = found.iter().all(|f| f.build.step == found[0].build.step && f.build.place == found[0].build.place);
    for found in found.iter_mut() {
        let named = found.build.tags.iter().any(|tag| pushed.contains(tag.as_str()));
        found.build.pushes |= one || named;
    }
}
