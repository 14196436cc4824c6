//! Repositories: cloned, added, gone to a commit, built.

use super::act::{Act, ActKind, Output, UrlText};
use super::site::Site;
use crate::parse::shell::basename;

/// Git's options that take a value, its own and those of its commands.
pub const VALUED: &[&str] = &[
    "-b",
    "--branch",
    "--depth",
    "-c",
    "--config",
    "-C",
    "--filter",
    "-o",
    "--origin",
    "--reference",
    "-j",
    "--jobs",
    "--shallow-since",
    "--revision",
    "--template",
    "--server-option",
    "--git-dir",
    "--work-tree",
    "-B",
    "--name",
    "--prefix",
    "--format",
    "--output",
    "--remote",
];

/// `git submodule update --remote`: what is gone to, since no reference is written.
pub const NEWEST_OF_SUBMODULES: &str = "the newest commit of each submodule's branch";

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    match site.call.name.as_str() {
        "git" => git(site, acts),
        "gh" => gh(site, acts),
        "svn" => subversion(site, acts),
        "hg" => mercurial(site, acts),
        "degit" | "tiged" | "giget" => template(site, &site.call.operands(&[]), acts),
        "npx" | "bunx" | "pnpx" => {
            let operands = site.call.operands(&["-p", "--package"]);
            if let Some((first, rest)) = operands.split_first()
                && matches!(first.text.split('@').next(), Some("degit" | "tiged" | "giget"))
            {
                template(site, rest, acts);
            }
        }
        _ => {}
    }
}

fn git(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let operands = call.operands(VALUED);
    let words: Vec<&str> = operands.iter().map(|a| a.text.as_str()).collect();
    let folder = call.args.iter().take_while(|a| Some(a.text.as_str()) != words.first().copied());
    let folder = folder.zip(call.args.iter().skip(1)).find(|(a, _)| a.text == "-C").map(|(_, b)| b.text.clone());
    let within = |path: &str| match &folder {
        Some(folder) if !path.starts_with(['/', '~', '$']) => format!("{}/{path}", folder.trim_end_matches('/')),
        _ => path.to_owned(),
    };
    let mut gone = |reference: &str| {
        acts.push(site.act(ActKind::Checkout { reference: reference.to_owned(), folder: folder.clone() }));
    };
    match words.as_slice() {
        ["clone", address, rest @ ..] => {
            let named = call.value(None, "revision").or_else(|| call.value(Some('b'), "branch")).map(str::to_owned);
            let own = own_name(address);
            let to = rest.first().map_or(own, |to| *to);
            let known = operands.get(1).is_some_and(|a| a.known);
            let url = UrlText::new(*address, known);
            let to = if to.is_empty() { Output::Unknown } else { Output::Dir(within(to)) };
            acts.push(site.act(ActKind::Clone { url, reference: named, to }));
        }
        ["submodule", "add", address, rest @ ..] => {
            let url = UrlText::new(*address, !address.contains('$'));
            let named = call.value(Some('b'), "branch").map(str::to_owned);
            let to = Output::Dir(within(rest.first().map_or(own_name(address), |to| *to)));
            acts.push(site.act(ActKind::Clone { url, reference: named, to }));
        }
        ["submodule", "update", ..] if call.has("--remote") => gone(NEWEST_OF_SUBMODULES),
        ["worktree", "add", _, reference, ..] => gone(reference),
        // By itself it moves nothing; what is gone to then is `FETCH_HEAD`, which is this.
        ["fetch", _, references @ ..] if !references.is_empty() => {
            if let Some(reference) = references.last() {
                gone(reference.split(':').next().unwrap_or(reference).trim_start_matches('+'));
            }
        }
        ["pull", _, reference, ..] => gone(reference),
        ["checkout" | "switch", rest @ ..] => {
            // A new branch is one of this clone; behind it may stand where it starts.
            let made = ["-b", "-B", "-c", "-C", "--orphan"].iter().any(|flag| call.has(flag));
            // `git checkout x -- file` takes single files, and `-- file` puts them back.
            let files = call.has("--");
            let reference = if made { rest.get(usize::from(call.has("--orphan"))) } else { rest.first() };
            if let Some(reference) = reference.filter(|r| !files && !matches!(**r, "." | "-" | "FETCH_HEAD")) {
                gone(reference);
            }
        }
        ["reset", rest @ ..] if call.has("--hard") => {
            if let Some(reference) = rest.first().filter(|r| !matches!(**r, "HEAD" | "FETCH_HEAD")) {
                gone(reference);
            }
        }
        _ => {}
    }
}

