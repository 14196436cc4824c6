use super::*;
use crate::sbom::sample;

fn written(bom: &Bom, version: Version) -> String {
    let mut out = Vec::new();
    write(bom, version, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_same_parts_are_the_same_bytes_and_others_another_serial() {
    let bom = sample::rich();
    let serial = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        value["serialNumber"].as_str().unwrap().to_owned()
    };
    let text = written(&bom, Version::V1_7);
    assert_eq!(text, written(&bom.clone(), Version::V1_7));
    assert!(is_serial(&serial(&text)));
    assert!(!text.contains("\"\""));
    assert_ne!(serial(&text), serial(&written(&bom, Version::V1_6)));
    let mut other = bom.clone();
    other.components[0].description = sample::text("another");
    assert_ne!(serial(&text), serial(&written(&other, Version::V1_7)));
    other.about.id = sample::text("urn:uuid:01234567-89ab-4def-8123-456789abcdef");
    assert_eq!(Some(serial(&written(&other, Version::V1_7))), other.about.id);
}

#[test]
fn nothing_makes_a_short_document() {
    let value: serde_json::Value = serde_json::from_str(&written(&Bom::default(), Version::V1_7)).unwrap();
    assert_eq!(
        (value["version"].as_u64(), value["metadata"].as_object().map(serde_json::Map::len)),
        (Some(1), Some(0))
    );
    assert!(value.get("components").is_none());
}
