//! The lines of a recipe as one script. make and just start a shell for every line, so a change of
//! folder ends with its line.

use crate::source::{Embedded, Span};

/// Puts one line behind a script. `body` puts its text in; `end` is where the line ends in the host.
pub(super) fn push_line(out: &mut Embedded, raw: &str, end: usize, body: impl FnOnce(&mut Embedded)) {
    let here = Span::new(end, end);
    let is_moving = ["cd ", "pushd ", "cd\t"].iter().any(|word| raw.contains(word));
    if is_moving {
        let start = end.saturating_sub(raw.len());
        out.push_replaced("(", Span::new(start, start));
        body(out);
        // A comment at the end of the line would hide what closes it.
        out.push_replaced("\n)\n", here);
    } else {
        body(out);
        out.push_replaced("\n", here);
    }
}

/// A line without the marks that make and just take off: `@`, `-`, `+`; and how many bytes they are.
pub(super) fn without_marks(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches([' ', '\t', '@', '-', '+']);
    (line.len() - rest.len(), rest)
}

/// Whether a script of recipes calls others: make, just, Task or a script of the tree.
pub(super) fn may_call(text: &str) -> bool {
    [".sh", ".bash", ".ps1", "make", "just", "task ", "./"].iter().any(|word| text.contains(word))
}
