//! Dockerfiles tied to those who build them: which step builds which file from which context, and
//! whether it sends the image away.

mod builds;
pub(super) mod layout;

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::kinds::docker::{Base, Dockerfile, InstructionKind};
use super::paths::{Paths, is_pattern};
use crate::source::{FileId, Place, RepoPath, Role, Sources};

/// A Dockerfile and who builds it.
#[derive(Debug, Clone)]
pub struct ImageFile {
    /// Index of its document.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// What it is for: its path, corrected by who builds it.
    pub role: Role,
    /// The folder `COPY` reads from, where a build names one; else the file's own, or the tree's root
    /// where only that holds what is copied.
    pub context: RepoPath,
    /// Who builds it, the weightiest first: those that push before those that do not.
    pub builds: Vec<Build>,
    /// Files and folders of the tree that its instructions copy, in order.
    pub copied: Vec<Brought>,
}

/// A file or folder of the tree that a stage copies.
#[derive(Debug, Clone)]
pub struct Brought {
    /// Index of the stage.
    pub stage: usize,
    /// The instruction.
    pub place: Place,
    /// What is copied.
    pub path: RepoPath,
    /// It is named by itself and not as a pattern or part of a whole.
    pub by_name: bool,
}

/// A step that builds an image.
#[derive(Debug, Clone)]
pub struct Build {
    /// Index of the workflow's (or action's) document.
    pub document: usize,
    /// Index of the job; none in a composite action.
    pub job: Option<usize>,
    /// Index of the step.
    pub step: usize,
    /// Where it says so.
    pub place: Place,
    /// Whether the image is pushed, as far as the files say.
    pub pushes: bool,
    /// `target:`, where one is named.
    pub target: Option<String>,
    /// The image's names, as written.
    pub tags: Vec<String>,
}

/// All Dockerfiles of the tree.
#[derive(Debug, Default)]
pub struct ImageView {
    /// By path.
    pub files: Vec<ImageFile>,
    /// What was not followed to its end because a bound was reached, in sentences.
    pub cut: Vec<String>,
}

impl ImageView {
    /// Ties documents together.
    #[must_use]
    pub fn build(documents: &[Document], sources: &Sources, files: &BTreeSet<RepoPath>) -> Self {
        let paths = Paths::new(files);
        let mut by_path: BTreeMap<RepoPath, Vec<builds::Found>> = BTreeMap::new();
        for found in builds::find(documents, sources, &paths) {
            by_path.entry(found.dockerfile.clone()).or_default().push(found);
        }
        let (mut out, mut cut) = (Vec::new(), Vec::new());
        for (document, what) in documents.iter().enumerate() {
            let Document::Dockerfile(dockerfile) = what else { continue };
            let Some(file) = sources.get(dockerfile.file) else { continue };
            if dockerfile.stages.len() > layout::MAX_STAGES {
                let most = layout::MAX_STAGES;
                cut.push(format!("{}: more than {most} stages, what the rest install is not followed", file.path));
            }
            let mut found = by_path.remove(&file.path).unwrap_or_default();
            let is_live = |document: usize| {
                let by = documents.get(document).and_then(|d| sources.get(d.file()));
                by.is_some_and(|f| !Role::of_path(&f.path).is_set_aside())
            };
            // One that pushes tells more of what the image is for, and so does one that runs.
            found.sort_by_key(|f| (!is_live(f.build.document), !f.build.pushes));
            let pushed = found.iter().any(|f| f.build.pushes && is_live(f.build.document));
            let built = found.iter().any(|f| is_live(f.build.document));
            let context = match found.first() {
                Some(first) => first.context.clone(),
                None => likely_context(dockerfile, &file.path.parent(), &paths),
            };
            let mut image = ImageFile {
                document,
                file: dockerfile.file,
                role: role(&file.path, built, pushed),
                context,
                builds: found.into_iter().map(|f| f.build).collect(),
                copied: Vec::new(),
            };
            image.copied = copied(dockerfile, &image.context, &paths);
            out.push(image);
        }
        Self { files: out, cut }
    }

    /// The entry of a document.
    #[must_use]
    pub fn of_document(&self, document: usize) -> Option<&ImageFile> {
        self.files.binary_search_by_key(&document, |f| f.document).ok().and_then(|at| self.files.get(at))
    }
}

/// What a Dockerfile is for. One that is pushed is how something ships, wherever it lies; what is pushed
/// from among tests and examples stays one of them.
fn role(path: &RepoPath, built: bool, pushed: bool) -> Role {
    let by_path = Role::of_path(path);
    match by_path {
        Role::Test | Role::Example => by_path,
        _ if pushed => Role::Product,
        Role::Fixture | Role::Vendored if built => Role::Ci,
        Role::Product => by_name(path.name()),
        _ => by_path,
    }
}

/// `Dockerfile.dev`, `test.Dockerfile`, `Dockerfile_ci`: what the name says besides.
fn by_name(name: &str) -> Role {
    let name = name.to_ascii_lowercase();
    let parts = name.split(['.', '-', '_']).map(|part| match part {
        "ci" => Role::Ci,
        "dev" | "devel" | "development" | "devcontainer" | "gitpod" => Role::Development,
        "docs" | "doc" => Role::Documentation,
        "test" | "tests" | "testing" | "e2e" | "bench" | "benchmark" => Role::Test,
        "example" | "examples" | "demo" | "sample" => Role::Example,
        _ => Role::Product,
    });
    parts.max().unwrap_or(Role::Product)
}

/// Sources of copies looked at to find the context.
const MAX_SOURCES: usize = 64;

/// The folder a build most likely starts from: the file's own, unless only the tree's root or a folder
/// between holds what is copied.
fn likely_context(dockerfile: &Dockerfile, own: &RepoPath, paths: &Paths<'_>) -> RepoPath {
    let sources: Vec<&str> = dockerfile
        .stages
        .iter()
        .flat_map(|stage| &stage.instructions)
        .filter_map(|i| if let InstructionKind::Copy(copy) = &i.kind { Some(copy) } else { None })
        .filter(|copy| copy.from.is_none())
        .flat_map(|copy| &copy.sources)
        .map(|source| source.value.trim_start_matches('/'))
        .filter(|text| !text.contains("://") && !text.contains('$') && !text.split('/').any(is_pattern))
        .filter(|text| !matches!(*text, "" | "." | "./"))
        .take(MAX_SOURCES)
        .collect();
    let held = |folder: &RepoPath| sources.iter().filter(|s| folder.join(s).is_some_and(|p| paths.has(&p))).count();
    let mut best = (held(own), own.clone());
    let mut at = own.clone();
    while !at.is_root() && best.0 < sources.len() {
        at = at.parent();
        let count = held(&at);
        if count > best.0 {
            best = (count, at.clone());
        }
    }
    best.1
}

fn copied(dockerfile: &Dockerfile, context: &RepoPath, paths: &Paths<'_>) -> Vec<Brought> {
    let mut out = Vec::new();
    layout::walk(dockerfile, context, paths, &mut |seen| {
        let InstructionKind::Copy(copy) = &seen.what.kind else { return };
        if matches!(copy.from, Some((_, Base::Stage(_)))) {
            return;
        }
        for path in seen.brought {
            let by_name = copy.sources.iter().any(|s| !is_pattern(&s.value) && s.value.ends_with(path.name()));
            out.push(Brought {
                stage: seen.stage.index,
                place: Place::new(dockerfile.file, seen.what.span),
                by_name: by_name && !path.is_root(),
                path,
            });
        }
    });
    out
}
