//! Ranges of versions as `vers` spells them. Source: the VERS specification; requirements of cargo, PEP 440.

use semver::Comparator;
use semver::Op;
use semver::VersionReq;

/// A range as `vers` spells it; none where it has no simple one, so that nothing is told that is not meant.
pub(super) fn vers(purl: &str, range: &str) -> Option<String> {
    let kind = purl.strip_prefix("pkg:")?.split('/').next()?;
    let parts = match kind {
        "cargo" => cargo(range)?,
        "pypi" => python(range)?,
        _ => return None,
    };
    let is_plain =
        |text: &str| text.bytes().all(|one| one.is_ascii_alphanumeric() || matches!(one, b'.' | b'-' | b'_'));
    let lower = parts.iter().filter(|(sign, _)| sign.starts_with('>')).count();
    let upper = parts.iter().filter(|(sign, _)| sign.starts_with('<')).count();
    // Bounds that contradict or repeat each other would have to be merged.
    let is_simple = (parts.len() == 1 || (lower == 1 && upper == 1 && parts.len() == 2))
        && parts.iter().all(|(_, version)| !version.is_empty() && is_plain(version));
    if !is_simple {
        return None;
    }
    let mut parts: Vec<String> = parts.iter().map(|(sign, version)| format!("{sign}{version}")).collect();
    parts.sort_by_key(|part| !part.starts_with('>'));
    Some(format!("vers:{kind}/{}", parts.join("|")))
}

type Bounds = Vec<(&'static str, String)>;

fn cargo(range: &str) -> Option<Bounds> {
    let required = VersionReq::parse(range).ok()?;
    let mut out = Vec::new();
    for one in &required.comparators {
        let version = |one: &Comparator| {
            let pre = if one.pre.is_empty() { String::new() } else { format!("-{}", one.pre) };
            format!("{}.{}.{}{pre}", one.major, one.minor.unwrap_or(0), one.patch.unwrap_or(0))
        };
        let whole = one.patch.is_some();
        match one.op {
            Op::Exact if whole => out.push(("", version(one))),
            Op::GreaterEq => out.push((">=", version(one))),
            Op::Greater if whole => out.push((">", version(one))),
            Op::Less => out.push(("<", version(one))),
            Op::LessEq if whole => out.push(("<=", version(one))),
            Op::Caret => {
                let above = match (one.major, one.minor, one.patch) {
                    (0, Some(0), Some(patch)) => format!("0.0.{}", patch + 1),
                    (0, Some(minor), _) => format!("0.{}.0", minor + 1),
                    (major, ..) => format!("{}.0.0", major.checked_add(1)?),
                };
                out.extend([(">=", version(one)), ("<", above)]);
            }
            Op::Tilde => {
                let above = match one.minor {
                    Some(minor) => format!("{}.{}.0", one.major, minor + 1),
                    None => format!("{}.0.0", one.major.checked_add(1)?),
                };
                out.extend([(">=", version(one)), ("<", above)]);
            }
            _ => return None,
        }
    }
    Some(out)
}

fn python(range: &str) -> Option<Bounds> {
    const SIGNS: &[(&str, &str)] = &[(">=", ">="), ("<=", "<="), ("==", ""), (">", ">"), ("<", "<")];
    let parts = range.split(',').map(str::trim).map(|part| {
        let (sign, rest) = SIGNS.iter().find_map(|(written, sign)| Some((*sign, part.strip_prefix(written)?)))?;
        Some((sign, rest.trim().to_owned()))
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_ranges_are_spelt_and_others_are_not_guessed() {
        for (purl, range, wanted) in [
            ("pkg:cargo/a", "^1.2", Some("vers:cargo/>=1.2.0|<2.0.0")),
            ("pkg:cargo/a", "0.3", Some("vers:cargo/>=0.3.0|<0.4.0")),
            ("pkg:cargo/a", "0.0.3", Some("vers:cargo/>=0.0.3|<0.0.4")),
            ("pkg:cargo/a", "~1.2.3", Some("vers:cargo/>=1.2.3|<1.3.0")),
            ("pkg:cargo/a", "=1.2.3", Some("vers:cargo/1.2.3")),
            ("pkg:cargo/a", "<2, >=1", Some("vers:cargo/>=1.0.0|<2.0.0")),
            ("pkg:cargo/a", "*", None),
            ("pkg:cargo/a", "1.*", None),
            ("pkg:pypi/a", ">=1.2,<2", Some("vers:pypi/>=1.2|<2")),
            ("pkg:pypi/a", "==1.0", Some("vers:pypi/1.0")),
            ("pkg:pypi/a", "==1.*", None),
            ("pkg:pypi/a", "~=1.0", None),
            ("pkg:pypi/a", ">=1,!=1.5,<2", None),
            ("pkg:npm/a", "^1", None),
            ("odd", "^1", None),
        ] {
            assert_eq!(vers(purl, range).as_deref(), wanted, "{purl} {range}");
        }
    }
}
