//! An image that a job runs in or beside, under a name that can move.

use std::collections::BTreeMap;

use super::containers;
use super::image::{Own, floats, is_of_house, is_official, repository, tagged};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::expression::{Environment, Nature, text};
use crate::graph::identity;
use crate::graph::kinds::workflow::{Service, Uses};
use crate::rules::versionless::versionless;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-image",
    title: "image under a name that can move",
    many: "{n} images are run under names that can move",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unpinned_image.md"),
    check,
};

/// One use of an image.
struct Use<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    seat: Seat,
}

/// How an image is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seat {
    /// Steps run inside it, so it sees what they see.
    Inside,
    /// A service beside the steps.
    Beside,
    /// A shell runs or pulls it.
    Shell {
        /// What it is given of the machine, where that is all of it.
        privileged: Option<&'static str>,
        /// Folders of the machine are given to it.
        mounts: bool,
    },
}

impl Use<'_, '_> {
    fn impact(&self) -> Option<Impact> {
        self.run.impact().filter(|_| self.seat == Seat::Inside)
    }

    fn weight(&self) -> u8 {
        match self.seat {
            Seat::Inside => 2 + self.run.weight(),
            Seat::Beside => 1,
            Seat::Shell { privileged, mounts } => u8::from(self.is_near(privileged.is_some() || mounts)),
        }
    }

