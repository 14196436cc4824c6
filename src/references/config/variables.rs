//! Values that another place gives, and their defaults.

use std::ops::Range;

pub(super) fn is_quoted(text: &str) -> bool {
    text.len() > 2 && (text.starts_with('"') && text.ends_with('"') || text.starts_with('\'') && text.ends_with('\''))
}

/// Whether another place gives the whole value: `$MODEL`, `${MODEL}`, `$(MODEL)`, or a template's tag.
pub(super) fn is_dynamic(text: &str) -> bool {
    let is_masked = text.len() > 3 && text.bytes().all(|b| b == super::document::MASK);
    let is_variable = text.strip_prefix('$').is_some_and(|rest| {
        let name = rest.trim_start_matches(['{', '(']).trim_end_matches(['}', ')']);
        let name = name.strip_prefix("env.").or_else(|| name.strip_prefix("env:")).unwrap_or(name);
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    is_masked || is_variable
}

/// Where the default stands in `${NAME:-default}`, `${NAME-default}`, `${NAME:default}`, `${env.NAME:=default}` and
/// `${oc.env:NAME,default}`; empty where there is none in it.
pub(super) fn default_of(text: &str) -> Option<Range<usize>> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let at = 2;
    if let Some(rest) = inner.strip_prefix("oc.env:") {
        let comma = rest.find(',')?;
        let from = at + "oc.env:".len() + comma + 1;
        let from = from + (text[from..].len() - text[from..].trim_start().len());
        return Some(from..text.len() - 1);
    }
    let name_end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')?;
    let rest = &inner[name_end..];
    let skip = if rest.starts_with(":-") || rest.starts_with(":=") {
        2
    } else if rest.starts_with([':', '-']) && !rest.starts_with(":+") && !rest.starts_with(":?") {
        1
    } else {
        return Some(0..0);
    };
    Some(at + name_end + skip..text.len() - 1)
}
