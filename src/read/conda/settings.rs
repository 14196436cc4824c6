//! `.condarc`. Source: conda's "Using the .condarc configuration file".

use crate::graph::Document;
use crate::graph::kinds::settings::{ManagerSettings, SettingsForm};
use crate::parse::Budget;
use crate::read::yaml_help::{document, text, texts};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile};

/// Reads conda's settings.
#[derive(Debug)]
pub struct CondaSettingsReader;

impl Reader for CondaSettingsReader {
    fn id(&self) -> &'static str {
        "condarc"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        matches!(path.name(), ".condarc" | "condarc" | ".mambarc" | "mambarc" | ".condarc.yml" | "condarc.yml")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.condarc`, `condarc`, `.mambarc`",
            read: "channels, their aliases and priority",
            not_read: "other settings",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        if root.entries().is_empty() {
            out.unread = Some("it holds no settings".to_owned());
            return;
        }
        out.documents.push(Document::ManagerSettings(ManagerSettings {
            file: file.id,
            form: SettingsForm::Conda,
            channels: ["channels", "default_channels"].iter().flat_map(|key| texts(root.get(key))).collect(),
            channel_priority: text(root.get("channel_priority")),
            ..ManagerSettings::default()
        }));
    }
}
