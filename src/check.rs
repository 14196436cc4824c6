//! Runs the rules over a scene. A rule that panics is named; the rest of the audit is kept.

mod evidence;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::diag::Diagnostic;
use crate::graph::build_class::{self, Origin};
use crate::graph::cargo::CargoView;
use crate::graph::distributions::{Distributions, Held, Named, Whose};
use crate::graph::images::ImageView;
use crate::graph::kinds::workflow::{ActionDefinition, Uses};
use crate::graph::python::PythonView;
use crate::graph::{Document, Graph, NodeId, NodeKind, build};
use crate::outside::{Answer, Known, Oracle, Question};
use crate::read::Reading;
use crate::rules::{self, Reporter, Scene};
use crate::source::{FileId, RepoPath, Role, Sources, Tree};

pub use evidence::{AskCargo, Evidence};

/// Everything between reading and deciding.
#[derive(Debug)]
pub struct Checked {
    /// The graph.
    pub graph: Graph,
    /// Roles by file.
    pub roles: BTreeMap<FileId, Role>,
    /// What the rules said, in no order that matters.
    pub diagnostics: Vec<Diagnostic>,
    /// What is right.
    pub good: Vec<String>,
    /// What could not be told, in sentences.
    pub unknown: Vec<String>,
    /// What no advisory can speak of by its nature, in sentences. The audit is not less complete for it.
    pub apart: Vec<String>,
    /// Rules that failed: our own mistakes.
    pub failed_rules: Vec<&'static str>,
    /// For each lock of cargo, where it is known from what a build uses its packages for; none where
    /// that follows from the lock and the manifests alone.
    pub evidence: BTreeMap<FileId, Option<Origin>>,
    /// Whether cargo was to be asked.
    pub asked_cargo: bool,
}

/// Builds the graph from files alone, asks the oracle once, runs every rule.
#[must_use]
pub fn run(tree: &Tree, reading: &Reading, oracle: &dyn Oracle) -> Checked {
    run_with(tree, reading, oracle, &Evidence::default())
}

/// The same, with more evidence. What of it could not be had or used is unknown, not left out.
#[must_use]
pub fn run_with(tree: &Tree, reading: &Reading, oracle: &dyn Oracle, evidence: &Evidence<'_>) -> Checked {
    let files: BTreeSet<RepoPath> = tree.entries.iter().map(|e| e.path.clone()).collect();
    let mut cargo = CargoView::build(&reading.documents, &reading.sources, &files);
    let mut unused = build_class::tie(&mut cargo, &reading.documents, &reading.sources, &evidence.given);
    unused.extend(evidence::ask_cargo(&mut cargo, reading, evidence));
    let images = ImageView::build(&reading.documents, &reading.sources, &files);
    let python = PythonView::build(&reading.documents, &reading.sources, &files, &images);
    let graph = build::build(&reading.documents, &cargo, &python, &images, &reading.sources, &files);
    let roles = roles(&reading.documents, &cargo, &reading.sources);
    let distributions = Distributions::of(&reading.documents, &python, &python.indexes);
    let known = ask(&graph, &distributions, &python, oracle);
    let scene = Scene {
        graph: &graph,
        documents: &reading.documents,
        cargo: &cargo,
        python: &python,
        images: &images,
        indexes: &python.indexes,
        distributions: &distributions,
        roles: &roles,
        sources: &reading.sources,
        files: &files,
        known: &known,
    };
    let mut diagnostics = Vec::new();
    let mut failed_rules = Vec::new();
    for (_, rule) in rules::all() {
        let result = catch_unwind(AssertUnwindSafe(|| {
            let mut reporter = Reporter::new(rule, &graph);
            (rule.check)(&scene, &mut reporter);
            reporter.finish()
        }));
        match result {
            Ok(found) => diagnostics.extend(found),
            Err(_) => failed_rules.push(rule.id),
        }
    }
    let good = crate::good::observe(&scene);
    let of_nodes = known.unknown_nodes().map(|(node, why)| format!("{}: {why}", graph.node(node).name));
    let of_questions = known.unknown_questions().map(|(question, why)| format!("{}: {why}", question.subject()));
    let unknown = of_nodes.chain(of_questions).chain(unused).collect();
    let apart = apart(&distributions);
    let (evidence, asked_cargo) = (evidence::evidence_of(&cargo), evidence.ask.is_some());
    Checked { graph, roles, diagnostics, good, unknown, apart, failed_rules, evidence, asked_cargo }
}

