//! The constants of a job's matrix. Source: GitHub Docs, "Running variations of jobs in a workflow".

use super::yaml_help::{keyed, text};
use crate::graph::kinds::workflow::Pair;
use crate::parse::yaml::{Node, NodeKind};
use crate::source::Spanned;

/// Keys, and values of one key, of a matrix that are kept. GitHub starts 256 jobs at most.
const MAX_MATRIX: usize = 256;
/// Tables in tables followed.
const MAX_NESTING: usize = 4;

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
        match &value.kind {
            NodeKind::Sequence(items) if items.len() <= MAX_MATRIX => {
                items.iter().for_each(|item| constants(&key.value, item, MAX_NESTING, &mut add));
            }
            _ => add(&key.value, None),
        }
    }
    if let Some(NodeKind::Sequence(items)) = matrix.get("include").map(|i| &i.kind) {
        for item in items.iter().take(MAX_MATRIX) {
            keyed(item).for_each(|(key, value)| constants(&key.value, value, MAX_NESTING, &mut add));
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

/// One value of a key: a text, or a table of them.
fn constants(key: &str, value: &Node, depth: usize, add: &mut impl FnMut(&str, Option<Vec<String>>)) {
    match &value.kind {
        NodeKind::Mapping(_) if depth > 0 => {
            keyed(value).for_each(|(inner, value)| constants(&format!("{key}.{}", inner.value), value, depth - 1, add));
        }
        NodeKind::Null => add(key, Some(vec![String::new()])),
        _ => add(key, text(Some(value)).map(|t| vec![t.value])),
    }
}

/// The lists of a matrix that are expressions, each with its key; an empty one where the whole matrix is.
pub(super) fn computed(node: &Node) -> Vec<Pair> {
    let Some(matrix) = node.get("strategy").and_then(|s| s.get("matrix")) else { return Vec::new() };
    if let Some(whole) = text(Some(matrix)) {
        return vec![(Spanned::new(String::new(), whole.span), whole)];
    }
    let lists = keyed(matrix).filter(|(key, _)| key.value != "exclude").take(MAX_MATRIX);
    lists.filter_map(|(key, value)| Some((key, text(Some(value))?))).collect()
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
            ("a:\n        - {b: x, c: 1}\n        - {b: y, c: '${{ z }}'}", "a.b=x,y"),
        ] {
            let text = format!("job:\n  strategy:\n    matrix:\n      {text}\n");
            let read = yaml::parse(&text, &mut Budget::default());
            let found = matrix(read.root().unwrap().get("job").unwrap());
            let shown: Vec<_> = found.iter().map(|(key, values)| format!("{key}={}", values.join(","))).collect();
            assert_eq!(shown.join(" "), expected, "{text}");
        }
    }
}
