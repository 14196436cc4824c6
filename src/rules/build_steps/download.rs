//! What an address says of what it serves, and how much a download weighs in the job that runs it.

use crate::commands::{ActKind, Output, UrlText};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Invocation;
use crate::rules::workflow::reach::Run;

/// How far an address fixes what it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fixity {
    /// It holds a commit or digest.
    Content,
    /// It holds a version: its publisher can replace it, and is not expected to.
    Version,
    /// It serves what is newest.
    Moving,
}

/// How far an address fixes what it serves.
pub(super) fn fixity(url: &UrlText) -> Fixity {
    let text = url.text.split(['?', '#']).next().unwrap_or("");
    let path = text.split_once("://").or_else(|| text.split_once(':')).map_or(text, |(_, rest)| rest);
    let mut parts = path.split('/').skip(1);
    if parts.clone().any(|p| matches!(p.len(), 40 | 64) && p.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Fixity::Content;
    }
    // `archive/refs/tags/b4827.tar.gz`, `releases/download/nightly-3/x`: a tag without dots is one too.
    let release = path.split_once("/releases/download/").map(|(_, rest)| rest);
    // A release that is made anew under one name moves, whatever its files are called.
    if release.is_some_and(|rest| ROLLING.contains(&rest.split('/').next().unwrap_or(rest))) {
        return Fixity::Moving;
    }
    let tagged = path.contains("/refs/tags/") || release.is_some_and(|rest| !rest.starts_with("latest"));
    let file = path.rsplit('/').next().unwrap_or(path);
    if tagged || parts.any(is_version) || is_numbered(file) { Fixity::Version } else { Fixity::Moving }
}

/// Names of releases that are made anew with every build.
const ROLLING: &[&str] = &["continuous", "edge", "latest", "main", "master", "nightly", "rolling", "snapshot", "tip"];

/// `sqlite-autoconf-3500400.tar.gz`, `snapshot-20240601.zip`: a version or a day without dots.
fn is_numbered(file: &str) -> bool {
    file.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 6)
}

/// `v1.2.3`, `uv-0.8.2.tar.gz`, `$UV_VERSION`
fn is_version(part: &str) -> bool {
    // `3.12`, and `3.${{ inputs.minor }}`
    let dotted = part
        .as_bytes()
        .windows(3)
        .any(|w| w[0].is_ascii_digit() && w[1] == b'.' && (w[2].is_ascii_digit() || w[2] == b'$'));
    let lower = part.to_ascii_lowercase();
    dotted || (part.contains('$') && (lower.contains("version") || lower.contains("_ver") || lower.contains("tag")))
}

