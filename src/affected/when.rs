//! Days and moments as people write them.

use crate::advisory::Date;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A moment in seconds since 1970: `2026-03-24`, `2026-03-24T10:39Z`, `2026-03-24T10:39:00Z`,
/// `2026-03-24T10:39:00+02:00`. A day is its beginning. None where it is none of these.
#[must_use]
pub fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    let day = Date::parse(text.get(..10)?)?.days().checked_mul(DAY)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(day);
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(end);
    let mut parts = time.split(':');
    let number = |part: Option<&str>, most: i64| {
        let part = part?;
        let whole = part.split('.').next()?;
        let value: i64 = (whole.len() == 2).then(|| whole.parse().ok()).flatten()?;
        (value <= most).then_some(value)
    };
    let hours = number(parts.next(), 23)?;
    let minutes = number(parts.next(), 59)?;
    let seconds = match parts.next() {
        None => 0,
        part => number(part, 60)?,
    };
    let shift = match zone {
        "" | "Z" | "z" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            sign * (number(Some(hours), 23)? * 3600 + number(Some(minutes), 59)? * 60)
        }
    };
    Some(day + hours * 3600 + minutes * 60 + seconds - shift)
}

/// The last second of what a text names: of a day its end.
#[must_use]
pub fn last_moment(text: &str) -> Option<i64> {
    let start = moment(text)?;
    Some(if text.trim().len() == 10 { start + DAY - 1 } else { start })
}

/// A moment as people read it: `2026-03-24 10:39`.
#[must_use]
pub fn shown(seconds: i64) -> String {
    let Some(day) = Date::of_days(seconds.div_euclid(DAY)) else { return seconds.to_string() };
    let rest = seconds.rem_euclid(DAY);
    format!("{day} {:02}:{:02}", rest / 3600, rest % 3600 / 60)
}

/// A moment as RFC 3339 has it: `2026-03-24T10:39:00Z`.
#[must_use]
pub fn rfc3339(seconds: i64) -> String {
    let Some(day) = Date::of_days(seconds.div_euclid(DAY)) else { return seconds.to_string() };
    let rest = seconds.rem_euclid(DAY);
    format!("{day}T{:02}:{:02}:{:02}Z", rest / 3600, rest % 3600 / 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_shown() {
        assert_eq!(moment("1970-01-02"), Some(86_400));
        assert_eq!(last_moment("1970-01-01"), Some(86_399));
        assert_eq!(moment("2026-03-24T10:39:00Z").map(shown).as_deref(), Some("2026-03-24 10:39"));
        assert_eq!(moment("2026-03-24T12:39+02:00").map(rfc3339).as_deref(), Some("2026-03-24T10:39:00Z"));
        assert_eq!(moment("2026-03-24T10:39:07.123Z"), moment("2026-03-24 10:39:07"));
        for wrong in ["", "2026", "2026-13-01", "2026-03-24T25:00Z", "2026-03-24x", "yesterday", "2026-03-24T1:2Z"] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }
}
