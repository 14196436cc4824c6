//! A scan for a person: the verdict and the coverage first, then each file that is not clean, the gravest
//! first, each with what was found, where, and what to do.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Options, Scanned};
use crate::report::escape::{shorten, terminal as clean};
use crate::scan::{FileReport, Finding, Rule, Verdict, WeightsOnly};

/// Files shown one by one, and findings of each, unless all are asked for.
const FILES: usize = 12;
const FINDINGS: usize = 4;
/// Characters of a message.
const MESSAGE: usize = 240;

pub(super) fn render(scanned: &Scanned, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    head(scanned, options, out)?;
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
        writeln!(out, "\n{}", paint(options, verdict, title))?;
        let most = if options.all { usize::MAX } else { FILES.saturating_sub(shown).max(3) };
        for file in files.iter().take(most) {
            one(file, options, &mut helped, out)?;
        }
        shown += files.len().min(most);
        if files.len() > most {
            writeln!(out, "   and {} more, all under --all", files.len() - most)?;
        }
    }
    if options.all {
        let clean_files: Vec<_> = scanned.files.iter().filter(|file| file.verdict == Verdict::Clean).collect();
        if !clean_files.is_empty() {
            writeln!(out, "\n{}", paint(options, Verdict::Clean, "CLEAN"))?;
        }
        for file in clean_files {
            writeln!(out, "   {}    {}", clean(&file.path), about(file))?;
            for finding in &file.findings {
                found(finding, out)?;
            }
        }
    }
    if !helped.is_empty() {
        writeln!(out, "\n{}", bold(options, "WHAT TO DO"))?;
        for (id, rule) in helped {
            writeln!(out, "   {id}: {}", rule.help)?;
        }
    }
    Ok(())
}

fn head(scanned: &Scanned, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let bytes: u64 = scanned.files.iter().map(|file| file.size).sum();
    let elapsed = options.elapsed.map_or_else(String::new, |time| format!(" · {:.2} s", time.as_secs_f64()));
    let count = scanned.files.len();
    let resumed = match scanned.resumed {
        0 => String::new(),
        resumed => format!(" · {resumed} from the journal"),
    };
    writeln!(out, "{count} {}, {}{elapsed} · nothing executed{resumed}", plural(count, "file"), size(bytes))?;
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
    writeln!(out, "{}  {counts}", paint(options, kind, word))?;
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
        writeln!(out, "Kinds: {}", words.join(", "))?;
    }
    Ok(())
}

fn one<'r>(
    file: &'r FileReport,
    options: &Options,
    helped: &mut BTreeMap<&'r str, &'r Rule>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "   {}    {}", bold(options, &clean(&file.path)), about(file))?;
    let grave = file.findings.iter().filter(|finding| finding.rule.verdict > Verdict::Clean || options.all);
    let most = if options.all { usize::MAX } else { FINDINGS };
    let grave: Vec<_> = grave.collect();
    for finding in grave.iter().take(most) {
        found(finding, out)?;
        helped.insert(finding.rule.id, finding.rule);
    }
    let more = grave.len().saturating_sub(most) + file.more;
    if more > 0 {
        writeln!(out, "      and {more} more")?;
    }
    match &file.weights_only {
        Some(WeightsOnly::Loads) => writeln!(out, "      loads with weights_only=True"),
        Some(WeightsOnly::Refuses { globals, .. }) if !globals.is_empty() => {
            let names: Vec<String> = globals.iter().take(5).map(|name| clean(name)).collect();
            let more = if globals.len() > 5 { format!(" and {} more", globals.len() - 5) } else { String::new() };
            writeln!(out, "      weights_only=True refuses it: {}{more}", names.join(", "))
        }
        Some(WeightsOnly::Refuses { .. }) | None => Ok(()),
    }
}

fn found(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let mut place = String::new();
    if let Some(offset) = finding.offset {
        place = format!("byte {offset}");
    }
    if let Some(inner) = &finding.inner_path {
        let joint = if place.is_empty() { "" } else { " of " };
        place = format!("{place}{joint}{}", clean(inner));
    }
    let place = if place.is_empty() { place } else { format!("    {place}") };
    writeln!(out, "      {}  {}{place}", finding.rule.id, clean(&shorten(&finding.message, MESSAGE)))
}

fn about(file: &FileReport) -> String {
    format!("{}, {}", file.format.word(), size(file.size))
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// Bytes for a person, in powers of 1024.
fn size(bytes: u64) -> String {
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

fn paint(options: &Options, verdict: Verdict, text: &str) -> String {
    let code = match verdict {
        Verdict::Dangerous => "1;31",
        Verdict::Suspicious | Verdict::Malformed | Verdict::Unread => "1;33",
        Verdict::Clean => "1;32",
    };
    if options.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn bold(options: &Options, text: &str) -> String {
    if options.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        for (bytes, expected) in
            [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1 << 30, "1.0 GiB"), (u64::MAX, "16384.0 PiB")]
        {
            assert_eq!(size(bytes), expected);
        }
    }
}
