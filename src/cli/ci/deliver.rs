//! What a service gets of one audit: the log, files, the job's page, values for later steps, the body of a comment.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::places::Places;
use crate::audit::{Audit, State};
use crate::ci::{Missing, Run, Service};
use crate::cli::args::CiOptions;
use crate::cli::{Surroundings, output, shown};
use crate::report::escape;
use crate::report::{COMMENT_MARKER, Format, Options, render};

/// Length of one text that may hold a stranger's words.
const TEXT: usize = 1000;

/// Refuses what cannot work before anything is audited.
pub(super) fn check(options: &CiOptions) -> Result<()> {
    output::check(&options.audit.output)
}

/// What is needed to hand an audit over.
pub(super) struct Delivery<'a> {
    pub(super) run: &'a Run,
    pub(super) places: &'a Places,
    pub(super) options: &'a CiOptions,
    pub(super) around: &'a Surroundings,
    pub(super) as_cargo: bool,
}

/// Reports that are written to the folder.
struct Files {
    sarif: Option<PathBuf>,
    json: Option<PathBuf>,
    summary: Option<PathBuf>,
    comment: Option<PathBuf>,
}

impl Delivery<'_> {
    /// Hands an audit over: files first, for what is said elsewhere names them.
    pub(super) fn audit(&self, audit: &Audit, folder: &str) -> Result<()> {
        let asked = self.asked();
        self.places.prepare()?;
        let markdown = self.render(audit, Format::Markdown)?;
        let files = Files {
            sarif: self.file(audit, self.sarif(), "custody.sarif")?,
            json: self.file(audit, Format::Json, "custody.json")?,
            summary: self.places.write("summary.md", &markdown)?,
            comment: self.places.write("comment.md", &self.render(audit, Format::Comment)?)?,
        };
        self.services_own(audit)?;
        let markdown = String::from_utf8_lossy(&markdown);
        let (short, line) = (short(audit, self.run, &files), line(audit));
        let notes = notes(self.run);
        let texts = [markdown.as_ref(), &short, &line].map(|text| format!("{notes}{text}\n"));
        self.places.summarize(&texts.each_ref().map(String::as_str))?;
        self.places.give(&values(audit, self.run, &files))?;
        let show = &self.options.audit.show;
        let section = self.run.service == Service::GitLab && self.options.audit.output.is_empty();
        if section {
            output::print(section_start(self.around).as_bytes())?;
        }
        let told = output::Told { folder: Some(folder), ..output::Told::default() };
        output::write(audit, &asked, show, self.around, self.as_cargo, told)?;
        if self.annotates() {
            output::print(&self.render(audit, Format::Github)?)?;
        }
        if section {
            output::print(section_end(self.around).as_bytes())?;
        }
        Ok(())
    }

    /// What goes where a person said, or to the log where nobody did.
    fn asked(&self) -> Vec<(Format, PathBuf)> {
        let stdout = PathBuf::from("-");
        match (self.options.audit.format, self.options.audit.output.as_slice()) {
            (Some(format), _) => vec![(format, stdout)],
            (None, list) if list.iter().any(|(_, file)| *file == stdout) => list.to_vec(),
            (None, list) => list.iter().cloned().chain([(Format::Terminal, stdout)]).collect(),
        }
    }

    /// Whether annotations follow the report: not where a person said what standard output is for.
    fn annotates(&self) -> bool {
        let options = &self.options.audit;
        let is_free = options.format.is_none() && !options.output.iter().any(|(_, file)| file == Path::new("-"));
        is_free && self.run.service == Service::GitHub
    }

    fn render(&self, audit: &Audit, format: Format) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let options = Options { as_cargo: self.as_cargo, ..Options::default() };
        render(audit, format, &options, &mut bytes)?;
        Ok(bytes)
    }

    /// SARIF as this service reads it.
    fn sarif(&self) -> Format {
        if self.run.service == Service::GitHub { Format::CodeScanning } else { Format::Sarif }
    }

    /// The file of a report: where a person asked for it, else one in the folder.
    fn file(&self, audit: &Audit, format: Format, name: &str) -> Result<Option<PathBuf>> {
        let asked = self.options.audit.output.iter().find(|(f, file)| *f == format && file != Path::new("-"));
        match asked {
            Some((_, file)) => Ok(Some(self.around.directory.join(file))),
            None if self.places.folder().is_none() => Ok(None),
            None => self.places.write(name, &self.render(audit, format)?),
        }
    }

    /// Reports that this service alone reads.
    fn services_own(&self, audit: &Audit) -> Result<()> {
        let list: &[(Format, &str)] = match self.run.service {
            Service::GitHub | Service::Generic => &[],
            Service::GitLab => &[
                (Format::GitlabCodeQuality, "gl-code-quality-report.json"),
                (Format::GitlabDependencyScanning, "gl-dependency-scanning-report.json"),
                (Format::Junit, "junit.xml"),
            ],
            Service::Azure | Service::Buildkite | Service::Jenkins | Service::Bitbucket => {
                &[(Format::Junit, "junit.xml")]
            }
        };
        for (format, name) in list {
            self.file(audit, *format, name)?;
        }
        Ok(())
    }
}

/// Source: docs.gitlab.com "Job logs", custom collapsible sections.
fn section_start(around: &Surroundings) -> String {
    format!("\u{1b}[0Ksection_start:{}:cargo_custody\r\u{1b}[0Kcargo-custody\n", around.seconds())
}

