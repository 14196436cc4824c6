//! Runs the rules over a scene. A rule that panics is named; the rest of the audit is kept.

mod ask;
mod evidence;
mod inline;
mod waive;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::advisory::Date;
use crate::diag::{Diagnostic, Waiver};
use crate::graph::build_class::{self, Origin};
use crate::graph::cargo::CargoView;
use crate::graph::ci;
use crate::graph::ci::pins::Pins;
use crate::graph::ci::trust::TrustView;
use crate::graph::distributions::Distributions;
use crate::graph::flow::FlowView;
use crate::graph::images::ImageView;
use crate::graph::kinds::workflow::{ActionDefinition, Uses};
use crate::graph::parts::Parts;
use crate::graph::python::PythonView;
use crate::graph::{Document, Graph, build, crates, reach};
use crate::outside::Oracle;
use crate::read::{self, Outcome, Reading};
use crate::rules::{self, Reporter, Runs, Scene};
use crate::source::{FileId, RepoPath, Role, Sources, Tree};

pub use ask::Apart;
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
    /// Releases that no advisory can speak of by their nature. The audit is not less complete for it.
    pub apart: Vec<Apart>,
    /// Rules that failed: our own mistakes.
    pub failed_rules: Vec<&'static str>,
    /// For each lock of cargo, where it is known from what a build uses its packages for; none where
    /// that follows from the lock and the manifests alone.
    pub evidence: BTreeMap<FileId, Option<Origin>>,
    /// The days of what registries said, the oldest and the newest, where any did.
    pub registries: Option<(Date, Date)>,
    /// Whether cargo was to be asked.
    pub asked_cargo: bool,
    /// What excuses a finding, by its position in `diagnostics`.
    pub waivers: BTreeMap<usize, Waiver>,
    /// Whether what other tools are told to ignore is honoured.
    pub honours_ignores: bool,
    /// Whether comments in files that excuse a finding are passed over.
    pub ignores_no_comments: bool,
}

