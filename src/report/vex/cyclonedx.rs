//! VEX in CycloneDX 1.6: `vulnerabilities` with an analysis each, of components that stand in the same document, or,
//! where a bill of materials is named, in that one. Source: CycloneDX 1.6, JSON; for what is demanded of each entry,
//! Dependency-Track, which takes an id with the name of its source and a reference that it can follow.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use serde::Serialize;

use super::Part;
use super::Word;
use crate::audit::Audit;
use crate::diag::FlawStatus;
use crate::graph::identity::encode;
use crate::sbom::model::Party;
use crate::sbom::purl::Purl;

const VERSION: &str = "1.6";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    bom_format: &'static str,
    spec_version: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    serial_number: String,
    version: u32,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component>,
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Serialize)]
struct Metadata {
    timestamp: String,
    tools: Tools,
    authors: Vec<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<Component>,
}

#[derive(Serialize)]
struct Tools {
    components: Vec<Component>,
}

#[derive(Serialize)]
struct Name {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

impl Name {
    /// Name and mail apart, as a policy writes them together.
    fn of(author: &str) -> Self {
        let party = Party::of_text(author);
        Self { email: party.emails.into_iter().next().filter(|mail| *mail != party.name), name: party.name }
    }
}

#[derive(Serialize)]
struct Component {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    source: Source,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference>,
    analysis: Analysis,
    affects: Vec<Affected>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Reference {
    id: String,
    source: Source,
}

#[derive(Serialize)]
struct Analysis {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

#[derive(Serialize)]
struct Affected {
    #[serde(rename = "ref")]
    reference: String,
}

/// `link` is a bill of materials to speak of, `urn:cdx:UUID/1`.
pub(in crate::report) fn render(audit: &Audit, link: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let mut components: BTreeMap<String, Component> = BTreeMap::new();
    let mut vulnerabilities = Vec::new();
    for ((id, aliases), word, parts) in super::said(audit) {
        let affects = parts.iter().map(|part| Affected {
            reference: match link {
                Some(link) => format!("{link}#{}", encode(&part.purl)),
                None => part.purl.clone(),
            },
        });
        vulnerabilities.push(Vulnerability {
            source: source(&id),
            references: aliases.into_iter().map(|id| Reference { source: source(&id), id }).collect(),
            id,
            analysis: analysis(word),
            affects: affects.collect(),
        });
        if link.is_none() {
            components.extend(parts.into_iter().map(|part| (part.purl.clone(), component(part))));
        }
    }
    let mut authors = super::authors(audit);
    if authors.is_empty() {
        authors.push(super::NOBODY.to_owned());
    }
    let tool = Component {
        kind: "application",
        reference: None,
        name: audit.tool.name.clone(),
        version: Some(audit.tool.version.clone()),
        purl: None,
    };
    // What is spoken of stands in the other document, and what that is about as well.
    let product = super::product(audit).filter(|_| link.is_none()).map(root);
    components.retain(|purl, _| product.as_ref().and_then(|one| one.reference.as_ref()) != Some(purl));
    let mut document = Document {
        bom_format: "CycloneDX",
        spec_version: VERSION,
        serial_number: String::new(),
        version: 1,
        metadata: Metadata {
            timestamp: super::time(audit),
            tools: Tools { components: vec![tool] },
            authors: authors.iter().map(|author| Name::of(author)).collect(),
            component: product,
        },
        components: components.into_values().collect(),
        vulnerabilities,
    };
    document.serial_number = super::address(&serde_json::to_string(&document)?);
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

/// What the document is about.
fn root(product: String) -> Component {
    let purl = Purl::parse(&product);
    let name = purl.as_ref().and_then(|purl| purl.package().rsplit('/').next()).map(str::to_owned);
    Component {
        kind: "application",
        reference: Some(product.clone()),
        name: name.unwrap_or_else(|| product.clone()),
        version: purl.as_ref().and_then(|purl| purl.version.clone()),
        purl: purl.map(|_| product),
    }
}

fn component(part: Part) -> Component {
    let kind = match part.kind.as_str() {
        "oci" | "docker" => "container",
        "huggingface" => "machine-learning-model",
        "github" => "application",
        _ => "library",
    };
    Component {
        kind,
        reference: Some(part.purl.clone()),
        name: part.name,
        version: part.version,
        purl: Some(part.purl),
    }
}

/// Who gives ids of this form, by the names that Dependency-Track knows.
fn source(id: &str) -> Source {
    let name = match id {
        _ if id.starts_with("CVE-") => "NVD",
        _ if id.starts_with("GHSA-") => "GITHUB",
        // The databases of ecosystems are known by what collects them.
        _ => "OSV",
    };
    Source { name }
}

fn analysis(word: Word) -> Analysis {
    let state = match word.status {
        FlawStatus::NotAffected => "not_affected",
        FlawStatus::Fixed => "resolved",
        FlawStatus::Affected => "exploitable",
        FlawStatus::UnderInvestigation => "in_triage",
    };
    let known = word.justification.as_deref();
    let justification = known.and_then(|word| match word {
        "component_not_present" | "vulnerable_code_not_present" => Some("code_not_present"),
        "vulnerable_code_not_in_execute_path" => Some("code_not_reachable"),
        "inline_mitigations_already_exist" => Some("protected_by_mitigating_control"),
        // There is no word for who cannot control it: it stands in the detail.
        _ => None,
    });
    let untold = known.filter(|_| justification.is_none());
    let detail: Vec<&str> = untold.into_iter().chain(word.text.as_deref()).collect();
    let detail = (!detail.is_empty()).then(|| detail.join(": "));
    Analysis { state, justification, detail }
}
