//! What GitLab's jobs take over from each other: `extends`, `!reference` and `default` name jobs of any file
//! of the pipeline. A job's rights are its own and those of all it takes over; commands of a hidden job are
//! run by the jobs that take it over.

use std::collections::{BTreeMap, BTreeSet};

use super::Privilege;
use super::other::MAX_SECRETS;
use crate::graph::Document;
use crate::graph::kinds::gitlab::GitlabJob;
use crate::graph::kinds::workflow::{Job, Service, Step, Workflow};
use crate::source::{FileId, Span, Spanned};

/// Jobs of one name that are looked at: an include may bring several of them.
const MAX_SAME: usize = 4;
/// Jobs that one job takes over, through others. GitLab allows eleven levels.
const MAX_ABOVE: usize = 64;
/// Steps along `extends` in one tree.
const MAX_STEPS: usize = 200_000;

/// One job, as both documents tell it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole<'a> {
    /// Its pipeline file.
    pub(crate) workflow: &'a Workflow,
    /// Jobs, scripts, images.
    pub(crate) job: &'a Job,
    /// The rest.
    pub(crate) more: &'a GitlabJob,
}

/// All GitLab jobs of a tree, and who takes over what.
#[derive(Debug, Default)]
pub(crate) struct GitlabJobs<'a> {
    all: Vec<Whole<'a>>,
    /// For each job, what its own lines hold.
    own: Vec<Privilege>,
    /// What `default` holds for jobs that have a `before_script` of their own in place of its.
    bare: BTreeMap<usize, Privilege>,
    /// For each job, those it takes over, itself left out.
    above: Vec<Vec<usize>>,
    by_job: BTreeMap<(FileId, &'a str), usize>,
    /// What was left out, in a sentence.
    pub(crate) cut: Option<String>,
}

impl<'a> GitlabJobs<'a> {
    /// Reads them off the documents.
    pub(crate) fn of(documents: &'a [Document]) -> Self {
        let pipelines: BTreeMap<FileId, &[GitlabJob]> = documents
            .iter()
            .filter_map(|d| if let Document::Gitlab(g) = d { Some((g.file, g.jobs.as_slice())) } else { None })
            .collect();
        let mut out = Self::default();
        for document in documents {
            let Document::Workflow(workflow) = document else { continue };
            if workflow.service != Service::GitLab {
                continue;
            }
            let more = pipelines.get(&workflow.file).copied().unwrap_or(&[]);
            out.all.extend(workflow.jobs.iter().zip(more).map(|(job, more)| Whole { workflow, job, more }));
        }
        let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, whole) in out.all.iter().enumerate() {
            named.entry(whole.more.id.value.as_str()).or_default().push(index);
            out.by_job.insert((whole.workflow.file, whole.job.id.value.as_str()), index);
        }
        out.own = out.all.iter().map(|whole| super::privilege(whole.workflow, whole.job)).collect();
        let each = out.all.iter().zip(&out.own).enumerate();
        out.bare = each.filter_map(|(index, (whole, own))| Some((index, bare(whole, own)?))).collect();
        let mut left = MAX_STEPS;
        out.above = (0..out.all.len()).map(|index| above(&out.all, &named, index, &mut left)).collect();
        out.cut = (left == 0).then(|| {
            "GitLab's jobs take over more from each other than is followed; what the rest of them hold and run is unknown"
                .to_owned()
        });
        out
    }

    /// All jobs, hidden ones among them, in the order of their files.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Whole<'a>> + '_ {
        self.all.iter().copied()
    }

    /// The job of a file and name.
    pub(crate) fn find(&self, workflow: &Workflow, job: &Job) -> Option<Whole<'a>> {
        self.position(workflow, job).and_then(|index| self.all.get(index)).copied()
    }

    /// Jobs that a job takes over.
    pub(crate) fn above(&self, workflow: &Workflow, job: &Job) -> impl Iterator<Item = Whole<'a>> + '_ {
        let above = self.position(workflow, job).and_then(|index| self.above.get(index));
        above.into_iter().flatten().filter_map(|index| self.all.get(*index)).copied()
    }

    /// What code in a job could gain, through all that it takes over.
    pub(crate) fn privilege(&self, workflow: &Workflow, job: &Job) -> Privilege {
        let Some(position) = self.position(workflow, job) else { return super::privilege(workflow, job) };
        let mut out = self.own.get(position).cloned().unwrap_or_default();
        if let Some(whole) = self.all.get(position) {
            release(whole, None, &mut out);
        }
        let above = || self.above.get(position).into_iter().flatten().copied();
        let mut line = above().chain([position]).filter_map(|index| self.all.get(index));
        let replaces = line.any(|whole| whole.more.has_before_script);
        for index in above() {
            let taken = self.bare.get(&index).filter(|_| replaces).or_else(|| self.own.get(index));
            let Some((whole, taken)) = self.all.get(index).zip(taken) else { continue };
            // Its places may lie in another file, which the route cannot show: the job that takes it over can.
            let moved = (whole.workflow.file != workflow.file).then_some(job.id.span);
            let placed = |named: &Spanned<String>| Spanned::new(named.value.clone(), moved.unwrap_or(named.span));
            for secret in &taken.secrets {
                if out.secrets.len() < MAX_SECRETS && !out.secrets.iter().any(|known| known.value == secret.value) {
                    out.secrets.push(placed(secret));
                }
            }
            out.publishes.extend(taken.publishes.iter().map(placed));
            out.sites.extend(taken.sites.iter().map(placed));
            out.pushes_image = out.pushes_image.or_else(|| taken.pushes_image.as_ref().map(placed));
            out.pushes_commits = out.pushes_commits.or(taken.pushes_commits.map(|span| moved.unwrap_or(span)));
            release(whole, moved, &mut out);
        }
        out
    }

    fn position(&self, workflow: &Workflow, job: &Job) -> Option<usize> {
        self.by_job.get(&(workflow.file, job.id.value.as_str())).copied()
    }
}

