//! Commands that run only where whoever starts the script asks for it by a variable:
//! `[ "$INSECURE" = 1 ] && curl -k ..`.

use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{Invocation, ListOp, Program, ScopeKind};

/// Whether a command is behind such a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// It is behind none.
    Not,
    /// It is, and what the variable holds is not in the file.
    Maybe,
    /// It is, and the value that stands in the file does not ask for it.
    No,
}

/// What a variable is set to by who asks for something. A test against anything else tells apart what happens
/// anyway: platforms, branches, versions.
const YES: &[&str] = &["1", "true", "yes", "on", "y", "enabled"];

/// Scopes a command stands in that are looked at.
const MAX_DEPTH: usize = 64;

/// Whether a command is behind such a test.
pub(super) fn of(script: &Script, command: usize) -> Asked {
    let program = &script.program;
    let Some(found) = program.commands.get(command) else { return Asked::Not };
    let mut tests: Vec<usize> = Vec::new();
    let mut list = found.list;
    let mut scope = Some(found.scope);
    for _ in 0..MAX_DEPTH {
        if let Some(at) = list
            && let Some(chain) = program.lists.get(at.list)
        {
            // `a && b`: the test stands right before it.
            let item = chain.items.get(at.item).filter(|item| item.op == Some(ListOp::And));
            let before = at.item.checked_sub(1).filter(|_| item.is_some()).and_then(|i| chain.items.get(i));
            tests.extend(before.into_iter().flat_map(|item| item.commands.clone()).take(1));
        }
        let Some(here) = scope.and_then(|index| program.scopes.get(index)) else { break };
        if let ScopeKind::Then(number) = here.kind {
            let condition = program.scopes.iter().find(|s| s.kind == ScopeKind::Condition(number));
            tests.extend(condition.into_iter().filter(|c| c.commands.len() == 1).flat_map(|c| c.commands.clone()));
        }
        list = here.list;
        scope = here.parent;
    }
    let mut out = Asked::Not;
    for test in tests {
        match of_test(script, program, test) {
            Asked::No => return Asked::No,
            Asked::Maybe => out = Asked::Maybe,
            Asked::Not => {}
        }
    }
    out
}

/// What a test says: `[ "$A" = 1 ]`, `test "$A" = 1`, `[[ $A == true ]]`.
fn of_test(script: &Script, program: &Program, command: usize) -> Asked {
    let Some(found) = program.commands.get(command).filter(|c| !c.negated) else { return Asked::Not };
    let Some(call) = Invocation::of(program, found) else { return Asked::Not };
    if !matches!(call.name.as_str(), "[" | "[[" | "test") {
        return Asked::Not;
    }
    let (Some(left), Some(operator), Some(right)) = (call.args.first(), call.args.get(1), call.args.get(2)) else {
        return Asked::Not;
    };
    let is_variable = script.text.text.get(left.range.clone()).is_some_and(|text| text.contains('$'));
    let is_yes = YES.contains(&right.text.to_ascii_lowercase().as_str());
    if !is_variable || !matches!(operator.text.as_str(), "=" | "==") || !is_yes {
        return Asked::Not;
    }
    match left.text.contains('$') {
        true => Asked::Maybe,
        false if left.text == right.text => Asked::Not,
        false => Asked::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{ActKind, facts};
    use crate::parse::Budget;
    use crate::parse::shell;
    use crate::source::{Embedded, Span};

    fn asked(text: &str) -> Asked {
        let program = shell::parse(text, &mut Budget::default());
        let acts = facts(&program);
        let off = acts.iter().find(|a| matches!(a.kind, ActKind::VerificationOff { .. })).map(|a| a.command);
        let embedded = Embedded::verbatim(text, 0);
        let script = Script {
            text: embedded,
            span: Span::default(),
            dialect: shell::Dialect::Bash,
            explicit_shell: true,
            program,
            acts,
        };
        of(&script, off.expect("a check is turned off"))
    }

    #[test]
    fn only_a_test_for_yes_asks_for_it() {
        let off = "git config --global http.sslVerify false";
        for (before, after, expected) in [
            ("[ \"$A\" = \"1\" ] && ", " || true; make", Asked::Maybe),
            ("if [ \"$A\" = true ]; then ", "; fi", Asked::Maybe),
            ("test \"$A\" = yes && ", "", Asked::Maybe),
            ("A=0; [ \"$A\" = 1 ] && ", "", Asked::No),
            ("A=1; [ \"$A\" = 1 ] && ", "", Asked::Not),
            ("[ \"$ARCH\" = arm64 ] && ", "", Asked::Not),
            ("[ \"$A\" != 1 ] && ", "", Asked::Not),
            ("[ \"$A\" = 1 ] || ", "", Asked::Not),
            ("if [ \"$A\" = 1 ]; then make; else ", "; fi", Asked::Not),
            ("[ -f a ] && ", "", Asked::Not),
            ("", "", Asked::Not),
        ] {
            let text = format!("{before}{off}{after}");
            assert_eq!(asked(&text), expected, "{text}");
        }
    }
}
