//! Python's hooks and backends of builds that lie in the tree: hatch's `hatch_build.py`, poetry's build script, PDM's
//! `pdm_build.py`, and the files that `pyproject.toml` names. Sources: the manuals of hatch ("Custom build hook"),
//! poetry ("build") and pdm-backend ("Build hooks"); PEP 517, "In-tree build backends".

use super::python::of_module;
use crate::graph::kinds::build_code::BuildForm;
use crate::parse::{Budget, python};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile};

/// Reads a hook.
#[derive(Debug)]
pub struct BuildHookReader;

impl Reader for BuildHookReader {
    fn id(&self) -> &'static str {
        "python-build-hook"
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
