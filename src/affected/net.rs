//! A graph of parts as `affected` asks it: of a tree, or as it was saved (`custody/graph/v1`). It finds the parts that
//! a question is about, the way to each, and the jobs and images that reach it.

mod read;
mod walk;

use std::collections::BTreeMap;

use super::fit::Fit;
use super::fit::Thing;
use super::target::Asked;
use crate::graph::Graph;
use crate::sbom::model::Occurrence;
use crate::source::Place;
use crate::source::RepoPath;
use crate::source::Role;
use crate::source::Sources;

pub use read::read;
pub use walk::Reached;

/// A part.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// What it is, as the graph's JSON spells it: `distribution`, `action`, `job`.
    pub kind: String,
    /// Its identity.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Version, tag, branch, commit or digest.
    pub version: Option<String>,
    /// What else is told of it.
    pub attributes: BTreeMap<String, String>,
    /// Where it stands.
    pub spots: Vec<Occurrence>,
    /// The version that comments beside a commit say.
    pub comment: Option<String>,
    /// Digests that are told of it, hexadecimal.
    pub digests: Vec<String>,
}

/// How one part stands to another.
#[derive(Debug, Clone, Default)]
pub struct Tie {
    /// The position of the one.
    pub from: usize,
    /// The position of the other.
    pub to: usize,
    /// How, as the graph's JSON spells it: `depends-on`, `locked-by`.
    pub kind: String,
    /// What is asked for: `>=1.80,<2`.
    pub requirement: Option<String>,
    /// Where it says so.
    pub spots: Vec<Occurrence>,
}

/// Parts and how they stand to each other.
#[derive(Debug, Default)]
pub struct Net {
    /// The parts.
    pub parts: Vec<Part>,
    /// The ties.
    pub ties: Vec<Tie>,
    into: Vec<Vec<usize>>,
    out_of: Vec<Vec<usize>>,
}

/// A part that a question is about, by one of the ties that ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// How it stands to the question.
    pub fit: Fit,
    /// The part.
    pub part: usize,
    /// The tie that asks for it; none where the part itself says enough.
    pub tie: Option<usize>,
}

impl Net {
    /// Puts parts and ties together.
    #[must_use]
    pub fn new(parts: Vec<Part>, ties: Vec<Tie>) -> Self {
        let mut into = vec![Vec::new(); parts.len()];
        let mut out_of = vec![Vec::new(); parts.len()];
        for (index, tie) in ties.iter().enumerate() {
            if let (Some(into), Some(out)) = (into.get_mut(tie.to), out_of.get_mut(tie.from)) {
                into.push(index);
                out.push(index);
            }
        }
        Self { parts, ties, into, out_of }
    }

    /// The net of a graph.
    #[must_use]
    pub fn of_graph(graph: &Graph, sources: &Sources) -> Self {
        let spots = |places: &[Place]| -> Vec<Occurrence> {
            let one = |place: &Place| Occurrence {
                path: sources.path(place.file).to_owned(),
                line: sources.start(*place).line,
                how: None,
            };
            places.iter().map(one).collect()
        };
        let mut at = BTreeMap::new();
        let mut parts = Vec::with_capacity(graph.len());
        for (id, node) in graph.nodes() {
            at.insert(id, parts.len());
            let attributes: BTreeMap<String, String> =
                node.attributes.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
            parts.push(Part {
                kind: node.kind.as_str().to_owned(),
                key: node.key.clone(),
                name: node.name.clone(),
                version: node.version.clone(),
                digests: digests(&attributes),
                attributes,
                spots: spots(&node.sightings),
                comment: None,
            });
        }
        let ties = graph.edges().into_iter().filter_map(|(from, to, edge)| {
            Some(Tie {
                from: *at.get(&from)?,
                to: *at.get(&to)?,
                kind: edge.kind.as_str().to_owned(),
                requirement: edge.attributes.get("requirement").cloned(),
                spots: spots(&edge.sightings),
            })
        });
        let ties = ties.collect();
        Self::new(parts, ties)
    }

