//! Goes through all objects of a file, each once, and tells what of them is more than data.

use std::collections::BTreeSet;

use super::attribute::{Attribute, Values, attribute};
use super::file::File;
use super::group::{Link, Target, dense, ids, link, table};
use super::heap::Heap;
use super::object::{Message, kind, messages};
use super::outside::{Layout, external_files, layout, pieces, unknown_filters, virtual_files};
use super::{BROKEN, FILTER, OUTSIDE, OUTSIDE_DANGEROUS, PICKLED_ROWS, shown};
use crate::scan::{Context, Format, keras, pickle};
use crate::source::Part;

/// Nodes of the scan's budget that an object stands for: its header is read, and it is remembered.
const OBJECT: usize = 8;
/// The longest path that is kept; the end of it.
const PATH: usize = 160;
/// Bytes at the start of a file that are searched for pickles: weights are many, and only data.
const SEARCHED: u64 = 16 << 20;
/// Datasets, or pieces of them, whose first values are looked at.
const LOOKS: usize = 100_000;
/// Bytes that these may unpack to.
const UNPACKS: u64 = 32 << 20;
/// Attributes that Keras makes models of.
const CONFIGURATIONS: &[&str] = &["model_config", "training_config", "layer_config", "optimizer_config"];

/// Goes through a file.
pub(super) fn walk(file: &File<'_>, context: &mut Context<'_>) {
    let (looks, unpacks) = (LOOKS, UNPACKS);
    let mut walk = Walk { file, context, open: Vec::new(), seen: BTreeSet::new(), looks, unpacks };
    walk.open.push((file.root, "/".to_owned()));
    pickle::search(&Part::new(file.bytes(), 0, file.bytes().len().min(SEARCHED)), walk.context);
    if let Some((tree, heap)) = file.root_table {
        let links = table(file, tree, heap);
        walk.links(links, "/", tree);
    }
    if let Some(address) = file.extension {
        walk.extension(address);
    }
    if let Some(address) = file.driver {
        let message = "the superblock says that the file is one of several";
        walk.context.find(&OUTSIDE, file.place(address), message);
    }
    while let Some((address, path)) = walk.open.pop() {
        if walk.seen.insert(address) {
            if !walk.context.take_nodes(OBJECT) {
                return;
            }
            walk.object(address, &path);
        }
    }
}

struct Walk<'w, 'b, 'l> {
    file: &'w File<'b>,
    context: &'w mut Context<'l>,
    open: Vec<(u64, String)>,
    seen: BTreeSet<u64>,
    /// Datasets whose values are still looked at.
    looks: usize,
    /// Bytes that these may still unpack to.
    unpacks: u64,
}

