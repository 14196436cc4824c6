//! Scripts and targets that others run: followed from steps and instructions, with the variables in force
//! at the call; and those that nothing of the tree runs.

use std::collections::{BTreeMap, BTreeSet};

use super::installs::{Around, Found, Out, Spot, force, in_force_at, script_installs};
use super::sets::named_role;
use super::{Caller, Install, Purpose, Site};
use crate::commands::Setting;
use crate::graph::Document;
use crate::graph::called::learn_folders;
use crate::graph::images::layout::{Folders, Layout, lasting};
use crate::graph::kinds::commands::{CommandFile, CommandForm};
use crate::graph::kinds::workflow::Script;
use crate::source::{Place, RepoPath, Role};

/// Calls followed in one tree.
pub(super) const MAX_CALLS: usize = 20_000;
/// Calls followed inside of one another: a step runs a script that runs a target that sources a script.
const MAX_DEPTH: usize = 4;
/// Ways told of one command that differ in what they look up.
const MAX_WAYS: usize = 4;

/// Follows what a script runs of the tree.
pub(super) fn follow(
    around: &Around<'_>,
    spot: &Spot<'_>,
    script: &Script,
    layout: &Layout,
    folders: &Folders<'_>,
    settings: &[Setting],
    out: &mut Out<'_>,
) {
    if around.callable.is_empty() || spot.caller.as_ref().is_some_and(|c| c.hops.len() >= MAX_DEPTH) {
        return;
    }
    let mut seen = BTreeSet::new();
    for act in &script.acts {
        let Some((path, _)) = act.called() else { continue };
        if !seen.insert((act.command, path)) {
            continue;
        }
        let Some(folder) = folders.at(act.command) else { continue };
        let Some(called) = around.callable.called(around.paths, script, act, layout, &folder) else { continue };
        let document = called.document;
        let Some(file) = around.callable.file(document) else { continue };
        let place = Place::new(spot.file, script.text.host_span(act.range.clone()));
        let mut own = layout.clone();
        own.settings = in_force_at(act.command, spot.file, script, layout, settings);
        own.folder = called.folder;
        for block in called.blocks {
            if out.left == 0 {
                return;
            }
            out.left -= 1;
            if out.left == 0 {
                out.cut.push(format!("scripts: more than {MAX_CALLS} calls of one another, the rest are not followed"));
            }
            out.called.insert((document, block));
            let mut caller = spot.caller.clone().unwrap_or(Caller { site: spot.site, hops: Vec::new() });
            let name = around.sources.path(file.file);
            let hop = match file.blocks.get(block).map(|b| b.name.value.as_str()) {
                Some(name_of) if !name_of.is_empty() => format!("{name_of} of {name}"),
                _ => name.to_owned(),
            };
            // What runs itself is followed no further.
            if caller.hops.iter().any(|(known, _)| *known == hop) {
                continue;
            }
            caller.hops.push((hop, place));
            let site = Site::Block { document, block };
            let inner = Spot { site, file: file.file, caller: Some(caller), ..spot.clone() };
            part(around, &inner, file, block, &own, out);
        }
    }
}

/// Looks at one part, with the variables of its file and its own.
fn part(around: &Around<'_>, spot: &Spot<'_>, file: &CommandFile, block: usize, layout: &Layout, out: &mut Out<'_>) {
    let Some(block) = file.blocks.get(block) else { return };
    let Some(script) = &block.script else { return };
    let mut own = layout.clone();
    force(&mut own, file.file, &file.env);
    force(&mut own, file.file, &block.env);
    if file.form == CommandForm::Shell
        && let Some(folder) = around.sources.get(file.file).and_then(|f| layout.of_tree(&f.path.parent()))
    {
        own.script_folder = Some(folder.trim_end_matches('/').to_owned());
        learn_folders(script, &mut own);
    }
    script_installs(around, spot, script, &own, None, out);
}

