//! Packages and files as components; files that belong to one package alone are its own.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::parse::json::Value;
use crate::sbom::Bom;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Component;
use crate::sbom::model::Distribution;
use crate::sbom::model::FileEntry;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::read::Told;
use crate::sbom::read::cut;
use crate::sbom::read::spdx2::Copies;
use crate::sbom::time;
use crate::sbom::write::spdx::names;
use crate::sbom::write::spdx::names::property;

use super::cards;
use super::graph;
use super::graph::Graph;
use super::parties;
use super::relations;

/// Types of elements that are components.
const TYPES: &[&str] = &["software_Package", "ai_AIPackage", "dataset_DatasetPackage", "software_File"];

/// Whether an element of a type is a component.
pub(super) fn is_component(kind: &str) -> bool {
    TYPES.contains(&kind)
}

/// Reads every component, and returns which files belong to which.
pub(super) fn read<'v>(graph: &Graph<'v>, bom: &mut Bom, copies: &mut Copies, told: &mut Told<'_>) -> Files<'v> {
    let files = Files::of(graph);
    for kind in TYPES {
        for element in graph.of_types(&[kind]) {
            let Some(id) = graph::id(element) else {
                told.at(element.span, format!("an element of type `{kind}` has no `spdxId`, and is left out"));
                continue;
            };
            if *kind == "software_File" && files.owner(id).is_some() {
                continue;
            }
            let Some(mut component) = component(graph, kind, id, element, copies, told) else { continue };
            files.fill(graph, id, &mut component, told);
            bom.components.push(component);
        }
    }
    files
}

fn component(
    graph: &Graph<'_>,
    class: &str,
    id: &str,
    element: &Value,
    copies: &mut Copies,
    told: &mut Told<'_>,
) -> Option<Component> {
    let purpose = graph::text(element, "software_primaryPurpose").map(graph::term);
    let mut component = Component {
        id: graph.own(id),
        kind: names::of_class(class, purpose.as_deref()),
        version: graph::owned(element, "software_packageVersion"),
        purl: graph::owned(element, "software_packageUrl"),
        description: graph::owned(element, "description").or_else(|| graph::owned(element, "summary")),
        copyright: graph::owned(element, "software_copyrightText").filter(|text| is_said(text)),
        hashes: hashes(element, told).into_iter().collect(),
        released: moment(element, "releaseTime", told),
        ..Component::default()
    };
    identifiers(element, &mut component);
    links(element, &mut component);
    if let (Kind::Library, None, Some(purl)) = (component.kind, &purpose, &component.purl) {
        component.kind = names::of_purl(purl);
    }
    let properties = cards::read(class, element, &mut component);
    for (name, text) in properties {
        match name {
            property::KIND => component.kind = Kind::of_word(text).unwrap_or(component.kind),
            property::GROUP => component.group = Some(text.to_owned()),
            property::VERSION => component.version = Some(text.to_owned()),
            property::RANGE => component.range = Some(text.to_owned()),
            property::SCOPE => component.scope = names::of_scope(text).unwrap_or_default(),
            property::ENDPOINT => _ = component.endpoints.insert(text.to_owned()),
            _ => _ = component.properties.entry(name.to_owned()).or_insert_with(|| text.to_owned()),
        }
    }
    let Some(name) = graph::text(element, "name").or(component.purl.as_deref()) else {
        told.at(element.span, format!("`{}` has no `name`, and is left out", cut(id)));
        return None;
    };
    let own = component.group.as_deref().and_then(|group| name.strip_prefix(group)?.strip_prefix('/'));
    component.name = own.unwrap_or(name).to_owned();
    let mut someone = |id: &str| {
        let party = parties::party(graph, id)?;
        let addresses = party.urls.iter().chain(&party.emails).map(String::len).sum::<usize>();
        copies.take(party.name.len() + addresses, element.span, told).then_some(party)
    };
    component.supplier = graph::references(element, "suppliedBy").next().and_then(&mut someone);
    let mut made = graph::references(element, "originatedBy").filter_map(&mut someone);
    match made.next() {
        Some(first) if !first.is_person => component.producer = Some(first),
        first => component.authors.extend(first),
    }
    component.authors.extend(made);
    Some(component)
}

/// Whether a text says something: SPDX writes `NOASSERTION` and `NONE` where nobody does.
fn is_said(text: &str) -> bool {
    !matches!(text, "NOASSERTION" | "NONE")
}

fn moment(element: &Value, key: &str, told: &mut Told<'_>) -> Option<i64> {
    let value = element.get(key)?;
    let moment = value.as_str().and_then(time::seconds);
    if moment.is_none() {
        told.at(value.span, format!("`{key}` is no moment as SPDX writes one"));
    }
    moment
}

/// The digests of an element; what is none is told.
fn hashes(element: &Value, told: &mut Told<'_>) -> Vec<Hash> {
    let mut all = Vec::new();
    for method in graph::list(element.get("verifiedUsing")) {
        // Others are names of content and codes over several files, which are no digests of the thing.
        if graph::text(method, "type").map(graph::term).as_deref() != Some("Hash") {
            continue;
        }
        let name = graph::text(method, "algorithm").map(graph::term).unwrap_or_default();
        let value = graph::text(method, "hashValue").unwrap_or_default();
        match Algorithm::of_name(&name).map(|algorithm| Hash::new(algorithm, value)) {
            Some(Some(hash)) => all.push(hash),
            Some(None) => told.at(method.span, format!("the digest is none of {}", cut(&name))),
            // Others that SPDX names are those of signatures, and of no use here.
            None => {}
        }
    }
    all
}

