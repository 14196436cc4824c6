use super::*;
use crate::sbom::model::Hash;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::sample;

use crate::sbom::model::Kind;

fn part(kind: Kind, name: &str, version: Option<&str>) -> Component {
    let purl = |text: &str| Some(text.to_owned());
    let at = version.map(|v| format!("@{v}")).unwrap_or_default();
    Component {
        id: format!("{name}{at}"),
        kind,
        name: name.to_owned(),
        version: version.map(str::to_owned),
        purl: if kind == Kind::Library { purl(&format!("pkg:pypi/{name}{at}")) } else { None },
        ..Component::default()
    }
}

fn bom(parts: Vec<Component>, relations: &[(&str, RelationKind, &str)]) -> Bom {
    let relations = relations.iter().map(|(from, kind, to)| Relation {
        from: (*from).to_owned(),
        kind: *kind,
        to: (*to).to_owned(),
        scope: Scope::Required,
        evidence: Vec::new(),
    });
    let mut out = Bom { components: parts, relations: relations.collect(), ..Bom::default() };
    out.settle();
    out
}

/// The changes, each as a line.
fn lines(before: &Bom, after: &Bom) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    diff(before, after)
        .changes
        .iter()
        .map(|c| format!("{:?} {:?} {}: {} → {}", c.weight, c.what, c.part, text(&c.before), text(&c.after)))
        .collect()
}

#[test]
fn a_document_is_like_itself() {
    let sample = sample::rich();
    assert_eq!(diff(&sample, &sample).changes, []);
    let mut other = sample.clone();
    other.components.iter_mut().for_each(|part| part.id = format!("x{}", part.id));
    other.relations.iter_mut().for_each(|relation| {
        relation.from = format!("x{}", relation.from);
        relation.to = format!("x{}", relation.to);
    });
    other.root = other.root.map(|root| format!("x{root}"));
    // References are the document's own business.
    assert_eq!(diff(&sample, &other).changes, []);
}

#[test]
fn other_bytes_under_one_version_come_first() {
    let with = |digit: char| {
        let mut part = part(Kind::Library, "torch", Some("2.9.0"));
        part.hashes.insert(sample::sha256(digit));
        part
    };
    let other = part(Kind::Library, "numpy", Some("2.0.0"));
    let found = lines(&bom(vec![with('a')], &[]), &bom(vec![with('b'), other], &[]));
    assert_eq!(
        found,
        ["Alarm Content torch: sha256:aaaaaaaaaaaaaaaa → sha256:bbbbbbbbbbbbbbbb", "Plain Added numpy: - → 2.0.0"]
    );
    // A second build of the same release beside the first is no other content.
    let mut two = with('a');
    two.hashes.insert(sample::sha256('b'));
    assert_eq!(lines(&bom(vec![with('a')], &[]), &bom(vec![two], &[])), [""; 0]);
    let bare = part(Kind::Library, "torch", Some("2.9.0"));
    assert_eq!(
        lines(&bom(vec![with('a')], &[]), &bom(vec![bare], &[])),
        ["Heavy HashLost torch: with a digest → without"]
    );
}

#[test]
fn versions_pair_by_what_is_left() {
    let library = |version| part(Kind::Library, "syn", Some(version));
    let found =
        lines(&bom(vec![library("1.0.1"), library("2.0.0")], &[]), &bom(vec![library("1.0.1"), library("2.1.0")], &[]));
    assert_eq!(found, ["Plain Version syn: 2.0.0 → 2.1.0"]);
    let mut open = part(Kind::Library, "syn", None);
    open.range = Some(">=1".to_owned());
    let found = lines(&bom(vec![library("1.0.1")], &[]), &bom(vec![open], &[]));
    assert_eq!(found, ["Heavy PinLost syn: 1.0.1 → >=1 (held by nothing)"]);
}

#[test]
fn a_swapped_base_is_told() {
    let model = |name, version| part(Kind::Model, name, version);
    let parts = || vec![model("acme/base", Some("a")), model("evil/base", Some("b")), model("acme/chat", None)];
    let before = bom(parts(), &[("acme/chat", RelationKind::FineTunedFrom, "acme/base@a")]);
    let after = bom(parts(), &[("acme/chat", RelationKind::FineTunedFrom, "evil/base@b")]);
    assert_eq!(
        lines(&before, &after),
        [
            "Heavy Lineage acme/chat: - → fine-tuned-from evil/base",
            "Heavy Lineage acme/chat: fine-tuned-from acme/base → -",
        ]
    );
}

#[test]
fn licences_and_cards_are_compared() {
    let licensed = |name: &str| {
        let mut part = part(Kind::Dataset, "acme/data", Some("1"));
        let name = LicenceName::of_text(name);
        part.licences.push(Licence { name, url: None, standing: LicenceStanding::Declared });
        part
    };
    let found = lines(&bom(vec![licensed("MIT")], &[]), &bom(vec![licensed("cc-by-nc-4.0")], &[]));
    assert_eq!(found, ["Plain Licence acme/data: MIT → cc-by-nc-4.0"]);
    let with_template = |digit: char| {
        let mut part = part(Kind::Model, "acme/chat", Some("1"));
        let hash: Hash = sample::sha256(digit);
        part.card = Some(Box::new(crate::sbom::model::Card { chat_template: Some(hash), ..Default::default() }));
        part
    };
    let found = lines(&bom(vec![with_template('a')], &[]), &bom(vec![with_template('b')], &[]));
    assert_eq!(found, ["Heavy ChatTemplate acme/chat: sha256:aaaaaaaaaaaaaaaa → sha256:bbbbbbbbbbbbbbbb"]);
}

proptest::proptest! {
    #[test]
    fn a_diff_is_its_own_mirror(names in proptest::collection::vec(("[ab]", "[12]", proptest::bool::ANY), 0..6), more in proptest::collection::vec(("[ab]", "[12]", proptest::bool::ANY), 0..6)) {
        let make = |list: &[(String, String, bool)]| {
            bom(list.iter().map(|(n, v, m)| part(if *m { Kind::Model } else { Kind::Library }, n, Some(v))).collect(), &[])
        };
        let (one, two) = (make(&names), make(&more));
        let (there, back) = (diff(&one, &two), diff(&two, &one));
        proptest::prop_assert_eq!(there.changes.len(), back.changes.len());
        proptest::prop_assert_eq!(diff(&one, &one).changes.len(), 0);
    }
}
