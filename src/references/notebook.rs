//! Jupyter notebooks: the Python of their code cells, behind one another as they share their names.

use super::python::Module;
use crate::parse::Budget;
use crate::parse::json::{self, Value};
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
