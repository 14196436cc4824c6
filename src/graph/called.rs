//! What a command of a script runs of the tree: a script, a target of a Makefile, a recipe. Shared by all that
//! follow calls; who follows them decides how far.

mod node;

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::Act;
use crate::graph::Document;
use crate::graph::images::layout::Layout;
use crate::graph::kinds::commands::{CommandFile, CommandForm};
use crate::graph::kinds::workflow::Script;
use crate::graph::paths::Paths;
use crate::parse::shell::Invocation;
use crate::source::{RepoPath, Sources};

/// Parts of one file that run before another.
const MAX_NEEDS: usize = 64;
/// Assignments looked at in one script.
const MAX_ASSIGNMENTS: usize = 256;

/// Files of commands by path.
#[derive(Debug)]
pub(in crate::graph) struct Callable<'a> {
    documents: &'a [Document],
    by_path: BTreeMap<&'a RepoPath, usize>,
    /// Parts by document and name, aliases too: a file may have thousands that name one another.
    by_name: BTreeMap<usize, BTreeMap<&'a str, Vec<usize>>>,
}

/// What a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) struct Called {
    /// Index of the file's document.
    pub(in crate::graph) document: usize,
    /// Its parts that run, in the order of their indices.
    pub(in crate::graph) blocks: Vec<usize>,
    /// The folder they start in, absolute in the layout.
    pub(in crate::graph) folder: String,
    /// `make`, `just`; none for a script.
    pub(in crate::graph) is_target: bool,
}

impl<'a> Callable<'a> {
    /// Those of a tree.
    pub(in crate::graph) fn of(documents: &'a [Document], sources: &'a Sources) -> Self {
        let files = documents.iter().enumerate().filter_map(|(index, document)| match document {
            Document::Commands(file) => Some((&sources.get(file.file)?.path, index)),
            _ => None,
        });
        let by_path: BTreeMap<&RepoPath, usize> = files.collect();
        let mut by_name: BTreeMap<usize, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
        for &document in by_path.values() {
            let Some(Document::Commands(file)) = documents.get(document) else { continue };
            let names = by_name.entry(document).or_default();
            for (index, block) in file.blocks.iter().enumerate() {
                for name in std::iter::once(&block.name.value).chain(&block.aliases) {
                    names.entry(name.as_str()).or_default().push(index);
                }
            }
        }
        Self { documents, by_path, by_name }
    }

