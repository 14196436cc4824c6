//! Models in XML: PMML and `OpenVINO`, and XML of any other kind.
//!
//! XML has its own ways to reach out: entities that name files, and entities that grow when they are read.

mod openvino;
mod pmml;

use super::quote::shown;
use super::{Context, Format, Rule, Severity, Verdict};
use crate::parse::xml::Event;
use crate::parse::xml::Events;
use crate::parse::xml::wide;
use crate::source::Bytes;

/// An entity that is a file, or an address.
static XML_EXTERNAL_ENTITY: Rule = Rule {
    id: "xml-external-entity",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "An entity names a file or an address",
    help: "Readers that resolve entities open it and put it into the document. Do not load the file.",
};
/// Entities where none belong.
static XML_ENTITY: Rule = Rule {
    id: "xml-entity",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A model declares entities or an outer document type",
    help: "Frameworks write neither. Entities within entities grow without a limit; an outer type is fetched by some readers.",
};
/// Broken XML.
static XML_MALFORMED: Rule = Rule {
    id: "xml-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Low,
    title: "Broken XML",
    help: "The document does not follow the rules of XML from there on.",
};
/// Code in a model.
static PMML_CODE: Rule = Rule {
    id: "pmml-code",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "The model carries code or names a class",
    help: "Evaluators with extensions run scripts, or make objects of classes, that a model names. Look at it before the file is used.",
};
/// An operator that needs a library.
static OPENVINO_CUSTOM_OPERATOR: Rule = Rule {
    id: "openvino-custom-operator",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "An operator that the runtime does not have",
    help: "Whoever runs the model must load a library, or kernels, that have the operator: ask where they come from and read them.",
};
/// A path out of the folder.
static OPENVINO_PATH: Rule = Rule {
    id: "openvino-path",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "The model names a file outside of its folder",
    help: "The runtime opens the named file, and loads it where it is a library. Do not load the file.",
};
/// Numbers that make no sense.
static OPENVINO_MALFORMED: Rule = Rule {
    id: "openvino-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "Weights lie nowhere",
    help: "Offset or size of a layer's weights is not a number that a file can have.",
};

pub(super) const RULES: &[&Rule] = &[
    &OPENVINO_CUSTOM_OPERATOR,
    &OPENVINO_MALFORMED,
    &OPENVINO_PATH,
    &PMML_CODE,
    &XML_ENTITY,
    &XML_EXTERNAL_ENTITY,
    &XML_MALFORMED,
];

/// What documents are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pmml,
    OpenVino,
    /// Kernels of the runtime that come as source text.
    Kernels,
    Other,
}

/// Whether bytes are XML, by their beginning. Pages of the web are text.
#[must_use]
pub fn claims(head: &[u8], bytes: &dyn Bytes) -> bool {
    /// Bytes of comments before the first element.
    const COMMENTS: usize = 1 << 20;
    if begins(head) {
        return true;
    }
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    // A comment, or nothing yet, may stand before what tells.
    (start.is_empty() || start.starts_with(b"<!--")) && bytes.up_to(0, COMMENTS).is_ok_and(|more| begins(&more))
}

fn begins(head: &[u8]) -> bool {
    let narrow: Vec<u8>;
    let head = if wide(head).is_some() {
        narrow = head.iter().copied().filter(|byte| !matches!(byte, 0 | 0xfe | 0xff)).collect();
        narrow.as_slice()
    } else {
        head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head)
    };
    let text = String::from_utf8_lossy(head);
    let mut text = text.trim_start();
    while let Some(comment) = text.strip_prefix("<!--") {
        let Some((_, rest)) = comment.split_once("-->") else { return false };
        text = rest.trim_start();
    }
    let start = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if start("<!doctype html") || start("<html") {
        return false;
    }
    let name = text.strip_prefix('<').unwrap_or_default();
    let name = name.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next().unwrap_or_default();
    let local = name.rsplit(':').next().unwrap_or(name);
    start("<?xml") || start("<!doctype") || matches!(local, "PMML" | "net" | "CustomLayer" | "CustomLayers")
}

