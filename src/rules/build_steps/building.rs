//! Whether a script builds or installs what lies in its folder.

use crate::commands::ActKind;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Invocation;

/// The first command behind another that builds or runs something of the folder it is in.
pub(super) fn builds_after(script: &Script, command: usize) -> Option<usize> {
    let acts = script.acts.iter().filter(|a| a.command > command).find(|act| match &act.kind {
        ActKind::CargoBuild { subcommand, .. } => matches!(subcommand.as_str(), "build" | "b" | "run" | "r" | "rustc"),
        ActKind::CargoInstall { path, .. } => path.is_some(),
        ActKind::PackageInstall { manager, names, .. } => {
            let local = |name: &str| name == "." || name.starts_with("./") || name.starts_with(".[");
            match manager.as_str() {
                "pip" | "uv" => names.iter().any(|n| local(&n.text)),
                "npm" | "yarn" | "pnpm" => names.is_empty(),
                "go" => names.iter().any(|n| local(&n.text)),
                _ => false,
            }
        }
        ActKind::Execute { path } => path.contains('/') && !path.starts_with('/'),
        ActKind::CallsScript { by, path } => by.as_deref() == Some("make") || !path.starts_with('/'),
        _ => false,
    });
    let acts = acts.map(|a| a.command);
    let named = (command + 1..script.program.commands.len()).find(|&index| {
        let call = script.program.commands.get(index).and_then(|c| Invocation::of(&script.program, c));
        call.is_some_and(|call| {
            let word = |word: &str| call.args.iter().any(|a| a.text == word);
            match call.name.as_str() {
                "make" | "gmake" | "ninja" | "meson" | "cmake" | "bazel" | "mvn" | "gradle" | "configure" => true,
                "python" | "python3" => word("setup.py") || call.has("build"),
                "go" => word("build"),
                _ => false,
            }
        })
    });
    acts.into_iter().chain(named).min()
}
