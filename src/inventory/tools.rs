//! Programs that build, check and start things: what scripts fetch and use, repositories of hooks, servers of tools,
//! toolchains, crates that commands install.

use std::collections::BTreeMap;

use super::crates::weakest_excuse;
use super::distributions::range;
use super::maker::Maker;
use super::words;
use crate::commands::ActKind;
use crate::graph::Document;
use crate::graph::EdgeKind;
use crate::graph::NodeId;
use crate::graph::NodeKind;
use crate::graph::identity;
use crate::graph::indexes;
use crate::graph::kinds::cargo::LockSource;
use crate::graph::kinds::workflow::Uses;
use crate::lock::Subject;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Distribution;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::LinkKind;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Unknown;
use crate::source::Place;

/// What becomes of a download that makes it a program.
const RUNS: &[&str] = &["executed", "interpreted", "installed", "built", "on-path", "made-executable"];

/// Adds all of them.
pub(super) fn add(maker: &mut Maker<'_>) {
    downloads(maker);
    held(maker);
    hooks(maker);
    servers(maker);
    toolchains(maker);
    installed(maker);
}

/// The id of what an address gives.
fn download_id(url: &str) -> String {
    format!("download:{url}")
}

/// What is fetched and then used. What is only fetched is an answer to a question and no part.
fn downloads(maker: &mut Maker<'_>) {
    let graph = maker.scene.graph;
    let mut uses: BTreeMap<NodeId, Vec<&str>> = BTreeMap::new();
    for (from, _) in graph.nodes() {
        for (to, edge) in graph.out(from).filter(|(_, edge)| edge.kind == EdgeKind::Uses) {
            if let Some(how) = edge.attributes.get("how") {
                uses.entry(to).or_default().extend(how.split(','));
            }
        }
    }
    for (node, found) in graph.of(NodeKind::Download) {
        let Some(how) = uses.get(&node).filter(|_| maker.is_part(found)) else { continue };
        let evidence = maker.sightings(found);
        let is_program = how.iter().any(|how| RUNS.contains(how));
        let kind = if is_program { Kind::Tool } else { Kind::File };
        let Some(url) = words::address(&found.name) else {
            let Some((text, at)) = words::plain(&found.name).zip(evidence.into_iter().next()) else { continue };
            maker.unknowns.push(Unknown {
                kind,
                text,
                why: "part of the address is only known when it is fetched".to_owned(),
                owner: Some(maker.root.clone()),
                at: crate::sbom::model::Occurrence { how: None, ..at },
            });
            continue;
        };
        let mut component = of_address(&url, kind);
        component.scope = weakest_excuse(maker, found);
        component.evidence = evidence;
        for (name, key) in [("custody:check", "weakest-check"), ("custody:fixity", "fixity")] {
            if let Some(value) = found.attributes.get(key) {
                component.properties.insert(name.to_owned(), value.clone());
            }
        }
        maker.put(node, component);
    }
}

fn of_address(url: &str, kind: Kind) -> Component {
    let path = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/');
    let name = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(url);
    Component {
        id: download_id(url),
        kind,
        name: name.to_owned(),
        links: words::link(LinkKind::Distribution, url).into_iter().collect(),
        dependencies: Completeness::Unknown,
        ..Component::default()
    }
}

/// Tools that `custody.lock` holds.
fn held(maker: &mut Maker<'_>) {
    for document in maker.scene.documents {
        let Document::CustodyLock(lock) = document else { continue };
        if !maker.counts(lock.file) {
            continue;
        }
        for (url, tool) in &lock.read.lock.tools {
            let Some(url) = words::address(url) else { continue };
            let place = lock.place(&Subject::Tool(url.clone()));
            let mut component = of_address(&url, Kind::Tool);
            let hash = Hash::new(Algorithm::Sha256, &tool.sha256.to_string());
            component.hashes.extend(hash);
            component.scope = Scope::Excluded;
            component.evidence.push(maker.at(place, Some("locked")));
            component.distributions.push(Distribution {
                name: Some(component.name.clone()),
                url: Some(url.clone()),
                hashes: component.hashes.clone(),
            });
            component.properties.insert("custody:bytes".to_owned(), tool.size.to_string());
            maker.merge(component);
        }
    }
}

fn hooks(maker: &mut Maker<'_>) {
    for (node, found) in maker.scene.graph.of(NodeKind::HookRepository) {
        let Some(url) = words::repository(&found.name).filter(|_| maker.is_part(found)) else { continue };
        let revision = found.version.as_deref().filter(|revision| !revision.is_empty());
        let commit = revision.filter(|revision| Uses::is_commit(revision));
        let path = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let mut parts = path.split('/');
        let host = parts.next().unwrap_or("");
        let rest: Vec<&str> = parts.map(|part| part.strip_suffix(".git").unwrap_or(part)).collect();
        let (group, name) = match rest.as_slice() {
            [group @ .., name] => (group.join("/"), (*name).to_owned()),
            [] => (String::new(), host.to_owned()),
        };
        let purl = indexes::is_github(host).then(|| identity::github_purl(&group, &name, revision)).flatten();
        let mut component = Component {
            id: purl.clone().unwrap_or_else(|| format!("hooks:{url}@{}", revision.unwrap_or_default())),
            kind: Kind::Tool,
            group: Some(group).filter(|group| !group.is_empty()),
            name,
            version: commit.map(str::to_owned),
            purl,
            scope: weakest_excuse(maker, found).max(Scope::Excluded),
            evidence: maker.sightings(found),
            links: words::link(LinkKind::Vcs, &url).into_iter().collect(),
            dependencies: Completeness::Unknown,
            ..Component::default()
        };
        range(&mut component, revision.filter(|_| commit.is_none()).unwrap_or(""));
        maker.put(node, component);
    }
}

