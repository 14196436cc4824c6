//! An image that a Dockerfile of the tree builds from, under a name that can move.

use std::collections::{BTreeMap, BTreeSet};

use super::image::{Own, is_newest, is_official, is_vendor, repository, tagged};
use crate::diag::{Impact, Severity};
use crate::graph::identity;
use crate::graph::kinds::docker::{Base, Dockerfile, InstructionKind, Stage};
use crate::rules::versionless::versionless;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, Role, Span, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-base-image",
    title: "base image under a name that can move",
    many: "{n} base images have names that can move",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unpinned_base_image.md"),
    check,
};

/// What a Dockerfile does with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Usage {
    /// `# syntax=`: its program reads the file.
    Syntax,
    /// Files are taken from it.
    Copied,
    /// A stage starts from it.
    Base,
}

/// One use of an image.
struct Use<'a, 'r> {
    place: Place,
    reference: String,
    usage: Usage,
    role: Role,
    run: &'r Run<'a>,
}

impl Use<'_, '_> {
    fn rank(&self) -> (bool, u8, Usage) {
        (matches!(self.role, Role::Product | Role::Ci), self.run.weight(), self.usage)
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    let mut uses: BTreeMap<String, Vec<Use<'_, '_>>> = BTreeMap::new();
    let mut add = |run, file: FileId, reference: &str, span: Span, usage| {
        let image = identity::image(reference);
        if image.digest.is_none() && !image.repository.is_empty() && !reference.contains(['$', '{']) {
            let place = Place::new(file, span);
            let one = Use { place, reference: reference.to_owned(), usage, role: scene.role(file), run };
            uses.entry(repository(&image)).or_default().push(one);
        }
    };
    let mut seen: BTreeSet<FileId> = BTreeSet::new();
    for run in runs {
        let Some(stage_run) = &run.stage else { continue };
        let (dockerfile, stage) = (stage_run.dockerfile, stage_run.stage);
        if let Some(syntax) = dockerfile.syntax.as_ref().filter(|_| seen.insert(run.file)) {
            add(run, run.file, &syntax.value, syntax.span, Usage::Syntax);
        }
        if let Base::Image { reference, .. } = &stage.base {
            add(run, run.file, reference, written_at(dockerfile, &stage.from), Usage::Base);
        }
        for (reference, span) in taken_from(dockerfile, stage) {
            add(run, run.file, &reference, span, Usage::Copied);
        }
    }
    let own = Own::of(scene);
    for (name, found) in &uses {
        say(scene, report, &own, name, found);
    }
}

/// Where the reference is written: of `FROM ${BASE}`, and of a tag in `FROM image:${VERSION}`, that is the
/// default of the argument.
fn written_at(dockerfile: &Dockerfile, from: &Spanned<String>) -> Span {
    let tail = from.value.split_once(":$").map_or_else(|| from.value.strip_prefix('$'), |(_, tag)| Some(tag));
    let name = tail.map(|name| name.trim_matches(['{', '}']));
    let argument = name.and_then(|name| dockerfile.global_args.iter().rev().find(|a| a.name.value == name));
    argument.and_then(|a| a.default.as_ref()).map_or(from.span, |default| default.span)
}

/// Images that `COPY --from` and `--mount=..,from=` take files from.
fn taken_from(dockerfile: &Dockerfile, stage: &Stage) -> Vec<(String, Span)> {
    let mut out = Vec::new();
    for instruction in &stage.instructions {
        match &instruction.kind {
            InstructionKind::Copy(copy) => {
                if let Some((from, Base::Image { reference, .. })) = &copy.from {
                    out.push((reference.clone(), from.span));
                }
            }
            InstructionKind::Run { mounts, .. } => {
                for mount in mounts {
                    if let Some(Base::Image { reference, .. }) = dockerfile.mounted_from(stage.index, &mount.value) {
                        out.push((reference, mount.span));
                    }
                }
            }
            _ => {}
        }
    }
    out
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, own: &Own<'_>, name: &str, found: &[Use<'_, '_>]) {
    let Some(main) = found.iter().reduce(|best, next| if next.rank() > best.rank() { next } else { best }) else {
        return;
    };
    // One that floats speaks for the others of its name.
    let floating = found.iter().filter(|u| is_newest(&identity::image(&u.reference)));
    let main = floating.reduce(|best, next| if next.rank() > best.rank() { next } else { best }).unwrap_or(main);
    let image = identity::image(&main.reference);
    // What a workflow of this repository pushes is not a stranger's.
    if own.names(&image) || own.builds(&image) {
        return;
    }
    let floats = is_newest(&image);
    let official = is_official(&image) || (main.usage == Usage::Syntax && image.repository.starts_with("docker/"));
    let vendor = is_vendor(&image);
    let reaches = main.run.impact().filter(|_| !official);
    let (severity, impact): (Severity, Option<Impact>) = match (official, floats, reaches) {
        (true, ..) if main.usage == Usage::Syntax => (Severity::Info, None),
        (true, ..) => (Severity::Low, None),
        // Whoever publishes it decides, any day, what runs in an image that goes out.
        (_, true, Some(impact)) if !vendor => (Severity::High, Some(impact)),
        // A version of theirs is as fixed as a version of anything.
        (_, false, Some(_)) if vendor => (Severity::Low, None),
        (_, true, _) | (_, false, Some(_)) => (Severity::Medium, None),
        (_, false, None) => (Severity::Low, None),
    };
    let how = match image.tag {
        None => "no tag stands for `latest`".to_owned(),
        Some(tag) if floats => format!("`{tag}` is what its publisher last called so"),
        Some(tag) => format!("`{tag}` is rebuilt in place by most publishers"),
    };
    let mut tags: Vec<&str> = found.iter().map(|u| u.reference.as_str()).collect();
    tags.sort_unstable();
    tags.dedup();
    let mut draft = report
        .at(main.place, how.clone())
        .severity(severity)
        .impact(impact)
        .also(found.iter().map(|u| u.place))
        .each(tags.iter().map(|one| versionless(one)))
        .evidence(format!("no digest; {how}"))
        .advise(format!(
            "pin what it is today, and keep the tag for the reader: {}@sha256:<digest>; the digest: docker buildx imagetools inspect {}",
            tagged(&main.reference, &image),
            main.reference
        ));
    draft = match scene.graph.find(&format!("image:{}", main.reference)) {
        Some(node) => draft.on(node),
        None => draft.about("image", name, image.tag.map(str::to_owned)),
    };
    let verb = match main.usage {
        Usage::Base => "is built from",
        Usage::Copied => "gives files to the build",
        Usage::Syntax => "reads the Dockerfile",
    };
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let draft = main.run.route(scene, draft);
    let others = match tags.len() {
        0 | 1 => String::new(),
        2 => ", as can 1 other tag of it".to_owned(),
        n => format!(", as can {} other tags of it", n - 1),
    };
    draft.say(format!("image `{}` {verb} and can move{others}{held}", main.reference));
}
