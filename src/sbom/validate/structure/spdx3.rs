//! Structure of SPDX 3: references by `spdxId` and `@id`, the root of the document, what profiles ask for.

use std::collections::BTreeSet;

use super::At;
use super::Place;
use super::graph::Graph;
use super::purls;
use super::purls::Said;
use super::walk;
use crate::parse::json::Value;
use crate::sbom::validate::Check;
use crate::sbom::validate::Findings;
use crate::sbom::validate::interpret::Reference;
use crate::sbom::validate::interpret::short;

/// Where elements that everybody shares have their names: listed licences, and what stands for none.
const SHARED: &[&str] = &["https://spdx.org/licenses/", "https://spdx.org/rdf/3.", "spdx:"];

/// Fields that a profile asks for: the class, the name of the profile, the fields. Source: SPDX 3.0.1, restrictions of
/// the classes AIPackage and DatasetPackage.
const PROFILES: &[(&str, &str, &[&str])] = &[
    (
        "ai_AIPackage",
        "ai",
        &[
            "suppliedBy",
            "software_downloadLocation",
            "software_packageVersion",
            "software_primaryPurpose",
            "releaseTime",
        ],
    ),
    (
        "dataset_DatasetPackage",
        "dataset",
        &[
            "originatedBy",
            "software_downloadLocation",
            "software_primaryPurpose",
            "releaseTime",
            "builtTime",
            "dataset_datasetType",
        ],
    ),
];

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

pub(super) fn check(root: &Value, references: &[Reference], findings: &mut Findings) -> usize {
    let mut graph = Graph::default();
    let mut outside: BTreeSet<&str> = BTreeSet::new();
    let mut profiles: BTreeSet<&str> = BTreeSet::new();
    let mut parts = Vec::new();
    let mut roots: Vec<&str> = Vec::new();
    let mut has_document = false;
    let mut releases = purls::Releases::default();
    let mut typed: Vec<(&Value, String)> = Vec::new();
    let list: &[Value] = root.get("@graph").map_or(std::slice::from_ref(root), Value::items);
    for (index, one) in list.iter().enumerate() {
        match text(one, "type").unwrap_or("") {
            "SpdxDocument" => {
                if std::mem::replace(&mut has_document, true) {
                    let message = "a file holds one SpdxDocument, and this is another".to_owned();
                    findings.push(Check::SpdxText, format!("/@graph/{index}"), one.span.start, message);
                }
                prefixes(one, index, findings);
                for import in one.get("import").map_or(&[][..], Value::items) {
                    outside.extend(text(import, "externalSpdxId"));
                }
            }
            "Relationship" | "LifecycleScopedRelationship" => {
                if let Some(from) = text(one, "from") {
                    for to in one.get("to").map_or(&[][..], Value::items).iter().filter_map(Value::as_str) {
                        graph.lead(from, to);
                        graph.lead(to, from);
                    }
                }
            }
            _ => {}
        }
        if one.get("rootElement").is_some() {
            let named = one.get("rootElement").map_or(&[][..], Value::items).iter().filter_map(Value::as_str);
            roots.extend(named);
            if let Some(own) = text(one, "spdxId") {
                for to in one.get("rootElement").map_or(&[][..], Value::items).iter().filter_map(Value::as_str) {
                    graph.lead(own, to);
                }
            }
        }
        profiles.extend(one.get("profileConformance").map_or(&[][..], Value::items).iter().filter_map(Value::as_str));
        if let (Some(id), true) = (text(one, "spdxId"), is_part(one)) {
            parts.push(id.to_owned());
        }
    }
    walk(root, &At::ROOT, &mut |value, at| {
        if let Some(name) = value.as_str() {
            if matches!(at.name(), "spdxId" | "@id") {
                graph.have(name, Place::of(value, at), findings);
            } else if at.name() == "simplelicensing_licenseExpression" {
                purls::expression(value, at, findings);
            } else if matches!(at.name(), "created" | "releaseTime" | "builtTime") && at.name() == "created" {
                super::spdx2::time(value, &at.pointer(), findings);
            }
            return;
        }
        if value.as_object().is_some() {
            element(value, at, findings);
        }
    });
    for (index, one) in list.iter().enumerate() {
        if let (Some(purl), Some(sums)) = (text(one, "software_packageUrl"), one.get("verifiedUsing")) {
            let (graph_at, root_at) = (At::ROOT.key("@graph"), At::ROOT);
            let at = if root.get("@graph").is_some() { graph_at.item(index) } else { root_at };
            releases.take(purl, sums, &at.key("verifiedUsing"), ("algorithm", "hashValue"), findings);
        }
    }
    typed.extend(list.iter().enumerate().map(|(index, one)| (one, format!("/@graph/{index}"))));
    for (one, pointer) in &typed {
        profile(one, pointer, &profiles, findings);
    }
    for reference in references {
        let name = reference.text.as_str();
        if !graph.has(name)
            && !outside.contains(name)
            && name.contains(':')
            && !SHARED.iter().any(|shared| name.starts_with(shared))
        {
            let message =
                format!("no element has the id \"{}\", and no `import` of the document names it", short(name));
            findings.push(Check::DanglingReference, reference.pointer.clone(), reference.start, message);
        }
    }
    let place = Place { pointer: String::new(), start: root.span.start };
    if !has_document {
        findings.at(Check::NoRoot, &place, "there is no SpdxDocument".to_owned());
    } else if roots.is_empty() {
        findings.at(Check::NoRoot, &place, "no `rootElement` says what the document is about".to_owned());
    } else if graph.has_edges()
        && let Some(first) = roots.first()
    {
        for one in &roots {
            graph.lead(first, one);
        }
        graph.tell_unreached(first, &parts, &place, findings);
    }
    parts.len()
}

