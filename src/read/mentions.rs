//! Files that commands name and thereby give a kind: `pip install -r deps/gpu.lst`,
//! `docker build -f build/image.txt`. Where a command stands is guessed widely here: a path that leads
//! to no file of the tree does nothing.

use super::Mention;
use super::command_files::ShellReader;
use super::conda::environment::CondaEnvironmentReader;
use super::conda::explicit::ExplicitListReader;
use super::requirements::RequirementsReader;
use super::settings::PipConfReader;
use crate::commands::{Act, ActKind};
use crate::graph::kinds::docker::Copy;
use crate::source::RepoPath;

/// Mentions taken from one script.
const MAX_MENTIONS: usize = 64;
/// Folders a script may stand in.
const MAX_FOLDERS: usize = 16;
/// Options that name a file of requirements or constraints.
const FILES: &[&str] = &["-c", "--constraint", "--constraints", "--override", "--overrides"];

/// A Dockerfile that an action is told of, from the root of the tree.
pub(super) fn of_dockerfile(path: &str, out: &mut Vec<Mention>) {
    if let Some(path) = Some(path.trim()).filter(|p| !p.contains(['$', '\n', '*'])).and_then(RepoPath::new) {
        out.push(Mention { path, reader: "dockerfile", needed_at: None });
    }
}

/// A file that an image puts in the place of pip's settings: `COPY conf/inside.conf /etc/pip.conf`.
pub(super) fn of_settings(copy: &Copy, folders: &[RepoPath], out: &mut Vec<Mention>) {
    let is_settings = |to: &str| to.ends_with("/pip.conf") || to == "pip.conf";
    let (Some(to), [from], None) = (&copy.destination, copy.sources.as_slice(), &copy.from) else { return };
    if !is_settings(&to.value) || from.value.contains(['$', '*', ':']) {
        return;
    }
    let paths = folders.iter().take(2).filter_map(|folder| folder.join(from.value.trim_start_matches('/')));
    out.extend(paths.map(|path| Mention { path, reader: PipConfReader::ID, needed_at: None }));
}

/// Folders of the tree that an image's scripts may find their files in: those copies are taken from,
/// relative to the folder of the Dockerfile and to the root.
pub(super) fn folders_of_image<'s>(own: &RepoPath, sources: impl Iterator<Item = &'s str>) -> Vec<RepoPath> {
    let mut out = vec![own.clone(), RepoPath::default()];
    for source in sources.filter(|s| !s.contains(['$', ':'])).take(MAX_MENTIONS) {
        let source = source.trim_start_matches('/');
        let plain: Vec<&str> = source.split('/').take_while(|part| !part.contains(['*', '?', '['])).collect();
        let folder = plain.join("/");
        // A file or a folder: nobody can tell here.
        let above = folder.rsplit_once('/').map(|(above, _)| above.to_owned());
        for folder in std::iter::once(folder).chain(above) {
            for folder in [own.join(&folder), RepoPath::new(&folder)].into_iter().flatten() {
                if out.len() < MAX_FOLDERS && !out.contains(&folder) {
                    out.push(folder);
                }
            }
        }
    }
    out
}

/// An environment that an action is told of, from the root of the tree.
pub(super) fn of_environment(path: &str, out: &mut Vec<Mention>) {
    let is_yaml = |path: &&str| path.ends_with(".yml") || path.ends_with(".yaml");
    let path = Some(path.trim()).filter(is_yaml).filter(|p| !p.contains(['$', '\n', '*']));
    if let Some(path) = path.filter(|p| !p.ends_with("conda-lock.yml")).and_then(RepoPath::new) {
        out.push(Mention { path, reader: CondaEnvironmentReader::ID, needed_at: None });
    }
}

