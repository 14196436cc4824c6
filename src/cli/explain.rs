//! `explain`: a rule's page.

use std::io::Write as _;

use anyhow::{Result, bail};

use super::Surroundings;
use super::args::closest;
use crate::report::page::{self, Looks};
use crate::rules;

pub(super) fn run(id: &str, around: &Surroundings) -> Result<u8> {
    let Some((family, rule)) = rules::find(id) else {
        let hint = closest(id, rules::all().map(|(_, rule)| rule.id))
            .map(|n| format!("; did you mean `{n}`?"))
            .unwrap_or_default();
        bail!("there is no rule `{id}`{hint} `cargo custody rules` lists them all");
    };
    let mut out = std::io::stdout().lock();
    if around.stdout_is_terminal {
        let looks = Looks { colour: !around.no_colour, links: around.links, width: around.columns.unwrap_or(80) };
        write!(out, "{}", page::render(&rule.page(), looks))?;
    } else {
        for line in rule.page().lines() {
            writeln!(out, "{}", line.trim_end_matches("//!").trim_end_matches("#!").trim_end())?;
        }
    }
    writeln!(out, "\nfamily {} · {} severity · since {}", family.id, rule.severity.as_str(), rule.since)?;
    Ok(0)
}
