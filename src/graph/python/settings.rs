//! Settings files of pip and uv: which of them a command finds, and what counts where several things
//! say where to look. Sources: pip's "Configuration", uv's "Configuration files"; each claim was seen
//! with pip 26, pip 23.2 and uv 0.13 against two indexes on loopback.
//!
//! A `pip.conf` counts where it was put or where a variable names it; one that merely lies in a
//! repository counts for nobody. A `uv.toml` counts for every project and command below its folder, in
//! place of the `[tool.uv]` beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Project, Purpose, SettingsFile, projects};
use crate::graph::Document;
use crate::graph::images::layout::{InForce, Layout};
use crate::graph::kinds::python::{IndexOption, IndexOptionKind as Kind, Tool};
use crate::graph::kinds::settings::{ManagerSettings, SettingsForm};
use crate::graph::paths::Paths;
use crate::source::{Place, RepoPath, Role, Sources};

/// Every settings file, by path. Who uses them follows.
pub(super) fn find(documents: &[Document], sources: &Sources) -> Vec<SettingsFile> {
    let mut out = Vec::new();
    for (document, what) in documents.iter().enumerate() {
        let Document::ManagerSettings(settings) = what else { continue };
        let Some(source) = sources.get(settings.file) else { continue };
        out.push(SettingsFile {
            document,
            file: settings.file,
            form: settings.form,
            folder: source.path.parent(),
            role: Role::of_path(&source.path),
            purpose: Purpose::Development,
            used_by: Vec::new(),
        });
    }
    out
}

/// Tells each project which `uv.toml` counts for it, and each `uv.toml` what it is for by that.
pub(super) fn tie(settings: &mut [SettingsFile], projects: &mut [Project], documents: &[Document]) {
    let of_uv = |s: &SettingsFile| s.form == SettingsForm::Uv;
    let by_folder: BTreeMap<RepoPath, usize> =
        settings.iter().enumerate().filter(|(_, s)| of_uv(s)).map(|(i, s)| (s.folder.clone(), i)).collect();
    if by_folder.is_empty() {
        return;
    }
    let with_table: BTreeSet<RepoPath> = with_table(projects, documents).cloned().collect();
    for index in 0..projects.len() {
        if !projects::is_file(documents, &projects[index]) {
            continue;
        }
        // uv looks upwards from the root of the workspace.
        let mut at =
            projects[index].root.map_or_else(|| projects[index].folder.clone(), |r| projects[r].folder.clone());
        let found = loop {
            if let Some(&found) = by_folder.get(&at) {
                break Some(found);
            }
            if at.is_root() || with_table.contains(&at) {
                break None;
            }
            at = at.parent();
        };
        projects[index].uv_settings = found;
        if let Some(found) = found.and_then(|f| settings.get_mut(f)) {
            found.role = found.role.min(projects[index].role);
            found.purpose = found.purpose.min(projects[index].purpose);
        }
    }
}

/// Folders whose `pyproject.toml` has a `[tool.uv]`: uv looks no further up.
fn with_table<'p>(projects: &'p [Project], documents: &'p [Document]) -> impl Iterator<Item = &'p RepoPath> {
    let has_table = |p: &&Project| {
        projects::is_file(documents, p) && projects::document(documents, p).is_some_and(|d| d.tools.contains(&Tool::Uv))
    };
    projects.iter().filter(has_table).map(|p| &p.folder)
}

/// Settings files by path, for commands that ask which count for them.
pub(super) struct Settings<'a> {
    files: &'a [SettingsFile],
    by_path: BTreeMap<&'a RepoPath, usize>,
    with_table: BTreeSet<&'a RepoPath>,
}

impl<'a> Settings<'a> {
    pub(super) fn new(
        files: &'a [SettingsFile],
        projects: &'a [Project],
        documents: &'a [Document],
        sources: &'a Sources,
    ) -> Self {
        let by_path = files.iter().enumerate().filter_map(|(i, s)| Some((&sources.get(s.file)?.path, i))).collect();
        let with_table = if files.is_empty() { BTreeSet::new() } else { with_table(projects, documents).collect() };
        Self { files, by_path, with_table }
    }

