//! Buckets, registries of artifacts, and other machines.
//!
//! What these programs are given is mostly the project's own: they ask for a key. The address keeps its scheme,
//! which says so.

use super::{fetched, inside, spelled, stdout};
use crate::commands::act::{Act, Output, UrlText};
use crate::commands::site::Site;
use crate::parse::shell::{Arg, basename};

/// Options with a value of each program, those that stand before the addresses in scripts. Source: their manuals.
const VALUED: &[(&[&str], &[&str])] = &[
    (
        &["aws", "awslocal"],
        &[
            "--profile",
            "--region",
            "--endpoint-url",
            "--exclude",
            "--include",
            "--acl",
            "--storage-class",
            "--query",
            "--output",
            "--bucket",
            "--key",
            "--version-id",
        ],
    ),
    (&["gsutil"], &["-o", "-h", "-u", "-x", "-a"]),
    (&["gcloud"], &["--project", "--account", "--configuration", "--exclude"]),
    (&["azcopy"], &["--include-pattern", "--exclude-pattern", "--from-to", "--log-level"]),
    (&["s5cmd", "s3cmd"], &["--endpoint-url", "--profile", "-c", "--config", "--host", "--host-bucket", "--region"]),
    (&["az"], &["--account-name", "--account-key", "-c", "-n", "-f", "-d", "-s", "--auth-mode", "--sas-token"]),
    (&["rclone"], &["--config", "--transfers", "--include", "--exclude", "--bwlimit", "--log-level"]),
    (&["oras"], &["-o", "--output", "-u", "--username", "-p", "--password", "--config", "--platform"]),
    (&["crane"], &["--platform", "--format"]),
    (&["skopeo"], &["--src-creds", "--dest-creds", "--authfile", "--override-os", "--override-arch", "-f", "--format"]),
    (&["scp"], &["-i", "-P", "-F", "-l", "-o", "-c", "-S", "-J"]),
    (&["rsync"], &["-e", "--rsh", "-f", "--filter", "--exclude", "--include", "--exclude-from", "--files-from"]),
];

/// Gives whether the command is one of these programs.
pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) -> bool {
    let name = site.call.name.as_str();
    let Some((_, valued)) = VALUED.iter().find(|(names, _)| names.contains(&name)) else { return false };
    let operands = site.call.operands(valued);
    let words: Vec<&str> = operands.iter().map(|a| a.text.as_str()).collect();
    match (name, words.as_slice()) {
        ("aws" | "awslocal", ["s3", "cp" | "sync" | "mv", ..]) => copied(site, &operands, 2, &["s3://"], acts),
        ("aws" | "awslocal", ["s3api", "get-object", ..]) => object(site, operands.get(2), acts),
        ("gsutil", ["cp" | "rsync" | "mv", ..]) => copied(site, &operands, 1, &["gs://", "s3://"], acts),
        ("gcloud", ["storage", "cp" | "rsync" | "mv", ..]) => copied(site, &operands, 2, &["gs://", "s3://"], acts),
        ("azcopy", ["copy" | "cp" | "sync", ..]) => copied(site, &operands, 1, &["https://"], acts),
        ("s5cmd" | "s3cmd", ["cp" | "get" | "sync", ..]) => copied(site, &operands, 1, &["s3://"], acts),
        ("az", ["storage", "blob", "download" | "download-batch", ..]) => blob(site, acts),
        ("rclone", ["copy" | "copyto" | "sync" | "copyurl", ..]) => remote(site, &operands, 1, "rclone", acts),
        ("oras", ["pull", reference, ..]) => {
            let folder = site.call.value(Some('o'), "output").unwrap_or(".");
            let url = UrlText::new(format!("oci://{reference}"), !reference.contains('$'));
            acts.push(fetched(site, name, url, Output::Dir(folder.to_owned()), site.command.range.clone()));
        }
        ("crane", ["pull" | "export", reference, rest @ ..]) => {
            let url = UrlText::new(format!("oci://{reference}"), !reference.contains('$'));
            let to = rest.first().filter(|to| **to != "-").map_or_else(|| stdout(site), |to| inside(None, to));
            acts.push(fetched(site, name, url, to, site.command.range.clone()));
        }
        ("skopeo", ["copy", from, to, ..]) => skopeo(site, from, to, acts),
        ("scp", _) => remote(site, &operands, 0, "scp", acts),
        ("rsync", _) => remote(site, &operands, 0, "rsync", acts),
        _ => return false,
    }
    true
}

/// `copy <there> <here>`: only what comes from there.
fn copied(site: &Site<'_>, operands: &[&Arg<'_>], skip: usize, schemes: &[&str], acts: &mut Vec<Act>) {
    let rest = operands.get(skip..).unwrap_or_default();
    let Some((to, from)) = rest.split_last() else { return };
    let is_there = |text: &str| schemes.iter().any(|scheme| text.starts_with(scheme));
    let target = spelled(site, to);
    if is_there(&target) {
        return;
    }
    let whole = site.call.flag(Some('r'), "recursive")
        || site.call.flag(Some('R'), "recursive")
        || operands.iter().take(skip).any(|a| matches!(a.text.as_str(), "sync" | "rsync"));
    for arg in from {
        let text = spelled(site, arg);
        // An address that a variable holds may be either way round.
        if is_there(&text) {
            let url = UrlText::new(text, arg.known);
            let to = landed(site, &url, &target, whole);
            acts.push(fetched(site, &site.call.name, url, to, arg.range.clone()));
        }
    }
}

