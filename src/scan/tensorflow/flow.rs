//! Which constant texts flow into the paths of savers and tables.
//!
//! Every model saves and restores itself, with operators that write and read any path. They are harmless
//! where the path comes from outside, as loaders give it, and not where it is built into the graph. So
//! constants are followed through what hands texts on, and through calls of functions.

use std::collections::{BTreeMap, BTreeSet};

use super::TENSORFLOW_PATH;
use crate::scan::Context;
use crate::scan::paths::leads_out;
use crate::scan::quote::shown;

/// Entries that are kept of all graphs of a file.
const KEPT: usize = 300_000;
/// Steps that are gone for all paths of a file.
const STEPS: usize = 300_000;

/// Where the text of a node comes from.
#[derive(Debug)]
enum Source {
    Constant(Vec<String>),
    Inputs(Vec<String>, bool),
    Argument(usize),
}

/// A path that an operator reads or writes.
#[derive(Debug)]
struct Path {
    scope: u32,
    input: String,
    kind: String,
    at: u64,
}

/// What is known of the texts of all graphs and functions of a file; each is a scope by its number.
#[derive(Debug, Default)]
pub(super) struct Flow {
    scopes: u32,
    graphs: BTreeMap<u64, u32>,
    functions: BTreeMap<String, u32>,
    sources: BTreeMap<(u32, String), Vec<Source>>,
    calls: BTreeMap<u32, Vec<(u32, Vec<String>)>>,
    paths: Vec<Path>,
    assets: BTreeSet<String>,
    kept: usize,
    steps: usize,
}

impl Flow {
    fn room(&mut self) -> bool {
        self.kept += 1;
        self.kept <= KEPT
    }

    /// The scope of a graph at a place.
    pub(super) fn graph(&mut self, at: u64) -> u32 {
        let next = self.scopes + 1;
        let scope = *self.graphs.entry(at).or_insert(next);
        self.scopes = self.scopes.max(scope);
        scope
    }

    fn scope_of(&mut self, function: &str) -> u32 {
        let next = self.scopes + 1;
        let scope = *self.functions.entry(function.to_owned()).or_insert(next);
        self.scopes = self.scopes.max(scope);
        scope
    }

    /// The scope of a function, whose arguments are named.
    pub(super) fn function(&mut self, name: &str, arguments: &[String]) -> u32 {
        let scope = self.scope_of(name);
        for (index, argument) in arguments.iter().enumerate() {
            if self.room() {
                self.sources.entry((scope, argument.clone())).or_default().push(Source::Argument(index));
            }
        }
        scope
    }

    /// A constant that loaders replace by the path of an asset.
    pub(super) fn asset(&mut self, node: &str) {
        if self.room() {
            self.assets.insert(node.to_owned());
        }
    }

    /// A constant.
    pub(super) fn constant(&mut self, scope: u32, node: &str, texts: Vec<String>) {
        if self.room() {
            self.sources.entry((scope, node.to_owned())).or_default().push(Source::Constant(texts));
        }
    }

    /// A node that hands texts on; `is_first` where the first input begins what comes out.
    pub(super) fn hand_on(&mut self, scope: u32, node: &str, inputs: Vec<String>, is_first: bool) {
        if self.room() {
            self.sources.entry((scope, node.to_owned())).or_default().push(Source::Inputs(inputs, is_first));
        }
    }

    /// A call of a function.
    pub(super) fn call(&mut self, scope: u32, function: &str, inputs: Vec<String>) {
        if self.room() {
            let callee = self.scope_of(function);
            self.calls.entry(callee).or_default().push((scope, inputs));
        }
    }

    /// An operator that takes a path.
    pub(super) fn path(&mut self, scope: u32, input: &str, kind: &str, at: u64) {
        if self.room() {
            self.paths.push(Path { scope, input: input.to_owned(), kind: kind.to_owned(), at });
        }
    }

    /// Tells paths that are built into the graph.
    pub(super) fn tell(&mut self, context: &mut Context<'_>) {
        let paths = std::mem::take(&mut self.paths);
        for path in &paths {
            for (text, is_first) in self.follow(path) {
                if let Some(how) = is_own(&path.kind, &text, is_first) {
                    let message =
                        format!("operator `{}` has the path `{}` built in, which {how}", path.kind, shown(&text));
                    context.find(&TENSORFLOW_PATH, path.at, message);
                }
            }
        }
        if self.kept > KEPT || self.steps > STEPS {
            context.unread(None, "the graph has more texts that may be paths than are followed");
        }
    }

