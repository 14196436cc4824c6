//! Which files of a tree can name what is asked for, told by their paths.

use crate::affected::Target;
use crate::read::READERS;
use crate::read::scope;
use crate::references;
use crate::source::RepoPath;

/// What a file is to the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// It cannot name what is asked for.
    None,
    /// It says what is asked for, held, built or run: what another file comes to may depend on it.
    Context,
    /// It is looked at where it names what is asked for, and says nothing otherwise.
    Beside,
    /// It may name what is asked for, and is of a format that is not read.
    Unread,
}

impl Class {
    /// Whether a state is another one once such a file changes, although it names nothing.
    pub(super) fn is_context(self) -> bool {
        self == Self::Context
    }
}

/// Readers whose files say nothing of where something comes from, or are many and large: they count only where they
/// name what is asked for.
const BESIDE: &[&str] = &[
    "agent-instructions",
    "agent-settings",
    "codex-settings",
    "code-owners",
    "cargo-checksums",
    "ignored-advisories",
    "notebook",
    "python-direct-url",
    "python-metadata",
    "python-record",
];

/// Readers of files that are no text.
const OPAQUE: &[&str] = &["binary", "compiled-code", "model-file", "sdist", "wheel", "python-path-file", "lines"];

/// What is asked for, as far as it decides which files are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// A package of npm or of an unsaid registry.
    npm: bool,
    /// A package of any registry.
    package: bool,
    /// A model, a data set, a host or a digest: code may name it.
    code: bool,
    /// An image.
    image: bool,
    /// A digest: any file may have it.
    pub(super) any: bool,
}

impl Wanted {
    /// For these targets.
    pub(super) fn of<'t>(targets: impl Iterator<Item = &'t Target>) -> Self {
        let mut wanted = Self::default();
        for target in targets {
            match target {
                Target::Package { ecosystem, .. } => {
                    wanted.package = true;
                    wanted.npm |= ecosystem.as_deref().is_none_or(|e| e == "npm");
                }
                Target::Asset { .. } | Target::Host(_) => wanted.code = true,
                Target::Digest(_) => {
                    wanted.code = true;
                    wanted.any = true;
                }
                Target::Image { .. } => wanted.image = true,
                Target::Action { .. } | Target::Advisory(_) => {}
            }
        }
        wanted
    }

    /// What a file is to the question.
    pub(super) fn class(self, path: &RepoPath) -> Class {
        if let Some(reader) = READERS.iter().find(|reader| reader.claims(path)) {
            return match reader.id() {
                id if OPAQUE.contains(&id) => self.otherwise(path),
                id if BESIDE.contains(&id) => Class::Beside,
                _ => Class::Context,
            };
        }
        if scope::ecosystem(path).is_some_and(|ecosystem| self.may_name(ecosystem)) {
            return Class::Unread;
        }
        let is_text = |id: &str| !OPAQUE.contains(&id);
        if READERS.iter().any(|reader| is_text(reader.id()) && reader.looks_into(path).is_some()) {
            return Class::Beside;
        }
        self.otherwise(path)
    }

    fn otherwise(self, path: &RepoPath) -> Class {
        let text = path.as_str();
        let is_code = self.code && (references::claims(text) || references::may_point(text));
        let is_list = self.package && matches!(text.rsplit_once('.'), Some((_, "txt" | "in" | "pip")));
        if is_code || is_list || self.any { Class::Beside } else { Class::None }
    }

    /// What the bytes of a file must hold, any of it, to name a package rather than to use one; nothing where every
    /// name counts.
    pub(super) fn marks(self, path: &RepoPath) -> &'static [&'static str] {
        let ending = path.name().rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending {
            _ if self.code => &[],
            // Requirements of a script (PEP 723), and commands that install.
            "py" | "ipynb" | "md" | "rs" => &["# /// script", "install", "uvx", "uv run", "pip"],
            _ => &[],
        }
    }

    /// Whether files of an ecosystem that is not read may name what is asked for.
    fn may_name(self, ecosystem: &str) -> bool {
        match ecosystem {
            "npm" => self.npm,
            "Conda recipe" | "Installed conda environment" | "Python egg" | "Hatch" | "Bazel" | "Spack" => self.package,
            "Helm" | "Terraform" => self.image || self.code,
            "Dockerfile template" | "Compose" => true,
            _ if ecosystem.chars().next().is_some_and(char::is_uppercase) => {
                matches!(ecosystem, "Jenkins" | "Travis CI" | "Cloud Build" | "Read the Docs") && self.package
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_whether_a_file_can_name_what_is_asked_for() {
        let package = |e: &str| Target::Package { ecosystem: Some(e.to_owned()), name: "x".to_owned(), versions: None };
        let pypi = Wanted::of([package("pypi")].iter());
        let npm = Wanted::of([package("npm")].iter());
        let asset = Wanted::of([Target::Asset { name: "a/b".to_owned(), revision: None }].iter());
        for (path, of_pypi, of_npm, of_asset) in [
            ("uv.lock", Class::Context, Class::Context, Class::Context),
            ("a/Cargo.toml", Class::Context, Class::Context, Class::Context),
            ("Cargo.lock", Class::Context, Class::Context, Class::Context),
            ("pyproject.toml", Class::Context, Class::Context, Class::Context),
            ("requirements/dev.txt", Class::Context, Class::Context, Class::Context),
            (".github/workflows/ci.yml", Class::Context, Class::Context, Class::Context),
            ("Dockerfile", Class::Context, Class::Context, Class::Context),
            ("package-lock.json", Class::None, Class::Unread, Class::Beside),
            ("src/main.rs", Class::None, Class::None, Class::Beside),
            ("src/load.py", Class::Beside, Class::Beside, Class::Beside),
            ("photo.png", Class::None, Class::None, Class::None),
        ] {
            let path_of = RepoPath::new(path).unwrap();
            assert_eq!(
                (pypi.class(&path_of), npm.class(&path_of), asset.class(&path_of)),
                (of_pypi, of_npm, of_asset),
                "{path}"
            );
        }
    }
}
