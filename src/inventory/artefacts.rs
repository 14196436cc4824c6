//! What leaves a repository: crates, wheels, images and services, and of each the part of the bill of materials that
//! goes with it.
//!
//! A pure function of the bill of materials of the whole tree. What is not shipped with an artefact is left out: what
//! tests and checks use, what other artefacts need, actions of pipelines. What builds it stays, and is said to be that.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::deployments::MARK;
use super::maker::UNREAD;
use crate::sbom::Bom;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Unknown;

/// What kind of thing leaves the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// A crate that may be published, or that has a program.
    Crate,
    /// A project of Python.
    Wheel,
    /// The image of a Dockerfile.
    Image,
    /// What files of deployments start: a service, a workload, a chart.
    Service,
}

impl Form {
    /// The word that stands before the name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Crate => "crate",
            Self::Wheel => "wheel",
            Self::Image => "image",
            Self::Service => "service",
        }
    }

    /// Whether what is in images is in it.
    fn runs_images(self) -> bool {
        matches!(self, Self::Image | Self::Service)
    }
}

/// Something that leaves the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Artefact {
    /// What it is.
    pub form: Form,
    /// Its name: of a package, the name, with `@FOLDER` where several share it; of an image, the path of its
    /// Dockerfile; of a service, the name that its file gives.
    pub name: String,
    /// The id of its component.
    pub id: String,
}

impl Artefact {
    /// What it is called on the command line: `crate:NAME`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}:{}", self.form.word(), self.name)
    }
}

/// Everything that leaves the repository, in the order of forms and names.
#[must_use]
pub fn list(bom: &Bom) -> Vec<Artefact> {
    let mut out: Vec<(Artefact, String)> = bom.components.iter().filter_map(|one| of_component(bom, one)).collect();
    let mut shared: BTreeMap<(Form, String), usize> = BTreeMap::new();
    for (artefact, _) in &out {
        *shared.entry((artefact.form, artefact.name.clone())).or_default() += 1;
    }
    for (artefact, folder) in &mut out {
        let count = shared.get(&(artefact.form, artefact.name.clone())).copied().unwrap_or_default();
        if count > 1 && !folder.is_empty() {
            artefact.name = format!("{}@{folder}", artefact.name);
        }
    }
    let mut out: Vec<Artefact> = out.into_iter().map(|(artefact, _)| artefact).collect();
    out.sort();
    out
}

/// The artefact that a component is, with its folder.
fn of_component(bom: &Bom, component: &Component) -> Option<(Artefact, String)> {
    if component.scope == Scope::Excluded {
        return None;
    }
    let artefact = |form, name: &str| Artefact { form, name: name.to_owned(), id: component.id.clone() };
    let rest = component.id.strip_prefix("tree:")?;
    let (folder, what) = rest.rsplit_once('#')?;
    if let Some(name) = what.strip_prefix("cargo:") {
        // One without a package URL is not published.
        let leaves = component.purl.is_some() || component.kind == Kind::Application;
        return leaves.then(|| (artefact(Form::Crate, name), folder.to_owned()));
    }
    if let Some(name) = what.strip_prefix("pypi:") {
        // Many have their version from elsewhere, and no package URL for that reason; one that has a version and no
        // package URL is not published.
        let is_built = bom.relations.iter().any(|r| r.from == component.id && r.kind == RelationKind::BuiltFrom);
        let leaves = component.purl.is_some() || component.version.is_none() || is_built;
        return leaves.then(|| (artefact(Form::Wheel, name), folder.to_owned()));
    }
    if what == "image" {
        return Some((artefact(Form::Image, folder), String::new()));
    }
    if let Some(name) = what.strip_prefix("service:") {
        return Some((artefact(Form::Service, name), folder.to_owned()));
    }
    None
}

