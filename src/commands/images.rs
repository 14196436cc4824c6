//! Builds of container images.

use super::act::{Act, ActKind};
use super::site::Site;

/// Options of `docker build`, `docker buildx build`, `podman build` and `buildah build` that take a
/// value. Source: their reference pages.
const VALUED: &[&str] = &[
    "-f",
    "--file",
    "-t",
    "--tag",
    "--target",
    "--platform",
    "--build-arg",
    "--build-arg-file",
    "--build-context",
    "--label",
    "-l",
    "--secret",
    "--ssh",
    "--cache-from",
    "--cache-to",
    "--output",
    "-o",
    "--progress",
    "--network",
    "--add-host",
    "--shm-size",
    "--ulimit",
    "--iidfile",
    "--metadata-file",
    "--attest",
    "--annotation",
    "--allow",
    "--builder",
    "--memory",
    "-m",
    "--cpuset-cpus",
    "--isolation",
    "--format",
    "--layers",
    "--jobs",
    "-v",
    "--volume",
    "--env",
    "--call",
    "--policy",
    "-H",
    "--host",
    "--context",
    "-c",
    "--config",
    "--log-level",
];

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    if !matches!(call.name.as_str(), "docker" | "podman" | "nerdctl" | "buildah" | "finch") {
        return;
    }
    let operands = call.operands(VALUED);
    let words: Vec<&str> = operands.iter().map(|o| o.text.as_str()).take(3).collect();
    let verb = match words.as_slice() {
        ["buildx" | "image" | "builder", "build" | "b", ..] => 2,
        ["build" | "bud", ..] => 1,
        _ => return,
    };
    let context = operands.get(verb).map(|o| o.text.clone());
    let value = |short, long: &str| call.value(short, long).map(str::to_owned);
    let mut tags = Vec::new();
    for (index, arg) in call.args.iter().enumerate() {
        if matches!(arg.text.as_str(), "-t" | "--tag") {
            tags.extend(call.args.get(index + 1).map(|a| a.text.clone()));
        } else if let Some(tag) = arg.text.strip_prefix("--tag=") {
            tags.push(tag.to_owned());
        }
    }
    let output = |o: &str| o.contains("push=true") || o.contains("type=registry");
    let pushes = call.args.iter().any(|a| matches!(a.text.as_str(), "--push" | "--push=true"))
        || call.args.iter().any(|a| output(&a.text));
    acts.push(site.act(ActKind::ImageBuild {
        context,
        file: option(call, &["-f", "--file"]),
        target: value(None, "target"),
        tags,
        pushes,
    }));
}

/// The value of an option that is spelled in full: `-f` among joined letters is another one.
fn option(call: &crate::parse::shell::Invocation<'_>, names: &[&str]) -> Option<String> {
    call.args.iter().enumerate().find_map(|(index, arg)| {
        if names.contains(&arg.text.as_str()) {
            return call.args.get(index + 1).map(|a| a.text.clone());
        }
        names.iter().find_map(|n| arg.text.strip_prefix(n)?.strip_prefix('=')).map(str::to_owned)
    })
}
