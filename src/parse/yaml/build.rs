//! Events to nodes. One attempt over the working text; an error ends it with what was built so far.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, StructureStyle, Tag};

use super::repair::{self, Failure, Work};
use super::{Comment, Duplicate, Entry, Node, NodeKind, Scalar, Style, scalar};
use crate::parse::{Budget, Problem};
use crate::source::{Span, Spanned};

const TOO_DEEP: &str = "nested too deeply";

/// What one pass over the text gave.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    pub docs: Vec<Node>,
    pub comments: Vec<Comment>,
    pub duplicates: Vec<Duplicate>,
    pub problems: Vec<Problem>,
    pub failure: Option<Failure>,
    pub items: usize,
    pub aliases: usize,
}

/// A collection that is still open.
struct Frame {
    kind: FrameKind,
    start: usize,
    flow: bool,
    anchor: usize,
    tag: Option<Box<Spanned<String>>>,
    /// Nodes below, and how deep they go.
    size: usize,
    height: usize,
}

enum FrameKind {
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>, Option<Node>),
}

/// A node with what an alias of it would cost.
#[derive(Clone)]
struct Built {
    node: Node,
    size: usize,
    height: usize,
}

struct Builder<'w, 't> {
    work: &'w Work<'t>,
    budget: Budget,
    out: Attempt,
    frames: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<usize, Built>,
    /// End of the last event that is no comment: what follows is not yet understood.
    last: usize,
}

/// Reads the working text once.
pub(super) fn attempt(work: &Work<'_>, budget: &Budget) -> Attempt {
    let depth = budget.depth;
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        // As libyaml does, so that every line break of a value stands in the file.
        block_scalar_eof_without_line_feed: true,
        bom_inside_document_as_content: true,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: depth,
        block_nesting_limit: depth,
    };
    let mut builder = Builder {
        work,
        budget: budget.clone(),
        out: Attempt::default(),
        frames: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        last: 0,
    };
    for event in Parser::new_from_str_with_options(work.text(), options) {
        let failure = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(builder.last);
                Some(builder.failure(at, repair::Cause::of(error.kind()), message(error.kind())))
            }
        };
        if failure.is_some() {
            builder.out.failure = failure;
            break;
        }
    }
    builder.finish()
}

impl Builder<'_, '_> {
    fn failure(&self, at: usize, cause: repair::Cause, message: String) -> Failure {
        let flow = self.frames.iter().find(|f| f.flow).map(|f| f.start);
        Failure { at: at.min(self.work.text().len()), cause, message, last: self.last, flow, is_final: false }
    }

    /// Takes one event; a failure ends the attempt.
    fn event(&mut self, event: Event<'_>, place: granit_parser::Span) -> Option<Failure> {
        let span = place.byte_range().unwrap_or(self.last..self.last);
        if !self.budget.take_items(1) {
            let message = "file has more values than the limit".to_owned();
            return Some(Failure { is_final: true, ..self.failure(span.start, repair::Cause::Other, message) });
        }
        match event {
            Event::Comment(text, _) => {
                // From the file: the parser may have been shown a mask.
                let written = self.work.source().get(span.start + 1..span.end).map(str::to_owned);
                let text = written.unwrap_or_else(|| text.into_owned());
                self.out.comments.push(Comment { span: self.work.place(&span), text });
                return None;
            }
            Event::DocumentStart(..) => {
                self.root = None;
                self.anchors.clear();
            }
            Event::DocumentEnd => {
                let root = self.root.take().unwrap_or_default();
                self.out.docs.push(root);
            }
            Event::Scalar(value, style, anchor, tag) => {
                let node = self.scalar(&value, style, &span, &place, tag.as_deref());
                self.attach(Built { node, size: 1, height: 0 }, anchor);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let kind = FrameKind::Sequence(Vec::new());
                return self.open(kind, style, anchor, &span, self.tag(&place, tag.as_deref()));
            }
            Event::MappingStart(style, anchor, tag) => {
                let kind = FrameKind::Mapping(Vec::new(), None);
                return self.open(kind, style, anchor, &span, self.tag(&place, tag.as_deref()));
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span.end),
            Event::Alias(id) => self.alias(id, &span),
            Event::UnresolvedAlias(name) => {
                self.problem(&span, format!("alias of an unknown anchor `{name}`"));
                self.attach(self.missing(&span), 0);
            }
            _ => {}
        }
        self.last = self.last.max(span.end);
        None
    }

