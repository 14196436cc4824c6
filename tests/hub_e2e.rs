//! From a lock that a hub answers to the files that are loaded: locked, downloaded, verified, tampered with, moved and
//! rolled back, by the program itself against a hub on loopback.
//!
//! Files are downloaded by `huggingface_hub` where `CUSTODY_HUB_PYTHON` names a Python that has it, which is said where
//! none does; and always by hand, into the layout that it writes.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "the tests start the program, a server and a downloader"
)]
#![allow(dead_code, reason = "the hub and its server serve other tests, too")]

#[path = "common/hub.rs"]
mod hub;
#[path = "common/repo.rs"]
mod repo;
#[path = "common/server.rs"]
mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hub::{Files, Hub};
use repo::Repo;

const TINY: &str = "models/acme/tiny";
const FACTS: &str = "datasets/acme/facts";
const APP: &str = "from datasets import load_dataset\nfrom transformers import AutoModel\n\n\
    model = AutoModel.from_pretrained(\"acme/tiny\")\ndata = load_dataset(\"acme/facts\")\n";

/// Who downloads.
enum Downloader {
    /// A Python that has `huggingface_hub`.
    Python(String),
    /// This test, into the same layout.
    Hand,
}

/// A repository with code that loads something, a hub that has it, and a cache.
struct Scene {
    hub: Hub,
    repo: Repo,
    cache: PathBuf,
    downloader: Downloader,
}

/// What a run left.
struct Ran {
    code: i32,
    out: String,
}

impl Scene {
    fn new(name: &str, downloader: Downloader) -> Self {
        let repo = Repo::new(&format!("hub-{name}"));
        let cache = repo.dir.with_extension("cache");
        let _ = fs::remove_dir_all(&cache);
        fs::create_dir_all(&cache).expect("a folder");
        Self { hub: Hub::start(), repo, cache, downloader }
    }

    fn run(&self, words: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
            .current_dir(&self.repo.dir)
            .env_clear()
            .env("SOURCE_DATE_EPOCH", "1795780800")
            .env("CARGO_CUSTODY_HOME", self.cache.join("custody"))
            .env("HF_HUB_CACHE", &self.cache)
            .args(words)
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let out = text(&output.stdout) + &text(&output.stderr);
        Ran { code: output.status.code().expect("an exit code"), out }
    }

    fn lock(&self, more: &[&str]) -> Ran {
        let url = self.hub.url();
        let host = url.replace("http://", "");
        self.run(&[&["lock", "--online", "--hub", &url, "--online-host", &host, "--retries", "0"], more].concat())
    }

    /// The lines of the lock that hold this text.
    fn locked(&self, text: &str) -> Vec<String> {
        let lock = fs::read_to_string(self.repo.dir.join("custody.lock")).expect("a lock");
        lock.lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
    }

    fn commit(&self, message: &str) {
        self.repo.git(&["add", "-A"]);
        self.repo.git(&["commit", "-q", "-m", message]);
    }

    /// Downloads what a branch leads to into the cache, as commit `commit` with `files`.
    fn download(&self, repo: &str, revision: &str, commit: &str, files: &Files) -> PathBuf {
        match &self.downloader {
            Downloader::Hand => lay_out(&self.cache, repo, revision, commit, files),
            Downloader::Python(python) => self.by_python(python, repo, revision, None),
        }
        let folder = self.cache.join(repo.replace('/', "--")).join("snapshots").join(commit);
        assert!(folder.is_dir(), "{}", folder.display());
        folder
    }

    /// Downloads into a folder of its own.
    fn download_to(&self, folder: &Path, repo: &str, commit: &str, files: &Files) {
        match &self.downloader {
            Downloader::Hand => lay_apart(folder, commit, files),
            Downloader::Python(python) => self.by_python(python, repo, "main", Some(folder)),
        }
    }

