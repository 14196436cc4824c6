//! `scan`: model files by themselves, wherever they lie.

mod kept;
mod pool;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::ScanOptions;
use super::{Surroundings, journal, output, shown};
use crate::report::scan::{Format, Options, Scanned, render};
use crate::scan::{self, FileReport, Limits, Verdict};
use crate::source::DiskFolder;
use kept::Journal;
use pool::{Job, Pool};

pub(super) fn run(options: &ScanOptions, around: &Surroundings, as_cargo: bool) -> Result<u8> {
    let outputs = outputs(options)?;
    let limits = limits(options);
    let journal = match &options.journal {
        Some(path) => {
            let path = around.directory.join(path);
            journal::outside(&path, &options.paths, around)?;
            Some(Journal::open(&path, &limits, options.sha256)?)
        }
        None => None,
    };
    let threads = options.jobs.map_or(around.threads, std::num::NonZero::get);
    let quiet = options.quiet || !around.stderr_is_terminal || around.in_ci;
    let pool = Pool { limits: &limits, journal: journal.as_ref(), sha256: options.sha256, threads, quiet };
    let mut files = Vec::new();
    let mut resumed = 0;
    for path in &options.paths {
        let place = around.directory.join(path);
        if place.is_dir() {
            let (reports, again) = folder(path, &place, &pool)?;
            files.extend(reports);
            resumed += again;
        } else if place.symlink_metadata().is_ok() {
            let (reports, again) = pool.run(&[Job { path: shown(path), place }])?;
            files.extend(reports);
            resumed += again;
        } else {
            bail!("there is no `{}`", shown(path));
        }
    }
    // A file that two paths lead to is told once under each name.
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    let fail_on = if options.fail_on_dangerous() { Verdict::Dangerous } else { Verdict::Suspicious };
    let scanned = Scanned { files, fail_on, resumed };
    write(&scanned, &outputs, options, around, as_cargo)?;
    Ok(scanned.exit_code())
}

/// Scans a folder: its files, and what they are together.
fn folder(path: &Path, place: &Path, pool: &Pool<'_>) -> Result<(Vec<FileReport>, usize)> {
    let folder = DiskFolder::walk(place)
        .map_err(|why| anyhow::anyhow!("{why}"))
        .with_context(|| format!("failed to read `{}`", shown(path)))?;
    let prefix = prefix(path);
    let jobs: Vec<Job> = crate::source::Folder::files(&folder)
        .iter()
        .map(|file| Job { path: format!("{prefix}{file}"), place: folder.place(file) })
        .collect();
    let (mut reports, resumed) = pool.run(&jobs)?;
    scan::links(&folder, &prefix, &mut reports);
    let by_path = reports
        .iter()
        .filter_map(|report| Some((report.path.strip_prefix(&*prefix)?.to_owned(), report.clone())))
        .collect();
    for mut entry in scan::repository::scan(&folder, &by_path, pool.limits) {
        let below = if entry.path == "./" { "" } else { entry.path.as_str() };
        entry.path = format!("{prefix}{below}");
        if entry.path.is_empty() {
            "./".clone_into(&mut entry.path);
        }
        reports.push(entry);
    }
    for (name, why) in &folder.unread {
        reports.push(scan::unread(&format!("{prefix}{name}"), why));
    }
    Ok((reports, resumed))
}

/// What stands before the names of a folder's files: nothing for the working directory.
fn prefix(path: &Path) -> String {
    let text = shown(path);
    let text = text.trim_end_matches(['/', '\\']);
    match text {
        "." | "./" => String::new(),
        "" => "/".to_owned(),
        text => format!("{text}/"),
    }
}

fn limits(options: &ScanOptions) -> Limits {
    let mut limits = Limits::default();
    if let Some(gib) = options.unpack_limit {
        limits.decoded = gib << 30;
        limits.ratio = u64::MAX;
    }
    limits
}

fn outputs(options: &ScanOptions) -> Result<Vec<(Format, PathBuf)>> {
    let outputs = match (options.format, options.output.as_slice()) {
        (Some(format), _) => vec![(format, PathBuf::from("-"))],
        (None, []) => vec![(Format::Terminal, PathBuf::from("-"))],
        (None, list) => list.to_vec(),
    };
    for (index, (_, file)) in outputs.iter().enumerate() {
        if outputs[..index].iter().any(|(_, other)| other == file) {
            bail!("two reports go to `{}`", shown(file));
        }
    }
    Ok(outputs)
}

/// A path as a shell takes it.
fn typed(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=@%:,\\".contains(c);
    if !path.is_empty() && path.chars().all(is_plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

fn write(
    scanned: &Scanned,
    outputs: &[(Format, PathBuf)],
    options: &ScanOptions,
    around: &Surroundings,
    as_cargo: bool,
) -> Result<()> {
    let (to_stdout, to_files): (Vec<_>, Vec<_>) = outputs.iter().partition(|(_, file)| file == Path::new("-"));
    let paths: Vec<String> = options.paths.iter().map(|path| typed(&shown(path))).collect();
    let paths = paths.join(" ");
    for (format, file) in to_files.into_iter().chain(to_stdout) {
        let to_stdout = file == Path::new("-");
        let (colour, width) = output::paint(options.color, around, to_stdout);
        let elapsed = Some(around.started.elapsed());
        let shown_as = Options { all: options.all, colour, width, elapsed, as_cargo, paths: Some(&paths) };
        let mut bytes = Vec::new();
        render(scanned, *format, &shown_as, &mut bytes)?;
        if to_stdout {
            output::print(&bytes)?;
        } else {
            output::save(&around.directory.join(file), &bytes)
                .with_context(|| format!("failed to write `{}`", shown(file)))?;
        }
    }
    Ok(())
}
