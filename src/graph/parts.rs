//! Parts of files of commands (scripts, targets, recipes, cells) and who runs them: the steps, instructions,
//! hooks and other parts of the tree that call them, and those that nothing calls.
//!
//! Nothing here says what is bad, or which of several callers matters most.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::called::{Callable, Called, learn_folders};
use super::flow::Home;
use super::images::ImageView;
use super::images::layout::{Folders, Layout, walk};
use super::kinds::commands::{CommandFile, CommandForm};
use super::kinds::docker::InstructionKind;
use super::kinds::workflow::{Script, Step};
use super::paths::Paths;
use super::python;
use super::{Document, kinds};
use crate::source::{FileId, Place, RepoPath, Role, Sources};

/// Calls followed in one tree.
const MAX_CALLS: usize = 20_000;
/// Calls followed inside of one another: a step runs a script that runs a target that sources a script.
const MAX_DEPTH: usize = 4;

/// A part that is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Index of its file's document.
    pub document: usize,
    /// Index of the part in the file.
    pub block: usize,
    /// Position of the step that calls it; none where no step does.
    pub step: Option<usize>,
    /// The calls that lead to it, outermost first: what is called, in words, and where.
    pub hops: Vec<(String, Place)>,
}

/// A part that nothing of the tree runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByHand {
    /// Index of its file's document.
    pub document: usize,
    /// Index of the part in the file.
    pub block: usize,
    /// What it is for, by its form and place.
    pub role: Role,
}

/// All parts of a tree.
#[derive(Debug, Default)]
pub struct Parts {
    called: BTreeMap<Home, Vec<Part>>,
    by_hand: Vec<ByHand>,
    /// What was left out, in sentences.
    pub cut: Vec<String>,
}

impl Parts {
    /// Those of a tree.
    #[must_use]
    pub fn build(documents: &[Document], sources: &Sources, files: &BTreeSet<RepoPath>, images: &ImageView) -> Self {
        let paths = Paths::new(files);
        let callable = Callable::of(documents, sources);
        let mut walk = Walk { sources, paths: &paths, callable, left: MAX_CALLS, out: Self::default() };
        if walk.callable.is_empty() {
            return walk.out;
        }
        for (document, what) in documents.iter().enumerate() {
            walk.document(document, what, images);
        }
        let called: BTreeSet<(usize, usize)> =
            walk.out.called.values().flatten().map(|part| (part.document, part.block)).collect();
        walk.by_hand(documents, called);
        walk.out
    }

    /// What a home's scripts call, each part once, in the order of the calls.
    #[must_use]
    pub fn of(&self, home: Home) -> &[Part] {
        self.called.get(&home).map_or(&[], Vec::as_slice)
    }

    /// All calls, by who makes them.
    pub fn called(&self) -> impl Iterator<Item = (Home, &Part)> {
        self.called.iter().flat_map(|(home, parts)| parts.iter().map(move |part| (*home, part)))
    }

    /// Parts that nothing of the tree runs, in path order. What they call in turn is theirs: see [`Self::of`].
    #[must_use]
    pub fn by_hand(&self) -> &[ByHand] {
        &self.by_hand
    }
}

/// What a part is called in a route: `deps of Makefile`, `scripts/x.sh`.
#[must_use]
pub fn title(sources: &Sources, file: &CommandFile, block: usize) -> String {
    let path = sources.path(file.file);
    match file.blocks.get(block).map(|b| b.name.value.as_str()) {
        Some(name) if !name.is_empty() => format!("{name} of {path}"),
        _ => path.to_owned(),
    }
}

/// Where a script stands that makes calls.
struct At<'s> {
    file: FileId,
    script: &'s Script,
    layout: &'s Layout,
    /// Where it starts, relative to the layout's folder.
    start: Option<&'s str>,
    step: Option<usize>,
    hops: &'s [(String, Place)],
}

/// What one home calls.
#[derive(Default)]
struct Found {
    parts: Vec<Part>,
    seen: BTreeSet<(usize, usize)>,
}

