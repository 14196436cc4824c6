//! `audit`: the main job.

mod document;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{
    AuditOptions, CompareOptions, EvidenceOptions, FixOptions, OnlineOptions, PolicyOptions, TreeOptions,
};
use super::{Surroundings, again, baseline, config, evidence, gate, index, online, output, vex};
use crate::advisory::Index;
use crate::audit::{Audit, Mode};
use crate::check::{self, Checked, Evidence};
use crate::config::Effective;
use crate::decide::{Input, assemble, knowledge};
use crate::gate::force_open;
use crate::outside::Oracle;
use crate::outside::cached::Cached;
use crate::read::{self, Reading};
use crate::report::{Again, Format};
use crate::rules::Scene;
use crate::source::{Limits, Tree, git};

/// Progress is shown once an audit takes longer than this; most end before.
const PATIENCE: Duration = Duration::from_millis(400);

pub(super) fn run(path: Option<PathBuf>, options: &AuditOptions, around: &Surroundings, as_cargo: bool) -> Result<u8> {
    let outputs = match (options.format, options.output.as_slice()) {
        (Some(format), _) => vec![(format, PathBuf::from("-"))],
        (None, []) => vec![(Format::Terminal, PathBuf::from("-"))],
        (None, list) => list.to_vec(),
    };
    output::check(&outputs)?;
    let (audit, folder) = audit(path.clone(), options, around)?;
    let words = again::words(path.as_deref(), options, around);
    let address = again::address(&root(path, around), options.compare.head.is_some(), around);
    let again = Again { place: words.place.as_deref(), compare: &words.compare, has_numbers: words.has_numbers };
    let told = output::Told { folder: Some(&folder), links: address.as_deref(), again: Some(again) };
    output::write(&audit, &outputs, &options.show, around, as_cargo, told)?;
    Ok(audit.exit_code())
}

/// Everything from the folder to the audit.
pub(super) fn audit(path: Option<PathBuf>, options: &AuditOptions, around: &Surroundings) -> Result<(Audit, String)> {
    let root = root(path, around);
    let root = root.as_path();
    let compare = &options.compare;
    let mode = compare.gate.map(Mode::from);
    if document::is_one(root) && (compare.base.is_some() || compare.staged) {
        bail!("a document has no history: `--base` and `--staged` are for repositories");
    }
    if compare.base.is_some() || compare.staged {
        let wanted = gate::Wanted {
            base: compare.base.as_deref(),
            how: None,
            head: compare.head.as_deref(),
            staged: compare.staged,
            index: around.git_index.as_deref(),
        };
        let trees = gate::trees(root, &wanted)?;
        let name = root.file_name().map_or_else(|| "/".to_owned(), |n| n.to_string_lossy().into_owned());
        return Ok((gate::audit(root, &trees, &gate::Terms { mode, talk: None }, options, around)?, name));
    }
    let (audit, name) = of_folder(root, options, around, |_| mode.unwrap_or(Mode::New))?;
    if mode == Some(Mode::New) && audit.gate.is_none() {
        bail!("`--gate new` has nothing to compare with: name it with --base, --staged or --baseline");
    }
    Ok((audit, name))
}

/// Audits a folder as it lies there, held against a baseline where one is named, in the mode that the policy leads to.
pub(super) fn of_folder(
    root: &Path,
    options: &AuditOptions,
    around: &Surroundings,
    mode: impl FnOnce(Option<&Effective>) -> Mode,
) -> Result<(Audit, String)> {
    let Whole { mut audit, tree, reading, checked, policy } = whole(root, options, around)?;
    let baseline = baseline::given(&options.held, policy.as_ref(), &tree, around)?;
    baseline::hold(&mut audit, baseline, mode(policy.as_ref()), policy.as_ref());
    if let Some(reason) = &options.held.break_glass
        && let Err(why) = force_open(&mut audit, "--break-glass", reason)
    {
        output::say("warning", &why);
    }
    let name = tree.name.clone();
    // The process ends once the audit is written; taking all of it apart piece by piece is time lost.
    std::mem::forget((tree, reading, checked));
    Ok((audit, name))
}

