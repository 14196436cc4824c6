//! `explain`: all that is known of findings of the first screen, or a rule's page.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Result, bail};

use super::args::{AuditOptions, ExplainOptions, Show, closest};
use super::{Surroundings, again, audit, output, waive};
use crate::report::page::{self, Looks};
use crate::report::{self, Options};
use crate::rules;

pub(super) fn run(options: &ExplainOptions, around: &Surroundings, as_cargo: bool) -> Result<u8> {
    match meant(&options.what) {
        Meant::Rule => rule(&options.what, around),
        meant => finding(&meant, options, around, as_cargo),
    }
}

/// What a word stands for.
#[derive(Debug, PartialEq, Eq)]
enum Meant {
    /// A group of the first screen.
    Number(usize),
    /// A finding: its fingerprint, or RULE@PATH:LINE.
    Finding,
    /// A rule.
    Rule,
}

fn meant(word: &str) -> Meant {
    let is_hex = |word: &str| word.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    match word {
        // No rule is called by digits alone, and no screen has a hundred thousand groups.
        _ if word.len() < 6 && word.bytes().all(|b| b.is_ascii_digit()) => {
            word.parse().map_or(Meant::Rule, Meant::Number)
        }
        _ if word.contains('@') || (is_hex(word) && word.bytes().any(|b| b.is_ascii_digit())) => Meant::Finding,
        _ if word.len() >= 8 && is_hex(word) => Meant::Finding,
        _ => Meant::Rule,
    }
}

fn finding(meant: &Meant, options: &ExplainOptions, around: &Surroundings, as_cargo: bool) -> Result<u8> {
    let asked = AuditOptions { compare: options.compare.clone(), ..audit::options_of(&options.tree) };
    let (audit, folder) = audit::audit(options.tree.tree.clone(), &asked, around)?;
    let show = Show { all: true, verbose: true, color: options.color, bom_link: None };
    let root = audit::root(options.tree.tree.clone(), around);
    let address = again::address(&root, options.compare.head.is_some(), around);
    let plain = output::options(&show, around, as_cargo, true);
    let links = address.as_deref().filter(|_| plain.colour);
    let shown = Options { folder: Some(&folder), links, ..plain };
    let mut out = Vec::new();
    if let Meant::Number(number) = meant {
        if !report::explain_group(&audit, *number, &shown, &mut out)? {
            let call = if as_cargo { "cargo custody" } else { "cargo-custody" };
            match report::groups_shown(&audit) {
                0 => bail!("there is no group {number}: the screen has none, see `{call}`"),
                1 => bail!("there is no group {number}: the screen has one, see `{call}`"),
                last => bail!("there is no group {number}: the screen has 1 to {last}, see `{call}`"),
            }
        }
    } else {
        let found = waive::select(&audit, &options.what)?;
        report::explain_findings(&audit, &found, &shown, &mut out)?;
    }
    output::print(&out)?;
    // The process ends here; taking all of it apart piece by piece is time lost.
    std::mem::forget(audit);
    Ok(0)
}

fn rule(id: &str, around: &Surroundings) -> Result<u8> {
    let Some((family, rule)) = rules::find(id) else { return not_found(id, around) };
    let mut out = Vec::new();
    if around.stdout_is_terminal {
        let looks = Looks { colour: !around.no_colour, links: around.links, width: around.columns.unwrap_or(80) };
        write!(out, "{}", page::render(&rule.page(), looks))?;
    } else {
        for line in rule.page().lines() {
            writeln!(out, "{}", line.trim_end_matches("//!").trim_end_matches("#!").trim_end())?;
        }
    }
    writeln!(out, "\nfamily {} · {} severity · since {}", family.id, rule.severity.as_str(), rule.since)?;
    output::print(&out)?;
    Ok(0)
}

/// No rule has this name: a family may have, a file may, or something like it.
fn not_found(id: &str, around: &Surroundings) -> Result<u8> {
    if let Some(family) = rules::FAMILIES.iter().find(|family| family.id == id) {
        let names: Vec<&str> = family.rules.iter().map(|rule| rule.id).collect();
        bail!("`{id}` is a family of rules; name one of them: {}", names.join(", "));
    }
    if let Some(near) = closest(id, rules::all().map(|(_, rule)| rule.id)) {
        bail!("there is no rule `{id}`; did you mean `{near}`? `cargo custody rules` lists them all");
    }
    if around.directory.join(Path::new(id)).is_dir() {
        bail!("`{id}` is a folder, not a rule: `cargo custody explain 1 --tree {id}` explains what is found there");
    }
    bail!(
        "there is no rule `{id}`; `cargo custody rules` lists them all, and numbers and fingerprints of findings are \
         explained, too"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_number_a_finding_or_a_rule() {
        for (word, is) in [
            ("1", Meant::Number(1)),
            ("0", Meant::Number(0)),
            ("12345", Meant::Number(12345)),
            ("12345678", Meant::Finding),
            ("deadbeef", Meant::Finding),
            ("ab12", Meant::Finding),
            ("aabbccdd11223344:0011", Meant::Finding),
            ("unpinned-action@a/b.yml:3", Meant::Finding),
            ("unpinned-action", Meant::Rule),
            ("dead", Meant::Rule),
        ] {
            assert_eq!(meant(word), is, "{word}");
        }
    }
}
