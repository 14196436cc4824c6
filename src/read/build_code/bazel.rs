//! Bazel's `WORKSPACE`, `MODULE.bazel` and `*.bzl`: which archives, files and repositories rules for repositories
//! bring. Starlark is read as Python, of which it is nearly a part. Source: Bazel's reference of `http_archive`,
//! `http_file`, `git_repository` and `repository_ctx`.

use super::names::Names;
use super::python::{MAX_DEPTH, UNKNOWN, text};
use super::text::{is_address, is_commit, names_content, url};
use crate::graph::Document;
use crate::graph::kinds::build_code::{BuildCode, BuildFetch, BuildForm, Fetched, Fixed};
use crate::parse::Budget;
use crate::parse::python::{self, Argument, Expression, Kind, Statement};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile};

/// Reads what Bazel's files fetch.
#[derive(Debug)]
pub struct BazelReader;

/// Words of which one stands in a file that fetches.
const FETCHING: &[&str] =
    &["http_archive", "http_file", "http_jar", "git_repository", "archive_override", "git_override", ".download"];

impl Reader for BazelReader {
    fn id(&self) -> &'static str {
        "bazel"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.name();
        matches!(name, "WORKSPACE" | "WORKSPACE.bazel" | "WORKSPACE.bzlmod" | "MODULE.bazel") || name.ends_with(".bzl")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`WORKSPACE`, `MODULE.bazel`, `*.bzl`",
            read: "what rules for repositories fetch, digests and commits; names of the same file",
            not_read: "macros of other files, arguments that are unpacked",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        if !FETCHING.iter().any(|word| file.text.contains(word)) {
            return;
        }
        let mut module = python::parse(&file.text, budget);
        out.problems.append(&mut module.problems);
        let mut walk = Walk { file, names: Names::default(), fetches: Vec::new(), budget };
        walk.block(&module.statements, 0);
        let (form, parts, switches) = (BuildForm::Bazel, Vec::new(), Vec::new());
        if !walk.fetches.is_empty() {
            let fetches = walk.fetches;
            out.documents.push(Document::BuildCode(BuildCode {
                file: file.id,
                form,
                fetches,
                parts,
                switches,
                computes: false,
                compares: false,
            }));
        }
    }
}

struct Walk<'s, 'b> {
    file: &'s SourceFile,
    names: Names,
    fetches: Vec<BuildFetch>,
    budget: &'b mut Budget,
}

impl Walk<'_, '_> {
    fn block(&mut self, statements: &[Statement], depth: usize) {
        if depth >= MAX_DEPTH {
            return;
        }
        for statement in statements {
            match statement {
                Statement::Assign { target, value } => {
                    self.visit(value, depth);
                    if let Kind::Name(name) = &target.kind {
                        let value = text(self.file, value, 0);
                        if !value.contains(UNKNOWN) {
                            self.names.set(name, value);
                        }
                    }
                }
                Statement::Add { value, .. } | Statement::Value(value) | Statement::Return(value) => {
                    self.visit(value, depth)
                }
                Statement::With { body, .. } | Statement::Function { body, .. } | Statement::Class { body, .. } => {
                    self.block(body, depth + 1)
                }
                Statement::For { values, body, .. } => {
                    self.visit(values, depth);
                    self.block(body, depth + 1);
                }
                Statement::Branches(blocks) => blocks.iter().for_each(|block| self.block(block, depth + 1)),
                Statement::Import(_) => {}
            }
        }
    }

    fn visit(&mut self, expression: &Expression, depth: usize) {
        if depth >= MAX_DEPTH {
            return;
        }
        match &expression.kind {
            Kind::Call(function, arguments) => {
                self.call(expression, function, arguments);
                arguments.iter().for_each(|a| self.visit(&a.value, depth + 1));
            }
            Kind::List(items) | Kind::Other(items) | Kind::Made(_, items) => {
                items.iter().for_each(|item| self.visit(item, depth + 1))
            }
            Kind::Either(first, second) => {
                self.visit(first, depth + 1);
                self.visit(second, depth + 1);
            }
            Kind::Each { body, .. } => self.visit(body, depth + 1),
            _ => {}
        }
    }

