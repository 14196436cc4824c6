//! The root: the product as a whole, and the packages of the tree that make it up.
//!
//! One package at the root of the tree is the product. Where there is none, or several, the product is named after
//! its repository, as far as the files or git name one, then as another manifest at its root says; where nothing names
//! it, it is called like its folder.

use std::collections::BTreeMap;

use super::Beside;
use super::maker::Maker;
use super::words;
use crate::graph::Document;
use crate::graph::NodeId;
use crate::graph::NodeKind;
use crate::graph::cargo::Member;
use crate::graph::kinds::about::CrateAbout;
use crate::graph::kinds::cargo::Manifest;
use crate::graph::kinds::cargo::Package;
use crate::graph::kinds::python::PyProject;
use crate::graph::python::Project;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Party;
use crate::sbom::model::RelationKind;
use crate::source::RepoPath;
use crate::source::Tree;

/// What the root is called where nothing names it.
const NAMELESS: &str = "unnamed";

/// Adds the root and the packages of the tree.
pub(super) fn add(maker: &mut Maker<'_>, tree: &Tree, beside: &Beside) {
    let mut parts = of_cargo(maker);
    parts.extend(of_python(maker));
    let at_root: Vec<usize> = (0..parts.len()).filter(|at| parts[*at].folder.is_root()).collect();
    let repository = beside.repository.as_deref().and_then(words::remote);
    let stated = || parts.iter().flat_map(|p| &p.component.links).find(|l| l.kind == LinkKind::Vcs).map(|l| &l.url);
    let url = repository.as_ref().or_else(stated).cloned();
    let root = match at_root.as_slice() {
        [one] => parts[*one].component.id.clone(),
        _ => {
            let name = url.as_deref().and_then(words::repository_name);
            // A workspace is none of its members.
            let name = name.or_else(|| beside.name.as_deref().and_then(words::name));
            let name = name.or_else(|| words::name(&tree.name));
            let id = "tree:.".to_owned();
            let version = at_root.first().and_then(|at| parts[*at].component.version.clone());
            let virtual_root = Component {
                id: id.clone(),
                kind: Kind::Application,
                name: name.unwrap_or_else(|| NAMELESS.to_owned()),
                version: version.filter(|v| at_root.iter().all(|at| parts[*at].component.version.as_ref() == Some(v))),
                ..Component::default()
            };
            maker.merge(virtual_root);
            id
        }
    };
    maker.root.clone_from(&root);
    for part in parts {
        let Part { folder, component, node, is_crate } = part;
        let (id, scope, at) = (component.id.clone(), component.scope, component.evidence.first().cloned());
        let owners = if is_crate { &mut maker.crates } else { &mut maker.projects };
        owners.entry(folder).or_insert_with(|| id.clone());
        maker.put(node, component);
        maker.relate(&root, RelationKind::Contains, &id, scope, at);
    }
    let own = maker.components.get_mut(&root);
    if let (Some(own), Some(url)) = (own, repository)
        && !own.links.iter().any(|link| link.kind == LinkKind::Vcs)
    {
        own.links.insert(Link { kind: LinkKind::Vcs, url });
    }
    // The commit is known of the tree as a whole and of nothing published.
    if let (Some(own), Some(commit)) = (maker.components.get_mut(&root), &tree.commit) {
        own.properties.insert("custody:commit".to_owned(), commit.clone());
    }
    built_from(maker);
}

/// A package of the tree.
struct Part {
    folder: RepoPath,
    component: Component,
    node: NodeId,
    is_crate: bool,
}

/// The id of a package of the tree: its folder is its identity, as two may share a name.
fn id(folder: &RepoPath, registry: &str, name: &str) -> String {
    let folder = if folder.is_root() { "." } else { folder.as_str() };
    format!("tree:{folder}#{registry}:{name}")
}

