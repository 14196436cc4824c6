//! Names that a bill of materials lists, where that alone is looked at.

use std::collections::BTreeSet;

use super::words::fame;
use super::words::weight;
use super::words::what;
use crate::advisory::Kind;
use crate::graph::Document;
use crate::graph::kinds::sbom;
use crate::graph::kinds::sbom::RecordedRelease;
use crate::graph::kinds::sbom::Registry;
use crate::impostor::List;
use crate::impostor::NOTE;
use crate::impostor::Names;
use crate::impostor::resembles;
use crate::rules::Reporter;
use crate::rules::Scene;
use crate::source::Place;

/// Points taken from a name that something else brings along: who wrote that may have meant it.
const BROUGHT_ALONG: u8 = 15;

/// Reports names of one registry that are almost those of well known ones.
pub(super) fn in_documents(scene: &Scene<'_>, report: &mut Reporter<'_>, registry: Registry) {
    if !sbom::is_all(scene.documents) {
        return;
    }
    let names = Names::embedded();
    let (list, noun) = match registry {
        Registry::CratesIo => (List::Crates, "crate"),
        Registry::PyPi => (List::PyPi, "distribution"),
    };
    let is_attack =
        |release: &RecordedRelease| scene.known.of(&release.question()).iter().any(|flaw| flaw.kind == Kind::Malicious);
    let mut seen = BTreeSet::new();
    for document in scene.documents {
        let Document::Sbom(document) = document else { continue };
        for release in document.releases.iter().filter(|release| release.registry == registry) {
            let Some(mut found) = resembles(&names, list, &release.name).filter(|found| found.points >= NOTE) else {
                continue;
            };
            if release.way.len() > 1 {
                found.points = found.points.saturating_sub(BROUGHT_ALONG);
            }
            if found.points < NOTE || is_attack(release) || !seen.insert(&release.name) {
                continue;
            }
            let (severity, confidence) = weight(found.points);
            let name = &release.name;
            let mut draft = report
                .at(Place::new(document.file, release.span), format!("almost `{}`", found.target))
                .about(noun, name.clone(), Some(release.version.clone()))
                .severity(severity)
                .confidence(confidence)
                .role(scene.role(document.file))
                .content(format!("{name} {}", found.target));
            for hop in &release.way {
                draft = draft.via(format!("part {hop}"), None);
            }
            draft
                .evidence(format!("`{}` is {}; `{name}` is not on the list", found.target, fame(list, found.level)))
                .evidence(format!("likeness {} of 100", found.points))
                .advise(format!("ask whoever made the document whether `{}` is meant", found.target))
                .say(format!("`{name}` is {}", what(&found)));
        }
    }
}
