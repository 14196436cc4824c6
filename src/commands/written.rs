//! Settings of pip that a script writes into its file: `echo`, `printf`, `cat` and `tee` with `pip.conf`
//! behind them.

use std::ops::Range;

use super::files::written_to;
use super::settings::Setting;
use super::site::Site;
use crate::parse::shell::{RedirectOp, basename};

/// Options taken from such text. Source: pip's "Configuration".
const KEYS: &[&str] = &["index-url", "extra-index-url", "find-links", "no-index", "trusted-host"];

/// Adds what a command writes into pip's file, as the variables of the same meaning.
pub(super) fn recognise(site: &Site<'_>, out: &mut Vec<Setting>) {
    let to = match site.call.name.as_str() {
        "tee" => site.call.operands(&[]).first().map(|operand| operand.text.clone()),
        "echo" | "printf" | "cat" => written_to(site),
        _ => return,
    };
    if !to.is_some_and(|to| matches!(basename(&to), "pip.conf" | "pip.ini")) {
        return;
    }
    let mut lines = Vec::new();
    if matches!(site.call.name.as_str(), "echo" | "printf") {
        for arg in &site.call.args {
            // `\n` of `printf` and `echo -e`.
            for line in arg.text.split('\n').flat_map(|line| line.split("\\n")) {
                lines.push((line.to_owned(), arg.range.clone()));
            }
        }
    } else {
        let here = site.command.redirects.iter().find(|r| r.op == RedirectOp::HereDoc);
        let Some(here) = here else { return };
        let body = site.program.show(&here.target).0;
        let range = here.heredoc.clone().unwrap_or_else(|| site.command.range.clone());
        // Where no variable was put in, each line lies where the text says.
        let is_exact = range.len() == body.len();
        let mut at = range.start;
        for line in body.split_inclusive('\n') {
            let own = at..at + line.trim_end().len();
            at += line.len();
            lines.push((line.trim_end().to_owned(), if is_exact { own } else { range.clone() }));
        }
    }
    for (name, value, range) in options(lines) {
        out.push(Setting { name, value, command: site.index, only_there: false, lasts: true, range });
    }
}

/// The options among lines. What follows one further in belongs to it.
fn options(lines: Vec<(String, Range<usize>)>) -> Vec<(String, String, Range<usize>)> {
    let mut out: Vec<(String, String, Range<usize>)> = Vec::new();
    let mut goes_on = false;
    for (line, range) in lines {
        let is_inner = line.starts_with([' ', '\t']) && !line.contains(" = ");
        if let Some((_, value, _)) = out.last_mut().filter(|_| goes_on && is_inner) {
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        goes_on = false;
        let Some((key, value)) = line.split_once(['=', ':']) else { continue };
        let key = key.trim().to_ascii_lowercase().replace('_', "-");
        if KEYS.contains(&key.as_str()) {
            goes_on = true;
            let name = format!("PIP_{}", key.replace('-', "_").to_ascii_uppercase());
            out.push((name, value.trim().to_owned(), range));
        }
    }
    out.retain(|(_, value, _)| !value.trim().is_empty());
    out
}
