//! A use of an action, put to a commit: the name stays as a comment, and what the name set becomes an input.

use super::step::set_input;
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
        let step = step?;
        // A name may hold what means something in YAML.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '/' | '@');
        if !value.chars().all(is_plain) || value.starts_with(['-', '@']) {
            return None;
        }
        if step.input(key).is_none() {
            // A value that reads as a number would be told as another: 1.90 is 1.9.
            let value = if value.parse::<f64>().is_ok() { format!("\"{value}\"") } else { value.to_owned() };
            edits.push(set_input(file, step, key, &value)?);
        }
    }
    Some(edits)
}