fn of_cargo(maker: &Maker<'_>) -> Vec<Part> {
    let scene = maker.scene;
    let members: BTreeMap<String, (&Member, usize)> = scene
        .cargo
        .workspaces
        .iter()
        .flat_map(|w| w.members.iter().map(move |m| (m, w.document)))
        .map(|(m, root)| (crate::graph::identity::local_crate(&m.folder, &m.name), (m, root)))
        .collect();
    let mut out = Vec::new();
    for (node, found) in scene.graph.of(NodeKind::Crate) {
        let Some((member, workspace)) = members.get(&found.key).filter(|_| maker.is_part(found)) else { continue };
        let Some(manifest) = scene.manifest(member.document) else { continue };
        let shared = scene.manifest(*workspace);
        let mut component = Component {
            id: id(&member.folder, "cargo", &member.name),
            kind: if member.has_binary { Kind::Application } else { Kind::Library },
            name: member.name.clone(),
            version: found.version.clone(),
            // What is never published has no name on a registry; somebody else may have it there.
            purl: found.purl.clone().filter(|_| !member.unpublished && found.version.is_some()),
            scope: super::scope_of_role(member.role),
            evidence: declared(maker.sightings(found), &[maker.path(manifest.file)]),
            ..Component::default()
        };
        component.dependencies = told(maker, maker.path(manifest.file));
        state_crate(&mut component, manifest, shared);
        let licence = found.attributes.get("licence").map(String::as_str);
        component.licences.extend(licence.and_then(words::licence));
        out.push(Part { folder: member.folder.clone(), component, node, is_crate: true });
    }
    out
}

/// Places with those of a package's own files told as such.
fn declared(mut places: Vec<Occurrence>, own: &[&str]) -> Vec<Occurrence> {
    for place in places.iter_mut().filter(|place| own.contains(&place.path.as_str())) {
        place.how = Some("declared".to_owned());
    }
    places
}

/// Whether all that a file asks for is known.
fn told(maker: &Maker<'_>, path: &str) -> Completeness {
    if maker.is_broken(path) { Completeness::Incomplete } else { Completeness::Complete }
}

/// What a manifest states of its package, with what the workspace states for it.
fn state_crate(component: &mut Component, manifest: &Manifest, workspace: Option<&Manifest>) {
    let Some(package) = &manifest.package else { return };
    let shared = workspace.and_then(|m| m.workspace.as_ref()).map(|w| w.about.as_ref());
    let own = |of: fn(&CrateAbout) -> &Option<String>, key: &'static str| {
        let inherited = || shared.filter(|_| inherits(package, key)).and_then(|about| of(about).as_ref());
        of(&package.about).as_ref().or_else(inherited).cloned()
    };
    component.description = own(|about| &about.description, "description").and_then(|text| words::plain(&text));
    for (kind, url) in [
        (LinkKind::Vcs, own(|about| &about.repository, "repository")),
        (LinkKind::Website, own(|about| &about.homepage, "homepage")),
        (LinkKind::Documentation, own(|about| &about.documentation, "documentation")),
    ] {
        component.links.extend(url.and_then(|url| words::link(kind, &url)));
    }
    let authors = match shared.filter(|_| inherits(package, "authors")) {
        Some(shared) => &shared.authors,
        None => &package.about.authors,
    };
    component.authors = authors.iter().filter_map(|text| words::party(text)).collect();
}

fn inherits(package: &Package, key: &'static str) -> bool {
    package.about.inherited.contains(&key)
}

