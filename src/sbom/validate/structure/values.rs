//! Texts, wherever they stand: empty ones, paths of a machine, credentials in addresses.

use super::At;
use super::walk;
use crate::parse::json::Value;
use crate::sbom::model::Format;
use crate::sbom::validate::Check;
use crate::sbom::validate::Findings;
use crate::sbom::validate::interpret::short;

/// Fields of free text, which may speak of any path.
const PROSE: &[&str] = &[
    "content",
    "description",
    "detail",
    "statement",
    "text",
    "comment",
    "notes",
    "message",
    "simplelicensing_licenseText",
    "extractedText",
    "licenseText",
    "licenseComments",
    "noticeText",
    "copyrightText",
    "copyright",
    "attributionTexts",
    "summary",
    "software_copyrightText",
];

/// Where folders of people and of build machines begin. What images have under `/usr` or `/opt` is none of these.
const MACHINES: &[&str] = &[
    "/home/",
    "/Users/",
    "/root/",
    "/tmp/",
    "/var/folders/",
    "/private/",
    "/__w/",
    "/builds/",
    "/github/workspace/",
    "/home/runner/",
    "/mnt/c/",
    "/workspace/",
    "/workspaces/",
    "/var/lib/jenkins/",
];

pub(super) fn check(format: &Format, root: &Value, findings: &mut Findings) {
    let is_image = is_image(root);
    walk(root, &At::ROOT, &mut |value, at| {
        let Some(text) = value.as_str() else { return };
        if text.trim().is_empty() {
            let name = at.name();
            // The empty value of a property is a value.
            let is_value = name == "value" || (matches!(format, Format::Spdx3(_)) && name.ends_with("Value"));
            if !is_value && !PROSE.contains(&name) {
                let message = format!("`{}` is empty", short(name));
                findings.push(Check::Empty, at.pointer(), value.span.start, message);
            }
            return;
        }
        if let Some(key) = secret(text) {
            let message = format!("the address has a secret in `{}`", short(key));
            findings.push(Check::UserInfo, at.pointer(), value.span.start, message);
        } else if let Some(host) = credentials(text) {
            let message = format!("the address at {} has a user name or password in it", short(host));
            findings.push(Check::UserInfo, at.pointer(), value.span.start, message);
        }
        if !PROSE.contains(&at.name())
            && let Some(path) = machine_path(text, is_image)
        {
            let message = format!("`{}` names {}", short(at.name()), short(path));
            findings.push(Check::MachinePath, at.pointer(), value.span.start, message);
        }
    });
}

/// Whether a document is about an image, whose paths are its own.
fn is_image(root: &Value) -> bool {
    let kind = root.get("metadata").and_then(|one| one.get("component")).and_then(|one| one.get("type"));
    kind.and_then(Value::as_str).is_some_and(|kind| matches!(kind, "container" | "operating-system"))
        || root
            .get("packages")
            .is_some_and(|all| all.items().iter().any(|one| is_text(one.get("primaryPackagePurpose"), "CONTAINER")))
}

fn is_text(value: Option<&Value>, wanted: &str) -> bool {
    value.and_then(Value::as_str) == Some(wanted)
}

/// The path of a machine in a text: at its start, after `file://` or after what parts words.
fn machine_path(text: &str, is_image: bool) -> Option<&str> {
    // The names of CPE escape signs with a backslash behind the letter of their part.
    if text.starts_with("cpe:") {
        return None;
    }
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before)).copied();
        let starts = match before {
            None => true,
            Some(b'/') => text.get(..at).is_some_and(|before| before.ends_with("file://")),
            Some(before) => {
                matches!(before, b' ' | b'=' | b'"' | b'\'' | b'(' | b',' | b';' | b'[' | b'|')
                    || (before == b':' && !text.get(at..).is_some_and(|rest| rest.starts_with("//")))
            }
        };
        if !starts {
            continue;
        }
        let rest = text.get(at..)?;
        let is_drive = byte.is_ascii_alphabetic()
            && bytes.get(at + 1) == Some(&b':')
            && (bytes.get(at + 2) == Some(&b'\\') || rest.get(2..).is_some_and(|rest| rest.starts_with("/Users/")));
        let is_folder = *byte == b'/'
            && !is_image
            && MACHINES.iter().any(|folder| rest.strip_prefix(folder).is_some_and(|inner| !inner.is_empty()));
        if is_drive || is_folder {
            let end = rest.find([' ', '"', '\'', ',', ';', '|', '#']).unwrap_or(rest.len());
            return rest.get(..end);
        }
    }
    None
}

