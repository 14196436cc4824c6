//! Takes credentials out of text that goes into a report: the user part of addresses, tokens of
//! known shape, and values of names that speak of secrets. One function for every report.

mod shapes;

use std::borrow::Cow;

use shapes::tokens;

/// Words in a name that make its value a secret.
const NAMES: &[&str] = &[
    "token",
    "signature",
    "tokens",
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "credential",
    "credentials",
    "auth",
    "authorization",
    "bearer",
];

/// Most times a text is looked through again.
const PASSES: usize = 8;

/// What stands in place of a secret.
pub const MARK: &str = "[redacted]";

/// The text without credentials. Idempotent.
#[must_use]
pub fn redact(text: &str) -> String {
    let Some(mut out) = pass(text) else { return text.to_owned() };
    // What one rule takes out may lay open what another left. Two passes are enough but for riddles.
    for _ in 0..PASSES {
        let Some(again) = pass(&out) else { break };
        out = again;
    }
    out
}

/// A single value without credentials: a name, a release, a path, an address. Unlike in a text, what stands before a
/// colon or a blank names nothing, so that a package called `auth` keeps its version; only the query of an address
/// has names and values. Idempotent.
#[must_use]
pub fn value(text: &str) -> String {
    // A command is a text.
    if text.contains(" --") || text.contains(" -u ") {
        return redact(text);
    }
    let once = |text: &str| {
        let mut out = Cow::Borrowed(text);
        if text.contains('@') {
            out = Cow::Owned(without_scheme(&addresses(text)));
        }
        if out.contains("/t/") {
            out = Cow::Owned(channels(&out));
        }
        if let Some(without) = tokens(&out) {
            out = Cow::Owned(without);
        }
        let query = out.contains("://").then(|| out.find(['?', '#'])).flatten();
        if let Some((address, query)) = query.and_then(|at| out.split_at_checked(at + 1))
            && speaks_of_secrets(query)
        {
            out = Cow::Owned(format!("{address}{}", assignment(query)));
        }
        out.into_owned()
    };
    let mut out = once(text);
    for _ in 0..PASSES {
        let again = once(&out);
        if again == out {
            break;
        }
        out = again;
    }
    out
}

/// The text after every rule was applied once; none where nothing changed. Most texts hold nothing, so
/// each rule first looks for what it cannot do without.
fn pass(text: &str) -> Option<String> {
    let mut out = Cow::Borrowed(text);
    if text.contains('@') {
        out = Cow::Owned(without_scheme(&addresses(text)));
    }
    if out.contains("/t/") {
        out = Cow::Owned(channels(&out));
    }
    if let Some(without) = tokens(&out) {
        out = Cow::Owned(without);
    }
    if out.contains(" -") {
        out = Cow::Owned(basic_auth(&out));
    }
    if speaks_of_secrets(&out) {
        out = Cow::Owned(out.split_inclusive('\n').map(assignment).collect());
    }
    match out {
        Cow::Owned(out) if out != text => Some(out),
        _ => None,
    }
}

fn addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end = after
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | '?' | '#' | ')' | '>' | ','))
            .unwrap_or(after.len());
        let authority = &after[..end];
        match authority.rfind('@') {
            // An expression or a variable names no credential, it only says where one comes from.
            Some(at) if !authority[..at].contains("${{") && !(authority.starts_with('$')) => {
                out.push_str(MARK);
                rest = &after[at..];
            }
            _ => rest = after,
        }
    }
    out.push_str(rest);
    out
}

/// Shortest token in the path of a channel; `/t/p/` is a folder as good as any.
const CHANNEL_TOKEN: usize = 8;

/// `https://host/t/TOKEN/channel`, as channels of conda take their tokens. Source: conda, "Managing channels";
/// Anaconda's and Quetz's documentation of tokens.
fn channels(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("/t/") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        rest = after;
        let authority = before[..at].rsplit_once("://").map(|(_, authority)| authority);
        let is_first = authority.is_some_and(|a| !a.is_empty() && !a.contains(|c: char| c == '/' || c.is_whitespace()));
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(after.len());
        if is_first && end >= CHANNEL_TOKEN {
            out.push_str(MARK);
            rest = &after[end..];
        }
    }
    out.push_str(rest);
    out
}

