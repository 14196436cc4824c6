//! What was known and how old it is.

use crate::advisory::{Date, Index};
use crate::audit::{Knowledge, KnowledgeSource};
use crate::diag::fingerprint::hex;

/// Describes an index on a day, given in seconds since 1970. It is called `embedded`; callers with
/// another index name it.
#[must_use]
pub fn of_index(index: &Index, now: i64) -> Knowledge {
    let today = now.div_euclid(86_400);
    let sources = index.sources().unwrap_or_default();
    Knowledge {
        index: "embedded".to_owned(),
        digest: hex(&index.digest()),
        today: day(now),
        sources: sources
            .into_iter()
            .map(|s| KnowledgeSource {
                ecosystem: s.ecosystem.as_str().to_owned(),
                name: s.name,
                commit: s.commit,
                as_of: s.as_of.to_string(),
                age_days: today - s.as_of.days(),
                records: usize::try_from(s.count).unwrap_or(usize::MAX),
            })
            .collect(),
        online: false,
    }
}

/// The day of a time in seconds since 1970, `YYYY-MM-DD`.
#[must_use]
pub fn day(now: i64) -> String {
    Date::of_days(now.div_euclid(86_400)).map_or_else(String::new, |date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(1_795_392_000), "2026-11-23");
        assert_eq!(Date::parse("2026-11-23").unwrap().days() - Date::parse("2026-08-21").unwrap().days(), 94);
    }

    proptest! {
        #[test]
        fn a_day_and_back(n in 0i64..100_000) {
            let text = day(n * 86_400);
            prop_assert_eq!(Date::parse(&text).unwrap().days(), n);
        }
    }
}
