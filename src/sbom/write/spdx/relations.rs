//! How parts relate, the processes that make some from others, and what is not known.

use std::io;

use crate::sbom::Bom;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Process;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;

use super::Shared;
use super::element::Elements;
use super::element::Name;
use super::element::Object;
use super::names;

/// A text that is told of an element in JSON.
pub(super) fn statement(fill: impl FnOnce(&mut Object<'_>)) -> String {
    let mut line = b"{".to_vec();
    fill(&mut Object::bare(&mut line));
    line.push(b'}');
    String::from_utf8(line).unwrap_or_default()
}

/// Fills an annotation that tells something of an element.
pub(super) fn annotation(object: &mut Object<'_>, subject: Name<'_>, statement: &str) {
    object.text("annotationType", "other");
    object.text("contentType", "application/json");
    object.text("statement", statement);
    object.name("subject", subject);
}

/// Fills in a place.
pub(super) fn place(object: &mut Object<'_>, at: &Occurrence) {
    object.text("path", &at.path);
    if at.line > 0 {
        object.number("line", at.line);
    }
    object.some("how", at.how.as_ref());
}

/// Writes the relations of which a component is the one end, and whether all that it needs is among them.
pub(super) fn write(shared: &Shared<'_>, component: &Component, elements: &mut Elements<'_>) -> io::Result<()> {
    let all = &shared.bom.relations;
    let first = all.partition_point(|one| one.from < component.id);
    let own = all[first..].partition_point(|one| one.from == component.id);
    let mut at = first;
    let mut has_dependencies = false;
    for group in all[first..first + own].chunk_by(|one, other| one.kind == other.kind) {
        has_dependencies |= group.iter().any(|one| one.kind == RelationKind::DependsOn);
        if names::is_backward(group[0].kind) {
            backward(shared.bom, group, at, elements)?;
        } else {
            for scope in [Scope::Required, Scope::Optional, Scope::Excluded] {
                forward(shared.bom, component, group, at, scope, elements)?;
            }
        }
        at += group.len();
    }
    let Some(completeness) = names::completeness(component.dependencies) else { return Ok(()) };
    if has_dependencies {
        return Ok(());
    }
    // A claim on an empty list needs an element that stands for it.
    let nothing = component.dependencies == Completeness::Complete;
    elements.element("Relationship", Name::Own("dependencies", &component.id), |object| {
        object.text("completeness", completeness);
        object.name("from", Name::Own("component", &component.id));
        object.text("relationshipType", "dependsOn");
        object.names("to", [Name::Term(if nothing { "NoneElement" } else { "NoAssertionElement" })]);
    })
}

/// What a component is to several others, of one kind and scope.
fn forward(
    bom: &Bom,
    component: &Component,
    group: &[Relation],
    at: usize,
    scope: Scope,
    elements: &mut Elements<'_>,
) -> io::Result<()> {
    let Some(first) = group.iter().position(|one| one.scope == scope && bom.component(&one.to).is_some()) else {
        return Ok(());
    };
    let all = || group[first..].iter().filter(|one| one.scope == scope && bom.component(&one.to).is_some());
    let kind = group[0].kind;
    let (name, comment) = names::relation(kind, scope);
    let phase = names::scope_of_relation(kind, scope);
    let class = if phase.is_some() { "LifecycleScopedRelationship" } else { "Relationship" };
    let own = Name::Counted("relation", at + first);
    elements.element(class, own, |object| {
        object.text("comment", comment.unwrap_or_default());
        if kind == RelationKind::DependsOn {
            object.text("completeness", names::completeness(component.dependencies).unwrap_or_default());
        }
        object.name("from", Name::Own("component", &component.id));
        object.text("relationshipType", name);
        object.text("scope", phase.unwrap_or_default());
        object.names("to", all().map(|one| Name::Own("component", &one.to)));
    })?;
    if all().all(|one| one.evidence.is_empty()) {
        return Ok(());
    }
    elements.element("Annotation", Name::Counted("evidence-of-relation", at + first), |object| {
        let places = all().flat_map(|one| one.evidence.iter().map(|place| (&one.to, place)));
        let statement = statement(|object| {
            object.objects("evidence", places, |object, (to, at)| {
                object.text("to", to);
                place(object, at);
            });
        });
        annotation(object, own, &statement);
    })
}

/// What others are to a component in SPDX's direction, each by itself.
fn backward(bom: &Bom, group: &[Relation], at: usize, elements: &mut Elements<'_>) -> io::Result<()> {
    for (offset, one) in group.iter().enumerate() {
        if bom.component(&one.to).is_none() {
            continue;
        }
        let own = Name::Counted("relation", at + offset);
        let (name, comment) = names::relation(one.kind, one.scope);
        elements.element("Relationship", own, |object| {
            object.text("comment", comment.unwrap_or_default());
            object.name("from", Name::Own("component", &one.to));
            object.text("relationshipType", name);
            object.names("to", [Name::Own("component", &one.from)]);
        })?;
        if !one.evidence.is_empty() {
            elements.element("Annotation", Name::Counted("evidence-of-relation", at + offset), |object| {
                let statement = statement(|object| {
                    object.objects("evidence", &one.evidence, |object, at| {
                        object.text("to", &one.to);
                        place(object, at);
                    });
                });
                annotation(object, own, &statement);
            })?;
        }
    }
    Ok(())
}

/// Writes a process with what goes into it and what comes out.
pub(super) fn write_process(bom: &Bom, process: &Process, elements: &mut Elements<'_>) -> io::Result<()> {
    let own = Name::Own("process", &process.id);
    elements.element("build_Build", own, |object| {
        object.text("name", &process.name);
        object.text("build_buildType", &format!("{}{}", names::TASK, names::task(&process.task)));
        object.dictionary(
            "build_parameter",
            process.parameters.iter().map(|(name, text)| (name.as_str(), text.as_str())),
        );
    })?;
    let known = |id: &&String| bom.component(id).is_some();
    let inputs: Vec<&String> = process.inputs.iter().filter(known).collect();
    let outputs: Vec<&String> = process.outputs.iter().filter(known).collect();
    let steps: Vec<&String> = process.steps.iter().filter(known).collect();
    for (name, kind, ids) in
        [("inputs", "hasInput", inputs), ("outputs", "hasOutput", outputs), ("steps", "usesTool", steps)]
    {
        if ids.is_empty() {
            continue;
        }
        elements.element("LifecycleScopedRelationship", Name::Own(name, &process.id), |object| {
            object.name("from", own);
            object.text("relationshipType", kind);
            object.text("scope", "build");
            object.names("to", ids.iter().map(|id| Name::Own("component", id)));
        })?;
    }
    if process.evidence.is_empty() {
        return Ok(());
    }
    elements.element("Annotation", Name::Own("evidence-of-process", &process.id), |object| {
        let statement = statement(|object| object.objects("evidence", &process.evidence, place));
        annotation(object, own, &statement);
    })
}

/// Writes what is known to be there and not known what it is, each as a note on the part that needs it.
pub(super) fn write_unknowns(bom: &Bom, elements: &mut Elements<'_>) -> io::Result<()> {
    for (number, unknown) in bom.unknowns.iter().enumerate() {
        let owner = unknown.owner.as_deref().filter(|id| bom.component(id).is_some());
        elements.element("Annotation", Name::Counted("unknown", number), |object| {
            let statement = statement(|object| {
                object.objects("unknown", [unknown], |object, unknown| {
                    object.text("kind", unknown.kind.word());
                    object.text("text", &unknown.text);
                    object.text("why", &unknown.why);
                    place(object, &unknown.at);
                });
            });
            let subject = owner.map_or(Name::Sole("sbom"), |id| Name::Own("component", id));
            annotation(object, subject, &statement);
        })?;
    }
    Ok(())
}
