//! Cargo is asked about a tree without the tree having a say in what is started.
//!
//! Each trap writes a marker when it is sprung. Where plain cargo springs it, that is shown first, so
//! that a trap which has gone dead is noticed.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests write trees, start the program and start cargo"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n";

/// Variables of this process that decide which cargo runs.
const KEPT: &[&str] = &["PATH", "HOME", "RUSTUP_HOME", "CARGO_HOME"];

struct Trap {
    tree: PathBuf,
    /// Written when the trap is sprung.
    marker: PathBuf,
    /// A program that writes the marker and then does what the compiler does.
    script: PathBuf,
}

impl Trap {
    /// A package without dependencies, as a repository of its own, and a script beside its sources.
    fn new(name: &str) -> Self {
        let tree = std::env::temp_dir().join(format!("evidence-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&tree);
        fs::create_dir_all(tree.join(".cargo")).expect("a folder");
        let tree = tree.canonicalize().expect("a folder");
        let marker = tree.join("marker");
        let script = tree.join("tool");
        let trap = Self { tree, marker, script };
        trap.write("Cargo.toml", MANIFEST);
        trap.write("Cargo.lock", LOCK);
        trap.write("src/main.rs", "fn main() {}\n");
        // A wrapper gets the compiler as its first word, a compiler does not.
        let body = format!(
            "#!/bin/sh\necho sprung > '{}'\ncase \"$1\" in */rustc) exec \"$@\";; esac\nexec rustc \"$@\"\n",
            trap.marker.display()
        );
        trap.program("tool", &body);
        trap
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.tree.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn program(&self, path: &str, text: &str) {
        self.write(path, text);
        fs::set_permissions(self.tree.join(path), fs::Permissions::from_mode(0o755)).expect("a program");
    }

    fn config(&self, text: &str) {
        self.write(".cargo/config.toml", &text.replace("TOOL", &self.script.display().to_string()));
    }

    /// What a person would start without us, in the tree.
    fn plain(&self, words: &[&str]) -> Output {
        let mut command = Command::new("cargo");
        clean(&mut command).args(words).current_dir(&self.tree).output().expect("cargo starts")
    }

    fn is_sprung(&self) -> bool {
        let is_sprung = self.marker.exists();
        let _ = fs::remove_file(&self.marker);
        is_sprung
    }

    fn audit(&self, more: &[(&str, &Path)]) -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
        clean(&mut command).envs(more.iter().copied());
        command.current_dir(&self.tree).args(["audit", ".", "--evidence", "metadata", "--format", "json"]);
        let output = command.output().expect("the program starts");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Audits; the metadata was had and nothing was sprung.
    fn holds(&self) {
        let audit = self.audit(&[]);
        assert!(!self.is_sprung(), "the trap was sprung");
        assert_eq!(audit["coverage"]["evidence"][0]["rests_on"], "metadata", "{}", audit["coverage"]["unknown"]);
        assert!(!self.tree.join("target").exists(), "cargo wrote into the tree");
    }

    /// Audits; nothing was sprung, there is no metadata, and that is said.
    fn refuses(&self, more: &[(&str, &Path)], why: &str) {
        let audit = self.audit(more);
        assert!(!self.is_sprung(), "the trap was sprung");
        assert_eq!(audit["coverage"]["evidence"][0]["rests_on"], "lock-and-manifests");
        let unknown = audit["coverage"]["unknown"][0].as_str().expect("a sentence");
        assert!(unknown.contains(why), "{unknown}");
        for path in [&self.tree, &std::env::temp_dir()] {
            assert!(!unknown.contains(&*path.to_string_lossy()), "a path of this machine: {unknown}");
        }
        assert_ne!(audit["verdict"], "pass");
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.tree);
    }
}

/// The environment of a person's shell, without what `cargo test` adds.
fn clean(command: &mut Command) -> &mut Command {
    command.env_clear();
    command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
}

const METADATA: &[&str] = &["metadata", "--format-version", "1", "--offline"];

/// Plants a configuration that plain `cargo metadata` is taken in by.
fn live(name: &str, config: &str) {
    let trap = Trap::new(name);
    trap.config(config);
    trap.plain(METADATA);
    assert!(trap.is_sprung(), "the trap is dead");
    let _ = fs::remove_dir_all(trap.tree.join("target"));
    trap.holds();
}

/// Plants a configuration that takes effect for other commands of cargo only.
fn idle(name: &str, config: &str) {
    let trap = Trap::new(name);
    trap.config(config);
    trap.holds();
}

#[test]
fn a_compiler_of_the_tree() {
    live("rustc", "[build]\nrustc = \"TOOL\"\n");
}

#[test]
fn a_wrapper_of_the_tree() {
    live("wrapper", "[build]\nrustc-wrapper = \"TOOL\"\n");
}

#[test]
fn a_workspace_wrapper_of_the_tree() {
    live("workspace-wrapper", "[build]\nrustc-workspace-wrapper = \"TOOL\"\n");
}

#[test]
fn a_compiler_of_an_included_file() {
    let trap = Trap::new("include");
    trap.config("include = [\"more.toml\"]\n");
    trap.write(".cargo/more.toml", &format!("[build]\nrustc = \"{}\"\n", trap.script.display()));
    // Older versions of cargo do not read it.
    trap.plain(METADATA);
    trap.is_sprung();
    let _ = fs::remove_dir_all(trap.tree.join("target"));
    trap.holds();
}

#[test]
fn a_runner_and_a_linker_of_the_tree() {
    idle("runner", "[target.'cfg(all())']\nrunner = \"TOOL\"\nlinker = \"TOOL\"\n");
}

#[test]
fn an_environment_of_the_tree() {
    let force = "value = \"TOOL\", force = true";
    idle("env", &format!("[env]\nRUSTC = {{ {force} }}\nRUSTC_WRAPPER = {{ {force} }}\nLD_PRELOAD = {{ {force} }}\n"));
}

#[test]
fn a_credential_provider_of_the_tree() {
    let registry =
        "[registries.own]\nindex = \"sparse+https://index.example.com/\"\ncredential-provider = [\"TOOL\"]\n";
    idle("credentials", &format!("[registry]\nglobal-credential-providers = [\"TOOL\"]\n\n{registry}"));
}

#[test]
fn an_alias_of_the_tree() {
    let trap = Trap::new("alias");
    trap.config("[alias]\ncustody = \"run\"\nmetadata = \"run\"\n");
    let main = format!("fn main() {{ std::fs::write({:?}, \"sprung\").unwrap(); }}\n", trap.marker);
    trap.write("src/main.rs", &main);
    trap.plain(&["custody"]);
    assert!(trap.is_sprung(), "the trap is dead");
    let _ = fs::remove_dir_all(trap.tree.join("target"));
    trap.holds();
}

#[test]
fn a_toolchain_of_the_tree() {
    let trap = Trap::new("toolchain");
    let body = format!("#!/bin/sh\necho sprung > '{}'\n", trap.marker.display());
    trap.program("tools/bin/cargo", &body);
    trap.program("tools/bin/rustc", &body);
    fs::create_dir_all(trap.tree.join("tools/lib")).expect("a folder");
    let path = trap.tree.join("tools");
    trap.write("rust-toolchain.toml", &format!("[toolchain]\npath = \"{}\"\n", path.display()));
    // Only rustup's proxies read it.
    let has_rustup = clean(&mut Command::new("rustup")).arg("--version").output().is_ok();
    if has_rustup {
        trap.plain(METADATA);
        assert!(trap.is_sprung(), "the trap is dead");
    }
    trap.holds();
    // The proxies hand their choice on, as they do for `cargo custody`.
    if has_rustup {
        trap.refuses(&[("RUSTUP_TOOLCHAIN", &path)], "`RUSTUP_TOOLCHAIN` is a path, not a name");
    }
}

#[test]
fn a_cargo_of_the_tree_in_the_path() {
    let trap = Trap::new("path");
    let body = format!("#!/bin/sh\necho sprung > '{}'\n", trap.marker.display());
    for program in ["cargo", "rustc", "rustup"] {
        trap.program(&format!("bin/{program}"), &body);
    }
    let rest = std::env::var_os("PATH").expect("a path");
    let folders = [trap.tree.join("bin"), PathBuf::from("bin")].into_iter().chain(std::env::split_paths(&rest));
    let path = std::env::join_paths(folders).expect("a path");
    let audit = trap.audit(&[("PATH", Path::new(&path))]);
    assert!(!trap.is_sprung(), "the trap was sprung");
    assert_eq!(audit["coverage"]["evidence"][0]["rests_on"], "metadata", "{}", audit["coverage"]["unknown"]);
}

#[test]
fn folders_of_cargo_in_the_tree() {
    let trap = Trap::new("homes");
    let home = trap.tree.join("home");
    trap.write("home/config.toml", &format!("[build]\nrustc-wrapper = \"{}\"\n", trap.script.display()));
    trap.refuses(&[("CARGO_HOME", &home)], "`CARGO_HOME`, lies in the audited tree");
    trap.refuses(&[("TMPDIR", &home)], "temporary folder lies in the audited tree");
}

#[test]
fn settings_above_the_temporary_folder() {
    let trap = Trap::new("above");
    let base = std::env::temp_dir().join(format!("evidence-{}-elsewhere", std::process::id()));
    fs::create_dir_all(base.join(".cargo")).expect("a folder");
    fs::create_dir_all(base.join("tmp")).expect("a folder");
    let text = format!("[build]\nrustc-wrapper = \"{}\"\n", trap.script.display());
    fs::write(base.join(".cargo/config.toml"), text).expect("a file");
    trap.refuses(&[("TMPDIR", &base.join("tmp"))], "settings of cargo lie above the temporary folder");
    fs::remove_dir_all(base).expect("a folder of our own");
}

#[test]
fn settings_of_the_person_are_not_read() {
    let trap = Trap::new("person");
    let home = std::env::temp_dir().join(format!("evidence-{}-home", std::process::id()));
    fs::create_dir_all(&home).expect("a folder");
    let text = format!("[build]\nrustc-wrapper = \"{}\"\n", trap.script.display());
    fs::write(home.join("config.toml"), text).expect("a file");
    let audit = trap.audit(&[("CARGO_HOME", &home)]);
    assert!(!trap.is_sprung(), "the trap was sprung");
    assert_eq!(audit["coverage"]["evidence"][0]["rests_on"], "metadata", "{}", audit["coverage"]["unknown"]);
    fs::remove_dir_all(home).expect("a folder of our own");
}

/// The cache of what the compiler said, which cargo believes where it finds it.
#[test]
fn a_cache_of_the_tree_is_neither_read_nor_written() {
    let trap = Trap::new("cache");
    trap.write("target/.rustc_info.json", "{}");
    let audit = trap.audit(&[]);
    assert_eq!(audit["coverage"]["evidence"][0]["rests_on"], "metadata");
    assert_eq!(fs::read_to_string(trap.tree.join("target/.rustc_info.json")).expect("a file"), "{}");
}

/// A crate under the name of one on the registry, whose code lies in the tree.
fn with_false_crate(name: &str) -> Trap {
    let trap = Trap::new(name);
    trap.write("Cargo.toml", &format!("{MANIFEST}\n[dependencies]\nno-such-crate-of-ours = \"1\"\n"));
    let manifest = "[package]\nname = \"no-such-crate-of-ours\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
    trap.write("false/no-such-crate-of-ours/Cargo.toml", manifest);
    trap.write("false/no-such-crate-of-ours/src/lib.rs", "");
    trap.write("false/no-such-crate-of-ours/.cargo-checksum.json", "{\"files\":{}}");
    trap
}

#[test]
fn a_source_that_the_tree_replaces() {
    let trap = with_false_crate("source");
    let config = "[source.crates-io]\nreplace-with = \"false\"\n\n[source.false]\ndirectory = \"false\"\n";
    trap.config(config);
    let plain = trap.plain(METADATA);
    assert!(plain.status.success(), "the trap is dead: {}", String::from_utf8_lossy(&plain.stderr));
    trap.refuses(&[], "findings rest on lock and manifests");
}

#[test]
fn a_crate_that_the_settings_of_the_tree_patch() {
    let trap = with_false_crate("patch");
    trap.config("[patch.crates-io]\nno-such-crate-of-ours = { path = \"false/no-such-crate-of-ours\" }\n");
    let plain = trap.plain(METADATA);
    assert!(plain.status.success(), "the trap is dead: {}", String::from_utf8_lossy(&plain.stderr));
    trap.refuses(&[], "findings rest on lock and manifests");
}
