//! Elements of JSON-LD, each an object on a line of its own, written as they come.
//!
//! The order of keys is the order of the calls. What is empty is not written.

use std::fmt::Display;
use std::io;
use std::io::Write;

use crate::parse::plain_json;
use crate::sbom::model::Hash;

/// What an element is called within its document: its kind, and what tells it from others of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name<'n> {
    /// One of the document's own.
    Own(&'static str, &'n str),
    /// One of the document's own that is counted.
    Counted(&'static str, usize),
    /// One of several of the document's own that belong to another.
    Of(&'static str, usize, &'n str),
    /// The one of the document that is so called.
    Sole(&'static str),
    /// One that SPDX itself names: `NoneElement`.
    Term(&'static str),
}

/// What becomes of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// Their names alone are written, as items of a list.
    Names,
    /// They are written.
    Whole,
}

/// The name of what all elements of a document share: who made them and when.
pub(super) const CREATION: &str = "_:creationinfo";

/// Bytes that wait to be written at once.
const PIECE: usize = 1 << 16;

/// Writes elements one after another.
pub(super) struct Elements<'o> {
    out: &'o mut dyn Write,
    base: &'o str,
    pass: Pass,
    is_first: bool,
    /// What waits to be written.
    line: Vec<u8>,
}

impl<'o> Elements<'o> {
    /// Names begin with `base`, an address without fragment.
    pub(super) fn new(out: &'o mut dyn Write, base: &'o str, pass: Pass) -> Self {
        Self { out, base, pass, is_first: true, line: Vec::new() }
    }

    /// An element of a type: what `fill` says of it.
    pub(super) fn element(&mut self, kind: &str, name: Name<'_>, fill: impl FnOnce(&mut Object<'_>)) -> io::Result<()> {
        self.separate();
        if self.pass == Pass::Names {
            iri(&mut self.line, self.base, name);
        } else {
            self.begin(kind, name, fill);
            self.line.push(b'}');
        }
        if self.line.len() < PIECE { Ok(()) } else { self.flush() }
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }

    /// An element that holds others: `list` writes their names, which are too many to be kept.
    pub(super) fn collection(
        &mut self,
        kind: &str,
        name: Name<'_>,
        fill: impl FnOnce(&mut Object<'_>),
        list: impl FnOnce(&mut Elements<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.separate();
        self.begin(kind, name, fill);
        self.line.extend_from_slice(b",\"element\":[");
        self.flush()?;
        let mut names = Elements::new(&mut *self.out, self.base, Pass::Names);
        list(&mut names)?;
        names.flush()?;
        self.line.extend_from_slice(b"]}");
        Ok(())
    }

    /// An object that is no element: it has no name of the document, and is in no list of elements.
    pub(super) fn object(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        self.separate();
        self.line.push(b'{');
        fill(&mut Object { line: &mut self.line, base: self.base, is_empty: true });
        self.line.push(b'}');
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.line.push(b',');
        }
        if self.pass == Pass::Whole {
            self.line.push(b'\n');
        }
    }

    fn begin(&mut self, kind: &str, name: Name<'_>, fill: impl FnOnce(&mut Object<'_>)) {
        self.line.push(b'{');
        let mut object = Object { line: &mut self.line, base: self.base, is_empty: true };
        object.text("type", kind);
        object.name("spdxId", name);
        object.text("creationInfo", CREATION);
        fill(&mut object);
    }
}

/// An object that is being filled.
pub(super) struct Object<'l> {
    line: &'l mut Vec<u8>,
    base: &'l str,
    is_empty: bool,
}