/// The host, or what stands for one: `the release of owner/repo` for `gh`.
pub(super) fn host(url: &UrlText) -> String {
    if let Some(rest) = url.text.strip_prefix("gh:") {
        let repository = rest.split("/releases/").next().unwrap_or(rest);
        return format!("a release of {repository}");
    }
    let rest = url.text.split_once("://").map_or(url.text.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    if host.is_empty() || host.starts_with('$') { "an address set elsewhere".to_owned() } else { host.to_owned() }
}

/// The address in one line, long ones cut.
pub(super) fn shown(url: &UrlText) -> String {
    let text = url.text.strip_prefix("gh:").unwrap_or(&url.text);
    match text.char_indices().nth(110) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}

/// Severity, confidence and impact of running what an address serves, unverified.
pub(super) fn weigh(run: &Run<'_>, url: &UrlText) -> (Severity, Confidence, Option<Impact>) {
    let impact = run.impact();
    let (severity, impact) = match (fixity(url), impact) {
        // What is named by its commit cannot be replaced under the name.
        (Fixity::Content, _) => (Severity::Low, None),
        // One version of a tool in an image is worth a digest; nobody has to stop for it.
        (Fixity::Version, Some(Impact::ReachesImage)) => (Severity::Medium, None),
        (Fixity::Version, Some(impact)) => (Severity::Medium, Some(impact)),
        (Fixity::Moving, Some(impact)) => (Severity::High, Some(impact)),
        (Fixity::Version, None) => (Severity::Low, None),
        (Fixity::Moving, None) => (Severity::Medium, None),
    };
    // Of an address that is put together elsewhere, not even the host is certain.
    let confidence =
        if host(url).contains(' ') && !url.text.starts_with("gh:") { Confidence::Medium } else { Confidence::High };
    (severity, confidence, impact)
}

/// What the address says, as evidence.
pub(super) fn evidence(url: &UrlText) -> String {
    let what = match fixity(url) {
        Fixity::Content => "the address names a commit",
        Fixity::Version => "the address names a version, which its publisher can replace",
        Fixity::Moving => "the address serves what is newest",
    };
    if url.known { what.to_owned() } else { format!("{what}; parts of it are set elsewhere") }
}

/// The file a fetch writes, as the script names it, where that can be written down.
pub(super) fn written(fetch: &ActKind) -> Option<String> {
    let ActKind::Fetch { url, to, .. } = fetch else { return None };
    let path = match to {
        Output::File(path) => path.clone(),
        Output::Dir(dir) => format!("{}/{}", dir.trim_end_matches('/'), url.file_name()?),
        Output::Stdout | Output::Nowhere | Output::Unknown => return None,
    };
    plain(&path).then_some(path)
}

/// A text that can stand in a command as it is.
pub(super) fn plain(text: &str) -> bool {
    !text.is_empty()
        && !text.contains("${{")
        && !text.contains(['(', ')', '*', '?', '`', '"', '\'', ' ', '\n', '|', ';'])
}

/// The words of a command after its name.
pub(super) fn arguments(script: &Script, command: usize) -> Vec<String> {
    let call = script.program.commands.get(command).and_then(|c| Invocation::of(&script.program, c));
    call.map(|c| c.args.iter().map(|a| a.text.clone()).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_written_is_named() {
        let fetch =
            |to| ActKind::Fetch { by: "curl".into(), url: UrlText::new("https://x/a", true), to, tls_off: false };
        assert_eq!(written(&fetch(Output::File("/usr/local/bin/yq".into()))).as_deref(), Some("/usr/local/bin/yq"));
        assert_eq!(written(&fetch(Output::Dir("d/".into()))).as_deref(), Some("d/a"));
        assert_eq!(written(&fetch(Output::Stdout)), None);
    }

    #[test]
    fn addresses_say_how_fixed_they_are() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        for (text, fixed, name) in [
            ("https://example.com/install.sh", Fixity::Moving, "example.com"),
            ("https://10.0.0.1/install.sh", Fixity::Moving, "10.0.0.1"),
            ("https://example.com/v1.2/x", Fixity::Version, "example.com"),
            ("https://u@example.com/${UV_VERSION}/x", Fixity::Version, "example.com"),
            ("gh:example/tool/releases/latest", Fixity::Moving, "a release of example/tool"),
            ("gh:example/tool/releases/v1.2.0", Fixity::Version, "a release of example/tool"),
            ("https://example.com/o/r/archive/refs/tags/b4827.tar.gz", Fixity::Version, "example.com"),
            ("https://example.com/o/r/releases/download/latest/x", Fixity::Moving, "example.com"),
            ("https://example.com/o/r/releases/download/continuous/x-1.2", Fixity::Moving, "example.com"),
            ("https://example.com/2025/sqlite-autoconf-3500400.tar.gz", Fixity::Version, "example.com"),
            ("https://example.com/3.${{ inputs.minor }}.${{ inputs.patch }}/x", Fixity::Version, "example.com"),
            ("https://example.com/x-${ARCH}.${ENDING}", Fixity::Moving, "example.com"),
            ("${URL}", Fixity::Moving, "an address set elsewhere"),
        ] {
            let url = UrlText::new(text, !text.contains('$'));
            assert_eq!((fixity(&url), host(&url).as_str()), (fixed, name), "{text}");
        }
        let url = UrlText::new(format!("https://example.com/o/r/{sha}/x.sh"), true);
        assert_eq!(fixity(&url), Fixity::Content);
    }
}
