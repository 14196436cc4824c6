//! `$(name)`: the service puts the variable in before the shell starts, and leaves alone what is none. The
//! shell's parser is shown a variable of the shell there, of the same length.

use crate::read::pipeline::masked;
use crate::source::Embedded;

/// Commands without arguments that scripts substitute. A variable of such a name would be read as the command.
const COMMANDS: &[&str] =
    &["arch", "date", "dirname", "hostname", "id", "logname", "ls", "mktemp", "nproc", "pwd", "tty", "uname", "whoami"];

/// The name as the shell's parser sees it: `Build.SourceBranch` is `Build_SourceBranch`.
pub(super) fn plain(name: &str) -> String {
    name.replace(['.', '-'], "_")
}

/// The script with every `$(name)` written as `${name}`.
pub(super) fn readable(text: &Embedded) -> Embedded {
    let written = &text.text;
    if !written.contains("$(") {
        return text.clone();
    }
    let mut out = String::with_capacity(written.len());
    let mut rest = written.as_str();
    while let Some((before, after)) = rest.split_once("$(") {
        out.push_str(before);
        let end =
            after.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))).unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !COMMANDS.contains(&name);
        match tail.strip_prefix(')').filter(|_| is_name) {
            Some(tail) => {
                out.push_str("${");
                out.push_str(&plain(name));
                out.push('}');
                rest = tail;
            }
            None => {
                out.push_str("$(");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    masked(text, &out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_commands() {
        for (text, wanted) in [
            ("cd $(Build.SourcesDirectory)/a", "cd ${Build_SourcesDirectory}/a"),
            ("x=$(pwd) y=$(git rev-parse HEAD)", "x=$(pwd) y=$(git rev-parse HEAD)"),
            ("$(a-b) $(", "${a_b} $("),
            ("$((1 + 2)) $()", "$((1 + 2)) $()"),
        ] {
            let found = readable(&Embedded::verbatim(text, 7));
            assert_eq!(found.text, wanted);
            assert_eq!(found.host_span(0..text.len()).start, 7);
        }
    }
}
