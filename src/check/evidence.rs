//! What is known of cargo's locks beside the files of the tree: metadata from files that were named,
//! or asked of cargo. What of it could not be had or used is said, never left out.

use std::collections::BTreeMap;

use crate::advisory::Date;
use crate::config::Effective;
use crate::graph::Document;
use crate::graph::build_class::{self, Metadata, Named, Origin};
use crate::graph::cargo::{CargoView, LockView};
use crate::graph::crates::AskFacts;
use crate::read::Reading;
use crate::source::{FileId, RepoPath};

/// Workspaces that cargo is asked about: a tree decides how many there are.
const ASKED: usize = 64;

/// Asks cargo about the workspace of a folder; the answer is metadata, or why there is none.
pub type AskCargo<'a> = dyn Fn(&RepoPath) -> Result<Metadata, String> + 'a;

/// What is known beside the files of the tree.
#[derive(Default)]
pub struct Evidence<'a> {
    /// Metadata of cargo from files that were named.
    pub given: Vec<Named>,
    /// How cargo is asked; none where it is not to be started.
    pub ask: Option<&'a AskCargo<'a>>,
    /// What this machine's cargo keeps of releases; none where it is not to be looked at.
    pub kept: Option<&'a AskFacts<'a>>,
    /// The day of the audit; none where nobody says, and then nothing is old or young.
    pub today: Option<Date>,
    /// Days that a release is to be out before it is taken; none for what is usual.
    pub cooldown: Option<u32>,
    /// Whether what other tools are told to ignore is honoured.
    pub honours_ignores: bool,
    /// Whether comments in files that excuse a finding are passed over.
    pub ignores_no_comments: bool,
    /// The policy in force; none where only what is built in holds.
    pub policy: Option<&'a Effective>,
    /// What the tree's own policy files say, where the policy of another one is in force: those of its documents.
    pub own_policy: Option<&'a [Document]>,
}

/// Asks about every workspace whose lock counts and of which no file spoke.
pub(super) fn ask_cargo(cargo: &mut CargoView, reading: &Reading, evidence: &Evidence<'_>) -> Vec<String> {
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

/// For each lock, where it is known from what a build uses its packages for.
pub(super) fn evidence_of(cargo: &CargoView) -> BTreeMap<FileId, Option<Origin>> {
    cargo
        .locks
        .iter()
        .map(|view| (view.file, view.built.as_ref().map(|b| b.origin).or(view.is_refined.then_some(Origin::Manifests))))
        .collect()
}
