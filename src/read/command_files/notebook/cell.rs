//! One code cell: which of its lines are the shell's, with what Python puts into them.

use std::collections::BTreeMap;

use super::push_shell;
use crate::graph::kinds::workflow::Pair;
use crate::parse::python_text::extent;
use crate::read::command_files::expand::UNKNOWN;
use crate::source::{Embedded, Spanned};

/// Magics that are programs: `%pip install x`.
const PROGRAMS: &[&str] = &["pip", "pip3", "conda", "mamba", "micromamba", "uv", "uvx", "poetry", "pipx"];
/// Magics of a whole cell that run a shell.
const SHELLS: &[&str] = &["bash", "sh", "zsh", "shell", "system", "sx", "!"];
/// Changes of folder kept.
const MAX_FOLDERS: usize = 16;
/// Constants kept.
const MAX_KNOWN: usize = 64;
/// Longest constant.
const MAX_VALUE: usize = 1 << 10;

/// What cells tell those that follow.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// `%cd x`, in order.
    pub(super) folders: Vec<Embedded>,
    /// `%env X=y`, `os.environ["X"] = "y"`.
    pub(super) env: Vec<Pair>,
    constants: BTreeMap<String, Option<String>>,
}

impl Told {
    /// Python's variables that hold one text, as far as a `$name` of a shell line may name them.
    pub(super) fn known(&self) -> Vec<(String, String)> {
        self.constants.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect()
    }

    pub(super) fn moves(&mut self, folder: Embedded) {
        if self.folders.len() < MAX_FOLDERS {
            self.folders.push(folder);
        }
    }

    fn constant(&mut self, name: &str, value: &str) {
        let value = Some(value.to_owned()).filter(|v| v.len() <= MAX_VALUE);
        let has_room = self.constants.len() < MAX_KNOWN;
        match self.constants.get_mut(name) {
            Some(known) if *known == value => {}
            Some(known) => *known = None,
            None if has_room => {
                self.constants.insert(name.to_owned(), value);
            }
            None => {}
        }
    }
}

/// What a cell runs.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) script: Embedded,
    /// Its changes of folder, for the cells that follow.
    pub(super) moves: Vec<Embedded>,
}

/// Reads a cell of a Python kernel.
pub(super) fn read(text: &Embedded, told: &mut Told) -> Cell {
    let mut out = Cell { script: Embedded::new(), moves: Vec::new() };
    let all = text.text.as_str();
    let mut at = 0;
    // `%%bash` stands on the first line that is not empty.
    let first = all.len() - all.trim_start().len();
    if let Some(rest) = all.get(first..).and_then(|rest| rest.strip_prefix("%%")) {
        let line_end = all.get(first..).and_then(|r| r.find('\n')).map_or(all.len(), |end| first + end);
        let mut words = rest.lines().next().unwrap_or("").split_whitespace();
        let magic = words.next().unwrap_or("");
        let runs_shell = SHELLS.contains(&magic)
            || (magic == "script"
                && words.find(|w| !w.starts_with('-')).is_some_and(|w| SHELLS.contains(&basename(w))));
        if runs_shell {
            out.script = text.part(line_end.min(all.len())..all.len());
            return out;
        }
        // `%%capture`, `%%time` and their like run Python; `%%writefile` and other languages do not.
        if !matches!(magic, "capture" | "time" | "timeit" | "prun" | "snakeviz" | "memray_flamegraph") {
            return out;
        }
        at = line_end;
    }
    while at < all.len() {
        let rest = all.get(at..).unwrap_or("");
        let line_end = rest.find('\n').map_or(all.len(), |end| at + end);
        let line = all.get(at..line_end).unwrap_or("");
        let blanks = line.len() - line.trim_start().len();
        if let Some(skip) = shell_start(line.trim_start()) {
            let end = continued(all, line_end);
            command(text, at + blanks + skip.bytes..end, &skip, told, &mut out);
            at = end + 1;
        } else {
            constant(line, told);
            environ(text, at, line, told);
            at = after_python(all, at) + 1;
        }
    }
    out
}

