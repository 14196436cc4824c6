//! Parts of files of commands as runs: a script or target that steps and instructions call, which then has the
//! weight of its weightiest caller, and one that nothing of the tree runs.

use std::collections::BTreeMap;

use super::reach::Run;
use crate::diag::Severity;
use crate::graph::Document;
use crate::graph::flow::Home;
use crate::graph::kinds::commands::CommandForm;
use crate::graph::kinds::workflow::Script;
use crate::graph::parts::{Part, title};
use crate::rules::{Draft, Scene};
use crate::source::{Place, Role};

/// A part and who runs it.
#[derive(Debug, Clone)]
pub(crate) struct PartRun<'a> {
    /// What its file is.
    pub(crate) form: CommandForm,
    /// Its commands.
    pub(crate) script: &'a Script,
    /// `deps of Makefile`, `scripts/x.sh`.
    pub(crate) title: String,
    /// What it is for: what its caller is for, or by its place where it has none.
    pub(crate) role: Role,
    /// The weightiest run that calls it; none where nothing of the tree does.
    pub(crate) caller: Option<Box<Run<'a>>>,
    /// The calls that lead to it, outermost first: what is called, in words, and where.
    hops: Vec<(String, Place)>,
    /// The step or instruction that calls it.
    step: String,
}

impl PartRun<'_> {
    /// Whether people run it on their machines. What lies where pipelines keep their scripts is theirs, though
    /// nobody sees them call it.
    pub(crate) fn is_by_hand(&self) -> bool {
        self.caller.is_none() && self.role != Role::Ci
    }

    /// Adds the hops that lead to it and what it is for. Commands that people run by hand are theirs to read:
    /// nobody else runs them, so that they are notes.
    pub(crate) fn route<'r, 'g>(&self, scene: &Scene<'_>, draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        let draft = draft.role(self.role);
        let Some(caller) = &self.caller else {
            let draft = self.hops.iter().fold(draft, |draft, (title, place)| draft.via(title.clone(), Some(*place)));
            return if self.is_by_hand() { draft.by_hand(Severity::Low) } else { draft };
        };
        let mut draft = caller.route(scene, draft);
        let mut text = self.step.as_str();
        for (title, place) in &self.hops {
            draft = draft.via(text, Some(*place));
            text = title;
        }
        draft
    }
}

/// Every part that has a script, in path order: each once, under its weightiest caller.
pub(super) fn part_runs<'a>(scene: &Scene<'a>, runs: &[Run<'a>]) -> Vec<Run<'a>> {
    let by_home: BTreeMap<Home, &Run<'a>> = runs.iter().map(|run| (run.home, run)).collect();
    let mut best: BTreeMap<(usize, usize), (&Part, &Run<'a>, Role)> = BTreeMap::new();
    for (home, part) in scene.parts.called() {
        let Some(caller) = by_home.get(&home) else { continue };
        let role = role_of(scene, home, caller);
        let rank = |run: &Run<'_>, role: Role| (run.weight(), std::cmp::Reverse(role));
        let known = best.get(&(part.document, part.block));
        if known.is_none_or(|(_, other, of_other)| rank(caller, role) > rank(other, *of_other)) {
            best.insert((part.document, part.block), (part, caller, role));
        }
    }
    let mut out: BTreeMap<(usize, usize), Run<'a>> = BTreeMap::new();
    for ((document, block), (part, caller, role)) in best {
        let step = part.step.and_then(|step| caller.steps.iter().find(|s| s.index == step));
        let step = match (step, &caller.stage) {
            (Some(step), _) => step.title(),
            (None, Some(_)) => "RUN".to_owned(),
            (None, None) => "command".to_owned(),
        };
        let hops = part.hops.clone();
        let Some(run) = run(scene, document, block, role, hops, step) else { continue };
        let holder = caller.holder.clone();
        let part = run.part.map(|part| PartRun { caller: Some(Box::new(caller.clone())), ..part });
        out.insert((document, block), Run { holder, part, ..run });
    }
    for hand in scene.parts.by_hand() {
        // Nobody works by the scripts of a copy of somebody else's tree.
        if hand.role == Role::Vendored {
            continue;
        }
        let key = (hand.document, hand.block);
        if let Some(run) = run(scene, hand.document, hand.block, hand.role, Vec::new(), String::new()) {
            out.entry(key).or_insert(run);
        }
        let from = title_of(scene, hand.document, hand.block);
        for part in scene.parts.of(Home::Block { document: hand.document, block: hand.block }) {
            // The target that people call stands first.
            let mut text = from.clone();
            let hops = part.hops.iter().map(|(title, place)| (std::mem::replace(&mut text, title.clone()), *place));
            if let Some(run) = run(scene, part.document, part.block, hand.role, hops.collect(), String::new()) {
                out.entry((part.document, part.block)).or_insert(run);
            }
        }
    }
    out.into_values().collect()
}

/// What a caller is for.
pub(crate) fn role_of(scene: &Scene<'_>, home: Home, caller: &Run<'_>) -> Role {
    match home {
        Home::Job { .. } | Home::Action { .. } => match scene.role(caller.file) {
            // What lies at a product's path runs in CI all the same.
            Role::Product => Role::Ci,
            role => role,
        },
        Home::Local { .. } => scene.role(caller.file).max(Role::Development),
        Home::Stage { .. } | Home::Block { .. } => scene.role(caller.file),
    }
}

fn title_of(scene: &Scene<'_>, document: usize, block: usize) -> String {
    match scene.documents.get(document) {
        Some(Document::Commands(file)) => title(scene.sources, file, block),
        _ => String::new(),
    }
}

fn run<'a>(
    scene: &Scene<'a>,
    document: usize,
    block: usize,
    role: Role,
    hops: Vec<(String, Place)>,
    step: String,
) -> Option<Run<'a>> {
    let Some(Document::Commands(file)) = scene.documents.get(document) else { return None };
    let script = file.blocks.get(block)?.script.as_ref()?;
    let title = title(scene.sources, file, block);
    let part = PartRun { form: file.form, script, title, role, caller: None, hops, step };
    Some(Run { part: Some(part), ..Run::new(Home::Block { document, block }, file.file) })
}

