//! Text inside text: a block scalar, a quoted string, a script in a workflow.
//!
//! The parser of the inner text works on a plain string; what it finds is mapped back to bytes of
//! the host file here and nowhere else.

use std::ops::Range;

use super::Span;

/// A piece of inner text and the host bytes it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Bytes of the inner text.
    pub inner: Range<usize>,
    /// Bytes of the host file.
    pub host: Span,
    /// The host bytes are the inner bytes, one for one; else (an escape, a folded line break) the
    /// segment maps as a whole and an edit inside it is declined.
    pub verbatim: bool,
}

/// Inner text with the map back to its host file. Segments are in order and cover the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Embedded {
    /// The text as its own parser sees it.
    pub text: String,
    segments: Segments,
}

/// Most texts stand in the host as they are, in one piece, which needs no list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segments {
    One(Segment),
    Many(Vec<Segment>),
}

impl Default for Segments {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Segments {
    fn as_slice(&self) -> &[Segment] {
        match self {
            Self::One(segment) => std::slice::from_ref(segment),
            Self::Many(segments) => segments,
        }
    }

    fn last_mut(&mut self) -> Option<&mut Segment> {
        match self {
            Self::One(segment) => Some(segment),
            Self::Many(segments) => segments.last_mut(),
        }
    }

    fn push(&mut self, next: Segment) {
        match self {
            Self::Many(segments) if segments.is_empty() => *self = Self::One(next),
            Self::Many(segments) => segments.push(next),
            Self::One(_) => {
                if let Self::One(first) = std::mem::take(self) {
                    *self = Self::Many(vec![first, next]);
                }
            }
        }
    }
}

impl Embedded {
    /// Text without any segment yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Text that stands in the host byte for byte, starting at `host_start`.
    #[must_use]
    pub fn verbatim(text: &str, host_start: u64) -> Self {
        let mut out = Self::new();
        out.push_verbatim(text, host_start);
        out
    }

    /// Appends text that stands in the host byte for byte.
    pub fn push_verbatim(&mut self, text: &str, host_start: u64) {
        if text.is_empty() {
            return;
        }
        let host = Span { start: host_start, end: host_start + text.len() as u64 };
        self.push(text, host, true);
    }

    /// Appends text that the host spells in another way (an escape, a fold).
    pub fn push_replaced(&mut self, text: &str, host: Span) {
        if !text.is_empty() {
            self.push(text, host, false);
        }
    }

    fn push(&mut self, text: &str, host: Span, verbatim: bool) {
        let start = self.text.len();
        self.text.push_str(text);
        // A block scalar of a thousand lines stays a thousand segments; adjoining ones are joined.
        if verbatim
            && let Some(last) = self.segments.last_mut()
            && last.verbatim
            && last.host.end == host.start
        {
            last.inner.end = self.text.len();
            last.host.end = host.end;
            return;
        }
        self.segments.push(Segment { inner: start..self.text.len(), host, verbatim });
    }

    /// The host bytes of a range of the inner text. A range beyond the text maps to its end; an
    /// empty text maps to the empty span at 0.
    #[must_use]
    pub fn host_span(&self, inner: Range<usize>) -> Span {
        let start = self.host_offset(inner.start, false);
        let end = self.host_offset(inner.end.max(inner.start), true);
        Span { start, end: end.max(start) }
    }

    /// A part of the text, its places kept.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let mut out = Self::new();
        let segments = self.segments();
        let first = segments.partition_point(|s| s.inner.end <= range.start);
        for segment in segments.iter().skip(first).take_while(|s| s.inner.start < range.end) {
            let from = segment.inner.start.max(range.start);
            let to = segment.inner.end.min(range.end);
            let text = self.text.get(from..to).unwrap_or("");
            if segment.verbatim {
                out.push_verbatim(text, segment.host.start + (from - segment.inner.start) as u64);
            } else {
                out.push_replaced(text, segment.host);
            }
        }
        out
    }

    /// Appends another text, its places kept.
    pub fn append(&mut self, other: &Self) {
        for segment in other.segments() {
            let text = other.text.get(segment.inner.clone()).unwrap_or("");
            if segment.verbatim {
                self.push_verbatim(text, segment.host.start);
            } else {
                self.push_replaced(text, segment.host);
            }
        }
    }

    /// Host bytes that an edit of this inner range may replace, or `None` where the host spells
    /// part of it in another way.
    #[must_use]
    pub fn editable(&self, inner: Range<usize>) -> Option<Span> {
        let segment = self.segments().iter().find(|s| s.inner.start <= inner.start && inner.end <= s.inner.end)?;
        segment.verbatim.then(|| self.host_span(inner))
    }

    /// The segments, in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        self.segments.as_slice()
    }

    fn host_offset(&self, at: usize, is_end: bool) -> u64 {
        // An end belongs to the segment that holds the byte before it, a start to the one that holds it.
        let segments = self.segments();
        let index = segments.partition_point(|s| if is_end { s.inner.end < at } else { s.inner.end <= at });
        let Some(segment) = segments.get(index) else {
            return segments.last().map_or(0, |s| s.host.end);
        };
        if segment.verbatim {
            segment.host.start + at.saturating_sub(segment.inner.start) as u64
        } else if is_end {
            segment.host.end
        } else {
            segment.host.start
        }
    }
}
