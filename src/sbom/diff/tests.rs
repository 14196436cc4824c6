use super::*;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Completeness;
use crate::sbom::model::Distribution;
use crate::sbom::model::Hash;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Occurrence;
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
    for process in &mut other.processes {
        let renamed = |ids: &std::collections::BTreeSet<String>| ids.iter().map(|id| format!("x{id}")).collect();
        (process.inputs, process.outputs) = (renamed(&process.inputs), renamed(&process.outputs));
        process.steps.iter_mut().for_each(|id| *id = format!("x{id}"));
    }
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
    // A second digest beside the first is no other content, and may be of another build or of an attacker.
    let mut two = with('a');
    two.hashes.insert(sample::sha256('b'));
    assert_eq!(
        lines(&bom(vec![with('a')], &[]), &bom(vec![two.clone()], &[])),
        ["Heavy HashGained torch: - → sha256:bbbbbbbbbbbbbbbb"]
    );
    assert_eq!(
        lines(&bom(vec![two], &[]), &bom(vec![with('a')], &[])),
        ["Light HashLost torch: sha256:bbbbbbbbbbbbbbbb → -"]
    );
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
            "Heavy Lineage acme/chat: - → fine-tuned-from evil/base b",
            "Heavy Lineage acme/chat: fine-tuned-from acme/base a → -",
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

/// Changes of one part, as a line each, and what else differs.
fn told(old: Component, new: Component) -> (Vec<String>, Vec<String>) {
    let (old, new) = (bom(vec![old], &[]), bom(vec![new], &[]));
    (lines(&old, &new), diff(&old, &new).others.into_iter().map(|one| one.what).collect())
}

fn distribution(name: &str, digits: &[char], url: Option<&str>) -> Distribution {
    let hashes = digits.iter().map(|digit| sample::sha256(*digit)).collect();
    Distribution { name: Some(name.to_owned()), url: url.map(str::to_owned), hashes }
}

#[test]
fn files_and_digests_are_compared_one_by_one() {
    let with = |files: &[Distribution]| {
        let mut part = part(Kind::Library, "torch", Some("2.9.0"));
        part.distributions = files.to_vec();
        part
    };
    let one = || distribution("x.whl", &['a'], None);
    let other = || distribution("y.whl", &['b'], None);
    for (old, new, wanted) in [
        (vec![one()], vec![one(), other()], "Heavy HashGained torch: - → y.whl sha256:bbbbbbbbbbbbbbbb"),
        (
            vec![one()],
            vec![distribution("x.whl", &['a', 'b'], None)],
            "Heavy HashGained torch: - → x.whl sha256:bbbbbbbbbbbbbbbb",
        ),
        (
            vec![one()],
            vec![other()],
            "Heavy HashGained torch: x.whl sha256:aaaaaaaaaaaaaaaa → y.whl sha256:bbbbbbbbbbbbbbbb: no file of before is left",
        ),
        (
            vec![one(), other()],
            vec![one(), distribution("y.whl", &[], None)],
            "Heavy HashLost torch: y.whl sha256:bbbbbbbbbbbbbbbb → without a digest",
        ),
        (
            vec![one(), other()],
            vec![one(), distribution("y.whl", &['c'], None)],
            "Alarm Content torch: y.whl sha256:bbbbbbbbbbbbbbbb → y.whl sha256:cccccccccccccccc",
        ),
        (vec![one(), other()], vec![one()], "Light HashLost torch: y.whl sha256:bbbbbbbbbbbbbbbb → -"),
    ] {
        assert_eq!(told(with(&old), with(&new)), (vec![wanted.to_owned()], Vec::new()), "{old:?} {new:?}");
    }
    // Another name for the same bytes is no other file.
    assert_eq!(told(with(&[one()]), with(&[distribution("z.whl", &['a'], None)])), (Vec::new(), Vec::new()));
}

