//! Lines that are no longer than a terminal is wide.

use std::io;
use std::io::Write;

/// The column in which what a line says begins.
const INDENT: usize = 15;

/// Writes a line in as many as it takes. What goes on begins where the words of the first line do. A word that is longer
/// than a line stays whole.
pub(super) fn broken(line: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if line.chars().count() <= width {
        return writeln!(out, "{line}");
    }
    let start = line.len() - line.trim_start().len();
    let indent = if start == 0 { 2 } else { INDENT.min(width / 2) };
    let mut length = 0;
    let mut is_first = true;
    // What stands before the words of the first line stays as it is.
    let (head, rest) = line.split_at_checked(start).unwrap_or(("", line));
    write!(out, "{head}")?;
    length += start;
    for word in rest.split_inclusive(' ') {
        let own = word.trim_end().chars().count();
        if !is_first && own > 0 && length + own > width && length > indent {
            write!(out, "\n{:indent$}", "")?;
            length = indent;
        }
        write!(out, "{word}")?;
        length += word.chars().count();
        is_first = false;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        let of = |line: &str| {
            let mut out = Vec::new();
            broken(line, 40, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(of("short"), "short\n");
        assert_eq!(
            of("      why      uv.lock line 12 holds litellm 1.82.7 now"),
            "      why      uv.lock line 12 holds \n               litellm 1.82.7 now\n"
        );
        let long = "x".repeat(60);
        assert_eq!(of(&format!("      why      {long}")), format!("      why      {long}\n"));
    }
}
