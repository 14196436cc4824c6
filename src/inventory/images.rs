//! Container images: those that the tree's Dockerfiles build, with what they start from, and those that pipelines,
//! services and agents run.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::crates::weakest_excuse;
use super::local::Local;
use super::local::named;
use super::maker::Maker;
use super::maker::scope_of_role;
use super::words;
use crate::graph::Document;
use crate::graph::NodeKind;
use crate::graph::identity;
use crate::graph::identity::ImageName;
use crate::graph::images::ImageFile;
use crate::graph::kinds::docker::Base;
use crate::graph::kinds::docker::Dockerfile;
use crate::graph::kinds::docker::InstructionKind;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Unknown;
use crate::source::Place;

/// The id of the image that a Dockerfile builds.
pub(super) fn built_id(path: &str) -> String {
    format!("tree:{path}#image")
}

/// Digests that locks of the tree hold images at, by `host/repository:tag`.
pub(super) type Held = BTreeMap<String, (String, Option<Occurrence>)>;

/// Adds every image that the tree builds, and those that pipelines and agents run.
pub(super) fn add(maker: &mut Maker<'_>, local: &Local) {
    let held = held(maker);
    for (node, found) in maker.scene.graph.of(NodeKind::Image) {
        let reference = found.key.strip_prefix("image:").unwrap_or(&found.key);
        // What is built here under a name that no registry has is no image of a registry.
        if !maker.is_part(found) || local.is_kept(reference) {
            continue;
        }
        let evidence = maker.sightings(found);
        if !is_written(reference) {
            unknown(maker, reference, evidence.into_iter().next());
            continue;
        }
        let Some(mut component) = of_reference(reference, &held) else { continue };
        component.scope = weakest_excuse(maker, found);
        component.evidence.extend(evidence);
        maker.put(node, component);
    }
    for image in &maker.scene.images.files {
        if !image.role.is_set_aside() && maker.counts(image.file) {
            built(maker, image, (&held, local));
        }
    }
    // What a lock holds and nothing names any more is told all the same.
    for (reference, (digest, at)) in &held {
        let Some(mut component) = of_reference(&format!("{reference}@{digest}"), &held) else { continue };
        let is_known = maker.components.contains_key(&component.id);
        component.evidence.extend(at.clone());
        component.scope = if is_known { component.scope } else { Scope::Excluded };
        maker.merge(component);
    }
}

/// What locks hold of images.
pub(super) fn held(maker: &Maker<'_>) -> Held {
    let mut out = Held::new();
    for document in maker.scene.documents {
        let Document::CustodyLock(lock) = document else { continue };
        if !maker.counts(lock.file) {
            continue;
        }
        for (reference, image) in &lock.read.lock.images {
            let place = lock.place(&crate::lock::Subject::Image(reference.clone()));
            out.insert(reference.clone(), (image.digest.clone(), Some(maker.at(place, Some("locked")))));
        }
    }
    out
}

/// Whether a reference is a name and not something that is put in later.
pub(super) fn is_written(reference: &str) -> bool {
    let is_sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/' | b':' | b'@' | b'+');
    !reference.is_empty() && reference.bytes().all(is_sign)
}

fn unknown(maker: &mut Maker<'_>, text: &str, at: Option<Occurrence>) {
    let root = maker.root.clone();
    unknown_of(maker, &root, text, at);
}

/// Tells an image of a part whose name is not known.
pub(super) fn unknown_of(maker: &mut Maker<'_>, owner: &str, text: &str, at: Option<Occurrence>) {
    let (Some(text), Some(at)) = (words::plain(text), at) else { return };
    maker.unknowns.push(Unknown {
        kind: Kind::Image,
        text,
        why: "part of the image's name is only known when it is used".to_owned(),
        owner: Some(owner.to_owned()),
        at: Occurrence { how: None, ..at },
    });
}

