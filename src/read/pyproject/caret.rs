//! Poetry's version constraints put into PEP 440: `^1.2`, `~1.2`, `1.2.*`, a bare version. Source:
//! Poetry's "Dependency specification".

/// A constraint in PEP 440's form; none where every version will do. Alternatives (`||`), which PEP
/// 440 cannot say, stay as written, and nobody can judge them.
pub(super) fn specifiers(constraint: &str) -> Option<String> {
    let constraint = constraint.trim();
    if constraint.contains('|') {
        return Some(constraint.to_owned());
    }
    let parts = split(constraint);
    let converted: Vec<String> = parts.iter().filter_map(|part| one(part)).collect();
    (!converted.is_empty()).then(|| converted.join(","))
}

/// A constraint on Python as a marker; empty where it says nothing that a marker can.
pub(super) fn python_marker(constraint: &str) -> String {
    let Some(specifiers) = specifiers(constraint).filter(|s| !s.contains('|')) else { return String::new() };
    let tests = specifiers.split(',').filter_map(|part| {
        let at = part.find(|c: char| c.is_ascii_digit())?;
        let (operator, version) = part.split_at(at);
        let name = if version.matches('.').count() > 1 { "python_full_version" } else { "python_version" };
        Some(format!("{name} {} \"{version}\"", operator.trim()))
    });
    tests.collect::<Vec<_>>().join(" and ")
}

/// Parts between commas or blanks; a blank after an operator splits nothing.
fn split(constraint: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in constraint.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        match out.last_mut() {
            Some(last) if !last.contains(|c: char| c.is_alphanumeric() || c == '*') => last.push_str(word),
            _ => out.push(word.to_owned()),
        }
    }
    out
}

fn one(part: &str) -> Option<String> {
    let at = part.find(|c: char| c.is_alphanumeric() || c == '*').unwrap_or(part.len());
    let (operator, version) = part.split_at(at);
    let version = version.strip_prefix('v').unwrap_or(version);
    if matches!(version, "*" | "x" | "X") {
        return None;
    }
    let wild = [".*", ".x", ".X"].iter().find_map(|end| version.strip_suffix(end));
    match (operator, wild) {
        ("" | "=" | "==", Some(prefix)) => Some(format!("=={}.*", prefix.trim_end_matches(".*"))),
        ("!=", Some(prefix)) => Some(format!("!={}.*", prefix.trim_end_matches(".*"))),
        (_, Some(prefix)) => one(&format!("{operator}{prefix}")),
        ("" | "=", None) => Some(format!("=={version}")),
        ("^", None) => Some(bounded(version, next_breaking)),
        ("~", None) => Some(bounded(version, next_minor)),
        _ => Some(part.to_owned()),
    }
}

/// `>=version,<bound`, the bound worked out from the numbers at the start of the version.
fn bounded(version: &str, bound: fn(&[u64]) -> Vec<u64>) -> String {
    let (epoch, rest) = version.split_once('!').map_or(("", version), |(epoch, rest)| (epoch, rest));
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let digits = rest.get(..end).unwrap_or("").trim_end_matches('.');
    let Some(release) = digits.split('.').take(8).map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>() else {
        return format!(">={version}");
    };
    let bound: Vec<String> = bound(&release).iter().map(ToString::to_string).collect();
    let epoch = if epoch.is_empty() { String::new() } else { format!("{epoch}!") };
    format!(">={version},<{epoch}{}", bound.join("."))
}

/// The first version that `^` leaves out: the leftmost number that is not zero goes up.
fn next_breaking(release: &[u64]) -> Vec<u64> {
    let at = release.iter().take(3).position(|n| *n != 0).unwrap_or(release.len().min(3) - 1);
    raised(release, at)
}

/// The first version that `~` leaves out: the minor number goes up, or the only one.
fn next_minor(release: &[u64]) -> Vec<u64> {
    raised(release, usize::from(release.len() > 1))
}

/// The numbers up to one place, that one raised, and zeros for the rest.
fn raised(release: &[u64], at: usize) -> Vec<u64> {
    let number = |(index, n): (usize, &u64)| match index.cmp(&at) {
        std::cmp::Ordering::Less => *n,
        std::cmp::Ordering::Equal => n.saturating_add(1),
        std::cmp::Ordering::Greater => 0,
    };
    release.iter().enumerate().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_become_specifiers() {
        for (constraint, wanted) in [
            ("^1.2.3", Some(">=1.2.3,<2.0.0")),
            ("^1.2", Some(">=1.2,<2.0")),
            ("^1", Some(">=1,<2")),
            ("^0.2.3", Some(">=0.2.3,<0.3.0")),
            ("^0.0.3", Some(">=0.0.3,<0.0.4")),
            ("^0.0", Some(">=0.0,<0.1")),
            ("^0", Some(">=0,<1")),
            ("^1.2rc1", Some(">=1.2rc1,<2.0")),
            ("^2024.1.1.5", Some(">=2024.1.1.5,<2025.0.0.0")),
            ("~1.2.3", Some(">=1.2.3,<1.3.0")),
            ("~1.2", Some(">=1.2,<1.3")),
            ("~1", Some(">=1,<2")),
            ("~=1.4", Some("~=1.4")),
            ("*", None),
            ("", None),
            ("1.2.*", Some("==1.2.*")),
            ("1.*.*", Some("==1.*")),
            ("==1.2.x", Some("==1.2.*")),
            ("1.2.3", Some("==1.2.3")),
            ("=1.2.3", Some("==1.2.3")),
            (">= 1.0, < 2", Some(">=1.0,<2")),
            (">=1.0 <2,!=1.5", Some(">=1.0,<2,!=1.5")),
            ("!=1.5.*", Some("!=1.5.*")),
            ("v1.0", Some("==1.0")),
            ("^1.0 || ^2.0", Some("^1.0 || ^2.0")),
            ("^x", None),
            ("^main", Some(">=main")),
            ("^", Some(">=")),
        ] {
            assert_eq!(specifiers(constraint).as_deref(), wanted, "{constraint}");
        }
    }

    #[test]
    fn pythons_become_markers() {
        assert_eq!(python_marker("^3.9"), "python_version >= \"3.9\" and python_version < \"4.0\"");
        assert_eq!(python_marker(">=3.9.1"), "python_full_version >= \"3.9.1\"");
        assert_eq!(python_marker("*"), "");
    }
}
