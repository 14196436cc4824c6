//! What an address says of what it serves, and how much a download weighs in the job that runs it.

use crate::commands::{ActKind, Output, UrlText};
pub(super) use crate::commands::{Fixity, fixity};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Invocation;
use crate::rules::workflow::reach::Run;

/// Whether anyone on the way can change what comes: no certificate names who sends it.
pub(super) fn is_plain(url: &UrlText) -> bool {
    ["http://", "ftp://", "git://", "svn://"].iter().any(|scheme| url.text.starts_with(scheme)) && !url.local
}

/// Whether it comes from a store or machine that asks for a key: mostly the project's own.
pub(super) fn is_of_store(url: &UrlText) -> bool {
    ["s3://", "gs://", "az://", "scp://", "rsync://", "rclone://", "ssh://"].iter().any(|s| url.text.starts_with(s))
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
    // What anyone on the way can change is as open as what is newest.
    let fixity = if is_plain(url) { Fixity::Moving } else { fixity(url) };
    // Who can write there has a key of the project's, mostly; the files do not tell.
    let impact = impact.filter(|_| !is_of_store(url));
    let (severity, impact) = match (fixity, impact) {
        _ if is_of_store(url) => (Severity::Low, None),
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
    let what = if is_plain(url) {
        "it comes over a connection that anyone on the way can change"
    } else if is_of_store(url) {
        "it comes from a store or machine that asks for a key"
    } else {
        what
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
            ("https://example.com/o/r/v${{ matrix.torch }}/x.py", Fixity::Version, "example.com"),
            ("https://example.com/Driver-26.Q1-Win11.exe", Fixity::Version, "example.com"),
            ("${URL}", Fixity::Moving, "an address set elsewhere"),
        ] {
            let url = UrlText::new(text, !text.contains('$'));
            assert_eq!((fixity(&url), host(&url).as_str()), (fixed, name), "{text}");
        }
        for (text, fixed) in [
            (format!("https://example.com/o/r/{sha}/x.sh"), Fixity::Content),
            (format!("https://example.com/o/r/archive/{sha}.tar.gz"), Fixity::Content),
            (format!("https://example.com/o/r/x.sh?ref={sha}"), Fixity::Content),
            (format!("oci://example.com/r@sha256:{sha}{}", &sha[..24]), Fixity::Content),
            ("https://example.com/o/r/refs/heads/1.2/x.sh".to_owned(), Fixity::Moving),
            ("https://example.com/o/r/raw/HEAD/x-1.2.sh".to_owned(), Fixity::Moving),
            ("https://example.com/o/r/trunk/x-1.2.sh".to_owned(), Fixity::Moving),
        ] {
            assert_eq!(fixity(&UrlText::new(text.clone(), true)), fixed, "{text}");
        }
    }

    #[test]
    fn ways_that_anyone_can_change() {
        for (text, plain, store) in [
            ("http://example.com/x", true, false),
            ("https://example.com/x", false, false),
            ("http://localhost/x", false, false),
            ("s3://bucket/x", false, true),
            ("scp://host/x", false, true),
        ] {
            let url = UrlText::new(text, true);
            assert_eq!((is_plain(&url), is_of_store(&url)), (plain, store), "{text}");
        }
    }
}
