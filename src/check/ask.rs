//! What is asked of the outside, and what no answer can be had about.

pub(super) mod actions;
mod askers;
mod hubs;
mod registries;

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::assets::AssetView;
use crate::graph::cargo::CargoView;
use crate::graph::ci::pins::Pins;
use crate::graph::distributions::{Distributions, Held, Holder, Named, Whose};
use crate::graph::kinds::sbom::RecordedRelease;
use crate::graph::python::PythonView;
use crate::graph::{Document, Graph, Node, NodeId, NodeKind};
use crate::outside::{Answer, Known, Oracle, Question};
use crate::source::{Place, Sources};

use registries::Registries;

/// Releases that no advisory can speak of by their nature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// What they are: `from a repository`.
    pub what: &'static str,
    /// Their names, each once, sorted.
    pub names: Vec<String>,
    /// The line that makes them so, where one does.
    pub because: Option<Place>,
    /// What would make them auditable.
    pub hint: Option<&'static str>,
}

/// What releases of other indexes are.
const OTHER_INDEX: &str = "from an index that is not PyPI";
/// What makes releases of an index auditable.
const DECLARE: &str =
    "where the index hands on PyPI's releases, say so in custody.toml: [[index]] with its url and mirror-of = \"pypi\"";

/// What questions are asked about.
pub(super) struct Asked<'a> {
    pub(super) documents: &'a [Document],
    pub(super) graph: &'a Graph,
    pub(super) cargo: &'a CargoView,
    pub(super) distributions: &'a Distributions,
    pub(super) python: &'a PythonView,
    pub(super) sources: &'a Sources,
    pub(super) pins: &'a Pins,
    pub(super) assets: &'a AssetView,
}

/// Asks about the nodes of the graph and about Python's releases, once. Also gives what nobody was
/// asked about, by its nature.
/// `answered` is what repositories were asked before.
pub(super) fn ask(asked: &Asked<'_>, answered: BTreeMap<Question, Answer>, oracle: &dyn Oracle) -> (Known, Vec<Apart>) {
    let Asked { graph, distributions, python, .. } = *asked;
    let mut nodes: Vec<NodeId> = Vec::new();
    let mut questions = Vec::new();
    for (id, node) in graph.nodes() {
        if let Some(question) = question(node) {
            nodes.push(id);
            questions.push(question);
        }
    }
    // Sorted, so that one name is asked about in a row.
    let mut others: BTreeSet<Question> =
        distributions.named.iter().filter_map(|n| python_question(n, python)).collect();
    others.extend(distributions.named.iter().filter_map(malware_question));
    others.extend(unlocked_crates(graph, asked.documents));
    others.extend(actions::advisories(asked.documents, asked.pins));
    let of_registries = Registries::of(asked, oracle);
    others.extend(of_registries.questions);
    others.extend(hubs::questions(asked, oracle));
    for document in asked.documents {
        if let Document::Ignores(file) = document {
            let ids = file.entries.iter().map(|entry| &entry.id.value).filter(|id| !id.is_empty());
            others.extend(ids.map(|id| Question::Advisory { id: id.clone() }));
        }
    }
    for document in asked.documents {
        if let Document::Sbom(document) = document {
            others.extend(document.releases.iter().map(RecordedRelease::question));
        }
    }
    others.retain(|question| !answered.contains_key(question));
    questions.extend(others.iter().cloned());
    // One answer a question, in order; an oracle that answers less leaves the rest unknown.
    let mut answers = oracle.ask(&questions).into_iter();
    let mut next = || answers.next().unwrap_or_else(|| Answer::Unknown("no answer".to_owned()));
    let of_nodes = nodes.into_iter().map(|id| (id, next())).collect();
    let mut of_questions: BTreeMap<Question, Answer> = others.into_iter().map(|q| (q, next())).collect();
    of_questions.extend(answered);
    let apart = of_registries.apart.into_iter().chain(documents_apart(asked.documents)).collect();
    (Known::new(of_nodes, of_questions), apart)
}

/// Parts of bills of materials that no advisory here speaks of: what could not be looked at.
fn documents_apart(documents: &[Document]) -> Vec<Apart> {
    let mut by: BTreeMap<&'static str, (BTreeSet<String>, Place)> = BTreeMap::new();
    for document in documents {
        let Document::Sbom(document) = document else { continue };
        for (what, parts) in &document.apart {
            let Some(first) = parts.values().min() else { continue };
            let (names, _) = by.entry(*what).or_insert((BTreeSet::new(), Place::new(document.file, *first)));
            names.extend(parts.keys().cloned());
        }
    }
    let one = |(what, (names, at)): (&'static str, (BTreeSet<String>, Place))| Apart {
        what,
        names: names.into_iter().collect(),
        because: Some(at),
        hint: None,
    };
    by.into_iter().map(one).collect()
}

