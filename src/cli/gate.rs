//! The gate: two trees, one engine, one index, one day.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};

use super::args::{AuditOptions, Level};
use super::{Surroundings, baseline, config, evidence, index, online, output, shown, vex};
use crate::audit::{Audit, Gate, Mode, Revision};
use crate::check::{self, Checked, Evidence, Side, Vex};
use crate::ci::approval::{self, Talk, Word};
use crate::decide::{Input, Words, knowledge, side};
use crate::gate;
use crate::outside::Oracle;
use crate::outside::cached::Cached;
use crate::outside::remembered::Remembered;
use crate::read::{self, Earlier, Reading};
use crate::source::objects::{MergeBase, ObjectError, Oid, Repository};
use crate::source::{Changes, Limits, RepoPath, Spanned, Tree, git, objects};

/// Names of a tree without files: git's own name for it, and what services say for "there was none".
const NOTHING: &[&str] = &["4b825dc642cb6eb9a060e54bf8d69288fbee4904", "0000000000000000000000000000000000000000"];

/// What is compared.
#[derive(Debug)]
pub(super) struct Trees {
    base: (Tree, Revision),
    head: (Tree, Revision),
    changes: Changes,
}

/// What a person or a service asked to compare.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted<'a> {
    /// The revision to compare with; the commit itself where `how` says why it is the one, else the newest commit
    /// that it and the head have in common.
    pub base: Option<&'a str>,
    /// How the base was found, where it was not asked for by name.
    pub how: Option<&'a str>,
    /// The revision to judge; what is checked out without one.
    pub head: Option<&'a str>,
    /// What is staged is judged.
    pub staged: bool,
    /// The index file that git hands to a hook, where that is another than the repository's own.
    pub index: Option<&'a std::ffi::OsStr>,
}

/// Finds both trees in the repository around `root`.
///
/// # Errors
/// There is no repository, or a revision is not in it; a sentence says what helps.
pub(super) fn trees(root: &Path, wanted: &Wanted<'_>) -> Result<Trees> {
    let root = match root.canonicalize() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!("`{}` does not exist", shown(root)),
        other => other.with_context(|| format!("failed to open `{}`", shown(root)))?,
    };
    // A bare repository has no work tree around it, and none is needed.
    let top = git::find_root(&root).unwrap_or_else(|| root.clone());
    let below = root.strip_prefix(&top).unwrap_or(Path::new(""));
    let Some(prefix) = below.to_str().and_then(RepoPath::new) else {
        bail!("`{}` has a name that git cannot spell", shown(&root));
    };
    let repository = Arc::new(Repository::open(&top).context(
        "there is nothing to compare with (a tree without git's history is held against a file: \
         `cargo custody baseline write`, then `--baseline FILE`)",
    )?);
    let limits = Limits::default;
    let head_name = wanted.head.unwrap_or("HEAD");
    let head_commit = repository.resolve(head_name);
    let head = if wanted.staged {
        let index = wanted.index.map(Path::new);
        let tree = repository.staged(index, &prefix, limits()).context("failed to read what is staged")?;
        (tree, Revision { name: "staged".to_owned(), commit: None, how: "what is staged".to_owned() })
    } else {
        let commit = head_commit.clone()?;
        let tree = repository.tree(&commit, &prefix, limits()).with_context(|| unreadable(head_name))?;
        let how = if wanted.head.is_some() { "as named" } else { "what is checked out" };
        (tree, Revision { name: head_name.to_owned(), commit: Some(commit.to_string()), how: how.to_owned() })
    };
    let base = match wanted.base.unwrap_or("HEAD") {
        name if NOTHING.contains(&name) || (wanted.base.is_none() && head_commit.is_err()) => {
            let revision = Revision { name: name.to_owned(), commit: None, how: "an empty tree".to_owned() };
            (Tree::from_memory(&head.0.name, std::collections::BTreeMap::new()), revision)
        }
        name => {
            let (commit, how) = base(&repository, name, wanted, head_commit.ok().as_ref())?;
            match repository.tree(&commit, &prefix, limits()) {
                // The change brings the whole folder. That it is no slip is known from the head, which has it.
                Err(ObjectError::NoFolder { .. }) => {
                    let how = format!("{how}; the folder is not there yet");
                    let nothing = Tree::from_memory(&head.0.name, std::collections::BTreeMap::new());
                    (nothing, Revision { name: name.to_owned(), commit: Some(commit.to_string()), how })
                }
                tree => {
                    let tree = tree.with_context(|| unreadable(name))?;
                    (tree, Revision { name: name.to_owned(), commit: Some(commit.to_string()), how })
                }
            }
        }
    };
    let changes = objects::changes(&base.0, &head.0);
    Ok(Trees { base, head, changes })
}

