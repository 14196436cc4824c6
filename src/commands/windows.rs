//! What Windows starts and installs: `Start-Process`, also of `msiexec`, and packages of its store.

use super::act::{Act, ActKind, Output};
use super::site::Site;

/// Facts before one that are looked at for the file it names.
const MAX_BEFORE: usize = 256;

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    match site.call.name.to_ascii_lowercase().as_str() {
        "start-process" | "saps" => start(site, acts),
        "add-appxpackage" | "add-appxprovisionedpackage" => {
            let path = value(site, &["-path", "-packagepath"]).or_else(|| first(site));
            if let Some(path) = path {
                acts.push(site.act(ActKind::InstallLocal { manager: "appx".to_owned(), path }));
            }
        }
        _ => {}
    }
}

/// `Start-Process -FilePath x`
fn start(site: &Site<'_>, acts: &mut Vec<Act>) {
    let Some(path) = value(site, &["-filepath"]).or_else(|| first(site)) else { return };
    let name = path.rsplit('/').next().unwrap_or(&path).to_ascii_lowercase();
    if matches!(name.as_str(), "msiexec" | "msiexec.exe") {
        let words = site.call.args.iter().flat_map(|a| a.text.split([' ', '"', '\'']));
        install(site, words, acts);
        return;
    }
    let fetched = |act: &Act| matches!(&act.kind, ActKind::Fetch { to: Output::File(to), .. } if *to == path);
    // What has no folder is a program of the system, unless the script brought it.
    if path.contains(['/', '$']) || acts.iter().rev().take(MAX_BEFORE).any(fetched) {
        acts.push(site.act(ActKind::Execute { path }));
    }
}

/// `Start-Process msiexec -ArgumentList '/i x.msi /qn'`
fn install<'t>(site: &Site<'_>, words: impl Iterator<Item = &'t str>, acts: &mut Vec<Act>) {
    let mut words = words.filter(|w| !w.is_empty());
    let asks = |w: &str| matches!(w.to_ascii_lowercase().as_str(), "/i" | "-i" | "/package" | "/p" | "/update");
    if words.any(asks)
        && let Some(path) = words.next().filter(|p| !p.contains("://"))
    {
        acts.push(site.act(ActKind::InstallLocal { manager: "msiexec".to_owned(), path: path.to_owned() }));
    }
}

fn value(site: &Site<'_>, names: &[&str]) -> Option<String> {
    let at = site.call.args.iter().position(|a| names.contains(&a.text.to_ascii_lowercase().as_str()))?;
    site.call.args.get(at + 1).map(|a| a.text.clone())
}

fn first(site: &Site<'_>) -> Option<String> {
    site.call.args.first().filter(|a| !a.text.starts_with('-')).map(|a| a.text.clone())
}