/// A tree, what was read of it and what follows.
pub(super) struct Whole {
    /// The audit of it as it lies there, held against nothing.
    pub audit: Audit,
    /// The tree.
    pub tree: Tree,
    /// What was read.
    pub reading: Reading,
    /// What the rules said.
    pub checked: Checked,
    /// The policy in force.
    pub policy: Option<Effective>,
}

/// Audits one folder.
pub(super) fn whole(root: &Path, options: &AuditOptions, around: &Surroundings) -> Result<Whole> {
    let chosen = index::choose(options.index.as_ref(), Some(root), around)?;
    let (tree, reading, checked, policy) = look(root, chosen.index(), options, around)?;
    let mut knowledge = knowledge::of_index(chosen.index(), around.seconds());
    knowledge.index = chosen.name;
    knowledge.online = options.online.online;
    knowledge.registries = checked.registries.map(knowledge::of_registries);
    let input = Input { tree: &tree, reading: &reading, checked: &checked, knowledge, policy: policy.as_ref() };
    let audit = assemble(input);
    Ok(Whole { audit, tree, reading, checked, policy })
}

/// Options of an audit for a subcommand that looks at a tree.
pub(super) fn options_of(tree: &TreeOptions) -> AuditOptions {
    let plain = plain_options(EvidenceOptions::default());
    AuditOptions { index: tree.index.clone(), online: tree.online.clone(), quiet: tree.quiet, ..plain }
}

/// A tree, what was read and found of it, and the policy in force.
type Seen = (Tree, Reading, Checked, Option<Effective>);

fn look(root: &Path, index: &Index, options: &AuditOptions, around: &Surroundings) -> Result<Seen> {
    // A file that was named in vain should be known before a long audit.
    let given = evidence::given(&options.evidence, around)?;
    let mut vex = vex::given(&options.held, around)?;
    let outside = config::outside(&options.policy, around)?;
    let bar = Bar::new(around, options.quiet);
    let is_document = document::is_one(root);
    let tree = if is_document {
        document::tree(root)?
    } else {
        Tree::scan(root, Limits::default()).context("failed to read the tree")?
    };
    let threads = options.jobs.map_or(around.threads, std::num::NonZero::get);
    let mut reading = read::read_tree(&tree, threads, &|done, total| bar.tick(done, total));
    if is_document {
        document::refuse(&reading)?;
    }
    let policy = config::in_force(&options.policy, outside.as_ref(), &mut reading);
    vex::add_named(&mut vex, policy.as_ref(), &tree);
    let cached = Cached::new(index);
    let home = evidence::home(&options.evidence, root, around)?;
    let kept = home.as_ref().map(|home| home as &dyn Oracle);
    let (honours_ignores, ignores_no_comments) = (options.honour_ignores, options.no_inline_ignores);
    let cooldown = options.online.cooldown;
    let checked = online::with(&options.online, (&cached, kept), root, around, |oracle| {
        evidence::with(given, &options.evidence, home.as_ref(), root, around, |evidence| {
            check::run_with(
                &tree,
                &reading,
                oracle,
                &Evidence {
                    cooldown,
                    honours_ignores,
                    ignores_no_comments,
                    policy: policy.as_ref(),
                    vex: Some(&vex),
                    ..evidence
                },
            )
        })
    })?;
    bar.end();
    Ok((tree, reading, checked, policy))
}

/// Reads a tree as an audit does, for other subcommands.
pub(super) fn read_graph(
    path: Option<PathBuf>,
    evidence: EvidenceOptions,
    around: &Surroundings,
) -> Result<(Tree, Reading, Checked)> {
    let options = plain_options(evidence);
    // The graph says nothing of advisories.
    let (tree, reading, checked, _) = look(&root(path, around), Index::embedded(), &options, around)?;
    Ok((tree, reading, checked))
}