/// The part of a bill of materials that goes with an artefact, with the artefact as its root.
#[must_use]
pub fn of(bom: &Bom, artefact: &Artefact) -> Bom {
    let reached = reach(bom, artefact);
    let mut out = Bom { about: bom.about.clone(), root: Some(artefact.id.clone()), ..Bom::default() };
    out.about.id = None;
    out.about.revision = None;
    // How much of the repository is set aside is said of the repository.
    out.about.properties.remove("custody:files-set-aside");
    out.about.properties.remove(UNREAD);
    let is_product = bom.root.as_deref() == Some(artefact.id.as_str());
    if !is_product {
        // What a person states of the system as a whole is not stated of a part of it.
        out.about.statements.clear();
    }
    for component in &bom.components {
        let Some(scope) = reached.get(component.id.as_str()) else { continue };
        out.components.push(Component { scope: *scope, ..component.clone() });
    }
    let is_in = |id: &str| reached.contains_key(id);
    let kept = bom.relations.iter().filter(|r| is_in(&r.from) && is_in(&r.to) && goes_along(artefact, bom, r));
    out.relations = kept.cloned().collect();
    for process in &bom.processes {
        if process.outputs.iter().any(|id| is_in(id)) {
            let mut process = process.clone();
            process.inputs.retain(|id| is_in(id));
            process.outputs.retain(|id| is_in(id));
            out.processes.push(process);
        }
    }
    unknowns(bom, artefact, &reached, &mut out);
    out.settle();
    out
}

/// What goes with an artefact, and how much it needs it.
fn reach<'b>(bom: &'b Bom, artefact: &'b Artefact) -> BTreeMap<&'b str, Scope> {
    let mut of: BTreeMap<&str, Vec<&Relation>> = BTreeMap::new();
    for relation in &bom.relations {
        of.entry(relation.from.as_str()).or_default().push(relation);
    }
    let mut out: BTreeMap<&str, Scope> = BTreeMap::new();
    // The most needed first, so that each part is looked at once.
    let mut open: BTreeSet<(Scope, &str)> = [(Scope::Required, artefact.id.as_str())].into();
    while let Some((scope, id)) = open.pop_first() {
        if out.contains_key(id) {
            continue;
        }
        out.insert(id, scope);
        // What builds a part is told; what that is made of is not the artefact's matter.
        if scope == Scope::Excluded {
            continue;
        }
        for relation in of.get(id).into_iter().flatten().filter(|relation| goes_along(artefact, bom, relation)) {
            let next = scope.max(relation.scope);
            if !out.contains_key(relation.to.as_str()) {
                open.insert((next, relation.to.as_str()));
            }
        }
    }
    out
}

/// Whether what a relation leads to goes with the artefact.
fn goes_along(artefact: &Artefact, bom: &Bom, relation: &Relation) -> bool {
    let Some(to) = bom.component(&relation.to) else { return false };
    if to.kind == Kind::Action {
        return false;
    }
    // Of what is not shipped, what builds it is told.
    if relation.scope == Scope::Excluded && relation.kind != RelationKind::BuiltWith {
        return false;
    }
    let is_package = |id: &str, mark: &str| id.starts_with("tree:") && id.contains(mark);
    let (is_crate, is_wheel) = (is_package(&relation.from, "#cargo:"), is_package(&relation.from, "#pypi:"));
    let is_of_tree = to.id.starts_with("tree:");
    // The package at the root of a tree stands for the product too: what the product holds, runs and is checked with
    // is in none of its releases.
    if is_crate || is_wheel {
        let is_other = is_of_tree && ["#cargo:", "#pypi:", "#image", MARK].iter().any(|mark| to.id.contains(mark));
        if relation.kind == RelationKind::Contains && is_other {
            return false;
        }
        if to.kind == Kind::Image {
            return false;
        }
        let foreign = |types: &[&str]| to.purl.as_deref().is_some_and(|purl| types.iter().any(|t| purl.starts_with(t)));
        if relation.kind == RelationKind::DependsOn
            && ((is_crate && foreign(&["pkg:pypi/", "pkg:conda/"])) || (is_wheel && foreign(&["pkg:cargo/"])))
        {
            return false;
        }
    }
    // An image that a Dockerfile builds holds the images that it starts from, and none that it runs beside.
    artefact.form == Form::Image || to.kind != Kind::Image || !matches!(relation.kind, RelationKind::Contains)
}

