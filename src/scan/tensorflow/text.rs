//! Protocol buffers as text: graphs of TensorFlow, models of ONNX, networks of Caffe. Loaders take them in the
//! place of the binary ones.

use std::collections::BTreeSet;

use super::{GRAPH_CODE, TENSORFLOW_ASSET_PATH, TENSORFLOW_PATH, graph, operators};
use crate::scan::onnx;
use crate::scan::paths::leads_out;
use crate::scan::quote::shown;
use crate::scan::{Context, Format};
use crate::source::Bytes;

/// Messages within messages.
const DEPTH: usize = 200;
/// Names that are kept.
const KEPT: usize = 200_000;

/// What the text is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tensorflow,
    Onnx,
    Caffe,
}

/// Whether bytes are such a text: it begins with a field of one of the kinds, and what makes it one follows.
pub(super) fn claims(head: &[u8]) -> bool {
    kind(head).is_some()
}

fn kind(head: &[u8]) -> Option<Kind> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next()?;
    let word: &str = first.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
    let rest = first.get(word.len()..)?.trim_start();
    if word.is_empty() || !rest.starts_with([':', '{', '<']) {
        return None;
    }
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match word {
        "node" | "library" | "versions" if has(&["op:", "op :", "node_def", "signature"]) => Some(Kind::Tensorflow),
        "saved_model_schema_version" | "meta_graphs" | "meta_info_def" | "graph_def" => Some(Kind::Tensorflow),
        "ir_version" | "producer_name" | "opset_import" | "graph"
            if has(&["ir_version", "opset_import", "op_type"]) =>
        {
            Some(Kind::Onnx)
        }
        "name" | "layer" | "layers" | "input" if has(&["layer {", "layers {", "layer{", "layers{"]) => {
            Some(Kind::Caffe)
        }
        _ => None,
    }
}

/// Scans a text.
pub(super) fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let most = context.limits().text;
    if bytes.len() > most as u64 {
        return context.unread(0, "the text is longer than is read");
    }
    let held = match bytes.up_to(0, most) {
        Ok(held) => held,
        Err(why) => return context.unread(0, why),
    };
    let Some(kind) = kind(&held[..held.len().min(4096)]) else { return };
    context.format(match kind {
        Kind::Tensorflow => Format::GraphDef,
        Kind::Onnx => Format::Onnx,
        Kind::Caffe => Format::Data,
    });
    let mut reader = Reader { kind, stack: Vec::new(), functions: BTreeSet::new(), found: Vec::new() };
    if let Some((at, why)) = reader.read(&held, context) {
        return context.find(&crate::scan::protobuf::PROTOBUF_MALFORMED, at as u64, why);
    }
    reader.finish(context);
}

/// A message that is open: its field, and the texts of its own fields.
#[derive(Debug, Default)]
struct Message {
    name: String,
    texts: Vec<(String, String)>,
    at: usize,
}

impl Message {
    fn all<'m>(&'m self, key: &'m str) -> impl Iterator<Item = &'m str> {
        self.texts.iter().filter(move |(name, _)| name == key).map(|(_, text)| text.as_str())
    }
}

struct Reader {
    kind: Kind,
    stack: Vec<Message>,
    functions: BTreeSet<String>,
    /// Operators: domain, name, place.
    found: Vec<(String, String, usize)>,
}

impl Reader {
    /// Reads all of it; where it is broken, and how.
    fn read(&mut self, held: &[u8], context: &mut Context<'_>) -> Option<(usize, &'static str)> {
        let (mut at, mut key) = (0, String::new());
        let mut whole = Message::default();
        while let Some(byte) = held.get(at).copied() {
            match byte {
                b'#' => at += held[at..].iter().position(|byte| *byte == b'\n').unwrap_or(held.len() - at),
                b'{' | b'<' => {
                    if self.stack.len() >= DEPTH {
                        return Some((at, "messages are nested deeper than readers go"));
                    }
                    if !context.take_nodes(1) {
                        return None;
                    }
                    self.stack.push(Message { name: key.clone(), texts: Vec::new(), at });
                    at += 1;
                }
                b'}' | b'>' => {
                    let Some(message) = self.stack.pop() else {
                        return Some((at, "a message ends that did not begin"));
                    };
                    self.close(&message, context);
                    at += 1;
                }
                b'"' | b'\'' => {
                    let start = at;
                    let Some(text) = strings(held, &mut at) else { return Some((start, "a text does not end")) };
                    let into = self.stack.last_mut().unwrap_or(&mut whole);
                    into.texts.push((key.clone(), text));
                }
                _ if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.') => {
                    let start = at;
                    while held
                        .get(at)
                        .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'.'))
                    {
                        at += 1;
                    }
                    // A name of a field, where a colon or a message follows; else a value.
                    let next = held[at..].iter().find(|byte| !byte.is_ascii_whitespace());
                    if matches!(next, Some(b':' | b'{' | b'<')) {
                        key = String::from_utf8_lossy(&held[start..at]).into_owned();
                    }
                }
                _ if byte.is_ascii_whitespace() || matches!(byte, b':' | b',' | b';' | b'[' | b']' | b'/') => at += 1,
                _ => return Some((at, "a sign stands where none can")),
            }
        }
        (!self.stack.is_empty()).then_some((held.len(), "it ends within a message"))
    }

    fn close(&mut self, message: &Message, context: &mut Context<'_>) {
        let keep = self.found.len() < KEPT;
        let at = message.at as u64;
        match (self.kind, message.name.as_str()) {
            (Kind::Tensorflow, "signature") => self.functions.extend(message.all("name").map(str::to_owned)),
            (Kind::Tensorflow, "node" | "node_def") if keep => {
                self.found.extend(message.all("op").map(|op| (String::new(), op.to_owned(), message.at)));
            }
            (Kind::Tensorflow, "asset_file_def") => {
                for (name, how) in message.all("filename").filter_map(|name| Some((name, leads_out(name)?))) {
                    let message = format!("an asset is `{}`, which {how}", shown(name));
                    context.find(&TENSORFLOW_ASSET_PATH, at, message);
                }
            }
            (Kind::Tensorflow, "tensor" | "value") => {
                for (text, how) in message.all("string_val").filter_map(|text| Some((text, leads_out(text)?))) {
                    let message = format!("the graph has the path `{}` built in, which {how}", shown(text));
                    context.find(&TENSORFLOW_PATH, at, message);
                }
            }
            (Kind::Onnx, "functions") => self.functions.extend(message.all("name").map(str::to_owned)),
            (Kind::Onnx, "node") if keep => {
                let domain = message.all("domain").last().unwrap_or_default().to_owned();
                self.found.extend(message.all("op_type").map(|op| (domain.clone(), op.to_owned(), message.at)));
            }
            (Kind::Onnx, "external_data") => {
                for value in message.all("value").filter(|_| message.all("key").any(|key| key == "location")) {
                    onnx::path(context, value, at);
                }
            }
            (Kind::Caffe, "python_param") => {
                let module = message.all("module").last().unwrap_or_default();
                context.find(&GRAPH_CODE, at, format!("a layer imports the module `{}` of Python", shown(module)));
            }
            (Kind::Caffe, "layer" | "layers") if message.all("type").any(|kind| kind == "Python") => {
                context.find(&GRAPH_CODE, at, "a layer imports a module of Python");
            }
            _ => {}
        }
    }

    fn finish(&self, context: &mut Context<'_>) {
        let mut told = BTreeSet::new();
        for (domain, name, at) in &self.found {
            if self.functions.contains(name) || !told.insert((domain, name)) {
                continue;
            }
            match self.kind {
                Kind::Onnx => onnx::operator(context, domain, name, *at as u64),
                _ if operators::rate(name) != operators::Rating::Known => {
                    graph::operator(context, name, "a node", *at as u64);
                }
                _ => {}
            }
        }
        if self.found.len() >= KEPT {
            context.unread(None, "the text has more operators than are looked at");
        }
    }
}

