//! Pieces of lines: how large, how many, in which colour, and how wide.

use crate::report::scan::Options;
use crate::scan::Verdict;

pub(in crate::report) fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// Bytes for a person, in powers of 1024.
pub(in crate::report) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    #[allow(clippy::cast_precision_loss, reason = "a person reads three digits")]
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

pub(in crate::report) fn paint(options: &Options<'_>, verdict: Verdict, text: &str) -> String {
    let code = match verdict {
        Verdict::Dangerous => "1;31",
        Verdict::Suspicious | Verdict::Malformed | Verdict::Unread => "1;33",
        Verdict::Clean => "1;32",
    };
    if options.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

pub(in crate::report) fn bold(options: &Options<'_>, text: &str) -> String {
    if options.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// The folder that all paths lie in, with its last `/`; nothing where there is none, or but one path.
pub(in crate::report) fn below<'p>(mut paths: impl Iterator<Item = &'p str>) -> &'p str {
    let folder = |path: &'p str| &path[..path.rfind('/').map_or(0, |slash| slash + 1)];
    let Some(first) = paths.next() else { return "" };
    let mut common = folder(first);
    let mut count = 1;
    for path in paths {
        count += 1;
        while !path.starts_with(common) {
            common = folder(common.strip_suffix('/').unwrap_or(""));
        }
    }
    if count > 1 { common } else { "" }
}

/// A line without colours broken at blanks to a width; further lines stand so many columns in. What has no blank in it
/// is not broken: a path in two halves cannot be copied.
pub(in crate::report) fn wrapped(line: &str, indent: usize, width: Option<usize>) -> Vec<String> {
    /// Columns below which nothing is broken.
    const NARROW: usize = 40;
    let Some(width) = width.filter(|width| *width >= NARROW && line.chars().count() > *width) else {
        return vec![line.to_owned()];
    };
    let start = line.len() - line.trim_start().len();
    let mut out = vec![line[..start].to_owned()];
    let mut columns = start;
    let mut is_first = true;
    for word in line[start..].split_inclusive(' ') {
        let bare = word.trim_end_matches(' ').chars().count();
        if columns + bare > width && !is_first {
            if let Some(last) = out.last_mut() {
                last.truncate(last.trim_end().len());
            }
            out.push(" ".repeat(indent));
            columns = indent;
            if bare == 0 {
                continue;
            }
        }
        if let Some(last) = out.last_mut() {
            last.push_str(word);
        }
        columns += word.chars().count();
        is_first = bare == 0 && is_first;
    }
    if let Some(last) = out.last_mut() {
        last.truncate(last.trim_end().len());
    }
    out
}
