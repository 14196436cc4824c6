//! A use of an action, put to a commit: the name stays as a comment, and what the name set becomes an input.

use crate::diag::Edit;
use crate::graph::ci::pins::comment;
use crate::graph::kinds::workflow::Step;
use crate::source::{Place, SourceFile, Span};

/// What comes in the place of a name.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules) struct Pinned<'a> {
    /// The commit.
    pub(in crate::rules) commit: &'a str,
    /// What the comment says.
    pub(in crate::rules) name: &'a str,
    /// An input that says what the name said.
    pub(in crate::rules) input: Option<(&'a str, &'a str)>,
}

/// The edits for one use, `span` being its value; none where the line is of a form that is not known for certain,
/// or has another comment: the line would no longer say which version it is, and the comment may say why it has
/// no commit.
pub(in crate::rules) fn pin(
    file: &SourceFile,
    span: Span,
    reference: &str,
    to: Pinned<'_>,
    step: Option<&Step>,
) -> Option<Vec<Edit>> {
    let written = file.text_at(span);
    let at = written.rfind(&format!("@{reference}"))? + 1;
    let end = at + reference.len();
    // A quoted value ends with its quote, behind which the comment goes.
    let after = written.get(end..).filter(|after| matches!(*after, "" | "\"" | "'"))?;
    let remark = match comment(file, span)? {
        "" => format!(" # {}", to.name),
        said if said == reference || said == to.name => String::new(),
        _ => return None,
    };
    let start = usize::try_from(span.start).ok()?;
    let mut edits = Vec::new();
    let place = |start: usize, end: usize| Place::new(file.id, Span::new(start, end));
    // Some readings of a quoted value end before the quote.
    let mut stop = start + end + after.len();
    let mut after = after.to_owned();
    if after.is_empty()
        && let Some(quote) =
            file.text.get(stop..).and_then(|rest| rest.chars().next()).filter(|c| matches!(c, '"' | '\''))
    {
        after.push(quote);
        stop += 1;
    }
    edits.push(Edit { place: place(start + at, stop), text: format!("{}{after}{remark}", to.commit) });
    if let Some((key, value)) = to.input {
        edits.extend(input(file, step?, span, key, value)?);
    }
    Some(edits)
}

/// An input under `with`; nothing to do where the step has it.
fn input(file: &SourceFile, step: &Step, used: Span, key: &str, value: &str) -> Option<Option<Edit>> {
    if step.input(key).is_some() {
        return Some(None);
    }
    // A value that reads as a number would be told as another: 1.90 is 1.9.
    let value = if value.parse::<f64>().is_ok() { format!("\"{value}\"") } else { value.to_owned() };
    let ends = if file.text.contains("\r\n") { "\r\n" } else { "\n" };
    let insert = |at: usize, text: String| Some(Some(Edit { place: Place::new(file.id, Span::new(at, at)), text }));
    if let Some((first, _)) = step.with.first() {
        let at = usize::try_from(first.span.start).ok()?;
        let indent = indent(file, at)?.to_owned();
        // Right behind `with:`, so that a remark stays with the input it stands above.
        let mut start = at - indent.len();
        loop {
            let before = file.text.get(..start)?.strip_suffix('\n')?;
            let line = before.rfind('\n').map_or(0, |at| at + 1);
            let above = before.get(line..)?.trim();
            if above.is_empty() || above.starts_with('#') {
                start = line;
                continue;
            }
            let is_with = above == "with:" || above == "- with:" || above.starts_with("with: #");
            return if is_with { insert(start, format!("{indent}{key}: {value}{ends}")) } else { None };
        }
    }
    let text = file.text.get(usize::try_from(step.span.start).ok()?..usize::try_from(step.span.end).ok()?)?;
    if text.lines().any(|line| line.trim_start().trim_start_matches("- ").starts_with("with:")) {
        return None;
    }
    let start = usize::try_from(used.start).ok()?;
    let line = file.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = file.text.get(line..start)?;
    let lead = before
        .trim_end_matches(['"', '\''])
        .strip_suffix(": ")
        .and_then(|lead| lead.trim_end().strip_suffix("uses"))?;
    let column: String = lead.chars().map(|c| if c == '-' { ' ' } else { c }).collect();
    if !column.chars().all(|c| c == ' ') {
        return None;
    }
    let end = file.text.get(start..)?.find('\n').map_or(file.text.len(), |at| start + at);
    let end = if file.text.get(..end)?.ends_with('\r') { end - 1 } else { end };
    insert(end, format!("{ends}{column}with:{ends}{column}  {key}: {value}"))
}

/// The blanks before a place, where nothing else stands before it on its line.
fn indent(file: &SourceFile, at: usize) -> Option<&str> {
    let line = file.text.get(..at)?.rfind('\n').map_or(0, |at| at + 1);
    file.text.get(line..at).filter(|before| before.chars().all(|c| c == ' '))
}
