//! What an `if:` says about an event and a stranger who causes it.
//!
//! Three-valued: most of a condition cannot be told from the file. What rules out the event or the
//! stranger is false, what asks for somebody trusted (a label, an association, a named account) is
//! a gate, and the rest is unknown.

use super::expression::identifier;

/// What is known of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    /// It fails.
    False,
    /// It may hold.
    Unknown,
    /// It holds.
    True,
}

/// What a condition leaves of an event caused by a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It cannot pass.
    Closed,
    /// It passes once somebody trusted has done something.
    Gated,
    /// It may pass.
    Open,
}

/// Nesting followed; deeper parts are unknown.
const MAX_DEPTH: usize = 32;

/// Whether a run for `event`, caused by a stranger from a fork, passes a condition.
pub(crate) fn passage(condition: &str, event: &str) -> Passage {
    let text: String = condition.replace("${{", " ").replace("}}", " ");
    if evaluate(&text, event, Truth::Unknown) == Truth::False {
        Passage::Closed
    } else if evaluate(&text, event, Truth::False) == Truth::False {
        Passage::Gated
    } else {
        Passage::Open
    }
}

fn evaluate(text: &str, event: &str, gate: Truth) -> Truth {
    let mut reader = Reader { text, at: 0, event, gate };
    reader.or(0)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    event: &'a str,
    gate: Truth,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn takes(&mut self, token: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn or(&mut self, depth: usize) -> Truth {
        let mut value = self.and(depth);
        while self.takes("||") {
            value = match (value, self.and(depth)) {
                (Truth::True, _) | (_, Truth::True) => Truth::True,
                (Truth::False, Truth::False) => Truth::False,
                _ => Truth::Unknown,
            };
        }
        value
    }

    fn and(&mut self, depth: usize) -> Truth {
        let mut value = self.unary(depth);
        while self.takes("&&") {
            value = match (value, self.unary(depth)) {
                (Truth::False, _) | (_, Truth::False) => Truth::False,
                (Truth::True, Truth::True) => Truth::True,
                _ => Truth::Unknown,
            };
        }
        value
    }

    fn unary(&mut self, depth: usize) -> Truth {
        self.skip_space();
        if depth > MAX_DEPTH {
            self.at = self.text.len();
            return Truth::Unknown;
        }
        if self.rest().starts_with('!') && !self.rest().starts_with("!=") {
            self.at += 1;
            return match self.unary(depth + 1) {
                Truth::False => Truth::True,
                Truth::True => Truth::False,
                Truth::Unknown => Truth::Unknown,
            };
        }
        if self.takes("(") {
            let value = self.or(depth + 1);
            self.takes(")");
            self.skip_space();
            // `(a || b) == 'x'` compares a value; that is not followed.
            if self.rest().starts_with(['=', '!', '<', '>', '.', '[']) {
                self.atom();
                return Truth::Unknown;
            }
            return value;
        }
        let atom = self.atom();
        judge(&atom, self.event, self.gate)
    }

    /// The text up to the next operator that is not inside quotes or a call.
    fn atom(&mut self) -> String {
        let mut out = String::new();
        let (mut quoted, mut open) = (false, 0usize);
        let rest = self.rest().to_owned();
        for (index, c) in rest.char_indices() {
            match c {
                '\'' => quoted = !quoted,
                '(' if !quoted => open += 1,
                ')' if !quoted && open == 0 => {
                    self.at += index;
                    return out;
                }
                ')' if !quoted => open -= 1,
                '&' | '|' if !quoted && open == 0 && rest.get(index + 1..).is_some_and(|r| r.starts_with(c)) => {
                    self.at += index;
                    return out;
                }
                _ => {}
            }
            if quoted || !c.is_whitespace() {
                out.extend(c.to_lowercase());
            }
        }
        self.at = self.text.len();
        out
    }
}

fn judge(atom: &str, event: &str, gate: Truth) -> Truth {
    let known = |holds: bool| if holds { Truth::True } else { Truth::False };
    match atom {
        "" | "always()" | "success()" | "true" => return Truth::True,
        "false" => return Truth::False,
        _ => {}
    }
    let compared = atom.split_once("==").map(|c| (c, true)).or_else(|| atom.split_once("!=").map(|c| (c, false)));
    if let Some(((left, right), equal)) = compared {
        let sides = [left, right];
        let with = |name: &str| sides.iter().position(|s| *s == name).map(|at| sides[1 - at].trim_matches('\''));
        if let Some(named) = with("github.event_name") {
            return known((named == event) == equal);
        }
        // A run that a stranger's pull request caused.
        if let Some(named) = with("github.event.workflow_run.event") {
            return if named.starts_with("pull_request") {
                if equal { Truth::Unknown } else { known(false) }
            } else {
                known(!equal)
            };
        }
        if sides.iter().any(|s| is_head_repository(s)) {
            return known(!equal);
        }
        if let Some(named) = with("github.event.pull_request.head.repo.fork") {
            return known((named == "true") == equal);
        }
        if with("github.event.pull_request.merged").is_some_and(|v| (v == "true") == equal) {
            return gate;
        }
        if sides.iter().any(|s| asks_for_trust(s)) {
            // `!= 'some-bot'` holds for a stranger.
            return if equal { gate } else { Truth::Unknown };
        }
        return Truth::Unknown;
    }
    if atom == "github.event.pull_request.head.repo.fork" {
        return Truth::True;
    }
    if atom == "github.event.pull_request.merged" {
        return gate;
    }
    if let Some(arguments) = atom.strip_prefix("contains(")
        && let Some((list, item)) = arguments.trim_end_matches(')').rsplit_once(',')
        && item == "github.event_name"
    {
        return known(list.contains(event));
    }
    if asks_for_trust(atom) { gate } else { Truth::Unknown }
}

fn is_head_repository(side: &str) -> bool {
    let own = side.contains("head.repo.") || side.contains("head_repository.");
    own && (side.ends_with("full_name") || side.ends_with("login") || side.ends_with(".id") || side.ends_with("owner"))
}

/// Whether a value speaks of who acted or of what a maintainer did.
fn asks_for_trust(text: &str) -> bool {
    const SIGNS: &[&str] = &[
        "author_association",
        "label",
        "github.actor",
        "github.triggering_actor",
        ".login",
        "sender.",
        "permission",
        "authorized",
        "authorised",
        "allowed",
        "member",
        "maintainer",
        "trusted",
        "approved",
    ];
    // A word inside a longer name counts, a comment's text does not.
    !text.contains("comment.body") && SIGNS.iter().any(|sign| text.contains(sign)) && text.chars().any(identifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_close_gate_or_let_through() {
        use Passage::{Closed, Gated, Open};
        let event = "pull_request_target";
        for (text, expected) in [
            ("", Open),
            ("github.event_name == 'push'", Closed),
            ("${{ github.event_name != 'pull_request_target' && true }}", Closed),
            ("github.event_name == 'push' || github.event_name == 'pull_request_target'", Open),
            ("github.event.pull_request.head.repo.full_name == github.repository", Closed),
            ("!github.event.pull_request.head.repo.fork", Closed),
            ("contains(github.event.pull_request.labels.*.name, 'ok-to-test')", Gated),
            ("!contains(github.event.pull_request.labels.*.name, 'skip')", Open),
            ("github.actor != 'dependabot[bot]'", Open),
            ("github.actor == 'dependabot[bot]'", Gated),
            (
                "(github.event.action == 'opened' || github.event.label.name == 'ok') && github.repository == 'a/b'",
                Open,
            ),
            ("contains(fromJSON('[\"MEMBER\"]'), github.event.comment.author_association)", Gated),
            ("contains(github.event.comment.body, '/label')", Open),
            ("contains('push release', github.event_name)", Closed),
        ] {
            assert_eq!(passage(text, event), expected, "{text}");
        }
        assert_eq!(passage("github.event.workflow_run.event == 'push'", "workflow_run"), Closed);
    }

    #[test]
    fn deep_nesting_ends() {
        let text = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(passage(&text, "push"), Passage::Open);
    }
}
