//! Build scripts of Rust: `build.rs`, what `package.build` names, and their modules.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{Call, Code, Download, Process, Words};
use super::text::is_address;
use crate::graph::Document;
use crate::graph::kinds::build_code::{BuildCode, BuildForm, Fetched};
use crate::parse::Budget;
use crate::parse::rust::{self, Chain, Event, Value};
use crate::read::{Facts, Format, Mention, Reader};
use crate::source::{RepoPath, SourceFile, Span};

/// Reads a build script.
#[derive(Debug)]
pub struct RustScriptReader;

/// Words of one process that are kept.
const MAX_WORDS: usize = 256;
/// Crates that fetch.
const NETWORK: &[&str] = &[
    "attohttpc",
    "curl",
    "downloader",
    "hf_hub",
    "http_req",
    "isahc",
    "minreq",
    "octocrab",
    "reqwest",
    "reqwest_middleware",
    "surf",
    "trauma",
    "ureq",
    "xh",
];
/// Functions and methods of theirs that are given an address, and at which place.
const FETCHING: &[(&str, usize)] =
    &[("get", 0), ("url", 0), ("request", 1), ("download", 0), ("fetch", 0), ("get_async", 0)];
/// Methods that let every certificate pass.
const TLS_OFF: &[&str] = &["danger_accept_invalid_certs", "danger_accept_invalid_hostnames", "ssl_verify_peer"];
/// Names of functions that compute a digest.
const DIGESTS: &[&str] = &["sha256", "sha512", "sha384", "sha2", "blake3", "digest", "sha3"];

impl RustScriptReader {
    /// Its id, by which others mention files.
    pub(in crate::read) const ID: &'static str = "rust-build-script";
}

impl Reader for RustScriptReader {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "build.rs"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`build.rs`, what `package.build` names, and their modules",
            read: "addresses that well-known crates fetch, processes that fetch, digests that are compared, variables of the environment",
            not_read: "what crates that the script uses do, macros, addresses that are worked out from data",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut module = rust::parse(&file.text, budget);
        out.problems.append(&mut module.problems);
        let parts = parts(file, &module.modules);
        let mentions = parts.iter().map(|path| Mention { path: path.clone(), reader: Self::ID, needed_at: None });
        out.mentions.extend(mentions);
        let code = Walk::new(&module).run(&module);
        let (fetches, switches) = (code.fetches(budget), code.switches());
        let lower = file.text.to_ascii_lowercase();
        let computes = DIGESTS.iter().any(|name| lower.contains(name));
        let compares = module.comparisons.iter().any(|text| compares(text));
        // What has parts is kept for their sake: they belong to the package by it. One part may compute and
        // another compare.
        if !fetches.is_empty() || !parts.is_empty() || computes || compares {
            let form = BuildForm::RustScript;
            let code = BuildCode { file: file.id, form, fetches, parts, switches, computes, compares };
            out.documents.push(Document::BuildCode(code));
        }
    }
}

/// Where `mod name;` may lie.
fn parts(file: &SourceFile, modules: &[(String, Option<String>)]) -> Vec<RepoPath> {
    let folder = file.path.parent();
    let stem = file.path.name().trim_end_matches(".rs");
    let mut out = Vec::new();
    for (name, path) in modules.iter().take(64) {
        let names = match path {
            Some(path) => vec![path.clone()],
            // The root of a crate has its modules beside it, others in a folder of their name.
            None => vec![
                format!("{name}.rs"),
                format!("{name}/mod.rs"),
                format!("{stem}/{name}.rs"),
                format!("{stem}/{name}/mod.rs"),
            ],
        };
        out.extend(names.iter().filter_map(|name| folder.join(name)));
    }
    out
}

struct Walk {
    code: Code,
    imports: BTreeMap<String, String>,
    /// Names bound to what a crate of [`NETWORK`] gives.
    clients: BTreeSet<String>,
    /// Processes by the place of the chain that makes them, and names bound to them.
    processes: BTreeMap<Span, usize>,
    named: BTreeMap<String, usize>,
    /// Lists that names are bound to.
    lists: BTreeMap<String, Vec<String>>,
    /// Names bound to chains that were not looked at yet: they follow.
    awaited: BTreeMap<Span, String>,
    tls_off: bool,
}

impl Walk {
    fn new(module: &rust::Module) -> Self {
        let code = Code { functions: module.functions.iter().cloned().collect(), ..Code::default() };
        Self {
            code,
            imports: module.imports.iter().cloned().collect(),
            clients: BTreeSet::new(),
            processes: BTreeMap::new(),
            named: BTreeMap::new(),
            lists: BTreeMap::new(),
            awaited: BTreeMap::new(),
            tls_off: false,
        }
    }

    fn run(mut self, module: &rust::Module) -> Code {
        for event in &module.events {
            match event {
                Event::Bind { name, value } => self.bind(name, value),
                Event::Calls(chain) => self.chain(chain),
            }
        }
        if self.tls_off {
            self.code.downloads.iter_mut().for_each(|download| download.tls_off = true);
        }
        self.code
    }