    /// Texts that flow into a path, and whether each begins it. However many nodes hand them on: the steps of all
    /// paths together are limited, and that is told.
    fn follow(&mut self, path: &Path) -> Vec<(String, bool)> {
        let is_table = path.kind.starts_with("InitializeTable");
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut left = vec![(path.scope, path.input.clone(), true)];
        while let Some((scope, input, is_first)) = left.pop() {
            self.steps += 1;
            if left.len() > STEPS {
                self.steps = STEPS + 1;
            }
            if self.steps > STEPS {
                break;
            }
            // `node:output:0` in functions, `node:0` in graphs; `^node` is no value.
            let node = input.split(':').next().unwrap_or_default();
            if input.starts_with('^') || !seen.insert((scope, node.to_owned(), is_first)) {
                continue;
            }
            for source in self.sources.get(&(scope, node.to_owned())).into_iter().flatten() {
                match source {
                    Source::Constant(texts) => {
                        // Loaders give the path of an asset to what fills tables, and to nothing else.
                        if !(is_table && self.assets.contains(node)) {
                            found.extend(texts.iter().map(|text| (text.clone(), is_first)));
                        }
                    }
                    Source::Inputs(inputs, begins) => left.extend(
                        inputs
                            .iter()
                            .enumerate()
                            .map(|(i, input)| (scope, input.clone(), is_first && *begins && i == 0)),
                    ),
                    Source::Argument(index) => {
                        let calls = self.calls.get(&scope).into_iter().flatten();
                        left.extend(
                            calls.filter_map(|(caller, inputs)| Some((*caller, inputs.get(*index)?.clone(), is_first))),
                        );
                    }
                }
            }
        }
        found
    }
}

/// How a text that flows into a path makes it one of the graph's own, if it does.
fn is_own(kind: &str, text: &str, is_first: bool) -> Option<&'static str> {
    if let Some(how) = leads_out(text) {
        return Some(how);
    }
    // `model` is what savers are called that nobody gave a path; tables take names of assets.
    let is_named = is_first && !text.is_empty() && text != "model" && !kind.starts_with("InitializeTable");
    is_named.then_some("no loader gave it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Limits;
    use crate::scan::Verdict;

    #[test]
    fn constants_are_followed_through_nodes_and_calls() {
        let run = |text: &str, kind: &str| {
            let mut flow = Flow::default();
            let graph = flow.graph(0);
            flow.asset("path");
            flow.constant(graph, "path", vec![text.to_owned()]);
            flow.hand_on(graph, "same", vec!["path".to_owned()], true);
            flow.call(graph, "save", vec!["x".to_owned(), "same:0".to_owned()]);
            let scope = flow.function("save", &["a".to_owned(), "b".to_owned()]);
            flow.path(scope, "b", kind, 7);
            // A ring ends.
            flow.hand_on(graph, "x", vec!["x".to_owned()], true);
            flow.path(graph, "x", "SaveV2", 8);
            let limits = Limits::default();
            let mut context = Context::new("a", 1, &limits);
            flow.tell(&mut context);
            context.finish().verdict
        };
        let mut flow = Flow::default();
        let graph = flow.graph(0);
        flow.constant(graph, "n0", vec!["/etc/x".to_owned()]);
        for n in 1..1000 {
            flow.hand_on(graph, &format!("n{n}"), vec![format!("n{}", n - 1)], true);
        }
        flow.path(graph, "n999", "SaveV2", 1);
        let limits = Limits::default();
        let mut context = Context::new("a", 1, &limits);
        flow.tell(&mut context);
        assert_eq!(context.finish().verdict, Verdict::Suspicious);
        assert_eq!(run("/tmp/x", "SaveV2"), Verdict::Suspicious);
        assert_eq!(run("notes.txt", "SaveV2"), Verdict::Suspicious);
        assert_eq!(run("model", "RestoreV2"), Verdict::Clean);
        assert_eq!(run("/home/me/vocab.txt", "InitializeTableFromTextFileV2"), Verdict::Clean);
    }
}
