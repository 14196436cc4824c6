use proptest::prelude::*;

use crate::sbom::Bom;
use crate::sbom::model::Party;
use crate::sbom::model::RelationKind;
use crate::sbom::read;
use crate::sbom::sample;
use crate::sbom::write;

fn again(bom: &Bom) -> read::Read {
    let mut out = Vec::new();
    write::spdx::write(bom, &mut out).unwrap();
    read::read(&out).unwrap()
}

/// What of a bill of materials SPDX has a place for. A product's supplier and maker are those of its document;
/// custodians of data are known by name, a process has no order of its steps but that of its list.
fn told(mut bom: Bom) -> Bom {
    let about = bom.about.clone();
    for component in &mut bom.components {
        if bom.root.as_ref() == Some(&component.id) {
            component.supplier = about.supplier.clone().or(component.supplier.take());
            component.producer = about.producer.clone().or(component.producer.take());
        }
        for party in component.card.iter_mut().flat_map(|card| &mut card.custodians) {
            *party = Party { name: party.name.clone(), ..Party::default() };
        }
    }
    bom
}

#[test]
fn our_own_documents_come_back() {
    let bom = told(sample::rich());
    let read = again(&bom);
    assert_eq!(read.problems, []);
    let mut other = read.bom;
    assert!(other.about.id.take().is_some_and(|id| id.starts_with("urn:uuid:")));
    assert_eq!(other.about.format.take(), Some(crate::sbom::model::Format::Spdx3("3.0.1".to_owned())));
    for (one, other) in bom.components.iter().zip(&other.components) {
        assert_eq!(one, other);
    }
    assert_eq!(bom.relations, other.relations);
    assert_eq!(bom, other);
}

/// As the examples of SPDX have it: files of a model are trained on files in a folder of a data set.
const BY_FILES: &str = r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
 {"type": "ai_AIPackage", "spdxId": "urn:x#m", "name": "model"},
 {"type": "dataset_DatasetPackage", "spdxId": "urn:x#d", "name": "data", "dataset_datasetType": ["text"]},
 {"type": "software_File", "spdxId": "urn:x#w", "name": "model.bin",
  "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "short"}]},
 {"type": "software_File", "spdxId": "urn:x#f", "name": "data", "software_fileKind": "directory"},
 {"type": "software_File", "spdxId": "urn:x#t", "name": "data/train.txt"},
 {"type": "Relationship", "spdxId": "urn:x#1", "from": "urn:x#m", "relationshipType": "contains", "to": ["urn:x#w"]},
 {"type": "Relationship", "spdxId": "urn:x#2", "from": "urn:x#d", "relationshipType": "contains", "to": ["urn:x#f"]},
 {"type": "Relationship", "spdxId": "urn:x#3", "from": "urn:x#f", "relationshipType": "contains", "to": ["urn:x#t"]},
 {"type": "Relationship", "spdxId": "urn:x#4", "from": "urn:x#w", "relationshipType": "trainedOn", "to": ["urn:x#t"]},
 {"type": "Relationship", "spdxId": "urn:x#5", "from": "urn:x#m", "relationshipType": "hasDeclaredLicense",
  "to": ["https://spdx.org/licenses/MIT", "https://spdx.org/rdf/3.0.1/terms/Licensing/NoAssertion", "urn:x#l"]},
 {"type": "expandedlicensing_DisjunctiveLicenseSet", "spdxId": "urn:x#l",
  "expandedlicensing_member": ["https://spdx.org/licenses/MIT", "https://spdx.org/licenses/Apache-2.0"]},
 {"type": "Relationship", "spdxId": "urn:x#6", "from": "urn:x#m", "relationshipType": "likes", "to": ["urn:x#d"]},
 {"spdxId": "urn:x#7"}
]}"#;

#[test]
fn what_is_said_of_files_is_said_of_what_they_belong_to() {
    let read = read::read(BY_FILES.as_bytes()).unwrap();
    let files = |id: &str| -> Vec<String> {
        read.bom.component(id).unwrap().files.iter().map(|file| file.path.clone()).collect()
    };
    assert_eq!((files("urn:x#m"), files("urn:x#d")), (vec!["model.bin".to_owned()], vec!["data/train.txt".to_owned()]));
    let relations: Vec<(&str, RelationKind, &str)> =
        read.bom.relations.iter().map(|one| (one.from.as_str(), one.kind, one.to.as_str())).collect();
    assert_eq!(relations, [("urn:x#m", RelationKind::TrainedOn, "urn:x#d")]);
    let licences = &read.bom.component("urn:x#m").unwrap().licences;
    let licences: Vec<&str> = licences.iter().map(|licence| licence.name.text()).collect();
    assert_eq!(licences, ["MIT", "MIT OR Apache-2.0"]);
    let problems: Vec<(u32, &str)> = read.problems.iter().map(|one| (one.line, one.message.as_str())).collect();
    let wanted = [
        (5, "the digest is none of sha256"),
        (16, "`likes` is no relation of SPDX 3, and is left out"),
        (17, "the element `urn:x#7` has no `type`, and is left out"),
    ];
    assert_eq!(problems, wanted);
}

proptest! {
    /// Names and texts of any kind come back, and are never those of others.
    #[test]
    fn texts_of_any_kind_come_back(texts in proptest::collection::vec("[ -~é\u{1}\"\\\\%#|]{1,12}", 4..12)) {
        let mut bom = sample::rich();
        for (at, text) in texts.iter().enumerate() {
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let component = &mut bom.components[at];
            component.description = Some(text.to_owned());
            component.properties.insert(format!("example:{text}"), text.to_owned());
            component.licences.push(sample::licence(text));
            component.supplier = Some(sample::organisation(text));
            let other = sample::component(text, crate::sbom::model::Kind::Library, text);
            bom.components.push(other);
        }
        bom.settle();
        let bom = told(bom);
        let read = again(&bom);
        prop_assert_eq!(read.problems, []);
        prop_assert_eq!(read.bom.components, bom.components);
    }
}
