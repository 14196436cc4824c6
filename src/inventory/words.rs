//! Texts of the tree as they go out: without credentials, on one line, of a sensible length.

use crate::diag::redact::redact;
use crate::diag::redact::value;
use crate::read::cards::is_placeholder;
use crate::sbom::model::Hash;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Party;

/// Characters of a text that are kept.
const LONGEST: usize = 400;

/// A text that may go out; none where nothing is left of it.
pub(super) fn plain(text: &str) -> Option<String> {
    cut(text, redact)
}

/// A text of several lines that may go out: each as [`plain`], empty ones left out.
pub(super) fn lines(text: &str) -> Option<String> {
    let lines: Vec<String> = text.lines().filter_map(plain).collect();
    let text: String = lines.join("\n").chars().take(LONGEST).collect();
    (!text.is_empty()).then_some(text)
}

/// A name, a release, a path that may go out: only what has the shape of a credential is taken out of it.
pub(super) fn name(text: &str) -> Option<String> {
    cut(text, value)
}

fn cut(text: &str, clean: fn(&str) -> String) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = clean(&words.join(" "));
    let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// An address that may go out: whole, of the web or of git, without a user and without what is put in later.
pub(super) fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://")?;
    let is_known = matches!(scheme, "https" | "http" | "ssh" | "git" | "s3" | "gs" | "az" | "oci" | "ftp" | "hf");
    let is_written = rest.bytes().all(|b| b.is_ascii_graphic()) && !rest.contains(['$', '{', '<', '`', '"', '\\']);
    if !is_known || !is_written || rest.is_empty() {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().filter(|host| !host.is_empty())?;
    Some(value(&format!("{scheme}://{host}{path}")))
}

/// A repository as people and git write it: `https://host/o/r.git`, `git@host:o/r`, `git+https://..`.
pub(super) fn repository(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("git+").unwrap_or(text);
    if text.contains("://") {
        return address(text).map(|url| url.trim_end_matches('/').to_owned());
    }
    let (host, path) = text.split_once(':')?;
    let host = host.rsplit('@').next()?;
    let is_host = host.contains('.') && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    is_host.then(|| address(&format!("https://{host}/{}", path.trim_start_matches('/')))).flatten()
}

/// The address of a remote in one spelling, however a clone was made: `https://host/owner/name`. A check-out of a
/// pipeline and one of a person name one repository in several ways, and the document is the same.
pub(super) fn remote(text: &str) -> Option<String> {
    let url = repository(text)?;
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "https" | "http" | "ssh" | "git" | "git+ssh" | "git+https") {
        return Some(url);
    }
    let (authority, path) = rest.split_once('/')?;
    let authority = authority.to_ascii_lowercase();
    let own = match scheme {
        "https" => ":443",
        "http" => ":80",
        "git" => ":9418",
        _ => ":22",
    };
    let host = authority.strip_suffix(own).unwrap_or(&authority);
    // Where ssh answers on the port of the web. Source: documentation of these hosts.
    let host = match host.strip_suffix(":443").unwrap_or(host) {
        "ssh.github.com" => "github.com",
        "altssh.gitlab.com" => "gitlab.com",
        "altssh.bitbucket.org" => "bitbucket.org",
        _ => host,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path).trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
    (!path.is_empty()).then(|| format!("https://{host}/{path}"))
}

/// The last part of a repository's address: what people call it.
pub(super) fn repository_name(url: &str) -> Option<String> {
    let name = url.trim_end_matches('/').rsplit('/').next()?;
    let name = name.strip_suffix(".git").unwrap_or(name);
    (!name.is_empty() && url.split_once("://")?.1.contains('/')).then(|| name.to_owned())
}

/// A link, where the address may go out.
pub(super) fn link(kind: LinkKind, url: &str) -> Option<Link> {
    let url = if kind == LinkKind::Vcs { repository(url) } else { address(url) };
    url.map(|url| Link { kind, url })
}