/// Servers of tools that agents call or start.
fn servers(maker: &mut Maker<'_>) {
    for document in maker.scene.documents {
        let Document::Agent(agent) = document else { continue };
        if !maker.counts(agent.file) {
            continue;
        }
        let path = maker.path(agent.file);
        for server in &agent.servers {
            let Some(name) = words::name(&server.name.value) else { continue };
            let at = maker.at(Place::new(agent.file, server.name.span), Some(agent.program));
            let url = server.url.as_ref().and_then(|url| words::address(&url.value));
            let is_called = server.url.is_some();
            let mut component = Component {
                id: format!("tool-server:{path}:{name}"),
                kind: if is_called { Kind::Service } else { Kind::Tool },
                name,
                scope: Scope::Excluded,
                evidence: vec![at.clone()],
                endpoints: url.into_iter().collect(),
                dependencies: Completeness::Unknown,
                ..Component::default()
            };
            let words: Vec<&str> = server.words.iter().map(|word| word.value.as_str()).collect();
            if let Some(command) = words::plain(&words.join(" ")) {
                component.properties.insert("custody:command".to_owned(), command);
            }
            let (id, root) = (component.id.clone(), maker.root.clone());
            maker.merge(component);
            maker.relate(&root, RelationKind::DependsOn, &id, Scope::Excluded, Some(at));
        }
    }
}

/// Rust toolchains, and the interpreters that projects ask for.
fn toolchains(maker: &mut Maker<'_>) {
    for (node, found) in maker.scene.graph.of(NodeKind::Toolchain) {
        if !maker.is_part(found) {
            continue;
        }
        let channel = found.version.clone().unwrap_or_default();
        let is_release = channel.split('.').count() == 3 && channel.split('.').all(|n| n.parse::<u32>().is_ok());
        let mut component = Component {
            id: format!("toolchain:rust@{channel}"),
            kind: Kind::Platform,
            name: "rust".to_owned(),
            version: is_release.then(|| channel.clone()),
            scope: Scope::Excluded,
            evidence: maker.sightings(found),
            ..Component::default()
        };
        range(&mut component, &channel);
        let (id, root) = (component.id.clone(), maker.root.clone());
        let at = component.evidence.first().cloned();
        maker.put(node, component);
        maker.relate(&root, RelationKind::BuiltWith, &id, Scope::Excluded, at);
    }
    for project in &maker.scene.python.projects {
        let Some(document) = maker.scene.pyproject(project.document) else { continue };
        let Some(asked) = document.requires_python.as_ref().filter(|_| maker.counts(project.file)) else { continue };
        let at = maker.at(Place::new(project.file, asked.span), Some("requires-python"));
        let scope = maker.scope(project.file);
        let mut component = Component {
            id: "platform:python".to_owned(),
            kind: Kind::Platform,
            name: "python".to_owned(),
            scope,
            evidence: vec![at.clone()],
            ..Component::default()
        };
        range(&mut component, &asked.value);
        maker.merge(component);
        if let Some(known) = maker.components.get_mut("platform:python") {
            range(known, &asked.value);
        }
        let owner = maker.owner(maker.path(project.file)).to_owned();
        maker.relate(&owner, RelationKind::DependsOn, "platform:python", scope, Some(at));
    }
}

/// Crates that commands install as programs.
fn installed(maker: &mut Maker<'_>) {
    for document in maker.scene.documents {
        let file = document.file();
        if !maker.counts(file) {
            continue;
        }
        for script in document.scripts() {
            for act in &script.acts {
                let ActKind::CargoInstall { name: Some(name), version, path: None, git, .. } = &act.kind else {
                    continue;
                };
                let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
                if !is_name || name.is_empty() || git.is_some() {
                    continue;
                }
                let place = Place::new(file, script.text.host_span(act.range.clone()));
                let at = maker.at(place, Some("cargo install"));
                let exact = version.as_deref().map(|v| v.trim_start_matches('='));
                let exact = exact.filter(|v| semver_like(v));
                let purl = identity::crate_purl(name, exact, &LockSource::CratesIo);
                let ships = super::images::ships(maker, place);
                let scope = if ships { maker.scope(file) } else { Scope::Excluded };
                let mut component = Component {
                    id: purl.clone(),
                    kind: Kind::Tool,
                    name: name.clone(),
                    version: exact.map(str::to_owned),
                    purl: Some(purl.clone()),
                    scope,
                    evidence: vec![at.clone()],
                    dependencies: Completeness::Unknown,
                    ..Component::default()
                };
                range(&mut component, version.as_deref().unwrap_or(""));
                maker.merge(component);
                let owner = match document {
                    Document::Dockerfile(_) => super::images::built_id(maker.path(file)),
                    _ => maker.root.clone(),
                };
                maker.relate(&owner, RelationKind::BuiltWith, &purl, scope, Some(at));
            }
        }
    }
}

/// Whether a version is one release.
fn semver_like(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or("");
    core.split('.').count() == 3 && core.split('.').all(|n| n.parse::<u64>().is_ok())
}
