//! Names that more than one channel of conda may answer.
//!
//! The first channel that has a name answers for it; unless priority is strict, a later one steps in
//! where what the first has does not fit, and with no priority at all the highest version of any wins.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::conda::{AskedChannel, ChannelKind, Priority};
use crate::graph::kinds::conda::CondaRequirement;
use crate::graph::python::{Install, Use};
use crate::rules::python;
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Role};

pub(super) static RULE: Rule = Rule {
    id: "mixed-conda-channels",
    title: "conda package that more than one channel may answer",
    many: "{n} conda environments mix channels that answer for the same names",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("mixed_conda_channels.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 20;

/// An environment or command, with what is asked.
struct Asker<'a> {
    file: FileId,
    role: Role,
    ships: bool,
    channels: Vec<&'a AskedChannel>,
    priority: Priority,
    names: Vec<&'a str>,
    used_by: Option<&'a Use>,
    install: Option<&'a Install>,
    is_pixi: bool,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut askers = Vec::new();
    for view in &scene.python.conda.environments {
        let Some(Document::CondaEnvironment(found)) = scene.documents.get(view.document) else { continue };
        let Some(names) = unbound(&found.packages) else { continue };
        askers.push(Asker {
            file: view.file,
            role: view.role,
            ships: view.purpose.wants_pins(),
            channels: each_once(&view.channels),
            priority: view.priority,
            names,
            used_by: view.used_by.first(),
            install: None,
            is_pixi: found.tool == "pixi",
        });
    }
    for install in &scene.python.installs {
        let Some(conda) = &install.conda else { continue };
        let Some(names) = unbound(&conda.packages).filter(|names| !names.is_empty()) else { continue };
        let is_pixi = install.manager == "pixi";
        askers.push(Asker {
            file: install.place.file,
            role: install.role,
            ships: install.purpose.wants_pins(),
            channels: each_once(&conda.channels),
            priority: conda.priority.unwrap_or(if is_pixi { Priority::Strict } else { Priority::Flexible }),
            names,
            used_by: None,
            install: Some(install),
            is_pixi,
        });
    }
    let sites = Sites::of(scene);
    // Commands of one file that ask the same channels are one decision.
    let mut cases: BTreeMap<(FileId, String), Vec<(Case<'_>, Asker<'_>)>> = BTreeMap::new();
    for asker in askers {
        if let Some(case) = Case::of(&asker) {
            let key = format!("{} {}", case.behind.channel.name, case.before.channel.name);
            cases.entry((asker.file, key)).or_default().push((case, asker));
        }
    }
    for found in cases.into_values() {
        say(report, &sites, &found);
    }
}

/// Names that no channel is bound to; none where every name is bound.
fn unbound(packages: &[CondaRequirement]) -> Option<Vec<&str>> {
    let loose: Vec<&str> = packages.iter().filter(|p| p.channel.is_none()).map(|p| p.name.value.as_str()).collect();
    (!loose.is_empty() || packages.is_empty()).then_some(loose)
}

fn each_once(channels: &[AskedChannel]) -> Vec<&AskedChannel> {
    let mut seen = BTreeSet::new();
    channels.iter().filter(|c| c.channel.kind != ChannelKind::Machine && seen.insert(&c.channel)).collect()
}

/// Which two channels are at odds, and how.
struct Case<'a> {
    /// The one whose line a person would change.
    before: &'a AskedChannel,
    /// The one whose names it may answer.
    behind: &'a AskedChannel,
    how: How,
    severity: Severity,
}

/// Why a name may come from the wrong one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// The wrong one is asked first.
    First,
    /// It steps in where the right one does not fit.
    Fallback,
    /// The highest version of all wins.
    Highest,
}

