//! Jupyter notebooks: the Python of their code cells, behind one another as they share their names.

use std::sync::Arc;

use super::acts;
use super::config::document::Format;
use super::config::walk;
use super::found::FileFound;
use super::python::Module;
use crate::parse::Budget;
use crate::parse::json::{self, Value};
use crate::parse::shell;
use crate::source::Embedded;

/// The Python of a notebook; none where it holds none.
///
/// # Errors
/// Why it cannot be read.
pub(in crate::references) fn module(path: &str, text: &str) -> Result<Option<Module>, String> {
    let read = json::parse_without(text, &["outputs", "attachments"], &mut Budget::default());
    let Some(root) = &read.root else { return Err("it is no notebook: it holds no JSON".to_owned()) };
    let Some(cells) = cells(root) else {
        return if root.get("nbformat").is_some() { Err("a notebook without `cells`".to_owned()) } else { Ok(None) };
    };
    if !is_python(root) {
        return Ok(None);
    }
    let mut out = Embedded::new();
    for cell in cells {
        if cell.get("cell_type").and_then(Value::as_str) != Some("code") {
            continue;
        }
        let Some(source) = cell.get("source").or_else(|| cell.get("input")) else { continue };
        let mut own = Embedded::new();
        match source.as_text() {
            Some(whole) => own.append(whole),
            None => source.items().iter().filter_map(Value::as_text).for_each(|line| own.append(line)),
        }
        // A cell of another language begins with its name.
        let first = own.text.trim_start();
        if first.starts_with("%%") && !["%%time", "%%capture", "%%timeit"].iter().any(|magic| first.starts_with(magic))
        {
            continue;
        }
        let end = own.text.len();
        let at = own.host_span(end..end);
        out.append(&own);
        out.push_replaced("\n", at);
    }
    Ok((!out.text.is_empty()).then(|| Module::of_cells(path, out)))
}

/// What the cells load that are of another language, and the commands between the Python.
pub(in crate::references) fn others(path: &Arc<str>, text: &str, out: &mut FileFound) {
    if !["%%writefile", "%%bash", "%%sh", "%%script", "\"!"].iter().any(|mark| text.contains(mark)) {
        return;
    }
    let read = json::parse_without(text, &["outputs", "attachments"], &mut Budget::default());
    let mut commands = Embedded::new();
    for cell in read.root.as_ref().and_then(cells).into_iter().flatten() {
        if cell.get("cell_type").and_then(Value::as_str) != Some("code") {
            continue;
        }
        let own = source(cell);
        let first = own.text.split('\n').next().unwrap_or("");
        let rest = own.part((first.len() + 1).min(own.text.len())..own.text.len());
        let mut words = first.split_whitespace();
        match (words.next(), words.rfind(|word| !word.starts_with('-'))) {
            (Some("%%bash" | "%%sh"), _) | (Some("%%script"), Some("bash" | "sh")) => line(&rest, &mut commands),
            (Some("%%writefile"), Some(name)) => written(path, name, rest, &mut commands, out),
            _ => said(&own, &mut commands),
        }
    }
    if !commands.text.is_empty() {
        let program = shell::parse(&commands.text, &mut Budget::default());
        out.references.extend(acts::of_script(path, &crate::commands::facts(&program), &commands));
    }
}

/// The lines of a cell that begin with `!`, with those they go on in.
fn said(own: &Embedded, commands: &mut Embedded) {
    let mut at = 0;
    let mut goes_on = false;
    for text in own.text.split_inclusive('\n') {
        let start = at + (text.len() - text.trim_start().len());
        let begins = own.text.get(start..).is_some_and(|rest| rest.starts_with('!')) && start < at + text.len();
        if begins || goes_on {
            let from = if begins { start + 1 } else { at };
            line(&own.part(from..at + text.trim_end_matches('\n').len()), commands);
            goes_on = text.trim_end().ends_with('\\');
        }
        at += text.len();
    }
}

fn line(text: &Embedded, commands: &mut Embedded) {
    let end = text.text.len();
    let at = text.host_span(end..end);
    commands.append(text);
    commands.push_replaced("\n", at);
}

/// A file that a cell writes.
fn written(path: &Arc<str>, name: &str, rest: Embedded, commands: &mut Embedded, out: &mut FileFound) {
    let format = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("yaml" | "yml") => Format::Yaml,
        Some("json") => Format::Json,
        Some("toml") => Format::Toml,
        Some("sh") => return line(&rest, commands),
        Some("py") => {
            let (references, unresolved) = acts::programs::of_text(path, rest);
            out.references.extend(references);
            out.unresolved.extend(unresolved);
            return;
        }
        _ => return,
    };
    walk::of_part(path, format, &rest, false, out);
}

/// The text of a cell.
fn source(cell: &Value) -> Embedded {
    let mut own = Embedded::new();
    if let Some(source) = cell.get("source").or_else(|| cell.get("input")) {
        match source.as_text() {
            Some(whole) => own.append(whole),
            None => source.items().iter().filter_map(Value::as_text).for_each(|line| own.append(line)),
        }
    }
    own
}

/// The cells; format 3 kept them in worksheets.
fn cells(root: &Value) -> Option<Vec<&Value>> {
    if let Some(cells) = root.get("cells") {
        return Some(cells.items().iter().collect());
    }
    let sheets = root.get("worksheets")?;
    Some(sheets.items().iter().filter_map(|sheet| sheet.get("cells")).flat_map(Value::items).collect())
}

/// Whether the kernel runs Python; they are named as people like.
fn is_python(root: &Value) -> bool {
    let metadata = root.get("metadata");
    let of = |table: &str, key: &str| metadata?.get(table)?.get(key)?.as_str().map(str::to_ascii_lowercase);
    let named = of("kernelspec", "language").or_else(|| of("language_info", "name"));
    !matches!(
        named.as_deref(),
        Some(
            "r" | "julia"
                | "rust"
                | "javascript"
                | "typescript"
                | "scala"
                | "c++"
                | "go"
                | "sql"
                | "c#"
                | "bash"
                | "sh"
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_other_languages_are_read() {
        let cells = [
            r#"["%%writefile config.yaml\n", "base_model: orion/a\n"]"#,
            r#"["%%bash\n", "hf download orion/b\n"]"#,
            r#"["x = 1\n", "!hf download orion/c \\\n", "  --local-dir x\n"]"#,
            r#"["%%writefile run.py\n", "from transformers import AutoModel\n", "AutoModel.from_pretrained('orion/d')\n"]"#,
        ];
        let cells: Vec<String> =
            cells.iter().map(|source| format!("{{\"cell_type\": \"code\", \"source\": {source}}}")).collect();
        let text = format!("{{\"cells\": [{}]}}", cells.join(",\n"));
        let mut out = FileFound::default();
        others(&Arc::from("a.ipynb"), &text, &mut out);
        let mut found: Vec<&str> = out.references.iter().map(|one| one.name.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, ["orion/a", "orion/b", "orion/c", "orion/d"]);
        for one in &out.references {
            assert!(text[one.place.span.range(text.len())].contains(one.name.as_str()));
        }
    }
}
