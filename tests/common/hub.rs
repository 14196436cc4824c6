//! A hub on loopback: the parts of Hugging Face's API that `huggingface_hub` and this program ask for, a registry of
//! images that wants tokens, and tools. Branches can be moved, and the hub can be made to lie.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use cargo_custody::source::objects::Oid;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::server::{Reply, Request, Server};

/// Rows of a list of files that come in one answer.
const PAGE: usize = 4;

/// Files by path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

#[derive(Default)]
struct Repo {
    commits: BTreeMap<String, Files>,
    branches: BTreeMap<String, String>,
    licence: Option<String>,
    is_gated: bool,
}

#[derive(Default)]
struct State {
    /// By `models/owner/name`.
    repos: BTreeMap<String, Repo>,
    /// Paths of which other bytes are sent than the list names.
    spoilt: BTreeSet<String>,
    /// Digests of manifests, by `name:tag`.
    images: BTreeMap<String, String>,
    tools: BTreeMap<String, Vec<u8>>,
}

/// The hub.
pub(crate) struct Hub {
    pub(crate) server: Server,
    state: Arc<Mutex<State>>,
}

impl Hub {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let (own, port) = (Arc::clone(&state), Arc::new(Mutex::new(0)));
        let set = Arc::clone(&port);
        let server = Server::start(move |request| {
            let port = *port.lock().expect("no panic");
            own.lock().expect("no panic").answer(request, port)
        });
        *set.lock().expect("no panic") = server.at.port();
        Self { server, state }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url("127.0.0.1")
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().expect("no panic"))
    }

    /// Publishes a commit of `models/owner/name` on its main branch and says which it is.
    pub(crate) fn publish(&self, repo: &str, licence: &str, files: &Files) -> String {
        self.with(|state| {
            let repo = state.repos.entry(repo.to_owned()).or_default();
            let lines: Vec<String> = files.iter().map(|(path, bytes)| format!("{path} {}\n", blob(bytes))).collect();
            let commit = blob(format!("{} {}", repo.commits.len(), lines.concat()).as_bytes());
            repo.commits.insert(commit.clone(), files.clone());
            repo.branches.insert("main".to_owned(), commit.clone());
            repo.licence = Some(licence.to_owned());
            commit
        })
    }

    /// Lets a branch or tag lead to a commit.
    pub(crate) fn point(&self, repo: &str, branch: &str, commit: &str) {
        self.with(|state| {
            let repo = state.repos.get_mut(repo).expect("a repository");
            repo.branches.insert(branch.to_owned(), commit.to_owned());
        });
    }

    /// Asks for a login from now on.
    pub(crate) fn gate(&self, repo: &str) {
        self.with(|state| state.repos.get_mut(repo).expect("a repository").is_gated = true);
    }

    /// Sends other bytes for a path from now on.
    pub(crate) fn spoil(&self, path: &str) {
        self.with(|state| state.spoilt.insert(path.to_owned()));
    }

    /// Holds an image: a digest by `name:tag`.
    pub(crate) fn push(&self, image: &str, digest: &str) {
        self.with(|state| state.images.insert(image.to_owned(), digest.to_owned()));
    }

    /// Holds a tool below `/tools/`.
    pub(crate) fn offer(&self, name: &str, bytes: &[u8]) {
        self.with(|state| state.tools.insert(name.to_owned(), bytes.to_vec()));
    }
}

