//! How the relations of parts that both documents have differ.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Change;
use super::Weight;
use super::What;
use super::full_name;
use super::matching::Matched;
use crate::sbom::Bom;
use crate::sbom::model::Component;
use crate::sbom::model::RelationKind;

/// What a part is related to, by kind: names, since the other end may be of another version.
type Related<'b> = BTreeMap<(&'b str, RelationKind), BTreeSet<String>>;

/// Tells what came and went of the relations of parts that both have. Those of parts that came or went themselves say
/// nothing new.
pub(super) fn compare(before: &Bom, after: &Bom, matched: &Matched<'_>, out: &mut Vec<Change>) {
    let (old, new) = (related(before), related(after));
    let nothing = BTreeSet::new();
    for &(was, is) in &matched.pairs {
        for &kind in RelationKind::ALL {
            let had = old.get(&(was.id.as_str(), kind)).unwrap_or(&nothing);
            let has = new.get(&(is.id.as_str(), kind)).unwrap_or(&nothing);
            if had == has {
                continue;
            }
            let (weight, what) = weight(kind);
            let mut tell = |name: &str, came: bool| {
                let text = Some(format!("{} {name}", kind.word()));
                let (before, after) = if came { (None, text) } else { (text, None) };
                let (kind, part) = (Some(is.kind.word()), full_name(is));
                out.push(Change { weight, what, kind, part, before, after });
            };
            had.difference(has).for_each(|name| tell(name, false));
            has.difference(had).for_each(|name| tell(name, true));
        }
    }
}

fn weight(kind: RelationKind) -> (Weight, What) {
    match kind {
        RelationKind::DependsOn | RelationKind::Contains => (Weight::Light, What::Dependency),
        RelationKind::BuiltWith | RelationKind::CopyOf => (Weight::Light, What::Lineage),
        RelationKind::TestedOn => (Weight::Plain, What::Lineage),
        _ => (Weight::Heavy, What::Lineage),
    }
}

fn related(bom: &Bom) -> Related<'_> {
    let names: BTreeMap<&str, &Component> = bom.components.iter().map(|part| (part.id.as_str(), part)).collect();
    let mut out = Related::new();
    for relation in &bom.relations {
        let name = names.get(relation.to.as_str()).map_or_else(|| relation.to.clone(), |part| full_name(part));
        out.entry((relation.from.as_str(), relation.kind)).or_default().insert(name);
    }
    out
}
