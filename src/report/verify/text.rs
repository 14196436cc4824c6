//! The outcome for a person: the verdict first, then each entry that is not right, with its files, the lines of the
//! lock that hold them, and what to do.

use std::io::{self, Write};

use super::{Shown, matched};
use crate::lock::verify::{Checked, Looked, Standing, Trouble, What};
use crate::report::escape::{line as guarded, terminal as clean};
use crate::report::scan::Options;
use crate::report::scan::terminal::lines::{bold, paint, plural, size, wrapped};
use crate::scan::Verdict;

/// Entries shown of each kind, files of each copy, and names in a row, unless all are asked for.
const ENTRIES: usize = 12;
const FILES: usize = 8;
const NAMES: usize = 3;
/// Digits of a commit or digest for a person.
const DIGITS: usize = 12;

/// Writes the outcome.
///
/// # Errors
/// Whatever the writer says.
pub fn text(shown: &Shown<'_>, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Vec::new();
    head(shown, options, &mut lines);
    for (standing, verdict, title) in [
        (Standing::Differs, Verdict::Dangerous, "NOT WHAT IS LOCKED"),
        (Standing::Unread, Verdict::Unread, "NOT LOOKED AT"),
        (Standing::Absent, Verdict::Unread, "NOT HERE"),
        (Standing::Match, Verdict::Clean, "AS LOCKED"),
    ] {
        let entries: Vec<&Checked> =
            shown.verified.entries.iter().filter(|entry| entry.standing(shown.demand) == standing).collect();
        if entries.is_empty() || (standing == Standing::Match && !options.all) {
            continue;
        }
        lines.extend([String::new(), format!("{} {}", paint(options, verdict, title), entries.len())]);
        let most = if options.all { usize::MAX } else { ENTRIES };
        for checked in entries.iter().take(most) {
            entry(shown, checked, options, &mut lines);
        }
        if entries.len() > most {
            lines.push(format!("   and {} more, all under --all", entries.len() - most));
        }
    }
    tail(shown, options, &mut lines);
    for line in lines {
        // Logs of CI obey lines that begin in a certain way.
        writeln!(out, "{}", guarded(&line))?;
    }
    Ok(())
}

fn head(shown: &Shown<'_>, options: &Options<'_>, lines: &mut Vec<String>) {
    let verified = shown.verified;
    let (files, bytes) = matched(&verified.entries);
    let elapsed = options.elapsed.map_or_else(String::new, |time| format!(" · {:.2} s", time.as_secs_f64()));
    let resumed = match verified.remembered {
        0 => String::new(),
        resumed => format!(" · {resumed} from the journal"),
    };
    let (lock, word) = (clean(shown.lock), plural(files, "file"));
    lines.push(format!("{files} {word} as {lock} says, {}{elapsed}{resumed}", size(bytes)));
    let (word, kind) = match verified.exit_code(shown.demand) {
        1 => ("FAIL", Verdict::Dangerous),
        3 => ("INCOMPLETE", Verdict::Unread),
        _ => ("PASS", Verdict::Clean),
    };
    let counts: Vec<String> = [
        (Standing::Differs, "not what is locked"),
        (Standing::Unread, "not looked at"),
        (Standing::Absent, "not here"),
        (Standing::Match, "as locked"),
    ]
    .into_iter()
    .map(|(standing, word)| (shown.count(standing), word))
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    let counts = if counts.is_empty() { "the lock holds no models".to_owned() } else { counts.join(" · ") };
    lines.push(format!("{}  {counts}", paint(options, kind, word)));
}

fn entry(shown: &Shown<'_>, checked: &Checked, options: &Options<'_>, lines: &mut Vec<String>) {
    let place =
        shown.line(&checked.key, None).map_or_else(String::new, |line| format!("{}:{line}: ", clean(shown.lock)));
    let at = checked.revision.as_deref().map_or_else(String::new, |revision| format!(" at {}", short(revision)));
    let name = format!("{} {}", checked.key.kind.word(), clean(&checked.key.to_string()));
    lines.push(format!("   {place}{}{at}", bold(options, &name)));
    for looked in &checked.copies {
        copy(shown, checked, looked, options, lines);
    }
    if checked.copies.is_empty() {
        lines.push("      nothing of it is in the folders and caches that were looked at".to_owned());
    }
    for help in helps(shown, checked, options) {
        lines.extend(wrapped(&format!("      {help}"), 8, options.width));
    }
}

