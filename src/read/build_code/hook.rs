//! Python's hooks and backends of builds that lie in the tree: hatch's `hatch_build.py`, poetry's build script, PDM's
//! `pdm_build.py`, and the files that `pyproject.toml` names. Sources: the manuals of hatch ("Custom build hook"),
//! poetry ("build") and pdm-backend ("Build hooks"); PEP 517, "In-tree build backends".

use super::python::of_module;
use crate::graph::kinds::build_code::BuildForm;
use crate::parse::toml::Table;
use crate::parse::{Budget, python};
use crate::read::toml_help::{table, text, texts};
use crate::read::{Facts, Format, Mention, Reader};
use crate::source::{RepoPath, SourceFile};

/// Files that one `pyproject.toml` makes hooks.
const MAX_NAMED: usize = 64;

/// Reads a hook.
#[derive(Debug)]
pub struct BuildHookReader;

impl BuildHookReader {
    const ID: &'static str = "python-build-hook";
}

/// Notes the hooks and the backend of the tree that a `pyproject.toml` names.
pub(in crate::read) fn named(file: &SourceFile, root: &Table, out: &mut Facts) {
    let mut names: Vec<String> = Vec::new();
    let mut path = |keys: &[&str], key: &str| {
        names.extend(table(root, keys).and_then(|found| text(found.get(key))).map(|name| name.value));
    };
    path(&["tool", "hatch", "build", "hooks", "custom"], "path");
    path(&["tool", "poetry", "build"], "script");
    path(&["tool", "pdm", "build"], "custom-hook");
    let targets = table(root, &["tool", "hatch", "build", "targets"]).map(Table::entries).into_iter().flatten();
    for target in targets.filter_map(|entry| entry.value.as_table()) {
        names
            .extend(table(target, &["hooks", "custom"]).and_then(|hook| text(hook.get("path"))).map(|name| name.value));
    }
    // `build-backend = "x.y:object"` in one of the folders of `backend-path`.
    if let Some(system) = table(root, &["build-system"])
        && let Some(backend) = text(system.get("build-backend"))
    {
        let module = backend.value.split(':').next().unwrap_or("").replace('.', "/");
        for folder in texts(system.get("backend-path")) {
            let folder = folder.value.trim_end_matches('/').to_owned();
            names.extend([format!("{folder}/{module}.py"), format!("{folder}/{module}/__init__.py")]);
        }
    }
    let paths = names.iter().take(MAX_NAMED).filter_map(|name| file.path.parent().join(name));
    out.mentions.extend(paths.map(|path| Mention { path, reader: BuildHookReader::ID, needed_at: None }));
}

impl Reader for BuildHookReader {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn claims(&self, path: &RepoPath) -> bool {
        matches!(path.name(), "hatch_build.py" | "pdm_build.py")
    }

    fn decodes(&self) -> bool {
        true
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`hatch_build.py`, `pdm_build.py`, hooks and backends that `pyproject.toml` names",
            read: "what is fetched by Python's own means and by processes, digests that are compared; never run",
            not_read: "modules that a hook imports",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut module = python::parse(&file.text, budget);
        out.problems.append(&mut module.problems);
        of_module(file, BuildForm::BuildHook, &module, budget, out);
    }
}