/// Names of the registry that is asked where none is named.
const DEFAULT_HOSTS: &[&str] = &["docker.io", "index.docker.io", "registry-1.docker.io"];

/// The name of an image, without the registry that is asked where none is named.
fn short(reference: &str) -> ImageName<'_> {
    let mut name = identity::image(reference);
    if name.host.is_some_and(|host| DEFAULT_HOSTS.contains(&host)) {
        name.host = None;
        name.repository = name.repository.strip_prefix("library/").unwrap_or(name.repository);
    }
    name
}

/// The component of a reference whose tag is put in later; none where it names no image.
fn of_repository(reference: &str, held: &Held) -> Option<Component> {
    let mut component = of_reference(reference, held)?;
    let name = short(reference);
    if component.version.is_none() && name.tag.is_none() {
        let purl = identity::image_purl(&name)?;
        component.id.clone_from(&purl);
        component.purl = Some(purl);
        component.range = None;
        component.properties.insert("custody:pin".to_owned(), "unknown".to_owned());
    }
    Some(component)
}

/// The component of a reference; none where it names no image.
fn of_reference(reference: &str, held: &Held) -> Option<Component> {
    let mut name = short(reference);
    let repository = identity::image_repository(&name);
    let tagged = format!("{repository}:{}", name.tag.unwrap_or("latest"));
    let locked = held.get(&tagged).or_else(|| held.get(reference)).map(|(digest, _)| digest.as_str());
    name.digest = name.digest.or(locked);
    let hash = name.digest.and_then(Hash::of_text);
    name.digest = name.digest.filter(|_| hash.is_some());
    // What is asked for without a tag is asked for by this one.
    name.tag = name.tag.or_else(|| name.digest.is_none().then_some("latest"));
    let purl = identity::image_purl(&name)?;
    let (group, last) = repository.rsplit_once('/')?;
    let mut component = Component {
        id: purl.clone(),
        kind: Kind::Image,
        group: Some(group.to_owned()),
        name: last.to_owned(),
        version: name.digest.map(str::to_owned),
        range: name.tag.map(str::to_owned),
        purl: Some(purl),
        hashes: hash.into_iter().collect(),
        // What is in it is in the image and not in the tree.
        dependencies: Completeness::Unknown,
        ..Component::default()
    };
    let pin = if component.version.is_some() { "digest" } else { "tag" };
    component.properties.insert("custody:pin".to_owned(), pin.to_owned());
    Some(component)
}

