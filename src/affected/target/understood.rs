//! Questions that cannot be understood are mistakes: asked as they stand, they would be answered with "no".

use super::Target;
use crate::affected::fit::is_commit;
use crate::affected::fit::is_range;
use crate::affected::versions::Versions;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Hash;

/// Digits of the shortest digest.
const SHORTEST: usize = 32;
/// Digits of a commit.
const COMMIT: usize = 40;

/// Says what of a target cannot be understood.
///
/// # Errors
/// A sentence that says so.
pub(super) fn check(target: &Target) -> Result<(), String> {
    match target {
        Target::Package { ecosystem, name, versions } => {
            name_of_package(ecosystem.as_deref(), name)?;
            versions.as_deref().map_or(Ok(()), |versions| self::versions(ecosystem.as_deref(), versions))
        }
        Target::Action { reference: Some(reference), .. } if is_range(reference) => versions(None, reference),
        Target::Action { reference: Some(reference), .. } | Target::Asset { revision: Some(reference), .. } => {
            reference_of(reference)
        }
        Target::Image { reference: Some(reference), .. } if reference.contains(':') => match Hash::of_text(reference) {
            Some(_) => Ok(()),
            None => Err(broken_digest(reference).unwrap_or_else(|| format!("`{reference}` is no digest"))),
        },
        Target::Image { reference: Some(reference), .. } => reference_of(reference),
        _ => Ok(()),
    }
}

fn name_of_package(ecosystem: Option<&str>, name: &str) -> Result<(), String> {
    let is_plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let is_name = match ecosystem {
        None | Some("pypi" | "cargo") => is_plain(name),
        Some("npm") => match name.strip_prefix('@').map(|rest| rest.split_once('/')) {
            Some(scoped) => scoped.is_some_and(|(scope, name)| is_plain(scope) && is_plain(name)),
            None => is_plain(name),
        },
        Some(_) => !name.contains(char::is_whitespace),
    };
    if is_name { Ok(()) } else { Err(format!("`{name}` is no name of a package")) }
}

fn versions(ecosystem: Option<&str>, text: &str) -> Result<(), String> {
    if Versions::parse(text).is_some_and(|versions| versions.is_understood(ecosystem)) {
        return Ok(());
    }
    Err(format!(
        "`{text}` names no version: `1.2.3,1.2.4` asks for either, `>=1.2.3,<1.2.9` for a range, `1.2.*` for a line of \
         releases, and a name without a version for all of them"
    ))
}

/// A tag, branch or commit.
fn reference_of(text: &str) -> Result<(), String> {
    if text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | ';')) {
        return Err(format!("`{text}` is no tag, branch or commit"));
    }
    let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hex && text.len() > COMMIT && !is_commit(text) {
        return Err(format!("`{text}` is no commit: it has {} hexadecimal digits, and not 40 or 64", text.len()));
    }
    Ok(())
}

/// Why what looks like a digest is none: lost or mistyped digits. None where it does not look like one.
pub(super) fn broken_digest(text: &str) -> Option<String> {
    let text = text.trim();
    if Hash::of_text(text).is_some() {
        return None;
    }
    let (algorithm, digits) = match text.split_once(':') {
        Some((name, digits)) => (Some(Algorithm::of_name(name.trim())?), digits.trim()),
        None => (None, text),
    };
    let is_hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    const LENGTHS: &[usize] = &[32, 40, 56, 64, 96, 128];
    match algorithm {
        Some(_) if is_hex => Some(format!("`{text}` is no digest: {} digits are too few or too many", digits.len())),
        Some(_) => Some(format!("`{text}` is no digest: its digits are not hexadecimal")),
        None if is_hex && digits.len() >= SHORTEST && !LENGTHS.contains(&digits.len()) => {
            Some(format!("`{text}` is no digest: none that is known has {} digits", digits.len()))
        }
        None => None,
    }
}