    fn problem(&mut self, span: &Range<usize>, message: impl Into<String>) {
        // One more than is kept tells that there were more; the rest would only take memory.
        if self.out.problems.len() <= self.budget.problems {
            self.out.problems.push(Problem::new(self.work.place(span), message));
        }
    }

    fn tag(&self, place: &granit_parser::Span, tag: Option<&Tag>) -> Option<Box<Spanned<String>>> {
        let written = place.tag_span().and_then(|span| span.byte_range());
        let span = written.clone().map_or(Span::default(), |r| self.work.place(&r));
        let text = written.and_then(|r| self.work.source().get(r)).map(str::to_owned);
        tag.map(|tag| Box::new(Spanned::new(text.unwrap_or_else(|| tag.original()), span)))
    }

    fn scalar(
        &self,
        value: &str,
        style: ScalarStyle,
        span: &Range<usize>,
        place: &granit_parser::Span,
        tag: Option<&Tag>,
    ) -> Node {
        let tag = self.tag(place, tag);
        if style == ScalarStyle::Plain && span.is_empty() {
            // The parser places a missing value where the next thing begins; it belongs after the
            // indicator that asks for it.
            let at = self.after_indicator(span.start);
            return Node { span: self.work.place(&(at..at)), tag, ..Node::default() };
        }
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let header = if is_block { repair::block_header(self.work.text(), self.last, span.start) } else { None };
        let text = scalar::embed(self.work, value, style, span.clone(), header, place.indent);
        let mut whole = self.work.place(&(header.unwrap_or(span.start)..span.end));
        if is_block {
            // The parser's end has passed the indentation of what follows.
            let end = text.segments().last().map(|s| s.host.end);
            whole.end = end.unwrap_or(whole.start + u64::from(header.is_some())).max(whole.start);
        }
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        Node { span: whole, kind: NodeKind::Scalar(Scalar { style, text }), tag, alias: None }
    }

    /// The place of a missing value: after the `:`, `-`, tag or anchor that stands before it.
    fn after_indicator(&self, limit: usize) -> usize {
        let between = self.work.text().get(self.last..limit).unwrap_or("");
        let line = between.split(['\n', '\r']).next().unwrap_or("");
        let code = line.split(" #").next().unwrap_or("");
        let at = self.last + code.trim_end().len();
        let indicator = match self.frames.last().map(|f| &f.kind) {
            Some(FrameKind::Mapping(_, Some(_))) => ':',
            Some(FrameKind::Sequence(_)) => '-',
            _ => return at,
        };
        let rest = self.work.text().get(at..).unwrap_or("");
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        if rest.get(blanks..).is_some_and(|r| r.starts_with(indicator)) { at + blanks + 1 } else { at }
    }

    fn open(
        &mut self,
        kind: FrameKind,
        style: StructureStyle,
        anchor: usize,
        span: &Range<usize>,
        tag: Option<Box<Spanned<String>>>,
    ) -> Option<Failure> {
        if self.frames.len() >= self.budget.depth {
            return Some(self.failure(span.start, repair::Cause::Depth, TOO_DEEP.to_owned()));
        }
        let flow = style == StructureStyle::Flow;
        self.frames.push(Frame { kind, start: span.start, flow, anchor, tag, size: 1, height: 0 });
        None
    }

