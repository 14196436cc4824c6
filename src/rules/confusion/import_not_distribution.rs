//! What a program imports, asked for as if it were what PyPI calls it.
//!
//! A module and the distribution that brings it may have different names. Under the module's name PyPI
//! has an empty stand-in, another project, or nothing yet.

mod table;

use std::collections::BTreeMap;

use crate::diag::{Confidence, Severity};
use crate::graph::distributions::{Named, Whose};
use crate::rules::advisories::{route, speaker};
use crate::rules::python::own_names;
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};
use table::{Behind, MODULES};

pub(super) static RULE: Rule = Rule {
    id: "import-not-distribution",
    title: "module asked for in place of the distribution that has it",
    many: "{n} modules are asked for in place of their distributions",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("import_not_distribution.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<&str, Vec<&Named>> = BTreeMap::new();
    // What another index or a repository has under a name is its owner's to choose.
    for named in scene.distributions.named.iter().filter(|n| n.whose == Whose::PyPi) {
        if table::find(&named.name).is_some() {
            found.entry(&named.name).or_default().push(named);
        }
    }
    if found.is_empty() {
        return;
    }
    let (own, sites) = (own_names(scene), Sites::of(scene));
    for (name, all) in found {
        let Some(module) = table::find(name) else { continue };
        let Some(speaker) = speaker(scene, &all) else { continue };
        // What somebody else's package asks for is that package's to change.
        if speaker.parent.is_some() || own.contains(name) {
            continue;
        }
        let (severity, confidence, behind) = match module.behind {
            Behind::Other => (Severity::Medium, Confidence::Medium, "PyPI has another project under that name"),
            Behind::Nothing => (
                Severity::Medium,
                Confidence::Medium,
                "PyPI had nothing under that name, so whoever takes it is installed",
            ),
            Behind::StandIn => (
                Severity::Info,
                Confidence::High,
                "PyPI has a stand-in under that name, whose version says nothing of what it brings",
            ),
            Behind::Refused => {
                (Severity::Low, Confidence::High, "PyPI has a stand-in under that name that refuses to be installed")
            }
            Behind::Library => (
                Severity::Low,
                Confidence::High,
                "it comes with Python, and PyPI has an old copy or another project under that name",
            ),
        };
        let draft = report
            .at(speaker.at, "the name of a module")
            .about("distribution", name, None)
            .severity(severity)
            .confidence(confidence)
            .role(speaker.role)
            .also(all.iter().map(|named| named.place))
            .content(name);
        let mut draft = route(scene, &sites, speaker.named, draft).evidence(format!(
            "a table of {} modules; PyPI was not asked, nor the code that imports it",
            MODULES.len()
        ));
        let mut is_asked = false;
        if !module.distribution.is_empty() {
            let beside = scene.distributions.named.iter().find(|n| n.name == module.distribution);
            if let Some(beside) = beside {
                is_asked = true;
                draft = draft.related(beside.place, format!("the tree asks for `{}` as well", module.distribution));
            }
        }
        let (what, advice) = if module.behind == Behind::Library {
            (format!("`{name}` is a module of Python's own library"), format!("take `{name}` out"))
        } else {
            (
                format!("`{name}` is a module of `{}`", module.distribution),
                if is_asked {
                    format!("take `{name}` out if `{}` is meant, which the tree asks for as well", module.distribution)
                } else {
                    format!("ask for `{}` if that is meant", module.distribution)
                },
            )
        };
        draft.advise(advice).say(format!("{what}: {behind}"));
    }
}
