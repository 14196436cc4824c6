//! Structure of SPDX 2: references by `SPDXID`, relationships, licences with their own texts.

use super::At;
use super::Place;
use super::graph::Graph;
use super::purls;
use super::purls::Said;
use super::spdx2_text;
use crate::parse::json::Value;
use crate::sbom::validate::Check;
use crate::sbom::validate::Findings;
use crate::sbom::validate::interpret::short;

/// The id of the document itself.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";
/// Words that stand for no element.
const NONE: &[&str] = &["NONE", "NOASSERTION"];

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

/// A time that no document of this kind can have.
pub(super) fn time(value: &Value, pointer: &str, findings: &mut Findings) {
    let Some(time) = value.as_str() else { return };
    let year = time.get(..4).and_then(|year| year.parse::<u32>().ok());
    // The first of 1970 and of 1980 are what reproducible builds and archives write; they say no time, too.
    let why = match year {
        Some(..2010) => "before there were such documents",
        Some(2100..) => "far ahead",
        _ => return,
    };
    findings.push(Check::Time, pointer.to_owned(), value.span.start, format!("{} is {why}", short(time)));
}

pub(super) fn check(root: &Value, findings: &mut Findings) -> usize {
    let mut graph = Graph::default();
    let mut elements = Vec::new();
    let mut releases = purls::Releases::default();
    let at = At::ROOT;
    spdx2_text::check(root, findings);
    identify(root, &at, &mut graph, findings);
    for key in ["packages", "files", "snippets"] {
        let list = at.key(key);
        for (index, one) in root.get(key).map_or(&[][..], Value::items).iter().enumerate() {
            identify(one, &list.item(index), &mut graph, findings);
            if key == "packages" {
                elements.extend(text(one, "SPDXID").map(str::to_owned));
            }
            element(one, &list.item(index), findings);
            let purl = one.get("externalRefs").map_or(&[][..], Value::items).iter();
            let mut purl = purl.filter(|one| text(one, "referenceType") == Some("purl"));
            if let (Some(purl), Some(sums)) =
                (purl.next().and_then(|one| text(one, "referenceLocator")), one.get("checksums"))
            {
                let at = list.item(index);
                releases.take(purl, sums, &at.key("checksums"), ("algorithm", "checksumValue"), findings);
            }
        }
    }
    let outside: Vec<&str> = root
        .get("externalDocumentRefs")
        .map_or(&[][..], Value::items)
        .iter()
        .filter_map(|one| text(one, "externalDocumentId"))
        .collect();
    let mut names = |value: &Value, at: &At<'_>, graph: &Graph| {
        let Some(name) = value.as_str() else { return };
        let is_known = match name.split_once(':') {
            Some((document, _)) => outside.contains(&document),
            None => NONE.contains(&name) || graph.has(name),
        };
        if !is_known {
            let message = format!("no element has the id \"{}\"", short(name));
            findings.push(Check::DanglingReference, at.pointer(), value.span.start, message);
        }
    };
    let describes = at.key("documentDescribes");
    let mut edges = Vec::new();
    let mut is_about_something = false;
    for (index, one) in root.get("documentDescribes").map_or(&[][..], Value::items).iter().enumerate() {
        names(one, &describes.item(index), &graph);
        edges.extend(one.as_str().map(|to| (DOCUMENT, to)));
        is_about_something = true;
    }
    for (key, field) in [("packages", "hasFiles"), ("files", "fileDependencies"), ("snippets", "snippetFromFile")] {
        let list = at.key(key);
        for (index, one) in root.get(key).map_or(&[][..], Value::items).iter().enumerate() {
            let item = list.item(index);
            let field_at = item.key(field);
            let Some(value) = one.get(field) else { continue };
            names(value, &field_at, &graph);
            for (at, name) in value.items().iter().enumerate() {
                names(name, &field_at.item(at), &graph);
            }
        }
    }
    let list = at.key("relationships");
    for (index, one) in root.get("relationships").map_or(&[][..], Value::items).iter().enumerate() {
        for key in ["spdxElementId", "relatedSpdxElement"] {
            if let Some(value) = one.get(key) {
                names(value, &list.item(index).key(key), &graph);
            }
        }
        let kind = text(one, "relationshipType").unwrap_or("");
        if let (Some(from), Some(to)) = (text(one, "spdxElementId"), text(one, "relatedSpdxElement")) {
            is_about_something |= matches!(kind, "DESCRIBES" | "DESCRIBED_BY");
            edges.push((from, to));
        }
    }
    for (index, (from, to)) in edges.iter().enumerate() {
        if from == to && !NONE.contains(from) {
            let message = format!("\"{}\" is related to itself", short(from));
            let start =
                root.get("relationships").and_then(|all| all.items().get(index)).map_or(0, |one| one.span.start);
            findings.push(Check::SelfDependency, "/relationships".to_owned(), start, message);
        }
        // A relation is told from either end, so it leads both ways.
        graph.lead(from, to);
        graph.lead(to, from);
    }
    if let Some(created) = root.get("creationInfo").and_then(|one| one.get("created")) {
        time(created, "/creationInfo/created", findings);
    }
    let place = Place { pointer: String::new(), start: root.span.start };
    if is_about_something {
        graph.tell_unreached(DOCUMENT, &elements, &place, findings);
    } else if !elements.is_empty() {
        findings.at(Check::NoRoot, &place, "no relationship says what the document describes".to_owned());
    }
    elements.len() + root.get("files").map_or(0, |files| files.items().len())
}

fn identify(value: &Value, at: &At<'_>, graph: &mut Graph, findings: &mut Findings) {
    let Some(id) = value.get("SPDXID") else { return };
    let Some(name) = id.as_str() else { return };
    let at = at.key("SPDXID");
    let is_legal = name.strip_prefix("SPDXRef-").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    });
    if !is_legal {
        let message = format!("\"{}\" is not SPDXRef- with letters, digits, dots and hyphens", short(name));
        findings.push(Check::SpdxId, at.pointer(), id.span.start, message);
    }
    graph.have(name, Place::of(id, &at), findings);
}

fn element(value: &Value, at: &At<'_>, findings: &mut Findings) {
    if let Some(sums) = value.get("checksums") {
        purls::hashes(sums, &at.key("checksums"), "algorithm", "checksumValue", findings);
    }
    let said = Said { group: None, name: text(value, "name"), version: text(value, "versionInfo"), is_data: false };
    let references = at.key("externalRefs");
    for (index, one) in value.get("externalRefs").map_or(&[][..], Value::items).iter().enumerate() {
        if text(one, "referenceType") == Some("purl")
            && let Some(purl) = one.get("referenceLocator")
        {
            purls::purl(purl, &references.item(index).key("referenceLocator"), said, findings);
        }
    }
    for key in ["licenseConcluded", "licenseDeclared"] {
        if let Some(licence) = value.get(key).filter(|one| one.as_str().is_none_or(|text| !NONE.contains(&text))) {
            purls::expression(licence, &at.key(key), findings);
        }
    }
}
