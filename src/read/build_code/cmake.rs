//! CMake files: `FetchContent_Declare`, `ExternalProject_Add`, `CPMAddPackage`, `file(DOWNLOAD)`, and commands that
//! fetch while the build is configured. Sources: CMake's manual; the README of CPM.cmake.
//!
//! Variables are what `set` makes of them anywhere in the same file before; what other files or the command line set
//! is not known, and stays as it is written.

use super::names::Names;
use super::process;
use super::text::{digest, is_address, is_commit, names_content, url};
use crate::graph::Document;
use crate::graph::kinds::build_code::{BuildCode, BuildFetch, BuildForm, Fetched, Fixed};
use crate::parse::Budget;
use crate::parse::cmake::{self, Argument, ArgumentForm, Command};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile, Span};

/// Reads what a CMake file fetches.
#[derive(Debug)]
pub struct CMakeReader;

/// Words of which one stands in a file that fetches, in either case. Most files of a large tree have none.
const FETCHING: &[&str] = &["fetchcontent_", "externalproject_", "cpm", "download", "curl", "wget", "clone"];
/// Options that take values, of all commands that declare a download. What stands between two of them is the
/// first one's.
const OPTIONS: &[&str] = &[
    "ALGO",
    "BINARY_DIR",
    "BUILD_ALWAYS",
    "BUILD_BYPRODUCTS",
    "BUILD_COMMAND",
    "BUILD_IN_SOURCE",
    "CMAKE_ARGS",
    "CMAKE_CACHE_ARGS",
    "CONFIGURE_COMMAND",
    "CUSTOM_CACHE_KEY",
    "DEPENDS",
    "DOWNLOAD_COMMAND",
    "DOWNLOAD_DIR",
    "DOWNLOAD_EXTRACT_TIMESTAMP",
    "DOWNLOAD_NAME",
    "DOWNLOAD_NO_EXTRACT",
    "DOWNLOAD_NO_PROGRESS",
    "DOWNLOAD_ONLY",
    "EXCLUDE_FROM_ALL",
    "EXPECTED_HASH",
    "EXPECTED_MD5",
    "FIND_PACKAGE_ARGS",
    "FORCE",
    "GITHUB_REPOSITORY",
    "GITLAB_REPOSITORY",
    "BITBUCKET_REPOSITORY",
    "GIT_CONFIG",
    "GIT_PROGRESS",
    "GIT_REMOTE_NAME",
    "GIT_REMOTE_UPDATE_STRATEGY",
    "GIT_REPOSITORY",
    "GIT_SHALLOW",
    "GIT_SUBMODULES",
    "GIT_SUBMODULES_RECURSE",
    "GIT_TAG",
    "HTTP_HEADER",
    "HTTP_PASSWORD",
    "HTTP_USERNAME",
    "INSTALL_COMMAND",
    "INSTALL_DIR",
    "LOG",
    "LOG_DIR",
    "LOG_DOWNLOAD",
    "NAME",
    "OPTIONS",
    "OVERRIDE_FIND_PACKAGE",
    "PATCH_COMMAND",
    "PATCHES",
    "PREFIX",
    "QUIET",
    "SHOW_PROGRESS",
    "SOURCE_DIR",
    "SOURCE_SUBDIR",
    "STAMP_DIR",
    "STATUS",
    "STEP_TARGETS",
    "SVN_REPOSITORY",
    "SVN_REVISION",
    "SYSTEM",
    "TEST_COMMAND",
    "TIMEOUT",
    "INACTIVITY_TIMEOUT",
    "TLS_CAINFO",
    "TLS_VERIFY",
    "TMP_DIR",
    "UPDATE_COMMAND",
    "UPDATE_DISCONNECTED",
    "URI",
    "URL",
    "URL_HASH",
    "URL_MD5",
    "USERPWD",
    "USES_TERMINAL_DOWNLOAD",
    "USES_TERMINAL_UPDATE",
    "VERSION",
];

