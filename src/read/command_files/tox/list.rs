//! Lists of tox: lines with factors, comments, continuations and substitutions.

use std::collections::BTreeSet;

use crate::parse::ini::Ini;
use crate::read::command_files::expand::UNKNOWN;
use crate::source::Embedded;

/// How many sections deep a list takes over another: `{[base]deps}`.
const MAX_DEPTH: usize = 8;
/// Lines of one list, those taken over included.
const MAX_LINES: usize = 2_000;

/// A line with its substitutions made.
pub(super) type Line = Embedded;

/// The lines of a list, with those it takes over from other sections.
pub(super) fn lines(ini: &Ini, value: &Embedded) -> Vec<Line> {
    Reading { ini, left: MAX_LINES, seen: BTreeSet::new() }.lines(value, MAX_DEPTH)
}

struct Reading<'i> {
    ini: &'i Ini,
    /// Lines that may still be taken.
    left: usize,
    /// Lists that were put in, by where they start: one that names itself stands once.
    seen: BTreeSet<u64>,
}

impl Reading<'_> {
    fn lines(&mut self, value: &Embedded, depth: usize) -> Vec<Line> {
        let all = value.text.as_str();
        let mut out = Vec::new();
        if depth == 0 || !self.seen.insert(value.host_span(0..0).start) {
            return out;
        }
        let mut at = 0;
        while at < all.len() {
            let mut line = Embedded::new();
            // `\` at the end of a line goes on with the next.
            loop {
                let end = all.get(at..).and_then(|rest| rest.find('\n')).map_or(all.len(), |found| at + found);
                let written = all.get(at..end).unwrap_or("");
                let body = without_comment(written);
                let goes_on = body.ends_with('\\');
                let body = body.trim_end_matches('\\');
                line.append(&value.part(at..at + body.len()));
                at = (end + 1).min(all.len() + 1);
                if !goes_on || at > all.len() {
                    break;
                }
            }
            let line = without_factors(&line);
            if line.text.is_empty() {
                continue;
            }
            let Some(fewer) = self.left.checked_sub(1) else { break };
            self.left = fewer;
            // `{[base]deps}` on a line of its own stands for all lines of that list.
            let taken =
                line.text.strip_prefix("{[").and_then(|rest| rest.strip_suffix('}')).and_then(|r| r.split_once(']'));
            match taken {
                Some((section, key)) => {
                    let entry = self.ini.get(section, key);
                    out.extend(entry.map_or(Vec::new(), |entry| self.lines(&entry.value, depth - 1)));
                }
                None => out.push(substituted(&line)),
            }
        }
        out
    }
}

fn without_comment(line: &str) -> &str {
    let line = if line.trim_start().starts_with('#') { "" } else { line };
    line.split(" #").next().unwrap_or("").trim_end()
}

/// A line without `py39,py310-django: ` before it.
fn without_factors(line: &Embedded) -> Embedded {
    let all = line.text.as_str();
    let end = all.trim_end().len();
    let is_factor =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ',' | '.' | '!' | '{' | '}' | ':' | ' ');
    let mark = all.find(": ").filter(|at| {
        let head = all.get(..*at).unwrap_or("");
        !head.is_empty() && head.chars().all(is_factor) && !head.starts_with([':', '-'])
    });
    // `py39:` alone, its list on the lines below.
    let mark = mark.or_else(|| all.trim_end().strip_suffix(':').map(str::len).filter(|at| *at > 0));
    let start = mark.map_or(0, |at| at + 1);
    let body = all.get(start..end).unwrap_or("");
    let start = start + body.len() - body.trim_start().len();
    line.part(start..end.max(start))
}

/// A text with tox's substitutions made as far as they are known: folders of the tree are relative to it.
pub(super) fn substituted(line: &Embedded) -> Embedded {
    let all = line.text.as_str();
    let mut out = Embedded::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(open) = all.get(at..).and_then(|rest| rest.find('{')).map(|found| at + found) {
        let Some(close) = closing(all, open) else { break };
        let inner = all.get(open + 1..close - 1).unwrap_or("");
        at = close;
        let mut end = close;
        let value = match inner {
            // The command of tox itself; who asks knows them.
            "packages" | "opts" => continue,
            "toxinidir" | "tox_root" | "package_root" => {
                // A path from the folder of the file.
                if all.get(close..).is_some_and(|rest| rest.starts_with('/')) {
                    end += 1;
                    ""
                } else {
                    "."
                }
            }
            "envpython" | "env_python" => "python",
            "posargs" => "",
            "/" => "/",
            "" => continue,
            other => match other.split_once(':') {
                // `{posargs:tests}`, `{env:X:default}`: what holds where nobody says anything.
                Some(("posargs", default)) => default,
                Some(("env", rest)) => rest.split_once(':').map_or(UNKNOWN, |(_, default)| default),
                _ => UNKNOWN,
            },
        };
        out.append(&line.part(done..open));
        out.push_replaced(value, line.host_span(open..end));
        done = end;
        at = end;
    }
    if done == 0 {
        return line.clone();
    }
    out.append(&line.part(done..all.len()));
    out
}

/// One past the brace that closes the one at `open`.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (offset, byte) in text.get(open..)?.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(open + offset + 1);
                }
            }
            _ => {}
        }
    }
    None
}