/// `name:password@host` without a scheme, as a trusted host or an image may be written. What stands before
/// the `@` of an image is a tag, behind it a digest; behind that of a package a version: neither is a host.
fn without_scheme(text: &str) -> String {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '<' | '>' | '=');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at(at);
        let start = before.rfind(is_end).map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        let word = &before[start..];
        let secret =
            word.split_once(':').filter(|(user, _)| *user != "mailto" && !word.contains('/') && !user.is_empty());
        let host =
            after[1..].split(|c: char| is_end(c) || matches!(c, '@' | '/' | ':' | '?' | '#')).next().unwrap_or("");
        let last = host.rsplit_once('.').map_or("", |(_, last)| last);
        let is_host = last.len() > 1 && last.bytes().all(|b| b.is_ascii_alphabetic());
        match secret {
            Some((user, secret)) if is_host && !is_harmless(secret) => {
                out.push_str(&before[..start + user.len() + 1]);
                out.push_str(MARK);
            }
            _ => out.push_str(before),
        }
        out.push('@');
        rest = &after[1..];
    }
    out.push_str(rest);
    out
}

/// `curl -u name:password`, `--user name:password`.
fn basic_auth(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) =
        [" -u ", " --user "].iter().filter_map(|option| rest.find(option).map(|i| i + option.len())).min()
    {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let end = after.find(char::is_whitespace).unwrap_or(after.len());
        match after[..end].find(':') {
            // `pip install --user git+https://..` names no user.
            Some(colon) if !after[colon + 1..].starts_with("//") && !is_harmless(&after[colon + 1..end]) => {
                out.push_str(&after[..=colon]);
                out.push_str(MARK);
                rest = &after[end..];
            }
            _ => rest = after,
        }
    }
    out.push_str(rest);
    out
}

/// Whether a line is an option of a list of words whose value, on the next line, is a secret: `"--token",`.
#[must_use]
pub fn awaits_secret(line: &str) -> bool {
    let Some(item) = line.trim().strip_suffix(',') else { return false };
    let word = item.trim_matches(['"', '\'']);
    word.len() < item.len() && word.strip_prefix("--").is_some_and(is_secret_name)
}

/// Whether a line opens a block of text under a name that speaks of a secret: `PASSWORD: |`.
#[must_use]
pub fn opens_secret_block(line: &str) -> bool {
    let Some((name, value)) = line.split_once(':') else { return false };
    let name = name.trim_start_matches([' ', '-']).trim_matches(['"', '\'']);
    is_secret_name(name) && value.trim_start().starts_with(['|', '>'])
}

/// What a text cannot do without where a name in it speaks of a secret. In lower case.
const SIGNS: &[&str] = &["token", "secret", "pass", "credential", "auth", "bearer", "key", "sig", "pwd"];

/// Whether a text may hold a name that speaks of a secret, at the cost of one look at each byte.
fn speaks_of_secrets(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_sign = |at: usize, sign: &str| {
        bytes.get(at..at + sign.len()).is_some_and(|part| part.eq_ignore_ascii_case(sign.as_bytes()))
    };
    bytes.iter().enumerate().any(|(at, byte)| match byte.to_ascii_lowercase() {
        first @ (b't' | b's' | b'p' | b'c' | b'a' | b'b' | b'k') => {
            SIGNS.iter().any(|sign| sign.as_bytes().first() == Some(&first) && is_sign(at, sign))
        }
        _ => false,
    })
}

/// Whether a name speaks of a secret: by its parts, so that `author` is none.
fn is_secret_name(name: &str) -> bool {
    if !speaks_of_secrets(name) {
        return false;
    }
    let lower = name.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split(['_', '-', '.']).filter(|p| !p.is_empty()).collect();
    let key_of = |word: &str| matches!(word, "api" | "private" | "secret" | "access" | "signing" | "encryption");
    parts.iter().any(|part| NAMES.contains(part))
        || parts.windows(2).any(|pair| pair[1] == "key" && key_of(pair[0]))
        || lower.ends_with("apikey")
        || lower.ends_with("password")
}

