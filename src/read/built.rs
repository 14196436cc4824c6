//! Things already built that lie in the tree: installed distributions, wheels, source distributions,
//! `.pth` files, binaries with a list of crates. Nothing is unpacked to disk, nothing is run.

pub mod binary;
pub mod installed;
pub mod opaque;
pub mod path_file;
pub mod sdist;
#[cfg(test)]
mod tests;
pub mod wheel;

use crate::graph::identity::distribution_name;
use crate::graph::kinds::artifact::{BuiltDistribution, Disagreement};
use crate::graph::kinds::python::{Group, Origin, Requirement};
use crate::parse::archive::Member;
use crate::parse::core_metadata::{self, Header};
use crate::parse::{Budget, Problem};
use crate::source::{Span, Spanned};

use super::requirement::strict;

/// Bytes of a licence that is told; the older field may hold the whole text of one.
const LICENCE: usize = 80;
/// Sentences about one archive; what is wrong with one file is often wrong with all.
const SENTENCES: usize = 16;
/// Bytes of metadata, a list of files or a `.pth` file that are kept of an archive.
const KEPT: usize = 8 << 20;

/// What core metadata say.
fn distribution(text: &str, budget: &mut Budget, problems: &mut Vec<Problem>) -> BuiltDistribution {
    let mut read = core_metadata::parse(text, budget);
    problems.append(&mut read.problems);
    let mut out = BuiltDistribution::default();
    let whole =
        |header: &Header| Spanned::new(header.value.text.clone(), header.value.host_span(0..header.value.text.len()));
    let short = |header: &&Header| header.value.text.len() <= LICENCE && !header.value.text.contains('\n');
    out.licence =
        read.get("License-Expression").or_else(|| read.get("License").filter(short)).map(whole).filter(is_told);
    out.version = read.get("Version").map(whole);
    for header in read.all("Requires-Dist") {
        if !budget.take_entry(header.value.text.len()) {
            problems.push(Problem::new(header.span, "too many requirements; the rest was not read"));
            break;
        }
        match strict(&header.value, header.span, Group::Runtime) {
            Ok(mut requirement) => {
                requirement.group = group(&requirement);
                out.requirements.push(requirement);
            }
            Err(problem) => problems.push(problem),
        }
    }
    match read.get("Name") {
        Some(name) => out.name = whole(name),
        None => problems.push(Problem::new(Span::default(), "it has no `Name`")),
    }
    out
}

fn is_told(licence: &Spanned<String>) -> bool {
    !licence.value.is_empty() && licence.value != "UNKNOWN"
}

/// The extra that a marker binds a requirement to.
fn group(requirement: &Requirement) -> Group {
    let marker = requirement.marker.as_ref().map_or("", |m| m.value.as_str());
    let Some((_, after)) = marker.split_once("extra ==") else { return Group::Runtime };
    let after = after.trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
    let name = quote.and_then(|quote| after.get(1..)?.split(quote).next());
    name.map_or(Group::Runtime, |name| Group::Extra(name.to_owned()))
}

/// Metadata that stand in an archive: places in them are none in the file of the tree.
fn packed(text: &str, budget: &mut Budget, problems: &mut Vec<Problem>) -> BuiltDistribution {
    let mut inner = Vec::new();
    let mut out = distribution(text, budget, &mut inner);
    problems
        .extend(inner.into_iter().map(|p| Problem::new(Span::default(), format!("in its metadata: {}", p.message))));
    let lose = |value: &mut Option<Spanned<String>>| {
        if let Some(value) = value {
            value.span = Span::default();
        }
    };
    out.name.span = Span::default();
    lose(&mut out.version);
    lose(&mut out.licence);
    for requirement in &mut out.requirements {
        requirement.span = Span::default();
        requirement.name.span = Span::default();
        lose(&mut requirement.specifiers);
        lose(&mut requirement.marker);
        lose(&mut requirement.index);
        requirement.hashes.iter_mut().for_each(|hash| hash.span = Span::default());
        match &mut requirement.origin {
            Some(Origin::Url { url }) => url.span = Span::default(),
            Some(Origin::Vcs { url, revision, .. }) => {
                url.span = Span::default();
                lose(revision);
            }
            Some(Origin::Path { path }) => path.span = Span::default(),
            Some(Origin::Workspace) | None => {}
        }
    }
    out
}

/// What is wrong with an archive, in sentences, the first few of each kind.
#[derive(Default)]
struct Wrong {
    grave: Vec<String>,
    careless: Vec<String>,
    more: usize,
}

impl Wrong {
    fn put(list: &mut Vec<String>, more: &mut usize, text: String) {
        if list.len() < SENTENCES { list.push(text) } else { *more += 1 }
    }

    /// What is installed is not what the list says.
    fn grave(&mut self, text: String) {
        Self::put(&mut self.grave, &mut self.more, text);
    }

    fn say(&mut self, text: String) {
        Self::put(&mut self.careless, &mut self.more, text);
    }

    fn finish(self) -> Vec<Disagreement> {
        let of = |is_grave| move |text| Disagreement { text, is_grave };
        let more = (self.more > 0).then(|| format!("{} more like these", self.more));
        let careless = self.careless.into_iter().chain(more);
        self.grave.into_iter().map(of(true)).chain(careless.map(of(false))).collect()
    }

    /// Compares what an archive's name says of a distribution with what its metadata say.
    fn identity(&mut self, told: &BuiltDistribution, name: &str, version: &str) {
        if distribution_name(&told.name.value) != distribution_name(name) && !told.name.value.is_empty() {
            self.say(format!("its metadata call it `{}`, its file name `{name}`", told.name.value));
        }
        if let Some(own) = told.version.as_ref().filter(|own| plain_version(&own.value) != plain_version(version)) {
            self.say(format!("its metadata say version {}, its file name {version}", own.value));
        }
    }
}

/// A version with its spellings taken out: `1.0.0-RC.1` and `1.0rc1` are one. Coarser than PEP 440, so that
/// no two spellings of one version differ.
fn plain_version(text: &str) -> Vec<String> {
    let text = super::requirement::decoded(text).to_ascii_lowercase();
    let text = text.trim().trim_start_matches('v');
    let mut out: Vec<String> = Vec::new();
    let mut is_digit = None;
    for letter in text.chars() {
        if !letter.is_ascii_alphanumeric() {
            is_digit = None;
            continue;
        }
        let digit = letter.is_ascii_digit();
        if is_digit == Some(digit) {
            out.last_mut().into_iter().for_each(|last| last.push(letter));
        } else {
            out.push(letter.to_string());
        }
        is_digit = Some(digit);
    }
    for part in &mut out {
        let word = match part.as_str() {
            "alpha" => "a",
            "beta" => "b",
            "c" | "pre" | "preview" => "rc",
            "rev" | "r" => "post",
            digits => digits.trim_start_matches('0'),
        };
        *part = word.to_owned();
    }
    // Zeros at the end of the release or the whole mean nothing, nor does one after a word.
    out.retain(|part| !part.is_empty());
    out
}

/// The bytes of a member that are kept: text, of a size that metadata have.
fn kept(member: &Member<'_>) -> Option<String> {
    let bytes = member.content.ok()?;
    (bytes.len() <= KEPT).then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// Notes a member that could not be unpacked.
fn lost(member: &Member<'_>, budget: &Budget, problems: &mut Vec<Problem>) {
    if let Err(why) = member.content
        && problems.len() < budget.problems
    {
        problems.push(Problem::new(Span::default(), format!("`{}` in it was not looked at: {why}", member.path)));
    }
}
