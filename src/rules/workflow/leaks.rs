//! Where a step carries the workspace away, `.git` with it.

use super::reach::Run;
use crate::commands::ActKind;
use crate::diag::Confidence;
use crate::graph::Document;
use crate::graph::kinds::workflow::{Step, Uses};
use crate::rules::Scene;
use crate::source::{Place, RepoPath, SourceFile, Span};

/// A step that carries `.git/config` of a checkout away.
#[derive(Debug)]
pub(super) struct Leak {
    /// What it does, a clause: `is uploaded as an artifact`.
    pub(super) how: String,
    /// Where.
    pub(super) place: Place,
    /// How sure it is that the file goes along.
    pub(super) sure: Confidence,
}

/// A checkout of a run.
#[derive(Debug)]
pub(super) struct Checkout<'a> {
    /// Its step.
    pub(super) step: &'a Step,
    /// The folder it fills; the root for the workspace itself.
    pub(super) folder: RepoPath,
    /// Its major version, as far as reference or comment say.
    pub(super) major: Option<u32>,
}

impl Checkout<'_> {
    /// From its sixth version on the action keeps the token in the runner's folder for temporary files, and
    /// only points there from `.git/config`. Source: release notes of actions/checkout 6.0.0.
    pub(super) fn keeps_outside(&self) -> bool {
        self.major.is_some_and(|major| major >= 6)
    }
}

/// Major and minor version that an action's reference or the comment behind it names.
pub(super) fn version(file: &SourceFile, uses: Span, reference: &str) -> Option<(u32, Option<u32>)> {
    let named = if Uses::is_commit(reference) {
        let rest = file.text.get(usize::try_from(uses.end).ok()?..)?.split(['\r', '\n']).next()?;
        let (_, remark) = rest.split_once('#')?;
        remark.split_whitespace().map(|word| word.rsplit('@').next().unwrap_or(word)).find(|w| is_version(w))?
    } else {
        reference
    };
    let mut numbers = named.trim_start_matches('v').split('.').map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next().flatten()))
}

fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or(word);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// The first later step that carries the checkout's `.git` away.
pub(super) fn find(scene: &Scene<'_>, run: &Run<'_>, checkout: &Checkout<'_>) -> Option<Leak> {
    let later = run.steps.iter().filter(|s| s.index > checkout.step.index);
    let by_step = later.filter_map(|step| artifact(scene, run, step, checkout).or_else(|| bucket(run, step, checkout)));
    by_step.reduce(|best, next| if next.sure > best.sure { next } else { best }).or_else(|| image(scene, run, checkout))
}

fn artifact(scene: &Scene<'_>, run: &Run<'_>, step: &Step, checkout: &Checkout<'_>) -> Option<Leak> {
    let uses = step.uses.as_ref()?;
    let Uses::Repository { owner, repo, reference, path } = &uses.value else { return None };
    if !format!("{owner}/{repo}").eq_ignore_ascii_case("actions/upload-artifact") || !path.is_empty() {
        return None;
    }
    let paths = step.input("path")?;
    let mut lines = paths.value.lines().map(str::trim);
    if lines.clone().any(|l| l.starts_with('!') && l.contains(".git")) || !lines.any(|l| covers(l, checkout)) {
        return None;
    }
    let hidden = step.input("include-hidden-files").map(|v| v.value.as_str());
    // Since 4.4 files whose names begin with a dot stay behind unless they are asked for.
    let sure = match (hidden, version(scene.sources.get(run.file)?, uses.span, reference)) {
        (Some("true"), _) | (_, Some((4, Some(0..=3)) | (0..=2, _))) => Confidence::High,
        (_, None) | (Some(_), _) => Confidence::Medium,
        // The tag of the third version was moved to what leaves them out as well.
        (None, Some(_)) => Confidence::Low,
    };
    Some(Leak { how: "is uploaded as an artifact".to_owned(), place: Place::new(run.file, paths.span), sure })
}

/// Whether a pattern takes in the folder of `.git` that holds the token.
fn covers(pattern: &str, checkout: &Checkout<'_>) -> bool {
    let mut rest = pattern.trim_matches(['"', '\'']);
    if let Some((expression, tail)) = rest.strip_prefix("${{").and_then(|r| r.split_once("}}")) {
        match expression.trim().to_ascii_lowercase().as_str() {
            "github.workspace" => rest = tail.trim_start_matches('/'),
            "runner.temp" | "runner.workspace" => return checkout.keeps_outside() && tail.trim_matches('/').is_empty(),
            _ => return false,
        }
    }
    let mut up = 0;
    loop {
        if let Some(tail) = rest.strip_prefix("../") {
            (rest, up) = (tail, up + 1);
        } else if let Some(tail) = rest.strip_prefix("./") {
            rest = tail;
        } else {
            break;
        }
    }
    if rest == ".." {
        (rest, up) = ("", up + 1);
    }
    let bare = rest.trim_end_matches('*').trim_end_matches('/').trim_end_matches('*').trim_end_matches('/');
    let whole = matches!(bare, "" | ".");
    // The folder for temporary files lies two above the workspace.
    if checkout.keeps_outside() {
        return whole && up >= 2;
    }
    if up > 0 {
        return whole;
    }
    let inside = if checkout.folder.is_root() {
        bare
    } else if whole {
        return true;
    } else {
        match bare.strip_prefix(checkout.folder.as_str()) {
            Some(tail) => tail.trim_start_matches('/'),
            None => return false,
        }
    };
    whole || inside.is_empty() || matches!(inside, ".git" | ".git/config")
}