struct Walk<'a> {
    sources: &'a Sources,
    paths: &'a Paths<'a>,
    callable: Callable<'a>,
    left: usize,
    out: Parts,
}

impl<'a> Walk<'a> {
    fn document(&mut self, document: usize, what: &'a Document, images: &ImageView) {
        match what {
            Document::Workflow(workflow) => {
                for (job, found) in workflow.jobs.iter().enumerate() {
                    self.steps(Home::Job { document, job }, workflow.file, &found.steps);
                }
            }
            Document::Action(action) => self.steps(Home::Action { document }, action.file, &action.steps),
            Document::Dockerfile(dockerfile) => {
                let Some(image) = images.of_document(document) else { return };
                let paths = self.paths;
                let mut found: BTreeMap<usize, Found> = BTreeMap::new();
                walk(dockerfile, &image.context, paths, &mut |seen| {
                    let script = match &seen.what.kind {
                        InstructionKind::Run { script, .. } | InstructionKind::Start(script) => script,
                        _ => return,
                    };
                    let layout = seen.layout;
                    let at = At { file: dockerfile.file, script, layout, start: None, step: None, hops: &[] };
                    self.follow(&at, found.entry(seen.stage.index).or_default());
                });
                for (stage, found) in found {
                    self.keep(Home::Stage { document, stage }, found.parts);
                }
            }
            Document::Hooks(_) | Document::Agent(_) => {
                for (index, script) in kinds::local_scripts(what).into_iter().enumerate() {
                    let layout = Layout::of_job();
                    let file = what.file();
                    let at = At { file, script, layout: &layout, start: None, step: None, hops: &[] };
                    let mut found = Found::default();
                    self.follow(&at, &mut found);
                    self.keep(Home::Local { document, index }, found.parts);
                }
            }
            _ => {}
        }
    }

    fn keep(&mut self, home: Home, parts: Vec<Part>) {
        if !parts.is_empty() {
            self.out.called.insert(home, parts);
        }
    }

    fn steps(&mut self, home: Home, file: FileId, steps: &[Step]) {
        let mut layout = Layout::of_job();
        // An action knows its own folder.
        if let (Home::Action { .. }, Some(action)) = (home, self.sources.get(file))
            && let Some(folder) = layout.of_tree(&action.path.parent())
        {
            layout.know("GITHUB_ACTION_PATH", folder.trim_end_matches('/'));
        }
        let mut found = Found::default();
        for step in steps {
            let Some(script) = &step.run else { continue };
            let start = step.working_directory.as_ref().map(|d| d.value.as_str());
            let at = At { file, script, layout: &layout, start, step: Some(step.index), hops: &[] };
            self.follow(&at, &mut found);
        }
        self.keep(home, found.parts);
    }

