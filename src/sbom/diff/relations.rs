//! How the relations of parts that both documents have differ, and how what makes parts does.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Change;
use super::Others;
use super::Weight;
use super::What;
use super::full_name;
use super::matching::Matched;
use crate::sbom::Bom;
use crate::sbom::model::Component;
use crate::sbom::model::Process;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;

/// Signs of a version that stands beside a name.
const VERSION: usize = 16;

/// What parts are in both documents: pairs are one thing, whatever their versions; any other is itself.
type Known<'b> = BTreeMap<&'b str, (String, &'b Component)>;

/// What a part is related to, by kind: what that is, with a name and what it is needed for.
type Related<'b> = BTreeMap<(&'b str, RelationKind), BTreeMap<String, (String, Scope)>>;

/// Tells what came and went of the relations of parts that both have. Those of parts that came or went themselves say
/// nothing new.
pub(super) fn compare(before: &Bom, after: &Bom, matched: &Matched<'_>, others: &mut Others, out: &mut Vec<Change>) {
    let (mut was_known, mut is_known) = (Known::new(), Known::new());
    for (at, &(old, new)) in matched.pairs.iter().enumerate() {
        was_known.insert(&old.id, (at.to_string(), old));
        is_known.insert(&new.id, (at.to_string(), new));
    }
    for (mark, parts, known) in [("before", &matched.removed, &mut was_known), ("after", &matched.added, &mut is_known)]
    {
        for &part in parts {
            known.insert(&part.id, (format!("{mark} {}", part.id), part));
        }
    }
    let (old, new) = (related(before, &was_known), related(after, &is_known));
    let nothing = BTreeMap::new();
    // Formats tell it of other relations.
    let format = |bom: &Bom| bom.about.format.as_ref().map(std::mem::discriminant);
    let is_one_format = format(before) == format(after);
    for &(was, is) in &matched.pairs {
        for &kind in RelationKind::ALL {
            let had = old.get(&(was.id.as_str(), kind)).unwrap_or(&nothing);
            let has = new.get(&(is.id.as_str(), kind)).unwrap_or(&nothing);
            let (weight, what) = weight(kind);
            let is_shipped = was.scope != Scope::Excluded || is.scope != Scope::Excluded;
            let mut tell = |name: &str, came: bool| {
                let text = Some(format!("{} {name}", kind.word()));
                let (before, after) = if came { (None, text) } else { (text, None) };
                out.push(Change { shipped: is_shipped, ..Change::of(is, weight, what, before, after) });
            };
            for (what, (name, scope)) in had {
                match has.get(what) {
                    None => tell(name, false),
                    Some((_, now)) if now != scope && is_one_format => others.note("what a relation is needed for"),
                    Some(_) => {}
                }
            }
            has.iter().filter(|(what, _)| !had.contains_key(*what)).for_each(|(_, (name, _))| tell(name, true));
        }
    }
    processes(before, after, (&was_known, &is_known), out);
}

fn weight(kind: RelationKind) -> (Weight, What) {
    match kind {
        RelationKind::DependsOn
        | RelationKind::Contains
        | RelationKind::BuiltWith
        | RelationKind::CopyOf
        | RelationKind::TestedOn => (Weight::Light, What::Dependency),
        RelationKind::BuiltFrom => (Weight::Heavy, What::Built),
        RelationKind::Serves => (Weight::Heavy, What::Serves),
        _ => (Weight::Heavy, What::Lineage),
    }
}

fn related<'b>(bom: &'b Bom, known: &Known<'b>) -> Related<'b> {
    let mut out = Related::new();
    for relation in &bom.relations {
        let (what, name) = match known.get(relation.to.as_str()) {
            Some((what, part)) => (what.clone(), with_version(part)),
            None => (relation.to.clone(), relation.to.clone()),
        };
        let all = out.entry((relation.from.as_str(), relation.kind)).or_default();
        all.entry(what).or_insert((name, relation.scope));
    }
    out
}

fn with_version(part: &Component) -> String {
    let name = full_name(part);
    match &part.version {
        Some(version) => format!("{name} {}", version.chars().take(VERSION).collect::<String>()),
        None => name,
    }
}

/// Tells which trainings and builds came, went or changed, by what they do and are called.
fn processes(before: &Bom, after: &Bom, known: (&Known<'_>, &Known<'_>), out: &mut Vec<Change>) {
    let (old, new) = (labelled(before, known.0), labelled(after, known.1));
    let labels: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for label in labels {
        let (was, is) = (old.get(label), new.get(label));
        if was == is {
            continue;
        }
        let text = |side: Option<&Vec<String>>, word: &str| side.map(|_| word.to_owned());
        let now = if was.is_some() { "with other inputs, steps or settings" } else { "made by it" };
        let (weight, what) = (Weight::Plain, What::Process);
        let (before, after) = (text(was, "as it was"), text(is, now));
        out.push(Change { weight, what, kind: None, part: label.clone(), shipped: true, before, after });
    }
}

fn labelled(bom: &Bom, known: &Known<'_>) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for process in &bom.processes {
        out.entry(format!("{} {}", process.task, process.name)).or_default().push(told(process, known));
    }
    out.values_mut().for_each(|all| all.sort());
    out
}

/// All that a process does, as one text.
fn told(process: &Process, known: &Known<'_>) -> String {
    let what = |id: &String| known.get(id.as_str()).map_or_else(|| id.clone(), |(what, _)| what.clone());
    let all = |ids: &BTreeSet<String>| ids.iter().map(what).collect::<BTreeSet<_>>();
    let steps: Vec<String> = process.steps.iter().map(what).collect();
    format!("{:?} {:?} {steps:?} {:?}", all(&process.inputs), all(&process.outputs), process.parameters)
}
