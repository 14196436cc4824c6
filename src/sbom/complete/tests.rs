use std::collections::BTreeSet;

use super::*;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Format;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::model::statements;
use crate::sbom::sample;

#[test]
fn the_lists_hold_what_their_sources_hold() {
    let counts: Vec<(List, usize)> = List::ALL.iter().map(|list| (*list, list.elements().len())).collect();
    assert_eq!(counts[0], (List::G7, 50));
    assert_eq!(counts[1], (List::Ntia, 7));
    for list in List::ALL {
        assert_eq!(List::of_word(list.word()), Some(*list));
        let ids: BTreeSet<&str> = list.elements().iter().map(|element| element.id).collect();
        assert_eq!(ids.len(), list.elements().len(), "{list:?}");
        for element in list.elements() {
            // What a person alone knows needs a place to state it.
            assert!(element.known == KnownBy::Files || !element.stated.is_empty(), "{}", element.id);
        }
    }
    let in_cluster = |name| g7::ELEMENTS.iter().filter(|element| element.cluster == name).count();
    let clusters = ["metadata", "system", "models", "data sets", "infrastructure", "security", "performance"];
    assert_eq!(clusters.map(in_cluster), [10, 9, 13, 10, 2, 4, 2]);
}

/// A document that tells everything that any list asks for.
fn full() -> Bom {
    let mut bom = sample::rich();
    bom.about.is_signed = true;
    bom.about.statements = statements::ALL.iter().map(|name| ((*name).to_owned(), "told".to_owned())).collect();
    let mut model = sample::component("zz-model", Kind::Model, "told");
    model.released = Some(sample::TIME);
    model.hashes.insert(Hash { algorithm: Algorithm::Sha512, value: "0".repeat(128) });
    for name in ["executable", "archive", "structured"] {
        model.properties.insert(format!("bsi:component:{name}"), "told".to_owned());
    }
    let mut data = sample::component("zz-data", Kind::Dataset, "told");
    let url = "https://example.com/data".to_owned();
    data.links.insert(Link { kind: LinkKind::Website, url });
    bom.components.extend([model, data]);
    bom.settle();
    bom
}

/// Every element is told by a full document, and by none that is empty but for parts.
#[test]
fn every_element_can_be_told_and_can_be_missing() {
    let rich = full();
    let mut bare = Bom::default();
    for kind in [Kind::Model, Kind::Dataset, Kind::Image] {
        bare.components.push(Component { id: kind.word().to_owned(), kind, ..Component::default() });
    }
    bare.about.format = Some(Format::Spdx2("2.3".to_owned()));
    bare.about.has_vulnerabilities = true;
    let mut never_told = Vec::new();
    let mut never_missing = Vec::new();
    for list in List::ALL {
        for (told, bare) in score(&rich, *list).elements.iter().zip(score(&bare, *list).elements) {
            if told.have == 0 {
                never_told.push(told.id);
            }
            if bare.have == bare.of {
                never_missing.push(bare.id);
            }
        }
    }
    assert_eq!(never_told, [""; 0]);
    // A document always has a format.
    assert_eq!(
        never_missing,
        ["sbom-data-format-name", "sbom-data-format-version", "infrastructure-software", "vulnerability-referencing"]
    );
}

#[test]
fn what_cannot_be_there_does_not_count() {
    let mut bom = Bom::default();
    bom.components.push(Component { id: "a".to_owned(), name: "a".to_owned(), ..Component::default() });
    let told = score(&bom, List::G7);
    assert!(told.elements.iter().filter(|one| one.cluster == "models").all(|one| !one.applies()));
    let ntia = score(&bom, List::Ntia);
    // Of seven the name is told.
    assert_eq!(ntia.percent, 14);
    let supplier = ntia.elements.iter().find(|one| one.id == "supplier").unwrap();
    assert_eq!((supplier.have, supplier.of, supplier.missing.as_slice()), (0, 1, ["a".to_owned()].as_slice()));
}
