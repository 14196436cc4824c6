//! Which files of a tree can name what is asked for, told by their paths.

use crate::affected::Asked;
use crate::affected::Target;
use crate::affected::subject::Subject;
use crate::affected::subject::subjects;
use crate::read::READERS;
use crate::read::Reader;
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
    /// What the questions are about, a bit for each.
    subjects: u8,
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
    /// For these questions.
    pub(super) fn of(questions: &[Asked]) -> Self {
        let mut wanted = Self::default();
        for (asked, target) in questions.iter().flat_map(|asked| asked.targets.iter().map(move |one| (asked, one))) {
            for subject in subjects(target, asked) {
                wanted.subjects |= bit(subject);
            }
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
                id if BESIDE.contains(&id) && self.is_any(|subject| subject.is_said_by(id)) => Class::Beside,
                id if self.is_any(|subject| subject.is_decided_by(id)) => Class::Context,
                id if self.is_any(|subject| subject.is_said_by(id)) => Class::Beside,
                // What asks for packages of npm's is told, and not read.
                "package-json" | "dockerfile" | "github-workflow" if self.npm => Class::Beside,
                _ => self.otherwise(path),
            };
        }
        // It says what is built and started, whatever it names.
        let is_compose = |reader: &&&dyn Reader| reader.id() == "compose" && reader.looks_into(path).is_some();
        if self.is_any(|subject| subject.is_decided_by("compose")) && READERS.iter().any(|reader| is_compose(&reader)) {
            return Class::Context;
        }
        if scope::ecosystem(path).is_some_and(|ecosystem| self.may_name(ecosystem)) {
            return Class::Unread;
        }
        let is_read = |id: &str| !OPAQUE.contains(&id) && self.is_any(|subject| subject.is_said_by(id));
        if READERS.iter().any(|reader| is_read(reader.id()) && reader.looks_into(path).is_some()) {
            return Class::Beside;
        }
        self.otherwise(path)
    }

    fn is_any(self, test: impl Fn(Subject) -> bool) -> bool {
        Subject::ALL.iter().any(|subject| self.subjects & bit(*subject) != 0 && test(*subject))
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

/// Whether a file is of a kind that is read, or is called like a list of requirements. Another text that cannot be read
/// is a log or the like.
pub(super) fn is_likely(path: &RepoPath) -> bool {
    let name = path.as_str().to_ascii_lowercase();
    let is_called = ["require", "constraint", "dep", "pip", "install"].iter().any(|word| name.contains(word));
    is_called || !name.ends_with(".txt") || READERS.iter().any(|reader| reader.claims(path))
}

fn bit(subject: Subject) -> u8 {
    Subject::ALL.iter().position(|known| *known == subject).map_or(0, |at| 1 << at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_whether_a_file_can_name_what_is_asked_for() {
        let of = |text: &str| Wanted::of(&[Asked::parse(text).unwrap()]);
        let mut wrong = Vec::new();
        let (pypi, npm, asset, action) = (of("pypi:x"), of("npm:x"), of("model:a/b"), of("action:a/b"));
        for (path, of_pypi, of_npm, of_asset, of_action) in [
            ("uv.lock", Class::Context, Class::None, Class::None, Class::None),
            ("a/Cargo.toml", Class::None, Class::None, Class::None, Class::None),
            ("pyproject.toml", Class::Context, Class::None, Class::Beside, Class::None),
            ("requirements/dev.txt", Class::Beside, Class::Beside, Class::None, Class::None),
            (".github/workflows/ci.yml", Class::Context, Class::Beside, Class::Context, Class::Context),
            ("Dockerfile", Class::Context, Class::Beside, Class::Context, Class::None),
            ("package-lock.json", Class::None, Class::Unread, Class::None, Class::None),
            ("src/main.rs", Class::None, Class::None, Class::Beside, Class::None),
            ("src/load.py", Class::Beside, Class::None, Class::Beside, Class::None),
            ("photo.png", Class::None, Class::None, Class::None, Class::None),
        ] {
            let path_of = RepoPath::new(path).unwrap();
            let found = [pypi, npm, asset, action].map(|wanted| wanted.class(&path_of));
            let wanted = [of_pypi, of_npm, of_asset, of_action];
            if found != wanted {
                wrong.push(format!("{path}: {found:?}, not {wanted:?}"));
            }
        }
        assert_eq!(wrong, [""; 0]);
    }
}
