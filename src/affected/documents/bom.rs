//! Answers of one bill of materials.

use std::collections::HashMap;
use std::collections::VecDeque;

use super::Marks;
use super::NOT_WHOLE;
use super::bare;
use super::cannot_know;
use super::uncovered;
use super::wants;
use crate::affected::Answer;
use crate::affected::Asked;
use crate::affected::Fit;
use crate::affected::Standing;
use crate::affected::Target;
use crate::affected::Thing;
use crate::affected::target::host_of_authority;
use crate::affected::target::package_url;
use crate::sbom::Bom;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::RelationKind;
use crate::sbom::read::Read;

/// Parts that one answer names.
const MOST: usize = 20;

/// A bill of materials that is asked.
pub(super) struct Bill<'a> {
    read: &'a Read,
    bytes: &'a [u8],
    parents: HashMap<&'a str, &'a str>,
}

impl<'a> Bill<'a> {
    pub(super) fn new(read: &'a Read, bytes: &'a [u8]) -> Self {
        Self { read, bytes, parents: parents(&read.bom) }
    }

    pub(super) fn answer(&self, asked: &Asked, who: &str, marks: &Marks) -> Answer {
        let bom = &self.read.bom;
        let mut hits: Vec<(Fit, &Component)> = Vec::new();
        for component in &bom.components {
            let fit = things(component).iter().map(|thing| asked.fit(&thing.thing())).max().unwrap_or(Fit::Different);
            if fit > Fit::Different {
                hits.push((fit, component));
            }
        }
        hits.sort_by(|a, b| (std::cmp::Reverse(a.0), &a.1.id).cmp(&(std::cmp::Reverse(b.0), &b.1.id)));
        let Some((best, first)) = hits.first() else { return self.nothing(asked, who, marks) };
        let standing = best.standing();
        let place = self.line(first).map_or_else(|| who.to_owned(), |line| format!("{who} line {line}"));
        let name = title(first);
        let why = match best {
            Fit::Exact => format!("{place} lists {name}"),
            Fit::Admits => match &first.range {
                Some(range) => format!("{place} lists {name} as {range}, which lets it in"),
                None => format!("{place} lists {name} without a version"),
            },
            Fit::Unclear => format!("{place} lists {name}, which cannot be compared with what is asked for"),
            Fit::Elsewhere | Fit::Different => format!("{place} lists {name}"),
        };
        let mut answer = bare(asked, who, standing, why);
        if standing == Standing::No {
            return answer;
        }
        answer.path = self.path(first);
        for (_, component) in hits.iter().filter(|(fit, _)| fit.standing() == standing).take(MOST) {
            answer.spots.extend(component.evidence.iter().cloned());
        }
        answer.spots.sort();
        answer.spots.dedup();
        answer.rebuild = self.rebuild();
        answer
    }

    /// Where nothing of it is listed.
    fn nothing(&self, asked: &Asked, who: &str, marks: &Marks) -> Answer {
        let bom = &self.read.bom;
        if let Some(problem) = self.read.problems.first() {
            let why = format!("line {} of it could not be used: {}", problem.line, problem.message);
            return cannot_know(asked, who, why);
        }
        if let Some(why) = uncovered(asked, marks) {
            return cannot_know(asked, who, why);
        }
        if let Some(unknown) = bom.unknowns.iter().find(|unknown| wants(asked, unknown.kind)) {
            let why = format!("it names a {} that is not known: {}", unknown.kind.word(), unknown.why);
            return cannot_know(asked, who, why);
        }
        let root = bom.root.as_deref().and_then(|id| bom.components.iter().find(|one| one.id == id));
        match root.map(|root| root.dependencies) {
            // Of what is known to be unknown it says so itself, by kind; the rest is whole.
            Some(Completeness::Incomplete | Completeness::Unknown) if bom.unknowns.is_empty() => {
                cannot_know(asked, who, NOT_WHOLE.to_owned())
            }
            _ => bare(asked, who, Standing::No, "it does not list it".to_owned()),
        }
    }

    /// The line of the document in which a part stands, from 1; none where its text is not found as it is.
    fn line(&self, component: &Component) -> Option<usize> {
        let find = |text: &str| {
            let quoted = format!("\"{text}\"");
            let found = self.bytes.windows(quoted.len()).position(|window| window == quoted.as_bytes())?;
            let before = self.bytes.get(..found)?;
            Some(before.iter().filter(|byte| **byte == b'\n').count() + 1)
        };
        component.purl.as_deref().and_then(find).or_else(|| find(&component.id)).or_else(|| find(&component.name))
    }

    /// The way from the root to a part.
    fn path(&self, component: &'a Component) -> Vec<String> {
        let mut out = vec![title(component)];
        let mut at = component.id.as_str();
        // A part that stands above itself ends no way.
        for _ in 0..self.parents.len() {
            let Some(parent) = self.parents.get(at) else { break };
            let known = self.read.bom.components.iter().find(|one| one.id == **parent);
            out.push(known.map_or_else(|| (*parent).to_owned(), title));
            at = parent;
            if out.len() > 64 {
                break;
            }
        }
        out.reverse();
        out
    }

    /// What the document describes, which is to be made again.
    fn rebuild(&self) -> Vec<String> {
        let bom = &self.read.bom;
        let root = bom.root.as_deref().and_then(|id| bom.components.iter().find(|one| one.id == id));
        root.map(|root| format!("{} ({}), which the document describes", title(root), root.kind.word()))
            .into_iter()
            .collect()
    }
}

