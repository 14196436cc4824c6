//! Dockerfiles and Containerfiles, as written. Source: the Dockerfile reference of BuildKit.

use super::workflow::Script;
use crate::source::{FileId, Span, Spanned};

/// A Dockerfile.
#[derive(Debug, Clone, Default)]
pub struct Dockerfile {
    /// The file.
    pub file: FileId,
    /// `# syntax=`: an image whose program reads this file.
    pub syntax: Option<Spanned<String>>,
    /// `ARG` before the first `FROM`.
    pub global_args: Vec<BuildArg>,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
}

/// `ARG NAME[=default]`.
#[derive(Debug, Clone)]
pub struct BuildArg {
    /// The name.
    pub name: Spanned<String>,
    /// The default, as written without quotes.
    pub default: Option<Spanned<String>>,
}

/// One stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Position among the stages.
    pub index: usize,
    /// `AS name`.
    pub name: Option<Spanned<String>>,
    /// What `FROM` names, as written.
    pub from: Spanned<String>,
    /// What it stands for.
    pub base: Base,
    /// `--platform`.
    pub platform: Option<Spanned<String>>,
    /// Its instructions, in order.
    pub instructions: Vec<Instruction>,
    /// From `FROM` to the end of the stage.
    pub span: Span,
}

impl Stage {
    /// The scripts that run in it, in order: those of `RUN`, and what starts its container.
    pub fn scripts(&self) -> impl Iterator<Item = &Script> {
        self.instructions.iter().filter_map(|instruction| match &instruction.kind {
            InstructionKind::Run { script, .. } | InstructionKind::Start(script) => Some(script),
            _ => None,
        })
    }

    /// What a route calls it: `stage app`, by its number where it has no name.
    #[must_use]
    pub fn title(&self) -> String {
        self.name.as_ref().map_or_else(|| format!("stage {}", self.index), |name| format!("stage {}", name.value))
    }
}

/// What a `FROM` or a `--from` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Another stage, by position.
    Stage(usize),
    /// `scratch`: nothing.
    Scratch,
    /// An image. Arguments with defaults are put in.
    Image {
        /// The reference.
        reference: String,
        /// Defaults of `ARG` took part: who builds may choose another.
        by_argument: bool,
    },
    /// A context of that name that the build is given (`--build-context`), or nothing we know.
    Context(String),
    /// Some of it is only known when it is built.
    Unknown(String),
}

/// One instruction.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// What it does.
    pub kind: InstructionKind,
    /// The whole instruction, here-documents included.
    pub span: Span,
    /// Written behind `ONBUILD`: run by builds that start from this image.
    pub on_build: bool,
}

/// Kinds of [`Instruction`].
#[derive(Debug, Clone)]
pub enum InstructionKind {
    /// `RUN`, its text read as a script. Comments between continued lines are left out of the text.
    Run {
        /// The script; of the exec form, the words.
        script: Script,
        /// `--mount=..`, as written.
        mounts: Vec<Spanned<String>>,
        /// `--network`, `--security`, as written.
        flags: Vec<Spanned<String>>,
    },
    /// `COPY` and `ADD`.
    Copy(Copy),
    /// `ENV`: names and values, arguments put in as far as they are known.
    Env(Vec<(Spanned<String>, Spanned<String>)>),
    /// `ARG`.
    Arg(Vec<BuildArg>),
    /// `WORKDIR`, arguments put in as far as they are known.
    Workdir(Spanned<String>),
    /// `USER`.
    User(Spanned<String>),
    /// `SHELL`: the words.
    Shell(Vec<Spanned<String>>),
    /// `CMD`, `ENTRYPOINT`, `HEALTHCHECK CMD`: run when the image is.
    Start(Script),
    /// Any other.
    Other {
        /// Its name in capitals.
        name: String,
    },
}

/// `COPY` or `ADD`.
#[derive(Debug, Clone, Default)]
pub struct Copy {
    /// `ADD`: fetches addresses and unpacks archives.
    pub is_add: bool,
    /// `--from`: as written, and what it stands for.
    pub from: Option<(Spanned<String>, Base)>,
    /// `--checksum`.
    pub checksum: Option<Spanned<String>>,
    /// The sources, as written, arguments put in as far as they are known.
    pub sources: Vec<Spanned<String>>,
    /// The destination.
    pub destination: Option<Spanned<String>>,
    /// Sources written into the file as here-documents.
    pub here_documents: usize,
}

impl Dockerfile {
    /// What `--mount=..,from=X` of a stage takes files from, given its value.
    #[must_use]
    pub fn mounted_from(&self, stage: usize, mount: &str) -> Option<Base> {
        let from = mount.split(',').find_map(|part| part.trim().strip_prefix("from="))?;
        Some(from_flag(from, self.stages.get(..stage).unwrap_or_default()))
    }
}

/// What `--from` stands for, out of the stages before its own: a name, a number, an image. BuildKit
/// puts no variables in here.
#[must_use]
pub fn from_flag(text: &str, before: &[Stage]) -> Base {
    if text.is_empty() || text.contains(['$', '{', '<', '@']) && !text.contains("@sha256:") {
        return Base::Unknown(text.to_owned());
    }
    if let Some(index) = stage_named(text, before) {
        return Base::Stage(index);
    }
    if let Ok(index) = text.parse::<usize>() {
        return if index < before.len() { Base::Stage(index) } else { Base::Unknown(text.to_owned()) };
    }
    if text == "scratch" {
        return Base::Scratch;
    }
    Base::Image { reference: text.to_owned(), by_argument: false }
}

/// The last stage of a name. Names of stages have no case.
#[must_use]
pub fn stage_named(text: &str, stages: &[Stage]) -> Option<usize> {
    stages.iter().rev().find(|s| s.name.as_ref().is_some_and(|n| n.value.eq_ignore_ascii_case(text))).map(|s| s.index)
}