#[test]
fn digests_of_other_algorithms_cannot_be_compared() {
    let with = |hashes: &[(Algorithm, char)]| {
        let mut part = part(Kind::Library, "torch", Some("2.9.0"));
        let hash = |(algorithm, digit): &(Algorithm, char)| {
            Hash::new(*algorithm, &digit.to_string().repeat(algorithm.digits()))
        };
        part.hashes = hashes.iter().filter_map(hash).collect();
        part
    };
    let strong = (Algorithm::Sha256, 'a');
    let (found, _) = told(with(&[strong]), with(&[(Algorithm::Sha512, 'b')]));
    assert_eq!(
        found,
        ["Heavy HashLost torch: sha256:aaaaaaaaaaaaaaaa → sha512:bbbbbbbbbbbbbbbb, which cannot be compared"]
    );
    let (found, _) = told(with(&[strong, (Algorithm::Md5, 'a')]), with(&[(Algorithm::Md5, 'a')]));
    assert_eq!(found[0], "Heavy HashLost torch: sha256 → md5 alone");
}

#[test]
fn other_bytes_of_what_has_no_version_are_told() {
    let with = |digit| {
        let mut part = part(Kind::Model, "model.safetensors", None);
        part.hashes.insert(sample::sha256(digit));
        part
    };
    let (found, _) = told(with('a'), with('b'));
    assert_eq!(found, ["Heavy Content model.safetensors: sha256:aaaaaaaaaaaaaaaa → sha256:bbbbbbbbbbbbbbbb"]);
}

#[test]
fn where_a_part_comes_from_is_compared() {
    let with = |url: &str| {
        let mut part = part(Kind::Library, "torch", Some("2.9.0"));
        part.distributions.push(distribution("x.whl", &['a'], Some(url)));
        part.links.insert(Link { kind: LinkKind::Vcs, url: url.replace("files", "git") });
        part
    };
    let (found, _) = told(with("https://files.example.com/x.whl"), with("https://files.example.net/x.whl"));
    assert_eq!(
        found,
        [
            "Heavy Origin torch: files.example.com → files.example.net",
            "Heavy Origin torch: git.example.com/x.whl → git.example.net/x.whl",
        ]
    );
    let (found, others) = told(with("https://files.example.com/x.whl"), with("https://files.example.com/a/x.whl"));
    assert_eq!((found.len(), others.contains(&"download address".to_owned())), (1, true));
    let mut old = part(Kind::Library, "torch", Some("2.9.0"));
    let mut new = old.clone();
    new.purl = Some("pkg:pypi/torch@2.9.0?repository_url=https://example.net/simple".to_owned());
    let (found, _) = told(old.clone(), new);
    assert_eq!(
        found,
        ["Heavy Origin torch: pkg:pypi/torch → pkg:pypi/torch?repository_url=https://example.net/simple"]
    );
    // Another commit of one repository is another version.
    let at = |commit: &str| {
        let mut part = part(Kind::Library, "cut", Some(commit));
        part.purl = Some(format!("pkg:pypi/cut@{commit}?vcs_url=git%2Bhttps://git.example.com/acme/cut%40{commit}"));
        part
    };
    let (found, _) = told(at("607a30d783df"), at("707a30d783df"));
    assert_eq!(found, ["Plain Version cut: 607a30d783df → 707a30d783df"]);
    old.scope = Scope::Excluded;
    let (found, _) = told(old, at("1"));
    assert_eq!(found.len(), 2, "another package is none of these");
}

#[test]
fn what_is_said_of_trust_is_compared() {
    let with = |name: &str, value: &str| {
        let mut part = part(Kind::Model, "acme/chat", Some("1"));
        part.properties.insert(name.to_owned(), value.to_owned());
        part
    };
    let of = |name: &str, was: &str, is: &str| told(with(name, was), with(name, is));
    assert_eq!(
        of("custody:trust-remote-code", "false", "true").0,
        ["Heavy Trust acme/chat: trust-remote-code false → trust-remote-code true"]
    );
    assert_eq!(
        of("custody:scan", "clean, 0.1.0", "malicious, 0.1.0").0,
        ["Heavy Trust acme/chat: scan clean, 0.1.0 → scan malicious, 0.1.0"]
    );
    assert_eq!(of("custody:scan", "clean, 0.1.0", "clean, 0.2.0"), (vec![], vec!["property custody:scan".to_owned()]));
    assert_eq!(of("acme:colour", "red", "blue"), (vec![], vec!["property acme:colour".to_owned()]));
}

