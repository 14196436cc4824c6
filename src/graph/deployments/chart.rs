//! Charts: their values, and what expressions of their templates stand for. Source: the manual of Helm, "Chart Template
//! Guide". What a helper of a chart makes is not worked out; the image of the values that it is given is told.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Run;
use super::Started;
use super::State;
use super::everywhere;
use super::values;
use super::values::Named;
use crate::graph::kinds::deployment::Deployment;
use crate::graph::kinds::deployment::DeploymentForm;
use crate::source::FileId;
use crate::source::Place;
use crate::source::RepoPath;

/// A chart.
pub(super) struct Chart<'a> {
    /// Its folder.
    pub folder: RepoPath,
    file: FileId,
    texts: BTreeMap<&'a str, &'a str>,
    /// Charts that it depends on.
    others: Vec<(&'a str, Place)>,
    values: BTreeMap<&'a str, &'a str>,
    images: Vec<Named>,
    /// Images that templates run, by the way of keys to them.
    used: RefCell<BTreeSet<String>>,
}

/// The charts of a tree, by folder.
pub(super) fn all<'a>(all: &[(&'a Deployment, &'a RepoPath)]) -> BTreeMap<RepoPath, Chart<'a>> {
    let texts = |found: &'a Deployment| found.values.iter().map(|(way, text)| (way.as_str(), text.value.as_str()));
    let own: BTreeMap<RepoPath, &Deployment> = all
        .iter()
        .filter(|(found, path)| found.form == DeploymentForm::Values && is_default(path))
        .map(|(found, path)| (path.parent(), *found))
        .collect();
    let mut out = BTreeMap::new();
    for (found, path) in all.iter().filter(|(found, _)| found.form == DeploymentForm::Chart) {
        let folder = path.parent();
        let own = own.get(&folder);
        let others =
            found.values.iter().filter(|(way, text)| way.starts_with("dependencies.") && !text.value.is_empty());
        let chart = Chart {
            file: found.file,
            others: others.map(|(_, text)| (text.value.as_str(), Place::new(found.file, text.span))).collect(),
            texts: texts(found).collect(),
            values: own.map(|own| texts(own).collect()).unwrap_or_default(),
            images: own.map(|own| values::images(own)).unwrap_or_default(),
            used: RefCell::default(),
            folder: folder.clone(),
        };
        out.insert(folder, chart);
    }
    out
}

/// Whether a file of values is the one that is taken where none is named.
fn is_default(path: &RepoPath) -> bool {
    matches!(path.name(), "values.yaml" | "values.yml")
}

/// The chart that a template belongs to.
pub(super) fn of_template<'c, 'a>(charts: &'c BTreeMap<RepoPath, Chart<'a>>, path: &RepoPath) -> Option<&'c Chart<'a>> {
    charts.get(&folder_of(path)?)
}

/// The folder of the chart that a file would be a template of: the one that holds the nearest `templates` above it.
pub(super) fn folder_of(path: &RepoPath) -> Option<RepoPath> {
    let mut folder = path.parent();
    while !folder.is_root() {
        if folder.name() == "templates" {
            return Some(folder.parent());
        }
        folder = folder.parent();
    }
    None
}

