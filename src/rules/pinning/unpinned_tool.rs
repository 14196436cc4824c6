//! Actions that fetch whatever version of a tool is newest.

use std::collections::BTreeMap;

use super::fetchers::{self, Default, FETCHERS, Fetcher};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Step, Uses};
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, RepoPath};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-tool",
    title: "action that fetches whatever tool is newest",
    many: "{n} actions fetch whatever tool is newest",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unpinned_tool.md"),
    check,
};

/// One use of an action that fetches what is newest.
struct Use<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    step: &'a Step,
    /// The version asked for; none where the action's own default holds.
    asked: Option<&'a str>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<&str, (&Fetcher, Vec<Use<'_, '_>>)> = BTreeMap::new();
    for run in reach::runs(scene) {
        for step in run.steps {
            let Some(uses) = &step.uses else { continue };
            let Uses::Repository { owner, repo, path, .. } = &uses.value else { continue };
            let name = if path.is_empty() { format!("{owner}/{repo}") } else { format!("{owner}/{repo}/{path}") };
            let name = name.to_ascii_lowercase();
            let Ok(at) = FETCHERS.binary_search_by(|f| f.action.cmp(name.as_str())) else { continue };
            let Some(fetcher) = FETCHERS.get(at) else { continue };
            let (place, asked) = match step.input(fetcher.input).filter(|v| !v.value.trim().is_empty()) {
                Some(version) if fetchers::moves(&version.value) => (version.span, Some(version.as_str())),
                Some(_) => continue,
                None if fetcher.default == Default::Fixed || is_told_elsewhere(scene, fetcher, step) => continue,
                None => (uses.span, None),
            };
            let used = Use { place: Place::new(run.file, place), run, step, asked };
            found.entry(fetcher.action).or_insert((fetcher, Vec::new())).1.push(used);
        }
    }
    for (fetcher, uses) in found.values() {
        say(scene, report, fetcher, uses);
    }
}

/// Whether another input or a file of the tree may say which version. A file whose text is not at hand is taken
/// to.
fn is_told_elsewhere(scene: &Scene<'_>, fetcher: &Fetcher, step: &Step) -> bool {
    if fetcher.elsewhere.iter().any(|key| step.input(key).is_some()) {
        return true;
    }
    let Some((file, word)) = fetcher.read else { return false };
    let folder = step.input("working-directory").map_or("", |d| d.value.as_str());
    let Some(path) = RepoPath::new(folder).and_then(|folder| folder.join(file)) else { return true };
    // uv keeps its own settings in a file of its own, too.
    let own = path.parent().join("uv.toml").filter(|_| word == "required-version");
    [Some(path), own].into_iter().flatten().any(|path| match scene.sources.by_path(&path) {
        Some(source) => source.text.contains(word),
        None => scene.files.contains(&path),
    })
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, fetcher: &Fetcher, uses: &[Use<'_, '_>]) {
    let Some(main) = uses.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
    else {
        return;
    };
    // A right to write alone is nothing that the tool is near to.
    let is_near = main.run.holder.as_ref().is_some_and(|h| {
        !h.privilege.secrets.is_empty() || !h.privilege.publishes.is_empty() || h.privilege.pushes_image.is_some()
    });
    let weighty = is_near && !fetcher.signed && main.run.impact().is_some();
    let held = if weighty { main.run.held() } else { String::new() };
    let why = match (main.asked, fetcher.default) {
        (Some(asked), _) => format!("`{}: {asked}` is whatever is newest of it", fetcher.input),
        (None, Default::Range(range)) => format!(
            "without `{}` the newest of a range is fetched, of `{range}` in the newest release of the action",
            fetcher.input
        ),
        (None, _) => format!("without `{}` the newest is fetched", fetcher.input),
    };
    let draft = report
        .at(main.place, "no version is named")
        .severity(if weighty { Severity::Medium } else { Severity::Low })
        .confidence(Confidence::Medium)
        .also(uses.iter().map(|u| u.place))
        .about("tool", fetcher.tool, None)
        .content(format!("{} {}", fetcher.action, main.asked.unwrap_or("")))
        .evidence(why);
    main.run
        .route(scene, draft)
        .via(main.step.title(), Some(main.place))
        .advise(format!("name the version, with: {{ {}: <version> }}", fetcher.input))
        .say(format!("`{}` fetches whatever version of {} is newest{held}", fetcher.action, fetcher.tool));
}