    /// Whether what a shell runs is handed something of a job that is worth having.
    fn is_near(&self, handed: bool) -> bool {
        handed && !self.run.is_by_hand() && self.run.impact().is_some()
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::runs(scene);
    let mut uses: BTreeMap<String, Vec<Use<'_, '_>>> = BTreeMap::new();
    for run in runs {
        for image in run.job().into_iter().flat_map(|(_, job)| &job.images) {
            let seat = if image.used_as == "container" { Seat::Inside } else { Seat::Beside };
            add(&mut uses, run, run.file, &image.reference, seat);
            computed(scene, report, &mut uses, run, &image.reference, seat);
        }
        for step in run.steps {
            if let Some(Spanned { value: Uses::Docker(image), span }) = &step.uses {
                add(&mut uses, run, run.file, &Spanned::new(image.clone(), *span), Seat::Inside);
            }
        }
        let own = run.action.and_then(|a| a.image.as_ref());
        if let Some((image, name)) = own.and_then(|i| Some((i, i.value.strip_prefix("docker://")?))) {
            add(&mut uses, run, run.file, &Spanned::new(name.to_owned(), image.span), Seat::Inside);
        }
    }
    let own = Own::of(scene);
    for started in containers::of(scene, &own) {
        let reference = Spanned::new(started.image, started.place.span);
        add(&mut uses, started.run, started.place.file, &reference, started.seat);
    }
    for (name, found) in &uses {
        say(scene, report, &own, name, found);
    }
}

fn add<'a, 'r>(
    uses: &mut BTreeMap<String, Vec<Use<'a, 'r>>>,
    run: &'r Run<'a>,
    file: FileId,
    reference: &Spanned<String>,
    seat: Seat,
) {
    // What an expression or a variable names is not in the files.
    if reference.value.contains('$') || reference.value.trim().is_empty() {
        return;
    }
    if identity::image(&reference.value).digest.is_none() {
        uses.entry(reference.value.clone()).or_default().push(Use {
            place: Place::new(file, reference.span),
            run,
            seat,
        });
    }
}

/// An image that an expression names: each name that the files tell, and a note where they do not tell all.
fn computed<'a, 'r>(
    scene: &Scene<'a>,
    report: &mut Reporter<'_>,
    uses: &mut BTreeMap<String, Vec<Use<'a, 'r>>>,
    run: &'r Run<'a>,
    reference: &Spanned<String>,
    seat: Seat,
) {
    let Some((workflow, job)) = run.job().filter(|(w, _)| w.service == Service::GitHub) else { return };
    // What a digest is put behind stays what it is, whatever it is called.
    if !reference.value.contains("${{") || reference.value.contains("@sha256:") {
        return;
    }
    let environment = Environment::of_job(reach::tree(scene), workflow, job, None);
    let found = text(&reference.value, &environment);
    for name in found.texts.iter().filter(|name| !matches!(name.as_str(), "false" | "null")) {
        add(uses, run, run.file, &Spanned::new(name.clone(), reference.span), seat);
    }
    if found.origins.is_empty() {
        return;
    }
    let by_hand = found.origins.iter().all(|o| o.nature == Nature::Maintainer);
    let who =
        if by_hand { "who starts the run or sets the variable says which" } else { "the files do not tell which" };
    let name = reference.value.trim();
    let draft = report
        .at(Place::new(run.file, reference.span), "named by an expression")
        .severity(Severity::Low)
        .confidence(Confidence::Low)
        .about("image", name, None)
        .content(name)
        .evidence(who)
        .advise("write the names out, each with its digest");
    run.route(scene, draft).say(format!("the image `{name}` may be any, pinned or not"));
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, own: &Own<'_>, name: &str, found: &[Use<'_, '_>]) {
    let Some(main) = found.iter().reduce(|best, next| if next.weight() > best.weight() { next } else { best }) else {
        return;
    };
    let image = identity::image(name);
    let floats = floats(&image);
    let official = is_official(&image);
    // Images that Docker or the runner's maker builds are as trusted as the runner itself.
    // Nor is an image a stranger's that this repository itself builds and pushes.
    let pushed = own.names(&image);
    // Pipelines of a company's own service mostly take their images from its own registry.
    let elsewhere = |run: &Run<'_>| run.holder.as_ref().is_some_and(|h| h.workflow.service != Service::GitHub);
    let own = pushed || is_of_house(&image) && elsewhere(main.run);
    let impact = main.impact().filter(|_| !official && !own);
    let severity = match (impact.is_some(), floats) {
        (true, _) => Severity::High,
        (false, true) if !official && !own => match main.seat {
            Seat::Shell { privileged, mounts } if !main.is_near(privileged.is_some() || mounts) => Severity::Low,
            _ => Severity::Medium,
        },
        _ => Severity::Low,
    };
    let how = match image.tag {
        None => "no tag stands for `latest`".to_owned(),
        Some(tag) if floats => format!("`{tag}` is what its publisher last called so"),
        Some(tag) => format!("`{tag}` is rebuilt in place by most publishers"),
    };
    let mut draft = report
        .at(main.place, how.clone())
        .severity(severity)
        .impact(impact)
        .also(found.iter().map(|u| u.place))
        .content(versionless(name))
        .evidence(format!("no digest; {how}"))
        .advise(format!("pin what it is today, and keep the tag for the reader: {}@sha256:<digest>; the digest: docker buildx imagetools inspect {name}", tagged(name, &image)));
    draft = match scene.graph.find(&format!("image:{name}")) {
        Some(node) => draft.on(node),
        // Known as the graph would know it, so that it stays the same when another line names it.
        None => draft.about("image", repository(&image), image.tag.map(str::to_owned)),
    };
    // Whose an official image is goes without saying.
    if pushed && !official {
        draft = draft.evidence("a workflow that pushes images names it, so it is taken for one of this repository");
    } else if own && !official {
        draft = draft.evidence("its registry is none of those that everybody pushes to");
    }
    let role = match main.seat {
        Seat::Inside => "runs the steps",
        Seat::Beside => "runs beside the steps",
        Seat::Shell { .. } => "is run by a shell",
    };
    if let Seat::Shell { privileged: Some(what), .. } = main.seat {
        draft = draft.evidence(format!("the container is given the machine by {what}"));
    }
    let near = matches!(main.seat, Seat::Shell { .. }) && severity >= Severity::Medium;
    let held = if impact.is_some() || near { main.run.held() } else { String::new() };
    main.run.route(scene, draft).say(format!("image `{name}` {role} and can move{held}"));
}