fn copy(shown: &Shown<'_>, checked: &Checked, looked: &Looked, options: &Options<'_>, lines: &mut Vec<String>) {
    lines.push(format!("      {}", clean(&looked.place.to_string_lossy())));
    let most = if options.all { usize::MAX } else { FILES };
    let mut tell = |line: String| lines.extend(wrapped(&format!("        {line}"), 10, options.width));
    // What fails stands before what is only not known.
    let (wrong, unread): (Vec<&Trouble>, Vec<&Trouble>) =
        looked.troubles.iter().partition(|trouble| trouble.what.is_failure());
    for trouble in wrong.iter().chain(&unread).take(most) {
        let line = shown.files.get(&(checked.key.clone(), trouble.path.clone()));
        let place = line.map_or_else(String::new, |line| format!("{}:{line}: ", clean(shown.lock)));
        tell(format!("{place}{}", told(trouble)));
    }
    if looked.troubles.len() > most {
        tell(format!("and {} more files, all under --all", looked.troubles.len() - most));
    }
    if let Some(moved) = &looked.moved {
        let (branch, to) = (clean(&moved.branch), short(&moved.to));
        tell(if moved.matters {
            format!(
                "`{branch}` leads to {to} here: a loader that is given no commit takes that, and not what is locked"
            )
        } else {
            format!("`{branch}` leads to {to} here; all code beside the lock names the locked commit")
        });
    }
    // A folder is loaded by its path, whatever commit it is of.
    if let Some(revision) = looked.revision.as_ref().filter(|_| looked.revision != checked.revision) {
        tell(format!("it was downloaded at commit {}", short(revision)));
    }
    if looked.is_empty {
        let others: Vec<String> = looked.others.iter().map(|other| short(other)).collect();
        tell(match others.as_slice() {
            [] => "nothing of it is here".to_owned(),
            others => format!("nothing of that commit is here; there is {}", row(others, options)),
        });
    } else if !looked.missing.is_empty() {
        let (count, word) = (looked.missing.len(), plural(looked.missing.len(), "file"));
        let names: Vec<String> = looked.missing.iter().map(|path| format!("`{}`", clean(path))).collect();
        tell(format!("{count} {word} of the lock not here: {}", row(&names, options)));
    }
    if looked.matched > 0 {
        let word = plural(looked.matched, "file");
        tell(format!("{} {word} as locked, {}", looked.matched, size(looked.bytes)));
    }
}

/// What is said of a file.
fn told(trouble: &Trouble) -> String {
    let path = clean(&trouble.path);
    match &trouble.what {
        What::Differs { is_of: Some(is_of), .. } => {
            format!("`{path}` is not what is locked: its content is that of `{}`", clean(is_of))
        }
        What::Differs { expected, found: Some(found), .. } => {
            let (found, expected) = (found.to_string(), expected.sha256.to_string());
            format!("`{path}` is not what is locked: its SHA-256 is {}, locked is {}", short(&found), short(&expected))
        }
        What::Differs { expected, found: None, size, .. } => {
            format!("`{path}` is not what is locked: it has {size} bytes, locked are {}", expected.size)
        }
        What::Extra if path.ends_with(".pyc") => {
            format!("`{path}` is not in the lock, and Python may run it in place of its source")
        }
        What::Denied => {
            format!("`{path}` is marked in `.no_exist` as a file that the hub does not have, which loaders believe")
        }
        What::Extra => format!("`{path}` is not in the lock"),
        What::LeadsOut { to } => format!("`{path}` is a link out of its repository, to `{}`", clean(to)),
        What::Pointer => format!("`{path}` was not fetched: a pointer of git LFS lies in its place"),
        What::PointsElsewhere { to } => {
            format!("`{path}` is a pointer of git LFS to other content than is locked: {}", short(&to.to_string()))
        }
        What::Unread { why } => format!("`{path}` could not be looked at: {}", clean(why)),
    }
}