/// What the commands of a script name, from each of the folders it may start in.
pub(super) fn of_script(acts: &[Act], folders: &[RepoPath], in_image: bool, out: &mut Vec<Mention>) {
    let mut folders = folders.to_vec();
    let end = out.len() + MAX_MENTIONS;
    let mention = |folders: &[RepoPath], path: &str, reader: &'static str, out: &mut Vec<Mention>| {
        // What a path starts with by a variable is most often the folder of the script or the tree.
        let path = match path.rsplit_once(['}', ')']) {
            Some((start, rest)) if start.starts_with('$') && rest.starts_with('/') => rest.trim_start_matches('/'),
            _ => path,
        };
        if path.contains(['$', '*', '~', '\n']) || path.is_empty() {
            return;
        }
        // In an image files lie elsewhere than in the tree: the name alone may be the same.
        let name = path.rsplit('/').next().filter(|name| in_image && *name != path);
        let paths = std::iter::once(path).chain(name);
        for path in paths.flat_map(|path| folders.iter().filter_map(move |folder| folder.join(path))) {
            if out.len() < end {
                out.push(Mention { path, reader, needed_at: None });
            }
        }
    };
    for act in acts {
        match &act.kind {
            ActKind::ChangeDir { path: Some(path) } => {
                let more: Vec<RepoPath> = folders.iter().filter_map(|f| f.join(path)).collect();
                folders.extend(more.into_iter().filter(|f| !folders.contains(f)).collect::<Vec<_>>());
                folders.truncate(MAX_FOLDERS);
            }
            ActKind::PackageInstall { manager, files, options, .. }
                if matches!(manager.as_str(), "pip" | "uv" | "uvx" | "pipx") =>
            {
                let named =
                    options.iter().filter(|o| FILES.contains(&o.name.as_str())).filter_map(|o| o.value.as_deref());
                for path in files.iter().map(|f| f.text.as_str()).chain(named) {
                    let other = [".toml", ".py", ".cfg", ".lock"].iter().any(|end| path.ends_with(end));
                    if !other {
                        mention(&folders, path, RequirementsReader::ID, out);
                    }
                }
            }
            ActKind::PackageInstall { manager, files, .. } if manager == "conda" => {
                for path in files.iter().map(|f| f.text.as_str()) {
                    // conda tells by the ending as well.
                    let is_yaml = path.ends_with(".yml") || path.ends_with(".yaml");
                    let is_list = path.ends_with(".txt") || path.ends_with(".lock");
                    if is_yaml && !path.ends_with("conda-lock.yml") {
                        mention(&folders, path, CondaEnvironmentReader::ID, out);
                    } else if is_list {
                        mention(&folders, path, ExplicitListReader::ID, out);
                    }
                }
            }
            ActKind::ImageBuild { file: Some(file), .. } => mention(&folders, file, "dockerfile", out),
            _ => {}
        }
    }
}

/// Shell scripts that the commands of a script call by name: `bash ci/setup.sh`, `source env.sh`.
pub(super) fn of_calls(acts: &[Act], folders: &[RepoPath], in_image: bool, out: &mut Vec<Mention>) {
    let end = out.len() + MAX_MENTIONS;
    for act in acts {
        let Some((path, _)) = act.called() else { continue };
        // A path that starts with a variable is most often that of the script's own folder.
        let path = path.rsplit_once(['$', '}', ')']).map_or(path, |(_, rest)| rest);
        let is_script = [".sh", ".bash", ".ps1"].iter().any(|end| path.ends_with(end));
        if !is_script || path.contains(['*', '~', '\n']) {
            continue;
        }
        let path = path.trim_start_matches('/');
        let name = path.rsplit('/').next().filter(|name| in_image && *name != path);
        for path in std::iter::once(path).chain(name).flat_map(|p| folders.iter().filter_map(move |f| f.join(p))) {
            if out.len() < end {
                out.push(Mention { path, reader: ShellReader::ID, needed_at: None });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Budget;
    use crate::parse::shell;

    #[test]
    fn commands_name_files() {
        for (text, expected) in [
            ("pip install -r a.lst -c b.lst", "a/a.lst a/b.lst"),
            ("cd sub && uv pip install -r x.in", "a/x.in a/sub/x.in"),
            ("pip install -r $X -r pyproject.toml", ""),
            ("docker build -f build/img .", "a/build/img"),
            ("conda env create -f deps.yml && conda create --file list.txt", "a/deps.yml a/list.txt"),
            ("micromamba create -f conda-lock.yml", ""),
        ] {
            let acts = crate::commands::facts(&shell::parse(text, &mut Budget::default()));
            let mut out = Vec::new();
            of_script(&acts, &[RepoPath::new("a").unwrap()], false, &mut out);
            let shown: Vec<_> = out.iter().map(|m| m.path.as_str()).collect();
            assert_eq!(shown.join(" "), expected, "{text}");
        }
    }
}
