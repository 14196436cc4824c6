//! Times as documents write them: RFC 3339 in UTC.

const DAY: i64 = 86_400;

/// A time by the seconds since 1970: `2026-03-24T10:39:00Z`. None outside of the years 0001 to 9999.
#[must_use]
pub fn text(seconds: i64) -> Option<String> {
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    // Days of the era that begins on 0000-03-01, so that a leap day ends its year.
    let shifted = days.checked_add(719_468)?;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (date, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest % 3600 / 60, rest % 60);
    (1..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// The seconds since 1970 of a time: `2026-03-24T10:39:00.5+01:00`; of a day its begin in UTC. None where it is no time.
#[must_use]
pub fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let number = |range: std::ops::Range<usize>, low: i64, high: i64| {
        let part = text.get(range)?;
        let is_number = part.bytes().all(|one| one.is_ascii_digit());
        part.parse().ok().filter(|number| is_number && (low..=high).contains(number))
    };
    let mark = |at: usize, marks: &[u8]| text.as_bytes().get(at).is_some_and(|one| marks.contains(one));
    let (year, month, date) = (number(0..4, 1, 9999)?, number(5..7, 1, 12)?, number(8..10, 1, 31)?);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let longest = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !mark(4, b"-") || !mark(7, b"-") || date > longest {
        return None;
    }
    let (shifted, year) = if month <= 2 { (month + 9, year - 1) } else { (month - 3, year) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day = of_era * 365 + of_era / 4 - of_era / 100 + (153 * shifted + 2) / 5 + date - 1;
    let start = (era * 146_097 + day - 719_468) * DAY;
    if text.len() == 10 {
        return Some(start);
    }
    let clock = number(11..13, 0, 23)? * 3600 + number(14..16, 0, 59)? * 60 + number(17..19, 0, 60)?;
    if !mark(10, b"Tt ") || !mark(13, b":") || !mark(16, b":") {
        return None;
    }
    let zone = text.get(19..)?;
    let zone = zone.strip_prefix('.').map_or(zone, |rest| rest.trim_start_matches(|one: char| one.is_ascii_digit()));
    let offset = match zone {
        "" | "Z" | "z" => 0,
        _ => {
            let (sign, rest) = zone.split_at_checked(1)?;
            let (hours, minutes) = rest.split_once(':')?;
            let hours: i64 = hours.parse().ok().filter(|hours| (0..=23).contains(hours))?;
            let minutes: i64 = minutes.parse().ok().filter(|minutes| (0..=59).contains(minutes))?;
            match sign {
                "+" => hours * 3600 + minutes * 60,
                "-" => -(hours * 3600 + minutes * 60),
                _ => return None,
            }
        }
    };
    Some(start + clock - offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for (number, written) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_774_348_740, "2026-03-24T10:39:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
        ] {
            assert_eq!((text(number).as_deref(), seconds(written)), (Some(written), Some(number)));
        }
        assert_eq!(seconds("2026-03-24T11:39:00.25+01:00"), Some(1_774_348_740));
        assert_eq!(seconds("1970-01-02"), Some(DAY));
        for odd in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-29",
            "2026-01-01T00:00",
            "2026-01-01T00:00:00+",
            "2026-01-01T00:00:00*01:00",
            "٢٠٢٦-01-01",
            "2026-01-01T00:00:00+01",
        ] {
            assert_eq!(seconds(odd), None, "{odd}");
        }
        assert_eq!((text(i64::MAX), text(i64::MIN)), (None, None));
    }

    proptest! {
        #[test]
        fn every_time_comes_back(number in -62_135_596_800_i64..253_402_300_800) {
            prop_assert_eq!(text(number).and_then(|written| seconds(&written)), Some(number));
        }

        #[test]
        fn no_text_breaks_it(odd in ".{0,40}") {
            let _ = seconds(&odd);
        }
    }
}