fn basename(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How a shell line starts.
struct Start {
    /// Bytes of the mark that are not the command's.
    bytes: usize,
    /// A magic that is no program: `cd`, `env`.
    magic: Option<&'static str>,
}

/// Whether a line is the shell's: `!x`, `%pip x`, `a = !x`, `pip install x`.
fn shell_start(line: &str) -> Option<Start> {
    let of = |bytes: usize| Some(Start { bytes, magic: None });
    if line.starts_with("!=") {
        return None;
    }
    if let Some(rest) = line.strip_prefix('!') {
        return of(line.len() - rest.trim_start_matches('!').len());
    }
    if let Some(rest) = line.strip_prefix('%').filter(|rest| !rest.starts_with('%')) {
        let trimmed = rest.trim_start();
        let offset = line.len() - trimmed.len();
        let word = trimmed.split(|c: char| c.is_whitespace()).next().unwrap_or("");
        return match word {
            _ if PROGRAMS.contains(&word) => of(offset),
            "system" | "sx" | "time" | "timeit" => {
                let inner = trimmed.get(word.len()..)?.trim_start();
                let inner_at = line.len() - inner.len();
                // `%time !pip install x`
                match (word, shell_start(inner)) {
                    ("system" | "sx", _) => of(inner_at),
                    (_, Some(start)) => Some(Start { bytes: inner_at + start.bytes, magic: start.magic }),
                    _ => None,
                }
            }
            "cd" => Some(Start { bytes: offset, magic: Some("cd") }),
            "env" | "set_env" => Some(Start { bytes: offset + word.len(), magic: Some("env") }),
            _ => None,
        };
    }
    // `found = !pip show x`
    if let Some((name, rest)) = line.split_once('=')
        && !name.trim().is_empty()
        && name.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    {
        let value = rest.trim_start();
        if value.starts_with(['!', '%']) && !value.starts_with("!=") {
            let start = shell_start(value)?;
            return Some(Start { bytes: line.len() - value.len() + start.bytes, magic: start.magic });
        }
        return None;
    }
    // IPython takes the name of a magic for the magic where Python would not know it.
    let mut words = line.split_whitespace();
    let is_bare = PROGRAMS.contains(&words.next()?)
        && words.next().is_some_and(|w| matches!(w, "install" | "pip" | "add" | "sync" | "download"));
    is_bare.then_some(Start { bytes: 0, magic: None })
}

/// The end of a line that goes on behind a backslash.
fn continued(all: &str, line_end: usize) -> usize {
    let mut end = line_end;
    while all.get(..end).is_some_and(|t| t.trim_end_matches([' ', '\r']).ends_with('\\')) && end < all.len() {
        end = all.get(end + 1..).and_then(|r| r.find('\n')).map_or(all.len(), |next| end + 1 + next);
    }
    end
}

/// The end of the line on which a line of Python ends, strings over several lines considered.
fn after_python(all: &str, at: usize) -> usize {
    let bytes = all.as_bytes();
    let mut at = at;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' => return at,
            b'#' => return all.get(at..).and_then(|r| r.find('\n')).map_or(all.len(), |end| at + end),
            b'"' | b'\'' => at = extent(all, at).1.max(at + 1),
            _ => at += 1,
        }
    }
    all.len()
}

fn command(text: &Embedded, range: std::ops::Range<usize>, start: &Start, told: &mut Told, out: &mut Cell) {
    let line = with_python(&text.part(range));
    match start.magic {
        Some("cd") => {
            push_plain(&mut out.script, &line);
            out.moves.push(line);
        }
        Some(_) => environment(&line, told),
        None => push_shell(&mut out.script, &line),
    }
}

/// `%cd` moves the notebook itself: what follows starts there.
fn push_plain(out: &mut Embedded, line: &Embedded) {
    let end = line.text.len();
    out.append(line);
    out.push_replaced("\n", line.host_span(end..end));
}

/// A line in which what Python puts in, `{x}`, is the shell's spelling of an unknown variable, or of a
/// known one.
fn with_python(line: &Embedded) -> Embedded {
    let all = line.text.as_str();
    let mut out = Embedded::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(found) = all.get(at..).and_then(|rest| rest.find('{')) {
        let open = at + found;
        let before = all.get(..open).unwrap_or("").chars().next_back();
        let Some(close) = all.get(open..).and_then(|rest| rest.find('}')).map(|end| open + end + 1) else { break };
        let inner = all.get(open + 1..close - 1).unwrap_or("");
        at = close;
        // `${X}` is the shell's, and `{a,b}` and `{}` are no Python.
        if before == Some('$') || before == Some('{') || inner.is_empty() || inner.contains([',', ' ', ';']) {
            continue;
        }
        let value = match inner.trim() {
            "sys.executable" => "python".to_owned(),
            name if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => format!("${{{name}}}"),
            _ => UNKNOWN.to_owned(),
        };
        out.append(&line.part(done..open));
        out.push_replaced(&value, line.host_span(open..close));
        done = close;
    }
    if done == 0 {
        return line.clone();
    }
    out.append(&line.part(done..all.len()));
    out
}