impl Reader for CMakeReader {
    fn id(&self) -> &'static str {
        "cmake"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "CMakeLists.txt" || path.name().ends_with(".cmake")
    }

    fn decodes(&self) -> bool {
        true
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`CMakeLists.txt`, `*.cmake`",
            read: "what FetchContent, ExternalProject, CPM, `file(DOWNLOAD)` and processes fetch, digests and commits; variables of the same file",
            not_read: "what functions of other files do, variables that others set, conditions",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        if !may_fetch(&file.text) {
            return;
        }
        let mut listing = cmake::parse(&file.text, budget);
        out.problems.append(&mut listing.problems);
        let mut walk = Walk { names: Names::default(), fetches: Vec::new(), budget };
        let mut compares = false;
        for command in &listing.commands {
            walk.command(command);
            let first = command.arguments.first().map_or("", |a| a.text.as_str());
            compares |= command.is("file") && matches!(first, "SHA256" | "SHA384" | "SHA512" | "SHA3_256");
        }
        if !walk.fetches.is_empty() {
            let fetches = walk.fetches;
            let (parts, switches) = (Vec::new(), Vec::new());
            let form = BuildForm::CMake;
            out.documents.push(Document::BuildCode(BuildCode {
                file: file.id,
                form,
                fetches,
                parts,
                switches,
                computes: compares,
                compares,
            }));
        }
    }
}

/// Whether a text has a word of [`FETCHING`].
fn may_fetch(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    FETCHING.iter().any(|word| text.contains(word))
}

struct Walk<'b> {
    names: Names,
    fetches: Vec<BuildFetch>,
    budget: &'b mut Budget,
}

