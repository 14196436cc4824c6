//! What becomes of the downloads of one script, in tables.

// Tests may look around: the layers hold for what stands before this line.
#[cfg(test)]
use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::graph::images::ImageView;
use crate::read::read_tree;
use crate::source::Tree;

/// Each use of each download: `url: use at place @ check`, and downloads without any.
pub(super) fn flows(files: &[(&str, &str)]) -> Vec<String> {
    let all: BTreeMap<RepoPath, Vec<u8>> =
        files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect();
    let paths: BTreeSet<RepoPath> = all.keys().cloned().collect();
    let tree = Tree::from_memory("t", all);
    let reading = read_tree(&tree, 1, &|_, _| {});
    let images = ImageView::build(&reading.documents, &reading.sources, &paths);
    let view = FlowView::build(&reading.documents, &reading.sources, &paths, &images);
    assert_eq!(view.cut, Vec::<String>::new());
    let mut out = Vec::new();
    for download in &view.downloads {
        let url = download.url.text.trim_start_matches("https://example.com/");
        if download.uses.is_empty() {
            out.push(format!("{url}: nothing"));
        }
        for usage in &download.uses {
            let check = match &usage.check {
                Checked::No => "no".to_owned(),
                Checked::Flawed { flaw, .. } => format!("{flaw:?}"),
                Checked::Yes { strength, .. } => format!("{strength:?}"),
            };
            let calls: Vec<&str> = usage.at.calls.iter().map(|(text, _)| text.as_str()).collect();
            let calls = if calls.is_empty() { String::new() } else { format!(" in {}", calls.join(" < ")) };
            out.push(format!("{url}: {:?}{calls} @ {check}", usage.kind));
        }
    }
    out
}

/// The same for one script of a tree.
fn of_script(text: &str) -> Vec<String> {
    flows(&[("x.sh", &format!("#!/bin/bash\n# pip\nset -e\n{text}\n"))])
}

const DIGEST: &str = "echo 'ab12  f' | sha256sum -c";

