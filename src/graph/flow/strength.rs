//! What one check proves of one file.

use crate::commands::{Act, ActKind, Check, Signer, UrlText, Verifier};

use super::{Flaw, Strength};

/// What a check compares a file with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared<'s> {
    /// From where the file came.
    pub(super) file: &'s UrlText,
    /// From where what it is compared with came in the same run; nothing where it was not fetched.
    pub(super) fetched: &'s [UrlText],
    /// What it is compared with is a file of the tree.
    pub(super) is_of_tree: bool,
}

/// What a check proves, provided that its failure stops what follows.
pub(super) fn strength(act: &Act, compared: &Compared<'_>) -> Result<Strength, Flaw> {
    let ActKind::Verify { kind, check, .. } = &act.kind else { return Err(Flaw::Bypassed) };
    if *kind == Verifier::WeakChecksum {
        return Err(Flaw::Broken);
    }
    let is_beside = compared.fetched.iter().any(|from| origin(from) == origin(compared.file));
    match check {
        Check::Signature(Signer::Anybody | Signer::AnyIdentity(_)) => Err(Flaw::AnySigner),
        // A key that came along with the file is that of whoever served both.
        Check::Signature(_) if is_beside => Err(Flaw::AnySigner),
        Check::Signature(_) => Ok(Strength::Signature),
        Check::Literal if compared.fetched.is_empty() => Ok(Strength::LiteralDigest),
        _ if is_beside => Err(Flaw::SameOrigin),
        Check::File(_) if compared.is_of_tree && compared.fetched.is_empty() => Ok(Strength::TrackedDigest),
        _ => Ok(Strength::OtherOrigin),
    }
}

/// Who serves an address: its host, the repository for `gh`.
fn origin(url: &UrlText) -> &str {
    if let Some(rest) = url.text.strip_prefix("gh:") {
        return rest.split("/releases/").next().unwrap_or(rest);
    }
    let rest = url.text.split_once("://").map_or(url.text.as_str(), |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
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
        let file = UrlText::new("https://example.com/v1/tool", true);
        let beside = [UrlText::new("https://example.com/v1/tool.sha256", true)];
        let elsewhere = [UrlText::new("https://sums.example.org/tool.sha256", true)];
        let list = || Check::File("tool.sha256".to_owned());
        for (kind, check, fetched, is_of_tree, expected) in [
            (Verifier::Checksum, Check::Literal, &[][..], false, Ok(Strength::LiteralDigest)),
            (Verifier::Compare, Check::Stdin, &[], false, Ok(Strength::OtherOrigin)),
            (Verifier::Checksum, list(), &beside, false, Err(Flaw::SameOrigin)),
            (Verifier::Checksum, list(), &beside, true, Err(Flaw::SameOrigin)),
            (Verifier::Checksum, list(), &elsewhere, false, Ok(Strength::OtherOrigin)),
            (Verifier::Checksum, list(), &[], true, Ok(Strength::TrackedDigest)),
            (Verifier::Checksum, Check::Literal, &beside, false, Err(Flaw::SameOrigin)),
            (Verifier::WeakChecksum, Check::Literal, &[], false, Err(Flaw::Broken)),
            (Verifier::Checksum, Check::Variable("SUM".to_owned()), &[], false, Ok(Strength::OtherOrigin)),
            (Verifier::Gpg, Check::Signature(Signer::Keyring), &[], false, Ok(Strength::Signature)),
            (Verifier::Cosign, Check::Signature(Signer::Anybody), &[], false, Err(Flaw::AnySigner)),
            (
                Verifier::Openssl,
                Check::Signature(Signer::Key("k.pub".to_owned())),
                &beside,
                false,
                Err(Flaw::AnySigner),
            ),
        ] {
            let compared = Compared { file: &file, fetched, is_of_tree };
            assert_eq!(strength(&verify(kind, check.clone()), &compared), expected, "{kind:?} {check:?}");
        }
    }
}
