//! Goes through the commands and asks every recogniser.

use std::collections::BTreeSet;

use super::act::{Act, ActKind, Output};
use super::site::Site;
use super::{
    containers, fetch, files, git, hubs, images, interpret, load, loads, off, packages, program_text, publish, sources,
    verify, windows,
};
use crate::parse::shell::{Invocation, Program, basename};

/// Checks looked at in one script: what becomes of a failure takes a look at the whole script.
const MAX_CHECKS: usize = 1_000;

/// What the commands of a program do, in their order.
#[must_use]
pub fn facts(program: &Program) -> Vec<Act> {
    let mut acts = Vec::new();
    // Names of files the script made: a bare call of one runs that file.
    let mut made: BTreeSet<String> = BTreeSet::new();
    let mut checks = MAX_CHECKS;
    let mut texts = program_text::MAX_TEXTS;
    for (index, command) in program.commands.iter().enumerate() {
        off::settings(program, index, command, &mut acts);
        let Some(call) = Invocation::of(program, command) else { continue };
        if !call.word.parts.is_empty() && call.name.is_empty() {
            continue;
        }
        let site = Site { program, index, command, call };
        let start = acts.len();
        shell_options(&site, &mut acts);
        let text = program_text::of(&site, &mut texts);
        fetch::recognise(&site, text.as_ref(), &mut acts);
        git::recognise(&site, &mut acts);
        hubs::recognise(&site, text.as_ref(), &mut acts);
        load::recognise(&site, &mut acts);
        loads::recognise(&site, &mut acts);
        containers::recognise(&site, &mut acts);
        windows::recognise(&site, &mut acts);
        interpret::recognise(&site, &mut acts);
        files::recognise(&site, &mut acts);
        if checks > 0 && verify::recognise(&site, &mut acts) {
            checks -= 1;
        }
        off::recognise(&site, &mut acts);
        packages::recognise(&site, &mut acts);
        sources::recognise(&site, &mut acts);
        images::recognise(&site, &mut acts);
        publish::recognise(&site, &mut acts);
        if !site.call.path.contains('/') && made.contains(&site.call.name) {
            acts.push(site.act(ActKind::Execute { path: site.call.path.clone() }));
        }
        for act in acts.get(start..).unwrap_or_default() {
            match &act.kind {
                ActKind::Fetch { to: Output::File(path), .. } | ActKind::MakeExecutable { path } => {
                    made.insert(basename(path).to_owned());
                }
                ActKind::Transfer { from, to, .. } => {
                    made.extend(from.iter().chain([to]).map(|p| basename(p).to_owned()));
                }
                ActKind::Extract { members, .. } => made.extend(members.iter().map(|m| basename(m).to_owned())),
                _ => {}
            }
        }
    }
    acts
}

fn shell_options(site: &Site<'_>, acts: &mut Vec<Act>) {
    if site.call.name != "set" {
        return;
    }
    let mut args = site.call.args.iter().map(|a| a.text.as_str()).peekable();
    let mut push = |option, on| acts.push(site.act(ActKind::SetShellOption { option, on }));
    while let Some(arg) = args.next() {
        let (on, letters) = match (arg.strip_prefix('-'), arg.strip_prefix('+')) {
            (Some(letters), _) => (true, letters),
            (_, Some(letters)) => (false, letters),
            _ => break,
        };
        for letter in letters.chars() {
            match letter {
                'e' => push("errexit", on),
                'u' => push("nounset", on),
                'x' => push("xtrace", on),
                'o' => match args.peek() {
                    Some(&"errexit") => push("errexit", on),
                    Some(&"pipefail") => push("pipefail", on),
                    Some(&"nounset") => push("nounset", on),
                    Some(&"xtrace") => push("xtrace", on),
                    _ => {}
                },
                _ => {}
            }
        }
        if letters.contains('o') {
            args.next();
        }
    }
}
