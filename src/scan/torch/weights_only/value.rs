//! Values of the restricted loader, as far as its decisions depend on them.

use std::cell::Cell;
use std::collections::BTreeSet;

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
    /// Tuples and lists with something in them that changes, however deep in tuples: they are no keys.
    changing: BTreeSet<u32>,
    /// Values that were looked at within others.
    looked_at: Cell<usize>,
}

/// Nodes, and values in them, of one file. A checkpoint with a hundred thousand tensors has two millions.
const MOST: usize = 4_000_000;

/// Values that are looked at within others, of one file: a list of a million may be handed over a million times.
const LOOKS: usize = 100_000_000;

/// The heap is full, so that nothing is known of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

impl Heap {
    pub(super) fn put(&mut self, node: Node) -> Result<u32, Full> {
        self.items += 1 + if let Node::Items(items) = &node { items.len() } else { 0 };
        if self.items > MOST {
            return Err(Full);
        }
        let at = u32::try_from(self.nodes.len()).map_err(|_| Full)?;
        if let Node::Items(items) = &node
            && !items.iter().all(|item| self.is_hashable(*item))
        {
            self.changing.insert(at);
        }
        self.nodes.push(node);
        Ok(at)
    }

    pub(super) fn items(&self, at: u32) -> &[Value] {
        match self.nodes.get(at as usize) {
            Some(Node::Items(items)) => {
                self.looked_at.set(self.looked_at.get().saturating_add(items.len()));
                items
            }
            _ => &[],
        }
    }

    /// Tells where more was looked at within values than any checkpoint asks for.
    pub(super) fn within_limits(&self) -> Result<(), Full> {
        if self.looked_at.get() > LOOKS { Err(Full) } else { Ok(()) }
    }

    /// Puts values at the end of a list.
    pub(super) fn extend(&mut self, at: u32, more: &[Value]) -> Result<(), Full> {
        self.items += more.len();
        if self.items > MOST {
            return Err(Full);
        }
        if !more.iter().all(|item| self.is_hashable(*item)) {
            self.changing.insert(at);
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

    /// Whether a value can be a key. What is in a tuple was looked at when it was made: tuples of tuples that are one
    /// and the same would else be looked at again and again.
    pub(super) fn is_hashable(&self, value: Value) -> bool {
        match value {
            Value::List(_) | Value::Dict(..) | Value::Set | Value::Bytearray => false,
            Value::Tuple(at) => !self.changing.contains(&at),
            _ => true,
        }
    }
}

/// What an allowed global is; none for other values.
pub(super) fn known(value: Value) -> Option<Known> {
    if let Value::Global(known) = value { Some(known) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_of_one_tuple_are_looked_into_once() {
        let mut heap = Heap::default();
        let tower = |heap: &mut Heap, ground: Value| {
            (0..30).fold(ground, |below, _| heap.put(Node::Items(vec![below; 1000])).map_or(Value::None, Value::Tuple))
        };
        let of_data = tower(&mut heap, Value::Float);
        let of_lists = tower(&mut heap, Value::List(0));
        assert!(heap.is_hashable(of_data));
        assert!(!heap.is_hashable(of_lists));
        let list = heap.put(Node::Items(vec![Value::Float; 1000])).unwrap_or(0);
        assert!((0..LOOKS / 1000).all(|_| heap.within_limits().is_ok() && heap.items(list).len() == 1000));
        heap.items(list);
        assert_eq!(heap.within_limits(), Err(Full));
    }
}
