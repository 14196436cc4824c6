//! What OpenVEX documents say of findings. A flaw that somebody answers for is excused and stays visible; what they
//! say of one that does matter is added to it. An attack is excused by nothing.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Impact, WaivedBy, Waiver};
use crate::graph::Document;
use crate::graph::identity::{distribution_name, encode};
use crate::read::vex::{Product, Purl, Statement, VexFile, VexStatus};
use crate::source::{RepoPath, Sources, Spanned};

/// Statements about one flaw of one package that are weighed; more are a mistake of whoever wrote them.
const SAME: usize = 64;
/// Problems that are told of one document.
const TOLD: usize = 16;

/// The documents that were named, and what they know the tree as.
#[derive(Debug, Default)]
pub struct Vex {
    /// The documents.
    pub files: Vec<VexFile>,
    /// Products that the tree is, as documents name them: package URLs and addresses.
    pub products: Vec<String>,
    /// Documents that could not be read, in sentences.
    pub unread: Vec<String>,
}

/// What documents say of findings.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// What excuses a finding, by its position.
    pub waivers: BTreeMap<usize, Waiver>,
    /// What else is said of a finding, by its position.
    pub evidence: BTreeMap<usize, String>,
    /// What could not be used, in sentences.
    pub unknown: Vec<String>,
}

/// A statement and the package it names; none where it speaks of the tree as a whole.
type Entry<'a> = (&'a VexFile, &'a Statement, Option<&'a Purl>);

/// Statements by id of the flaw and package; those of the tree as a whole by an empty name.
type Index<'a> = BTreeMap<(&'a str, &'a str), Vec<Entry<'a>>>;

/// Joins documents and findings.
pub(super) fn said(vex: &Vex, diagnostics: &[Diagnostic], documents: &[Document], sources: &Sources) -> Said {
    let mut out = Said { unknown: vex.unread.clone(), ..Said::default() };
    let own = Own::of(&vex.products, documents, sources);
    let mut index = Index::new();
    for file in &vex.files {
        for (line, why) in file.problems.iter().take(TOLD) {
            out.unknown.push(format!("{} line {line}: {why}", file.name));
        }
        if let Some(more) = file.problems.len().checked_sub(TOLD).filter(|more| *more > 0) {
            out.unknown.push(format!("{}: {more} further statements could not be used", file.name));
        }
        for statement in &file.statements {
            for product in &statement.products {
                enter(&mut index, file, statement, product, &own, &mut out.unknown);
            }
        }
    }
    for (at, diagnostic) in diagnostics.iter().enumerate() {
        let Some(topic) = diagnostic.topic.as_ref().filter(|_| diagnostic.impact != Some(Impact::Malicious)) else {
            continue;
        };
        let purl = diagnostic.subject.as_ref().and_then(|subject| Purl::parse(subject.purl.as_deref()?));
        let ids: Vec<String> =
            std::iter::once(&topic.id).chain(&topic.aliases).map(|id| id.to_ascii_uppercase()).collect();
        let packages = [purl.as_ref().map_or("", |purl| purl.package.as_str()), ""];
        let said = ids.iter().flat_map(|id| packages.iter().map(move |package| (id.as_str(), *package)));
        let fits = |named: Option<&Purl>| named.is_none_or(|named| purl.as_ref().is_some_and(|p| named.covers(p)));
        // The latest holds; of two at once the one that excuses less.
        let latest = said
            .filter_map(|key| index.get(&key))
            .flatten()
            .filter(|(_, _, named)| fits(*named))
            .max_by_key(|(_, statement, _)| (statement.time, std::cmp::Reverse(statement.status)));
        if let Some((file, statement, _)) = latest {
            tell(&mut out, at, file, statement, &topic.id);
        }
    }
    out
}

