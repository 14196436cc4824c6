//! What of a tree could hide what is asked for: files that could not be read, names that are not written down, and
//! installs that nothing holds, whose own dependencies stand nowhere.
//!
//! Only what could name such a thing counts: a requirements file that cannot be read hides no action. What lies in
//! tests, examples and docs is told and does not decide: the product is asked about.

mod open;

use std::collections::BTreeSet;

use super::compiled::Compiled;
use crate::affected::Asked;
use crate::affected::Target;
use crate::affected::subject::Subject;
use crate::affected::subject::subjects;
use crate::graph::identity::distribution_name;
use crate::parse::Problem;
use crate::read::FileOutcome;
use crate::read::Outcome;
use crate::read::Reading;
use crate::rules::Scene;
use crate::source::Place;
use crate::source::RepoPath;
use crate::source::Role;
use crate::source::Tree;

use open::Open;

/// Names that one sentence tells.
const SHOWN: usize = 3;

/// Things that one answer tells beside what decides.
const MOST_ASIDE: usize = 200;

/// How sentences begin of what nothing names. Where something does, that is told instead.
pub(super) const UNNAMED: &str = "nothing names it, but ";

/// What could hide something.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    unread: Vec<Unread>,
    python: Open,
    cargo: Open,
    assets: Open,
}

/// A file that could not be read, or not to its end.
#[derive(Debug)]
struct Unread {
    reader: &'static str,
    is_aside: bool,
    /// It hides no action: only commands could not be read, which use none, or the workflow is refused as a whole.
    is_no_action: bool,
    why: String,
}

/// What gaps say to a question.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    /// Why it cannot be known whether the tree has it; none where nothing of the product hides it.
    pub(super) why: Option<String>,
    /// What installs without a lock, or loads what it names only then.
    pub(super) open: Option<String>,
    /// What of tests, examples and docs could hide it.
    pub(super) aside: Vec<String>,
}

impl Gaps {
    pub(super) fn of(scene: &Scene<'_>, tree: &Tree, reading: &Reading, compiled: &Compiled) -> Self {
        let files = reading.files.iter().chain(&reading.beside).filter_map(|file| unread(scene, file));
        Self {
            unread: files.chain(elsewhere(tree)).collect(),
            python: open::python(scene, compiled),
            cargo: open::cargo(scene),
            assets: open::assets(scene),
        }
    }

    /// What could hide what is asked for.
    pub(super) fn about(&self, asked: &Asked) -> Hidden {
        let mut hidden = Hidden::default();
        let mut aside = BTreeSet::new();
        let subjects: BTreeSet<Subject> = asked.targets.iter().flat_map(|target| subjects(target, asked)).collect();
        let (beside, own): (Vec<&Unread>, Vec<&Unread>) = self
            .unread
            .iter()
            .filter(|file| {
                let hides = |subject: &Subject| {
                    subject.is_said_by(file.reader) && !(file.is_no_action && *subject == Subject::Action)
                };
                subjects.iter().any(hides)
            })
            .partition(|file| file.is_aside);
        hidden.why = own.first().map(|first| match own.len() - 1 {
            0 => first.why.clone(),
            1 => format!("{}, and one more file", first.why),
            more => format!("{}, and {more} more files", first.why),
        });
        aside.extend(beside.iter().map(|file| file.why.clone()));
        for (subject, open) in
            [(Subject::Python, &self.python), (Subject::Cargo, &self.cargo), (Subject::Asset, &self.assets)]
        {
            if subjects.contains(&subject) {
                hidden.open = hidden.open.or_else(|| open.why.clone());
                aside.extend(open.aside.iter().cloned());
            }
        }
        let packages = asked.targets.iter().filter_map(|target| match target {
            Target::Package { name, .. } if subjects.contains(&Subject::Python) => Some(distribution_name(name)),
            _ => None,
        });
        let brought = packages.filter_map(|name| self.python.brought(&name)).next();
        hidden.open = hidden.open.or(brought);
        hidden.why = hidden.why.or_else(|| asked.targets.iter().find_map(never));
        hidden.aside = aside.into_iter().take(MOST_ASIDE).collect();
        hidden
    }
}

/// Why no tree can answer a target.
fn never(target: &Target) -> Option<String> {
    match target {
        Target::Package { ecosystem: Some(other), .. } if !matches!(other.as_str(), "pypi" | "cargo" | "conda") => {
            Some(format!("packages of {other} are not read"))
        }
        Target::Advisory(id) => Some(format!("no advisory of the id {id} is known")),
        _ => None,
    }
}

fn unread(scene: &Scene<'_>, file: &FileOutcome) -> Option<Unread> {
    let role = file.file.map_or_else(|| Role::of_path(&file.path), |id| scene.role(id));
    if role.is_set_aside() {
        return None;
    }
    let is_no_action = match &file.outcome {
        Outcome::Partial(problems) => {
            // A workflow of which a job is no job is refused as a whole, and runs nothing.
            let is_refused = |problem: &Problem| {
                problem.message.starts_with("job `") && problem.message.ends_with("should be a mapping")
            };
            problems.iter().all(|problem| problem.message.contains("shell") || is_refused(problem))
        }
        _ => false,
    };
    let why = match &file.outcome {
        // What says nothing hides nothing.
        Outcome::Unread(why) if why == "it is empty" => return None,
        Outcome::Unread(why) => format!("{} could not be read: {why}", file.path),
        Outcome::Partial(problems) => {
            let first = problems.first().map(|problem| problem.message.as_str()).unwrap_or_default();
            format!("{} could be read in part only: {first}", file.path)
        }
        Outcome::Read | Outcome::Skipped(_) => return None,
    };
    Some(Unread { reader: file.reader, is_aside: is_aside(role), is_no_action, why })
}

/// Folders that are another repository, of which nothing was read. Its workflows do not run here.
fn elsewhere(tree: &Tree) -> impl Iterator<Item = Unread> + '_ {
    let over = tree.passed_over.iter().filter(|over| over.why.contains("submodule"));
    over.map(|over| {
        let role = RepoPath::new(over.path.trim_end_matches('/')).map_or(Role::Product, |path| Role::of_path(&path));
        let why = format!("{} is a submodule, another repository: ask it on its own", over.path);
        Unread { reader: "submodule", is_aside: is_aside(role), is_no_action: false, why }
    })
}

/// Whether what lies there is told and does not decide.
pub(super) fn is_aside(role: Role) -> bool {
    matches!(role, Role::Documentation | Role::Test | Role::Example)
}

fn list(what: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = what.iter().take(SHOWN).map(String::as_str).collect();
    let more = what.len().saturating_sub(SHOWN);
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn spot(scene: &Scene<'_>, place: Place) -> String {
    format!("{} line {}", scene.sources.path(place.file), scene.sources.start(place).line)
}