    fn call(&mut self, whole: &Expression, function: &Expression, arguments: &[Argument]) {
        let Some(name) = function.last_name() else { return };
        // What is unpacked may hold the digest.
        if arguments.iter().any(|a| a.name.as_deref() == Some("**")) {
            return;
        }
        let given = |key: &str| arguments.iter().find(|a| a.name.as_deref() == Some(key)).map(|a| &a.value);
        let is_context = name.starts_with("download") && matches!(function.kind, Kind::Attribute(..));
        let is_archive = ["http_archive", "http_file", "http_jar"].iter().any(|end| name.ends_with(end))
            || name == "archive_override";
        let is_git = name.ends_with("git_repository") || name == "git_override";
        let (addresses, fixed, what) = if is_archive || is_context {
            let first =
                if is_context { arguments.first().filter(|a| a.name.is_none()).map(|a| &a.value) } else { None };
            let addresses = self.addresses(given("urls").or_else(|| given("url")).or(first));
            let mut digests = ["sha256", "integrity"].iter().filter_map(|key| given(key));
            // `sha256` of `download` may stand by its place: behind the address and the file.
            let placed = if is_context { arguments.iter().filter(|a| a.name.is_none()).nth(2) } else { None };
            let is_fixed = placed.is_some() || digests.any(|d| !self.is_empty(d));
            let by_address = !addresses.is_empty() && addresses.iter().all(|a| names_content(a));
            (addresses, if is_fixed || by_address { Fixed::Content } else { Fixed::Open }, Fetched::File)
        } else if is_git {
            let addresses = self.addresses(given("remote"));
            let fixed = match given("commit").filter(|c| !self.is_empty(c)) {
                Some(commit) => self.commit(commit),
                None => match given("tag").or_else(|| given("branch")).map(|r| self.whole(r)) {
                    Some(name) if name.contains("${") => Fixed::Unknown,
                    Some(name) if !name.is_empty() => Fixed::Reference(name),
                    _ => Fixed::Open,
                },
            };
            (addresses, fixed, Fetched::Repository)
        } else {
            return;
        };
        // Without an address that is written here it is a macro that hands on what it is given.
        let Some(address) = addresses.into_iter().find(|a| is_address(a)) else { return };
        let called =
            given("name").or_else(|| given("module_name")).map(|n| self.whole(n)).filter(|n| !n.contains("${"));
        let url = url(&address);
        if !url.local && self.budget.take_entry(address.len()) {
            self.fetches.push(BuildFetch {
                span: whole.span,
                by: name.to_owned(),
                name: called,
                url,
                what,
                fixed,
                tls_off: false,
                within: None,
            });
        }
    }

    fn whole(&mut self, expression: &Expression) -> String {
        self.names.put_in(&text(self.file, expression, 0), self.budget)
    }

    fn addresses(&mut self, expression: Option<&Expression>) -> Vec<String> {
        match expression {
            None => Vec::new(),
            Some(Expression { kind: Kind::List(items), .. }) => {
                items.iter().take(16).map(|item| self.whole(item)).collect()
            }
            Some(one) => vec![self.whole(one)],
        }
    }

    fn is_empty(&self, expression: &Expression) -> bool {
        match &expression.kind {
            Kind::Text(text) => text.text.trim().is_empty(),
            Kind::Nothing => true,
            _ => false,
        }
    }

    fn commit(&mut self, expression: &Expression) -> Fixed {
        let text = self.whole(expression);
        match text {
            text if is_commit(&text) => Fixed::Content,
            text if text.contains("${") => Fixed::Unknown,
            // A short commit is looked up by its beginning, as a tag is by its name.
            text => Fixed::Reference(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn read(text: &str) -> Vec<(String, String, Fixed)> {
        let file = SourceFile::new(FileId(0), RepoPath::new("WORKSPACE").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        BazelReader.read(&file, &mut Budget::default(), &mut facts);
        assert!(facts.problems.is_empty(), "{:?}", facts.problems);
        let Some(Document::BuildCode(code)) = facts.documents.pop() else { return Vec::new() };
        code.fetches.into_iter().map(|f| (f.name.unwrap_or_default(), f.url.text, f.fixed)).collect()
    }

    #[test]
    fn rules_say_what_they_fetch_and_what_fixes_it() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for (text, name, address, fixed) in [
            (
                "http_archive(name = 'a', urls = ['https://x.example/a.tgz'], sha256 = 'ab')",
                "a",
                "https://x.example/a.tgz",
                Fixed::Content,
            ),
            (
                "http_archive(name = 'a', urls = ['https://x.example/a.tgz'], sha256 = '')",
                "a",
                "https://x.example/a.tgz",
                Fixed::Open,
            ),
            (
                "V = '1'\ndef deps():\n  if 1:\n    http_archive(name = 'a', url = 'https://x.example/' + V)",
                "a",
                "https://x.example/1",
                Fixed::Open,
            ),
            (
                "http_file(name = 'a', url = 'https://x.example/{}.sh'.format(V), integrity = I)",
                "a",
                "https://x.example/${V}.sh",
                Fixed::Content,
            ),
            (
                &*format!("git_repository(name = 'a', remote = 'https://x.example/a', commit = '{commit}')"),
                "a",
                "https://x.example/a",
                Fixed::Content,
            ),
            (
                "git_repository(name = 'a', remote = 'https://x.example/a', tag = 'v1')",
                "a",
                "https://x.example/a",
                Fixed::Reference("v1".to_owned()),
            ),
            (
                "def f(ctx):\n  ctx.download_and_extract('https://x.example/a.tgz', stripPrefix = 'a')",
                "",
                "https://x.example/a.tgz",
                Fixed::Open,
            ),
            (
                "def f(ctx):\n  ctx.download(url = ['https://x.example/a'], output = 'a', sha256 = S)",
                "",
                "https://x.example/a",
                Fixed::Content,
            ),
        ] {
            assert_eq!(read(text), [(name.to_owned(), address.to_owned(), fixed)], "{text}");
        }
    }

    #[test]
    fn macros_that_hand_on_are_silent() {
        for text in [
            "def f(name, urls, sha256):\n  http_archive(name = name, urls = urls, sha256 = sha256)",
            "def f(**kwargs):\n  http_archive(url = 'https://x.example/a', **kwargs)",
            "load('@x//:http.bzl', 'http_archive')",
            "def f(ctx):\n  ctx.download(ctx.attr.urls, 'a')",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