/// The name that git gives these bytes.
pub(crate) fn blob(bytes: &[u8]) -> String {
    let any = Oid::from_hex(&"0".repeat(40)).expect("a name");
    any.of_blob(bytes).expect("a digest").to_string()
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A safetensors file of one tensor.
pub(crate) fn safetensors(name: &str, value: u8, length: usize) -> Vec<u8> {
    let mut head = format!("{{\"{name}\":{{\"dtype\":\"U8\",\"shape\":[{length}],\"data_offsets\":[0,{length}]}}}}");
    while !head.len().is_multiple_of(8) {
        head.push(' ');
    }
    let mut out = (head.len() as u64).to_le_bytes().to_vec();
    out.extend_from_slice(head.as_bytes());
    out.extend(std::iter::repeat_n(value, length));
    out
}

/// A small model of two shards; `step` makes another state of it.
pub(crate) fn model(step: u8) -> Files {
    let index = r#"{"metadata":{"total_size":8192},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"#;
    [
        (".gitattributes", b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n".to_vec()),
        ("README.md", format!("---\nlicense: apache-2.0\n---\nStep {step}\n").into_bytes()),
        ("config.json", format!("{{\"model_type\": \"llama\", \"step\": {step}}}\n").into_bytes()),
        ("empty.txt", Vec::new()),
        ("model.safetensors.index.json", index.as_bytes().to_vec()),
        ("model-00001-of-00002.safetensors", safetensors("a", step, 4096)),
        ("model-00002-of-00002.safetensors", safetensors("b", step + 100, 4096)),
        ("onnx/config.json", b"{\"opset\": 17}\n".to_vec()),
        ("tokenizer.json", b"{\"version\": \"1.0\"}\n".to_vec()),
    ]
    .into_iter()
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .collect()
}

/// A small data set.
pub(crate) fn facts(step: u8) -> Files {
    [
        ("README.md", b"---\nlicense: cc-by-4.0\n---\nFacts\n".to_vec()),
        ("data/test.jsonl", b"{\"text\": \"one\"}\n".to_vec()),
        ("data/train-00000-of-00001.parquet", [b"PAR1".to_vec(), vec![step; 2_000], b"PAR1".to_vec()].concat()),
    ]
    .into_iter()
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .collect()
}

fn is_large(path: &str) -> bool {
    [".safetensors", ".parquet"].iter().any(|end| path.ends_with(end))
}

fn pointer(bytes: &[u8]) -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n", sha256(bytes), bytes.len())
}

fn answer(value: &Value) -> Reply {
    Reply::ok(value.to_string().into_bytes()).with("Content-Type", "application/json")
}

fn refuse(status: u16, code: &str) -> Reply {
    Reply::Whole(status, Vec::new(), json!({"error": code}).to_string().into_bytes())
        .with("X-Error-Code", code)
        .with("X-Error-Message", code)
}

fn decoded(part: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16)).unwrap_or(0);
        out.push(if byte == b'%' { u8::try_from(digit() * 16 + digit()).expect("a byte") } else { byte });
    }
    String::from_utf8(out).expect("UTF-8")
}

