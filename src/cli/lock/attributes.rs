//! `.gitattributes`: tells git that a lock's lines of both sides of a merge are taken.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::cli::staged::replace;
use crate::cli::waive::say;
use crate::lock;
use crate::source::{Bytes as _, FileBytes};

/// The file's name.
const FILE: &str = ".gitattributes";
/// Bytes of the largest that is added to.
const LARGEST: u64 = 1 << 20;

/// Adds the line, unless one speaks of the lock already. What cannot be added to is told and left alone.
pub(super) fn add(root: &Path) -> Result<()> {
    let place = root.join(FILE);
    let line = format!("{} merge=union", lock::FILE);
    let before = match place.symlink_metadata() {
        Err(_) => None,
        Ok(meta) if !meta.is_file() || meta.len() > LARGEST => {
            say(&format!("`{FILE}` is no plain file: put `{line}` where git finds it, so that locks merge"));
            return Ok(());
        }
        Ok(_) => {
            let bytes = FileBytes::open(&place).and_then(|bytes| bytes.up_to(0, usize::try_from(LARGEST).unwrap_or(0)));
            let bytes = bytes.map_err(anyhow::Error::msg).with_context(|| format!("failed to read `{FILE}`"))?;
            match String::from_utf8(bytes) {
                Ok(text) => Some(text),
                Err(_) => {
                    say(&format!("`{FILE}` is not UTF-8: put `{line}` where git finds it, so that locks merge"));
                    return Ok(());
                }
            }
        }
    };
    let Some(after) = with_line(before.as_deref().unwrap_or(""), &line) else { return Ok(()) };
    replace(root, FILE, before.as_deref(), &after)?;
    say(&format!("`{line}` is added to {FILE}, so that two people's locks merge without conflict"));
    Ok(())
}

/// The text with the line; none where a line speaks of the lock already.
fn with_line(text: &str, line: &str) -> Option<String> {
    let names =
        |line: &str| line.split_whitespace().next().is_some_and(|name| name.trim_start_matches('/') == lock::FILE);
    if text.lines().any(names) {
        return None;
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let between = if text.is_empty() || text.ends_with('\n') { "" } else { end };
    Some(format!("{text}{between}{line}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_added_once() {
        let line = "custody.lock merge=union";
        assert_eq!(with_line("", line).as_deref(), Some("custody.lock merge=union\n"));
        assert_eq!(with_line("*.bin -text", line).as_deref(), Some("*.bin -text\ncustody.lock merge=union\n"));
        assert_eq!(with_line("*.bin -text\r\n", line).as_deref(), Some("*.bin -text\r\ncustody.lock merge=union\r\n"));
        assert_eq!(with_line("/custody.lock -merge\n", line), None);
    }
}
