//! What is known of a program's text: what it fetches by itself, which processes it starts, and which functions get
//! their addresses from whom. The languages differ in how that is found, not in what follows.

use std::collections::BTreeMap;

use super::names::{Names, replaced};
use super::process;
use super::text::{is_address, is_commit, names_content, url};
use crate::graph::kinds::build_code::{BuildFetch, Fetched, Fixed};
use crate::parse::Budget;
use crate::source::Span;

/// Calls that are followed from a parameter back to what is given for it.
const MAX_CALLS: usize = 3;
/// Calls of one function that are looked at.
const MAX_CALLERS: usize = 16;
/// Addresses that one download is told with.
const MAX_ADDRESSES: usize = 8;
/// Variables of the environment that are told.
const MAX_SWITCHES: usize = 64;
/// Endings and words of addresses that serve data to be looked at, and no code.
const DATA: &[&str] = &[".json", ".txt", ".md", ".csv", ".yaml", ".yml", ".xml", ".html"];

/// Calls by the name of their function.
type Callers<'c> = BTreeMap<&'c str, Vec<&'c Call>>;

/// A program's text.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// What its names are set to.
    pub(super) names: Names,
    /// Its functions, with their parameters in order.
    pub(super) functions: BTreeMap<String, Vec<String>>,
    /// Calls, in order.
    pub(super) calls: Vec<Call>,
    /// Downloads, in order.
    pub(super) downloads: Vec<Download>,
    /// Processes it starts, in order.
    pub(super) processes: Vec<Process>,
    /// Variables of the environment that it asks for.
    pub(super) asked: Vec<String>,
}

/// A call of a function by its name.
#[derive(Debug)]
pub(super) struct Call {
    /// The last part of the name.
    pub(super) name: String,
    /// What it is given: the name of the parameter where it is said, and the text.
    pub(super) arguments: Vec<(Option<String>, String)>,
    pub(super) span: Span,
    /// The function it stands in.
    pub(super) within: Option<String>,
}

/// A download by a library.
#[derive(Debug)]
pub(super) struct Download {
    /// What fetches.
    pub(super) by: String,
    /// The address, with `${name}` for what it refers to.
    pub(super) address: String,
    pub(super) span: Span,
    pub(super) within: Option<String>,
    pub(super) what: Fetched,
    pub(super) tls_off: bool,
}

/// A process.
#[derive(Debug)]
pub(super) struct Process {
    /// Its words, or a line that a shell reads.
    pub(super) words: Words,
    pub(super) span: Span,
    pub(super) within: Option<String>,
}

/// What a process is started with.
#[derive(Debug)]
pub(super) enum Words {
    /// A program and its arguments.
    List(Vec<String>),
    /// A line for a shell.
    Line(String),
}

impl Code {
    /// What it fetches, in the order of the text.
    pub(super) fn fetches(&self, budget: &mut Budget) -> Vec<BuildFetch> {
        let mut callers = Callers::new();
        for call in &self.calls {
            let known: &mut Vec<&Call> = callers.entry(call.name.as_str()).or_default();
            // More than so many calls say no more.
            if known.len() < MAX_CALLERS {
                known.push(call);
            }
        }
        let callers = &callers;
        let mut out = Vec::new();
        for download in &self.downloads {
            let within = download.within.as_deref();
            for (address, at) in self.addresses(&download.address, within, callers, budget) {
                if is_data(&address) || !budget.take_entry(address.len()) {
                    continue;
                }
                let fixed = if names_content(&address) { Fixed::Content } else { Fixed::Open };
                out.push(BuildFetch {
                    span: at.unwrap_or(download.span),
                    by: download.by.clone(),
                    name: None,
                    url: url(&address),
                    what: download.what,
                    fixed,
                    tls_off: download.tls_off,
                    within: download.within.clone(),
                });
            }
        }
        for process in &self.processes {
            let line = match &process.words {
                Words::List(words) => {
                    let program = words.first().map(|word| self.names.put_in(word, budget));
                    process::line(&program.into_iter().chain(words.iter().skip(1).cloned()).collect::<Vec<_>>())
                }
                // A name alone is a line that was put together before.
                Words::Line(line) => match self.names.one(line).and_then(<[String]>::last) {
                    Some(known) => self.names.put_in(known, budget),
                    None => line.clone(),
                },
            };
            for found in process::fetches(&line, process.span, process.within.as_deref(), budget) {
                for (address, at) in self.addresses(&found.url.text, process.within.as_deref(), callers, budget) {
                    if found.what == Fetched::File && is_data(&address) {
                        continue;
                    }
                    let url = url(&address);
                    let span = at.unwrap_or(found.span);
                    let mut one = BuildFetch { url, span, ..found.clone() };
                    if let Fixed::Reference(name) = &one.fixed
                        && let Some((name, _)) = self.addresses(name, process.within.as_deref(), callers, budget).pop()
                    {
                        one.fixed = match name {
                            name if is_commit(&name) => Fixed::Content,
                            name if name.contains("${") => Fixed::Unknown,
                            name => Fixed::Reference(name),
                        };
                    }
                    out.push(one);
                }
            }
        }
        out.retain(|one| !one.url.local);
        out.sort_by_key(|one| (one.span.start, one.span.end));
        out.dedup();
        out
    }

