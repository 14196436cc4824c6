//! Texts of a workflow that GitHub evaluates: those that hold `${{ }}`, and the values of `if`.

use super::Facts;
use crate::graph::kinds::workflow::{Evaluated, Template};
use crate::parse::expression;
use crate::parse::yaml::{Node, NodeKind};
use crate::parse::{Budget, Problem};

/// Expressions of one file that are read. The largest of 4,000 public workflows has 460.
const MAX_EXPRESSIONS: usize = 4096;
/// Levels of a file that are looked into; a workflow has eight.
const MAX_DEPTH: usize = 24;
/// Keys under which names are a person's own: an `if` there is no condition.
const NAMED: &[&str] = &["env", "with", "inputs", "outputs", "secrets", "matrix", "variables", "services"];

/// The templates of a document, in the order of the file. What is no expression of GitHub's leaves a problem.
pub(super) fn templates(root: &Node, budget: &mut Budget, out: &mut Facts) -> Vec<Template> {
    let mut found = Collector { out: Vec::new(), left: MAX_EXPRESSIONS, budget, facts: out };
    found.visit(root, "", "", 0);
    // A condition that is a copy stands where the original does.
    found.out.sort_by_key(|template| template.span.start);
    found.out
}

struct Collector<'a> {
    out: Vec<Template>,
    left: usize,
    budget: &'a mut Budget,
    facts: &'a mut Facts,
}

impl Collector<'_> {
    /// `key` is the nearest key, `above` the one that holds the mapping it stands in.
    fn visit(&mut self, node: &Node, key: &str, above: &str, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match &node.kind {
            NodeKind::Null => {}
            NodeKind::Scalar(_) => self.take(node, key, above),
            NodeKind::Sequence(items) => items.iter().for_each(|item| self.visit(item, key, above, depth + 1)),
            NodeKind::Mapping(entries) => {
                for entry in entries {
                    let name = entry.key.as_str().unwrap_or("");
                    // A copy says what the original said, unless it is a condition only here.
                    if entry.value.alias.is_none() || name == "if" {
                        self.visit(&entry.value, name, key, depth + 1);
                    }
                }
            }
        }
    }

    fn take(&mut self, node: &Node, key: &str, above: &str) {
        let Some(scalar) = node.as_scalar().filter(|_| node.alias.is_none() || key == "if") else { return };
        let text = scalar.text.text.as_str();
        let is_condition = key == "if" && !NAMED.contains(&above);
        let has_braces = text.contains("${{");
        if !has_braces && !is_condition {
            return;
        }
        let ranges = if has_braces {
            expression::embedded(text)
        } else {
            let start = text.len() - text.trim_start().len();
            vec![(0..text.len(), start..start + text.trim().len())]
        };
        let mut expressions = Vec::with_capacity(ranges.len());
        for (range, inner) in ranges {
            if self.left == 0 || !self.budget.take_items(2) {
                if !self.facts.problems.iter().any(|p| p.message == TOO_MANY) {
                    self.facts.problems.push(Problem::new(scalar.text.host_span(range), TOO_MANY));
                }
                break;
            }
            self.left -= 1;
            let bare = text.get(inner.clone()).unwrap_or("");
            match expression::parse(bare) {
                Ok(tree) => expressions.push(Evaluated { range, start: inner.start, tree }),
                // `if:` with nothing behind it, `${{ }}`: GitHub takes neither, and nothing is lost.
                Err(_) if bare.is_empty() => {}
                Err(error) => {
                    let message = format!("an expression that is not understood: {}", error.message);
                    self.facts.problems.push(Problem::new(scalar.text.host_span(inner), message));
                }
            }
        }
        self.out.push(Template {
            key: key.to_owned(),
            above: above.to_owned(),
            is_condition,
            span: node.span,
            text: scalar.text.clone(),
            expressions,
        });
    }
}

const TOO_MANY: &str = "too many expressions; the rest is not read";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::yaml;

    fn read(text: &str) -> (Vec<Template>, Facts) {
        let mut budget = Budget::default();
        let mut facts = Facts::default();
        let root = yaml::parse(text, &mut budget).docs.into_iter().next().unwrap_or_default();
        (templates(&root, &mut budget, &mut facts), facts)
    }

    #[test]
    fn conditions_and_braces_are_found_with_their_bytes() {
        let text = "if: a == 'b'\nrun: |\n  # ${{ x }}\n  echo ${{ secrets.Y }}\nwith: { if: no }\n# ${{ z }}\nn: [1, \"${{ w }}\"]\n";
        let (found, facts) = read(text);
        let shown: Vec<_> = found
            .iter()
            .flat_map(|t| t.expressions.iter().map(move |e| (t, e)))
            .map(|(t, e)| (t.key.as_str(), t.is_condition, &text[t.place(e, &e.tree).range(text.len())]))
            .collect();
        assert_eq!(
            shown,
            [("if", true, "a == 'b'"), ("run", false, "x"), ("run", false, "secrets.Y"), ("n", false, "w")]
        );
        assert!(facts.problems.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn every_expression_lies_in_its_file(text in "(if: |run: \\|\n  |a: \"|- |\\$\\{\\{|\\}\\}|x\\.y|'|\"|\n| |&&|é|\\\\n|&a |\\*a){0,40}") {
            let (found, _) = read(&text);
            for (template, each) in found.iter().flat_map(|t| t.expressions.iter().map(move |e| (t, e))) {
                for part in each.tree.all() {
                    let span = template.place(each, part);
                    proptest::prop_assert!(usize::try_from(span.end).unwrap() <= text.len(), "{text:?}");
                    proptest::prop_assert!(template.text.text.get(each.inner(part)).is_some(), "{text:?}");
                }
                proptest::prop_assert!(template.text.text.get(each.range.clone()).is_some());
            }
            proptest::prop_assert!(found.is_sorted_by_key(|t| t.span.start));
        }
    }

    #[test]
    fn what_is_no_expression_is_a_problem_and_many_end() {
        let (found, facts) = read("a: ${{ x y }}\nif: 'a ||'\nb: ${{ }}\n");
        assert_eq!((found.len(), facts.problems.len()), (3, 2));
        let (found, facts) = read(&format!("a: \"{}\"\n", "${{ x }}".repeat(5000)));
        assert_eq!((found[0].expressions.len(), facts.problems.len()), (MAX_EXPRESSIONS, 1));
    }
}