impl Walk<'_, '_, '_> {
    /// Tells that something at an address is not as it should be.
    fn broken(&mut self, address: u64, path: &str, why: &str) {
        if self.file.is_spent() {
            // Told once, of the file as a whole.
            return self.context.unread(None, "its structures take more reads than are made");
        }
        self.context.find(&BROKEN, self.file.place(address), format!("`{}`: {why}", shown(path)));
    }

    fn extension(&mut self, address: u64) {
        let (messages, failure) = messages(self.file, address);
        if let Some(why) = failure {
            self.broken(address, "the superblock", &why);
        }
        for message in messages {
            let place = self.file.place(message.address);
            match message.kind {
                kind::DRIVER => {
                    self.context.find(&OUTSIDE, place, "the superblock says that the file is one of several")
                }
                kind::SHARED_TABLE => {
                    self.context.unread(place, "objects of the file share messages, which are not read")
                }
                _ => {}
            }
        }
    }

    fn object(&mut self, address: u64, path: &str) {
        let (messages, failure) = messages(self.file, address);
        if let Some(why) = failure {
            self.broken(address, path, &why);
        }
        if !self.context.take_nodes(messages.len()) {
            return;
        }
        for message in &messages {
            if message.is_shared && matches!(message.kind, kind::FILTERS | kind::ATTRIBUTE | kind::LINK) {
                let why = format!("`{}` shares a message with other objects, which is not read", shown(path));
                self.context.unread(self.file.place(message.address), why);
            } else if message.kind > kind::LAST {
                let why = format!("a message of the unknown kind {}", message.kind);
                self.broken(message.address, path, &why);
            } else {
                self.message(message, path);
            }
        }
    }

    fn message(&mut self, message: &Message, path: &str) {
        let reader = self.file.reader(&message.body);
        match message.kind {
            kind::LINK => match link(reader) {
                Some(link) => self.link(link, path, message.address),
                None => self.broken(message.address, path, "a link is of an unknown kind"),
            },
            kind::LINK_INFO => self.links(dense(self.file, reader), path, message.address),
            kind::SYMBOL_TABLE => {
                let mut reader = reader;
                let both = reader.address().flatten().zip(reader.address().flatten());
                let links = both.ok_or_else(|| "the links of a group are nowhere".to_owned());
                let links = links.and_then(|(tree, heap)| table(self.file, tree, heap));
                self.links(links, path, message.address);
            }
            kind::ATTRIBUTE => self.attribute(&message.body, path, message.address),
            kind::ATTRIBUTE_INFO => self.attributes(message, path),
            kind::EXTERNAL_FILES => match external_files(self.file, reader) {
                Ok(files) => {
                    for file in files {
                        self.outside(&file, path, message.address, "has its values in the file");
                    }
                }
                Err(why) => self.broken(message.address, path, &why),
            },
            kind::FILTERS => match unknown_filters(reader) {
                Some(unknown) => {
                    for id in unknown {
                        let message_text = format!(
                            "the values of `{}` go through filter {id}, which is a library of its own",
                            shown(path)
                        );
                        self.context.find(&FILTER, self.file.place(message.address), message_text);
                    }
                }
                None => self.broken(message.address, path, "the list of filters is broken"),
            },
            kind::LAYOUT => self.layout(message, path),
            _ => {}
        }
    }

    fn layout(&mut self, message: &Message, path: &str) {
        match layout(self.file.reader(&message.body)) {
            None => self.broken(message.address, path, "values are laid out in an unknown way"),
            Some(Layout::Here(None) | Layout::Virtual(None)) => {}
            Some(Layout::Here(Some((address, size)))) => {
                let end = self.file.place(address).checked_add(size);
                if end.is_none_or(|end| end > self.file.bytes().len()) {
                    self.broken(message.address, path, "its values lie outside of the file");
                } else {
                    self.values(address, size);
                }
            }
            Some(Layout::Pieces(None)) => {}
            Some(Layout::Pieces(Some((address, rank)))) => {
                for (address, size) in pieces(self.file, address, rank) {
                    self.values(address, size);
                }
            }
            Some(Layout::Within(held)) => {
                let place = self.file.place(message.address);
                pickle::look_into_values(&held, place, &mut self.unpacks, self.context);
            }
            Some(Layout::Virtual(Some((address, index)))) => match virtual_files(self.file, address, index) {
                Ok((files, is_all)) => {
                    for file in files.iter().filter(|file| *file != ".") {
                        self.outside(file, path, message.address, "is put together from the file");
                    }
                    if !is_all {
                        let why = format!(
                            "what the virtual dataset `{}` is put together from is not understood",
                            shown(path)
                        );
                        self.context.unread(self.file.place(message.address), why);
                    }
                }
                Err(why) => self.broken(message.address, path, &why),
            },
        }
    }

    /// Looks into the first bytes of values: they may be something else that somebody stored here.
    fn values(&mut self, address: u64, size: u64) {
        /// Bytes of the values of one dataset.
        const EACH: u64 = 1 << 20;
        let place = self.file.place(address);
        let length = size.min(EACH);
        if length >= 8 && self.looks > 0 {
            self.looks -= 1;
            let part = Part::new(self.file.bytes(), place, length);
            pickle::look_into_values(&part, place, &mut self.unpacks, self.context);
        }
    }

    /// Tells of another file that is opened.
    fn outside(&mut self, other: &str, path: &str, address: u64, how: &str) {
        let is_beside = !other.is_empty()
            && !other.starts_with(['/', '\\', '~'])
            && !other.contains(':')
            && !other.split(['/', '\\']).any(|part| part == "..");
        let rule = if is_beside { &OUTSIDE } else { &OUTSIDE_DANGEROUS };
        self.context.find(rule, self.file.place(address), format!("`{}` {how} `{}`", shown(path), shown(other)));
    }

    fn links(&mut self, links: Result<Vec<Link>, String>, path: &str, address: u64) {
        match links {
            Ok(links) => {
                if self.context.take_nodes(links.len()) {
                    // The stack gives the last first.
                    for link in links.into_iter().rev() {
                        self.link(link, path, address);
                    }
                }
            }
            Err(why) => self.broken(address, path, &why),
        }
    }

    fn link(&mut self, link: Link, path: &str, address: u64) {
        let mut below = format!("{}/{}", path.trim_end_matches('/'), link.name);
        if below.len() > PATH {
            let cut = (below.len() - PATH..below.len()).find(|at| below.is_char_boundary(*at)).unwrap_or(0);
            below = format!("..{}", &below[cut..]);
        }
        match link.target {
            // What was seen is not kept again, so that links to one object cost nothing.
            Target::Object(target) if self.seen.contains(&target) => {}
            Target::Object(target) => self.open.push((target, below)),
            Target::Path => {}
            Target::File { file, path } => {
                let how = format!("is `{}` of the file", shown(&path));
                self.outside(&file, &below, address, &how);
            }
            Target::Other(kind) => {
                let message =
                    format!("`{}` is a link of kind {kind}, which a library of its own follows", shown(&below));
                self.context.find(&FILTER, self.file.place(address), message);
            }
        }
    }

    /// Attributes that do not fit into the header.
    fn attributes(&mut self, message: &Message, path: &str) {
        let early = || "the attributes end early".to_owned();
        let all = || {
            let mut reader = self.file.reader(&message.body);
            reader.skip(1).ok_or_else(early)?;
            let flags = reader.byte().ok_or_else(early)?;
            if flags & 1 != 0 {
                reader.skip(2).ok_or_else(early)?;
            }
            let heap = reader.address().ok_or_else(early)?;
            let by_name = reader.address().ok_or_else(early)?;
            let by_order = if flags & 2 != 0 { reader.address().ok_or_else(early)? } else { None };
            let Some(heap) = heap else { return Ok(None) };
            let heap = Heap::open(self.file, heap)?;
            let ids = ids(self.file, &heap, &[by_name, by_order])?;
            Ok(Some((heap, ids)))
        };
        match all() {
            Ok(None) => {}
            Ok(Some((heap, ids))) => {
                for id in ids {
                    if self.file.is_spent() {
                        return self.broken(message.address, path, "");
                    }
                    match heap.object(&id) {
                        Ok((address, body)) => self.attribute(&body, path, address.unwrap_or(message.address)),
                        Err(why) => self.broken(message.address, path, &why),
                    }
                }
            }
            Err::<_, String>(why) => self.broken(message.address, path, &why),
        }
    }

    fn attribute(&mut self, body: &[u8], path: &str, address: u64) {
        match attribute(self.file, body, address) {
            Ok(Attribute { name, values: Values::Texts(texts) }) => {
                let is_configuration = CONFIGURATIONS.contains(&name.as_str());
                for (address, text) in texts {
                    self.text(&name, &text, is_configuration, path, address);
                }
            }
            Ok(Attribute { name, values: Values::Other }) if CONFIGURATIONS.contains(&name.as_str()) => {
                let why = format!("attribute `{}` of `{}` is no text", shown(&name), shown(path));
                self.context.unread(self.file.place(address), why);
            }
            Ok(_) => {}
            Err(why) => self.broken(address, path, &why),
        }
    }

    fn text(&mut self, name: &str, text: &[u8], is_configuration: bool, path: &str, address: u64) {
        let place = self.file.place(address);
        let looks_so = || text.starts_with(b"{") && contains(text, b"class_name");
        if is_configuration || looks_so() {
            if name == "model_config" {
                self.context.format(Format::KerasHdf5);
            }
            if std::str::from_utf8(text).is_err() {
                self.broken(address, path, &format!("attribute `{}` is no UTF-8", shown(name)));
            }
            keras::scan_text(&String::from_utf8_lossy(text), Some(place), self.context);
        }
        // PyTables unpickles attributes that look like pickles when they are asked for.
        if text.ends_with(b".") && text.len() > 1 && pickle::claims(text, &text) {
            let part = format!("{}@{name}", path.trim_end_matches('/'));
            self.context.part(&part, &text);
        }
        if name == "PSEUDOATOM" && text == b"object" {
            let message = format!("the rows of `{}` are pickles, which are not read", shown(path));
            self.context.find(&PICKLED_ROWS, place, message);
        }
    }
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|piece| piece == word)
}
