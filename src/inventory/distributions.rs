//! Distributions of Python and packages of conda's channels: with every file and digest that a lock or a requirement
//! holds, and what no lock resolves.

use std::collections::BTreeMap;

use super::crates::id_of;
use super::crates::weakest_excuse;
use super::maker::Maker;
use super::words;
use crate::graph::Document;
use crate::graph::Node;
use crate::graph::NodeKind;
use crate::graph::conda::Channel;
use crate::graph::identity::CondaRelease;
use crate::graph::kinds::conda::LockedConda;
use crate::graph::kinds::python::Artifact;
use crate::graph::kinds::python::IndexOption;
use crate::graph::kinds::python::LockedOrigin;
use crate::graph::kinds::python::Origin;
use crate::graph::kinds::python::Requirement;
use crate::graph::kinds::workflow::Uses;
use crate::graph::python::PythonLockView;
use crate::graph::python::lock_key;
use crate::graph::python::requirement_key;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Distribution;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Unknown;
use crate::source::FileId;
use crate::source::Place;
use crate::source::Span;

/// Adds what is no project of the tree.
pub(super) fn add(maker: &mut Maker<'_>) {
    let scene = maker.scene;
    for kind in [NodeKind::Distribution, NodeKind::CondaPackage] {
        for (node, found) in scene.graph.of(kind) {
            if maker.of_node(node).is_some() || !maker.is_part(found) {
                continue;
            }
            if is_open(found) {
                unknown(maker, found);
                continue;
            }
            let component = of_node(maker, found);
            maker.put(node, component);
        }
    }
    locked(maker);
    locked_conda(maker);
    asked(maker);
}

/// Whether part of its name, version or source is put in when a command runs.
fn is_open(node: &Node) -> bool {
    let signs = ['$', '{', '`'];
    let source = node.attributes.get("source").is_some_and(|source| source.contains(signs));
    source || node.name.contains(signs) || node.version.as_ref().is_some_and(|version| version.contains(signs))
}

fn unknown(maker: &mut Maker<'_>, node: &Node) {
    let Some(at) = maker.sightings(node).into_iter().next() else { return };
    let version = node.version.as_ref().map_or_else(String::new, |version| format!("=={version}"));
    let source = node.attributes.get("source").filter(|source| *source != "pypi");
    let source = source.map_or_else(String::new, |source| format!(" from {source}"));
    maker.unknowns.push(Unknown {
        kind: Kind::Library,
        text: words::name(&format!("{}{version}{source}", node.name)).unwrap_or_else(|| "?".to_owned()),
        why: "part of it is only known when the command runs".to_owned(),
        owner: Some(maker.root.clone()),
        at,
    });
}

fn of_node(maker: &Maker<'_>, node: &Node) -> Component {
    let source = node.attributes.get("source").map_or("", String::as_str);
    let is_of_tree = source == "path" || source.starts_with("path ");
    let mut component = Component {
        id: id_of(node, is_of_tree),
        kind: Kind::Library,
        name: node.name.clone(),
        version: node.version.clone(),
        purl: node.purl.clone().filter(|_| !is_of_tree),
        scope: weakest_excuse(maker, node),
        evidence: maker.sightings(node),
        licences: node.attributes.get("licence").and_then(|text| words::licence(text)).into_iter().collect(),
        // Unless a lock tells.
        dependencies: Completeness::Unknown,
        ..Component::default()
    };
    if let Some(rest) = source.strip_prefix("git ") {
        component.links.extend(words::link(LinkKind::Vcs, rest.split('#').next().unwrap_or(rest)));
    }
    component
}