/// A copy of the whole folder to a bucket.
fn bucket(run: &Run<'_>, step: &Step, checkout: &Checkout<'_>) -> Option<Leak> {
    let script = step.run.as_ref()?;
    if checkout.keeps_outside() || !checkout.folder.is_root() || step.working_directory.is_some() {
        return None;
    }
    let act = script.acts.iter().find(|act| match &act.kind {
        ActKind::Publish { what: "aws s3 upload" | "gs upload" | "s3 upload", subjects } => {
            let moved = script.acts.iter().any(|a| matches!(a.kind, ActKind::ChangeDir { .. }));
            !moved && subjects.iter().any(|s| matches!(s.as_str(), "." | "./"))
        }
        _ => false,
    })?;
    let range = script.program.commands.get(act.command).map_or(act.range.clone(), |c| c.range.clone());
    if script.text.text.get(range.clone()).is_some_and(|text| text.contains("exclude") || text.contains("-x ")) {
        return None;
    }
    let place = Place::new(run.file, script.text.host_span(range));
    Some(Leak { how: "is copied to a bucket".to_owned(), place, sure: Confidence::Medium })
}

/// An image that is pushed and whose last stage copies the whole folder.
fn image(scene: &Scene<'_>, run: &Run<'_>, checkout: &Checkout<'_>) -> Option<Leak> {
    if checkout.keeps_outside() || !checkout.folder.is_root() {
        return None;
    }
    let holder = run.holder.as_ref().filter(|_| run.action.is_none())?;
    let job = holder.workflow.jobs.iter().position(|j| std::ptr::eq(j, holder.job))?;
    let of_run = |document: usize| scene.documents.get(document).is_some_and(|d: &Document| d.file() == run.file);
    for image in &scene.images.files {
        let built = image.builds.iter().find(|b| {
            of_run(b.document) && b.job == Some(job) && b.pushes && b.step > checkout.step.index && {
                // Without a context the action builds from what it clones itself.
                let step = run.steps.iter().find(|s| s.index == b.step);
                step.is_some_and(|s| s.uses.is_none() || s.input("context").is_some_and(|c| !c.value.contains("{{")))
            }
        });
        let (Some(_), Some(dockerfile)) = (built, scene.dockerfile(image.document)) else { continue };
        let last = dockerfile.stages.len().checked_sub(1);
        let Some(copy) = image.copied.iter().find(|c| Some(c.stage) == last && c.path.is_root()) else { continue };
        let own = format!("{}.dockerignore", scene.sources.path(image.file));
        let ignored = scene.files.iter().any(|f| f.as_str() == ".dockerignore" || f.as_str() == own);
        if image.context.is_root() && !ignored {
            let how = "is copied into an image that is pushed".to_owned();
            return Some(Leak { how, place: copy.place, sure: Confidence::Medium });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_the_folder_of_git_in() {
        let step = Step::default();
        for (pattern, folder, major, covered) in [
            (".", "", None, true),
            ("./", "", Some(4), true),
            ("..", "", None, true),
            ("**", "", None, true),
            ("./**/*", "", None, true),
            ("${{ github.workspace }}", "", None, true),
            ("${{ github.workspace }}/dist", "", None, false),
            (".git/", "", None, true),
            ("dist", "", None, false),
            ("dist/**", "", None, false),
            (".", "src", None, true),
            (".github/x", ".github/x", None, true),
            ("src/", "src", None, true),
            ("src/dist", "src", None, false),
            ("srcs", "src", None, false),
            (".", "", Some(6), false),
            ("../..", "", Some(6), true),
            ("${{ runner.temp }}", "", Some(6), true),
            ("${{ runner.temp }}", "", Some(5), false),
            ("../dist", "", None, false),
        ] {
            let checkout = Checkout { step: &step, folder: RepoPath::new(folder).unwrap(), major };
            assert_eq!(covers(pattern, &checkout), covered, "{pattern} {folder} {major:?}");
        }
    }

    #[test]
    fn versions_stand_in_the_reference_or_behind_it() {
        use crate::source::FileId;
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for (rest, reference, wanted) in [
            ("", "v6", Some((6, None))),
            ("", "v4.3.1", Some((4, Some(3)))),
            ("", "main", None),
            (" # v5.0.1", commit, Some((5, Some(0)))),
            (" # actions/checkout@v4", commit, Some((4, None))),
            (" # why", commit, None),
            ("", commit, None),
        ] {
            let text = format!("x@{reference}{rest}\n");
            let file = SourceFile::new(FileId(0), RepoPath::new("x").unwrap(), text.into_bytes());
            let span = Span::new(0, 2 + reference.len());
            assert_eq!(version(&file, span, reference), wanted, "{reference}{rest}");
        }
    }
}