/// Looks at the parts that nothing of the tree runs: people do.
pub(super) fn by_hand(around: &Around<'_>, out: &mut Out<'_>) {
    // A Makefile that runs a script gives it its variables, so scripts come last.
    let mut files: Vec<(usize, &CommandFile)> = Vec::new();
    for (document, what) in around.documents.iter().enumerate() {
        if let Document::Commands(file) = what {
            files.push((document, file));
        }
    }
    files.sort_by_key(|(document, file)| (file.form == CommandForm::Shell, *document));
    for (document, file) in files {
        let Some(source) = around.sources.get(file.file) else { continue };
        let role = role_of_commands(file.form, &source.path);
        let purpose = if role == Role::Ci { Purpose::Ci } else { Purpose::Development };
        // A notebook starts in its folder, and its cells follow one another.
        let mut layout = Layout::of_job();
        if let Some(folder) = layout.of_tree(&source.path.parent()) {
            layout.folder = folder.trim_end_matches('/').to_owned();
        }
        for (index, block) in file.blocks.iter().enumerate() {
            if out.called.contains(&(document, index)) {
                continue;
            }
            let by = source.path.as_str();
            let site = Site::Block { document, block: index };
            let spot = Spot { site, file: file.file, purpose, role, by, caller: None };
            part(around, &spot, file, index, &layout, out);
            if file.form == CommandForm::Notebook
                && let Some(script) = &block.script
            {
                for setting in lasting(file.file, script) {
                    layout.force(setting);
                }
            }
        }
    }
}

/// What a file of commands is for that nothing of the tree runs.
pub(in crate::graph) fn role_of_commands(form: CommandForm, path: &RepoPath) -> Role {
    let by_path = Role::of_path(path);
    match form {
        CommandForm::Shell => match (by_path, named_role(path)) {
            // What pipelines keep beside their definitions is theirs, whatever it releases.
            (Role::Ci, Role::Development) => Role::Ci,
            (by_path, named) => by_path.max(named),
        },
        // Nobody ships a notebook: it shows something.
        CommandForm::Notebook if by_path < Role::Documentation => Role::Example,
        CommandForm::Notebook => by_path,
        CommandForm::Make
        | CommandForm::Just
        | CommandForm::Tox
        | CommandForm::Nox
        | CommandForm::Task
        | CommandForm::Package
        | CommandForm::Compose => by_path.max(Role::Development),
    }
}

/// Each command once for every different lookup it makes, the weightiest first: a script that ten jobs
/// run is one line to change.
pub(super) fn once(found: Vec<Found>) -> Vec<Install> {
    let mut out: Vec<Install> = Vec::new();
    let mut at: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    let mut found: Vec<Install> = found.into_iter().map(|f| f.install).collect();
    // Stable: of those that weigh the same the first in the order of documents stays.
    found.sort_by_key(|i| if matches!(i.site, Site::Block { .. }) { Some((i.purpose, i.role)) } else { None });
    for install in found {
        if !matches!(install.site, Site::Block { .. }) {
            out.push(install);
            continue;
        }
        let known = at.entry(install.place).or_default();
        let is_same = |other: &usize| out.get(*other).is_some_and(|o| looks_up(o) == looks_up(&install));
        if known.len() < MAX_WAYS && !known.iter().any(is_same) {
            known.push(out.len());
            out.push(install);
        }
    }
    out.sort_by_key(|i| i.place);
    out
}