#[test]
fn what_else_differs_is_counted() {
    let plain = || part(Kind::Library, "torch", Some("2.9.0"));
    let described = Component { description: Some("tensors".to_owned()), ..plain() };
    assert_eq!(told(plain(), described), (vec![], vec!["description".to_owned()]));
    let (mut whole, mut cut) = (plain(), plain());
    whole.dependencies = Completeness::Complete;
    cut.dependencies = Completeness::Incomplete;
    assert_eq!(
        told(whole, cut).0,
        ["Plain Completeness torch: all that it needs is listed → not all that it needs is listed"]
    );
    let mut of_tree = bom(vec![plain()], &[]);
    of_tree.about.properties.insert("custody:commit".to_owned(), "a".to_owned());
    assert!(diff(&of_tree, &bom(vec![plain()], &[])).is_empty(), "of which commit a document is does not differ");
}

#[test]
fn images_of_one_name_are_told_apart_by_their_files() {
    let image = |id: &str, file: &str, scope| {
        let mut out = part(Kind::Image, "app", None);
        out.id = id.to_owned();
        out.scope = scope;
        out.properties.insert("custody:dockerfile".to_owned(), file.to_owned());
        out
    };
    let base = |name: &str| part(Kind::Image, name, Some("1"));
    let before = bom(
        vec![
            image("x1", "Dockerfile", Scope::Required),
            image("x2", "Dockerfile.test", Scope::Excluded),
            base("one"),
            base("two"),
        ],
        &[("x1", RelationKind::BuiltFrom, "one@1"), ("x2", RelationKind::BuiltFrom, "two@1")],
    );
    // Another image comes first in the order of references.
    let after = bom(
        vec![
            image("a0", "Dockerfile.new", Scope::Required),
            image("x1", "Dockerfile", Scope::Required),
            image("x2", "Dockerfile.test", Scope::Excluded),
            base("one"),
            base("two"),
        ],
        &[("x1", RelationKind::BuiltFrom, "one@1"), ("x2", RelationKind::BuiltFrom, "two@1")],
    );
    assert_eq!(lines(&before, &after), ["Heavy Added app of Dockerfile.new: - → -"]);
}

#[test]
fn a_release_that_is_held_pairs_with_one_that_is_held() {
    let held = |version: &str| {
        let mut out = part(Kind::Library, "kernels", Some(version));
        out.evidence.push(Occurrence { path: "pyproject.toml".to_owned(), line: 1, how: None });
        out
    };
    let mut open = part(Kind::Library, "kernels", None);
    open.range = Some(">=0.15.2".to_owned());
    open.scope = Scope::Excluded;
    let found = lines(&bom(vec![held("0.13.0")], &[]), &bom(vec![held("0.15.2"), open], &[]));
    // What is not shipped comes last.
    assert_eq!(
        found,
        ["Plain Version kernels: 0.13.0 → 0.15.2", "Plain Added kernels: - → >=0.15.2 (held by nothing)"]
    );
}

#[test]
fn relations_lead_to_parts_and_not_to_names() {
    let data =
        |id: &str, version: Option<&str>| Component { id: id.to_owned(), ..part(Kind::Dataset, "data", version) };
    let parts = || vec![part(Kind::Model, "chat", Some("1")), data("d1", None), data("d2", Some("9"))];
    let before = bom(parts(), &[("chat@1", RelationKind::TrainedOn, "d1")]);
    let after = bom(parts(), &[("chat@1", RelationKind::TrainedOn, "d2")]);
    assert_eq!(
        lines(&before, &after),
        ["Heavy Lineage chat: - → trained-on data 9", "Heavy Lineage chat: trained-on data → -"]
    );
}

#[test]
fn long_names_are_cut() {
    let found = diff(&bom(vec![], &[]), &bom(vec![part(Kind::Model, &"x".repeat(100_000), None)], &[]));
    assert!(found.changes[0].part.chars().count() < 1000);
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
