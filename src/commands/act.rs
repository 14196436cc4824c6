//! The facts themselves.

use std::ops::Range;

/// Something a command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Index into [`crate::parse::shell::Program::commands`].
    pub command: usize,
    /// The bytes that say so: a word where one does, else the command.
    pub range: Range<usize>,
    /// What it does.
    pub kind: ActKind,
}

impl Act {
    /// The file or target that the command runs, and the program that reads it: nothing for `./x`.
    #[must_use]
    pub fn called(&self) -> Option<(&str, Option<&str>)> {
        match &self.kind {
            ActKind::CallsScript { path, by } => Some((path, by.as_deref())),
            ActKind::Execute { path } => Some((path, None)),
            ActKind::Interpret { by, input: Input::File(path) } => Some((path, Some(by))),
            _ => None,
        }
    }
}

/// Kinds of [`Act`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActKind {
    /// Downloads.
    Fetch {
        /// The program: `curl`, `wget`, `iwr`, `gh`.
        by: String,
        /// From where.
        url: UrlText,
        /// Into what.
        to: Output,
        /// Certificates are not checked.
        tls_off: bool,
    },
    /// Brings a repository's files: `git clone`, `git submodule add`.
    Clone {
        /// From where.
        url: UrlText,
        /// The branch or tag asked for by `--branch`, where one is.
        reference: Option<String>,
        /// The folder it goes to.
        to: Output,
    },
    /// Goes to a branch, tag or commit of a repository: `git checkout`, `git reset --hard`, `git switch`.
    Checkout {
        /// What is gone to, as written.
        reference: String,
        /// The repository's folder, where the command names it (`git -C x`); else the one it stands in.
        folder: Option<String>,
    },
    /// Brings a model, data set or other files from a hub: `hf download`, `ollama pull`.
    HubDownload {
        /// The program, as a fixed name.
        by: &'static str,
        /// The repository or model, as far as known.
        name: Operand,
        /// The revision asked for, as written.
        revision: Option<String>,
        /// Where it goes.
        to: Output,
        /// What it is.
        what: Brought,
        /// The program is told to run the code that comes with it: `--trust-remote-code`.
        runs_code: bool,
    },
    /// Names a model, data set, tokenizer or adapter that a program loads: `--model_name_or_path org/x`.
    Loads(Box<Load>),
    /// Runs, pulls or makes a container of an image.
    Container {
        /// The program and its verb, as a fixed name: `docker run`.
        by: &'static str,
        /// The image.
        image: Operand,
        /// It is given the rights of the machine: `--privileged`, the engine's socket, the whole file system.
        privileged: Option<&'static str>,
        /// Folders of the machine are given to it.
        mounts: bool,
    },
    /// Loads a file into an engine or a cluster: `docker load`, `kubectl apply -f`.
    Load {
        /// The program and its verb, as a fixed name.
        by: &'static str,
        /// The file or the address.
        path: String,
    },
    /// Builds and runs what a folder holds: `make` without a Makefile of the tree, `cmake --build`,
    /// `./configure`, `pip install ./x`.
    BuildFolder {
        /// The program.
        by: String,
        /// The folder, where the command names it; else the one it stands in.
        folder: Option<String>,
    },
    /// Computes a digest and compares it with nothing: `sha256sum x`.
    Digest {
        /// The files.
        files: Vec<String>,
    },
    /// Runs text as a program of an interpreter.
    Interpret {
        /// The interpreter: `sh`, `python3`, `eval`, `iex`.
        by: String,
        /// Where the text comes from.
        input: Input,
    },
    /// Runs a file.
    Execute {
        /// The file as written, variables put in.
        path: String,
    },
    /// Sets the executable bit.
    MakeExecutable {
        /// The file.
        path: String,
    },
    /// Unpacks an archive.
    Extract {
        /// The archive; absent for standard input.
        archive: Option<String>,
        /// The folder unpacked into, where one is named.
        dir: Option<String>,
        /// The members named, or the single file written.
        members: Vec<String>,
    },
    /// Moves, copies, links or installs files.
    Transfer {
        /// How.
        how: Transfer,
        /// The files.
        from: Vec<String>,
        /// The file or folder.
        to: String,
        /// The executable bit is set along the way.
        executable: bool,
    },
    /// Changes the working folder; absent where it cannot be told.
    ChangeDir {
        /// The folder.
        path: Option<String>,
    },
    /// Installs a package from a file.
    InstallLocal {
        /// `dpkg`, `rpm`, `apt`, `pip`, ...
        manager: String,
        /// The file.
        path: String,
    },
    /// Compares files with a digest or a signature.
    Verify {
        /// By what.
        kind: Verifier,
        /// Where the expected digests come from.
        check: Check,
        /// The files checked, where they are known.
        targets: Vec<String>,
        /// A failure ends the script. A check may still guard what follows it by `&&`; see
        /// [`super::guarded_by`].
        fatal: bool,
    },
    /// Takes keys over, whose signatures count from then on: `gpg --import`, `gpg --recv-keys`, `rpm --import`.
    ImportKey {
        /// The program.
        by: String,
        /// Where the keys come from.
        keys: Vec<KeySource>,
    },
    /// Turns a check of origin off.
    VerificationOff {
        /// The option or setting, as a fixed name: `curl --insecure`.
        what: &'static str,
    },
    /// `cargo install` and `cargo binstall`.
    CargoInstall {
        /// The crate, without a version.
        name: Option<String>,
        /// The version asked for.
        version: Option<String>,
        /// `--locked` or `--frozen`.
        locked: bool,
        /// `--path`.
        path: Option<String>,
        /// `--git`.
        git: Option<String>,
        /// `--rev`; a tag or branch is not one.
        rev: Option<String>,
        /// `binstall`: a binary instead of a build.
        binary: bool,
    },
    /// A cargo subcommand that resolves dependencies.
    CargoBuild {
        /// `build`, `test`, ...
        subcommand: String,
        /// `--locked` or `--frozen`.
        locked: bool,
    },
    /// Installs packages by name or from a requirements file.
    PackageInstall {
        /// `pip`, `uv`, `npm`, `apt`, `go`, `brew`, ...
        manager: String,
        /// The subcommand: `install`, `ci`, `dlx`.
        verb: String,
        /// The packages with their version specifiers, as written. A package given as a file is an
        /// [`ActKind::InstallLocal`].
        names: Vec<Operand>,
        /// Files of requirements (`-r`, operands of `uv pip sync`); constraints stand among the options.
        files: Vec<Operand>,
        /// The manager's own options; what stands behind the name of a tool that is run is the tool's.
        options: Vec<Opt>,
    },
    /// Makes a package manager take packages from another place: `add-apt-repository`, a line in
    /// `/etc/apt/sources.list.d`, `brew tap`.
    AddSource {
        /// The manager, as a fixed name.
        manager: &'static str,
        /// The place: an address, a `ppa:`, a tap; that of the list, where the list itself is fetched.
        source: UrlText,
        /// The key's file that the source is tied to.
        signed_by: Option<String>,
        /// Signatures are not asked for.
        unsigned: bool,
    },
    /// Builds a container image.
    ImageBuild {
        /// The folder `COPY` reads from, as written; none where none is named.
        context: Option<String>,
        /// The Dockerfile, where one is named.
        file: Option<String>,
        /// The last stage to build, where one is named.
        target: Option<String>,
        /// The names the image is given.
        tags: Vec<String>,
        /// The command itself sends the image to a registry.
        pushes: bool,
    },
    /// `set -e`, `set -o pipefail` and their opposites.
    SetShellOption {
        /// `errexit`, `pipefail`, `nounset`, `xtrace`.
        option: &'static str,
        /// Turned on.
        on: bool,
    },
    /// Puts something out into the world.
    Publish {
        /// A fixed name: `cargo publish`, `docker push`.
        what: &'static str,
        /// The operands, as written.
        subjects: Vec<String>,
    },
    /// Runs a script or target whose text is in the tree, as far as one can tell: `./scripts/x.sh`,
    /// `bash x.sh`, `make target`.
    CallsScript {
        /// The path, or the target for `make`.
        path: String,
        /// The program that reads it: `bash`, `make`, nothing for `./x`.
        by: Option<String>,
    },
}

