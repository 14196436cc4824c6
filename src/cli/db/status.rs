//! `db status`: which indexes there are, and which an audit would use.

use std::io::Write as _;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::advisory::Index;
use crate::audit::Knowledge;
use crate::cli::args::ListFormat;
use crate::cli::index::{EMBEDDED, LOCAL, is_current, store};
use crate::cli::store::Stored;
use crate::cli::{Surroundings, shown};
use crate::decide::knowledge;
use crate::report::escape::terminal as clean;

/// The previous local index.
const PREVIOUS: &str = "previous";

/// All indexes, as JSON.
#[derive(Serialize)]
struct Listing {
    in_use: String,
    folder: Option<String>,
    indexes: Vec<Knowledge>,
    damaged: Vec<String>,
}

pub(super) fn run(format: ListFormat, around: &Surroundings) -> Result<u8> {
    let mut listing = Listing {
        in_use: EMBEDDED.to_owned(),
        folder: around.home.as_ref().map(|home| shown(home)),
        indexes: vec![named(EMBEDDED, Index::embedded(), around)],
        damaged: Vec::new(),
    };
    let mut out = std::io::stdout().lock();
    let is_text = format == ListFormat::Text;
    if is_text {
        print(&listing.indexes[0], None, &mut out)?;
    }
    if let Some(store) = store(around) {
        for (name, found) in [(LOCAL, store.current()), (PREVIOUS, store.previous())] {
            match found {
                Ok(None) => {}
                Ok(Some(stored)) => {
                    let known = named(name, &stored.index, around);
                    if name == LOCAL && is_current(&stored.index) {
                        listing.in_use = LOCAL.to_owned();
                    }
                    if is_text {
                        print(&known, Some(&stored), &mut out)?;
                    }
                    listing.indexes.push(known);
                }
                // Where nothing of the folder can be understood, once is enough.
                Err(error) => {
                    let text = format!("{error:#}");
                    if !listing.damaged.contains(&text) {
                        listing.damaged.push(text);
                    }
                }
            }
        }
    }
    if is_text {
        let folder =
            listing.folder.as_deref().map_or("nowhere: CARGO_CUSTODY_HOME can name a folder".to_owned(), clean);
        writeln!(out, "an audit uses the {} index · local indexes lie in {folder}", listing.in_use)?;
    } else {
        writeln!(out, "{}", serde_json::to_string_pretty(&listing)?)?;
    }
    match listing.damaged.is_empty() {
        true => Ok(0),
        false => bail!("{}", listing.damaged.join("; ")),
    }
}

/// One index, after it was put in use.
pub(super) fn print_one(name: &str, index: &Index, around: &Surroundings) -> Result<()> {
    print(&named(name, index, around), None, &mut std::io::stdout().lock())?;
    Ok(())
}

fn named(name: &str, index: &Index, around: &Surroundings) -> Knowledge {
    Knowledge { index: name.to_owned(), ..knowledge::of_index(index, around.seconds()) }
}

fn print(known: &Knowledge, stored: Option<&Stored>, out: &mut impl std::io::Write) -> std::io::Result<()> {
    writeln!(out, "{} index · sha256 {}", known.index, known.digest)?;
    if let Some(stored) = stored {
        let about = &stored.about;
        let signed = about.signed_by.as_ref().map(|key| format!(" · signed by {}", clean(key))).unwrap_or_default();
        let unusable = match about.unusable {
            0 => String::new(),
            n => format!(" · {n} records could not be used"),
        };
        writeln!(out, "  from {}{signed}{unusable}", clean(&about.from))?;
    }
    for source in &known.sources {
        writeln!(
            out,
            "  {:<16} {:>6} records · {} ({} days old) · {} @ {}",
            clean(&source.ecosystem),
            source.records,
            clean(&source.as_of),
            source.age_days,
            clean(&source.name),
            clean(&source.commit)
        )?;
    }
    Ok(())
}
