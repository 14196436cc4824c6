//! How elements relate: dependencies, descent, licences, and what goes into builds and comes out of them.

use std::collections::BTreeMap;

use crate::parse::json::Value;
use crate::sbom::Bom;
use crate::sbom::model::Completeness;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Process;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::read::Told;
use crate::sbom::read::cut;
use crate::sbom::read::spdx2::Copies;
use crate::sbom::write::spdx::names;

use super::components::Files;
use super::first_of;
use super::graph;
use super::graph::Graph;
use super::licences::Licences;

/// Types of elements that relate others.
pub(super) const TYPES: &[&str] = &["Relationship", "LifecycleScopedRelationship"];

/// What is known by the references of our model.
struct Parts<'b> {
    bom: &'b mut Bom,
    components: BTreeMap<String, usize>,
    processes: BTreeMap<String, usize>,
}

/// Reads builds and every relation.
pub(super) fn read<'v>(graph: &Graph<'v>, files: &Files<'v>, bom: &mut Bom, copies: &mut Copies, told: &mut Told<'_>) {
    for element in graph.of_types(&["build_Build"]) {
        bom.processes.extend(process(graph, element, told));
    }
    let components = bom.components.iter().enumerate().rev().map(|(at, one)| (one.id.clone(), at)).collect();
    let processes = bom.processes.iter().enumerate().rev().map(|(at, one)| (one.id.clone(), at)).collect();
    let mut parts = Parts { bom, components, processes };
    let licences = Licences::of(graph);
    for element in graph.of_types(TYPES) {
        let Some(kind) = graph::text(element, "relationshipType").map(graph::term) else {
            told.at(element.span, "a relationship has no `relationshipType`, and is left out");
            continue;
        };
        let Some(from) = element.get("from").and_then(graph::reference) else {
            told.at(element.span, "a relationship has no `from`, and is left out");
            continue;
        };
        let from = if is_of_whole(&kind) { files.owner(from).unwrap_or(from) } else { from };
        let one = One { graph, files, element, kind: &kind, from };
        match &*kind {
            "hasDeclaredLicense" => one.licences(LicenceStanding::Declared, &licences, &mut parts, copies, told),
            "hasConcludedLicense" => one.licences(LicenceStanding::Concluded, &licences, &mut parts, copies, told),
            _ => one.relate(&mut parts, copies, told),
        }
    }
}

fn process(graph: &Graph<'_>, element: &Value, told: &mut Told<'_>) -> Option<Process> {
    let Some(id) = graph::id(element) else {
        told.at(element.span, "a build has no `spdxId`, and is left out");
        return None;
    };
    let address = graph::text(element, "build_buildType").unwrap_or("build");
    let task = address.strip_prefix(names::TASK).unwrap_or(address).to_owned();
    let pairs: Vec<(&str, &str)> = graph::dictionary(element, "build_parameter").collect();
    let name = graph::text(element, "name").or_else(|| graph::text(element, "build_buildId")).unwrap_or(address);
    let parameters = first_of(&pairs);
    Some(Process { id: graph.own(id), name: name.to_owned(), task, parameters, ..Process::default() })
}

/// One relation of the document.
struct One<'r, 'v> {
    graph: &'r Graph<'v>,
    files: &'r Files<'v>,
    element: &'v Value,
    kind: &'r str,
    from: &'v str,
}