    fn close(&mut self, end: usize) {
        let Some(frame) = self.frames.pop() else { return };
        // The parser says where a bracket closes; a block ends with its last child.
        let mut span = self.work.place(&(frame.start..if frame.flow { end.max(frame.start) } else { frame.start }));
        let kind = match frame.kind {
            FrameKind::Sequence(items) => {
                span = items.iter().fold(span, |span, item| span.to(item.place()));
                NodeKind::Sequence(items)
            }
            FrameKind::Mapping(mut entries, key) => {
                if let Some(key) = key {
                    let at = key.span.end;
                    entries.push(Entry { key, value: Node { span: Span { start: at, end: at }, ..Node::default() } });
                }
                span = entries.iter().fold(span, |span, e| span.to(e.key.place()).to(e.value.place()));
                self.note_duplicates(&entries);
                NodeKind::Mapping(entries)
            }
        };
        let node = Node { span, kind, tag: frame.tag, alias: None };
        self.attach(Built { node, size: frame.size, height: frame.height + 1 }, frame.anchor);
    }

    fn note_duplicates(&mut self, entries: &[Entry]) {
        let mut seen: HashMap<&str, Span> = HashMap::with_capacity(entries.len());
        for entry in entries.iter().filter(|e| !e.is_merge()) {
            let Some(key) = entry.key.as_str() else { continue };
            let again = entry.key.place();
            match seen.get(key) {
                Some(&first) => self.out.duplicates.push(Duplicate { key: key.to_owned(), first, again }),
                None => {
                    seen.insert(key, again);
                }
            }
        }
    }

    /// Puts a finished node where it belongs, and remembers it if it has a name.
    fn attach(&mut self, built: Built, anchor: usize) {
        if anchor != 0 {
            // Remembering copies the node, so it counts like reading it again.
            if built.size <= self.budget.aliases && self.budget.take_items(built.size) {
                self.anchors.insert(anchor, built.clone());
            }
        }
        let Built { node, size, height } = built;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.size += size;
        frame.height = frame.height.max(height);
        match &mut frame.kind {
            FrameKind::Sequence(items) => items.push(node),
            FrameKind::Mapping(entries, key) => match key.take() {
                Some(key) => entries.push(Entry { key, value: node }),
                None => *key = Some(node),
            },
        }
    }

    fn alias(&mut self, id: usize, span: &Range<usize>) {
        let fits = |built: &&Built| self.frames.len() + built.height <= self.budget.depth;
        let Some(built) = self.anchors.get(&id).filter(fits) else {
            self.problem(span, "alias of a value that holds it, is too large or too deep");
            self.attach(self.missing(span), 0);
            return;
        };
        if !self.budget.take_aliases(built.size) {
            self.problem(span, "aliases copy more values than the limit");
            self.attach(self.missing(span), 0);
            return;
        }
        let mut built = built.clone();
        built.node.alias = Some(self.work.place(span));
        self.attach(built, 0);
    }

    /// A value that could not be had, at a place that can be shown.
    fn missing(&self, span: &Range<usize>) -> Built {
        Built { node: Node { span: self.work.place(span), ..Node::default() }, size: 1, height: 0 }
    }

    /// Closes what is open, so that everything before a failure is kept.
    fn finish(mut self) -> Attempt {
        let end = self.last;
        while !self.frames.is_empty() {
            self.close(end);
        }
        self.out.docs.extend(self.root.take());
        self.out.duplicates.sort_by_key(|d| d.again.start);
        self.out.items = self.budget.items;
        self.out.aliases = self.budget.aliases;
        self.out
    }
}

/// The parser's words without what it was doing at the time.
fn message(kind: &ErrorKind) -> String {
    if *kind == ErrorKind::RecursionLimitExceeded {
        return TOO_DEEP.to_owned();
    }
    let text = kind.to_string();
    let short = text.strip_prefix("while ").and_then(|rest| rest.split_once(", ")).map(|(_, rest)| rest.to_owned());
    short.unwrap_or(text)
}