/// Adds each chart as a whole, with what its values name and no template was seen to run; and what other files of
/// values name.
pub(super) fn join(charts: &BTreeMap<RepoPath, Chart<'_>>, all: &[(&Deployment, &RepoPath)], out: &mut Vec<Started>) {
    let mut by_folder: BTreeMap<RepoPath, Vec<usize>> = BTreeMap::new();
    for (at, one) in out.iter().enumerate().filter(|(_, one)| is_of_template(one)) {
        by_folder.entry(one.folder.clone()).or_default().push(at);
    }
    let mut files: BTreeMap<RepoPath, Vec<FileId>> = BTreeMap::new();
    for (found, path) in all.iter().filter(|(found, _)| found.form == DeploymentForm::Values) {
        files.entry(path.parent()).or_default().push(found.file);
    }
    let names: BTreeSet<&str> = charts.values().map(Chart::name).collect();
    for chart in charts.values() {
        let own = by_folder.get(&chart.folder).map_or(&[][..], Vec::as_slice);
        let used = chart.used.borrow();
        let images: Vec<&Named> = chart.images.iter().filter(|image| !used.contains(&image.way)).collect();
        // One that lies in the tree is told by itself.
        let is_there = |name: &str| {
            let beside = chart.folder.join("charts").and_then(|folder| folder.child(name));
            beside.is_some_and(|folder| charts.contains_key(&folder)) || names.contains(name)
        };
        let others = chart.others.iter().filter(|(name, _)| !is_there(name));
        let others: Vec<(String, Place)> = others.map(|(name, place)| ((*name).to_owned(), *place)).collect();
        if own.is_empty() && images.is_empty() && others.is_empty() {
            continue;
        }
        let mut whole = blank(chart.name().to_owned(), chart.folder.clone(), everywhere(chart.file));
        whole.images = images.iter().filter(|image| !image.is_off).map(|image| image.run.clone()).collect();
        whole.holds = own.iter().copied().filter(|at| out[*at].name != whole.name).collect();
        whole.others = others;
        // Values say what is loaded by all of it.
        whole.spans = files.get(&chart.folder).into_iter().flatten().map(|file| everywhere(*file)).collect();
        out.push(whole);
        let off: Vec<Run> = images.iter().filter(|image| image.is_off).map(|image| image.run.clone()).collect();
        if !off.is_empty() {
            let mut aside = blank(chart.name().to_owned(), chart.folder.clone(), everywhere(chart.file));
            aside.images = off;
            aside.is_optional = true;
            out.push(aside);
        }
    }
    for (found, path) in all.iter().filter(|(found, _)| found.form == DeploymentForm::Values) {
        let folder = path.parent();
        let chart = charts.get(&folder);
        if chart.is_some() && is_default(path) {
            continue;
        }
        let images = values::images(found);
        if images.is_empty() {
            continue;
        }
        let stem = path.name().split('.').next().unwrap_or_default();
        let name = chart.map_or_else(|| folder.parts().last().unwrap_or(stem), Chart::name);
        let mut other = blank(name.to_owned(), folder.clone(), everywhere(found.file));
        other.spans = vec![everywhere(found.file)];
        // Which of several files of values is used nothing says.
        other.is_optional = chart.is_some();
        // What an overlay leaves to the default has no tag of its own.
        other.images = images.into_iter().map(|image| image.run).collect();
        out.push(other);
    }
}

fn blank(name: String, folder: RepoPath, place: Place) -> Started {
    Started {
        name,
        kind: "chart".to_owned(),
        folder,
        place,
        spans: Vec::new(),
        images: Vec::new(),
        built: None,
        is_optional: false,
        holds: Vec::new(),
        others: Vec::new(),
    }
}

fn is_of_template(started: &Started) -> bool {
    started.kind != "service"
}

/// What an expression stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    Nothing,
    Unknown,
}