fn question(node: &Node) -> Option<Question> {
    let version = node.version.clone()?;
    match node.kind {
        // Packages of the tree are not asked about: an advisory names what was published.
        NodeKind::Crate if !node.attributes.contains_key("folder") => {
            Some(Question::Crate { name: node.name.clone(), version })
        }
        NodeKind::Toolchain => Some(Question::Toolchain { channel: version }),
        NodeKind::Action => {
            let mut parts = node.name.splitn(3, '/');
            let repository = format!("{}/{}", parts.next()?, parts.next()?);
            Some(Question::Action { repository, path: parts.next().unwrap_or("").to_owned(), reference: version })
        }
        _ => None,
    }
}

/// Releases are asked about wherever they stand; what a range lets in only where it should have been a
/// release.
fn python_question(named: &Named, python: &PythonView) -> Option<Question> {
    if !named.whose.is_published() || named.is_computed() {
        return None;
    }
    let name = named.name.clone();
    match &named.held {
        Held::At(version) => Some(Question::Distribution { name, version: version.clone() }),
        Held::Within(specifiers) if named.is_open(python) => {
            Some(Question::Requirement { name, specifiers: specifiers.clone() })
        }
        Held::Within(_) => None,
    }
}

/// Whether every release of a distribution is an attack, where its release is left open.
fn malware_question(named: &Named) -> Option<Question> {
    let is_open = matches!(named.held, Held::Within(_)) && named.whose == Whose::PyPi && !named.is_computed();
    is_open.then(|| Question::malware_of_pypi(&named.name))
}

/// The same of crates that manifests ask crates.io for and no lock holds, and that commands install.
fn unlocked_crates(graph: &Graph, documents: &[Document]) -> BTreeSet<Question> {
    let open = graph.of(NodeKind::Crate).filter(|(_, node)| node.asks_crates_io());
    let asked = open.map(|(_, node)| node.name.as_str());
    let installed = documents.iter().flat_map(Document::scripts).flat_map(|script| script.installed_crates());
    asked.chain(installed.map(|(name, _)| name)).map(Question::malware_of_crates_io).collect()
}

/// What could not be told, in sentences.
pub(super) fn unknown(known: &Known, graph: &Graph, distributions: &Distributions) -> Vec<String> {
    let in_commands = only_in_commands(known, distributions);
    let of_nodes = known.unknown_nodes().map(|(node, why)| format!("{}: {why}", graph.node(node).name));
    let is_of_index = |question: &Question| !question.is_of_registries();
    let questions =
        known.unknown_questions().filter(|(question, _)| is_of_index(question) && !in_commands.contains(question));
    let all = of_nodes.chain(questions.map(|(question, why)| format!("{}: {why}", question.subject())));
    // One reason may hold for many releases of a name.
    let mut out: Vec<String> = all.collect();
    out.dedup();
    out.extend(registries::unknown(known));
    out
}

/// Questions without an answer about what commands alone name. A command that ran with such a version
/// would fail, so another is put in when it runs (`ARG VERSION=3-latest`).
fn only_in_commands<'k>(known: &'k Known, distributions: &Distributions) -> BTreeSet<&'k Question> {
    let mut out: BTreeSet<&Question> = known.unknown_questions().map(|(question, _)| question).collect();
    if out.is_empty() {
        return out;
    }
    for named in distributions.named.iter().filter(|n| !matches!(n.holder, Holder::Install(..))) {
        let name = named.name.clone();
        let question = match named.held.clone() {
            Held::At(version) => Question::Distribution { name, version },
            Held::Within(specifiers) => Question::Requirement { name, specifiers },
        };
        out.remove(&question);
    }
    out
}

/// Releases that are not PyPI's, or that are known only when a command runs.
pub(super) fn apart(known: &Known, distributions: &Distributions, not_asked: Vec<Apart>) -> Vec<Apart> {
    let mut by: BTreeMap<(&'static str, Option<Place>), BTreeSet<&str>> = BTreeMap::new();
    let in_commands: BTreeSet<&str> =
        only_in_commands(known, distributions).into_iter().map(Question::subject).collect();
    for named in &distributions.named {
        let is_command = matches!(named.holder, Holder::Install(..)) && in_commands.contains(named.name.as_str());
        let what = match named.whose {
            Whose::PyPi | Whose::Publisher | Whose::Channel if named.is_computed() || is_command => {
                "of a version that is known only when it is installed"
            }
            Whose::OtherIndex => OTHER_INDEX,
            Whose::UnknownIndex => "from an index that is known only when it is used",
            Whose::Repository => "from a repository",
            Whose::File => "from a file or an address",
            Whose::PyPi | Whose::Publisher | Whose::Channel | Whose::Tree => continue,
        };
        let because = named.because.filter(|_| !named.whose.is_published());
        by.entry((what, because)).or_default().insert(&named.name);
    }
    let apart = |((what, because), names): ((&'static str, Option<Place>), BTreeSet<&str>)| Apart {
        what,
        names: names.into_iter().map(str::to_owned).collect(),
        because,
        hint: (what == OTHER_INDEX && because.is_some()).then_some(DECLARE),
    };
    by.into_iter().map(apart).chain(not_asked).collect()
}