/// Builds the graph from files alone, asks the oracle, runs every rule.
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
    let ci = ci::expression::Tree::of(&reading.documents, &reading.sources);
    let trust = TrustView::build(&reading.documents, &reading.sources, &ci);
    let parts = Parts::build(&reading.documents, &reading.sources, &files, &images);
    let python = PythonView::build(&reading.documents, &reading.sources, &files, &images);
    let flows = FlowView::build(&reading.documents, &reading.sources, &files, &images);
    let facts =
        crates::gather(&reading.documents, &cargo, &reading.sources, &|path| files.contains(path), evidence.kept);
    reach::refine(&mut cargo, &reading.documents, &facts);
    let mut graph =
        build::build(&reading.documents, &cargo, &python, &images, &trust, &flows, &reading.sources, &files);
    crates::describe(&mut graph, &facts);
    let roles = roles(&reading.documents, &cargo, &python, &images, &reading.sources);
    let distributions = Distributions::of(&reading.documents, &python, &python.indexes);
    let mut pins = Pins::of(&reading.documents, &reading.sources);
    let role = |file| roles.get(&file).copied().unwrap_or(Role::Product);
    let answered = ask::actions::follow(&reading.documents, role, &mut pins, oracle);
    let asked = ask::Asked {
        documents: &reading.documents,
        graph: &graph,
        cargo: &cargo,
        distributions: &distributions,
        python: &python,
        sources: &reading.sources,
        pins: &pins,
    };
    let (known, not_asked) = ask::ask(&asked, answered, oracle);
    let inline_ignores = read::ignores::inline(&reading.sources);
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
        pins: &pins,
        today: evidence.today,
        cooldown: evidence.cooldown,
        inline_ignores: if evidence.ignores_no_comments { &[] } else { &inline_ignores },
        trust: &trust,
        flows: &flows,
        ci: &ci,
        parts: &parts,
        runs: &Runs::default(),
    };
    let mut diagnostics = Vec::new();
    let mut failed_rules = Vec::new();
    // Made once for all rules. They would see no job without it, so a failure is said aloud.
    let runs = catch_unwind(AssertUnwindSafe(|| Runs::of(&scene))).unwrap_or_else(|_| {
        failed_rules.push("runs-of-steps");
        Runs::default()
    });
    let scene = Scene { runs: &runs, ..scene };
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
    let mut unknown = ask::unknown(&known, &graph, &distributions);
    unknown.extend(unused);
    unknown.extend(crates::not_known(&reading.documents, &cargo, &facts));
    let cut = images.cut.iter().chain(&python.cut).chain(&trust.cut).chain(&parts.cut).chain(&flows.cut);
    unknown.extend(cut.chain(runs.cut()).cloned());
    unknown.extend(rules::expressions(&scene).cut().filter(|cut| !trust.cut.contains(cut)));
    let apart = ask::apart(&known, &distributions, not_asked);
    let today = evidence.today.map(|day| day.to_string());
    let mut waivers = match evidence.honours_ignores {
        true => waive::waivers(&diagnostics, &reading.documents, &reading.sources, today.as_deref()),
        false => BTreeMap::new(),
    };
    let excused = inline::excused(&diagnostics, scene.inline_ignores, &reading.sources, today.as_deref());
    waivers.extend(excused.waivers);
    let is_whole =
        |file: FileId| reading.files.iter().any(|f| f.file == Some(file) && matches!(f.outcome, Outcome::Read));
    let is_told = |rule: &str| !failed_rules.contains(&rule);
    diagnostics.extend(rules::advisories::dead_comments(&scene, &excused.used, &is_whole, &is_told));
    let (honours_ignores, ignores_no_comments) = (evidence.honours_ignores, evidence.ignores_no_comments);
    let (evidence, asked_cargo) = (evidence::evidence_of(&cargo), evidence.ask.is_some());
    Checked {
        graph,
        roles,
        diagnostics,
        good,
        unknown,
        apart,
        failed_rules,
        evidence,
        registries: known.registry_days(),
        asked_cargo,
        waivers,
        honours_ignores,
        ignores_no_comments,
    }
}

/// Roles by what reaches a file; its path speaks only where nothing does.
fn roles(
    documents: &[Document],
    cargo: &CargoView,
    python: &PythonView,
    images: &ImageView,
    sources: &Sources,
) -> BTreeMap<FileId, Role> {
    let mut out: BTreeMap<FileId, Role> = sources.iter().map(|file| (file.id, Role::of_path(&file.path))).collect();
    for (index, document) in documents.iter().enumerate() {
        if let Some(role) = cargo.role_of(index) {
            out.insert(document.file(), role);
        }
    }
    for view in &cargo.locks {
        out.insert(view.file, view.role);
    }
    let of_projects = python.projects.iter().map(|p| (p.file, p.role));
    let of_locks = python.locks.iter().map(|l| (l.file, l.role));
    let of_sets = python.sets.iter().map(|s| (s.file, s.role));
    let of_images = images.files.iter().map(|i| (i.file, i.role));
    out.extend(of_projects.chain(of_locks).chain(of_sets).chain(of_images));
    for document in documents {
        if let Document::Gitlab(_) | Document::Azure(_) = document
            && let Some(file) = sources.get(document.file())
        {
            out.insert(file.id, Role::of_pipeline(&file.path));
        }
    }
    // An archive or a binary below tests is data of theirs, often broken on purpose.
    for document in documents {
        if let Document::Built(_) | Document::Auditable(_) | Document::PathFile(_) = document
            && let Some(role) = out.get_mut(&document.file()).filter(|role| **role == Role::Test)
        {
            *role = Role::Fixture;
        }
    }
    // What a requirements file installs by path is for what that file is for, wherever it lies.
    for built in &python.built {
        if let Some((role, asked)) = out.get_mut(&built.file).zip(built.asked_by) {
            *role = asked.min(*role);
        }
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
