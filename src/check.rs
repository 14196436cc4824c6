//! Runs the rules over a scene. A rule that panics is named; the rest of the audit is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::diag::Diagnostic;
use crate::graph::build_class::{self, Metadata, Named, Origin};
use crate::graph::cargo::{CargoView, LockView};
use crate::graph::kinds::workflow::{ActionDefinition, Uses};
use crate::graph::{Document, Graph, NodeId, NodeKind, build};
use crate::outside::{Answer, Known, Oracle, Question};
use crate::read::Reading;
use crate::rules::{self, Reporter, Scene};
use crate::source::{FileId, RepoPath, Role, Sources, Tree};

/// Workspaces that cargo is asked about: a tree decides how many there are.
const ASKED: usize = 64;

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
    /// Rules that failed: our own mistakes.
    pub failed_rules: Vec<&'static str>,
    /// For each lock of cargo, where it is known from what a build uses its packages for; none where
    /// that follows from the lock and the manifests alone.
    pub evidence: BTreeMap<FileId, Option<Origin>>,
    /// Whether cargo was to be asked.
    pub asked_cargo: bool,
}

/// Asks cargo about the workspace of a folder; the answer is metadata, or why there is none.
pub type AskCargo<'a> = dyn Fn(&RepoPath) -> Result<Metadata, String> + 'a;

/// What is known beside the files of the tree.
#[derive(Default)]
pub struct Evidence<'a> {
    /// Metadata of cargo from files that were named.
    pub given: Vec<Named>,
    /// How cargo is asked; none where it is not to be started.
    pub ask: Option<&'a AskCargo<'a>>,
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
    unused.extend(ask_cargo(&mut cargo, reading, evidence));
    let graph = build::build(&reading.documents, &cargo, &reading.sources, &files);
    let roles = roles(&reading.documents, &cargo, &reading.sources);
    let known = ask(&graph, oracle);
    let scene = Scene {
        graph: &graph,
        documents: &reading.documents,
        cargo: &cargo,
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
    let mut unknown: Vec<String> =
        known.unknown().map(|(node, why)| format!("{}: {why}", graph.node(node).name)).collect();
    unknown.extend(unused);
    let (evidence, asked_cargo) = (evidence_of(&cargo), evidence.ask.is_some());
    Checked { evidence, asked_cargo, graph, roles, diagnostics, good, unknown, failed_rules }
}

/// Asks about every workspace whose lock counts and of which no file spoke.
fn ask_cargo(cargo: &mut CargoView, reading: &Reading, evidence: &Evidence<'_>) -> Vec<String> {
    let Some(ask) = evidence.ask else { return Vec::new() };
    let mut out = Vec::new();
    let open = |view: &LockView| {
        let workspace = cargo.workspaces.get(view.workspace?)?;
        (view.built.is_none() && !view.role.is_set_aside()).then(|| workspace.folder.clone())
    };
    let open: Vec<(usize, RepoPath)> =
        cargo.locks.iter().enumerate().filter_map(|(index, view)| Some((index, open(view)?))).collect();
    for (_, folder) in open.iter().skip(ASKED) {
        out.push(format!("cargo was not asked about {}: {ASKED} workspaces are the limit", manifest_of(folder)));
    }
    for (index, folder) in open.into_iter().take(ASKED) {
        let name = format!("cargo metadata of {}", manifest_of(&folder));
        let tied = match ask(&folder) {
            Ok(metadata) => {
                let named = Named { name, metadata };
                build_class::tie_one(cargo, &reading.documents, &reading.sources, index, &named, Origin::Asked)
            }
            Err(why) => Err(format!("{name} failed, findings rest on lock and manifests: {why}")),
        };
        out.extend(tied.err());
    }
    out
}

fn manifest_of(folder: &RepoPath) -> String {
    if folder.is_root() { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") }
}

fn evidence_of(cargo: &CargoView) -> BTreeMap<FileId, Option<Origin>> {
    cargo.locks.iter().map(|view| (view.file, view.built.as_ref().map(|b| b.origin))).collect()
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

fn ask(graph: &Graph, oracle: &dyn Oracle) -> Known {
    let mut nodes: Vec<NodeId> = Vec::new();
    let mut questions = Vec::new();
    for (id, node) in graph.nodes() {
        if let Some(question) = question(node) {
            nodes.push(id);
            questions.push(question);
        }
    }
    // One answer a question, in order; an oracle that answers less leaves the rest unknown.
    let mut answers = oracle.ask(&questions).into_iter();
    let paired =
        nodes.into_iter().map(|id| (id, answers.next().unwrap_or_else(|| Answer::Unknown("no answer".to_owned()))));
    Known::new(paired.collect())
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