/// Names of a query's parts that hold a secret.
const SECRETS: &[&str] = &[
    "access_token",
    "api_key",
    "apikey",
    "auth_token",
    "client_secret",
    "password",
    "passwd",
    "private_token",
    "pwd",
    "secret",
    "sig",
    "token",
    "x-amz-signature",
    "x-goog-signature",
];

/// The part of an address's query that holds a secret.
fn secret(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let (_, query) = rest.split_once('?')?;
    let query = query.split(['#', ' ', '"']).next().unwrap_or(query);
    query.split('&').find_map(|one| {
        let (key, value) = one.split_once('=')?;
        let is_place = value.contains(['$', '{', '<', '*']) || value.contains("...");
        // Short ones are words: `?key=name`.
        (SECRETS.iter().any(|name| key.eq_ignore_ascii_case(name)) && value.len() >= 16 && !is_place).then_some(key)
    })
}

/// The host of an address that has a user name or password in it. `git@` is a name that everybody has.
fn credentials(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let end = after.find(['/', '?', '#', ' ', '"', '\'', '\\']).unwrap_or(after.len());
        let (authority, next) = after.split_at(end);
        if let Some((user, host)) = authority.rsplit_once('@') {
            let name = user.split(':').next().unwrap_or("");
            let has_password = user.contains(':') && !user.ends_with(':');
            let is_web = before.ends_with("http") || before.ends_with("https");
            let is_place = user.contains(['$', '{', '<', '*', '%']) || user.contains("...");
            let is_usual = matches!(name, "git" | "hg" | "anonymous" | "user" | "username");
            let is_told = if is_usual { has_password } else { has_password || is_web };
            if is_told && !user.is_empty() && !is_place {
                return Some(host);
            }
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_machines() {
        for (text, path) in [
            ("/home/ann/work/Cargo.lock", Some("/home/ann/work/Cargo.lock")),
            ("path+file:///home/ann/work#x@0.1.0", Some("/home/ann/work")),
            ("C:\\Users\\ann\\x", Some("C:\\Users\\ann\\x")),
            ("SrcFile: /tmp/x/y", Some("/tmp/x/y")),
            ("src/home/x.rs", None),
            ("https://example.com/home/x", None),
            ("/usr/lib/x.so", None),
            ("/tmp/", None),
            ("http:/x", None),
            ("cpe:2.3:a:\\@acme\\/css:css:1:*:*:*:*:*:*:*", None),
        ] {
            assert_eq!(machine_path(text, false), path, "{text}");
        }
        assert_eq!(machine_path("/root/.cache/x", true), None);
    }

    #[test]
    fn secrets_in_queries() {
        for (text, key) in [
            ("https://example.com/x?token=0123456789abcdef0123", Some("token")),
            ("https://example.com/x?a=1&X-Amz-Signature=0123456789abcdef", Some("X-Amz-Signature")),
            ("https://example.com/x?token=${REGISTRY_TOKEN_OF_ACME}", None),
            ("https://example.com/x?key=name", None),
            ("https://example.com/x?download=true#token=0123456789abcdef", None),
        ] {
            assert_eq!(secret(text), key, "{text}");
        }
    }

    #[test]
    fn credentials_in_addresses() {
        for (text, host) in [
            ("https://ann:secret@example.com/x", Some("example.com")),
            ("https://token@example.com/x", Some("example.com")),
            ("ssh://git@example.com/x", None),
            ("git+https://git@example.com/x", None),
            ("https://${USER}:${PASSWORD}@example.com", None),
            ("https://example.com/@scope/x", None),
            ("see https://example.com and https://a:b@example.org/", Some("example.org")),
        ] {
            assert_eq!(credentials(text), host, "{text}");
        }
    }
}
