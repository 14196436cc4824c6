//! GitHub's own command.

use super::{fetched, file, inside, stdout};
use crate::commands::act::{Act, Output, UrlText};
use crate::commands::site::Site;

/// Options of `gh` that take a value.
const VALUED: &[&str] = &[
    "-R",
    "--repo",
    "-p",
    "--pattern",
    "-D",
    "--dir",
    "-O",
    "--output",
    "-A",
    "--archive",
    "-n",
    "--name",
    "-H",
    "--header",
    "-X",
    "--method",
    "-q",
    "--jq",
    "-t",
    "--template",
    "-f",
    "-F",
    "--field",
    "--raw-field",
    "--hostname",
    "--cache",
    "--input",
];

pub(super) fn gh(site: &Site<'_>, acts: &mut Vec<Act>) {
    let operands = site.call.operands(VALUED);
    let words: Vec<&str> = operands.iter().map(|a| a.text.as_str()).collect();
    match words.as_slice() {
        ["release" | "run", "download", rest @ ..] => download(site, words.first() == Some(&"run"), rest.first(), acts),
        ["api", path, ..] => api(site, path, acts),
        _ => {}
    }
}

fn download(site: &Site<'_>, of_run: bool, which: Option<&&str>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let repo = call.value(Some('R'), "repo");
    let kind = if of_run { "runs" } else { "releases" };
    let text = format!("gh:{}/{kind}/{}", repo.unwrap_or("."), which.unwrap_or(&"latest"));
    let known = !text.contains('$');
    let pattern = call.value(Some('p'), "pattern").or_else(|| call.value(Some('n'), "name").filter(|_| of_run));
    let to = match (call.value(Some('O'), "output"), call.value(Some('D'), "dir"), pattern) {
        (Some("-"), ..) => stdout(site),
        (Some(path), ..) => file(path),
        // The artifact of a run is unpacked to the folder itself.
        (None, dir, Some(pattern)) if !pattern.contains(['*', '?']) && !of_run => inside(dir, pattern),
        (None, Some(dir), _) => Output::Dir(dir.to_owned()),
        (None, None, _) => Output::Dir(".".to_owned()),
    };
    acts.push(fetched(site, "gh", UrlText::new(text, known), to, site.command.range.clone()));
}

/// `gh api repos/o/r/tarball/ref > x.tgz`: calls that bring files.
fn api(site: &Site<'_>, path: &str, acts: &mut Vec<Act>) {
    let method = site.call.value(Some('X'), "method").unwrap_or("GET");
    let path = path.trim_start_matches('/');
    let brings = ["/tarball", "/zipball", "/contents/", "/releases/assets/", "/artifacts/"];
    if !path.starts_with("repos/") || !method.eq_ignore_ascii_case("get") || !brings.iter().any(|b| path.contains(b)) {
        return;
    }
    let url = UrlText::new(format!("https://api.github.com/{path}"), !path.contains('$'));
    acts.push(fetched(site, "gh", url, stdout(site), site.command.range.clone()));
}