/// For each part the one before it on the shortest way from the root.
fn parents(bom: &Bom) -> HashMap<&str, &str> {
    let mut next: HashMap<&str, Vec<&str>> = HashMap::new();
    for relation in &bom.relations {
        if !matches!(relation.kind, RelationKind::CopyOf) {
            next.entry(relation.from.as_str()).or_default().push(relation.to.as_str());
        }
    }
    let mut out = HashMap::new();
    let Some(root) = bom.root.as_deref() else { return out };
    let mut queue = VecDeque::from([root]);
    while let Some(at) = queue.pop_front() {
        for &to in next.get(at).into_iter().flatten() {
            if to != root && !out.contains_key(to) {
                out.insert(to, at);
                queue.push_back(to);
            }
        }
    }
    out
}

/// What a part is called.
fn title(component: &Component) -> String {
    let name = full_name(component);
    match &component.version {
        Some(version) => format!("{name} {version}"),
        None => name,
    }
}

fn full_name(component: &Component) -> String {
    match component.group.as_deref().filter(|group| !group.is_empty()) {
        Some(group) => format!("{group}/{}", component.name),
        None => component.name.clone(),
    }
}

/// A thing with its own text.
enum Owned<'c> {
    Package { ecosystem: String, name: String, version: Option<String>, range: Option<&'c str> },
    Action { name: String, reference: Option<String> },
    Asset { name: String, revision: Option<String> },
    Image { name: String, tag: Option<String>, digest: Option<String> },
    Digest(&'c str),
    Host(String),
}

impl Owned<'_> {
    fn thing(&self) -> Thing<'_> {
        match self {
            Self::Package { ecosystem, name, version, range } => {
                Thing::Package { ecosystem, name, version: version.as_deref(), requirement: *range }
            }
            Self::Action { name, reference } => Thing::Action { name, reference: reference.as_deref(), comment: None },
            Self::Asset { name, revision } => Thing::Asset { name, revision: revision.as_deref() },
            Self::Image { name, tag, digest } => Thing::Image { name, tag: tag.as_deref(), digest: digest.as_deref() },
            Self::Digest(digest) => Thing::Digest(digest),
            Self::Host(host) => Thing::Host(host),
        }
    }
}

/// Everything that a part may be to a question.
fn things(component: &Component) -> Vec<Owned<'_>> {
    let mut out = Vec::new();
    let range = component.range.as_deref();
    let version = component.version.clone();
    let named = || full_name(component);
    let either = || version.clone().or_else(|| range.map(str::to_owned));
    match component.purl.as_deref().and_then(package_url) {
        Some(Target::Package { ecosystem, name, versions }) => {
            let ecosystem = ecosystem.unwrap_or_default();
            out.push(Owned::Package { ecosystem, name, version: version.clone().or(versions), range });
        }
        Some(Target::Action { repository, path, reference }) => {
            let name = path.map_or(repository.clone(), |path| format!("{repository}/{path}"));
            out.push(Owned::Action { name, reference: reference.or_else(either) });
        }
        Some(Target::Asset { name, revision }) => {
            out.push(Owned::Asset { name, revision: revision.or_else(either) });
        }
        Some(Target::Image { name, reference }) => {
            // The name in the package URL lacks the host, which stands beside it.
            let host = qualifier(component.purl.as_deref(), "repository_url");
            let name = host.filter(|host| host.contains('/') || host.contains('.')).unwrap_or(name);
            out.push(image(
                name,
                reference.or(version.clone()),
                qualifier(component.purl.as_deref(), "tag").or(range.map(str::to_owned)),
            ));
        }
        _ => match component.kind {
            Kind::Action => out.push(Owned::Action { name: named(), reference: either() }),
            kind if kind.is_model() || matches!(kind, Kind::Dataset | Kind::Kernel) => {
                out.push(Owned::Asset { name: named(), revision: either() });
            }
            Kind::Image => out.push(image(named(), version.clone(), range.map(str::to_owned))),
            Kind::Library | Kind::Framework | Kind::Tool => {
                out.push(Owned::Package { ecosystem: String::new(), name: named(), version: version.clone(), range });
            }
            _ => {}
        },
    }
    let hashes = component.hashes.iter();
    let of_files = component.files.iter().flat_map(|file| &file.hashes);
    let of_distributions = component.distributions.iter().flat_map(|one| &one.hashes);
    out.extend(hashes.chain(of_files).chain(of_distributions).map(|hash| Owned::Digest(&hash.value)));
    let urls = component.distributions.iter().filter_map(|one| one.url.as_deref());
    let urls = urls.chain(component.endpoints.iter().map(String::as_str));
    let urls = urls.chain(
        component
            .links
            .iter()
            .filter(|link| link.kind == crate::sbom::model::LinkKind::Distribution)
            .map(|link| link.url.as_str()),
    );
    out.extend(
        urls.filter_map(|url| url.split_once("://")).filter_map(|(_, rest)| host_of_authority(rest)).map(Owned::Host),
    );
    out
}

fn image(name: String, version: Option<String>, tag: Option<String>) -> Owned<'static> {
    let digest = version.clone().filter(|version| version.contains(':'));
    let tag = tag.or_else(|| version.filter(|version| !version.contains(':')));
    Owned::Image { name, tag, digest }
}

/// A qualifier of a package URL.
fn qualifier(purl: Option<&str>, name: &str) -> Option<String> {
    let (_, query) = purl?.split('#').next()?.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))?.1;
    let value = value.replace("%2F", "/").replace("%2f", "/").replace("%3A", ":").replace("%3a", ":");
    (!value.is_empty()).then_some(value)
}