    /// Whether there are none.
    pub(in crate::graph) fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// The file of an index that [`Called`] names.
    pub(in crate::graph) fn file(&self, document: usize) -> Option<&'a CommandFile> {
        match self.documents.get(document) {
            Some(Document::Commands(file)) => Some(file),
            _ => None,
        }
    }

    /// The parts of a file that run with one of a name: what it needs, and itself at last.
    pub(in crate::graph) fn with_needs(&self, document: usize, name: &str) -> Vec<usize> {
        let Some(file) = self.file(document) else { return Vec::new() };
        Self::in_order(file, &self.blocks(document, file, Some(&[name])))
    }

    /// The same parts of a file in the order in which they run: what a part needs comes before it.
    pub(in crate::graph) fn in_order(file: &CommandFile, blocks: &[usize]) -> Vec<usize> {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for &index in blocks {
            if let Some(block) = file.blocks.get(index) {
                let names = std::iter::once(&block.name.value).chain(&block.aliases);
                names.for_each(|name| by_name.entry(name.as_str()).or_default().push(index));
            }
        }
        let mut out = Vec::with_capacity(blocks.len());
        let mut seen = BTreeSet::new();
        // Each part twice: entered, then left behind all that it needs.
        let mut stack: Vec<(usize, bool)> = blocks.iter().rev().map(|block| (*block, false)).collect();
        while let Some((index, is_left)) = stack.pop() {
            if is_left {
                out.push(index);
            } else if seen.insert(index)
                && let Some(block) = file.blocks.get(index)
            {
                stack.push((index, true));
                let needs = block.needs.iter().rev().filter_map(|name| by_name.get(name.as_str()));
                stack.extend(needs.flatten().map(|need| (*need, false)));
            }
        }
        out
    }

    /// What an act runs; none where it runs nothing of the tree that is read. `folder` is where its command
    /// stands.
    pub(in crate::graph) fn called(
        &self,
        paths: &Paths<'_>,
        script: &Script,
        act: &Act,
        layout: &Layout,
        folder: &str,
    ) -> Option<Called> {
        let (path, by) = act.called()?;
        let runner = by.filter(|by| matches!(*by, "make" | "gmake" | "just" | "task"));
        let (document, folder) = self.target(paths, script, act.command, layout, folder, path, runner)?;
        let targets = runner.map(|_| [path]);
        let blocks = self.blocks(document, self.file(document)?, targets.as_ref().map(<[&str; 1]>::as_slice));
        Some(Called { document, blocks, folder, is_target: runner.is_some() })
    }

    /// The scripts of a `package.json` that a command of a script runs: `npm run build`, and those that an install
    /// of the package starts.
    pub(in crate::graph) fn of_package(
        &self,
        paths: &Paths<'_>,
        script: &Script,
        command: usize,
        layout: &Layout,
        folder: &str,
    ) -> Option<Called> {
        let call = Invocation::of(&script.program, script.program.commands.get(command)?)?;
        let names = node::scripts(&call)?;
        let start = match value(&call, node::FOLDERS) {
            Some(named) => layout.absolute(folder, &named)?,
            None => folder.to_owned(),
        };
        let path = layout.resolve(paths, &format!("{}/package.json", start.trim_end_matches('/')))?;
        let document = self.by_path.get(&path).copied()?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let blocks = self.blocks(document, self.file(document)?, Some(&names));
        Some(Called { document, blocks, folder: start, is_target: true })
    }

    /// The document, and the folder it starts in.
    #[allow(clippy::too_many_arguments, reason = "a call is told by all of them")]
    fn target(
        &self,
        paths: &Paths<'_>,
        script: &Script,
        command: usize,
        layout: &Layout,
        folder: &str,
        path: &str,
        runner: Option<&str>,
    ) -> Option<(usize, String)> {
        let at = |path: &str| {
            let path = layout.resolve(paths, path)?;
            self.by_path.get(&path).copied()
        };
        let Some(runner) = runner else { return Some((at(&layout.absolute(folder, path)?)?, folder.to_owned())) };
        let call = Invocation::of(&script.program, script.program.commands.get(command)?)?;
        let (folder_option, names): (&[&str], &[&str]) = match runner {
            "just" => (&["-d", "--working-directory"], &["justfile", "Justfile", ".justfile"]),
            "task" => (&["-d", "--dir"], TASKFILES),
            _ => (&["-C", "--directory"], &["GNUmakefile", "makefile", "Makefile"]),
        };
        let start = match value(&call, folder_option) {
            Some(named) => layout.absolute(folder, &named)?,
            None => folder.to_owned(),
        };
        if let Some(named) = value(&call, &["-f", "--file", "--makefile", "--justfile", "-t", "--taskfile"]) {
            let path = layout.absolute(&start, &named)?;
            // just starts in the folder of its file.
            let start = match (runner, path.rsplit_once('/')) {
                ("just" | "task", Some((above, _))) => above.to_owned(),
                _ => start,
            };
            return Some((at(&path)?, start));
        }
        let found = names.iter().find_map(|name| at(&format!("{}/{name}", start.trim_end_matches('/'))))?;
        Some((found, start))
    }

    /// The parts of a file that a call runs, in the order of their indices: targets with what they need, the
    /// first one where none is named, all of a script.
    fn blocks(&self, document: usize, file: &CommandFile, targets: Option<&[&str]>) -> Vec<usize> {
        let Some(targets) = targets else { return (0..file.blocks.len()).take(1).collect() };
        let first = || match file.form {
            CommandForm::Task => Some("default"),
            _ => file.blocks.iter().find(|b| !b.name.value.starts_with('.')).map(|b| b.name.value.as_str()),
        };
        let mut names: Vec<&str> =
            targets.iter().filter_map(|name| if name.is_empty() { first() } else { Some(*name) }).collect();
        let by_name = self.by_name.get(&document);
        let mut out = BTreeSet::new();
        let mut seen = BTreeSet::new();
        while let Some(name) = names.pop() {
            if seen.len() >= MAX_NEEDS || !seen.insert(name) {
                continue;
            }
            for &index in by_name.and_then(|names| names.get(name)).into_iter().flatten() {
                out.insert(index);
                names.extend(file.blocks.get(index).iter().flat_map(|block| &block.needs).map(String::as_str));
            }
        }
        out.into_iter().collect()
    }
}

fn value(call: &Invocation<'_>, names: &[&str]) -> Option<String> {
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        if names.contains(&arg.text.as_str()) {
            return args.next().map(|a| a.text.clone());
        }
        let joined = names.iter().find_map(|n| arg.text.strip_prefix(n)?.strip_prefix('='));
        if let Some(joined) = joined {
            return Some(joined.to_owned());
        }
    }
    None
}

/// Names that Task looks for.
const TASKFILES: &[&str] = &[
    "Taskfile.yml",
    "taskfile.yml",
    "Taskfile.yaml",
    "taskfile.yaml",
    "Taskfile.dist.yml",
    "taskfile.dist.yml",
    "Taskfile.dist.yaml",
    "taskfile.dist.yaml",
];

/// Variables that a script gives its own folder, one above it, or the root of the tree:
/// `HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"`.
pub(in crate::graph) fn learn_folders(script: &Script, layout: &mut Layout) {
    let program = &script.program;
    let assignments = program.commands.iter().flat_map(|c| &c.assignments).filter(|a| !a.partial);
    for assignment in assignments.take(MAX_ASSIGNMENTS) {
        let text = script.text.text.get(assignment.value.range.clone()).unwrap_or("");
        if let Some(folder) = layout.folder_of(text) {
            layout.know(&assignment.name, &folder);
        }
    }
}
