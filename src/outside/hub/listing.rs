//! The list of a repository's files, which comes in pages.
//!
//! Source: Hugging Face, "Hub API Endpoints" (`/api/models/{id}/tree/{revision}`), and `huggingface_hub`, `RepoFile`
//! and `paginate`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::HubFile;
use super::Reply;
use super::repository::is_commit;

/// Files of a repository that are taken.
const MAX_FILES: usize = 200_000;
/// Pages that are asked for.
const MAX_PAGES: usize = 2_000;
/// Longest path, in bytes.
const LONGEST_PATH: usize = 1_024;
/// Bytes of all paths: twenty times what the largest repositories have.
const ALL_PATHS: usize = 64 << 20;
/// Longest query of a next page, in bytes.
const LONGEST_QUERY: usize = 4_096;

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "type")]
    kind: String,
    path: String,
    #[serde(default)]
    oid: String,
    #[serde(default)]
    size: u64,
    lfs: Option<Large>,
}

#[derive(Deserialize)]
struct Large {
    oid: String,
    size: u64,
}

/// All files, by path. `page` is asked for the first page without and for the next with what follows its question mark.
pub(super) fn all(mut page: impl FnMut(Option<String>) -> Result<Reply, String>) -> Result<Vec<HubFile>, String> {
    let mut files = BTreeMap::new();
    let mut query = None;
    let mut left = ALL_PATHS;
    for _ in 0..MAX_PAGES {
        let reply = page(query.take())?;
        let rows: Vec<Row> = serde_json::from_slice(&reply.bytes)
            .map_err(|_| "the hub answers something else than a list of files".to_owned())?;
        let is_empty = rows.is_empty();
        for row in rows {
            let Some(file) = file(row)? else { continue };
            if files.len() == MAX_FILES {
                return Err(format!("it has more than {MAX_FILES} files"));
            }
            left = left.checked_sub(file.path.len()).ok_or("the hub's paths take more than is read of them")?;
            if let Some(twice) = files.insert(file.path.clone(), file) {
                return Err(format!("the hub lists `{}` twice", shown(&twice.path)));
            }
        }
        query = reply.header("link").and_then(next);
        if query.is_none() {
            return Ok(files.into_values().collect());
        }
        if is_empty {
            return Err("the hub's list of files does not end".to_owned());
        }
    }
    Err("the hub's list of files has too many pages".to_owned())
}

fn file(row: Row) -> Result<Option<HubFile>, String> {
    match row.kind.as_str() {
        "directory" => return Ok(None),
        "file" => {}
        _ => return Err(format!("the hub lists `{}`, which is neither file nor folder", shown(&row.path))),
    }
    if !is_inside(&row.path) {
        return Err(format!("the hub lists `{}`, which is no path inside a repository", shown(&row.path)));
    }
    let unclear = || Some("the hub says nothing of its content that can be understood".to_owned());
    let file = match row.lfs {
        Some(large) => {
            let sha256 = sha256(&large.oid);
            let missing = if sha256.is_none() { unclear() } else { None };
            HubFile { path: row.path, size: large.size, sha256, blob: None, missing }
        }
        None => {
            let blob = is_commit(&row.oid).then(|| row.oid.to_ascii_lowercase());
            let missing = if blob.is_none() { unclear() } else { None };
            HubFile { path: row.path, size: row.size, sha256: None, blob, missing }
        }
    };
    Ok(Some(file))
}

/// Whether a path stays where it is put, on any system.
fn is_inside(path: &str) -> bool {
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    path.len() <= LONGEST_PATH
        && path.split('/').all(is_plain)
        && !path.contains(|c: char| c.is_control() || matches!(c, '\\'))
        // A drive of Windows.
        && path.get(1..2) != Some(":")
}

fn sha256(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(out)
}