/// What a command asks where.
fn looks_up(install: &Install) -> (Vec<&str>, Vec<Option<usize>>) {
    let options = install.options.iter().map(|(_, o)| o.value.value.as_str()).collect();
    (options, install.files.iter().map(|(_, set, _)| *set).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use crate::graph::images::ImageView;
    use crate::graph::python::PythonView;
    use crate::read::read_tree;
    use crate::source::{RepoPath, Tree};

    /// Every install: where it stands, what it is for, what it names and reads, under which options, and
    /// what led there.
    fn installs(files: &[(&str, &str)]) -> Vec<String> {
        let all: BTreeMap<RepoPath, Vec<u8>> =
            files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect();
        let paths: BTreeSet<RepoPath> = all.keys().cloned().collect();
        let tree = Tree::from_memory("t", all);
        let reading = read_tree(&tree, 1, &|_, _| {});
        let images = ImageView::build(&reading.documents, &reading.sources, &paths);
        let view = PythonView::build(&reading.documents, &reading.sources, &paths, &images);
        let shown = view.installs.iter().map(|install| {
            let names: Vec<&str> = install.requirements.iter().map(|r| r.name.value.as_str()).collect();
            let files: Vec<String> = install
                .files
                .iter()
                .map(|(_, set, _)| match set {
                    Some(set) => reading.sources.path(view.sets[*set].file).to_owned(),
                    None => "?".to_owned(),
                })
                .collect();
            let options: Vec<&str> = install.options.iter().map(|(_, o)| o.value.value.as_str()).collect();
            let hops: Vec<&str> = install.caller.iter().flat_map(|c| &c.hops).map(|(text, _)| text.as_str()).collect();
            let path = reading.sources.path(install.place.file);
            let (purpose, role) = (install.purpose.as_str(), install.role.as_str());
            format!("{path} {purpose}/{role} {names:?} {files:?} {options:?} < {}", hops.join(" < "))
        });
        shown.collect()
    }

    const JOB: &str = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      PIP_INDEX_URL: https://example.com/job\n    steps:\n";

    #[test]
    fn scripts_are_followed_with_what_is_in_force() {
        let workflow = format!("{JOB}      - run: export PIP_PRE=1 && make -C sub all\n");
        let found = installs(&[
            (".github/workflows/a.yml", &workflow),
            ("sub/Makefile", "all: deps\ndeps:\n\tbash ../ci/run.sh\nother:\n\tpip install other\n"),
            ("ci/run.sh", "#!/bin/sh\nHERE=\"$(cd \"$(dirname \"$0\")/..\" && pwd)\"\n. \"$HERE/ci/more.sh\"\n"),
            ("ci/more.sh", "pip install -r \"$HERE/deps.lst\" a\ncd \"$(dirname \"$0\")\" && pip install -r own.lst\n"),
            ("deps.lst", "b\n"),
            ("ci/own.lst", "c\n"),
        ]);
        let way = "deps of sub/Makefile < ci/run.sh < ci/more.sh";
        assert_eq!(
            found,
            [
                format!("ci/more.sh ci/ci [\"a\"] [\"deps.lst\"] [\"https://example.com/job\", \"1\"] < {way}"),
                format!("ci/more.sh ci/ci [] [\"ci/own.lst\"] [\"https://example.com/job\", \"1\"] < {way}"),
                "sub/Makefile development/development [\"other\"] [] [] < ".to_owned(),
            ]
        );
    }

    #[test]
    fn a_script_that_an_image_runs_is_of_the_image() {
        let found = installs(&[
            (
                "docs/Dockerfile",
                "FROM a\nENV PIP_INDEX_URL=https://example.com/image\nCOPY docs/setup.sh /opt/\nRUN /opt/setup.sh\n",
            ),
            ("docs/setup.sh", "pip install a\n"),
            (".github/workflows/a.yml", &format!("{JOB}      - run: ./docs/setup.sh\n      - run: ./docs/setup.sh\n")),
        ]);
        assert_eq!(
            found,
            [
                "docs/setup.sh image/documentation [\"a\"] [] [\"https://example.com/image\"] < docs/setup.sh",
                "docs/setup.sh ci/ci [\"a\"] [] [\"https://example.com/job\"] < docs/setup.sh",
            ]
        );
    }

    #[test]
    fn what_nothing_runs_is_by_its_place() {
        let notebook = "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"%cd sub\\n%env PIP_INDEX_URL=https://example.com/x\"}, \
            {\"cell_type\": \"code\", \"source\": \"!pip install -r r.lst a\"}], \"nbformat\": 4}";
        let found = installs(&[
            ("a/n.ipynb", notebook),
            ("a/sub/r.lst", "z\n"),
            (".buildkite/x.sh", "pip install a"),
            ("tests/x.sh", "pip install a"),
            ("tool", "#!/usr/bin/env bash\nloop() { ./tool; }\npip install a"),
            ("plain", "pip install a"),
            ("tox.ini", "[testenv]\ndeps =\n  a\n  -r a/sub/r.lst\n"),
        ]);
        assert_eq!(
            found,
            [
                ".buildkite/x.sh ci/ci [\"a\"] [] [] < ",
                "a/n.ipynb development/example [\"a\"] [\"a/sub/r.lst\"] [\"https://example.com/x\"] < ",
                "tests/x.sh development/test [\"a\"] [] [] < ",
                "tool development/product [\"a\"] [] [] < ",
                "tox.ini development/development [\"a\"] [\"a/sub/r.lst\"] [] < ",
            ]
        );
    }
}
