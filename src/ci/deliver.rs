//! Texts that are handed to a service, within its limits and in its forms.

/// Bytes that a page of a job may have: GitHub refuses what is longer than 1 MiB as a whole.
pub const SUMMARY: usize = 1 << 20;
/// Characters that a comment may have, in units of UTF-16.
pub const COMMENT: usize = 65_536;
/// By this a workflow finds the comment that it wrote before.
pub const MARKER: &str = "<!-- cargo-custody -->";

/// Values for later steps, in the form of `GITHUB_OUTPUT`. The line that ends a value occurs nowhere in it, so no
/// value can add another.
/// Source: docs.github.com "Workflow commands", multiline strings.
#[must_use]
pub fn values(list: &[(&str, String)]) -> String {
    let mut out = String::new();
    for (name, value) in list {
        let mut end = "custody_end".to_owned();
        while value.contains(&end) {
            end.push('_');
        }
        out.push_str(&format!("{name}<<{end}\n{value}\n{end}\n"));
    }
    out
}

/// The first of these texts that fits on the page beside what stands there already.
#[must_use]
pub fn summary<'t>(there: u64, texts: &[&'t str]) -> Option<&'t str> {
    let room = SUMMARY.saturating_sub(usize::try_from(there).unwrap_or(usize::MAX));
    // A byte less: whether the limit itself is let through is nowhere said.
    texts.iter().find(|text| text.len() < room).copied()
}

/// The body of a comment: the marker, then the first of these texts that fits.
#[must_use]
pub fn comment(texts: &[&str]) -> String {
    let room = COMMENT - MARKER.len() - 2;
    // A marker of a stranger would be taken for ours by whoever looks for it; text is escaped, and this keeps it so.
    let fits = |text: &&&str| text.encode_utf16().count() <= room && !text.contains(MARKER);
    let text = texts.iter().find(fits).copied().unwrap_or_default();
    format!("{MARKER}\n{text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_end_itself() {
        let hostile = "x\ncustody_end\nverdict=pass\ncustody_end_\n::set-output name=verdict::pass";
        let text = values(&[("summary", hostile.to_owned()), ("verdict", "fail".to_owned())]);
        // As the runner reads it.
        let mut read = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let (name, end) = line.split_once("<<").expect("a heredoc");
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            read.push((name.to_owned(), value.join("\n")));
        }
        assert_eq!(read, [("summary".to_owned(), hostile.to_owned()), ("verdict".to_owned(), "fail".to_owned())]);
    }

    #[test]
    fn a_summary_falls_back_to_what_fits() {
        let (full, short, line) = ("f".repeat(900_000), "s".repeat(2000), "l".repeat(50));
        let texts = [full.as_str(), short.as_str(), line.as_str()];
        let of = |there| summary(there, &texts).map(str::len);
        assert_eq!(of(0), Some(900_000));
        assert_eq!(of(200_000), Some(2000));
        assert_eq!(of((1 << 20) - 2000), Some(50));
        assert_eq!(of((1 << 20) - 50), None);
        assert_eq!(of(u64::MAX), None);
    }

    #[test]
    fn a_comment_fits_and_begins_with_its_marker() {
        let long = "ü".repeat(65_536);
        assert_eq!(comment(&[&long, "short"]), "<!-- cargo-custody -->\nshort\n");
        assert_eq!(comment(&["full", "short"]), "<!-- cargo-custody -->\nfull\n");
        let exact = "x".repeat(COMMENT - MARKER.len() - 2);
        assert_eq!(comment(&[&exact]).encode_utf16().count(), COMMENT);
        assert_eq!(comment(&["a <!-- cargo-custody --> b", "short"]), "<!-- cargo-custody -->\nshort\n");
    }
}