    fn by_python(&self, python: &str, repo: &str, revision: &str, folder: Option<&Path>) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hub/download.py");
        let (kind, name) = repo.split_once("s/").expect("a kind");
        let output = Command::new(python)
            .arg(script)
            .args([kind, name, revision])
            .args(folder)
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| matches!(name.as_str(), "PATH" | "LD_LIBRARY_PATH")))
            .env("HF_ENDPOINT", self.hub.url())
            .env("HF_HOME", self.cache.join("home"))
            .env("HF_HUB_CACHE", &self.cache)
            .env("HF_HUB_DISABLE_TELEMETRY", "1")
            .env("HF_HUB_DISABLE_PROGRESS_BARS", "1")
            .output()
            .expect("Python starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

/// The layout of a cache of `huggingface_hub`: contents by their names, links to them, and where branches lead.
fn lay_out(cache: &Path, repo: &str, revision: &str, commit: &str, files: &Files) {
    let folder = cache.join(repo.replace('/', "--"));
    put(&folder.join("refs").join(revision), commit.as_bytes());
    for (path, bytes) in files {
        let name = tag(path, bytes);
        put(&folder.join("blobs").join(&name), bytes);
        let link = folder.join("snapshots").join(commit).join(path);
        fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
        let up = "../".repeat(2 + path.matches('/').count());
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(format!("{up}blobs/{name}"), link).expect("a link");
    }
}

/// The layout of a folder of one's own: files, and beside them of which commit each is.
fn lay_apart(folder: &Path, commit: &str, files: &Files) {
    for (path, bytes) in files {
        put(&folder.join(path), bytes);
        let text = format!("{commit}\n{}\n1795780800.0\n", tag(path, bytes));
        put(&folder.join(format!(".cache/huggingface/download/{path}.metadata")), text.as_bytes());
    }
}

/// By what a file's content is called.
fn tag(path: &str, bytes: &[u8]) -> String {
    let is_large = path.ends_with(".safetensors") || path.ends_with(".parquet");
    if is_large { hub::sha256(bytes) } else { hub::blob(bytes) }
}

fn insist(ran: &Ran, code: i32, texts: &[&str]) {
    assert_eq!(ran.code, code, "{}", ran.out);
    for text in texts {
        assert!(ran.out.contains(text), "{text}: {}", ran.out);
    }
}

/// Changes a file while something is done, and puts it back.
fn changed(path: &Path, bytes: &[u8], act: impl FnOnce()) {
    let path = fs::canonicalize(path).expect("a file");
    let before = fs::read(&path).expect("a file");
    fs::write(&path, bytes).expect("a file");
    act();
    fs::write(&path, before).expect("a file");
}

fn story(name: &str, downloader: Downloader) {
    let scene = Scene::new(name, downloader);
    let first = scene.hub.publish(TINY, "apache-2.0", &hub::model(1));
    let data = scene.hub.publish(FACTS, "cc-by-4.0", &hub::facts(1));
    scene.repo.write("app.py", APP);

    // What the code loads is held, by what the hub says.
    insist(&scene.lock(&[]), 0, &["acme/tiny", "acme/facts"]);
    assert_eq!(scene.locked(".revision").len(), 2);
    assert!(scene.locked("model.").iter().any(|line| line.contains(&first)));
    assert_eq!(scene.locked("model-00001-of-00002.safetensors").len(), 1);
    scene.commit("lock");
    insist(&scene.run(&["lock", "--check"]), 0, &[]);

    // What was downloaded is what is held.
    let snapshot = scene.download(TINY, "main", &first, &hub::model(1));
    scene.download(FACTS, "main", &data, &hub::facts(1));
    insist(&scene.run(&["verify"]), 0, &["2 as locked"]);
    let apart = scene.repo.dir.with_extension("apart");
    let _ = fs::remove_dir_all(&apart);
    scene.download_to(&apart, TINY, &first, &hub::model(1));
    let there = apart.to_string_lossy().into_owned();
    insist(&scene.run(&["verify", &there, "--lock", "custody.lock", "--model", "acme/tiny"]), 0, &["1 as locked"]);

    // One byte, of a file of any size.
    let shard = |n: u8| snapshot.join(format!("model-0000{n}-of-00002.safetensors"));
    let mut bytes = fs::read(shard(1)).expect("a file");
    *bytes.last_mut().expect("a byte") ^= 1;
    changed(&shard(1), &bytes, || {
        insist(&scene.run(&["verify"]), 1, &["`model-00001-of-00002.safetensors`", "1 not what is locked"]);
    });
    changed(&snapshot.join("config.json"), b"{\"model_type\": \"llama\", \"step\": 7}\n", || {
        insist(&scene.run(&["verify"]), 1, &["`config.json`"]);
    });

    // One shard in the other's place.
    let shards = [1, 2].map(|n| fs::read(shard(n)).expect("a file"));
    changed(&shard(1), &shards[1], || {
        changed(&shard(2), &shards[0], || {
            let both = ["`model-00001-of-00002.safetensors`", "`model-00002-of-00002.safetensors`"];
            insist(&scene.run(&["verify"]), 1, &both);
        });
    });

    // A file more, and one less.
    put(&snapshot.join("modeling_tiny.py"), b"import os\n");
    insist(&scene.run(&["verify"]), 1, &["`modeling_tiny.py` is not in the lock"]);
    fs::remove_file(snapshot.join("modeling_tiny.py")).expect("a file");
    insist(&scene.run(&["verify"]), 0, &[]);

    // Somebody reviewed this state.
    insist(&scene.run(&["lock", "approve", "acme/tiny", "--reason", "read its card", "--by", "ann"]), 0, &[]);
    scene.commit("approve");

    // The branch is moved, and downloaded again: the lock holds, and what would be loaded is another.
    let second = scene.hub.publish(TINY, "apache-2.0", &hub::model(2));
    insist(&scene.run(&["verify"]), 0, &[]);
    scene.download(TINY, "main", &second, &hub::model(2));
    insist(&scene.run(&["verify"]), 1, &[&second[..12]]);

    // The new state is taken on purpose; nobody has approved it.
    insist(&scene.lock(&["--update"]), 0, &[&second[..12]]);
    insist(&scene.run(&["lock", "diff", "HEAD"]), 0, &[&first[..12], &second[..12]]);
    insist(&scene.run(&["verify"]), 0, &["2 as locked"]);
    scene.commit("update");

    // It was no good: back to what was approved. The branch still leads elsewhere until the code names the commit.
    insist(&scene.run(&["lock", "rollback", "acme/tiny", "--to", "last-good"]), 0, &[&first[..12], "ann"]);
    assert!(scene.locked(".revision").iter().any(|line| line.contains(&first)));
    insist(&scene.run(&["verify"]), 1, &[&second[..12]]);
    let pinned = APP.replace("\"acme/tiny\"", &format!("\"acme/tiny\", revision=\"{first}\""));
    scene.repo.write("app.py", &pinned);
    insist(&scene.run(&["lock", "--check"]), 0, &[]);
    insist(&scene.run(&["verify"]), 0, &["2 as locked"]);
}

#[test]
fn from_the_hub_to_the_files_and_back() {
    story("hand", Downloader::Hand);
}

#[test]
fn from_the_hub_to_the_files_and_back_with_huggingface_hub() {
    match std::env::var("CUSTODY_HUB_PYTHON").ok().filter(|python| !python.is_empty()) {
        Some(python) => story("python", Downloader::Python(python)),
        None => eprintln!("skipped: CUSTODY_HUB_PYTHON names no Python that has huggingface_hub"),
    }
}

#[test]
fn images_are_held_by_digest() {
    let scene = Scene::new("images", Downloader::Hand);
    let digest = format!("sha256:{}", "12".repeat(32));
    scene.hub.push("acme/app:1.0", &digest);
    let host = scene.hub.url().replace("http://", "");
    scene.repo.write("Dockerfile", &format!("FROM {host}/acme/app:1.0\n"));
    let ran = scene.lock(&[]);
    insist(&ran, 0, &[]);
    assert!(scene.locked("image.").iter().any(|line| line.contains(&digest)), "{}", ran.out);
}

#[test]
fn what_the_hub_does_not_say_is_a_gap() {
    let scene = Scene::new("gaps", Downloader::Hand);
    scene.hub.publish(TINY, "mit", &hub::model(1));
    scene.hub.gate(TINY);
    scene.repo.write("app.py", APP);
    let ran = scene.lock(&[]);
    insist(&ran, 3, &["asks for a login", "has no such name, or does not show it without a login"]);
    // A hub that sends other bytes than it lists is not locked, and what was held stays.
    let scene = Scene::new("lies", Downloader::Hand);
    let first = scene.hub.publish(TINY, "mit", &hub::model(1));
    scene.repo.write("app.py", APP.lines().take(4).collect::<Vec<_>>().join("\n").as_str());
    insist(&scene.lock(&[]), 0, &[]);
    scene.hub.publish(TINY, "mit", &hub::model(2));
    scene.hub.spoil("config.json");
    insist(&scene.lock(&["--update"]), 3, &["`config.json`", "other bytes than its list of files names"]);
    assert!(scene.locked(".revision").iter().any(|line| line.contains(&first)));
    // Hosts that the tree alone names are not asked.
    scene.repo.write("Dockerfile", "FROM registry.example.com/app:1\nADD https://example.com/tool.tar.gz /x\n");
    let hosts =
        ["registry.example.com", "example.com"].map(|host| format!("{host} is not asked because the tree alone"));
    insist(&scene.lock(&[]), 3, &[&hosts[0], &hosts[1]]);
}

#[test]
fn a_token_is_sent_where_somebody_asks_for_it() {
    let scene = Scene::new("token", Downloader::Hand);
    scene.hub.publish(TINY, "mit", &hub::model(1));
    scene.hub.publish(FACTS, "mit", &hub::facts(1));
    scene.repo.write("app.py", APP);
    insist(&scene.lock(&["--hub-token"]), 2, &["HF_TOKEN, which is not set"]);
    let sent = |more: &[&str]| {
        let before = scene.hub.server.seen().len();
        let url = scene.hub.url();
        let words = [&["lock", "--online", "--update", "--hub", &url], more].concat();
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
            .current_dir(&scene.repo.dir)
            .env_clear()
            .env("CARGO_CUSTODY_HOME", scene.cache.join("custody"))
            .env("HF_TOKEN", "hf_secret")
            .args(words)
            .output()
            .expect("the program starts");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("hf_secret"));
        let seen = scene.hub.server.seen().split_off(before);
        assert!(!seen.is_empty());
        seen.iter().filter(|request| request.header("authorization") == Some("Bearer hf_secret")).count()
    };
    assert_eq!(sent(&[]), 0);
    assert!(sent(&["--hub-token"]) > 0);
}