/// Texts that stand one behind the other, which are one.
fn strings(held: &[u8], at: &mut usize) -> Option<String> {
    let mut out = Vec::new();
    loop {
        let quote = *held.get(*at)?;
        *at += 1;
        loop {
            let byte = *held.get(*at)?;
            *at += 1;
            match byte {
                _ if byte == quote => break,
                b'\n' => return None,
                b'\\' => out.push(escape(held, at)?),
                _ => out.push(byte),
            }
        }
        let skip = held[*at..].iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        if matches!(held.get(*at + skip), Some(b'"' | b'\'')) {
            *at += skip;
        } else {
            return Some(String::from_utf8_lossy(&out).into_owned());
        }
    }
}

fn escape(held: &[u8], at: &mut usize) -> Option<u8> {
    let byte = *held.get(*at)?;
    *at += 1;
    let mut digits = |base: u32, most: usize, first: u32| {
        let mut value = first;
        for _ in 0..most {
            let Some(digit) = held.get(*at).and_then(|byte| char::from(*byte).to_digit(base)) else { break };
            value = value * base + digit;
            *at += 1;
        }
        value as u8
    };
    Some(match byte {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'x' | b'X' => digits(16, 2, 0),
        b'0'..=b'7' => digits(8, 2, u32::from(byte - b'0')),
        b'u' => digits(16, 4, 0),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Limits;
    use crate::scan::Verdict;
    use crate::scan::file;

    #[test]
    fn texts_are_rated_as_the_binary_ones() {
        let node = |op: &str| format!("node {{\n  name: \"a\"\n  op: {op}\n}}\nversions {{ producer: 24 }}\n");
        for (text, verdict) in [
            (node("\"MatMul\""), Verdict::Clean),
            (node("\"WriteFile\""), Verdict::Dangerous),
            (node("'Write' \"File\""), Verdict::Dangerous),
            (node("\"Write\\106ile\""), Verdict::Dangerous),
            (node("\"Nobodys\""), Verdict::Suspicious),
            (
                format!("saved_model_schema_version: 1\nmeta_graphs {{ graph_def < {} > }}", node("\"PyFunc\"")),
                Verdict::Dangerous,
            ),
            ("ir_version: 8\ngraph { node { op_type: \"Relu\" } }".to_owned(), Verdict::Clean),
            ("ir_version: 8\ngraph { node { op_type: \"Run\" domain: \"x\" } }".to_owned(), Verdict::Suspicious),
            (
                "ir_version: 8\ngraph { initializer { external_data { key: \"location\" value: \"../x\" } } }"
                    .to_owned(),
                Verdict::Dangerous,
            ),
            ("name: \"n\"\nlayer { name: \"a\" type: \"Convolution\" }".to_owned(), Verdict::Clean),
            ("name: \"n\"\nlayer { type: 'Python' python_param { module: 'os' } }".to_owned(), Verdict::Dangerous),
            ("ir_version: 8\ngraph { node {".to_owned(), Verdict::Malformed),
        ] {
            let report = file(&text.as_bytes(), "m", &Limits::default());
            assert_eq!(report.verdict, verdict, "{text}: {:?}", report.findings);
        }
        assert!(!claims(b"name: \"model\"\nplatform: \"onnxruntime_onnx\"\n"));
        assert!(!claims(b"name: release\non: push\n"));
    }
}