/// Values of names that speak of secrets: `NAME: value` to the end of the line, `NAME=value` and
/// `--name value` to the end of the word.
fn assignment(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find([':', '=', ' ']) {
        let (before, after) = rest.split_at(at);
        // `name = value`, as TOML is written: the blanks before the sign separate nothing.
        let blanks = after.len() - after.trim_start_matches(' ').len();
        let blanks = if after[blanks..].starts_with([':', '=']) { blanks } else { 0 };
        let (blanks, after) = after.split_at(blanks);
        let separator = &after[..1];
        let value = &after[1..];
        out.push_str(before);
        out.push_str(blanks);
        out.push_str(separator);
        rest = value;
        // `"--token", "value"`: an option and its value as items of a list.
        let item = before.strip_suffix(',').filter(|b| separator == " " && b.ends_with(['"', '\'']));
        // A key may stand in quotes.
        let before = item.unwrap_or(before).trim_end_matches(['"', '\'']);
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        let name = before[start..].trim_matches(['-', '.']);
        let is_option = separator == " " && before[start..].starts_with("--");
        if !is_secret_name(name)
            || (separator == " " && !is_option)
            || value.starts_with("//")
            || value.starts_with(['=', ':'])
        {
            continue;
        }
        let whole = separator == ":";
        let lead = value.len() - value.trim_start_matches([' ', '"', '\'']).len();
        let body = &value[lead..];
        let length = if whole {
            body.trim_end().len()
        } else {
            body.find([' ', '&', ',', '}', '"', '\'', '\n', '`', ';', ')']).unwrap_or(body.trim_end().len())
        };
        if is_harmless(&body[..length]) || is_release(&body[..length]) {
            continue;
        }
        out.push_str(&value[..lead]);
        out.push_str(MARK);
        rest = &body[length..];
    }
    out.push_str(rest);
    out
}

/// Whether a value is a release or a range of them: what a manifest says of a package whose name speaks of secrets.
fn is_release(value: &str) -> bool {
    let is_one = |one: &str| {
        let one = one.trim().trim_matches(['"', '\'']);
        let one = one.trim_start_matches(['=', '~', '^', '<', '>', '!', ' ']);
        let one = one.strip_prefix('v').unwrap_or(one);
        let (first, rest) = one.split_once('.').unwrap_or(("", ""));
        let is_number = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number(first) && one.len() <= 24 && rest.split(['.', '-', '+']).all(|part| part == "*" || is_number(part))
    };
    value.split(',').all(is_one)
}

/// Values that tell nothing: grants, switches, and words that only say where a secret comes from.
fn is_harmless(value: &str) -> bool {
    let plain = value.trim().trim_matches(['"', '\'']);
    let grant = plain.split([' ', ',', ';', ')', '(', '`', '"', '\'', '}']).next().unwrap_or("");
    plain.is_empty()
        || matches!(grant, "read" | "write" | "none" | "true" | "false" | "inherit")
        || plain.contains("${{")
        || plain.starts_with('$')
        || plain.starts_with(MARK)
        || plain.starts_with('-')
        || matches!(
            plain,
            "true" | "false" | "read" | "write" | "none" | "inherit" | "null" | "|" | "|-" | ">" | ">-" | "{}"
        )
}

#[cfg(test)]
mod tests {
    use super::shapes::TOKENS;
    use super::*;

    #[test]
    fn no_name_of_a_secret_is_without_its_sign() {
        for name in NAMES {
            assert!(speaks_of_secrets(name), "{name}");
        }
    }
    use proptest::prelude::*;

    #[test]
    fn every_known_shape_goes_wherever_it_stands() {
        for (start, least) in TOKENS {
            let tail: String = "A1b2C3d4".chars().cycle().take(*least).collect();
            for (before, after) in
                [("run: login ", ""), ("url=https://example.com/?a=", "&b=1"), ("\"", "\""), ("(", ")")]
            {
                let shown = redact(&format!("{before}{start}{tail}{after}"));
                assert_eq!(shown, format!("{before}{start}{MARK}{after}"), "{start}");
            }
            // A word of the same beginning is none.
            assert_eq!(redact(&format!("see {start}a")), format!("see {start}a"), "{start}");
        }
        let shapes = ["sk-ant-api03-", "sk-proj-", "sk-svcacct-", "pypi-AgEIcHlwaS5vcmc", "glrt-t1_", "hf_"];
        for shape in shapes {
            let shown = redact(&format!("echo {shape}0123456789abcdefghijklmnop"));
            assert!(!shown.contains("0123456789") && shown.ends_with(MARK), "{shown}");
        }
    }