fn identifiers(element: &Value, component: &mut Component) {
    for one in graph::list(element.get("externalIdentifier")) {
        let Some(text) = graph::owned(one, "identifier") else { continue };
        let scheme = match &*graph::text(one, "externalIdentifierType").map(graph::term).unwrap_or_default() {
            "packageUrl" => {
                component.purl.get_or_insert(text);
                continue;
            }
            "cpe22" | "cpe23" => "cpe",
            "swid" => "swid",
            "swhid" => "swhid",
            "gitoid" => "omnibor",
            "other" => graph::text(one, "comment").unwrap_or("other"),
            _ => continue,
        };
        component.identifiers.insert((scheme.to_owned(), text));
    }
}

fn links(element: &Value, component: &mut Component) {
    let fields = [("software_downloadLocation", LinkKind::Distribution), ("software_homePage", LinkKind::Website)];
    for (key, kind) in fields {
        if let Some(url) = graph::text(element, key).filter(|url| is_said(url)) {
            component.links.insert(Link { kind, url: url.to_owned() });
        }
    }
    for one in graph::list(element.get("externalRef")) {
        let name = graph::text(one, "externalRefType").map(graph::term).unwrap_or_default();
        let kind = names::of_link(&name, graph::text(one, "comment"));
        component.links.extend(graph::texts(one, "locator").map(|url| Link { kind, url: url.to_owned() }));
    }
}

/// Folders within folders, of files that belong to a package by those.
const DEPTH: usize = 16;

/// Which files belong to which packages.
pub(super) struct Files<'v> {
    /// Files that packages consist of.
    contents: BTreeMap<&'v str, BTreeSet<&'v str>>,
    /// Files by which packages are handed over.
    distributions: BTreeMap<&'v str, BTreeSet<&'v str>>,
    /// The one package that a file belongs to, itself or by the folder that it lies in.
    owners: BTreeMap<&'v str, &'v str>,
}

impl<'v> Files<'v> {
    fn of(graph: &Graph<'v>) -> Self {
        // What holds a file, and whether it is handed over by it; none where several do.
        let mut holders: BTreeMap<&'v str, Option<(&'v str, bool)>> = BTreeMap::new();
        for relation in graph.of_types(relations::TYPES) {
            let kind = graph::text(relation, "relationshipType").map(graph::term).unwrap_or_default();
            let Some(from) = relation.get("from").and_then(graph::reference) else { continue };
            let is_file = graph.get(from).is_none_or(|(kind, _)| kind == "software_File");
            let is_handed_over = match &*kind {
                "contains" => false,
                "hasDataFile" if !is_file => false,
                "hasDistributionArtifact" => true,
                _ => continue,
            };
            if !graph.get(from).is_some_and(|(kind, _)| is_component(kind)) {
                continue;
            }
            for to in graph::references(relation, "to") {
                if graph.get(to).is_some_and(|(kind, element)| kind == "software_File" && !is_own(element)) {
                    let known = holders.entry(to).or_insert(Some((from, is_handed_over)));
                    *known = known.filter(|(holder, _)| *holder == from);
                }
            }
        }
        let mut files = Self { contents: BTreeMap::new(), distributions: BTreeMap::new(), owners: BTreeMap::new() };
        for (file, holder) in &holders {
            let Some((first, is_handed_over)) = holder else { continue };
            let mut owner = *first;
            for _ in 0..DEPTH {
                match holders.get(owner) {
                    Some(Some((next, _))) => owner = next,
                    _ => break,
                }
            }
            let may_own = |(kind, element)| kind != "software_File" || is_own(element);
            if !graph.get(owner).is_some_and(may_own) {
                continue;
            }
            files.owners.insert(file, owner);
            let lists = if *is_handed_over { &mut files.distributions } else { &mut files.contents };
            lists.entry(owner).or_default().insert(file);
        }
        files
    }

    /// The package that a file belongs to.
    pub(super) fn owner(&self, id: &str) -> Option<&'v str> {
        self.owners.get(id).copied()
    }

    /// Gives a component its files.
    fn fill(&self, graph: &Graph<'v>, id: &str, component: &mut Component, told: &mut Told<'_>) {
        let mut part = |id: &&'v str| {
            let (_, element) = graph.get(id)?;
            let hashes = hashes(element, told).into_iter().collect();
            Some((element, graph::owned(element, "name"), hashes))
        };
        for (element, name, hashes) in self.contents.get(id).into_iter().flatten().filter_map(&mut part) {
            let is_folder = graph::text(element, "software_fileKind").map(graph::term).as_deref() == Some("directory");
            let Some(path) = name.filter(|_| !is_folder) else { continue };
            let mut file = FileEntry { path, hashes, ..FileEntry::default() };
            for (name, text) in graph::properties(element) {
                match name {
                    property::SIZE => file.size = text.parse().ok(),
                    property::FORMAT => file.format = Some(text.to_owned()),
                    _ => {}
                }
            }
            component.files.push(file);
        }
        for (element, name, hashes) in self.distributions.get(id).into_iter().flatten().filter_map(&mut part) {
            let mut links = graph::list(element.get("externalRef")).iter();
            let url = links.find_map(|link| graph::texts(link, "locator").next()).map(str::to_owned);
            component.distributions.push(Distribution { name, url, hashes });
        }
    }
}

/// Whether our writer says of a file that it is a component.
fn is_own(element: &Value) -> bool {
    graph::properties(element).iter().any(|(name, _)| *name == property::KIND)
}