/// Tells of short names that stand for two things.
fn prefixes(document: &Value, index: usize, findings: &mut Findings) {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for one in document.get("namespaceMap").map_or(&[][..], Value::items) {
        let Some(prefix) = text(one, "prefix") else { continue };
        if !known.insert(prefix) {
            let message = format!("the prefix \"{}\" stands twice in `namespaceMap`", short(prefix));
            findings.push(Check::SpdxText, format!("/@graph/{index}/namespaceMap"), one.span.start, message);
        }
    }
}

/// Whether an element is a part of a product.
fn is_part(value: &Value) -> bool {
    matches!(
        text(value, "type"),
        Some("software_Package" | "ai_AIPackage" | "dataset_DatasetPackage" | "software_File" | "software_Snippet")
    )
}

fn element(value: &Value, at: &At<'_>, findings: &mut Findings) {
    if let Some(sums) = value.get("verifiedUsing") {
        purls::hashes(sums, &at.key("verifiedUsing"), "algorithm", "hashValue", findings);
    }
    if let Some(purl) = value.get("software_packageUrl") {
        let said = Said {
            group: None,
            name: text(value, "name"),
            version: text(value, "software_packageVersion"),
            is_data: text(value, "type") == Some("dataset_DatasetPackage"),
        };
        purls::purl(purl, &at.key("software_packageUrl"), said, findings);
    }
}

fn profile(value: &Value, pointer: &str, profiles: &BTreeSet<&str>, findings: &mut Findings) {
    for (class, profile, fields) in PROFILES {
        if text(value, "type") != Some(*class) || !profiles.contains(profile) {
            continue;
        }
        let missing: Vec<&str> = fields.iter().copied().filter(|field| value.get(field).is_none()).collect();
        if !missing.is_empty() {
            let message = format!("the document claims profile {profile}, and this lacks {}", missing.join(", "));
            findings.push(Check::Profile, pointer.to_owned(), value.span.start, message);
        }
    }
}