/// Where something copied to `target` lies.
fn landed(site: &Site<'_>, url: &UrlText, target: &str, whole: bool) -> Output {
    if target == "-" {
        stdout(site)
    } else if whole {
        Output::Dir(target.trim_end_matches('/').to_owned())
    } else if target.ends_with('/') || matches!(target, "." | "..") {
        match url.file_name().filter(|name| !name.contains('*')) {
            Some(name) if target == "." => inside(None, name),
            Some(name) => inside(Some(target), name),
            None => Output::Dir(target.trim_end_matches('/').to_owned()),
        }
    } else {
        inside(None, target)
    }
}

/// `aws s3api get-object --bucket b --key k file`
fn object(site: &Site<'_>, to: Option<&&Arg<'_>>, acts: &mut Vec<Act>) {
    let (Some(bucket), Some(key), Some(to)) = (site.call.value(None, "bucket"), site.call.value(None, "key"), to)
    else {
        return;
    };
    let text = format!("s3://{bucket}/{key}");
    let url = UrlText::new(text.clone(), !text.contains('$'));
    acts.push(fetched(site, "aws", url, inside(None, &to.text), site.command.range.clone()));
}

/// `az storage blob download --account-name a --container-name c --name n --file f`
fn blob(site: &Site<'_>, acts: &mut Vec<Act>) {
    let value = |short, long: &str| site.call.value(short, long);
    let text = match value(None, "blob-url") {
        Some(url) => url.to_owned(),
        None => {
            let account = value(None, "account-name").unwrap_or("<account>");
            let container =
                value(None, "container-name").or_else(|| value(Some('c'), "source")).unwrap_or("<container>");
            format!("az://{account}/{container}/{}", value(Some('n'), "name").unwrap_or(""))
        }
    };
    let to = match (value(Some('f'), "file"), value(Some('d'), "destination")) {
        (Some(path), _) => inside(None, path),
        (None, Some(folder)) => Output::Dir(folder.to_owned()),
        (None, None) => stdout(site),
    };
    let url = UrlText::new(text.clone(), !text.contains('$'));
    acts.push(fetched(site, "az", url, to, site.command.range.clone()));
}

/// `host:path` in front of a path of this machine: `scp`, `rsync`, `rclone`.
fn remote(site: &Site<'_>, operands: &[&Arg<'_>], skip: usize, by: &str, acts: &mut Vec<Act>) {
    let rest = operands.get(skip..).unwrap_or_default();
    let Some((to, from)) = rest.split_last() else { return };
    if from.is_empty() || host_of(&to.text).is_some() {
        return;
    }
    for arg in from {
        let text = spelled(site, arg);
        let Some((host, path)) = host_of(&text) else { continue };
        let scheme =
            if text.contains("://") { text.clone() } else { format!("{by}://{host}/{}", path.trim_start_matches('/')) };
        let url = UrlText::new(scheme, arg.known);
        let whole = by != "scp" || site.call.flag(Some('r'), "recursive");
        let file = basename(path).contains('.') && by != "rclone" && !path.ends_with('/');
        let to = landed(site, &url, &to.text, whole && !file);
        acts.push(fetched(site, by, url, to, arg.range.clone()));
    }
}

/// The host and the path of `user@host:path`, `rsync://host/path`, `remote:path`.
pub(super) fn host_of(text: &str) -> Option<(&str, &str)> {
    if let Some((scheme, rest)) = text.split_once("://") {
        return matches!(scheme, "rsync" | "scp" | "ssh" | "https" | "http")
            .then(|| rest.split_once('/').unwrap_or((rest, "")));
    }
    let (host, path) = text.split_once(':')?;
    // `C:\x` is a drive, `./a:b` a file, `${x:-y}` a variable.
    let named = host.len() > 1 && !host.contains(['/', '\\']) && !host.ends_with('{');
    (named && (host.contains('}') || !host.contains("${"))).then_some((host, path))
}

/// `skopeo copy docker://x dir:y`
fn skopeo(site: &Site<'_>, from: &str, to: &str, acts: &mut Vec<Act>) {
    let Some(reference) = from.strip_prefix("docker://") else { return };
    let url = UrlText::new(format!("oci://{reference}"), !reference.contains('$'));
    let to = match to.split_once(':') {
        Some(("dir" | "oci", path)) => Output::Dir(path.split(':').next().unwrap_or(path).to_owned()),
        Some(("docker-archive" | "oci-archive", path)) => inside(None, path.split(':').next().unwrap_or(path)),
        // From one registry to the other.
        _ => return,
    };
    acts.push(fetched(site, "skopeo", url, to, site.command.range.clone()));
}
