//! Shell scripts: `*.sh`, `*.bash`, `.envrc`, `*.ps1`, and files without an ending whose first line starts a shell.
//! One is read where its text names a program that fetches or installs, or where another file of the tree calls it.

use super::{PLAIN, folders, may_act, script};
use crate::graph::Document;
use crate::graph::kinds::commands::{CommandBlock, CommandFile, CommandForm};
use crate::parse::Budget;
use crate::parse::shell::{Dialect, Options};
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, Role, SourceFile, Span, Spanned};

/// Bytes of a script looked at for such a name. Those that carry manifests or archives are
/// longest; one that is longer still is claimed, and read as a whole.
const HEAD: usize = 4 << 20;
/// The same for a file without an ending, most of which are no scripts.
const SHORT: usize = 64 << 10;

/// Reads shell scripts.
#[derive(Debug)]
pub struct ShellReader;

impl ShellReader {
    /// Its name, for files that others call.
    pub const ID: &'static str = "shell-script";
}

impl Reader for ShellReader {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        let length = match path.name().contains('.') {
            _ if has_ending(path) => HEAD,
            true => return None,
            false => SHORT,
        };
        (!Role::of_path(path).is_set_aside()).then_some(length)
    }

    fn claims_head(&self, path: &RepoPath, head: &[u8]) -> bool {
        let is_shell = match head.starts_with(b"#!") {
            _ if is_powershell(path) => true,
            true => shell_of(first_line(head)).is_some(),
            false => has_ending(path),
        };
        let whole = if has_ending(path) { HEAD } else { SHORT };
        is_shell && (head.len() >= whole || may_act(head))
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "shell scripts: `*.sh`, `*.bash`, `*.ps1`, `.envrc` and files whose first line says so",
            read: "what they install, fetch, verify and run, with `PIP_*` and `UV_*` in force",
            not_read: "scripts of other shells, batch files; those in folders of fixtures and vendored copies",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let text: &str = &file.text;
        let shell = match text.starts_with("#!") {
            _ if is_powershell(&file.path) => (Dialect::PowerShell, PLAIN),
            true => match shell_of(first_line(text.as_bytes())) {
                Some(shell) => shell,
                // What calls it took it for a shell's by its name; it is another interpreter's.
                None => return,
            },
            false => (Dialect::Bash, PLAIN),
        };
        // Claimed for its length alone: it fetches and installs nothing.
        if text.len() >= HEAD && !may_act(text.as_bytes()) {
            return;
        }
        let span = Span::new(0, text.len());
        let script = script(Embedded::verbatim(text, 0), span, &shell, &[], &folders(&file.path), budget, out);
        let name = Spanned::new(String::new(), Span::new(0, 0));
        let block = CommandBlock { name, script, ..CommandBlock::default() };
        let form = CommandForm::Shell;
        out.documents.push(Document::Commands(CommandFile {
            file: file.id,
            form,
            env: Vec::new(),
            blocks: vec![block],
        }));
    }
}

fn has_ending(path: &RepoPath) -> bool {
    [".sh", ".bash", ".envrc"].iter().any(|end| path.name().ends_with(end)) || is_powershell(path)
}

fn is_powershell(path: &RepoPath) -> bool {
    path.name().to_ascii_lowercase().ends_with(".ps1")
}

fn first_line(text: &[u8]) -> &str {
    let end = text.iter().take(256).position(|b| *b == b'\n').unwrap_or(text.len().min(256));
    text.get(..end).and_then(|line| std::str::from_utf8(line).ok()).unwrap_or("")
}

/// The shell that a first line names, with the options it is started with.
pub(super) fn shell_of(line: &str) -> Option<(Dialect, Options)> {
    let words: Vec<&str> = line.strip_prefix("#!")?.split_whitespace().collect();
    let is_env = words.first().is_some_and(|w| w.ends_with("/env"));
    let program = words.iter().skip(usize::from(is_env)).find(|w| !w.starts_with('-') && !w.contains('='))?;
    let dialect = Dialect::from_shell(Some(program), false);
    if dialect != Dialect::Bash {
        return None;
    }
    let flags = || words.iter().filter_map(|w| w.strip_prefix('-')).filter(|w| !w.starts_with('-'));
    let errexit = flags().any(|f| f.contains('e')) && !program.starts_with('-');
    Some((dialect, Options { errexit, pipefail: line.contains("pipefail") }))
}
