//! The event that GitHub hands to a run: a few facts of a large document that holds much text of strangers.

use crate::parse::Budget;
use crate::parse::json;
use crate::parse::json::Json;

/// The document, as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Payload {
    /// The service names none.
    #[default]
    Absent,
    /// It names one that cannot be read, and why.
    Unreadable(String),
    /// Its text.
    Text(String),
}

/// What counts of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// Why nothing is known; all else is empty then.
    pub(super) problem: Option<String>,
    pub(super) number: Option<u64>,
    pub(super) action: Option<String>,
    /// The label that was put or taken off, where that set the run off.
    pub(super) label: Option<String>,
    pub(super) text: Option<String>,
    /// Tip of the target branch when the event came; it may be old by the time of the run.
    pub(super) base_commit: Option<String>,
    pub(super) base_branch: Option<String>,
    pub(super) head_commit: Option<String>,
    /// None where the repository of the change is gone.
    pub(super) head_repository: Option<String>,
    pub(super) base_repository: Option<String>,
    pub(super) author: Option<String>,
    /// None outside pull requests.
    pub(super) labels: Option<Vec<String>>,
    pub(super) before: Option<String>,
    pub(super) is_forced: bool,
    pub(super) default_branch: Option<String>,
    pub(super) queue_base: Option<String>,
    pub(super) queue_branch: Option<String>,
}

/// Most labels that are taken; GitHub allows a hundred.
const LABELS: usize = 1000;

impl Event {
    pub(super) fn of(payload: &Payload) -> Self {
        match payload {
            Payload::Absent => Self::failed("the service names no file with the event"),
            Payload::Unreadable(why) => Self::failed(&format!("the event cannot be read: {why}")),
            Payload::Text(text) => {
                let json = json::parse(text, &mut Budget::default());
                // Half a document would be taken for one that lacks a fact.
                match json.problems.first() {
                    Some(problem) => Self::failed(&format!("the event is no JSON: {}", problem.message)),
                    None if json.root.as_ref().and_then(json::Value::as_object).is_none() => {
                        Self::failed("the event is no object of JSON")
                    }
                    None => Self::read(&json),
                }
            }
        }
    }

    fn failed(why: &str) -> Self {
        Self { problem: Some(why.to_owned()), ..Self::default() }
    }

    fn read(json: &Json) -> Self {
        let text = |path: &[&str]| json.get(path).and_then(json::Value::as_str).map(str::to_owned);
        let id = |path: &[&str]| text(path).and_then(|text| super::commit(&text));
        let labels = json.get(&["pull_request", "labels"]).and_then(json::Value::as_array).map(|list| {
            let names = list.iter().filter_map(|label| label.get("name").and_then(json::Value::as_str));
            names.take(LABELS).map(str::to_owned).collect()
        });
        let number = json.get(&["pull_request", "number"]).or_else(|| json.get(&["number"]));
        Self {
            problem: None,
            number: number.and_then(json::Value::as_integer).and_then(|n| u64::try_from(n).ok()),
            action: text(&["action"]),
            label: text(&["label", "name"]),
            text: text(&["pull_request", "body"]),
            base_commit: id(&["pull_request", "base", "sha"]),
            base_branch: text(&["pull_request", "base", "ref"]),
            head_commit: id(&["pull_request", "head", "sha"]),
            head_repository: text(&["pull_request", "head", "repo", "full_name"]),
            base_repository: text(&["pull_request", "base", "repo", "full_name"]),
            author: text(&["pull_request", "user", "login"]),
            labels,
            before: id(&["before"]),
            is_forced: json.get(&["forced"]).and_then(json::Value::as_bool).unwrap_or(false),
            default_branch: text(&["repository", "default_branch"]),
            queue_base: id(&["merge_group", "base_sha"]),
            queue_branch: text(&["merge_group", "base_ref"]),
        }
    }
}
