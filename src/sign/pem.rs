//! PEM: keys and certificates as people pass them around.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Most blocks of one text; bundles of public authorities hold some 150.
const BLOCKS: usize = 1000;

/// The label and the DER of each block of a text. What stands between blocks is comment.
///
/// # Errors
/// A sentence fragment.
pub(super) fn blocks(text: &str) -> Result<Vec<(&str, Vec<u8>)>, String> {
    let mut out = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in text.lines() {
        let line = line.trim();
        if let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) {
            if open.is_some() || out.len() >= BLOCKS {
                return Err("a block of PEM begins within another, or there are too many".to_owned());
            }
            open = Some((label, String::new()));
        } else if let Some(label) = line.strip_prefix("-----END ").and_then(|rest| rest.strip_suffix("-----")) {
            let Some((opened, body)) = open.take().filter(|(opened, _)| *opened == label) else {
                return Err("a block of PEM ends that did not begin".to_owned());
            };
            let der = BASE64_STANDARD.decode(&body).map_err(|error| format!("PEM that is no base64: {error}"))?;
            out.push((opened, der));
        } else if let Some((_, body)) = &mut open {
            body.push_str(line);
        }
    }
    if open.is_some() {
        return Err("a block of PEM does not end".to_owned());
    }
    Ok(out)
}

/// DER as PEM, as `cryptography` and OpenSSL write it.
pub(super) fn write(label: &str, der: &[u8]) -> String {
    const LINE: usize = 64;
    let body = BASE64_STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(LINE) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_as_they_are_written() {
        let der: Vec<u8> = (0..100).collect();
        let text = format!("a comment\n{}between\n{}", write("A", &der), write("B", b"x"));
        assert_eq!(blocks(&text), Ok(vec![("A", der), ("B", b"x".to_vec())]));
        assert_eq!(blocks(&write("A", b"x").replace('\n', "\r\n")), Ok(vec![("A", b"x".to_vec())]));
        assert_eq!(blocks("nothing"), Ok(Vec::new()));
        let wrong = [
            "-----BEGIN A-----\nAAAA\n",
            "-----BEGIN A-----\n-----BEGIN A-----\n",
            "-----END A-----\n",
            "-----BEGIN A-----\nAAAA\n-----END B-----\n",
            "-----BEGIN A-----\n@@@@\n-----END A-----\n",
        ];
        for text in wrong {
            assert!(blocks(text).is_err(), "{text}");
        }
    }
}
