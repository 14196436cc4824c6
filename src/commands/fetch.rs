//! Downloads: curl, wget, PowerShell's two, `gh release download`.

use super::act::{Act, ActKind, Output, UrlText};
use super::facts::Site;
use crate::parse::shell::{Arg, Invocation, Part, RedirectOp};

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

/// Options and operands of one call, joined short options taken apart.
struct Parsed<'p> {
    options: Vec<(String, Option<String>)>,
    operands: Vec<Arg<'p>>,
}

impl Parsed<'_> {
    fn value(&self, names: &[&str]) -> Option<&str> {
        let found = self.options.iter().rev().find(|(n, v)| v.is_some() && names.contains(&n.as_str()));
        found.and_then(|(_, v)| v.as_deref())
    }

    fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(n, _)| names.contains(&n.as_str()))
    }
}

fn parsed<'p>(call: &Invocation<'p>, short: &str, long: &[&str]) -> Parsed<'p> {
    let mut out = Parsed { options: Vec::new(), operands: Vec::new() };
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.text.as_str();
        if let Some(name) = text.strip_prefix("--") {
            match name.split_once('=') {
                Some((name, value)) => out.options.push((name.to_owned(), Some(value.to_owned()))),
                None if long.contains(&name) => {
                    out.options.push((name.to_owned(), args.next().map(|a| a.text.clone())));
                    // The URL may be given as an option; its word is kept as an operand.
                }
                None => out.options.push((name.to_owned(), None)),
            }
            continue;
        }
        let Some(letters) = text.strip_prefix('-').filter(|l| !l.is_empty()) else {
            out.operands.push(arg.clone());
            continue;
        };
        for (at, letter) in letters.char_indices() {
            if short.contains(letter) {
                let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
                let value = if rest.is_empty() { args.next().map(|a| a.text.clone()) } else { Some(rest.to_owned()) };
                out.options.push((letter.to_string(), value));
                break;
            }
            out.options.push((letter.to_string(), None));
        }
    }
    out
}

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    match site.call.name.as_str() {
        "curl" => curl(site, acts),
        "wget" => wget(site, acts),
        "gh" => gh(site, acts),
        _ => powershell(site, acts),
    }
}

fn curl(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = parsed(&site.call, CURL_SHORT, CURL_LONG);
    let tls_off = call.has(&["k", "insecure", "proxy-insecure"]);
    if tls_off {
        acts.push(site.act(ActKind::VerificationOff { what: "curl --insecure" }));
    }
    // Uploads and calls of an API with a body fetch an answer too; they stay fetches, the output
    // says whether anything comes of it.
    let dir = call.value(&["output-dir"]);
    let in_dir = |name: &str| match dir {
        Some(dir) => format!("{}/{name}", dir.trim_end_matches('/')),
        None => name.to_owned(),
    };
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
            (Some(path), _) => file(&in_dir(path)),
            // `-J` lets the server choose; the URL's name is the best there is.
            (None, true) => match url.file_name() {
                Some(name) => file(&in_dir(name)),
                None => dir.map_or(Output::Unknown, |d| Output::Dir(d.to_owned())),
            },
            (None, false) => stdout(site),
        };
        acts.push(Act { command: site.index, range, kind: ActKind::Fetch { by: "curl".to_owned(), url, to, tls_off } });
    }
}

/// An address of which only part is known, by the one assignment that gives its variable a value:
/// the host and the version say more than the variable's name.
fn spelled(site: &Site<'_>, arg: &Arg<'_>) -> String {
    let [Part::Variable(name)] = arg.word.parts.as_slice() else { return arg.text.clone() };
    let commands = site.program.commands.get(..site.index).unwrap_or_default();
    let mut values = commands.iter().flat_map(|c| &c.assignments).filter(|a| a.name == *name && !a.partial);
    match (values.next(), values.next()) {
        (Some(one), None) if !arg.known => site.program.show(&one.value).0,
        _ => arg.text.clone(),
    }
}

fn wget(site: &Site<'_>, acts: &mut Vec<Act>) {
    // `-nv`, `-nc`, `-nd` are words of their own and `-q -O-` joins as `-qO-`.
    let mut call = parsed(&site.call, WGET_SHORT, WGET_LONG);
    call.options.retain(|(name, _)| name != "n");
    let tls_off = call.has(&["no-check-certificate"]);
    if tls_off {
        acts.push(site.act(ActKind::VerificationOff { what: "wget --no-check-certificate" }));
    }
    let document = call.value(&["O", "output-document"]);
    let dir = call.value(&["P", "directory-prefix"]);
    for arg in &call.operands {
        let url = UrlText::new(spelled(site, arg), arg.known);
        let to = match (document, url.file_name()) {
            (Some("-" | "/dev/stdout"), _) => stdout(site),
            (Some(path), _) => file(path),
            (None, Some(name)) => match dir {
                Some(dir) => file(&format!("{}/{name}", dir.trim_end_matches('/'))),
                None => file(name),
            },
            (None, None) => dir.map_or(Output::Unknown, |d| Output::Dir(d.to_owned())),
        };
        let kind = ActKind::Fetch { by: "wget".to_owned(), url, to, tls_off };
        acts.push(Act { command: site.index, range: arg.range.clone(), kind });
    }
}