fn section_end(around: &Surroundings) -> String {
    format!("\u{1b}[0Ksection_end:{}:cargo_custody\r\u{1b}[0K\n", around.seconds())
}

/// What a person should know of the run, as quoted Markdown.
fn notes(run: &Run) -> String {
    let lines: String = run.notes.iter().map(|note| format!("> {}\n", escape::markdown(note))).collect();
    if lines.is_empty() { lines } else { format!("{lines}\n") }
}

/// How many findings are in a state. Without a base nothing is said of when they came.
fn count(audit: &Audit, state: State) -> usize {
    match &audit.gate {
        Some(gate) if !gate.counts.is_empty() => gate.counts.get(&state).copied().unwrap_or(0),
        _ => audit.findings.iter().filter(|finding| finding.state == state).count(),
    }
}

fn decided(audit: &Audit, decision: crate::audit::Decision) -> usize {
    audit.decided(decision).count()
}

/// The verdict in one line, without a stranger's word.
fn line(audit: &Audit) -> String {
    use crate::audit::Decision::{Advise, Block};
    let incomplete = if audit.complete { "" } else { "; not everything could be read" };
    let forced = audit.gate.as_ref().is_some_and(|gate| gate.forced.is_some());
    let forced = if forced { "; the gate was forced open" } else { "" };
    format!(
        "cargo-custody: {} ({} block, {} advise{incomplete}{forced})",
        audit.judged().as_str(),
        decided(audit, Block),
        decided(audit, Advise)
    )
}

/// The page where all of it is too long: the verdict, the counts and where the whole report is.
fn short(audit: &Audit, run: &Run, files: &Files) -> String {
    let mut out = format!("## {}\n\n", line(audit));
    let counts = |state: &State| match count(audit, *state) {
        0 => None,
        n => Some(format!("{n} {}", state.as_str())),
    };
    let counts: Vec<String> = State::ALL.iter().filter_map(counts).collect();
    if !counts.is_empty() {
        out.push_str(&format!("{}\n\n", counts.join(" · ")));
    }
    out.push_str("The full report is too long for this place. ");
    let whole = files.summary.as_ref().or(files.json.as_ref());
    match whole.and_then(|file| file.file_name()).map(|name| name.to_string_lossy()) {
        Some(name) => out.push_str(&format!("It is the file {} of the job's reports", escape::markdown(&name))),
        None => out.push_str("`--report-dir` keeps it"),
    }
    match &run.page {
        Some(page) => out.push_str(&format!(", and the job's log has it as well: {}\n", escape::markdown(page))),
        None => out.push_str(", and the job's log has it as well.\n"),
    }
    out
}

/// Values for later steps.
fn values(audit: &Audit, run: &Run, files: &Files) -> Vec<(&'static str, String)> {
    use crate::audit::Decision::{Advise, Block};
    let path = |file: &Option<PathBuf>| file.as_deref().map(shown).unwrap_or_default();
    let number = |state| count(audit, state).to_string();
    let gate = audit.gate.as_ref();
    let commit = |revision: Option<&crate::audit::Revision>| revision.and_then(|r| r.commit.clone());
    vec![
        ("verdict", audit.judged().as_str().to_owned()),
        ("complete", audit.complete.to_string()),
        ("block", decided(audit, Block).to_string()),
        ("advise", decided(audit, Advise).to_string()),
        ("new", number(State::New)),
        ("changed", number(State::Changed)),
        ("fixed", gate.map_or(0, |gate| gate.fixed.len()).to_string()),
        ("existing", number(State::Existing)),
        ("suppressed", number(State::Suppressed)),
        ("total", audit.findings.len().to_string()),
        ("sarif", path(&files.sarif)),
        ("json", path(&files.json)),
        ("summary", path(&files.summary)),
        ("comment", path(&files.comment)),
        ("base", gate.and_then(|gate| commit(gate.base.as_ref())).unwrap_or_default()),
        ("head", gate.map_or_else(|| audit.commit.clone(), |gate| commit(Some(&gate.head))).unwrap_or_default()),
        ("can-upload", run.can_upload.to_string()),
    ]
}

/// Says that there was nothing to compare with. Numbers stay empty: nothing was counted.
pub(super) fn missing(missing: &Missing, run: &Run, places: &Places) -> Result<()> {
    output::say("error", &missing.sentence);
    for why in &missing.tried {
        output::say("note", &format!("tried: {why}"));
    }
    if run.service == Service::GitHub {
        let (title, text) = (escape::workflow_property("cargo-custody: nothing judged"), &missing.sentence);
        output::print(format!("::error title={title}::{}\n", escape::workflow_data(text)).as_bytes())?;
    }
    let text = |text: &str| escape::markdown(&escape::shorten(text, TEXT));
    let sentence = text(&missing.sentence);
    let tried: String = missing.tried.iter().map(|why| format!("- {}\n", text(why))).collect();
    let page = format!("## cargo-custody: incomplete\n\n{}Nothing was judged: {sentence}\n\n{tried}\n", notes(run));
    let line = "cargo-custody: incomplete (nothing was judged)\n";
    places.prepare()?;
    let comment = places.write("comment.md", format!("{COMMENT_MARKER}\n{page}").as_bytes())?;
    places.summarize(&[&page, line])?;
    places.give(&[
        ("verdict", "incomplete".to_owned()),
        ("complete", "false".to_owned()),
        ("comment", comment.as_deref().map(shown).unwrap_or_default()),
        ("can-upload", "false".to_owned()),
    ])
}
