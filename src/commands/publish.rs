//! Releases and uploads.

use super::act::{Act, ActKind};
use super::site::Site;
use crate::parse::shell::Invocation;

/// Program, leading operands, fixed name.
const PUBLISHERS: &[(&str, &[&str], &str)] = &[
    ("cargo", &["publish"], "cargo publish"),
    ("twine", &["upload"], "twine upload"),
    ("npm", &["publish"], "npm publish"),
    ("pnpm", &["publish"], "pnpm publish"),
    ("yarn", &["publish"], "yarn publish"),
    ("yarn", &["npm", "publish"], "yarn publish"),
    ("bun", &["publish"], "bun publish"),
    ("docker", &["push"], "docker push"),
    ("docker", &["image", "push"], "docker push"),
    ("podman", &["push"], "podman push"),
    ("crane", &["push"], "crane push"),
    ("oras", &["push"], "oras push"),
    ("helm", &["push"], "helm push"),
    ("skopeo", &["copy"], "skopeo copy"),
    ("gh", &["release", "create"], "gh release create"),
    ("gh", &["release", "upload"], "gh release upload"),
    ("uv", &["publish"], "uv publish"),
    ("poetry", &["publish"], "poetry publish"),
    ("pdm", &["publish"], "pdm publish"),
    ("hatch", &["publish"], "hatch publish"),
    ("flit", &["publish"], "flit publish"),
    ("maturin", &["publish"], "maturin publish"),
    ("maturin", &["upload"], "maturin upload"),
    ("gem", &["push"], "gem push"),
    ("anaconda", &["upload"], "anaconda upload"),
    ("huggingface-cli", &["upload"], "hf upload"),
    ("hf", &["upload"], "hf upload"),
    ("wrangler", &["deploy"], "wrangler deploy"),
    ("vsce", &["publish"], "vsce publish"),
    ("ovsx", &["publish"], "ovsx publish"),
    ("dotnet", &["nuget", "push"], "nuget push"),
    ("nuget", &["push"], "nuget push"),
    ("cargo", &["release"], "cargo release"),
    ("goreleaser", &["release"], "goreleaser release"),
    ("git", &["push"], "git push"),
];

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    let mut call = site.call.clone();
    // `python -m twine upload`, `npx vsce publish`, `cargo +stable publish`
    unwrap_runner(&mut call);
    let valued =
        ["--config", "-R", "--repo", "--repository", "-C", "--manifest-path", "-p", "--package", "--tag", "-r"];
    let operands: Vec<String> =
        call.operands(&valued).iter().map(|a| a.text.clone()).filter(|t| !t.starts_with('+')).collect();
    let dry = call.args.iter().any(|a| matches!(a.text.as_str(), "--dry-run" | "-n" | "--dry-run=true"));
    if dry {
        return;
    }
    let found = PUBLISHERS.iter().find(|(program, words, _)| {
        *program == call.name && operands.len() >= words.len() && operands.iter().zip(*words).all(|(a, b)| a == b)
    });
    if let Some((_, words, what)) = found {
        let subjects = operands.get(words.len()..).unwrap_or_default().to_vec();
        acts.push(site.act(ActKind::Publish { what, subjects }));
        return;
    }
    if let Some(what) = java(&call) {
        acts.push(site.act(ActKind::Publish { what, subjects: Vec::new() }));
        return;
    }
    // A draft that is made public; other edits put nothing out.
    if call.name == "gh" && operands.starts_with(&["release".to_owned(), "edit".to_owned()]) {
        if call.args.iter().any(|a| a.text == "--draft=false") {
            let subjects = operands.get(2..).unwrap_or_default().to_vec();
            acts.push(site.act(ActKind::Publish { what: "gh release edit", subjects }));
        }
        return;
    }
    let upload = match call.name.as_str() {
        "aws" if operands.first().is_some_and(|w| w == "s3") => {
            upload_to(&operands, "s3://").then_some("aws s3 upload")
        }
        "gsutil" | "gcloud" => upload_to(&operands, "gs://").then_some("gs upload"),
        "s3cmd" | "rclone" | "s5cmd" => upload_to(&operands, "s3:").then_some("s3 upload"),
        "docker" if operands.first().is_some_and(|w| w == "buildx" || w == "build") && call.flag(None, "push") => {
            Some("docker build --push")
        }
        _ => None,
    };
    if let Some(what) = upload {
        let subjects = operands.get(1..).unwrap_or_default().to_vec();
        acts.push(site.act(ActKind::Publish { what, subjects }));
    }
}

