//! Structure of CycloneDX: references by `bom-ref`, and what its components, services and dependencies say.

use std::collections::BTreeMap;

use super::At;
use super::Place;
use super::graph::Graph;
use super::purls;
use super::purls::Said;
use super::walk;
use crate::parse::json::Value;
use crate::sbom::validate::Check;
use crate::sbom::validate::Findings;
use crate::sbom::validate::interpret::short;

/// Fields whose texts, alone or in a list, are references. Fields of the same name that hold objects are none.
const REFERENCES: &[&str] = &[
    "ref",
    "dependsOn",
    "provides",
    "assemblies",
    "dependencies",
    "vulnerabilities",
    "subjects",
    "attributedTo",
    "assessor",
    "claims",
    "counterClaims",
    "counterEvidence",
    "mitigationStrategies",
    "target",
    "requirement",
    "requirements",
    "algorithmRef",
    "signatureAlgorithmRef",
    "subjectPublicKeyRef",
    "cryptoRefArray",
    "patentRefs",
    "asserter",
];

/// The same, but only below another field.
const REFERENCES_BELOW: &[(&str, &str)] =
    &[("process", "citations"), ("evidence", "declarations"), ("tools", "identity"), ("algorithms", "cipherSuites")];

/// What starts every BOM-Link.
const LINK: &str = "urn:cdx:";

pub(super) fn check(root: &Value, findings: &mut Findings) -> usize {
    let mut graph = Graph::default();
    let mut parts = 0;
    let mut purls_of: BTreeMap<String, ()> = BTreeMap::new();
    let mut said: Vec<(String, Place)> = Vec::new();
    let mut releases = purls::Releases::default();
    let serial = root.get("serialNumber").and_then(Value::as_str).and_then(|one| one.strip_prefix("urn:uuid:"));
    walk(root, &At::ROOT, &mut |value, at| {
        if let Some(text) = value.as_str() {
            if at.name() == "bom-ref" {
                graph.have(text, Place::of(value, at), findings);
            } else if is_reference(at) {
                said.push((text.to_owned(), Place::of(value, at)));
            }
            return;
        }
        if value.as_object().is_none() {
            return;
        }
        if is_part(at) {
            parts += 1;
            part(value, at, findings);
            let purl = text(value, "purl");
            purls_of.extend(purl.map(|purl| (purl.to_owned(), ())));
            if let (Some(purl), Some(hashes)) = (purl, value.get("hashes")) {
                releases.take(purl, hashes, &at.key("hashes"), ("alg", "content"), findings);
            }
        }
        digests_and_licences(value, at, findings);
    });
    for (reference, place) in &said {
        let own = match reference.strip_prefix(LINK) {
            None => Some(reference.as_str()),
            Some(link) => own_part(link, serial),
        };
        if let Some(own) = own.filter(|own| !graph.has(own)) {
            let hint = if purls_of.contains_key(own) { ", though one has it as its package URL" } else { "" };
            let message = format!("no part has the reference \"{}\"{hint}", short(own));
            findings.at(Check::DanglingReference, place, message);
        }
    }
    dependencies(root, &mut graph, findings);
    about(root, &graph, findings);
    parts
}

/// What a BOM-Link names of this very document; none where it leads elsewhere.
fn own_part<'l>(link: &'l str, serial: Option<&str>) -> Option<&'l str> {
    let (uuid, rest) = link.split_once('/')?;
    let (_, part) = rest.split_once('#')?;
    // What is percent-encoded is spelt in another way than in the document, and not compared.
    (Some(uuid) == serial && !part.contains('%')).then_some(part)
}

fn is_reference(at: &At<'_>) -> bool {
    let name = at.name();
    REFERENCES.contains(&name) && !at.is_below("properties")
        || REFERENCES_BELOW.iter().any(|(own, below)| *own == name && at.is_below(below))
}

