//! Asks cargo itself about a workspace of the audited tree. The one place that starts a program.
//!
//! Cargo runs programs that the tree names: a compiler or a wrapper from `.cargo/config.toml`, a
//! toolchain from `rust-toolchain.toml`. So it is started where it finds no file of the tree but the
//! manifests it is asked about: with an empty folder as working directory, a cargo folder that holds
//! nothing but the downloaded crates, and an environment that says which compiler to use. It is
//! cargo of an installed toolchain, never the proxy that lets the tree choose, and nothing of it
//! lies in the tree. Source: the Cargo book, "Configuration"; rustup's book, "Overrides".
#![allow(clippy::disallowed_methods, reason = "the one program that is started, on request and without the tree's say")]

mod toolchain;

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use cargo_metadata::{CargoOpt, MetadataCommand};

use crate::source::{RepoPath, git};

pub use toolchain::{Toolchain, find};

/// Largest answer in bytes; that of a workspace of a thousand crates has five million.
const ANSWER: u64 = 32 << 20;
/// Bytes of a complaint that are kept.
const COMPLAINT: u64 = 64 << 10;
/// Characters of it that are shown.
const COMPLAINT_SHOWN: usize = 240;
/// How long cargo may take: looks at it, and the pause between two.
const LOOKS: u32 = 6_000;
const PAUSE: Duration = Duration::from_millis(20);
/// Variables that are handed on: without them no program starts on some systems.
const HANDED_ON: &[&str] = &["SystemRoot", "windir"];

/// What of the environment decides which cargo is started and where its crates lie.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `PATH`.
    pub path: Option<OsString>,
    /// `CARGO_HOME`.
    pub cargo_home: Option<OsString>,
    /// `RUSTUP_HOME`.
    pub rustup_home: Option<OsString>,
    /// `RUSTUP_TOOLCHAIN`.
    pub rustup_toolchain: Option<OsString>,
    /// `HOME`, or what stands for it.
    pub home: Option<OsString>,
    /// A folder for short-lived files.
    pub temporary: PathBuf,
    /// What some systems need to start a program.
    pub system: Vec<(OsString, OsString)>,
}

impl Environment {
    /// Takes what is needed of the variables that `get` knows.
    pub fn of(get: impl Fn(&str) -> Option<OsString>, temporary: PathBuf) -> Self {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        Self {
            path: get("PATH"),
            cargo_home: get("CARGO_HOME"),
            rustup_home: get("RUSTUP_HOME"),
            rustup_toolchain: get("RUSTUP_TOOLCHAIN"),
            home: get("HOME").or_else(|| get("USERPROFILE")),
            temporary,
            system: HANDED_ON.iter().filter_map(|name| Some((OsString::from(name), get(name)?))).collect(),
        }
    }
}

/// Cargo, ready to be asked about a tree.
#[derive(Debug)]
pub struct Cargo {
    tree: PathBuf,
    toolchain: Toolchain,
    room: Room,
    system: Vec<(OsString, OsString)>,
}

impl Cargo {
    /// Finds cargo outside the tree and makes room for it.
    ///
    /// # Errors
    /// Why there is none that can be trusted with the tree, as a sentence.
    pub fn new(tree: &Path, environment: &Environment) -> Result<Self, String> {
        // What lies beside an audited folder in its repository is as little trusted.
        let tree = tree.canonicalize().map_err(|error| error.to_string())?;
        let border = git::find_root(&tree).unwrap_or_else(|| tree.clone());
        let toolchain = find(&border, environment)?;
        let room = Room::new(&border, environment)?;
        Ok(Self { tree, toolchain, room, system: environment.system.clone() })
    }

    /// The metadata of the workspace in a folder of the tree, as JSON.
    ///
    /// # Errors
    /// What cargo complained of, or why it could not be started.
    pub fn ask(&self, folder: &RepoPath) -> Result<String, String> {
        let manifest = self.tree.join(folder.as_str()).join("Cargo.toml");
        let mut command = MetadataCommand::new();
        command
            .cargo_path(&self.toolchain.cargo)
            .manifest_path(manifest)
            .current_dir(self.room.path("empty"))
            .features(CargoOpt::AllFeatures)
            .other_options(["--offline", "--locked", "--color=never"].map(str::to_owned).to_vec());
        let mut command = command.cargo_command();
        command.env_clear();
        command.envs(self.system.iter().map(|(name, value)| (name, value)));
        command
            .env("PATH", self.toolchain.cargo.parent().unwrap_or(Path::new("")))
            .env("CARGO_HOME", self.room.path("cargo"))
            // `target/.rustc_info.json` of the tree would speak for the compiler, and be written.
            .env("CARGO_TARGET_DIR", self.room.path("target"))
            .env("RUSTC", &self.toolchain.rustc)
            .env("RUSTC_WRAPPER", "")
            .env("RUSTC_WORKSPACE_WRAPPER", "")
            .env("CARGO_NET_OFFLINE", "true")
            .env("RUSTUP_AUTO_INSTALL", "0");
        if let Some(name) = &self.toolchain.name {
            command.env("RUSTUP_TOOLCHAIN", name);
        }
        let (ok, out, complaint) = output(&mut command).map_err(|error| format!("cargo did not run: {error}"))?;
        if !ok {
            return Err(self.reason(&String::from_utf8_lossy(&complaint)));
        }
        if out.len() as u64 > ANSWER {
            return Err(format!("its answer is larger than {ANSWER} bytes"));
        }
        String::from_utf8(out).map_err(|_| "its answer is not UTF-8".to_owned())
    }
}

