use proptest::prelude::*;

use crate::sbom::Bom;
use crate::sbom::model::Party;
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