/// What locks of Python hold.
fn locked(maker: &mut Maker<'_>) {
    let scene = maker.scene;
    // What ships is told by its own lock: one of tests adds nothing to it.
    let mut views: Vec<&PythonLockView> = scene.python.locks.iter().filter(|view| maker.counts(view.file)).collect();
    views.sort_by_key(|view| (maker.scope(view.file), maker.path(view.file)));
    let mut said = Said::default();
    for view in views {
        let Some(lock) = scene.python_lock(view.document) else { continue };
        let scope = maker.scope(view.file);
        // Some locks list what is there and not what needs what.
        let has_needs = lock.packages.len() < 2 || lock.packages.iter().any(|p| !p.dependencies.is_empty());
        for (index, package) in lock.packages.iter().enumerate() {
            let key = lock_key(scene.python, view, lock, index, scene.sources);
            let is_own = matches!(package.source, LockedOrigin::Local(_));
            let Some(component) = maker.of_key(&key).filter(|_| !is_own) else { continue };
            let id = component.id.clone();
            if *said.scopes.entry(id.clone()).or_insert(scope) == scope {
                for found in package.artifacts.iter().filter_map(of_artifact) {
                    if said.agrees(&id, &found, view.file) {
                        component.distributions.push(found);
                    }
                }
            }
            if has_needs {
                component.dependencies = Completeness::Complete;
            }
            match &package.source {
                LockedOrigin::Vcs { url, commit } => {
                    component.links.extend(words::link(LinkKind::Vcs, url));
                    at_commit(component, commit.as_deref());
                }
                LockedOrigin::Url(url) => component.links.extend(words::link(LinkKind::Distribution, url)),
                _ => {}
            }
        }
    }
    said.tell(maker);
}

/// A digest, and the lock that said it.
type SaidHash = (Hash, FileId);

/// What locks said of files.
#[derive(Default)]
struct Said {
    /// What the locks that tell of a component are for.
    scopes: BTreeMap<String, Scope>,
    /// Digests of files of components, and the lock that said each.
    digests: BTreeMap<(String, String, Algorithm), SaidHash>,
    /// Files of which a second lock says another digest: the component, the file, both digests and both locks.
    others: Vec<(String, String, SaidHash, SaidHash)>,
}

impl Said {
    /// Whether no lock said another digest of a file.
    fn agrees(&mut self, id: &str, found: &Distribution, file: FileId) -> bool {
        let Some(name) = &found.name else { return true };
        let mut agrees = true;
        for hash in &found.hashes {
            let key = (id.to_owned(), name.clone(), hash.algorithm);
            let known = self.digests.entry(key).or_insert_with(|| (hash.clone(), file));
            if known.0 != *hash {
                agrees = false;
                self.others.push((id.to_owned(), name.clone(), known.clone(), (hash.clone(), file)));
            }
        }
        agrees
    }

    /// Tells where locks do not agree: one of them installs something else under the same name.
    fn tell(self, maker: &mut Maker<'_>) {
        let mut others = self.others;
        others.sort();
        others.dedup();
        for (id, name, (hash, first), (other, second)) in others {
            let at = maker.at(Place::new(second, Span::default()), None);
            let (first, second) = (maker.path(first), maker.path(second));
            maker.unknowns.push(Unknown {
                kind: Kind::File,
                text: name,
                why: format!(
                    "digests differ: {first} says {}:{}, {second} says {}:{}; the first is told of the part",
                    hash.algorithm.cyclonedx(),
                    hash.value,
                    other.algorithm.cyclonedx(),
                    other.value,
                ),
                owner: Some(id),
                at,
            });
        }
    }
}

/// Notes the commit of a repository; it is the version of what has no other.
pub(super) fn at_commit(component: &mut Component, commit: Option<&str>) {
    let Some(commit) = commit.filter(|commit| Uses::is_commit(commit)) else { return };
    component.properties.insert("custody:commit".to_owned(), commit.to_owned());
    if component.version.is_none() {
        component.version = Some(commit.to_owned());
    }
}

fn of_artifact(artifact: &Artifact) -> Option<Distribution> {
    let hashes = artifact.hash.as_deref().and_then(words::hash).into_iter().collect();
    let url = words::address(&artifact.file);
    let file = artifact.file.split(['?', '#']).next().unwrap_or("");
    let name = file.rsplit('/').next().and_then(words::name);
    let found = Distribution { name, url, hashes };
    (found != Distribution::default()).then_some(found)
}

/// What locks of conda hold.
fn locked_conda(maker: &mut Maker<'_>) {
    let scene = maker.scene;
    for view in &scene.python.conda.locks {
        let Some(Document::CondaLock(lock)) = scene.documents.get(view.document) else { continue };
        if !maker.counts(lock.file) {
            continue;
        }
        for package in &lock.packages {
            let key = conda_key(package);
            let Some(component) = maker.of_key(&key) else { continue };
            component.dependencies = Completeness::Complete;
            let url = package.url.as_ref().and_then(|url| words::address(&url.value));
            let is_file = |url: &&String| [".conda", ".tar.bz2"].iter().any(|end| url.ends_with(end));
            let file = url.as_ref().filter(is_file);
            component.distributions.push(Distribution {
                name: file.and_then(|url| url.rsplit('/').next()).map(str::to_owned),
                url: file.cloned(),
                hashes: package.hashes.iter().filter_map(|hash| words::hash(hash)).collect(),
            });
            component.distributions.retain(|found| *found != Distribution::default());
        }
    }
}