/// Something that a program is told to load by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The program with its verb or the option, as people know it: `vllm serve`, `--model_name_or_path`.
    pub by: String,
    /// What is loaded.
    pub what: Loaded,
    /// Who resolves the name: `huggingface`, `modelscope`, `ollama`, `kaggle`, or the library whose catalogue it is of.
    pub at: &'static str,
    /// The name, without the option and the revision.
    pub name: String,
    /// All of it is known.
    pub known: bool,
    /// Where it is put: the word that holds it, which may be a variable.
    pub range: Range<usize>,
    /// The revision, as far as known, and where it is put.
    pub revision: Option<(String, Range<usize>)>,
    /// What is written in front of a revision where there is none, behind the name: ` --revision `.
    pub takes_revision: Option<&'static str>,
    /// The program is told to run the code that comes with it, or not to, and where.
    pub remote_code: Option<(bool, Range<usize>)>,
    /// Files that are asked for by name.
    pub files: Vec<String>,
    /// The name may as well be something else, so that only `owner/name` is taken for one.
    pub needs_owner: bool,
}

/// What a program loads by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loaded {
    /// Weights.
    Model,
    /// Data.
    DataSet,
    /// A tokenizer.
    Tokenizer,
    /// Weights that are put onto a model's.
    Adapter,
}

