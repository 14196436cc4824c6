//! Values of the restricted loader, as far as its decisions depend on them.

use super::globals::Known;

/// A value: small ones stand in it, others in the [`Heap`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    /// An integer beyond 64 bits: the last ten bytes of it, since torch's magic number has ten.
    Big([u8; 10]),
    Float,
    Str(u32),
    Bytes,
    Bytearray,
    Complex,
    Tuple(u32),
    List(u32),
    Dict(Map, u32),
    Set,
    /// An allowed global.
    Global(Known),
    /// A storage: its type and bytes stand in the heap.
    Storage(u32),
    Tensor(Tensor),
    Size(u32),
    Layout(Layout),
    Device,
    /// What another allowed class makes.
    Object,
}

/// The kinds of a dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Map {
    Plain,
    Ordered,
    Counter,
}

/// What is asked of a tensor later on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tensor {
    /// How many elements it has.
    pub numel: u64,
    /// Whether its elements have fractions, so that it may require gradients.
    pub is_differentiable: bool,
    /// Whether it is of the class `Parameter`.
    pub is_parameter: bool,
}

/// Layouts that have a name of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Coo,
    Compressed,
    Other,
}

/// A storage of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Storage {
    /// Bytes of an element.
    pub element: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Whether its elements have fractions.
    pub is_differentiable: bool,
    /// Whether its elements are quantised.
    pub is_quantized: bool,
}

/// What stands in the heap.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A text; a long one is not kept.
    Str(Option<Box<str>>),
    /// A tuple, a list or a size.
    Items(Vec<Value>),
    /// How often something was put into a dictionary.
    Entries(usize),
    Storage(Storage),
}

/// Values that do not fit into a handle. Never shrinks; bounded.
#[derive(Debug, Default)]
pub(super) struct Heap {
    nodes: Vec<Node>,
    items: usize,
}

/// Nodes, and values in them, of one file. A checkpoint with a hundred thousand tensors has two millions.
const MOST: usize = 4_000_000;

/// The heap is full, so that nothing is known of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

impl Heap {
    pub(super) fn put(&mut self, node: Node) -> Result<u32, Full> {
        self.items += 1 + if let Node::Items(items) = &node { items.len() } else { 0 };
        if self.items > MOST {
            return Err(Full);
        }
        self.nodes.push(node);
        u32::try_from(self.nodes.len() - 1).map_err(|_| Full)
    }

    pub(super) fn items(&self, at: u32) -> &[Value] {
        match self.nodes.get(at as usize) {
            Some(Node::Items(items)) => items,
            _ => &[],
        }
    }

    /// Puts values at the end of a list.
    pub(super) fn extend(&mut self, at: u32, more: &[Value]) -> Result<(), Full> {
        self.items += more.len();
        if self.items > MOST {
            return Err(Full);
        }
        if let Some(Node::Items(items)) = self.nodes.get_mut(at as usize) {
            items.extend_from_slice(more);
        }
        Ok(())
    }

    /// A dictionary with so many entries.
    pub(super) fn dictionary(&mut self, kind: Map, entries: usize) -> Result<Value, Full> {
        Ok(Value::Dict(kind, self.put(Node::Entries(entries))?))
    }

    /// How often something was put into a dictionary.
    pub(super) fn entries(&self, at: u32) -> usize {
        if let Some(Node::Entries(count)) = self.nodes.get(at as usize) { *count } else { 0 }
    }

    pub(super) fn add_entries(&mut self, at: u32, more: usize) {
        if let Some(Node::Entries(count)) = self.nodes.get_mut(at as usize) {
            *count += more;
        }
    }

    pub(super) fn text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Str(at) => match self.nodes.get(at as usize) {
                Some(Node::Str(text)) => text.as_deref(),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn storage(&self, at: u32) -> Option<Storage> {
        match self.nodes.get(at as usize) {
            Some(Node::Storage(storage)) => Some(*storage),
            _ => None,
        }
    }

    /// Whether a value can be a key. A tuple is looked into a few levels; deeper ones are rare and taken for keys.
    pub(super) fn is_hashable(&self, value: Value, depth: usize) -> bool {
        match value {
            Value::List(_) | Value::Dict(..) | Value::Set | Value::Bytearray => false,
            Value::Tuple(at) if depth < 8 => self.items(at).iter().all(|item| self.is_hashable(*item, depth + 1)),
            _ => true,
        }
    }
}

/// What an allowed global is; none for other values.
pub(super) fn known(value: Value) -> Option<Known> {
    if let Value::Global(known) = value { Some(known) } else { None }
}
