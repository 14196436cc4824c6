//! `sbom`: writes what a tree is made of.
#![allow(clippy::disallowed_methods, reason = "writes the file that is named on the command line")]

use std::fs;
use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::{beside, cached, statement};
use crate::cli::args::{SbomFormat, SbomOptions};
use crate::cli::{Surroundings, audit, output, shown};
use crate::inventory;
use crate::inventory::artefacts;
use crate::inventory::artefacts::Artefact;
use crate::report::escape;
use crate::sbom::Bom;
use crate::sbom::model::Kind;
use crate::sbom::statement::Predicate;
use crate::sbom::write::cyclonedx;
use crate::sbom::write::spdx as spdx_document;

/// Exit code of a document that says that something could not be looked at.
const INCOMPLETE: u8 = 3;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Cyclonedx(cyclonedx::Version),
    Spdx,
}

pub(super) fn run(options: &SbomOptions, around: &Surroundings) -> Result<u8> {
    let format = format(options.format, options.spec.as_deref())?;
    let root = audit::root(options.path.clone(), around);
    let (mut bom, locks) =
        audit::scene(options.path.clone(), options.evidence.clone(), options.quiet, around, |scene, tree, reading| {
            let (beside, said) = beside::of(&root, tree, reading, around);
            beside::tell(&beside, &said, options.quiet);
            let locks = if options.statement.is_some() { statement::locks(scene, tree) } else { Vec::new() };
            (inventory::of_scene(scene, tree, &beside), locks)
        })?;
    if !options.cache.is_empty() {
        cached::add(&mut bom, &options.cache, around);
    }
    if let Some(folder) = &options.each {
        return each(&bom, format, folder, options.quiet, around);
    }
    let bom = match options.of.as_deref() {
        None => bom,
        Some(LIST) => {
            let lines: String =
                artefacts::list(&bom).iter().map(|a| format!("{}\n", escape::line(&a.label()))).collect();
            output::print(lines.as_bytes())?;
            return Ok(code(&bom));
        }
        Some(wanted) => artefacts::of(&bom, &named(&bom, wanted)?),
    };
    write(&bom, format, &options.output, around)?;
    if let Some(to) = &options.statement {
        let mut document = Vec::new();
        let predicate = match format {
            Format::Cyclonedx(version) => {
                cyclonedx::write(&bom, version, &mut document)?;
                Predicate::CycloneDx
            }
            Format::Spdx => {
                spdx_document::write(&bom, &mut document)?;
                Predicate::Spdx3
            }
        };
        statement::save(&bom, (locks, options.of.is_some()), (predicate, &document), to, around)?;
    }
    if !options.quiet {
        output::say("wrote", &summary(&bom));
    }
    Ok(code(&bom))
}

/// What `--of` is given to list what there is.
const LIST: &str = "list";

fn code(bom: &Bom) -> u8 {
    if bom.about.properties.contains_key(inventory::UNREAD) { INCOMPLETE } else { 0 }
}

/// The artefact of a name on the command line.
fn named(bom: &Bom, wanted: &str) -> Result<Artefact> {
    let all = artefacts::list(bom);
    if let Some(found) = all.iter().find(|artefact| artefact.label() == wanted) {
        return Ok(found.clone());
    }
    let near: Vec<String> =
        all.iter().map(Artefact::label).filter(|label| label.starts_with(&format!("{wanted}@"))).take(8).collect();
    if near.is_empty() {
        bail!("nothing that is called `{wanted}` leaves the repository: `--of list` lists what does")
    }
    bail!("several are called `{wanted}`: {}", near.join(", "))
}

/// Writes the document of the repository and one for each artefact.
fn each(bom: &Bom, format: Format, folder: &Path, is_quiet: bool, around: &Surroundings) -> Result<u8> {
    let into = around.directory.join(folder);
    fs::create_dir_all(&into).with_context(|| format!("failed to make the folder {}", shown(folder)))?;
    let ending = match format {
        Format::Cyclonedx(_) => "cdx.json",
        Format::Spdx => "spdx.json",
    };
    let all = artefacts::list(bom);
    write(bom, format, &folder.join(format!("{}.{ending}", artefacts::REPOSITORY)), around)?;
    for (artefact, name) in all.iter().zip(artefacts::file_names(&all)) {
        write(&artefacts::of(bom, artefact), format, &folder.join(format!("{name}.{ending}")), around)?;
    }
    if !is_quiet {
        output::say("wrote", &format!("{} documents: {}", all.len() + 1, summary(bom)));
    }
    Ok(code(bom))
}

fn format(format: SbomFormat, spec: Option<&str>) -> Result<Format> {
    Ok(match (format, spec) {
        (SbomFormat::Cyclonedx, None | Some("1.7")) => Format::Cyclonedx(cyclonedx::Version::V1_7),
        (SbomFormat::Cyclonedx, Some("1.6")) => Format::Cyclonedx(cyclonedx::Version::V1_6),
        (SbomFormat::Spdx, None | Some("3.0.1")) => Format::Spdx,
        (SbomFormat::Cyclonedx, Some(other)) => bail!("CycloneDX {other} is not written: 1.7 and 1.6 are"),
        (SbomFormat::Spdx, Some(other)) => bail!("SPDX {other} is not written: 3.0.1 is"),
    })
}

fn write(bom: &Bom, format: Format, to: &Path, around: &Surroundings) -> Result<()> {
    let emit = |out: &mut dyn Write| match format {
        Format::Cyclonedx(version) => cyclonedx::write(bom, version, out),
        Format::Spdx => spdx_document::write(bom, out),
    };
    if to == Path::new("-") {
        return match into(io::stdout().lock(), &emit) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        };
    }
    save(&around.directory.join(to), &emit).with_context(|| format!("failed to write {}", shown(to)))
}

/// A document goes out part by part; only a little of it is held at once.
fn into(out: impl Write, emit: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    emit(&mut out)?;
    out.flush()
}

/// A file is put in place as a whole, from one beside it; a device is written to.
fn save(path: &Path, emit: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let is_device = path.metadata().is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
    if is_device {
        return into(fs::OpenOptions::new().write(true).open(path)?, emit);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    let beside = path.with_file_name(name);
    let result = File::create(&beside)
        .and_then(|file| into(&file, emit).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result
}

/// What was written, in a line.
fn summary(bom: &Bom) -> String {
    let count = |is_it: &dyn Fn(Kind) -> bool| bom.components.iter().filter(|c| is_it(c.kind)).count();
    let named = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let parts = [
        named(bom.components.len(), "component", "components"),
        named(count(&Kind::is_model), "model", "models"),
        named(count(&|kind| kind == Kind::Dataset), "data set", "data sets"),
        named(count(&|kind| kind == Kind::Image), "image", "images"),
        named(count(&|kind| kind == Kind::Action), "action", "actions"),
        named(bom.relations.len(), "relation", "relations"),
        named(bom.unknowns.len(), "unknown", "unknown"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