impl<'a> Case<'a> {
    fn of(asker: &Asker<'a>) -> Option<Self> {
        let is_private = |c: &&&AskedChannel| matches!(c.channel.kind, ChannelKind::Private | ChannelKind::Unknown);
        let is_public = |c: &&&AskedChannel| c.channel.kind.is_public();
        let channels = &asker.channels;
        let at = |wanted: &AskedChannel| channels.iter().position(|c| c.channel == wanted.channel);
        if let (Some(private), Some(public)) = (channels.iter().find(is_private), channels.iter().find(is_public)) {
            // An address that may well be a mirror of everything weighs less.
            let is_known = private.channel.kind == ChannelKind::Private;
            let worst = if is_known && asker.ships { Severity::Medium } else { Severity::Low };
            let (how, severity) = match asker.priority {
                Priority::Disabled => (How::Highest, worst),
                _ if at(public) < at(private) => (How::First, worst),
                Priority::Flexible => (How::Fallback, Severity::Low),
                Priority::Strict => return None,
            };
            return Some(Self { before: public, behind: private, how, severity });
        }
        if asker.priority == Priority::Strict || !asker.ships {
            return None;
        }
        let of = |kind: ChannelKind| channels.iter().find(|c| c.channel.kind == kind);
        // Two collections of everything, built against each other by nobody.
        let (own, forge) = (of(ChannelKind::Anaconda)?, of(ChannelKind::CondaForge)?);
        let how = if asker.priority == Priority::Disabled { How::Highest } else { How::Fallback };
        let (before, behind) = if at(own) < at(forge) { (forge, own) } else { (own, forge) };
        Some(Self { before, behind, how, severity: Severity::Low })
    }
}

fn say(report: &mut Reporter<'_>, sites: &Sites<'_, '_>, found: &[(Case<'_>, Asker<'_>)]) {
    let Some((case, asker)) = found.iter().max_by_key(|(case, asker)| (case.severity, std::cmp::Reverse(asker.role)))
    else {
        return;
    };
    let (wrong, right) = (&case.before.channel, &case.behind.channel);
    let names = python::list(found.iter().flat_map(|(_, a)| a.names.iter().copied()));
    let mut each = found.iter().flat_map(|(_, a)| a.names.iter());
    let what = match (each.next(), each.next()) {
        (None, _) => "every name".to_owned(),
        (Some(_), None) => format!("{names}, and all that it needs,"),
        (Some(_), Some(_)) => format!("{names}, and all that they need,"),
    };
    let is_private = matches!(right.kind, ChannelKind::Private | ChannelKind::Unknown);
    let how = match case.how {
        How::First => "it is asked first, and the first that has a name answers",
        How::Fallback => "channel priority is not strict, so it steps in where the first has nothing that fits",
        How::Highest => "channel priority is off, so the highest version of any channel wins",
    };
    let advice = match (is_private, asker.is_pixi) {
        (true, true) => format!(
            "list `{}` first and keep channel-priority strict, or bind its packages: name = {{ version = \"..\", channel = \"{}\" }}",
            case.behind.text, case.behind.text
        ),
        (true, false) => format!(
            "list `{}` first and set channel_priority: strict, or bind its packages: {}::name",
            case.behind.text, case.behind.text
        ),
        (false, _) => {
            "take one of the two: nodefaults in place of defaults; or set channel_priority: strict where it is installed"
                .to_owned()
        }
    };
    let mut draft = report
        .at(case.before.place, format!("beside {}", right.name))
        .about("channel", wrong.name.clone(), None)
        .severity(case.severity)
        .confidence(Confidence::Medium)
        .role(asker.role)
        .also(found.iter().take(PLACES).map(|(case, _)| case.before.place))
        .content(format!("{} {}", right.name, wrong.name))
        .related(case.behind.place, "the other channel")
        .evidence("the channels as they are listed; settings of the machine may add more, and what a channel holds is not known here");
    if let Some(user) = asker.used_by {
        draft = draft.via(user.text.clone(), Some(user.place));
    }
    if let Some(install) = asker.install {
        draft = sites.route(install, draft);
    }
    draft.advise(advice).say(format!("{what} may come from {} as well as from {}: {how}", wrong.name, right.name));
}
