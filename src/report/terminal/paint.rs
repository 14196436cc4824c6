//! Colours, and lines cut to a width.

/// Puts colours around text, or none.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    pub on: bool,
}

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }
    pub(super) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }
    pub(super) fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }
    pub(super) fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }
    pub(super) fn green(self, text: &str) -> String {
        self.with("1;32", text)
    }
}

/// Cuts a line to a width, escape sequences not counted.
pub(super) fn cut(line: &str, width: usize) -> String {
    let mut out = String::new();
    let mut shown = 0;
    let mut chars = line.chars().peekable();
    let total = visible(line);
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            out.push(c);
            for c in chars.by_ref() {
                out.push(c);
                if c == 'm' {
                    break;
                }
            }
            continue;
        }
        if shown + 1 >= width && total > width {
            out.push('…');
            if line.contains('\u{1b}') {
                out.push_str("\u{1b}[0m");
            }
            return out;
        }
        out.push(c);
        shown += 1;
    }
    out
}

fn visible(line: &str) -> usize {
    let mut count = 0;
    let mut in_escape = false;
    for c in line.chars() {
        match c {
            '\u{1b}' => in_escape = true,
            'm' if in_escape => in_escape = false,
            _ if in_escape => {}
            _ => count += 1,
        }
    }
    count
}
