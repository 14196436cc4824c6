//! `${{ ... }}` in a script to a variable of the step's `env`: where it stands in the script decides how the
//! variable is read there, and whether it can be.

use std::ops::Range;

use crate::parse::shell::{Command, Part, Program, ScopeKind, Word};

/// Commands whose here-documents are text, not code.
const TEXTS: &[&str] = &["cat", "tee", "gh", "curl", "git", "read", "jq", "wc", "grep"];
/// Commands that run their arguments as code.
const RUNNERS: &[&str] =
    &["eval", "bash", "sh", "zsh", "dash", "ssh", "python", "python3", "node", "perl", "ruby", "awk", "su"];

/// How a variable is read in place of an expression of a bash script: the bytes that go and what comes. An
/// expression outside of quotes is put in quotes where `may_quote` says that it stands for one word. `None` where
/// the variable would not be expanded, or would be code there.
pub(in crate::rules) fn in_bash(
    text: &str,
    program: &Program,
    range: &Range<usize>,
    name: &str,
    may_quote: bool,
) -> Option<String> {
    let inner = text.get(range.start + 3..range.end - 2)?.trim();
    if let Some((command, at)) = heredoc(program, range) {
        let runs = command.name.as_ref().and_then(Word::literal).is_none_or(|n| !TEXTS.contains(&n.as_str()));
        let opening = text.get(..at)?.trim_end().rsplit('\n').next()?;
        let is_quoted =
            ["<<'", "<<\"", "<<\\", "<<-'", "<<-\"", "<<-\\", "<< '", "<< \""].iter().any(|q| opening.contains(q));
        return (!runs && !is_quoted).then(|| format!("${{{name}}}"));
    }
    let (index, word) = innermost(program, range)?;
    let command = program.commands.get(index)?;
    let names = |part: &Part| matches!(part, Part::Expression(own) if own.trim() == inner);
    let is_name = command.name.as_ref().is_some_and(|own| own.range == word.range);
    let called = command.name.as_ref().and_then(Word::literal).unwrap_or_default();
    let called = called.rsplit('/').next().unwrap_or("");
    let is_nested = program.scopes_of(index).any(|scope| matches!(scope.kind, ScopeKind::NestedShell(_)));
    if is_name || is_nested || RUNNERS.contains(&called) || !word.parts.iter().any(names) {
        return None;
    }
    match quotes(text, word.range.start..range.start)? {
        Quotes::Double => Some(format!("${{{name}}}")),
        Quotes::None => may_quote.then(|| format!("\"${{{name}}}\"")),
    }
}

/// The same for PowerShell, within `"..."` alone: elsewhere a text may be a number or a word.
pub(in crate::rules) fn in_powershell(text: &str, range: &Range<usize>, name: &str) -> Option<String> {
    let line = text.get(..range.start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(line..range.start)?;
    if before.contains(['\'', '#', '`']) || text.contains("@'") || text.contains("@\"") {
        return None;
    }
    let is_open = without_expressions(before).matches('"').count() % 2 == 1;
    is_open.then(|| format!("${{env:{name}}}"))
}

/// The same for JavaScript: the bytes that go and what comes. A text that is nothing but the expression becomes the
/// variable; in a template it is put in.
pub(in crate::rules) fn in_javascript(text: &str, range: &Range<usize>, name: &str) -> Option<(Range<usize>, String)> {
    let line = text.get(..range.start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(line..range.start)?;
    let after = text.get(range.end..)?;
    let quote = before.chars().next_back().filter(|c| matches!(c, '\'' | '"' | '`'));
    let plain = without_expressions(before);
    let count = |q: char| plain.matches(q).count();
    let others = |q: char| ['\'', '"', '`'].iter().filter(|c| **c != q).all(|c| count(*c) % 2 == 0);
    if plain.contains("//") || plain.contains('\\') {
        return None;
    }
    if let Some(quote) = quote.filter(|q| after.starts_with(*q) && count(*q) % 2 == 1 && others(*q)) {
        return Some((range.start - quote.len_utf8()..range.end + quote.len_utf8(), format!("process.env.{name}")));
    }
    let in_template = count('`') % 2 == 1 && others('`') && after.split('\n').next()?.contains('`');
    in_template.then(|| (range.clone(), format!("${{process.env.{name}}}")))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Double,
}

/// What quotes are open at the end of some bytes of a word; `None` for single ones.
fn quotes(text: &str, range: Range<usize>) -> Option<Quotes> {
    let before = without_expressions(text.get(range)?);
    let (mut single, mut double) = (false, false);
    let mut chars = before.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if !single => {
                chars.next();
            }
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '`' => return None,
            _ => {}
        }
    }
    match (single, double) {
        (true, _) => None,
        (false, true) => Some(Quotes::Double),
        (false, false) => Some(Quotes::None),
    }
}

