//! Jupyter notebooks: the shell lines and magics of their code cells, as IPython runs them. Sources:
//! the format nbformat 4 (and 3), IPython's "Built-in magic commands" and "System shell access".
//!
//! Text, raw cells and stored output are passed over, and so is Python itself: a command in a string or
//! a comment runs nothing.

use super::recipe::push_line;
use super::{PLAIN, folders, may_act, script};
use crate::commands::is_setting;
use crate::graph::Document;
use crate::graph::kinds::commands::{CommandBlock, CommandFile, CommandForm};
use crate::graph::kinds::workflow::Pair;
use crate::parse::json::{self, Value};
use crate::parse::shell::Dialect;
use crate::parse::{Budget, Problem};
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, Role, SourceFile, Spanned};

mod cell;

use cell::{Cell, Told};

/// Bytes looked at for a command: a notebook with pictures is long.
const HEAD: usize = 16 << 20;

/// Reads notebooks that show commands.
#[derive(Debug)]
pub struct NotebookReader;

impl Reader for NotebookReader {
    fn id(&self) -> &'static str {
        "notebook"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        (path.name().ends_with(".ipynb") && !Role::of_path(path).is_set_aside()).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        head.len() >= HEAD || shows_command(head)
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`*.ipynb`",
            read: "`!` and `%` commands and shell cells of code cells",
            not_read: "Markdown, stored output; notebooks in folders of fixtures and vendored copies",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let read = json::parse_without(&file.text, &["outputs"], budget);
        out.problems.extend(read.problems.iter().cloned());
        let Some(root) = &read.root else {
            out.unread = Some("it is no notebook: it holds no JSON".to_owned());
            return;
        };
        let Some(cells) = cells(root) else {
            // A file of that name that was never saved.
            if !out.problems.is_empty() || root.get("nbformat").is_some() {
                out.problems.push(Problem::new(root.span, "a notebook without `cells`"));
            }
            return;
        };
        let language = language(root);
        let mut told = Told::default();
        let mut blocks = Vec::new();
        let folders = folders(&file.path);
        for (index, value) in cells.iter().enumerate() {
            if value.get("cell_type").and_then(Value::as_str) != Some("code") {
                continue;
            }
            let Some(source) = value.get("source").or_else(|| value.get("input")) else { continue };
            let mut text = Embedded::new();
            match source.as_text() {
                Some(whole) => text.append(whole),
                None => source.items().iter().filter_map(Value::as_text).for_each(|line| text.append(line)),
            }
            if !budget.take_items(1 + text.text.len() / 64) {
                out.problems.push(Problem::new(value.span, "too many cells; the rest is not read"));
                break;
            }
            let cell = match language {
                Language::Shell => Cell { script: text, moves: Vec::new() },
                Language::Python => cell::read(&text, &mut told),
                Language::Other => continue,
            };
            if may_act(cell.script.text.as_bytes()) || cell.script.text.contains(".sh") {
                let shell = (Dialect::Bash, PLAIN);
                let mut whole = Embedded::new();
                for folder in &told.folders {
                    let end = folder.text.len();
                    let at = folder.host_span(end..end);
                    whole.append(folder);
                    whole.push_replaced("\n", at);
                }
                whole.append(&cell.script);
                let script = script(whole, source.span, &shell, &told.known(), &folders, budget, out);
                let name = Spanned::new(format!("cell {}", index + 1), source.span);
                blocks.push(CommandBlock { name, script, ..CommandBlock::default() });
            }
            cell.moves.into_iter().for_each(|folder| told.moves(folder));
        }
        if blocks.is_empty() {
            return;
        }
        let form = CommandForm::Notebook;
        let env: Vec<Pair> = told.env.into_iter().filter(|(name, _)| is_setting(&name.value)).collect();
        out.documents.push(Document::Commands(CommandFile { file: file.id, form, env, blocks }));
    }
}

/// Whether a notebook holds a line that the shell may run. Prose names programs as well, so the line has to begin
/// as commands do: by `!` or `%`, or by an installer's name, which IPython takes without a mark.
fn shows_command(head: &[u8]) -> bool {
    let is_one_line = head.iter().take(HEAD_LINE).all(|byte| *byte != b'\n');
    if is_one_line {
        return may_act(head);
    }
    let mut in_shell = false;
    head.split(|byte| *byte == b'\n').any(|line| {
        let Some(text) = line.trim_ascii_start().strip_prefix(b"\"") else { return false };
        let text = text.trim_ascii_start();
        // The lines of a shell cell have no marks of their own.
        in_shell |= text.starts_with(b"%%");
        let marked = text.starts_with(b"!") || text.starts_with(b"%") || text.windows(3).any(|w| w == b"= !");
        let by_name = AUTOMATIC.iter().any(|name| text.starts_with(name));
        (in_shell || marked || by_name) && may_act(text)
    })
}

/// Bytes in which a notebook that is written in lines has its first break.
const HEAD_LINE: usize = 1 << 10;

/// Programs that IPython runs without a mark.
const AUTOMATIC: &[&[u8]] = &[b"pip", b"conda", b"mamba", b"uv ", b"poetry"];

/// What the kernel runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Python,
    Shell,
    Other,
}

fn language(root: &Value) -> Language {
    let metadata = root.get("metadata");
    let of = |table: &str, key: &str| metadata?.get(table)?.get(key)?.as_str().map(str::to_ascii_lowercase);
    let named =
        of("kernelspec", "language").or_else(|| of("language_info", "name")).or_else(|| of("kernelspec", "name"));
    match named.as_deref() {
        Some("bash" | "sh" | "zsh" | "shell") => Language::Shell,
        Some(name) if ["python", "ipython", "xpython", "conda"].iter().any(|known| name.contains(known)) => {
            Language::Python
        }
        Some("r" | "ir" | "julia" | "rust" | "javascript" | "typescript" | "scala" | "c++" | "go" | "sql" | "c#") => {
            Language::Other
        }
        // Kernels are named as people like; nearly all are Python's.
        _ => Language::Python,
    }
}

/// The cells; format 3 kept them in worksheets.
fn cells(root: &Value) -> Option<Vec<&Value>> {
    if let Some(cells) = root.get("cells") {
        return Some(cells.items().iter().collect());
    }
    let sheets = root.get("worksheets")?;
    Some(sheets.items().iter().filter_map(|sheet| sheet.get("cells")).flat_map(Value::items).collect())
}

/// Puts one shell line behind a cell's script.
fn push_shell(out: &mut Embedded, line: &Embedded) {
    let end = line.text.len();
    let at = line.host_span(end..end);
    // IPython starts a shell for every line.
    push_line(out, &line.text, usize::try_from(at.end).unwrap_or(usize::MAX), |out| out.append(line));
}
