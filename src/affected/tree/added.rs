//! What the graph of a tree does not say and a question needs: versions beside commits, actions inside of actions, what
//! is built under which lock, and installs that do not heed the lock beside them.

use super::compiled::Compiled;
use crate::affected::net::Net;
use crate::affected::net::Part;
use crate::affected::net::Tie;
use crate::commands::ActKind;
use crate::graph::Document;
use crate::graph::NodeKind;
use crate::graph::ci::pins;
use crate::graph::deployments;
use crate::graph::deployments::State;
use crate::graph::identity;
use crate::graph::kinds::workflow::Script;
use crate::graph::kinds::workflow::Uses;
use crate::graph::python::Site;
use crate::rules::Scene;
use crate::sbom::model::Occurrence;
use crate::source::FileId;
use crate::source::Place;
use crate::source::RepoPath;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// How keys of requirements begin that are open beside a lock.
pub(super) const OPEN: &str = "open:";

/// Ties that are added at most.
const MOST: usize = 200_000;

/// Adds it.
pub(super) fn to(net: &mut Net, scene: &Scene<'_>, compiled: &Compiled) {
    let keys: BTreeMap<String, usize> = net.parts.iter().enumerate().map(|(at, part)| (part.key.clone(), at)).collect();
    let mut adding = Adding { net, scene, keys, left: MOST };
    adding.actions();
    adding.reusable();
    adding.builds();
    adding.installs();
    adding.compiled(compiled);
    adding.images();
    adding.deployed();
}

pub(super) struct Adding<'a, 's> {
    pub(super) net: &'a mut Net,
    pub(super) scene: &'a Scene<'s>,
    pub(super) keys: BTreeMap<String, usize>,
    left: usize,
}

impl Adding<'_, '_> {
    pub(super) fn spot(&self, place: Place) -> Occurrence {
        let path = self.scene.sources.path(place.file).to_owned();
        Occurrence { path, line: self.scene.sources.start(place).line, how: None }
    }

