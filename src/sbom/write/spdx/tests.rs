use serde_json::Value;

use super::*;
use crate::sbom::sample;

fn written(bom: &Bom) -> String {
    let mut out = Vec::new();
    write(bom, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_same_parts_are_the_same_bytes() {
    let bom = sample::rich();
    let text = written(&bom);
    assert_eq!(text, written(&bom.clone()));
    let value: Value = serde_json::from_str(&text).unwrap();
    let graph = value["@graph"].as_array().unwrap();
    if let Ok(path) = std::env::var("SPDX_OUT") {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(graph[1]["type"], "SpdxDocument");
}