impl Walk<'_> {
    fn command(&mut self, command: &Command) {
        match command.name.to_ascii_lowercase().as_str() {
            "set" => self.set(command),
            "fetchcontent_declare" | "fetchcontent_populate" | "externalproject_add" => self.declared(command),
            "cpmaddpackage" | "cpmfindpackage" | "cpmdeclarepackage" => self.package(command),
            "file" => self.download(command),
            "execute_process" => self.process(command),
            _ => {}
        }
    }

    fn set(&mut self, command: &Command) {
        let [name, rest @ ..] = command.arguments.as_slice() else { return };
        let until = rest.iter().position(|a| matches!(a.text.as_str(), "CACHE" | "PARENT_SCOPE"));
        let rest = rest.get(..until.unwrap_or(rest.len())).unwrap_or_default();
        let value = rest.iter().map(|a| self.last(a)).collect::<Vec<_>>().join(";");
        self.names.set(&name.text, value);
    }

    /// An argument with what its variables were last set to.
    fn last(&mut self, argument: &Argument) -> String {
        match argument.form {
            ArgumentForm::Bracket => argument.text.clone(),
            _ => self.names.put_in(&argument.text, self.budget),
        }
    }

    /// Everything an argument may be: all that was set, where it is one reference.
    fn all(&mut self, argument: &Argument) -> Vec<String> {
        match self.names.one(&argument.text) {
            Some(values) if self.budget.take_copies(values.iter().map(String::len).sum(), 1) => values.to_vec(),
            _ => vec![self.last(argument)],
        }
    }

    /// The values of an option.
    fn values_of<'c>(command: &'c Command, option: &str) -> &'c [Argument] {
        let all = command.arguments.as_slice();
        let Some(at) = all.iter().position(|a| a.form == ArgumentForm::Plain && a.text == option) else {
            return &[];
        };
        let rest = all.get(at + 1..).unwrap_or_default();
        let is_option = |a: &Argument| a.form == ArgumentForm::Plain && OPTIONS.contains(&a.text.as_str());
        rest.get(..rest.iter().position(is_option).unwrap_or(rest.len())).unwrap_or_default()
    }

    fn is_off(&mut self, command: &Command, option: &str) -> bool {
        let value = Self::values_of(command, option).first().cloned().map(|a| self.last(&a).to_ascii_uppercase());
        value.is_some_and(|v| matches!(v.as_str(), "OFF" | "FALSE" | "NO" | "0" | "N"))
    }

    /// What a digest of an option says.
    fn hash(&mut self, command: &Command) -> Option<Fixed> {
        for option in ["URL_HASH", "EXPECTED_HASH"] {
            if let Some(value) = Self::values_of(command, option).first() {
                let text = self.last(value);
                // Split into `SHA256` and the digest by a variable, it is still one.
                return (!text.trim().is_empty()).then(|| digest(text.split('=').next().unwrap_or("")));
            }
        }
        let is_md5 = ["URL_MD5", "EXPECTED_MD5"].iter().any(|o| !Self::values_of(command, o).is_empty());
        is_md5.then_some(Fixed::Weak("MD5"))
    }

    fn declared(&mut self, command: &Command) {
        let name = command.arguments.first().map(|a| self.last(a));
        self.archive_or_repository(command, name);
    }

    fn archive_or_repository(&mut self, command: &Command, name: Option<String>) {
        let tls_off = self.is_off(command, "TLS_VERIFY");
        let addresses = Self::values_of(command, "URL");
        if !addresses.is_empty() {
            let mut texts: Vec<String> = addresses.iter().flat_map(|a| self.all(a)).collect();
            texts.retain(|t| is_address(t) || t.contains("${"));
            let Some(text) = texts.iter().find(|t| is_address(t)).or_else(|| texts.first()).cloned() else { return };
            let open = if texts.iter().all(|t| names_content(t)) { Fixed::Content } else { Fixed::Open };
            let fixed = self.hash(command).unwrap_or(open);
            return self.push(command.span, command, name, &text, Fetched::File, fixed, tls_off);
        }
        let Some(repository) = Self::values_of(command, "GIT_REPOSITORY").first().cloned() else { return };
        let address = self.last(&repository);
        let fixed = self.reference(command);
        self.push(command.span, command, name, &address, Fetched::Repository, fixed, tls_off);
    }

    fn reference(&mut self, command: &Command) -> Fixed {
        let Some(tag) = Self::values_of(command, "GIT_TAG").first().cloned() else { return Fixed::Open };
        let values = self.all(&tag);
        match values.iter().find(|v| !is_commit(v)) {
            None => Fixed::Content,
            Some(value) if value.contains("${") => Fixed::Unknown,
            Some(value) => Fixed::Reference(value.clone()),
        }
    }

    /// CPM's options, or its one text: `gh:owner/name#v1`.
    fn package(&mut self, command: &Command) {
        if let [only] = command.arguments.as_slice() {
            let text = self.last(only);
            let Some((service, rest)) = text.split_once(':').filter(|_| !is_address(&text)) else { return };
            let host = match service {
                "gh" => "github.com",
                "gl" => "gitlab.com",
                "bb" => "bitbucket.org",
                _ => return,
            };
            let end = rest.find(['#', '@']).unwrap_or(rest.len());
            let repository = rest.get(..end).unwrap_or(rest);
            let fixed = match rest.get(end..).and_then(|r| r.split(['#', '@']).rfind(|part| !part.is_empty())) {
                None => Fixed::Open,
                Some(tag) if is_commit(tag) => Fixed::Content,
                Some(tag) if tag.contains("${") => Fixed::Unknown,
                Some(tag) => Fixed::Reference(tag.to_owned()),
            };
            let name = repository.rsplit('/').next().map(str::to_owned);
            let address = format!("https://{host}/{repository}");
            return self.push(command.span, command, name, &address, Fetched::Repository, fixed, false);
        }
        let name = Self::values_of(command, "NAME").first().cloned().map(|a| self.last(&a));
        for (option, host) in [
            ("GITHUB_REPOSITORY", "github.com"),
            ("GITLAB_REPOSITORY", "gitlab.com"),
            ("BITBUCKET_REPOSITORY", "bitbucket.org"),
        ] {
            if let Some(repository) = Self::values_of(command, option).first().cloned() {
                let address = format!("https://{host}/{}", self.last(&repository));
                let fixed = match (self.reference(command), Self::values_of(command, "VERSION").first().cloned()) {
                    (Fixed::Open, Some(version)) => Fixed::Reference(self.last(&version)),
                    (fixed, _) => fixed,
                };
                return self.push(command.span, command, name, &address, Fetched::Repository, fixed, false);
            }
        }
        self.archive_or_repository(command, name);
    }

    /// `file(DOWNLOAD address [file] ..)`.
    fn download(&mut self, command: &Command) {
        let [first, address, ..] = command.arguments.as_slice() else { return };
        if first.text != "DOWNLOAD" {
            return;
        }
        let texts = self.all(address);
        let Some(text) = texts.iter().find(|t| is_address(t) || t.contains("${")) else { return };
        let open = if texts.iter().all(|t| names_content(t)) { Fixed::Content } else { Fixed::Open };
        let fixed = self.hash(command).unwrap_or(open);
        let tls_off = self.is_off(command, "TLS_VERIFY");
        self.push(command.span, command, None, text, Fetched::File, fixed, tls_off);
    }

    /// `execute_process(COMMAND curl ..)`.
    fn process(&mut self, command: &Command) {
        let mut words: Vec<String> = Vec::new();
        let mut is_open = false;
        for argument in &command.arguments {
            let is_plain = argument.form == ArgumentForm::Plain;
            if is_plain && argument.text == "COMMAND" {
                self.run(&mut words, command.span);
                is_open = true;
            } else if is_plain && PROCESS.contains(&argument.text.as_str()) {
                is_open = false;
            } else if is_open {
                words.push(self.last(argument));
            }
        }
        self.run(&mut words, command.span);
    }

    fn run(&mut self, words: &mut Vec<String>, span: Span) {
        let words = std::mem::take(words);
        if !words.is_empty() {
            self.fetches.extend(process::fetches(&process::line(&words), span, None, self.budget));
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one declaration")]
    fn push(
        &mut self,
        span: Span,
        command: &Command,
        name: Option<String>,
        address: &str,
        what: Fetched,
        fixed: Fixed,
        tls_off: bool,
    ) {
        let name = name.filter(|n| !n.is_empty() && !n.contains("${"));
        let by = if command.is("file") { "file(DOWNLOAD)".to_owned() } else { command.name.clone() };
        let url = url(address);
        if !url.local && self.budget.take_entry(address.len()) {
            self.fetches.push(BuildFetch { span, by, name, url, what, fixed, tls_off, within: None });
        }
    }
}

/// Options of `execute_process` behind its commands.
const PROCESS: &[&str] = &[
    "WORKING_DIRECTORY",
    "TIMEOUT",
    "RESULT_VARIABLE",
    "RESULTS_VARIABLE",
    "OUTPUT_VARIABLE",
    "ERROR_VARIABLE",
    "INPUT_FILE",
    "OUTPUT_FILE",
    "ERROR_FILE",
    "OUTPUT_QUIET",
    "ERROR_QUIET",
    "COMMAND_ECHO",
    "OUTPUT_STRIP_TRAILING_WHITESPACE",
    "ERROR_STRIP_TRAILING_WHITESPACE",
    "ENCODING",
    "ECHO_OUTPUT_VARIABLE",
    "ECHO_ERROR_VARIABLE",
    "COMMAND_ERROR_IS_FATAL",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn read(text: &str) -> Vec<(String, String, Fixed)> {
        let file = SourceFile::new(FileId(0), RepoPath::new("CMakeLists.txt").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        CMakeReader.read(&file, &mut Budget::default(), &mut facts);
        assert!(facts.problems.is_empty(), "{:?}", facts.problems);
        let Some(Document::BuildCode(code)) = facts.documents.pop() else { return Vec::new() };
        code.fetches.into_iter().map(|f| (f.name.unwrap_or_default(), f.url.text, f.fixed)).collect()
    }

    #[test]
    fn declarations_say_what_they_fetch_and_what_fixes_it() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let tag = |name: &str| Fixed::Reference(name.to_owned());
        for (text, name, address, fixed) in [
            (
                "FetchContent_Declare(fmt GIT_REPOSITORY https://x.example/fmt.git GIT_TAG 11.1.4)",
                "fmt",
                "https://x.example/fmt.git",
                tag("11.1.4"),
            ),
            (
                &*format!("set(R {commit})\nFetchContent_Declare(f GIT_REPOSITORY https://x.example/f GIT_TAG ${{R}})"),
                "f",
                "https://x.example/f",
                Fixed::Content,
            ),
            (
                &*format!(
                    "if(A)\nset(R {commit})\nelse()\nset(R main)\nendif()\nFetchContent_Declare(f GIT_REPOSITORY https://x.example/f GIT_TAG ${{R}})"
                ),
                "f",
                "https://x.example/f",
                tag("main"),
            ),
            (
                "fetchcontent_declare(f GIT_REPOSITORY https://x.example/f GIT_TAG ${R})",
                "f",
                "https://x.example/f",
                Fixed::Unknown,
            ),
            ("fetchcontent_declare(f GIT_REPOSITORY https://x.example/f)", "f", "https://x.example/f", Fixed::Open),
            (
                "set(V 1.2)\nset(U https://x.example/v${V}.tgz)\nExternalProject_Add(e URL ${U} PREFIX p)",
                "e",
                "https://x.example/v1.2.tgz",
                Fixed::Open,
            ),
            (
                "ExternalProject_Add(e URL https://x.example/a URL_HASH SHA256=ab)",
                "e",
                "https://x.example/a",
                Fixed::Content,
            ),
            (
                "ExternalProject_Add(e URL https://x.example/a URL_MD5 ab)",
                "e",
                "https://x.example/a",
                Fixed::Weak("MD5"),
            ),
            ("CPMAddPackage(\"gh:o/fmt#7.1.3\")", "fmt", "https://github.com/o/fmt", tag("7.1.3")),
            ("CPMAddPackage(NAME a GITHUB_REPOSITORY o/a VERSION 2)", "a", "https://github.com/o/a", tag("2")),
            ("file(DOWNLOAD https://x.example/a.cmake ${F})", "", "https://x.example/a.cmake", Fixed::Open),
            (
                "file(DOWNLOAD https://x.example/a.cmake ${F} EXPECTED_HASH SHA256=${H})",
                "",
                "https://x.example/a.cmake",
                Fixed::Content,
            ),
            (
                "execute_process(COMMAND curl -LO https://x.example/t.tgz WORKING_DIRECTORY d)",
                "",
                "https://x.example/t.tgz",
                Fixed::Open,
            ),
        ] {
            assert_eq!(read(text), [(name.to_owned(), address.to_owned(), fixed)], "{text}");
        }
    }

    #[test]
    fn what_is_local_or_says_nothing_is_silent() {
        for text in [
            "FetchContent_Declare(a SOURCE_DIR ${X})",
            "ExternalProject_Add(a URL ${CMAKE_SOURCE_DIR}x SOURCE_DIR y URL_HASH SHA256=1)\nset(download 1)",
            "ExternalProject_Add(a URL ./a.tgz)",
            "file(READ x y)\nset(download 1)",
            "message(\"FetchContent_Declare(x URL https://x.example)\")",
            "execute_process(COMMAND git rev-parse HEAD)\n# clone",
        ] {
            let found: Vec<_> = read(text).into_iter().filter(|f| f.2 != Fixed::Content).collect();
            assert_eq!(found, [], "{text}");
        }
    }
}