fn unreadable(name: &str) -> String {
    format!("failed to read the tree of `{}`", name.escape_debug())
}

/// The commit to compare with. What others brought to the base since the change left it is not the change's doing.
fn base(repository: &Repository, name: &str, wanted: &Wanted<'_>, head: Option<&Oid>) -> Result<(Oid, String)> {
    let named = repository.resolve(name)?;
    if let Some(how) = wanted.how {
        return Ok((named, how.to_owned()));
    }
    let Some(head) = head.filter(|_| !wanted.staged) else { return Ok((named, "as named".to_owned())) };
    let common = repository.merge_base(&named, head).context("failed to find the newest common commit")?;
    let head_name = wanted.head.unwrap_or("HEAD");
    let common = match common {
        MergeBase { base: None, is_cut: true, .. } => bail!(
            "the clone is shallow and holds no commit that {name} and {head_name} have in common: set fetch-depth: 0 \
             (actions/checkout), or run git fetch --unshallow"
        ),
        common => common.base,
    };
    Ok(match common {
        Some(common) if common == named => (named, "as named".to_owned()),
        Some(common) => (common, format!("newest common commit of {name} and {head_name}")),
        None => (named, format!("as named: it has no commit in common with {head_name}")),
    })
}

/// What a gate is held against, and what people said of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Terms<'a> {
    /// Which findings it is held against; none leaves that to the policy.
    pub mode: Option<Mode>,
    /// What was said on the pull request, where there is one.
    pub talk: Option<Talk<'a>>,
}