    /// Adds a part and gives its position.
    pub fn add(&mut self, part: Part) -> usize {
        self.parts.push(part);
        self.into.push(Vec::new());
        self.out_of.push(Vec::new());
        self.parts.len() - 1
    }

    /// Adds a tie, where both of its ends are there.
    pub fn tie(&mut self, tie: Tie) {
        let index = self.ties.len();
        if tie.from < self.parts.len() && tie.to < self.parts.len() {
            self.into[tie.to].push(index);
            self.out_of[tie.from].push(index);
            self.ties.push(tie);
        }
    }

    /// Takes away what a part asks others for, where they are such that it is held elsewhere.
    pub(super) fn release(&mut self, from: usize, is_held: impl Fn(&Part) -> bool) {
        for tie in self.out_of.get(from).cloned().unwrap_or_default() {
            let Some(to) = self.ties.get(tie).map(|tie| tie.to) else { continue };
            if self.parts.get(to).is_some_and(&is_held) {
                self.into.get_mut(to).into_iter().for_each(|into| into.retain(|known| *known != tie));
            }
        }
    }

    /// What of a name a part asks for at a place, with the requirement.
    pub(super) fn asked_at(&self, from: usize, name: &str, spot: &Occurrence) -> Vec<(usize, Option<String>)> {
        let ties = self.out_of.get(from).into_iter().flatten().filter_map(|tie| self.ties.get(*tie));
        let is_here = |one: &Occurrence| (&one.path, one.line) == (&spot.path, spot.line);
        let is_named = |at: usize| self.parts.get(at).is_some_and(|part| part.name == name);
        let here = ties.filter(|tie| tie.kind == "depends-on" && is_named(tie.to) && tie.spots.iter().any(is_here));
        here.map(|tie| (tie.to, tie.requirement.clone())).collect()
    }

    /// Whether a part takes anything in whole, as a list that includes another does.
    pub(super) fn uses_any(&self, from: usize) -> bool {
        let mut ties = self.out_of.get(from).into_iter().flatten().filter_map(|tie| self.ties.get(*tie));
        ties.any(|tie| tie.kind == "uses")
    }

    /// The position of the part of a key.
    #[must_use]
    pub fn position(&self, key: &str) -> Option<usize> {
        self.parts.iter().position(|part| part.key == key)
    }

    /// Everything that a question is about, the weightiest first.
    #[must_use]
    pub fn hits(&self, asked: &Asked) -> Vec<Hit> {
        let mut out = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            let by_part = part.things(None).iter().map(|thing| asked.fit(thing)).max().unwrap_or(Fit::Different);
            if by_part == Fit::Different {
                continue;
            }
            let is_open =
                part.version.is_none() && matches!(part.kind.as_str(), "crate" | "distribution" | "conda-package");
            if !is_open {
                out.push(Hit { fit: by_part, part: index, tie: None });
                continue;
            }
            for &tie in self.into.get(index).into_iter().flatten() {
                let requirement = self.ties.get(tie).and_then(|tie| tie.requirement.as_deref());
                let things = part.things(Some(requirement.unwrap_or_default()));
                let fit = things.iter().map(|thing| asked.fit(thing)).max().unwrap_or(Fit::Different);
                out.push(Hit { fit, part: index, tie: Some(tie) });
            }
        }
        // Of equal weight, what is of the product comes before what is of tests, examples and docs.
        out.sort_by_cached_key(|hit| (std::cmp::Reverse(hit.fit), self.is_beside(hit), hit.part, hit.tie));
        out
    }

    /// Whether a hit stands in tests, examples or docs alone.
    fn is_beside(&self, hit: &Hit) -> bool {
        let of_tie = hit.tie.and_then(|tie| self.ties.get(tie)).map(|tie| &tie.spots).filter(|spots| !spots.is_empty());
        let spots = of_tie.or_else(|| self.parts.get(hit.part).map(|part| &part.spots));
        let is_beside = |spot: &Occurrence| {
            let role = RepoPath::new(&spot.path).map_or(Role::Product, |path| Role::of_path(&path));
            matches!(role, Role::Documentation | Role::Test | Role::Example)
        };
        spots.is_some_and(|spots| !spots.is_empty() && spots.iter().all(is_beside))
    }
}

