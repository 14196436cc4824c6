//! Lines put into the YAML of a workflow: an input of a step, a key before another.

use crate::diag::Edit;
use crate::graph::kinds::workflow::Step;
use crate::source::{Place, SourceFile, Span};

/// A line of a file: where it starts, and what it says without its end.
struct Line<'t> {
    start: usize,
    text: &'t str,
}

/// The line that holds an offset.
fn line_of(file: &SourceFile, offset: u64) -> Option<Line<'_>> {
    let at = usize::try_from(offset).ok()?;
    let start = file.text.get(..at)?.rfind('\n').map_or(0, |at| at + 1);
    let text = file.text.get(start..)?.split('\n').next()?;
    Some(Line { start, text })
}

/// What ends the lines of a file.
fn ending(file: &SourceFile) -> &'static str {
    if file.text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn blank(text: &str) -> bool {
    text.bytes().all(|b| b == b' ')
}

fn insert(file: &SourceFile, at: usize, text: String) -> Edit {
    Edit { place: Place::new(file.id, Span::new(at, at)), text }
}

/// Gives an input of a step that uses an action a value, which must be plain in YAML. `None` where the step is
/// not written in a form that is known for certain: in braces, through an alias, with an empty `with`.
pub(in crate::rules) fn set_input(file: &SourceFile, step: &Step, key: &str, value: &str) -> Option<Edit> {
    let uses = step.uses.as_ref()?;
    if !step.span.contains(uses.span) {
        return None;
    }
    if let Some((_, present)) = step.with.iter().find(|(name, _)| name.value.eq_ignore_ascii_case(key)) {
        let place = Place::new(file.id, present.span);
        let is_plain = step.span.contains(present.span) && !file.text_at(present.span).contains('\n');
        return is_plain.then(|| Edit { place, text: value.to_owned() });
    }
    if let Some((first, _)) = step.with.first() {
        if !step.span.contains(first.span) {
            return None;
        }
        let line = line_of(file, first.span.start)?;
        let at = usize::try_from(first.span.start).ok()?;
        let before = file.text.get(line.start..at)?;
        if blank(before) {
            return behind_with(file, &line, before, &format!("{key}: {value}"));
        }
        let is_inline = before.trim_end().ends_with('{') && before.trim_start().starts_with("with:");
        return is_inline.then(|| insert(file, at, format!("{key}: {value}, ")));
    }
    after_uses(file, step, key, value)
}

/// A line right behind `with:`, so that a remark stays with the input it stands above.
fn behind_with(file: &SourceFile, first: &Line<'_>, column: &str, text: &str) -> Option<Edit> {
    let mut at = first.start;
    loop {
        let above = line_of(file, (at as u64).checked_sub(1)?)?;
        let said = above.text.trim();
        if said.is_empty() || said.starts_with('#') {
            at = above.start;
            continue;
        }
        let is_with = matches!(said, "with:" | "- with:") || said.starts_with("with: #");
        return is_with.then(|| insert(file, at, format!("{column}{text}{}", ending(file))));
    }
}

/// `with` behind the line of `uses`, in the column of its key.
fn after_uses(file: &SourceFile, step: &Step, key: &str, value: &str) -> Option<Edit> {
    let uses = step.uses.as_ref()?;
    // An empty `with`, or one that is an alias or a list, is somebody's work in progress.
    if file.text_at(step.span).lines().any(|l| l.trim_start().trim_start_matches("- ").starts_with("with:")) {
        return None;
    }
    let line = line_of(file, uses.span.start)?;
    let before = file.text.get(line.start..usize::try_from(uses.span.start).ok()?)?;
    // The place of a quoted value may begin behind the quote.
    let lead = before.trim_end_matches(['"', '\'']).trim_end().strip_suffix("uses:")?;
    let is_alone = blank(lead) || (lead.trim() == "-" && lead.ends_with(' '));
    let end = usize::try_from(uses.span.end).ok()?;
    let rest = file.text.get(end..line.start + line.text.len())?.trim_start_matches(['"', '\'']).trim();
    if !is_alone || !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    let (column, ends) = (" ".repeat(lead.len()), ending(file));
    let at = line.start + line.text.trim_end_matches('\r').len();
    Some(insert(file, at, format!("{ends}{column}with:{ends}{column}  {key}: {value}")))
}

/// Puts lines before the line of a key, in the column of the key, with an empty line behind them where `apart`.
/// Comments directly above stay with the key. `None` where the key does not begin its line.
pub(in crate::rules) fn before_key(file: &SourceFile, key: Span, lines: &[String], apart: bool) -> Option<Edit> {
    let line = line_of(file, key.start)?;
    let column = file.text.get(line.start..usize::try_from(key.start).ok()?)?;
    if !blank(column) {
        return None;
    }
    let mut at = line.start;
    while at > 0 {
        let above = line_of(file, (at - 1) as u64)?;
        let is_remark = above.text.starts_with(column) && above.text.trim_start().starts_with('#');
        if !is_remark {
            break;
        }
        at = above.start;
    }
    let ends = ending(file);
    let mut text: String = lines.iter().map(|line| format!("{column}{line}{ends}")).collect();
    if apart {
        text.push_str(ends);
    }
    Some(insert(file, at, text))
}

