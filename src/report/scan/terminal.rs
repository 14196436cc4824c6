//! A scan for a person: the verdict and the coverage first, then each file that is not clean, the gravest
//! first, each with what was found, where, and what to do. Files of which the same is to be said are told
//! together, or a folder of a thousand checkpoints would hide the one that differs.

pub(in crate::report) mod lines;

use std::collections::BTreeMap;
use std::io::{self, Write};

use self::lines::{below, bold, paint, plural, size, wrapped};
use super::{Options, Scanned};
use crate::report::escape::{line as guarded, shorten, terminal as clean};
use crate::scan::{FileReport, Finding, Rule, Verdict, WeightsOnly};

/// Entries shown, and findings of each, unless all are asked for.
const ENTRIES: usize = 12;
const FINDINGS: usize = 4;
/// Files named of those that are told together.
const NAMES: usize = 3;
/// Characters of a message.
const MESSAGE: usize = 240;

pub(super) fn render(scanned: &Scanned, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    let root = below(scanned.files.iter().map(|file| file.path.as_str()));
    head(scanned, root, options, &mut text);
    let mut shown = 0;
    let mut helped: BTreeMap<&str, &Rule> = BTreeMap::new();
    for (verdict, title) in [
        (Verdict::Dangerous, "DANGEROUS"),
        (Verdict::Suspicious, "SUSPICIOUS"),
        (Verdict::Malformed, "MALFORMED"),
        (Verdict::Unread, "UNREAD"),
    ] {
        let files: Vec<_> = scanned.files.iter().filter(|file| file.verdict == verdict).collect();
        if files.is_empty() {
            continue;
        }
        text.push(String::new());
        text.push(format!("{} {}", paint(options, verdict, title), files.len()));
        let entries = entries(files, options);
        let most = if options.all { usize::MAX } else { ENTRIES.saturating_sub(shown).max(3) };
        for entry in entries.iter().take(most) {
            one(entry, root, options, &mut helped, &mut text);
        }
        shown += entries.len().min(most);
        let more: usize = entries.iter().skip(most).map(Vec::len).sum();
        if more > 0 {
            text.push(format!("   and {more} more {}, all under --all", plural(more, "file")));
        }
    }
    if options.all {
        all_clean(scanned, root, options, &mut text);
    }
    if !helped.is_empty() {
        text.extend([String::new(), bold(options, "WHAT TO DO")]);
        for (id, rule) in helped {
            text.extend(wrapped(&format!("   {id}: {}", rule.help), 6, options.width));
        }
    }
    next(scanned, options, &mut text);
    for line in text {
        // Logs of CI obey lines that begin in a certain way.
        writeln!(out, "{}", guarded(&line))?;
    }
    Ok(())
}

/// What is worth knowing of files that are clean.
fn all_clean(scanned: &Scanned, root: &str, options: &Options<'_>, text: &mut Vec<String>) {
    let mut files = scanned.files.iter().filter(|file| file.verdict == Verdict::Clean).peekable();
    if files.peek().is_some() {
        text.extend([String::new(), paint(options, Verdict::Clean, "CLEAN")]);
    }
    for file in files {
        text.push(format!("   {}    {}", clean(named(file, root)), about(file)));
        for finding in &file.findings {
            text.extend(found(finding, true, options.width));
        }
    }
}

/// What to type next.
fn next(scanned: &Scanned, options: &Options<'_>, text: &mut Vec<String>) {
    let Some(paths) = options.paths.filter(|_| !options.all && scanned.verdict() > Verdict::Clean) else { return };
    let call = if options.as_cargo { "cargo custody" } else { "cargo-custody" };
    text.extend([String::new(), format!("{}  {call} scan {} --all", bold(options, "NEXT"), clean(paths))]);
}

/// Files that are told together: those of one kind of which the same is said, in the order of the first of them.
fn entries<'r>(files: Vec<&'r FileReport>, options: &Options<'_>) -> Vec<Vec<&'r FileReport>> {
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    let mut out: Vec<Vec<&FileReport>> = Vec::new();
    for file in files {
        let said: Vec<(&str, &str)> = grave(file, options).map(|f| (f.rule.id, f.message.as_str())).collect();
        match places.get(&(file.format, said.clone(), loads(file))).filter(|_| !options.all) {
            Some(place) => out[*place].push(file),
            None => {
                places.insert((file.format, said, loads(file)), out.len());
                out.push(vec![file]);
            }
        }
    }
    out
}

fn grave<'r>(file: &'r FileReport, options: &Options<'_>) -> impl Iterator<Item = &'r Finding> {
    let all = options.all;
    file.findings.iter().filter(move |finding| finding.rule.verdict > Verdict::Clean || all)
}

/// A file's path below the folder that all of them lie in.
fn named<'r>(file: &'r FileReport, root: &str) -> &'r str {
    match file.path.strip_prefix(root) {
        Some("") => "./",
        Some(rest) => rest,
        None => &file.path,
    }
}

