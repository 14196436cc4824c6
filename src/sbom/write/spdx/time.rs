//! Moments as SPDX writes them: UTC, to the second.

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Seconds since 1970 as `2026-03-24T10:39:00Z`; years outside of four digits are cut to the nearest that has four.
#[must_use]
pub(crate) fn text(seconds: i64) -> String {
    // 0000-03-01 and 9999-12-31T23:59:59.
    let seconds = seconds.clamp(-62_162_035_200, 253_402_300_799);
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    // Years are counted from March, so that a leap day comes last; 400 of them have the same number of days.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The same the other way round, with an offset or `Z` and parts of a second, which are dropped; none where it is no
/// moment.
#[must_use]
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let (date, rest) = text.trim().split_once(['T', 't', ' '])?;
    let mut parts = date.splitn(3, '-').map(digits);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (clock, offset) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => rest.split_at(at),
        None => (rest, "Z"),
    };
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let mut parts = clock.splitn(3, ':').map(digits);
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let is_moment = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    if !is_moment || year > 9_999 {
        return None;
    }
    let offset = if offset.eq_ignore_ascii_case("z") {
        0
    } else {
        let (hours, minutes) = offset.get(1..)?.split_once(':').or_else(|| offset.get(1..)?.split_at_checked(2))?;
        let far = digits(hours)? * 3_600 + digits(minutes)? * 60;
        if offset.starts_with('-') { -far } else { far }
    };
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * DAY + hour * 3_600 + minute * 60 + second - offset)
}

fn digits(text: &str) -> Option<i64> {
    let is_short = (1..=4).contains(&text.len());
    (is_short && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read() {
        for (wanted, told) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_774_348_740, "2026-03-24T10:39:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(text(wanted), told);
            assert_eq!(seconds(told), Some(wanted));
        }
        for told in ["2026-03-24T12:39:00+02:00", "2026-03-24T10:39:00.123456Z", "2026-03-24T05:39:00-0500"] {
            assert_eq!(seconds(told), Some(1_774_348_740), "{told}");
        }
        for told in ["", "2026-03-24", "2026-13-24T10:39:00Z", "T::Z", "2026-03-24T10:39Z", "yesterday T"] {
            assert_eq!(seconds(told), None, "{told}");
        }
        assert_eq!(text(i64::MAX), "9999-12-31T23:59:59Z");
        assert_eq!(text(i64::MIN).len(), 20);
    }
}
