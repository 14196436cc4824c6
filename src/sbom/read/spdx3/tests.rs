use crate::sbom::Bom;
use crate::sbom::read;
use crate::sbom::sample;
use crate::sbom::write;

fn again(bom: &Bom) -> read::Read {
    let mut out = Vec::new();
    write::spdx::write(bom, &mut out).unwrap();
    read::read(&out).unwrap()
}

#[test]
fn our_own_documents_come_back() {
    let bom = sample::rich();
    let read = again(&bom);
    assert_eq!(read.problems, []);
    let mut other = read.bom;
    other.about.id = None;
    other.about.format = None;
    for (one, other) in bom.components.iter().zip(&other.components) {
        assert_eq!(one, other);
    }
    assert_eq!(bom.relations, other.relations);
    assert_eq!(bom, other);
}
