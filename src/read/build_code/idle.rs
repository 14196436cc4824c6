//! Code of a `setup.py` that no build runs: functions that nothing calls, and commands that only a person starts.
//! Told from the text, and only where it is certain: what may run is taken to run.

/// Commands that building, installing or packing runs by itself.
const OF_BUILDS: &[&str] = &[
    "bdist",
    "bdist_egg",
    "bdist_wheel",
    "build",
    "build_clib",
    "build_ext",
    "build_py",
    "build_scripts",
    "develop",
    "dist_info",
    "editable_wheel",
    "egg_info",
    "install",
    "install_data",
    "install_egg_info",
    "install_headers",
    "install_lib",
    "install_scripts",
    "sdist",
];

/// Whether a place of a file stands in code that no build runs. `within` is the function it stands in.
pub(super) fn is_idle(text: &str, at: usize, within: Option<&str>) -> bool {
    let Some(start) = definition(text, at) else { return false };
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    if let Some(rest) = line.strip_prefix("def ").or_else(|| line.strip_prefix("async def ")) {
        let name = name(rest);
        return within == Some(name) && words(text, name).count() == 1;
    }
    line.strip_prefix("class ").is_some_and(|rest| is_asked_for(text, name(rest)))
}

/// Whether a class is given to `setup` as commands of other names than those that builds run, and nothing else.
fn is_asked_for(text: &str, class: &str) -> bool {
    // Commands that start one another.
    if ["run_command", "sub_commands", "get_finalized_command", "entry_points=\"distutils"]
        .iter()
        .any(|w| text.contains(w))
    {
        return false;
    }
    let mut named = 0usize;
    for at in words(text, class) {
        let before = text.get(..at).unwrap_or_default();
        if before.ends_with("class ") {
            continue;
        }
        let Some(key) = key(before) else { return false };
        if OF_BUILDS.contains(&key) {
            return false;
        }
        named += 1;
    }
    named > 0
}

/// The key before a value: `"key": `, `{'key':`.
fn key(before: &str) -> Option<&str> {
    let rest = before.trim_end_matches([' ', '\t']).strip_suffix(':')?;
    let quote = ['"', '\''].into_iter().find(|quote| rest.ends_with(*quote))?;
    rest.strip_suffix(quote)?.rsplit(quote).next()
}

/// The start of the line without indentation that a place is below, or on.
fn definition(text: &str, at: usize) -> Option<usize> {
    let mut end = text.get(..at)?.len();
    loop {
        let start = text.get(..end)?.rfind('\n').map_or(0, |newline| newline + 1);
        if text.get(start..)?.starts_with(|c: char| !c.is_whitespace() && !matches!(c, '#' | ')' | ']' | '}')) {
            return Some(start);
        }
        end = start.checked_sub(1)?;
    }
}

fn name(rest: &str) -> &str {
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// Where a word stands.
fn words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let found = text.match_indices(word).filter(move |_| !word.is_empty());
    found.map(|(at, _)| at).filter(move |at| {
        let (before, behind) = text.split_at(*at);
        !before.ends_with(is_part) && !behind.get(word.len()..).unwrap_or_default().starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_build_runs_is_told_apart() {
        let function = "def probe(url):\n    return urlopen(url)\n\nsetup()\n";
        let called = "def probe(url):\n    return urlopen(url)\n\nprobe(x)\nsetup()\n";
        let class = |key: &str| {
            format!(
                "class Get(Command):\n    def run(self):\n        urlopen(x)\n\nsetup(cmdclass={{\"{key}\": Get}})\n"
            )
        };
        let twice = class("fetch") + "more = {'build_py': Get}\n";
        let started = class("fetch") + "self.run_command('fetch')\n";
        let derived = class("fetch") + "class More(Get):\n    pass\n";
        for (text, within, expected) in [
            (function, Some("probe"), true),
            (called, Some("probe"), false),
            (class("fetch").as_str(), Some("run"), true),
            (class("build_py").as_str(), Some("run"), false),
            (twice.as_str(), Some("run"), false),
            (started.as_str(), Some("run"), false),
            (derived.as_str(), Some("run"), false),
            ("urlopen(x)\nsetup()\n", None, false),
            ("", None, false),
        ] {
            let at = text.find("urlopen").unwrap_or_default();
            assert_eq!(is_idle(text, at, within), expected, "{text}");
        }
    }
}