    /// Follows what a script calls. Each part is entered once for one home, so that scripts which call each
    /// other cost no more than they are long.
    fn follow(&mut self, at: &At<'_>, out: &mut Found) {
        let of_node = ["npm", "yarn", "bun"].iter().any(|name| at.script.text.text.contains(name));
        let calls = of_node || at.script.acts.iter().any(|act| act.called().is_some());
        if at.hops.len() >= MAX_DEPTH || !calls {
            return;
        }
        let folders = Folders::new(at.script, at.layout, at.start);
        let mut seen = BTreeSet::new();
        let mut all: Vec<(usize, Range<usize>, Called)> = Vec::new();
        for act in &at.script.acts {
            let Some((path, _)) = act.called() else { continue };
            if !seen.insert((act.command, path)) {
                continue;
            }
            let Some(folder) = folders.at(act.command) else { continue };
            let called = self.callable.called(self.paths, at.script, act, at.layout, &folder);
            all.extend(called.map(|called| (act.command, act.range.clone(), called)));
        }
        if of_node {
            for (index, command) in at.script.program.commands.iter().enumerate() {
                let Some(folder) = folders.at(index) else { continue };
                let called = self.callable.of_package(self.paths, at.script, index, at.layout, &folder);
                all.extend(called.map(|called| (index, command.range.clone(), called)));
            }
            all.sort_by_key(|(command, ..)| *command);
        }
        for (_, range, called) in all {
            let Some(file) = self.callable.file(called.document) else { continue };
            let place = Place::new(at.file, at.script.text.host_span(range));
            for block in called.blocks {
                if !out.seen.insert((called.document, block)) {
                    continue;
                }
                match self.left.checked_sub(1) {
                    Some(left) => self.left = left,
                    None => {
                        let cut = format!("scripts: more than {MAX_CALLS} calls of one another, the rest are not told");
                        if self.out.cut.is_empty() {
                            self.out.cut.push(cut);
                        }
                        return;
                    }
                }
                let mut hops = at.hops.to_vec();
                hops.push((title(self.sources, file, block), place));
                out.parts.push(Part { document: called.document, block, step: at.step, hops: hops.clone() });
                let Some(script) = file.blocks.get(block).and_then(|b| b.script.as_ref()) else { continue };
                let mut layout = at.layout.clone();
                layout.folder.clone_from(&called.folder);
                self.know_own(file, script, &mut layout);
                let inner = At { file: file.file, script, layout: &layout, start: None, step: at.step, hops: &hops };
                self.follow(&inner, out);
            }
        }
    }

    /// Lets a script know the folder it lies in.
    fn know_own(&self, file: &CommandFile, script: &Script, layout: &mut Layout) {
        if file.form == CommandForm::Shell
            && let Some(folder) = self.sources.get(file.file).and_then(|f| layout.of_tree(&f.path.parent()))
        {
            layout.script_folder = Some(folder.trim_end_matches('/').to_owned());
            learn_folders(script, layout);
        }
    }