impl Cargo {
    /// The complaint in one line without paths of this machine, and what to do where we know.
    fn reason(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (folder, name) in [(&self.room.folder, "(cargo's)"), (&self.tree, ".")] {
            text = text.replace(&*folder.to_string_lossy(), name);
        }
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = words.trim_start_matches("error: ").chars().take(COMPLAINT_SHOWN).collect();
        let more = if words.chars().count() > COMPLAINT_SHOWN { "…" } else { "" };
        let hint = if text.contains("offline") {
            "; run `cargo fetch --locked` where you trust the tree, or give `--metadata FILE`"
        } else {
            ""
        };
        format!("{short}{more}{hint}")
    }
}

/// Folders of our own, removed in the end.
#[derive(Debug)]
struct Room {
    folder: PathBuf,
}

impl Room {
    fn new(border: &Path, environment: &Environment) -> Result<Self, String> {
        let base = environment.temporary.canonicalize().map_err(|error| format!("no temporary folder: {error}"))?;
        if base.starts_with(border) {
            return Err("the temporary folder lies in the audited tree".to_owned());
        }
        // Cargo looks for settings in every folder above the one it is started in.
        let settings = |above: &&Path| ["config.toml", "config"].iter().any(|f| above.join(".cargo").join(f).exists());
        if base.ancestors().any(|above| settings(&above)) {
            return Err("settings of cargo lie above the temporary folder".to_owned());
        }
        let fail = |error: io::Error| format!("no room for cargo: {error}");
        let folder = fresh(&base).map_err(fail)?;
        let room = Self { folder };
        for name in ["empty", "cargo", "target"] {
            std::fs::create_dir(room.path(name)).map_err(fail)?;
        }
        let home = environment.cargo_home.clone().map(PathBuf::from);
        let home = home.or_else(|| environment.home.as_ref().map(|home| Path::new(home).join(".cargo")));
        if let Some(home) = home.and_then(|home| home.canonicalize().ok()) {
            if home.starts_with(border) {
                return Err("the folder of cargo, `CARGO_HOME`, lies in the audited tree".to_owned());
            }
            for name in ["registry", "git"] {
                let from = home.join(name);
                if from.is_dir() {
                    link(&from, &room.path("cargo").join(name)).map_err(fail)?;
                }
            }
        }
        Ok(room)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // Links are removed, not followed.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A folder that nobody else made or can enter.
fn fresh(base: &Path) -> io::Result<PathBuf> {
    for attempt in 0..64_u32 {
        let folder = base.join(format!("cargo-custody-{}-{attempt}", std::process::id()));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|()| folder),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_dir(from, to)
}

/// Whether it ended well, what it said and what it complained of. Both are read at the same time,
/// since a full pipe would hold it up, and cut, since it decides how much it says.
fn output(command: &mut Command) -> io::Result<(bool, Vec<u8>, Vec<u8>)> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let out = reader(child.stdout.take(), ANSWER + 1);
    let complaint = reader(child.stderr.take(), COMPLAINT);
    let ok = wait(&mut child)?;
    let read = |handle: thread::JoinHandle<Vec<u8>>| handle.join().unwrap_or_default();
    Ok((ok, read(out), read(complaint)))
}

fn reader(from: Option<impl Read + Send + 'static>, limit: u64) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(from) = from {
            let _ = from.take(limit).read_to_end(&mut bytes);
        }
        bytes
    })
}

fn wait(child: &mut Child) -> io::Result<bool> {
    for _ in 0..LOOKS {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        thread::sleep(PAUSE);
    }
    child.kill()?;
    child.wait()?;
    Err(io::Error::new(io::ErrorKind::TimedOut, "it took longer than two minutes"))
}