/// Goals of Maven and tasks of Gradle that send packages to a repository. Sources: the life cycle in Maven's
/// introduction; Gradle's manual of the `maven-publish` plugin.
fn java(call: &Invocation<'_>) -> Option<&'static str> {
    match call.name.as_str() {
        "mvn" | "mvnw" => {
            let goals = call.operands(&["-P", "-pl", "-f", "-s", "-gs", "-t", "-T", "-rf", "-l", "-b", "-D"]);
            let sends = |goal: &str| matches!(goal, "deploy" | "release:perform" | "deploy:deploy");
            goals.iter().any(|goal| sends(&goal.text)).then_some("mvn deploy")
        }
        "gradle" | "gradlew" => {
            let tasks = call.operands(&["-p", "-b", "-c", "-g", "-I", "-x", "-P", "-D"]);
            let sends = |task: &str| {
                let task = task.rsplit(':').next().unwrap_or(task);
                task.starts_with("publish") && !task.contains("MavenLocal")
            };
            tasks.iter().any(|task| sends(&task.text)).then_some("gradle publish")
        }
        _ => None,
    }
}

/// Programs that run another one, and by which word.
const RUNNERS: &[(&str, &[&str])] = &[
    ("bun", &["x"]),
    ("bundle", &["exec"]),
    ("bunx", &[]),
    ("hatch", &["run"]),
    ("npx", &[]),
    ("pdm", &["run"]),
    ("pipx", &["run"]),
    ("poetry", &["run"]),
    ("rye", &["run"]),
    ("uv", &["run", "tool run"]),
    ("uvx", &[]),
];

/// Takes away what only starts the program that publishes: `python -m`, `npx`, `uv run`, `bundle exec`.
fn unwrap_runner(call: &mut Invocation<'_>) {
    if call.name.starts_with("python") {
        if let Some(at) = call.args.iter().position(|a| a.text == "-m")
            && let Some(module) = call.args.get(at + 1)
            && call.args.iter().take(at).all(|a| a.text.starts_with('-'))
        {
            call.name = module.text.clone();
            call.args.drain(..at + 2);
        }
        return;
    }
    let Some((_, words)) = RUNNERS.iter().find(|(program, _)| *program == call.name) else { return };
    let operands: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).filter(|t| !t.starts_with('-')).collect();
    let runs = words.is_empty() || words.iter().any(|w| w.split(' ').zip(&operands).all(|(a, b)| a == *b));
    if !runs {
        return;
    }
    // An option of the runner may take a value: what is run is the first word that publishes.
    let program = |text: &str| text.split(['@', '=', '~', '>', '<']).next().unwrap_or_default().to_owned();
    let known = |text: &str| PUBLISHERS.iter().any(|(name, ..)| *name == program(text));
    let Some(at) = call.args.iter().position(|a| known(&a.text)) else { return };
    // `uv run --with twine twine upload`
    let at = if call.args.get(at + 1).is_some_and(|next| known(&next.text)) { at + 1 } else { at };
    call.name = call.args.get(at).map(|a| program(&a.text)).unwrap_or_default();
    call.args.drain(..=at);
}

/// A copy whose last operand is remote; a copy from there is a download.
fn upload_to(operands: &[String], scheme: &str) -> bool {
    operands.iter().any(|w| matches!(w.as_str(), "cp" | "sync" | "mv" | "rsync" | "put" | "copy"))
        && operands.last().is_some_and(|w| w.starts_with(scheme) || w.starts_with('$'))
}