impl<'l> Object<'l> {
    /// An object of JSON that is no part of the graph.
    pub(super) fn bare(line: &'l mut Vec<u8>) -> Self {
        Self { line, base: "", is_empty: true }
    }

    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.line.push(b',');
        }
        string(self.line, key);
        self.line.push(b':');
    }

    /// A text, unless it is empty.
    pub(super) fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.key(key);
            string(self.line, text);
        }
    }

    /// A text, where there is one.
    pub(super) fn some(&mut self, key: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    /// A number.
    pub(super) fn number(&mut self, key: &str, number: impl Display) {
        self.key(key);
        self.line.extend_from_slice(number.to_string().as_bytes());
    }

    /// The name of an element.
    pub(super) fn name(&mut self, key: &str, name: Name<'_>) {
        self.key(key);
        iri(self.line, self.base, name);
    }

    /// Names of elements, unless there are none.
    pub(super) fn names<'n>(&mut self, key: &str, names: impl IntoIterator<Item = Name<'n>>) {
        let mut names = names.into_iter();
        let Some(first) = names.next() else { return };
        self.key(key);
        self.line.push(b'[');
        iri(self.line, self.base, first);
        for name in names {
            self.line.push(b',');
            iri(self.line, self.base, name);
        }
        self.line.push(b']');
    }

    /// Texts, without the empty ones; nothing where none is left.
    pub(super) fn texts<'t>(&mut self, key: &str, texts: impl IntoIterator<Item = &'t str>) {
        let mut texts = texts.into_iter().filter(|text| !text.is_empty());
        let Some(first) = texts.next() else { return };
        self.key(key);
        self.line.push(b'[');
        string(self.line, first);
        for text in texts {
            self.line.push(b',');
            string(self.line, text);
        }
        self.line.push(b']');
    }

    /// Objects, each filled from an item; nothing where there is no item.
    pub(super) fn objects<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Object<'_>, T),
    ) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return;
        }
        self.key(key);
        for (at, item) in items.enumerate() {
            self.line.push(if at == 0 { b'[' } else { b',' });
            self.line.push(b'{');
            fill(&mut Object { line: &mut *self.line, base: self.base, is_empty: true }, item);
            self.line.push(b'}');
        }
        self.line.push(b']');
    }

    /// Digests of what the element stands for.
    pub(super) fn hashes<'h>(&mut self, hashes: impl IntoIterator<Item = &'h Hash>) {
        self.objects("verifiedUsing", hashes, |object, hash| {
            object.text("type", "Hash");
            object.text("algorithm", hash.algorithm.spdx());
            object.text("hashValue", &hash.value);
        });
    }

    /// Names with values, as a dictionary.
    pub(super) fn dictionary<'t>(&mut self, key: &str, entries: impl IntoIterator<Item = (&'t str, &'t str)>) {
        let entries = entries.into_iter().filter(|(name, value)| !name.is_empty() && !value.is_empty());
        self.objects(key, entries, |object, (name, value)| {
            object.text("type", "DictionaryEntry");
            object.text("key", name);
            object.text("value", value);
        });
    }

    /// Addresses at which more is found: what is there as SPDX calls it, the address, and what tells more of it.
    pub(super) fn links<'t>(&mut self, links: impl IntoIterator<Item = (&'t str, &'t str, Option<&'t str>)>) {
        self.objects("externalRef", links, |object, (kind, url, comment)| {
            object.text("type", "ExternalRef");
            object.text("externalRefType", kind);
            object.texts("locator", [url]);
            object.text("comment", comment.unwrap_or_default());
        });
    }

    /// What SPDX has no field for, in its own extension for names with values. Source: SPDX 3.0.1, "Extension",
    /// CdxPropertiesExtension.
    pub(super) fn properties(&mut self, properties: &[(String, String)]) {
        let is_empty = properties.is_empty();
        self.objects("extension", (!is_empty).then_some(properties), |object, properties| {
            object.text("type", "extension_CdxPropertiesExtension");
            object.objects("extension_cdxProperty", properties, |object, (name, value)| {
                object.text("type", "extension_CdxPropertyEntry");
                object.text("extension_cdxPropName", name);
                object.text("extension_cdxPropValue", value);
            });
        });
    }
}

/// A JSON string.
fn string(line: &mut Vec<u8>, text: &str) {
    // A vector takes everything, and text is always JSON.
    let quoted = serde_json::to_string(text).unwrap_or_default();
    line.extend_from_slice(plain_json::json(&quoted).as_bytes());
}

/// The name of an element as a JSON string. Its parts are escaped one to one, so that two names are never one.
fn iri(line: &mut Vec<u8>, base: &str, name: Name<'_>) {
    line.push(b'"');
    let kind = match name {
        Name::Own(kind, _) | Name::Counted(kind, _) | Name::Of(kind, ..) | Name::Sole(kind) => {
            line.extend_from_slice(base.as_bytes());
            line.push(b'#');
            kind
        }
        Name::Term(term) => term,
    };
    line.extend_from_slice(kind.as_bytes());
    if let Name::Counted(_, at) | Name::Of(_, at, _) = name {
        line.push(b':');
        line.extend_from_slice(at.to_string().as_bytes());
    }
    if let Name::Own(_, text) | Name::Of(_, _, text) = name {
        line.push(b':');
        escaped(line, text);
    }
    line.push(b'"');
}

/// A text as part of a fragment. Source: RFC 3986, section 3.5.
fn escaped(line: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte) {
            line.push(byte);
        } else {
            line.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
}
