//! Source lines of a finding, by the renderer of rustc and cargo. It is handed a small window,
//! never a file: it scans whatever it gets.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::escape;
use crate::audit::{Audit, Finding};

/// Lines before and after the marked one.
const AROUND: u32 = 1;

pub(super) fn snippet(audit: &Audit, finding: &Finding, colour: bool) -> Option<String> {
    let last = finding.line;
    let excerpt = audit.excerpts.iter().find(|e| {
        let end = e.start.saturating_add(u32::try_from(e.lines.len()).unwrap_or(0));
        e.path == finding.path && e.start <= finding.line && last < end
    })?;
    let from = finding.line.saturating_sub(AROUND).max(excerpt.start);
    let mut source = String::new();
    let mut mark = 0..0;
    for number in from..=finding.line.saturating_add(AROUND) {
        let Some(line) = excerpt.lines.get((number - excerpt.start) as usize) else { break };
        let shown = escape::terminal(line);
        if number == finding.line {
            mark = marked(finding, line, &shown, source.len());
        }
        source.push_str(&shown);
        source.push('\n');
    }
    let label = escape::terminal(&finding.label);
    let group = Level::NOTE.secondary_title(escape::terminal(&finding.rule)).element(
        Snippet::source(&source)
            .line_start(from as usize)
            .path(escape::terminal(&finding.path))
            .annotation(AnnotationKind::Primary.span(mark).label(&label)),
    );
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    Some(renderer.render(&[group]))
}

/// The marked bytes. Where redaction or escaping moved the columns, the whole line is marked.
fn marked(finding: &Finding, line: &str, shown: &str, base: usize) -> std::ops::Range<usize> {
    let indent = shown.len() - shown.trim_start().len();
    let whole = base + indent..base + shown.trim_end().len().max(indent);
    if line != shown || shown.contains(crate::diag::redact::MARK) {
        return whole;
    }
    let at = |column: u32| shown.char_indices().nth(column as usize - 1).map_or(shown.len(), |(i, _)| i);
    let start = at(finding.column.max(1));
    let end = if finding.end_line == finding.line { at(finding.end_column.max(1)) } else { shown.trim_end().len() };
    if start < end { base + start..base + end } else { whole }
}