impl Chart<'_> {
    fn name(&self) -> &str {
        self.texts.get("name").copied().filter(|name| !name.is_empty()).unwrap_or("chart")
    }

    /// The name of a workload: helpers that make one full name of a release and a chart stand for the chart's.
    pub(super) fn named(&self, text: &str) -> String {
        let mut out = String::new();
        for part in parts(text) {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Expression(inner) => match self.value(inner) {
                    Value::Text(text) => out.push_str(&text),
                    _ if inner.contains("include ") || inner.contains("Release.Name") => out.push_str(self.name()),
                    _ => return String::new(),
                },
            }
        }
        out.trim_matches('-').to_owned()
    }

    /// The image that a text of a template names.
    pub(super) fn image(&self, text: &str, place: Place) -> Option<Run> {
        if text.len() > LONGEST {
            return None;
        }
        let mut out = Some(String::new());
        for part in parts(text) {
            let next = match part {
                Part::Text(text) => Some(text.to_owned()),
                Part::Expression(inner) => match self.value(inner) {
                    Value::Text(text) => Some(text),
                    Value::Nothing | Value::Unknown => None,
                },
            };
            out = out.zip(next).map(|(before, next)| before + &next);
        }
        let ways: Vec<&str> = ways(text).take(WAYS).collect();
        // The image of the values that the text speaks of.
        let is_above =
            |image: &str, way: &str| way == image || way.strip_prefix(image).is_some_and(|r| r.starts_with('.'));
        let of = |image: &&Named| {
            ways.iter().any(|way| is_above(&image.way, way) || is_above(way, &image.way) && way.ends_with("mage"))
        };
        let named = self.images.iter().find(of);
        if let Some(named) = named {
            self.used.borrow_mut().insert(named.way.clone());
        }
        let is_whole = |text: &String| !text.is_empty() && !text.starts_with(':') && !text.contains([' ', '{', '$']);
        match (out.filter(is_whole), named) {
            // An empty tag is a mistake that shows when it is started.
            (Some(text), _) if text.ends_with(':') => {
                Some(Run { text: text.trim_end_matches(':').to_owned(), place, state: State::Untagged })
            }
            (Some(text), _) => Some(Run { text, place, state: State::Known }),
            (None, Some(named)) => Some(Run { place, ..named.run.clone() }),
            (None, None) => None,
        }
    }

    /// What the inside of a tag stands for.
    fn value(&self, inner: &str) -> Value {
        let inner = inner.trim_matches(|c: char| c == '-' || c.is_whitespace());
        self.piped(&words(inner), 0)
    }

    fn piped(&self, words: &[&str], depth: usize) -> Value {
        let mut value: Option<Value> = None;
        for call in words.split(|word| *word == "|") {
            value = Some(self.called(call, value, depth));
        }
        value.unwrap_or(Value::Unknown)
    }

    fn called(&self, call: &[&str], piped: Option<Value>, depth: usize) -> Value {
        let Some((first, arguments)) = call.split_first() else { return Value::Unknown };
        let mut values: Vec<Value> = arguments.iter().map(|word| self.word(word, depth)).collect();
        let is_call = !first.starts_with(['.', '$', '"', '\'', '`', '(']);
        if !is_call {
            return if values.is_empty() && piped.is_none() { self.word(first, depth) } else { Value::Unknown };
        }
        values.extend(piped);
        match *first {
            "default" => match values.as_slice() {
                [default, Value::Nothing] => default.clone(),
                [_, given] => given.clone(),
                _ => Value::Unknown,
            },
            "coalesce" => values.into_iter().find(|value| *value != Value::Nothing).unwrap_or(Value::Nothing),
            "required" => values.into_iter().nth(1).unwrap_or(Value::Unknown),
            "quote" | "squote" | "toString" | "trim" | "lower" if values.len() == 1 => {
                values.pop().unwrap_or(Value::Unknown)
            }
            "printf" => printed(&values),
            word if values.is_empty() && word.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
                Value::Text(word.to_owned())
            }
            _ => Value::Unknown,
        }
    }

    fn word(&self, word: &str, depth: usize) -> Value {
        for quote in ['"', '\'', '`'] {
            if let Some(text) = word.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
                return if text.is_empty() { Value::Nothing } else { Value::Text(text.to_owned()) };
            }
        }
        if let Some(inner) = word.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            return if depth < DEPTH { self.piped(&words(inner), depth + 1) } else { Value::Unknown };
        }
        let text = match word.strip_prefix('$').unwrap_or(word) {
            ".Chart.AppVersion" => self.texts.get("appVersion"),
            ".Chart.Version" => self.texts.get("version"),
            ".Chart.Name" => self.texts.get("name"),
            other => match other.strip_prefix(".Values.") {
                Some(way) => self.values.get(way),
                None => return Value::Unknown,
            },
        };
        text.filter(|text| !text.is_empty()).map_or(Value::Nothing, |text| Value::Text((*text).to_owned()))
    }
}

/// Bytes of a text that is worked out, at most.
const LONGEST: usize = 2048;
/// Ways into the values that are followed from one text.
const WAYS: usize = 8;
/// Expressions within expressions that are followed.
const DEPTH: usize = 8;

/// `printf "%s:%s" a b`.
fn printed(values: &[Value]) -> Value {
    let Some((Value::Text(form), rest)) = values.split_first() else { return Value::Unknown };
    let mut rest = rest.iter();
    let mut out = String::new();
    let mut pieces = form.split('%');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (Some(after), Some(Value::Text(text))) = (piece.strip_prefix(['s', 'v']), rest.next()) else {
            return Value::Unknown;
        };
        out.push_str(text);
        out.push_str(after);
    }
    Value::Text(out)
}

enum Part<'t> {
    Text(&'t str),
    Expression(&'t str),
}

/// A text taken apart at its tags.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((inner, after)) = behind.split_once("}}") else { break };
        out.push(Part::Text(before));
        out.push(Part::Expression(inner));
        rest = after;
    }
    out.push(Part::Text(rest));
    out
}

/// Ways of keys into the values that a text names.
fn ways(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(".Values.").map(|(at, mark)| {
        let rest = text.get(at + mark.len()..).unwrap_or_default();
        let end =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.')).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default().trim_end_matches('.')
    })
}

/// The words of an expression: quoted texts and what stands in parentheses are one each, and so is a stroke.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start: Option<usize> = None;
    let (mut depth, mut quote) = (0_usize, None);
    for (at, sign) in text.char_indices() {
        if let Some(open) = quote {
            if sign == open {
                quote = None;
            }
            continue;
        }
        match sign {
            '"' | '\'' | '`' => quote = Some(sign),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_stroke = sign == '|' && depth == 0;
        if depth == 0 && (sign.is_whitespace() || is_stroke) {
            out.extend(start.take().and_then(|start| text.get(start..at)));
            if is_stroke {
                out.extend(text.get(at..=at));
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    out.extend(start.and_then(|start| text.get(start..)));
    out
}