/// What is not known of an artefact.
fn unknowns(bom: &Bom, artefact: &Artefact, reached: &BTreeMap<&str, Scope>, out: &mut Bom) {
    let folder = folder_of(artefact);
    let mut unread = 0;
    for unknown in &bom.unknowns {
        let owner = unknown.owner.as_deref();
        let is_unread = unknown.kind == Kind::File && unknown.at.path == unknown.text;
        let shipped = owner.and_then(|owner| reached.get(owner)).is_some_and(|scope| *scope != Scope::Excluded);
        // A lock or manifest above a package says what the package needs.
        let is_above = is_unread && holds(unknown.at.path.rsplit_once('/').map_or("", |(above, _)| above), folder);
        let is_beside = !artefact.form.runs_images() && matches!(unknown.kind, Kind::Image | Kind::Action);
        if !(shipped || is_above) || is_beside {
            continue;
        }
        unread += usize::from(is_unread);
        let owner = if shipped { unknown.owner.clone() } else { Some(artefact.id.clone()) };
        out.unknowns.push(Unknown { owner, ..unknown.clone() });
    }
    if unread > 0 {
        out.about.properties.insert(UNREAD.to_owned(), unread.to_string());
    }
    if !artefact.form.runs_images() {
        return;
    }
    let at = out.components.iter().find(|one| one.id == artefact.id).and_then(|one| one.evidence.first());
    let path = at.map_or_else(|| artefact.name.clone(), |at| at.path.clone());
    if let Some(own) = out.components.iter_mut().find(|one| one.id == artefact.id) {
        own.dependencies = Completeness::Incomplete;
    }
    out.unknowns.push(Unknown {
        kind: Kind::OperatingSystem,
        text: "packages of the system".to_owned(),
        why: "what is in the base and what its package manager brings is only known from the built image".to_owned(),
        owner: Some(artefact.id.clone()),
        at: Occurrence { path, line: 0, how: None },
    });
}

/// The folder of an artefact; of the root, no text.
fn folder_of(artefact: &Artefact) -> &str {
    let rest = artefact.id.strip_prefix("tree:").unwrap_or_default();
    let place = rest.rsplit_once('#').map_or(rest, |(place, _)| place);
    match artefact.form {
        Form::Image => place.rsplit_once('/').map_or("", |(above, _)| above),
        _ if place == "." => "",
        _ => place,
    }
}

/// Whether a folder holds another, or is it.
fn holds(above: &str, folder: &str) -> bool {
    above.is_empty() || folder == above || folder.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

/// Names of files for artefacts, in their order, without an ending: letters, digits, dots, dashes and underscores,
/// and none twice, on file systems that know no case either. `repository` is taken.
#[must_use]
pub fn file_names(artefacts: &[Artefact]) -> Vec<String> {
    let mut taken: BTreeSet<String> = [REPOSITORY.to_owned()].into();
    let mut out = Vec::with_capacity(artefacts.len());
    for artefact in artefacts {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let label = artefact.label();
        let safe: String = label.chars().map(|c| if is_safe(c) { c } else { '-' }).take(NAME).collect();
        let mut name = safe.clone();
        let mut count = 1_usize;
        while !taken.insert(name.to_ascii_lowercase()) {
            count += 1;
            name = format!("{safe}-{count}");
        }
        out.push(name);
    }
    out
}

/// What the document of the whole repository is called.
pub const REPOSITORY: &str = "repository";

/// Characters of a file's name, at most, without what is put behind it.
const NAME: usize = 120;
