//! What one check proves of one file.

use crate::commands::{Act, ActKind, Check, Signer, UrlText, Verifier};

use super::{Flaw, Strength};

/// What a check compares a file with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared<'s> {
    /// From where the file came.
    pub(super) file: &'s UrlText,
    /// From where what it is compared with came in the same run, a key as well as a digest; nothing where it was
    /// not fetched.
    pub(super) fetched: &'s [UrlText],
    /// What else is known of that.
    pub(super) origin: Origin,
}

/// Where what a file is compared with stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// In the script, or in a variable that workflow, job or image give a constant.
    Script,
    /// In a file of the tree.
    Tree,
    /// It is a key asked for by a short number.
    ShortKey,
    /// Elsewhere.
    Unknown,
}

/// A key taken over by a routine.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// From a file.
    File(String),
    /// From an address.
    Fetched(UrlText),
    /// From a server of keys, by its number.
    Id(String),
    /// From anywhere.
    Unknown,
}

/// Whether a number of a key is so short that others can make a key with it: less than sixteen digits.
pub(super) fn is_short(id: &str) -> bool {
    let digits = id.trim_start_matches("0x");
    !digits.is_empty() && digits.len() < 16 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What a check proves, provided that its failure stops what follows.
pub(super) fn strength(act: &Act, compared: &Compared<'_>) -> Result<Strength, Flaw> {
    let ActKind::Verify { kind, check, .. } = &act.kind else { return Err(Flaw::Bypassed) };
    if *kind == Verifier::WeakChecksum {
        return Err(Flaw::Broken);
    }
    let file = publisher(compared.file);
    let is_beside = compared.fetched.iter().any(|from| !is_fixed(from) && is_same(&publisher(from), &file));
    if let Check::Signature(signer) = check {
        let is_open = match signer {
            // The tool itself refuses to work without a repository or owner.
            Signer::Anybody => !matches!(kind, Verifier::GhAttestation | Verifier::Slsa),
            Signer::AnyIdentity(_) => true,
            Signer::Identity(_) => false,
            Signer::Key(_) | Signer::Keyring => is_beside || compared.origin == Origin::ShortKey,
        };
        return if is_open { Err(Flaw::AnySigner) } else { Ok(Strength::Signature) };
    }
    match compared.origin {
        _ if is_beside => Err(Flaw::SameOrigin),
        Origin::Script if compared.fetched.is_empty() => Ok(Strength::LiteralDigest),
        Origin::Tree if compared.fetched.is_empty() => Ok(Strength::TrackedDigest),
        _ => Ok(Strength::OtherOrigin),
    }
}

/// Whether an address holds a commit or digest: nobody can change what it serves.
fn is_fixed(url: &UrlText) -> bool {
    url.text
        .split(['/', '?', '@'])
        .any(|part| matches!(part.len(), 40 | 64) && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Who serves an address: the repository on GitHub, the host elsewhere.
fn publisher(url: &UrlText) -> String {
    let rest = url.text.split_once("://").map_or(url.text.as_str(), |(_, rest)| rest);
    let of_github = url.text.strip_prefix("gh:").or_else(|| {
        let hosts = ["github.com/", "api.github.com/repos/", "raw.githubusercontent.com/", "codeload.github.com/"];
        hosts.iter().find_map(|host| rest.strip_prefix(host))
    });
    match of_github {
        Some(path) => path.split('/').take(2).collect::<Vec<_>>().join("/").to_ascii_lowercase(),
        None => rest.split(['/', '?', '#']).next().unwrap_or(rest).to_ascii_lowercase(),
    }
}

/// Whether two are one: `$URL` and `$URL.sha256` are, whatever they stand for.
fn is_same(one: &str, other: &str) -> bool {
    let extends = |long: &str, short: &str| {
        short.starts_with('$') && long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'))
    };
    one == other || extends(one, other) || extends(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_proves_what_its_origin_lets_it() {
        let verify = |kind, check| {
            let kind = ActKind::Verify { kind, check, targets: Vec::new(), fatal: true };
            Act { command: 0, range: 0..0, kind }
        };
        let url = |text: &str| UrlText::new(text, !text.contains('$'));
        let file = url("https://example.com/v1/tool");
        let beside = [url("https://example.com/v1/tool.sha256")];
        let elsewhere = [url("https://sums.example.org/tool.sha256")];
        let fixed = [url("https://example.com/0123456789abcdef0123456789abcdef01234567/tool.sha256")];
        let list = || Check::File("tool.sha256".to_owned());
        let signed = |signer| Check::Signature(signer);
        let keys = || signed(Signer::Keyring);
        for (kind, check, fetched, origin, expected) in [
            (Verifier::Checksum, Check::Literal, &[][..], Origin::Script, Ok(Strength::LiteralDigest)),
            (Verifier::Checksum, Check::Variable("X".into()), &[], Origin::Script, Ok(Strength::LiteralDigest)),
            (Verifier::Compare, Check::Stdin, &[], Origin::Unknown, Ok(Strength::OtherOrigin)),
            (Verifier::Checksum, list(), &beside, Origin::Unknown, Err(Flaw::SameOrigin)),
            (Verifier::Checksum, list(), &beside, Origin::Tree, Err(Flaw::SameOrigin)),
            (Verifier::Checksum, list(), &elsewhere, Origin::Unknown, Ok(Strength::OtherOrigin)),
            (Verifier::Checksum, list(), &fixed, Origin::Unknown, Ok(Strength::OtherOrigin)),
            (Verifier::Checksum, list(), &[], Origin::Tree, Ok(Strength::TrackedDigest)),
            (Verifier::Checksum, Check::Literal, &beside, Origin::Script, Err(Flaw::SameOrigin)),
            (Verifier::WeakChecksum, Check::Literal, &[], Origin::Script, Err(Flaw::Broken)),
            (Verifier::Gpg, keys(), &[], Origin::Unknown, Ok(Strength::Signature)),
            (Verifier::Gpg, keys(), &beside, Origin::Unknown, Err(Flaw::AnySigner)),
            (Verifier::Gpg, keys(), &[], Origin::ShortKey, Err(Flaw::AnySigner)),
            (Verifier::Cosign, signed(Signer::AnyIdentity(".*".into())), &[], Origin::Unknown, Err(Flaw::AnySigner)),
            (Verifier::Cosign, signed(Signer::Identity("x".into())), &beside, Origin::Unknown, Ok(Strength::Signature)),
            (Verifier::GhAttestation, signed(Signer::Anybody), &[], Origin::Unknown, Ok(Strength::Signature)),
        ] {
            let compared = Compared { file: &file, fetched, origin };
            assert_eq!(strength(&verify(kind, check.clone()), &compared), expected, "{kind:?} {check:?} {origin:?}");
        }
    }

    #[test]
    fn publishers_are_told_apart() {
        let url = |text: &str| UrlText::new(text, !text.contains('$'));
        for (one, other, expected) in [
            ("https://github.com/o/r/releases/download/v1/x", "gh:o/r/releases/v1", true),
            ("https://github.com/o/r/releases/download/v1/x", "https://api.github.com/repos/o/r/releases", true),
            ("https://github.com/o/r/x", "https://github.com/o/other/x", false),
            ("${URL}", "${URL}.sha256", true),
            ("${URL}", "${OTHER}", false),
            ("https://a.example.com/x", "https://b.example.com/x", false),
        ] {
            assert_eq!(is_same(&publisher(&url(one)), &publisher(&url(other))), expected, "{one} {other}");
        }
        assert!(is_short("0xABCD1234") && !is_short("0123456789ABCDEF") && !is_short("a@example.com"));
    }
}
