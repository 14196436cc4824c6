//! Times as OpenVEX writes them. Source: RFC 3339, section 5.6.

/// Seconds since 1970; `None` for what is no time.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let bytes = text.trim().as_bytes();
    let number = |from: usize, to: usize| {
        let part = bytes.get(from..to)?;
        let is_number = part.iter().all(u8::is_ascii_digit);
        is_number.then(|| part.iter().fold(0i64, |sum, digit| sum * 10 + i64::from(digit - b'0')))
    };
    let sign = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let signs = [(4, "-"), (7, "-"), (10, "Tt "), (13, ":"), (16, ":")];
    if !signs.iter().all(|(at, wanted)| sign(*at, wanted.as_bytes())) {
        return None;
    }
    let leap = i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + leap,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut at = 19;
    if sign(at, b".") {
        let digits = bytes.get(20..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        at = 20 + digits;
    }
    let (shift, end) = match bytes.get(at)? {
        b'Z' | b'z' => (0, at + 1),
        mark @ (b'+' | b'-') => {
            let (hours, minutes) = (number(at + 1, at + 3)?, number(at + 4, at + 6)?);
            if !sign(at + 3, b":") || hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60;
            (if *mark == b'+' { seconds } else { -seconds }, at + 6)
        }
        _ => return None,
    };
    if end != bytes.len() {
        return None;
    }
    // Days of the civil calendar, counted from March so that a leap day comes last.
    let shifted = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = shifted.0 * 365 + shifted.0.div_euclid(4) - shifted.0.div_euclid(100)
        + shifted.0.div_euclid(400)
        + (153 * shifted.1 + 2) / 5
        + day
        - 1
        - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second - shift)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_in_seconds() {
        for (text, wanted) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-23T00:00:00Z", Some(1_795_392_000)),
            ("2026-11-23T01:00:00.123456+01:00", Some(1_795_392_000)),
            ("2026-11-22T19:00:00-05:00", Some(1_795_392_000)),
            ("2000-02-29t12:00:00z", Some(951_825_600)),
            ("1999-12-31T23:59:60Z", Some(946_684_800)),
            ("2026-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-11-23", None),
            ("2026-11-23T00:00:00", None),
            ("2026-11-23T00:00:00.Z", None),
            ("2026-11-23T00:00:00Zx", None),
            ("2026-11-23T00:00:00+0100", None),
            ("", None),
            ("ä026-11-23T00:00:00Z", None),
        ] {
            assert_eq!(seconds(text), wanted, "{text}");
        }
    }
}
