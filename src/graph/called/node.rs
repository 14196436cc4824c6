//! Which scripts of a `package.json` a command runs. Sources: the documentation of npm ("Life Cycle Scripts"),
//! Yarn, pnpm and Bun.

use crate::parse::shell::Invocation;

/// Options that name the folder of the package.
pub(super) const FOLDERS: &[&str] = &["--prefix", "-C", "--cwd", "--dir"];
/// Options with a value behind them.
const VALUED: &[&str] = &["--prefix", "-C", "--cwd", "--dir", "-w", "--workspace", "-F", "--filter", "--loglevel"];
/// Options that name other packages than that of the folder.
const ELSEWHERE: &[&str] = &["-w", "--workspace", "--workspaces", "-ws", "-F", "--filter", "-r", "--recursive"];
/// What an install of a package without further names starts.
const INSTALL: &[&str] = &["preinstall", "install", "postinstall", "prepare"];

/// The names of scripts that a command runs in the package of its folder; none where it runs none.
pub(super) fn scripts(call: &Invocation<'_>) -> Option<Vec<String>> {
    let manager = call.name.as_str();
    if !matches!(manager, "npm" | "yarn" | "pnpm" | "bun") {
        return None;
    }
    let says = |names: &[&str]| call.args.iter().any(|a| names.contains(&a.text.split('=').next().unwrap_or("")));
    if says(ELSEWHERE) {
        return None;
    }
    let operands = call.operands(VALUED);
    let mut words = operands.iter().map(|a| a.text.as_str());
    let verb = words.next().unwrap_or("");
    let named = |name: &str| vec![format!("pre{name}"), name.to_owned(), format!("post{name}")];
    match (manager, verb) {
        (_, "run" | "run-script") => words.next().map(named),
        (_, "test" | "start") => Some(named(verb)),
        ("npm", "t") => Some(named("test")),
        (_, "install" | "i" | "ci") | ("yarn", "") if words.next().is_none() && !says(&["--ignore-scripts"]) => {
            Some(INSTALL.iter().map(|name| (*name).to_owned()).collect())
        }
        // Where it is no command of their own, it is a script: `yarn build`.
        ("yarn" | "pnpm", verb) if !verb.is_empty() && !matches!(verb, "add" | "dlx" | "exec" | "install" | "i") => {
            Some(named(verb))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Budget;
    use crate::parse::shell;

    #[test]
    fn commands_run_scripts_of_their_package() {
        for (text, expected) in [
            ("npm run build -- --x", "prebuild build postbuild"),
            ("npm --prefix ui run build", "prebuild build postbuild"),
            ("npm ci", "preinstall install postinstall prepare"),
            ("npm ci --ignore-scripts", ""),
            ("npm install left-pad", ""),
            ("yarn", "preinstall install postinstall prepare"),
            ("yarn build", "prebuild build postbuild"),
            ("pnpm add x", ""),
            ("pnpm -r run build", ""),
            ("npm t", "pretest test posttest"),
            ("cargo run x", ""),
        ] {
            let program = shell::parse(text, &mut Budget::default());
            let call = program.commands.first().and_then(|c| Invocation::of(&program, c)).expect("a command");
            assert_eq!(scripts(&call).unwrap_or_default().join(" "), expected, "{text}");
        }
    }
}
