//! Simple commands: words, assignments, redirections.

use tree_sitter::Node;

use super::ir::{Assignment, Command, List, ListPosition, Part, Pipeline, Redirect, RedirectOp, ScopeKind, Word};
use super::lower::{At, Lower};
use super::text::Source;
use super::tree::{flatten_list, flatten_pipeline, is_redirect, is_word, list_op};

impl Lower<'_> {
    pub(super) fn redirected(&mut self, node: Node<'_>, source: &Source, at: At) -> Option<usize> {
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        let body = children.iter().find(|c| c.is_named() && !is_redirect(c.kind()) && !c.is_extra()).copied();
        let redirects: Vec<Node<'_>> = children.iter().copied().filter(|c| is_redirect(c.kind())).collect();
        // `cat <<EOF | sh` and `cat <<EOF && x`: the grammar hangs what follows on the redirection.
        let tails: Vec<(Node<'_>, Vec<Node<'_>>)> = redirects
            .iter()
            .filter(|r| r.kind() == "heredoc_redirect")
            .map(|r| (*r, r.children(&mut r.walk()).collect::<Vec<_>>()))
            .collect();
        let piped = tails.iter().flat_map(|(_, c)| c).find(|c| c.kind() == "pipeline").copied();
        let joined = tails.iter().find_map(|(_, children)| {
            let op = children.iter().find_map(|c| list_op(c.kind()))?;
            let right = children.iter().rev().find(|c| {
                c.is_named()
                    && !matches!(c.kind(), "heredoc_body" | "heredoc_end" | "heredoc_start" | "file_descriptor")
            })?;
            Some((op, *right))
        });

        let list = joined.map(|_| {
            self.program.lists.push(List::default());
            let id = self.program.lists.len() - 1;
            (id, self.open_item(id, None))
        });
        let at = match list {
            Some((list, item)) => At { list: Some(ListPosition { list, item }), ..at },
            None => at,
        };
        let mut pipeline = None;
        let start = self.program.commands.len();
        let mut last = match (body, piped, at.stage) {
            (Some(body), Some(_), stage) => {
                let id = stage.map_or_else(
                    || {
                        self.program.pipelines.push(Pipeline::default());
                        self.program.pipelines.len() - 1
                    },
                    |(id, _)| id,
                );
                pipeline = Some(id);
                if stage.is_some() { self.statement(body, source, at) } else { self.stage(id, body, source, at) }
            }
            (Some(body), None, _) => self.statement(body, source, at),
            (None, ..) => Some(self.simple(&[], node.start_byte(), source, at)),
        };
        let end = self.program.commands.len();
        if let Some(index) = last {
            self.extend(index, source.outer_range(node.byte_range()));
        }
        for redirect in redirects {
            // Words behind a here-document's delimiter still belong to the command.
            if let (Some(index), Some((_, words))) = (last, tails.iter().find(|(r, _)| *r == redirect)) {
                for word in words.iter().filter(|w| is_word(w.kind())) {
                    let word = self.word(*word, source, at, index);
                    self.with(index, |command| command.args.push(word));
                }
            }
            let owner = last.unwrap_or(start);
            let nested: Vec<Node<'_>> = if redirect.kind() == "heredoc_redirect" {
                redirect.children(&mut redirect.walk()).filter(|c| is_redirect(c.kind())).collect()
            } else {
                Vec::new()
            };
            for redirect in std::iter::once(redirect).chain(nested) {
                let Some(redirect) = self.redirect(redirect, source, at, owner) else { continue };
                match last {
                    Some(index) => self.with(index, |command| command.redirects.push(redirect)),
                    None => {
                        for index in start..end {
                            let copy = redirect.clone();
                            self.with(index, |command| command.redirects.push(copy));
                        }
                    }
                }
            }
        }
        let fed = last;
        if let (Some(id), Some(tail)) = (pipeline, piped) {
            for stage in flatten_pipeline(tail) {
                last = self.stage(id, stage, source, At { stage: None, ..at });
            }
        }
        self.nested_heredoc(fed, last, &tails, source, at);
        if let Some((list, item)) = list {
            self.close_item(list, item);
            if let Some((op, right)) = joined {
                let mut items = flatten_list(right);
                if let Some(first) = items.first_mut() {
                    first.0 = Some(op);
                }
                last = self.list_items(list, items, source, At { list: None, ..at });
            }
        }
        last
    }

    /// A simple command of these children: assignments, a name, words, redirections.
    pub(super) fn simple(&mut self, children: &[Node<'_>], start: usize, source: &Source, at: At) -> usize {
        let index = self.program.commands.len();
        let (pipeline, position) = at.stage.unwrap_or_else(|| {
            self.program.pipelines.push(Pipeline { stages: Vec::new() });
            (self.program.pipelines.len() - 1, 0)
        });
        let from = source.outer(start);
        self.program.commands.push(Command {
            range: from..from,
            pipeline,
            position,
            scope: at.scope,
            list: at.list,
            negated: at.negated,
            background: at.background,
            ..Command::default()
        });
        let declares = children.first().is_some_and(|c| {
            matches!(c.kind(), "declare" | "typeset" | "export" | "readonly" | "local" | "unset" | "unsetenv")
        });
        // The grammar cuts `v$NAME-x` into two words; nothing stands between them.
        let mut joins = None;
        for child in children {
            self.extend(index, source.outer_range(child.byte_range()));
            match child.kind() {
                "variable_assignment" => {
                    let assignment = self.assignment(*child, source, at, index);
                    self.with(index, |command| command.assignments.push(assignment));
                }
                "file_redirect" | "herestring_redirect" => {
                    if let Some(redirect) = self.redirect(*child, source, at, index) {
                        self.with(index, |command| command.redirects.push(redirect));
                    }
                }
                "subshell" => self.inside(ScopeKind::Subshell, *child, source, At { stage: None, list: None, ..at }),
                "comment" => {}
                _ if child.is_error() => self.error(*child, source, at),
                kind => {
                    let word = if is_word(kind) || kind == "command_name" {
                        self.word(*child, source, at, index)
                    } else {
                        let range = child.byte_range();
                        Word::constant(source.slice(range.clone()), source.outer_range(range))
                    };
                    let joined = joins == Some(child.start_byte());
                    joins = Some(child.end_byte());
                    self.with(index, |command| match (&mut command.name, command.args.last_mut()) {
                        (_, Some(last)) if joined => last.join(word),
                        (Some(name), None) if joined => name.join(word),
                        (None, None) => command.name = Some(word),
                        _ => command.args.push(word),
                    });
                }
            }
        }
        // `X=1 cmd` sets X for the command alone; `X=1` and `export X=1` for what follows.
        let lasting = declares || self.program.commands.get(index).is_some_and(|c| c.name.is_none());
        if lasting {
            let is_local = children.first().is_some_and(|c| matches!(c.kind(), "local" | "declare" | "typeset"));
            for child in children.iter().filter(|c| c.kind() == "variable_assignment") {
                self.keep(*child, source, index, is_local);
            }
        }
        self.forget_read_variables(index);
        let end = self.program.commands.len();
        if at.stage.is_none()
            && let Some(pipeline) = self.program.pipelines.get_mut(pipeline)
        {
            pipeline.stages.push(index..end);
        }
        index
    }

    /// Notes what an assignment leaves in its variable.
    fn keep(&mut self, node: Node<'_>, source: &Source, index: usize, is_local: bool) {
        let range = source.outer_range(node.byte_range());
        let command = self.program.commands.get(index);
        let found = command.and_then(|c| c.assignments.iter().find(|a| a.range == range));
        let Some(assignment) = found else { return };
        let (name, value) = (assignment.name.clone(), assignment.value.clone());
        if !assignment.partial {
            self.program.set(index, &name, Some(value), None, is_local);
            return;
        }
        let owner = u32::try_from(index).ok();
        let adds = node.child(1).is_some_and(|op| op.kind() == "+=");
        let is_element = node.child_by_field_name("name").is_some_and(|n| n.kind() == "subscript");
        let array = node.child_by_field_name("value").filter(|v| v.kind() == "array");
        let (mut whole, mut elements) = (None, None);
        match array {
            // The substitutions in it were lowered with the word.
            Some(array) if !is_element => {
                let mut cursor = array.walk();
                let nodes: Vec<Node<'_>> = array.named_children(&mut cursor).filter(|n| is_word(n.kind())).collect();
                let plain = nodes.iter().all(|n| !has_substitution(*n));
                let before =
                    if adds { self.program.elements(&name, owner).map(<[Word]>::to_vec) } else { Some(vec![]) };
                if let Some(mut all) = before.filter(|_| plain) {
                    let at = self.place_of(index);
                    all.extend(nodes.into_iter().map(|node| self.word(node, source, at, index)));
                    elements = Some(all);
                }
            }
            None if adds && !is_element => {
                let mut parts = vec![Part::Variable(name.clone())];
                parts.extend(value.parts);
                whole = Some(Word { parts, ..value });
            }
            _ => {}
        }
        self.program.set(index, &name, whole, elements, is_local);
    }

    /// Where a command stands, for words that hold no commands.
    fn place_of(&self, index: usize) -> At {
        let scope = self.program.commands.get(index).map_or(0, |c| c.scope);
        At { scope, list: None, stage: None, negated: false, background: false, depth: 0 }
    }

    /// `read X` and `unset X` leave a value no assignment shows.
    pub(super) fn forget_read_variables(&mut self, index: usize) {
        let Some(command) = self.program.commands.get(index) else { return };
        let name = command.name.as_ref().and_then(Word::literal).unwrap_or_default();
        if !matches!(name.as_str(), "read" | "mapfile" | "readarray" | "unset" | "getopts") {
            return;
        }
        let words: Vec<Option<String>> = command.args.iter().map(Word::literal).collect();
        let names: Vec<&str> = words.iter().flatten().map(String::as_str).filter(|n| !n.starts_with('-')).collect();
        // `read -r a b <<< "1 2"`
        let here = command.redirects.iter().find(|r| r.op == RedirectOp::HereString && name == "read");
        let plain = words.iter().flatten().filter(|n| n.starts_with('-')).all(|n| n == "-r");
        let given = here.filter(|_| plain).and_then(|r| self.program.resolve(&r.target));
        let mut rest = given.as_deref().map(str::trim);
        let mut values = Vec::new();
        for (at, _) in names.iter().enumerate() {
            let (value, behind) = match rest {
                Some(text) if at + 1 < names.len() => text.split_once(char::is_whitespace).unwrap_or((text, "")),
                Some(text) => (text, ""),
                None => ("", ""),
            };
            values.push(rest.map(|_| Word::constant(value, command.range.clone())));
            rest = rest.map(|_| behind.trim_start());
        }
        let set: Vec<(String, Option<Word>)> = names.into_iter().map(str::to_owned).zip(values).collect();
        for (name, value) in set {
            self.program.set(index, &name, value, None, false);
        }
    }

    pub(super) fn assignment(&mut self, node: Node<'_>, source: &Source, at: At, owner: usize) -> Assignment {
        let name = node.child_by_field_name("name");
        let value = node.child_by_field_name("value");
        let added = node.child(1).is_some_and(|op| op.kind() == "+=");
        let element = name.is_some_and(|n| n.kind() == "subscript");
        let array = value.is_some_and(|v| v.kind() == "array");
        let text = name.map(|n| source.slice(n.byte_range())).unwrap_or_default();
        let text = text.split('[').next().unwrap_or_default().to_owned();
        let word = match value {
            Some(value) => self.word(value, source, at, owner),
            None => Word::constant("", source.outer_range(node.end_byte()..node.end_byte())),
        };
        Assignment {
            name: text,
            value: word,
            partial: added || element || array,
            range: source.outer_range(node.byte_range()),
        }
    }

    pub(super) fn redirect(&mut self, node: Node<'_>, source: &Source, at: At, owner: usize) -> Option<Redirect> {
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        let fd = node.child_by_field_name("descriptor").and_then(|n| source.slice(n.byte_range()).parse().ok());
        let op = children.iter().find_map(|c| match c.kind() {
            "<" => Some(RedirectOp::Read),
            ">" | "&>" | ">|" => Some(RedirectOp::Write),
            ">>" | "&>>" => Some(RedirectOp::Append),
            "<&" | ">&" | "<&-" | ">&-" => Some(RedirectOp::Duplicate),
            "<<" | "<<-" => Some(RedirectOp::HereDoc),
            "<<<" => Some(RedirectOp::HereString),
            _ => None,
        })?;
        if op == RedirectOp::HereDoc {
            let body = children.iter().find(|c| c.kind() == "heredoc_body").copied();
            let range = body.map(|b| source.outer_range(b.byte_range()));
            let target = body.map(|b| self.heredoc_word(b, source, at, owner)).unwrap_or_default();
            return Some(Redirect { op, fd, target, heredoc: range });
        }
        let mut words = children.iter().copied().filter(|c| is_word(c.kind()));
        let target = words.next().map(|w| self.word(w, source, at, owner)).unwrap_or_default();
        // `>f a b`: the grammar takes the words behind for further destinations; they are arguments.
        for extra in words.collect::<Vec<_>>() {
            let word = self.word(extra, source, at, owner);
            self.with(owner, |command| match command.name {
                None => command.name = Some(word),
                Some(_) => command.args.push(word),
            });
        }
        Some(Redirect { op, fd, target, heredoc: None })
    }
}

fn has_substitution(node: Node<'_>) -> bool {
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        if matches!(node.kind(), "command_substitution" | "process_substitution") {
            return true;
        }
        let mut cursor = node.walk();
        stack.extend(node.named_children(&mut cursor).collect::<Vec<_>>());
    }
    false
}