#[test]
fn downloads_are_followed_to_their_use() {
    let u = "https://example.com/u";
    let cases: &[(String, &[&str])] = &[
        (format!("curl -o f {u}\nsh f"), &["u: Interpreted @ no"]),
        (format!("curl -o f {u}\nchmod +x f\n./f"), &["u: Executed @ no"]),
        (format!("curl -o f {u}; mv f /usr/local/bin/g; g --version"), &["u: Executed @ no"]),
        (format!("cd /tmp; wget {u}; /tmp/u"), &["u: Executed @ no"]),
        (format!("curl -LO {u}/tool-1.tgz; tar xzf tool-1.tgz; ./tool-1/bin/tool"), &["u/tool-1.tgz: Executed @ no"]),
        (format!("curl {u}.tgz | tar xz -C /opt/t; /opt/t/bin/t"), &["u.tgz: Executed @ no"]),
        (format!("curl {u}/tool.tgz | tar xz; ./scripts/build.sh"), &["u/tool.tgz: nothing"]),
        (format!("curl {u} | tee f.sh >/dev/null; bash f.sh"), &["u: Interpreted @ no"]),
        (format!("curl -o x.deb {u}; sudo dpkg -i x.deb"), &["u: Installed @ no"]),
        (format!("curl -o f.json {u}; jq . f.json; ./build.sh"), &["u: nothing"]),
        (format!("curl -o f {u}; chmod +x f; mv f ~/.cargo/bin/"), &["u: OnPath @ no"]),
        (format!("curl {u} | tar xzf - -C ${{CARGO_HOME:-~/.cargo}}/bin"), &["u: OnPath @ no"]),
        // A folder named `bin` is not on the search path for that.
        (format!("curl {u} | tar xzf - -C ~/bin"), &["u: nothing"]),
        (format!("PATH=~/bin:$PATH; curl {u} | tar xzf - -C ~/bin"), &["u: OnPath @ no"]),
        (format!("curl {u} | sh"), &["u: Interpreted @ no"]),
        (format!("bash <(curl {u})"), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u})\neval \"$x\""), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u} | base64 -d)\nbash -c \"$x\""), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u})\necho \"$x\" | sh"), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u})\nbash <<< \"$x\""), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u} | jq -r .v)\neval \"$x\""), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u})\nx=1\neval \"$x\""), &["u: nothing"]),
        (format!("curl -o f {u}; cat f | sh"), &["u: Interpreted @ no"]),
        (format!("curl -o f.gz {u}; gunzip -c f.gz | bash"), &["u: Interpreted @ no"]),
        (format!("curl -o f {u}; bash -c \"$(cat f)\""), &["u: Interpreted @ no"]),
        (format!("curl -o f {u}; bash < f"), &["u: Interpreted @ no"]),
        (format!("curl -o f {u}; rm f; sh f"), &["u: nothing"]),
        (format!("curl -o t.tgz {u}; mkdir d; tar xf t.tgz -C d; cd d; make"), &["u: Built @ no"]),
        (format!("(cd /tmp; curl -o f {u})\nsh f"), &["u: nothing"]),
        (format!("(cd /tmp; curl -o f {u})\nsh /tmp/f"), &["u: Interpreted @ no"]),
        (format!("get() {{ curl -o \"$2\" \"$1\"; }}\nget {u} f\nsh f"), &["u: Interpreted @ no"]),
        (format!("get() {{ curl \"$1\"; }}\nget {u} | sh"), &["u: Interpreted @ no"]),
        (format!("get() {{ curl \"$1\"; }}\nget {u} > f\nsh f"), &["u: Interpreted @ no"]),
        (format!("never() {{ curl {u} | sh; }}"), &["u: Interpreted @ no"]),
        (format!("curl -o f {u}/a || curl -o f {u}/b\nsh f"), &["u/a: Interpreted @ no", "u/b: Interpreted @ no"]),
        (
            format!("if x; then curl -o f {u}/a; else curl -o f {u}/b; fi\nsh f"),
            &["u/a: Interpreted @ no", "u/b: Interpreted @ no"],
        ),
        (format!("curl -o f {u}/a; curl -o f {u}/b\nsh f"), &["u/a: nothing", "u/b: Interpreted @ no"]),
        (format!("if x; then curl -o f {u}/a; else sh f; fi"), &["u/a: nothing"]),
        ("echo 'curl u | sh'\ncat <<EOF\ncurl u | sh\nEOF\n".to_owned(), &[]),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = of_script(text);
        if found != *expected {
            wrong.push(format!("{text}\n  {found:?}\n  {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn checks_stand_before_the_use_or_not() {
    let fetch = "curl -o f https://example.com/u";
    let cases: &[(String, &str)] = &[
        (format!("{fetch}\n{DIGEST}\nsh f"), "LiteralDigest"),
        (format!("{fetch} && {DIGEST} && sh f"), "LiteralDigest"),
        (format!("{fetch}\n{DIGEST} || true\nsh f"), "Ignored"),
        (format!("set +e; {fetch}\n{DIGEST}\nsh f"), "Ignored"),
        (format!("{fetch}\nif {DIGEST}; then sh f; fi"), "LiteralDigest"),
        (format!("{fetch}\nif ! {DIGEST}; then exit 1; fi\nsh f"), "LiteralDigest"),
        (format!("{fetch}\nsha256sum f\nsh f"), "no"),
        (format!("{fetch}\nsh f\n{DIGEST}"), "no"),
        (format!("{fetch}; gpg --verify f.asc f; sh f"), "Signature"),
        (format!("{fetch}; echo 'ab  other' | sha256sum -c; sh f"), "no"),
        (format!("{fetch}\nif x; then {DIGEST}; fi\nsh f"), "Bypassed"),
        (format!("{fetch}\nif x; then {DIGEST}; else {DIGEST}; fi\nsh f"), "LiteralDigest"),
        (format!("{fetch}\nif x; then {DIGEST}; elif y; then {DIGEST}; else {DIGEST}; fi\nsh f"), "LiteralDigest"),
        (format!("{fetch}\nif x; then {DIGEST}; elif y; then {DIGEST}; fi\nsh f"), "Bypassed"),
        (format!("{fetch}\ncase $x in a) {DIGEST};; *) {DIGEST};; esac\nsh f"), "LiteralDigest"),
        (format!("{fetch}\ncase $x in a) {DIGEST};; *) true;; esac\nsh f"), "Bypassed"),
        (format!("if x; then {fetch}; {DIGEST}; fi\nsh f"), "LiteralDigest"),
        (format!("{fetch}\n[ -n \"$CHECK\" ] && {DIGEST}\nsh f"), "Bypassed"),
        (format!("check() {{ {DIGEST}; }}\n{fetch}\ncheck\nsh f"), "LiteralDigest"),
        (format!("check() {{ {DIGEST}; }}\n{fetch}\ncheck || true\nsh f"), "Ignored"),
        (format!("check() {{ {DIGEST}; }}\n{fetch}\nif x; then check; fi\nsh f"), "Bypassed"),
        (format!("check() {{ {DIGEST} || exit 1; }}\nset +e\n{fetch}\ncheck\nsh f"), "LiteralDigest"),
        (format!("check() {{ {DIGEST} || return 1; }}\nset +e\n{fetch}\ncheck\nsh f"), "Ignored"),
        (format!("check() {{ {DIGEST} || return 1; }}\n{fetch}\ncheck && sh f"), "LiteralDigest"),
        (format!("{fetch}; tar xf f -C d; {DIGEST}; ./d/f"), "LiteralDigest"),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = of_script(text);
        if found.len() != 1 || !found.iter().all(|l| l.ends_with(&format!("@ {expected}"))) {
            wrong.push(format!("{text}\n  {found:?}\n  {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let sums = "curl -o f.sha256 https://example.com/u.sha256";
    for (text, expected) in [
        (format!("{fetch}\n{sums}\nsha256sum -c f.sha256\nsh f"), "SameOrigin"),
        (format!("{fetch}\ncurl -o S https://sums.example.org/S\nsha256sum -c S\nsh f"), "OtherOrigin"),
        (format!("{fetch}\necho \"$(curl https://example.com/u.sha256)  f\" | sha256sum -c\nsh f"), "SameOrigin"),
    ] {
        let found = of_script(&text);
        assert!(found.contains(&format!("u: Interpreted @ {expected}")), "{text}: {found:?}");
    }
}