impl<'v> One<'_, 'v> {
    fn to(&self) -> impl Iterator<Item = &'v str> {
        let is_one = |id: &&str| !matches!(&*graph::term(id), "NoneElement" | "NoAssertionElement");
        graph::references(self.element, "to").filter(is_one)
    }

    fn licences(
        &self,
        standing: LicenceStanding,
        licences: &Licences<'_, '_>,
        parts: &mut Parts<'_>,
        copies: &mut Copies,
        told: &mut Told<'_>,
    ) {
        let Some(at) = parts.components.get(&self.graph.own(self.from)) else { return };
        let component = &mut parts.bom.components[*at];
        for id in self.to() {
            let Some((name, url)) = licences.named(id) else { continue };
            if copies.take(name.text().len() + url.as_ref().map_or(0, String::len), self.element.span, told) {
                component.licences.push(Licence { name, url, standing });
            }
        }
    }

    fn relate(&self, parts: &mut Parts<'_>, copies: &mut Copies, told: &mut Told<'_>) {
        let from = self.graph.own(self.from);
        if let Some(at) = parts.processes.get(&from) {
            let process = &mut parts.bom.processes[*at];
            let to = self.to().map(|id| self.graph.own(id));
            match self.kind {
                "hasInput" => process.inputs.extend(to),
                "hasOutput" | "generates" => process.outputs.extend(to),
                "usesTool" => process.steps.extend(to),
                _ => {}
            }
            return;
        }
        let Some((kind, is_backward, scope)) = meaning(self.element, self.kind) else {
            // Relations to builds, of licences to texts and of flaws are none between parts.
            if !KNOWN.contains(&self.kind) {
                told.at(self.element.span, format!("`{}` is no relation of SPDX 3, and is left out", cut(self.kind)));
            }
            return;
        };
        let Some(at) = parts.components.get(&from).copied() else {
            self.configure(&from, parts);
            return;
        };
        if kind == RelationKind::DependsOn {
            self.complete(&mut parts.bom.components[at].dependencies);
        }
        for id in self.to() {
            let id = if is_of_whole(self.kind) { self.files.owner(id).unwrap_or(id) } else { id };
            if id == self.from {
                continue;
            }
            let to = self.graph.own(id);
            // Files of the component's own are no parts beside it; what another document tells of is.
            if self.graph.get(id).is_some() && !parts.components.contains_key(&to) {
                continue;
            }
            if !copies.take(from.len(), self.element.span, told) {
                return;
            }
            let (from, to) = if is_backward { (to, from.clone()) } else { (from.clone(), to) };
            parts.bom.relations.push(Relation { from, kind, to, scope, evidence: Vec::new() });
        }
    }

    /// What configures a build is one of its steps.
    fn configure(&self, from: &str, parts: &mut Parts<'_>) {
        if self.kind != "configures" {
            return;
        }
        for to in self.to() {
            if let Some(at) = parts.processes.get(&self.graph.own(to)) {
                parts.bom.processes[*at].steps.push(from.to_owned());
            }
        }
    }

    /// Takes in how whole the list is; of several the least stays.
    fn complete(&self, known: &mut Completeness) {
        let word = graph::text(self.element, "completeness").map(graph::term).unwrap_or_default();
        *known = match (*known, names::of_completeness(&word)) {
            (known, Completeness::Unsaid) => known,
            (Completeness::Incomplete, _) | (_, Completeness::Incomplete) => Completeness::Incomplete,
            (Completeness::Unknown, _) | (_, Completeness::Unknown) => Completeness::Unknown,
            _ => Completeness::Complete,
        };
    }
}

/// Whether what is said of a file is said of the model or the data set that it belongs to.
fn is_of_whole(kind: &str) -> bool {
    matches!(kind, "trainedOn" | "testedOn" | "descendantOf" | "ancestorOf")
}

/// What it is in our model, and whether that tells it from its other end.
pub(super) fn meaning(element: &Value, name: &str) -> Option<(RelationKind, bool, Scope)> {
    let comment = graph::text(element, "comment").and_then(RelationKind::of_word);
    let phase = graph::text(element, "scope").map(graph::term).unwrap_or_default();
    let mut scope = match &*phase {
        "development" | "test" | "design" => Scope::Excluded,
        "build" if name != "usesTool" => Scope::Excluded,
        _ => Scope::Required,
    };
    let (kind, is_backward) = match name {
        "dependsOn" if comment == Some(RelationKind::Serves) => (RelationKind::Serves, false),
        "dependsOn"
        | "hasStaticLink"
        | "hasDynamicLink"
        | "hasPrerequisite"
        | "hasProvidedDependency"
        | "hasRequirement" => (RelationKind::DependsOn, false),
        "hasOptionalDependency" => {
            scope = Scope::Optional;
            (RelationKind::DependsOn, false)
        }
        "contains" | "hasDataFile" => (RelationKind::Contains, false),
        "hasOptionalComponent" => {
            scope = Scope::Optional;
            (RelationKind::Contains, false)
        }
        "descendantOf" => (comment.filter(|kind| kind.is_descent()).unwrap_or(RelationKind::DerivedFrom), false),
        "ancestorOf" => (RelationKind::DerivedFrom, true),
        "trainedOn" => (RelationKind::TrainedOn, false),
        "testedOn" => (RelationKind::TestedOn, false),
        "generates" if comment == Some(RelationKind::TrainedBy) => (RelationKind::TrainedBy, true),
        "generates" => (RelationKind::BuiltFrom, true),
        "usesTool" => (RelationKind::BuiltWith, false),
        "copiedTo" => (RelationKind::CopyOf, true),
        _ => return None,
    };
    Some((kind, is_backward, scope))
}

/// Relations of SPDX 3 that are none between parts, or that our model has no place for. Source: SPDX 3.0.1,
/// RelationshipType.
const KNOWN: &[&str] = &[
    "affects",
    "amendedBy",
    "availableFrom",
    "configures",
    "coordinatedBy",
    "delegatedTo",
    "describes",
    "doesNotAffect",
    "expandsTo",
    "exploitCreatedBy",
    "fixedBy",
    "fixedIn",
    "foundBy",
    "hasAddedFile",
    "hasAssessmentFor",
    "hasAssociatedVulnerability",
    "hasDeletedFile",
    "hasDependencyManifest",
    "hasDistributionArtifact",
    "hasDocumentation",
    "hasEvidence",
    "hasExample",
    "hasHost",
    "hasInput",
    "hasMetadata",
    "hasOutput",
    "hasSpecification",
    "hasTest",
    "hasTestCase",
    "hasVariant",
    "invokedBy",
    "modifiedBy",
    "other",
    "packagedBy",
    "patchedBy",
    "publishedBy",
    "reportedBy",
    "republishedBy",
    "serializedInArtifact",
    "underInvestigationFor",
];