/// What `default` holds without its `before_script`; none where it has none, or for another job.
fn bare(whole: &Whole<'_>, own: &Privilege) -> Option<Privilege> {
    let is_before = |step: &&Step| step.name.as_ref().is_some_and(|name| name.value == "before_script");
    let before = whole.job.steps.iter().find(is_before).filter(|_| whole.more.id.value == "default")?.span;
    let mut out = own.clone();
    out.secrets.retain(|secret| !before.contains(secret.span));
    out.publishes.retain(|what| !before.contains(what.span));
    out.sites.retain(|what| !before.contains(what.span));
    out.pushes_image = out.pushes_image.filter(|what| !before.contains(what.span));
    out.pushes_commits = out.pushes_commits.filter(|span| !before.contains(*span));
    Some(out)
}

/// `release` makes one; `pages` is the job that puts out the project's site.
fn release(whole: &Whole<'_>, moved: Option<Span>, out: &mut Privilege) {
    if let Some(span) = whole.more.release {
        out.publishes.push(Spanned::new("release".to_owned(), moved.unwrap_or(span)));
    }
    if whole.more.id.value == "pages" {
        out.sites.push(Spanned::new("pages".to_owned(), moved.unwrap_or(whole.more.id.span)));
    }
}

/// The jobs that one takes over, through others.
fn above(all: &[Whole<'_>], named: &BTreeMap<&str, Vec<usize>>, index: usize, left: &mut usize) -> Vec<usize> {
    let mut seen = BTreeSet::from([index]);
    let mut queue = vec![index];
    let mut out = Vec::new();
    while let Some(at) = queue.pop() {
        let Some(whole) = all.get(at) else { continue };
        let more = whole.more;
        let mut names: Vec<&str> =
            more.extends.iter().chain(&more.references).map(|name| name.value.as_str()).collect();
        if at == index && !more.is_hidden && !more.refuses_default {
            names.push("default");
        }
        for name in names {
            let Some(rest) = left.checked_sub(1) else { return out };
            *left = rest;
            let same = named.get(name).map_or(&[][..], Vec::as_slice);
            // One of the same file hides those of others.
            let own = same.iter().find(|i| all.get(**i).is_some_and(|w| w.workflow.file == whole.workflow.file));
            let found = own.map_or(same, std::slice::from_ref);
            for &next in found.iter().take(MAX_SAME) {
                if out.len() < MAX_ABOVE && seen.insert(next) {
                    out.push(next);
                    queue.push(next);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::kinds::gitlab::GitlabPipeline;

    /// Files of jobs: name, and what each takes over.
    fn documents(files: &[&[(&str, &[&str])]]) -> Vec<Document> {
        let named = |name: &str| Spanned::new(name.to_owned(), Span::default());
        let mut out = Vec::new();
        for (index, jobs) in files.iter().enumerate() {
            let file = FileId(u32::try_from(index).unwrap());
            let told = jobs.iter().map(|(name, _)| Job { id: named(name), ..Job::default() }).collect();
            let more = jobs.iter().map(|(name, extends)| GitlabJob {
                id: named(name),
                extends: extends.iter().map(|e| named(e)).collect(),
                is_hidden: name.starts_with('.') || *name == "default",
                ..GitlabJob::default()
            });
            let pipeline = GitlabPipeline { file, jobs: more.collect(), ..GitlabPipeline::default() };
            let service = Service::GitLab;
            out.push(Document::Workflow(Workflow { file, service, jobs: told, ..Workflow::default() }));
            out.push(Document::Gitlab(pipeline));
        }
        out
    }

    #[test]
    fn a_before_script_stands_in_place_of_the_one_of_default() {
        let files: &[&[(&str, &[&str])]] = &[&[("a", &[]), ("b", &[".t"]), (".t", &[]), ("default", &[])]];
        let mut documents = documents(files);
        for document in &mut documents {
            match document {
                Document::Workflow(workflow) => {
                    let span = Span::new(10, 20);
                    let name = Some(Spanned::new("before_script".to_owned(), span));
                    workflow.jobs[3].steps.push(Step { span, name, ..Step::default() });
                }
                Document::Gitlab(pipeline) => pipeline.jobs[2].has_before_script = true,
                _ => {}
            }
        }
        let mut jobs = GitlabJobs::of(&documents);
        let secret = Spanned::new("KEY".to_owned(), Span::new(12, 15));
        jobs.own[3].secrets.push(secret);
        jobs.bare.insert(3, bare(&jobs.all[3], &jobs.own[3]).unwrap());
        let held = |at: usize| jobs.privilege(jobs.all[at].workflow, jobs.all[at].job).secrets.len();
        assert_eq!((held(0), held(1)), (1, 0));
    }

    #[test]
    fn jobs_take_over_from_their_own_file_first_and_from_others() {
        let files: &[&[(&str, &[&str])]] = &[
            &[("a", &[".x", ".y"]), (".x", &[".z"]), (".loop", &[".loop"])],
            &[(".x", &[]), (".y", &[]), (".z", &[".x"]), ("default", &[])],
        ];
        let documents = documents(files);
        let jobs = GitlabJobs::of(&documents);
        let first = jobs.iter().next().unwrap();
        let mut above: Vec<String> =
            jobs.above(first.workflow, first.job).map(|w| format!("{}{}", w.workflow.file.0, w.job.id.value)).collect();
        above.sort();
        // `.z` is of the second file, and so is the `.x` that it takes over.
        assert_eq!(above, ["0.x", "1.x", "1.y", "1.z", "1default"]);
        let itself = jobs.iter().find(|w| w.job.id.value == ".loop").unwrap();
        assert_eq!(jobs.above(itself.workflow, itself.job).count(), 0);
    }
}
