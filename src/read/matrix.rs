//! The constants of a job's matrix. Source: GitHub Docs, "Running variations of jobs in a workflow".

use super::yaml_help::{keyed, text};
use crate::parse::yaml::{Node, NodeKind};

/// Keys, and values of one key, of a matrix that are kept. GitHub starts 256 jobs at most.
const MAX_MATRIX: usize = 256;

/// Constants a matrix names, by key. A list that is computed, or holds something computed, tells nothing.
pub(super) fn matrix(node: &Node) -> Vec<(String, Vec<String>)> {
    let Some(matrix) = node.get("strategy").and_then(|s| s.get("matrix")) else { return Vec::new() };
    let mut out: Vec<(String, Option<Vec<String>>)> = Vec::new();
    let mut add = |key: &str, values: Option<Vec<String>>| {
        let values = values.filter(|v| v.iter().all(|text| !text.contains("${{")));
        match out.iter().position(|(known, _)| known == key) {
            Some(at) => {
                let all = &mut out[at].1;
                *all = all.take().zip(values).map(|(mut all, more)| {
                    all.extend(more.into_iter().filter(|m| !all.contains(m)).collect::<Vec<_>>());
                    all
                });
            }
            // Far more keys than any matrix has; each is looked for among those before.
            None if out.len() < MAX_MATRIX => out.push((key.to_owned(), values)),
            None => {}
        }
    };
    for (key, value) in keyed(matrix).filter(|(key, _)| !matches!(key.value.as_str(), "include" | "exclude")) {
        let items = match &value.kind {
            NodeKind::Sequence(items) if items.len() <= MAX_MATRIX => {
                let texts: Vec<_> = items.iter().filter_map(|i| text(Some(i))).map(|t| t.value).collect();
                (texts.len() == items.len()).then_some(texts)
            }
            _ => None,
        };
        add(&key.value, items);
    }
    if let Some(NodeKind::Sequence(items)) = matrix.get("include").map(|i| &i.kind) {
        for item in items.iter().take(MAX_MATRIX) {
            for (key, value) in keyed(item) {
                add(&key.value, text(Some(value)).map(|t| vec![t.value]));
            }
        }
    }
    if let Some(NodeKind::Sequence(items)) = matrix.get("exclude").map(|e| &e.kind) {
        // What is left out whatever the other keys are.
        for item in items.iter().take(MAX_MATRIX) {
            let mut pairs = keyed(item);
            let (Some((key, value)), None) = (pairs.next(), pairs.next()) else { continue };
            let Some(value) = text(Some(value)) else { continue };
            for (_, values) in out.iter_mut().filter(|(known, _)| *known == key.value) {
                values.iter_mut().for_each(|values| values.retain(|v| *v != value.value));
            }
        }
    }
    out.into_iter().filter_map(|(key, values)| Some((key, values?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Budget, yaml};

    #[test]
    fn constants_of_a_matrix_are_kept_and_what_is_computed_is_not() {
        for (text, expected) in [
            ("a: [x, y]", "a=x,y"),
            ("a: [x]\n      include:\n        - a: z\n          b: w\n        - b: v", "a=x,z b=w,v"),
            ("a: ${{ fromJSON(x) }}\n      b: [1, 2]", "b=1,2"),
            ("a: [x, y]\n      exclude:\n        - a: x\n        - { a: y, b: z }", "a=y"),
            ("a: [x, '${{ y }}']", ""),
            ("${{ fromJSON(x) }}", ""),
        ] {
            let text = format!("job:\n  strategy:\n    matrix:\n      {text}\n");
            let read = yaml::parse(&text, &mut Budget::default());
            let found = matrix(read.root().unwrap().get("job").unwrap());
            let shown: Vec<_> = found.iter().map(|(key, values)| format!("{key}={}", values.join(","))).collect();
            assert_eq!(shown.join(" "), expected, "{text}");
        }
    }
}
