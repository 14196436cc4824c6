//! CSV: a line of names, one of which is that of the values, another perhaps that of their kinds.

use super::List;
use super::prefix;

const VALUES: &[&str] = &["value", "indicator", "ioc", "target", "name", "observable", "package"];
const KINDS: &[&str] = &["kind", "type", "indicator_type", "ioc_type", "ecosystem"];
const VERSIONS: &[&str] = &["version", "versions", "affected_versions"];

/// Which columns count.
struct Columns {
    value: usize,
    kind: Option<usize>,
    versions: Option<usize>,
}

fn columns(head: &str) -> Option<Columns> {
    let names: Vec<String> =
        fields(head).iter().map(|name| name.trim().to_ascii_lowercase().replace(' ', "_")).collect();
    let find = |words: &[&str]| words.iter().find_map(|word| names.iter().position(|name| name == word));
    (names.len() > 1).then_some(())?;
    Some(Columns { value: find(VALUES)?, kind: find(KINDS), versions: find(VERSIONS) })
}

fn head(text: &str) -> Option<(usize, &str)> {
    (1..).zip(text.lines()).find(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

/// Whether the first line names columns.
pub(super) fn is_table(text: &str) -> bool {
    head(text).is_some_and(|(_, line)| columns(line).is_some())
}

pub(super) fn read(text: &str, out: &mut List) {
    let Some((first, line)) = head(text) else { return };
    let Some(columns) = columns(line) else { return };
    for (number, line) in (1..).zip(text.lines()).skip(first) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let fields = fields(line);
        let field = |at: usize| fields.get(at).map(|field| field.trim()).filter(|field| !field.is_empty());
        let Some(value) = field(columns.value) else {
            out.problems.push((number, "the line has no value".to_owned()));
            continue;
        };
        let kind = columns.kind.and_then(field).unwrap_or_default();
        let Some(prefix) = prefix(kind) else {
            out.problems.push((number, format!("`{kind}` is no kind that is asked about")));
            continue;
        };
        let versions = columns.versions.and_then(field).map(|versions| format!("@{versions}")).unwrap_or_default();
        out.take(number, &format!("{prefix}{value}{versions}"));
    }
}

/// The fields of a line; a field in quotes may hold commas.
fn fields(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut is_quoted = false;
    let mut signs = line.chars().peekable();
    while let Some(sign) = signs.next() {
        let Some(last) = out.last_mut() else { break };
        match sign {
            '"' if is_quoted && signs.peek() == Some(&'"') => {
                signs.next();
                last.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' | ';' | '\t' if !is_quoted => out.push(String::new()),
            sign => last.push(sign),
        }
    }
    out
}