/// Roles by what reaches a file; its path speaks only where nothing does.
fn roles(documents: &[Document], cargo: &CargoView, sources: &Sources) -> BTreeMap<FileId, Role> {
    let mut out: BTreeMap<FileId, Role> = sources.iter().map(|file| (file.id, Role::of_path(&file.path))).collect();
    for (index, document) in documents.iter().enumerate() {
        if let Some(role) = cargo.role_of(index) {
            out.insert(document.file(), role);
        }
    }
    for view in &cargo.locks {
        out.insert(view.file, view.role);
    }
    // By path: a manifest that gave no document is not set aside where the product builds from it.
    for folder in &cargo.reached {
        if let Some(file) = folder.join("Cargo.toml").and_then(|p| sources.by_path(&p)) {
            let role = out.entry(file.id).or_insert(Role::Product);
            if role.is_set_aside() {
                *role = Role::Product;
            }
        }
    }
    // An action that a workflow of this repository uses runs in CI, wherever it lies.
    let mut queue: Vec<RepoPath> = Vec::new();
    for document in documents {
        let Document::Workflow(workflow) = document else { continue };
        let is_live = sources.get(workflow.file).is_some_and(|f| f.path.parent().as_str() == ".github/workflows");
        if is_live {
            let uses =
                workflow.jobs.iter().flat_map(|j| j.uses.iter().chain(j.steps.iter().filter_map(|s| s.uses.as_ref())));
            queue.extend(uses.filter_map(|u| local(&u.value)));
        }
    }
    let mut actions: BTreeMap<RepoPath, Vec<&ActionDefinition>> = BTreeMap::new();
    for document in documents {
        if let Document::Action(action) = document
            && let Some(file) = sources.get(action.file)
        {
            actions.entry(file.path.parent()).or_default().push(action);
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(path) = queue.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        // By path, so that one which could not be read is not set aside either.
        for name in ["action.yml", "action.yaml"] {
            if let Some(file) = path.join(name).and_then(|p| sources.by_path(&p)) {
                let role = out.entry(file.id).or_insert(Role::Ci);
                *role = (*role).min(Role::Ci);
            }
        }
        for &action in actions.get(&path).into_iter().flatten() {
            queue.extend(action.steps.iter().filter_map(|s| s.uses.as_ref()).filter_map(|u| local(&u.value)));
        }
    }
    out
}

fn local(uses: &Uses) -> Option<RepoPath> {
    match uses {
        Uses::Local(path) => RepoPath::new(path),
        _ => None,
    }
}

fn ask(graph: &Graph, distributions: &Distributions, python: &PythonView, oracle: &dyn Oracle) -> Known {
    let mut nodes: Vec<NodeId> = Vec::new();
    let mut questions = Vec::new();
    for (id, node) in graph.nodes() {
        if let Some(question) = question(node) {
            nodes.push(id);
            questions.push(question);
        }
    }
    // Sorted, so that one name is asked about in a row.
    let of_python: BTreeSet<Question> = distributions.named.iter().filter_map(|n| python_question(n, python)).collect();
    questions.extend(of_python.iter().cloned());
    // One answer a question, in order; an oracle that answers less leaves the rest unknown.
    let mut answers = oracle.ask(&questions).into_iter();
    let mut next = || answers.next().unwrap_or_else(|| Answer::Unknown("no answer".to_owned()));
    let of_nodes = nodes.into_iter().map(|id| (id, next())).collect();
    let of_questions = of_python.into_iter().map(|question| (question, next())).collect();
    Known::new(of_nodes, of_questions)
}

/// Releases are asked about wherever they stand; what a range lets in only where it should have been a
/// release.
fn python_question(named: &Named, python: &PythonView) -> Option<Question> {
    if !named.whose.is_published() {
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

/// Names of distributions in a sentence on what is not audited.
const NAMED: usize = 3;

/// Releases that are not PyPI's, by whose they are.
fn apart(distributions: &Distributions) -> Vec<String> {
    let mut by: BTreeMap<Whose, BTreeSet<(&str, &Held)>> = BTreeMap::new();
    for named in &distributions.named {
        by.entry(named.whose).or_default().insert((&named.name, &named.held));
    }
    let from = |whose: Whose| match whose {
        Whose::OtherIndex => Some("from an index that is not PyPI"),
        Whose::UnknownIndex => Some("from an index that is known only when it is used"),
        Whose::Repository => Some("from a repository"),
        Whose::File => Some("from a file or an address"),
        Whose::PyPi | Whose::Publisher | Whose::Tree => None,
    };
    by.iter()
        .filter_map(|(whose, set)| {
            let from = from(*whose)?;
            let names: BTreeSet<&str> = set.iter().map(|(name, _)| *name).collect();
            let more = names.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let listed: Vec<&str> = names.iter().take(NAMED).copied().collect();
            let (count, it) = match set.len() {
                1 => ("1 distribution is".to_owned(), "it"),
                n => (format!("{n} distributions are"), "them"),
            };
            Some(format!("{count} {from}, and advisories on PyPI do not speak of {it}: {}{more}", listed.join(", ")))
        })
        .collect()
}

fn question(node: &crate::graph::Node) -> Option<Question> {
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