impl State {
    fn answer(&self, request: &Request, port: u16) -> Reply {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let parts: Vec<String> = path.trim_start_matches('/').split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["cdn", digest] => self.content(digest),
            ["api", kind @ ("models" | "datasets" | "kernels"), rest @ ..] => self.api(kind, rest, path, query, port),
            ["v2", rest @ .., "manifests", tag] => self.manifest(request, &rest.join("/"), tag, port),
            ["token"] => answer(&json!({"token": format!("read.{}", sha256(decoded(query).as_bytes()))})),
            ["tools", name] => self.tools.get(*name).map_or_else(|| Reply::status(404), |b| Reply::ok(b.clone())),
            [kind @ ("datasets" | "kernels"), rest @ ..] => self.resolve(kind, rest, port),
            rest => self.resolve("models", rest, port),
        }
    }

    fn find(&self, kind: &str, name: &str, revision: &str, is_file: bool) -> Result<(&Repo, &str, &Files), Reply> {
        let repo = self.repos.get(&format!("{kind}/{name}")).ok_or_else(|| refuse(401, "RepoNotFound"))?;
        let commit = repo.branches.get(revision).map_or(revision, String::as_str);
        let (commit, files) = repo.commits.get_key_value(commit).ok_or_else(|| refuse(404, "RevisionNotFound"))?;
        if repo.is_gated && is_file { Err(refuse(401, "GatedRepo")) } else { Ok((repo, commit, files)) }
    }

    fn api(&self, kind: &str, rest: &[&str], path: &str, query: &str, port: u16) -> Reply {
        let verb = rest.iter().position(|part| matches!(*part, "revision" | "tree")).unwrap_or(rest.len());
        let (name, revision) = (rest[..verb].join("/"), rest.get(verb + 1).copied().unwrap_or("main"));
        let (repo, commit, files) = match self.find(kind, &name, revision, false) {
            Ok(found) => found,
            Err(reply) => return reply,
        };
        if rest.get(verb) != Some(&"tree") {
            let tags: Vec<String> = repo.licence.iter().map(|licence| format!("license:{licence}")).collect();
            let siblings: Vec<Value> = files.keys().map(|path| json!({"rfilename": path})).collect();
            return answer(&json!({
                "id": name, "sha": commit, "private": false, "disabled": false, "downloads": 1, "likes": 0,
                "gated": if repo.is_gated { json!("manual") } else { json!(false) },
                "tags": tags, "cardData": {"license": repo.licence}, "siblings": siblings,
            }));
        }
        let folders: BTreeSet<&str> = files.keys().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
        let folders = folders.iter().map(|path| json!({"type": "directory", "path": path, "oid": "0", "size": 0}));
        let files = files.iter().map(|(path, bytes)| {
            if !is_large(path) {
                return json!({"type": "file", "path": path, "size": bytes.len(), "oid": blob(bytes)});
            }
            let pointer = pointer(bytes);
            let lfs = json!({"oid": sha256(bytes), "size": bytes.len(), "pointerSize": pointer.len()});
            json!({"type": "file", "path": path, "size": bytes.len(), "oid": blob(pointer.as_bytes()), "lfs": lfs})
        });
        let rows: Vec<Value> = folders.chain(files).collect();
        let start: usize =
            query.split('&').find_map(|pair| pair.strip_prefix("cursor=")).map_or(0, |n| n.parse().expect("a number"));
        let page = answer(&Value::Array(rows.iter().skip(start).take(PAGE).cloned().collect()));
        if start + PAGE >= rows.len() {
            return page;
        }
        let next = format!("http://127.0.0.1:{port}{path}?recursive=true&expand=false&cursor={}", start + PAGE);
        page.with("Link", &format!("<{next}>; rel=\"next\""))
    }

    fn resolve(&self, kind: &str, rest: &[&str], port: u16) -> Reply {
        let Some(at) = rest.iter().position(|part| *part == "resolve") else { return Reply::status(404) };
        let Some(revision) = rest.get(at + 1) else { return Reply::status(404) };
        let (_, commit, files) = match self.find(kind, &rest[..at].join("/"), revision, true) {
            Ok(found) => found,
            Err(reply) => return reply,
        };
        let path = rest[at + 2..].join("/");
        let Some(bytes) = files.get(&path) else {
            return refuse(404, "EntryNotFound").with("X-Repo-Commit", commit);
        };
        if is_large(&path) {
            // Another host than the one that was asked, as large files lie elsewhere.
            return Reply::status(302)
                .with("Location", &format!("http://localhost:{port}/cdn/{}", sha256(bytes)))
                .with("X-Repo-Commit", commit)
                .with("X-Linked-Size", &bytes.len().to_string())
                .with("X-Linked-ETag", &format!("\"{}\"", sha256(bytes)))
                .with("ETag", &format!("\"{}\"", blob(pointer(bytes).as_bytes())));
        }
        let mut sent = bytes.clone();
        if self.spoilt.contains(&path) {
            sent.reverse();
        }
        Reply::ok(sent).with("ETag", &format!("\"{}\"", blob(bytes))).with("X-Repo-Commit", commit)
    }

    fn content(&self, digest: &str) -> Reply {
        let all = self.repos.values().flat_map(|repo| repo.commits.values()).flat_map(BTreeMap::values);
        let found = all.into_iter().find(|bytes| sha256(bytes) == digest);
        found
            .map_or_else(|| Reply::status(404), |bytes| Reply::ok(bytes.clone()).with("ETag", &format!("\"{digest}\"")))
    }

    fn manifest(&self, request: &Request, name: &str, tag: &str, port: u16) -> Reply {
        let scope = format!("service=hub&scope=repository:{name}:pull");
        let bearer = format!("Bearer read.{}", sha256(scope.as_bytes()));
        if request.header("authorization") != Some(&bearer) {
            let challenge = format!(
                "Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"hub\",scope=\"repository:x:pull,push\""
            );
            return Reply::status(401).with("WWW-Authenticate", &challenge);
        }
        match self.images.get(&format!("{name}:{tag}")) {
            Some(digest) => Reply::ok(b"{}".to_vec()).with("Docker-Content-Digest", digest),
            None => Reply::status(404),
        }
    }
}