    /// What a text may be, and the calls that say so where its function is given it.
    fn addresses(
        &self,
        text: &str,
        within: Option<&str>,
        callers: &Callers<'_>,
        budget: &mut Budget,
    ) -> Vec<(String, Option<Span>)> {
        let mut out = Vec::new();
        self.follow(text, within, None, (0, callers), budget, &mut out);
        // One that is known says more than the same with holes.
        if out.iter().any(|(text, _)| is_address(text)) {
            out.retain(|(text, _)| is_address(text));
        }
        out
    }

    fn follow(
        &self,
        text: &str,
        within: Option<&str>,
        at: Option<Span>,
        (depth, callers): (usize, &Callers<'_>),
        budget: &mut Budget,
        out: &mut Vec<(String, Option<Span>)>,
    ) {
        if out.len() >= MAX_ADDRESSES || !budget.take_items(1) {
            return;
        }
        let parameters = within.and_then(|name| self.functions.get(name)).map(Vec::as_slice).unwrap_or_default();
        let is_parameter = |name: &str| parameters.iter().any(|p| p == name);
        let own = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        if let Some(values) = self.names.one(text).filter(|_| !own.is_some_and(is_parameter)) {
            for value in values {
                // A value that refers to itself says nothing.
                if depth < MAX_CALLS && !value.contains(text) {
                    self.follow(value, within, at, (depth + 1, callers), budget, out);
                }
            }
            if !out.is_empty() {
                return;
            }
        }
        let mut text = text.to_owned();
        // What is put in may refer to others in turn.
        for _ in 0..MAX_CALLS {
            let next = replaced(&text, |name| {
                if is_parameter(name) {
                    return None;
                }
                let value = self.names.put_in(&format!("${{{name}}}"), budget);
                (!value.contains(&format!("${{{name}}}"))).then_some(value)
            });
            if next == text {
                break;
            }
            text = next;
        }
        let open: Vec<&String> = parameters.iter().filter(|p| text.contains(&format!("${{{p}}}"))).collect();
        if let (Some(function), false, true) = (within, open.is_empty(), depth < MAX_CALLS) {
            let before = out.len();
            let calls = callers.get(function).into_iter().flatten();
            for call in calls.filter(|call| call.within.as_deref() != within) {
                let given = replaced(&text, |name| {
                    let index = parameters.iter().position(|p| p == name)?;
                    let named = call.arguments.iter().find(|(key, _)| key.as_deref() == Some(name));
                    let placed = call.arguments.iter().filter(|(key, _)| key.is_none()).nth(index);
                    let value = named.or(placed).map(|(_, value)| value.clone())?;
                    (!value.is_empty()).then_some(value)
                });
                self.follow(&given, call.within.as_deref(), Some(call.span), (depth + 1, callers), budget, out);
            }
            if out.len() > before {
                return;
            }
        }
        out.push((text, at));
    }

    /// Variables of the environment that may keep it from fetching: none of those that the builder sets.
    pub(super) fn switches(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for name in &self.asked {
            if out.len() >= MAX_SWITCHES {
                break;
            }
            if SWITCHES.iter().any(|part| name.contains(part))
                && !name.starts_with("CARGO_")
                && !name.contains("CCACHE")
                && !OF_BUILDERS.contains(&name.as_str())
                && !out.contains(name)
            {
                out.push(name.clone());
            }
        }
        out
    }
}

/// Parts of names of variables that name what is there already, or say that nothing is to be fetched.
const SWITCHES: &[&str] = &[
    "SKIP",
    "OFFLINE",
    "NO_DOWNLOAD",
    "DISABLE",
    "LIB_DIR",
    "LIB_PATH",
    "LIB_LOCATION",
    "SYSTEM",
    "PREBUILT",
    "_DIR",
    "_PATH",
    "LOCATION",
];
/// Variables that every build has.
const OF_BUILDERS: &[&str] =
    &["OUT_DIR", "LIBRARY_PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "TARGET_DIR", "FETCHCONTENT_BASE_DIR"];

/// Whether an address serves data that is looked at: metadata, a list, a page.
fn is_data(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address).to_ascii_lowercase();
    let host = path.split_once("://").map_or(path.as_str(), |(_, rest)| rest);
    host.starts_with("api.") || DATA.iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_followed_to_the_calls() {
        let mut code = Code::default();
        code.names.set("BASE", "https://x.example".to_owned());
        code.functions.insert("load".to_owned(), vec!["url".to_owned(), "to".to_owned()]);
        let call = |text: &str| Call {
            name: "load".to_owned(),
            arguments: vec![(None, text.to_owned()), (None, "${out}".to_owned())],
            span: Span::new(1, 2),
            within: None,
        };
        code.calls = vec![call("${BASE}/a.tgz"), call("${BASE}/b.json")];
        code.downloads.push(Download {
            by: "ureq::get".to_owned(),
            address: "${url}".to_owned(),
            span: Span::new(5, 6),
            within: Some("load".to_owned()),
            what: Fetched::File,
            tls_off: false,
        });
        let found = code.fetches(&mut Budget::default());
        let texts: Vec<&str> = found.iter().map(|f| f.url.text.as_str()).collect();
        assert_eq!(texts, ["https://x.example/a.tgz"]);
        assert_eq!(found[0].span, Span::new(1, 2));
    }

    #[test]
    fn variables_of_the_builder_are_no_switches() {
        let asked = ["OUT_DIR", "CARGO_MANIFEST_DIR", "ORT_LIB_PATH", "FOO_SKIP_DOWNLOAD", "HOME"];
        let code = Code { asked: asked.map(str::to_owned).to_vec(), ..Code::default() };
        assert_eq!(code.switches(), ["ORT_LIB_PATH", "FOO_SKIP_DOWNLOAD"]);
    }
}
