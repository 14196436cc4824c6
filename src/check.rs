//! Runs the rules over a scene. A rule that panics is named; the rest of the audit is kept.

mod anchor;
mod ask;
mod evidence;
mod inline;
mod policy;
mod policy_waivers;
mod roles;
mod vex;
mod waive;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::advisory::Date;
use crate::diag::{Diagnostic, Stance, Waiver};
use crate::graph::assets::AssetView;
use crate::graph::build_class::{self, Origin};
use crate::graph::cargo::CargoView;
use crate::graph::ci;
use crate::graph::ci::pins::Pins;
use crate::graph::ci::trust::TrustView;
use crate::graph::distributions::Distributions;
use crate::graph::flow::FlowView;
use crate::graph::images::ImageView;
use crate::graph::parts::Parts;
use crate::graph::python::PythonView;
use crate::graph::{Graph, build, crates, reach};
use crate::outside::Oracle;
use crate::read::{self, Outcome, Reading};
use crate::rules::{self, Before, Reporter, Runs, Scene};
use crate::source::{FileId, RepoPath, Role, Tree};

pub use ask::Apart;
pub use evidence::{AskCargo, Evidence};
pub use policy::policy_of;
pub use vex::Vex;

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
    /// What an entry would excuse that the tree has and the policy in force has not.
    pub proposed: BTreeMap<usize, Waiver>,
    /// What an entry or a comment excused until its end.
    pub expired: BTreeMap<usize, Waiver>,
    /// What else VEX documents say of a finding, by its position.
    pub stances: BTreeMap<usize, Stance>,
    /// What VEX documents call the tree.
    pub known_as: Vec<String>,
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
    let side = Side { tree, reading, oracle, evidence };
    let (kept, looked) = side.staged(None, |scene, staged| side.judge(scene, staged, true));
    looked.checked(kept, evidence)
}

/// What rules look at, without running one: for what is made of the same views.
#[must_use]
pub fn scene_of<R>(tree: &Tree, reading: &Reading, evidence: &Evidence<'_>, work: impl FnOnce(&Scene<'_>) -> R) -> R {
    let oracle = crate::outside::Nobody;
    let side = Side { tree, reading, oracle: &oracle, evidence };
    side.staged(None, |scene, _| work(scene)).1
}

/// Two trees, the one before a change and the one after it. Rules that look at both speak of the second alone, and
/// no file is for less in it than in the first.
#[must_use]
pub fn run_two(base: &Side<'_>, head: &Side<'_>, moved: &BTreeMap<RepoPath, RepoPath>) -> (Checked, Checked) {
    let (kept_base, (before, after)) = base.staged(None, |scene, staged| {
        // What was right before the change is asked by nobody.
        let looked = base.judge(scene, staged, false);
        let before = Before { scene, moved };
        let (kept, after) = head.staged(Some(&before), |scene, staged| head.judge(scene, staged, true));
        (looked, after.checked(kept, head.evidence))
    });
    (before.checked(kept_base, base.evidence), after)
}

/// A tree and what is known beside it.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// What was read of it.
    pub reading: &'a Reading,
    /// Who answers what the files do not say.
    pub oracle: &'a dyn Oracle,
    /// What else is known.
    pub evidence: &'a Evidence<'a>,
}

/// What stands beside a scene while rules run.
struct Staged<'a> {
    unused: Vec<String>,
    facts: &'a crates::FactsByKey,
    not_asked: Vec<Apart>,
}

/// What outlives a scene.
struct Kept {
    graph: Graph,
    roles: BTreeMap<FileId, Role>,
    evidence: BTreeMap<FileId, Option<Origin>>,
    registries: Option<(Date, Date)>,
}

/// What the rules and their helpers said of a scene.
struct Looked {
    diagnostics: Vec<Diagnostic>,
    good: Vec<String>,
    unknown: Vec<String>,
    apart: Vec<Apart>,
    failed_rules: Vec<&'static str>,
    waivers: BTreeMap<usize, Waiver>,
    proposed: BTreeMap<usize, Waiver>,
    expired: BTreeMap<usize, Waiver>,
    stances: BTreeMap<usize, Stance>,
    known_as: Vec<String>,
}

impl Looked {
    fn checked(self, kept: Kept, evidence: &Evidence<'_>) -> Checked {
        Checked {
            graph: kept.graph,
            roles: kept.roles,
            diagnostics: self.diagnostics,
            good: self.good,
            unknown: self.unknown,
            apart: self.apart,
            failed_rules: self.failed_rules,
            evidence: kept.evidence,
            registries: kept.registries,
            asked_cargo: evidence.ask.is_some(),
            waivers: self.waivers,
            proposed: self.proposed,
            expired: self.expired,
            stances: self.stances,
            known_as: self.known_as,
            honours_ignores: evidence.honours_ignores,
            ignores_no_comments: evidence.ignores_no_comments,
        }
    }
}