/// Whether an object is a component or service.
fn is_part(at: &At<'_>) -> bool {
    matches!(at.name(), "components" | "services" | "component" | "ancestors" | "descendants" | "variants" | "service")
        && !at.is_below("tools")
        && !at.is_below("properties")
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn part(value: &Value, at: &At<'_>, findings: &mut Findings) {
    let said = Said {
        group: text(value, "group"),
        name: text(value, "name"),
        version: text(value, "version"),
        is_data: text(value, "type") == Some("data"),
    };
    if let Some(purl) = value.get("purl") {
        purls::purl(purl, &at.key("purl"), said, findings);
    }
    if let Some(range) = value.get("versionRange")
        && let Some(text) = range.as_str().filter(|text| !is_vers(text))
    {
        let message = format!("\"{}\" is no range: it does not begin with vers:TYPE/", short(text));
        findings.push(Check::Range, at.key("versionRange").pointer(), range.span.start, message);
    }
    if let Some(version) = value.get("version")
        && let Some(range) = version.as_str().filter(|text| is_range(text))
    {
        let message = format!("the version \"{}\" is a range", short(range));
        findings.push(Check::RangeAsVersion, at.key("version").pointer(), version.span.start, message);
    }
}

/// Whether a range is written as `vers:pypi/>=1.2|<2`.
fn is_vers(text: &str) -> bool {
    text.strip_prefix("vers:").and_then(|rest| rest.split_once('/')).is_some_and(|(kind, constraints)| {
        !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !constraints.is_empty()
    })
}

/// Whether a version is what is asked for, not what is there.
fn is_range(text: &str) -> bool {
    let text = text.trim();
    text == "*" || text.starts_with(['^', '~', '<', '>', '=', '!']) || text.contains("||") || text.contains(" - ")
}

fn digests_and_licences(value: &Value, at: &At<'_>, findings: &mut Findings) {
    if at.is_below("properties") {
        return;
    }
    if let Some(hashes) = value.get("hashes") {
        purls::hashes(hashes, &at.key("hashes"), "alg", "content", findings);
    }
    if at.name() == "license"
        && let Some(id) = value.get("id")
    {
        purls::licence_id(id, &at.key("id"), findings);
    }
    if at.name() == "licenses"
        && let Some(expression) = value.get("expression")
    {
        purls::expression(expression, &at.key("expression"), findings);
    }
}

fn dependencies(root: &Value, graph: &mut Graph, findings: &mut Findings) {
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    let list = At::ROOT.key("dependencies");
    for (index, one) in root.get("dependencies").map_or(&[][..], Value::items).iter().enumerate() {
        let Some(from) = text(one, "ref") else { continue };
        if let Some(first) = told.get(from) {
            let line = findings.line(*first);
            let message = format!("the dependencies of \"{}\" are told at line {line}, too", short(from));
            findings.push(Check::DuplicateDependency, list.item(index).pointer(), one.span.start, message);
        } else {
            told.insert(from, one.span.start);
        }
        for key in ["dependsOn", "provides"] {
            for (at, to) in one.get(key).map_or(&[][..], Value::items).iter().enumerate() {
                let Some(name) = to.as_str() else { continue };
                if name == from {
                    let pointer = list.item(index).key(key).item(at).pointer();
                    findings.push(
                        Check::SelfDependency,
                        pointer,
                        to.span.start,
                        format!("\"{}\" names itself", short(from)),
                    );
                }
                graph.lead(from, name);
            }
        }
    }
}

/// What a part holds or names leads there, too: its own parts, and data sets of its model card.
fn within(part: &Value, graph: &mut Graph, out: &mut Vec<String>, is_listed: bool) {
    let own = text(part, "bom-ref");
    if is_listed && let Some(own) = own {
        out.push(own.to_owned());
    }
    for key in ["components", "services"] {
        for inner in part.get(key).map_or(&[][..], Value::items) {
            if let (Some(own), Some(inner)) = (own, text(inner, "bom-ref")) {
                graph.lead(own, inner);
            }
            within(inner, graph, out, is_listed);
        }
    }
    let sets = part.get("modelCard").and_then(|card| card.get("modelParameters")).and_then(|one| one.get("datasets"));
    for set in sets.map_or(&[][..], Value::items) {
        if let (Some(own), Some(set)) = (own, text(set, "ref")) {
            graph.lead(own, set);
        }
    }
}

/// What the document is about, what is reached from there, its time, and what it should not hold.
fn about(root: &Value, graph: &Graph, findings: &mut Findings) {
    let metadata = root.get("metadata");
    if let Some(time) = metadata.and_then(|one| one.get("timestamp")) {
        super::spdx2::time(time, "/metadata/timestamp", findings);
    }
    let components = root.get("components").map_or(&[][..], Value::items);
    let vulnerabilities = root.get("vulnerabilities").map_or(&[][..], Value::items);
    let has_parts = graph.has_edges() || components.len() > vulnerabilities.len();
    if let (Some(first), true) = (vulnerabilities.first(), has_parts) {
        let message = match vulnerabilities.len() {
            1 => "it lists a vulnerability beside its parts".to_owned(),
            many => format!("it lists {many} vulnerabilities beside its parts"),
        };
        findings.push(Check::Vulnerabilities, "/vulnerabilities".to_owned(), first.span.start, message);
    }
    let Some(product) = metadata.and_then(|one| one.get("component")) else {
        // A document that tells of vulnerabilities alone is about those.
        if !components.is_empty() && vulnerabilities.is_empty() {
            let start = metadata.map_or(root.span.start, |one| one.span.start);
            let message = "there is no `metadata.component`".to_owned();
            findings.push(Check::NoRoot, "/metadata".to_owned(), start, message);
        }
        return;
    };
    let place = Place { pointer: "/metadata/component".to_owned(), start: product.span.start };
    let Some(reference) = text(product, "bom-ref") else {
        if graph.has_edges() {
            let message = "`metadata.component` has no `bom-ref`, so nothing says what it depends on".to_owned();
            findings.at(Check::Unreachable, &place, message);
        }
        return;
    };
    if !graph.has_edges() {
        return;
    }
    let mut whole = Graph::default();
    let mut parts = Vec::new();
    within(product, &mut whole, &mut parts, false);
    within(root, &mut whole, &mut parts, true);
    for one in root.get("dependencies").map_or(&[][..], Value::items) {
        let Some(from) = text(one, "ref") else { continue };
        for key in ["dependsOn", "provides"] {
            for to in one.get(key).map_or(&[][..], Value::items).iter().filter_map(Value::as_str) {
                whole.lead(from, to);
            }
        }
    }
    whole.tell_unreached(reference, &parts, &place, findings);
}