/// A text with its expressions taken out: their quotes are not those of the script.
fn without_expressions(text: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (all, _) in crate::parse::expression::embedded(text) {
        out.push_str(text.get(at..all.start).unwrap_or(""));
        at = all.end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

/// The command with a here-document around some bytes, and where that starts.
fn heredoc<'p>(program: &'p Program, range: &Range<usize>) -> Option<(&'p Command, usize)> {
    program.commands.iter().find_map(|command| {
        let bodies = command.redirects.iter().filter_map(|redirect| redirect.heredoc.as_ref());
        bodies.into_iter().find(|b| b.start <= range.start && range.end <= b.end).map(|body| (command, body.start))
    })
}

/// The smallest word around some bytes, and its command.
fn innermost<'p>(program: &'p Program, range: &Range<usize>) -> Option<(usize, &'p Word)> {
    let words = program.commands.iter().enumerate().flat_map(|(index, command)| {
        let own = command.name.iter().chain(&command.args);
        let assigned = command.assignments.iter().map(|a| &a.value);
        let redirected = command.redirects.iter().map(|r| &r.target);
        own.chain(assigned).chain(redirected).map(move |word| (index, word))
    });
    words
        .filter(|(_, word)| word.range.start <= range.start && range.end <= word.range.end)
        .min_by_key(|(_, word)| word.range.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Budget;
    use crate::parse::expression::embedded;
    use crate::parse::shell::Dialect;

    #[test]
    fn quotes_decide_how_a_variable_is_read_in_bash() {
        for (text, may_quote, expected) in [
            ("echo \"a ${{ x }}\"", false, Some("${N}")),
            ("echo ${{ x }}", true, Some("\"${N}\"")),
            ("echo ${{ x }}", false, None),
            ("echo 'a ${{ x }}'", true, None),
            ("A=${{ x }}", true, Some("\"${N}\"")),
            ("A=\"${{ x }}\"", false, Some("${N}")),
            ("echo \"$(date \"${{ x }}\")\"", false, Some("${N}")),
            ("${{ x }} --version", true, None),
            ("eval \"${{ x }}\"", true, None),
            ("bash -c \"${{ x }}\"", true, None),
            ("cat <<EOF > a\n${{ x }}\nEOF\n", false, Some("${N}")),
            ("cat <<'EOF' > a\n${{ x }}\nEOF\n", true, None),
            ("python <<EOF\n${{ x }}\nEOF\n", true, None),
            ("# ${{ x }}", true, None),
            ("echo $(( ${{ x }} + 1 ))", true, None),
        ] {
            let program = Program::read(text, &Dialect::Bash, &mut Budget::default());
            let (range, _) = embedded(text).remove(0);
            assert_eq!(in_bash(text, &program, &range, "N", may_quote).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn javascript_reads_a_variable_in_place_of_a_text() {
        for (text, expected) in [
            ("const a = '${{ x }}';", "const a = process.env.N;"),
            ("core.info(`a ${{ x }} b`)", "core.info(`a ${process.env.N} b`)"),
            ("core.info(`${{ x }}`)", "core.info(process.env.N)"),
            ("core.info('a ${{ x }}')", ""),
            ("const a = ${{ x }};", ""),
            ("// '${{ x }}'", ""),
        ] {
            let (range, _) = embedded(text).remove(0);
            let found = in_javascript(text, &range, "N")
                .map(|(range, new)| format!("{}{new}{}", &text[..range.start], &text[range.end..]));
            assert_eq!(found.unwrap_or_default(), expected, "{text}");
        }
        let found = |text: &str| in_powershell(text, &embedded(text).remove(0).0, "N");
        assert_eq!(found("Write-Host \"a ${{ x }}\"").as_deref(), Some("${env:N}"));
        assert_eq!(found("Write-Host ${{ x }}"), None);
        assert_eq!(found("Write-Host '${{ x }}'"), None);
    }
}
