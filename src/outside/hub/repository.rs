//! A repository of a hub: where a branch leads, what licence it has, and its files.

use serde_json::Value;

use super::HubFilesFacts;
use super::HubRevisionFacts;
use super::HubState;
use super::MOST;
use super::Reply;
use super::RepoKind;
use super::Request;
use super::Site;
use super::contents;
use super::listing;
use super::manners::Manners;

/// The branch that is loaded where nobody names one. Source: `huggingface_hub`, `DEFAULT_REVISION`.
const USUAL: &str = "main";
/// Longest name and longest revision, in bytes.
const LONGEST: usize = 256;
/// Longest licence that is taken, in characters.
const LONGEST_LICENCE: usize = 128;

/// Whether a text may be a name: one or two parts. Source: `huggingface_hub`, `validate_repo_id`.
pub(super) fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !part.is_empty() && part.chars().all(fits) && !part.starts_with(['-', '.']) && !part.ends_with(['-', '.'])
    };
    name.len() <= 96 && name.split('/').count() <= 2 && name.split('/').all(is_part)
}

/// Whether a text is a commit in full.
pub(super) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A request for a document of a repository's API.
fn of_api(kind: RepoKind, name: &str, rest: &[&str]) -> Request {
    let path = ["api", kind.word()].into_iter().chain(name.split('/')).chain(rest.iter().copied());
    Request {
        site: Site::Hub,
        path: path.map(str::to_owned).collect(),
        query: None,
        accept: "application/json",
        is_head: false,
        bearer: None,
        most: MOST,
    }
}

/// What an answer that is none means. Source: the codes that `huggingface_hub`, `hf_raise_for_status`, tells apart.
pub(super) fn refusal(reply: &Reply) -> Result<HubState, String> {
    let said = reply.header("x-error-message").unwrap_or_default();
    match (reply.code, reply.header("x-error-code")) {
        (_, Some("RevisionNotFound")) => Ok(HubState::NoRevision),
        (_, Some("GatedRepo")) => Ok(HubState::Closed),
        (401 | 404, Some("RepoNotFound")) => Ok(HubState::AbsentOrPrivate),
        (_, Some("EntryNotFound")) => Err("the hub does not have a file that it lists".to_owned()),
        _ if said == "Access to this resource is disabled." => Err("the hub has disabled it".to_owned()),
        (401, None) if said == "Invalid credentials in Authorization header" => {
            Err("the hub does not take the token or password that it was sent".to_owned())
        }
        // The hub says no more than this to strangers of a name that it does not know.
        (401, None) if said == "Invalid username or password." => Ok(HubState::AbsentOrPrivate),
        (code, _) => Err(format!("the hub answers {code}")),
    }
}

/// Where a branch, tag or commit leads.
pub(super) fn revision(
    manners: &Manners<'_>,
    kind: RepoKind,
    name: &str,
    revision: Option<&str>,
) -> Result<HubRevisionFacts, String> {
    let asked = revision.unwrap_or(USUAL);
    if !is_name(name) {
        return Err("it is no name that a hub holds".to_owned());
    }
    if asked.is_empty() || asked.len() > LONGEST || asked.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("it is no revision that a hub holds".to_owned());
    }
    let reply = manners.ask(&of_api(kind, name, &["revision", asked]))?;
    let as_of = Some(manners.manner.today);
    if reply.code != 200 {
        let state = refusal(&reply)?;
        let gated = state == HubState::Closed;
        return Ok(HubRevisionFacts { state, name: name.to_owned(), gated, as_of, ..HubRevisionFacts::default() });
    }
    let odd = || "the hub answers something else than what it knows of a name".to_owned();
    let info: Value = serde_json::from_slice(&reply.bytes).map_err(|_| odd())?;
    let commit = info["sha"].as_str().filter(|sha| is_commit(sha)).ok_or_else(odd)?.to_ascii_lowercase();
    if is_commit(asked) && !asked.eq_ignore_ascii_case(&commit) {
        return Err("the hub answers another commit than the one that was asked for".to_owned());
    }
    let own = info["id"].as_str().filter(|id| is_name(id)).unwrap_or(name).to_owned();
    let gated = !matches!(info["gated"], Value::Null | Value::Bool(false));
    Ok(HubRevisionFacts {
        state: HubState::Open,
        name: own,
        commit: Some(commit),
        licence: licence(&info),
        gated,
        as_of,
    })
}

/// The licence that a card states, or that its tags do. Source: Hugging Face, "Repository licenses" and "Model cards".
fn licence(info: &Value) -> Option<String> {
    let card = &info["cardData"];
    let many = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(all) => {
            let all: Vec<&str> = all.iter().filter_map(Value::as_str).take(8).collect();
            (!all.is_empty()).then(|| all.join(", "))
        }
        _ => None,
    };
    let of_tags = || {
        let tags = info["tags"].as_array()?.iter().filter_map(Value::as_str);
        let all: Vec<&str> = tags.filter_map(|tag| tag.strip_prefix("license:")).take(8).collect();
        (!all.is_empty()).then(|| all.join(", "))
    };
    let stated = many(&card["license"]).or_else(of_tags)?;
    // The word for a licence that is none of the usual ones; its name stands beside it.
    let own = card["license_name"].as_str().filter(|_| stated == "other");
    let text: String = own.unwrap_or(&stated).chars().filter(|c| !c.is_control()).take(LONGEST_LICENCE).collect();
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// The files of a commit, each with what is known of its content.
pub(super) fn files(manners: &Manners<'_>, kind: RepoKind, name: &str, commit: &str) -> Result<HubFilesFacts, String> {
    if !is_name(name) || !is_commit(commit) {
        return Err("a list of files is asked for by name and commit in full".to_owned());
    }
    let mut request = of_api(kind, name, &["tree", commit]);
    request.query = Some("recursive=true&expand=false".to_owned());
    let mut files = listing::all(|query| {
        if let Some(query) = query {
            request.query = Some(query);
        }
        let reply = manners.ask(&request)?;
        if reply.code == 200 { Ok(reply) } else { Err(refusal(&reply)?.why().to_owned()) }
    })?;
    contents::complete(manners, kind, name, commit, &mut files);
    Ok(HubFilesFacts { files, as_of: Some(manners.manner.today) })
}