/// The image of a Dockerfile.
fn built(maker: &mut Maker<'_>, image: &ImageFile, (held, local): (&Held, &Local)) {
    let scene = maker.scene;
    let Some(dockerfile) = scene.dockerfile(image.document) else { return };
    let path = maker.path(image.file);
    let id = built_id(path);
    let scope = scope_of_role(image.role);
    let shipped = shipped(dockerfile, image);
    let last = shipped.last().and_then(|at| dockerfile.stages.get(*at)).map(|stage| stage.from.span);
    let whole = maker.at(Place::new(image.file, last.unwrap_or_default()), Some("built from it"));
    let (group, name) = named(maker, image, local);
    let mut component = Component {
        id: id.clone(),
        kind: Kind::Image,
        group,
        name,
        scope,
        evidence: vec![whole.clone()],
        dependencies: Completeness::Unknown,
        ..Component::default()
    };
    component.properties.insert("custody:dockerfile".to_owned(), path.to_owned());
    maker.merge(component);
    let root = maker.root.clone();
    maker.relate(&root, RelationKind::Contains, &id, scope, Some(whole));
    let handed = handed(dockerfile, &shipped);
    let stages = dockerfile.stages.iter().map(|stage| (stage.span.start, shipped.contains(&stage.index)));
    maker.stages.insert(image.file, stages.collect());
    if let Some(syntax) = &dockerfile.syntax {
        let at = maker.at(Place::new(image.file, syntax.span), Some("syntax"));
        base(maker, &id, (&syntax.value, RelationKind::BuiltWith, Scope::Excluded), at, held);
    }
    for stage in &dockerfile.stages {
        let is_shipped = shipped.contains(&stage.index);
        let start = match (is_shipped, handed.contains(&stage.index)) {
            (true, _) => (RelationKind::BuiltFrom, scope),
            (false, true) => (RelationKind::DependsOn, scope),
            (false, false) => (RelationKind::BuiltWith, Scope::Excluded),
        };
        let at = maker.at(Place::new(image.file, stage.from.span), Some("FROM"));
        if stages_of(&stage.base, dockerfile).is_empty() {
            of_base(maker, &id, &stage.base, start, at, held);
        }
        for instruction in &stage.instructions {
            match &instruction.kind {
                InstructionKind::Copy(copy) => {
                    let Some((name, from)) = &copy.from else { continue };
                    let what = if is_shipped { RelationKind::DependsOn } else { RelationKind::BuiltWith };
                    let at = maker.at(Place::new(image.file, name.span), Some("COPY --from"));
                    let scope = if is_shipped { scope } else { Scope::Excluded };
                    of_base(maker, &id, from, (what, scope), at, held);
                }
                InstructionKind::Run { mounts, .. } => {
                    for mount in mounts {
                        if let Some(from) = dockerfile.mounted_from(stage.index, &mount.value) {
                            let at = maker.at(Place::new(image.file, mount.span), Some("RUN --mount"));
                            of_base(maker, &id, &from, (RelationKind::BuiltWith, Scope::Excluded), at, held);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// Stages that end in an image: those that a build names, those that no other stage takes from, which would be built
/// for nothing else, and what they start from.
fn shipped(dockerfile: &Dockerfile, image: &ImageFile) -> BTreeSet<usize> {
    let mut taken = BTreeSet::new();
    for stage in &dockerfile.stages {
        taken.extend(stages_of(&stage.base, dockerfile));
        for instruction in &stage.instructions {
            match &instruction.kind {
                InstructionKind::Copy(copy) => taken.extend(copy.from.as_ref().and_then(|(_, from)| of_stage(from))),
                InstructionKind::Run { mounts, .. } => {
                    let from = mounts.iter().filter_map(|mount| dockerfile.mounted_from(stage.index, &mount.value));
                    taken.extend(from.filter_map(|from| of_stage(&from)));
                }
                _ => {}
            }
        }
    }
    let targets = image.builds.iter().filter_map(|build| build.target.as_deref());
    let mut open: Vec<usize> = targets
        .filter_map(|target| crate::graph::kinds::docker::stage_named(target, &dockerfile.stages))
        .chain((0..dockerfile.stages.len()).filter(|at| !taken.contains(at)))
        .collect();
    let mut out = BTreeSet::new();
    while let Some(at) = open.pop() {
        if out.insert(at)
            && let Some(stage) = dockerfile.stages.get(at)
        {
            open.extend(stages_of(&stage.base, dockerfile));
        }
    }
    out
}

/// Stages that do nothing to the image that they start from, and from which a stage that ends in an image takes files:
/// what is taken is that image's.
fn handed(dockerfile: &Dockerfile, shipped: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    let stages = dockerfile.stages.iter().filter(|stage| shipped.contains(&stage.index));
    for instruction in stages.flat_map(|stage| &stage.instructions) {
        let InstructionKind::Copy(copy) = &instruction.kind else { continue };
        let mut next = copy.from.as_ref().and_then(|(_, from)| of_stage(from));
        while let Some(at) = next.filter(|at| is_plain(dockerfile, *at)) {
            if !out.insert(at) {
                break;
            }
            next = dockerfile.stages.get(at).and_then(|stage| of_stage(&stage.base));
        }
    }
    out
}

/// Whether a stage does nothing to what it starts from.
pub(super) fn is_plain(dockerfile: &Dockerfile, stage: usize) -> bool {
    let changes = |kind: &InstructionKind| matches!(kind, InstructionKind::Run { .. } | InstructionKind::Copy(_));
    dockerfile.stages.get(stage).is_some_and(|stage| !stage.instructions.iter().any(|one| changes(&one.kind)))
}

/// The stages that a base is or may be: `FROM build-${TARGETARCH}` starts from one of those called `build-..`.
fn stages_of(base: &Base, dockerfile: &Dockerfile) -> Vec<usize> {
    let text = match base {
        Base::Stage(at) => return vec![*at],
        Base::Unknown(text) => text,
        Base::Image { .. } | Base::Scratch | Base::Context(_) => return Vec::new(),
    };
    let Some((start, rest)) = text.split_once('$') else { return Vec::new() };
    let end = match rest.rsplit_once('}') {
        Some((_, end)) => end,
        None => rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
    };
    if start.is_empty() && end.is_empty() || [start, end].iter().any(|part| part.contains(['/', ':', '$', ' '])) {
        return Vec::new();
    }
    let (start, end) = (start.to_ascii_lowercase(), end.to_ascii_lowercase());
    let is_one = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.len() > start.len() + end.len() && name.starts_with(&start) && name.ends_with(&end)
    };
    let named = dockerfile.stages.iter().filter(|stage| stage.name.as_ref().is_some_and(|name| is_one(&name.value)));
    named.map(|stage| stage.index).collect()
}

fn of_stage(base: &Base) -> Option<usize> {
    if let Base::Stage(at) = base { Some(*at) } else { None }
}

/// Whether what stands at a place of a Dockerfile stands in a stage that ends in an image.
pub(super) fn ships(maker: &Maker<'_>, place: Place) -> bool {
    let Some(stages) = maker.stages.get(&place.file) else { return false };
    let at = stages.partition_point(|(start, _)| *start <= place.span.start);
    at.checked_sub(1).and_then(|at| stages.get(at)).is_some_and(|(_, ships)| *ships)
}

fn of_base(
    maker: &mut Maker<'_>,
    id: &str,
    from: &Base,
    (kind, scope): (RelationKind, Scope),
    at: Occurrence,
    held: &Held,
) {
    match from {
        Base::Image { reference, .. } => base(maker, id, (reference, kind, scope), at, held),
        Base::Unknown(text) => {
            let known = maker.unknowns.len();
            unknown(maker, text, Some(at));
            maker.unknowns.iter_mut().skip(known).for_each(|unknown| unknown.owner = Some(id.to_owned()));
        }
        Base::Stage(_) | Base::Scratch | Base::Context(_) => {}
    }
}

fn base(
    maker: &mut Maker<'_>,
    id: &str,
    (reference, kind, scope): (&str, RelationKind, Scope),
    at: Occurrence,
    held: &Held,
) {
    let Some(component) = of_reference(reference, held).filter(|_| is_written(reference)) else { return };
    let to = component.id.clone();
    let component = Component { scope, evidence: vec![at.clone()], ..component };
    maker.merge(component);
    maker.relate(id, kind, &to, scope, Some(at));
}

/// Adds an image that a part runs, by its reference; whether its tag is known.
pub(super) fn run(
    maker: &mut Maker<'_>,
    id: &str,
    (reference, is_told): (&str, bool),
    scope: Scope,
    at: Occurrence,
    held: &Held,
) {
    if !is_written(reference) {
        return unknown_of(maker, id, reference, Some(at));
    }
    if is_told {
        return base(maker, id, (reference, RelationKind::DependsOn, scope), at, held);
    }
    let Some(component) = of_repository(reference, held) else { return };
    let to = component.id.clone();
    if component.properties.get("custody:pin").is_some_and(|pin| pin == "unknown") {
        unknown_of(maker, id, reference, Some(at.clone()));
    }
    maker.merge(Component { scope, evidence: vec![at.clone()], ..component });
    maker.relate(id, RelationKind::DependsOn, &to, scope, Some(at));
}