/// What to do about an entry.
fn helps(shown: &Shown<'_>, checked: &Checked, options: &Options<'_>) -> Vec<String> {
    let program = if options.as_cargo { "cargo custody" } else { "cargo-custody" };
    let name = clean(&checked.key.to_string());
    let mut helps = Vec::new();
    let is_wrong = checked.copies.iter().any(|copy| copy.troubles.iter().any(|trouble| trouble.what.is_failure()));
    if is_wrong {
        helps.push(format!(
            "-> delete the copy and fetch the locked commit again; where the change is meant, `{program} lock --update \
             {name}` takes it, `{program} lock diff` shows it, and `{program} lock rollback {name} --to last-good` goes \
             back to what was approved"
        ));
    }
    if checked.copies.iter().any(|copy| copy.moved.as_ref().is_some_and(|moved| moved.matters)) {
        let revision = checked.revision.as_deref().unwrap_or_default();
        helps.push(format!(
            "-> load it by its commit, `revision=\"{}\"`; where the new one is meant, `{program} lock --update {name}` \
             takes it and `{program} lock diff` shows it",
            clean(revision)
        ));
    }
    if checked.copies.iter().any(|copy| copy.troubles.iter().any(|trouble| trouble.what == What::Pointer)) {
        helps.push("-> fetch the large files: `git lfs pull`".to_owned());
    }
    if checked.standing(shown.demand) == Standing::Absent {
        helps.push("-> name where it lies with --cache, fetch it, or pass --present-only".to_owned());
    }
    helps
}

fn tail(shown: &Shown<'_>, options: &Options<'_>, lines: &mut Vec<String>) {
    let verified = shown.verified;
    let copies = verified.entries.iter().flat_map(|entry| &entry.copies).filter(|copy| !copy.is_empty);
    let partial = copies.filter(|copy| !copy.missing.is_empty()).count();
    if partial > 0 && !shown.demand.complete {
        let (word, verb) = if partial == 1 { ("copy", "has") } else { ("copies", "have") };
        let text = format!("{partial} {word} {verb} only a part of the files of the lock; --complete fails then");
        lines.push(String::new());
        lines.extend(wrapped(&text, 3, options.width));
    }
    if let Some(lock) = shown.passed_over {
        let text = format!(
            "{} lies in what is looked at and does not count; --lock takes it in place of {}",
            clean(lock),
            clean(shown.lock)
        );
        lines.push(String::new());
        lines.extend(wrapped(&text, 3, options.width));
    }
    if verified.is_stopped {
        lines.extend([String::new(), "It was stopped before its end.".to_owned()]);
    }
    if !verified.unread.is_empty() {
        lines.extend([String::new(), paint(options, Verdict::Unread, "PLACES NOT LOOKED AT")]);
        let most = if options.all { usize::MAX } else { FILES };
        for (place, why) in verified.unread.iter().take(most) {
            lines.push(format!("   {}: {}", clean(&place.to_string_lossy()), clean(why)));
        }
        if verified.unread.len() > most {
            lines.push(format!("   and {} more, all under --all", verified.unread.len() - most));
        }
    }
    if !verified.unlocked.is_empty() {
        let names: Vec<String> = verified.unlocked.iter().map(|name| clean(name)).collect();
        let text = format!("In caches and not in the lock: {}", row(&names, options));
        lines.push(String::new());
        lines.extend(wrapped(&text, 3, options.width));
    }
    if shown.others > 0 {
        let word = plural(shown.others, "digest");
        lines
            .extend([String::new(), format!("{} {word} of images and tools: no file on the disk tells", shown.others)]);
    }
}

/// Some of many names.
fn row(names: &[String], options: &Options<'_>) -> String {
    let most = if options.all { usize::MAX } else { NAMES };
    let more = names.len().saturating_sub(most);
    let shown = names.iter().take(most).map(String::as_str).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// The first digits of a commit or digest.
fn short(digest: &str) -> String {
    clean(&digest.chars().take(DIGITS).collect::<String>())
}