    fn bind(&mut self, name: &str, value: &Value) {
        self.named.remove(name);
        self.clients.remove(name);
        match value {
            Value::Text(text) => self.code.names.set(name, text.clone()),
            Value::Either(texts) => texts.iter().for_each(|text| self.code.names.set(name, text.clone())),
            Value::Chain(span) => {
                self.awaited.insert(*span, name.to_owned());
            }
            Value::List(texts) => {
                self.lists.insert(name.to_owned(), texts.clone());
            }
            Value::Other => {}
        }
    }

    /// Words that `arg` and `args` add.
    fn words(&self, methods: &[(String, Vec<Value>)]) -> Vec<String> {
        let mut words = Vec::new();
        for (name, given) in methods {
            match (name.as_str(), given.first()) {
                ("arg" | "push", value) => words.push(text(value)),
                ("args" | "extend", Some(Value::List(texts))) => words.extend(texts.iter().cloned()),
                ("args" | "extend", Some(Value::Text(reference))) => {
                    let name = reference.trim_start_matches("${").trim_end_matches('}');
                    match self.lists.get(name) {
                        Some(list) => words.extend(list.iter().take(MAX_WORDS).cloned()),
                        None => words.push("${..}".to_owned()),
                    }
                }
                ("args" | "extend", _) => words.push("${..}".to_owned()),
                _ => {}
            }
        }
        words
    }

    fn add_words(&mut self, index: usize, methods: &[(String, Vec<Value>)]) {
        let more = self.words(methods);
        if let Some(Process { words: Words::List(words), .. }) = self.code.processes.get_mut(index)
            && words.len() < MAX_WORDS
        {
            words.extend(more);
        }
    }

    /// A name with what an import stands for.
    fn whole(&self, root: &str) -> String {
        let (first, rest) = root.split_once("::").map_or((root, None), |(first, rest)| (first, Some(rest)));
        match (self.imports.get(first), rest) {
            (Some(path), Some(rest)) => format!("{path}::{rest}"),
            (Some(path), None) => path.clone(),
            (None, _) => root.to_owned(),
        }
    }

    fn chain(&mut self, chain: &Chain) {
        let whole = self.whole(&chain.root);
        let name = self.awaited.remove(&chain.span);
        let last = whole.rsplit("::").next().unwrap_or("");
        let arguments = chain.arguments.as_deref().unwrap_or_default();
        let within = chain.within.clone();
        if whole.ends_with("env::var") || whole.ends_with("env::var_os") {
            if let Some(Value::Text(text)) = arguments.first() {
                self.code.asked.push(text.clone());
            }
        } else if whole.ends_with("Command::new") {
            let index = self.code.processes.len();
            let mut words = vec![text(arguments.first())];
            words.extend(self.words(&chain.methods));
            self.code.processes.push(Process { words: Words::List(words), span: chain.span, within });
            self.processes.insert(chain.span, index);
            if let Some(name) = name {
                self.named.insert(name, index);
            }
        } else if let Some(&index) = self.named.get(&chain.root) {
            self.add_words(index, &chain.methods);
        } else if name.is_some() && (last == "new" || last == "with_capacity") && whole.contains("Vec::") {
            self.lists.insert(name.unwrap_or_default(), Vec::new());
        } else if self.lists.contains_key(&chain.root) {
            let more = self.words(&chain.methods);
            if let Some(list) = self.lists.get_mut(&chain.root).filter(|list| list.len() < MAX_WORDS) {
                list.extend(more);
            }
        } else if whole.ends_with("Repository::clone") {
            let (by, address) = ("git2".to_owned(), text(arguments.first()));
            let (span, what) = (chain.span, Fetched::Repository);
            self.code.downloads.push(Download { by, address, span, within, what, tls_off: false });
        } else if NETWORK.contains(&whole.split("::").next().unwrap_or("")) || self.is_client(&chain.root) {
            self.fetch(chain, &whole, last);
            if let Some(name) = name {
                self.clients.insert(name);
            }
        } else if chain.arguments.is_some() {
            let arguments = arguments.iter().map(|a| (None, text(Some(a)))).collect();
            self.code.calls.push(Call { name: last.to_owned(), arguments, span: chain.span, within });
        } else if let Some((name, given)) = chain.methods.first() {
            let arguments = given.iter().map(|a| (None, text(Some(a)))).collect();
            self.code.calls.push(Call { name: name.clone(), arguments, span: chain.span, within });
        }
    }

    fn is_client(&self, root: &str) -> bool {
        self.clients.contains(root.rsplit('.').next().unwrap_or(root))
    }