fn head(scanned: &Scanned, root: &str, options: &Options<'_>, text: &mut Vec<String>) {
    let bytes: u64 = scanned.files.iter().map(|file| file.size).sum();
    let elapsed = options.elapsed.map_or_else(String::new, |time| format!(" · {:.2} s", time.as_secs_f64()));
    let count = scanned.files.len();
    let resumed = match scanned.resumed {
        0 => String::new(),
        resumed => format!(" · {resumed} from the journal"),
    };
    let below = if root.is_empty() { String::new() } else { format!(" in {}", clean(root)) };
    let files = plural(count, "file");
    text.push(format!("{count} {files}{below}, {}{elapsed} · nothing executed{resumed}", size(bytes)));
    let (word, kind) = match scanned.exit_code() {
        1 => ("FAIL", Verdict::Dangerous),
        3 => ("INCOMPLETE", Verdict::Unread),
        _ => ("PASS", Verdict::Clean),
    };
    let counts: Vec<String> =
        [Verdict::Dangerous, Verdict::Suspicious, Verdict::Malformed, Verdict::Unread, Verdict::Clean]
            .into_iter()
            .map(|verdict| (scanned.count(verdict), verdict.word()))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
    let counts = if counts.is_empty() { "no files".to_owned() } else { counts.join(" · ") };
    text.push(format!("{}  {counts}", paint(options, kind, word)));
    // The same file in several formats is one of each.
    let mut formats: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &scanned.files {
        *formats.entry(file.format.word()).or_default() += 1;
    }
    let mut formats: Vec<_> = formats.into_iter().collect();
    formats.sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
    let most = if options.all { usize::MAX } else { 8 };
    let more = formats.len().saturating_sub(most);
    let mut words: Vec<String> = formats.iter().take(most).map(|(word, count)| format!("{count} {word}")).collect();
    if more > 0 {
        words.push(format!("{more} more kinds"));
    }
    if !words.is_empty() {
        text.extend(wrapped(&format!("Kinds: {}", words.join(", ")), 7, options.width));
    }
}

fn one<'r>(
    files: &[&'r FileReport],
    root: &str,
    options: &Options<'_>,
    helped: &mut BTreeMap<&'r str, &'r Rule>,
    text: &mut Vec<String>,
) {
    let Some(&file) = files.first() else { return };
    let names: Vec<String> = files.iter().take(NAMES).map(|file| clean(named(file, root))).collect();
    let names = bold(options, &names.join(", "));
    match files.len() {
        1 => text.push(format!("   {names}    {}", about(file))),
        count => {
            let more = if count > NAMES { format!(" and {} more", count - NAMES) } else { String::new() };
            let bytes = files.iter().map(|file| file.size).sum();
            text.push(format!("   {names}{more}    {count} {}, {}", file.format.word(), size(bytes)));
        }
    }
    let grave: Vec<_> = grave(file, options).collect();
    let most = if options.all { usize::MAX } else { FINDINGS };
    for (index, finding) in grave.iter().enumerate().take(most) {
        // Where it stands is told where it is the same in all of them.
        let place =
            |file: &&FileReport| self::grave(file, options).nth(index).map(|f| (f.offset, f.inner_path.clone()));
        let is_same = files.iter().all(|other| place(other) == place(&file));
        text.extend(found(finding, is_same, options.width));
        helped.insert(finding.rule.id, finding.rule);
    }
    let more = grave.len().saturating_sub(most) + file.more;
    if more > 0 {
        text.push(format!("      and {more} more {}", plural(more, "finding")));
    }
    if let Some(loads) = loads(file) {
        text.extend(wrapped(&format!("      {loads}"), 8, options.width));
    }
}

/// What torch's restricted loader does with a file.
fn loads(file: &FileReport) -> Option<String> {
    /// Globals that are named.
    const GLOBALS: usize = 5;
    match file.weights_only.as_ref()? {
        WeightsOnly::Loads => Some("torch.load(weights_only=True) loads it".to_owned()),
        WeightsOnly::Refuses { globals, why } if globals.is_empty() => {
            Some(format!("torch.load(weights_only=True) refuses it: {}", clean(&shorten(why, MESSAGE))))
        }
        WeightsOnly::Refuses { globals, .. } => {
            let names: Vec<String> = globals.iter().take(GLOBALS).map(|name| clean(name)).collect();
            let more = globals.len().saturating_sub(GLOBALS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            Some(format!("torch.load(weights_only=True) refuses it for {}{more}", names.join(", ")))
        }
    }
}

fn found(finding: &Finding, has_place: bool, width: Option<usize>) -> Vec<String> {
    let inner = finding.inner_path.as_ref().filter(|_| has_place).map(|inner| clean(inner));
    let place = match (finding.offset.filter(|_| has_place), inner) {
        (Some(offset), Some(inner)) => format!("    byte {offset} of {inner}"),
        (Some(offset), None) => format!("    byte {offset}"),
        (None, Some(inner)) => format!("    {inner}"),
        (None, None) => String::new(),
    };
    let message = clean(&shorten(&finding.message, MESSAGE));
    let line = format!("      {}  {message}", finding.rule.id);
    let fits = width.is_none_or(|width| line.chars().count() + place.chars().count() <= width);
    if fits {
        return vec![format!("{line}{place}")];
    }
    let mut lines = wrapped(&line, 8, width);
    lines.push(format!("        {}", place.trim_start()));
    lines
}

fn about(file: &FileReport) -> String {
    format!("{}, {}", file.format.word(), size(file.size))
}

#[cfg(test)]
mod tests;
