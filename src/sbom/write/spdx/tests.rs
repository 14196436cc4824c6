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
    assert_eq!(graph[1]["type"], "SpdxDocument");
}

mod any {
    use proptest::prelude::*;

    use super::*;
    use crate::sbom::read;

    proptest! {
        /// Whatever the parts hold, the document is JSON, every name in it is that of one element, and it is read
        /// without a problem.
        #[test]
        fn whatever_is_written_is_whole(bom in sample::any::bom()) {
            let text = written(&bom);
            let value: Value = serde_json::from_str(&text).unwrap();
            let graph = value["@graph"].as_array().unwrap();
            let ids: Vec<&str> = graph.iter().filter_map(|one| one["spdxId"].as_str()).collect();
            let known: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
            prop_assert_eq!(ids.len(), known.len());
            for one in graph {
                for key in ["to", "element", "rootElement", "originatedBy"] {
                    for id in one[key].as_array().into_iter().flatten().filter_map(Value::as_str) {
                        prop_assert!(known.contains(id) || !id.contains(':'), "{} in {}", id, one);
                    }
                }
            }
            let read = read::read(text.as_bytes()).unwrap();
            prop_assert_eq!(read.problems, []);
            prop_assert_eq!(read.bom.components.len(), bom.components.len());
        }
    }
}