/// Reads a tree as an audit does and hands over what rules would look at, for what is made of it without a rule. The
/// answer also says what of the evidence and the policy could not be had.
pub(super) fn scene<T>(
    path: Option<PathBuf>,
    evidence: EvidenceOptions,
    quiet: bool,
    around: &Surroundings,
    work: impl FnOnce(&Scene<'_>, &Tree, &Reading) -> T,
) -> Result<T> {
    let options = AuditOptions { quiet, ..plain_options(evidence) };
    let root = root(path, around);
    let root = root.as_path();
    let given = evidence::given(&options.evidence, around)?;
    let bar = Bar::new(around, options.quiet);
    let tree = Tree::scan(root, Limits::default()).context("failed to read the tree")?;
    let mut reading = read::read_tree(&tree, around.threads, &|done, total| bar.tick(done, total));
    let policy = config::in_force(&options.policy, None, &mut reading);
    bar.end();
    let home = evidence::home(&options.evidence, root, around)?;
    Ok(evidence::with(given, &options.evidence, home.as_ref(), root, around, |evidence| {
        let evidence = Evidence { policy: policy.as_ref(), ..evidence };
        check::scene_of(&tree, &reading, &evidence, |scene| work(scene, &tree, &reading))
    }))
}

/// Looks at a tree as an audit does, for what `fix` can answer.
pub(super) fn look_for_fixes(
    root: &Path,
    options: &FixOptions,
    around: &Surroundings,
) -> Result<(Tree, Reading, Checked)> {
    let chosen = index::choose(options.index.as_ref(), Some(root), around)?;
    let plain = plain_options(EvidenceOptions::default());
    let options = AuditOptions { quiet: options.quiet, online: options.online.clone(), ..plain };
    let (tree, reading, checked, _) = look(root, chosen.index(), &options, around)?;
    Ok((tree, reading, checked))
}

/// Options of an audit that nobody gave any.
fn plain_options(evidence: EvidenceOptions) -> AuditOptions {
    AuditOptions {
        show: super::args::Show { all: false, verbose: false, color: super::args::Colour::Auto, bom_link: None },
        output: Vec::new(),
        format: None,
        compare: CompareOptions::default(),
        evidence,
        index: None,
        online: OnlineOptions::default(),
        jobs: None,
        honour_ignores: false,
        no_inline_ignores: false,
        held: super::args::HeldOptions::default(),
        policy: PolicyOptions::default(),
        quiet: true,
    }
}

/// The folder that was named, or the repository around the working directory.
pub(super) fn root(path: Option<PathBuf>, around: &Surroundings) -> PathBuf {
    match path {
        Some(path) => around.directory.join(path),
        None => git::find_root(&around.directory).unwrap_or_else(|| around.directory.clone()),
    }
}

/// A bar on standard error, only on a terminal, only when there is something to wait for.
struct Bar {
    bar: Option<Mutex<Option<ProgressBar>>>,
    started: std::time::Instant,
}

impl Bar {
    fn new(around: &Surroundings, quiet: bool) -> Self {
        let wanted = around.stderr_is_terminal && !quiet && !around.in_ci;
        Self { bar: wanted.then(|| Mutex::new(None)), started: around.started }
    }

    fn tick(&self, done: usize, total: usize) {
        let Some(slot) = &self.bar else { return };
        if self.started.elapsed() < PATIENCE {
            return;
        }
        let Ok(mut slot) = slot.lock() else { return };
        let bar = slot.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("reading {bar:30} {pos}/{len}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        bar.set_position(done as u64);
    }

    fn end(&self) {
        let Some(slot) = &self.bar else { return };
        if let Ok(mut slot) = slot.lock()
            && let Some(bar) = slot.take()
        {
            bar.finish_and_clear();
        }
    }
}