/// A licence that whoever made something states; none where they state none.
pub(super) fn licence(text: &str) -> Option<Licence> {
    let text = name(text).filter(|text| !matches!(text.as_str(), "NONE" | "NOASSERTION" | "UNKNOWN"))?;
    if is_placeholder(&text) {
        return None;
    }
    // Cargo once joined alternatives with a stroke.
    let is_old = text.contains('/') && !text.contains(' ') && text.split('/').all(is_listed);
    let text = if is_old { text.split('/').collect::<Vec<_>>().join(" OR ") } else { text };
    Some(Licence { name: LicenceName::of_text(&text), url: None, standing: LicenceStanding::Declared })
}

fn is_listed(text: &str) -> bool {
    matches!(LicenceName::of_text(text), LicenceName::Id(_))
}

/// Somebody as manifests name them: `Name <mail>`, a name, an address of mail.
pub(super) fn party(text: &str) -> Option<Party> {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (name, mail) = match text.split_once('<') {
        Some((name, rest)) => (name.trim(), rest.split('>').next().unwrap_or("").trim()),
        None if text.contains('@') && !text.contains(' ') => ("", text.as_str()),
        None => (text.as_str(), ""),
    };
    let is_mail = mail.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    let emails = is_mail.then(|| mail.to_owned()).into_iter().collect();
    let name = if name.is_empty() && is_mail { mail } else { name };
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    (!name.is_empty()).then_some(Party { name, emails, ..Party::default() })
}

/// A digest as locks write it, `sha256:..` or `sha256=..`.
pub(super) fn hash(text: &str) -> Option<Hash> {
    Hash::of_text(text).or_else(|| Hash::of_text(&text.replacen('=', ":", 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_no_user() {
        for (written, expected) in [
            ("https://user:word@example.com/a", Some("https://example.com/a")),
            ("https://example.com/$VERSION/a", None),
            ("file:///home/somebody/a", None),
            ("/home/somebody/a", None),
            ("https://", None),
        ] {
            assert_eq!(address(written).as_deref(), expected, "{written}");
        }
        for (written, expected) in [
            ("git@example.com:o/r.git", Some("https://example.com/o/r.git")),
            ("git+https://example.com/o/r", Some("https://example.com/o/r")),
            ("ssh://git@example.com/o/r", Some("ssh://example.com/o/r")),
            ("../other", None),
            ("C:\\work", None),
        ] {
            assert_eq!(repository(written).as_deref(), expected, "{written}");
        }
        assert_eq!(repository_name("https://example.com/o/r.git").as_deref(), Some("r"));
        assert_eq!(repository_name("https://example.com"), None);
    }

    #[test]
    fn one_remote_has_one_spelling() {
        for written in [
            "https://example.com/acme/x",
            "https://example.com/acme/x.git",
            "https://example.com/acme/x/",
            "http://example.com/acme/x.git",
            "https://someone:word@Example.com:443/acme/x",
            "git@example.com:acme/x.git",
            "example.com:acme/x",
            "ssh://git@example.com/acme/x",
            "ssh://git@example.com:22/acme/x.git",
            "git://example.com/acme/x.git",
        ] {
            assert_eq!(remote(written).as_deref(), Some("https://example.com/acme/x"), "{written}");
        }
        assert_eq!(remote("ssh://git@ssh.github.com:443/acme/x").as_deref(), Some("https://github.com/acme/x"));
        assert_eq!(remote("ssh://git@example.com:2222/acme/x").as_deref(), Some("https://example.com:2222/acme/x"));
        assert_eq!(remote("/srv/git/x.git"), None);
    }

    #[test]
    fn licences_and_people_are_told_as_far_as_they_are_stated() {
        let told = |text| licence(text).map(|l| l.name);
        assert_eq!(told("MIT/Apache-2.0"), Some(LicenceName::Expression("MIT OR Apache-2.0".to_owned())));
        for none in [
            "NONE",
            "TODO",
            "???",
            "xxx",
            "<license>",
            "{{ license }}",
            "[license]",
            "your-license",
            "To be determined",
        ] {
            assert_eq!(told(none), None, "{none}");
        }
        assert_eq!(told("llama3"), Some(LicenceName::Named("llama3".to_owned())));
        let who = party("A Name <a@example.com>").map(|p| (p.name, p.emails.into_iter().next()));
        assert_eq!(who, Some(("A Name".to_owned(), Some("a@example.com".to_owned()))));
        assert_eq!(party("  "), None);
    }
}