fn enter<'a>(
    index: &mut Index<'a>,
    file: &'a VexFile,
    statement: &'a Statement,
    product: &'a Product,
    own: &Own,
    unknown: &mut Vec<String>,
) {
    let is_own = own.is(product);
    let named: Vec<Option<&Purl>> = match (product.has_parts, is_own) {
        // A part of somebody else's product: what that does with the package says nothing of this tree.
        (true, false) => return,
        (true, true) => product.parts.iter().map(Some).collect(),
        (false, true) => vec![None],
        (false, false) => product.purl.iter().map(Some).collect(),
    };
    for flaw in &statement.flaws {
        for purl in &named {
            let list = index.entry((flaw, purl.map_or("", |purl| purl.package.as_str()))).or_default();
            if list.len() < SAME {
                list.push((file, statement, *purl));
            } else if list.len() == SAME {
                list.push((file, statement, *purl));
                unknown.push(format!("{} says more than {SAME} things of {flaw} in one package", file.name));
            }
        }
    }
}

fn tell(out: &mut Said, at: usize, file: &VexFile, statement: &Statement, flaw: &str) {
    let (author, name, line) = (&file.author, &file.name, statement.line);
    let because: Vec<&str> =
        [&statement.justification, &statement.impact].into_iter().flatten().map(String::as_str).collect();
    let because = because.join(", ");
    let colon = |text: &str| if text.is_empty() { String::new() } else { format!(": {text}") };
    let excused = |text: String| Waiver { text, by: WaivedBy::Vex, at: None };
    match statement.status {
        VexStatus::NotAffected => {
            let text = format!("not affected by {flaw}, says {author} in {name} line {line}{}", colon(&because));
            out.waivers.insert(at, excused(text));
        }
        VexStatus::Fixed => {
            let text =
                format!("{flaw} is fixed in this version, says {author} in {name} line {line}{}", colon(&because));
            out.waivers.insert(at, excused(text));
        }
        VexStatus::Affected => {
            let action = statement.action.as_deref().unwrap_or_default();
            out.evidence.insert(at, format!("affected, says {author} in {name} line {line}{}", colon(action)));
        }
        VexStatus::UnderInvestigation => {
            out.evidence.insert(at, format!("{author} is looking into {flaw}, says {name} line {line}"));
        }
    }
}

/// What documents know the tree as.
struct Own {
    ids: Vec<String>,
    purls: Vec<Purl>,
}

impl Own {
    fn of(products: &[String], documents: &[Document], sources: &Sources) -> Self {
        let mut purls: Vec<Purl> = products.iter().filter_map(|id| Purl::parse(id)).collect();
        let named = |kind: &str, name: &str, version: Option<&Spanned<String>>| {
            let version = version.map_or_else(String::new, |version| format!("@{}", encode(&version.value)));
            format!("pkg:{kind}/{}{version}", encode(name))
        };
        let at_root = |name: &str| Some(sources.by_path(&RepoPath::new(name)?)?.id);
        let (cargo, python) = (at_root("Cargo.toml"), at_root("pyproject.toml"));
        for document in documents {
            let text = match document {
                Document::CargoManifest(manifest) if Some(manifest.file) == cargo => manifest
                    .package
                    .as_ref()
                    .map(|package| named("cargo", &package.name.value, package.version.as_ref())),
                Document::PyProject(project) if Some(project.file) == python => {
                    project.name.as_ref().map(|name| named("pypi", &distribution_name(&name.value), None))
                }
                _ => None,
            };
            purls.extend(text.and_then(|text| Purl::parse(&text)));
        }
        Self { ids: products.to_vec(), purls }
    }

    /// Whether a product is the tree: of another version than the tree says of itself it is not.
    fn is(&self, product: &Product) -> bool {
        let is_this = |own: &Purl, purl: &Purl| {
            own.package == purl.package
                && (own.version.is_none() || purl.version.is_none() || own.version == purl.version)
        };
        self.ids.contains(&product.id)
            || product.purl.as_ref().is_some_and(|purl| self.purls.iter().any(|own| is_this(own, purl)))
    }
}

#[cfg(test)]
#[path = "vex_tests.rs"]
mod tests;
