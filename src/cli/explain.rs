//! `explain`: a rule's page.

use std::io::Write as _;

use anyhow::{Result, bail};

use super::Surroundings;
use super::args::closest;
use crate::rules;

pub(super) fn run(id: &str, around: &Surroundings) -> Result<u8> {
    let Some((family, rule)) = rules::find(id) else {
        let hint = closest(id, rules::all().map(|(_, rule)| rule.id))
            .map(|n| format!("; did you mean `{n}`?"))
            .unwrap_or_default();
        bail!("there is no rule `{id}`{hint} `cargo custody rules` lists them all");
    };
    let bold = around.stdout_is_terminal && !around.no_colour;
    let mut out = std::io::stdout().lock();
    for line in rule.page().lines() {
        match line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")) {
            Some(title) if bold => writeln!(out, "\u{1b}[1m{title}\u{1b}[0m")?,
            _ => writeln!(out, "{}", line.trim_end_matches("//!").trim_end_matches("#!").trim_end())?,
        }
    }
    writeln!(out, "\nfamily {} · {} severity · since {}", family.id, rule.severity.as_str(), rule.since)?;
    Ok(0)
}