    /// The parts that nothing runs, and what they call.
    fn by_hand(&mut self, documents: &'a [Document], mut called: BTreeSet<(usize, usize)>) {
        let mut files: Vec<(usize, &'a CommandFile)> = Vec::new();
        for (document, what) in documents.iter().enumerate() {
            if let Document::Commands(file) = what {
                files.push((document, file));
            }
        }
        // A target that runs a script is what people call, so scripts come last.
        files.sort_by_key(|(document, file)| (file.form == CommandForm::Shell, *document));
        for (document, file) in files {
            let Some(source) = self.sources.get(file.file) else { continue };
            let role = python::role_of_commands(file.form, &source.path);
            let mut layout = Layout::of_job();
            if file.form != CommandForm::Shell
                && let Some(folder) = layout.of_tree(&source.path.parent())
            {
                folder.trim_end_matches('/').clone_into(&mut layout.folder);
            }
            for (block, what) in file.blocks.iter().enumerate() {
                if called.contains(&(document, block)) {
                    continue;
                }
                let Some(script) = &what.script else { continue };
                self.out.by_hand.push(ByHand { document, block, role });
                let mut own = layout.clone();
                self.know_own(file, script, &mut own);
                let at = At { file: file.file, script, layout: &own, start: None, step: None, hops: &[] };
                let mut found = Found::default();
                found.seen.insert((document, block));
                self.follow(&at, &mut found);
                let mut parts = found.parts;
                // What is told with another part, or by itself, is told once.
                parts.retain(|part| !called.contains(&(part.document, part.block)));
                called.extend(parts.iter().map(|part| (part.document, part.block)));
                self.keep(Home::Block { document, block }, parts);
            }
        }
        self.out.by_hand.sort_by_key(|hand| (hand.document, hand.block));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Home, Parts, title};
    use crate::graph::Document;
    use crate::graph::images::ImageView;
    use crate::read::read_tree;
    use crate::source::{RepoPath, Tree};

    /// Every part with who calls it, by which way; then those that nothing runs.
    fn parts(files: &[(&str, &str)]) -> Vec<String> {
        let all: BTreeMap<RepoPath, Vec<u8>> =
            files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect();
        let paths: BTreeSet<RepoPath> = all.keys().cloned().collect();
        let tree = Tree::from_memory("t", all);
        let reading = read_tree(&tree, 1, &|_, _| {});
        let images = ImageView::build(&reading.documents, &reading.sources, &paths);
        let view = Parts::build(&reading.documents, &reading.sources, &paths, &images);
        let name = |document: usize, block: usize| match reading.documents.get(document) {
            Some(Document::Commands(file)) => title(&reading.sources, file, block),
            _ => "?".to_owned(),
        };
        let called = view.called().map(|(home, part)| {
            let by = match home {
                Home::Job { .. } => "job".to_owned(),
                Home::Action { .. } => "action".to_owned(),
                Home::Stage { stage, .. } => format!("stage {stage}"),
                Home::Local { index, .. } => format!("command {index}"),
                Home::Block { document, block } => name(document, block),
            };
            let hops: Vec<&str> = part.hops.iter().map(|(text, _)| text.as_str()).collect();
            assert_eq!(hops.last().copied(), Some(name(part.document, part.block).as_str()));
            format!("{by} {:?}: {}", part.step, hops.join(" > "))
        });
        let by_hand = view.by_hand().iter().map(|h| format!("{} {}", h.role.as_str(), name(h.document, h.block)));
        called.chain(by_hand).collect()
    }

    #[test]
    fn an_action_finds_the_scripts_beside_it() {
        for call in ["bash \"${GITHUB_ACTION_PATH}/setup.sh\"", "${{ github.action_path }}/setup.sh"] {
            let action = format!("runs:\n  using: composite\n  steps:\n    - shell: bash\n      run: {call}\n");
            let found = parts(&[
                (".github/actions/setup/action.yml", &action),
                (".github/actions/setup/setup.sh", "curl -o x https://example.com/x\n"),
            ]);
            assert_eq!(found, ["action Some(0): .github/actions/setup/setup.sh"], "{call}");
        }
    }

    #[test]
    fn calls_are_followed_from_everywhere() {
        let workflow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n\
            \x20     - run: make deps\n        working-directory: sub\n      - run: npm --prefix ui ci && npm --prefix ui run build\n";
        let found = parts(&[
            (".github/workflows/a.yml", workflow),
            ("sub/Makefile", "all: deps\n\tcurl -o y https://example.com/y\ndeps:\n\tbash run.sh\n"),
            ("sub/run.sh", "curl -o x https://example.com/x\nbash run.sh\n"),
            (
                "ui/package.json",
                "{\"scripts\": {\"postinstall\": \"curl a\", \"build\": \"npm run sub\", \"sub\": \"x\", \"dev\": \"npx b\"}}",
            ),
            ("Dockerfile", "FROM a\nCOPY tools /t\nRUN /t/in.sh\n"),
            ("tools/in.sh", "wget https://example.com/z\n"),
            ("by/hand.sh", "#!/bin/sh\ncurl -o x https://example.com/x\n. ./more.sh\n"),
            ("Taskfile.yml", "tasks:\n  default:\n    cmds: [bash by/more.sh]\n"),
            ("by/more.sh", "npm install -g x\n"),
            ("ci/x.ps1", "Invoke-WebRequest https://example.com/x -OutFile x\n"),
            ("vendor/y.sh", "curl -o x https://example.com/x\n"),
            ("quiet.sh", "echo pipeline\n"),
        ]);
        assert_eq!(
            found,
            [
                "job Some(1): deps of sub/Makefile",
                "job Some(1): deps of sub/Makefile > sub/run.sh",
                "job Some(2): postinstall of ui/package.json",
                "job Some(2): build of ui/package.json",
                "job Some(2): build of ui/package.json > sub of ui/package.json",
                "stage 0 None: tools/in.sh",
                "default of Taskfile.yml None: by/more.sh",
                "development default of Taskfile.yml",
                "product by/hand.sh",
                "ci ci/x.ps1",
                "development all of sub/Makefile",
                "development dev of ui/package.json",
            ]
        );
    }
}