impl Side<'_> {
    /// Builds what rules look at, lets `work` look at it, and gives back what outlives it.
    fn staged<R>(&self, before: Option<&Before<'_>>, work: impl FnOnce(&Scene<'_>, Staged<'_>) -> R) -> (Kept, R) {
        let Self { tree, reading, oracle, evidence } = *self;
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
        let assets = AssetView::of(&reading.documents, &reading.sources);
        let facts =
            crates::gather(&reading.documents, &cargo, &reading.sources, &|path| files.contains(path), evidence.kept);
        reach::refine(&mut cargo, &reading.documents, &facts);
        let mut graph = build::build(
            &reading.documents,
            &cargo,
            &python,
            &images,
            &trust,
            &flows,
            &assets,
            &reading.sources,
            &files,
        );
        crates::describe(&mut graph, &facts);
        let mut roles = roles::of(&reading.documents, &cargo, &python, &images, &reading.sources);
        if let Some(policy) = evidence.policy {
            roles::declared(&mut roles, policy, before, &reading.sources);
        }
        if let Some(before) = before {
            roles::keep(&mut roles, before, &reading.sources);
        }
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
            assets: &assets,
        };
        let (known, not_asked) = ask::ask(&asked, answered, oracle);
        let inline_ignores = read::ignores::inline(&reading.sources, &reading.documents);
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
            assets: &assets,
            ci: &ci,
            parts: &parts,
            runs: &Runs::default(),
            before,
        };
        let staged = Staged { unused, facts: &facts, not_asked };
        let result = work(&scene, staged);
        let (evidence, registries) = (evidence::evidence_of(&cargo), known.registry_days());
        (Kept { graph, roles, evidence, registries }, result)
    }

    /// Runs every rule over a scene.
    fn judge(&self, scene: &Scene<'_>, staged: Staged<'_>, tells_good: bool) -> Looked {
        let Self { reading, evidence, .. } = *self;
        let mut diagnostics = Vec::new();
        let mut failed_rules = Vec::new();
        // Made once for all rules. They would see no job without it, so a failure is said aloud.
        let runs = catch_unwind(AssertUnwindSafe(|| Runs::of(scene))).unwrap_or_else(|_| {
            failed_rules.push("runs-of-steps");
            Runs::default()
        });
        let scene = &Scene { runs: &runs, ..*scene };
        for (_, rule) in rules::all() {
            let result = catch_unwind(AssertUnwindSafe(|| {
                let mut reporter = Reporter::new(rule, scene.graph);
                (rule.check)(scene, &mut reporter);
                reporter.finish()
            }));
            match result {
                Ok(found) => diagnostics.extend(found),
                Err(_) => failed_rules.push(rule.id),
            }
        }
        anchor::name(&mut diagnostics, &reading.documents);
        let good = if tells_good { crate::good::observe(scene) } else { Vec::new() };
        let mut unknown = ask::unknown(scene.known, scene.graph, scene.distributions);
        unknown.extend(staged.unused);
        unknown.extend(crates::not_known(&reading.documents, scene.cargo, staged.facts));
        let (images, trust) = (&scene.images.cut, &scene.trust.cut);
        let cut = images.iter().chain(&scene.python.cut).chain(trust).chain(&scene.parts.cut).chain(&scene.flows.cut);
        unknown.extend(cut.chain(runs.cut()).cloned());
        unknown.extend(rules::expressions(scene).cut().filter(|cut| !trust.contains(cut)));
        let apart = ask::apart(scene.known, scene.distributions, staged.not_asked);
        let today = evidence.today.map(|day| day.to_string());
        // A change is excused by what stood there before it.
        let of = scene.before.map_or(scene, |before| before.scene);
        let mut waivers = match evidence.honours_ignores {
            true => waive::waivers(&diagnostics, (of.documents, of.sources), scene.sources, today.as_deref()),
            false => BTreeMap::new(),
        };
        let excused = inline::excused(&diagnostics, scene.inline_ignores, &reading.sources, today.as_deref());
        waivers.extend(excused.waivers);
        let (mut proposed, mut expired) = (BTreeMap::new(), excused.expired);
        let mut stances = BTreeMap::new();
        let known_as = vex::known_as(evidence.vex, &reading.documents, &reading.sources);
        if let Some(vex) = evidence.vex {
            // What the tree is called is what the base calls it: a change must not become what a document speaks of.
            let said = vex::said(vex, &diagnostics, of.documents, of.sources);
            unknown.extend(said.unknown);
            for (index, text) in said.evidence {
                diagnostics.get_mut(index).into_iter().for_each(|d| d.evidence.push(text.clone()));
            }
            stances = said.stances;
            for (index, waiver) in said.waivers {
                waivers.entry(index).or_insert(waiver);
            }
        }
        let is_whole =
            |file: FileId| reading.files.iter().any(|f| f.file == Some(file) && matches!(f.outcome, Outcome::Read));
        let is_told = |rule: &str| !failed_rules.contains(&rule);
        let mut told = rules::advisories::dead_comments(scene, &excused.used, &is_whole, &is_told);
        if let Some(policy) = evidence.policy {
            unknown.extend(policy.problems.iter().cloned());
            let own = evidence.own_policy.unwrap_or(&reading.documents);
            let joined = policy_waivers::join(&diagnostics, policy, own, &reading.sources, evidence.today);
            for (at, waiver) in joined.waivers {
                waivers.entry(at).or_insert(waiver);
            }
            proposed = joined.proposed;
            expired.extend(joined.expired);
            let lost = reading
                .files
                .iter()
                .chain(&reading.beside)
                .filter(|f| !matches!(f.outcome, Outcome::Read | Outcome::Skipped(_)));
            let around = rules::policy::Around {
                lost: &lost.map(|f| f.path.as_str().to_owned()).collect::<Vec<_>>(),
                ran: &is_told,
                all_ran: failed_rules.is_empty(),
                max_days: policy.max_days,
            };
            told.extend(rules::policy::of_waivers(scene, &joined.own, &around));
        }
        diagnostics.extend(told);
        Looked { diagnostics, good, unknown, apart, failed_rules, waivers, proposed, expired, stances, known_as }
    }
}