/// `gh repo clone owner/name [folder] [-- flags]`
fn gh(site: &Site<'_>, acts: &mut Vec<Act>) {
    let flags = site.call.args.iter().position(|a| a.text == "--");
    let words: Vec<&str> = site
        .call
        .args
        .iter()
        .take(flags.unwrap_or(usize::MAX))
        .map(|a| a.text.as_str())
        .filter(|t| !t.starts_with('-'))
        .collect();
    let ["repo", "clone", name, rest @ ..] = words.as_slice() else { return };
    let address = if name.contains("://") || name.starts_with("git@") {
        (*name).to_owned()
    } else {
        format!("https://github.com/{name}")
    };
    let reference = site.call.value(None, "branch").map(str::to_owned);
    let to = Output::Dir(rest.first().map_or(own_name(name), |to| *to).to_owned());
    let url = UrlText::new(address, !name.contains('$'));
    acts.push(site.act(ActKind::Clone { url, reference, to }));
}

/// `svn export -r 12 <address> [folder]`
fn subversion(site: &Site<'_>, acts: &mut Vec<Act>) {
    let operands = site.call.operands(&["-r", "--revision", "--username", "--password", "--depth"]);
    let words: Vec<&str> = operands.iter().map(|a| a.text.as_str()).collect();
    let ["export" | "checkout" | "co", address, rest @ ..] = words.as_slice() else { return };
    let reference = site.call.value(Some('r'), "revision").map(|r| format!("r{}", r.trim_start_matches('r')));
    let to = Output::Dir(rest.first().map_or(own_name(address), |to| *to).to_owned());
    let url = UrlText::new(*address, !address.contains('$'));
    acts.push(site.act(ActKind::Clone { url, reference, to }));
}

/// `hg clone -r x <address> [folder]`, `hg update x`
fn mercurial(site: &Site<'_>, acts: &mut Vec<Act>) {
    let operands = site.call.operands(&["-r", "--rev", "-u", "--updaterev", "-b", "--branch", "-R"]);
    let words: Vec<&str> = operands.iter().map(|a| a.text.as_str()).collect();
    match words.as_slice() {
        ["clone", address, rest @ ..] => {
            let value = |short, long: &str| site.call.value(Some(short), long).map(str::to_owned);
            let reference = value('r', "rev").or_else(|| value('u', "updaterev")).or_else(|| value('b', "branch"));
            let to = Output::Dir(rest.first().map_or(own_name(address), |to| *to).to_owned());
            acts.push(site.act(ActKind::Clone { url: UrlText::new(*address, !address.contains('$')), reference, to }));
        }
        ["update" | "up" | "checkout" | "co", reference, ..] => {
            acts.push(site.act(ActKind::Checkout { reference: (*reference).to_owned(), folder: None }));
        }
        _ => {}
    }
}

/// `degit owner/name#reference folder`
fn template(site: &Site<'_>, operands: &[&crate::parse::shell::Arg<'_>], acts: &mut Vec<Act>) {
    let Some(source) = operands.first().map(|a| a.text.as_str()).filter(|t| t.contains('/')) else { return };
    let (name, reference) = source.split_once('#').map_or((source, None), |(name, r)| (name, Some(r.to_owned())));
    let name = name.split_once(':').map_or(name, |(_, name)| name).trim_start_matches('/');
    let address = if source.contains("://") { source.to_owned() } else { format!("https://github.com/{name}") };
    let to = operands.get(1).map_or(Output::Dir(".".to_owned()), |to| Output::Dir(to.text.clone()));
    acts.push(site.act(ActKind::Clone { url: UrlText::new(address, !source.contains('$')), reference, to }));
}

/// The folder that git makes for an address.
fn own_name(address: &str) -> &str {
    let path = address.trim_end_matches('/').trim_end_matches(".git");
    // `git@host:name.git`
    let name = basename(path);
    name.rsplit_once(':').filter(|_| !path.contains("://")).map_or(name, |(_, name)| name)
}
