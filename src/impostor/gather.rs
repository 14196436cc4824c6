//! From tables of names and how much they are used to the text that is kept.

use super::encode::{LAST_LEVEL, MOST, Popular};
use super::shape::List;

/// The last rank of each level but the last.
const RANKS: [u64; 7] = [100, 500, 1_000, 2_000, 3_000, 5_000, 10_000];
/// The least of each level but the last, in percent of the most used.
const SHARES: [u64; 7] = [50, 30, 20, 12, 8, 6, 4];

/// Reads a table: a line that names two columns, then a name, a tab and a number on each line. The second
/// column is a `rank`, from 1, or else counts by how many it is used.
///
/// # Errors
/// The first line that is not of the form, with its number, in words.
pub fn popular(list: List, day: &str, table: &str) -> Result<Popular, String> {
    let mut lines = table.lines().zip(1..);
    let (head, _) = lines.next().ok_or("the table is empty")?;
    let (_, column) = head.split_once('\t').ok_or("the first line does not name two columns")?;
    let mut rows: Vec<(&str, u64)> = Vec::new();
    for (line, at) in lines.filter(|(line, _)| !line.is_empty()) {
        let row = line.split_once('\t').and_then(|(name, number)| Some((name, number.parse().ok()?)));
        let (name, number) = row.ok_or_else(|| format!("line {at} is not a name, a tab and a number"))?;
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic()) || name.len() > usize::from(u8::MAX) {
            return Err(format!("line {at} does not begin with a name"));
        }
        rows.push((name, number));
    }
    if rows.len() > MOST {
        return Err(format!("the table has {} names, and a list holds {MOST}", rows.len()));
    }
    let most = rows.iter().map(|(_, number)| *number).max().unwrap_or(0).max(1);
    let by_rank = column == "rank";
    let level = |number: u64| {
        let found = if by_rank {
            RANKS.iter().position(|last| number <= *last)
        } else {
            SHARES.iter().position(|least| number.saturating_mul(100) >= least.saturating_mul(most) && number > 1)
        };
        found.and_then(|level| u8::try_from(level).ok()).unwrap_or(LAST_LEVEL)
    };
    let spelled = |name: &str| match list {
        // PyPI's names in the one spelling that everybody uses for them, and those of actions without case.
        List::PyPi | List::Actions => list.key(name),
        // What a person is to write is spelled as its publisher does.
        List::Crates | List::Models => name.to_owned(),
    };
    let names = rows.into_iter().map(|(name, number)| (spelled(name), level(number))).collect();
    let source = if by_rank { "by downloads".to_owned() } else { format!("by {column} that use it") };
    let mut popular = Popular { list, day: day.to_owned(), source, names };
    popular.settle();
    Ok(popular)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_counts_become_levels() {
        let popular = popular(List::PyPi, "2026-11-26", "name\trank\nrequests\t7\nSome_Thing\t2500\n").unwrap();
        assert_eq!(popular.names, [("requests".to_owned(), 0), ("some-thing".to_owned(), 4)]);
        let counted = super::popular(List::Crates, "2026-11-26", "name\trepositories\nserde\t25\nonce_cell\t8\nx\t1\n");
        let names = counted.unwrap().names;
        assert_eq!(names, [("once_cell".to_owned(), 1), ("serde".to_owned(), 0), ("x".to_owned(), 7)]);
    }

    #[test]
    fn lines_of_no_form_are_named() {
        let of = |table: &str| popular(List::PyPi, "2026-11-26", table).unwrap_err();
        assert!(of("").contains("empty"));
        assert!(of("name\trank\nrequests\n").contains("line 2"));
        assert!(of("name\trank\nrequests\t1\n\tx\n").contains("line 3"));
    }
}