/// What comes from a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Brought {
    /// A model in a format that is data: weights as safetensors or GGUF, or not told.
    Model,
    /// A model in a format whose reader runs what is in it: pickles.
    Pickle,
    /// A data set.
    DataSet,
    /// A package of a library's own catalogue, installed as code: spaCy's models.
    Package,
}

/// Something a command is given to install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// The text, known variables put in.
    pub text: String,
    /// All of it is known.
    pub known: bool,
    /// Where it is written; with its option, where it is an option's value.
    pub range: Range<usize>,
    /// The option whose value it is: `-e`, `--with`, `--from`, `-r`.
    pub by: Option<String>,
}

/// An option of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// Its name with its dashes, as written: `--index-url`, `-i`.
    pub name: String,
    /// Its value; none for a flag.
    pub value: Option<String>,
    /// All of it is known.
    pub known: bool,
    /// Where it is written, its value included.
    pub range: Range<usize>,
}

/// A URL as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UrlText {
    /// The text; what is not known is shown in the shell's spelling.
    pub text: String,
    /// All of it is known.
    pub known: bool,
    /// Points at this machine.
    pub local: bool,
}

impl UrlText {
    /// A URL of this text.
    #[must_use]
    pub fn new(text: impl Into<String>, known: bool) -> Self {
        let text = text.into();
        let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let name = if host.starts_with('[') { host.split(']').next() } else { host.split(':').next() };
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let local = matches!(name.as_str(), "localhost" | "0.0.0.0" | "[::1" | "host.docker.internal")
            || name.ends_with(".localhost")
            || name.starts_with("127.")
            || text.starts_with("file:");
        Self { text, known, local }
    }

    /// The last part of the path: what `curl -O` writes.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        let rest = self.text.split_once("://").map_or(self.text.as_str(), |(_, rest)| rest);
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        let (_, name) = path.rsplit_once('/')?;
        (!name.is_empty()).then_some(name)
    }
}

/// Where a download goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Stdout,
    /// This file.
    File(String),
    /// A file of unknown name in this folder.
    Dir(String),
    /// Thrown away: `-o /dev/null`.
    Nowhere,
    /// It cannot be told.
    Unknown,
}

/// Where an interpreter's text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A pipe.
    Stdin,
    /// A file.
    File(String),
    /// `<( ... )`: the commands.
    ProcessSubstitution(Range<usize>),
    /// `$( ... )`: the commands.
    Substitution(Range<usize>),
    /// A here-document or here-string.
    Heredoc,
    /// A text in the command line.
    Text,
}

/// How files are put elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// `mv`
    Move,
    /// `cp`, `rsync`
    Copy,
    /// `install`
    Install,
    /// `ln`
    Link,
}

/// What checks a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verifier {
    /// `sha256sum -c`, `shasum -c` and other lengths.
    Checksum,
    /// A digest computed and compared by a test.
    Compare,
    /// `md5sum -c`, `sha1sum -c`: broken digests.
    WeakChecksum,
    /// `gpg --verify`, `gpgv`.
    Gpg,
    /// `cosign verify-blob` and `verify`.
    Cosign,
    /// `gh attestation verify`.
    GhAttestation,
    /// `openssl dgst -verify`, `openssl cms -verify`.
    Openssl,
    /// `minisign -V`, `rsign verify`.
    Minisign,
    /// `signify -V`.
    Signify,
    /// `slsa-verifier verify-artifact`.
    Slsa,
    /// `sigstore verify`, `python -m sigstore verify`.
    Sigstore,
}

/// Where expected digests come from, or whose signature counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// A text in the script.
    Literal,
    /// A variable that the script is given: an `env:` key, an argument of a build, a parameter.
    Variable(String),
    /// A file.
    File(String),
    /// What a command of the script fetches at that moment.
    Fetched(UrlText),
    /// Standard input of unknown origin.
    Stdin,
    /// A signature or attestation: no digests.
    Signature(Signer),
}

/// Whose signature counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// The holder of a key: the key itself, or the file, folder or address it is read from.
    Key(String),
    /// The holders of the keys that were imported before: see [`ActKind::ImportKey`].
    Keyring,
    /// An identity, as written, or a pattern that names somebody.
    Identity(String),
    /// A pattern that matches the identities of people nobody chose.
    AnyIdentity(String),
    /// Whoever signed: no key and no identity is named.
    Anybody,
}

/// Where keys that count from then on come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// From a server of keys, by fingerprint or by a shorter number.
    Id(String),
    /// From a server of keys, by the address of a person.
    Person(String),
    /// From a file.
    File(String),
    /// From an address.
    Address(UrlText),
    /// From standard input, whose origin is not known.
    Stdin,
}
