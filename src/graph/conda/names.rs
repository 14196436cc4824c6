//! Which conda packages are builds of which distributions of PyPI, so that advisories on those speak of
//! them. A name that is not in the table is not known to be the same software: conda's `redis` is the
//! server, PyPI's the client.

/// One name a line, and behind a tab the distribution's where it differs.
const TABLE: &str = include_str!("names.tsv");

/// The distribution of PyPI, normalised, that a conda package is a build of.
#[must_use]
pub fn distribution_of(conda: &str) -> Option<String> {
    let wanted = conda.trim().to_ascii_lowercase();
    let line = find(TABLE, &wanted)?;
    Some(match line.split_once('\t') {
        Some((_, name)) => name.to_owned(),
        None => crate::graph::identity::distribution_name(line),
    })
}

/// The line of a name, by halves: lines are sorted by their bytes.
fn find<'t>(table: &'t str, wanted: &str) -> Option<&'t str> {
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = table.get(..middle)?.rfind('\n').map_or(0, |at| at + 1);
        let end = table.get(middle..)?.find('\n').map_or(table.len(), |at| middle + at);
        let line = table.get(start..end)?;
        let name = line.split('\t').next().unwrap_or(line);
        // Comments stand at the head, before all names.
        match (line.starts_with('#'), name.cmp(wanted)) {
            (false, std::cmp::Ordering::Equal) => return Some(line),
            (false, std::cmp::Ordering::Greater) => high = start,
            _ => low = end + 1,
        }
    }
    None
}

/// Whether a version is one that both worlds write alike.
#[must_use]
pub fn is_common_version(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_digit())
        && version.split('.').all(|part| {
            let letters: String = part.chars().filter(|c| !c.is_ascii_digit()).collect();
            !part.is_empty() && matches!(letters.as_str(), "" | "a" | "b" | "rc" | "post" | "dev")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_software_has_one_name() {
        for (conda, expected) in [
            ("numpy", Some("numpy")),
            ("pytorch", Some("torch")),
            ("pytorch-gpu", Some("torch")),
            ("py-opencv", Some("opencv-python")),
            ("huggingface_hub", Some("huggingface-hub")),
            ("ruamel.yaml", Some("ruamel-yaml")),
            ("redis-py", Some("redis")),
            ("redis", None),
            ("nodejs", None),
            ("python", None),
            ("git", None),
            ("zlib", None),
            ("# Names", None),
            ("", None),
        ] {
            assert_eq!(distribution_of(conda).as_deref(), expected, "{conda}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_found() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 3000 && TABLE.len() < 60_000);
        assert!(lines.is_sorted_by(|a, b| a.split('\t').next() < b.split('\t').next()));
        for line in lines {
            let name = line.split('\t').next().unwrap();
            assert_eq!(find(TABLE, name), Some(line));
        }
    }

    #[test]
    fn versions_that_both_worlds_write_alike() {
        for (version, expected) in [
            ("1.2.3", true),
            ("2.0rc1", true),
            ("1.0.post1", true),
            ("1.1.1l", false),
            ("2021e", false),
            ("", false),
            ("1.2.*", false),
            ("${V}", false),
        ] {
            assert_eq!(is_common_version(version), expected, "{version}");
        }
    }
}