/// Puts lines in the place of a key and its value, in the column of the key. `None` where the key does not begin
/// its line.
pub(in crate::rules) fn in_place(file: &SourceFile, entry: Span, lines: &[String]) -> Option<Edit> {
    let line = line_of(file, entry.start)?;
    let column = file.text.get(line.start..usize::try_from(entry.start).ok()?)?;
    let text = lines.join(&format!("{}{column}", ending(file)));
    blank(column).then(|| Edit { place: Place::new(file.id, entry), text })
}

/// A key of the outermost mapping, where it begins a line.
pub(in crate::rules) fn top_key(file: &SourceFile, names: &[&str]) -> Option<Span> {
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let found = names.iter().find(|n| line.strip_prefix(**n).is_some_and(|r| r.trim_start().starts_with(':')));
        if let Some(name) = found {
            return Some(Span::new(start, start + name.len()));
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::kinds::workflow::Uses;
    use crate::source::{FileId, RepoPath, Spanned};

    fn file(text: &str) -> SourceFile {
        SourceFile::new(FileId(0), RepoPath::new("x.yml").unwrap(), text.as_bytes().to_vec())
    }

    fn spanned(text: &str, part: &str) -> Spanned<String> {
        let at = text.find(part).unwrap();
        Spanned::new(part.to_owned(), Span::new(at, at + part.len()))
    }

    fn apply(text: &str, edit: &Edit) -> String {
        let mut out = text.to_owned();
        out.replace_range(edit.place.span.range(text.len()), &edit.text);
        out
    }

    #[test]
    fn an_input_comes_into_the_form_that_is_there() {
        for (text, pair, wanted) in [
            ("  - uses: a/b@v1 # why\n", None, Some("  - uses: a/b@v1 # why\n    with:\n      k: false\n")),
            ("  - uses: \"a/b@v1\"", None, Some("  - uses: \"a/b@v1\"\n    with:\n      k: false")),
            ("  - uses: a/b@v1\r\n", None, Some("  - uses: a/b@v1\r\n    with:\r\n      k: false\r\n")),
            (
                "  - name: x\n    uses: a/b@v1\n    if: y\n",
                None,
                Some("  - name: x\n    uses: a/b@v1\n    with:\n      k: false\n    if: y\n"),
            ),
            ("  - { uses: a/b@v1 }\n", None, None),
            ("  - uses: a/b@v1\n    with:\n", None, None),
            (
                "  - uses: a/b@v1\n    with:\n      r: 1\n",
                Some(("r", "1")),
                Some("  - uses: a/b@v1\n    with:\n      k: false\n      r: 1\n"),
            ),
            (
                "  - uses: a/b@v1\n    with: # two\n\n      # why\n      r: 1\n",
                Some(("r", "1")),
                Some("  - uses: a/b@v1\n    with: # two\n      k: false\n\n      # why\n      r: 1\n"),
            ),
            (
                "  - uses: a/b@v1\n    with: { r: 1 }\n",
                Some(("r", "1")),
                Some("  - uses: a/b@v1\n    with: { k: false, r: 1 }\n"),
            ),
            (
                "  - uses: a/b@v1\n    with:\n      k: true\n",
                Some(("k", "true")),
                Some("  - uses: a/b@v1\n    with:\n      k: false\n"),
            ),
        ] {
            let source = file(text);
            let value = if text.contains('"') { "\"a/b@v1\"" } else { "a/b@v1" };
            let step = Step {
                span: Span::new(0, text.len()),
                uses: Some(spanned(text, value).map(|t| Uses::parse(t.trim_matches('"')))),
                with: pair
                    .map(|(k, v)| {
                        (
                            spanned(text, &format!("{k}: ")).map(|k| k.trim_end_matches(": ").to_owned()),
                            spanned(text, v),
                        )
                    })
                    .into_iter()
                    .collect(),
                ..Step::default()
            };
            let edit = set_input(&source, &step, "k", "false");
            assert_eq!(edit.map(|e| apply(text, &e)).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn lines_come_before_a_key_and_its_comments() {
        let text = "on: push\n\n# the work\njobs:\n  a:\n    runs-on: x\n";
        let source = file(text);
        let jobs = top_key(&source, &["jobs"]).unwrap();
        let lines = ["permissions:".to_owned(), "  contents: read".to_owned()];
        let edit = before_key(&source, jobs, &lines, true).unwrap();
        assert_eq!(
            apply(text, &edit),
            "on: push\n\npermissions:\n  contents: read\n\n# the work\njobs:\n  a:\n    runs-on: x\n"
        );
        let runs = spanned(text, "runs-on").span;
        let edit = before_key(&source, runs, &lines, false).unwrap();
        assert!(apply(text, &edit).ends_with("  a:\n    permissions:\n      contents: read\n    runs-on: x\n"));
        assert_eq!(before_key(&source, spanned(text, "push").span, &lines, false), None);
        let edit = in_place(&source, spanned(text, "runs-on: x").span, &lines).unwrap();
        assert!(apply(text, &edit).ends_with("  a:\n    permissions:\n      contents: read\n"));
    }
}