/// Digests among attributes.
fn digests(attributes: &BTreeMap<String, String>) -> Vec<String> {
    let all =
        attributes.iter().filter(|(key, _)| matches!(key.as_str(), "sha256" | "digest" | "commit" | "sha512" | "sha1"));
    all.map(|(_, value)| value.rsplit(':').next().unwrap_or(value).to_ascii_lowercase()).collect()
}

impl Part {
    /// What the part is to a question, with the requirement that asks for it.
    fn things<'p>(&'p self, requirement: Option<&'p str>) -> Vec<Thing<'p>> {
        let version = self.version.as_deref();
        let package = |ecosystem| Thing::Package { ecosystem, name: &self.name, version, requirement };
        // A project of the tree is nobody's release. What a lock takes from a folder or file of which the tree holds no
        // project is what it is called.
        let is_path = self.attributes.get("source").is_some_and(|source| source.starts_with("path"));
        let is_own = is_path && (self.kind == "crate" || self.attributes.contains_key("folder"));
        let mut out = Vec::new();
        match self.kind.as_str() {
            "crate" | "distribution" | "conda-package" if is_own => {}
            "crate" => out.push(package("cargo")),
            "distribution" => out.push(package("pypi")),
            "conda-package" => out.push(package("conda")),
            "action" => {
                out.push(Thing::Action { name: &self.name, reference: version, comment: self.comment.as_deref() });
            }
            "hook-repository" => {
                if let Some(name) = repository_of(&self.name) {
                    out.push(Thing::Action { name, reference: version, comment: self.comment.as_deref() });
                }
            }
            "image" => {
                let digest = version.filter(|version| version.contains(':'));
                let tag = version.filter(|version| !version.contains(':'));
                out.push(Thing::Image { name: &self.name, tag, digest });
            }
            "model" | "dataset" | "tokenizer" | "adapter" | "kernel" => {
                let revision =
                    self.attributes.get("revision").map(String::as_str).or(version).filter(|r| !r.is_empty());
                out.push(Thing::Asset { name: &self.name, revision });
            }
            _ => {}
        }
        out.extend(self.digests.iter().map(|digest| Thing::Digest(digest)));
        out.extend(host_in(&self.name).map(Thing::Host));
        out
    }

    /// What it is called in a route.
    #[must_use]
    pub fn title(&self) -> String {
        let path = self.spots.first().map(|spot| spot.path.as_str()).unwrap_or_default();
        match self.kind.as_str() {
            "job" => format!("job {} of {path}", self.name),
            "step" | "stage" => format!("{} of {path}", self.name),
            "workflow" | "manifest" | "dockerfile" | "script" | "code" => self.name.clone(),
            _ => match &self.version {
                Some(version) if self.kind == "action" => format!("{}@{version}", self.name),
                Some(version) => format!("{} {version}", self.name),
                None => self.name.clone(),
            },
        }
    }
}

/// `owner/repo` of the address of a repository of GitHub's.
fn repository_of(address: &str) -> Option<&str> {
    let rest = address.split_once("github.com/").map(|(_, rest)| rest)?;
    let rest = rest.strip_suffix(".git").unwrap_or(rest);
    (rest.split('/').count() == 2).then_some(rest)
}

/// The host of an address in a name: `index https://x/simple`, `https://x/file`.
fn host_in(name: &str) -> Option<&str> {
    let (_, rest) = name.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next()?;
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
#[path = "net/tests.rs"]
mod tests;