/// Scans XML.
pub fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut events = Events::new(bytes, context.limits().text.min(16 << 20));
    let mut kind = None;
    let (mut pmml, mut openvino) = (pmml::Reader::default(), openvino::Reader::default());
    let mut doctype: Option<(u64, String)> = None;
    let mut references = false;
    loop {
        let at = events.at();
        let event = match events.event() {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(fault) if fault.is_unread => {
                context.unread(fault.at, fault.why);
                break;
            }
            Err(fault) => {
                context.find(&XML_MALFORMED, fault.at, fault.why);
                break;
            }
        };
        if matches!(event, Event::Open(..)) && !context.take_nodes(1) {
            break;
        }
        match &event {
            Event::Open(name, ..) if kind.is_none() => kind = Some(root(name, context)),
            Event::Doctype(text) => doctype = doctype.or_else(|| Some((at, text.clone()))),
            Event::Declaration(text) => declaration(text, at, context),
            Event::Reference(name) => {
                references |= !name.starts_with('#') && !matches!(name.as_str(), "lt" | "gt" | "amp" | "quot" | "apos");
            }
            _ => {}
        }
        match kind {
            Some(Kind::Pmml) => pmml.event(&event, at, context),
            Some(Kind::OpenVino | Kind::Kernels) => openvino.event(&event, at, context),
            _ => {}
        }
    }
    pmml.finish(context);
    if let Some((at, text)) = doctype {
        let is_model = kind.is_some_and(|kind| kind != Kind::Other);
        declared(&text, at, is_model, references, context);
    }
    if kind.is_none() {
        context.find(&XML_MALFORMED, 0, "no element stands in it");
    }
}

fn root(name: &str, context: &mut Context<'_>) -> Kind {
    let local = name.rsplit(':').next().unwrap_or(name);
    let (kind, format) = match local {
        "PMML" => (Kind::Pmml, Format::Pmml),
        "net" => (Kind::OpenVino, Format::OpenVino),
        "CustomLayer" | "CustomLayers" => (Kind::Kernels, Format::OpenVino),
        _ => (Kind::Other, Format::Xml),
    };
    context.format(format);
    kind
}

/// An encoding in which the text says something else than what was read.
fn declaration(text: &str, at: u64, context: &mut Context<'_>) {
    let lower = text.to_ascii_lowercase();
    let Some((_, encoding)) = lower.split_once("encoding") else { return };
    let encoding = encoding.trim_start_matches([' ', '=', '\t', '\r', '\n']).trim_start_matches(['"', '\'']);
    let encoding = encoding.split(['"', '\'']).next().unwrap_or_default();
    let is_like_ascii =
        ["utf-8", "utf8", "us-ascii", "ascii", "utf-16", "iso-8859", "windows-125", "gb", "big5", "euc-", "koi8"]
            .iter()
            .any(|known| encoding.starts_with(known));
    if !is_like_ascii {
        context.unread(at, format!("the encoding `{}` is not read", shown(encoding)));
    }
}

/// Looks at what a document type declares.
fn declared(text: &str, at: u64, is_model: bool, references: bool, context: &mut Context<'_>) {
    let (outer, inner) = text.split_once('[').unwrap_or((text, ""));
    let mut entities = 0;
    let mut nested = false;
    for entity in inner.split("<!ENTITY").skip(1) {
        entities += 1;
        let is_parameter = entity.trim_start().starts_with('%');
        let before_value = entity.split(['"', '\'']).next().unwrap_or_default();
        let mut words = before_value.split_whitespace();
        if words.any(|word| matches!(word, "SYSTEM" | "PUBLIC")) {
            let name = before_value.split_whitespace().find(|word| *word != "%").unwrap_or_default();
            let place = entity.split(['"', '\'']).nth(1).unwrap_or_default();
            let message = format!("the entity `{}` stands for `{}`", shown(name), shown(place));
            context.find(&XML_EXTERNAL_ENTITY, at, message);
        }
        let value = entity.split('>').next().unwrap_or_default();
        nested |= value.contains('&') && !value.contains("&#") || is_parameter;
    }
    if inner.contains('%') && inner.contains(';') {
        nested = true;
    }
    let is_outer = outer.split_whitespace().any(|word| matches!(word, "SYSTEM" | "PUBLIC"));
    if nested {
        context.find(&XML_ENTITY, at, "entities are made of other entities");
    } else if is_model && entities > 0 {
        context.find(&XML_ENTITY, at, format!("the document declares {entities} entities"));
    } else if is_model && is_outer {
        context.find(&XML_ENTITY, at, "the document type lies elsewhere");
    } else if is_model && references {
        context.find(&XML_ENTITY, at, "entities are used that are declared elsewhere");
    }
}

#[cfg(test)]
mod tests;
