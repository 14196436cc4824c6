//! CVSS base scores and the severity bands over them.
//!
//! An advisory without a vector, or with one that cannot be read, has no score. That is not zero: two
//! thirds of RustSec carry none, and treating them as harmless would hide most findings.

use std::str::FromStr;

/// Bands of the CVSS v3 and v4 specifications; v2 scores are put in the same bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// 0.0
    None,
    /// 0.1 to 3.9
    Low,
    /// 4.0 to 6.9
    Medium,
    /// 7.0 to 8.9
    High,
    /// 9.0 to 10.0
    Critical,
}

impl Severity {
    /// Lower-case name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The band of a score between 0 and 10.
    #[must_use]
    pub fn of(score: f64) -> Self {
        match score {
            s if s >= 9.0 => Self::Critical,
            s if s >= 7.0 => Self::High,
            s if s >= 4.0 => Self::Medium,
            s if s > 0.0 => Self::Low,
            _ => Self::None,
        }
    }
}

/// A scored vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Base score, 0.0 to 10.0.
    pub value: f64,
    /// Band of the score.
    pub severity: Severity,
    /// The vector it follows from.
    pub vector: String,
}

/// Scores one vector of CVSS 2.0, 3.0, 3.1 or 4.0.
#[must_use]
pub fn score(vector: &str) -> Option<Score> {
    let parsed = cvss::Cvss::from_str(vector).ok()?;
    // One decimal, as the specifications give it; floating point noise must not move a band.
    let value = (parsed.score() * 10.0).round() / 10.0;
    (0.0..=10.0).contains(&value).then(|| Score { value, severity: Severity::of(value), vector: vector.to_owned() })
}

/// The score of the newest CVSS version among some vectors; within a version, the highest. Newest
/// rather than highest overall, since a v4 vector is given to replace the v3 one.
#[must_use]
pub fn best(vectors: &[String]) -> Option<Score> {
    let version = |vector: &str| -> u8 {
        match vector.strip_prefix("CVSS:").and_then(|r| r.bytes().next()) {
            Some(digit @ b'0'..=b'9') => digit - b'0',
            _ => 2,
        }
    };
    vectors
        .iter()
        .filter_map(|v| Some((version(v), score(v)?)))
        .max_by(|(v, a), (w, b)| v.cmp(w).then(a.value.total_cmp(&b.value)))
        .map(|(_, score)| score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_versions() {
        for (vector, value, severity) in [
            ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0, Severity::Critical),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, Severity::Critical),
            ("CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 7.8, Severity::High),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0, Severity::None),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 9.4, Severity::Critical),
        ] {
            let s = score(vector).expect(vector);
            assert!((s.value - value).abs() < 1e-9, "{vector}: {}", s.value);
            assert_eq!(s.severity, severity);
        }
    }

    #[test]
    fn missing_is_not_zero() {
        assert_eq!(best(&[]), None);
        assert_eq!(best(&["CVSS:3.1/AV:X".to_owned(), "high".to_owned()]), None);
    }

    #[test]
    fn newest_version_wins() {
        let vectors = [
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(),
            "CVSS:4.0/AV:L/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N".to_owned(),
        ];
        assert!(best(&vectors).is_some_and(|s| s.vector.starts_with("CVSS:4.0")));
    }
}
