//! Which variables of GitLab and Azure hold a stranger's text. Source: GitLab Docs, "Predefined CI/CD
//! variables reference"; Microsoft Learn, "Use predefined variables".

use crate::graph::kinds::workflow::{Pair, Service};
use crate::parse::shell::{Part, Word};

/// Variables of one list looked at for each word.
pub(super) const MAX_VARIABLES: usize = 512;

/// Variables of GitLab whose text is written by whoever pushes or opens a merge request.
const GITLAB: &[(&str, &str)] = &[
    ("CI_COMMIT_AUTHOR", "the author's name of a commit"),
    ("CI_COMMIT_BRANCH", "the name of a branch"),
    ("CI_COMMIT_DESCRIPTION", "the message of a commit"),
    ("CI_COMMIT_MESSAGE", "the message of a commit"),
    ("CI_COMMIT_REF_NAME", "the name of a branch"),
    ("CI_COMMIT_TITLE", "the message of a commit"),
    ("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME", "the name of a branch"),
    ("CI_MERGE_REQUEST_DESCRIPTION", "the description of a merge request"),
    ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "the name of a branch"),
    ("CI_MERGE_REQUEST_TITLE", "the title of a merge request"),
    ("GITLAB_USER_NAME", "the name of a user"),
];

/// Those of Azure, as the environment spells them.
const AZURE: &[(&str, &str)] = &[
    ("BUILD_REQUESTEDFOR", "the name of a user"),
    ("BUILD_SOURCEVERSIONMESSAGE", "the message of a commit"),
    ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "the name of a branch"),
];

/// Those of Azure that are put into a script before the shell reads it, as the reader writes them.
pub(super) const MACROS: &[(&str, &str, &str)] = &[
    ("Build_RequestedFor", "Build.RequestedFor", "the name of a user"),
    ("Build_SourceVersionMessage", "Build.SourceVersionMessage", "the message of a commit"),
    ("System_PullRequest_SourceBranch", "System.PullRequest.SourceBranch", "the name of a branch"),
];

/// What a variable holds, where that is a stranger's text.
pub(super) fn stranger(service: Service, name: &str) -> Option<&'static str> {
    let name = name.strip_prefix("env:").unwrap_or(name);
    let known = match service {
        Service::GitHub => return None,
        Service::GitLab => GITLAB,
        Service::Azure => AZURE,
    };
    known.iter().find(|(variable, _)| *variable == name).map(|(_, what)| *what)
}

/// The first variable of a word that holds a stranger's text, by itself or by another variable of the file.
pub(super) fn in_word<'w>(service: Service, word: &'w Word, env: &[&[Pair]]) -> Option<(&'w str, &'static str)> {
    let names = word.parts.iter().filter_map(|part| match part {
        Part::Variable(name) => Some(name.as_str()),
        // `${NAME:-default}`, `${NAME#prefix}`
        Part::Other(text) => {
            let rest = text.strip_prefix("${")?;
            rest.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).next()
        }
        _ => None,
    });
    names.filter_map(|name| Some((name, through(service, name, env)?))).next()
}

fn through(service: Service, name: &str, env: &[&[Pair]]) -> Option<&'static str> {
    stranger(service, name).or_else(|| {
        let (_, value) =
            env.iter().flat_map(|pairs| pairs.iter().take(MAX_VARIABLES)).find(|(key, _)| key.value == name)?;
        let inner = value.value.split('$').skip(1).map(|rest| {
            let rest = rest.strip_prefix(['{', '(']).unwrap_or(rest);
            rest.split(|c: char| !matches!(c, '_' | '.') && !c.is_ascii_alphanumeric()).next().unwrap_or_default()
        });
        inner.filter_map(|name| stranger(service, &name.replace('.', "_").to_ascii_uppercase())).next()
    })
}