/// Audits both trees and says what lies between them.
pub(super) fn audit(
    root: &Path,
    trees: &Trees,
    terms: &Terms<'_>,
    options: &AuditOptions,
    around: &Surroundings,
) -> Result<Audit> {
    if options.evidence.evidence == Level::Metadata {
        bail!(
            "`--evidence metadata` asks cargo about the folder, and a gate reads two commits: give `--metadata FILE`"
        );
    }
    let chosen = index::choose(options.index.as_ref(), Some(root), around)?;
    let given = evidence::given(&options.evidence, around)?;
    let mut vex = vex::given(&options.held, around)?;
    let threads = options.jobs.map_or(around.threads, std::num::NonZero::get);
    let (base, head, changes) = (&trees.base.0, &trees.head.0, &trees.changes);
    let mut base_reading = read::read_tree(base, threads, &|_, _| {});
    let is_same = |path: &RepoPath| !changes.touches(path);
    let earlier = Earlier { reading: &base_reading, is_same: &is_same };
    let mut head_reading = read::read_after(head, Some(earlier), threads, &|_, _| {});
    // A change is judged by what was agreed on before it.
    let outside = config::outside(&options.policy, around)?;
    let policy = config::in_force(&options.policy, outside.as_ref(), &mut base_reading);
    let own_policy = read::adopt_policy(&mut head_reading, &base_reading);
    vex::add_named(&mut vex, policy.as_ref(), base);

    let cached = Cached::new(chosen.index());
    let home = evidence::home(&options.evidence, root, around)?;
    let kept = home.as_ref().map(|home| home as &dyn Oracle);
    let (before, after) = online::with(&options.online, (&cached, kept), root, around, |oracle| {
        let remembered = Remembered::new(oracle);
        let oracle = &remembered;
        evidence::with(given, &options.evidence, home.as_ref(), root, around, |evidence| {
            // What was named is evidence of the change, and none of what stood there before it.
            let (kept, today, policy) = (evidence.kept, evidence.today, policy.as_ref());
            let of_base = with_options(options, &vex, Evidence { kept, today, policy, ..Evidence::default() });
            let own_policy = Some(own_policy.as_slice());
            let of_head = with_options(options, &vex, Evidence { policy, own_policy, ..evidence });
            let is_told_more = !of_head.given.is_empty() || of_head.ask.is_some();
            if !is_told_more && read::reads_alike(&base_reading, &head_reading, changes) {
                // Most changes touch nothing that is read: one look at it says what both trees have.
                return (None, check::run_with(head, &head_reading, oracle, &of_head));
            }
            let before = Side { tree: base, reading: &base_reading, oracle, evidence: &of_base };
            let after = Side { tree: head, reading: &head_reading, oracle, evidence: &of_head };
            let (before, after) = check::run_two(&before, &after, &changes.moved);
            (Some(before), after)
        })
    })?;
    let knowledge = |checked: &Checked| {
        let mut knowledge = knowledge::of_index(chosen.index(), around.seconds());
        knowledge.index.clone_from(&chosen.name);
        knowledge.online = options.online.online;
        knowledge.registries = checked.registries.map(knowledge::of_registries);
        knowledge
    };
    let assembled = |tree: &Tree, reading: &Reading, checked: &Checked, words: Words| {
        side(Input { tree, reading, checked, knowledge: knowledge(checked), policy: policy.as_ref() }, words)
    };
    let of_base = || before.as_ref().map(|before| assembled(base, &base_reading, before, Words::Few));
    // Each is put together from what is its own, so that one need not wait for the other.
    let (mut audit, of_base) = std::thread::scope(|scope| {
        let other = scope.spawn(of_base);
        let audit = assembled(head, &head_reading, &after, Words::All);
        (audit, other.join())
    });
    let base_audit = match of_base {
        Ok(base_audit) => base_audit.unwrap_or_else(|| audit.clone()),
        Err(panic) => std::panic::resume_unwind(panic),
    };
    let rules = policy.as_ref().map(|policy| &policy.gate);
    let says = |word: Option<&Spanned<String>>, wanted: &str| word.is_some_and(|word| word.value == wanted);
    let by_policy = if says(rules.and_then(|r| r.on_change.as_ref()), "all") { Mode::All } else { Mode::New };
    let mode = terms.mode.unwrap_or(by_policy);
    audit.gate = Some(Gate {
        mode,
        base: Some(trees.base.1.clone()),
        head: trees.head.1.clone(),
        baseline: None,
        changed_files: changes.count(),
        counts: std::collections::BTreeMap::new(),
        fixed: Vec::new(),
        approvals: Vec::new(),
        forced: None,
    });
    // Some want no gap at all, whoever brought it; and what is held against everything is so against every gap.
    let is_all = match rules.and_then(|r| r.incomplete.as_ref()) {
        Some(word) => word.value == "all",
        None => mode == Mode::All,
    };
    let all_gaps = is_all.then(|| audit.coverage.clone());
    let texts = gate::Texts { before: &base_reading.sources, after: &head_reading.sources };
    let difference = gate::compare(&base_audit, &mut audit, changes, Some(texts));
    if let Some(gate) = &mut audit.gate {
        (gate.counts, gate.fixed, gate.approvals) = (difference.counts, difference.fixed, difference.approvals);
    }
    baseline::added(&mut audit, policy.as_ref(), base, head)?;
    if let Some(coverage) = all_gaps {
        audit.coverage = coverage;
    }
    let talk = terms.talk.unwrap_or_default();
    let label = |word: Option<&'_ Spanned<String>>| word.map(|word| word.value.clone());
    match approval::approval(&talk, label(rules.and_then(|r| r.approval_label.as_ref())).as_deref()) {
        Word::Given { by, .. } => gate::agree(&mut audit, &by),
        Word::Refused(why) => output::say("warning", &why),
        Word::None => {}
    }
    gate::settle(&mut audit, mode, policy.as_ref());
    let glass = label(rules.and_then(|r| r.break_glass_label.as_ref()));
    match approval::break_glass(&talk, glass.as_deref(), options.held.break_glass.as_deref()) {
        Word::Given { by, reason } => {
            if let Err(why) = gate::force_open(&mut audit, &by, &reason) {
                output::say("warning", &why);
            }
        }
        Word::Refused(why) => output::say("warning", &why),
        Word::None => {}
    }
    // The process ends once the audit is written; taking all of it apart piece by piece is time lost.
    std::mem::forget((base_reading, head_reading, before, after, base_audit));
    Ok(audit)
}

fn with_options<'e>(options: &AuditOptions, vex: &'e Vex, evidence: Evidence<'e>) -> Evidence<'e> {
    Evidence {
        cooldown: options.online.cooldown,
        honours_ignores: options.honour_ignores,
        ignores_no_comments: options.no_inline_ignores,
        vex: Some(vex),
        ..evidence
    }
}