/// `%env X=y`, `%env X y`.
fn environment(line: &Embedded, told: &mut Told) {
    let body = line.text.trim();
    let Some((name, value)) = body.split_once(['=', ' ']) else { return };
    let span = line.host_span(0..line.text.len());
    pair(name, value.trim().trim_matches(['"', '\'']), span, told);
}

fn pair(name: &str, value: &str, span: crate::source::Span, told: &mut Told) {
    if told.env.len() < MAX_KNOWN && value.len() <= MAX_VALUE {
        told.env.push((Spanned::new(name.trim().to_owned(), span), Spanned::new(value.to_owned(), span)));
    }
}

/// `os.environ["PIP_INDEX_URL"] = "https://.."`.
fn environ(text: &Embedded, at: usize, line: &str, told: &mut Told) {
    let Some(rest) = line.trim_start().strip_prefix("os.environ[") else { return };
    let Some((key, value)) = rest.split_once(']') else { return };
    let Some(value) = value.trim_start().strip_prefix('=').map(str::trim) else { return };
    let (Some(name), Some(value)) = (quoted(key.trim()), quoted(value)) else { return };
    pair(name, value, text.host_span(at..at + line.len()), told);
}

/// `BRANCH = "main"` on a line of its own.
fn constant(line: &str, told: &mut Told) {
    let Some((name, value)) = line.split_once('=') else { return };
    let name = name.trim_end();
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_name || value.starts_with('=') {
        return;
    }
    match quoted(value.trim()) {
        Some(value) => told.constant(name, value),
        // It holds something else from here on.
        None => {
            if let Some(known) = told.constants.get_mut(name) {
                *known = None;
            }
        }
    }
}

/// The text between plain quotes, a comment behind them passed over.
fn quoted(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (inner, rest) = text.get(1..)?.split_once(mark)?;
    let rest = rest.trim_start();
    (!inner.contains('\\') && (rest.is_empty() || rest.starts_with('#'))).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> String {
        let read = read(&Embedded::verbatim(text, 0), &mut Told::default());
        read.script.text.trim().replace('\n', "|")
    }

    #[test]
    fn shell_lines_of_cells_are_found() {
        for (text, expected) in [
            ("!pip install a", "pip install a"),
            ("  !!pip install a\nimport b\n%pip install c", "pip install a|pip install c"),
            ("%%bash\npip install a\ncd b && pip install c", "pip install a|cd b && pip install c"),
            ("\n%%script bash --no-raise-error\nuv sync", "uv sync"),
            ("%%capture out\n!pip install a", "pip install a"),
            ("%%writefile x.sh\npip install a", ""),
            ("%%html\n!pip install a", ""),
            ("# !pip install a\nx = '''\n!pip install b\n'''\n!pip install c", "pip install c"),
            ("x = \"\"\"\n%pip install b\"\"\"; y\n", ""),
            (
                "if a:\n    !{sys.executable} -m pip install \"b=={v}\" \\\n   c",
                "python -m pip install \"b==${v}\" \\|   c",
            ),
            ("out = !pip show a\nb = %pip install c\na != b\n!= c", "pip show a|pip install c"),
            ("pip install a\npip = 1\npip.main()", "pip install a"),
            (
                "%time !pip install a\n%cd sub\n!cd x && pip install -e .",
                "pip install a|cd sub|(cd x && pip install -e .|)",
            ),
            ("!pip install ${A} {b,c} {f(x)}", "pip install ${A} {b,c} ${_}"),
            ("'it\n!pip install a", "pip install a"),
        ] {
            assert_eq!(script(text), expected, "{text}");
        }
    }

    #[test]
    fn cells_tell_the_ones_that_follow() {
        let mut told = Told::default();
        let text = "BRANCH = 'main'  # x\nos.environ['PIP_INDEX_URL'] = \"https://example.com/simple\"\n%env UV_INDEX=https://example.org/simple\nX = 1\nV = 'a'\nV = 'b'";
        read(&Embedded::verbatim(text, 0), &mut told);
        assert_eq!(told.known(), [("BRANCH".to_owned(), "main".to_owned())]);
        let env: Vec<_> = told.env.iter().map(|(n, v)| format!("{}={}", n.value, v.value)).collect();
        assert_eq!(env, ["PIP_INDEX_URL=https://example.com/simple", "UV_INDEX=https://example.org/simple"]);
    }
}