fn gh(site: &Site<'_>, acts: &mut Vec<Act>) {
    let words: Vec<&str> = site.call.args.iter().map(|a| a.text.as_str()).collect();
    let valued =
        ["-R", "--repo", "-p", "--pattern", "-D", "--dir", "-O", "--output", "-A", "--archive", "-n", "--name", "-H"];
    let operands = site.call.operands(&valued);
    if !words.starts_with(&["release", "download"]) && !words.starts_with(&["run", "download"]) {
        return;
    }
    let repo = site.call.value(Some('R'), "repo");
    let tag = operands.get(2).map(|a| a.text.as_str());
    let verb = words.first().copied().unwrap_or_default();
    let text = format!("gh:{}/{verb}s/{}", repo.unwrap_or("."), tag.unwrap_or("latest"));
    let known = !text.contains('$');
    let pattern = site.call.value(Some('p'), "pattern");
    let to = match (site.call.value(Some('O'), "output"), site.call.value(Some('D'), "dir"), pattern) {
        (Some("-"), ..) => stdout(site),
        (Some(path), ..) => file(path),
        (None, dir, Some(pattern)) if !pattern.contains(['*', '?']) => {
            file(&dir.map_or_else(|| pattern.to_owned(), |d| format!("{}/{pattern}", d.trim_end_matches('/'))))
        }
        (None, Some(dir), _) => Output::Dir(dir.to_owned()),
        _ => Output::Unknown,
    };
    let url = UrlText::new(text, known);
    acts.push(site.act(ActKind::Fetch { by: "gh".to_owned(), url, to, tls_off: false }));
}

/// PowerShell's names are any case; its `curl` and `wget` are aliases and read as the programs.
fn powershell(site: &Site<'_>, acts: &mut Vec<Act>) {
    let name = site.call.name.to_ascii_lowercase();
    let valued_by = |option: &str| {
        let at = site.call.args.iter().position(|a| {
            let text = a.text.to_ascii_lowercase();
            text.len() > 2 && text.starts_with('-') && option.starts_with(&text)
        })?;
        site.call.args.get(at + 1)
    };
    let (url, out) = match name.as_str() {
        "iwr" | "irm" | "invoke-webrequest" | "invoke-restmethod" => {
            let options = ["-outfile", "-headers", "-method", "-uri", "-timeoutsec", "-body", "-maximumretrycount"];
            let positional = positional(&site.call, &options);
            (valued_by("-uri").or(positional), valued_by("-outfile"))
        }
        "start-bitstransfer" => {
            let positional = positional(&site.call, &["-source", "-destination"]);
            (valued_by("-source").or(positional), valued_by("-destination"))
        }
        "downloadstring" | "downloaddata" => (site.call.args.first(), None),
        "downloadfile" => (site.call.args.first(), site.call.args.get(1)),
        _ => return,
    };
    let Some(url) = url else { return };
    let tls_off = site.call.args.iter().any(|a| a.text.eq_ignore_ascii_case("-SkipCertificateCheck"));
    if tls_off {
        acts.push(site.act(ActKind::VerificationOff { what: "PowerShell -SkipCertificateCheck" }));
    }
    let to = out.map_or(Output::Stdout, |o| file(&o.text));
    let kind = ActKind::Fetch { by: name, url: UrlText::new(url.text.clone(), url.known), to, tls_off };
    acts.push(Act { command: site.index, range: url.range.clone(), kind });
}

fn positional<'a, 'p>(call: &'a Invocation<'p>, valued: &[&str]) -> Option<&'a Arg<'p>> {
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.text.to_ascii_lowercase();
        if !text.starts_with('-') {
            return Some(arg);
        }
        if text.len() > 2 && valued.iter().any(|v| v.starts_with(&text)) {
            args.next();
        }
    }
    None
}

fn file(path: &str) -> Output {
    match path {
        "/dev/null" | "NUL" => Output::Nowhere,
        "/dev/stdout" => Output::Stdout,
        _ => Output::File(path.to_owned()),
    }
}

/// Standard output, or the file it is redirected to.
fn stdout(site: &Site<'_>) -> Output {
    let redirect = site
        .command
        .redirects
        .iter()
        .rev()
        .find(|r| matches!(r.op, RedirectOp::Write | RedirectOp::Append) && r.fd.is_none_or(|fd| fd == 1));
    redirect.map_or(Output::Stdout, |r| file(&site.program.show(&r.target).0))
}