/// The key of a locked package of conda's in the graph.
fn conda_key(package: &LockedConda) -> String {
    let channel = package.url.as_ref().and_then(|url| Channel::of_file(&url.value));
    CondaRelease {
        name: &package.name.value,
        version: package.version.as_ref().map(|v| v.value.as_str()),
        build: package.build.as_deref(),
        channel: channel.as_ref().map(|c| c.name.as_str()),
        platform: package.platform.as_deref(),
    }
    .key()
}

/// What requirements say that no lock resolves: digests, and the range that is asked for.
fn asked(maker: &mut Maker<'_>) {
    let scene = maker.scene;
    // What a project asks for is told before what others ask for.
    for project in &scene.python.projects {
        let Some(document) = scene.pyproject(project.document).filter(|_| maker.counts(project.file)) else { continue };
        let options: Vec<(Place, IndexOption)> =
            document.options.iter().map(|o| (Place::new(project.file, o.span), o.clone())).collect();
        for requirement in &document.requirements {
            told(maker, requirement, &options, &document.indexes);
        }
    }
    for set in &scene.python.sets {
        let Some(file) = scene.requirements(set.document).filter(|_| maker.counts(set.file)) else { continue };
        for requirement in &file.requirements {
            told(maker, requirement, &set.options, &[]);
        }
    }
    for install in &scene.python.installs {
        if maker.role(install.place.file).is_set_aside() {
            continue;
        }
        for requirement in &install.requirements {
            told(maker, requirement, &install.options, &[]);
        }
    }
    for environment in &scene.python.conda.environments {
        let Some(Document::CondaEnvironment(found)) = scene.documents.get(environment.document) else { continue };
        if !maker.counts(found.file) {
            continue;
        }
        for package in &found.packages {
            let channel = package.channel.as_ref().and_then(|c| Channel::of(&c.value));
            let key = CondaRelease {
                name: &package.name.value,
                version: package.exact(),
                build: package.build.as_ref().map(|b| b.value.as_str()),
                channel: channel.as_ref().map(|c| c.name.as_str()),
                platform: None,
            };
            if let Some(component) = maker.of_key(&key.key()) {
                range(component, package.version.as_ref().map_or("", |version| version.value.as_str()));
            }
        }
    }
}

fn told(
    maker: &mut Maker<'_>,
    requirement: &Requirement,
    options: &[(Place, IndexOption)],
    declared: &[crate::graph::kinds::python::DeclaredIndex],
) {
    let scene = maker.scene;
    let Some(key) = requirement_key(requirement, options, declared, &scene.python.indexes) else { return };
    let Some(component) = maker.of_key(&key) else { return };
    // Which file a digest is of is not told.
    let hashes = requirement.hashes.iter().filter_map(|hash| words::hash(&hash.value));
    let files = hashes.map(|hash| Distribution { hashes: [hash].into(), ..Distribution::default() });
    component.distributions.extend(files);
    if let Some(Origin::Vcs { revision: Some(revision), .. }) = &requirement.origin {
        at_commit(component, Some(&revision.value));
        range(component, &revision.value);
    }
    range(component, requirement.specifiers.as_ref().map_or("", |text| text.value.as_str()));
}

/// Notes what is asked for where no version is known. Several different ranges are told one after the other.
pub(super) fn range(component: &mut Component, asked: &str) {
    let Some(asked) = words::name(asked).filter(|_| component.version.is_none()) else { return };
    match &mut component.range {
        None => component.range = Some(asked),
        Some(known) if *known == asked => {}
        Some(known) => {
            let all = component.properties.entry("custody:ranges".to_owned()).or_insert_with(|| known.clone());
            let is_told = all.split("; ").any(|one| one == asked);
            if !is_told && all.len() < 400 {
                all.push_str("; ");
                all.push_str(&asked);
            }
        }
    }
}
