//! curl, wget and their kin.

use super::options::parsed;
use super::{fetched, file, inside, spelled, stdout};
use crate::commands::act::{Act, ActKind, Output, UrlText};
use crate::commands::site::Site;

/// curl's short options that take a value.
const CURL_SHORT: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";
/// curl's long options that take a value and are seen in scripts.
const CURL_LONG: &[&str] = &[
    "output",
    "header",
    "data",
    "data-raw",
    "data-binary",
    "data-urlencode",
    "form",
    "request",
    "user",
    "user-agent",
    "retry",
    "retry-delay",
    "retry-max-time",
    "max-time",
    "connect-timeout",
    "cacert",
    "cert",
    "key",
    "proto",
    "proto-redir",
    "output-dir",
    "write-out",
    "url",
    "cookie",
    "cookie-jar",
    "referer",
    "proxy",
    "range",
    "resolve",
    "upload-file",
    "max-redirs",
    "ciphers",
    "tls-max",
    "dump-header",
    "limit-rate",
    "continue-at",
    "oauth2-bearer",
    "aws-sigv4",
    "interface",
    "unix-socket",
    "config",
    "json",
    "speed-limit",
    "speed-time",
    "capath",
    "variable",
];
/// wget's options that take a value.
const WGET_SHORT: &str = "oaeiOtTwQPUlABIXDR";
const WGET_LONG: &[&str] = &[
    "output-document",
    "directory-prefix",
    "header",
    "tries",
    "timeout",
    "user",
    "password",
    "user-agent",
    "output-file",
    "append-output",
    "waitretry",
    "wait",
    "input-file",
    "post-data",
    "method",
    "body-data",
    "execute",
    "ca-certificate",
    "accept",
    "reject",
    "level",
    "progress",
    "retry-on-http-error",
    "connect-timeout",
    "read-timeout",
];

pub(super) fn curl(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = parsed(&site.call, CURL_SHORT, CURL_LONG);
    let tls_off = call.has(&["k", "insecure", "proxy-insecure"]);
    if tls_off {
        acts.push(site.act(ActKind::VerificationOff { what: "curl --insecure" }));
    }
    // Uploads and calls of an API with a body fetch an answer too; they stay fetches, the output
    // says whether anything comes of it.
    let dir = call.value(&["output-dir"]);
    let outputs: Vec<&str> =
        call.options.iter().filter(|(n, _)| n == "o" || n == "output").filter_map(|(_, v)| v.as_deref()).collect();
    let remote = call.has(&["O", "remote-name", "remote-name-all"]);
    let by_option = call.options.iter().filter(|(n, _)| n == "url").filter_map(|(_, v)| v.clone());
    let by_option = by_option.map(|text| (text.clone(), !text.contains('$'), site.command.range.clone()));
    let urls = call.operands.iter().map(|a| (spelled(site, a), a.known, a.range.clone())).chain(by_option);
    for (index, (text, known, range)) in urls.enumerate() {
        let url = UrlText::new(text, known);
        let to = match (outputs.get(index).or_else(|| outputs.first().filter(|_| index == 0)), remote) {
            (Some(&"-"), _) => stdout(site),
            (Some(path), _) => inside(dir, path),
            // `-J` lets the server choose; the URL's name is the best there is.
            (None, true) => match url.file_name() {
                Some(name) => inside(dir, name),
                None => dir.map_or(Output::Unknown, |d| Output::Dir(d.to_owned())),
            },
            (None, false) => stdout(site),
        };
        acts.push(Act { command: site.index, range, kind: ActKind::Fetch { by: "curl".to_owned(), url, to, tls_off } });
    }
}