/// What follows the question mark of the next page. Its host is the one that was asked, whatever the header says: a
/// mirror may pass on the header of the hub behind it. Source: RFC 8288.
fn next(link: &str) -> Option<String> {
    let target = link.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        parameters.split(';').any(|p| matches!(p.trim(), "rel=\"next\"" | "rel=next")).then_some(target)
    })?;
    let query = target.split_once('?')?.1.split('#').next()?;
    (query.len() <= LONGEST_QUERY && !query.contains(char::is_control)).then(|| query.to_owned())
}

fn shown(path: &str) -> String {
    path.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page() {
        for (link, query) in [
            ("<https://hub.example.com/api/x?cursor=a%3D&limit=2>; rel=\"next\"", Some("cursor=a%3D&limit=2")),
            ("<https://other.example.com/?a=1#b>;rel=next", Some("a=1")),
            ("<https://hub.example.com/?a=1>; rel=\"prev\", <https://hub.example.com/?a=3>; rel=\"next\"", Some("a=3")),
            ("<https://hub.example.com/x>; rel=\"next\"", None),
            ("https://hub.example.com/?a; rel=\"next\"", None),
            ("", None),
        ] {
            assert_eq!(next(link).as_deref(), query, "{link}");
        }
    }

    #[test]
    fn paths_stay_inside() {
        for (path, inside) in [
            ("config.json", true),
            ("data/a b/ü.parquet", true),
            ("..data", true),
            ("../config.json", false),
            ("a/../../b", false),
            ("/etc/passwd", false),
            ("a//b", false),
            ("a\\..\\b", false),
            ("a\nb", false),
            ("C:x", false),
            ("", false),
        ] {
            assert_eq!(is_inside(path), inside, "{path:?}");
        }
    }

    fn listed(pages: &[(&str, Option<&str>)]) -> Result<Vec<HubFile>, String> {
        let mut pages = pages.iter();
        all(|_| {
            let (text, link) = pages.next().ok_or("no more")?;
            let headers = link.map(|link| ("link".to_owned(), link.to_owned())).into_iter().collect();
            Ok(Reply { code: 200, headers, bytes: text.as_bytes().to_vec() })
        })
    }

    #[test]
    fn lists_are_read_whole_or_not() {
        let digest = "ab".repeat(32);
        let blob = "cd".repeat(20);
        let first = format!(
            r#"[{{"type":"directory","path":"x","oid":"1"}},{{"type":"file","path":"x/w","oid":"{blob}","size":9,
            "lfs":{{"oid":"{digest}","size":9,"pointerSize":1}},"xetHash":"00"}}]"#
        );
        let second = format!(r#"[{{"type":"file","path":"c","oid":"{blob}","size":3}}]"#);
        let more = Some("<http://h/?c=2>; rel=\"next\"");
        let files = listed(&[(&first, more), (&second, None)]).expect("a list");
        let found: Vec<_> = files.iter().map(|f| (f.path.as_str(), f.size, f.sha256.is_some(), &f.blob)).collect();
        assert_eq!(found, [("c", 3, false, &Some(blob.clone())), ("x/w", 9, true, &None)]);
        for (pages, why) in [
            (vec![("{}", None)], "the hub answers something else than a list of files"),
            (vec![(second.as_str(), more), (second.as_str(), None)], "the hub lists `c` twice"),
            (vec![(second.as_str(), more), ("[]", more)], "the hub's list of files does not end"),
            (vec![(second.as_str(), more)], "no more"),
            (
                vec![(r#"[{"type":"file","path":"../c","oid":"","size":3}]"#, None)],
                "the hub lists `../c`, which is no path inside a repository",
            ),
            (vec![(r#"[{"type":"link","path":"c"}]"#, None)], "the hub lists `c`, which is neither file nor folder"),
        ] {
            assert_eq!(listed(&pages), Err(why.to_owned()));
        }
        let odd = listed(&[(r#"[{"type":"file","path":"c","oid":"x","lfs":{"oid":"1","size":2}}]"#, None)]);
        assert!(odd.expect("a list")[0].missing.is_some());
    }
}
