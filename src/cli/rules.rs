//! `rules`: the table of rules.

use std::io::Write as _;

use anyhow::Result;

use super::args::ListFormat;
use crate::rules;

pub(super) fn run(format: ListFormat) -> Result<u8> {
    let mut out = std::io::stdout().lock();
    match format {
        ListFormat::Text => {
            for family in rules::FAMILIES {
                writeln!(out, "{}: {}", family.id, family.title)?;
                for rule in family.rules {
                    writeln!(out, "  {:<28} {:<9} {}", rule.id, rule.severity.as_str(), rule.title)?;
                }
            }
        }
        ListFormat::Json => {
            let list: Vec<_> = rules::all()
                .map(|(family, rule)| {
                    serde_json::json!({
                        "id": rule.id, "family": family.id, "severity": rule.severity.as_str(),
                        "title": rule.title, "since": rule.since,
                    })
                })
                .collect();
            serde_json::to_writer_pretty(&mut out, &list)?;
            writeln!(out)?;
        }
    }
    Ok(0)
}