    pub(super) fn tie(
        &mut self,
        from: usize,
        kind: &str,
        to: usize,
        requirement: Option<String>,
        spots: Vec<Occurrence>,
    ) {
        if let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            self.net.tie(Tie { from, to, kind: kind.to_owned(), requirement, spots });
        }
    }

    pub(super) fn part(&mut self, part: Part) -> usize {
        if let Some(&at) = self.keys.get(&part.key) {
            return at;
        }
        self.keys.insert(part.key.clone(), self.net.parts.len());
        self.net.add(part)
    }

    /// Comments beside commits, and what actions use in turn, as far as the tree knows.
    fn actions(&mut self) {
        let scene = self.scene;
        for (place, used) in pins::uses(scene.documents) {
            let Some(outer) = key(used).and_then(|key| self.keys.get(&key).copied()) else { continue };
            let file = scene.sources.get(place.file);
            let comment = file.and_then(|file| pins::comment(file, place.span)).and_then(pins::version);
            if let (Some(comment), Some(part)) = (comment, self.net.parts.get_mut(outer)) {
                part.comment.get_or_insert_with(|| comment.to_owned());
            }
            for reached in scene.pins.reached(used) {
                let Some(key) = key(&reached.uses) else { continue };
                let Uses::Repository { owner, repo, path, reference } = &reached.uses else { continue };
                let name = if path.is_empty() { format!("{owner}/{repo}") } else { format!("{owner}/{repo}/{path}") };
                let spot = self.spot(place);
                let inner = self.part(Part {
                    kind: "action".to_owned(),
                    key,
                    name,
                    version: Some(reference.clone()),
                    spots: vec![spot.clone()],
                    ..Part::default()
                });
                self.tie(outer, "runs", inner, None, vec![spot]);
            }
        }
    }

    /// Jobs of reusable workflows run what those run that stand in them; their callers are told beside them.
    fn reusable(&mut self) {
        let workflows: Vec<(usize, String)> = self
            .net
            .parts
            .iter()
            .enumerate()
            .filter(|(_, part)| part.kind == "workflow")
            .filter_map(|(at, part)| Some((at, identity::local_action(&RepoPath::new(&part.name)?))))
            .collect();
        for (workflow, action) in workflows {
            let Some(&action) = self.keys.get(&action) else { continue };
            self.tie(action, "runs", workflow, None, Vec::new());
        }
    }

    /// What jobs and images build with cargo, under the locks of the tree.
    fn builds(&mut self) {
        let scene = self.scene;
        let locks: Vec<(RepoPath, usize)> = scene
            .cargo
            .locks
            .iter()
            .filter_map(|lock| {
                let path = &scene.sources.get(lock.file)?.path;
                let at =
                    self.net.parts.iter().position(|part| part.kind == "manifest" && part.name == path.as_str())?;
                Some((path.parent(), at))
            })
            .collect();
        if locks.is_empty() {
            return;
        }
        let builds = |script: &Script| script.acts.iter().any(|act| matches!(act.kind, ActKind::CargoBuild { .. }));
        let mut found: Vec<(String, Place, Option<String>)> = Vec::new();
        for document in scene.documents {
            match document {
                Document::Workflow(workflow) => {
                    let Some(path) = scene.sources.get(workflow.file).map(|file| &file.path) else { continue };
                    for job in &workflow.jobs {
                        for step in &job.steps {
                            let Some(run) = step.run.as_ref().filter(|run| builds(run)) else { continue };
                            let key = identity::step(&identity::job_steps(path, &job.id.value), step.index);
                            let folder = step.working_directory.as_ref().map(|folder| folder.value.clone());
                            found.push((key, Place::new(workflow.file, run.span), folder));
                        }
                    }
                }
                Document::Action(action) => {
                    let path = scene.sources.path(action.file);
                    for step in &action.steps {
                        let Some(run) = step.run.as_ref().filter(|run| builds(run)) else { continue };
                        found.push((identity::step(path, step.index), Place::new(action.file, run.span), None));
                    }
                }
                Document::Dockerfile(dockerfile) => {
                    let Some(path) = scene.sources.get(dockerfile.file).map(|file| &file.path) else { continue };
                    for script in document.scripts().into_iter().filter(|script| builds(script)) {
                        let stage = dockerfile.stages.iter().rposition(|stage| stage.span.start <= script.span.start);
                        let key = identity::stage(path, stage.unwrap_or(0));
                        found.push((key, Place::new(dockerfile.file, script.span), None));
                    }
                }
                _ => {}
            }
        }
        for (key, place, folder) in found {
            let Some(&from) = self.keys.get(&key) else { continue };
            let folder = folder.and_then(|folder| RepoPath::new(&folder)).unwrap_or_default();
            let own = locks.iter().filter(|(of, _)| *of == folder).map(|(_, at)| *at).next();
            // Of several locks none of which lies where the command starts, the nearest to the root.
            let lock = own.or_else(|| locks.iter().min_by_key(|(of, _)| of.as_str().len()).map(|(_, at)| *at));
            if let Some(lock) = lock {
                let spot = self.spot(place);
                self.tie(from, "uses", lock, None, vec![spot]);
            }
        }
    }

    /// Lists that were compiled ask nobody for anything but through their locks.
    fn compiled(&mut self, compiled: &Compiled) {
        let scene = self.scene;
        for (list, lock) in compiled.pairs() {
            let (Some(list), Some(lock)) = (scene.python.sets.get(list), scene.python.sets.get(lock)) else { continue };
            let (Some(file), Some(held)) = (scene.sources.get(list.file), scene.requirements(lock.document)) else {
                continue;
            };
            let held: BTreeSet<String> =
                held.requirements.iter().map(|r| identity::distribution_name(&r.name.value)).collect();
            let Some(&from) = self.keys.get(&format!("manifest:{}", file.path)) else { continue };
            self.net.release(from, |part| {
                part.version.is_none() && held.contains(&identity::distribution_name(&part.name))
            });
        }
    }

    /// The node of the step or stage that starts a command.
    pub(super) fn site(&self, site: Site) -> Option<usize> {
        let documents = self.scene.documents;
        let path = |document: usize| {
            let file = documents.get(document)?.file();
            self.scene.sources.get(file).map(|file| &file.path)
        };
        let key = match site {
            Site::Step { document, job, step } => {
                let Some(Document::Workflow(workflow)) = documents.get(document) else { return None };
                identity::step(&identity::job_steps(path(document)?, &workflow.jobs.get(job)?.id.value), step)
            }
            Site::Action { document, step } => identity::step(path(document)?.as_str(), step),
            Site::Image { document, stage, .. } => identity::stage(path(document)?, stage),
            Site::Block { document, .. } => identity::script(path(document)?),
        };
        self.keys.get(&key).copied()
    }

    /// The names of images, where a build says them.
    fn images(&mut self) {
        let scene = self.scene;
        for image in &scene.images.files {
            let Some(path) = scene.sources.get(image.file).map(|file| &file.path) else { continue };
            let mut tags: Vec<&str> = image.builds.iter().flat_map(|build| &build.tags).map(String::as_str).collect();
            tags.retain(|tag| !tag.contains("${{") && !tag.is_empty());
            tags.sort_unstable();
            tags.dedup();
            tags.truncate(4);
            let at = self.keys.get(&identity::dockerfile(path)).copied();
            if let Some(part) = at.and_then(|at| self.net.parts.get_mut(at)).filter(|_| !tags.is_empty()) {
                part.attributes.insert("tags".to_owned(), tags.join(", "));
            }
        }
        for workspace in &scene.cargo.workspaces {
            for member in workspace.members.iter().filter(|member| member.has_binary) {
                let at = self.keys.get(&identity::local_crate(&member.folder, &member.name)).copied();
                if let Some(part) = at.and_then(|at| self.net.parts.get_mut(at)) {
                    part.attributes.insert("binary".to_owned(), "true".to_owned());
                }
            }
        }
    }
}

impl Adding<'_, '_> {
    /// Images that files of deployments start.
    fn deployed(&mut self) {
        let scene = self.scene;
        let counts = |file: FileId| !scene.role(file).is_set_aside();
        let started = deployments::started(scene.documents, scene.sources, &counts);
        for run in started.iter().flat_map(|one| &one.images).filter(|run| run.state != State::Unknown) {
            let Some(left) = self.left.checked_sub(1) else { return };
            self.left = left;
            let name = identity::image(&run.text);
            let full =
                name.host.map_or_else(|| name.repository.to_owned(), |host| format!("{host}/{}", name.repository));
            let at = self.part(Part {
                kind: NodeKind::Image.as_str().to_owned(),
                key: format!("image:{}", run.text),
                name: full,
                version: name.digest.or(name.tag).map(str::to_owned),
                ..Part::default()
            });
            let spot = self.spot(run.place);
            if let Some(part) = self.net.parts.get_mut(at).filter(|part| !part.spots.contains(&spot)) {
                part.spots.push(spot);
            }
        }
    }
}

/// The key of a use of another repository.
fn key(used: &Uses) -> Option<String> {
    match used {
        Uses::Repository { owner, repo, path, reference } => Some(identity::action(owner, repo, path, reference)),
        _ => None,
    }
}