pub(super) fn wget(site: &Site<'_>, acts: &mut Vec<Act>) {
    // `-nv`, `-nc`, `-nd` are words of their own and `-q -O-` joins as `-qO-`.
    let mut call = parsed(&site.call, WGET_SHORT, WGET_LONG);
    call.options.retain(|(name, _)| name != "n");
    let tls_off = call.has(&["no-check-certificate"]);
    if tls_off {
        acts.push(site.act(ActKind::VerificationOff { what: "wget --no-check-certificate" }));
    }
    let document = call.value(&["O", "output-document"]);
    let dir = call.value(&["P", "directory-prefix"]);
    // Asks whether it is there, and brings nothing.
    if call.has(&["spider"]) {
        return;
    }
    let whole = call.has(&["r", "m", "recursive", "mirror", "p", "page-requisites"]);
    for arg in &call.operands {
        let url = UrlText::new(spelled(site, arg), arg.known);
        let to = match (document, url.file_name()) {
            (Some("-" | "/dev/stdout"), _) => stdout(site),
            (Some(path), _) => file(path),
            (None, _) if whole => Output::Dir(dir.unwrap_or(".").to_owned()),
            (None, Some(name)) => inside(dir, name),
            (None, None) => dir.map_or(Output::Unknown, |d| Output::Dir(d.to_owned())),
        };
        let kind = ActKind::Fetch { by: "wget".to_owned(), url, to, tls_off };
        acts.push(Act { command: site.index, range: arg.range.clone(), kind });
    }
}

/// Other programs that take an address: the options with a value, those that name the file, and those that name
/// the folder. Source: their manuals.
const OTHERS: &[Other] = &[
    Other {
        names: &["aria2c"],
        short: "oxsjkdimtTUVa",
        long: &["out", "dir", "split", "max-connection-per-server", "header", "input-file", "min-split-size"],
        file: &["o", "out"],
        folder: &["d", "dir"],
        stdout: false,
    },
    Other {
        names: &["axel"],
        short: "onsSHUTN",
        long: &["output", "num-connections", "header", "max-speed", "user-agent"],
        file: &["o", "output"],
        folder: &[],
        stdout: false,
    },
    Other {
        names: &["http", "https", "xh", "xhs"],
        short: "oaAps",
        long: &["output", "auth", "auth-type", "print", "session", "timeout", "verify"],
        file: &["o", "output"],
        folder: &[],
        stdout: true,
    },
    Other {
        names: &["gdown"],
        short: "O",
        long: &["output", "id", "format"],
        file: &["O", "output"],
        folder: &[],
        stdout: false,
    },
    Other { names: &["lwp-download"], short: "s", long: &[], file: &[], folder: &[], stdout: false },
    Other { names: &["lwp-request", "GET"], short: "mfCHo", long: &[], file: &[], folder: &[], stdout: true },
    Other { names: &["lynx", "w3m", "links"], short: "", long: &[], file: &[], folder: &[], stdout: true },
    Other { names: &["saldl"], short: "oDc", long: &[], file: &["o"], folder: &["D"], stdout: false },
    Other {
        names: &["fetch", "ftp"],
        short: "o",
        long: &["output"],
        file: &["o", "output"],
        folder: &[],
        stdout: false,
    },
];

/// A program that takes an address and writes a file or its output.
struct Other {
    names: &'static [&'static str],
    /// Letters and names of options with a value.
    short: &'static str,
    long: &'static [&'static str],
    /// Options that name the file.
    file: &'static [&'static str],
    /// Options that name the folder.
    folder: &'static [&'static str],
    /// Without a file it writes to its output.
    stdout: bool,
}

/// The programs of the table; gives whether the command is one.
pub(super) fn other(site: &Site<'_>, acts: &mut Vec<Act>) -> bool {
    let name = site.call.name.as_str();
    let Some(other) = OTHERS.iter().find(|o| o.names.contains(&name)) else { return false };
    let call = parsed(&site.call, other.short, other.long);
    for arg in &call.operands {
        let text = spelled(site, arg);
        let is_id = name == "gdown" && text.len() > 20;
        if !text.contains("://") && !is_id {
            continue;
        }
        let text = if text.contains("://") { text } else { format!("https://drive.google.com/uc?id={text}") };
        let url = UrlText::new(text, arg.known);
        let folder = call.value(other.folder);
        let to = match (call.value(other.file), url.file_name()) {
            (Some("-"), _) => stdout(site),
            (Some(path), _) => inside(folder, path),
            (None, _) if other.stdout && !call.has(&["d", "download"]) => stdout(site),
            (None, Some(name)) => inside(folder, name),
            (None, None) => folder.map_or(Output::Unknown, |folder| Output::Dir(folder.to_owned())),
        };
        acts.push(fetched(site, name, url, to, arg.range.clone()));
    }
    true
}
