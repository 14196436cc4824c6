//! Settings files of Python's package managers: where they look for every name. Sources: pip's
//! "Configuration", uv's "Configuration files", the specification of `.pypirc`.

use super::pyproject::uv_settings;
use super::toml_help::document;
use super::{Facts, Reader};
use crate::graph::Document;
use crate::graph::kinds::settings::{ManagerSettings, SettingsForm};
use crate::parse::Budget;
use crate::source::{RepoPath, SourceFile};

/// Reads `uv.toml`: the keys of `[tool.uv]` without the table around them.
#[derive(Debug)]
pub struct UvTomlReader;

impl Reader for UvTomlReader {
    fn id(&self) -> &'static str {
        "uv-toml"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "uv.toml"
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let toml = document(file, budget, out);
        let (indexes, options) = uv_settings(&toml.root);
        let form = SettingsForm::Uv;
        out.documents.push(Document::ManagerSettings(ManagerSettings {
            file: file.id,
            form,
            options,
            indexes,
            ..ManagerSettings::default()
        }));
    }
}