    fn fetch(&mut self, chain: &Chain, whole: &str, last: &str) {
        self.tls_off |= chain.methods.iter().any(|(name, _)| TLS_OFF.contains(&name.as_str()));
        let root = chain.arguments.as_ref().map(|arguments| (last, arguments));
        let methods = chain.methods.iter().map(|(name, given)| (name.as_str(), given));
        for (name, given) in root.into_iter().chain(methods) {
            let Some((_, index)) = FETCHING.iter().find(|(known, _)| *known == name) else { continue };
            let address = match given.get(*index) {
                Some(Value::Text(text)) if is_address(text) || text.contains("${") => text.clone(),
                Some(Value::Chain(_)) => "${..}".to_owned(),
                _ => continue,
            };
            let by = if whole.contains("::") { whole.split("::").next().unwrap_or("") } else { "an HTTP client" };
            self.code.downloads.push(Download {
                by: by.to_owned(),
                address,
                span: chain.span,
                within: chain.within.clone(),
                what: Fetched::File,
                tls_off: false,
            });
            return;
        }
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Either(texts)) => texts.first().cloned().unwrap_or_default(),
        _ => "${..}".to_owned(),
    }
}

/// Whether a comparison is one of digests.
fn compares(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["sha", "hash", "digest", "checksum"].iter().any(|word| text.contains(word))
        && (text.contains("==")
            || text.contains("!=")
            || text.contains("assert")
            || text.contains("verify")
            || text.contains("check"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn read(text: &str) -> Option<BuildCode> {
        let file = SourceFile::new(FileId(0), RepoPath::new("build.rs").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        RustScriptReader.read(&file, &mut Budget::default(), &mut facts);
        assert!(facts.problems.is_empty(), "{:?}", facts.problems);
        match facts.documents.pop() {
            Some(Document::BuildCode(code)) => Some(code),
            _ => None,
        }
    }

    #[test]
    fn downloads_are_found_in_every_spelling() {
        for (text, by, url) in [
            ("fn main() { ureq::get(\"https://x.example/a.tgz\").call(); }", "ureq", "https://x.example/a.tgz"),
            ("use ureq::get;\nfn main() { get(\"https://x.example/a.tgz\"); }", "ureq", "https://x.example/a.tgz"),
            (
                "use isahc::HttpClient as Client;\nfn main() { let c = Client::new(); let r = c.get(format!(\"{B}/v{}/a\", V)).send(); }\nconst B: &str = \"https://x.example\";\nconst V: &str = \"1.2\";",
                "an HTTP client",
                "https://x.example/v1.2/a",
            ),
            (
                "fn fetch(u: &str) { attohttpc::get(u).unwrap(); }\nfn main() { fetch(\"https://x.example/a\") }",
                "attohttpc",
                "https://x.example/a",
            ),
            (
                "use std::process::Command;\nfn main() { Command::new(\"curl\").args([\"-L\", \"-o\", \"a\", \"https://x.example/a\"]).status(); }",
                "curl",
                "https://x.example/a",
            ),
            (
                "fn main() { let mut c = std::process::Command::new(\"wget\"); c.arg(\"https://x.example/a\"); c.status(); }",
                "wget",
                "https://x.example/a",
            ),
            (
                "fn main() { let p = if w { \"curl.exe\" } else { \"curl\" }; let mut a = Vec::with_capacity(2); a.push(\"-L\"); a.extend([\"https://x.example/a\"]); Command::new(p).args(a).spawn(); }",
                "curl",
                "https://x.example/a",
            ),
            (
                "fn main() { let mut e = curl::easy::Easy::new(); e.url(\"https://x.example/a\").unwrap(); }",
                "an HTTP client",
                "https://x.example/a",
            ),
        ] {
            let found = read(text).unwrap_or_else(|| panic!("nothing in {text}")).fetches;
            let found: Vec<(&str, &str)> = found.iter().map(|f| (f.by.as_str(), f.url.text.as_str())).collect();
            assert_eq!(found, [(by, url)], "{text}");
        }
    }

    #[test]
    fn what_a_build_script_usually_does_is_silent() {
        for text in [
            "fn main() { println!(\"cargo:rerun-if-changed=build.rs\"); }",
            "fn main() { std::process::Command::new(\"git\").args([\"rev-parse\", \"HEAD\"]).output(); }",
            "fn main() { std::process::Command::new(\"cmake\").arg(\"--build\").arg(\".\").status(); }",
            "fn main() { let m = std::collections::HashMap::new(); m.get(\"https://x.example\"); }",
            "fn main() { tonic_build::compile_protos(\"a.proto\").unwrap(); }",
        ] {
            assert!(read(text).is_none_or(|code| code.fetches.is_empty()), "{text}");
        }
    }

    #[test]
    fn a_compared_digest_is_seen() {
        let text = "use sha2::{Digest, Sha256};\nfn main() { let b = ureq::get(\"https://x.example/a\").call(); let h = Sha256::digest(&b); assert_eq!(hex(h), HASH); }";
        assert!(read(text).unwrap().verifies());
        let text = "use sha2::Sha256;\nfn main() { ureq::get(\"https://x.example/a\").call(); if a == b {} }";
        assert!(!read(text).unwrap().verifies());
    }
}