    #[test]
    fn credentials_go_and_the_rest_stays() {
        for (text, shown) in [
            ("git+https://user:pass@example.com/a", "git+https://[redacted]@example.com/a"),
            ("- https://conda.example.com/t/ab-0123-4567/own", "- https://conda.example.com/t/[redacted]/own"),
            ("https://conda.example.com:8443/t/ab-0123-4567", "https://conda.example.com:8443/t/[redacted]"),
            ("https://images.example.com/t/p/original", "https://images.example.com/t/p/original"),
            ("https://example.com/a/t/abcdefghijk/b", "https://example.com/a/t/abcdefghijk/b"),
            ("https://conda.example.com/t/<TOKEN>/own", "https://conda.example.com/t/<TOKEN>/own"),
            ("--trusted-host bob:word@host.example.com", "--trusted-host bob:[redacted]@host.example.com"),
            ("FROM bob:word@reg.example.com/x AS y", "FROM bob:[redacted]@reg.example.com/x AS y"),
            ("python:3.12-slim@sha256:00", "python:3.12-slim@sha256:00"),
            ("ghcr.io/a/b:1@sha256:00 npm:left-pad@1.3.0", "ghcr.io/a/b:1@sha256:00 npm:left-pad@1.3.0"),
            ("mailto:a@example.com git@example.com:a/b.git", "mailto:a@example.com git@example.com:a/b.git"),
            ("pkg:github/actions/checkout@v4.main", "pkg:github/actions/checkout@v4.main"),
            ("https://example.com/@scope/x", "https://example.com/@scope/x"),
            ("https://x:${{ secrets.T }}@example.com", "https://x:${{ secrets.T }}@example.com"),
            ("  HF_TOKEN: abc", "  HF_TOKEN: [redacted]"),
            ("token = \"abc\"", "token = \"[redacted]\""),
            ("secret-key  =  'abc' # x", "secret-key  =  '[redacted]' # x"),
            ("password : abc", "password : [redacted]"),
            ("{\"token\": \"abc\"}", "{\"token\": \"[redacted]"),
            ("'token' = \"abc\"", "'token' = \"[redacted]\""),
            ("if token == abc", "if token == abc"),
            ("  HF_TOKEN: ${{ secrets.HF }}", "  HF_TOKEN: ${{ secrets.HF }}"),
            ("  id-token: write", "  id-token: write"),
            ("with: { persist-credentials: false }", "with: { persist-credentials: false }"),
            ("export API_KEY=abc123", "export API_KEY=[redacted]"),
            ("x hf_abcdefghijklmnopqrstuvwxyz y", "x hf_[redacted] y"),
            ("a-hf_short b", "a-hf_short b"),
            ("./wrap --password=abc --x", "./wrap --password=[redacted] --x"),
            ("upload --token abc file", "upload --token [redacted] file"),
            ("[\"serve\", \"--token\", \"abc\", \"x\"]", "[\"serve\", \"--token\", \"[redacted]\", \"x\"]"),
            ("[\"--verbose\", \"abc\"]", "[\"--verbose\", \"abc\"]"),
            ("authors = [\"a\"]", "authors = [\"a\"]"),
            ("  secrets: inherit", "  secrets: inherit"),
            ("leave `secrets: inherit` out", "leave `secrets: inherit` out"),
            ("  secrets: inherit # all of them", "  secrets: inherit # all of them"),
            ("take `id-token: write` out", "take `id-token: write` out"),
            ("npm_publish_packages_of_all.yml", "npm_publish_packages_of_all.yml"),
            ("needs.build-pypi-some-long-package.outputs.x", "needs.build-pypi-some-long-package.outputs.x"),
            ("npm_0123456789abcdefghijklmnopqrstuvwxyz", "npm_[redacted]"),
            ("pypi-AgEIcHlwaS5vcmcCJDAw-x_y", "pypi-[redacted]"),
            ("pip install --user git+https://example.com/a.git", "pip install --user git+https://example.com/a.git"),
            ("curl --user bob:word https://example.com", "curl --user bob:[redacted] https://example.com"),
            ("secrets HF_TOKEN; contents: write", "secrets HF_TOKEN; contents: write"),
            ("cache-key: abc", "cache-key: abc"),
            ("id-token: write; pushes images by x", "id-token: write; pushes images by x"),
            ("publish with `id-token: write`", "publish with `id-token: write`"),
            ("leave `secrets: inherit` out", "leave `secrets: inherit` out"),
            ("runs of `npm_build_and_publish_the_package.yml`", "runs of `npm_build_and_publish_the_package.yml`"),
            ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "npm_[redacted]"),
            ("AWS_SECRET_ACCESS_KEY: abc", "AWS_SECRET_ACCESS_KEY: [redacted]"),
        ] {
            assert_eq!(redact(text), shown);
        }
    }

    #[test]
    fn names_and_releases_are_no_credentials() {
        for name in [
            "hf_fast-1.1.3-cp37-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "https://files.example.com/packages/ab/cd/hf_fast_transfer-1.1.3-cp37-abi3-win_amd64.whl",
            "pypi-attest-0.0.11-py3-none-any.whl",
            "xai-client-1.0.0rc1-py3-none-any.whl",
            "sk-learners-2.1.0-cp312-cp312-macosx_10_9_universal2.whl",
            "ASIA_population_of_2020.csv",
            "pkg:pypi/hf-fast@1.1.3?file_name=hf_fast-1.1.3-cp37-abi3-manylinux_2_17_x86_64.whl",
        ] {
            assert_eq!((value(name).as_str(), redact(name).as_str()), (name, name));
        }
        for one in
            ["match_token: 0.3.5", "cloud-auth: 1.2.0 → 1.3.0", "https://auth.example.com:8443/v1", "token:latest"]
        {
            assert_eq!(value(one), one);
        }
        for text in ["cloud-auth = \"0.17\"", "cloud-auth: >=1.2,<2.0", "cloud-auth=1.2.3"] {
            assert_eq!(redact(text), text);
        }
        for (one, shown) in [
            ("https://user:word@example.com/a", "https://[redacted]@example.com/a"),
            ("https://example.com/a?x=1&token=abc&y=2", "https://example.com/a?x=1&token=[redacted]&y=2"),
            ("https://conda.example.com/t/ab-0123-4567/own", "https://conda.example.com/t/[redacted]/own"),
            ("hf_aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH", "hf_[redacted]"),
            ("glpat-aBcDeFgHi-kLmNoP_rSt", "glpat-[redacted]"),
        ] {
            assert_eq!(value(one), shown);
        }
    }

    #[test]
    fn a_value_may_stand_on_the_next_line() {
        for (line, awaits) in [
            ("  \"--api-key\",", true),
            ("'--token',", true),
            ("\"--port\",", false),
            ("--token,", false),
            ("\"--token\"", false),
        ] {
            assert_eq!(awaits_secret(line), awaits, "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_speaks_of_no_secret_has_no_such_name(name in "[a-zA-Z_.-]{0,6}(toKen|key|auth|Pass|x)?[a-zA-Z_.-]{0,8}") {
            let lower = name.to_ascii_lowercase();
            let parts: Vec<&str> = lower.split(['_', '-', '.']).collect();
            if parts.iter().any(|part| NAMES.contains(part)) || lower.ends_with("apikey") {
                prop_assert!(speaks_of_secrets(&name));
            }
        }

        #[test]
        fn twice_is_once(text in "[a-zA-Z:/@=_. \n$\\{\\}-]{0,80}") {
            let once = redact(&text);
            prop_assert_eq!(redact(&once), once);
            let once = value(&text);
            prop_assert_eq!(value(&once), once);
        }
    }
}