    /// The files of a form that count for a command, in the order in which they do.
    pub(super) fn for_command(&self, asked: &Asked<'_>) -> Vec<usize> {
        if self.files.is_empty() {
            return Vec::new();
        }
        match asked.manager {
            "pip" | "pipx" => self.of_pip(asked),
            "uv" if !asked.verb.starts_with("tool") => self.of_uv(asked).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn get(&self, path: &RepoPath, form: SettingsForm) -> Option<usize> {
        let index = *self.by_path.get(path)?;
        self.files.get(index).filter(|file| file.form == form).map(|_| index)
    }

    fn named(&self, asked: &Asked<'_>, text: &str, form: SettingsForm) -> Option<usize> {
        let folder = asked.folder.unwrap_or(&asked.layout.folder);
        let path = asked.layout.resolve(asked.paths, &asked.layout.absolute(folder, text)?)?;
        self.get(&path, form)
    }

    fn of_pip(&self, asked: &Asked<'_>) -> Vec<usize> {
        let named = asked.variable("PIP_CONFIG_FILE");
        // pip reads no file at all where this one is named.
        if named == Some("/dev/null") {
            return Vec::new();
        }
        let lying = asked.layout.settings_of_pip(asked.paths);
        let mut out: Vec<usize> = lying.iter().filter_map(|path| self.get(path, SettingsForm::Pip)).collect();
        out.extend(named.and_then(|text| self.named(asked, text, SettingsForm::Pip)));
        out
    }

    fn of_uv(&self, asked: &Asked<'_>) -> Option<usize> {
        if asked.options.iter().any(|name| *name == "--no-config") || asked.variable("UV_NO_CONFIG").is_some() {
            return None;
        }
        if let Some(text) = asked.config_file.or_else(|| asked.variable("UV_CONFIG_FILE")) {
            return self.named(asked, text, SettingsForm::Uv);
        }
        for at in super::installs::upwards(asked.folder?) {
            let lying = |name: &str| asked.layout.resolve(asked.paths, &format!("{}/{name}", at.trim_end_matches('/')));
            if let Some(found) = lying("uv.toml").and_then(|path| self.get(&path, SettingsForm::Uv)) {
                return Some(found);
            }
            if lying("pyproject.toml").is_some_and(|path| self.with_table.contains(&path.parent())) {
                return None;
            }
        }
        None
    }
}

/// What is asked of a command.
pub(super) struct Asked<'a> {
    pub(super) manager: &'a str,
    pub(super) verb: &'a str,
    pub(super) layout: &'a Layout,
    pub(super) paths: &'a Paths<'a>,
    pub(super) folder: Option<&'a str>,
    pub(super) in_force: &'a [InForce],
    /// Names of its options.
    pub(super) options: Vec<&'a str>,
    /// The value of `--config-file`.
    pub(super) config_file: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn variable(&self, name: &str) -> Option<&'a str> {
        self.in_force.iter().find(|s| s.name == name).map(|s| s.value.trim()).filter(|value| !value.is_empty())
    }
}

/// Options of settings files with their places.
pub(super) fn options(documents: &[Document], files: &[SettingsFile], used: &[usize]) -> Vec<(Place, IndexOption)> {
    let settings = used.iter().filter_map(|index| document(documents, files.get(*index)?));
    settings.flat_map(|s| s.options.iter().map(|o| (Place::new(s.file, o.span), o.clone()))).collect()
}

/// The document of a settings file.
pub(super) fn document<'d>(documents: &'d [Document], file: &SettingsFile) -> Option<&'d ManagerSettings> {
    match documents.get(file.document) {
        Some(Document::ManagerSettings(settings)) => Some(settings),
        _ => None,
    }
}

/// What counts of files, variables and the command line, the weightiest last. pip lets a variable stand
/// in place of what files say, and the command line add to either; uv lets files add to what the command
/// line says, which stands in place of a variable.
pub(super) fn layered(
    is_uv: bool,
    mut files: Vec<(Place, IndexOption)>,
    mut variables: Vec<(Place, IndexOption)>,
    command: Vec<(Place, IndexOption)>,
) -> Vec<(Place, IndexOption)> {
    let is_one = |kind: Kind| matches!(kind, Kind::Index | Kind::IndexStrategy | Kind::Pre);
    let has = |options: &[(Place, IndexOption)], kind: Kind| options.iter().any(|(_, o)| o.kind == kind);
    variables.retain(|(_, o)| !((is_uv || is_one(o.kind)) && has(&command, o.kind)));
    files.retain(|(_, o)| match is_one(o.kind) {
        true => !has(&variables, o.kind) && !has(&command, o.kind),
        false => is_uv || !has(&variables, o.kind),
    });
    files.into_iter().chain(variables).chain(command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span, Spanned};

    fn of(text: &str) -> Vec<(Place, IndexOption)> {
        let kind = |letter: &str| if letter == "i" { Kind::Index } else { Kind::ExtraIndex };
        let one = |word: &str| {
            let (letter, value) = word.split_once('=').unwrap();
            let value = Spanned::new(value.to_owned(), Span::default());
            (Place::new(FileId(0), Span::default()), IndexOption { kind: kind(letter), value, span: Span::default() })
        };
        text.split_whitespace().map(one).collect()
    }

    #[test]
    fn the_weightier_stands_in_place_or_beside() {
        for (is_uv, files, variables, command, expected) in [
            (false, "i=f x=f", "", "", "f f"),
            (false, "i=f x=f", "i=v x=v", "", "v v"),
            (false, "i=f x=f", "", "i=c x=c", "f c c"),
            (false, "x=f", "x=v", "x=c", "v c"),
            (true, "i=f x=f", "i=v x=v", "", "f v v"),
            (true, "x=f", "x=v", "x=c", "f c"),
            (true, "i=f", "i=v", "i=c", "c"),
        ] {
            let got = layered(is_uv, of(files), of(variables), of(command));
            let got: Vec<_> = got.iter().map(|(_, o)| o.value.value.as_str()).collect();
            assert_eq!(got.join(" "), expected, "{files} | {variables} | {command}");
        }
    }
}
