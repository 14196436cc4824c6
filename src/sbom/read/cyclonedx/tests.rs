use crate::sbom::Bom;
use crate::sbom::model::Format;
use crate::sbom::read::read;
use crate::sbom::sample;
use crate::sbom::write::cyclonedx::Version;
use crate::sbom::write::cyclonedx::write;

fn round(bom: &Bom, version: Version) -> Bom {
    let mut out = Vec::new();
    write(bom, version, &mut out).unwrap();
    let read = read(&out).unwrap();
    assert_eq!(read.problems, []);
    read.bom
}

/// What the format always adds, and what reading tells of the document.
fn expected(bom: &Bom, read: &Bom) -> Bom {
    let mut bom = bom.clone();
    bom.about.format = read.about.format.clone();
    bom.about.id = read.about.id.clone();
    bom.about.revision = Some(bom.about.revision.unwrap_or(1).max(1));
    bom
}

#[test]
fn the_sample_comes_back() {
    for version in [Version::V1_6, Version::V1_7] {
        let bom = sample::rich();
        let read = round(&bom, version);
        let wanted = expected(&bom, &read);
        for (one, other) in wanted.components.iter().zip(&read.components) {
            assert_eq!(one, other);
        }
        for (one, other) in wanted.relations.iter().zip(&read.relations) {
            assert_eq!(one, other);
        }
        assert_eq!(wanted, read);
        assert_eq!(read.about.format, Some(Format::CycloneDx(version.word().to_owned())));
    }
}
