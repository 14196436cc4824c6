//! Addresses of files, for terminals that show links. What a name holds is encoded, so that no name opens or ends a
//! sequence of the terminal.
//!
//! Folders of any system are understood on any system: what a path looks like says which it is.
//! Sources: RFC 8089; the description of OSC 8 by its first terminals; ripgrep's `--hyperlink-format`, for the line
//! after `#`.

use super::escape;

/// What stands before an address.
pub const OPEN: &str = "\u{1b}]8;;";
/// What stands after it.
pub const END: &str = "\u{1b}\\";

/// The address of an absolute folder, with `/` at its end; none where it is not absolute.
#[must_use]
pub fn of_folder(folder: &str) -> Option<String> {
    let (host, path) = if folder.starts_with('/') {
        (String::new(), escape::uri(folder))
    } else {
        let slashes = folder.replace('\\', "/");
        // `\\?\C:\x` and `\\?\UNC\server\share` are what Windows calls the same folders in full.
        let short = slashes.strip_prefix("//?/UNC/").map(|rest| format!("//{rest}"));
        let short = short.or_else(|| slashes.strip_prefix("//?/").map(str::to_owned)).unwrap_or(slashes);
        if let Some((host, path)) = short.strip_prefix("//").and_then(|rest| rest.split_once('/')) {
            (escape::uri(host), format!("/{}", escape::uri(path)))
        } else {
            let (drive, path) = short.split_once(":/")?;
            if drive.len() != 1 || !drive.bytes().all(|b| b.is_ascii_alphabetic()) {
                return None;
            }
            (String::new(), format!("/{drive}:/{}", escape::uri(path)))
        }
    };
    Some(format!("file://{host}{}/", path.trim_end_matches('/')))
}

/// The address of a line of a file below a folder; none where the path is of no file there.
#[must_use]
pub fn of_line(folder: &str, path: &str, line: u32) -> Option<String> {
    let is_below = !path.is_empty() && !path.starts_with('/') && path.split('/').all(|part| part != "..");
    let line = if line > 0 { format!("#{line}") } else { String::new() };
    is_below.then(|| format!("{folder}{}{line}", escape::uri(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folders_of_any_system_have_addresses() {
        for (folder, address) in [
            ("/srv/my tree", Some("file:///srv/my%20tree/")),
            ("/", Some("file:///")),
            ("/a\\b/ü#%", Some("file:///a%5Cb/%C3%BC%23%25/")),
            ("C:\\Users\\x y", Some("file:///C:/Users/x%20y/")),
            ("C:/Users/x", Some("file:///C:/Users/x/")),
            ("\\\\?\\C:\\x", Some("file:///C:/x/")),
            ("d:\\", Some("file:///d:/")),
            ("\\\\server\\share\\x", Some("file://server/share/x/")),
            ("\\\\?\\UNC\\server\\share\\x", Some("file://server/share/x/")),
            ("relative/x", None),
            ("C:relative", None),
            ("https://example.com", None),
            ("", None),
        ] {
            assert_eq!(of_folder(folder).as_deref(), address, "{folder}");
        }
    }

    #[test]
    fn lines_of_what_lies_outside_have_none() {
        assert_eq!(of_line("file:///x/", "a/b#c.yml", 7).as_deref(), Some("file:///x/a/b%23c.yml#7"));
        assert_eq!(of_line("file:///x/", "a", 0).as_deref(), Some("file:///x/a"));
        for path in ["", "/etc/x", "../x", "a/../../x"] {
            assert_eq!(of_line("file:///x/", path, 7), None);
        }
    }

    proptest! {
        #[test]
        fn an_address_is_plain(folder in any::<String>(), path in any::<String>()) {
            if let Some(folder) = of_folder(&format!("/{folder}")) {
                let address = of_line(&folder, &path, 1).unwrap_or(folder);
                prop_assert!(address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\'), "{address}");
            }
        }
    }
}
