//! A machine for one run: the action's own checkout, a workspace with traps, a home, tools, and a folder for
//! temporary files, which is the only one that may change.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::runner::{Call, listing};

/// What the stand-in for the program says of itself: the version of this source.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Folders of a run.
pub(crate) struct Sandbox {
    root: PathBuf,
}

impl Sandbox {
    /// A fresh one; `None`, said aloud, where a tool is missing.
    pub(crate) fn new(name: &str) -> Option<Self> {
        for tool in ["bash", "git", "tar", "realpath"] {
            let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output();
            if !found.is_ok_and(|o| o.status.success()) {
                // Written so that a test that passes shows it, too.
                let _ = writeln!(std::io::stderr(), "SKIPPED {name}: there is no {tool}");
                return None;
            }
        }
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("action").join(name);
        let _ = fs::remove_dir_all(&root);
        for folder in ["checkout/action", "workspace", "temp", "home", "tools", "served"] {
            fs::create_dir_all(root.join(folder)).expect("a folder");
        }
        let sandbox = Self { root: fs::canonicalize(root).expect("the folder") };
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in [
            "action.yml",
            "Cargo.toml",
            "action/install.sh",
            "action/run.sh",
            "action/surroundings.sh",
            "action/hashes.txt",
        ] {
            fs::copy(source.join(file), sandbox.action().join(file)).expect("a file of the action");
        }
        Some(sandbox)
    }

    /// The action's own checkout.
    pub(crate) fn action(&self) -> PathBuf {
        self.root.join("checkout")
    }

    /// `GITHUB_WORKSPACE`.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.root.join("workspace")
    }

    /// `RUNNER_TEMP`.
    pub(crate) fn temp(&self) -> PathBuf {
        self.root.join("temp")
    }

    /// Where released archives would be.
    pub(crate) fn served(&self) -> PathBuf {
        self.root.join("served")
    }

    /// Writes a file of the sandbox, with its folders.
    pub(crate) fn write(&self, path: &str, text: &str) -> PathBuf {
        let file = self.root.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(&file, text).expect("a file");
        file
    }

    /// Writes a program.
    pub(crate) fn program(&self, path: &str, script: &str) -> PathBuf {
        let file = self.write(path, script);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("a program");
        file
    }

    /// A program that tells how it was called, in `temp/_called` and `temp/_environment`, and ends with `code`.
    pub(crate) fn stand_in(&self, path: &str, code: u8) -> PathBuf {
        self.program(path, &stand_in(code))
    }

    /// A file that a run left in the temporary folder.
    pub(crate) fn left(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.temp().join(name)).ok()
    }

    /// All that no run may change.
    pub(crate) fn untouchable(&self) -> BTreeMap<String, Vec<u8>> {
        let mut all = listing(&self.root);
        let temp = self.temp().to_string_lossy().into_owned();
        all.retain(|path, _| !path.starts_with(&temp));
        all
    }

    /// Files of a workspace that run something as soon as cargo, rustup, git or a shell is started carelessly. Each
    /// would leave `temp/_trapped`.
    pub(crate) fn lay_traps(&self) {
        let trap = format!("#!/bin/sh\necho \"$0\" >> '{}/_trapped'\nexit 1\n", self.temp().display());
        for name in ["trap.sh", "cargo", "git", "curl", "env", "bash", "realpath", "cargo-custody", "tar"] {
            self.program(&format!("workspace/{name}"), &trap);
        }
        let wrapper = self.workspace().join("trap.sh");
        let wrapper = wrapper.display();
        self.write(
            "workspace/.cargo/config.toml",
            &format!(
                "[alias]\ncustody = \"run --manifest-path evil/Cargo.toml\"\n\n[build]\nrustc-wrapper = \"{wrapper}\"\n"
            ),
        );
        self.write("workspace/rust-toolchain.toml", "[toolchain]\npath = \"./toolchain\"\n");
        self.program("workspace/toolchain/bin/cargo", &trap);
        self.write("workspace/.bashrc", &trap);
    }

    /// Whether a trap went off, and which.
    pub(crate) fn trapped(&self) -> Option<String> {
        self.left("_trapped")
    }

    /// Runs git in the workspace.
    pub(crate) fn git(&self, words: &[&str]) -> String {
        git(&self.workspace(), words)
    }

    /// The variables a runner gives.
    pub(crate) fn variables(&self, call: &Call) -> BTreeMap<String, String> {
        let show = |path: PathBuf| path.to_string_lossy().into_owned();
        let temp = |name: &str| show(self.temp().join(name));
        fs::write(self.temp().join("_event.json"), call.payload.to_string()).expect("the event");
        for name in ["_summary", "_env", "_path"] {
            fs::write(self.temp().join(name), "").expect("a file of the runner");
        }
        let path = std::env::var("PATH").expect("a path");
        let mut out: BTreeMap<String, String> = [
            ("PATH", format!("{}:{path}", show(self.root.join("tools")))),
            ("HOME", show(self.root.join("home"))),
            ("CI", "true".to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_ACTION_PATH", show(self.action())),
            ("GITHUB_WORKSPACE", show(self.workspace())),
            ("GITHUB_REPOSITORY", "example/service".to_owned()),
            ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
            ("GITHUB_EVENT_NAME", call.event.to_owned()),
            ("GITHUB_EVENT_PATH", temp("_event.json")),
            ("GITHUB_OUTPUT", temp("_output")),
            ("GITHUB_STEP_SUMMARY", temp("_summary")),
            ("GITHUB_ENV", temp("_env")),
            ("GITHUB_PATH", temp("_path")),
            ("RUNNER_OS", "Linux".to_owned()),
            ("RUNNER_ARCH", "X64".to_owned()),
            ("RUNNER_TEMP", show(self.temp())),
            ("SOURCE_DATE_EPOCH", "1795392000".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        out.extend(call.variables.iter().cloned());
        out.retain(|_, value| value != UNSET);
        out
    }
}

/// The value that takes a variable away.
pub(crate) const UNSET: &str = "\u{0}";

/// The text of a program that stands in for ours.
pub(crate) fn stand_in(code: u8) -> String {
    format!(
        "#!/bin/sh\n\
         if [ \"$1\" = --version ]; then echo 'cargo-custody {VERSION}'; exit 0; fi\n\
         pwd > \"$RUNNER_TEMP/_called\"\n\
         for word in \"$@\"; do printf '%s\\n' \"$word\" >> \"$RUNNER_TEMP/_called\"; done\n\
         env > \"$RUNNER_TEMP/_environment\"\n\
         echo 'verdict=fail' >> \"$GITHUB_OUTPUT\"\n\
         if [ ! -e \"$RUNNER_TEMP/_readonly\" ]; then echo 'can-upload=true' >> \"$GITHUB_OUTPUT\"; fi\n\
         printf 'sarif=%s\\n' \"$RUNNER_TEMP/a.sarif\" >> \"$GITHUB_OUTPUT\"\n\
         exit {code}\n"
    )
}

/// Runs git without the settings of this machine.
pub(crate) fn git(folder: &Path, words: &[&str]) -> String {
    let ran = Command::new("git")
        .args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"])
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var("PATH").expect("a path"))
        .env("HOME", folder)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@example.com")])
        .envs([("GIT_COMMITTER_NAME", "A"), ("GIT_COMMITTER_EMAIL", "a@example.com")])
        .envs([("GIT_AUTHOR_DATE", "2026-11-01T00:00:00Z"), ("GIT_COMMITTER_DATE", "2026-11-01T00:00:00Z")])
        .output()
        .expect("git starts");
    assert!(ran.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("UTF-8").trim().to_owned()
}