#[cfg(test)]
mod tests {
    use crate::advisory::Index;
    use crate::check::{self, Checked};
    use crate::outside::cached::Cached;
    use crate::read::read_tree;
    use crate::source::{RepoPath, Tree};

    fn checked(files: &[(&str, &str)]) -> Checked {
        let all = files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect();
        let tree = Tree::from_memory("t", all);
        let reading = read_tree(&tree, 1, &|_, _| {});
        check::run(&tree, &reading, &Cached::new(Index::embedded()))
    }

    const SCRIPT: &str = "#!/bin/bash\nset -e\ngit clone https://example.com/o/tool\ncd tool\nmake\n";

    /// Severity, whether it reaches anything, role, and the way, of the one finding of a rule.
    fn told(files: &[(&str, &str)]) -> String {
        let checked = checked(files);
        let found: Vec<String> = checked
            .diagnostics
            .iter()
            .filter(|d| d.rule == "unverified-git-clone")
            .map(|d| {
                let way: Vec<&str> = d.route.iter().map(|hop| hop.text.as_str()).collect();
                let role = d.role.map_or("", crate::source::Role::as_str);
                format!("{:?} {} {role}: {}", d.severity, d.impact.is_some(), way.join(" > "))
            })
            .collect();
        found.join("; ")
    }

    #[test]
    fn a_script_weighs_what_its_weightiest_caller_does() {
        let job = |name: &str, more: &str| {
            format!(
                "  {name}:\n    runs-on: ubuntu-latest\n{more}    steps:\n      - uses: actions/checkout@v4\n      - name: Get\n        run: scripts/get.sh\n"
            )
        };
        let light = format!("on: push\njobs:\n{}", job("light", ""));
        let both = format!("{light}{}", job("heavy", "    env:\n      TOKEN: ${{ secrets.TOKEN }}\n"));
        let script = ("scripts/get.sh", SCRIPT);
        assert_eq!(told(&[script]), "Low false development: scripts/get.sh");
        assert_eq!(
            told(&[(".github/workflows/a.yml", &light), script]),
            "Low false ci: push > job light > Get > scripts/get.sh"
        );
        let found = told(&[(".github/workflows/a.yml", &both), script]);
        assert!(found.starts_with("High true ci: push > job heavy > "), "{found}");
        assert!(found.ends_with(" > Get > scripts/get.sh") && !found.contains(';'), "{found}");
        assert_eq!(told(&[("vendor/x/Makefile", "all:\n\tgit clone https://example.com/o/t && cd t && make\n")]), "");
    }

    #[test]
    fn what_scripts_download_is_in_the_graph() {
        let workflow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: ci/get.sh\n";
        let script = "#!/bin/bash\nset -e\ncurl -fsSLo x https://example.com/latest/x\nchmod +x x\n./x\n";
        let checked = checked(&[(".github/workflows/a.yml", workflow), ("ci/get.sh", script)]);
        let graph = &checked.graph;
        let node = graph.find("download:https://example.com/latest/x").expect("a download");
        let attributes: Vec<String> = graph.node(node).attributes.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(attributes, ["fixity=moving", "strongest-check=none", "weakest-check=none"]);
        let edges = graph.edges();
        let into: Vec<String> = edges
            .iter()
            .filter(|(_, to, _)| *to == node)
            .map(|(from, _, edge)| {
                let how = edge.attributes.get("how").map_or("", String::as_str);
                format!("{} {} {how}", graph.node(*from).key, edge.kind.as_str()).trim_end().to_owned()
            })
            .collect();
        assert_eq!(into, ["job:.github/workflows/a.yml:a uses executed", "script:ci/get.sh fetched-from"]);
    }
}