fn of_python(maker: &Maker<'_>) -> Vec<Part> {
    let scene = maker.scene;
    let mut projects: BTreeMap<String, Vec<&Project>> = BTreeMap::new();
    for project in &scene.python.projects {
        if let Some(name) = project.name.as_ref().filter(|name| !name.is_empty()) {
            let key = crate::graph::identity::local_distribution(&project.folder, name);
            projects.entry(key).or_default().push(project);
        }
    }
    let mut out = Vec::new();
    for (node, found) in scene.graph.of(NodeKind::Distribution) {
        let Some(own) = projects.get(&found.key).filter(|_| maker.is_part(found)) else { continue };
        let Some(first) = own.first() else { continue };
        let documents: Vec<&PyProject> = own
            .iter()
            .filter_map(|p| match scene.documents.get(p.document) {
                Some(Document::PyProject(document)) => Some(document),
                _ => None,
            })
            .collect();
        let is_published = !documents.iter().any(|d| d.unpublished);
        let mut component = Component {
            id: id(&first.folder, "pypi", &found.name),
            kind: if documents.iter().any(|d| d.has_scripts) { Kind::Application } else { Kind::Library },
            name: found.name.clone(),
            version: found.version.clone(),
            purl: found.purl.clone().filter(|_| is_published && found.version.is_some()),
            scope: super::scope_of_role(own.iter().map(|p| p.role).min().unwrap_or(first.role)),
            evidence: declared(maker.sightings(found), &own.iter().map(|p| maker.path(p.file)).collect::<Vec<_>>()),
            ..Component::default()
        };
        component.dependencies = told(maker, maker.path(first.file));
        documents.iter().for_each(|document| state_project(&mut component, document));
        out.push(Part { folder: first.folder.clone(), component, node, is_crate: false });
    }
    out
}

/// What a project file states of its project.
fn state_project(component: &mut Component, document: &PyProject) {
    let about = &document.about;
    if component.description.is_none() {
        component.description = about.description.as_deref().and_then(words::plain);
    }
    if component.licences.is_empty() {
        component.licences.extend(about.licence.as_ref().and_then(|text| words::licence(&text.value)));
    }
    if component.licences.is_empty() {
        component.licences.extend(about.classified.iter().filter_map(|text| words::licence(text)));
    }
    if component.authors.is_empty() {
        let party = |(name, mail): &(Option<String>, Option<String>)| {
            let mut party: Party = words::party(name.as_deref().or(mail.as_deref())?)?;
            if let Some(mail) = mail.as_deref().and_then(|mail| words::party(&format!("<{mail}>"))) {
                party.emails.extend(mail.emails);
            }
            Some(party)
        };
        component.authors = about.authors.iter().filter_map(party).collect();
    }
    for (label, url) in &about.urls {
        component.links.extend(words::link(kind_of_label(label), url));
    }
}

/// What a project calls its addresses. Source: PyPA, "Well-known Project URLs in Metadata".
fn kind_of_label(label: &str) -> LinkKind {
    let label: String = label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match label.as_str() {
        "source" | "repository" | "sourcecode" | "github" | "code" => LinkKind::Vcs,
        "homepage" => LinkKind::Website,
        "documentation" | "docs" => LinkKind::Documentation,
        "issues" | "bugs" | "issue" | "tracker" | "issuetracker" | "bugtracker" => LinkKind::Issues,
        "changelog" | "changes" | "whatsnew" | "history" | "releasenotes" => LinkKind::ReleaseNotes,
        "download" => LinkKind::Distribution,
        _ => LinkKind::Other,
    }
}

/// Distributions that are built from crates of the tree.
fn built_from(maker: &mut Maker<'_>) {
    let graph = maker.scene.graph;
    let crates: Vec<NodeId> = graph.of(NodeKind::Crate).map(|(node, _)| node).collect();
    for node in crates {
        let Some(from) = maker.of_node(node).map(str::to_owned) else { continue };
        for (to, edge) in graph.out(node).filter(|(_, edge)| edge.kind == crate::graph::EdgeKind::Builds) {
            let Some(built) = maker.of_node(to).map(str::to_owned) else { continue };
            let Some((place, _)) = maker.weight(edge, "") else { continue };
            let at = maker.at(place, Some("build backend"));
            maker.relate(&built, RelationKind::BuiltFrom, &from, crate::sbom::model::Scope::Required, Some(at));
        }
    }
}
