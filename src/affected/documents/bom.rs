//! Answers of one bill of materials.

use std::cell::Cell;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::collections::VecDeque;

use super::Marks;
use super::bare;
use super::cannot_know;
use super::parts::fit;
use super::parts::full_name;
use super::raw::Raw;
use super::uncovered;
use super::wants;
use crate::affected::Answer;
use crate::affected::Asked;
use crate::affected::Fit;
use crate::affected::Standing;
use crate::parse::json::Json;
use crate::sbom::Bom;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::RelationKind;
use crate::sbom::read::Read;

/// Parts that one answer names.
const MOST: usize = 20;

/// A bill of materials that is asked.
pub(super) struct Bill<'a> {
    read: &'a Read,
    bytes: &'a [u8],
    parents: OnceCell<HashMap<&'a str, &'a str>>,
    /// The document as it stands there, until it is asked for.
    file: Cell<Option<Json>>,
    /// What the document says beside its parts; asked where no part answers.
    raw: OnceCell<Raw>,
}

impl<'a> Bill<'a> {
    pub(super) fn new(read: &'a Read, file: Option<Json>, bytes: &'a [u8]) -> Self {
        Self { read, bytes, parents: OnceCell::new(), file: Cell::new(file), raw: OnceCell::new() }
    }

    pub(super) fn answer(&self, asked: &Asked, who: &str, marks: &Marks<'_>) -> Answer {
        let bom = &self.read.bom;
        let mut hits: Vec<(Fit, &Component)> = Vec::new();
        for component in &bom.components {
            let fit = fit(component, asked);
            if fit > Fit::Different {
                hits.push((fit, component));
            }
        }
        hits.sort_by(|a, b| (std::cmp::Reverse(a.0), &a.1.id).cmp(&(std::cmp::Reverse(b.0), &b.1.id)));
        let Some((best, first)) = hits.first().filter(|(fit, _)| *fit > Fit::Elsewhere) else {
            return self.nothing(asked, who, marks, hits.first().map(|(_, component)| *component));
        };
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
        answer.path = self.path(first);
        for (_, component) in hits.iter().filter(|(fit, _)| fit.standing() == standing).take(MOST) {
            answer.spots.extend(component.evidence.iter().cloned());
        }
        answer.spots.sort();
        answer.spots.dedup();
        answer.rebuild = self.rebuild();
        answer
    }

    /// Where it is not listed, or at another version only. That one is listed says nothing of what could not be read,
    /// and of what the document says that it lacks.
    fn nothing(&self, asked: &Asked, who: &str, marks: &Marks<'_>, other: Option<&Component>) -> Answer {
        let bom = &self.read.bom;
        let raw = self.raw.get_or_init(|| Raw::of(self.file.take(), self.bytes, bom.root.as_deref()));
        let loses = |message: &str| {
            ["not used", "left out", "stands twice", "more problems", "more than"]
                .iter()
                .any(|word| message.contains(word))
        };
        let counts = |message: &str| other.is_none() || raw.is_broken || loses(message);
        if let Some(problem) = self.read.problems.iter().find(|problem| counts(&problem.message)) {
            let why = format!("line {} of it could not be used: {}", problem.line, problem.message);
            return cannot_know(asked, who, why);
        }
        if let Some(why) = raw.names(asked, other.is_some()) {
            return cannot_know(asked, who, why);
        }
        if let Some(why) = uncovered(asked, marks).filter(|_| other.is_none()) {
            return cannot_know(asked, who, why);
        }
        if let Some(unknown) = bom.unknowns.iter().find(|unknown| wants(asked, unknown.kind)) {
            let word = unknown.kind.word();
            let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            let why = format!("it names {article} {word} that is not known: {}", unknown.why);
            return cannot_know(asked, who, why);
        }
        if let Some(why) = &raw.elsewhere {
            return cannot_know(asked, who, why.clone());
        }
        let root = bom.root.as_deref().and_then(|id| bom.components.iter().find(|one| one.id == id));
        let is_open = root.is_some_and(|r| matches!(r.dependencies, Completeness::Incomplete | Completeness::Unknown));
        // Of what is known to be unknown it says so itself, by kind; the rest is whole.
        if (is_open || raw.is_open) && bom.unknowns.is_empty() {
            return cannot_know(asked, who, super::NOT_WHOLE.to_owned());
        }
        match other {
            Some(component) => {
                let place = self.line(component).map_or_else(|| who.to_owned(), |line| format!("{who} line {line}"));
                bare(asked, who, Standing::No, format!("{place} lists {}", title(component)))
            }
            None => bare(asked, who, Standing::No, "it does not list it".to_owned()),
        }
    }

    /// The line of the document in which a part stands, from 1; none where its text is not found as it is.
    fn line(&self, component: &Component) -> Option<usize> {
        let find = |text: &str| {
            let quoted = format!("\"{text}\"");
            let found = memchr::memmem::find(self.bytes, quoted.as_bytes())?;
            let before = self.bytes.get(..found)?;
            Some(memchr::memchr_iter(b'\n', before).count() + 1)
        };
        component.purl.as_deref().and_then(find).or_else(|| find(&component.id)).or_else(|| find(&component.name))
    }

    /// The way from the root to a part.
    fn path(&self, component: &'a Component) -> Vec<String> {
        let mut out = vec![title(component)];
        let mut at = component.id.as_str();
        // A part that stands above itself ends no way.
        let above = self.parents.get_or_init(|| parents(&self.read.bom));
        for _ in 0..above.len() {
            let Some(parent) = above.get(at) else { break };
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
pub(in crate::affected) fn title(component: &Component) -> String {
    let name = full_name(component);
    match &component.version {
        Some(version) => format!("{name} {version}"),
        None => name,
    }
}
